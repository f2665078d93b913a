import AdvisoryGeneration
import AgentRuntime
import ConditionModel

/// The words of the live view in one language.
struct LiveWords {
  let wording: Wording
  let catalogue: Catalogue

  init(_ language: Language) {
    wording = Wording(language)
    let source =
      switch language {
      case .english: PackageResources.en_strings
      case .french: PackageResources.fr_strings
      }
    catalogue = Catalogue(parsing: String(decoding: source, as: UTF8.self))
  }

  func text(_ key: String, _ values: KeyValuePairs<String, String> = [:]) -> String {
    catalogue.text(key, values)
  }
}

extension LiveWords {
  /// What the latest blocks of samples of a machine say, a sentence each.
  func diagnoses(of machine: AgentStatus.Machine) -> [String] {
    (machine.diagnoses ?? []).compactMap(\.summary).map { wording.sentence(for: $0) }
  }

  /// How long a machine will last and how that is known, or why nobody can tell; `nil` where that is
  /// not asked.
  func life(of machine: AgentStatus.Machine) -> String? {
    guard let life = machine.life else { return nil }
    var sentence = text("life.none")
    if let p10 = life.p10H, let p50 = life.p50H, let p90 = life.p90H {
      sentence = text(
        "life.\(life.basis ?? RemainingLife.Basis.trend.rawValue)",
        [
          "p10": wording.notation.number(p10), "p50": wording.notation.number(p50),
          "p90": wording.notation.number(p90),
        ]
      )
    } else if let reason = life.reason.flatMap(Prognosis.NoTrend.init) {
      sentence = text("life.none.\(reason.rawValue)")
    }
    guard let doubt = life.modelSetAside else { return sentence }
    return sentence + text("life.set-aside", ["reason": wording.reason(doubt)])
  }
}

extension LiveWords {
  /// The record of the agent's own estimates for a machine, in a sentence; `nil` before there is one.
  func earlierEstimates(of machine: AgentStatus.Machine) -> String? {
    machine.earlierEstimates.map { wording.record(count: $0.count, within: $0.within) }
  }
}

// MARK: - How the agent is

extension LiveWords {
  /// What the agent does to the memory card; empty in its first ten minutes.
  private func wear(_ wear: AgentStatus.Wear?) -> String {
    guard let wear else { return "" }
    let notation = wording.notation
    // What a card endures is known to an order of magnitude.
    let life = wear.cardLifeYears.map { years in
      text("store.life", ["years": years > 99 ? "> 99" : "≈ \(notation.number(years.rounded()))"])
    }
    return text(
      "store.wear",
      [
        "day": notation.number(wear.writtenMbPerDay),
        "syncs": notation.number(wear.syncsPerHour), "life": life ?? "",
      ]
    )
  }

  /// The line on an agent that has not reported for so long.
  func silence(_ age: Duration) -> LiveBoard.HealthLine {
    LiveBoard.HealthLine(
      label: text("agent"),
      text: text("agent.silent", ["seconds": "\(Int(age.inSeconds))"]),
      isGood: false
    )
  }

  /// One line each on buses, broker, store and the agent; one alone before its first report.
  func health(_ status: AgentStatus?) -> [LiveBoard.HealthLine] {
    guard let status else {
      return [
        LiveBoard.HealthLine(
          label: text("agent"),
          text: text("agent.waiting"),
          isGood: false
        )
      ]
    }
    let silent = status.buses.flatMap { bus in bus.devices.filter(\.isSilent).map(\.name) }
    let lost = status.buses.filter { !$0.isConnected }.map(\.name)
    let devices = status.buses.reduce(0) { $0 + $1.devices.count }
    var bus = text(
      "buses.good",
      ["buses": "\(status.buses.count)", "devices": "\(devices)"]
    )
    if !lost.isEmpty {
      bus = text("buses.lost", ["list": lost.joined(separator: ", ")])
    } else if !silent.isEmpty {
      bus = text("buses.silent", ["list": silent.joined(separator: ", ")])
    }
    var lines = [
      LiveBoard.HealthLine(
        label: text("buses"),
        text: bus,
        isGood: silent.isEmpty && lost.isEmpty
      )
    ]
    for broker in status.brokers {
      let key =
        if !broker.isConnected {
          "broker.lost"
        } else if broker.refusal != nil {
          broker.rejected == nil ? "broker.refuses" : "broker.rejects"
        } else if !broker.isHeard {
          "broker.unheard"
        } else {
          broker.historyWaiting > 0 ? "broker.history" : "broker.good"
        }
      lines.append(
        LiveBoard.HealthLine(
          label: text("broker"),
          text: text(
            key,
            [
              "format": broker.format, "address": broker.address,
              "pending": "\(status.store.pending)", "history": "\(broker.historyWaiting)",
              "error": broker.refusal ?? broker.lastError ?? "",
              "rejected": "\(broker.rejected ?? 0)",
            ]
          ),
          isGood: broker.isConnected && broker.isHeard && broker.refusal == nil
        )
      )
    }
    let notation = wording.notation
    let damaged = status.store.setAside.map { text("store.setAside", ["place": $0]) } ?? ""
    lines.append(
      LiveBoard.HealthLine(
        label: text("store"),
        text: status.store.error
          ?? text(
            "store.good",
            [
              "size": notation.number(status.store.sizeMb),
              "limit": notation.number(status.store.limitMb), "values": "\(status.valuesStored)",
              "wear": wear(status.store.wear),
            ]
          ) + damaged,
        isGood: status.store.error == nil
      )
    )
    lines.append(
      LiveBoard.HealthLine(
        label: text("agent"),
        text: text(
          "agent.good",
          [
            "memory": notation.number(status.rssMb), "private": notation.number(status.privateMb),
            "cpu": notation.number(status.cpuPercent),
          ]
        ),
        isGood: true
      )
    )
    return lines
  }
}
