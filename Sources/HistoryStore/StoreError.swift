import GRDB
import Glibc

/// Why the store could not do what it was asked; each says which file and what to try.
package enum StoreError: Error, Hashable {
  /// No space is left, on the device or under the size limit; nothing of the batch was stored.
  case full(path: String)
  /// The file, its folder or its file system cannot be written.
  case readOnly(path: String)
  /// The device failed to read or write.
  case inputOutput(path: String, detail: String)
  /// Another agent works on this store.
  case locked(path: String, by: String)
  /// The file is no database at all; it is left untouched.
  case notADatabase(path: String)
  /// The file belongs to another program; it is left untouched.
  case foreign(path: String)
  /// A newer version of this program made the file; it is left untouched.
  case newerSchema(path: String)
  /// The database contradicts itself.
  case damaged(path: String, detail: String)
  /// Anything else that SQLite says.
  case other(path: String, detail: String)
}

extension StoreError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .full(let path):
      "\(path): no space left; free some, or lower the store's size limit in the site file"
    case .readOnly(let path):
      "\(path): cannot be written; check the owner and mode of the file and its folder, "
        + "and whether the file system is mounted read-only"
    case .inputOutput(let path, let detail):
      "\(path): the disk fails to read or write (\(detail)); check the cable and the card"
    case .locked(let path, let holder):
      "\(path): another agent uses this store (\(holder)); stop it, or give this one its own file"
    case .notADatabase(let path):
      "\(path): this file is no database; give the store another path in the site file"
    case .foreign(let path):
      "\(path): this database belongs to another program; give the store another path"
    case .newerSchema(let path):
      "\(path): written by a newer version of vigie; install that version, or give another path"
    case .damaged(let path, let detail):
      "\(path): the database is damaged (\(detail))"
    case .other(let path, let detail):
      "\(path): \(detail)"
    }
  }
}

extension StoreError {
  var isDamage: Bool {
    if case .damaged = self { true } else { false }
  }

  /// What `error` of SQLite or of the file system means for the store at `path`.
  init(_ error: any Error, path: String) {
    if let known = error as? StoreError {
      self = known
      return
    }
    if error is RowDecodingError {
      self = .damaged(path: path, detail: "a row does not hold what it must")
      return
    }
    guard let error = error as? DatabaseError else {
      self = .other(path: path, detail: "\(error)")
      return
    }
    let detail = error.message ?? "SQLite error \(error.extendedResultCode.rawValue)"
    switch error.resultCode {
    case .SQLITE_FULL:
      self = .full(path: path)
    case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_CANTOPEN:
      self = .readOnly(path: path)
    case .SQLITE_IOERR:
      // A file that cannot grow is reported as a failed write in some places (shared memory).
      self =
        Self.isDeviceFull(path)
        ? .full(path: path)
        : .inputOutput(path: path, detail: "\(detail), code \(error.extendedResultCode.rawValue)")
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      self = .locked(path: path, by: "SQLite: \(detail)")
    case .SQLITE_NOTADB:
      self = .notADatabase(path: path)
    case .SQLITE_CORRUPT,
      // What is asked is right, so it is the tables that are not as they were made.
      .SQLITE_ERROR, .SQLITE_CONSTRAINT, .SQLITE_MISMATCH:
      self = .damaged(path: path, detail: detail)
    default:
      self = .other(path: path, detail: detail)
    }
  }

  /// Whether the file system of `path` has no room for another page.
  private static func isDeviceFull(_ path: String) -> Bool {
    var usage = statvfs()
    guard statvfs(path, &usage) == 0 else { return false }
    return UInt64(usage.f_bavail) * UInt64(usage.f_frsize) < 65_536
  }
}
