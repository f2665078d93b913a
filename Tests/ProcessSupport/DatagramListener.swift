import Glibc

/// A Unix datagram socket that a test listens on, as systemd and its journal do.
package final class DatagramListener {
  /// As `NOTIFY_SOCKET` would hold it.
  package let address: String
  private let descriptor: Int32
  private let path: String?

  /// Listens on a path in the temporary folder, or on an abstract name.
  package init(abstract: Bool) {
    let name = "vigie-test-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    path = abstract ? nil : "/tmp/\(name)"
    address = abstract ? "@\(name)" : "/tmp/\(name)"
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    precondition(descriptor >= 0, "no socket")
    var place = sockaddr_un()
    place.sun_family = sa_family_t(AF_UNIX)
    let bytes = abstract ? [0] + Array(name.utf8) : Array("/tmp/\(name)".utf8)
    withUnsafeMutableBytes(of: &place.sun_path) { $0.copyBytes(from: bytes) }
    let length = MemoryLayout<sa_family_t>.size + bytes.count + (abstract ? 0 : 1)
    let result = withUnsafePointer(to: &place) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(length))
      }
    }
    precondition(result == 0, "cannot bind \(address)")
  }

  deinit {
    close(descriptor)
    if let path { unlink(path) }
  }

  /// The next datagram that has already arrived; `nil` when there is none.
  package func next() -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
    return count < 0 ? nil : Array(buffer[..<count])
  }

  /// The next datagram as text.
  package func nextText() -> String? {
    next().map { String(decoding: $0, as: UTF8.self) }
  }
}
