import ConditionModel
import Foundation
import HistoryStore
import Testing

@testable import SimulatedWorld

/// Lives of gateways in which everything goes wrong that can.
///
/// A life of a hundred days takes a release build a few seconds: `vigie-bench simulate` lives many.
struct WorldTests {
  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func `no promise breaks, whatever happens`(seed: UInt64) async throws {
    let outcome = try await simulatedLife(seed: seed, days: 12)
    #expect(outcome.frames > 2_000 && outcome.outputs > 0)
  }

  @Test func `what SQLite writes fails and tears too`() async throws {
    #expect(try await simulatedLife(seed: 3, days: 12).databaseFaults > 0)
  }

  @Test func `the same seed gives the same life, step by step`() async throws {
    let one = try await simulatedLife(seed: 77, days: 4)
    #expect(try await simulatedLife(seed: 77, days: 4) == one)
    #expect(try await simulatedLife(seed: 78, days: 1).checksum != one.checksum)
  }

  @Test func `a disk that never writes what it says is caught, with seed and step`() async throws {
    let broken = try #require(
      await #expect(throws: BrokenInvariant.self) {
        _ = try await simulatedLife(seed: 1, days: 8, sabotage: .diskLies)
      }
    )
    #expect(broken.promise.contains("on the medium"))
    #expect("\(broken)".contains("seed 1, step \(broken.step)"))
    #expect("\(broken)".contains("vigie-bench simulate --seed 1 --until-step \(broken.step)"))
  }

  @Test func `an alert that tells the time an hour late is caught`() async throws {
    let broken = try #require(
      await #expect(throws: BrokenInvariant.self) {
        _ = try await simulatedLife(seed: 2, days: 20, sabotage: .summerStays)
      }
    )
    #expect(broken.promise.contains("does not begin with"))
  }

  @Test func `an outbox that forgets is caught, and again at the same step`() async throws {
    func life() async throws {
      _ = try await simulatedLife(seed: 5, days: 1, sabotage: .outboxForgets)
    }
    let first = try #require(await #expect(throws: BrokenInvariant.self) { try await life() })
    let second = try #require(await #expect(throws: BrokenInvariant.self) { try await life() })
    #expect(first.step == second.step && first.moment == second.moment)
    #expect(first.promise.contains("lacks"))
  }

  @Test func `a kill while a damaged database is salvaged costs nothing`() async throws {
    let machine = Asset(id: AssetID(index: 0), name: "pump", kind: .fan)
    let channel = Channel(
      id: ChannelID(index: 0),
      asset: machine.id,
      location: "drive end",
      point: "velocity",
      unit: "mm/s",
      quantity: .velocityRMS,
      device: 0
    )
    let plant = Plant(site: "works", gateway: "gw", assets: [machine], channels: [channel])
    // Most of it is in the database alone.
    var options = HistoryStore.Options()
    options.readers = []
    options.segmentsKept = 1
    func inFolder(_ work: (String) async throws -> Void) async throws {
      let folder = FileManager.default.temporaryDirectory.path + "/vigie-salvage-\(UUID())"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: folder) }
      try await work(folder)
    }
    try await inFolder { first in
      var store = try await HistoryStore(
        path: "\(first)/history.sqlite",
        plant: plant,
        options: options
      )
      for minute in 0..<Int64(2_880) {
        let frame = Frame(
          asset: machine.id,
          timestamp: Timestamp(seconds: minute * 60),
          channels: [channel.id],
          values: [Double(UInt64(minute) &* 0x9E37_79B9_7F4A_7C15 >> 12)],
          qualities: [.good]
        )
        try await store.commit(Batch(frames: [frame]))
      }
      await store.close()
      // A page in the middle, of a file that was not closed.
      let file = try FileHandle(forUpdating: URL(filePath: "\(first)/history.sqlite"))
      try file.seek(toOffset: try file.seekToEnd() / 8_192 * 4_096)
      try file.write(contentsOf: Data(repeating: 0xA5, count: 4_096))
      try file.close()
      try Data("process 1".utf8).write(to: URL(filePath: "\(first)/history.sqlite.lock"))
      var kills = 0
      var readable: Int?
      for writes in [nil] + (0..<12).map({ 9 * $0 }) + (1..<5).map({ 100 * $0 }) {
        try await inFolder { folder in
          try FileManager.default.removeItem(atPath: folder)
          try FileManager.default.copyItem(atPath: first, toPath: folder)
          let path = "\(folder)/history.sqlite"
          let disk = FaultyDisk()
          FaultyDatabaseFiles.mount(disk, at: folder)
          defer { FaultyDatabaseFiles.unmount(folder) }
          var isToldOf = false
          if let writes {
            // From then on nothing is written any more.
            disk.faults.writesLeft = writes
            disk.faults.failure = .other(path: path, detail: "gone")
            do {
              try await HistoryStore(path: path, plant: plant, options: options).abandon()
              isToldOf = true
            } catch {
              kills += 1
            }
            disk.faults.writesLeft = nil
          }
          store = try await HistoryStore(path: path, plant: plant, options: options)
          #expect(try await store.state().setAside != nil || isToldOf)
          await store.close()
          let reader = try HistoryReader(path: path)
          let frames = try await reader.frames(after: Timestamp(seconds: -1), limit: 10_000)
          await reader.close()
          #expect(frames.count > 1_440)
          #expect(frames.count == readable ?? frames.count, "after \(writes ?? 0) writes")
          readable = frames.count
          let names = try FileManager.default.contentsOfDirectory(atPath: folder)
          #expect(names.count { $0.contains(/damaged-[0-9TZ]+$/) } == 1, "\(names)")
          #expect(!names.contains { $0.contains(".salvage") })
        }
      }
      #expect(kills > 10)
    }
  }

  @Test func `a disk that is full at the first start costs no later one`() async throws {
    let plant = Plant(
      site: "works",
      gateway: "gw",
      assets: [Asset(id: AssetID(index: 0), name: "pump", kind: .fan)],
      channels: []
    )
    var failures = 0
    let few = Array(0..<40)
    let counts = few + stride(from: 40, to: 400, by: 40)
    for writes in counts {
      let folder = FileManager.default.temporaryDirectory.path + "/vigie-first-\(UUID())"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let disk = FaultyDisk()
      FaultyDatabaseFiles.mount(disk, at: folder)
      defer { FaultyDatabaseFiles.unmount(folder) }
      let path = "\(folder)/history.sqlite"
      disk.faults.writesLeft = writes
      do {
        try await HistoryStore(path: path, plant: plant, disk: disk).abandon()
      } catch {
        failures += 1
      }
      disk.faults.writesLeft = nil
      let store = try await HistoryStore(path: path, plant: plant, disk: disk)
      let state = try await store.state()
      #expect(state.trouble == nil && state.setAside == nil, "after \(writes) writes")
      await store.close()
    }
    #expect(failures > few.count && failures < counts.count)
  }
}
