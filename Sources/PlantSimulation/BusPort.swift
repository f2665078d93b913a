import DataAcquisition
import Glibc

/// The system's side of a simulated bus: a listening socket, or a pseudo-terminal with a link.
final class BusPort {
  let descriptor: Int32
  /// As a person writes it: `127.0.0.1:1502`, `/tmp/ligne-1`.
  let address: String
  /// The link and where it leads.
  private let link: (path: String, terminal: String)?

  /// Listens for TCP connections; with port 0 the system chooses one, which `address` tells.
  init(listeningOn endpoint: TCPEndpoint, bus: String) throws(PlantServerError) {
    let wanted = "\(endpoint.host):\(endpoint.port)"
    func failure(_ reason: String) -> PlantServerError {
      .cannotListen(bus: bus, address: wanted, reason: reason)
    }

    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
    var list: UnsafeMutablePointer<addrinfo>?
    let result = getaddrinfo(endpoint.host, String(endpoint.port), &hints, &list)
    guard result == 0, let found = list else {
      throw failure("\(String(cString: gai_strerror(result))); write a numeric address")
    }
    defer { freeaddrinfo(found) }

    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let socket = socket(found.pointee.ai_family, kind, 0)
    guard socket >= 0 else { throw failure(lastErrorText()) }
    var yes: Int32 = 1
    let size = socklen_t(MemoryLayout<Int32>.size)
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, size)
    guard bind(socket, found.pointee.ai_addr, found.pointee.ai_addrlen) == 0,
      listen(socket, 16) == 0
    else {
      let error = errno
      Glibc.close(socket)
      throw failure(Self.bindMend(error))
    }
    descriptor = socket
    link = nil
    address = "\(endpoint.host):\(Self.boundPort(of: socket) ?? endpoint.port)"
  }

  /// Opens a pseudo-terminal and puts a link to it at `path`.
  init(linkedAt path: String, bus: String) throws(PlantServerError) {
    func failure(_ reason: String) -> PlantServerError {
      .cannotLink(bus: bus, path: path, reason: reason)
    }

    let leader = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
    guard leader >= 0 else { throw failure(lastErrorText()) }
    var isLocked: Int32 = 0
    var number: UInt32 = 0
    guard ioctl(leader, Self.setLock, &isLocked) == 0,
      ioctl(leader, Self.getNumber, &number) == 0
    else {
      let text = lastErrorText()
      Glibc.close(leader)
      throw failure(text)
    }
    let terminal = "/dev/pts/\(number)"
    if let mend = Self.makeLink(from: path, to: terminal) {
      Glibc.close(leader)
      throw failure(mend)
    }
    descriptor = leader
    address = path
    link = (path, terminal)
    // Once opened and closed, the pseudo-terminal tells whether somebody holds it open.
    let follower = open(terminal, O_RDWR | O_NOCTTY | O_CLOEXEC)
    if follower >= 0 { Glibc.close(follower) }
  }

  // TIOCSPTLCK and TIOCGPTN (ioctl_tty(2)): macros with types in them, which Swift does not import.
  private static let setLock: UInt = 0x4004_5431
  private static let getNumber: UInt = 0x8004_5430

  /// The next connection; `nil` when there is none after all.
  func accept() -> Int32? {
    let connection = Glibc.accept(descriptor, nil, nil)
    guard connection >= 0 else { return nil }
    _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
    _ = fcntl(connection, F_SETFL, O_NONBLOCK)
    var yes: Int32 = 1
    let size = socklen_t(MemoryLayout<Int32>.size)
    setsockopt(connection, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, size)
    return connection
  }

  /// Prepares the pseudo-terminal for the next program that opens it.
  ///
  /// It has no parity, and the C library reports an error when a program asks for parity and
  /// nothing else changes, as happens after a program that ended without setting the port back.
  /// With a speed that nobody asks for, something always changes.
  func resetTerminal() {
    var settings = termios()
    guard tcgetattr(descriptor, &settings) == 0 else { return }
    cfsetspeed(&settings, speed_t(B50))
    tcsetattr(descriptor, TCSANOW, &settings)
  }

  /// Closes the port and takes its link away, unless the link is somebody else's by now.
  func close() {
    Glibc.close(descriptor)
    guard let link, Self.target(of: link.path) == link.terminal else { return }
    unlink(link.path)
  }

  // MARK: - Links

  /// Makes the link; a dangling one that an ended simulation has left is replaced.
  ///
  /// - Returns: What is in the way and what to do; `nil` when the link stands.
  private static func makeLink(from path: String, to terminal: String) -> String? {
    if let old = target(of: path), old.hasPrefix("/dev/pts/"), access(old, F_OK) != 0 {
      unlink(path)
    }
    guard symlink(terminal, path) != 0 else { return nil }
    switch errno {
    case EEXIST:
      if let old = target(of: path), old.hasPrefix("/dev/pts/") {
        return "it is a link to \(old), perhaps of another simulation; end that, or remove the link"
      }
      return "something is there already; the simulation replaces only its own links, "
        + "so name another port in the site file"
    case ENOENT: return "its folder does not exist; create it, or name another port"
    case EACCES, EPERM, EROFS:
      return "its folder does not let this user write; name a port in a folder of your own"
    default: return lastErrorText()
    }
  }

  private static func target(of path: String) -> String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(path, &buffer, buffer.count)
    return count < 0
      ? nil : String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  // MARK: - Sockets

  private static func bindMend(_ error: Int32) -> String {
    switch error {
    case EADDRINUSE: "the port is in use; end the program that listens there, or choose another"
    case EACCES: "ports below 1024 need root; choose one above"
    case EADDRNOTAVAIL:
      "this computer has no such address; for a simulation write 127.0.0.1 in the site file"
    default: String(cString: strerror(error))
    }
  }

  private static func boundPort(of socket: Int32) -> UInt16? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let result = withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        getsockname(socket, $0, &length)
      }
    }
    guard result == 0 else { return nil }
    // The port is at the same place for IPv4 and IPv6.
    return withUnsafeBytes(of: &storage) { bytes in
      UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
    }
  }
}

private func lastErrorText() -> String {
  String(cString: strerror(errno))
}
