import ConditionModel
import HistoryStore

/// A promise that was broken, in words.
struct BrokenPromise: Error {
  var text: String

  init(_ text: String) { self.text = text }
}

/// What the gateway said and what became of it: the books that every step is held against.
///
/// It knows what entered the store, in which order, what a power cut may have taken of it, and what a
/// broker has.
struct Ledger {
  /// What was stored to be published.
  struct Entry {
    var content: OutboxEntry.Content
    var machine: String
    /// The channels without all of which it tells nothing; empty if it needs none.
    var channels: [String]
    /// Whether the numbers in `content` are those of the present site.
    var isOfPresentSite = true
    /// The readers whose broker does not have it.
    var missing: Set<String>
    /// When it was stored.
    var moment: Duration
  }

  private let readers: Set<String>
  private var plant: Plant
  /// By identity; for a while also what all brokers have.
  private(set) var entries: [Int64: Entry] = [:]
  /// What all brokers have, in order: until a commit says so, some of it may be told once more.
  private var told: [Int64] = []
  /// The newest identity that was given, and the newest that a power cut cannot take.
  private(set) var lastID: Int64 = 0
  private(set) var nextID: Int64 = 1
  private(set) var durableID: Int64 = 0
  private(set) var lastSequence: UInt64 = 0
  private(set) var durableSequence: UInt64 = 0
  /// The latest step of each alert that did not end more than a while ago.
  private(set) var alerts: [UInt64: Advisory] = [:]
  /// The same, as a power cut would leave them.
  private var durableAlerts: [UInt64: Advisory] = [:]
  private var highestAlert: UInt64 = 0
  /// Nobody knows what a disk that lied kept of what came up to here.
  private var forgivenThrough: Int64 = 0
  /// The same of alerts up to this one: they may come back, or their number.
  private var forgivenAlert: UInt64 = 0
  private(set) var givenUp: GivenUp
  private var lastDroppedCount = 0
  private(set) var story = AlertStory()
  /// A frame, and when it was stored.
  struct StoredFrame {
    var frame: Frame
    var moment: Duration
  }

  /// Frames that were stored lately, in order.
  private(set) var recentFrames: [StoredFrame] = []
  /// Of `recentFrames`, how many a power cut cannot take.
  private var durableFrameCount = 0
  /// When each channel last delivered something usable, and when that was beyond its limits.
  private var lastUsable: [ChannelID: Duration] = [:]
  private(set) var frameCount = 0
  private(set) var outputCount = 0
  private(set) var alertCount = 0
  private(set) var prognosisCount = 0
  /// A sum over all that was said, in order: two worlds of one seed have the same.
  private(set) var checksum: UInt64 = 0

  init(readers: [String], plant: Plant) {
    self.readers = Set(readers)
    givenUp = GivenUp(readers: Set(readers))
    self.plant = plant
  }

  // MARK: - What the core is given and says

  /// The core was given a frame.
  mutating func read(_ frame: Frame, at now: Duration) {
    for (channel, quality) in zip(frame.channels, frame.qualities) where quality.isUsable {
      lastUsable[channel] = now
    }
  }

  /// Nobody watched for so long: what was read before is as good as it was.
  mutating func rested(for pause: Duration) {
    lastUsable = lastUsable.mapValues { $0 + pause }
  }

  /// What is stored next has identities above `id`.
  mutating func nextIdentities(after id: Int64) {
    nextID = id + 1
  }

  /// A commit has put these into the store.
  mutating func stored(
    _ contents: [OutboxEntry.Content],
    at now: Duration
  ) throws(BrokenPromise) {
    for content in contents {
      switch content {
      case .telemetry(let frame):
        frameCount += 1
        recentFrames.append(StoredFrame(frame: frame, moment: now))
        mix(UInt64(bitPattern: frame.timestamp.nanoseconds))
        for value in frame.values { mix(value.bitPattern) }
      case .output(let output):
        try take(output, at: now)
        guard output.isPublished else { continue }
      case .departed(let machine): throw BrokenPromise("\(machine.name) departed while it ran")
      }
      guard nextID > lastID else { throw BrokenPromise("identity \(nextID) is given again") }
      enter(content, as: nextID, of: plant, at: now)
      nextID += 1
    }
    givenUp.committed()
  }

