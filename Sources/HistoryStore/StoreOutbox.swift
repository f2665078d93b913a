package import ConditionModel

/// Where one of those who publish stands in the journal.
struct OutboxCursor {
  let owner: String
  var reader: SegmentReader
  var translation: PlantTranslation?
  /// The last entry that was handed out or passed over.
  var position: Int64
  /// What the last record read still holds.
  var rest: [(id: Int64, item: JournalItem)] = []
}

extension HistoryStore: Outbox {
  package func pending(after id: Int64, limit: Int) throws(StoreError) -> [OutboxEntry] {
    try pending(of: options.readers.first ?? "", after: id, limit: limit)
  }

  package func acknowledge(_ ids: [Int64]) throws(StoreError) {
    acknowledge(ids, of: options.readers.first ?? "")
  }

  /// The identity of the newest entry: what comes after it is live, what waits before it is history.
  package func latestID() throws(StoreError) -> Int64 { journal.nextID - 1 }

  /// What waits for one of `Options.readers`.
  package nonisolated func outbox(of reader: String) -> any Outbox {
    NamedOutbox(store: self, name: reader)
  }

  // MARK: - Inside

  func pending(of name: String, after id: Int64, limit: Int) throws(StoreError) -> [OutboxEntry] {
    do {
      var entries: [OutboxEntry] = []
      guard var cursor = try cursor(of: name, after: id) else { return [] }
      defer {
        cursors.insert(cursor, at: 0)
        if cursors.count > 4 { cursors.removeLast() }
      }
      while entries.count < limit {
        if cursor.rest.isEmpty {
          guard try fill(&cursor) else { break }
          continue
        }
        let (number, item) = cursor.rest.removeFirst()
        cursor.position = number
        if settlement.readers[name]?.range(holding: number) != nil { continue }
        if let content = content(of: item, cursor.translation) {
          entries.append(OutboxEntry(id: number, content: content))
        } else {
          // Of a machine that is no longer there.
          giveUp(number..<number + 1)
        }
      }
      return entries
    } catch let error {
      throw StoreError(error, path: file.path)
    }
  }

  /// A cursor whose next entry is the first above `id` that is not confirmed.
  private func cursor(of name: String, after id: Int64) throws -> OutboxCursor? {
    if let place = cursors.firstIndex(where: { $0.owner == name && $0.position == id }) {
      return cursors.remove(at: place)
    }
    var target = id + 1
    while let segment = journal.segments.first(where: { $0.endID > target }) {
      target = max(target, segment.firstID)
      if let done = settlement.readers[name]?.range(holding: target) {
        target = done.upperBound + 1
        continue
      }
      guard var cursor = try openCursor(name, segment.number, position: target - 1) else {
        giveUp(segment.firstID..<segment.endID)
        continue
      }
      while cursor.rest.isEmpty {
        guard try fill(&cursor) else { break }
        cursor.rest.removeAll { $0.id < target }
      }
      return cursor
    }
    return nil
  }

  private func openCursor(
    _ name: String,
    _ segment: Int64,
    position: Int64
  ) throws -> OutboxCursor? {
    guard let reader = try journal.reader(of: segment) else { return nil }
    return OutboxCursor(
      owner: name,
      reader: reader,
      translation: reader.plant == plant ? nil : PlantTranslation(from: reader.plant, to: plant),
      position: position
    )
  }

  /// Reads the next record, or goes on to the next segment.
  ///
  /// - Returns: `false` at the end of the journal.
  private func fill(_ cursor: inout OutboxCursor) throws -> Bool {
    let isPresent = cursor.reader.segment == journal.segments.last?.number
    cursor.reader.end = isPresent ? journal.position : .max
    var id = cursor.reader.nextID
    var found: [(Int64, JournalItem)] = []
    let record = try cursor.reader.next { item in
      guard item.isPublished else { return }
      found.append((id, item))
      id += 1
    }
    cursor.rest += found
    if record != nil { return true }
    if isPresent { return false }
    let (number, read) = (cursor.reader.segment, cursor.reader.nextID)
    for segment in journal.segments where segment.number >= number {
      let position = max(cursor.position, segment.firstID - 1)
      if segment.number > number,
        let next = try openCursor(cursor.owner, segment.number, position: position)
      {
        cursor = next
        return true
      }
      giveUp(min(max(segment.firstID, read), segment.endID)..<segment.endID)
    }
    return false
  }

