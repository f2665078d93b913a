extension UInt32 {
  /// Lowest byte first.
  package var littleEndianBytes: [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: self >> UInt32(8 * $0)) }
  }

  package init(littleEndianBytes bytes: ArraySlice<UInt8>) {
    self = 0
    var shift: UInt32 = 0
    for byte in bytes.prefix(4) {
      self |= UInt32(byte) << shift
      shift += 8
    }
  }
}
