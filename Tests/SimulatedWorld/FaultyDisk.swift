import Glibc
import HistoryStore
import SignalProcessing
import Synchronization

/// A disk in memory that refuses, tears and forgets as memory cards do.
///
/// What was not synced lies in pages of the system's cache: a power cut leaves each of them as it was,
/// as it became, or torn in between. Names are made and removed in order, as journalling file systems
/// do it: a cut takes the latest of these changes first. The database beside the journal is in files
/// of the system (`FaultyDatabaseFiles`), which fail and tear in the same way.
final class FaultyDisk: Disk {
  /// What the disk does to those who use it.
  struct Faults: Sendable {
    /// Writes that still succeed before they fail; `nil` when they do not fail.
    var writesLeft: Int?
    /// What a write that fails says.
    var failure = StoreError.full(path: "disk")
    var refusesSync = false
    /// Says that what is synced is on the medium, and only keeps it in its cache.
    var liesAboutSync = false

    init() {}
  }

  fileprivate struct File {
    var pages: [[UInt8]] = []
    var size = 0
    /// What the medium holds in the place of pages that changed since the last sync.
    var old: [Int: [UInt8]] = [:]
    var durableSize = 0

    var isClean: Bool { old.isEmpty && durableSize == size }
  }

  private enum NameChange {
    case made(String)
    case removed(String, File)
  }

  /// What changed in a file of SQLite since its last sync.
  private struct DatabaseChanges {
    /// What the medium holds, by place.
    var old: [Int64: [UInt8]] = [:]
    var durableSize: Int64
  }

  private struct State {
    var databases: [String: DatabaseChanges] = [:]
    /// The files of SQLite that will take the name of another.
    var moving: Set<String> = []
    var databaseFaultCount = 0
    /// What the files of SQLite take.
    var databaseSizes: [String: Int64] = [:]
    /// What all files took at most since `takeMostBytes`.
    var mostBytes: Int64 = 0
    /// Whether the process that wrote to the disk is no more.
    var isGone = false
    var files: [String: File] = [:]
    var nameChanges: [NameChange] = []
    var faults = Faults()

    mutating func takeWrite() -> StoreError? {
      guard let left = faults.writesLeft else { return nil }
      faults.writesLeft = max(0, left - 1)
      return left == 0 ? faults.failure : nil
    }

    var journalBytes: Int64 { files.values.reduce(0) { $0 + Int64($1.size) } }
    var byteCount: Int64 { databaseSizes.values.reduce(journalBytes, +) }
  }

  private let state = Mutex(State())

  init() {}

  var faults: Faults {
    get { state.withLock { $0.faults } }
    set { state.withLock { $0.faults = newValue } }
  }

  /// Whether all that was written is on the medium; what was removed may come back.
  var isClean: Bool {
    state.withLock { state in
      state.files.values.allSatisfy(\.isClean)
        && state.nameChanges.allSatisfy { if case .removed = $0 { true } else { false } }
    }
  }

  /// The writes of SQLite that failed, or that a power cut found unsynced.
  var databaseFaultCount: Int { state.withLock { $0.databaseFaultCount } }

  /// What the files of the journal take, in bytes.
  var journalBytes: Int64 { state.withLock { $0.journalBytes } }
  /// The same with those of SQLite.
  var byteCount: Int64 { state.withLock { $0.byteCount } }

  /// What the files took at most since the last call.
  func takeMostBytes() -> Int64 {
    state.withLock { state in
      defer { state.mostBytes = state.byteCount }
      return max(state.mostBytes, state.byteCount)
    }
  }

  /// Brings everything to the medium: the end of a lie.
  func flush() {
    state.withLock { state in
      state.nameChanges = []
      state.databases = [:]
      for path in state.files.keys { state.files[path]?.becomeDurable() }
    }
  }

  /// Whether what SQLite still wants to write comes too late.
  var isGone: Bool {
    get { state.withLock { $0.isGone } }
    set { state.withLock { $0.isGone = newValue } }
  }

  /// The power goes; of what was not synced, chance decides what is left.
  ///
  /// Nobody may have files open.
  func cutPower(_ generator: inout SeededGenerator) {
    // A copy, because the generator cannot enter the lock.
    var (files, changes) = state.withLock { ($0.files, $0.nameChanges) }
    let kept = Int(generator.uniform() * Double(changes.count + 1))
    while changes.count > kept {
      switch changes.removeLast() {
      case .made(let path): files[path] = nil
      case .removed(let path, let file): files[path] = file
      }
    }
    for path in files.keys.sorted() { files[path]?.tear(&generator) }
    let databases = state.withLock { state in
      defer { state = State(databaseFaultCount: state.databaseFaultCount, files: files) }
      for changes in state.databases.values { state.databaseFaultCount += changes.old.count }
      return state.databases
    }
    for (path, changes) in databases.sorted(by: { $0.key < $1.key }) {
      Self.tear(path, changes, &generator)
    }
  }

