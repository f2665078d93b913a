import DataAcquisition
import ModbusTransport
import ProcessSupport
import Testing

struct LibmodbusConnectionTests {
  /// What the misbehaving server holds from `address` on.
  private func expected(_ address: UInt16, count: Int = 4) -> Result<[UInt16], ModbusError> {
    .success((0..<count).map { address + UInt16($0) })
  }

  private func isDamaged(_ result: Result<[UInt16], ModbusError>) -> Bool {
    if case .failure(.damagedAnswer) = result { true } else { false }
  }

  private func isNoAnswer(_ result: Result<[UInt16], ModbusError>) -> Bool {
    if case .failure(.noAnswer) = result { true } else { false }
  }

  private func isNotConnected(_ result: Result<[UInt16], ModbusError>) -> Bool {
    if case .failure(.notConnected) = result { true } else { false }
  }

  @Test(arguments: Wire.allCases)
  func `all four tables of a server that others wrote are read`(wire: Wire) async throws {
    let (servers, line) = try wire.referenceServer()
    defer { for server in servers { server.stop() } }
    let connection = LibmodbusConnection(bus(line))
    func read(_ table: RegisterTable, _ address: UInt16, _ count: Int) async throws -> [UInt16] {
      try await connection.read(
        request(1, address, count: count, table: table, timeout: .seconds(2))
      )
    }
    #expect(try await read(.holding, 0, 125) == (0..<125).map { $0 })
    #expect(try await read(.holding, 199, 1) == [199])
    #expect(try await read(.input, 10, 3) == [1_010, 1_011, 1_012])
    let bits = (20..<100).map { UInt16($0 % 3 == 0 ? 1 : 0) }
    #expect(try await read(.coil, 20, 80) == bits)
    #expect(try await read(.discrete, 20, 80) == bits)
    await #expect(throws: ModbusError.self) { try await read(.holding, 199, 2) }
    #expect(try await read(.holding, 5, 1) == [5])
  }

  @Test(arguments: Wire.allCases)
  func `a silent unit is no answer, and the next unit is read right`(wire: Wire) async throws {
    let (server, line) = try wire.misbehavingServer()
    defer { server.stop() }
    let connection = LibmodbusConnection(bus(line))
    for address: UInt16 in [0, 40, 80] {
      #expect(isNoAnswer(await connection.result(request(2, address))))
      #expect(await connection.result(request(1, address)) == expected(address))
    }
  }

  @Test(arguments: Wire.allCases)
  func `an exception is told with its number and leaves the line in order`(wire: Wire) async throws
  {
    let (server, line) = try wire.misbehavingServer()
    defer { server.stop() }
    let connection = LibmodbusConnection(bus(line))
    for code: UInt8 in [1, 2, 3, 4, 5, 6, 10, 11] {
      let refused = request(8, 1_000 + UInt16(code))
      #expect(await connection.result(refused) == .failure(.refused(refused, exception: code)))
      #expect(await connection.result(request(8, 7)) == expected(7))
    }
  }

  @Test(arguments: Wire.allCases)
  func `a hole is exception 2, the registers around it are read`(wire: Wire) async throws {
    let (server, line) = try wire.misbehavingServer()
    defer { server.stop() }
    let connection = LibmodbusConnection(bus(line))
    let hole = request(3, 20, count: 10)
    #expect(await connection.result(hole) == .failure(.refused(hole, exception: 2)))
    #expect(await connection.result(request(3, 20, count: 3)) == expected(20, count: 3))
    #expect(await connection.result(request(3, 24, count: 3)) == expected(24, count: 3))
  }

