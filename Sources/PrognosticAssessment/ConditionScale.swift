/// Turns a row of raw values into how far each sensor is from a young machine in the same regime.
///
/// A lane holds one sensor, in standard deviations of the fleet; one lane more holds the health
/// index, the linear mix of all sensors that best follows remaining life.
package struct ConditionScale: Hashable, Sendable {
  package let regimes: OperatingRegimes
  /// The columns of the sensors that tell something, rising.
  package let sensors: [Int]
  /// The mean of each used sensor on young machines, regime after regime.
  let centres: [Float]
  /// One divided by the standard deviation of each used sensor, regime after regime.
  let inverseScales: [Float]
  /// The weight of each used sensor in the health index, and what is added.
  var indexWeights: [Float]

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
    indexWeights: [Float]
  ) {
    self.regimes = regimes
    self.sensors = sensors
    self.centres = centres
    self.inverseScales = inverseScales
    self.indexWeights = indexWeights
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
      indexWeights: []
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
      indexWeights: Array(repeating: 0, count: telling.count + 1)
    )
    indexWeights = healthIndexWeights(records, horizon: horizon)
  }

  /// Scales a row.
  ///
  /// - Returns: False, and `lanes` are as before, if the settings belong to no known regime or a
  ///   used sensor gives no number.
  func scale(
    settings: ArraySlice<Float>,
    sensors row: ArraySlice<Float>,
    into lanes: inout [SIMD8<Float>]
  ) -> Bool {
    guard let regime = regimes.nearest(to: settings) else { return false }
    guard sensors.allSatisfy({ row[row.startIndex + $0].isFinite }) else { return false }
    let first = regime * sensors.count
    var index = indexWeights[sensors.count]
    for (lane, column) in sensors.enumerated() {
      let away =
        (row[row.startIndex + column] - centres[first + lane]) * inverseScales[first + lane]
      lanes[lane >> 3][lane & 7] = away
      index += away * indexWeights[lane]
    }
    lanes[sensors.count >> 3][sensors.count & 7] = index / Self.indexDivisor
    return true
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

  /// The ridge regression of remaining life, cut at the horizon, on the scaled sensors.
  private func healthIndexWeights(_ records: [LifeRecord], horizon: Float) -> [Float] {
    let count = sensors.count
    let sums = sumsOverRows(records, horizon: horizon)
    var matrix = (0..<count).map { row in
      (0..<count).map { sums.product(row, $0) + (row == $0 ? 10 : 0) }
    }
    var right = (0..<count).map { sums.product($0, count) }
    solve(&matrix, &right)
    let intercept =
      sums.mean(count) - (0..<count).reduce(0.0) { $0 + right[$1] * sums.mean($1) }
    return (right + [intercept]).map { Float($0) }
  }

  /// Sums over all rows whose remaining life is known: of the used sensors, scaled, and of it.
  private func sumsOverRows(_ records: [LifeRecord], horizon: Float) -> CrossSums {
    var sums = CrossSums(count: sensors.count + 1)
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
        sums.add(values)
      }
    }
    return sums
  }
}
