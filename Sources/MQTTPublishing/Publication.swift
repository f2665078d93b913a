package import ConditionModel

/// What one format says to a broker: events in, messages out, without a clock or a socket.
///
/// What is so now is told first. Whatever was stored before that is history, and says so.
package protocol Publication: Sendable {
  /// The topics of commands and of what must be known before anything is said.
  var subscriptions: [String] { get }
  /// Whether entries may be published now.
  var isReady: Bool { get }
  /// Whether the broker is to say the last will after an orderly end too, where it can be asked to.
  var asksForWill: Bool { get }
  /// What must not be forgotten when the program ends; changed by `connecting` only.
  var memory: UInt8 { get }

  /// The last will for the next connection.
  mutating func connecting(at now: Timestamp) -> Message
  /// The broker has accepted the connection, and the subscriptions.
  mutating func connected(at now: Timestamp) -> [PublicationStep]
  /// - Parameter wasHeard: Whether the broker may know the last will of this connection.
  mutating func disconnected(wasHeard: Bool)
  /// Takes the newest of what is stored, whether or not anybody listens.
  mutating func observe(_ content: OutboxEntry.Content)
  /// Says an entry.
  ///
  /// - Parameters:
  ///   - entry: What is said.
  ///   - isPast: Whether it was stored before somebody listened, so that what was told then has it
  ///     already. No clock decides that: one that ran ahead would make the past look new.
  ///   - now: The present time.
  /// - Returns: The messages; the last one confirms the entry.
  mutating func publish(_ entry: OutboxEntry, isPast: Bool, at now: Timestamp) -> [Message]
  /// All that happened before the present is published.
  mutating func historyEnded(at now: Timestamp) -> [Message]
  /// Something was heard.
  mutating func received(_ message: ReceivedMessage, at now: Timestamp) -> [PublicationStep]
  /// Commands since the start.
  var counts: CommandCounts { get }

  /// Time passed: to be told twice a second or so.
  mutating func advance(to now: Timestamp) -> [PublicationStep]
  /// What the agent says about itself, a JSON object.
  mutating func report(_ json: String, at now: Timestamp) -> [Message]
  /// The last words before an orderly end of a connection on which there were first ones.
  func farewell(at now: Timestamp) -> Message
}

/// What follows from something that a publication was told.
package enum PublicationStep: Hashable, Sendable {
  case send(Message)
  /// Say goodbye to this broker, and try the next one.
  case leave(reason: String)
  /// Say goodbye, and keep away for minutes: somebody else is there under our name.
  case yield(reason: String)
  case command(RemoteCommand)
}

/// A message for the broker.
package struct Message: Hashable, Sendable {
  package var topic: String
  package var payload: [UInt8]
  package var isRetained: Bool
  /// Quality of service 1; without, it is 0, as Sparkplug wants it.
  package var isAcknowledged: Bool

  package init(topic: String, payload: [UInt8], isRetained: Bool, isAcknowledged: Bool = true) {
    self.topic = topic
    self.payload = payload
    self.isRetained = isRetained
    self.isAcknowledged = isAcknowledged
  }
}

/// A message from the broker.
package struct ReceivedMessage: Hashable, Sendable {
  package var topic: String
  package var payload: [UInt8]
  package var isRetained: Bool

  package init(topic: String, payload: [UInt8], isRetained: Bool = false) {
    self.topic = topic
    self.payload = payload
    self.isRetained = isRetained
  }
}
