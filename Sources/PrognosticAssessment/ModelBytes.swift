/// Appends values, lowest byte first.
struct ByteWriter {
  private(set) var bytes: [UInt8] = []

  mutating func write<Value: FixedWidthInteger>(_ value: Value) {
    for shift in stride(from: 0, to: Value.bitWidth, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }

  mutating func write(_ value: Float) { write(value.bitPattern) }

  mutating func write(_ text: String) {
    let text = Array(text.utf8.prefix(Int(UInt16.max)))
    write(UInt16(text.count))
    bytes += text
  }

  /// Writes how many there are, then each.
  mutating func write<Value>(_ values: [Value], _ each: (inout ByteWriter, Value) -> Void) {
    write(UInt32(values.count))
    for value in values { each(&self, value) }
  }
}

/// Takes values, lowest byte first; never reads past the end.
struct ByteReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) {
    rest = bytes
  }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func read<Value: FixedWidthInteger>(
    _ type: Value.Type = Value.self
  ) throws(ModelError) -> Value {
    let size = Value.bitWidth / 8
    guard rest.count >= size else { throw .senseless("it ends too early") }
    var value: Value = 0
    for (place, byte) in rest.prefix(size).enumerated() {
      value |= Value(truncatingIfNeeded: UInt64(byte) << (8 * UInt64(place)))
    }
    rest = rest.dropFirst(size)
    return value
  }

  /// Reads a number that must be finite.
  mutating func readNumber() throws(ModelError) -> Float {
    let value = try readFloat()
    guard value.isFinite else { throw .senseless("a number is not finite") }
    return value
  }

  mutating func readFloat() throws(ModelError) -> Float { Float(bitPattern: try read()) }

  mutating func readText() throws(ModelError) -> String {
    let count = Int(try read(UInt16.self))
    guard rest.count >= count else { throw .senseless("a text ends too early") }
    defer { rest = rest.dropFirst(count) }
    return String(decoding: rest.prefix(count), as: UTF8.self)
  }

  mutating func readArray<Value>(
    _ each: (inout ByteReader) throws(ModelError) -> Value
  ) throws(ModelError) -> [Value] {
    let count = Int(try read(UInt32.self))
    guard count <= rest.count else { throw .senseless("a list is longer than the file") }
    var values: [Value] = []
    values.reserveCapacity(count)
    for _ in 0..<count { values.append(try each(&self)) }
    return values
  }
}
