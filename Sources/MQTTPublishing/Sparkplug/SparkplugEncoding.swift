import ConditionModel

// The wire format of protocol buffers: each field is a number with one of four carriers. Fields of
// the schema keep their presence (proto2), so zeros and `false` are written where they are meant.

extension SparkplugPayload {
  /// The bytes of the message.
  package var encoded: [UInt8] {
    var writer = FieldWriter()
    if let timestamp { writer.integer(1, timestamp.sparkplugMilliseconds) }
    for metric in metrics { writer.message(2) { metric.write(to: &$0) } }
    if let sequence { writer.integer(3, UInt64(sequence)) }
    return writer.bytes
  }

  /// Reads a message; fields and types that are not used here are passed over.
  ///
  /// - Throws: `MalformedPayload` when the bytes are no such message.
  package init(decoding bytes: [UInt8]) throws(MalformedPayload) {
    self.init(timestamp: nil)
    var reader = FieldReader(bytes[...])
    while let field = try reader.next() {
      switch (field.number, field.content) {
      case (1, .integer(let milliseconds)):
        timestamp = Timestamp(sparkplugMilliseconds: milliseconds)
      case (2, .bytes(let content)): metrics.append(try SparkplugMetric(decoding: content))
      case (3, .integer(let number)): sequence = UInt8(truncatingIfNeeded: number)
      default: break
      }
    }
  }

  /// Bytes that are no Sparkplug message.
  package struct MalformedPayload: Error {}
}

extension SparkplugMetric {
  fileprivate func write(to writer: inout FieldWriter) {
    if let name { writer.text(1, name) }
    if let alias { writer.integer(2, alias) }
    if let timestamp { writer.integer(3, timestamp.sparkplugMilliseconds) }
    if let dataType { writer.integer(4, UInt64(dataType.rawValue)) }
    if isHistorical { writer.integer(5, 1) }
    if value == nil { writer.integer(7, 1) }
    if !properties.isEmpty {
      writer.message(9) { set in
        for property in properties { set.text(1, property.key) }
        for property in properties {
          set.message(2) { content in
            content.integer(1, UInt64(property.value.dataType.rawValue))
            content.value(property.value, from: 3)
          }
        }
      }
    }
    if let value { writer.value(value, from: 10) }
  }

  fileprivate init(
    decoding bytes: ArraySlice<UInt8>
  ) throws(SparkplugPayload.MalformedPayload) {
    self.init(value: nil)
    var reader = FieldReader(bytes)
    while let field = try reader.next() {
      switch (field.number, field.content) {
      case (1, .bytes(let text)): name = String(decoding: text, as: UTF8.self)
      case (2, .integer(let number)): alias = number
      case (3, .integer(let milliseconds)):
        timestamp = Timestamp(sparkplugMilliseconds: milliseconds)
      case (4, .integer(let code)): dataType = DataType(rawValue: UInt32(truncatingIfNeeded: code))
      case (5, .integer(let flag)): isHistorical = flag != 0
      case (9, .bytes(let content)): properties = try Self.properties(decoding: content)
      case (10..., let content): value = Value(field: field.number - 10, content) ?? value
      default: break
      }
    }
  }

  private static func properties(
    decoding bytes: ArraySlice<UInt8>
  ) throws(SparkplugPayload.MalformedPayload) -> [Property] {
    var keys: [String] = []
    var values: [Value?] = []
    var reader = FieldReader(bytes)
    while let field = try reader.next() {
      switch (field.number, field.content) {
      case (1, .bytes(let text)): keys.append(String(decoding: text, as: UTF8.self))
      case (2, .bytes(let content)):
        var value: Value?
        var inner = FieldReader(content)
        while let field = try inner.next() {
          if field.number >= 3 { value = Value(field: field.number - 3, field.content) ?? value }
        }
        values.append(value)
      default: break
      }
    }
    guard keys.count == values.count else { throw SparkplugPayload.MalformedPayload() }
    return zip(keys, values).compactMap { key, value in value.map { Property(key, $0) } }
  }
}

