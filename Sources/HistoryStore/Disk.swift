import Glibc

/// The files of the journal, as the store sees them; a simulation has one that fails and tears.
package protocol Disk: Sendable {
  /// The names in `folder`, in any order.
  func names(in folder: String) throws(StoreError) -> [String]
  /// The file at `path`; where there is none it is made if `creating`.
  func open(_ path: String, creating: Bool) throws(StoreError) -> any DiskFile
  func remove(_ path: String) throws(StoreError)
  /// Returns once names made or changed in `folder` are on the medium.
  func syncFolder(_ folder: String) throws(StoreError)
}

/// An open file; it closes with its last reference.
package protocol DiskFile: Sendable {
  /// In bytes.
  var size: Int64 { get }
  /// Up to `count` bytes; fewer at the end of the file.
  func read(_ count: Int, at offset: Int64) throws(StoreError) -> [UInt8]
  /// Writes all of `bytes`, or throws; what lies at `offset` after an error is unknown.
  func write(_ bytes: [UInt8], at offset: Int64) throws(StoreError)
  /// Returns once what was written is on the medium.
  func sync() throws(StoreError)
}

/// The disk of the gateway.
package struct SystemDisk: Disk {
  package init() {}

  package func names(in folder: String) throws(StoreError) -> [String] {
    guard let stream = opendir(folder) else { throw StoreError(systemError: errno, path: folder) }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
      )
    }
    return names
  }

  package func open(_ path: String, creating: Bool) throws(StoreError) -> any DiskFile {
    try SystemFile(path: path, creating: creating)
  }

  package func remove(_ path: String) throws(StoreError) {
    guard unlink(path) == 0 || errno == ENOENT else {
      throw StoreError(systemError: errno, path: path)
    }
  }

  package func syncFolder(_ folder: String) throws(StoreError) {
    let descriptor = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw StoreError(systemError: errno, path: folder) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw StoreError(systemError: errno, path: folder) }
  }
}

private final class SystemFile: DiskFile {
  private let path: String
  private let descriptor: Int32

  init(path: String, creating: Bool) throws(StoreError) {
    self.path = path
    descriptor = Glibc.open(path, O_CLOEXEC | (creating ? O_RDWR | O_CREAT : O_RDONLY), 0o640)
    guard descriptor >= 0 else { throw StoreError(systemError: errno, path: path) }
  }

  deinit { close(descriptor) }

  var size: Int64 {
    var information = stat()
    return fstat(descriptor, &information) == 0 ? Int64(information.st_size) : 0
  }

  func read(_ count: Int, at offset: Int64) throws(StoreError) -> [UInt8] {
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      guard let base = buffer.baseAddress else { return }
      while filled < count {
        let got = pread(
          descriptor,
          base + filled,
          count - filled,
          Int(offset) + filled
        )
        if got < 0 && errno == EINTR { continue }
        if got < 0 { failure = errno }
        if got <= 0 { break }
        filled += got
      }
    }
    guard failure == 0 else { throw StoreError(systemError: failure, path: path) }
    return bytes
  }

  func write(_ bytes: [UInt8], at offset: Int64) throws(StoreError) {
    var done = 0
    while done < bytes.count {
      let written = bytes.withUnsafeBytes {
        pwrite(descriptor, $0.baseAddress.map { $0 + done }, bytes.count - done, Int(offset) + done)
      }
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else {
        throw StoreError(systemError: written < 0 ? errno : ENOSPC, path: path)
      }
      done += written
    }
  }

  func sync() throws(StoreError) {
    guard fdatasync(descriptor) == 0 else { throw StoreError(systemError: errno, path: path) }
  }
}

extension StoreError {
  /// What the error number `code` of the system means for the file at `path`.
  init(systemError code: Int32, path: String) {
    self =
      switch code {
      case ENOSPC, EDQUOT: .full(path: path)
      case EROFS, EACCES, EPERM, ENOENT, ENOTDIR: .readOnly(path: path)
      default: .inputOutput(path: path, detail: String(cString: strerror(code)))
      }
  }
}
