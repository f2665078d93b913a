/// Writes JSON text straight into bytes.
///
/// Commas come by themselves. Numbers are the shortest decimals that read back as the same
/// `Double`; what JSON cannot say (NaN, infinity) becomes `null`.
struct JSONWriter {
  private(set) var bytes: [UInt8] = []

  init(capacity: Int = 256) {
    bytes.reserveCapacity(capacity)
  }

  // MARK: - Structure

  mutating func object(_ key: String? = nil, _ members: (inout JSONWriter) -> Void) {
    begin(key)
    bytes.append(UInt8(ascii: "{"))
    members(&self)
    bytes.append(UInt8(ascii: "}"))
  }

  mutating func array<Element>(
    _ key: String,
    _ elements: some Sequence<Element>,
    _ write: (inout JSONWriter, Element) -> Void
  ) {
    begin(key)
    bytes.append(UInt8(ascii: "["))
    for element in elements { write(&self, element) }
    bytes.append(UInt8(ascii: "]"))
  }

  // MARK: - Members

  mutating func string(_ key: String? = nil, _ text: String) {
    begin(key)
    appendQuoted(text)
  }

  mutating func optional(_ key: String, _ text: String?) {
    if let text = text { string(key, text) }
  }

  mutating func integer(_ key: String, _ number: some BinaryInteger) {
    begin(key)
    appendDigits(String(number))
  }

  mutating func number(_ key: String, _ value: Double?) {
    begin(key)
    append(value)
  }

  mutating func boolean(_ key: String, _ value: Bool?) {
    begin(key)
    appendDigits(value.map { $0 ? "true" : "false" } ?? "null")
  }

  // MARK: - Parts made beforehand

  /// Begins a member or an element with text that is JSON already.
  mutating func begin(with prepared: [UInt8]) {
    separate()
    bytes += prepared
  }

  mutating func append(_ prepared: [UInt8]) {
    bytes += prepared
  }

  mutating func append(_ text: StaticString) {
    bytes += UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
  }

  /// The value as a JSON number, `null` if there is none.
  mutating func append(_ value: Double?) {
    guard let value = value, value.isFinite else {
      append("null")
      return
    }
    appendDigits(value.description)
  }

  mutating func appendQuoted(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case 0..<0x20:
        append("\\u00")
        for digit in [byte >> 4, byte & 15] {
          bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
      default:
        bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func appendDigits(_ text: String) {
    bytes += text.utf8
  }

  private mutating func begin(_ key: String?) {
    separate()
    guard let key = key else { return }
    appendQuoted(key)
    bytes.append(UInt8(ascii: ":"))
  }

  /// A comma, unless this is the first of its kind.
  private mutating func separate() {
    guard let last = bytes.last, last != UInt8(ascii: "{"), last != UInt8(ascii: "[") else {
      return
    }
    bytes.append(UInt8(ascii: ","))
  }
}