  private mutating func enter(
    _ content: OutboxEntry.Content,
    as id: Int64,
    of plant: Plant,
    at now: Duration,
    isOfPresentSite: Bool = true
  ) {
    entries[id] = Entry(
      content: content,
      machine: plant.machine(of: content),
      channels: plant.channels(of: content),
      isOfPresentSite: isOfPresentSite,
      missing: readers,
      moment: now
    )
    givenUp.stored(id)
    lastID = max(lastID, id)
  }

  /// An advisory was put into words for people.
  mutating func read(_ text: String, of alert: Advisory) throws(BrokenPromise) {
    try ParisClock.check(alert, text)
    story.read(text, of: alert)
  }

  private mutating func take(_ output: PipelineOutput, at now: Duration) throws(BrokenPromise) {
    guard output.sequence == lastSequence + 1 else {
      throw BrokenPromise("output \(output.sequence) follows output \(lastSequence)")
    }
    lastSequence = output.sequence
    outputCount += 1
    mix(output.sequence)
    mix(UInt64(bitPattern: output.timestamp.nanoseconds))
    switch output.content {
    case .features, .state: break
    case .health(let health):
      guard (0...1).contains(health.grade), (0...1).contains(health.coverage) else {
        throw BrokenPromise("grade \(health.grade), coverage \(health.coverage)")
      }
    case .prognosis(let prognosis):
      prognosisCount += 1
      guard case .remainingLife(let life) = prognosis.outlook else { break }
      try check(life)
    case .advisory(let advisory):
      if let life = advisory.life { try check(life) }
      try take(advisory, at: now)
    }
  }

  private func check(_ life: RemainingLife) throws(BrokenPromise) {
    let hours = life.operatingHours
    guard hours.p10 <= hours.p50, hours.p50 <= hours.p90, hours.p10 >= 0,
      life.due.p10 <= life.due.p50, life.due.p50 <= life.due.p90
    else {
      throw BrokenPromise("remaining life is out of order: \(hours), \(life.due)")
    }
  }

  /// A step in the life of an alert.
  private mutating func take(_ advisory: Advisory, at now: Duration) throws(BrokenPromise) {
    let isForgiven = advisory.id <= forgivenAlert
    if let known = alerts[advisory.id], !(isForgiven && known.phase == .cleared) {
      guard known.asset == advisory.asset, known.findingClass == advisory.findingClass else {
        throw BrokenPromise("alert \(advisory.id) is about something else than before")
      }
      guard advisory.phase != .raised else {
        throw BrokenPromise("alert \(advisory.id) is raised a second time")
      }
      guard known.phase != .cleared || advisory.phase != .cleared else {
        throw BrokenPromise("alert \(advisory.id) is cleared a second time")
      }
    } else {
      guard advisory.phase == .raised || isForgiven else {
        throw BrokenPromise("alert \(advisory.id) is \(advisory.phase) and was never raised")
      }
      guard advisory.id > highestAlert || isForgiven else {
        throw BrokenPromise("alert \(advisory.id) follows alert \(highestAlert)")
      }
      alertCount += 1
      if !isForgiven { try checkEvidence(of: advisory, at: now) }
    }
    highestAlert = max(highestAlert, advisory.id)
    alerts[advisory.id] = advisory
    story.add(advisory.id, advisory.phase, at: advisory.timestamp)
  }

  /// An alert on a machine needs values of it that could be used, not long ago.
  private func checkEvidence(of alert: Advisory, at now: Duration) throws(BrokenPromise) {
    guard alert.findingClass == .machine else { return }
    for finding in alert.findings {
      let isFresh = lastUsable[finding.channel].map { now - $0 < .seconds(3_600) } ?? false
      guard isFresh else {
        throw BrokenPromise(
          "alert \(alert.id) on \(plant[finding.channel].name), which delivers nothing usable"
        )
      }
    }
  }

  // MARK: - What the medium has

  /// All that was stored so far is on the medium.
  mutating func becameDurable() {
    durableID = lastID
    durableSequence = lastSequence
    durableAlerts = alerts
    durableFrameCount = recentFrames.count
    givenUp.synced()
    let spare = recentFrames.count - 2_000
    guard spare > 1_000 else { return }
    recentFrames.removeFirst(spare)
    durableFrameCount -= spare
  }

