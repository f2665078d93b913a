import Glibc

/// A connected Unix datagram socket: how systemd is told things.
package struct UnixDatagram: Sendable {
  private let descriptor: Int32

  /// Opens a socket that sends to `path`; `nil` when nothing listens there.
  ///
  /// - Parameter path: A file system path, or `@name` for an abstract address.
  package init?(sendingTo path: String) {
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    guard connectSocket(descriptor, to: path) else {
      Glibc.close(descriptor)
      return nil
    }
    self.descriptor = descriptor
  }

  /// Sends one datagram without waiting.
  ///
  /// - Parameter message: The bytes of the datagram.
  /// - Returns: Whether the system took it over.
  @discardableResult
  package func send(_ message: [UInt8]) -> Bool {
    message.withUnsafeBytes {
      Glibc.send(
        descriptor,
        $0.baseAddress,
        $0.count,
        Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
      )
    } == message.count
  }
}

/// Connects a Unix socket; `@` at the start of `path` stands for the zero byte of abstract names.
private func connectSocket(_ descriptor: Int32, to path: String) -> Bool {
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  var bytes = Array(path.utf8)
  let isAbstract = bytes.first == UInt8(ascii: "@")
  if isAbstract { bytes[0] = 0 }
  let capacity = MemoryLayout.size(ofValue: address.sun_path)
  guard !bytes.isEmpty, bytes.count < capacity else { return false }
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
  // An abstract name ends with its last byte, a path with a zero.
  let length =
    MemoryLayout<sa_family_t>.size + bytes.count + (isAbstract ? 0 : 1)
  return withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      connect(descriptor, $0, socklen_t(length))
    }
  } == 0
}
