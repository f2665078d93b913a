/// Reads what `StateWriter` wrote; whatever the bytes are, it ends with a value or an error.
final class StateReader {
  fileprivate let bytes: [UInt8]
  fileprivate let names: [String]
  /// Behind the last byte of the body.
  private let end: Int

  private typealias Tag = StateBytes.Tag

  /// The value in `bytes`.
  ///
  /// - Throws: If they are not such bytes, are damaged, or hold another kind of value.
  static func value<Value: Decodable>(
    _ type: Value.Type,
    from bytes: [UInt8]
  ) throws(SnapshotError) -> Value {
    let reader = try StateReader(bytes)
    do {
      let start = StateBytes.headLength
      guard try reader.skip(from: start) == reader.end else { throw SnapshotError.damaged }
      return try reader.read(type, at: start)
    } catch let error as SnapshotError {
      throw error
    } catch {
      throw SnapshotError.unknown("\(error)")
    }
  }

  private init(_ bytes: [UInt8]) throws(SnapshotError) {
    let head = StateBytes.head
    guard bytes.starts(with: head), bytes.count > StateBytes.headLength else {
      throw SnapshotError.foreign
    }
    // Before the checksum, which a later version may take otherwise.
    let version = bytes[head.count]
    guard version <= StateBytes.version else { throw SnapshotError.newer(version: version) }
    guard bytes.count > StateBytes.headLength + StateBytes.tailLength else {
      throw SnapshotError.damaged
    }
    let tail = bytes.count - StateBytes.tailLength
    let sum = Self.bits(bytes, from: tail + 8, length: 8, width: 8)
    let place = Self.bits(bytes, from: tail, length: 8, width: 8)
    guard sum == checksum(bytes.span.extracting(..<(tail + 8))),
      place <= UInt64(tail), place > UInt64(StateBytes.headLength)
    else { throw SnapshotError.damaged }
    self.bytes = bytes
    end = Int(place)
    var names: [String] = []
    var index = end
    while index < tail {
      guard let (length, start) = Self.varying(bytes, at: index, before: tail),
        length <= UInt64(tail - start)
      else { throw SnapshotError.damaged }
      index = start + Int(length)
      names.append(String(decoding: bytes[start..<index], as: UTF8.self))
    }
    self.names = names
  }

  // MARK: - Bytes

  private static func bits(
    _ bytes: [UInt8],
    from start: Int,
    length: Int,
    width: Int
  ) -> UInt64 {
    var bits: UInt64 = 0
    for place in 0..<length {
      bits |= UInt64(bytes[start + place]) << UInt64(8 * (width - 1 - place))
    }
    return bits
  }

