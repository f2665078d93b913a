import ConditionModel
import DataAcquisition
import DataManipulation
import Foundation
import MonitoringPipeline
import SiteConfiguration
import StateDetection
import Testing

private let blockProfile = """
  schema: 1
  maker: Acme
  model: B1
  revision: 1
  status: vendor document
  sources: [ { title: Manual, confidence: A } ]
  requests: { registers: 100 }
  points:
    motor speed: { address: 0, unit: rpm, quantity: rotation speed }
    temperature: { address: 1, scale: 0.1, unit: °C, quantity: temperature }
  blocks:
    vibration z:
      address: 1000
      scale: 0.001
      unit: g
      axis: z
      rate: 12800 Hz
      samples: 8192
      sequence: { address: 100, registers: 2 }
      ready: { address: 102, value: 1 }
      holds: 60 s
      range: [-16, 16]
  """

private let blockSite = """
  site: works
  gateway: gw
  buses:
    line: { port: /dev/ttyUSB0, baud: 115200, parity: none }
  machines:
    pump-1:
      kind: centrifugal pump
      power: 11 kW
      mounting: rigid
      speed: 1480 rpm
      points:
        drive end:
          device: acme/block
          bus: line
          unit: 5
          block every: 5 min
          bearing: { name: 6309, balls: 8, ball diameter: 17.5 mm, pitch diameter: 72.5 mm }
          blades: 7
  """

private let blockLibrary = ProfileLibrary(texts: ["acme/block": blockProfile])

private func load(_ text: String) -> Result<Site, ConfigurationProblems> {
  readSite(text, profiles: blockLibrary, busLoad: { BusPlan($0).load })
}

/// Changes to the good profile, each with everything that is said about it.
private let wrongBlocks: [WrongFile] = [
  WrongFile(
    "    holds: 60 s",
    "    holds: 60 s\n    trigger: { address: 5, value: 1 }",
    "b.yaml:22:5: 'trigger' would mean to write to start a block; Vigie reads only and writes nothing; "
      + "set the device to take blocks by itself and leave 'trigger' out; one that cannot do that has "
      + "no 'blocks'"
  ),
  WrongFile(
    "    holds: 60 s",
    "    page select: 7",
    "b.yaml:21:5: 'page select' would mean to write to turn the page; Vigie reads only and writes "
      + "nothing; set the device to take blocks by itself and leave 'page select' out; one that cannot "
      + "do that has no 'blocks'"
  ),
  WrongFile(
    "    sequence: { address: 100, registers: 2 }\n",
    "",
    "b.yaml:12:3: 'sequence' is missing in 'vibration z'; add for example 'sequence: { address: 100 }'"
  ),
  WrongFile(
    "unit: g\n",
    "unit: mm/s\n",
    "b.yaml:15:11: 'vibration z' is in mm/s, but a block of samples is an acceleration; write 'unit: g' "
      + "or 'unit: m/s²', with the scale of the samples"
  ),
  WrongFile(
    "address: 1000",
    "address: 60000",
    "b.yaml:13:14: the window of 'vibration z' takes 8192 registers and ends beyond address 65535; "
      + "correct 'address', 'samples' or 'type', or describe its 'pages'"
  ),
  WrongFile(
    "ready: { address: 102, value: 1 }",
    "ready: { address: 300 }",
    "b.yaml:20:12: 'ready' and 'sequence' are 201 registers apart, too far for one request; both must be "
      + "read at once: correct an address, or leave 'ready' out"
  ),
  WrongFile(
    "sequence: { address: 100, registers: 2 }",
    "sequence: { address: 1001 }",
    "b.yaml:19:15: 'sequence' or 'ready' lies inside the window 1000 to 9191; correct one of the addresses",
    "b.yaml:20:12: 'ready' and 'sequence' are 900 registers apart, too far for one request; both must be "
      + "read at once: correct an address, or leave 'ready' out"
  ),
  WrongFile(
    "holds: 60 s",
    "holds: 0.5 s",
    "b.yaml:21:12: a block of 0.64 s cannot be replaced every 0.5 s; correct 'holds', 'samples' or 'rate'"
  ),
  WrongFile(
    "holds: 60 s",
    "pages: { address: 990, registers: 80 }",
    "b.yaml:21:12: the page register 990 is not next to the window 1000 to 1079; number and page must be "
      + "read at once, or they may not belong together: correct an address; a device that must be told "
      + "which page to show needs a write and has no 'blocks'"
  ),
  WrongFile(
    "holds: 60 s",
    "pages: { address: 999, registers: 100 }",
    "b.yaml:21:12: a page and its number take 101 registers, but the device gives at most 100 in one "
      + "request; correct 'registers' here or under 'requests'"
  ),
  WrongFile(
    "  temperature:",
    "  velocity rms z: { address: 7, unit: mm/s, quantity: velocity rms, axis: z }\n  temperature:",
    "b.yaml:13:3: 'velocity rms z', which is made of 'vibration z', is the name of a point or block too; "
      + "each value has one name: leave the other out, or give the block another axis"
  ),
  WrongFile(
    "rate: 12800 Hz",
    "rate: 12.8 Hz",
    "b.yaml:17:11: 'rate' must be from 200 Hz to 1000000 Hz, not 12.8 Hz; write for example '12800 Hz'"
  ),
  WrongFile(
    "samples: 8192",
    "samples: 512",
    "b.yaml:18:14: 'samples' must be from 1024 to 65536, not 512; write for example 'samples: 8192'"
  ),
]

