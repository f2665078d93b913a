import ConditionModel
import StateDetection

extension AgentStatus {
  /// How far a machine is learned, and what that is worth.
  package struct Learning: Hashable, Sendable, Codable {
    /// Hours of running that are learned, and days of the learning time that are left.
    package var hours: Double
    package var daysLeft: Double
    /// Whether deviations are told; until then limits and zones guard the machine.
    package var isTrusted: Bool
    /// `nil` where nothing that the machine has to do varies.
    package var states: States?
    /// Weeks watched since then, and stories told in them, true ones too.
    package var weeksWatched: Double
    package var alerts: Int
    /// False alerts a week that the owner accepts, and how many are still likely (95 %) were all that
    /// was told false; `nil` before a week is over.
    package var budgetPerWeek: Double
    package var likelyMostPerWeek: Double?
    package var missing: Missing

    /// The operating states of a machine: equal steps of what it has to do.
    package struct States: Hashable, Sendable, Codable {
      package var channel: String
      package var unit: String
      /// Where the lowest state begins, and how wide each is.
      package var from: Double
      package var width: Double
      /// Hours of running in each, the lowest first.
      package var hours: [Double]
    }

    /// What would make the judgement more trustworthy, beside states that are seldom seen.
    package struct Missing: Hashable, Sendable, Codable {
      /// Hours of running that are still to be seen.
      package var hours: Double?
      /// Whether no channel shows the temperature around the machine.
      package var surroundings = false
      /// Channels of which too little is known, or whose sensors are at fault.
      package var channels: [String] = []
    }

    /// Hours in a state below which it is not known well.
    package static var leastHours: Double { LearningProgress.leastHours }
  }
}

extension AgentStatus.Learning {
  init(_ progress: LearningProgress, in plant: Plant) {
    self.init(
      hours: tenths(progress.hours),
      daysLeft: tenths(progress.daysLeft),
      isTrusted: progress.isTrusted,
      states: States(progress.states, in: plant),
      weeksWatched: tenths(progress.weeksWatched),
      alerts: progress.alertCount,
      budgetPerWeek: progress.budgetPerWeek,
      likelyMostPerWeek: progress.likelyMost,
      missing: Missing()
    )
    for item in progress.missing {
      switch item {
      case .days, .state: break
      case .hours(let hours): missing.hours = tenths(hours)
      case .surroundings: missing.surroundings = true
      case .channel(let channel): missing.channels.append(plant[channel].name)
      }
    }
  }
}

extension AgentStatus.Learning.States {
  fileprivate init?(_ states: [LearningProgress.State], in plant: Plant) {
    guard let first = states.first, let last = states.last else { return nil }
    let from = first.range.lowerBound
    let width = first.range.upperBound - from
    func place(_ state: LearningProgress.State) -> Int {
      Int(((state.range.lowerBound - from) / width).rounded())
    }
    var hours = [Double](repeating: 0, count: place(last) + 1)
    for state in states { hours[place(state)] = tenths(state.hours) }
    let channel = plant[first.driver]
    self.init(channel: channel.name, unit: channel.unit, from: from, width: width, hours: hours)
  }
}

private func tenths(_ value: Double) -> Double { (value * 10).rounded() / 10 }
