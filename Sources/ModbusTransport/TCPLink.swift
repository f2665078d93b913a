import CModbus
import DataAcquisition
import Glibc

extension ModbusLink {
  /// Connects to a Modbus TCP server.
  ///
  /// The socket is made here and handed to libmodbus, whose own ways either know no names or ask a
  /// resolver that gives nothing while only the loopback interface is up.
  ///
  /// - Parameters:
  ///   - endpoint: Where to connect.
  ///   - limit: How long each address may take.
  /// - Returns: The connection.
  /// - Throws: Why there is none and what to do about it.
  static func connect(
    _ endpoint: TCPEndpoint,
    within limit: Duration
  ) throws(LinkError)
    -> ModbusLink
  {
    var problem = LinkError(detail: "the name has no address")
    for address in try addresses(of: endpoint) {
      do throws(LinkError) {
        let descriptor = try connectedSocket(to: address, endpoint, within: limit)
        // The address here is never used: the socket is connected already.
        guard let context = modbus_new_tcp("127.0.0.1", Int32(endpoint.port)) else {
          close(descriptor)
          throw LinkError(detail: "no memory for the connection")
        }
        modbus_set_socket(context, descriptor)
        modbus_set_byte_timeout(context, 0, 500_000)
        return ModbusLink(context: context)
      } catch {
        problem = error
      }
    }
    throw problem
  }

  private struct Address {
    let family: Int32
    let bytes: [UInt8]
  }

  /// The addresses of a host; a numeric one is taken as it is, without asking anyone.
  private static func addresses(of endpoint: TCPEndpoint) throws(LinkError) -> [Address] {
    var code = Int32(0)
    for flags in [AI_NUMERICHOST, 0] {
      var hints = addrinfo()
      hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
      hints.ai_flags = flags | AI_NUMERICSERV
      var list: UnsafeMutablePointer<addrinfo>?
      code = getaddrinfo(endpoint.host, "\(endpoint.port)", &hints, &list)
      guard code == 0 else { continue }
      defer { freeaddrinfo(list) }
      var found: [Address] = []
      var entry = list
      while let info = entry?.pointee {
        let bytes = UnsafeRawBufferPointer(start: info.ai_addr, count: Int(info.ai_addrlen))
        found.append(Address(family: info.ai_family, bytes: Array(bytes)))
        entry = info.ai_next
      }
      return found
    }
    throw LinkError(
      detail: "the name cannot be resolved (\(String(cString: gai_strerror(code)))); "
        + "a numeric address needs no name server"
    )
  }

  private static func connectedSocket(
    to address: Address,
    _ endpoint: TCPEndpoint,
    within limit: Duration
  ) throws(LinkError) -> Int32 {
    let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let descriptor = socket(address.family, type, 0)
    guard descriptor >= 0 else { throw LinkError(detail: systemText(errno)) }
    // libmodbus waits with select, which cannot see descriptors from here on.
    guard descriptor < FD_SETSIZE else {
      close(descriptor)
      throw LinkError(detail: "too many files are open for another connection")
    }
    var yes = Int32(1)
    let size = socklen_t(MemoryLayout<Int32>.size)
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, size)
    setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &yes, size)
    let result = address.bytes.withUnsafeBytes { bytes in
      Glibc.connect(
        descriptor,
        bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self),
        socklen_t(bytes.count)
      )
    }
    var number = result == 0 ? 0 : errno
    if number == EINPROGRESS {
      if hasEvent(POLLOUT, on: descriptor, within: limit) {
        var length = size
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &length)
      } else {
        number = ETIMEDOUT
      }
    }
    guard number == 0 else {
      close(descriptor)
      throw LinkError(detail: explanation(of: number, within: limit))
    }
    return descriptor
  }

  private static func explanation(of number: Int32, within limit: Duration) -> String {
    switch number {
    case ECONNREFUSED: "refuses the connection; is its Modbus server on, at this port?"
    case ETIMEDOUT: "no connection within \(limit); check address, cable and firewall"
    case EHOSTUNREACH, ENETUNREACH: "no way there; check the address and the gateway's network"
    default: systemText(number)
    }
  }
}
