/// One request as it came over a line.
struct ModbusRequest: Hashable, Sendable {
  var unit: UInt8
  /// Function code first.
  var pdu: [UInt8]
  /// Of Modbus TCP, to be sent back; 0 on a serial line.
  var transaction: UInt16 = 0
  /// How long the request was on the wire, in characters.
  var characters: Int
}

/// Cuts a stream of bytes into requests, and builds the answers.
///
/// This is written out here because libmodbus serves one unit per serial line only, and can send
/// neither damaged nor late answers. It also makes the simulation an implementation of its own: a
/// mistake of the library that reads is not made a second time on the side that answers.
enum ModbusFraming: Hashable, Sendable {
  /// Unit, data and checksum, told apart by their length (Modbus over Serial Line V1.02).
  case serial
  /// A header of seven bytes before the data (Modbus Messaging on TCP/IP V1.0b).
  case tcp

  enum Cut: Hashable, Sendable {
    case request(ModbusRequest)
    /// More bytes must come first.
    case incomplete
    /// No request can start with these bytes; they are gone.
    case damaged
  }

  /// Takes the first request off `buffer`.
  func cut(_ buffer: inout [UInt8]) -> Cut {
    switch self {
    case .serial: Self.cutSerial(&buffer)
    case .tcp: Self.cutTCP(&buffer)
    }
  }

  /// The bytes of an answer, damaged on purpose if `isDamaged`.
  ///
  /// On a serial line a bit of the data flips after the checksum was made. TCP has checksums of its
  /// own; there the transaction number is wrong, as when a gateway mixes up answers.
  func frame(_ pdu: [UInt8], answering request: ModbusRequest, isDamaged: Bool) -> [UInt8] {
    switch self {
    case .serial:
      var bytes = [request.unit] + pdu
      let checksum = Self.checksum(bytes[...])
      if isDamaged { bytes[bytes.count - 1] ^= 0x10 }
      return bytes + [UInt8(checksum & 0xFF), UInt8(checksum >> 8)]
    case .tcp:
      let transaction = isDamaged ? request.transaction &+ 0x5A5A : request.transaction
      let length = pdu.count + 1
      return [
        UInt8(transaction >> 8), UInt8(transaction & 0xFF), 0, 0,
        UInt8(length >> 8), UInt8(length & 0xFF), request.unit,
      ] + pdu
    }
  }

  private static func cutTCP(_ buffer: inout [UInt8]) -> Cut {
    guard buffer.count >= 7 else { return .incomplete }
    let protocolNumber = Int(buffer[2]) << 8 | Int(buffer[3])
    let length = Int(buffer[4]) << 8 | Int(buffer[5])
    guard protocolNumber == 0, (2...254).contains(length) else {
      buffer.removeAll()
      return .damaged
    }
    guard buffer.count >= 6 + length else { return .incomplete }
    let request = ModbusRequest(
      unit: buffer[6],
      pdu: Array(buffer[7..<(6 + length)]),
      transaction: UInt16(buffer[0]) << 8 | UInt16(buffer[1]),
      characters: 0
    )
    buffer.removeFirst(6 + length)
    return .request(request)
  }

  private static func cutSerial(_ buffer: inout [UInt8]) -> Cut {
    guard let length = serialLength(of: buffer) else { return .incomplete }
    guard length <= 256 else {
      buffer.removeAll()
      return .damaged
    }
    guard buffer.count >= length else { return .incomplete }
    let received = UInt16(buffer[length - 2]) | UInt16(buffer[length - 1]) << 8
    guard checksum(buffer[..<(length - 2)]) == received else {
      // What follows a damaged frame cannot be told apart from its rest.
      buffer.removeAll()
      return .damaged
    }
    let request = ModbusRequest(
      unit: buffer[0],
      pdu: Array(buffer[1..<(length - 2)]),
      characters: length
    )
    buffer.removeFirst(length)
    return .request(request)
  }

  /// The length of the request that starts `buffer`, with its checksum; `nil` while unknown.
  private static func serialLength(of buffer: [UInt8]) -> Int? {
    guard buffer.count >= 2 else { return nil }
    switch buffer[1] {
    case 7, 11, 12, 17: return 4
    case 15, 16: return buffer.count > 6 ? 9 + Int(buffer[6]) : nil
    case 22: return 10
    case 23: return buffer.count > 10 ? 13 + Int(buffer[10]) : nil
    case 43: return 7
    default: return 8
    }
  }

  /// CRC-16 with the polynomial 0xA001, first low byte, then high byte on the wire.
  static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt16 {
    var checksum: UInt16 = 0xFFFF
    for byte in bytes {
      checksum ^= UInt16(byte)
      for _ in 0..<8 {
        checksum = checksum & 1 == 0 ? checksum >> 1 : checksum >> 1 ^ 0xA001
      }
    }
    return checksum
  }
}
