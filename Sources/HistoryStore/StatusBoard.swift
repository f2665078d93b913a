import ConditionModel
import FoundationEssentials
import Glibc

/// Where a running agent says how it is, for other processes: a file in memory.
///
/// It changes every few seconds. On a memory card that alone would cost more than all values
/// together, and after a power cut nobody asks for it.
package enum StatusBoard {
  /// The file: in memory where the system has such a folder; else beside the store.
  package static func path(of store: String) -> String {
    var resolved = [CChar](repeating: 0, count: Int(PATH_MAX))
    let name = realpath(store, &resolved) == nil ? store : string(resolved)
    // FNV-1a: only different stores need different names.
    let hash = name.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) {
      ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3
    }
    return access("/dev/shm", W_OK) == 0
      ? "/dev/shm/vigie-\(String(hash, radix: 16)).status" : "\(store).status"
  }

  private static func string(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// Replaces what is shown; whoever may read the store may read this.
  static func show(_ status: StatusReport, of store: String) {
    let path = path(of: store)
    let draft = "\(path).new"
    unlink(draft)
    let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { return }
    // The folder is everybody's, so neither it nor the umask says who belongs to the store.
    var owned = stat()
    if stat(store, &owned) == 0 {
      _ = fchown(file, uid_t.max, owned.st_gid)
      fchmod(file, 0o600 | owned.st_mode & 0o044)
    }
    let bytes = Array("\(status.timestamp.nanoseconds)\n\(status.json)".utf8)
    let written = bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
    close(file)
    if written == bytes.count { rename(draft, path) } else { unlink(draft) }
  }

  /// What the agent of `store` showed last; `nil` when nothing is there that its owner wrote.
  static func read(of store: String) -> StatusReport? {
    let file = open(path(of: store), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var shown = stat()
    var owned = stat()
    guard fstat(file, &shown) == 0, stat(store, &owned) == 0, shown.st_uid == owned.st_uid else {
      return nil
    }
    var bytes = [UInt8](repeating: 0, count: Int(shown.st_size))
    guard Glibc.read(file, &bytes, bytes.count) == bytes.count,
      let end = bytes.firstIndex(of: UInt8(ascii: "\n")),
      let time = Int64(String(decoding: bytes[..<end], as: UTF8.self))
    else { return nil }
    return StatusReport(
      timestamp: Timestamp(nanoseconds: time),
      json: String(decoding: bytes[(end + 1)...], as: UTF8.self)
    )
  }

  static func remove(of store: String) {
    unlink(path(of: store))
  }
}
