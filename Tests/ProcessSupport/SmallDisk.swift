import Glibc

/// A file system in memory that is soon full.
package final class SmallDisk {
  private let folder = TemporaryFolder()
  package var path: String { folder.path }

  /// Whether this user may make one.
  package static var isPossible: Bool { SmallDisk(mebibytes: 1) != nil }

  package init?(mebibytes: Int) {
    guard mount("vigie-test", folder.path, "tmpfs", 0, "size=\(mebibytes)m") == 0 else {
      return nil
    }
  }

  deinit {
    umount2(folder.path, Int32(MNT_DETACH))
  }

  /// Takes all the space that is left.
  package func fill() throws {
    guard let file = fopen("\(path)/filler", "w") else { throw Timeout(what: "a file to fill") }
    setvbuf(file, nil, _IONBF, 0)
    let page = [UInt8](repeating: 1, count: 4_096)
    while fwrite(page, 1, page.count, file) == page.count {}
    fclose(file)
  }

  /// Gives back what `fill` took.
  package func free() {
    unlink("\(path)/filler")
  }
}
