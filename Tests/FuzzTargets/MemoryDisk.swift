import HistoryStore
import Synchronization

/// A disk in memory that does as it is told.
final class MemoryDisk: Disk {
  private let files: Mutex<[String: [UInt8]]>

  init(files: [String: [UInt8]]) {
    self.files = Mutex(files)
  }

  /// All that is on it, by path.
  var contents: [String: [UInt8]] { files.withLock { $0 } }

  func bytes(of path: String) -> [UInt8] { files.withLock { $0[path] ?? [] } }

  func names(in folder: String) throws(StoreError) -> [String] {
    files.withLock { files in
      files.keys.filter { $0.hasPrefix("\(folder)/") }
        .map { String($0.dropFirst(folder.count + 1)) }
    }
  }

  func open(_ path: String, creating: Bool) throws(StoreError) -> any DiskFile {
    let isThere = files.withLock { files in
      if creating, files[path] == nil { files[path] = [] }
      return files[path] != nil
    }
    guard isThere else { throw .readOnly(path: path) }
    return File(disk: self, path: path)
  }

  func remove(_ path: String) throws(StoreError) {
    files.withLock { $0[path] = nil }
  }

  func syncFolder(_ folder: String) throws(StoreError) {}

  private struct File: DiskFile {
    let disk: MemoryDisk
    let path: String

    var size: Int64 { Int64(disk.bytes(of: path).count) }

    func read(_ count: Int, at offset: Int64) throws(StoreError) -> [UInt8] {
      Array(disk.bytes(of: path).dropFirst(Int(offset)).prefix(count))
    }

    func write(_ bytes: [UInt8], at offset: Int64) throws(StoreError) {
      disk.files.withLock { files in
        var content = files[path] ?? []
        let end = Int(offset) + bytes.count
        content += [UInt8](repeating: 0, count: max(0, end - content.count))
        content.replaceSubrange(Int(offset)..<end, with: bytes)
        files[path] = content
      }
    }

    func sync() throws(StoreError) {}
  }
}
