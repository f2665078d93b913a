import ConditionModel

/// What the clocks on a wall in Paris show, worked out apart from the tables of the agent.
///
/// Summer time lasts from the last Sunday of March to the last Sunday of October, 01:00 UTC each
/// (Directive 2000/84/EC of the European Parliament and of the Council, articles 2 and 3).
enum ParisClock {
  /// Holds the times in an alert's text against its moments.
  static func check(_ alert: Advisory, _ text: String) throws(BrokenPromise) {
    // A space that does not break is one.
    let text = text.replacing("\u{A0}", with: " ")
    let since = words(for: alert.since, seenAt: alert.timestamp)
    let times =
      alert.phase == .cleared
      ? "From \(since) to \(words(for: alert.timestamp, seenAt: alert.timestamp))."
      : "Since \(since)."
    guard text.hasPrefix(times) else {
      throw BrokenPromise("alert \(alert.id): '\(text)' does not begin with '\(times)'")
    }
    for opening in ["Next suitable stop: ", "The next planned stop, "] {
      guard let place = text.firstRange(of: opening) else { continue }
      let stop = words(for: nextStop(after: alert.timestamp), seenAt: alert.timestamp)
      guard text[place.upperBound...].hasPrefix(stop) else {
        throw BrokenPromise("alert \(alert.id): '\(text)', and the next stop is '\(stop)'")
      }
    }
  }

  static func offset(at moment: Timestamp) -> Duration {
    let year = CivilTime(moment).year
    let isSummer = (change(in: 3, year)..<change(in: 10, year)).contains(moment)
    return .seconds(isSummer ? 7_200 : 3_600)
  }

  /// The last Sunday of a month of 31 days, at 01:00 UTC.
  private static func change(in month: Int, _ year: Int) -> Timestamp {
    guard let last = CivilTime.moment(year: year, month: month, day: 31, hour: 1) else {
      preconditionFailure("month \(month) of \(year) has no 31 days")
    }
    return last - .seconds((CivilTime(last).weekday + 1) % 7 * 86_400)
  }

  /// The first full hour after `moment` that is a stop of `SimulatedSite`, as the wall shows it.
  private static func nextStop(after moment: Timestamp) -> Timestamp {
    let hour: Int64 = 3_600_000_000_000
    var stop = Timestamp(nanoseconds: (moment.nanoseconds / hour + 1) * hour)
    while true {
      let local = CivilTime(stop, offset: offset(at: stop))
      if local.weekday == SimulatedSite.stop.weekday, local.hour == SimulatedSite.stop.hour {
        return stop
      }
      stop = stop + .seconds(3_600)
    }
  }

  private static func words(for moment: Timestamp, seenAt now: Timestamp) -> String {
    let local = CivilTime(moment, offset: offset(at: moment))
    let year = CivilTime(now, offset: offset(at: now)).year == local.year ? "" : " \(local.year)"
    return "\(weekdays[local.weekday]) \(local.day) \(months[local.month - 1])\(year), "
      + "\(local.hour):\(local.minute < 10 ? "0" : "")\(local.minute)"
  }

  private static let weekdays = [
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
  ]
  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
  ]
}
