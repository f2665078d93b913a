package import ConditionModel

// A recording is CSV (RFC 4180): a first column `time`, then one column per channel named
// `<machine>/<location>/<point>`; one row per instant. An empty cell is a gap. `!no answer` is a bad
// value with its reason, `4.2?outside valid range` a doubtful one. A source of waveforms may have a column
// too, named `<machine>/<location>/<block>`: in the row of its end a block is its rate and its samples,
// `12800: 0.01 -0.02 …`.

/// What is wrong with a recording, where, and how to mend it.
package struct RecordingError: Error, Hashable, Sendable {
  /// From 1.
  package var line: Int
  /// The cell, from 1; `nil` where the whole line is meant.
  package var column: Int?
  package var message: String

  package init(line: Int, column: Int?, message: String) {
    self.line = line
    self.column = column
    self.message = message
  }
}

extension RecordingError: CustomStringConvertible {
  package var description: String {
    let place = column.map { "line \(line), column \($0)" } ?? "line \(line)"
    return "\(place): \(message)"
  }
}

extension Plant {
  /// The name of a channel's column in a recording: `pompe-3/drive end/velocity rms z`.
  package func columnName(of channel: ChannelID) -> String {
    "\(self[self[channel].asset].name)/\(self[channel].name)"
  }

  /// The name of the column of a source of waveforms: `pompe-3/drive end/vibration z`.
  package func columnName(of source: WaveformID) -> String {
    "\(self[self[source].asset].name)/\(self[source].location)/\(self[source].name)"
  }
}

/// Times as a recording writes them.
enum RecordingTime {
  /// Writes ISO 8601 in UTC with as many decimals as the moment needs.
  static func text(_ moment: Timestamp) -> String {
    let milliseconds = moment.description
    let below = CivilTime(moment).nanosecond % 1_000_000
    guard below != 0 else { return milliseconds }
    return milliseconds.dropLast() + below.padded(6) + "Z"
  }
}