  /// Counts what waits of these: their segment is damaged or gone.
  func giveUp(_ ids: Range<Int64>) {
    guard !ids.isEmpty else { return }
    settlement.droppedCount += waitingCount(of: ids)
    confirm(ids.lowerBound...ids.upperBound - 1)
  }

  private func content(
    of item: JournalItem,
    _ translation: PlantTranslation?
  ) -> OutboxEntry.Content? {
    switch item {
    case .input(.frame(let frame)), .features(let frame):
      guard let translation else { return .telemetry(frame) }
      return translation.translate(frame).map { .telemetry($0) }
    case .output(let worded):
      guard let translation else { return .output(worded.output) }
      return translation.translate(worded.output).map { .output($0) }
    case .departed(let machine): return .departed(machine)
    default: return nil
    }
  }

  func acknowledge(_ ids: [Int64], of name: String) {
    for id in ids { confirm(id...id, for: name) }
  }

  /// Takes notice that a reader has these, or all of them; written with the next commit.
  ///
  /// After a kill in between they are published once more, with the same identity.
  func confirm(_ ids: ClosedRange<Int64>, for name: String? = nil) {
    for reader in name.map({ [$0] }) ?? options.readers {
      settlement.readers[reader, default: IDRanges()].insert(ids)
    }
    isSettlementNew = true
  }

  /// Takes up at the start what earlier runs left of the outbox.
  func settle() {
    let lowest = max(1, journal.segments.first?.firstID ?? journal.nextID)
    let former = settlement.readers
    settlement.readers = [:]
    var lostCount: Int64 = 0
    for name in options.readers {
      // One that is new begins with what comes from now on.
      let ranges = former[name] ?? IDRanges(0...journal.nextID - 1)
      settlement.readers[name] = ranges
      // Of a segment that was removed before the medium had word of it.
      lostCount = max(lostCount, ranges.missingCount(below: lowest))
      confirm(min(ranges.ranges.first?.lowerBound ?? lowest, lowest - 1)...lowest - 1, for: name)
    }
    if settlement.isWithoutHoles { settlement.droppedCount += Int(lostCount) }
    settlement.isWithoutHoles = true
    // Numbers that no run gave.
    let starts = journal.segments.dropFirst().map(\.firstID) + [journal.nextID]
    for (segment, start) in zip(journal.segments, starts) where segment.endID < start {
      confirm(segment.endID...start - 1)
    }
  }

  /// How many entries one of `Options.readers` has not confirmed.
  package func pendingCount(of name: String) -> Int {
    let ranges = settlement.readers[name] ?? IDRanges()
    return journal.segments.reduce(0) { sum, segment in
      sum + Int(segment.endID - segment.firstID - ranges.count(in: segment.firstID..<segment.endID))
    }
  }

  /// How many of these entries some reader still wants.
  func waitingCount(of ids: Range<Int64>) -> Int {
    let most = options.readers.map { name in
      Int64(ids.count) - (settlement.readers[name]?.count(in: ids) ?? 0)
    }
    return Int(most.max() ?? 0)
  }
}

/// The outbox of one reader of several.
private struct NamedOutbox: Outbox {
  let store: HistoryStore
  let name: String

  func pending(after id: Int64, limit: Int) async throws -> [OutboxEntry] {
    try await store.pending(of: name, after: id, limit: limit)
  }

  func acknowledge(_ ids: [Int64]) async throws {
    await store.acknowledge(ids, of: name)
  }

  func latestID() async throws -> Int64 { try await store.latestID() }
}
