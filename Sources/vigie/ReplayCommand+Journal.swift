import AdvisoryGeneration
import AgentRuntime
import ConditionModel
import Glibc
import HistoryStore
import MonitoringPipeline
import SiteConfiguration

extension ReplayCommand {
  /// Whether `path` is what `vigie export journal` writes.
  func isJournal(_ path: String) -> Bool { path.hasSuffix(".jsonl") }

  /// Judges once more what entered the core of an agent, from the state that it had then.
  func replayJournal(_ path: String) throws {
    let site = try siteOptions.site()
    let clock = try site.localTime()
    let wording = Wording(site.language)
    guard let file = fopen(path, "r") else {
      throw Failure(.environment, "\(path) cannot be read: \(String(cString: strerror(errno)))")
    }
    defer { fclose(file) }
    var lineNumber = 1
    guard let first = nextLine(file), let header = try? JournalText.Header(line: first) else {
      throw Failure(.findings, "\(path): this is no journal; 'vigie export journal' writes one")
    }
    guard header.plant == site.plant else {
      throw Failure(
        .findings,
        "\(path): recorded with other machines or points; replay it with the site file of its gateway"
      )
    }
    var pipeline: Pipeline
    if let restored = try? restored(site.pipeline, from: header.snapshot) {
      pipeline = restored
    } else {
      tell("\(path): the site file has other rules than at that time; the core starts anew")
      pipeline = try Pipeline(site.pipeline)
    }
    var outputs: [PipelineOutput] = []
    var raised = 0
    var valueCount = 0
    while let line = nextLine(file) {
      lineNumber += 1
      guard let input = try? JournalText.input(line) else {
        throw Failure(.findings, "\(path):\(lineNumber): this line is no input of the core")
      }
      if case .frame(let frame) = input { valueCount += frame.values.count }
      pipeline.consume(input, into: &outputs)
      for output in outputs {
        guard case .advisory(let advisory) = output.content else { continue }
        if advisory.phase == .raised { raised += 1 }
        let text = wording.text(for: advisory, in: site.plant, clock: clock)
        print(
          json
            ? step(advisory, sequence: output.sequence, text, in: site.plant)
            : words(advisory, text, clock)
        )
      }
      outputs.removeAll(keepingCapacity: true)
    }
    if !json { print("values: \(valueCount), alerts raised: \(raised)") }
    if failOnAlert && raised > 0 { throw Failure(.findings) }
  }
}

/// The next line without its end; `nil` after the last.
private func nextLine(_ file: UnsafeMutablePointer<FILE>) -> String? {
  var line: UnsafeMutablePointer<CChar>?
  var capacity = 0
  defer { free(line) }
  let count = getline(&line, &capacity, file)
  guard count > 0, let line else { return nil }
  let bytes = UnsafeRawBufferPointer(start: line, count: count)
  return String(
    decoding: bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes[...],
    as: UTF8.self
  )
}
