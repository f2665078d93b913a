package import ConditionModel
import DataAcquisition
package import MonitoringPipeline
import StateDetection

/// Runs recordings through the very pipeline that watches live machines.
///
/// The same configuration and recordings give the same outputs, to the bit.
package struct RecordingReplay {
  private var pipeline: Pipeline
  private var inputs: [PipelineInput] = []
  private var outputs: [PipelineOutput] = []

  /// What was said of each machine so far.
  package private(set) var outcomes: [MachineOutcome]
  private let drawsReport: Bool

  /// Values seen so far, bad ones too.
  package private(set) var valueCount = 0

  /// Sentences on what was left out; empty for recordings in order of time.
  package var remarks: [String] {
    var remarks: [String] = []
    let late = pipeline.lateSampleCount
    if late > 0 {
      remarks.append(
        (late == 1 ? "1 value is" : "\(late) values are")
          + " left out, older than what was played before; name recordings in order of time"
      )
    }
    let rejected = pipeline.rejectedCount
    if rejected > 0 {
      remarks.append(
        (rejected == 1 ? "1 row or value is" : "\(rejected) rows or values are")
          + " left out, as no time or value can be so"
      )
    }
    return remarks
  }

  /// Prepares to play recordings of a site.
  ///
  /// - Parameters:
  ///   - configuration: By which the live agent judges.
  ///   - recordings: What will be played. A channel that none of them has a column for was not
  ///     recorded, which says nothing about its device: its silence is no finding.
  ///   - drawsReport: Whether to keep what a report draws.
  /// - Throws: `ReplayError` for a recording without a readable header, `ConfigurationError` for a
  ///   configuration that contradicts itself.
  package init(
    _ configuration: PipelineConfiguration,
    recordings: [String],
    drawsReport: Bool = false
  ) throws {
    var configuration = configuration
    var isRecorded = [Bool](repeating: false, count: configuration.plant.channels.count)
    for path in recordings {
      for channel in try Self.channels(of: path, in: configuration.plant) {
        isRecorded[Int(channel.index)] = true
      }
    }
    for index in isRecorded.indices where !isRecorded[index] {
      configuration.detection.channels[index].silentAfter = .seconds(Int64(Int32.max))
    }
    pipeline = try Pipeline(configuration)
    self.drawsReport = drawsReport
    outcomes = configuration.plant.assets.map { asset in
      var outcome = MachineOutcome(
        machine: asset.name,
        plant: configuration.plant,
        path: recordings.joined(separator: ", ")
      )
      outcome.configuration = configuration
      if drawsReport {
        let trace = Trace(period: .seconds(1))
        outcome.traces = Array(repeating: trace, count: configuration.plant.channels.count)
      }
      return outcome
    }
  }

  /// The channels in the header of a recording.
  private static func channels(of path: String, in plant: Plant) throws(ReplayError) -> [ChannelID]
  {
    let blocks = try FileBlocks(path: path, blockSize: 1 << 16)
    var parser = RecordingParser(plant: plant)
    var inputs: [PipelineInput] = []
    while parser.channels == nil {
      let block = try blocks.next()
      do throws(RecordingError) {
        guard !block.isEmpty else {
          try parser.finish(into: &inputs)
          break
        }
        // The rows come again when it is played, and their mistakes with them.
        let header = block.firstIndex(of: UInt8(ascii: "\n")).map { block[...$0] } ?? block
        try parser.parse(header, into: &inputs)
        guard header.count == block.count || parser.channels != nil else {
          // Line breaks inside quotes: take the rest too.
          try parser.parse(block[header.endIndex...], into: &inputs)
          continue
        }
      } catch {
        throw ReplayError(path: path, problem: "\(error)")
      }
    }
    return parser.channels ?? []
  }

  /// Plays one recording to its end, in memory that does not grow with the file.
  ///
  /// - Parameters:
  ///   - path: A recording as `RecordingParser` describes it.
  ///   - deliver: Takes each output of the pipeline in order.
  /// - Throws: At the first line that cannot be understood, with what was before it delivered.
  package mutating func play(
    _ path: String,
    deliver: (PipelineOutput) -> Void
  ) throws(ReplayError) {
    let blocks = try FileBlocks(path: path)
    var parser = RecordingParser(plant: pipeline.configuration.plant)
    while true {
      let block = try blocks.next()
      do throws(RecordingError) {
        if block.isEmpty {
          try parser.finish(into: &inputs)
        } else {
          try parser.parse(block, into: &inputs)
        }
      } catch {
        consumeInputs(deliver)
        throw ReplayError(path: path, problem: "\(error)")
      }
      consumeInputs(deliver)
      guard block.isEmpty else { continue }
      for place in outcomes.indices {
        let asset = AssetID(index: UInt16(place))
        outcomes[place].learnedAt = pipeline.learning(of: asset)?.learnedAt
      }
      return
    }
  }

  private mutating func consumeInputs(_ deliver: (PipelineOutput) -> Void) {
    for input in inputs {
      if case .frame(let frame) = input { valueCount += frame.values.count }
      pipeline.consume(input, into: &outputs)
      for output in outputs {
        note(output)
        deliver(output)
      }
      if case .frame(let frame) = input { note(frame) }
      outputs.removeAll(keepingCapacity: true)
    }
    inputs.removeAll(keepingCapacity: true)
  }
}

extension RecordingReplay {
  private mutating func note(_ output: PipelineOutput) {
    switch output.content {
    case .advisory(let advisory):
      outcomes[Int(advisory.asset.index)].advisories.append(advisory)
    case .prognosis(let prognosis): outcomes[Int(prognosis.asset.index)].life.take(prognosis)
    default: break
    }
  }

  private mutating func note(_ frame: Frame) {
    let place = Int(frame.asset.index)
    outcomes[place].account.add(frame)
    outcomes[place].note(frame, pipeline, draws: drawsReport)
  }
}

/// Why a recording could not be played to its end.
package struct ReplayError: Error, CustomStringConvertible {
  package var path: String
  /// With line and column where the recording's text is at fault.
  package var problem: String

  package var description: String { "\(path): \(problem)" }
}
