import Synchronization

/// Decides which answers on a noisy line are damaged: every second one, beginning with the first.
final class NoiseCounter: Sendable {
  private let answers = Atomic<Int>(0)

  func damagesNext() -> Bool {
    answers.add(1, ordering: .relaxed).oldValue.isMultiple(of: 2)
  }
}
