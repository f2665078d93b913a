import Foundation
import GRDBSQLite
import Glibc
import HistoryStore
import Synchronization

// SQLite's own way to the system's files (its VFS), with the faults of a `FaultyDisk` before it: what
// SQLite writes may fail like the journal beside it, and what it did not sync a power cut tears.

/// The disks of the folders whose databases have faults.
enum FaultyDatabaseFiles {
  private static let disks = Mutex<[String: FaultyDisk]>([:])

  /// From now on the databases in `folder` are on `disk`.
  static func mount(_ disk: FaultyDisk, at folder: String) {
    guard isInstalled else { preconditionFailure("SQLite takes no other way to files") }
    disks.withLock { $0[folder] = disk }
  }

  static func unmount(_ folder: String) {
    disks.withLock { $0[folder] = nil }
  }

  /// What a file of the system takes, in bytes.
  static func size(of path: String) -> Int64 {
    var information = stat()
    return stat(path, &information) == 0 ? Int64(information.st_size) : 0
  }

  /// What the files that were set aside take, in bytes.
  static func damagedBytes(besides path: String) -> Int64 {
    let place = URL(filePath: path)
    let folder = place.deletingLastPathComponent()
    let prefix = "\(place.lastPathComponent).damaged-"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasPrefix(prefix) }
      .reduce(0) { $0 + size(of: "\(folder.path)/\($1)") }
  }

  fileprivate static func disk(of path: UnsafePointer<CChar>?) -> (disk: FaultyDisk, name: String)?
  {
    guard let path else { return nil }
    let name = String(cString: path)
    // What was set aside is only read, and counts no more.
    guard !name.contains(".damaged-"), let end = name.lastIndex(of: "/") else { return nil }
    return disks.withLock { $0[String(name[..<end])] }.map { ($0, name) }
  }

  /// Puts the faults before the way to files that SQLite takes by itself.
  private static let isInstalled: Bool = {
    guard sqlite3_initialize() == SQLITE_OK, let system = sqlite3_vfs_find(nil) else {
      return false
    }
    let faulty = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
    faulty.initialize(to: system.pointee)
    faulty.pointee.zName = UnsafePointer(strdup("vigie-faults"))
    faulty.pointee.szOsFile += Int32(OpenFile.size)
    faulty.pointee.xOpen = { _, path, file, flags, outFlags in
      guard let file, let system = sqlite3_vfs_find("unix") else { return SQLITE_MISUSE }
      let open = OpenFile.at(file)
      open.initialize(to: OpenFile())
      let code = system.pointee.xOpen(system, path, systemFile(behind: file), flags, outFlags)
      guard code == SQLITE_OK else { return code }
      open.pointee.base.pMethods = UnsafePointer(methods)
      let isDatabase = flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)
      if isDatabase != 0, let found = FaultyDatabaseFiles.disk(of: path) {
        open.pointee.place = Unmanaged.passRetained(Place(disk: found.disk, path: found.name))
        // What grew in the place of a damaged database has taken its name.
        let grown = found.name + ".salvage"
        if access(grown, F_OK) != 0 { found.disk.databaseMoves(from: grown, to: found.name) }
        var size: sqlite3_int64 = 0
        _ = pass(file) { $0.xFileSize($1, &size) }
        found.disk.databaseTakes(found.name, size)
      }
      return SQLITE_OK
    }
    faulty.pointee.xDelete = { _, path, syncsFolder in
      guard let system = sqlite3_vfs_find("unix") else { return SQLITE_MISUSE }
      if let found = FaultyDatabaseFiles.disk(of: path) {
        if found.disk.isGone { return SQLITE_IOERR }
        found.disk.databaseShrinks(found.name, to: 0)
      }
      return system.pointee.xDelete(system, path, syncsFolder)
    }
    return sqlite3_vfs_register(faulty, 1) == SQLITE_OK
  }()
}

/// SQLite's own codes, which its header gives as sums.
private enum Failure {
  static let write = SQLITE_IOERR | 3 << 8
  static let sync = SQLITE_IOERR | 4 << 8
  static let truncate = SQLITE_IOERR | 6 << 8
}

/// Where an open file of SQLite lies.
private final class Place {
  let disk: FaultyDisk
  let path: String

  init(disk: FaultyDisk, path: String) {
    self.disk = disk
    self.path = path
  }
}

/// Ours of an open file; the system's lies behind it.
private struct OpenFile {
  var base = sqlite3_file()
  var place: Unmanaged<Place>?

  static let size = (MemoryLayout<OpenFile>.stride + 15) / 16 * 16

  static func at(_ file: UnsafeMutablePointer<sqlite3_file>) -> UnsafeMutablePointer<OpenFile> {
    UnsafeMutableRawPointer(file).assumingMemoryBound(to: OpenFile.self)
  }
}

