package import ConditionModel
import SignalProcessing

/// The recording of one machine, row by row, in constant memory.
package struct ExaminationRun: Sendable {
  package let machine: ExaminedMachine
  /// The row that comes next.
  package private(set) var row = 0

  private let responses: [Response]
  private var surroundings: Surroundings
  private var duty: Duty
  private var generator: SeededGenerator
  private var states: [Double]
  private var swings: [Swing]
  private var trembles: [Swing]
  private var frozen: [Double]
  /// Thermostats' effort by channel, 0…1.
  private var efforts: [Double]
  /// By channel: growth of the running part that all influences make now, and what they add.
  private var factors: [Double]
  private var offsets: [Double]
  private var loadOffsets: [Double]
  private var loadFactors: [Double]
  private var truths: [Double]

  init(_ machine: ExaminedMachine) {
    self.machine = machine
    responses = machine.channels.map(\.response)
    let surroundings = Surroundings(
      SeededGenerator(seed: machine.plantSeed),
      rowCount: machine.rowCount
    )
    let seed = SeededGenerator(seed: machine.seed)
    let duty = Duty(machine.duty, seed, dayCount: machine.rowCount / PlantCalendar.rowsPerDay)
    var generator = seed.branch(3)
    swings = responses.map { Swing(steps: $0.slowSeconds / 10, &generator) }
    trembles = machine.influences.map { _ in Swing(steps: 12, &generator) }
    states = responses.map { $0.steady(at: duty.point, surroundings: surroundings.air) }
    let zeros = [Double](repeating: 0, count: responses.count)
    (efforts, factors, offsets, loadFactors, loadOffsets) = (zeros, zeros, zeros, zeros, zeros)
    truths = zeros
    frozen = machine.disturbances.map { _ in .nan }
    self.surroundings = surroundings
    self.duty = duty
    self.generator = generator
  }

  package var timestamp: Timestamp { machine.timestamp(ofRow: row) }

  /// Makes the next row.
  ///
  /// - Parameter values: Takes one value per channel; NaN is a gap. Its size is that of the channels.
  /// - Returns: Whether there was one more; `false` at the end of the recording.
  package mutating func next(_ values: inout [Double]) -> Bool {
    guard row < machine.rowCount else { return false }
    let calendar = PlantCalendar(row: row)
    surroundings.advance(calendar)
    if row % 6 == 0 { updateInfluences() }
    duty.advance(calendar, outdoor: surroundings.air.outdoor)
    let point = duty.point
    for index in responses.indices { advance(index, point) }
    for index in values.indices { values[index] = truths[index] }
    for (place, disturbance) in machine.disturbances.enumerated()
    where disturbance.rows.contains(row) {
      values[disturbance.channel] = disturbance.disturbed(
        truths,
        row: row,
        frozen: &frozen[place],
        &generator
      )
    }
    for index in values.indices {
      let channel = machine.channels[index]
      let shown = min(max(values[index], channel.range.lowerBound), channel.range.upperBound)
      values[index] =
        values[index].isNaN ? .nan : (shown / channel.resolution).rounded() * channel.resolution
      if machine.lossChance > 0, generator.chance(machine.lossChance) { values[index] = .nan }
    }
    for gap in machine.gaps where gap.rows.contains(row) {
      for index in values.indices where gap.channel == nil || gap.channel == index {
        values[index] = .nan
      }
    }
    row += 1
    return true
  }

  /// Once a minute: how strong each influence is, and what all of them do to each channel.
  private mutating func updateInfluences() {
    for index in factors.indices {
      (factors[index], offsets[index]) = (0, 0)
      (loadFactors[index], loadOffsets[index]) = (0, 0)
    }
    var demand = 0.0
    for (index, influence) in machine.influences.enumerated() {
      var weight = influence.weight(at: row)
      guard weight != 0 else { continue }
      if influence.tremble > 0 {
        trembles[index].advance(&generator)
        weight = max(0, weight * (1 + influence.tremble * trembles[index].value))
      }
      demand += influence.demand * weight
      for effect in influence.effects {
        let strength = effect.isLate ? weight * weight : weight
        factors[effect.channel] += effect.factor * strength * (1 - effect.loadShare)
        loadFactors[effect.channel] += effect.factor * strength * effect.loadShare
        offsets[effect.channel] += effect.offset * strength * (1 - effect.loadShare)
        loadOffsets[effect.channel] += effect.offset * strength * effect.loadShare
      }
    }
    duty.extraDemand = demand
    duty.isDown = machine.downTimes.contains { $0.contains(row) }
  }

  private mutating func advance(_ index: Int, _ point: OperatingPoint) {
    let response = responses[index]
    let steady = response.steady(at: point, surroundings: surroundings.air)
    var target = steady
    if point.run > 0.01 {
      let still =
        response.resting + response.hall * (surroundings.air.hall - 20)
        + response.outdoor * (surroundings.air.outdoor - 15)
      let ageing = response.ageing * Double(row) / Double(machine.rowCount)
      let growth = factors[index] + loadFactors[index] * point.load + ageing
      let added = offsets[index] + loadOffsets[index] * point.load
      target = still + (steady - still) * (1 + growth) + point.run * added
    }
    if let controlled = response.effortOf {
      target = efforts[controlled] * response.effortScale
    }
    if let thermostat = response.thermostat {
      let wanted = (target - thermostat.setpoint) / thermostat.authority
      let effort = min(max(wanted, 0), 1)
      efforts[index] += (effort - efforts[index]) * 0.2
      target -= effort * thermostat.authority
    }
    if response.lag > 0 {
      let lag = point.run > 0.5 ? response.lag : response.restingLag
      states[index] += (target - states[index]) * (10 / (lag + 10))
    } else {
      states[index] = target
    }
    if response.usesReceiver, case .loadUnload = machine.duty.style {
      states[index] = response.resting + response.always * duty.receiverShare
    }
    swings[index].advance(&generator)
    let calm = point.run > 0.5 ? 1 : response.restingNoise
    let size = response.isRelative ? states[index] * calm : calm
    var value =
      states[index] + size
      * (response.slow * swings[index].value
        + response.white * generator.quickNormal())
    if point.isStarting, response.inrush > 0 {
      value += response.inrush * (response.always + response.load + response.speed)
    }
    truths[index] = value + response.neighbour * surroundings.neighbour
  }
}
