/// Turns a row of raw values into how far each sensor is from a young machine in the same regime.
///
/// A lane holds one sensor, in standard deviations of the fleet; one lane more holds the health
/// index, the linear mix of all sensors that best follows remaining life. The same wear reads the same
/// in each regime; where a regime shows it less clearly, its rows count less.
package struct ConditionScale: Hashable, Sendable {
  package let regimes: OperatingRegimes
  /// The columns of the sensors that tell something, rising.
  package let sensors: [Int]
  /// The mean of each used sensor on young machines, regime after regime.
  let centres: [Float]
  /// What brings each used sensor to the width of the lanes, regime after regime.
  private(set) var inverseScales: [Float]
  /// The weight of each used sensor in the health index, and what is added, regime after regime.
  private(set) var indexWeights: [Float]
  /// How much a row counts, by regime and vector of lanes; 1 on average over the regimes.
  private(set) var trusts: [SIMD8<Float>]

  /// How many rows the longest slope spans: as many as when the model was learned.
  var longSpan = LifeWindow.longSpan

  /// Nothing seen yet.
  var emptyWindow: LifeWindow { LifeWindow(vectorCount: vectorCount, longSpan: longSpan) }

  /// Used sensors and the health index, in vectors of eight.
  var vectorCount: Int { (sensors.count + 8) / 8 }

  /// Rows at the start of a life that show how a young machine reads.
  static let youngRowCount = 20

  /// The health index is spread to the width of the other lanes; it ends about here.
  private static let indexDivisor: Float = 40

  init(
    regimes: OperatingRegimes,
    sensors: [Int],
    centres: [Float],
    inverseScales: [Float],
    indexWeights: [Float],
    trusts: [SIMD8<Float>]
  ) {
    self.regimes = regimes
    self.sensors = sensors
    self.centres = centres
    self.inverseScales = inverseScales
    self.indexWeights = indexWeights
    self.trusts = trusts
  }

  /// Rows that count the same in each regime.
  static func evenTrusts(regimeCount: Int, sensorCount: Int) -> [SIMD8<Float>] {
    Array(repeating: SIMD8(repeating: 1), count: regimeCount * ((sensorCount + 8) / 8))
  }

  /// Learns the scale of a fleet.
  ///
  /// - Returns: `nil` if no sensor says anything about remaining life.
  init?(of records: [LifeRecord], regimes: OperatingRegimes, horizon: Float) {
    guard let sensorCount = records.first?.sensorCount else { return nil }
    let moments = RegimeMoments(of: records, regimes: regimes, sensorCount: sensorCount)
    let all = ConditionScale(
      regimes: regimes,
      sensors: Array(0..<sensorCount),
      centres: moments.centres,
      inverseScales: moments.inverseScales,
      indexWeights: [],
      trusts: []
    )
    let telling = all.tellingSensors(records)
    guard !telling.isEmpty else { return nil }
    func pick(_ values: [Float]) -> [Float] {
      (0..<regimes.count).flatMap { regime in
        telling.map { values[regime * sensorCount + $0] }
      }
    }
    self.init(
      regimes: regimes,
      sensors: telling,
      centres: pick(moments.centres),
      inverseScales: pick(moments.inverseScales),
      indexWeights: Array(repeating: 0, count: (telling.count + 1) * regimes.count),
      trusts: Self.evenTrusts(regimeCount: regimes.count, sensorCount: telling.count)
    )
    alignSensors(records)
    indexWeights = healthIndexWeights(records, horizon: horizon)
    alignIndex(records)
  }

  /// An empty row to scale into.
  var emptyRow: ConditionRow { ConditionRow(vectorCount: vectorCount) }

  /// Scales a row.
  ///
  /// - Returns: False, and `scaled` is as before, if the settings belong to no known regime or a
  ///   used sensor gives no number.
  func scale(
    settings: ArraySlice<Float>,
    sensors row: ArraySlice<Float>,
    into scaled: inout ConditionRow
  ) -> Bool {
    guard let regime = regimes.nearest(to: settings) else { return false }
    guard sensors.allSatisfy({ row[row.startIndex + $0].isFinite }) else { return false }
    let first = regime * sensors.count
    let firstWeight = regime * (sensors.count + 1)
    var index = indexWeights[firstWeight + sensors.count]
    for (lane, column) in sensors.enumerated() {
      let away =
        (row[row.startIndex + column] - centres[first + lane]) * inverseScales[first + lane]
      scaled.values[lane >> 3][lane & 7] = away
      index += away * indexWeights[firstWeight + lane]
    }
    scaled.values[sensors.count >> 3][sensors.count & 7] = index / Self.indexDivisor
    for vector in 0..<vectorCount {
      scaled.trusts[vector] = trusts[regime * vectorCount + vector]
    }
    return true
  }

  /// How many rows of a life can be scaled.
  func readableRowCount(of record: LifeRecord) -> Int {
    (0..<record.rowCount).count { row in
      let values = record.sensors(at: row)
      return regimes.nearest(to: record.settings(at: row)) != nil
        && sensors.allSatisfy { values[values.startIndex + $0].isFinite }
    }
  }

  /// The columns in which old machines differ from young ones, whichever way they went.
  ///
  /// Two kinds of failure may move one sensor in opposite directions, so a correlation with remaining
  /// life would miss it.
  private func tellingSensors(_ records: [LifeRecord]) -> [Int] {
    var young = Array(repeating: 0.0, count: sensors.count)
    var old = Array(repeating: 0.0, count: sensors.count)
    for record in records where record.ending == .failed {
      let edge = min(Self.youngRowCount, record.rowCount)
      let first = meanDistance(of: record, rows: 0..<edge)
      let last = meanDistance(of: record, rows: record.rowCount - edge..<record.rowCount)
      for sensor in sensors.indices {
        young[sensor] += first[sensor] * first[sensor]
        old[sensor] += last[sensor] * last[sensor]
      }
    }
    return sensors.indices.filter { old[$0] > Self.leastContrast * young[$0] }
  }

  /// A sensor whose old readings spread less than this, against young ones, adds noise only.
  private static let leastContrast = 5.0

  /// The mean distance of each sensor from a young machine, over some rows of a life.
  private func meanDistance(of record: LifeRecord, rows: Range<Int>) -> [Double] {
    var moments = sensors.map { _ in Moments() }
    for row in rows {
      guard let regime = regimes.nearest(to: record.settings(at: row)) else { continue }
      for (column, value) in record.sensors(at: row).enumerated() where value.isFinite {
        let place = regime * sensors.count + column
        moments[column].add(Double((value - centres[place]) * inverseScales[place]))
      }
    }
    return moments.map(\.mean)
  }

  // MARK: - Health index

  /// How many rows the index of a regime is worth less than that of all regimes.
  private static let commonRowCount = 100.0
  private static let ridge = 10.0

  /// The ridge regression of remaining life, cut at the horizon, on the scaled sensors: one for each
  /// regime, drawn towards the one over all rows.
  private func healthIndexWeights(_ records: [LifeRecord], horizon: Float) -> [Float] {
    let sums = sumsOverRows(records, horizon: horizon)
    var all = CrossSums(count: sensors.count + 1)
    for regime in sums { all.add(regime) }
    let none = Array(repeating: 0.0, count: sensors.count)
    let common = regression(all, ridge: Self.ridge, towards: none)
    guard regimes.count > 1 else { return common.map { Float($0) } }
    return sums.flatMap { regime in
      regression(regime, ridge: Self.commonRowCount, towards: common).map { Float($0) }
    }
  }

  /// The weights of the sensors, and what is added.
  private func regression(
    _ sums: CrossSums,
    ridge: Double,
    towards centre: [Double]
  ) -> [Double] {
    let count = sensors.count
    var matrix = (0..<count).map { row in
      (0..<count).map { sums.product(row, $0) + (row == $0 ? ridge : 0) }
    }
    var right = (0..<count).map { sums.product($0, count) + ridge * centre[$0] }
    solve(&matrix, &right)
    let intercept =
      sums.mean(count) - (0..<count).reduce(0.0) { $0 + right[$1] * sums.mean($1) }
    return right + [intercept]
  }

  /// Sums over all rows whose remaining life is known: of the used sensors, scaled, and of it; for
  /// each regime.
  private func sumsOverRows(_ records: [LifeRecord], horizon: Float) -> [CrossSums] {
    var sums = Array(repeating: CrossSums(count: sensors.count + 1), count: regimes.count)
    var values = Array(repeating: 0.0, count: sensors.count + 1)
    for record in records {
      for row in 0..<record.rowCount {
        guard let remaining = record.label(at: row, horizon: horizon),
          let regime = regimes.nearest(to: record.settings(at: row))
        else { continue }
        let first = regime * sensors.count
        for (lane, column) in sensors.enumerated() {
          let value = record.sensors[row * record.sensorCount + column]
          values[lane] = Double((value - centres[first + lane]) * inverseScales[first + lane])
        }
        guard values.allSatisfy(\.isFinite) else { continue }
        values[sensors.count] = Double(remaining)
        sums[regime].add(values)
      }
    }
    return sums
  }

  // MARK: - The same wear in each regime

  /// Brings wear to the same width in each regime, sensor by sensor.
  private mutating func alignSensors(_ records: [LifeRecord]) {
    let spreads = spreads(of: records)
    for lane in sensors.indices {
      let alignment = RegimeAlignment(spreads.map { $0[lane] })
      for regime in 0..<regimes.count {
        inverseScales[regime * sensors.count + lane] *= alignment.gains[regime]
        trusts[regime * vectorCount + lane >> 3][lane & 7] = alignment.trusts[regime]
      }
    }
  }

  /// Does the same for the health index, whose mean is kept.
  private mutating func alignIndex(_ records: [LifeRecord]) {
    let lane = sensors.count
    let spreads = spreads(of: records).map { $0[lane] }
    let alignment = RegimeAlignment(spreads)
    let centre = spreads.reduce(0.0) { $0 + $1.mean } / Double(regimes.count)
    for regime in 0..<regimes.count {
      let gain = alignment.gains[regime]
      let first = regime * (sensors.count + 1)
      for place in first...first + sensors.count { indexWeights[place] *= gain }
      indexWeights[first + lane] +=
        Float(centre - spreads[regime].mean * Double(gain)) * Self.indexDivisor
      trusts[regime * vectorCount + lane >> 3][lane & 7] = alignment.trusts[regime]
    }
  }

  /// How each lane spreads over the rows of each regime.
  private func spreads(of records: [LifeRecord]) -> [[WearSpread]] {
    let lanes = Array(repeating: WearSpread(), count: sensors.count + 1)
    var spreads = Array(repeating: lanes, count: regimes.count)
    var scaled = emptyRow
    for record in records {
      for regime in 0..<regimes.count {
        for lane in lanes.indices { spreads[regime][lane].begin() }
      }
      for row in 0..<record.rowCount {
        let settings = record.settings(at: row)
        guard let regime = regimes.nearest(to: settings),
          scale(settings: settings, sensors: record.sensors(at: row), into: &scaled)
        else { continue }
        for lane in lanes.indices {
          spreads[regime][lane].add(scaled.values[lane >> 3][lane & 7])
        }
      }
    }
    return spreads
  }
}

/// A row as lanes see it: the value of each lane and how much it counts.
struct ConditionRow {
  var values: [SIMD8<Float>]
  var trusts: [SIMD8<Float>]

  init(vectorCount: Int) {
    values = Array(repeating: .zero, count: vectorCount)
    trusts = Array(repeating: SIMD8(repeating: 1), count: vectorCount)
  }
}
