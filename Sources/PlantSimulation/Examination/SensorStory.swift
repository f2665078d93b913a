import ConditionModel
import SignalProcessing

extension MachineStory {
  /// Draws which sensors break, when and how.
  mutating func tellSensors() {
    var generator = SeededGenerator(seed: machine.seed).branch(5)
    let day = PlantCalendar.rowsPerDay
    let draw = generator.uniform()
    let count = draw < 0.17 ? 0 : draw < 0.55 ? 1 : draw < 0.83 ? 2 : 3
    var broken: Set<Int> = []
    for _ in 0..<8 * count where machine.truth.sensorFaults.count < count {
      let channel = generator.whole(in: 0...machine.channels.count - 1)
      let kind = generator.pick(ExaminationTruth.SensorFault.Kind.allCases + [.drift, .offset])
      let start = generator.whole(in: 9 * day...machine.rowCount - 2 * day)
      guard !broken.contains(channel),
        let fault = disturbance(kind, of: channel, from: start, &generator)
      else { continue }
      var channels = [channel]
      if case .swapped(let other) = fault.kind {
        guard !broken.contains(other) else { continue }
        channels.append(other)
        machine.disturbances.append(
          SensorDisturbance(channel: other, rows: fault.rows, kind: .swapped(with: channel))
        )
      }
      broken.formUnion(channels)
      machine.disturbances.append(fault)
      machine.truth.sensorFaults.append(
        .init(
          channels: channels.map { machine.channels[$0].point },
          kind: kind,
          start: machine.timestamp(ofRow: fault.rows.lowerBound),
          end: machine.timestamp(ofRow: fault.rows.upperBound)
        )
      )
    }
  }

  private func disturbance(
    _ kind: ExaminationTruth.SensorFault.Kind,
    of index: Int,
    from start: Int,
    _ generator: inout SeededGenerator
  ) -> SensorDisturbance? {
    let day = Double(PlantCalendar.rowsPerDay)
    let channel = machine.channels[index]
    let span = usualSpan(of: channel)
    var days = generator.spread(in: 0.5...12)
    let made: SensorDisturbance.Kind
    switch kind {
    case .stuck: made = .stuck
    case .drift:
      days = generator.uniform(in: 4...20)
      let height = span * generator.uniform(in: 0.2...1.2) * ExaminationScale.sensor
      made = .drift(perRow: height / (days * day) * (generator.chance(0.5) ? 1 : -1))
    case .spikes:
      made = .spikes(
        chance: generator.spread(in: 0.002...0.03),
        height: span * generator.uniform(in: 0.8...4)
      )
    case .clipped:
      let typical = usual(of: channel)
      let middle = typical.lowerBound + span * generator.uniform(in: 0.4...0.75)
      made = .clipped(channel.range.lowerBound...max(middle, channel.range.lowerBound))
    case .swapped:
      let like = machine.channels.indices.filter {
        $0 != index && machine.channels[$0].quantity == channel.quantity
          && machine.channels[$0].unit == channel.unit
      }
      guard !like.isEmpty else { return nil }
      made = .swapped(with: generator.pick(like))
    case .noisy:
      made = .noisy(span * generator.uniform(in: 0.15...0.6) * ExaminationScale.sensor)
    case .offset:
      let step = span * generator.uniform(in: 0.12...0.9) * ExaminationScale.sensor
      made = .offset(generator.chance(0.5) ? step : -step)
    case .unplugged:
      let range = channel.range
      let level: Double? =
        switch generator.whole(in: 0...3) {
        case 0: range.lowerBound
        case 1: range.upperBound
        case 2: nil
        default: range.lowerBound + (range.upperBound - range.lowerBound) * 0.004
        }
      made = .unplugged(at: level, noise: generator.chance(0.3) ? channel.resolution : 0)
    }
    let end = min(start + Int(days * day), machine.rowCount)
    return SensorDisturbance(channel: index, rows: start..<end, kind: made)
  }

  /// What a channel usually shows, at rest and under load.
  private func usual(of channel: ExaminationChannel) -> ClosedRange<Double> {
    var low = Double.infinity
    var high = -Double.infinity
    let air = Surroundings.Air()
    for (run, speed, load) in [(0.0, 0.0, 0.0), (1, 0.8, 0.35), (1, 1, 0.6), (1, 1, 0.95)] {
      var point = OperatingPoint()
      (point.run, point.speed, point.load) = (run, speed, load)
      var value = channel.response.steady(at: point, surroundings: air)
      if let thermostat = channel.response.thermostat, run > 0 {
        value = min(value, thermostat.setpoint)
      }
      if channel.response.effortOf != nil { value = channel.response.effortScale * load }
      low = min(low, value)
      high = max(high, value)
    }
    return low...max(high, low + (channel.range.upperBound - channel.range.lowerBound) * 0.02)
  }

  private func usualSpan(of channel: ExaminationChannel) -> Double {
    let usual = usual(of: channel)
    return usual.upperBound - usual.lowerBound
  }
}
