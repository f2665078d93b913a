/// Recognises that another client of the broker has our name.
///
/// A broker throws out the client that it knows by a name when a second one comes with it (MQTT 3.1.1,
/// section 3.1.4). Both come back, and each throws out the other for ever; for each it looks like a
/// connection that is lost as soon as it stands, again and again.
struct RivalWatch {
  /// So many connections in a row were lost soon after they stood.
  private var shortCount = 0

  /// A connection that stood for longer was not thrown out by one who tries again at once.
  private static let shortest = Duration.seconds(5)
  private static let mostShort = 5

  /// - Parameters:
  ///   - cause: Why a connection ended.
  ///   - wasAccepted: Whether it stood.
  ///   - isOwedAnswer: Whether a message waited for an answer: the broker may have hung up over it, and
  ///     its reason was not heard. That says nothing of a rival.
  ///   - length: How long it was tried, and stood.
  /// - Returns: Whether it is time to keep away.
  mutating func isRivalled(
    by cause: ReconnectDelay.Cause,
    wasAccepted: Bool,
    isOwedAnswer: Bool,
    after length: Duration
  ) -> Bool {
    // Where a broker is not there in between, it is the broker that fails.
    let isShort = wasAccepted && cause == .away && length < Self.shortest
    if isShort, isOwedAnswer { return false }
    shortCount = isShort ? shortCount + 1 : 0
    return shortCount >= Self.mostShort
  }
}
