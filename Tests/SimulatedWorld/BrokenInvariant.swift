package import ConditionModel

/// A promise that did not hold in a simulated life, with all that is needed to see it again.
package struct BrokenInvariant: Error {
  package var seed: UInt64
  /// The event of that life at which it showed.
  package var step: Int
  /// What the clock of the world outside showed.
  package var moment: Timestamp
  package var promise: String
  /// What happened before, newest last.
  package var story: [String]
}

extension BrokenInvariant: CustomStringConvertible {
  package var description: String {
    """
    seed \(seed), step \(step), \(moment): \(promise)
    before it:
    \(story.map { "  \($0)" }.joined(separator: "\n"))
    again: vigie-bench simulate --seed \(seed) --until-step \(step)
    """
  }
}
