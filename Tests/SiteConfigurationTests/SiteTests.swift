import ConditionModel
import DataAcquisition
import DataManipulation
import Foundation
import MonitoringPipeline
import SiteConfiguration
import StateDetection
import Testing

struct SiteTests {
  @Test func `a good file becomes exactly what it says`() throws {
    let site = try readSite(goodSite).get()
    #expect(site.plant.site == "workshop")
    #expect(site.plant.gateway == "gw-01")
    #expect(site.language == .english)
    #expect(site.timeZone == nil)
    #expect(site.mqtt == nil)
    #expect(
      site.store
        == StoreSettings(path: nil, sizeLimitBytes: 1_000_000_000, retention: .seconds(2_592_000))
    )
    #expect(
      site.plant.assets == [
        Asset(
          id: AssetID(index: 0),
          name: "pump-3",
          kind: .centrifugalPump,
          ratedPowerKilowatts: 11,
          mounting: .rigid,
          ratedSpeedRPM: 1_480
        )
      ]
    )
    // The text and the counter are not read unless asked for.
    #expect(
      site.plant.channels.map(\.name) == [
        "drive end/velocity rms z", "drive end/velocity rms x", "drive end/temperature",
        "supply/active power", "supply/pressure",
      ]
    )
    #expect(site.plant.channels.map(\.id.index) == [0, 1, 2, 3, 4])
    #expect(site.plant.channels.map(\.device) == [0, 0, 0, 1, 1])
    #expect(
      site.plant.channels[0]
        == Channel(
          id: ChannelID(index: 0),
          asset: AssetID(index: 0),
          location: "drive end",
          point: "velocity rms z",
          unit: "mm/s",
          quantity: .velocityRMS,
          axis: .z,
          device: 0
        )
    )
    #expect(site.pipeline.plant == site.plant)
    #expect(site.pipeline.detection.plant == site.plant)
  }

  @Test func `buses carry their devices with period, limits and timing of the profile`() throws {
    let site = try readSite(goodSite).get()
    #expect(
      site.buses.map(\.line) == [
        .serial(SerialLine(port: "/dev/ttyUSB0", baud: 19_200, parity: .none, stopBits: 1)),
        .tcp(TCPEndpoint(host: "192.168.10.21", port: 502)),
      ]
    )
    let device = try #require(site.buses[0].devices.first)
    #expect(device.name == "pump-3, drive end")
    #expect(device.unit == 5)
    #expect(device.period == .seconds(1))
    #expect(device.profile == "acme/vibration")
    #expect(device.requestLimits.registers == 20)
    #expect(device.timing.responseTimeout == .milliseconds(200))
    #expect(device.channels.map(\.index) == [0, 1, 2])
    #expect(site.buses[1].devices.map(\.period) == [.seconds(5)])
  }

  @Test func `limits have the unit of their channel and the usual deadband and delay`() throws {
    let site = try readSite(goodSite).get()
    let rules = site.pipeline.detection.channels
    #expect(
      rules.map(\.limits) == [
        [], [],
        [
          LimitRule(
            side: .above,
            alert: 80,
            alarm: 90,
            deadband: 1,
            onDelay: .seconds(60),
            offDelay: .seconds(60),
            onlyWhileRunning: false
          )
        ], [], [],
      ]
    )
    #expect(rules.map(\.silentAfter) == Array(repeating: .seconds(30), count: 5))
    let running = site.pipeline.manipulation.running
    #expect(running == [RunningRule(channel: ChannelID(index: 3), threshold: 500)])
  }

  @Test func `each key of a limit does what it says, whatever prefix its unit has`() throws {
    let text = goodSite.replacing(
      "drive end/temperature: { alert above: 80 °C, alarm above: 90 °C }",
      with: "supply/pressure: { alert above: 800 kPa, alarm below: 0.2 MPa, alert below: 2500 mbar,"
        + " deadband: 10 kPa, on delay: 20 s, off delay: 2 min, while: always }\n"
        + "      drive end/temperature: { alert above: 176 °F, deadband: 9 °F }\n"
        + "      drive end/velocity rms z: { alert above: 0.0045 m/s }"
    )
    let rules = try readSite(text).get().pipeline.detection.channels.map(\.limits)
    #expect(
      rules[4] == [
        LimitRule(
          side: .above,
          alert: 8,
          alarm: nil,
          deadband: 0.1,
          onDelay: .seconds(20),
          offDelay: .seconds(120),
          onlyWhileRunning: false
        ),
        LimitRule(
          side: .below,
          alert: 2.5,
          alarm: 2,
          deadband: 0.1,
          onDelay: .seconds(20),
          offDelay: .seconds(120),
          onlyWhileRunning: false
        ),
      ]
    )
    #expect(rules[2].map(\.alert) == [80])
    #expect(rules[2].map(\.deadband) == [5])
    #expect(rules[0].map(\.alert) == [4.5])
    #expect(rules[0].map(\.deadband) == [0.45])
  }

  @Test func `a limit below holds only while the machine runs, unless nothing tells`() throws {
    let below = goodSite.replacing(
      "alert above: 80 °C, alarm above: 90 °C",
      with: "alert below: 5 °C"
    )
    #expect(
      try readSite(below).get().pipeline.detection.channels[2].limits.map(\.onlyWhileRunning)
        == [true]
    )
    let blind = below.replacing(
      "    running: { point: supply/active power, above: 0.5 kW }\n",
      with: ""
    )
    #expect(
      try readSite(blind).get().pipeline.detection.channels[2].limits.map(\.onlyWhileRunning)
        == [false]
    )
  }

  @Test func `what tells whether a machine runs may be read rarely`() throws {
    func forgetAfter(_ period: String) throws -> Duration? {
      let text = goodSite.replacing("every: 5 s", with: "every: \(period)")
      return try readSite(text).get().pipeline.manipulation.running.first??.forgetAfter
    }
    #expect(try forgetAfter("5 s") == .seconds(60))
    #expect(try forgetAfter("5 min") == .seconds(900))
  }

  @Test func `a sensor counts as stuck only where a repeated value is implausible`() throws {
    let running = try readSite(goodSite).get().pipeline.detection.channels
    #expect(
      running.map(\.stuckAfter)
        == [.seconds(600), .seconds(600), .seconds(3_600), nil, .seconds(1_800)]
    )
    let blind = goodSite.replacing(
      "    running: { point: supply/active power, above: 0.5 kW }\n",
      with: ""
    )
    let unknown = try readSite(blind).get().pipeline.detection.channels
    #expect(unknown.map(\.stuckAfter) == [nil, nil, .seconds(3_600), nil, nil])
    let own = goodSite + "\nalerts: { silent after: 2 min, stuck after: 45 s }"
    let rules = try readSite(own).get().pipeline.detection.channels
    #expect(
      rules.map(\.stuckAfter) == [.seconds(45), .seconds(45), .seconds(45), nil, .seconds(45)]
    )
    #expect(rules.map(\.silentAfter) == Array(repeating: .seconds(120), count: 5))
  }

  @Test func `MQTT and store settings are read, with files beside the site file`() throws {
    let text =
      goodSite + """

        mqtt:
          broker: mqtts://[fe80::1]:8884
          user: vigie
          password file: secrets/mqtt
          ca: /etc/ssl/ca.pem
          certificate: gw.pem
          key: gw.key
          formats: [json]
        store: { path: history.db, size: 2 GB, keep: 14 days }
        """
    let site = try SiteFile.parse(text, file: "/etc/vigie/site.yaml", profiles: library)
    #expect(
      site.mqtt
        == MQTTSettings(
          brokers: [.init(host: "fe80::1", port: 8_884, usesTLS: true)],
          user: "vigie",
          passwordFile: "/etc/vigie/secrets/mqtt",
          authorityFile: "/etc/ssl/ca.pem",
          certificateFile: "/etc/vigie/gw.pem",
          keyFile: "/etc/vigie/gw.key"
        )
    )
    #expect(
      site.store
        == StoreSettings(
          path: "/etc/vigie/history.db",
          sizeLimitBytes: 2_000_000_000,
          retention: .seconds(1_209_600)
        )
    )
  }

  @Test(arguments: [
    ("mqtt://localhost", "localhost", 1_883, false),
    ("mqtts://scada.local", "scada.local", 8_883, true),
    ("mqtt://127.0.0.1:21883/", "127.0.0.1", 21_883, false), ("mqtt://[::1]", "::1", 1_883, false),
  ])
  func `a broker is named by its address`(
    address: String,
    host: String,
    port: Int,
    usesTLS: Bool
  ) throws {
    let site = try readSite(goodSite + "\nmqtt: { broker: '\(address)' }").get()
    let broker = MQTTSettings.Broker(host: host, port: UInt16(port), usesTLS: usesTLS)
    #expect(site.mqtt == MQTTSettings(brokers: [broker]))
  }

  @Test func `a Sparkplug node takes its names from the site, or its own`() throws {
    let plain = "\nmqtt: { broker: [mqtt://one, mqtts://two], formats: [sparkplug] }"
    let mqtt = try #require(try readSite(goodSite + plain).get().mqtt)
    #expect(mqtt.brokers.map(\.host) == ["one", "two"])
    #expect(mqtt.brokers.map(\.usesTLS) == [false, true])
    #expect(!mqtt.publishesJSON && !mqtt.usesMQTT5)
    #expect(mqtt.commands == ["rebirth"])
    let names = try #require(mqtt.sparkplug)
    #expect(names.group == "workshop" && names.node == "gw-01" && names.primaryHost == nil)
    #expect(names.deadband == 0 && names.maximumSilence == .seconds(600))
    let full = """

      mqtt:
        broker: mqtts://scada.local
        version: 5
        formats: [json, sparkplug]
        sparkplug:
          { group: hall 2, node: edge 7, primary host: ignition, deadband: 0.5 %, maximum silence: 5 min }
        commands: [acknowledge, rebirth]
      """
    let site = try readSite(goodSite + full).get()
    #expect(site.mqtt?.publishesJSON == true && site.mqtt?.usesMQTT5 == true)
    #expect(site.mqtt?.commands == ["acknowledge", "rebirth"])
    #expect(
      site.mqtt?.sparkplug
        == MQTTSettings.SparkplugNames(
          group: "hall 2",
          node: "edge 7",
          primaryHost: "ignition",
          deadband: 0.005,
          maximumSilence: .seconds(300),
          ranges: names.ranges
        )
    )
    #expect(names.ranges.count == site.plant.channels.count)
  }

  @Test func `JSON is accepted as the YAML that it is`() throws {
    let text = """
      {"site": "s", "gateway": "g", "buses": {"b": {"host": "::1", "port": 1502}},
       "machines": {"m": {"kind": "machine", "points": {"p": {"device": "acme/meter", "bus": "b",
       "unit": 255}}}}}
      """
    let site = try readSite(text).get()
    #expect(site.buses[0].line == .tcp(TCPEndpoint(host: "::1", port: 1_502)))
    #expect(site.plant.channels.count == 2)
  }

  @Test(arguments: ["site.yaml", "atelier.yaml"])
  func `the published examples are in order`(name: String) throws {
    let site = try SiteFile.load(
      path: repository.appending(path: "deploy/examples/\(name)").path,
      profileDirectories: [repository.appending(path: "firmware-configs").path]
    )
    #expect(!site.plant.channels.isEmpty)
    #expect(site.remarks.allSatisfy { $0.severity == .note }, "\(site.remarks)")
  }

  @Test func `the same text gives the same site`() throws {
    #expect(try readSite(goodSite).get() == readSite(goodSite).get())
  }
}
