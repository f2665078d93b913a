import PrognosticAssessment
import SignalProcessing

extension FuzzTarget {
  /// Model files, and what such a model says of a machine.
  static let model = FuzzTarget(
    name: "model",
    seeds: {
      let old = try repositoryBytes(
        "Tests/PrognosticAssessmentTests/Fixtures/format-1.vigielife"
      )
      return [old, try LifeModel(decoding: old).encoded()]
    },
    repair: { bytes in
      guard bytes.count > 18 else { return bytes }
      var bytes = Array("VIGIELIF".utf8) + bytes.dropFirst(8).dropLast(4)
      let length = UInt32(bytes.count - 14)
      for place in 0..<4 {
        bytes[10 + place] = UInt8(truncatingIfNeeded: length >> (8 * UInt32(place)))
      }
      let sum = Checksum.of(bytes[...])
      return bytes + (0..<4).map { UInt8(truncatingIfNeeded: sum >> (8 * UInt32($0))) }
    },
    attempt: { bytes in
      let model: LifeModel
      do throws(ModelError) {
        model = try LifeModel(decoding: bytes)
      } catch {
        try expect(!error.problem.isEmpty && !error.mend.isEmpty, "an error without advice")
        return
      }
      if bytes[8] == LifeModel.format {
        let back = try LifeModel(decoding: model.encoded())
        try expect(back == model, "another model came back")
      }
      let settingCount = model.fleet.settings.count
      let sensorCount = model.fleet.sensors.count
      var generator = SeededGenerator(seed: 1)
      var predictor = LifePredictor(model)
      for row in 0..<200 {
        let spread: Float = row < 190 ? 1 : 1e38
        func number() -> Float { Float(generator.normal()) * spread }
        // Such as the seeds know.
        let settings = (0..<settingCount).map { _ in row < 190 ? [20, 80, 0][row % 3] : number() }
        let sensors = (0..<sensorCount).map { _ in number() }
        _ = predictor.observe(age: Float(row), settings: settings[...], sensors: sensors[...])
      }
      if let estimate = predictor.estimate() {
        try expect(
          estimate.range80.contains(estimate.remaining)
            && estimate.range90.contains(estimate.remaining)
            && estimate.remaining >= 0 && estimate.remaining <= model.fleet.horizon,
          "\(estimate) of a horizon of \(model.fleet.horizon)"
        )
        _ = estimate.doubts.map { "\($0)" }
      }
    }
  )
}
