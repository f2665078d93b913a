/// How some features of a machine were spread while it was learned: what regressions on them start
/// from, and by what the operating state of a minute is told to be familiar or new.
struct FeatureSpread: Hashable, Sendable, Codable {
  /// Places among the features of the machine; those that never varied are left out.
  private(set) var features: [Int] = []
  private var means: [Double] = []
  private var scales: [Double] = []
  /// The Cholesky factor of the correlations, stiffened, row after row.
  private var lower: [Double] = []

  /// - Parameters:
  ///   - moments: What was seen.
  ///   - wanted: The features, without the first; parallel to `stiffness`.
  ///   - stiffness: How strongly each coefficient of a regression is held at 0, as a share of the
  ///     feature's variance.
  /// - Complexity: The cube of the number of features.
  init(_ moments: MomentMatrix, of wanted: [Int], stiffness: [Double]) {
    var ridge: [Double] = []
    for (feature, hold) in zip(wanted, stiffness) {
      let variance = moments.covariance(feature, feature)
      guard variance > 1e-10 * moments.meanSquare(feature), variance > 0 else { continue }
      features.append(feature)
      means.append(moments.mean(feature))
      scales.append(variance.squareRoot())
      ridge.append(hold)
    }
    for row in features.indices {
      for column in 0...row {
        var sum =
          moments.covariance(features[row], features[column]) / (scales[row] * scales[column])
        if row == column { sum = 1 + ridge[row] }
        for index in 0..<column { sum -= factor(row, index) * factor(column, index) }
        lower.append(
          row == column ? max(sum, 1e-9).squareRoot() : sum / factor(column, column)
        )
      }
    }
  }

  /// Whether it was kept for a machine of so many features.
  func fits(_ featureCount: Int) -> Bool {
    let count = features.count
    return means.count == count && scales.count == count && lower.count == count * (count + 1) / 2
      && features.allSatisfy { (0..<featureCount).contains($0) }
  }

  private func factor(_ row: Int, _ column: Int) -> Double { lower[row * (row + 1) / 2 + column] }

  /// Explains a channel by these features.
  ///
  /// - Returns: One coefficient per feature of the machine, 0 where it takes no part; the first one is
  ///   the constant.
  func regression(of channel: Int, _ moments: MomentMatrix) -> [Double] {
    var solution: [Double] = []
    for row in features.indices {
      var sum = moments.covariance(features[row], channel: channel) / scales[row]
      for index in 0..<row { sum -= factor(row, index) * solution[index] }
      solution.append(sum / factor(row, row))
    }
    for row in features.indices.reversed() {
      var sum = solution[row]
      for index in features.indices.dropFirst(row + 1) {
        sum -= factor(index, row) * solution[index]
      }
      solution[row] = sum / factor(row, row)
    }
    var coefficients = [Double](repeating: 0, count: moments.featureCount)
    var constant = moments.mean(ofChannel: channel)
    for (index, feature) in features.enumerated() {
      let coefficient = solution[index] / scales[index]
      coefficients[feature] = coefficient
      constant -= coefficient * means[index]
    }
    coefficients[0] = constant
    return coefficients
  }

  /// How far a state lies from those that were seen.
  ///
  /// The error of what a regression foretells grows with it (the leverage of the point).
  ///
  /// - Parameters:
  ///   - values: Of all features of the machine.
  ///   - scratch: For the steps in between; its content means nothing.
  /// - Returns: The squared distance of Mahalanobis per feature, about 1 on average over what was
  ///   seen; 0 where nothing varied.
  func novelty(of values: [Double], scratch: inout [Double]) -> Double {
    guard !features.isEmpty else { return 0 }
    scratch.removeAll(keepingCapacity: true)
    var total = 0.0
    for row in features.indices {
      var sum = (values[features[row]] - means[row]) / scales[row]
      for index in 0..<row { sum -= factor(row, index) * scratch[index] }
      let distance = sum / factor(row, row)
      scratch.append(distance)
      total += distance * distance
    }
    return total / Double(features.count)
  }
}
