/// How many entries of the outbox the store may have given up: what it had no word of when they went.
///
/// A confirmation that no commit has written goes with a kill, one that is not on the medium with a
/// power cut; what went meanwhile counts as given up then.
struct GivenUp {
  private let readers: [String]
  /// What the store holds unconfirmed: by identity, a bit for each reader.
  private var waiting: [Int64: UInt8] = [:]
  /// Confirmations since the last commit, and since the medium had the last one.
  private var uncommitted: [(id: Int64, reader: UInt8)] = []
  private var unsynced: [(id: Int64, reader: UInt8)] = []
  /// Of what came before this, the store has nothing.
  private var lowestHeld: Int64 = 0
  /// How many it may have counted.
  private(set) var mostCount = 0

  init(readers: Set<String>) { self.readers = readers.sorted() }

  private func bit(of reader: String) -> UInt8 {
    readers.firstIndex(of: reader).map { 1 << UInt8($0) } ?? 0
  }

  /// The store has a new entry.
  mutating func stored(_ id: Int64) { waiting[id] = UInt8(1 << readers.count) - 1 }

  /// A power cut took an entry with all that was known of it.
  mutating func lost(_ id: Int64) { waiting[id] = nil }

  /// The store was told that a reader's broker has these.
  mutating func confirmed(_ ids: [Int64], by reader: String) {
    let bit = bit(of: reader)
    for id in ids {
      guard let left = waiting[id], left & bit != 0 else { continue }
      waiting[id] = left == bit ? nil : left & ~bit
      uncommitted.append((id, bit))
    }
  }

  /// What was confirmed before a commit is in it.
  mutating func committed() {
    unsynced += uncommitted
    uncommitted.removeAll(keepingCapacity: true)
  }

  /// All commits are on the medium.
  mutating func synced() { unsynced.removeAll(keepingCapacity: true) }

  /// The run ended; what no commit, or no medium, knew of is forgotten.
  mutating func ended(cuttingPower: Bool) {
    var gone = Set<Int64>()
    for (id, bit) in uncommitted + (cuttingPower ? unsynced : []) {
      if id < lowestHeld { gone.insert(id) } else { waiting[id, default: 0] |= bit }
    }
    mostCount += gone.count
    uncommitted = []
    unsynced = []
  }

  /// Nothing below `lowest` is in the journal any more.
  mutating func went(below lowest: Int64) {
    guard lowest > lowestHeld else { return }
    lowestHeld = lowest
    let gone = waiting.keys.filter { $0 < lowest }
    for id in gone { waiting[id] = nil }
    mostCount += gone.count
  }

  /// The machine of an entry left the site: each reader passes it over, unless it comes back first.
  mutating func mayBePassedOver(_ id: Int64) {
    mostCount += waiting.removeValue(forKey: id)?.nonzeroBitCount ?? 0
  }

  /// Nobody knows what the store holds but itself: it gave up `count`, and so many wait.
  mutating func begin(at count: Int, waiting: Int) {
    self.waiting = [:]
    uncommitted = []
    unsynced = []
    mostCount = count + waiting
  }
}
