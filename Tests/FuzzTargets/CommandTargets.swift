import ConditionModel
import MQTTPublishing

extension FuzzTarget {
  /// Commands in JSON, as the broker delivers them.
  static let command = FuzzTarget(
    name: "command",
    seeds: {
      [
        #"{"id":"hmi-2-117","timestamp":1790000000000,"command":"shelve","alert":12,"hours":8,"#
          + #""reason":"belt ordered","user":"marie"}"#,
        #"{"id":"a","timestamp":1790000000000,"command":"acknowledge","alert":1}"#,
        #"{"online":true,"timestamp":1790000000000}"#,
      ].map { Array($0.utf8) }
    },
    words: [
      "\"id\":", "\"timestamp\":", "\"command\":", "\"alert\":", "\"hours\":", "\"reason\":",
      "\"rebirth\"", "\\u0000", "\\ud800", "null", "true", "1e400", "-1", "1e-5", "{", "}", "[",
      "]",
    ],
    attempt: { bytes in
      let now = Timestamp(seconds: 1_790_000_000)
      var gate = CommandGate(allowed: [.acknowledge, .shelve, .rebirth])
      let message = ReceivedMessage(topic: "vigie/s/g/command", payload: bytes)
      guard gate.admits(message) else { return }
      let command = gate.command(in: bytes, at: now)
      let counts = gate.counts
      let told = counts.accepted + counts.malformed + counts.replayed + counts.foreign
      try expect(
        told == 1 && (command != nil) == (counts.accepted == 1),
        "\(counts) of one command"
      )
      if case .shelve(_, let time, let reason) = command?.content {
        try expect(time > .zero && time <= .seconds(30 * 86_400), "shelved for \(time)")
        try expect(!reason.isEmpty, "shelved without a reason")
      }
      try expect(command == nil || gate.command(in: bytes, at: now) == nil, "taken up twice")
    }
  )

  /// Sparkplug messages: read, written and read again, and given to a session.
  static let sparkplug = FuzzTarget(
    name: "sparkplug",
    seeds: {
      let moment = Timestamp(seconds: 1_790_000_000)
      let values: [SparkplugMetric.Value?] = [
        .int32(-5), .int64(.max), .double(.pi), .boolean(true), .string("bar"), nil,
      ]
      let metrics = values.enumerated().map { index, value in
        SparkplugMetric(
          name: index == 3 ? "Node Control/Rebirth" : "pump-3/p\(index)",
          alias: index == 2 ? nil : UInt64(index),
          timestamp: moment,
          dataType: value?.dataType,
          isHistorical: index == 1,
          value: value,
          properties: [.init("engUnit", .string("bar")), .init("Quality", .int32(192))]
        )
      }
      let order = #"{"id":"a","timestamp":1790000000000,"command":"acknowledge","alert":1}"#
      let asked = SparkplugMetric(name: "Node Control/Command", value: .string(order))
      return [
        SparkplugPayload(timestamp: moment, metrics: metrics, sequence: 17).encoded,
        SparkplugPayload(timestamp: moment, metrics: [asked]).encoded,
        Array(#"{"online":true,"timestamp":1790000000000}"#.utf8),
      ]
    },
    words: ["Node Control/Rebirth", "Node Control/Command", "\u{52}\u{10}", "\u{08}"],
    attempt: { bytes in
      if let payload = try? SparkplugPayload(decoding: bytes) {
        // Written again, twice: a NaN is not equal to itself.
        let once = payload.encoded
        let again = try SparkplugPayload(decoding: once)
        try expect(again.encoded == once, "\(payload) came back as \(again)")
      }
      let now = Timestamp(seconds: 1_790_000_000)
      var session = SparkplugSession(
        settings: SparkplugSettings(group: "g", node: "n", primaryHost: "host", brokerCount: 2),
        plant: Plant(site: "s", gateway: "g", assets: [], channels: []),
        gate: CommandGate(allowed: [.acknowledge, .shelve, .rebirth]),
        wording: { _ in AdvisoryText(language: .english, title: "", text: "") }
      )
      _ = session.connecting(at: now)
      _ = session.connected(at: now)
      for topic in ["spBv1.0/STATE/host", "spBv1.0/g/NCMD/n", "spBv1.0/STATE/host"] {
        _ = session.received(ReceivedMessage(topic: topic, payload: bytes), at: now)
        _ = session.advance(to: now)
      }
    }
  )
}
