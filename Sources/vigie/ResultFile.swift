import FoundationEssentials
import Glibc

/// A file that a person named for a result.
struct ResultFile {
  private let path: String
  /// Something is there that is no file to replace: a device, a pipe or a link.
  private let isKept: Bool

  /// Looks before the work begins whether the result can go there.
  ///
  /// - Parameters:
  ///   - path: As the person wrote it.
  ///   - inputs: What the command reads, and never overwrites.
  /// - Throws: `Failure` when it is one of them or cannot be written.
  init(_ path: String, besides inputs: [String]) throws {
    if let input = inputs.first(where: { Self.isSame($0, path) }) {
      let name = input == path ? path : "\(path) (\(input))"
      throw Failure(
        .usage,
        "\(name) is read here and would be lost; name another file for the result"
      )
    }
    self.path = path
    var there = stat()
    isKept = lstat(path, &there) == 0 && there.st_mode & S_IFMT != S_IFREG
    if Self.kind(of: path) == S_IFDIR { throw failure("it is a folder") }
    let parent = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) }
    guard access(isKept ? path : parent ?? ".", W_OK) == 0 else {
      throw failure(String(cString: strerror(errno)))
    }
  }

  /// Puts the result there, whole or not at all.
  func write(_ text: String) throws {
    do {
      let data = Data(text.utf8)
      try data.write(to: URL(filePath: path), options: isKept ? [] : .atomic)
    } catch {
      let cause = (error as? CocoaError)?.underlying as? POSIXError
      throw failure(cause.map { String(cString: strerror($0.code.rawValue)) } ?? "\(error)")
    }
  }

  private func failure(_ reason: String) -> Failure {
    Failure(
      .environment,
      "\(path) cannot be written: \(reason); check the folder, its permissions and its space"
    )
  }

  private static func kind(of path: String) -> mode_t? {
    var found = stat()
    return stat(path, &found) == 0 ? found.st_mode & S_IFMT : nil
  }

  private static func isSame(_ one: String, _ other: String) -> Bool {
    var (first, second) = (stat(), stat())
    return stat(one, &first) == 0 && stat(other, &second) == 0 && first.st_dev == second.st_dev
      && first.st_ino == second.st_ino
  }
}
