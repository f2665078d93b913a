/// The sums of products of a vector with itself: all that a linear regression needs of its data.
///
/// The first element of every vector is 1, so the first row holds the sums.
struct MomentMatrix: Hashable, Sendable {
  let size: Int
  /// The lower triangle, row after row.
  private var sums: [Double]

  init(size: Int) {
    self.size = size
    sums = Array(repeating: 0, count: size * (size + 1) / 2)
  }

  /// How many vectors it has seen, faded ones by their share.
  var count: Double { sums[0] }

  mutating func add(_ vector: [Double]) {
    precondition(vector.count == size, "one vector is as long as the other")
    var place = 0
    for row in 0..<size {
      let factor = vector[row]
      for column in 0...row {
        sums[place] += factor * vector[column]
        place &+= 1
      }
    }
  }

  /// Takes over what `other` has seen and forgets it there; own memory fades to `share`.
  mutating func absorb(_ other: inout MomentMatrix, keeping share: Double) {
    for index in sums.indices {
      sums[index] = share * sums[index] + other.sums[index]
      other.sums[index] = 0
    }
  }

  mutating func forget() {
    for index in sums.indices { sums[index] = 0 }
  }

  mutating func fade(to share: Double) {
    for index in sums.indices { sums[index] *= share }
  }

  subscript(row: Int, column: Int) -> Double {
    row >= column
      ? sums[row * (row + 1) / 2 + column] : sums[column * (column + 1) / 2 + row]
  }

  func mean(_ index: Int) -> Double { self[index, 0] / count }

  func covariance(_ one: Int, _ other: Int) -> Double {
    self[one, other] / count - mean(one) * mean(other)
  }

  /// Explains one element by others.
  ///
  /// - Parameters:
  ///   - target: The element to explain.
  ///   - features: The elements that explain it, without the first; parallel to `stiffness`.
  ///   - stiffness: How strongly each coefficient is held at 0, as a share of the feature's variance.
  /// - Returns: One coefficient per element of the vector, 0 where it is not a feature; the first
  ///   one is the constant.
  func regression(of target: Int, on features: [Int], stiffness: [Double]) -> [Double] {
    var kept: [Int] = []
    var scales: [Double] = []
    var ridge: [Double] = []
    for (feature, hold) in zip(features, stiffness) {
      let variance = covariance(feature, feature)
      let size = self[feature, feature] / count
      guard variance > 1e-10 * size, variance > 0 else { continue }
      kept.append(feature)
      scales.append(variance.squareRoot())
      ridge.append(hold)
    }
    var coefficients = [Double](repeating: 0, count: size)
    let count = kept.count
    var lower = [Double](repeating: 0, count: count * count)
    var solution = [Double](repeating: 0, count: count)
    for row in 0..<count {
      for column in 0...row {
        var sum = covariance(kept[row], kept[column]) / (scales[row] * scales[column])
        if row == column { sum = 1 + ridge[row] }
        for index in 0..<column {
          sum -= lower[row * count + index] * lower[column * count + index]
        }
        lower[row * count + column] =
          row == column ? max(sum, 1e-9).squareRoot() : sum / lower[column * count + column]
      }
      var sum = covariance(kept[row], target) / scales[row]
      for index in 0..<row { sum -= lower[row * count + index] * solution[index] }
      solution[row] = sum / lower[row * count + row]
    }
    for row in (0..<count).reversed() {
      var sum = solution[row]
      for index in row + 1..<max(count, row + 1) {
        sum -= lower[index * count + row] * solution[index]
      }
      solution[row] = sum / lower[row * count + row]
    }
    var constant = mean(target)
    for (index, feature) in kept.enumerated() {
      let coefficient = solution[index] / scales[index]
      coefficients[feature] = coefficient
      constant -= coefficient * mean(feature)
    }
    coefficients[0] = constant
    return coefficients
  }
}

extension MomentMatrix: Codable {
  private enum CodingKeys: String, CodingKey {
    case size = "n"
    case sums = "s"
  }

  init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    size = try fields.decode(Int.self, forKey: .size)
    sums = try fields.decode(PackedNumbers.self, forKey: .sums).numbers
    guard sums.count == size * (size + 1) / 2 else {
      throw DecodingError.dataCorruptedError(forKey: .sums, in: fields, debugDescription: "size")
    }
  }

  func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(size, forKey: .size)
    try fields.encode(PackedNumbers(sums), forKey: .sums)
  }
}