  private static func tear(
    _ path: String,
    _ changes: DatabaseChanges,
    _ generator: inout SeededGenerator
  ) {
    let file = Glibc.open(path, O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    defer { close(file) }
    for (offset, before) in changes.old.sorted(by: { $0.key < $1.key }) {
      // As in `File.tear`.
      var kept = before.count
      switch generator.uniform() {
      case ..<0.4: kept = 0
      case ..<0.7: kept = Int(generator.uniform() * Double(before.count))
      default: break
      }
      let lost = Array(before[kept...])
      guard pwrite(file, lost, lost.count, Int(offset) + kept) == lost.count else {
        preconditionFailure("a database cannot be torn: error \(errno)")
      }
    }
    var information = stat()
    if fstat(file, &information) == 0, information.st_size > changes.durableSize,
      generator.uniform() < 0.5
    {
      ftruncate(file, Int(changes.durableSize))
    }
  }

  // MARK: - What SQLite does

  /// A file of SQLite got the name of another.
  func databaseMoves(from former: String, to path: String) {
    state.withLock { state in
      guard state.moving.remove(former) != nil else { return }
      state.databases[path] = state.databases.removeValue(forKey: former)
    }
  }

  /// A file of SQLite takes so many bytes; one that grows in the place of another counts with its name.
  func databaseTakes(_ path: String, _ size: Int64) {
    state.withLock { state in
      guard !path.contains(".salvage") else {
        state.moving.insert(path)
        return
      }
      guard state.databaseSizes[path] != size else { return }
      state.databaseSizes[path] = size
      state.mostBytes = max(state.mostBytes, state.byteCount)
    }
  }

  /// A file of SQLite of so many bytes is changed at `offset`, where it held `old`.
  func databaseChanges(_ path: String, at offset: Int64, from old: [UInt8], size: Int64) {
    state.withLock { state in
      if state.databases[path]?.old[offset] == nil {
        state.databases[path, default: DatabaseChanges(durableSize: size)].old[offset] = old
      }
    }
  }

  /// A file of SQLite is cut off; what lay behind does not come back.
  func databaseShrinks(_ path: String, to size: Int64) {
    state.withLock { state in
      if let known = state.databaseSizes[path] { state.databaseSizes[path] = min(known, size) }
      guard var changes = state.databases.removeValue(forKey: path) else { return }
      changes.old = changes.old.filter { $0.key < size }
      changes.durableSize = min(changes.durableSize, size)
      state.databases[path] = changes
    }
  }

  /// - Returns: Whether what SQLite wrote is on the medium now, as far as it is told.
  func databaseSyncs(_ path: String) -> Bool {
    state.withLock { state in
      if state.faults.refusesSync || state.isGone { return false }
      if !state.faults.liesAboutSync { state.databases[path] = nil }
      return true
    }
  }

  /// Counts a write that SQLite wants to make.
  ///
  /// - Returns: Why it fails.
  func admitWrite() -> StoreError? {
    state.withLock { state in
      let failure = state.takeWrite()
      if failure != nil { state.databaseFaultCount += 1 }
      return failure
    }
  }

  // MARK: - What the store sees

  /// The identity of the first entry that the journal of the store at `path` holds; `nil` without one.
  func firstID(inJournalOf path: String) -> Int64? {
    state.withLock { state in
      guard let oldest = state.files.keys.filter({ $0.hasPrefix("\(path).journal-") }).min(),
        let head = state.files[oldest]?.read(24, at: 0), head.count == 24
      else { return nil }
      // As the table in `Journal` says.
      return head[16...].reversed().reduce(0) { $0 << 8 | Int64($1) }
    }
  }

  func names(in folder: String) throws(StoreError) -> [String] {
    state.withLock { state in
      state.files.keys.filter { $0.hasPrefix("\(folder)/") }
        .map { String($0.dropFirst(folder.count + 1)) }
    }
  }

  func open(_ path: String, creating: Bool) throws(StoreError) -> any DiskFile {
    let failure: StoreError? = state.withLock { state in
      guard state.files[path] == nil else { return nil }
      guard creating else { return .readOnly(path: path) }
      if state.faults.writesLeft == 0 { return state.faults.failure }
      state.files[path] = File()
      state.nameChanges.append(.made(path))
      return nil
    }
    if let failure { throw failure }
    return FaultyFile(disk: self, path: path)
  }

  func remove(_ path: String) throws(StoreError) {
    state.withLock { state in
      guard let file = state.files.removeValue(forKey: path) else { return }
      state.nameChanges.append(.removed(path, file))
    }
  }

  func syncFolder(_ folder: String) throws(StoreError) {
    let refuses = state.withLock { state in
      if state.faults.refusesSync { return true }
      if !state.faults.liesAboutSync { state.nameChanges = [] }
      return false
    }
    if refuses { throw .inputOutput(path: folder, detail: "simulated") }
  }

  func size(of path: String) -> Int64 {
    state.withLock { Int64($0.files[path]?.size ?? 0) }
  }

  func read(_ path: String, _ count: Int, at offset: Int) -> [UInt8] {
    state.withLock { $0.files[path]?.read(count, at: offset) ?? [] }
  }

  func write(_ path: String, _ bytes: [UInt8], at offset: Int) -> StoreError? {
    state.withLock { state in
      let failure = state.takeWrite()
      // Half of what fails arrives.
      let written = failure == nil ? bytes[...] : bytes.prefix(bytes.count / 2)
      guard state.files[path] != nil else { return .readOnly(path: path) }
      state.files[path]?.write(written, at: offset)
      state.mostBytes = max(state.mostBytes, state.byteCount)
      return failure
    }
  }

  func sync(_ path: String) -> Bool {
    state.withLock { state in
      if state.faults.refusesSync { return false }
      if !state.faults.liesAboutSync { state.files[path]?.becomeDurable() }
      return true
    }
  }
}

extension FaultyDisk.File {
  private static var pageBytes: Int { 4_096 }

