package import ConditionModel

/// Turns entries of the outbox into topics and JSON.
///
/// | topic below `vigie/<site>/<gateway>/` | retained | what |
/// |---|---|---|
/// | `status` | yes, and last will | whether the agent is there, and how it is |
/// | `<machine>/telemetry` | no | the values of a machine at an instant |
/// | `<machine>/health` | yes | state, grade and findings of a machine |
/// | `<machine>/alert/<number>` | while open | an alert with its words |
///
/// The published form is `deploy/schema/mqtt.schema.json`. Each message carries a version of that
/// form (`schema`), and an identity (`id`) that is the same when it has to be sent again.
package struct MessageRenderer: Sendable {
  private let plant: Plant
  private let wording: @Sendable (Advisory) -> AdvisoryText
  private let base: String
  /// Everything about a value that does not change, up to its time.
  private let channelPrefixes: [[UInt8]]
  private let machinePrefixes: [[UInt8]]

  /// - Parameters:
  ///   - plant: The names and units behind the numbers.
  ///   - wording: What people read about an alert.
  package init(plant: Plant, wording: @escaping @Sendable (Advisory) -> AdvisoryText) {
    self.plant = plant
    self.wording = wording
    base = "vigie/\(plant.site)/\(plant.gateway)"
    channelPrefixes = plant.channels.map { channel in
      var writer = JSONWriter()
      writer.appendQuoted(channel.name)
      writer.append(":{\"unit\":")
      writer.appendQuoted(channel.unit)
      writer.append(",\"time\":")
      return writer.bytes
    }
    machinePrefixes = plant.assets.map { asset in
      var writer = JSONWriter()
      writer.string("site", plant.site)
      writer.string("gateway", plant.gateway)
      writer.string("machine", asset.name)
      return writer.bytes
    }
  }

  package var statusTopic: String { "\(base)/status" }

  /// What the broker remembers of machines, as filters.
  package var rememberedTopics: [String] {
    ["health", "prognosis", "alert/+"].map { "\(base)/+/\($0)" }
  }

  /// The machine of which a topic of `rememberedTopics` speaks; `nil` for others.
  package func machine(ofRemembered topic: String) -> Substring? {
    guard topic.hasPrefix("\(base)/") else { return nil }
    let rest = Substring(topic.utf8.dropFirst(base.utf8.count + 1))
    let levels = rest.split(separator: "/", omittingEmptySubsequences: false)
    switch levels.count {
    case 2 where levels[1] == "health" || levels[1] == "prognosis": return levels[0]
    case 3 where levels[1] == "alert": return levels[0]
    default: return nil
    }
  }

  /// The messages that say `output`; none for changes of state, which travel in health and alerts,
  /// nor for features, which are telemetry.
  ///
  /// - Parameters:
  ///   - output: What the core said.
  ///   - isHistory: Whether something newer may have been published already.
  /// - Returns: The messages in the order in which they must be sent.
  package func messages(for output: PipelineOutput, isHistory: Bool = false) -> [Message] {
    let identity = Identity(
      text: "output-\(output.sequence)-\(output.timestamp.nanoseconds)",
      isHistory: isHistory
    )
    return switch output.content {
    case .features, .state: []
    case .health(let report): [health(report, identity)]
    case .prognosis(let prognosis): [self.prognosis(prognosis, identity)]
    case .advisory(let advisory): alert(advisory, identity)
    }
  }

  /// The messages that end what the broker remembers of a machine: each of its alerts is said to be
  /// over, once, and then taken from the broker's memory like the rest.
  ///
  /// - Parameters:
  ///   - machine: Is not in the site file; one that came back keeps the rest.
  ///   - isHistory: Whether something newer may have been published already.
  /// - Returns: The messages in the order in which they must be sent; none for a machine that came back
  ///   and had no alerts.
  package func messages(for machine: DepartedMachine, isHistory: Bool = false) -> [Message] {
    let topic = "\(base)/\(machine.name)"
    var messages = machine.alerts.flatMap { alert in
      [
        end(of: alert, machine, "\(topic)/alert/\(alert.id)", isHistory: isHistory),
        Message(topic: "\(topic)/alert/\(alert.id)", payload: [], isRetained: true),
      ]
    }
    let isBack = plant.assets.contains { $0.name == machine.name }
    for leaf in ["health", "prognosis"] where !isBack {
      messages.append(Message(topic: "\(topic)/\(leaf)", payload: [], isRetained: true))
    }
    return messages
  }

  private func end(
    of alert: DepartedMachine.Alert,
    _ machine: DepartedMachine,
    _ topic: String,
    isHistory: Bool
  ) -> Message {
    var writer = JSONWriter(capacity: 512)
    writer.object { json in
      json.integer("schema", 1)
      json.string("type", "alert")
      json.string("id", "departed-\(alert.id)-\(machine.timestamp.nanoseconds)")
      if isHistory { json.boolean("historical", true) }
      json.string("site", plant.site)
      json.string("gateway", plant.gateway)
      json.string("machine", machine.name)
      json.integer("alert", alert.id)
      json.string("time", machine.timestamp.description)
      json.string("since", alert.since.description)
      json.string("location", alert.location)
      json.string("class", alert.findingClass.rawValue)
      json.string("phase", Advisory.Phase.cleared.rawValue)
      json.string("priority", alert.priority.word)
      json.boolean("acknowledged", alert.isAcknowledged)
      json.string("language", (alert.text?.language ?? .english).rawValue)
      json.string("title", alert.text?.title ?? "")
      json.string("text", alert.text?.text ?? "")
      append([], [], to: &json)
      json.array("unmoved", [ChannelID]()) { _, _ in }
    }
    return Message(topic: topic, payload: writer.bytes, isRetained: false)
  }

  /// Whether the agent is there.
  ///
  /// - Parameters:
  ///   - state: `online` or `offline`.
  ///   - reason: Why it is offline.
  ///   - time: Now; for a last will the time at which the connection was made.
  ///   - agent: What the agent says about itself, a JSON object.
  /// - Returns: The retained message.
  package func status(
    _ state: AgentState,
    reason: String? = nil,
    time: Timestamp,
    agent: String? = nil
  ) -> Message {
    var writer = JSONWriter()
    writer.object { json in
      json.integer("schema", 1)
      json.string("type", "status")
      json.string("site", plant.site)
      json.string("gateway", plant.gateway)
      json.string("state", state.rawValue)
      json.optional("reason", reason)
      json.string("time", time.description)
      if let agent = agent { json.begin(with: Array("\"agent\":\(agent)".utf8)) }
    }
    return Message(topic: statusTopic, payload: writer.bytes, isRetained: true)
  }

  package enum AgentState: String, Sendable {
    case online
    case offline
  }

  // MARK: - Telemetry

  /// The values of a machine at an instant.
  ///
  /// - Parameters:
  ///   - frame: The values.
  ///   - id: Of the entry in the outbox.
  ///   - isHistory: Whether something newer may have been published already.
  /// - Returns: A message that is not retained.
  package func telemetry(_ frame: Frame, id: Int64, isHistory: Bool = false) -> Message {
    let time = Array("\"\(frame.timestamp)\"".utf8)
    var writer = JSONWriter(capacity: 256 + frame.channels.count * 128)
    writer.object { json in
      let identity = Identity(text: "frame-\(id)", isHistory: isHistory)
      begin(&json, "telemetry", identity, frame.asset)
      json.begin(with: Array("\"time\":".utf8))
      json.append(time)
      json.object("values") { json in
        for (index, channel) in frame.channels.enumerated() {
          json.begin(with: channelPrefixes[Int(channel.index)])
          json.append(time)
          json.append(",\"value\":")
          append(frame.values[index], frame.qualities[index], to: &json)
        }
      }
    }
    return message(frame.asset, "telemetry", writer, isRetained: false)
  }

  /// Ends a member of `values`.
  private func append(_ value: Double, _ quality: Quality, to json: inout JSONWriter) {
    // A number that is none cannot have been read well, whatever was said about it.
    let quality = value.isFinite || !quality.isUsable ? quality : .bad(.notANumber)
    json.append(quality.isUsable ? value : nil)
    if quality == .good {
      json.append(",\"quality\":\"good\"}")
    } else {
      json.string("quality", quality.word)
      json.optional("reason", quality.reason)
      json.append("}")
    }
  }

  // MARK: - Health and alerts

  private func health(_ report: HealthReport, _ identity: Identity) -> Message {
    var writer = JSONWriter(capacity: 1_024)
    writer.object { json in
      begin(&json, "health", identity, report.asset)
      json.string("time", report.timestamp.description)
      json.string("state", report.state.word)
      json.number("grade", report.grade)
      json.boolean("running", report.isRunning)
      json.number("coverage", report.coverage)
      append(report.findings, report.suspects, to: &json)
      if let diagnoses = report.diagnoses { append(diagnoses, to: &json) }
    }
    return message(report.asset, "health", writer, isRetained: true)
  }

  private func prognosis(_ prognosis: Prognosis, _ identity: Identity) -> Message {
    var writer = JSONWriter(capacity: 512)
    writer.object { json in
      begin(&json, "prognosis", identity, prognosis.asset)
      json.string("time", prognosis.timestamp.description)
      switch prognosis.outlook {
      case .noTrend(let reason):
        json.string("outlook", "no trend")
        json.string("reason", reason.rawValue)
        json.optional("modelSetAside", prognosis.modelDoubt?.description)
      case .remainingLife(let life):
        json.string("outlook", "remaining life")
        append(life, to: &json)
      }
    }
    return message(prognosis.asset, "prognosis", writer, isRetained: true)
  }

  private func append(_ life: RemainingLife, to json: inout JSONWriter) {
    json.object("operatingHours") { json in
      json.number("p10", life.operatingHours.p10)
      json.number("p50", life.operatingHours.p50)
      json.number("p90", life.operatingHours.p90)
    }
    json.object("due") { json in
      json.string("p10", life.due.p10.description)
      json.string("p50", life.due.p50.description)
      json.string("p90", life.due.p90.description)
    }
    if let indicator = life.indicator {
      json.string("channel", plant[indicator.channel].name)
      json.string("unit", indicator.measure == .deviation ? "1" : plant[indicator.channel].unit)
      json.string("side", indicator.side.rawValue)
      json.string("measure", indicator.measure.rawValue)
      json.number("level", indicator.level)
      json.number("limit", indicator.limit)
    }
    json.optional("since", life.since?.description)
    json.string("basis", life.basis.rawValue)
    json.boolean("swinging", life.isSwinging)
    if life.isOpenEnded == true { json.boolean("openEnded", true) }
    json.optional("modelSetAside", life.modelDoubt?.description)
    if let model = life.model { json.object("model") { append(model, to: &$0) } }
    guard let earlier = life.earlier else { return }
    json.object("earlier") { json in
      json.integer("estimates", earlier.count)
      json.integer("within", earlier.within)
      json.integer("tooLong", earlier.tooLong)
      json.integer("tooShort", earlier.tooShort)
    }
  }

  private func append(_ model: ModelEvidence, to json: inout JSONWriter) {
    json.string("name", model.name)
    json.integer("failures", model.failureCount)
    json.number("errorHours", model.errorHours)
    if let coverage = model.coverage { json.number("coverage", coverage) }
    json.number("age", model.age)
    json.string("ageUnit", model.ageUnit)
    json.array("moved", model.moved) { $0.string(nil, plant[$1].name) }
  }

  /// An open alert is retained.
  ///
  /// A cleared one is said once to those who listen, then taken from the
  /// broker's memory, so that nobody who comes later takes it for open.
  private func alert(_ advisory: Advisory, _ identity: Identity) -> [Message] {
    let words = wording(advisory)
    var writer = JSONWriter(capacity: 1_024)
    writer.object { json in
      begin(&json, "alert", identity, advisory.asset)
      json.integer("alert", advisory.id)
      json.string("time", advisory.timestamp.description)
      json.string("since", advisory.since.description)
      json.string("location", advisory.location)
      json.string("class", advisory.findingClass.rawValue)
      json.string("phase", advisory.phase.rawValue)
      json.string("priority", advisory.priority.word)
      json.boolean("acknowledged", advisory.isAcknowledged)
      json.optional("shelvedUntil", advisory.shelvedUntil?.description)
      json.string("language", words.language.rawValue)
      json.string("title", words.title)
      json.string("text", words.text)
      append(advisory.findings, advisory.suspects, to: &json)
      json.array("unmoved", advisory.unmoved) { $0.string(nil, plant[$1].name) }
      if let life = advisory.life { json.object("remainingLife") { append(life, to: &$0) } }
    }
    let isOpen = advisory.phase != .cleared
    let topic = "alert/\(advisory.id)"
    let said = message(advisory.asset, topic, writer, isRetained: isOpen)
    if isOpen { return [said] }
    return [said, Message(topic: said.topic, payload: [], isRetained: true)]
  }

  private func append(
    _ findings: [Finding],
    _ suspects: [Suspect],
    to json: inout JSONWriter
  ) {
    json.array("findings", findings) { json, finding in
      json.object { append(finding, to: &$0) }
    }
    json.array("suspects", suspects) { json, suspect in
      json.object { json in
        json.string("mode", suspect.mode)
        json.array("evidence", suspect.evidence) { $0.string(nil, plant[$1].name) }
        json.optional("part", suspect.part)
      }
    }
  }

  private func append(_ finding: Finding, to json: inout JSONWriter) {
    let channel = plant[finding.channel]
    json.string("channel", channel.name)
    json.string("unit", channel.unit)
    json.string("class", finding.kind.findingClass.rawValue)
    json.string("state", finding.state.word)
    json.string("since", finding.since.description)
    json.number("observed", finding.observed)
    json.number("extreme", finding.extreme)
    switch finding.kind {
    case .limit(let side, let threshold):
      json.string("kind", "limit")
      json.string("side", side.rawValue)
      json.number("threshold", threshold)
    case .severityZone(let zone, let threshold, let standard):
      json.string("kind", "severity zone")
      json.string("zone", zone.rawValue)
      json.number("threshold", threshold)
      json.string("standard", standard)
    case .unusual(let deviation):
      json.string("kind", "unusual")
      append(deviation, to: &json)
    case .drifting(let deviation):
      json.string("kind", "drifting")
      append(deviation, to: &json)
    case .shifted(let deviation):
      json.string("kind", "shifted")
      append(deviation, to: &json)
    case .noisy(let times):
      json.string("kind", "noisy")
      json.number("times", times)
    case .spiking(let perHour):
      json.string("kind", "spiking")
      json.number("perHour", perHour)
    case .swapped(let other):
      json.string("kind", "swapped")
      json.string("with", plant[other].name)
    case .faultPattern(let pattern): append(pattern, to: &json)
    case .stuck(let duration):
      json.string("kind", "stuck")
      json.number("seconds", duration.inSeconds)
    case .clipped(let side):
      json.string("kind", "clipped")
      json.string("side", side.rawValue)
    case .noReading(let fault):
      json.string("kind", "no reading")
      json.string("reason", fault.rawValue)
    case .silent(let fault):
      json.string("kind", "silent")
      json.string("reason", fault.rawValue)
    }
  }

  private func append(_ deviation: Finding.Deviation, to json: inout JSONWriter) {
    json.string("side", deviation.side.rawValue)
    json.number("usualLow", deviation.usual.lowerBound)
    json.number("usualHigh", deviation.usual.upperBound)
    json.number("share", deviation.share)
  }

  // MARK: - Vibration

  private func append(_ pattern: FaultPattern, to json: inout JSONWriter) {
    json.string("kind", "fault pattern")
    json.string("fault", pattern.fault.rawValue)
    if let stage = pattern.stage { json.integer("stage", stage.rawValue) }
    json.optional("bearing", pattern.bearing)
    json.number("order", pattern.order)
    json.number("decibels", pattern.decibelsAboveFloor)
    json.array("lines", pattern.present + pattern.absent) { json, line in
      json.object { json in
        json.string("name", line.name)
        json.string("spectrum", line.spectrum.rawValue)
        json.number("order", line.order)
        json.number("hertz", line.hertz)
        json.number("decibels", line.decibelsAboveFloor)
        json.boolean("present", line.isPresent)
      }
    }
    json.array("notFound", pattern.notFound) { $0.string(nil, $1.rawValue) }
    json.optional("zone", pattern.zone?.rawValue)
    json.boolean("rising", pattern.isRising)
  }

  private func append(_ diagnoses: [DiagnosisSummary], to json: inout JSONWriter) {
    json.array("diagnoses", diagnoses) { json, summary in
      json.object { json in
        json.string("location", summary.location)
        json.string("waveform", summary.waveform)
        json.string("time", summary.timestamp.description)
        switch summary.verdict {
        case .patterns(let faults): json.array("patterns", faults) { $0.string(nil, $1.rawValue) }
        case .notJudged(let obstacle): json.string("notJudged", obstacle.rawValue)
        }
        if let unseen = summary.unseen {
          json.array("notLookedFor", unseen.faults) { $0.string(nil, $1.rawValue) }
          if let rate = unseen.requiredRateHertz { json.number("requiredRate", rate) }
        }
      }
    }
  }

  // MARK: - Parts

  /// What tells a message from all others, however often it is sent.
  private struct Identity {
    /// The sequence of outputs may begin anew when the core does; with the time it is unique.
    var text: String
    var isHistory: Bool
  }

  private func begin(
    _ json: inout JSONWriter,
    _ type: String,
    _ identity: Identity,
    _ asset: AssetID
  ) {
    json.integer("schema", 1)
    json.string("type", type)
    json.string("id", identity.text)
    if identity.isHistory { json.boolean("historical", true) }
    json.begin(with: machinePrefixes[Int(asset.index)])
  }

  private func message(
    _ asset: AssetID,
    _ leaf: String,
    _ writer: JSONWriter,
    isRetained: Bool
  ) -> Message {
    Message(
      topic: "\(base)/\(plant[asset].name)/\(leaf)",
      payload: writer.bytes,
      isRetained: isRetained
    )
  }
}
