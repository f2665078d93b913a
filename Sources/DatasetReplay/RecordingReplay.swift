package import ConditionModel
import DataAcquisition
import Glibc
package import MonitoringPipeline
import StateDetection

/// Runs recordings through the very pipeline that watches live machines.
///
/// The same configuration and recordings give the same outputs, to the bit.
package struct RecordingReplay {
  private var pipeline: Pipeline
  private var inputs: [PipelineInput] = []
  private var outputs: [PipelineOutput] = []

  /// Values seen so far, bad ones too.
  package private(set) var valueCount = 0

  /// Prepares to play recordings of a site.
  ///
  /// - Parameters:
  ///   - configuration: By which the live agent judges.
  ///   - recordings: What will be played. A channel that none of them has a column for was not
  ///     recorded, which says nothing about its device: its silence is no finding.
  /// - Throws: `ReplayError` for a recording without a readable header, `ConfigurationError` for a
  ///   configuration that contradicts itself.
  package init(_ configuration: PipelineConfiguration, recordings: [String]) throws {
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
  }

  /// The channels in the header of a recording.
  private static func channels(of path: String, in plant: Plant) throws(ReplayError) -> [ChannelID]
  {
    guard let file = fopen(path, "rb") else {
      throw ReplayError(path: path, problem: String(cString: strerror(errno)))
    }
    defer { fclose(file) }
    var parser = RecordingParser(plant: plant)
    var inputs: [PipelineInput] = []
    do throws(RecordingError) {
      while parser.channels == nil, case let byte = fgetc(file), byte != EOF {
        try parser.parse(CollectionOfOne(UInt8(truncatingIfNeeded: byte)), into: &inputs)
      }
      if parser.channels == nil { try parser.finish(into: &inputs) }
    } catch {
      throw ReplayError(path: path, problem: "\(error)")
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
    guard let file = fopen(path, "rb") else {
      throw ReplayError(path: path, problem: String(cString: strerror(errno)))
    }
    defer { fclose(file) }
    var parser = RecordingParser(plant: pipeline.configuration.plant)
    var chunk = [UInt8](repeating: 0, count: 64 * 1024)
    while true {
      let count = chunk.withUnsafeMutableBytes { fread($0.baseAddress, 1, $0.count, file) }
      do throws(RecordingError) {
        if count > 0 {
          try parser.parse(chunk[..<count], into: &inputs)
        } else {
          try parser.finish(into: &inputs)
        }
      } catch {
        consumeInputs(deliver)
        throw ReplayError(path: path, problem: "\(error)")
      }
      consumeInputs(deliver)
      guard count > 0 else { break }
    }
    guard ferror(file) == 0 else {
      throw ReplayError(path: path, problem: "it cannot be read to its end")
    }
  }

  private mutating func consumeInputs(_ deliver: (PipelineOutput) -> Void) {
    for input in inputs {
      if case .frame(let frame) = input { valueCount += frame.values.count }
      pipeline.consume(input, into: &outputs)
      for output in outputs { deliver(output) }
      outputs.removeAll(keepingCapacity: true)
    }
    inputs.removeAll(keepingCapacity: true)
  }
}

/// Why a recording could not be played to its end.
package struct ReplayError: Error, CustomStringConvertible {
  package var path: String
  /// With line and column where the recording's text is at fault.
  package var problem: String

  package var description: String { "\(path): \(problem)" }
}
