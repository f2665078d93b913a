/// The few ways in which a fleet is operated, found from its settings.
///
/// Sensors read differently at different settings; within one regime they can be compared.
package struct OperatingRegimes: Hashable, Sendable {
  /// The mean settings of each regime, regime after regime.
  package internal(set) var centres: [Float]
  /// How far from a centre a setting still belongs to it, in the setting's own unit.
  package let tolerances: [Float]

  package var count: Int { tolerances.isEmpty ? 1 : centres.count / tolerances.count }

  /// No fleet has more; settings that vary freely are no regimes.
  package static let limit = 32

  init(centres: [Float], tolerances: [Float]) {
    self.centres = centres
    self.tolerances = tolerances
  }

  /// Finds the regimes of a fleet: a row that is near no regime yet starts one.
  ///
  /// A row that lacks a setting belongs to none.
  ///
  /// - Returns: `nil` if the settings fall into more than `limit` regimes.
  init?(of records: [LifeRecord], tolerances: [Float]) {
    self.init(centres: [], tolerances: tolerances)
    guard !tolerances.isEmpty else { return }
    var sums: [Double] = []
    var counts: [Double] = []
    for record in records {
      for row in 0..<record.rowCount {
        let settings = record.settings(at: row)
        guard settings.allSatisfy(\.isFinite) else { continue }
        var regime = 0
        if let known = nearest(to: settings) {
          regime = known
        } else {
          guard count < Self.limit else { return nil }
          regime = count
          centres += settings
          sums += settings.map { _ in 0 }
          counts.append(0)
        }
        counts[regime] += 1
        for (offset, value) in settings.enumerated() {
          sums[regime * tolerances.count + offset] += Double(value)
        }
      }
    }
    for index in centres.indices {
      centres[index] = Float(sums[index] / counts[index / tolerances.count])
    }
  }

  /// The regime that these settings belong to.
  ///
  /// - Returns: `nil` if each regime is further away than a tolerance, or a setting is no number.
  package func nearest(to settings: ArraySlice<Float>) -> Int? {
    guard !tolerances.isEmpty else { return 0 }
    var best: Int?
    var bestDistance = Float.infinity
    for regime in 0..<count {
      var distance: Float = 0
      for (offset, value) in settings.enumerated() {
        let away = abs(value - centres[regime * tolerances.count + offset]) / tolerances[offset]
        distance = away > distance || away.isNaN ? away : distance
      }
      if distance <= 1, distance < bestDistance {
        best = regime
        bestDistance = distance
      }
    }
    return best
  }
}
