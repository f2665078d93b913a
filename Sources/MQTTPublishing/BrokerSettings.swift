/// How to reach the broker.
package struct BrokerSettings: Hashable, Sendable {
  /// A numeric address needs no resolver.
  package var host: String
  package var port: UInt16
  package var user: String?
  /// The file whose first line is the user, where `user` is `nil`.
  package var userFile: String?
  /// Read anew for each connection, so that a changed password needs no restart.
  package var passwordFile: String?
  /// `nil`: in the clear.
  package var encryption: Encryption?
  /// Unique among all clients of the broker: of two with one name each throws out the other.
  package var clientID: String
  /// Version 3.1.1, which every host speaks, or 5.
  package var usesMQTT5: Bool

  /// - Parameters:
  ///   - host: Name or numeric address.
  ///   - port: Usually 1883, with TLS 8883.
  ///   - clientID: Unique at the broker, such as `vigie-<site>-<gateway>`.
  ///   - user: `nil` for brokers that ask for none.
  ///   - userFile: The file whose first line is the user.
  ///   - passwordFile: The file whose first line is the password.
  ///   - encryption: `nil` for plain TCP.
  ///   - usesMQTT5: Whether to speak version 5.
  package init(
    host: String,
    port: UInt16,
    clientID: String,
    user: String? = nil,
    userFile: String? = nil,
    passwordFile: String? = nil,
    encryption: Encryption? = nil,
    usesMQTT5: Bool = false
  ) {
    self.host = host
    self.port = port
    self.clientID = clientID
    self.user = user
    self.userFile = userFile
    self.passwordFile = passwordFile
    self.encryption = encryption
    self.usesMQTT5 = usesMQTT5
  }

  /// TLS; the broker's certificate is always checked, its name too.
  package struct Encryption: Hashable, Sendable {
    /// Who may vouch for the broker, in PEM form; `nil` for the authorities that the system trusts.
    package var authorityFile: String?
    /// Who we are, in PEM form, for brokers that ask.
    package var certificateFile: String?
    package var keyFile: String?

    package init(
      authorityFile: String? = nil,
      certificateFile: String? = nil,
      keyFile: String? = nil
    ) {
      self.authorityFile = authorityFile
      self.certificateFile = certificateFile
      self.keyFile = keyFile
    }
  }
}

/// How publication goes.
package struct PublisherStatus: Hashable, Sendable, Codable {
  /// What is published: `json`, `sparkplug`.
  package var format = ""
  package var isConnected = false
  /// Connected, and whoever must be there to hear us is there.
  package var isHeard = false
  /// The address of the broker that is used or tried.
  package var broker = ""
  /// Connections that a broker has accepted since the start.
  package var connectionCount = 0
  package var publishedCount = 0
  /// Messages that the broker confirmed, or that were written and no longer need it.
  package var acknowledgedCount = 0
  /// Values of telemetry that the broker has since the start.
  package var acknowledgedValueCount = 0
  /// Messages given up because the broker takes nothing like them.
  package var rejectedCount = 0
  /// Sent, and not yet acknowledged by the broker.
  package var inFlightCount = 0
  /// Whether entries of the time without a listener are still to be told.
  package var isTellingHistory = false
  /// Why the broker, or the store, could not be used last; stays after it is over.
  package var lastError: String?
  /// Why the broker did not take over a message of the latest connection.
  package var refusal: String?
  package var commands = CommandCounts()

  package init() {}
}
