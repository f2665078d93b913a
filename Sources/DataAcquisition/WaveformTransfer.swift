package import ConditionModel

/// One block on its way from a device: which registers are still missing, and whether it holds.
///
/// First the header is read, then the window, then the header again. Only if it is the same as
/// before, all that was read belongs to one block.
package struct WaveformTransfer: Sendable {
  /// What an answer leads to.
  package enum Outcome {
    /// More is missing.
    case goesOn
    /// The device has no block now that was not read before.
    case nothingNew(Fault?)
    /// The window was replaced while it was read; nothing of it counts.
    case torn
    /// The whole block, as it came.
    case complete([UInt16])
  }

  private enum Stage {
    case header
    case window
    case trailer
  }

  private let block: WaveformBlock
  private let lastHeader: [UInt16]?
  private let mostRegisters: Int
  private var stage = Stage.header
  private(set) var header: [UInt16] = []
  private var words: [UInt16] = []
  /// The pages that are here.
  private var pages: [Bool]
  /// When the header was read: the block had been recorded by then.
  private(set) var seenAt = Duration.zero
  /// Answers missed one after the other.
  var misses = 0

  /// How long pages are waited for where the device does not say how long it holds a block.
  private static let usualHoldTime = Duration.seconds(60)

  /// - Parameters:
  ///   - block: What to read.
  ///   - limit: At most so many registers in one request.
  ///   - lastHeader: That of the block that was read last.
  package init(_ block: WaveformBlock, limit: Int, lastHeader: [UInt16]?) {
    self.block = block
    self.lastHeader = lastHeader
    let width = block.type.registerCount
    mostRegisters = min(limit, 125) / width * width
    pages = Array(repeating: false, count: block.pageCount)
  }

  /// Whether the next request reads samples, and may be cut shorter.
  var isInWindow: Bool { stage == .window }

  /// The registers to read next, at most `most` of the window.
  package func next(most: Int = .max) -> ClosedRange<UInt16> {
    guard stage == .window else { return block.header }
    if let paging = block.paging {
      let last = Int(block.address) + paging.registers - 1
      return min(paging.address, block.address)...max(paging.address, UInt16(last))
    }
    let width = block.type.registerCount
    let count = min(
      block.registerCount - words.count,
      mostRegisters,
      max(width, most / width * width)
    )
    let first = Int(block.address) + words.count
    return UInt16(first)...UInt16(first + count - 1)
  }

  /// Takes what was read of `addresses`.
  package mutating func take(
    _ registers: [UInt16],
    of addresses: ClosedRange<UInt16>,
    at now: Duration
  ) -> Outcome {
    misses = 0
    switch stage {
    case .header: return takeHeader(registers, at: now)
    case .window: takeWindow(registers, of: addresses)
    case .trailer:
      return isReady(registers) && sequence(registers) == sequence(header)
        ? .complete(words) : .torn
    }
    // The device turns pages at its own pace; after its hold time they are those of another block.
    let isLate = now - seenAt > block.holdTime ?? Self.usualHoldTime
    return block.paging != nil && isLate ? .nothingNew(.busy) : .goesOn
  }

  private mutating func takeHeader(_ registers: [UInt16], at now: Duration) -> Outcome {
    guard isReady(registers) else { return .nothingNew(.busy) }
    if let lastHeader, sequence(registers) == sequence(lastHeader) { return .nothingNew(nil) }
    header = registers
    seenAt = now
    stage = .window
    words.reserveCapacity(block.registerCount)
    if block.paging != nil { words = Array(repeating: 0, count: block.registerCount) }
    return .goesOn
  }

  private mutating func takeWindow(_ registers: [UInt16], of addresses: ClosedRange<UInt16>) {
    guard let paging = block.paging else {
      words += registers
      if words.count == block.registerCount { stage = .trailer }
      return
    }
    let page = Int(registers[Int(paging.address - addresses.lowerBound)])
    guard page < pages.count else { return }
    pages[page] = true
    let start = page * paging.registers
    let end = min(start + paging.registers, words.count)
    let first = Int(block.address - addresses.lowerBound)
    words.replaceSubrange(start..<end, with: registers[first..<first + end - start])
    if !pages.contains(false) { stage = .trailer }
  }

  private func isReady(_ registers: [UInt16]) -> Bool {
    guard let ready = block.ready else { return true }
    return registers[Int(ready.address - block.header.lowerBound)] == ready.value
  }

  private func sequence(_ registers: [UInt16]) -> ArraySlice<UInt16> {
    let first = Int(block.sequence.lowerBound - block.header.lowerBound)
    return registers[first..<first + block.sequence.count]
  }
}
