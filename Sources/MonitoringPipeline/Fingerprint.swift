/// A short name for a value: equal values have equal fingerprints, on every machine and for ever.
///
/// The value's own encoding is fed, key by key and in its order, to FNV-1a (64 bit). That order is
/// fixed for structs, enums and arrays; dictionaries and sets have none, so no configuration holds one.
///
/// - SeeAlso: Fowler, Noll, Vo, Eastlake, "The FNV Non-Cryptographic Hash Algorithm",
///   draft-eastlake-fnv.
func fingerprint(of value: some Encodable) -> UInt64 {
  let hash = RunningHash()
  do {
    try value.encode(to: FingerprintEncoder(hash: hash))
  } catch {
    preconditionFailure("a configuration can always be encoded: \(error)")
  }
  return hash.value
}

private final class RunningHash {
  private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  func take(_ byte: UInt8) {
    value = (value ^ UInt64(byte)) &* 0x100_0000_01B3
  }

  func take(_ text: String) {
    for byte in text.utf8 { take(byte) }
    take(0xFF)  // No byte of UTF-8, so that texts cannot run into one another.
  }

  func take(bits: UInt64) {
    for shift in stride(from: 0, to: 64, by: 8) { take(UInt8(truncatingIfNeeded: bits >> shift)) }
  }
}

private struct FingerprintEncoder: Encoder {
  let hash: RunningHash
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    hash.take("{")
    return KeyedEncodingContainer(KeyedFingerprint(hash: hash))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    hash.take("[")
    return PlainFingerprint(hash: hash)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer {
    PlainFingerprint(hash: hash)
  }
}

private struct KeyedFingerprint<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let hash: RunningHash
  var codingPath: [any CodingKey] { [] }

  mutating func encodeNil(forKey key: Key) {
    hash.take(key.stringValue)
    hash.take("nil")
  }

  mutating func encode(_ value: some Encodable, forKey key: Key) throws {
    hash.take(key.stringValue)
    var plain = PlainFingerprint(hash: hash)
    try plain.encode(value)
  }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type,
    forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    hash.take(key.stringValue)
    return FingerprintEncoder(hash: hash).container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    hash.take(key.stringValue)
    return FingerprintEncoder(hash: hash).unkeyedContainer()
  }

  mutating func superEncoder() -> any Encoder { FingerprintEncoder(hash: hash) }
  mutating func superEncoder(forKey key: Key) -> any Encoder { FingerprintEncoder(hash: hash) }
}

private struct PlainFingerprint: UnkeyedEncodingContainer, SingleValueEncodingContainer {
  let hash: RunningHash
  var codingPath: [any CodingKey] { [] }
  private(set) var count = 0

  init(hash: RunningHash) {
    self.hash = hash
  }

  mutating func encodeNil() { hash.take("nil") }
  mutating func encode(_ value: Bool) { hash.take(value ? "true" : "false") }
  mutating func encode(_ value: String) { hash.take(value) }
  mutating func encode(_ value: Double) { hash.take(bits: value.bitPattern) }
  mutating func encode(_ value: Float) { hash.take(bits: UInt64(value.bitPattern)) }
  mutating func encode(_ value: Int) { hash.take(bits: UInt64(bitPattern: Int64(value))) }
  mutating func encode(_ value: Int8) { hash.take(bits: UInt64(bitPattern: Int64(value))) }
  mutating func encode(_ value: Int16) { hash.take(bits: UInt64(bitPattern: Int64(value))) }
  mutating func encode(_ value: Int32) { hash.take(bits: UInt64(bitPattern: Int64(value))) }
  mutating func encode(_ value: Int64) { hash.take(bits: UInt64(bitPattern: value)) }
  mutating func encode(_ value: UInt) { hash.take(bits: UInt64(value)) }
  mutating func encode(_ value: UInt8) { hash.take(bits: UInt64(value)) }
  mutating func encode(_ value: UInt16) { hash.take(bits: UInt64(value)) }
  mutating func encode(_ value: UInt32) { hash.take(bits: UInt64(value)) }
  mutating func encode(_ value: UInt64) { hash.take(bits: value) }

  mutating func encode(_ value: some Encodable) throws {
    // The standard types encode themselves into a single value, which leads back to the above.
    count += 1
    try value.encode(to: FingerprintEncoder(hash: hash))
    hash.take(";")
  }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) -> KeyedEncodingContainer<Nested> {
    FingerprintEncoder(hash: hash).container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    FingerprintEncoder(hash: hash).unkeyedContainer()
  }

  mutating func superEncoder() -> any Encoder { FingerprintEncoder(hash: hash) }
}
