import ConditionModel
import DataAcquisition
import PlantSimulation
import Testing

struct SimulatedPlantTests {
  private let workshop = Workshop()

  private func samples(_ plant: SimulatedPlant, seconds: Int) -> [[Frame]] {
    var plant = plant
    return (1...seconds).map { plant.sample(at: Workshop.start + .seconds($0)) }
  }

  /// The mean value per channel in the frames of the last 20 seconds before `second`.
  private func means(_ plant: SimulatedPlant, at second: Int) -> [ChannelID: Double] {
    var sums: [ChannelID: Double] = [:]
    for frame in samples(plant, seconds: second).suffix(20).joined() {
      for (channel, value) in zip(frame.channels, frame.values) {
        sums[channel, default: 0] += value / 20
      }
    }
    return sums
  }

  @Test func `the same seed gives the same bits, another seed others`() throws {
    let first = samples(try workshop.simulated(seed: 5, "pompe-3: leak over 20 s"), seconds: 40)
    let again = samples(try workshop.simulated(seed: 5, "pompe-3: leak over 20 s"), seconds: 40)
    let other = samples(try workshop.simulated(seed: 6, "pompe-3: leak over 20 s"), seconds: 40)
    #expect(first == again)
    #expect(first != other)
  }

  @Test func `how often values are asked for does not change them`() throws {
    var seldom = try workshop.simulated()
    var often = seldom
    for moment in 1...300 {
      _ = often.sample(at: Workshop.start + .milliseconds(100 * moment))
    }
    #expect(
      often.sample(at: Workshop.start + .seconds(30))
        == seldom.sample(at: Workshop.start + .seconds(30))
    )
  }

  @Test func `time does not go back`() throws {
    var plant = try workshop.simulated()
    plant.advance(to: Workshop.start + .seconds(60))
    plant.advance(to: Workshop.start)
    #expect(plant.now == Workshop.start + .seconds(60))
  }

  @Test func `a healthy workshop is well below the limits of its zones for an hour`() throws {
    var excesses: [String] = []
    for frame in samples(try workshop.simulated(), seconds: 3_600).joined() {
      for (index, id) in frame.channels.enumerated() {
        let usual: Range<Double>? =
          switch workshop.plant[id].quantity {
          case .velocityRMS: 0..<1.8
          case .temperature: 15..<80
          case .kurtosis: 0..<4
          default: nil
          }
        guard frame.qualities[index] == .good, usual?.contains(frame.values[index]) ?? true else {
          excesses.append("\(workshop.plant[id].name) \(frame.values[index])")
          continue
        }
      }
    }
    #expect(excesses.isEmpty)
  }

  @Test(arguments: 1...8 as ClosedRange<UInt64>)
  func `bearing wear over a minute shows first at high frequency, then passes the zones in time`(
    seed: UInt64
  ) throws {
    let plant = try workshop.simulated(seed: seed, "pompe-3: bearing wear over 60 s")
    let velocity = workshop.channel("pompe-3", "drive end", "velocity rms z")
    let highFrequency = workshop.channel("pompe-3", "drive end", "high-frequency rms z")
    let temperature = workshop.channel("pompe-3", "drive end", "temperature")
    let rows = samples(plant, seconds: 90)

    func series(_ channel: ChannelID) -> [Double] {
      rows.map { frames in
        for frame in frames {
          if let index = frame.channels.firstIndex(of: channel) { return frame.values[index] }
        }
        return .nan
      }
    }
    func firstSecond(_ channel: ChannelID, above limit: Double) -> Int? {
      series(channel).firstIndex { $0 > limit }.map { $0 + 1 }
    }
    let tripled = try #require(
      firstSecond(highFrequency, above: 3 * series(highFrequency)[0])
    )
    let zoneC = try #require(firstSecond(velocity, above: 2.8))
    let zoneD = try #require(firstSecond(velocity, above: 4.5))
    let warm = try #require(firstSecond(temperature, above: series(temperature)[0] + 5))
    #expect(tripled < zoneC && zoneC < zoneD && zoneD <= 40, "\(tripled) \(zoneC) \(zoneD)")
    #expect(warm > zoneC)
  }

  /// What each fault of a machine moves there (+ up, − down), and what it must leave alone.
  static let effects: [(scenario: String, moved: [(String, String, Double)], still: [String])] = [
    (
      "pompe-3: imbalance over 30 s",
      [("drive end", "velocity rms z", +3), ("drive end", "velocity rms x", +3)],
      ["high-frequency rms z", "kurtosis z", "temperature", "active power"]
    ),
    (
      "ventilateur-1: filter clogging over 30 s", [],
      ["velocity rms z", "high-frequency rms z", "temperature"]
    ),
    (
      "ventilateur-1: overheating over 30 s", [("bearing", "temperature", +8)],
      ["velocity rms z", "high-frequency rms z", "kurtosis z"]
    ),
    (
      "convoyeur-2/gearbox: bearing wear over 30 s",
      [
        ("gearbox", "velocity rms z", +5), ("gearbox", "high-frequency rms z", +1),
        ("gearbox", "temperature", +10),
      ],
      ["output frequency"]
    ),
    (
      "compresseur-1: leak over 30 s", [("receiver", "pressure", -0.05)],
      ["voltage L1", "frequency"]
    ),
  ]

  @Test(arguments: effects)
  func `a fault moves what it should, not what it should not, and no other machine`(
    scenario: String,
    moved: [(String, String, Double)],
    still: [String]
  ) throws {
    let second = 200
    let healthy = means(try workshop.simulated(), at: second)
    let faulty = means(try workshop.simulated(scenario), at: second)
    let machine = String(scenario.prefix { $0 != ":" && $0 != "/" })
    for (location, point, change) in moved {
      let channel = workshop.channel(machine, location, point)
      let difference = (faulty[channel] ?? 0) - (healthy[channel] ?? 0)
      #expect(change > 0 ? difference > change : difference < change, "\(point): \(difference)")
    }
    for channel in workshop.plant.channels {
      let isElsewhere = workshop.plant[channel.asset].name != machine
      if isElsewhere
        || still.contains(channel.point)
          && !moved.contains(where: {
            $0.0 == channel.location && $0.1 == channel.point
          })
      {
        let isHousing = channel.quantity == .temperature && scenario.contains("overheating")
        if isHousing && !isElsewhere { continue }
        #expect(faulty[channel.id] == healthy[channel.id], "\(channel.name)")
      }
    }
  }

  @Test func `a worn bearing is felt most where it is`() throws {
    let scenario = "broche-4/nose: bearing wear over 10 s"
    let healthy = means(try workshop.simulated(), at: 40)
    let faulty = means(try workshop.simulated(scenario), at: 40)
    func rise(_ location: String) -> Double {
      let channel = workshop.channel("broche-4", location, "high-frequency rms z")
      return (faulty[channel] ?? 0) / (healthy[channel] ?? 1)
    }
    #expect(rise("nose") > 6)
    #expect((1.5..<4).contains(rise("rear")))
  }

  @Test func `clogging raises the differential pressure and lowers the flow`() {
    func values(clogging: Double) -> (pressure: Double, flow: Double) {
      let asset = Asset(id: AssetID(index: 0), name: "m", kind: .fan)
      var machine = SimulatedMachine(asset: asset, seed: 1, start: Workshop.start)
      machine.faults = [
        MachineFault(kind: .filterClogging, level: clogging, growth: .seconds(1))
      ]
      func value(_ quantity: Quantity, _ unit: String) -> Double {
        let channel = Channel(
          id: ChannelID(index: 0),
          asset: asset.id,
          location: "filter",
          point: "value",
          unit: unit,
          quantity: quantity,
          device: 0
        )
        return SimulatedSensor(channel).value(on: machine)
      }
      return (value(.differentialPressure, "Pa"), value(.flow, "m3/h"))
    }
    let (clean, half, full) = (
      values(clogging: 0), values(clogging: 0.5), values(clogging: 1)
    )
    #expect(half.pressure > 2 * clean.pressure && full.pressure > 1.5 * half.pressure)
    #expect(half.flow < 0.85 * clean.flow && full.flow < 0.65 * clean.flow)
  }

  @Test func `a stuck sensor keeps its value while the others move, and recovers`() throws {
    let plant = try workshop.simulated(
      "pompe-3/drive end/velocity rms z: stuck sensor from 10 s for 30 s"
    )
    let stuck = workshop.channel("pompe-3", "drive end", "velocity rms z")
    let free = workshop.channel("pompe-3", "drive end", "velocity rms x")
    func distinctValues(_ channel: ChannelID, _ seconds: ClosedRange<Int>) -> Int {
      var plant = plant
      var values: Set<Double> = []
      for second in seconds {
        plant.advance(to: Workshop.start + .seconds(second))
        if let value = plant.value(of: channel) { values.insert(value) }
      }
      return values.count
    }
    #expect(distinctValues(stuck, 11...39) == 1)
    #expect(distinctValues(free, 11...39) > 20)
    #expect(distinctValues(stuck, 41...60) > 15)
  }

  @Test func `sensor and bus faults are seen in the quality, never as a number`() throws {
    var plant = try workshop.simulated(
      "ventilateur-1/bearing: unplugged sensor",
      "compresseur-1/receiver: silent unit",
      "pompe-3/drive end/kurtosis z: unreadable address"
    )
    var bad: [String: Quality] = [:]
    for frame in plant.sample(at: Workshop.start + .seconds(1)) {
      for (index, channel) in frame.channels.enumerated() where frame.qualities[index] != .good {
        bad[workshop.plant[channel].name] = frame.qualities[index]
        #expect(frame.values[index] == 0)
      }
    }
    #expect(
      bad == [
        "bearing/temperature": .bad(.invalidCode),
        "receiver/pressure": .bad(.noAnswer),
        "drive end/kurtosis z": .bad(.noSuchAddress),
      ]
    )
  }
}
