/// A plain detector of one indicator, as the learned detection judges a channel: averages over six hours
/// and a day, held against how far the day's went while all was well.
struct PlainWatch {
  /// Hours that are only learned.
  static let learning = 9 * 24.0
  /// How many deviations of the day's average are unusual, and how far beyond the farthest of them.
  private static let factor = 4.0
  private static let margin = 1.1

  private var hours = 0.0
  private var short = 0.0
  private var day = 0.0
  private var level = 0.0
  private var square = 0.0
  private var farthest = 0.0
  private(set) var isAlerted = false

  /// Takes the mean over the last `step` hours.
  ///
  /// - Returns: How far it is off, as a multiple of what is unusual; `nil` while it learns.
  mutating func take(_ value: Double, step: Double) -> Double? {
    hours += step
    let isLearning = hours <= Self.learning
    if isLearning { level += (value - level) * min(step / hours, 1) }
    let rest = value - level
    short += (rest - short) * min(step / min(hours, 6), 1)
    day += (rest - day) * min(step / min(hours, 24), 1)
    guard !isLearning else {
      // The first day's average says little of a day's.
      if hours > 24 {
        square += (day * day - square) * min(step / (hours - 24), 1)
        farthest = max(farthest, day.magnitude)
      }
      return nil
    }
    let limit = max(Self.factor * square.squareRoot(), Self.margin * farthest)
    let ofLimit = day.magnitude / limit
    if ofLimit > 1 { isAlerted = true }
    if ofLimit < 0.6 { isAlerted = false }
    return short / limit
  }
}
