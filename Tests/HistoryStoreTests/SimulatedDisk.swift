import HistoryStore
import Synchronization

/// A disk in memory that fails when it is told to, and forgets in a power cut what was not synced.
final class SimulatedDisk: Disk {
  struct File {
    var bytes: [UInt8] = []
    /// What a power cut leaves.
    var durable: [UInt8] = []
  }

  struct State {
    var files: [String: File] = [:]
    /// What a power cut brings back.
    var removed: [String: File] = [:]
    /// The next writes that fail, after this many that do not; `nil` for none.
    var writesUntilFailure: Int?
    var failure = StoreError.full(path: "disk")
    var syncFails = false
    var folderSyncFails = false
    var writtenBytes = 0
    var syncCount = 0
  }

  let state = Mutex(State())

  func names(in folder: String) throws(StoreError) -> [String] {
    state.withLock { state in
      state.files.keys.filter { $0.hasPrefix("\(folder)/") }
        .map { String($0.dropFirst(folder.count + 1)) }
    }
  }

  func open(_ path: String, creating: Bool) throws(StoreError) -> any DiskFile {
    let isThere = state.withLock { state in
      if creating && state.files[path] == nil { state.files[path] = File() }
      return state.files[path] != nil
    }
    guard isThere else { throw .readOnly(path: path) }
    return SimulatedFile(disk: self, path: path)
  }

  func remove(_ path: String) throws(StoreError) {
    state.withLock { $0.removed[path] = $0.files.removeValue(forKey: path) }
  }

  func syncFolder(_ folder: String) throws(StoreError) {
    let fails = state.withLock { state in
      if !state.folderSyncFails { state.removed = [:] }
      return state.folderSyncFails
    }
    if fails { throw .inputOutput(path: folder, detail: "simulated") }
  }

  /// What was not synced is gone, but for the first `kept` bytes of each change: a torn write.
  func cutPower(keeping kept: Int = 0) {
    state.withLock { state in
      state.files.merge(state.removed) { present, _ in present }
      for (path, file) in state.files {
        var left = file.durable
        let common = zip(file.bytes, file.durable).prefix { $0 == $1 }.count
        let torn = file.bytes.prefix(common + kept)
        if torn.count > left.count {
          left = Array(torn)
        } else {
          left.replaceSubrange(0..<torn.count, with: torn)
        }
        state.files[path] = File(bytes: left, durable: left)
      }
    }
  }
}

private struct SimulatedFile: DiskFile {
  let disk: SimulatedDisk
  let path: String

  var size: Int64 { disk.state.withLock { Int64($0.files[path]?.bytes.count ?? 0) } }

  func read(_ count: Int, at offset: Int64) throws(StoreError) -> [UInt8] {
    disk.state.withLock {
      Array(($0.files[path]?.bytes ?? []).dropFirst(Int(offset)).prefix(count))
    }
  }

  func write(_ bytes: [UInt8], at offset: Int64) throws(StoreError) {
    let failure: StoreError? = disk.state.withLock { state in
      guard var file = state.files.removeValue(forKey: path) else { return .readOnly(path: path) }
      defer { state.files[path] = file }
      var written = bytes[...]
      var failure: StoreError?
      if let left = state.writesUntilFailure {
        if left <= 0 {
          // Half of it arrives.
          written = bytes.prefix(bytes.count / 2)
          failure = state.failure
        } else {
          state.writesUntilFailure = left - 1
        }
      }
      let end = Int(offset) + written.count
      if file.bytes.count < end {
        file.bytes += [UInt8](repeating: 0, count: end - file.bytes.count)
      }
      file.bytes.replaceSubrange(Int(offset)..<end, with: written)
      state.writtenBytes += written.count
      return failure
    }
    if let failure { throw failure }
  }

  func sync() throws(StoreError) {
    let fails = disk.state.withLock { state in
      guard !state.syncFails, var file = state.files[path] else { return true }
      file.durable = file.bytes
      state.files[path] = file
      state.syncCount += 1
      return false
    }
    if fails { throw .inputOutput(path: path, detail: "simulated") }
  }
}
