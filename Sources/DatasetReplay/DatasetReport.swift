package import FoundationEssentials

/// How detection did on a dataset.
package struct DatasetReport: Hashable, Sendable, Codable {
  package var dataset: String
  package var title: String
  package var rows: Int
  /// All labelled files, then those that were looked at while the detectors were made, then the rest.
  package var parts: [Part]
  /// Files in which nothing is wrong.
  package var normal: NormalPart?
  package var problems: FileProblems
  /// Groups of the descriptor that the folder does not have.
  package var missingGroups: [String]
  /// Files that the labels do not mention; they have scores but no figures.
  package var unlabelledFiles: [String]

  /// The figures of some labelled files.
  package struct Part: Hashable, Sendable, Codable {
    package var name: String
    package var files: Int
    package var rows: RowFigures?
    package var changes: ChangeFigures?
    package var windows: WindowFigures?
    package var events: EventFigures
    package var surfaceVolume: Double?
    /// How much better than equally many evenly spaced calls.
    package var lift: Double?
    package var namedRight: NamedRight?
    package var baselines: [Baseline]
  }

  /// The figures of files in which nothing is wrong.
  package struct NormalPart: Hashable, Sendable, Codable {
    package var files: Int
    package var events: EventFigures
  }

  /// In how many files the channel named most is the one that is known to show the fault best.
  package struct NamedRight: Hashable, Sendable, Codable {
    package var files: Int
    package var right: Int
  }

  /// The report as JSON, keys in alphabetical order.
  package func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return try encoder.encode(self)
  }
}