  private static func varying(
    _ bytes: [UInt8],
    at start: Int,
    before end: Int
  ) -> (value: UInt64, next: Int)? {
    var value: UInt64 = 0
    var index = start
    for shift in stride(from: UInt64(0), to: 64, by: 7) where index < end {
      let byte = bytes[index]
      index += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return (value, index) }
    }
    return nil
  }

  fileprivate func tag(at index: Int) throws(SnapshotError) -> UInt8 {
    guard index < end else { throw SnapshotError.damaged }
    return bytes[index]
  }

  private func varying(at index: Int) throws(SnapshotError) -> (value: UInt64, next: Int) {
    guard let read = Self.varying(bytes, at: index, before: end) else {
      throw SnapshotError.damaged
    }
    return read
  }

  /// A length that the bytes left can hold.
  private func length(at index: Int) throws(SnapshotError) -> (length: Int, next: Int) {
    let (value, next) = try varying(at: index)
    guard value <= UInt64(2 * (end - next) + 2) else { throw SnapshotError.damaged }
    return (Int(value), next)
  }

  /// The name of a field, or `nil` at the end of a record.
  fileprivate func name(at index: Int) throws(SnapshotError) -> (name: Int?, next: Int) {
    let (value, next) = try varying(at: index)
    guard value > 0 else { return (nil, next) }
    guard value <= UInt64(names.count) else { throw SnapshotError.damaged }
    return (Int(value) - 1, next)
  }

  /// Where the value behind the one at `start` begins.
  fileprivate func skip(from start: Int, depth: Int = 0) throws(SnapshotError) -> Int {
    guard depth < StateBytes.mostDepth else { throw SnapshotError.damaged }
    let tag = try tag(at: start)
    var index = start + 1
    switch tag {
    case Tag.none, Tag.no, Tag.yes: break
    case Tag.integer: index = try varying(at: index).next
    case Tag.text:
      let (length, next) = try length(at: index)
      index = next + length
    case Tag.list:
      while try self.tag(at: index) != Tag.end { index = try skip(from: index, depth: depth + 1) }
      index += 1
    case Tag.record:
      while true {
        let (name, next) = try name(at: index)
        index = next
        guard name != nil else { break }
        index = try skip(from: index, depth: depth + 1)
      }
    case Tag.doubles, Tag.floats:
      let (count, next) = try length(at: index)
      index = next
      for _ in 0..<(count + 1) / 2 {
        let lengths = try self.tag(at: index)
        index += 1 + Int(lengths >> 4) + Int(lengths & 15)
      }
    case Tag.number...Tag.number + 8: index += Int(tag - Tag.number)
    default: throw SnapshotError.damaged
    }
    guard index <= end else { throw SnapshotError.damaged }
    return index
  }

  // MARK: - Values

  fileprivate func read<Value: Decodable>(_ type: Value.Type, at index: Int) throws -> Value {
    if type == [Double].self, try tag(at: index) == Tag.doubles {
      let numbers = try numbers(at: index, width: 8).map { Double(bitPattern: $0) }
      if let value = numbers as? Value { return value }
    }
    if type == [Float].self, try tag(at: index) == Tag.floats {
      let numbers = try numbers(at: index, width: 4).map {
        Float(bitPattern: UInt32(truncatingIfNeeded: $0))
      }
      if let value = numbers as? Value { return value }
    }
    return try type.init(from: StateDecoder(reader: self, index: index))
  }

  private func numbers(at index: Int, width: Int) throws(SnapshotError) -> [UInt64] {
    let (count, start) = try length(at: index + 1)
    var numbers: [UInt64] = []
    numbers.reserveCapacity(count)
    var index = start
    for place in stride(from: 0, to: count, by: 2) {
      let both = try tag(at: index)
      let lengths = [Int(both >> 4), Int(both & 15)]
      index += 1
      for length in lengths.prefix(count - place) {
        guard length <= width, length <= end - index else { throw SnapshotError.damaged }
        numbers.append(Self.bits(bytes, from: index, length: length, width: width))
        index += length
      }
    }
    return numbers
  }

  fileprivate func isNone(at index: Int) throws(SnapshotError) -> Bool {
    try tag(at: index) == Tag.none
  }

  fileprivate func bool(at index: Int) throws(SnapshotError) -> Bool {
    switch try tag(at: index) {
    case Tag.no: return false
    case Tag.yes: return true
    default: throw SnapshotError.unknown("a yes or no was expected")
    }
  }

  fileprivate func text(at index: Int) throws(SnapshotError) -> String {
    guard try tag(at: index) == Tag.text else { throw SnapshotError.unknown("a text was expected") }
    let (length, start) = try length(at: index + 1)
    guard length <= end - start else { throw SnapshotError.damaged }
    return String(decoding: bytes[start..<start + length], as: UTF8.self)
  }

  fileprivate func integer(at index: Int) throws(SnapshotError) -> Int64 {
    guard try tag(at: index) == Tag.integer else {
      throw SnapshotError.unknown("a whole number was expected")
    }
    let value = try varying(at: index + 1).value
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  fileprivate func whole<Value: FixedWidthInteger>(
    _ type: Value.Type,
    at index: Int
  ) throws(SnapshotError) -> Value {
    let value = try integer(at: index)
    let held = Value.isSigned ? Value(exactly: value) : Value(exactly: UInt64(bitPattern: value))
    guard let held else { throw SnapshotError.unknown("the whole number \(value) is too large") }
    return held
  }

  fileprivate func number(at index: Int) throws(SnapshotError) -> Double {
    let tag = try tag(at: index)
    guard (Tag.number...Tag.number + 8).contains(tag) else {
      throw SnapshotError.unknown("a number was expected")
    }
    let length = Int(tag - Tag.number)
    guard length < end - index else { throw SnapshotError.damaged }
    return Double(bitPattern: Self.bits(bytes, from: index + 1, length: length, width: 8))
  }
}

// MARK: - The standard's way to build a value of its parts

private struct StateDecoder: Decoder {
  let reader: StateReader
  let index: Int
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(try RecordReader<Key>(reader, at: index))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try ListReader(reader, at: index)
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer {
    ValueReader(reader: reader, index: index)
  }
}

