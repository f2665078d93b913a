/// How the memory of the core is written as bytes: small, exact, and readable by later versions.
///
/// A head names format and version, a body holds one value, a table the names of its fields, and a
/// checksum closes all of it. Values describe themselves, so that a later version may add fields and
/// drop others; a name is written once, however many channels have it. A number takes as many bytes
/// as it has digits: one that was never learned takes half a byte in a row.
enum StateBytes {
  static let head: [UInt8] = Array("vigie".utf8)
  static let version: UInt8 = 1
  /// Head and version in front; behind the body and its names the place of these and the checksum.
  static let headLength = 6
  static let tailLength = 16
  /// Values within values deeper than this are not of ours.
  static let mostDepth = 64

  /// The first byte of a value; those from `number` on tell how many bytes of one follow.
  enum Tag {
    static let end: UInt8 = 0
    static let none: UInt8 = 1
    static let no: UInt8 = 2
    static let yes: UInt8 = 3
    static let integer: UInt8 = 4
    static let text: UInt8 = 5
    static let list: UInt8 = 6
    static let record: UInt8 = 7
    static let doubles: UInt8 = 8
    static let floats: UInt8 = 9
    static let number: UInt8 = 16
  }
}

/// Why bytes are not the memory of a core.
package enum SnapshotError: Error, Hashable {
  /// They begin as nothing that Vigie writes.
  case foreign
  /// They are of a later version of the program.
  case newer(version: UInt8)
  /// Something of them was lost or changed.
  case damaged
  /// They are whole but hold something else than this version knows.
  case unknown(String)
}

extension SnapshotError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .foreign:
      "the state of the core is not in the format of this program; what was learned begins anew"
    case .newer(let version):
      "the state of the core is of format \(version), this program reads \(StateBytes.version);"
        + " install the newer program again, or what was learned begins anew"
    case .damaged:
      "the state of the core is damaged: bytes of it were lost or changed; an older one or a new"
        + " beginning is needed"
    case .unknown(let detail):
      "the state of the core does not hold what this program needs: \(detail)"
    }
  }
}
