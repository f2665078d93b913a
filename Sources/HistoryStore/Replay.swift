package import ConditionModel

/// A place between two records of the journal.
package struct JournalPlace: Hashable, Sendable {
  var segment: Int64
  /// Records of the segment that come before it.
  var recordCount: Int64
}

/// A state of the core in the journal; what entered the core later follows at `place`.
package struct StoredSnapshot: Hashable, Sendable {
  package var snapshot: Snapshot
  package var place: JournalPlace
}

/// Follows the journal of the store at `path` record by record, also while it is written.
struct JournalFollower {
  let disk: any Disk
  let path: String
  private let known: PlantText?
  /// Where the last call ended.
  private var last: (place: JournalPlace, reader: SegmentReader)?

  init(disk: any Disk, path: String, known: PlantText? = nil) {
    self.disk = disk
    self.path = path
    self.known = known
  }

  /// The inputs of the next record from `place` on, in the numbers of `plant`.
  ///
  /// - Returns: No place at the end, and where the journal begins to tell of another plant.
  mutating func inputs(
    from place: JournalPlace,
    of plant: Plant
  ) throws -> (inputs: [PipelineInput], next: JournalPlace?) {
    var inputs: [PipelineInput] = []
    guard var reader = try reader(at: place) else {
      return (inputs, try beginning(after: place.segment))
    }
    guard reader.plant == plant else { return ([], nil) }
    let record = try reader.next { item in
      if case .input(let input) = item { inputs.append(input) }
    }
    guard record != nil else {
      last = nil
      return (inputs, try beginning(after: place.segment))
    }
    let next = JournalPlace(segment: reader.segment, recordCount: reader.recordCount)
    last = (next, reader)
    return (inputs, next)
  }

  /// - Returns: `nil` where the segment is damaged from its head.
  private func reader(at place: JournalPlace) throws -> SegmentReader? {
    if let last, last.place == place { return last.reader }
    var reader = try SegmentReader(disk: disk, path: path, segment: place.segment, known: known)
    while let count = reader?.recordCount, count < place.recordCount {
      guard try reader?.next(deliver: { _ in }) != nil else { break }
    }
    return reader
  }

  private func beginning(after segment: Int64) throws -> JournalPlace? {
    let next = try Journal.numbers(disk, path).first { $0 > segment }
    return next.map { JournalPlace(segment: $0, recordCount: 0) }
  }
}

extension HistoryStore {
  /// The newest states of the core that are whole, newest first, at most two.
  package func snapshots() throws(StoreError) -> [StoredSnapshot] {
    do {
      return try journal.snapshots(2)
    } catch let error {
      throw StoreError(error, path: file.path)
    }
  }

  /// What entered the core from `place` on.
  ///
  /// Outputs that follow from these inputs are in the store already: a record holds both.
  ///
  /// - Returns: The inputs of a record, and the place after it; no place at the end, and where the
  ///   numbers in the journal begin to mean another plant.
  package func inputs(
    from place: JournalPlace
  ) throws(StoreError) -> (inputs: [PipelineInput], next: JournalPlace?) {
    do {
      return try follower.inputs(from: place, of: plant)
    } catch let error {
      throw StoreError(error, path: file.path)
    }
  }
}

extension HistoryReader {
  /// The newest state of the core before `moment`, and whose it is: what entered the core later
  /// follows from it.
  package func snapshot(
    before moment: Timestamp
  ) throws(StoreError) -> (stored: StoredSnapshot, plant: Plant)? {
    do {
      for number in try Journal.numbers(disk, path).reversed() {
        // The agent may have removed it meanwhile.
        guard var reader = try? SegmentReader(disk: disk, path: path, segment: number) else {
          continue
        }
        var found: StoredSnapshot?
        while let snapshot = try reader.nextSnapshot() {
          guard snapshot.timestamp < moment else { continue }
          let place = JournalPlace(segment: number, recordCount: reader.recordCount)
          found = StoredSnapshot(snapshot: snapshot, place: place)
        }
        if let found { return (found, reader.plant) }
      }
      return nil
    } catch let error {
      throw StoreError(error, path: path)
    }
  }

  /// As `HistoryStore.inputs(from:)`, in the numbers of `plant`.
  package func inputs(
    from place: JournalPlace,
    of plant: Plant
  ) throws(StoreError) -> (inputs: [PipelineInput], next: JournalPlace?) {
    do {
      return try follower.inputs(from: place, of: plant)
    } catch let error {
      throw StoreError(error, path: path)
    }
  }
}
