/// How to reach the broker.
package struct BrokerSettings: Hashable, Sendable {
  /// A numeric address needs no resolver.
  package var host: String
  package var port: UInt16
  package var user: String?
  /// Read anew for each connection, so that a changed password needs no restart.
  package var passwordFile: String?
  /// `nil`: in the clear.
  package var encryption: Encryption?
  /// Unique among all clients of the broker: of two with one name each throws out the other.
  package var clientID: String

  /// - Parameters:
  ///   - host: Name or numeric address.
  ///   - port: Usually 1883, with TLS 8883.
  ///   - clientID: Unique at the broker, such as `vigie-<site>-<gateway>`.
  ///   - user: `nil` for brokers that ask for none.
  ///   - passwordFile: The file whose first line is the password.
  ///   - encryption: `nil` for plain TCP.
  package init(
    host: String,
    port: UInt16,
    clientID: String,
    user: String? = nil,
    passwordFile: String? = nil,
    encryption: Encryption? = nil
  ) {
    self.host = host
    self.port = port
    self.clientID = clientID
    self.user = user
    self.passwordFile = passwordFile
    self.encryption = encryption
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
  package var isConnected = false
  /// Connections that the broker has accepted since the start.
  package var connectionCount = 0
  package var publishedCount = 0
  package var acknowledgedCount = 0
  /// Values of telemetry that the broker has acknowledged since the start.
  package var acknowledgedValueCount = 0
  /// Sent, and not yet acknowledged by the broker.
  package var inFlightCount = 0
  /// Why the broker, or the store, could not be used last; stays after it is over.
  package var lastError: String?

  package init() {}
}
