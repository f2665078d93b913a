/// What is known of one channel while its machine stands still.
///
/// A worn machine reads like a sound one at rest; a sensor that is off is off at rest, too.
struct RestModel: Hashable, Sendable, Codable {
  /// Minutes over which deviations are averaged.
  private static let span = 45.0

  /// The mean at rest in the channel's unit; of temperatures above that of the surroundings.
  private(set) var level = 0.0
  /// The mean at rest before a new one was accepted, until readings go back to it.
  private var reference: Double?
  /// The deviation averaged, in the channel's unit.
  private(set) var size = 0.0
  private var square = 0.0
  private var weight = 0.0
  private var farthest = 0.0
  private(set) var count = 0.0
  /// The step of the latest minute at rest, and how many followed one another.
  private(set) var latest: Int64 = 0
  private(set) var rowLength = 0

  /// Takes what a step of so many minutes at rest shows.
  mutating func take(_ value: Double, at step: Int64, minutes: Double) {
    count += 1
    rowLength = step - latest <= 2 ? rowLength + 1 : 1
    latest = step
    guard weight > 0 else { return }
    size += (value - level - size) / min(max(count, 5), max(Self.span / minutes, 1))
    guard let reference, abs(level + size - reference) < 0.5 * abs(level - reference) else {
      return
    }
    size += level - reference
    level = reference
    self.reference = nil
  }

  /// Takes a minute as one more that is usual.
  ///
  /// - Parameters:
  ///   - value: The mean of the minute, of temperatures above that of the surroundings.
  ///   - isLearning: Whether all that is seen is usual, as it is as long as nothing is known.
  ///   - doubt: How many minutes of what was never seen before count as one.
  mutating func learn(_ value: Double, isLearning: Bool, doubt: Double) {
    weight = min(weight + 1, 20_000)
    // What was never seen before is believed slowly.
    let pace = isLearning || usual == nil || abs(size) <= farthest ? 1 : doubt
    level += (value - level) / (weight * pace)
    // The first mean is no more than a first reading.
    guard weight > Self.span else { return }
    square += (size * size - square) / ((weight - Self.span) * pace)
    farthest = 0.99995 * farthest + max(0, abs(size) - 0.99995 * farthest) / pace
  }

  /// Takes the present level as the usual one; readings may go back to the one before.
  mutating func acceptLevel() {
    if reference == nil { reference = level }
    level += size
    size = 0
  }

  /// Learns the level anew, as after work on the machine; how far readings wander stays known.
  mutating func forgetLevel() {
    count = 0
    weight = 0
    size = 0
    reference = nil
  }

  /// How far readings at rest may be off and mean nothing; `nil` while too little is known.
  var usual: Double? {
    weight > 120 ? max(3 * square.squareRoot(), 1.1 * farthest) : nil
  }
}
