/// How long a machine usually still runs once a deviation stands on it.
///
/// What lasted, lasts: of something met at a moment that is nothing special, the past foretells the
/// future, within a wide range (Gott, doi:10.1038/363315a0). And faults found by an alert usually end
/// within days. The middle lies halfway between the two, as ratios: √(usual · past). The past is the time
/// in which the deviation grew from a third of its size; that it has three times as much speaks of its
/// pace, whatever the course of wear and wherever it ends.
///
/// Both numbers of the middle were fitted over 40 plants of `vigie-bench plant` (seeds 201 to 240); that
/// command shows on other seeds how far the estimates hold.
enum UsualLife {
  /// How long faults usually last beyond an alert, where they grew for as long.
  private static let usualHours = 36.0
  /// A step is no infinite pace.
  private static let stepHours = 12.0
  private static let p10Part = 0.1
  private static let p90Part = 2.3

  /// - Parameter grownHours: For how many hours of the calendar the deviation has been beyond a third of
  ///   what it is.
  /// - Returns: Hours of the calendar until failure.
  static func remaining(grownHours: Double) -> (p10: Double, p50: Double, p90: Double) {
    let middle = (usualHours * (max(grownHours, 0) + stepHours)).squareRoot()
    return (p10Part * middle, middle, p90Part * middle)
  }
}
