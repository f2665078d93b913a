import Glibc

/// Tells systemd how the service is, as `sd_notify(3)` does.
///
/// Outside systemd, where `NOTIFY_SOCKET` is not set, every call does nothing.
package struct SystemdNotifier: Sendable {
  private let socket: UnixDatagram?
  /// How often systemd wants a sign of life; `nil` when it wants none from this process.
  package let watchdogPeriod: Duration?

  /// Reads what systemd asks for from its environment variables.
  ///
  /// - Parameter environment: `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` count.
  package init(environment: [String: String]) {
    socket = environment["NOTIFY_SOCKET"].flatMap(UnixDatagram.init(sendingTo:))
    let isForUs = environment["WATCHDOG_PID"].map { $0 == String(getpid()) } ?? true
    watchdogPeriod =
      isForUs
      ? environment["WATCHDOG_USEC"].flatMap(Int64.init).map(Duration.microseconds) : nil
  }

  /// The service works: configuration read, store open, buses polled.
  package func ready() { send("READY=1") }

  /// The service has begun to stop.
  package func stopping() { send("STOPPING=1") }

  /// What `systemctl status` shows, in one line.
  package func status(_ text: String) {
    send("STATUS=" + text.map { $0.isNewline ? " " : String($0) }.joined())
  }

  /// A sign of life; call it only when everything that must move has moved.
  package func watchdog() { send("WATCHDOG=1") }

  private func send(_ message: String) {
    socket?.send(Array(message.utf8))
  }
}
