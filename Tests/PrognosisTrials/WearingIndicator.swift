import Glibc
import SignalProcessing

/// One indicator of wear over eight weeks, as it would be read: wandering, daily swing, noise, and from
/// some day on a degradation of one of six kinds, of unknown height and length.
struct WearingIndicator {
  enum Kind: String, CaseIterable {
    case even
    case exponential
    case quickening
    case lateKnee = "late knee"
    case stepwise
    case saturating
  }

  static let hours = 56 * 24.0
  /// What usually counts as failed, in the indicator's unit; the true height lies around it.
  static let usualFailure = 10.0

  let kind: Kind
  /// Hours from the start to the onset, and from there to failure.
  let onset: Double
  let length: Double
  private let height: Double
  private let bend: Double
  private let walkRate: Double
  private let season: Double
  private let phase: Double
  private var slow = 0.0
  private var walk = 0.0
  private var generator: SeededGenerator

  init(_ kind: Kind, seed: UInt64) {
    self.kind = kind
    generator = SeededGenerator(seed: seed)
    onset = 24 * generator.uniform(in: 10..<40)
    length = 96 * exp(generator.uniform() * log(7.5))
    height = Self.usualFailure * exp(0.55 * generator.normal())
    bend = generator.uniform()
    walkRate = 0.01 * generator.uniform()
    season = generator.uniform()
    phase = 6.283 * generator.uniform()
  }

  var fails: Bool { onset + length < Self.hours }

  /// The next reading, `step` hours after the one before.
  mutating func reading(at hour: Double, step: Double) -> Double {
    let keep = 1 - step / 33
    slow = keep * slow + 1.0 * (1 - keep * keep).squareRoot() * generator.normal()
    walk += walkRate * step.squareRoot() * generator.normal()
    let day = 0.4 * sin(hour / 24 * 6.283 + phase) + season * sin(hour / 960 * 6.283 + phase)
    let wear = hour > onset ? height * course(min((hour - onset) / length, 1)) : 0
    return wear + slow + walk + day + 0.5 * generator.normal()
  }

  /// The part of the way to failure after a part of the length.
  private func course(_ part: Double) -> Double {
    switch kind {
    case .even: return part
    case .exponential:
      let rate = 2 + 4 * bend
      return (exp(rate * part) - 1) / (exp(rate) - 1)
    case .quickening: return pow(part, 1.5 + 1.5 * bend)
    case .lateKnee:
      let knee = 0.5 + 0.35 * bend
      return part < knee ? 0.25 * part / knee : 0.25 + 0.75 * (part - knee) / (1 - knee)
    case .stepwise:
      let count = 3 + (4 * bend).rounded(.down)
      return (part * count + 0.3).rounded(.down) / count
    case .saturating:
      let rate = 1 + 2 * bend
      return (1 - exp(-rate * part)) / (1 - exp(-rate))
    }
  }
}