private let wrongBlockSites: [WrongFile] = [
  WrongFile(
    "bearing: { name: 6309, balls: 8, ball diameter: 17.5 mm, pitch diameter: 72.5 mm }",
    "bearing: { balls: 8, ball diameter: 47.5 mm, pitch diameter: 72.5 mm }",
    "site.yaml:17:18: a ball diameter of 47.5 on a pitch diameter of 72.5; it is below half of it: both in "
      + "the same unit, pitch from centre to centre; compare with the maker's catalogue"
  ),
  WrongFile(
    "blades: 7",
    "speed channel: drive end/temperature",
    "site.yaml:18:24: 'drive end/temperature' is in °C, which is no speed; name a point in rpm or Hz"
  ),
  WrongFile(
    "blades: 7",
    "speed: 1480 rpm\n        speed channel: drive end/motor speed",
    "site.yaml:18:9: 'speed' and 'speed channel' both tell the speed of the shaft; keep 'speed channel' "
      + "where the speed varies, else 'speed'"
  ),
  WrongFile(
    "blades: 7",
    "mains: 5 Hz",
    "site.yaml:18:16: 'mains' must be from 10 Hz to 500 Hz, not 5 Hz; write for example '50 Hz'"
  ),
  WrongFile(
    "blades: 7",
    "belt: 2.9",
    "site.yaml:18:15: a belt turns 0.01 to 2 times per turn of the shaft, not 2.9 times; write π × pulley "
      + "diameter / belt length, for example 'belt: 0.35'"
  ),
  WrongFile(
    "blades: 7",
    "speed ratio: 2",
    "site.yaml:18:9: 'speed ratio' needs 'speed channel' beside it; remove it"
  ),
  WrongFile(
    "block every: 5 min",
    "block every: 2 s\n        every: 40 ms",
    "site.yaml:4:3: the bus 'line' would be busy 103 % of the time; read less often ('every', 'block "
      + "every'), read fewer points ('only'), or raise the baud rate"
  ),
  WrongFile(
    "baud: 115200",
    "baud: 2400",
    "site.yaml:12:7: a block of 'vibration z' takes 84.3 s on 'line', but the device replaces it every 60 s; "
      + "raise the baud rate, read other points less often, or leave the block out with 'only'"
  ),
]