extension SparkplugMetric.Value {
  /// The value in the field that is so many after the first one of its kind: 32 bits, 64 bits,
  /// float, double, boolean, text.
  fileprivate init?(field: UInt64, _ content: FieldReader.Content) {
    switch (field, content) {
    case (0, .integer(let bits)): self = .int32(Int32(truncatingIfNeeded: bits))
    case (1, .integer(let bits)): self = .int64(Int64(bitPattern: bits))
    case (2, .word(let bits)): self = .double(Double(Float(bitPattern: bits)))
    case (3, .doubleWord(let bits)): self = .double(Double(bitPattern: bits))
    case (4, .integer(let flag)): self = .boolean(flag != 0)
    case (5, .bytes(let text)): self = .string(String(decoding: text, as: UTF8.self))
    default: return nil
    }
  }
}

/// Appends fields.
private struct FieldWriter {
  private(set) var bytes: [UInt8] = []

  mutating func integer(_ field: UInt64, _ number: UInt64) {
    variable(field << 3)
    variable(number)
  }

  mutating func text(_ field: UInt64, _ text: String) {
    variable(field << 3 | 2)
    variable(UInt64(text.utf8.count))
    bytes += text.utf8
  }

  mutating func message(_ field: UInt64, _ write: (inout FieldWriter) -> Void) {
    var inner = FieldWriter()
    write(&inner)
    variable(field << 3 | 2)
    variable(UInt64(inner.bytes.count))
    bytes += inner.bytes
  }

  /// A value in the field of its type; fields of types follow each other from `first`.
  mutating func value(_ value: SparkplugMetric.Value, from first: UInt64) {
    switch value {
    case .int32(let number): integer(first, UInt64(UInt32(bitPattern: number)))
    case .int64(let number): integer(first + 1, UInt64(bitPattern: number))
    case .double(let number):
      variable((first + 3) << 3 | 1)
      withUnsafeBytes(of: number.bitPattern.littleEndian) { bytes += $0 }
    case .boolean(let flag): integer(first + 4, flag ? 1 : 0)
    case .string(let string): text(first + 5, string)
    }
  }

  private mutating func variable(_ number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}

/// Reads one field after the other.
private struct FieldReader {
  enum Content {
    case integer(UInt64)
    case word(UInt32)
    case doubleWord(UInt64)
    case bytes(ArraySlice<UInt8>)
  }

  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) {
    rest = bytes
  }

  mutating func next() throws(SparkplugPayload.MalformedPayload) -> (
    number: UInt64, content: Content
  )? {
    guard !rest.isEmpty else { return nil }
    let key = try variable()
    let content: Content
    switch key & 7 {
    case 0: content = .integer(try variable())
    case 1: content = .doubleWord(try fixed(8))
    case 2:
      let count = try variable()
      guard count <= UInt64(rest.count) else { throw SparkplugPayload.MalformedPayload() }
      content = .bytes(rest.prefix(Int(count)))
      rest = rest.dropFirst(Int(count))
    case 5: content = .word(UInt32(truncatingIfNeeded: try fixed(4)))
    default: throw SparkplugPayload.MalformedPayload()
    }
    return (key >> 3, content)
  }

  private mutating func variable() throws(SparkplugPayload.MalformedPayload) -> UInt64 {
    var number: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard let byte = rest.popFirst() else { break }
      number |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return number }
    }
    throw SparkplugPayload.MalformedPayload()
  }

  private mutating func fixed(
    _ count: Int
  ) throws(SparkplugPayload.MalformedPayload) -> UInt64 {
    guard rest.count >= count else { throw SparkplugPayload.MalformedPayload() }
    let number = rest.prefix(count).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    rest = rest.dropFirst(count)
    return number
  }
}
