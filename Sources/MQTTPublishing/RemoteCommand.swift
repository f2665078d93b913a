package import ConditionModel
import FoundationEssentials

/// What somebody asks of the agent through the broker.
package struct RemoteCommand: Hashable, Sendable {
  package var content: Content
  /// Who asks, in the words of the sender; the broker's rules decide who may send at all.
  package var user: String

  package init(_ content: Content, user: String) {
    self.content = content
    self.user = user
  }

  package enum Content: Hashable, Sendable {
    case acknowledge(alert: UInt64)
    case shelve(alert: UInt64, for: Duration, reason: String)
  }

  /// The kinds that a site file can allow.
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    case acknowledge
    case shelve
    case rebirth
  }
}

/// Commands that came since the start, by what became of them.
package struct CommandCounts: Hashable, Sendable, Codable {
  package var accepted = 0
  /// No JSON, no Sparkplug, or values that make no sense.
  package var malformed = 0
  package var oversized = 0
  /// Seen before, retained, not of these minutes, from before the start, or too many to tell apart.
  package var replayed = 0
  /// Not allowed by the site file, or not known here.
  package var foreign = 0

  package init() {}
}

/// Decides which commands are taken up.
///
/// ```json
/// {"id": "hmi-2-117", "timestamp": 1790000000000, "command": "shelve", "alert": 12,
///  "hours": 8, "reason": "belt ordered", "user": "marie"}
/// ```
///
/// The published form is `deploy/schema/command.schema.json`.
package struct CommandGate: Sendable {
  package private(set) var counts = CommandCounts()
  private let allowed: Set<RemoteCommand.Kind>
  private let runningTime: @Sendable () -> Duration
  /// Commands that were taken up and are not too old to come again.
  private var known: [(id: String, sentAt: Timestamp)] = []
  private var lastRebirth: Timestamp?
  /// Whether births were asked for so soon after the last that they are still to come.
  private var isRebirthOwed = false

  private static let mostBytes = 4_096
  /// Far more than people send within minutes; beyond it nothing new could be told from a repetition.
  private static let mostKnown = 1_024
  /// How far the sender's clock may be from ours; an older command was kept by somebody.
  private static let patience = Duration.seconds(300)
  private static let rebirthPause = Duration.seconds(1)

  /// - Parameters:
  ///   - allowed: What the site file allows.
  ///   - runningTime: How long the program has been running, by a clock that only counts. A command
  ///     that was sent before the start may have been taken up before it: it is refused.
  package init(
    allowed: Set<RemoteCommand.Kind>,
    runningTime: @escaping @Sendable () -> Duration = { Self.patience }
  ) {
    self.allowed = allowed
    self.runningTime = runningTime
  }

  /// Whether anything but a rebirth may be asked.
  package var acceptsRequests: Bool { allowed.contains(.acknowledge) || allowed.contains(.shelve) }

  /// Whether a message may be looked at; otherwise it is counted.
  package mutating func admits(_ message: ReceivedMessage) -> Bool {
    if message.isRetained {
      counts.replayed += 1
      return false
    }
    if message.payload.count > Self.mostBytes {
      counts.oversized += 1
      return false
    }
    return true
  }

  package mutating func countMalformed() { counts.malformed += 1 }
  package mutating func countForeign() { counts.foreign += 1 }

  /// Whether births are to be repeated now; within a second of the last time they are owed until it is
  /// over, once for all who ask.
  package mutating func takeRebirth(at now: Timestamp) -> Bool {
    guard allowed.contains(.rebirth) else {
      counts.foreign += 1
      return false
    }
    counts.accepted += 1
    isRebirthOwed = true
    return takeOwedRebirth(at: now)
  }

  /// Whether births that are owed are due.
  package mutating func takeOwedRebirth(at now: Timestamp) -> Bool {
    guard isRebirthOwed else { return false }
    if let last = lastRebirth, now >= last, now - last < Self.rebirthPause { return false }
    lastRebirth = now
    isRebirthOwed = false
    return true
  }

  /// Births were said, for whatever reason.
  package mutating func rebirthIsDone() { isRebirthOwed = false }

  /// The command that a JSON text asks for; `nil` when it is dropped and counted.
  package mutating func command(in text: [UInt8], at now: Timestamp) -> RemoteCommand? {
    guard let form = try? JSONDecoder().decode(Form.self, from: Data(text)),
      (1...64).contains(form.id.unicodeScalars.count), (form.user?.unicodeScalars.count ?? 0) <= 64
    else {
      counts.malformed += 1
      return nil
    }
    guard let kind = RemoteCommand.Kind(rawValue: form.command), kind != .rebirth,
      allowed.contains(kind)
    else {
      counts.foreign += 1
      return nil
    }
    guard let content = form.content(kind) else {
      counts.malformed += 1
      return nil
    }
    let age = now - Timestamp(sparkplugMilliseconds: form.timestamp)
    known.removeAll { now - $0.sentAt > Self.patience }
    guard age <= min(Self.patience, runningTime()), age >= .zero - Self.patience,
      known.count < Self.mostKnown, !known.contains(where: { $0.id == form.id })
    else {
      counts.replayed += 1
      return nil
    }
    known.append((form.id, now - age))
    counts.accepted += 1
    return RemoteCommand(content, user: form.user ?? "")
  }

  private struct Form: Decodable {
    var id: String
    /// Milliseconds since 1970 UTC.
    var timestamp: UInt64
    var command: String
    var alert: UInt64?
    var hours: Double?
    var reason: String?
    var user: String?

    func content(_ kind: RemoteCommand.Kind) -> RemoteCommand.Content? {
      guard let alert, alert <= UInt64(Int64.max) else { return nil }
      switch kind {
      case .rebirth: return nil
      case .acknowledge: return .acknowledge(alert: alert)
      case .shelve:
        // A shelf for ever would be a way to forget (ISA-18.2 asks for a limit and a reason).
        guard let hours, hours >= 1.0 / 60, hours <= 30 * 24, let reason,
          !reason.allSatisfy(\.isWhitespace), reason.unicodeScalars.count <= 500
        else { return nil }
        return .shelve(alert: alert, for: .seconds((hours * 3_600).rounded()), reason: reason)
      }
    }
  }
}