  /// What a power cut may take now must be young.
  func checkUnsynced(since moment: Duration) throws(BrokenPromise) {
    let old = entries.filter { $0.key > durableID && $0.value.moment < moment }.keys.min()
    if let old { throw BrokenPromise("entry \(old) has waited for the medium since \(moment)") }
    if let frame = recentFrames.dropFirst(durableFrameCount).first, frame.moment < moment {
      throw BrokenPromise("\(frame.frame) has waited for the medium since \(frame.moment)")
    }
  }

  /// The run ended in order, and all is on the medium.
  mutating func closed() {
    givenUp.committed()
    becameDurable()
  }

  /// The run ended: what no commit, or no medium, knew of the brokers is forgotten.
  mutating func runEnded(cuttingPower: Bool, nothingBelow lowest: Int64) {
    givenUp.went(below: lowest)
    givenUp.ended(cuttingPower: cuttingPower)
  }

  /// The store counts so many entries as given up, and holds none below `lowest`.
  mutating func check(
    droppedCount: Int,
    nothingBelow lowest: @autoclosure () -> Int64
  ) throws(BrokenPromise) {
    // What goes unconfirmed counts at once.
    guard droppedCount != lastDroppedCount else { return }
    lastDroppedCount = droppedCount
    givenUp.went(below: lowest())
    guard droppedCount <= givenUp.mostCount else {
      throw BrokenPromise(
        "\(droppedCount) entries count as given up; told of none were \(givenUp.mostCount) at most"
      )
    }
  }

  /// Nobody knows any more what the store holds unconfirmed.
  mutating func countAnew(droppedCount: Int, waiting: Int) {
    givenUp.begin(at: droppedCount, waiting: waiting)
  }

  /// A damaged database was replaced by what could be read of it.
  mutating func forgetHistory(open: [Advisory]) {
    forgivenAlert = highestAlert
    alerts = [:]
    for alert in open { alerts[alert.id] = alert }
    durableAlerts = alerts
    recentFrames = []
    durableFrameCount = 0
  }

  /// The history holds what it holds, whatever was told.
  mutating func begin(with steps: [AlertStep]) {
    story.begin(with: steps, forgiving: forgivenAlert)
  }

  /// Values from before `moment` are too old to be kept.
  mutating func expire(before moment: Timestamp) {
    guard recentFrames.contains(where: { $0.frame.timestamp < moment }) else { return }
    durableFrameCount = recentFrames.prefix(durableFrameCount)
      .count { $0.frame.timestamp >= moment }
    recentFrames.removeAll { $0.frame.timestamp < moment }
  }

  /// After a start: the store still has `kept` of the entries above `durableID`; none may be missing
  /// if `isWhole`, because the power was not cut.
  mutating func resumed(keeping kept: Set<Int64>, isWhole: Bool) throws(BrokenPromise) {
    let uncertain = entries.filter { $0.key > durableID && !$0.value.missing.isEmpty }.keys
    let lost = uncertain.sorted().drop { kept.contains($0) }
    if let first = lost.first {
      if let strange = lost.first(where: { kept.contains($0) }) {
        throw BrokenPromise("entry \(strange) outlived entry \(first), which came before it")
      }
      guard !isWhole else {
        throw BrokenPromise("entry \(first) is gone, \(lost.count) in all, without a power cut")
      }
    }
    for id in lost {
      entries[id] = nil
      givenUp.lost(id)
    }
    if !isWhole { recentFrames.removeLast(recentFrames.count - durableFrameCount) }
  }

  /// After a start: an entry of a commit that seemed to fail.
  mutating func late(
    _ entry: OutboxEntry,
    of plant: Plant,
    at now: Duration
  ) throws(BrokenPromise) {
    enter(entry.content, as: entry.id, of: plant, at: now)
    guard case .output(let output) = entry.content else { return }
    lastSequence = output.sequence
    guard let advisory = output.advisory else { return }
    try take(advisory, at: now)
    durableAlerts = alerts
  }

