import ConditionModel

/// How long a machine usually still runs once a deviation stands on it.
///
/// Faults found by an alert usually end within days, whatever their course. The middle was fitted over 40
/// plants of `vigie-bench plant` (seeds 201 to 240), whose faults take 10 to 25 days; that command shows on
/// other seeds how far it holds, beside another constant. Only what has stood for much longer is something
/// else, which lasts: of something met at a moment that is nothing special, the past foretells the future
/// (Gott, doi:10.1038/363315a0).
enum UsualLife {
  private static let usualHours = 90.0
  /// What stands for four times the usual is not usual.
  private static let lastingPart = 0.25
  private static let p10Part = 0.15
  private static let p90Part = 2.2

  /// - Parameter standing: For how long the deviation has stood.
  /// - Returns: Hours of the calendar until failure.
  static func remaining(standing: Duration) -> (p10: Double, p50: Double, p90: Double) {
    let middle = max(usualHours, lastingPart * standing.inSeconds / 3_600)
    return (p10Part * middle, middle, p90Part * middle)
  }
}
