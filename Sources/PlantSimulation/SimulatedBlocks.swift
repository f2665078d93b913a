import ConditionModel
import DataAcquisition
import SignalProcessing

/// A sensor that takes blocks of samples by itself and shows the latest in its registers.
///
/// Each block is the vibration of the machine as it was when the block ended: its speed, its load and
/// how far its faults have come. The same seed gives the same blocks.
struct SimulatedBlocks: Sendable {
  let block: WaveformBlock
  let asset: AssetID
  let device: UInt16
  private let location: String
  private let target: VibrationTarget
  private let seed: UInt64
  /// How long a block stands.
  private let holdTime: Duration
  /// The number of the block that is shown; 0 before the first.
  private(set) var number: UInt16 = 0
  /// The window as the device shows it.
  private(set) var words: [UInt16]

  /// What a device does whose profile does not say how long it holds a block.
  private static let usualHoldTime = Duration.seconds(60)

  init(
    _ block: WaveformBlock,
    on source: WaveformSource,
    target: VibrationTarget,
    seed: UInt64
  ) {
    self.block = block
    asset = source.asset
    device = source.device
    location = source.location
    self.target = target
    self.seed = seed
    holdTime = block.holdTime ?? Self.usualHoldTime
    words = Array(repeating: 0, count: block.registerCount)
  }

  /// Takes the block that is due at `elapsed` after the start of the plant, if it is another one.
  mutating func advance(to elapsed: Duration, _ machine: SimulatedMachine) {
    let due = UInt16(truncatingIfNeeded: elapsed.nanoseconds / holdTime.nanoseconds + 1)
    guard due != number else { return }
    number = due
    var samples = [Float](repeating: 0, count: block.sampleCount)
    var model = VibrationModel(
      scenario(of: machine),
      sampleRateHertz: block.sampleRateHertz,
      seed: seed &+ UInt64(due) &* 0x9E37_79B9_7F4A_7C15
    )
    model.fill(&samples)
    encode(samples)
  }

  /// What the machine sounds like at this place.
  private func scenario(of machine: SimulatedMachine) -> VibrationScenario {
    guard machine.shaftHertz > 0.5 else {
      // At rest there is only what the hall sends.
      var rest = VibrationScenario(shaftHertz: 1)
      rest.unbalance = 0
      rest.misalignment = 0
      rest.mains.level = 0
      rest.noise.white = 0.02
      rest.noise.red = 0.02
      rest.noise.friction = 0
      return rest
    }
    func level(_ kind: MachineFault.Kind) -> Double { machine.level(of: kind, at: location) }
    // The shaft beside the sensor may be another one than the motor's.
    let rated = machine.traits.ratedSpeedRPM / 60
    let ratio = (target.shaftHertz ?? rated) / rated
    var scenario = VibrationScenario(shaftHertz: machine.shaftHertz * ratio)
    scenario.speedWander = 0.002
    scenario.unbalance = 0.5 + 7 * level(.imbalance)
    scenario.misalignment = 0.1 + 5 * level(.misalignment)
    scenario.looseness = 4 * level(.looseness)
    scenario.noise.friction = 0.05 * (0.5 + machine.state.load)
    scenario.gear = target.teeth.map { .init(teeth: $0, level: 1, modulation: 0.1) }
    scenario.blades = target.blades.map { .init(count: $0, level: 0.3) }
    if let bearing = target.bearing {
      // A worn bearing of which nothing else is said has a spall on its outer race.
      let defects: [(kind: MachineFault.Kind, fault: VibrationFault)] = [
        (.outerRace, .outer), (.innerRace, .inner), (.rollingElement, .ball), (.cage, .cage),
        (.bearingWear, .outer),
      ]
      if let defect = defects.first(where: { level($0.kind) > 0 }) {
        scenario.defect = .init(
          fault: defect.fault,
          orders: bearing,
          peak: 60 * level(defect.kind)
        )
      }
    }
    return scenario
  }

  // MARK: - Registers

  private mutating func encode(_ samples: [Float]) {
    let size = block.unit == "[g]" ? 9.806_65 : 1
    let point = PointDefinition(
      name: block.name,
      table: block.table,
      address: block.address,
      type: block.type,
      wordOrder: block.wordOrder,
      scaling: .linear(scale: block.scale, offset: block.offset),
      unit: block.unit,
      quantity: .accelerationPeak
    )
    let range = block.measuringRange
    let width = block.type.registerCount
    for (index, sample) in samples.enumerated() {
      var value = Double(sample) / size
      if let range { value = min(max(value, range.lowerBound), range.upperBound) }
      let encoded = RegisterEncoder.words(for: .value(value), of: point).values
      for offset in 0..<width { words[index * width + offset] = encoded[offset] }
    }
  }

  /// The word at an address of the block's table; `nil` where the block has none.
  func word(at address: Int, page: Int) -> UInt16? {
    if block.sequence.contains(UInt16(address)) {
      return address == Int(block.sequence.upperBound) ? number : 0
    }
    if let ready = block.ready, address == Int(ready.address) {
      return number == 0 ? ~ready.value : ready.value
    }
    if let paging = block.paging, address == Int(paging.address) { return UInt16(page) }
    guard block.window.contains(address) else { return nil }
    let place = page * (block.paging?.registers ?? 0) + address - Int(block.address)
    return place < words.count ? words[place] : 0
  }
}