private func systemFile(
  behind file: UnsafeMutablePointer<sqlite3_file>
) -> UnsafeMutablePointer<sqlite3_file> {
  (UnsafeMutableRawPointer(file) + OpenFile.size).assumingMemoryBound(to: sqlite3_file.self)
}

/// Does what the system would, by `work`.
private func pass(
  _ file: UnsafeMutablePointer<sqlite3_file>?,
  _ work: (sqlite3_io_methods, UnsafeMutablePointer<sqlite3_file>) -> Int32
) -> Int32 {
  guard let file else { return SQLITE_MISUSE }
  let real = systemFile(behind: file)
  guard let methods = real.pointee.pMethods?.pointee else { return SQLITE_MISUSE }
  return work(methods, real)
}

private func faultyPlace(of file: UnsafeMutablePointer<sqlite3_file>?) -> Place? {
  file.flatMap { OpenFile.at($0).pointee.place?.takeUnretainedValue() }
}

nonisolated(unsafe) private let methods: UnsafeMutablePointer<sqlite3_io_methods> = {
  var table = sqlite3_io_methods()
  // Without the parts that map files into memory.
  table.iVersion = 2
  table.xClose = { file in
    let code = pass(file) { $0.xClose($1) }
    if let file {
      OpenFile.at(file).pointee.place?.release()
      OpenFile.at(file).pointee.place = nil
    }
    return code
  }
  table.xRead = { file, bytes, count, offset in pass(file) { $0.xRead($1, bytes, count, offset) } }
  table.xWrite = { file, bytes, count, offset in
    guard let place = faultyPlace(of: file) else {
      return pass(file) { $0.xWrite($1, bytes, count, offset) }
    }
    if place.disk.isGone { return Failure.write }
    // What was there before, for a power cut that comes before the next sync.
    var size: sqlite3_int64 = 0
    _ = pass(file) { $0.xFileSize($1, &size) }
    var old = [UInt8](repeating: 0, count: Int(count))
    let there = Int32(clamping: max(0, min(sqlite3_int64(count), size - offset)))
    if there > 0 {
      _ = pass(file) { methods, real in
        old.withUnsafeMutableBytes { methods.xRead(real, $0.baseAddress, there, offset) }
      }
    }
    place.disk.databaseChanges(place.path, at: offset, from: old, size: size)
    switch place.disk.admitWrite() {
    case nil:
      let end = offset + sqlite3_int64(count)
      if end > size { place.disk.databaseTakes(place.path, end) }
      return pass(file) { $0.xWrite($1, bytes, count, offset) }
    case .full?: return SQLITE_FULL
    default:
      // Half of it arrives.
      _ = pass(file) { $0.xWrite($1, bytes, count / 2, offset) }
      return Failure.write
    }
  }
  table.xTruncate = { file, size in
    if faultyPlace(of: file)?.disk.isGone ?? false { return Failure.truncate }
    faultyPlace(of: file).map { $0.disk.databaseShrinks($0.path, to: size) }
    return pass(file) { $0.xTruncate($1, size) }
  }
  table.xSync = { file, flags in
    guard let place = faultyPlace(of: file) else { return pass(file) { $0.xSync($1, flags) } }
    return place.disk.databaseSyncs(place.path) ? SQLITE_OK : Failure.sync
  }
  table.xFileSize = { file, size in pass(file) { $0.xFileSize($1, size) } }
  table.xLock = { file, level in pass(file) { $0.xLock($1, level) } }
  table.xUnlock = { file, level in pass(file) { $0.xUnlock($1, level) } }
  table.xCheckReservedLock = { file, result in pass(file) { $0.xCheckReservedLock($1, result) } }
  table.xFileControl = { file, operation, argument in
    pass(file) { $0.xFileControl($1, operation, argument) }
  }
  table.xSectorSize = { file in pass(file) { $0.xSectorSize($1) } }
  table.xDeviceCharacteristics = { file in pass(file) { $0.xDeviceCharacteristics($1) } }
  table.xShmMap = { file, page, size, isExtended, memory in
    pass(file) { $0.xShmMap($1, page, size, isExtended, memory) }
  }
  table.xShmLock = { file, offset, count, flags in
    pass(file) { $0.xShmLock($1, offset, count, flags) }
  }
  table.xShmBarrier = { file in
    _ = pass(file) { methods, real in
      methods.xShmBarrier(real)
      return SQLITE_OK
    }
  }
  table.xShmUnmap = { file, isDeleted in pass(file) { $0.xShmUnmap($1, isDeleted) } }
  let pointer = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
  pointer.initialize(to: table)
  return pointer
}()
