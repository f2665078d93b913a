import ConditionModel
import DataAcquisition
import Foundation
import PlantSimulation
import Testing

struct PlantServerTests {
  /// The workshop behind servers on free ports, its time standing still.
  private func withServer(
    _ scenarios: String...,
    isPaced: Bool = false,
    body: (Workshop, SimulatedPlant, PlantServer, _ tcp: ThirdPartyClient, _ rtu: ThirdPartyClient)
      async throws -> Void
  ) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "vigie-\(UUID().uuidString)"
    )
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let workshop = Workshop(port: folder.appending(path: "broche").path)
    let plant = try SimulatedPlant(
      workshop.plant,
      buses: workshop.buses,
      seed: 1,
      scenarios: scenarios.map { text throws(ScenarioError) in try Scenario(parsing: text) },
      start: Workshop.start
    )
    let server = PlantServer(plant, options: .init(isPaced: isPaced)) { Workshop.start }
    try server.start()
    defer { server.stop() }
    let port = try #require(server.addresses[0].split(separator: ":").last)
    try await body(
      workshop,
      plant,
      server,
      ThirdPartyClient(line: ["tcp", "127.0.0.1", String(port)]),
      ThirdPartyClient(line: ["rtu", server.addresses[1], "19200", "N"])
    )
  }

  private func raw(_ plant: SimulatedPlant, _ channel: ChannelID, scale: Double) -> UInt16 {
    UInt16(((plant.value(of: channel) ?? 0) / scale).rounded())
  }

  @Test func `a client of another make reads the plant's values over TCP`() async throws {
    try await withServer { workshop, plant, server, tcp, _ in
      let results = try await tcp.run(
        "read:5:3:5201:20",
        "read:9:4:52:2",
        "read:14:3:16179:1",
        "read:99:3:0:1"
      )
      let vibration = try #require(results[0].registers)
      let velocity = workshop.channel("pompe-3", "drive end", "velocity rms z")
      #expect(vibration[0] == raw(plant, velocity, scale: 0.001))
      #expect(vibration[1] == 0, "between two points nothing is said")
      let highFrequency = workshop.channel("pompe-3", "drive end", "high-frequency rms z")
      #expect(vibration[19] == raw(plant, highFrequency, scale: 0.001))
      let words = try #require(results[1].registers)
      let power = Float(bitPattern: UInt32(words[0]) << 16 | UInt32(words[1]))
      let expected = plant.value(of: workshop.channel("pompe-3", "motor supply", "active power"))
      #expect(Double(power).rounded() == expected?.rounded())
      #expect(results[2].registers?.count == 1)
      #expect(results[3].exception == 11, "a gateway says that the unit is not there")
      #expect(server.statistics[0].requests == 4)
      #expect(server.statistics[0].exceptions == 1)
    }
  }

  @Test func `and over a serial line, several units on one port`() async throws {
    try await withServer { workshop, plant, server, _, rtu in
      let results = try await rtu.run("read:1:3:5201:1", "read:2:3:5201:4", "read:7:3:0:1")
      let nose = workshop.channel("broche-4", "nose", "velocity rms z")
      let rear = workshop.channel("broche-4", "rear", "velocity rms z")
      #expect(results[0].registers == [raw(plant, nose, scale: 0.001)])
      #expect(results[1].registers?.first == raw(plant, rear, scale: 0.001))
      #expect(results[2].error != nil, "a unit that is not there is silent")
      #expect(server.statistics[1].unanswered == 1)
      // Opened anew, the line still works, with parity too, which a pseudo-terminal has not.
      for _ in 1...2 {
        let opened = try await rtu.run("open:E")
        #expect(opened.count == 1)
      }
      let again = try await rtu.run("read:1:3:5201:1")
      #expect(again[0].registers == results[0].registers)
    }
  }

  @Test func `addresses outside the map, and holes where none are allowed, are refused`()
    async throws
  {
    try await withServer { _, _, _, tcp, _ in
      let results = try await tcp.run(
        "read:5:3:5200:2",
        "read:5:3:5220:2",
        "read:5:4:5201:1",
        "read:10:3:0:2",
        "read:11:3:2:2",
        "read:11:3:2:5"
      )
      #expect(results.map(\.exception) == [2, 2, 2, 2, nil, 3])
    }
  }

  @Test func `writing is refused and counted`() async throws {
    try await withServer { _, _, server, tcp, rtu in
      let steps = ["write:5:5:0", "write:5:6:5201", "write:5:15:0", "write:5:16:5201"]
      for step in steps {
        let results = try await tcp.run(step)
        #expect(results[0].exception == 1)
      }
      let results = try await rtu.run("write:1:16:5201")
      #expect(results[0].exception == 1)
      #expect(server.statistics.map(\.refusedWrites) == [4, 1])
    }
  }

  @Test func `a silent unit is silent and leaves the others alone`() async throws {
    try await withServer("pompe-3/drive end: silent unit", "broche-4/nose: silent unit") {
      _,
      _,
      _,
      tcp,
      rtu in
      for results in [
        try await tcp.run("read:5:3:5201:1", "read:9:4:0:2"),
        try await rtu.run("read:1:3:5201:1", "read:2:3:5201:2"),
      ] {
        #expect(results[0].error != nil)
        #expect(results[0].seconds > 0.9)
        #expect(results[1].registers?.count == 2)
      }
    }
  }

  @Test func `an unreadable address is exception 2 in every block that touches it`() async throws {
    try await withServer("pompe-3/drive end/kurtosis z: unreadable address") { _, _, _, tcp, _ in
      let results = try await tcp.run(
        "read:5:3:5201:20",
        "read:5:3:5212:1",
        "read:5:3:5201:5",
        "read:5:3:5214:7"
      )
      #expect(results.map(\.exception) == [2, 2, nil, nil])
    }
  }

  @Test func `slow answers come after the time that an agent waits`() async throws {
    try await withServer("pompe-3/drive end: slow answers over 0 s") { _, _, _, tcp, _ in
      let results = try await tcp.run("read:5:3:5201:1", "read:9:4:0:2")
      // 1.5 times the device's 400 ms.
      #expect(results[0].registers != nil && results[0].seconds >= 0.59)
      #expect(results[1].seconds < results[0].seconds)
    }
  }

  @Test func `a damaged frame is not taken for an answer, the next one is`() async throws {
    try await withServer("broche-4/nose: corrupted frames", "pompe-3: corrupted frames") {
      _,
      _,
      _,
      tcp,
      rtu in
      for results in [
        try await rtu.run("read:1:3:5201:1", "read:1:3:5201:1", "read:2:3:5201:1"),
        try await tcp.run("read:5:3:5201:1", "read:5:3:5201:1", "read:6:3:5201:1"),
      ] {
        #expect(results[0].registers == nil)
        #expect(results[1].registers?.count == 1)
        #expect(results[2].registers?.count == 1)
      }
    }
  }

  @Test func `a paced line is no faster than its baud rate`() async throws {
    try await withServer(isPaced: true) { _, _, _, _, rtu in
      let results = try await rtu.run("read:1:3:5201:20")
      // (13 + 2 · 20) characters of 11 bits at 19200 baud, and 3.5 characters of rest.
      #expect(results[0].seconds >= 0.032)
      #expect(results[0].registers?.count == 20)
    }
  }

  @Test func `several clients are answered at once, a slow unit holds up none of them`()
    async throws
  {
    try await withServer("pompe-3/drive end: slow answers over 0 s") { _, _, _, tcp, _ in
      async let slow = tcp.run("read:5:3:5201:1")
      async let quick = tcp.run("read:9:4:0:2", "read:6:3:5201:1", "read:13:3:5201:1")
      let late = try await slow[0]
      #expect(late.registers != nil)
      for result in try await quick {
        #expect(result.registers != nil && result.seconds < late.seconds)
      }
    }
  }

  @Test func `stopped, it frees its port and takes its link away`() async throws {
    try await withServer { workshop, plant, server, tcp, _ in
      let link = server.addresses[1]
      let exists = FileManager.default.fileExists(atPath: link)
      server.stop()
      #expect(exists && !FileManager.default.fileExists(atPath: link))
      #expect(try await tcp.run("read:5:3:5201:1")[0].error != nil)
      try server.start()
      #expect(FileManager.default.fileExists(atPath: link))
    }
  }

  @Test func `what is not its own link is left alone, with a mend`() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "vigie-\(UUID().uuidString)"
    )
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "port").path

    func start(_ path: String) throws -> PlantServer {
      let plant = try Workshop(port: path).simulated()
      let server = PlantServer(plant) { Workshop.start }
      try server.start()
      return server
    }
    #expect(FileManager.default.createFile(atPath: path, contents: Data("mine".utf8)))
    let occupied = #expect(throws: PlantServerError.self) { try start(path) }
    #expect(
      occupied?.description
        == "bus broche: cannot put a pseudo-terminal at \(path): something is there already; "
        + "the simulation replaces only its own links, so name another port in the site file"
    )
    #expect(FileManager.default.contents(atPath: path) == Data("mine".utf8))

    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.createSymbolicLink(
      atPath: path,
      withDestinationPath: "/dev/pts/999999"
    )
    let server = try start(path)
    let second = #expect(throws: PlantServerError.self) { try start(path) }
    #expect(second?.description.contains("perhaps of another simulation") == true)
    server.stop()
    let homeless = #expect(throws: PlantServerError.self) { try start("\(path)/no/port") }
    #expect(homeless?.description.contains("its folder does not exist") == true)
  }

  @Test func `a port in use is named with its mend`() throws {
    let workshop = Workshop()
    let first = PlantServer(
      try SimulatedPlant(
        workshop.plant,
        buses: [workshop.buses[0]],
        seed: 1,
        start: Workshop.start
      )
    ) { Workshop.start }
    try first.start()
    defer { first.stop() }
    let port = try #require(first.addresses[0].split(separator: ":").last.flatMap { UInt16($0) })
    var bus = workshop.buses[0]
    bus.line = .tcp(TCPEndpoint(host: "127.0.0.1", port: port))
    let second = PlantServer(
      try SimulatedPlant(workshop.plant, buses: [bus], seed: 1, start: Workshop.start)
    ) { Workshop.start }
    let error = #expect(throws: PlantServerError.self) { try second.start() }
    #expect(
      error?.description
        == "bus atelier: cannot listen on 127.0.0.1:\(port): the port is in use; "
        + "end the program that listens there, or choose another"
    )
  }
}
