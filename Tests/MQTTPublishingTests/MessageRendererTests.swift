import ConditionModel
import MQTTPublishing
import Testing

struct MessageRendererTests {
  private let plant = samplePlant()
  private var renderer: MessageRenderer { MessageRenderer(plant: plant, wording: words) }

  private func telemetry(_ frame: Frame) -> Message {
    renderer.telemetry(frame, id: 17)
  }

  @Test func `telemetry reads as documented`() throws {
    let message = telemetry(
      plant.frame(second: 0, values: [4.9, 0], qualities: [.good, .bad(.noAnswer)])
    )
    #expect(message.topic == "vigie/atelier-nord/gw-01/pompe-3/telemetry")
    #expect(!message.isRetained)
    #expect(
      String(decoding: message.payload, as: UTF8.self) == """
        {"schema":1,"type":"telemetry","id":"frame-17","site":"atelier-nord","gateway":"gw-01",\
        "machine":"pompe-3","time":"1970-01-01T00:00:00.000Z","values":{\
        "drive end/velocity rms":{"unit":"mm/s","time":"1970-01-01T00:00:00.000Z","value":4.9,\
        "quality":"good"},\
        "drive end/temperature":{"unit":"Cel","time":"1970-01-01T00:00:00.000Z","value":null,\
        "quality":"bad","reason":"no answer"}}}
        """
    )
  }

  @Test func `a remaining life is retained, in hours of operation and as dates`() throws {
    let output = plant.prognosis(.remainingLife(plant.remainingLife))
    let message = try #require(renderer.messages(for: output).first)
    #expect(message.topic == "vigie/atelier-nord/gw-01/pompe-3/prognosis")
    #expect(message.isRetained)
    let read = try JSONValue(parsing: message.payload)
    #expect(read["operatingHours"]?["p90"]?.number == 984.5)
    #expect(read["due"]?["p10"] == .string("1970-01-10T00:03:20.000Z"))
    #expect(read["measure"] == .string("severity zone"))
  }

  @Test func `a model's estimate names no indicator, and a model set aside says why`() throws {
    func read(_ life: RemainingLife) throws -> JSONValue {
      let output = plant.prognosis(.remainingLife(life))
      return try JSONValue(parsing: try #require(renderer.messages(for: output).first).payload)
    }
    let learned = try read(plant.learnedLife)
    #expect(learned["basis"] == .string("model"))
    #expect(learned["channel"] == nil && learned["since"] == nil)
    #expect(learned["modelSetAside"] == nil)
    #expect(
      try read(plant.lifeWithoutItsModel)["modelSetAside"]
        == .string("oil pressure reads as on no machine learned from")
    )
  }

  @Test func `an alert says how long the machine will last, where that is known`() throws {
    var life = plant.remainingLife
    var tally = EstimateTally()
    (tally.within, tally.tooShort) = (2, 1)
    life.earlier = tally
    let told = try #require(renderer.messages(for: plant.advisory(1, .raised, life: life)).first)
    let read = try #require(try JSONValue(parsing: told.payload)["remainingLife"])
    #expect(read["operatingHours"]?["p90"]?.number == 984.5)
    #expect(read["earlier"]?["estimates"]?.number == 3)
    #expect(read["earlier"]?["within"]?.number == 2)
    let plain = try #require(renderer.messages(for: plant.advisory(1, .raised)).first)
    #expect(try JSONValue(parsing: plain.payload)["remainingLife"] == nil)
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `every finite number reads back as itself, whatever its bits`(seed: UInt64) throws {
    var state = seed
    let values = (0..<500).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(bitPattern: state ^ state >> 29)
    }
    let plant = samplePlant(channels: 500)
    let renderer = MessageRenderer(plant: plant, wording: words)
    let message = renderer.telemetry(plant.frame(second: 1, values: values), id: 1)
    let read = try JSONValue(parsing: message.payload)
    for (channel, value) in zip(plant.channels, values) {
      let member = try #require(read["values"]?[channel.name])
      if value.isFinite {
        #expect(member["value"]?.number?.bitPattern == value.bitPattern)
        #expect(member["quality"] == .string("good"))
      } else {
        #expect(member["value"] == .null)
        #expect(member["reason"] == .string("not a number"))
      }
    }
  }

  @Test func `any name survives the way through JSON`() throws {
    var plant = samplePlant(channels: 1)
    let name = String(
      String.UnicodeScalarView((0...0x2ff).compactMap(Unicode.Scalar.init) + ["😀", "\u{2028}"])
    )
    plant.channels[0].point = name
    let renderer = MessageRenderer(plant: plant, wording: words)
    let message = renderer.telemetry(plant.frame(second: 1, values: [1]), id: 1)
    #expect(try JSONValue(parsing: message.payload)["values"]?["drive end/\(name)"] != nil)
  }

  @Test func `an open alert is retained, with its words`() throws {
    let messages = renderer.messages(for: plant.advisory(7, .raised))
    #expect(messages.map(\.topic) == ["vigie/atelier-nord/gw-01/pompe-3/alert/7"])
    #expect(messages[0].isRetained)
    let read = try JSONValue(parsing: messages[0].payload)
    #expect(read["title"] == .string("Pompe 3 : vibration élevée"))
    #expect(read["text"] == .string("Depuis 6 h 20.\nAlerte 7."))
    #expect(read["since"] == .string("1970-01-01T00:01:40.000Z"))
    #expect(read["unmoved"] == .array([.string("drive end/temperature")]))
  }

  @Test func `a cleared alert is said once, then its topic is emptied`() throws {
    let messages = renderer.messages(for: plant.advisory(7, .cleared))
    #expect(messages.map(\.isRetained) == [false, true])
    #expect(try JSONValue(parsing: messages[0].payload)["phase"] == .string("cleared"))
    #expect(messages[1].payload.isEmpty)
    #expect(messages[0].topic == messages[1].topic)
  }

  @Test func `what is sent again has the same identity, what is new another`() throws {
    let first = renderer.messages(for: plant.advisory(7, .raised, sequence: 1))
    #expect(first == renderer.messages(for: plant.advisory(7, .raised, sequence: 1)))
    let second = renderer.messages(for: plant.advisory(7, .raised, sequence: 2))
    let ids = try (first + second).map { try JSONValue(parsing: $0.payload)["id"] }
    #expect(ids == [.string("output-1-200000000000"), .string("output-2-200000000000")])
  }

  @Test func `changes of state travel inside health and alerts only`() {
    let report = StateReport(
      asset: plant.assets[0].id,
      timestamp: Timestamp(seconds: 1),
      change: .began,
      finding: plant.findings[0]
    )
    #expect(renderer.messages(for: PipelineOutput(sequence: 1, content: .state(report))).isEmpty)
  }

  @Test func `every payload fits the published schema, and altered ones do not`() throws {
    let all: [Quality] =
      [.good] + Doubt.allCases.map(Quality.uncertain) + Fault.allCases.map(Quality.bad)
    let wide = samplePlant(channels: all.count)
    let frame = wide.frame(second: 1, values: all.map { _ in 1e-7 }, qualities: all)
    let renderer = MessageRenderer(plant: wide, wording: words)
    var lifeOfUnknownCoverage = wide.learnedLife
    lifeOfUnknownCoverage.model?.coverage = nil
    let messages =
      [
        renderer.status(.online, time: Timestamp(seconds: 1), agent: #"{"buses":[]}"#),
        renderer.status(.offline, reason: "stopped", time: Timestamp(seconds: 1)),
        renderer.status(.offline, reason: "connection lost", time: Timestamp(seconds: -1)),
        renderer.telemetry(frame, id: 1),
        renderer.telemetry(frame, id: 1, isHistory: true),
      ]
      + renderer.messages(for: wide.health()) + renderer.messages(for: wide.advisory(1, .raised))
      + renderer.messages(for: wide.prognosis(.remainingLife(wide.remainingLife)))
      + Prognosis.NoTrend.allCases.flatMap { renderer.messages(for: wide.prognosis(.noTrend($0))) }
      + renderer.messages(for: wide.prognosis(.remainingLife(wide.learnedLife)))
      + renderer.messages(for: wide.advisory(1, .updated, life: wide.lifeWithoutItsModel))
      + renderer.messages(for: wide.advisory(1, .updated, life: wide.learnedLife))
      + renderer.messages(for: wide.advisory(1, .updated, life: lifeOfUnknownCoverage))
      + renderer.messages(for: wide.advisory(1, .updated, life: wide.remainingLife))
      + renderer.messages(for: wide.advisory(1, .cleared), isHistory: true).prefix(1)
      + renderer.messages(for: departedMachine(), isHistory: true).prefix(1)
    let schema = folder(of: #filePath) + "/../../deploy/schema/mqtt.schema.json"
    let judge = try ChildProcess([python, fixture("validate.py"), schema])
    for message in messages {
      judge.write(message.payload + [10])
      #expect(judge.line() == "true", "\(message.topic)")
      // One letter of the first key changes, then it must no longer fit.
      var altered = message.payload
      altered[2] = UInt8(ascii: "x")
      judge.write(altered + [10])
      #expect(judge.line()?.hasPrefix("false") == true)
    }
    let lie = String(decoding: messages[3].payload, as: UTF8.self)
      .split(separator: "\"quality\":\"bad\"").joined(separator: "\"quality\":\"good\"")
    judge.write(Array(lie.utf8) + [10])
    #expect(judge.line()?.hasPrefix("false") == true)
  }
}
