import AdvisoryGeneration
import ConditionModel
import DataManipulation
import HealthAssessment
import MonitoringPipeline
import StateDetection
import Testing

struct PipelineTests {
  @Test func `a configuration that contradicts itself is refused with every problem at once`()
    throws
  {
    var configuration = Workshop.configuration
    configuration.manipulation.running[0] = RunningRule(
      channel: Workshop.fanVelocity,
      threshold: -1
    )
    configuration.detection.channels[3].limits[0].alert = 95
    configuration.detection.channels[3].limits[0].deadband = .nan
    configuration.detection.channels[4].silentAfter = .zero
    configuration.detection.severity[1].channels = [Workshop.fanVelocity, Workshop.velocityX]
    configuration.detection.severity[1].boundaryCD = 1
    let error = try #require(throws: ConfigurationError.self) { try Pipeline(configuration) }
    #expect(
      error.problems == [
        "machine pompe-3: what tells that it runs is not one of its channels",
        "machine pompe-3: it must run above a positive threshold",
        "channel pompe-3/drive end/temperature: limit above: its numbers must be finite",
        "channel pompe-3/drive end/temperature: limit above: alarm comes before alert",
        "channel pompe-3/motor supply/current l1: silent after no time at all",
        "severity rule 1 (ISO 10816-1, class I): its channels must be those of one place",
        "severity rule 1 (ISO 10816-1, class I): a channel has two such rules",
        "severity rule 1 (ISO 10816-1, class I): the zone boundaries must rise from A to D",
      ]
    )
  }

  @Test func `numbers that are not dense are refused before any rule is looked at`() throws {
    var configuration = Workshop.configuration
    configuration.plant.channels.swapAt(0, 1)
    configuration.detection.channels.removeLast()
    let error = try #require(throws: ConfigurationError.self) { try Pipeline(configuration) }
    #expect(
      error.problems == [
        "channel drive end/velocity rms z: number 1 at place 0",
        "channel drive end/velocity rms x: number 0 at place 1",
        "rules for 7 channels out of 8", "detection is configured for another plant",
      ]
    )
  }

  @Test func `a snapshot belongs to one configuration`() throws {
    let snapshot = try Pipeline(Workshop.configuration).snapshot
    #expect(snapshot.matches(Workshop.configuration))
    var other = Workshop.configuration
    other.detection.channels[3].limits[0].alarm = 91
    #expect(!snapshot.matches(other))
    #expect(throws: ConfigurationError.self) { try Pipeline(other, restoring: snapshot) }
  }

  @Test func `the fingerprint is the same on every machine and in every version`() {
    #expect(Workshop.configuration.fingerprint == 8_708_357_988_410_738_063)
  }

  @Test func `a snapshot holds neither the configuration nor numbers that are none`() throws {
    var watch = try Watch()
    watch.seconds(100, PumpValues(temperature: .infinity))
    watch.seconds(100, PumpValues(velocityX: .nan))
    let saved = String(decoding: watch.pipeline.snapshot.encoded(), as: UTF8.self)
    #expect(!saved.contains("pompe-3") && !saved.contains("ISO"))
  }

  @Test func `what cannot be true is counted and left out`() throws {
    var watch = try Watch()
    watch.seconds(2)
    let before = watch.pipeline.snapshot
    let outputs = watch.outputs
    var frame = PumpValues().sensorFrame(at: Timestamp(nanoseconds: .max))
    watch.send(.frame(frame))
    frame.timestamp = Timestamp(nanoseconds: -1)
    watch.send(.frame(frame))
    frame.timestamp = watch.now
    frame.asset = AssetID(index: 9)
    watch.send(.frame(frame))
    frame.asset = Workshop.fan
    watch.send(.frame(frame))
    frame.asset = Workshop.pump
    frame.channels[0] = ChannelID(index: 900)
    watch.send(.frame(frame))
    watch.send(.tick(Timestamp(nanoseconds: .min)))
    watch.send(.acknowledge(advisory: 1, at: Timestamp(nanoseconds: .min)))
    let nobody = AssetID(index: 700)
    watch.send(
      .mark(MaintenanceMark(asset: nobody, timestamp: watch.now, kind: .part, text: ""))
    )
    #expect(watch.pipeline.rejectedCount == 8)
    #expect(watch.outputs == outputs)
    #expect(before != watch.pipeline.snapshot)
    watch.send(.clockStepped(by: .seconds(Int64.max)))
    watch.send(.clockStepped(by: .seconds(Int64.min)))
    watch.send(.clockStepped(by: .zero))
  }

  @Test(arguments: [(60, true), (200, false)])
  func `rows minutes apart show silence, a recording that pauses does not`(
    gap: Int,
    isSilence: Bool
  ) throws {
    var configuration = Workshop.configuration
    configuration.longestTick = .seconds(180)
    for index in configuration.detection.channels.indices {
      configuration.detection.channels[index].silentAfter = .seconds(150)
    }
    var watch = try Watch(configuration)
    watch.second()
    for _ in 0..<4 {
      watch.now += .seconds(gap)
      watch.send(.frame(PumpValues().meterFrame(at: watch.now)))
      watch.send(.tick(watch.now))
    }
    let isFound = watch.states.contains { $0.finding.kind == .silent(.noAnswer) }
    #expect(isFound == isSilence)
  }

  @Test func `values older than their channel's latest are counted and left out`() throws {
    var watch = try Watch()
    watch.seconds(10)
    watch.send(.frame(PumpValues(temperature: 500).sensorFrame(at: watch.now - .seconds(5))))
    #expect(watch.pipeline.lateSampleCount == 4)
    #expect(watch.pipeline.rejectedCount == 0)
  }

  @Test func `an acknowledged advisory stays acknowledged until it gets worse`() throws {
    var watch = try Watch()
    watch.seconds(60)
    watch.seconds(70, PumpValues(temperature: 85))
    watch.send(.acknowledge(advisory: 1, at: watch.now))
    watch.send(.acknowledge(advisory: 1, at: watch.now))
    watch.send(.acknowledge(advisory: 77, at: watch.now))
    #expect(watch.advisories.map(\.isAcknowledged) == [false, true])
    watch.seconds(70, PumpValues(temperature: 95))
    #expect(watch.advisories.last?.priority == .high)
    #expect(watch.advisories.last?.isAcknowledged == false)
  }

  @Test func `what stops and starts again soon is one alert, much later it is another`() throws {
    var watch = try Watch()
    watch.seconds(60)
    for pause in [70, 70, 800] {
      watch.seconds(70, PumpValues(temperature: 85))
      watch.seconds(pause)
    }
    // A level that passes its limit with a job of each week is one alert, no longer.
    watch.now += .seconds(9 * 86_400)
    watch.seconds(60)
    watch.seconds(70, PumpValues(temperature: 85))
    #expect(
      watch.advisories.map(\.phase) == [
        .raised, .cleared, .updated, .cleared, .updated, .cleared, .raised,
      ]
    )
    #expect(watch.advisories.map(\.id) == [1, 1, 1, 1, 1, 1, 2])
  }

  @Test func `a stopped machine keeps its finding until it runs well again`() throws {
    var watch = try Watch()
    watch.seconds(60)
    watch.seconds(70, PumpValues(velocityZ: 5))
    watch.seconds(900, PumpValues(velocityX: 0.02, velocityZ: 0.02, power: 0))
    #expect(watch.pipeline.openAdvisories.map(\.priority) == [.high])
    #expect(watch.health.last?.isRunning == false)
    watch.seconds(70)
    #expect(watch.pipeline.openAdvisories.isEmpty)
  }

  @Test func `a core that was not fed for an hour does not call the devices silent`() throws {
    var watch = try Watch()
    watch.seconds(60)
    watch.now += .seconds(3_600)
    watch.send(.tick(watch.now))
    watch.seconds(5)
    #expect(watch.states.isEmpty)
    // What stays away after that is silent all the same.
    watch.now += .seconds(600)
    for _ in 0..<32 {
      watch.now += .seconds(1)
      watch.send(.tick(watch.now))
    }
    #expect(watch.states.count == Workshop.plant.channels.count)
    #expect(watch.states.allSatisfy { $0.finding.kind == .silent(.noAnswer) })
  }

  @Test func `a value that is about to become a finding is not called unmoved`() throws {
    var watch = try Watch()
    watch.seconds(60)
    watch.seconds(20, PumpValues(temperature: 85))
    watch.seconds(45, PumpValues(velocityZ: 3.5, highFrequency: 25, temperature: 85))
    let advisory = try #require(watch.advisories.first)
    #expect(advisory.findings.map(\.channel) == [Workshop.temperature])
    #expect(advisory.unmoved == [Workshop.current])
  }

  @Test func `every failure mode has its words, and there are words for no other`() {
    for language in Language.allCases {
      let catalogue = Catalogue.of(language)
      let expected = Suspect.modes.flatMap { ["mode.\($0)", "check.mode.\($0)"] }.sorted()
      let found = catalogue.keys.filter { $0.hasPrefix("mode.") || $0.hasPrefix("check.mode.") }
      #expect(found.sorted() == expected)
    }
  }
}
