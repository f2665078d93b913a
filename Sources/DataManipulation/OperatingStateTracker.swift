package import ConditionModel

/// Follows for each machine whether it runs.
///
/// A machine runs once the signal of its rule exceeds the threshold, and has stopped once it is
/// below 90 % of it, so that a signal near the threshold does not switch back and forth. A value
/// that is missing for a moment changes nothing.
package struct OperatingStateTracker: Sendable {
  /// What the block remembers: with the configuration it is the whole block.
  package struct Memory: Hashable, Sendable, Codable {
    fileprivate var machines: [Machine]

    /// Whether it has a place for each machine.
    package func fits(_ configuration: ManipulationConfiguration) -> Bool {
      machines.count == configuration.running.count
    }
  }

  fileprivate struct Machine: Hashable, Sendable, Codable {
    var state: OperatingState
    var latest: Timestamp?
  }

  /// Below this share of the threshold a machine has stopped.
  private static let stopShare = 0.9

  package private(set) var memory: Memory
  private let rules: [RunningRule?]

  package init(_ configuration: ManipulationConfiguration, memory: Memory? = nil) {
    rules = configuration.running
    self.memory =
      memory
      ?? Memory(
        machines: configuration.running.map { rule in
          Machine(state: rule == nil ? .untold : .unknown, latest: nil)
        }
      )
  }

  package func state(of asset: AssetID) -> OperatingState {
    memory.machines[Int(asset.index)].state
  }

  /// Takes the signal that tells from the frame, if it is in it.
  package mutating func process(_ frame: Frame) {
    let index = Int(frame.asset.index)
    guard let rule = rules[index], let place = frame.channels.firstIndex(of: rule.channel) else {
      return
    }
    let value = frame.values[place]
    guard frame.qualities[place].isUsable, value.isFinite else { return }
    take(value, at: frame.timestamp, for: index, by: rule)
  }

  private mutating func take(
    _ value: Double,
    at moment: Timestamp,
    for index: Int,
    by rule: RunningRule
  ) {
    let machine = memory.machines[index]
    if let latest = machine.latest, moment < latest { return }
    memory.machines[index].latest = moment
    let isRunning = machine.state.isRunning
    let threshold = isRunning == true ? rule.threshold * Self.stopShare : rule.threshold
    let runsNow = isRunning == true ? value >= threshold : value > threshold
    guard runsNow != isRunning else { return }
    memory.machines[index].state = runsNow ? .running(since: moment) : .stopped(since: moment)
  }

  /// Lets time pass: what was not confirmed for long is not known any more.
  package mutating func advance(to now: Timestamp) {
    for (index, rule) in rules.enumerated() {
      guard let rule else { continue }
      if let latest = memory.machines[index].latest, now - latest > rule.forgetAfter {
        memory.machines[index].state = .unknown
      }
    }
  }

  /// Moves everything remembered with the clock.
  package mutating func shift(by step: Duration) {
    for index in memory.machines.indices {
      memory.machines[index].state.shift(by: step)
      memory.machines[index].latest = memory.machines[index].latest?.shifted(by: step)
    }
  }
}
