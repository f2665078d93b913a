import AdvisoryGeneration
import AgentRuntime
import ConditionModel
import DataAcquisition
import FoundationEssentials
import HistoryStore
import Logging
import MQTTPublishing
import MonitoringPipeline
import SignalProcessing
import SiteConfiguration
import Synchronization

/// A gateway's life on simulated clocks, buses, brokers and disk: the same for the same seed, step by
/// step.
///
/// The whole agent takes part but for its sockets and threads. After each step the promises of
/// `Ledger` are held against it.
///
/// A simulated day holds the faults of many, and few values: machines are read every ten or twenty
/// minutes, some 290 frames a day in all; the core is told the time every ten minutes, and what it
/// made is stored every half hour. Two faults a day come to it (kills, power cuts, clocks, brokers,
/// disk, devices, new site files, people); about those that hit between two commits, all happens each
/// second as at a real gateway.
package final class World {
  /// What is deliberately broken, to show that it is noticed.
  package enum Sabotage: Sendable {
    /// The disk says that all is on the medium, and never writes anything.
    case diskLies
    /// What was only just handed out counts as told.
    case outboxForgets
    /// The gateway's clock on the wall stays in summer time.
    case summerStays
  }

  /// What a life amounted to.
  package struct Outcome: Hashable, Sendable {
    package var steps = 0
    package var days = 0.0
    package var frames = 0
    package var outputs = 0
    package var alerts = 0
    package var prognoses = 0
    package var kills = 0
    package var powerCuts = 0
    package var siteChanges = 0
    package var brokerOutages = 0
    package var diskTroubles = 0
    /// Writes to the database that failed, or that a power cut came before.
    package var databaseFaults = 0
    /// Databases that a lie had damaged, and of which a new one took over what could be read.
    package var salvages = 0
    package var clockSteps = 0
    package var dropped = 0
    /// Over all that was said, in order.
    package var checksum: UInt64 = 0

    package init() {}

    /// Adds another life.
    package mutating func add(_ other: Outcome) {
      steps += other.steps
      days += other.days
      frames += other.frames
      outputs += other.outputs
      alerts += other.alerts
      prognoses += other.prognoses
      kills += other.kills
      powerCuts += other.powerCuts
      siteChanges += other.siteChanges
      brokerOutages += other.brokerOutages
      diskTroubles += other.diskTroubles
      databaseFaults += other.databaseFaults
      salvages += other.salvages
      clockSteps += other.clockSteps
      dropped += other.dropped
      checksum ^= other.checksum
    }
  }

  private static let start = Timestamp(seconds: 1_791_950_400)
  /// The store syncs after 5 s, with the next round, which is a second later.
  private static let longestUnsynced = Duration.seconds(7)
  private static let readers = ["json", "sparkplug"]

  private let seed: UInt64
  private let sabotage: Sabotage?
  private let thread: SimulationThread
  private let folder: String
  private var path: String { "\(folder)/history.sqlite" }
  private var generator: SeededGenerator
  private let clock: SimulatedClock
  private let disk = FaultyDisk()
  private let logger = Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() }
  private var options = HistoryStore.Options()

  private var siteNumber = 0
  /// The one that the agent last ran with: others were installed and never started.
  private var startedSiteNumber: Int?
  private var site: Site
  private var units: [SimulatedUnit]
  private var brokers: [SimulatedBroker]
  private var ledger: Ledger
  private var gateway: SimulatedGateway?
  private var outcome = Outcome()
  private var story: [String] = []

  // When what happens next.
  private var nextTick = Duration.zero
  private var nextRound = Duration.zero
  private var nextFault = Duration.zero
  /// When the agent starts, while there is none.
  private var startAt: Duration? = .zero
  /// When the wall clock is set right.
  private var clockSetAt: Duration?
  private var powerCutAt: Duration?
  private var diskHealsAt: Duration?
  private var lineCutUntil = Duration.zero
  /// Until when everything happens each second, as in a real gateway.
  private var fineUntil = Duration.zero
  private var isPowerOff = false
  private var mayHaveLied = false
  private var wasPowerCut = false
  private var isSiteNew = false
  /// Whether the last commit of the run before failed: all of it may be stored, or nothing.
  private var hasCommitFailed = false
  /// When the run before ended.
  private var ranUntil = Duration.zero
  private var lastRound = Duration.zero
  /// What the core remembered at the last orderly moment, if nothing has happened since.
  private var lastState: [UInt8]?
  private var lastHistoryCheck = Duration.zero
  /// Whether a power cut found the database on a disk that lied: it may be damaged, or old in parts.
  private var mayBeDamaged = false
  /// Where the damaged database of this run was put.
  private var setAside: String?
  /// When the disk last was out of order.
  private var diskTroubleUntil = Duration.zero

  /// Makes a new world.
  ///
  /// - Parameters:
  ///   - seed: Decides all that happens.
  ///   - folder: Where the database may lie, best in memory; it must exist and be empty.
  ///   - thread: Runs the store; the caller's task should prefer it too.
  ///   - sabotage: What is broken on purpose.
  /// - Throws: When the site of the simulation is wrong.
  init(
    seed: UInt64,
    folder: String,
    thread: SimulationThread,
    sabotage: Sabotage? = nil
  ) throws {
    self.seed = seed
    self.folder = folder
    self.thread = thread
    self.sabotage = sabotage
    generator = SeededGenerator(seed: seed)
    clock = SimulatedClock(start: Self.start)
    site = try SimulatedSite.site(0)
    units = []
    brokers = []
    for _ in 0..<3 { units.append(SimulatedUnit(SeededGenerator(seed: generator.bits()))) }
    for _ in Self.readers {
      brokers.append(SimulatedBroker(SeededGenerator(seed: generator.bits())))
    }
    ledger = Ledger(readers: Self.readers, plant: site.plant)
    options.readers = Self.readers
    options.sizeLimitBytes = 3 << 20 + Int64(generator.uniform() * Double(7 << 20))
    options.segmentsKept = 72
    options.retention = .seconds(20 * 86_400)
    units[0].wearPerDay = generator.uniform() < 0.5 ? 0 : generator.uniform() * 0.08
    nextFault = .seconds(3_600)
    if generator.uniform() < 0.2 {
      // A gateway without a battery for its clock.
      clock.set(to: Timestamp(seconds: 30))
      clockSetAt = .seconds(600)
    }
    if sabotage == .diskLies { disk.faults.liesAboutSync = true }
    FaultyDatabaseFiles.mount(disk, at: folder)
  }

  deinit { FaultyDatabaseFiles.unmount(folder) }

  /// Lets so many days pass, or so many steps; at the end everything heals and comes to rest.
  ///
  /// - Returns: What happened.
  /// - Throws: The first promise that does not hold.
  func live(days: Double, steps: Int = .max) async throws(BrokenInvariant) -> Outcome {
    do {
      let end = Duration(inSeconds: days * 86_400)
      while clock.elapsed < end, outcome.steps < steps { try await step() }
      if outcome.steps < steps { try await comeToRest() }
      await gateway?.store.close()
      gateway = nil
    } catch {
      throw BrokenInvariant(
        seed: seed,
        step: outcome.steps,
        moment: trueTime,
        promise: (error as? BrokenPromise)?.text ?? "\(error)",
        story: story
      )
    }
    outcome.days = clock.elapsed.inSeconds / 86_400
    outcome.frames = ledger.frameCount
    outcome.outputs = ledger.outputCount
    outcome.alerts = ledger.alertCount
    outcome.prognoses = ledger.prognosisCount
    outcome.databaseFaults = disk.databaseFaultCount
    outcome.checksum = ledger.checksum
    return outcome
  }

  /// The first identity that the journal holds.
  private var lowestHeld: Int64 { disk.firstID(inJournalOf: path) ?? 0 }

  private var trueTime: Timestamp { Self.start + clock.elapsed }

  private func tell(_ text: String) {
    story = (story + ["\(outcome.steps) \(trueTime) \(text)"]).suffix(25)
  }

  private func chance(_ probability: Double) -> Bool { generator.uniform() < probability }

  private func between(_ least: Double, _ most: Double) -> Duration {
    Duration(inSeconds: least + generator.uniform() * (most - least))
  }

  // MARK: - One step after the other

  private func step() async throws {
    outcome.steps += 1
    var next = min(nextFault, startAt ?? .seconds(1 << 40), diskHealsAt ?? nextFault)
    next = min(next, clockSetAt ?? next, powerCutAt ?? next)
    if let gateway {
      next = min(next, nextTick, nextRound, gateway.due)
      for index in brokers.indices { next = min(next, due(ofBroker: index)) }
    }
    clock.advance(to: next)
    let now = clock.elapsed
    if let moment = clockSetAt, moment <= now {
      clockSetAt = nil
      clock.set(to: trueTime)
      tell("the clock is set right")
    }
    if let moment = diskHealsAt, moment <= now { healDisk() }
    if let moment = powerCutAt, moment <= now { try await losePower() }
    if nextFault <= now {
      nextFault = now + between(600, 80_000)
      try await happen()
    }
    if let moment = startAt, moment <= now { try await start() }
    guard gateway != nil else { return }
    if gateway?.due ?? now <= now { try await turnBuses() }
    if nextTick <= now {
      await gateway?.monitor.tick()
      nextTick = now + (now < fineUntil ? .seconds(1) : .seconds(600))
    }
    if nextRound <= now {
      try await round()
      nextRound = now + (now < fineUntil ? .seconds(1) : .seconds(1_800))
    }
    for index in brokers.indices where due(ofBroker: index) <= now {
      try await turnPublisher(index)
    }
  }

  private func due(ofBroker index: Int) -> Duration {
    let resume = gateway?.publishers[index].resumesAt
    return min(brokers[index].due ?? .seconds(1 << 40), resume ?? .seconds(1 << 40))
  }

  private func turnBuses() async throws {
    guard let gateway else { return }
    let now = clock.elapsed
    for index in gateway.buses.indices where gateway.buses[index].due <= now {
      let output = gateway.buses[index].turn(
        at: now,
        stamp: gateway.time.stamp(),
        isLineCut: index == 0 && now < lineCutUntil,
        units: &units
      )
      guard !output.frames.isEmpty else { continue }
      for frame in output.frames { ledger.read(frame, at: now) }
      await gateway.monitor.consume(output.frames)
    }
  }

  /// A round of the recorder, and all that must hold after it.
  private func round() async throws {
    guard let gateway else { return }
    lastState = nil
    ledger.nextIdentities(after: try await gateway.store.latestID())
    await gateway.recorder.storeRound(status: nil)
    try await book(gateway)
    // What waits for the disk was judged by what was read before it waited.
    if await gateway.recorder.storeError != nil {
      ledger.rested(for: clock.elapsed - lastRound)
    }
    lastRound = clock.elapsed
  }

  private func book(_ gateway: SimulatedGateway) async throws {
    for (alert, text) in gateway.inbox.takeTexts() { try ledger.read(text, of: alert) }
    let batches = gateway.inbox.take()
    for batch in batches {
      try ledger.stored(batch.contents, at: clock.elapsed)
      if batch.isDurable {
        ledger.becameDurable()
        ledger.forgetTold()
      }
    }
    if disk.isClean || disk.faults.liesAboutSync { ledger.becameDurable() }
    // A clock that starts in 1970 again finds none of the values that it once stamped there.
    ledger.expire(before: clock.wall - options.retention)
    let after = try await gateway.store.latestID()
    guard after == ledger.nextID - 1 else {
      throw BrokenPromise("the next entry is \(ledger.nextID), and the store says after \(after)")
    }
    let contents = batches.flatMap(\.contents)
    try await check(gateway, isAlertTold: contents.contains { $0.isAboutAlerts })
    guard !contents.isEmpty else { return }
    for index in Self.readers.indices {
      gateway.publishers[index].stored(contents, clock)
      try await turnPublisher(index)
    }
  }

  private func turnPublisher(_ index: Int) async throws {
    guard let gateway else { return }
    let commands = try await gateway.publishers[index].turn(&brokers[index], clock, &ledger)
    for command in commands { try ask(command.request) }
  }

  private func ask(_ content: PersonalRequest.Content) throws {
    do throws(StoreError) {
      let desk = try RequestDesk(path: path)
      _ = try desk.ask(content, at: clock.wall, by: "anna")
    } catch {
      guard diskHealsAt != nil || mayBeDamaged else { throw error }
      tell("nobody hears it: \(error)")
    }
  }

  // MARK: - What must hold

  private func check(_ gateway: SimulatedGateway, isAlertTold: Bool) async throws {
    let state = try await gateway.store.state()
    try checkSize(state)
    try ledger.check(
      droppedCount: state.droppedCount,
      nothingBelow: lowestHeld
    )
    try await checkPlace(gateway, state)
    let waiting = await gateway.recorder.waitingValues
    // Frames of three values and their ticks take five times the room of the values.
    guard waiting <= SimulatedGateway.mostHeldValues / 5 else {
      throw BrokenPromise("\(waiting) values wait for the store")
    }
    let read = await gateway.monitor.valuesRead
    let kept = await gateway.recorder.valuesStored
    let dropped = await gateway.recorder.valuesDropped
    guard read == kept + dropped + waiting else {
      throw BrokenPromise(
        "\(read) values read, \(kept) stored, \(dropped) dropped, \(waiting) wait"
      )
    }
    for publisher in gateway.publishers where publisher.heldCount > publisher.mostHeld {
      throw BrokenPromise("\(publisher.reader): \(publisher.heldCount) things are held in memory")
    }
    if isAlertTold, state.trouble == nil, waiting == 0 {
      try await checkAlerts(gateway)
    }
    if clock.elapsed - lastHistoryCheck > .seconds(86_400), state.trouble == nil {
      lastHistoryCheck = clock.elapsed
      try await checkHistory()
    }
  }

  /// The files must keep to the limit at every moment, and the store must know what they take.
  private func checkSize(_ state: StoreState) throws(BrokenPromise) {
    let (database, log, index) = (
      FaultyDatabaseFiles.size(of: path), FaultyDatabaseFiles.size(of: path + "-wal"),
      // Memory that SQLite shares: no write of it is seen.
      FaultyDatabaseFiles.size(of: path + "-shm")
    )
    let most = disk.takeMostBytes() + index
    guard max(state.fileBytes, most) <= state.limitBytes else {
      throw BrokenPromise(
        "the store says \(state.fileBytes) of \(state.limitBytes) bytes, and took \(most)"
      )
    }
    // Of a page that an append could not write, half may be there and is written over later.
    let mostTorn = Int64(4_096 * (outcome.diskTroubles + outcome.powerCuts))
    let journal = disk.journalBytes
    let rest = state.fileBytes - state.journalBytes - (database + log + index)
    // A start that failed may have set a file aside as well.
    let damaged = rest == 0 ? 0 : FaultyDatabaseFiles.damagedBytes(besides: path)
    guard rest == damaged, (0...mostTorn).contains(journal - state.journalBytes) else {
      throw BrokenPromise(
        "the store says \(state.fileBytes) bytes, \(state.journalBytes) of them of the journal; "
          + "there are \(database) + \(log) + \(index) + \(damaged), and \(journal) of the journal"
      )
    }
  }

  /// Only a database that a lie may have damaged is set aside.
  private func checkPlace(_ gateway: SimulatedGateway, _ state: StoreState) async throws {
    guard state.setAside != setAside, let place = state.setAside else { return }
    guard mayBeDamaged else { throw BrokenPromise("the store was set aside at \(place)") }
    setAside = place
    outcome.salvages += 1
    tell("the store is set aside at \(place)")
    ledger.forgetHistory(
      open: try await gateway.store.openAlerts().compactMap(\.output.advisory)
    )
    try await takeHistory(isKnown: false)
  }

  /// From now on what was told is what the history holds: at least all that was told, if it `isKnown`.
  private func takeHistory(isKnown: Bool) async throws {
    let reader = try HistoryReader(path: path, disk: disk)
    let steps = try await reader.alertSteps()
    await reader.close()
    if isKnown { try ledger.story.check(steps, mayHoldMore: true) }
    ledger.begin(with: steps)
  }

  private func checkAlerts(_ gateway: SimulatedGateway) async throws {
    let open = try await gateway.store.openAlerts().compactMap(\.output.advisory)
    try ledger.check(open: open, of: "the store")
  }

  /// What was stored in the last hours must be in the history.
  private func checkHistory() async throws {
    guard let last = ledger.recentFrames.last?.frame else { return }
    let hours = Duration.seconds(4 * 3_600)
    let span = last.timestamp - hours..<last.timestamp + .seconds(1)
    let reader = try HistoryReader(path: path, disk: disk)
    let found = Set(try await reader.frames(in: span))
    try ledger.story.check(await reader.alertSteps())
    await reader.close()
    // A clock that was set back shows the hours of yesterday again, and those may be gone.
    let recent = ledger.recentFrames.drop { clock.elapsed - $0.moment > hours }.map(\.frame)
    let missing = recent.filter { span.contains($0.timestamp) && !found.contains($0) }
    guard missing.isEmpty else {
      let state = try await gateway?.store.state()
      throw BrokenPromise(
        "the history lacks \(missing.count) frames of \(recent.count), "
          + "first \(missing[0]); \(String(describing: state))"
      )
    }
  }

  // MARK: - Start and end

  private func start() async throws {
    startAt = nil
    if isPowerOff { powerReturns() }
    let gateway: SimulatedGateway
    do {
      gateway = try await SimulatedGateway(
        site: site,
        units: units.count,
        path: path,
        options: options,
        disk: disk,
        clock: clock,
        wallClock: sabotage == .summerStays
          ? LocalTimeTable(firstOffset: .seconds(7_200), changes: []) : SimulatedGateway.wallClock,
        thread: thread,
        logger: logger
      )
    } catch let error as StoreError {
      guard diskHealsAt != nil else { throw BrokenPromise("the agent does not start: \(error)") }
      tell("the agent does not start: \(error)")
      startAt = clock.elapsed + between(60, 4_000)
      return
    }
    tell("the agent runs")
    try await compare(gateway)
    // The last minute before the end is judged now.
    ledger.rested(for: clock.elapsed - ranUntil)
    lastRound = clock.elapsed
    self.gateway = gateway
    for index in Self.readers.indices {
      gateway.publishers[index].forgets = sabotage == .outboxForgets && index == 0
      await gateway.publishers[index].connect(&brokers[index], clock)
    }
    nextTick = clock.elapsed
    nextRound = clock.elapsed
  }

  /// What the agent took up against what was told before.
  private func compare(_ gateway: SimulatedGateway) async throws {
    let lied = wasPowerCut && mayHaveLied && sabotage != .diskLies
    let latest = try await gateway.store.latestID()
    var kept = Set<Int64>()
    var news: [OutboxEntry] = []
    for reader in Self.readers {
      let entries = try await gateway.store.outbox(of: reader).pending(
        after: ledger.durableID,
        limit: .max
      )
      kept.formUnion(entries.map(\.id))
      // After a lie the core makes good what it no longer knows.
      let fresh = entries.filter { reader == "json" && $0.id > ledger.lastID && !lied }
      let lastLate = fresh.lastIndex {
        hasCommitFailed && !(isSiteNew && $0.content.endsAlerts)
      }
      for (place, entry) in fresh.enumerated() {
        if let lastLate, place <= lastLate {
          // Nobody knows whether it was written, until now.
          try ledger.late(entry, of: site.plant, at: ranUntil)
          continue
        }
        guard isSiteNew, entry.content.isAboutAlerts else {
          throw BrokenPromise("entry \(entry.id) came with the start")
        }
        news.append(entry)
      }
    }
    try ledger.resumed(keeping: kept, isWhole: !wasPowerCut)
    if isSiteNew {
      try ledger.siteChanged(
        to: site.plant,
        news: news,
        isCertain: !hasCommitFailed && !lied,
        at: clock.elapsed
      )
    } else {
      try ledger.resumed(
        at: gateway.startSequence,
        isWhole: !wasPowerCut,
        forgives: lied,
        mayKnowMore: hasCommitFailed
      )
    }
    let state = try await gateway.store.state()
    setAside = state.setAside
    if let setAside {
      guard lied || mayBeDamaged else {
        throw BrokenPromise("the store was set aside at \(setAside)")
      }
      outcome.salvages += 1
      tell("the store was set aside at \(setAside)")
    }
    if lied { mayBeDamaged = true }
    let open = try await gateway.store.openAlerts().compactMap(\.output.advisory)
    if lied || setAside != nil { ledger.forget(to: open, latest: latest) }
    try await compareHistory(gateway, isKnown: !lied && setAside == nil)
    // While the disk fails, tables lag behind the journal.
    if state.trouble == nil { try ledger.check(open: open, of: "the store, after a start,") }
    try ledger.check(open: gateway.startAlerts, of: "the core, after a start,")
    if let lastState, gateway.startState != lastState {
      throw BrokenPromise("the core does not go on where it was")
    }
    lastState = nil
    wasPowerCut = false
    isSiteNew = false
    startedSiteNumber = siteNumber
    hasCommitFailed = false
    if !disk.faults.liesAboutSync { mayHaveLied = false }
  }

  /// What the history and the count of what was given up became, against what was told before.
  private func compareHistory(_ gateway: SimulatedGateway, isKnown: Bool) async throws {
    let state = try await gateway.store.state()
    if !isKnown || (isSiteNew && hasCommitFailed) {
      var waiting = 0
      for reader in Self.readers { waiting += await gateway.store.pendingCount(of: reader) }
      ledger.countAnew(droppedCount: state.droppedCount, waiting: waiting)
    }
    try ledger.check(
      droppedCount: state.droppedCount,
      nothingBelow: lowestHeld
    )
    for (alert, text) in gateway.inbox.takeTexts() { try ledger.read(text, of: alert) }
    guard !isKnown || hasCommitFailed else { return }
    try await takeHistory(isKnown: isKnown && !isSiteNew)
  }

  /// The process ends at once, if there is one.
  private func kill(cuttingPower: Bool) async throws {
    if let gateway {
      hasCommitFailed = await gateway.recorder.storeError != nil
      await abandon(gateway.store)
      ranUntil = clock.elapsed
      ledger.runEnded(cuttingPower: cuttingPower, nothingBelow: lowestHeld)
    }
    gateway = nil
    if cuttingPower {
      disk.cutPower(&generator)
      if sabotage == .diskLies { disk.faults.liesAboutSync = true }
    }
    try leaveBrokers()
  }

  /// Ends a store as a kill does: nothing is written any more, and the mark of a run stays.
  private func abandon(_ store: HistoryStore) async {
    disk.isGone = true
    await store.abandon()
    disk.isGone = false
  }

  /// Ends all connections; with the last words of each client, if it has time for them.
  private func leaveBrokers(saying farewells: [Message] = []) throws {
    for (index, reader) in Self.readers.enumerated() {
      let last = farewells.isEmpty ? nil : farewells[index]
      brokers[index].clientEnded(saying: last, at: clock.elapsed)
      try ledger.taken(brokers[index].takeAccepted(), by: reader)
    }
  }

  /// The agent is stopped in order.
  private func stop() async throws {
    guard let gateway else { return }
    ledger.nextIdentities(after: try await gateway.store.latestID())
    await gateway.recorder.storeRound(status: nil, isLast: true)
    try await book(gateway)
    lastState = await gateway.recorder.storeError == nil ? await gateway.state() : nil
    try leaveBrokers(saying: gateway.publishers.map { $0.farewell(at: clock.wall) })
    self.gateway = nil
    ranUntil = clock.elapsed
    if await gateway.recorder.storeError == nil {
      await gateway.store.close()
      // The last commit told of all that was confirmed.
      ledger.closed()
    } else {
      hasCommitFailed = true
      await abandon(gateway.store)
      ledger.runEnded(cuttingPower: false, nothingBelow: lowestHeld)
    }
  }

  // MARK: - What happens

  private func happen() async throws {
    guard sabotage != .diskLies else { return prepareToLosePower() }
    switch generator.uniform() {
    case ..<0.10:
      try await beKilled()
    case ..<0.16:
      tell("stopped in order")
      outcome.kills += 1
      try await stop()
      startAt = clock.elapsed + between(1, 3_000)
    case ..<0.24: prepareToLosePower()
    case ..<0.29: try await changeSite()
    case ..<0.34: stepClock()
    case ..<0.47: troubleUnit()
    case ..<0.50:
      lineCutUntil = clock.elapsed + between(100, 20_000)
      tell("the line is cut until \(Self.start + lineCutUntil)")
    case ..<0.58:
      outcome.brokerOutages += 1
      let end = clock.elapsed + between(100, chance(0.1) ? 800_000 : 30_000)
      for index in brokers.indices where chance(0.7) { brokers[index].awayUntil = end }
      tell("the brokers are away until \(Self.start + end)")
    case ..<0.66:
      outcome.brokerOutages += 1
      let end = clock.elapsed + between(60, 3_000)
      for index in brokers.indices { brokers[index].stormyUntil = end }
      fineUntil = min(end, clock.elapsed + .seconds(120))
      nextTick = clock.elapsed
      nextRound = clock.elapsed
      tell("the brokers are unsteady until \(Self.start + end)")
    case ..<0.72: troubleDisk()
    case ..<0.85:
      let index = Int(generator.uniform() * 3)
      units[index].hotUntil = clock.elapsed + between(1_000, 100_000)
      tell("unit \(index + 1) is hot until \(Self.start + units[index].hotUntil)")
    default: try await ask()
    }
  }

  private func beKilled() async throws {
    outcome.kills += 1
    // In one of two cases right after a round, so that what the core remembers can be compared.
    if gateway != nil, chance(0.5) {
      try await round()
      if let gateway, await gateway.recorder.waitingValues == 0,
        await gateway.recorder.storeError == nil
      {
        lastState = await gateway.state()
      }
    }
    tell("killed")
    try await kill(cuttingPower: false)
    startAt = clock.elapsed + between(1, 100)
  }

  /// Some seconds of life as it is, and then, at any instant, the end.
  private func prepareToLosePower() {
    guard powerCutAt == nil else { return }
    let end = clock.elapsed + between(0, 90)
    powerCutAt = end
    fineUntil = end
    nextTick = clock.elapsed
    nextRound = clock.elapsed
  }

  private func losePower() async throws {
    outcome.powerCuts += 1
    powerCutAt = nil
    if gateway != nil, sabotage == nil, clock.elapsed - diskTroubleUntil > Self.longestUnsynced,
      diskHealsAt == nil
    {
      try ledger.checkUnsynced(since: clock.elapsed - Self.longestUnsynced)
    }
    if gateway != nil, chance(0.4) {
      // In the middle of a write.
      disk.faults.writesLeft = Int(generator.uniform() * 4)
      disk.faults.failure = .inputOutput(path: path, detail: "no power")
      try await round()
      disk.faults.writesLeft = nil
    }
    tell("the power is cut")
    lastState = nil
    wasPowerCut = true
    isPowerOff = true
    try await kill(cuttingPower: true)
    startAt = clock.elapsed + between(1, 7_200)
  }

  private func powerReturns() {
    isPowerOff = false
    clock.powerOn()
    guard chance(0.3) else { return }
    tell("the clock starts in 1970")
    clock.set(to: Timestamp(seconds: 20))
    clockSetAt = clock.elapsed + between(10, 8_000)
  }

  private func changeSite() async throws {
    try await stop()
    outcome.siteChanges += 1
    let others = (0..<SimulatedSite.count).filter { $0 != siteNumber }
    siteNumber = others[Int(generator.uniform() * Double(others.count))]
    site = try SimulatedSite.site(siteNumber)
    isSiteNew = siteNumber != startedSiteNumber
    lastState = nil
    tell("site \(siteNumber) is installed")
    startAt = clock.elapsed + between(1, 100)
  }

  private func stepClock() {
    outcome.clockSteps += 1
    let steps: [Double] = [3_600, -3_600, 86_400, -86_400, 0.3, -0.3, 7, -7, 1, -120]
    let step = steps[Int(generator.uniform() * Double(steps.count))]
    clock.step(by: Duration(inSeconds: step))
    clockSetAt = clock.elapsed + between(60, 90_000)
    tell("the clock is set \(step) s ahead")
  }

  private func troubleUnit() {
    let index = Int(generator.uniform() * 3)
    let kinds = SimulatedUnit.Trouble.Kind.allCases
    let kind = kinds[Int(generator.uniform() * Double(kinds.count))]
    let end = clock.elapsed + between(100, chance(0.1) ? 300_000 : 20_000)
    units[index].trouble = SimulatedUnit.Trouble(kind: kind, end: end)
    if kind == .silent, chance(0.3) {
      // Another one comes back in its place.
      units[index].make = SimulatedUnit.Make(
        addressEnd: chance(0.3) ? 2 : .max,
        longestRequest: chance(0.3) ? 2 : 125,
        allowsHoles: chance(0.5),
        scale: chance(0.2) ? 0.5 : 1
      )
    }
    tell("unit \(index + 1) is \(kind) until \(Self.start + end)")
  }

  private func troubleDisk() {
    guard diskHealsAt == nil, sabotage == nil else { return }
    outcome.diskTroubles += 1
    diskHealsAt = clock.elapsed + between(10, chance(0.3) ? 80_000 : 8_000)
    switch generator.uniform() {
    case ..<0.3:
      disk.faults.writesLeft = Int(generator.uniform() * 40)
      disk.faults.failure = .full(path: path)
      tell("the disk is full after \(disk.faults.writesLeft ?? 0) writes")
    case ..<0.6:
      disk.faults.writesLeft = Int(generator.uniform() * 40)
      disk.faults.failure = .inputOutput(path: path, detail: "simulated")
      tell("the disk fails after \(disk.faults.writesLeft ?? 0) writes")
    case ..<0.8:
      disk.faults.refusesSync = true
      tell("the disk refuses to sync")
    default:
      disk.faults.liesAboutSync = true
      mayHaveLied = true
      if chance(0.5), powerCutAt == nil, let end = diskHealsAt {
        powerCutAt = clock.elapsed + between(0, (end - clock.elapsed).inSeconds)
      }
      tell("the disk lies about syncs")
    }
  }

  private func healDisk() {
    diskHealsAt = nil
    diskTroubleUntil = clock.elapsed
    disk.faults = FaultyDisk.Faults()
    disk.flush()
    mayHaveLied = gateway == nil && wasPowerCut && mayHaveLied
    tell("the disk works again")
  }

  /// A person, or somebody at the broker, wants something.
  private func ask() async throws {
    guard let gateway else { return }
    let open = try await gateway.store.openAlerts().compactMap(\.output.advisory)
    guard let alert = open.first else {
      try ask(.mark(machine: "pump", kind: .greasing, text: "5 g"))
      tell("somebody greases the pump")
      return
    }
    tell("somebody sees alert \(alert.id)")
    switch generator.uniform() {
    case ..<0.4: try ask(.acknowledge(alert: alert.id))
    case ..<0.6: try ask(.shelve(alert: alert.id, for: between(600, 80_000), reason: "known"))
    case ..<0.7: try ask(.accept(alert: alert.id))
    default:
      let command = """
        {"id": "hmi-\(outcome.steps)", "timestamp": \(clock.wall.nanoseconds / 1_000_000), \
        "command": "acknowledge", "alert": \(alert.id), "user": "marie"}
        """
      brokers[0].heard.append(
        ReceivedMessage(topic: "vigie/works/gw/command", payload: Array(command.utf8))
      )
      brokers[0].heard.append(
        ReceivedMessage(
          topic: "vigie/works/gw/command",
          payload: Array(command.utf8.prefix(Int(generator.uniform() * 80)))
        )
      )
    }
  }

  // MARK: - The end

  /// Everything heals; what was promised for then must hold.
  private func comeToRest() async throws {
    tell("everything heals")
    if diskHealsAt != nil { healDisk() }
    clock.set(to: trueTime)
    clockSetAt = nil
    lineCutUntil = .zero
    for index in units.indices {
      units[index].trouble = nil
      units[index].make = SimulatedUnit.Make()
    }
    for index in brokers.indices { brokers[index].heal(at: clock.elapsed) }
    let end = clock.elapsed + .seconds(4 * 3_600)
    nextFault = end + .seconds(3_600)
    powerCutAt = nil
    while clock.elapsed < end - .seconds(3_600) { try await step() }
    let late = await gateway?.monitor.lateSampleCount
    while clock.elapsed < end { try await step() }
    // What was stored last, maybe in the step beyond the end, takes a moment to be confirmed.
    let settled = clock.elapsed + .seconds(60)
    nextRound = settled + .seconds(3_600)
    while clock.elapsed < settled { try await step() }
    guard let gateway else { throw BrokenPromise("the agent does not run") }
    let lateAtLast = await gateway.monitor.lateSampleCount
    guard lateAtLast == late else {
      throw BrokenPromise(
        "\(lateAtLast - (late ?? 0)) values of the last hour count as older than what is known"
      )
    }
    let state = try await gateway.store.state()
    for (index, reader) in Self.readers.enumerated() {
      guard brokers[index].isStandingBy else {
        throw BrokenPromise("\(reader): no connection although the broker is there")
      }
      let lacking = ledger.lacking(reader)
      guard lacking.count <= state.droppedCount else {
        throw BrokenPromise(
          "\(reader): the broker lacks \(lacking.count) entries, first \(lacking[0]); "
            + "\(state.droppedCount) were given up"
        )
      }
    }
    for reader in Self.readers {
      let waiting = try await gateway.store.outbox(of: reader).pending(after: 0, limit: 1_000)
      guard waiting.isEmpty else {
        throw BrokenPromise(
          "\(reader): \(waiting.count) entries still wait, first \(waiting[0]), newest \(ledger.lastID)"
        )
      }
    }
    outcome.dropped = state.droppedCount
    try await checkAlerts(gateway)
    try await checkHistory()
    let shown = brokers[0].retained.keys.compactMap { topic in
      topic.contains("/alert/") ? UInt64(topic.split(separator: "/").last ?? "") : nil
    }
    guard shown.sorted() == ledger.openAlerts else {
      throw BrokenPromise(
        "the broker shows alerts \(shown.sorted()); open are \(ledger.openAlerts); "
          + "\(state.droppedCount) entries were given up"
      )
    }
    let machines = Set(site.plant.assets.map { Substring($0.name) })
    for topic in brokers[0].retained.keys.sorted() {
      let levels = topic.split(separator: "/")
      guard levels.count < 5 || machines.contains(levels[3]) else {
        throw BrokenPromise("the broker remembers \(topic), and the site has no such machine")
      }
    }
  }
}

extension RemoteCommand {
  /// The same as people ask at the gateway.
  fileprivate var request: PersonalRequest.Content {
    switch content {
    case .acknowledge(let alert): .acknowledge(alert: alert)
    case .shelve(let alert, let duration, let reason):
      .shelve(alert: alert, for: duration, reason: reason)
    }
  }
}

extension PipelineOutput {
  var advisory: Advisory? {
    if case .advisory(let advisory) = content { advisory } else { nil }
  }
}