  /// After a start: the core remembers outputs up to `sequence`, all of them if `isWhole`; it
  /// `forgives` a disk that lied.
  mutating func resumed(
    at sequence: UInt64,
    isWhole: Bool,
    forgives: Bool,
    mayKnowMore: Bool
  ) throws(BrokenPromise) {
    if mayKnowMore { lastSequence = max(lastSequence, sequence) }
    let least = isWhole ? lastSequence : durableSequence
    // What was made good after a lie may come on top of all that was said.
    guard forgives || (least...lastSequence).contains(sequence) else {
      throw BrokenPromise(
        "the core goes on at output \(sequence); said \(lastSequence), on the medium \(least)"
      )
    }
    guard isWhole || forgives || alerts == durableAlerts else {
      throw BrokenPromise("an alert was told before it was on the medium")
    }
    lastSequence = sequence
    becameDurable()
  }

  /// The disk lied: only what the store now shows is known.
  mutating func forget(to open: [Advisory], latest: Int64) {
    entries = [:]
    told = []
    forgivenThrough = max(forgivenThrough, latest)
    // Which identities it gave the store no longer knows either.
    lastID = latest
    // The others may come back.
    forgivenAlert = max(highestAlert, open.map(\.id).max() ?? 0)
    alerts = [:]
    for alert in open { alerts[alert.id] = alert }
    highestAlert = forgivenAlert
    recentFrames = []
    durableFrameCount = 0
    becameDurable()
  }

  /// The site changed: all alerts end, with their machine if it is gone, and the core counts anew.
  ///
  /// `news` came with the start. Unless it `isCertain` that no commit failed before, steps of alerts
  /// that nobody was told may have ended with their machine.
  mutating func siteChanged(
    to plant: Plant,
    news: [OutboxEntry],
    isCertain: Bool,
    at now: Duration
  ) throws(BrokenPromise) {
    let machines = Set(plant.assets.map(\.name))
    let channels = Set(plant.channels.map { plant.fullName(of: $0.id) })
    for id in entries.keys {
      entries[id]?.isOfPresentSite = false
      guard let entry = entries[id] else { continue }
      if !entry.channels.isEmpty, channels.isDisjoint(with: entry.channels) {
        givenUp.mayBePassedOver(id)
      }
      guard !machines.contains(entry.machine) else { continue }
      givenUp.mayBePassedOver(id)
      if case .departed = entry.content { continue }
      // Passed over, unless the machine is back before the broker is.
      entries[id]?.missing = []
      told.append(id)
    }
    for entry in news {
      switch entry.content {
      case .output(let output):
        guard let advisory = output.advisory, advisory.phase == .cleared else {
          throw BrokenPromise("entry \(entry.id) came with the change: \(entry.content)")
        }
        let machine = plant[advisory.asset].name
        try end(advisory.id, on: machine, at: advisory.timestamp, isCertain: isCertain)
      case .departed(let machine):
        guard !machines.contains(machine.name) else {
          throw BrokenPromise("\(machine.name) departed, and is there")
        }
        for alert in machine.alerts {
          guard let text = alert.text?.text, text.contains(machine.name) else {
            throw BrokenPromise("alert \(alert.id) ends without a reason")
          }
          try end(alert.id, on: machine.name, at: machine.timestamp, isCertain: isCertain)
        }
      case .telemetry: throw BrokenPromise("entry \(entry.id) came with the change")
      }
      enter(entry.content, as: entry.id, of: plant, at: now, isOfPresentSite: false)
    }
    guard openAlerts.isEmpty || !isCertain else {
      throw BrokenPromise("alerts \(openAlerts) go on although the site changed")
    }
    if self.plant != plant {
      recentFrames = []
      lastUsable = [:]
    }
    self.plant = plant
    lastSequence = 0
    // All have ended, and numbers of machines may mean others now.
    alerts = [:]
    becameDurable()
  }

  private mutating func end(
    _ alert: UInt64,
    on machine: String,
    at moment: Timestamp,
    isCertain: Bool
  ) throws(BrokenPromise) {
    let isOpen = alerts[alert].map {
      $0.phase != .cleared && plant[$0.asset].name == machine
    }
    guard isOpen ?? !isCertain else {
      throw BrokenPromise("alert \(alert) of \(machine) ends with the change, and was not open")
    }
    alerts[alert]?.phase = .cleared
    story.add(alert, .cleared, at: moment)
  }

  /// The alerts that are open, by number.
  var openAlerts: [UInt64] {
    alerts.values.filter { $0.phase != .cleared }.map(\.id).sorted()
  }

  /// The store must hold the same alerts open as were told.
  func check(open: [Advisory], of whom: String) throws(BrokenPromise) {
    let ids = open.map(\.id).sorted()
    guard ids == openAlerts else {
      throw BrokenPromise("\(whom) holds alerts \(ids) open; told are \(openAlerts)")
    }
  }

