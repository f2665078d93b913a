package import SignalProcessing

/// Changes inputs at random; the same generator gives the same changes.
package struct Mutator {
  private var generator: SeededGenerator
  private let pool: [[UInt8]]
  private let words: [[UInt8]]

  /// No input grows beyond this.
  package static let longest = 1 << 16

  /// - Parameters:
  ///   - pool: What to change, not empty.
  ///   - words: Pieces to put in.
  ///   - generator: What decides.
  package init(pool: [[UInt8]], words: [String], generator: SeededGenerator) {
    self.pool = pool
    self.words = words.map { Array($0.utf8) }
    self.generator = generator
  }

  private mutating func below(_ count: Int) -> Int {
    Int(generator.bits() >> 33) % max(1, count)
  }

  /// Whether `repair` should follow: half of the time.
  package mutating func repairs() -> Bool { below(2) == 0 }

  /// One of the pool with one to eight changes.
  package mutating func next() -> [UInt8] {
    var bytes = pool[below(pool.count)]
    for _ in 0..<1 << below(4) { change(&bytes) }
    return Array(bytes.prefix(Self.longest))
  }

  private mutating func change(_ bytes: inout [UInt8]) {
    let place = below(bytes.count + 1)
    // Short pieces are likelier than long ones.
    let length = below(1 << below(9)) + 1
    let piece = place..<min(bytes.count, place + length)
    switch below(10) {
    case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8(below(8))
    case 1 where place < bytes.count: bytes[place] = UInt8(below(256))
    case 2: bytes.removeSubrange(piece)
    case 3: bytes.insert(contentsOf: bytes[piece], at: place)
    case 4: bytes.removeSubrange(place...)
    case 5: bytes.replaceSubrange(piece, with: limit())
    case 6: bytes.insert(contentsOf: limit(), at: place)
    case 7 where !words.isEmpty: bytes.insert(contentsOf: words[below(words.count)], at: place)
    case 8:
      let other = pool[below(pool.count)]
      let start = below(other.count + 1)
      bytes.replaceSubrange(piece, with: other[start..<min(other.count, start + length)])
    default:
      let other = pool[below(pool.count)]
      bytes = Array(bytes[..<place] + other.dropFirst(below(other.count + 1)))
    }
  }

  /// A number at which something ends, as bytes of either order, in groups of seven bits, or as text.
  private mutating func limit() -> [UInt8] {
    let bits = [0, 7, 8, 15, 16, 31, 32, 52, 53, 62, 63][below(11)]
    let number = (UInt64(1) << UInt64(bits)) &+ UInt64(bitPattern: Int64(below(3) - 1))
    switch below(6) {
    case 0, 1:
      let width = [1, 2, 4, 8][below(4)]
      let bytes = (0..<width).map { UInt8(truncatingIfNeeded: number >> UInt64(8 * $0)) }
      return below(2) == 0 ? bytes : bytes.reversed()
    case 2:
      var bytes: [UInt8] = []
      var rest = number
      while rest >= 0x80 {
        bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
        rest >>= 7
      }
      return bytes + [UInt8(rest)]
    case 3: return Array("\(number)".utf8)
    case 4: return Array("\(Int64(bitPattern: number))".utf8)
    default: return Array(["1e308", "-1e308", "1e-320", "0.1", "nan", "-0", "1e19"][below(7)].utf8)
    }
  }
}