struct BlockTests {
  @Test(arguments: wrongBlocks)
  func `a block that cannot be read by reading alone is refused, with place and mend`(
    wrong: WrongFile
  ) throws {
    let text = try wrong.applied(to: blockProfile)
    let said = errors(
      Result { () throws(ConfigurationProblems) in
        try ProfileFile.parse(text, file: "b.yaml", id: "acme/block")
      }
    )
    #expect(said == wrong.errors)
  }

  @Test(arguments: wrongBlockSites)
  func `what cannot be about a block's machine is refused, with place and mend`(
    wrong: WrongFile
  ) throws {
    let said = errors(load(try wrong.applied(to: blockSite)))
    #expect(said == wrong.errors)
  }

  @Test func `a block becomes a source, its values channels, and what turns beside it a rule`()
    throws
  {
    let site = try load(blockSite).get()
    let source = try #require(site.plant.waveforms.first)
    #expect(source.name == "vibration z" && source.bearing == "6309" && source.unit == "[g]")
    #expect(source.location == "drive end")
    let poll = try #require(site.buses[0].devices[0].waveforms.first)
    #expect(poll.period == .seconds(300))
    #expect(poll.block.header == 100...102 && poll.block.sampleCount == 8_192)
    let rule = try #require(site.pipeline.manipulation.waveforms.first)
    #expect(rule.shaft == .fixed(hertz: 1_480.0 / 60) && rule.blades == 7 && rule.teeth == nil)
    #expect(abs((rule.bearing?.outer ?? 0) - 3.034) < 0.001)
    #expect(rule.unitSize == 9.806_65)
    let names = rule.features.map { site.plant[$0].point }
    #expect(names.first == "velocity rms z" && names.contains("envelope outer race z"))
    #expect(names.contains("blade pass z") && !names.contains("gear mesh z"))
    // Judged by the severity standard, after three blocks, and silent only after three periods.
    #expect(site.pipeline.detection.severity.map(\.channels) == [[rule.features[0]]])
    #expect(site.pipeline.detection.severity.first?.alarmDelay == .seconds(900))
    let index = Int(rule.features[0].index)
    #expect(site.pipeline.detection.channels[index].silentAfter == .seconds(900))
    // Values that are read each second are learned each minute all the same.
    #expect(site.pipeline.detection.learning?.step == .seconds(60))
  }

  @Test func `a velocity that ends below 1000 Hz is judged by no standard, and that is said`()
    throws
  {
    let profile = blockProfile.replacing("rate: 12800 Hz", with: "rate: 1600 Hz")
    let library = ProfileLibrary(texts: ["acme/block": profile])
    let text = blockSite.replacing("blades: 7", with: "teeth: 23")
    let site = try readSite(text, profiles: library, busLoad: { BusPlan($0).load }).get()
    #expect(site.pipeline.detection.severity.isEmpty)
    let said = site.remarks.filter { $0.severity == .warning }.map(\.description)
    #expect(said.contains { $0.contains("'drive end' has blocks below 2000 samples per second") })
    // What the site itself sets is held against it all the same.
    let own = text.replacing(
      "mounting: rigid",
      with: "mounting: rigid\n    severity: { alert above: 4.5 mm/s, alarm above: 7.1 mm/s }"
    )
    let judged = try readSite(own, profiles: library, busLoad: { BusPlan($0).load }).get()
    #expect(judged.pipeline.detection.channels.contains { $0.limits.first?.alarm == 7.1 })
  }

  @Test func `a device that takes a block rarely is silent only after three of its own periods`()
    throws
  {
    let profile = blockProfile.replacing("holds: 60 s", with: "holds: 3600 s")
    let library = ProfileLibrary(texts: ["acme/block": profile])
    let site = try readSite(blockSite, profiles: library, busLoad: { BusPlan($0).load }).get()
    let rule = try #require(site.pipeline.manipulation.waveforms.first)
    let index = Int(rule.features[0].index)
    #expect(site.pipeline.detection.channels[index].silentAfter == .seconds(10_800))
    #expect(site.pipeline.detection.severity.first?.alarmDelay == .seconds(10_800))
    #expect(site.buses[0].devices[0].waveforms.first?.period == .seconds(300))
  }

