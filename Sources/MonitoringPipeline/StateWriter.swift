/// Writes any value as `StateBytes`, front to back, without building it a second time in memory.
final class StateWriter {
  private var bytes: [UInt8] = StateBytes.head + [StateBytes.version]
  private var names: [String] = []
  private var numberOfName: [String: Int] = [:]
  /// Behind each name, and at first behind none, the number of the one that came next the last time:
  /// records of one kind lie in a row.
  private var successors = [0]
  /// The number of the latest name and one more; 0 before the first.
  private var latestName = 0
  /// How many lists and records are begun and not ended.
  private var depth = 0

  private typealias Tag = StateBytes.Tag

  /// The bytes of `value`, head and checksum included.
  static func bytes(of value: some Encodable) -> [UInt8] {
    let writer = StateWriter()
    do {
      try writer.write(value)
    } catch {
      preconditionFailure("the memory of the core can always be written: \(error)")
    }
    return writer.finished()
  }

  private func finished() -> [UInt8] {
    let place = UInt64(bytes.count)
    for name in names { put(name) }
    put(fixed: place)
    put(fixed: checksum(bytes.span))
    return bytes
  }

  // MARK: - Values

  /// Writes a whole value, whatever it is made of.
  func write<Value: Encodable>(_ value: Value) throws {
    if Value.self == [Double].self, let numbers = value as? [Double] {
      bytes.append(Tag.doubles)
      put(numbers.count)
      putDigits(numbers.count, width: 8) { numbers[$0].bitPattern }
    } else if Value.self == [Float].self, let numbers = value as? [Float] {
      bytes.append(Tag.floats)
      put(numbers.count)
      putDigits(numbers.count, width: 4) { UInt64(numbers[$0].bitPattern) }
    } else {
      let level = depth
      let start = bytes.count
      try value.encode(to: StateEncoder(writer: self))
      // Something without a field is a record without a field.
      if bytes.count == start { begin(Tag.record) }
      end(downTo: level)
    }
  }

  func writeNone() { bytes.append(Tag.none) }
  func write(_ value: Bool) { bytes.append(value ? Tag.yes : Tag.no) }

  func write(_ value: String) {
    bytes.append(Tag.text)
    put(value)
  }

  func write(_ value: Int64) {
    bytes.append(Tag.integer)
    put(varying: UInt64(bitPattern: (value << 1) ^ (value >> 63)))
  }

  func write(_ value: Double) {
    let length = Self.digits(value.bitPattern, width: 8)
    bytes.append(Tag.number + UInt8(length))
    put(value.bitPattern, length: length, width: 8)
  }

  func write(name: String) {
    let number = number(of: name)
    successors[latestName] = number
    // 0 is the end of the record.
    latestName = number + 1
    put(latestName)
  }

  private func number(of name: String) -> Int {
    let guess = successors[latestName]
    if guess < names.count, names[guess] == name { return guess }
    if let number = numberOfName[name] { return number }
    names.append(name)
    successors.append(0)
    numberOfName[name] = names.count - 1
    return names.count - 1
  }

  /// Begins a list or a record.
  ///
  /// - Returns: Its depth, to which what lies in it is ended before more is written into it.
  @discardableResult
  func begin(_ tag: UInt8) -> Int {
    bytes.append(tag)
    depth += 1
    return depth
  }

  /// Ends what was begun deeper than `level`.
  func end(downTo level: Int) {
    while depth > level {
      bytes.append(Tag.end)
      depth -= 1
    }
  }

  // MARK: - Bytes

  private func put(_ text: String) {
    put(text.utf8.count)
    bytes.append(contentsOf: text.utf8)
  }

  private func put(_ count: Int) { put(varying: UInt64(count)) }

