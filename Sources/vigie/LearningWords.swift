import AdvisoryGeneration
import AgentRuntime

extension LiveWords {
  /// How far a machine is learned, how often it may cry wolf, and what is missing: a sentence each.
  func learning(of machine: AgentStatus.Machine) -> [String] {
    guard let learning = machine.learning else { return [] }
    let number = wording.notation.number
    var sentences = [
      text(
        learning.isTrusted ? "learning.done" : "learning.goes-on",
        ["hours": number(learning.hours)]
      )
    ]
    let states = learning.states.map(described) ?? []
    if !states.isEmpty {
      let list = states.map {
        text("learning.state", ["state": $0.text, "hours": number($0.hours)])
      }
      sentences.append(text("learning.states", ["list": list.joined(separator: "; ")]))
    }
    if learning.isTrusted {
      sentences.append(
        text(
          learning.likelyMostPerWeek == nil ? "learning.rate.unknown" : "learning.rate",
          [
            "count": "\(learning.alerts)", "weeks": number(learning.weeksWatched),
            "most": number(learning.likelyMostPerWeek ?? 0),
            "budget": number(learning.budgetPerWeek),
          ]
        )
      )
    }
    let missing = missing(in: learning, states)
    if !missing.isEmpty {
      sentences.append(text("learning.missing", ["list": missing.joined(separator: "; ")]))
    }
    return sentences
  }

  /// The states that were seen.
  private func described(
    _ states: AgentStatus.Learning.States
  ) -> [(text: String, hours: Double)] {
    let notation = wording.notation
    return states.hours.enumerated().filter { $0.element > 0 }.map { place, hours in
      let from = states.from + Double(place) * states.width
      let range = text(
        "learning.range",
        [
          "channel": states.channel, "from": notation.number(from),
          "to": notation.quantity(from + states.width, ucum: states.unit),
        ]
      )
      return (range, hours)
    }
  }

  private func missing(
    in learning: AgentStatus.Learning,
    _ states: [(text: String, hours: Double)]
  ) -> [String] {
    let number = wording.notation.number
    var list: [String] = []
    if learning.daysLeft > 0 {
      list.append(text("missing.days", ["days": number(learning.daysLeft)]))
    }
    if let hours = learning.missing.hours {
      list.append(text("missing.hours", ["hours": number(hours)]))
    } else {
      for state in states where state.hours < AgentStatus.Learning.leastHours {
        list.append(text("missing.state", ["state": state.text, "hours": number(state.hours)]))
      }
    }
    if learning.missing.surroundings { list.append(text("missing.surroundings")) }
    for channel in learning.missing.channels {
      list.append(text("missing.channel", ["channel": channel]))
    }
    return list
  }
}
