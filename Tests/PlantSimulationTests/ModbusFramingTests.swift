import Testing

@testable import PlantSimulation

struct ModbusFramingTests {
  /// Read ten holding registers from 0 of unit 1, with the checksum that every textbook shows.
  private let serialRequest: [UInt8] = [1, 3, 0, 0, 0, 10, 0xC5, 0xCD]
  private let tcpRequest: [UInt8] = [0xAB, 0xCD, 0, 0, 0, 6, 1, 3, 0, 0, 0, 10]

  @Test func `a serial request is cut off with its checksum checked`() {
    var buffer = serialRequest
    let expected = ModbusRequest(unit: 1, pdu: [3, 0, 0, 0, 10], characters: 8)
    #expect(ModbusFraming.serial.cut(&buffer) == .request(expected))
    #expect(buffer.isEmpty)
  }

  @Test func `one flipped bit anywhere makes a serial request damaged`() {
    for index in serialRequest.indices {
      for bit in 0..<8 {
        var buffer = serialRequest
        buffer[index] ^= 1 << UInt8(bit)
        let cut = ModbusFraming.serial.cut(&buffer)
        // A flipped function code may announce a longer request, which then never comes.
        #expect(cut == .damaged || cut == .incomplete, "byte \(index), bit \(bit)")
      }
    }
  }

  @Test(arguments: [ModbusFraming.serial, .tcp])
  func `requests that come in pieces or together are told apart`(framing: ModbusFraming) {
    let one = framing == .serial ? serialRequest : tcpRequest
    var buffer: [UInt8] = []
    var requests = 0
    for byte in one + one + one {
      buffer.append(byte)
      if case .request = framing.cut(&buffer) { requests += 1 }
    }
    #expect(requests == 3)
    var together = one + one
    guard case .request = framing.cut(&together), case .request = framing.cut(&together) else {
      Issue.record("two requests in one piece were not both found")
      return
    }
    #expect(framing.cut(&together) == .incomplete)
  }

  @Test func `a TCP request keeps its transaction, and what is no Modbus is damaged`() {
    var buffer = tcpRequest
    guard case .request(let request) = ModbusFraming.tcp.cut(&buffer) else {
      Issue.record("the request was not found")
      return
    }
    #expect(request.transaction == 0xABCD)
    let answer = ModbusFraming.tcp.frame([3, 2, 0, 7], answering: request, isDamaged: false)
    #expect(answer == [0xAB, 0xCD, 0, 0, 0, 5, 1, 3, 2, 0, 7])
    var browser = Array("GET / HTTP/1.1\r\n\r\n".utf8)
    #expect(ModbusFraming.tcp.cut(&browser) == .damaged)
    #expect(browser.isEmpty)
    var endless: [UInt8] = [0, 1, 0, 0, 0xFF, 0xFF, 1, 3]
    #expect(ModbusFraming.tcp.cut(&endless) == .damaged)
  }

  @Test func `an answer carries a right checksum, a damaged one a wrong one`() {
    let request = ModbusRequest(unit: 1, pdu: [3, 0, 0, 0, 1], characters: 8)
    func isRight(_ frame: [UInt8]) -> Bool {
      let checksum = ModbusFraming.checksum(frame.dropLast(2))
      return Array(frame.suffix(2)) == [UInt8(checksum & 0xFF), UInt8(checksum >> 8)]
    }
    let pdu: [UInt8] = [3, 2, 0, 7]
    #expect(isRight(ModbusFraming.serial.frame(pdu, answering: request, isDamaged: false)))
    #expect(!isRight(ModbusFraming.serial.frame(pdu, answering: request, isDamaged: true)))
  }
}
