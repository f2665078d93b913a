import FoundationEssentials
import SignalProcessing

/// The database file and its log as they are at an instant: what a kill leaves, which closes nothing.
struct StoreImage {
  private let database: Data?
  private var log: Data?
  private let path: String

  init(of path: String) {
    self.path = path
    database = try? Data(contentsOf: URL(filePath: path))
    log = try? Data(contentsOf: URL(filePath: path + "-wal"))
  }

  /// The power went: the log, which is synced before a checkpoint only, may end anywhere, or hold
  /// rubbish from some place on.
  mutating func cutPower(_ generator: inout SeededGenerator) {
    guard let bytes = log else { return }
    let kept = Int(generator.uniform() * Double(bytes.count + 1))
    if generator.uniform() < 0.5 {
      log = bytes.prefix(kept)
    } else {
      log = bytes.prefix(kept) + Data(repeating: 0, count: bytes.count - kept)
    }
  }

  /// Puts the files back, with the mark of an agent that did not end in order.
  func restore() throws {
    for suffix in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: path + suffix)
    }
    try database?.write(to: URL(filePath: path))
    try log?.write(to: URL(filePath: path + "-wal"))
    try Data("process 1".utf8).write(to: URL(filePath: path + ".lock"))
  }
}
