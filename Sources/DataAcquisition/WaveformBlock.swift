package import ConditionModel

/// A block of samples that a device offers in its registers, and how to read it by reading alone.
///
/// The device takes blocks by itself, again and again, and shows the latest in a window of registers.
/// A number that changes with each block tells whether the window was replaced while it was read.
/// Devices that must be told to take a block, or to show the next page of it, need a write: Vigie
/// does not read blocks from those.
package struct WaveformBlock: Hashable, Sendable, Codable {
  /// Unique in its profile: `vibration z`.
  package var name: String
  package var table: RegisterTable
  /// The first register of the window, from 0.
  package var address: UInt16
  package var type: RegisterType
  package var wordOrder: WordOrder
  /// `value = raw · scale + offset`, in the unit.
  package var scale: Double
  package var offset: Double
  /// UCUM code of an acceleration: `[g]` or `m/s2`.
  package var unit: String
  package var axis: Axis?
  package var sampleRateHertz: Double
  package var sampleCount: Int
  /// The registers that hold another number for each block: a count or a time, compared as they are.
  package var sequence: ClosedRange<UInt16>
  /// Set where the device says that the window may be read.
  package var ready: ReadyFlag?
  /// Set where the window shows one part of the block after the other.
  package var paging: Paging?
  /// How long a block stands before the device replaces it; `nil` where the maker does not say.
  package var holdTime: Duration?
  /// The range, in the unit, at whose ends the sensor clips.
  package var measuringRange: ClosedRange<Double>?

  package init(
    name: String,
    table: RegisterTable,
    address: UInt16,
    type: RegisterType,
    wordOrder: WordOrder = .abcd,
    scale: Double = 1,
    offset: Double = 0,
    unit: String,
    axis: Axis? = nil,
    sampleRateHertz: Double,
    sampleCount: Int,
    sequence: ClosedRange<UInt16>,
    ready: ReadyFlag? = nil,
    paging: Paging? = nil,
    holdTime: Duration? = nil,
    measuringRange: ClosedRange<Double>? = nil
  ) {
    self.name = name
    self.table = table
    self.address = address
    self.type = type
    self.wordOrder = wordOrder
    self.scale = scale
    self.offset = offset
    self.unit = unit
    self.axis = axis
    self.sampleRateHertz = sampleRateHertz
    self.sampleCount = sampleCount
    self.sequence = sequence
    self.ready = ready
    self.paging = paging
    self.holdTime = holdTime
    self.measuringRange = measuringRange
  }

  /// A register that shows a value while the window may be read.
  package struct ReadyFlag: Hashable, Sendable, Codable {
    package var address: UInt16
    package var value: UInt16

    package init(address: UInt16, value: UInt16) {
      self.address = address
      self.value = value
    }
  }

  /// A window that shows one page of the block at a time.
  ///
  /// The device turns the page by itself. Page number and window are read in one request, so that
  /// the number belongs to what was read.
  package struct Paging: Hashable, Sendable, Codable {
    /// The register that holds the number of the page, from 0.
    package var address: UInt16
    /// How many registers of the block a page holds.
    package var registers: Int

    package init(address: UInt16, registers: Int) {
      self.address = address
      self.registers = registers
    }
  }

  /// The registers of the whole block.
  package var registerCount: Int { sampleCount * type.registerCount }

  /// How many pages the block has; 1 for a window that shows all of it.
  package var pageCount: Int {
    paging.map { (registerCount + $0.registers - 1) / $0.registers } ?? 1
  }

  /// The addresses that tell which block the window shows.
  package var header: ClosedRange<UInt16> {
    guard let ready else { return sequence }
    return min(sequence.lowerBound, ready.address)...max(sequence.upperBound, ready.address)
  }

  /// The registers of the window, as far as they are read.
  package var window: ClosedRange<Int> {
    Int(address)...Int(address) + (paging?.registers ?? registerCount) - 1
  }

  /// How long the block takes to record.
  package var duration: Duration { Duration(inSeconds: Double(sampleCount) / sampleRateHertz) }
}

/// A block that is read again and again, as the site file says.
package struct WaveformPoll: Hashable, Sendable, Codable {
  package var source: WaveformID
  package var block: WaveformBlock
  /// How often a block is wanted.
  package var period: Duration

  package init(source: WaveformID, block: WaveformBlock, period: Duration) {
    self.source = source
    self.block = block
    self.period = period
  }
}

extension WaveformBlock {
  /// The samples of a whole block in its unit.
  ///
  /// - Parameter words: `registerCount` registers, as they came.
  /// - Returns: The samples, and how far they may be trusted: a block that clips at the end of the
  ///   measuring range is doubtful, one without any movement, or with anything that is no number, is
  ///   no reading.
  package func decode(_ words: [UInt16]) -> (samples: [Float], quality: Quality) {
    precondition(words.count == registerCount, "a block is decoded as a whole")
    let width = type.registerCount
    let lowWordFirst = wordOrder == .cdab || wordOrder == .dcba
    let swapsBytes = wordOrder == .badc || wordOrder == .dcba
    var samples = [Float](repeating: 0, count: sampleCount)
    for index in samples.indices {
      var pattern: UInt32 = 0
      for offset in 0..<width {
        let word = words[index * width + (lowWordFirst ? width - 1 - offset : offset)]
        pattern = pattern << 16 | UInt32(swapsBytes ? word.byteSwapped : word)
      }
      samples[index] = Float(number(pattern) * scale + offset)
    }
    return (samples, quality(of: samples))
  }

  private func number(_ pattern: UInt32) -> Double {
    switch type {
    case .s16: Double(Int16(truncatingIfNeeded: pattern))
    case .s32: Double(Int32(bitPattern: pattern))
    case .f32: Double(Float(bitPattern: pattern))
    default: Double(pattern)
    }
  }

  /// The share of samples at an end of the range above which a block counts as clipped.
  private static let clippedShare = 0.001

  private func quality(of samples: [Float]) -> Quality {
    guard samples.allSatisfy(\.isFinite) else { return .bad(.notANumber) }
    guard samples.contains(where: { $0 != samples[0] }) else { return .bad(.invalidCode) }
    guard let range = measuringRange else { return .good }
    let (low, high) = (Float(range.lowerBound), Float(range.upperBound))
    let atEnds = samples.count { $0 <= low || $0 >= high }
    return Double(atEnds) > Self.clippedShare * Double(samples.count)
      ? .uncertain(.outsideValidRange) : .good
  }
}
