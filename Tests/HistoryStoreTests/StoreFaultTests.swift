import ConditionModel
import GRDB
import Glibc
import HistoryStore
import Testing

struct StoreFaultTests {
  private let folder = TemporaryFolder()
  private let plant = samplePlant()

  @Test func `two agents on one store are refused, with the other's process`() async throws {
    let store = try await HistoryStore(path: folder.database, plant: plant)
    let refusal = await #expect(throws: StoreError.self) {
      try await HistoryStore(path: folder.database, plant: plant)
    }
    #expect(refusal == .locked(path: folder.database + ".lock", by: "process \(getpid())"))
    await store.close()
    let next = try await HistoryStore(path: folder.database, plant: plant)
    await next.close()
  }

  @Test func `what comes after the journal was lost is in the history too`() async throws {
    var options = HistoryStore.Options()
    options.readers = []
    let reading = { [plant] second in plant.frame(second: second, values: [Double(second)]) }
    func pass(_ seconds: StrideTo<Int64>) async throws {
      let store = try await HistoryStore(path: folder.database, plant: plant, options: options)
      for second in seconds { try await store.commit(Batch(frames: [reading(second)])) }
      await store.close()
    }
    try await pass(stride(from: 0, to: 8 * 3_600, by: 600))
    for name in folder.files where name.contains(".journal-") { unlink("\(folder.path)/\(name)") }
    let after = stride(from: Int64(8 * 3_600), to: 12 * 3_600, by: 600)
    try await pass(after)
    let reader = try HistoryReader(path: folder.database)
    let span = Timestamp(seconds: 8 * 3_600)..<Timestamp(seconds: 86_400)
    #expect(try await reader.frames(in: span) == after.map(reading))
    await reader.close()
  }

  @Test func `what the database refused is there with the next commit, and till then that is told`()
    async throws
  {
    let store = try await HistoryStore(path: folder.database, plant: plant)
    var configuration = Configuration()
    configuration.allowsUnsafeTransactions = true
    let other = try DatabaseQueue(path: folder.database, configuration: configuration)
    try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
    try await store.commit(Batch(outputs: [plant.advisory(1, .raised, second: 1, sequence: 1)]))
    #expect(try await store.state().trouble != nil)
    #expect(try await store.openAlerts().isEmpty)
    try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
    try await store.commit(Batch(frames: [plant.frame(second: 2, values: [1, 2, 3])]))
    #expect(try await store.state().trouble == nil)
    #expect(try await store.openAlerts().count == 1)
    await store.close()
  }

  @Test func `a file that is no database is left untouched`() async throws {
    try write("site: atelier-nord\n", to: folder.database)
    await #expect(throws: StoreError.notADatabase(path: folder.database)) {
      try await HistoryStore(path: folder.database, plant: plant)
    }
    #expect(try read(folder.database) == Array("site: atelier-nord\n".utf8))
  }

  @Test func `the database of another program is left untouched`() async throws {
    let store = try await HistoryStore(path: folder.database, plant: plant)
    await store.close()
    var bytes = try read(folder.database)
    bytes.replaceSubrange(68..<72, with: [1, 2, 3, 4])  // the application's identity
    let path = folder.database + ".other"
    try write(bytes, to: path)
    await #expect(throws: StoreError.foreign(path: path)) {
      try await HistoryStore(path: path, plant: plant)
    }
    #expect(throws: StoreError.foreign(path: path)) { try HistoryReader(path: path) }
    #expect(try read(path) == bytes)
    // Beside our journal it was ours.
    try write(bytes, to: folder.database)
    let again = try await HistoryStore(path: folder.database, plant: plant)
    #expect(try await again.state().setAside != nil)
    await again.close()
  }

  @Test func `a file that has no history in it says so to who reads or asks`() async throws {
    let path = folder.database
    #expect(throws: StoreError.self) { try HistoryReader(path: path) }
    try write([UInt8](), to: path)
    func refusal(_ open: () throws -> Any) -> String {
      do {
        _ = try open()
        return "none"
      } catch {
        return "\(error)"
      }
    }
    #expect(refusal { try HistoryReader(path: folder.path) }.contains("this is a folder"))
    #expect(refusal { try HistoryReader(path: path) }.contains("\(path): this file is empty"))
    #expect(refusal { try RequestDesk(path: path) }.contains("\(path): this file is empty"))
    let store = try await HistoryStore(path: path, plant: plant)
    await store.close()
    let other = try DatabaseQueue(path: path)
    try await other.write { database in
      try database.execute(sql: "DELETE FROM grdb_migrations WHERE identifier = 'shelving'")
    }
    #expect(refusal { try HistoryReader(path: path) }.contains("made by an older version"))
    try await other.write { database in
      try database.execute(sql: "INSERT INTO grdb_migrations VALUES ('shelving'), ('of 2035')")
    }
    try other.close()
    #expect(throws: StoreError.newerSchema(path: path)) { try HistoryReader(path: path) }
  }

  @Test func `a folder that does not exist is named`() async {
    await #expect(throws: StoreError.readOnly(path: "/nowhere/at/all.sqlite.lock")) {
      try await HistoryStore(path: "/nowhere/at/all.sqlite", plant: plant)
    }
  }

  @Test(arguments: [0, 1])
  func `a file damaged by a crash is set aside, and the agent goes on`(page: Int) async throws {
    let store = try await HistoryStore(path: folder.database, plant: plant)
    let alert = plant.advisory(1, .raised, second: 1, sequence: 1)
    try await store.commit(
      Batch(
        frames: (0..<500).map { plant.frame(second: $0, values: [1, 2, 3]) },
        outputs: [alert]
      )
    )
    await store.close()
    var bytes = try read(folder.database)
    let end = page == 0 ? 4_096 : bytes.count
    bytes.replaceSubrange(page * 4_096..<end, with: repeatElement(0, count: end - page * 4_096))
    try write(bytes, to: folder.database)
    try write("process 1", to: folder.database + ".lock")  // it was not closed

    let again = try await HistoryStore(path: folder.database, plant: plant)
    let setAside = try #require(try await again.state().setAside)
    #expect(setAside.hasPrefix(folder.database + ".damaged-20"))
    #expect(try read(setAside) == bytes)
    try await again.commit(Batch(frames: [plant.frame(second: 1, values: [1])]))
    // What was in the journal is in the new file.
    #expect(try await again.openAlerts() == [alert])
    #expect(try await again.pending(after: 0, limit: 1_000).count == 502)
    await again.close()
  }

  /// Where a table begins in the file.
  private func root(of table: String) async throws -> Int {
    let queue = try DatabaseQueue(path: folder.database)
    defer { try? queue.close() }
    let page = try await queue.read { database in
      try Int.fetchOne(
        database,
        sql: "SELECT rootpage FROM sqlite_schema WHERE name = ?",
        arguments: [table]
      )
    }
    return try #require(page)
  }

  private func spoil(page: Int) throws {
    var bytes = try read(folder.database)
    let start = (page - 1) * 4_096
    bytes.replaceSubrange(start..<start + 4_096, with: (0..<4_096).map { UInt8($0 * 7 & 255) })
    try write(bytes, to: folder.database)
  }

  @Test(arguments: ["", "alert", "counter", "plant", "output"])
  func `a file too large to be checked is set aside once its damage shows`(
    table: String
  ) async throws {
    var options = HistoryStore.Options()
    options.checkLimitBytes = 0
    let store = try await HistoryStore(path: folder.database, plant: plant, options: options)
    let alert = plant.advisory(1, .raised, second: 1, sequence: 1)
    try await store.commit(
      Batch(frames: [plant.frame(second: 0, values: [1, 2, 3])], outputs: [alert])
    )
    await store.close()
    // The first page, or that of a table.
    try spoil(page: table.isEmpty ? 1 : try await root(of: table))

    let again = try await HistoryStore(path: folder.database, plant: plant, options: options)
    #expect(try await again.openAlerts() == [alert])
    #expect(try await again.pending(after: 0, limit: 10).count == 2)
    _ = try await again.departedMachines(at: Timestamp(seconds: 2))
    try await again.commit(
      Batch(outputs: [plant.advisory(1, .cleared, second: 2, sequence: 2)])
    )
    let state = try await again.state()
    #expect(state.setAside?.hasPrefix(folder.database + ".damaged-20") ?? false)
    #expect(state.trouble == nil)
    #expect(try await again.openAlerts().isEmpty)
    await again.close()
  }

  @Test func `damage that shows while the agent runs costs no step of an alert, nor its order`()
    async throws
  {
    let store = try await HistoryStore(path: folder.database, plant: plant)
    try await store.commit(Batch(outputs: [plant.advisory(1, .raised, second: 1, sequence: 1)]))
    let page = try await root(of: "alert")
    let other = try DatabaseQueue(path: folder.database)
    try await other.writeWithoutTransaction { database in
      _ = try Row.fetchAll(database, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
    }
    try spoil(page: page)
    // What another writes makes the store read again.
    try await other.write { try $0.execute(sql: "INSERT INTO counter VALUES ('other', 1)") }
    try other.close()
    try await store.commit(Batch(outputs: [plant.advisory(1, .cleared, second: 2, sequence: 2)]))
    let state = try await store.state()
    #expect(state.setAside != nil && state.trouble == nil)
    #expect(try await store.openAlerts().isEmpty)
    let reader = try HistoryReader(path: folder.database)
    #expect(try await reader.alertSteps().map(\.phase) == ["raised", "cleared"])
    await reader.close()
    await store.close()
  }

  @Test(arguments: [
    "UPDATE output SET json = 'torn' WHERE sequence = 1",
    "UPDATE output SET json = NULL WHERE sequence = 1",
    "UPDATE output SET plant = 'torn' WHERE sequence = 1",
    "UPDATE request SET kind = NULL",
    "UPDATE request SET alert = 'torn'",
    "INSERT OR REPLACE INTO counter VALUES ('cut', 'torn')",
    "INSERT OR REPLACE INTO counter VALUES ('cut', 9223372036854775807)",
  ])
  func `rows that make no sense are damage, and are not salvaged`(damage: String) async throws {
    let alerts = [1, 2].map { plant.advisory($0, .raised, second: 1, sequence: $0) }
    var store = try await HistoryStore(path: folder.database, plant: plant)
    try await store.commit(Batch(outputs: alerts))
    let desk = try RequestDesk(path: folder.database)
    _ = try desk.ask(.acknowledge(alert: 1), at: Timestamp(seconds: 2), by: "anna")
    await store.close()
    let other = try DatabaseQueue(path: folder.database)
    try await other.writeWithoutTransaction { database in
      // What SQLite itself would refuse to write may lie on a torn page.
      try database.execute(sql: "PRAGMA writable_schema = ON")
      try database.execute(sql: "UPDATE sqlite_schema SET sql = replace(sql, 'NOT NULL', '')")
      try database.execute(sql: "PRAGMA writable_schema = RESET")
      try database.execute(sql: damage)
      try database.execute(sql: "INSERT INTO plant (json, run) VALUES ('torn', 9), (NULL, 9)")
      try database.execute(
        sql: """
          INSERT INTO alert_transition (alert, phase, priority, time_ns, title, text, output)
          SELECT alert, phase, priority, time_ns, title, CAST(x'746f0000' AS TEXT), 1
            FROM alert_transition
          """
      )
    }
    try other.close()
    store = try await HistoryStore(path: folder.database, plant: plant)
    #expect(try await store.openAlerts() == alerts)
    _ = try await store.waitingRequests()
    try await store.commit(Batch(outputs: [plant.advisory(1, .cleared, second: 2, sequence: 3)]))
    let state = try await store.state()
    #expect(state.setAside != nil && state.trouble == nil)
    await store.close()
    store = try await HistoryStore(path: folder.database, plant: plant)
    #expect(try await store.state().setAside == nil)
    #expect(try await store.openAlerts() == Array(alerts.dropFirst()))
    await store.close()
    let mended = try DatabaseQueue(path: folder.database)
    let counts = try await mended.read { database in
      try ["plant", "alert_transition WHERE instr(CAST(text AS BLOB), x'00') > 0"].map {
        try Int.fetchOne(database, sql: "SELECT count(*) FROM \($0)")
      }
    }
    #expect(counts == [1, 0])
    try mended.close()
  }

  @Test func `what a killed run said of a machine that is gone is in the history`() async throws {
    let former = samplePlant(machines: ["presse"])
    var store = try await HistoryStore(path: folder.database, plant: former)
    try await store.commit(Batch(outputs: [former.advisory(1, .raised, second: 1, sequence: 1)]))
    // The journal has the end of it, and the database not yet.
    var configuration = Configuration()
    configuration.allowsUnsafeTransactions = true
    let other = try DatabaseQueue(path: folder.database, configuration: configuration)
    try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
    try await store.commit(Batch(outputs: [former.advisory(1, .cleared, second: 2, sequence: 2)]))
    await store.abandon()
    try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
    try other.close()
    store = try await HistoryStore(path: folder.database, plant: plant)
    #expect(try await store.departedMachines(at: Timestamp(seconds: 9)).isEmpty)
    await store.close()
    let reader = try HistoryReader(path: folder.database)
    #expect(try await reader.alertSteps().map(\.phase) == ["raised", "cleared"])
    await reader.close()
  }

  @Test func `an alert whose words were lost does not take those of another`() async throws {
    let alerts = [1, 2].map { plant.advisory($0, .raised, second: 1, sequence: $0) }
    var options = HistoryStore.Options()
    options.readers = []
    options.segmentsKept = 1
    var store = try await HistoryStore(path: folder.database, plant: plant, options: options)
    try await store.commit(Batch(outputs: alerts))
    #expect(try await store.openAlerts() == alerts)
    // Until the journal has forgotten them.
    for hour in Int64(1)...4 {
      try await store.commit(Batch(frames: [plant.frame(second: hour * 3_600, values: [1, 2, 3])]))
    }
    let other = try DatabaseQueue(path: folder.database)
    try await other.write { database in
      try database.execute(
        sql: "UPDATE alert SET output = (SELECT output FROM alert WHERE id = 2) WHERE id = 1"
      )
    }
    try other.close()
    #expect(try await store.openAlerts() == Array(alerts.dropFirst()))
    await store.close()
    // Nor does it end with its machine a second time.
    let another = samplePlant(machines: ["presse"])
    store = try await HistoryStore(path: folder.database, plant: another, options: options)
    let departed = try await store.departedMachines(at: Timestamp(seconds: 20_000))
    #expect(departed.flatMap(\.alerts).map(\.id) == [2])
    await store.close()
  }

  @Test func `what the journal tells of a former site is not taken for the present one`()
    async throws
  {
    let former = samplePlant(machines: ["presse"])
    var store = try await HistoryStore(path: folder.database, plant: former)
    try await store.commit(Batch(frames: [former.frame(second: 1, values: [1])]))
    await store.abandon()
    store = try await HistoryStore(path: folder.database, plant: plant)
    // Before it was cut, nobody knows of the former site any more.
    await store.abandon()
    try spoil(page: 1)
    store = try await HistoryStore(path: folder.database, plant: plant)
    let frame = plant.frame(second: 3_700, values: [1, 2, 3])
    for _ in 0..<4 { try await store.commit(Batch(frames: [])) }
    try await store.commit(Batch(frames: [frame]))
    await store.close()
    let reader = try HistoryReader(path: folder.database)
    #expect(try await reader.plant() == plant)
    #expect(try await reader.frames(after: Timestamp(seconds: 60), limit: 10) == [frame])
    await reader.close()
  }

  @Test func `what was set aside counts towards the size limit, and goes first`() async throws {
    var options = HistoryStore.Options()
    options.sizeLimitBytes = 2 << 20
    let damaged = folder.database + ".damaged-20260101T000000Z"
    try write([UInt8](repeating: 1, count: 1 << 20), to: damaged)
    let store = try await HistoryStore(path: folder.database, plant: plant, options: options)
    #expect(try await store.state().fileBytes > 1 << 20)
    let first = plant.frame(second: 0, values: [1, 2, 3])
    try await store.commit(Batch(frames: [first]))
    await store.close()
    options.sizeLimitBytes = 1 << 20
    let smaller = try await HistoryStore(path: folder.database, plant: plant, options: options)
    #expect(access(damaged, F_OK) != 0)
    #expect(try await smaller.state().fileBytes < options.sizeLimitBytes)
    #expect(try await smaller.pending(after: 0, limit: 10).map(\.frame) == [first])
    await smaller.close()
  }

  @Test(arguments: [0, 1, 2, 3, 4, 5] as [UInt64])
  func `noise in the middle of the file costs what lay there, and no more`(
    seed: UInt64
  ) async throws {
    var options = HistoryStore.Options()
    options.readers = []
    options.segmentsKept = 1
    let machines = samplePlant(channels: 8)
    let store = try await HistoryStore(path: folder.database, plant: machines, options: options)
    // A day of values in chunks, and an alert for each ten minutes: most are in the database alone.
    for second in stride(from: Int64(0), to: 86_400, by: 60) {
      let values = (0..<8).map { place in
        Double((UInt64(second) &* 8 &+ UInt64(place)) &* 0x9E37_79B9_7F4A_7C15 >> 12)
      }
      let alerts =
        second % 600 == 0
        ? [
          machines.advisory(
            UInt64(second / 600) + 1,
            .raised,
            second: second,
            sequence: UInt64(second)
          )
        ] : []
      try await store.commit(
        Batch(frames: [machines.frame(second: second, values: values)], outputs: alerts)
      )
    }
    await store.close()
    var bytes = try read(folder.database)
    let pageCount = bytes.count / 4_096
    try #require(pageCount > 60)
    var noise = Noise(seed: seed)
    // With seed 0 the list of chunks, else three runs of pages behind the roots of all tables.
    let queue = try DatabaseQueue(path: folder.database)
    let roots = try await queue.read { database in
      try Row.fetchAll(database, sql: "SELECT name, rootpage FROM sqlite_schema").map {
        (name: $0[0] as String, page: $0[1] as Int)
      }
    }
    try queue.close()
    let list = try #require(roots.first { $0.name == "chunk" }).page
    let behind = try #require(roots.map(\.page).max())
    let starts =
      seed == 0
      ? [list - 1]
      : (0..<3).map { _ in behind + Int(noise.next() % UInt64(pageCount - behind - 3)) }
    for first in starts {
      for place in first * 4_096..<(first + (seed == 0 ? 1 : 3)) * 4_096 {
        bytes[place] = UInt8(truncatingIfNeeded: noise.next())
      }
    }
    try write(bytes, to: folder.database)
    try write("process 1", to: folder.database + ".lock")  // it was not closed

    let again = try await HistoryStore(path: folder.database, plant: machines, options: options)
    let setAside = try #require(try await again.state().setAside)
    #expect(setAside.hasPrefix(folder.database + ".damaged-20"))
    #expect(try read(setAside) == bytes)
    let reader = try HistoryReader(path: folder.database)
    let frames = try await reader.frames(after: Timestamp(seconds: -1), limit: 10_000)
    let alerts = try await reader.alertSteps()
    await reader.close()
    #expect(
      seed == 0 || frames.count > 1_440 / 2,
      "\(frames.count) of 1440 frames, \(pageCount) pages"
    )
    #expect(alerts.count > 144 / 2, "\(alerts.count) of 144 alerts")
    // What came back is what was stored.
    for frame in frames {
      let second = frame.timestamp.nanoseconds / 1_000_000_000
      let values = (0..<8).map { place in
        Double((UInt64(second) &* 8 &+ UInt64(place)) &* 0x9E37_79B9_7F4A_7C15 >> 12)
      }
      let isWhole = zip(frame.channels, frame.values).allSatisfy { $1 == values[Int($0.index)] }
      #expect(isWhole, "other values at second \(second)")
    }
    try await again.commit(Batch(frames: [machines.frame(second: 86_400, values: [1])]))
    let trouble = try await again.state().trouble
    #expect(trouble == nil, "\(trouble.map { "\($0)" } ?? "")")
    await again.close()
  }

  @Test func `the file of a newer version is left alone`() async throws {
    let store = try await HistoryStore(path: folder.database, plant: plant)
    await store.close()
    let queue = try DatabaseQueue(path: folder.database)
    try await queue.write {
      try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99 of a later year')")
    }
    try queue.close()
    await #expect(throws: StoreError.newerSchema(path: folder.database)) {
      try await HistoryStore(path: folder.database, plant: plant)
    }
  }

  @Test func `open alerts can be read with the SQL of the documentation`() async throws {
    let store = try await HistoryStore(path: folder.database, plant: plant)
    try await store.commit(
      Batch(outputs: [
        plant.advisory(1, .raised, second: 100, sequence: 0),
        plant.advisory(2, .raised, second: 100, sequence: 1),
        plant.advisory(2, .cleared, second: 130, sequence: 2),
      ])
    )
    let queue = try DatabaseQueue(path: folder.database)
    let rows = try await queue.read {
      try Row.fetchAll(
        $0,
        sql: """
          SELECT datetime(since_ns / 1000000000, 'unixepoch'), machine, priority, title FROM alert
           WHERE phase <> 'cleared' ORDER BY since_ns
          """
      ).map { row in (0..<4).map { row[$0] as String } }
    }
    #expect(rows == [["1970-01-01 00:01:40", "pompe-3", "medium", "Pompe 3 : vibration"]])
    await store.close()
  }

  @Test(.enabled(if: geteuid() == 0, "only root may mount a small file system"))
  func `a read-only file system is named as such`() async throws {
    let disk = folder.path + "/disk"
    mkdir(disk, 0o755)
    try #require(mount("tmpfs", disk, "tmpfs", 0, "size=1m") == 0)
    defer {
      umount2(disk, Int32(MNT_DETACH))
      rmdir(disk)
    }
    // While the database or its lock is open the file system cannot become read-only.
    func open() async throws -> HistoryStore {
      try await HistoryStore(path: disk + "/history.sqlite", plant: plant)
    }
    try await open().close()
    try #require(mount("tmpfs", disk, "tmpfs", UInt(MS_REMOUNT | MS_RDONLY), nil) == 0)
    await #expect(throws: StoreError.readOnly(path: disk + "/history.sqlite.lock")) {
      try await open()
    }
  }

  @Test(arguments: [0o600, 0o640, 0o644] as [mode_t])
  func `whoever may read the store may read what the agent says about itself`(
    mode: mode_t
  ) async throws {
    let store = try await HistoryStore(path: folder.database, plant: plant)
    chmod(folder.database, mode)
    let said = StatusReport(timestamp: Timestamp(seconds: 7), json: "{}")
    try await store.commit(Batch(status: said))
    var information = stat()
    try #require(stat(StatusBoard.path(of: folder.database), &information) == 0)
    #expect(information.st_mode & 0o777 == mode)
    await store.close()
  }

  @Test(.enabled(if: geteuid() == 0, "only root may become another user"))
  func `a member of the store's group reads the status while the agent runs`() async throws {
    let store = try await HistoryStore(path: folder.database, plant: plant)
    // As the unit makes them: a folder of 0750, and files of 0640 by the umask.
    let group: gid_t = 54_322
    for path in [folder.path] + folder.files.map({ "\(folder.path)/\($0)" }) {
      chown(path, 0, group)
      chmod(path, path == folder.path ? 0o750 : 0o640)
    }
    try await store.commit(
      Batch(status: StatusReport(timestamp: Timestamp(seconds: 7), json: "{}"))
    )
    await #expect(processExitsWith: .success) { [path = folder.database as String] in
      try #require(setgroups(0, nil) == 0 && setgid(54_322) == 0 && setuid(54_321) == 0)
      let reader = try HistoryReader(path: path)
      let status = try await reader.status()
      #expect(status?.timestamp == Timestamp(seconds: 7))
      await reader.close()
    }
    await #expect(processExitsWith: .failure) { [path = folder.database as String] in
      guard setgroups(0, nil) == 0, setgid(54_323) == 0, setuid(54_321) == 0 else { return }
      _ = try HistoryReader(path: path)
    }
    await store.close()
  }

  @Test(arguments: 1...6)
  func `after a kill every batch that was committed is whole, and none is torn`(
    round: Int
  ) async throws {
    let path = folder.database
    // The earliest kill may come before the first commit, or while the tables are made.
    let delay = UInt32(round * 23_000)
    try write([UInt8](repeating: 255, count: 8), to: path + ".committed")
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [path = path as String, delay = delay as UInt32] in
      let plant = samplePlant()
      let store = try await HistoryStore(path: path, plant: plant)
      let note = open(path + ".committed", O_RDWR)
      Thread.killing(after: delay)
      for second in Int64(0)... {
        // Each batch: two frames and an alert of the same second.
        try await store.commit(
          Batch(
            frames: [
              plant.frame(0, second: second, values: [1, 2, 3]),
              plant.frame(1, second: second, values: [4, 5, 6]),
            ],
            outputs: [
              plant.advisory(1, .updated, second: second, sequence: UInt64(second))
            ]
          )
        )
        var committed = second
        pwrite(note, &committed, 8, 0)
      }
    }
    let note = try read(path + ".committed")
    try #require(note.count == 8)
    let committed = note.withUnsafeBytes { $0.loadUnaligned(as: Int64.self) }
    let store = try await HistoryStore(path: path, plant: plant)
    #expect(try await store.state().setAside == nil)
    let entries = try await store.pending(after: 0, limit: 1_000_000)
    #expect(entries.count % 3 == 0)
    let seconds = entries.compactMap { $0.frame?.timestamp }.map { $0.nanoseconds / 1_000_000_000 }
    let batches = Int64(entries.count / 3)
    #expect(batches == committed + 1 || batches == committed + 2)
    #expect(seconds == (0..<batches).flatMap { [$0, $0] })
    #expect(entries.compactMap(\.output?.sequence) == (0..<UInt64(batches)).map { $0 })
    await store.close()
  }
}

/// Random numbers (SplitMix64).
private struct Noise {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    let mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
    return mixed ^ mixed >> 29
  }
}

/// Ends this process from another thread, wherever it is by then.
private enum Thread {
  static func killing(after microseconds: UInt32) {
    var thread = pthread_t()
    pthread_create(
      &thread,
      nil,
      { argument in
        usleep(UInt32(UInt(bitPattern: argument)))
        kill(getpid(), SIGKILL)
        return nil
      },
      UnsafeMutableRawPointer(bitPattern: UInt(microseconds))
    )
  }
}

private func read(_ path: String) throws -> [UInt8] {
  let file = try #require(fopen(path, "r"))
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var block = [UInt8](repeating: 0, count: 65_536)
  while true {
    let count = fread(&block, 1, block.count, file)
    if count == 0 { return bytes }
    bytes += block.prefix(count)
  }
}

private func write(_ bytes: some Collection<UInt8>, to path: String) throws {
  let file = try #require(fopen(path, "w"))
  defer { fclose(file) }
  fwrite(Array(bytes), 1, bytes.count, file)
}

private func write(_ text: String, to path: String) throws {
  try write(Array(text.utf8), to: path)
}
