import Glibc

/// What the agent does to the memory card that it writes to, as the kernel counts it.
struct CardWear {
  var writtenBytesPerDay: Double
  var syncsPerHour: Double
  /// How long a card of the size of the store's file system lasts; `nil` where nothing tells its size.
  var lifeYears: Double?

  /// A page of a cheap card bears about a thousand erasures (TLC flash: 500 to 3,000), and the card
  /// writes some four bytes for each that it is told, because it erases large blocks.
  static let erasures = 1_000.0
  static let amplification = 4.0

  /// - Returns: `nil` in the first ten minutes, in which the start counts for too much.
  init?(writtenBytes: Int64, syncCount: Int, seconds: Double, storePath: String) {
    guard seconds >= 600 else { return nil }
    writtenBytesPerDay = Double(writtenBytes) / seconds * 86_400
    syncsPerHour = Double(syncCount) / seconds * 3_600
    var usage = statvfs()
    guard statvfs(storePath, &usage) == 0, writtenBytesPerDay > 0 else { return }
    let size = Double(usage.f_blocks) * Double(usage.f_frsize)
    lifeYears = size * Self.erasures / Self.amplification / writtenBytesPerDay / 365
  }
}

extension AgentStatus.Wear {
  init(_ wear: CardWear) {
    self.init(
      writtenMbPerDay: (wear.writtenBytesPerDay / 100_000).rounded() / 10,
      syncsPerHour: wear.syncsPerHour.rounded(),
      cardLifeYears: wear.lifeYears.map { ($0 * 10).rounded() / 10 }
    )
  }
}
