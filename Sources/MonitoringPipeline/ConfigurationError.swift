import ConditionModel
import DataManipulation
import StateDetection

/// A configuration that the core cannot work by; it lists every problem that was found.
package struct ConfigurationError: Error, Hashable, CustomStringConvertible {
  package var problems: [String]

  package var description: String {
    problems.joined(separator: "\n")
  }
}

extension PipelineConfiguration {
  /// Everything that contradicts itself; empty for a configuration that can be used.
  var problems: [String] {
    let numbering = plantProblems
    // Rules point at machines and channels by number: without numbers there is nothing to check.
    guard numbering.isEmpty else { return numbering }
    return manipulationProblems + waveformProblems + channelProblems + severityProblems
  }

  private var plantProblems: [String] {
    var problems: [String] = []
    for (index, asset) in plant.assets.enumerated() where Int(asset.id.index) != index {
      problems.append("machine \(asset.name): number \(asset.id.index) at place \(index)")
    }
    for (index, channel) in plant.channels.enumerated() {
      if Int(channel.id.index) != index {
        problems.append("channel \(channel.name): number \(channel.id.index) at place \(index)")
      }
      if Int(channel.asset.index) >= plant.assets.count {
        problems.append("channel \(channel.name): there is no machine \(channel.asset.index)")
      }
    }
    if manipulation.running.count != plant.assets.count {
      problems.append(
        "\(manipulation.running.count) running rules for \(plant.assets.count) machines"
      )
    }
    if manipulation.channelCount != plant.channels.count {
      problems.append(
        "\(manipulation.channelCount) channels to manipulate out of \(plant.channels.count)"
      )
    }
    if detection.channels.count != plant.channels.count {
      problems.append(
        "rules for \(detection.channels.count) channels out of \(plant.channels.count)"
      )
    }
    if detection.plant != plant { problems.append("detection is configured for another plant") }
    return problems
  }

  private var manipulationProblems: [String] {
    var problems: [String] = []
    for (asset, rule) in zip(plant.assets, manipulation.running) {
      guard let rule else { continue }
      if Int(rule.channel.index) >= plant.channels.count || plant[rule.channel].asset != asset.id {
        problems.append("machine \(asset.name): what tells that it runs is not one of its channels")
      }
      if !(rule.threshold.isFinite && rule.threshold > 0) {
        problems.append("machine \(asset.name): it must run above a positive threshold")
      }
    }
    return problems
  }

  private var waveformProblems: [String] {
    var problems: [String] = []
    var isMade = [Bool](repeating: false, count: plant.waveforms.count)
    for rule in manipulation.waveforms {
      guard Int(rule.source.index) < plant.waveforms.count else {
        problems.append("there is no source of waveforms \(rule.source.index)")
        continue
      }
      let source = plant[rule.source]
      let name = "waveforms \(source.location)/\(source.name)"
      if isMade[Int(rule.source.index)] { problems.append("\(name): there are two rules") }
      isMade[Int(rule.source.index)] = true
      if source.asset != rule.asset { problems.append("\(name): the rule is for another machine") }
      if rule.features.isEmpty { problems.append("\(name): nothing is made of them") }
      for channel in rule.features
      where Int(channel.index) >= plant.channels.count || plant[channel].asset != rule.asset {
        problems.append("\(name): what is made of them must be channels of the machine")
      }
      if !(rule.sampleCount >= 32 && rule.unitSize.isFinite && rule.unitSize > 0) {
        problems.append("\(name): length and unit must be positive")
      }
      if !(rule.sampleRateHertz.isFinite
        && rule.sampleRateHertz >= WaveformRule.lowestSampleRateHertz)
      {
        problems.append("\(name): acceleration is sampled at least 200 times a second")
      }
      switch rule.shaft {
      case .channel(let channel, let factor)
      where Int(channel.index) >= plant.channels.count || !(factor > 0):
        problems.append("\(name): the speed must be that of a channel, by a positive factor")
      case .fixed(let hertz) where !(hertz > 0 && hertz <= 5_000):
        problems.append("\(name): a shaft turns up to 5,000 times a second")
      default: break
      }
    }
    for (index, source) in plant.waveforms.enumerated() {
      if Int(source.id.index) != index { problems.append("waveforms \(source.name): wrong number") }
      if Int(source.asset.index) >= plant.assets.count {
        problems.append("waveforms \(source.name): there is no such machine")
      }
    }
    return problems
  }

  private var channelProblems: [String] {
    zip(plant.channels, detection.channels).flatMap { channel, rules in
      rules.problems.map { "channel \(plant[channel.asset].name)/\(channel.name): \($0)" }
    }
  }

  private var severityProblems: [String] {
    var problems: [String] = []
    var judged = [Bool](repeating: false, count: plant.channels.count)
    var places: [Channel] = []
    for (index, rule) in detection.severity.enumerated() {
      let name = "severity rule \(index) (\(rule.standard))"
      let known = rule.channels.filter { Int($0.index) < plant.channels.count }
      guard let first = known.first.map({ plant[$0] }), known.count == rule.channels.count else {
        problems.append("\(name): it must name channels of the plant")
        continue
      }
      for channel in known {
        if plant[channel].asset != first.asset || plant[channel].location != first.location {
          problems.append("\(name): its channels must be those of one place")
        }
        if judged[Int(channel.index)] { problems.append("\(name): a channel has two such rules") }
        judged[Int(channel.index)] = true
      }
      if places.contains(where: { $0.asset == first.asset && $0.location == first.location }) {
        problems.append("\(name): there is another for \(first.location)")
      }
      places.append(first)
      let boundaries = [rule.boundaryAB, rule.boundaryBC, rule.boundaryCD]
      if !(boundaries.allSatisfy(\.isFinite) && 0 <= rule.boundaryAB
        && rule.boundaryAB <= rule.boundaryBC && rule.boundaryBC < rule.boundaryCD)
      {
        problems.append("\(name): the zone boundaries must rise from A to D")
      }
      if rule.alertDelay < .zero || rule.alarmDelay < .zero {
        problems.append("\(name): a delay is negative")
      }
    }
    return problems
  }
}

extension ChannelRules {
  fileprivate var problems: [String] {
    var problems = limits.flatMap(\.problems)
    for side in Finding.Side.allCases where limits.count(where: { $0.side == side }) > 1 {
      problems.append("there are two limits \(side.rawValue)")
    }
    if let stuckAfter, stuckAfter <= .zero { problems.append("stuck after no time at all") }
    if silentAfter <= .zero { problems.append("silent after no time at all") }
    if clippedAfter < .zero { problems.append("clipped after a negative time") }
    if let range = measuringRange,
      !(range.lowerBound.isFinite && range.upperBound.isFinite
        && range.lowerBound < range.upperBound)
    {
      problems.append("the measuring range must have two finite ends")
    }
    return problems
  }
}

extension LimitRule {
  fileprivate var problems: [String] {
    var problems: [String] = []
    let name = "limit \(side.rawValue)"
    if alert == nil && alarm == nil { problems.append("\(name): neither alert nor alarm is set") }
    if ![alert ?? 0, alarm ?? 0, deadband].allSatisfy(\.isFinite) {
      problems.append("\(name): its numbers must be finite")
    }
    if let alert, let alarm, side == .above ? alert > alarm : alert < alarm {
      problems.append("\(name): alarm comes before alert")
    }
    if deadband < 0 { problems.append("\(name): the deadband is negative") }
    if onDelay < .zero || offDelay < .zero { problems.append("\(name): a delay is negative") }
    return problems
  }
}
