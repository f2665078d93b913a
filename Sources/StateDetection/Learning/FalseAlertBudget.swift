import SignalProcessing

/// How far a value must be off so that chance alone passes it as rarely as the owner asked for.
enum FalseAlertBudget {
  /// Averages of a day and of hours are so many independent looks at a channel in a week of shifts.
  private static let looksPerWeek = 5.0

  /// The limit in standard deviations for one channel.
  ///
  /// - Parameters:
  ///   - perWeek: False alerts per machine and week that the owner accepts.
  ///   - channelCount: The channels that share them.
  /// - Returns: The deviation that chance passes in one look in `5 · channelCount ∕ perWeek`.
  /// - SeeAlso: Abramowitz and Stegun, "Handbook of Mathematical Functions", 26.2.23: within 4.5e-4.
  static func quantile(perWeek: Double, channelCount: Int) -> Double {
    let looks = looksPerWeek * Double(max(channelCount, 1))
    let chance = min(max(perWeek / looks, 1e-9), 0.1)
    let root = (-2 * steadyLogarithm(chance)).squareRoot()
    let above = 2.515517 + root * (0.802853 + root * 0.010328)
    let below = 1 + root * (1.432788 + root * (0.189269 + root * 0.001308))
    return root - above / below
  }
}