  // MARK: - What the broker has

  /// The outbox has handed out entries for a reader.
  func fetched(_ found: [OutboxEntry], by reader: String) throws(BrokenPromise) {
    for entry in found {
      guard let known = entries[entry.id] else {
        if entry.id <= forgivenThrough { continue }
        throw BrokenPromise(
          "\(reader): entry \(entry.id) comes from the outbox and was never stored "
            + "(newest \(lastID), on the medium \(durableID)): \(entry.content)"
        )
      }
      guard !known.isOfPresentSite || known.content == entry.content else {
        throw BrokenPromise(
          "\(reader): entry \(entry.id) was stored as \(known.content) and comes as \(entry.content)"
        )
      }
    }
  }

  /// Whether the broker need not hear of an entry: a machine that left the site and came back, or one
  /// of a time of which nobody knows any more.
  func mayBeSilent(_ id: Int64) -> Bool {
    guard let entry = entries[id] else { return id <= forgivenThrough }
    guard case .departed(let machine) = entry.content else { return false }
    return machine.alerts.isEmpty && plant.assets.contains { $0.name == machine.name }
  }

  /// The outbox was told that a broker has these.
  mutating func acknowledged(_ ids: [Int64], by reader: String) throws(BrokenPromise) {
    for id in ids where entries[id]?.missing.contains(reader) ?? false {
      throw BrokenPromise("\(reader): entry \(id) counts as told, and the broker does not have it")
    }
    givenUp.confirmed(ids, by: reader)
  }

  /// The broker has these entries.
  mutating func taken(_ ids: [Int64], by reader: String) throws(BrokenPromise) {
    for id in ids {
      if id > durableID, let content = entries[id]?.content, content.isAboutAlerts {
        throw BrokenPromise(
          "entry \(id) is with the broker and not on the medium (\(durableID)): \(content)"
        )
      }
      guard entries[id]?.missing.remove(reader) != nil else { continue }
      if entries[id]?.missing.isEmpty ?? false { told.append(id) }
    }
  }

  /// A commit has put on the medium what the brokers have: none of that is told again.
  mutating func forgetTold() {
    guard told.count > 8_000 else { return }
    for id in told.prefix(4_000) { entries[id] = nil }
    told.removeFirst(4_000)
  }

  /// Entries that a reader's broker still lacks.
  func lacking(_ reader: String) -> [Int64] {
    entries.filter { $0.value.missing.contains(reader) }.keys.sorted()
  }

  /// Gives up entries, because the store says that it dropped them.
  mutating func dropped(_ ids: [Int64]) {
    for id in ids { entries[id] = nil }
  }

  private mutating func mix(_ value: UInt64) {
    checksum = (checksum ^ value) &* 0x0000_0100_0000_01B3
  }
}

extension PipelineOutput {
  /// Whether it has a place in the outbox.
  var isPublished: Bool {
    switch content {
    case .features, .state: false
    case .health, .prognosis, .advisory: true
    }
  }
}

extension Plant {
  fileprivate func machine(of content: OutboxEntry.Content) -> String {
    switch content {
    case .telemetry(let frame): self[frame.asset].name
    case .output(let output): self[output.asset].name
    case .departed(let machine): machine.name
    }
  }

  fileprivate func channels(of content: OutboxEntry.Content) -> [String] {
    switch content {
    case .telemetry(let frame): frame.channels.map(fullName)
    case .output(let output):
      if case .prognosis(let prognosis) = output.content,
        case .remainingLife(let life) = prognosis.outlook, let indicator = life.indicator
      {
        [fullName(of: indicator.channel)]
      } else {
        []
      }
    case .departed: []
    }
  }

  fileprivate func fullName(of channel: ChannelID) -> String {
    "\(self[self[channel].asset].name)/\(self[channel].name)"
  }
}

extension OutboxEntry.Content {
  var endsAlerts: Bool {
    switch self {
    case .telemetry: false
    case .output(let output): output.advisory?.phase == .cleared
    case .departed: true
    }
  }

  var isAboutAlerts: Bool {
    switch self {
    case .telemetry: false
    case .output(let output): output.advisory != nil
    case .departed: true
    }
  }
}
