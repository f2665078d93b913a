import Foundation
import ProcessSupport

/// A bridge in front of a Modbus server that takes its time for each answer, one after the other.
final class SlowBridge: Sendable {
  let port: UInt16
  private let listener: Int32

  /// Listens on a free port of the loopback interface.
  ///
  /// - Parameters:
  ///   - target: The port of the server.
  ///   - delay: How long after each request its answer is handed on.
  /// - Throws: When the port is taken meanwhile.
  init(to target: UInt16, delay: Duration) throws {
    port = freePort()
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var yes: Int32 = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    guard withAddress(of: port, { bind(listener, $0, $1) }) == 0, listen(listener, 4) == 0 else {
      throw Timeout(what: "a listener on port \(port)")
    }
    Thread.detachNewThread { [listener] in
      while true {
        let client = accept(listener, nil, nil)
        guard client >= 0 else { return }
        Self.carry(from: client, to: target, delay)
        close(client)
      }
    }
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  private static func carry(from client: Int32, to target: UInt16, _ delay: Duration) {
    let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(server) }
    guard withAddress(of: target, { connect(server, $0, $1) }) == 0 else { return }
    var yes: Int32 = 1
    for end in [client, server] {
      setsockopt(end, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    }
    var buffer = [UInt8](repeating: 0, count: 512)
    while true {
      // A client asks one thing at a time, and a frame is far below a packet: one read takes it all.
      let asked = read(client, &buffer, buffer.count)
      let end = ContinuousClock.now + delay
      guard asked > 0, write(server, buffer, asked) == asked else { return }
      let answered = read(server, &buffer, buffer.count)
      let rest = (end - ContinuousClock.now) / .microseconds(1)
      if rest > 0 { usleep(UInt32(rest)) }
      guard answered > 0, write(client, buffer, answered) == answered else { return }
    }
  }
}

private func withAddress<Result>(
  of port: UInt16,
  _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
) -> Result {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  let length = socklen_t(MemoryLayout<sockaddr_in>.size)
  return withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
  }
}
