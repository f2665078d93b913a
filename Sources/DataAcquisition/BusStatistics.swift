import ConditionModel

/// How a bus does, for the status page, the log and the doctor.
package struct BusStatistics: Hashable, Sendable, Codable {
  package var bus: String
  package var isConnected: Bool
  /// Answers that came after their time-out and were thrown away.
  package var lateAnswers: Int
  package var devices: [DeviceStatistics]

  package init(
    bus: String,
    isConnected: Bool = true,
    lateAnswers: Int = 0,
    devices: [DeviceStatistics]
  ) {
    self.bus = bus
    self.isConnected = isConnected
    self.lateAnswers = lateAnswers
    self.devices = devices
  }
}

/// How one device does.
package struct DeviceStatistics: Hashable, Sendable, Codable {
  package var device: UInt16
  package var name: String
  package var unit: UInt8
  package var requests = 0
  /// Correct answers with data.
  package var answers = 0
  package var timeouts = 0
  package var damagedAnswers = 0
  /// Exceptions by code, rising; a code is here once it was seen.
  package var exceptions: [ExceptionCount] = []
  /// Polls left out because the bus was behind.
  package var skippedPolls = 0
  /// Names of points that the device refuses to deliver.
  package var unreadablePoints: [String] = []
  /// From the request to its answer, waiting for the line included; correct answers only.
  package var roundTrip = RoundTripSketch()
  package var isSilent = false
  /// What went wrong last, as a sentence.
  package var lastError: String?
  /// Blocks of samples; `nil` for a device without any.
  package var waveforms: WaveformStatistics?

  package init(device: UInt16, name: String, unit: UInt8) {
    self.device = device
    self.name = name
    self.unit = unit
  }

  /// A response time-out that fits what was measured: three times the 99th percentile.
  package var suggestedTimeout: Duration? {
    roundTrip.quantile(0.99).map { max($0 * 3, .milliseconds(20)) }
  }

  package struct ExceptionCount: Hashable, Sendable, Codable {
    package var code: UInt8
    package var count: Int
  }

  mutating func countException(_ code: UInt8) {
    if let place = exceptions.firstIndex(where: { $0.code == code }) {
      exceptions[place].count += 1
    } else {
      exceptions.append(ExceptionCount(code: code, count: 1))
      exceptions.sort { $0.code < $1.code }
    }
  }
}

/// How the blocks of samples of one device come through.
package struct WaveformStatistics: Hashable, Sendable, Codable {
  /// Whole blocks.
  package var read = 0
  /// Blocks that the device replaced while they were read; nothing of them was used.
  package var torn = 0
  /// Blocks given up because an answer stayed out or was damaged.
  package var failed = 0
  /// How long the last whole block was on its way.
  package var lastTransfer: Duration?

  package init() {}
}

/// Quantiles of round trips in constant memory, right to one eighth.
///
/// Counts lie in cells, four to each doubling of time, from 1 µs to 36 minutes. Now and then all
/// counts are halved, so that the sketch speaks of the last hour rather than of the last year.
package struct RoundTripSketch: Hashable, Sendable, Codable {
  private var counts = [UInt16](repeating: 0, count: 128)
  private var total = 0

  private static let halvedAt = 8_192

  package init() {}

  package mutating func add(_ duration: Duration) {
    counts[Self.cell(of: duration)] += 1
    total += 1
    guard total >= Self.halvedAt else { return }
    total = 0
    for cell in counts.indices {
      counts[cell] /= 2
      total += Int(counts[cell])
    }
  }

  /// The duration that a share `fraction` of all round trips did not exceed.
  ///
  /// - Parameter fraction: 0.5 for the median, 0.99 for the slowest in a hundred.
  /// - Returns: The middle of the cell in which the quantile lies; `nil` while nothing was added.
  package func quantile(_ fraction: Double) -> Duration? {
    guard total > 0 else { return nil }
    let rank = max(1, Int((fraction * Double(total)).rounded(.up)))
    var seen = 0
    for cell in counts.indices {
      seen += Int(counts[cell])
      if seen >= rank { return Self.middle(of: cell) }
    }
    return nil
  }

  private static func cell(of duration: Duration) -> Int {
    let microseconds = max(1, duration.nanoseconds / 1_000)
    let octave = 63 - microseconds.leadingZeroBitCount
    let quarter = octave >= 2 ? Int(microseconds >> (octave - 2)) & 3 : 0
    return min(octave * 4 + quarter, 127)
  }

  private static func middle(of cell: Int) -> Duration {
    let (octave, quarter) = cell.quotientAndRemainder(dividingBy: 4)
    let low = (Int64(1) << octave) * 1_000 * Int64(4 + quarter) / 4
    return .nanoseconds(low + (Int64(1) << octave) * 1_000 / 8)
  }
}
