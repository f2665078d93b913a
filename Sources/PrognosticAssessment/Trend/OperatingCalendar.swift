package import ConditionModel

/// When a machine runs, learned by the hour of the week: turns hours of operation into dates.
package struct OperatingCalendar: Hashable, Sendable, Codable {
  private static let hourCount = 168
  /// Weeks that count.
  private static let memoryWeeks: Float = 6
  /// Further than this nothing is dated: two years.
  private static let furthestHours = 17_520

  /// The share of each hour of the week, in UTC, in which the machine runs; −1 before it was seen.
  private var shares: [Float]
  private var weekCounts: [UInt8]
  /// The hour that is being watched, since the epoch, how much of it was seen and spent running.
  private var hour: Int64?
  private var seen = 0.0
  private var ran = 0.0

  package init() {
    shares = Array(repeating: -1, count: Self.hourCount)
    weekCounts = Array(repeating: 0, count: Self.hourCount)
  }

  /// Notes whether the machine ran over the last `hours` before `moment`.
  package mutating func observe(isRunning: Bool, hours: Double, at moment: Timestamp) {
    let current = moment.nanoseconds / 3_600_000_000_000
    if let hour, hour != current { close(hour) }
    hour = current
    seen += hours
    if isRunning { ran += hours }
  }

  private mutating func close(_ hour: Int64) {
    defer {
      seen = 0
      ran = 0
    }
    guard seen > 0 else { return }
    let place = Self.place(of: hour)
    let share = Float(ran / seen)
    if weekCounts[place] < UInt8(Self.memoryWeeks) { weekCounts[place] += 1 }
    let weight = 1 / Float(weekCounts[place])
    shares[place] = shares[place] < 0 ? share : shares[place] + weight * (share - shares[place])
  }

  /// Hours of operation on a usual day; 24 before anything is known.
  package var hoursPerDay: Double {
    let usual = usualShare
    var sum = 0.0
    for share in shares { sum += Double(share < 0 ? usual : share) }
    return min(max(sum / 7, 1), 24)
  }

  private var usualShare: Float {
    var sum: Float = 0
    var count: Float = 0
    for share in shares where share >= 0 {
      sum += share
      count += 1
    }
    return count > 0 ? sum / count : 1
  }

  /// The moment at which the machine will have run for so many hours more.
  package func date(after hours: Double, from moment: Timestamp) -> Timestamp {
    // A machine that has not run for a week is taken to run now and then, or there is no date.
    let usual = max(usualShare, 0.02)
    var rest = hours
    var current = moment.nanoseconds / 3_600_000_000_000
    var left = 1 - Double(moment.nanoseconds % 3_600_000_000_000) / 3.6e12
    var passed = 0.0
    for _ in 0..<Self.furthestHours {
      let known = shares[Self.place(of: current)]
      let share = Double(known < 0 ? usual : max(known, 0.1 * usual))
      if share * left >= rest { return moment + .init(inSeconds: (passed + rest / share) * 3_600) }
      rest -= share * left
      passed += left
      left = 1
      current += 1
    }
    return moment + .init(inSeconds: passed * 3_600)
  }

  /// Moves with the clock.
  package mutating func shift(by step: Duration) {
    hour = nil
    seen = 0
    ran = 0
  }

  private static func place(of hour: Int64) -> Int {
    // The epoch began on a Thursday; which hour comes first does not matter.
    Int(((hour % Int64(hourCount)) + Int64(hourCount)) % Int64(hourCount))
  }
}