  @Test(arguments: Wire.allCases)
  func `a late answer is never taken for the next one`(wire: Wire) async throws {
    let (server, line) = try wire.misbehavingServer()
    defer { server.stop() }
    let connection = LibmodbusConnection(bus(line))
    #expect(isNoAnswer(await connection.result(request(4, 1_000))))
    // Same unit, same length: on a serial line nothing but time tells the answers apart.
    #expect(await connection.result(request(4, 2_000)) == expected(2_000))
    #expect(await connection.result(request(4, 3_000)) == expected(3_000))
    if wire == .rtu { #expect(await connection.lateAnswers == 1) }
  }

  @Test func `a late answer between requests to another unit is never a wrong value`() async throws
  {
    let (server, line) = try Wire.rtu.misbehavingServer()
    defer { server.stop() }
    let connection = LibmodbusConnection(bus(line))
    #expect(isNoAnswer(await connection.result(request(4, 1_000))))
    var right = 0
    for turn in 0..<40 {
      let address = UInt16(turn * 4)
      let result = await connection.result(request(11, address))
      if result == expected(address) { right += 1 } else { #expect(isDamaged(result)) }
    }
    #expect(right >= 39)
  }

  @Test(arguments: Wire.allCases, [5, 10] as [UInt8])
  func `a truncated or short answer is an error, and the next read is right`(
    wire: Wire,
    unit: UInt8
  ) async throws {
    let (server, line) = try wire.misbehavingServer()
    defer { server.stop() }
    let connection = LibmodbusConnection(bus(line))
    let result = await connection.result(request(unit, 1_000))
    #expect(isDamaged(result) || isNoAnswer(result))
    #expect(await connection.result(request(unit, 2_000)) == expected(2_000))
  }

  @Test(arguments: [6, 7] as [UInt8])
  func `a wrong unit or checksum is a damaged answer, and the next read is right`(
    unit: UInt8
  ) async throws {
    let (server, line) = try Wire.rtu.misbehavingServer()
    defer { server.stop() }
    let connection = LibmodbusConnection(bus(line))
    #expect(isDamaged(await connection.result(request(unit, 1_000))))
    #expect(await connection.result(request(unit, 2_000)) == expected(2_000))
  }

  @Test(arguments: Wire.allCases)
  func `bytes that nobody asked for do not reach the next answer`(wire: Wire) async throws {
    let (server, line) = try wire.misbehavingServer()
    defer { server.stop() }
    let connection = LibmodbusConnection(bus(line))
    _ = await connection.result(request(12, 1_000))
    for address: UInt16 in [2_000, 3_000] {
      #expect(await connection.result(request(12, address)) == expected(address))
    }
  }

  @Test(arguments: [1_000, 1_001] as [UInt16])
  func `a closed connection or a wrong transaction is an error, and the next read is right`(
    address: UInt16
  ) async throws {
    let (server, line) = try Wire.tcp.misbehavingServer()
    defer { server.stop() }
    let connection = LibmodbusConnection(bus(line))
    let result = await connection.result(request(9, address))
    #expect(address == 1_000 ? isNotConnected(result) : isDamaged(result))
    #expect(await connection.result(request(9, 2_000)) == expected(2_000))
  }

  @Test func `a port that disappears is told, and used again once it is back`() async throws {
    let folder = TemporaryFolder()
    let first = try Wire.misbehavingTerminal(in: folder)
    let connection = LibmodbusConnection(bus(.serial(Wire.serial(folder.path + "/tty"))))
    #expect(await connection.result(request(1, 0)) == expected(0))
    first.stop()
    #expect(isNotConnected(await connection.result(request(1, 0))))
    #expect(isNotConnected(await connection.result(request(1, 0))))
    let second = try Wire.misbehavingTerminal(in: folder)
    defer { second.stop() }
    #expect(await connection.result(request(1, 4)) == expected(4))
  }

  @Test func `a server that comes back is read again`() async throws {
    let (first, line) = try Wire.tcp.misbehavingServer()
    let connection = LibmodbusConnection(bus(line))
    #expect(await connection.result(request(1, 0)) == expected(0))
    first.stop()
    let gone = await connection.result(request(1, 0))
    #expect("\(gone)".contains("refuses the connection"))
  }

  @Test func `a serial port is used by one program only`() async throws {
    let (server, line) = try Wire.rtu.misbehavingServer()
    defer { server.stop() }
    let first = LibmodbusConnection(bus(line))
    let second = LibmodbusConnection(bus(line))
    #expect(await first.result(request(1, 0)) == expected(0))
    let refused = await second.result(request(1, 0))
    #expect("\(refused)".contains("in use by another program"))
    await first.close()
    #expect(await second.result(request(1, 0)) == expected(0))
  }

  @Test func `what is wrong with a port is said in a sentence`() async throws {
    for (line, sentence) in [
      (Wire.serial("/nowhere/tty"), "there is no such port; is the adapter plugged in?"),
      (Wire.serial("/dev/null"), "this is not a serial port"),
      (Wire.serial("/dev/null", baud: 12_345), "serial ports have no rate of 12345 baud"),
    ] {
      let result = await LibmodbusConnection(bus(.serial(line))).result(request(1, 0))
      #expect(result == .failure(.notConnected(line: line.port, detail: sentence)))
    }
  }

  @Test func `a host without a server and a name that nobody knows are said in a sentence`()
    async throws
  {
    let port = freePort()
    for (host, sentence) in [
      ("127.0.0.1", "refuses the connection; is its Modbus server on, at this port?"),
      ("::1", "refuses the connection"), ("no-such-host.invalid", "the name cannot be resolved"),
    ] {
      let line = BusDefinition.Line.tcp(TCPEndpoint(host: host, port: port))
      guard
        case .failure(.notConnected(_, let detail)) = await LibmodbusConnection(bus(line))
          .result(request(1, 0))
      else {
        Issue.record("\(host) connected")
        continue
      }
      // A machine without IPv6 says so instead.
      #expect(detail.contains(sentence) || host == "::1", "\(host): \(detail)")
    }
  }

  @Test func `a name that the system knows is connected to`() async throws {
    let (server, line) = try Wire.tcp.misbehavingServer()
    defer { server.stop() }
    guard case .tcp(let endpoint) = line else { return }
    let named = TCPEndpoint(host: "localhost", port: endpoint.port)
    let connection = LibmodbusConnection(bus(.tcp(named)))
    #expect(await connection.result(request(1, 3)) == expected(3))
  }
}