private struct RecordReader<Key: CodingKey>: KeyedDecodingContainerProtocol {
  private let reader: StateReader
  private var fields: [(name: String, index: Int)] = []
  var codingPath: [any CodingKey] { [] }

  init(_ reader: StateReader, at start: Int) throws {
    self.reader = reader
    guard try reader.tag(at: start) == StateBytes.Tag.record else {
      throw SnapshotError.unknown("a record was expected")
    }
    var index = start + 1
    while true {
      let (name, next) = try reader.name(at: index)
      guard let name else { break }
      fields.append((reader.names[name], next))
      index = try reader.skip(from: next)
    }
  }

  var allKeys: [Key] { fields.compactMap { Key(stringValue: $0.name) } }

  private func find(_ key: some CodingKey) -> Int? {
    let name = key.stringValue
    return fields.first { $0.name == name }?.index
  }

  private func place(_ key: some CodingKey) throws -> Int {
    guard let index = find(key) else {
      throw SnapshotError.unknown("there is no field “\(key.stringValue)”")
    }
    return index
  }

  func contains(_ key: Key) -> Bool { find(key) != nil }
  func decodeNil(forKey key: Key) throws -> Bool { try reader.isNone(at: place(key)) }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    try reader.read(type, at: place(key))
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type,
    forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    try StateDecoder(reader: reader, index: place(key)).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try ListReader(reader, at: place(key))
  }

  func superDecoder() throws -> any Decoder {
    throw SnapshotError.unknown("no class is part of the state")
  }

  func superDecoder(forKey key: Key) throws -> any Decoder {
    StateDecoder(reader: reader, index: try place(key))
  }
}

private struct ListReader: UnkeyedDecodingContainer {
  private let reader: StateReader
  /// Where each element begins.
  private var elements: [Int] = []
  private(set) var currentIndex = 0
  var codingPath: [any CodingKey] { [] }

  init(_ reader: StateReader, at start: Int) throws {
    self.reader = reader
    guard try reader.tag(at: start) == StateBytes.Tag.list else {
      throw SnapshotError.unknown("a list was expected")
    }
    var index = start + 1
    while try reader.tag(at: index) != StateBytes.Tag.end {
      elements.append(index)
      index = try reader.skip(from: index)
    }
  }

  var count: Int? { elements.count }
  var isAtEnd: Bool { currentIndex == elements.count }

  /// Moves on to the next element.
  ///
  /// - Returns: Where this one begins.
  private mutating func take() throws -> Int {
    guard !isAtEnd else { throw SnapshotError.unknown("a list is too short") }
    defer { currentIndex += 1 }
    return elements[currentIndex]
  }

  mutating func decodeNil() throws -> Bool {
    guard !isAtEnd, try reader.isNone(at: elements[currentIndex]) else { return false }
    currentIndex += 1
    return true
  }

  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try reader.read(type, at: take())
  }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) throws -> KeyedDecodingContainer<Nested> {
    try StateDecoder(reader: reader, index: take()).container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try ListReader(reader, at: take())
  }

  mutating func superDecoder() throws -> any Decoder {
    StateDecoder(reader: reader, index: try take())
  }
}

private struct ValueReader: SingleValueDecodingContainer {
  let reader: StateReader
  let index: Int
  var codingPath: [any CodingKey] { [] }

  func decodeNil() -> Bool { (try? reader.isNone(at: index)) ?? false }
  func decode(_ type: Bool.Type) throws -> Bool { try reader.bool(at: index) }
  func decode(_ type: String.Type) throws -> String { try reader.text(at: index) }
  func decode(_ type: Double.Type) throws -> Double { try reader.number(at: index) }
  func decode(_ type: Float.Type) throws -> Float { Float(try reader.number(at: index)) }
  func decode(_ type: Int.Type) throws -> Int { try reader.whole(type, at: index) }
  func decode(_ type: Int8.Type) throws -> Int8 { try reader.whole(type, at: index) }
  func decode(_ type: Int16.Type) throws -> Int16 { try reader.whole(type, at: index) }
  func decode(_ type: Int32.Type) throws -> Int32 { try reader.whole(type, at: index) }
  func decode(_ type: Int64.Type) throws -> Int64 { try reader.whole(type, at: index) }
  func decode(_ type: UInt.Type) throws -> UInt { try reader.whole(type, at: index) }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try reader.whole(type, at: index) }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try reader.whole(type, at: index) }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try reader.whole(type, at: index) }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try reader.whole(type, at: index) }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try reader.read(type, at: index)
  }
}
