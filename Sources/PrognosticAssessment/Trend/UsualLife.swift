import SignalProcessing

/// How long a machine usually still runs once a deviation stands on it.
///
/// A guess of few numbers, in hours of the calendar, fitted over 18 plants of `vigie-bench plant` (seeds 1
/// to 18) so that it is right for faults of usual length, one to three weeks, rather than for all: days
/// pass between the alert and the stop. It is sooner the farther the deviation is and the faster it grew
/// in two days, and later the longer it has stood already: what has lasted, lasts. All that shifts it
/// little against its doubt, a factor of ten downwards and of two and a half upwards. There 54 % of the
/// lives ended before the middle, over faults of all lengths 62 %; 80 % fell within P10 to P90.
enum UsualLife {
  /// The middle for a deviation of three times its limit that has stood for two and a half days and does
  /// not grow.
  private static let usualHours = 85.0
  private static let usualSize = 3.0
  private static let usualStanding = 72.0
  private static let sizePower = -0.2
  private static let growthPower = -0.6
  private static let standingPower = 0.15
  /// Growth beyond this is a step, and what shrinks so much wanders.
  private static let growths = -0.3...1.5
  private static let p10Part = 0.1
  private static let p90Part = 2.5

  /// - Parameters:
  ///   - size: Of the deviation, as a multiple of its alert limit.
  ///   - growth: The natural logarithm of how much larger it is than two days ago.
  ///   - hours: Since the alert, in hours of the calendar.
  /// - Returns: Hours of the calendar until failure.
  static func remaining(
    size: Double,
    growth: Double,
    standing hours: Double
  ) -> (p10: Double, p50: Double, p90: Double) {
    let held = min(max(growth, growths.lowerBound), growths.upperBound)
    let middle =
      usualHours
      * steadyExponential(
        sizePower * steadyLogarithm(size / usualSize) + growthPower * held
          + standingPower * steadyLogarithm((max(hours, 0) + 12) / usualStanding)
      )
    return (p10Part * middle, middle, p90Part * middle)
  }
}
