package import ConditionModel

/// The agent as a Sparkplug B 3.0 edge node, its machines as devices: rules only, no socket.
///
/// | message | says |
/// |---|---|
/// | NBIRTH | the node is there: `bdSeq`, `Node Control/Rebirth`, and `Node Control/Command` where the site file allows commands |
/// | DBIRTH | a machine with all its tags: each channel by location and point, then health, alerts, remaining life |
/// | DDATA | tags that changed, by alias; what was stored before the first birth goes out as historical |
/// | DDEATH | no device of the machine answers for three of its periods, ten seconds at least |
/// | NDEATH | the node is gone: also the last will |
///
/// Every machine is born, so that its tags are there; one that does not answer dies when its history
/// is told. A tag's property `Quality` is 192 for good, 0 for bad or doubtful, 500 where the device
/// is silent and the value only the last one known; `Reason` says more.
package struct SparkplugSession: Publication {
  private enum Phase {
    case offline
    /// Connected; the primary host has not said that it is there.
    case waiting(since: Timestamp)
    case born
  }

  /// How long a device may go without an answer, and for how many periods if they are longer.
  private static let patience = (least: Duration.seconds(10), periods: 3)
  /// How long a broker may leave us without word of the primary host while there are others.
  private static let hostPatience = Duration.seconds(30)
  /// Of two nodes of one name, the one whose births are younger than this gives way.
  private static let youth = Duration.seconds(10)

  private let settings: SparkplugSettings
  private let plant: Plant
  private let wording: @Sendable (Advisory) -> AdvisoryText
  /// The channels of each machine.
  private let channels: [[ChannelID]]
  private var gate: CommandGate

  private var phase = Phase.offline
  /// `bdSeq` of the present connection.
  private var birthNumber: UInt8
  /// Whether a broker may have seen `birthNumber`.
  private var isBirthNumberUsed = true
  private var nextSequence: UInt8 = 0
  private var hostTimestamp: UInt64?
  private var isTellingHistory = false
  /// When the first births of the connection were said.
  private var birthTime = Timestamp(nanoseconds: .min)
  /// When another node of this name was last answered with births.
  private var answerTime: Timestamp?
  /// The births of this node on the present connection, which the broker sends back to it.
  private var ownBirths: [[UInt8]] = []

  /// The number of the latest output that was observed, and of the latest that the first births of the
  /// connection told.
  private var latestSequence: UInt64 = 0
  private var bornSequence: UInt64 = 0

  /// The newest reading of each channel, and the one told last.
  private var newest: [Reading?]
  private var told: [Reading?]
  /// The one told last as history on this connection: what an earlier one told may be lost.
  private var recalled: [Reading?]
  private var machines: [Machine]
  private var devices: [Device]
  /// By channel: the place of its device in `devices`.
  private let deviceOfChannel: [Int]

  private struct Machine {
    var isBorn = false
    /// The places of its devices in `devices`.
    var devices: [Int] = []
    var newest = MachineTags()
    var told = MachineTags()
    /// As of the history that was told, and which of it was told on this connection.
    var recalled = MachineTags()
    var recalledGroups: Set<MachineTags.Group> = []
  }

  private struct Device {
    var asset: AssetID
    var number: UInt16
    /// How long it may be without an answer.
    var patience: Duration
    /// When it last answered, and when it was last asked; `nil` before the first question.
    var lastAnswer: Timestamp?
    var lastFrame: Timestamp?

    mutating func take(_ reading: Reading) {
      lastFrame = reading.timestamp
      // Until it answers, the first question counts.
      if !reading.quality.isSilence || lastAnswer == nil { lastAnswer = reading.timestamp }
    }

    var isSilent: Bool {
      guard let lastFrame, let lastAnswer else { return false }
      return lastFrame - lastAnswer >= patience
    }
  }

  /// - Parameters:
  ///   - settings: Names and habits.
  ///   - plant: The machines and channels.
  ///   - gate: Which commands are taken up.
  ///   - openAlerts: The alerts that were open when the program started.
  ///   - lastBirthNumber: `memory` at the end of the last run; 255 before the first.
  ///   - wording: What people read about an alert.
  package init(
    settings: SparkplugSettings,
    plant: Plant,
    gate: CommandGate = CommandGate(allowed: [.rebirth]),
    openAlerts: [PipelineOutput] = [],
    lastBirthNumber: UInt8 = 255,
    wording: @escaping @Sendable (Advisory) -> AdvisoryText
  ) {
    self.settings = settings
    self.plant = plant
    self.gate = gate
    self.wording = wording
    birthNumber = lastBirthNumber
    channels = plant.assets.map { asset in
      plant.channels.filter { $0.asset == asset.id }.map(\.id)
    }
    newest = Array(repeating: nil, count: plant.channels.count)
    told = newest
    recalled = newest
    machines = plant.assets.map { _ in Machine() }
    devices = []
    var places: [Int] = []
    for channel in plant.channels {
      let known = devices.firstIndex { $0.asset == channel.asset && $0.number == channel.device }
      places.append(known ?? devices.count)
      if known != nil { continue }
      let period = settings.periods[channel.device] ?? .zero
      machines[Int(channel.asset.index)].devices.append(devices.count)
      devices.append(
        Device(
          asset: channel.asset,
          number: channel.device,
          patience: max(Self.patience.least, period * Self.patience.periods)
        )
      )
    }
    deviceOfChannel = places
    for output in openAlerts {
      guard case .advisory(let advisory) = output.content else { continue }
      let place = Int(advisory.asset.index)
      latestSequence = max(latestSequence, output.sequence)
      _ = machines[place].newest.take(output.content)
      _ = machines[place].recalled.take(output.content)
    }
  }

  // MARK: - The connection

  package var memory: UInt8 { birthNumber }
  package var counts: CommandCounts { gate.counts }

  package var asksForWill: Bool { true }

  package var subscriptions: [String] {
    [topic("NCMD"), topic("NBIRTH")] + (settings.primaryHost.map { ["spBv1.0/STATE/\($0)"] } ?? [])
  }

  package var isReady: Bool {
    if case .born = phase { true } else { false }
  }

  package mutating func connecting(at now: Timestamp) -> Message {
    if isBirthNumberUsed {
      birthNumber &+= 1
      isBirthNumberUsed = false
    }
    return death(at: now)
  }

  package mutating func connected(at now: Timestamp) -> [PublicationStep] {
    isBirthNumberUsed = true
    hostTimestamp = nil
    ownBirths = []
    answerTime = nil
    guard settings.primaryHost != nil else { return births(at: now).map { .send($0) } }
    phase = .waiting(since: now)
    return []
  }

  package mutating func disconnected(wasHeard: Bool) {
    if wasHeard { isBirthNumberUsed = true }
    guard isReady else {
      phase = .offline
      return
    }
    phase = .offline
    // What follows from here on is told as history after the next births, and with it again what
    // nobody confirmed: of each tag the first is told, whatever was told of it before.
    recalled = Array(repeating: nil, count: recalled.count)
    for index in machines.indices {
      machines[index].recalled = machines[index].told
      machines[index].recalledGroups = []
      machines[index].isBorn = false
    }
  }

  package func farewell(at now: Timestamp) -> Message { death(at: now) }

  package mutating func advance(to now: Timestamp) -> [PublicationStep] {
    if isReady, gate.takeOwedRebirth(at: now) { return births(at: now).map { .send($0) } }
    guard case .waiting(let since) = phase, settings.brokerCount > 1, hostTimestamp == nil,
      now - since >= Self.hostPatience
    else { return [] }
    return [.leave(reason: "no word of the primary host here")]
  }

  package mutating func report(_ json: String, at now: Timestamp) -> [Message] { [] }

  // MARK: - What is heard

  package mutating func received(
    _ message: ReceivedMessage,
    at now: Timestamp
  ) -> [PublicationStep] {
    if let host = settings.primaryHost, message.topic == "spBv1.0/STATE/\(host)" {
      return take(HostState(message.payload), at: now)
    }
    if message.topic == topic("NBIRTH") {
      return message.isRetained ? [] : hearBirth(message.payload, at: now)
    }
    guard gate.admits(message) else { return [] }
    guard message.topic == topic("NCMD") else {
      gate.countForeign()
      return []
    }
    guard let payload = try? SparkplugPayload(decoding: message.payload), !payload.metrics.isEmpty
    else {
      gate.countMalformed()
      return []
    }
    var steps: [PublicationStep] = []
    for metric in payload.metrics {
      switch (metric.name, metric.value) {
      case ("Node Control/Rebirth", .boolean(false)): break
      case ("Node Control/Rebirth", .boolean(true)):
        if isReady, gate.takeRebirth(at: now) { steps += births(at: now).map { .send($0) } }
      case ("Node Control/Rebirth", _): gate.countMalformed()
      case ("Node Control/Command", .string(let text)):
        if let command = gate.command(in: Array(text.utf8), at: now) {
          steps.append(.command(command))
        }
      default: gate.countForeign()
      }
    }
    return steps
  }

  /// Hears that somebody is the node `group/node`, which may be ourselves.
  ///
  /// Beside a second node of the same name no host can tell whose values it sees
  /// (topic-structure-namespace-unique-edge-node-descriptor). The one that was there first says so
  /// with new births; the other keeps away.
  private mutating func hearBirth(_ payload: [UInt8], at now: Timestamp) -> [PublicationStep] {
    guard isReady, !ownBirths.contains(payload) else { return [] }
    // One who does not give way after the answer was there as long: two such would answer for ever.
    let isYoung = [birthTime, answerTime].contains { time in
      time.map { now - $0 < Self.youth } ?? false
    }
    if !isYoung {
      answerTime = now
      return births(at: now).map { .send($0) }
    }
    return [
      .yield(
        reason: """
          another Sparkplug node is called '\(settings.group)/\(settings.node)' here; give each \
          gateway a node name of its own. The next attempt comes in minutes
          """
      )
    ]
  }

  /// Follows the primary host; one that was never there is waited for.
  private mutating func take(_ state: HostState?, at now: Timestamp) -> [PublicationStep] {
    guard let state, state.timestamp >= hostTimestamp ?? 0 else { return [] }
    hostTimestamp = state.timestamp
    switch (phase, state.online) {
    case (.waiting, true): return births(at: now).map { .send($0) }
    case (.born, false): return [.leave(reason: "the primary host is offline")]
    case (.waiting, false):
      return settings.brokerCount > 1 ? [.leave(reason: "the primary host is offline here")] : []
    case (.born, true), (.offline, _): return []
    }
  }

  // MARK: - What is told

  package mutating func observe(_ content: OutboxEntry.Content) {
    switch content {
    case .telemetry(let frame): observe(frame)
    case .output(let output):
      latestSequence = max(latestSequence, output.sequence)
      if case .features(let frame) = output.content {
        observe(frame)
      } else {
        _ = machines[Int(output.asset.index)].newest.take(output.content)
      }
    case .departed: break
    }
  }

  private mutating func observe(_ frame: Frame) {
    for (channel, reading) in readings(of: frame) {
      newest[channel] = reading
      devices[deviceOfChannel[channel]].take(reading)
    }
  }

  package mutating func publish(
    _ entry: OutboxEntry,
    isPast: Bool,
    at now: Timestamp
  ) -> [Message] {
    let asset: AssetID
    switch entry.content {
    case .telemetry(let frame): asset = frame.asset
    case .output(let output): asset = output.asset
    // The birth of the node ended all devices; this one had none since.
    case .departed: return []
    }
    let wasBorn = machines[Int(asset.index)].isBorn
    let metrics: [SparkplugMetric]
    switch entry.content {
    case .telemetry(let frame): metrics = changes(in: frame, isPast: isPast)
    case .output(let output): metrics = changes(in: output, isPast: isPast)
    case .departed: metrics = []
    }
    var messages = lifeAndDeath(of: asset, at: now)
    // A birth has said it; a machine that is dead says nothing.
    if wasBorn, machines[Int(asset.index)].isBorn, !metrics.isEmpty {
      messages.append(deviceMessage("DDATA", asset, metrics, at: now))
    }
    return messages
  }

  package mutating func historyEnded(at now: Timestamp) -> [Message] {
    isTellingHistory = false
    return plant.assets.flatMap { lifeAndDeath(of: $0.id, at: now) }
  }

  /// The readings of a frame that are worth telling.
  private mutating func changes(in frame: Frame, isPast: Bool) -> [SparkplugMetric] {
    var metrics: [SparkplugMetric] = []
    for (channel, reading) in readings(of: frame) {
      let band = band(of: channel)
      if isPast {
        let last = recalled[channel]
        guard last?.isOutdated(by: reading, band: band, settings) ?? true else { continue }
        recalled[channel] = reading
        metrics.append(metric(channel, reading, isHistorical: true))
      } else {
        // It may be read from the store before word of it came.
        let device = deviceOfChannel[channel]
        if devices[device].lastFrame.map({ $0 <= reading.timestamp }) ?? true {
          devices[device].take(reading)
        }
        let last = told[channel]
        guard last?.isOutdated(by: reading, band: band, settings) ?? true else { continue }
        told[channel] = reading
        metrics.append(metric(channel, reading))
      }
    }
    return metrics
  }

  /// The tags of a machine that an output changes.
  private mutating func changes(in output: PipelineOutput, isPast: Bool) -> [SparkplugMetric] {
    let place = Int(output.asset.index)
    // Stored between the births and the first look into the store: no birth has said it.
    let isNew = output.sequence > bornSequence && output.timestamp >= birthTime
    let isHistorical = isPast && !isNew
    let old = isHistorical ? machines[place].recalled : machines[place].told
    var fresh = old
    guard let group = fresh.take(output.content) else { return [] }
    var isFirst = false
    if isHistorical {
      machines[place].recalled = fresh
      isFirst = machines[place].recalledGroups.insert(group).inserted
    } else {
      machines[place].told = fresh
    }
    return group.tags.compactMap { code in
      guard let tag = MachineTags.Tag(rawValue: code) else { return nil }
      let value = fresh.value(of: tag, wording: wording)
      guard isFirst || value != old.value(of: tag, wording: wording) else { return nil }
      return SparkplugMetric(
        alias: alias(tag, place),
        timestamp: output.timestamp,
        isHistorical: isHistorical,
        value: value
      )
    }
  }

  /// A birth or death of a machine, when it is due.
  private mutating func lifeAndDeath(of asset: AssetID, at now: Timestamp) -> [Message] {
    let machine = machines[Int(asset.index)]
    guard isReady else { return [] }
    switch (machine.isBorn, isLost(machine)) {
    case (true, true) where !isTellingHistory:
      machines[Int(asset.index)].isBorn = false
      return [deviceMessage("DDEATH", asset, [], at: now)]
    case (false, false): return [birth(of: asset, at: now)]
    default: return []
    }
  }

  /// Whether all devices of a machine that are asked at all are silent, each by its own period.
  private func isLost(_ machine: Machine) -> Bool {
    let asked = machine.devices.lazy.map { devices[$0] }.filter { $0.lastFrame != nil }
    return !asked.isEmpty && asked.allSatisfy(\.isSilent)
  }

  // MARK: - Births and deaths

  private mutating func births(at now: Timestamp) -> [Message] {
    if !isReady {
      // Whoever does not answer dies as soon as what happened before is told.
      isTellingHistory = true
      // Later births leave it: of two nodes of one name the one that was first stays it.
      birthTime = now
      bornSequence = latestSequence
      // What is so now; later births show what was told since, and the rest follows.
      told = newest
      for index in machines.indices { machines[index].told = machines[index].newest }
    }
    phase = .born
    nextSequence = 0
    var metrics = [
      bdSeq(at: now),
      SparkplugMetric(
        name: "Node Control/Rebirth",
        timestamp: now,
        dataType: .boolean,
        value: .boolean(false)
      ),
    ]
    if gate.acceptsRequests {
      metrics.append(
        SparkplugMetric(
          name: "Node Control/Command",
          timestamp: now,
          dataType: .string,
          value: .string("")
        )
      )
    }
    let nodeBirth = message(topic("NBIRTH"), metrics, at: now)
    // More are not on their way: a rebirth comes once a second at most.
    if ownBirths.count == 16 { ownBirths.removeFirst() }
    ownBirths.append(nodeBirth.payload)
    gate.rebirthIsDone()
    return [nodeBirth]
      + plant.assets.map { birth(of: $0.id, at: now) }
      + plant.assets.flatMap { lifeAndDeath(of: $0.id, at: now) }
  }

  private mutating func birth(of asset: AssetID, at now: Timestamp) -> Message {
    let place = Int(asset.index)
    machines[place].isBorn = true
    var metrics = channels[place].map { id in
      let channel = Int(id.index)
      var metric = metric(channel, told[channel], at: now)
      metric.name = plant[id].name
      metric.dataType = .double
      metric.properties.insert(.init("engUnit", .string(plant[id].unit)), at: 0)
      if let range = range(of: channel) {
        metric.properties.insert(.init("engLow", .double(range.lowerBound)), at: 1)
        metric.properties.insert(.init("engHigh", .double(range.upperBound)), at: 2)
      }
      return metric
    }
    for group in MachineTags.Group.allCases {
      let time = machines[place].told.timestamp(of: group) ?? now
      metrics += group.tags.compactMap { MachineTags.Tag(rawValue: $0) }.map { tag in
        SparkplugMetric(
          name: tag.name,
          alias: alias(tag, place),
          timestamp: time,
          dataType: tag.dataType,
          value: machines[place].told.value(of: tag, wording: wording),
          properties: tag.properties
        )
      }
    }
    // In the order of time, as hosts may ask for; the sort is stable by the index.
    let order = metrics.indices.sorted { one, other in
      let (first, second) = (metrics[one].timestamp ?? now, metrics[other].timestamp ?? now)
      return (first, one) < (second, other)
    }
    return deviceMessage("DBIRTH", asset, order.map { metrics[$0] }, at: now)
  }

  private func death(at now: Timestamp) -> Message {
    let payload = SparkplugPayload(timestamp: now, metrics: [bdSeq(at: now)])
    return Message(topic: topic("NDEATH"), payload: payload.encoded, isRetained: false)
  }

  private func bdSeq(at now: Timestamp) -> SparkplugMetric {
    SparkplugMetric(
      name: "bdSeq",
      timestamp: now,
      dataType: .int64,
      value: .int64(Int64(birthNumber))
    )
  }

  // MARK: - Parts

  private func readings(of frame: Frame) -> some Sequence<(channel: Int, reading: Reading)> {
    frame.channels.indices.lazy.map { index in
      let value = frame.values[index]
      // A number that is none cannot have been read well, whatever was said about it.
      let isNumber = value.isFinite || !frame.qualities[index].isUsable
      let quality = isNumber ? frame.qualities[index] : .bad(.notANumber)
      let reading = Reading(value: value, quality: quality, timestamp: frame.timestamp)
      return (Int(frame.channels[index].index), reading)
    }
  }

  private func metric(
    _ channel: Int,
    _ reading: Reading?,
    at now: Timestamp? = nil,
    isHistorical: Bool = false
  ) -> SparkplugMetric {
    let quality = reading?.quality
    var metric = SparkplugMetric(
      alias: UInt64(channel) + 1,
      timestamp: reading?.timestamp ?? now,
      isHistorical: isHistorical,
      value: quality?.isUsable == true ? reading.map { .double($0.value) } : nil
    )
    metric.properties.append(.init("Quality", .int32(quality?.sparkplugCode ?? 500)))
    if let reason = quality?.reason { metric.properties.append(.init("Reason", .string(reason))) }
    return metric
  }

  /// The change of a channel that counts, where its range is known.
  private func band(of channel: Int) -> Double? {
    range(of: channel).map { ($0.upperBound - $0.lowerBound) * settings.deadband }
  }

  private func range(of channel: Int) -> ClosedRange<Double>? {
    settings.ranges.indices.contains(channel) ? settings.ranges[channel] : nil
  }

  /// Aliases of tags lie above those of channels, sixteen for each machine.
  private func alias(_ tag: MachineTags.Tag, _ place: Int) -> UInt64 {
    1 << 20 + UInt64(place) << 4 + tag.rawValue
  }

  private mutating func deviceMessage(
    _ type: String,
    _ asset: AssetID,
    _ metrics: [SparkplugMetric],
    at now: Timestamp
  ) -> Message {
    message("\(topic(type))/\(plant[asset].name)", metrics, at: now)
  }

  private mutating func message(
    _ topic: String,
    _ metrics: [SparkplugMetric],
    at now: Timestamp
  ) -> Message {
    let payload = SparkplugPayload(timestamp: now, metrics: metrics, sequence: nextSequence)
    nextSequence &+= 1
    return Message(
      topic: topic,
      payload: payload.encoded,
      isRetained: false,
      isAcknowledged: false
    )
  }

  private func topic(_ type: String) -> String {
    "spBv1.0/\(settings.group)/\(type)/\(settings.node)"
  }
}

extension Quality {
  /// 192 good; 0 bad, and what must not be trusted; 500 stale: the device is silent.
  fileprivate var sparkplugCode: Int32 {
    if self == .good { return 192 }
    return isSilence ? 500 : 0
  }

  /// Whether nothing came from the device.
  fileprivate var isSilence: Bool {
    guard case .bad(let fault) = self else { return false }
    switch fault {
    case .noAnswer, .notReachable, .damagedAnswer, .notConnected: return true
    case .noSuchAddress, .refused, .busy, .invalidCode, .notANumber, .tornBlock, .notApplicable:
      return false
    }
  }
}