  private func put(varying value: UInt64) {
    var rest = value
    while rest > 0x7F {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private func put(fixed value: UInt64) { put(value, length: 8, width: 8) }

  /// The first `length` of `width` bytes, most significant first.
  private func put(_ bits: UInt64, length: Int, width: Int) {
    for place in 0..<length {
      bytes.append(UInt8(truncatingIfNeeded: bits >> UInt64(8 * (width - 1 - place))))
    }
  }

  /// How many of `width` bytes are left when zeros at the end are dropped.
  private static func digits(_ bits: UInt64, width: Int) -> Int {
    bits == 0 ? 0 : width - bits.trailingZeroBitCount / 8
  }

  /// Two lengths in a byte, then the bytes of the two.
  private func putDigits(_ count: Int, width: Int, _ bits: (Int) -> UInt64) {
    for index in stride(from: 0, to: count, by: 2) {
      let first = bits(index)
      let second = index + 1 < count ? bits(index + 1) : 0
      let lengths = (Self.digits(first, width: width), Self.digits(second, width: width))
      bytes.append(UInt8(lengths.0 << 4 | lengths.1))
      put(first, length: lengths.0, width: width)
      put(second, length: lengths.1, width: width)
    }
  }
}

/// FNV-1a with 64 bits.
///
/// - SeeAlso: Fowler, Noll, Vo, Eastlake, "The FNV Non-Cryptographic Hash Algorithm",
///   draft-eastlake-fnv.
func checksum(_ bytes: Span<UInt8>) -> UInt64 {
  var sum: UInt64 = 0xCBF2_9CE4_8422_2325
  for index in bytes.indices { sum = (sum ^ UInt64(bytes[index])) &* 0x100_0000_01B3 }
  return sum
}

// MARK: - The standard's way to ask a value for its parts

private struct StateEncoder: Encoder {
  let writer: StateWriter
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    KeyedEncodingContainer(
      RecordWriter<Key>(writer: writer, level: writer.begin(StateBytes.Tag.record))
    )
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    ListWriter(writer: writer, level: writer.begin(StateBytes.Tag.list))
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { ValueWriter(writer: writer) }
}

private struct RecordWriter<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let writer: StateWriter
  let level: Int
  var codingPath: [any CodingKey] { [] }

  private func open(_ key: some CodingKey) -> StateWriter {
    writer.end(downTo: level)
    writer.write(name: key.stringValue)
    return writer
  }

  mutating func encodeNil(forKey key: Key) { open(key).writeNone() }
  mutating func encode(_ value: Bool, forKey key: Key) { open(key).write(value) }
  mutating func encode(_ value: String, forKey key: Key) { open(key).write(value) }
  mutating func encode(_ value: Double, forKey key: Key) { open(key).write(value) }
  mutating func encode(_ value: Int, forKey key: Key) { open(key).write(Int64(value)) }
  mutating func encode(_ value: Int64, forKey key: Key) { open(key).write(value) }

  mutating func encode(_ value: some Encodable, forKey key: Key) throws {
    try open(key).write(value)
  }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type,
    forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    StateEncoder(writer: open(key)).container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    StateEncoder(writer: open(key)).unkeyedContainer()
  }

  mutating func superEncoder() -> any Encoder { StateEncoder(writer: open(SuperName())) }
  mutating func superEncoder(forKey key: Key) -> any Encoder { StateEncoder(writer: open(key)) }
}

/// The name under which a class would write what it inherits.
private struct SuperName: CodingKey {
  var stringValue: String { "super" }
  var intValue: Int? { nil }
  init() {}
  init?(stringValue: String) { nil }
  init?(intValue: Int) { nil }
}

private struct ListWriter: UnkeyedEncodingContainer {
  let writer: StateWriter
  let level: Int
  private(set) var count = 0
  var codingPath: [any CodingKey] { [] }

  init(writer: StateWriter, level: Int) {
    self.writer = writer
    self.level = level
  }

  private mutating func open() -> StateWriter {
    writer.end(downTo: level)
    count += 1
    return writer
  }

  mutating func encodeNil() { open().writeNone() }
  mutating func encode(_ value: Double) { open().write(value) }
  mutating func encode(_ value: some Encodable) throws { try open().write(value) }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) -> KeyedEncodingContainer<Nested> {
    StateEncoder(writer: open()).container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    StateEncoder(writer: open()).unkeyedContainer()
  }

  mutating func superEncoder() -> any Encoder { StateEncoder(writer: open()) }
}

private struct ValueWriter: SingleValueEncodingContainer {
  let writer: StateWriter
  var codingPath: [any CodingKey] { [] }

  mutating func encodeNil() { writer.writeNone() }
  mutating func encode(_ value: Bool) { writer.write(value) }
  mutating func encode(_ value: String) { writer.write(value) }
  mutating func encode(_ value: Double) { writer.write(value) }
  mutating func encode(_ value: Float) { writer.write(Double(value)) }
  mutating func encode(_ value: Int) { writer.write(Int64(value)) }
  mutating func encode(_ value: Int8) { writer.write(Int64(value)) }
  mutating func encode(_ value: Int16) { writer.write(Int64(value)) }
  mutating func encode(_ value: Int32) { writer.write(Int64(value)) }
  mutating func encode(_ value: Int64) { writer.write(value) }
  mutating func encode(_ value: UInt) { writer.write(Int64(bitPattern: UInt64(value))) }
  mutating func encode(_ value: UInt8) { writer.write(Int64(value)) }
  mutating func encode(_ value: UInt16) { writer.write(Int64(value)) }
  mutating func encode(_ value: UInt32) { writer.write(Int64(value)) }
  mutating func encode(_ value: UInt64) { writer.write(Int64(bitPattern: value)) }
  mutating func encode(_ value: some Encodable) throws { try writer.write(value) }
}
