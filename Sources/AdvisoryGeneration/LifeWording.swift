package import ConditionModel

// How long a machine will last, and when to stop it, in words.

extension Wording {
  /// By when to plan, in days; the last has no end.
  private static let horizons = [2, 7, 14, 31, 92]

  /// The keys that are asked for here.
  static var lifeKeys: [String] {
    horizons.map { "plan.\($0)" }
      + [
        "plan.later", "plan.uncertain", "plan.usual", "stop", "stop.none", "life.model",
        "life.model.named", "life.model.named.covered", "life.last", "life.open", "life.seen",
        "life.moved", "life.set-aside", "life.withdrawn", "life.far", "title.foreseen",
        "check.foreseen", "record", "record.one",
      ]
      + [
        "few-rows", "start-missed", "rows-missing", "older", "never-seen", "never-seen-together",
        "regime", "sensor", "age", "pace", "failed",
      ].map { "doubt.\($0)" }
  }

  /// Why a model is set aside, as the end of a sentence.
  package func reason(_ doubt: ModelDoubt) -> String {
    func number(_ value: Double) -> String { notation.number(value) }
    return switch doubt {
    case .fewRows(let seen, let needed):
      catalogue.text("doubt.few-rows", ["seen": "\(seen)", "needed": "\(needed)"])
    case .startMissed(let age): catalogue.text("doubt.start-missed", ["age": number(age)])
    case .rowsMissing(let seen, let expected):
      catalogue.text("doubt.rows-missing", ["seen": "\(seen)", "expected": "\(expected)"])
    case .olderThanFleet(let age, let longest):
      catalogue.text("doubt.older", ["age": number(age), "longest": number(longest)])
    case .neverSeen(let name): catalogue.text("doubt.never-seen", ["name": name])
    case .neverSeenTogether: catalogue.text("doubt.never-seen-together")
    case .unknownRegime: catalogue.text("doubt.regime")
    case .missingSensor(let name): catalogue.text("doubt.sensor", ["name": name])
    case .ageWentBack: catalogue.text("doubt.age")
    case .paceUnknown: catalogue.text("doubt.pace")
    case .alreadyFailed: catalogue.text("doubt.failed")
    }
  }

  /// By when to act, how sure that is, and the next stop that suits.
  func lifeSentences(
    of life: RemainingLife,
    _ advisory: Advisory,
    in plant: Plant,
    clock: LocalTimeTable
  ) -> [String] {
    let now = advisory.timestamp
    let left = life.due.p10 - now
    let horizon = Self.horizons.first { left < .seconds($0 * 86_400) }
    let key =
      if !life.tellsWhenToAct {
        "plan.usual"
      } else if life.isSwinging {
        "plan.uncertain"
      } else {
        horizon.map { "plan.\($0)" } ?? "plan.later"
      }
    var sentences = [
      catalogue.text(
        key,
        [
          "p10": hours(until: life.due.p10, now),
          "p50": hours(until: life.due.p50, now),
          "p90": hours(until: life.due.p90, now),
        ]
      )
    ]
    guard life.tellsWhenToAct else { return sentences + setAside(life) }
    if life.basis == .model { sentences += modelSentences(of: life, advisory, in: plant) }
    sentences += setAside(life)
    if let stop = plant.nextStop(after: now, clock: clock) {
      let isInTime = stop < life.due.p10
      sentences.append(
        catalogue.text(isInTime ? "stop" : "stop.none", ["time": time(stop, advisory, clock)])
      )
    }
    if let earlier = life.earlier {
      sentences.append(record(count: earlier.count, within: earlier.within))
    }
    return sentences
  }

  /// What the model says of the longest lives, how good it is, and what it saw of the machine.
  private func modelSentences(
    of life: RemainingLife,
    _ advisory: Advisory,
    in plant: Plant
  ) -> [String] {
    guard let model = life.model else { return [catalogue.text("life.model")] }
    let last = life.isOpenEnded == true ? "life.open" : "life.last"
    let key = model.coverage == nil ? "life.model.named" : "life.model.named.covered"
    let covered = (model.coverage ?? 0) * 100
    var sentences = [
      catalogue.text(last, ["p90": hours(until: life.due.p90, advisory.timestamp)]),
      catalogue.text(
        key,
        [
          "name": model.name, "count": "\(model.failureCount)",
          "error": duration(.init(inSeconds: model.errorHours * 3_600)),
          "covered": notation.quantity(covered.rounded(), ucum: "%"),
        ]
      ),
      catalogue.text(
        "life.seen",
        ["age": notation.number(model.age), "unit": notation.unitSymbol(ucum: model.ageUnit)]
      ),
    ]
    if !model.moved.isEmpty {
      let list = list(model.moved, besides: location(of: advisory, in: plant), in: plant)
      sentences.append(catalogue.text("life.moved", ["list": list]))
    }
    return sentences
  }

  /// Why an end is no longer foreseen, where the model says so itself.
  func farSentences(of advisory: Advisory) -> [String] {
    guard let life = advisory.life else { return [] }
    return [catalogue.text("life.far", ["p10": hours(until: life.due.p10, advisory.timestamp)])]
  }

  /// An hour at least: nobody acts sooner, and "in 0 s" is no forecast.
  private func hours(until moment: Timestamp, _ now: Timestamp) -> String {
    duration(max(moment - now, .seconds(3_600)))
  }

  private func setAside(_ life: RemainingLife) -> [String] {
    life.modelDoubt.map { [catalogue.text("life.set-aside", ["reason": reason($0)])] } ?? []
  }

  /// How the estimates for a machine, one a day, compared with the failures that came.
  package func record(count: Int, within: Int) -> String {
    catalogue.text(
      count == 1 ? "record.one" : "record",
      ["count": "\(count)", "within": "\(within)"]
    )
  }
}

extension RemainingLife {
  /// Whether it says when to act: how long faults usually last does not.
  var tellsWhenToAct: Bool { basis != .usual }
}

extension Plant {
  /// The first moment after `now` at which machines may be stopped.
  func nextStop(after now: Timestamp, clock: LocalTimeTable) -> Timestamp? {
    maintenanceWindows?.compactMap { window -> Timestamp? in
      let offset = clock.offset(at: now)
      let local = CivilTime(now, offset: offset)
      let days = (window.weekday - local.weekday + 7) % 7
      let today = CivilTime.moment(year: local.year, month: local.month, day: local.day)
      guard let today else { return nil }
      // The clocks may change before.
      func moment(in days: Int) -> Timestamp {
        let wall = today + .seconds(days * 86_400 + window.hour * 3_600)
        return wall - clock.offset(at: wall - offset)
      }
      let next = moment(in: days)
      return next > now ? next : moment(in: days + 7)
    }
    .min()
  }
}
