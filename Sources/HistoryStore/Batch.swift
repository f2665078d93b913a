package import ConditionModel

/// What is stored together or not at all.
package struct Batch: Sendable {
  /// What entered the core, in order.
  package var inputs: [PipelineInput]
  /// Values that the core made of waveforms.
  package var features: [Frame]
  package var outputs: [WordedOutput]
  /// Machines that the site file no longer has.
  package var departed: [DepartedMachine]
  /// The state of the core after all of these.
  package var snapshot: Snapshot?
  package var status: StatusReport?
  /// What became of requests whose consequences are in this batch.
  package var answers: [RequestAnswer]
  /// Whether the batch must be on the medium when the commit returns.
  ///
  /// Batches with an advisory or an answer always are; others at the latest when the store's interval
  /// is over.
  package var isDurable: Bool

  package init(
    frames: [Frame] = [],
    inputs: [PipelineInput] = [],
    features: [Frame] = [],
    outputs: [WordedOutput] = [],
    departed: [DepartedMachine] = [],
    snapshot: Snapshot? = nil,
    status: StatusReport? = nil,
    answers: [RequestAnswer] = [],
    isDurable: Bool = false
  ) {
    self.inputs = frames.map(PipelineInput.frame) + inputs
    self.features = features
    self.outputs = outputs
    self.departed = departed
    self.snapshot = snapshot
    self.status = status
    self.answers = answers
    self.isDurable = isDurable
  }

  /// Whether it cannot wait for the next regular write to the medium.
  var isUrgent: Bool {
    isDurable || !answers.isEmpty || !departed.isEmpty
      || outputs.contains {
        if case .advisory = $0.output.content { true } else { false }
      }
  }
}

/// An output of the core, with the words for people where it is an advisory.
package struct WordedOutput: Hashable, Sendable, Codable {
  package var output: PipelineOutput
  package var text: AdvisoryText?

  package init(_ output: PipelineOutput, text: AdvisoryText? = nil) {
    self.output = output
    self.text = text
  }
}

/// The state of the core at a moment, to go on from after a restart.
package struct Snapshot: Hashable, Sendable {
  package var timestamp: Timestamp
  /// Of the configuration that the state belongs to.
  package var fingerprint: String
  package var state: [UInt8]

  package init(timestamp: Timestamp, fingerprint: String, state: [UInt8]) {
    self.timestamp = timestamp
    self.fingerprint = fingerprint
    self.state = state
  }
}

/// What the running agent says about itself, for other processes.
package struct StatusReport: Hashable, Sendable {
  package var timestamp: Timestamp
  package var json: String

  package init(timestamp: Timestamp, json: String) {
    self.timestamp = timestamp
    self.json = json
  }
}

/// How the store is.
package struct StoreState: Hashable, Sendable {
  /// The database, its write-ahead log and the journal together.
  package var fileBytes: Int64
  /// Of these, the journal.
  package var journalBytes: Int64
  package var limitBytes: Int64
  /// What the broker has not confirmed yet.
  package var pendingCount: Int
  /// What was removed unpublished, over the life of the store: the size limit came first, a segment of
  /// the journal was damaged, or the machine is no longer in the site file.
  package var droppedCount: Int
  /// Commits since the start.
  package var commitCount: Int
  /// How often since the start the medium was waited for.
  package var syncCount: Int
  /// Why history lags behind the journal; `nil` while it does not.
  package var trouble: StoreError?
  /// Where a damaged file was put since the start, if any was.
  package var setAside: String?
}

extension PipelineOutput {
  /// As the column `kind` has it.
  var kind: String {
    switch content {
    case .features: "features"
    case .state: "state"
    case .health: "health"
    case .prognosis: "prognosis"
    case .advisory: "advisory"
    }
  }

  /// Whether it goes out by itself: changes of state travel inside health and alerts, and features
  /// are stored and published as frames.
  var isPublished: Bool {
    switch content {
    case .features, .state: false
    case .health, .prognosis, .advisory: true
    }
  }
}
