package import ConditionModel
import FoundationEssentials

/// The journal as text, one JSON object on each line, for another machine.
///
/// The first line tells of which plant it is and holds the state of the core from which it starts;
/// each further line is one input, as the core saw it.
package enum JournalText {
  package struct Header: Hashable, Sendable, Codable {
    /// The version of this format.
    package var vigieJournal: Int
    package var plant: Plant
    /// Base64.
    private var state: String
    private var stateTime: Timestamp
    private var fingerprint: String

    package init(plant: Plant, snapshot: Snapshot) {
      vigieJournal = 1
      self.plant = plant
      state = Data(snapshot.state).base64EncodedString()
      stateTime = snapshot.timestamp
      fingerprint = snapshot.fingerprint
    }

    /// The state before the first input.
    package var snapshot: Snapshot {
      Snapshot(
        timestamp: stateTime,
        fingerprint: fingerprint,
        state: Data(base64Encoded: state).map { [UInt8]($0) } ?? []
      )
    }

    /// The line for this; without its end.
    package var line: String { get throws { try encodeJSON(self) } }

    /// - Throws: For a line that is something else.
    package init(line: String) throws {
      self = try decodeJSON(Header.self, from: line)
    }
  }

  package static func line(_ input: PipelineInput) throws -> String { try encodeJSON(input) }

  package static func input(_ line: String) throws -> PipelineInput {
    try decodeJSON(PipelineInput.self, from: line)
  }
}
