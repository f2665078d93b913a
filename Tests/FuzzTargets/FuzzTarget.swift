/// A part of Vigie that takes bytes from elsewhere, and what must hold whatever they are.
package struct FuzzTarget: Sendable {
  package var name: String
  /// Whole inputs to change, as the program itself or its authors write them.
  package var seeds: @Sendable () throws -> [[UInt8]]
  /// Pieces of which inputs of this kind are made.
  package var words: [String] = []
  /// Makes lengths and checksums fit, so that changed bytes get past them.
  package var repair: @Sendable ([UInt8]) -> [UInt8] = { $0 }
  /// Tries an input: refusing it is fine, anything thrown from here is not.
  package var attempt: @Sendable ([UInt8]) throws -> Void

  package static let all = [
    registers, profile, site, chunk, journal, store, database, incident, snapshot, command,
    sparkplug,
    recording, labels, vibration, model, lives, windows,
  ]
}

/// Something that should always hold, and did not.
package struct BrokenLaw: Error, CustomStringConvertible {
  package var description: String

  init(_ description: String) {
    self.description = description
  }
}

/// Checks a law.
///
/// - Throws: `BrokenLaw` with `law` if it does not hold.
func expect(_ holds: Bool, _ law: @autoclosure () -> String) throws(BrokenLaw) {
  guard holds else { throw BrokenLaw(law()) }
}

/// Numbers taken from an input; zeros behind its end.
struct Draw {
  private(set) var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) {
    rest = bytes[...]
  }

  mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

  mutating func word() -> UInt16 { UInt16(byte()) << 8 | UInt16(byte()) }

  mutating func bits() -> UInt64 { (0..<8).reduce(0) { sum, _ in sum << 8 | UInt64(byte()) } }

  /// A number below `count`.
  mutating func index(below count: Int) -> Int { Int(byte()) % count }
}