  @Test func `a speed channel tells the speed of the shaft, through a ratio`() throws {
    let text = blockSite.replacing(
      "blades: 7",
      with: "speed channel: drive end/motor speed\n        speed ratio: 0.4"
    )
    let site = try load(text).get()
    let speed = try #require(site.plant.channels.first { $0.point == "motor speed" })
    #expect(
      site.pipeline.manipulation.waveforms.first?.shaft
        == .channel(speed.id, hertzPerUnit: 0.4 / 60)
    )
  }

  @Test func `a device of which only points are wanted has no blocks, and says so of its bearing`()
    throws
  {
    let text = blockSite.replacing("block every: 5 min", with: "only: [temperature]")
    let site = try load(text).get()
    #expect(site.plant.waveforms.isEmpty && site.plant.channels.count == 1)
    let warnings = site.remarks.filter { $0.severity == .warning }.map(\.description)
    #expect(warnings.count == 2)
    #expect(warnings.first?.contains("'bearing' is for blocks of samples") == true)
  }

  @Test func `a belt and a motor beside the sensor are looked at with it, where they are told`()
    throws
  {
    let plain = try load(blockSite).get().pipeline.manipulation.waveforms.first
    #expect(plain?.beltOrder == nil && plain?.mainsHertz == nil)
    let text = blockSite.replacing("blades: 7", with: "belt: 0.35\n        mains: 50 Hz")
    let rule = try load(text).get().pipeline.manipulation.waveforms.first
    #expect(rule?.beltOrder == 0.35 && rule?.mainsHertz == 50)
  }

  @Test func `values that the blocks can never show are named`() throws {
    func warnings(_ old: String, _ new: String) throws -> [String] {
      try load(blockSite.replacing(old, with: new)).get().remarks
        .filter { $0.severity == .warning }.map(\.description)
    }
    #expect(try warnings("blades: 7", "teeth: 23").isEmpty)
    // 17 × 4.97 × 166.7 Hz.
    #expect(
      try warnings("blades: 7", "speed: 10000 rpm") == [
        "site.yaml:12:7: warning: defects of the bearing will not be looked for in 'vibration z': inner race; "
          + "measure here at 14100 samples per second or more"
      ]
    )
    #expect(
      try warnings("blades: 7", "teeth: 300") == [
        "site.yaml:12:7: warning: 'gear mesh z' will have no value: at 1480 rpm its line lies at 7400 Hz, and "
          + "a block of 'vibration z' shows 6400 Hz at most; measure here at a higher rate, or correct "
          + "the speed, 'teeth' or 'blades'",
        "site.yaml:12:7: warning: 'gear mesh sidebands z' will have no value: at 1480 rpm its line lies at "
          + "7400 Hz, and a block of 'vibration z' shows 6400 Hz at most; measure here at a higher "
          + "rate, or correct the speed, 'teeth' or 'blades'",
      ]
    )
    let slow = try warnings("blades: 7", "speed: 600 rpm")
    #expect(
      slow == [
        "site.yaml:12:7: warning: 'velocity 0.5x z' will have no value: at 600 rpm it takes a block of "
          + "0.8 s, and one of 'vibration z' lasts 0.64 s; measure here with longer blocks, or correct "
          + "the speed"
      ]
    )
  }

  @Test func `the simulated device can be read at the rates that its window allows`() throws {
    let (document, remarks) = try profileLibrary().profile("vigie/vibration-block")
    #expect(remarks.isEmpty)
    let block = try #require(document.profile.blocks.first)
    #expect(block.window == 1_000...9_191)
  }

  private func profileLibrary() -> ProfileLibrary {
    ProfileLibrary(directories: [repository.appending(path: "firmware-configs").path])
  }
}