  fileprivate func read(_ count: Int, at offset: Int) -> [UInt8] {
    let end = min(size, offset + count)
    guard offset < end else { return [] }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(end - offset)
    var place = offset
    while place < end {
      let page = place / Self.pageBytes
      let start = place % Self.pageBytes
      let length = min(Self.pageBytes - start, end - place)
      bytes += pages[page][start..<start + length]
      place += length
    }
    return bytes
  }

  fileprivate mutating func write(_ bytes: ArraySlice<UInt8>, at offset: Int) {
    let end = offset + bytes.count
    while pages.count * Self.pageBytes < end {
      pages.append([UInt8](repeating: 0, count: Self.pageBytes))
    }
    var place = offset
    var rest = bytes
    while !rest.isEmpty {
      let page = place / Self.pageBytes
      let start = place % Self.pageBytes
      let length = min(Self.pageBytes - start, rest.count)
      if old[page] == nil { old[page] = pages[page] }
      pages[page].replaceSubrange(start..<start + length, with: rest.prefix(length))
      rest = rest.dropFirst(length)
      place += length
    }
    size = max(size, end)
  }

  fileprivate mutating func becomeDurable() {
    old.removeAll(keepingCapacity: true)
    durableSize = size
  }

  fileprivate mutating func tear(_ generator: inout SeededGenerator) {
    for page in old.keys.sorted() {
      guard let before = old[page] else { continue }
      switch generator.uniform() {
      case ..<0.4: pages[page] = before
      case ..<0.7:
        let kept = Int(generator.uniform() * Double(Self.pageBytes))
        pages[page].replaceSubrange(kept..., with: before[kept...])
      default: break
      }
    }
    if size > durableSize, generator.uniform() < 0.5 {
      size = durableSize
      pages.removeLast(pages.count - (size + Self.pageBytes - 1) / Self.pageBytes)
    }
    becomeDurable()
  }
}

private struct FaultyFile: DiskFile {
  let disk: FaultyDisk
  let path: String

  var size: Int64 { disk.size(of: path) }

  func read(_ count: Int, at offset: Int64) throws(StoreError) -> [UInt8] {
    disk.read(path, count, at: Int(offset))
  }

  func write(_ bytes: [UInt8], at offset: Int64) throws(StoreError) {
    if let failure = disk.write(path, bytes, at: Int(offset)) { throw failure }
  }

  func sync() throws(StoreError) {
    guard disk.sync(path) else { throw .inputOutput(path: path, detail: "simulated") }
  }
}
