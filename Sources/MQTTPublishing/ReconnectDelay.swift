/// How long to wait before the next attempt to connect.
///
/// A broker that is away is asked often, because publication should go on within 5 seconds of its
/// return. One that answers and refuses (wrong password, wrong certificate) is left alone for
/// longer each time. Where somebody else goes by our name, we keep away for minutes: two who throw
/// each other out are worse for everyone than one. Chance spreads a fleet that restarts together.
struct ReconnectDelay {
  enum Cause {
    /// Nobody is there, or the connection broke.
    case away
    /// We went on purpose, to where we are wanted.
    case elsewhere
    /// The broker is there and does not want us, or our own settings cannot be used.
    case refused
    /// Somebody else uses our name.
    case rival
  }

  private var failures = 0

  /// The connection has proved good.
  mutating func reset() {
    failures = 0
  }

  /// - Returns: 0.5, 1, then 2 s; after a refusal 1, 2, 4 … 30 s; beside a rival 2 min; each up to
  ///   20 % more or less.
  mutating func next(
    after cause: Cause,
    using generator: inout some RandomNumberGenerator
  ) -> Duration {
    let doubled = Double(1 << min(failures, 5))
    failures += 1
    let seconds: Double =
      switch cause {
      case .away, .elsewhere: min(0.5 * doubled, 2)
      case .refused: min(doubled, 30)
      case .rival: 120
      }
    return .milliseconds(Int(seconds * Double.random(in: 800...1_200, using: &generator)))
  }
}
