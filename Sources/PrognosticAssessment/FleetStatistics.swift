/// Mean on young machines and standard deviation over all rows, by regime and sensor.
struct RegimeMoments {
  var centres: [Float]
  var inverseScales: [Float]

  init(of records: [LifeRecord], regimes: OperatingRegimes, sensorCount: Int) {
    let size = regimes.count * sensorCount
    var young = Array(repeating: Moments(), count: size)
    var whole = Array(repeating: Moments(), count: size)
    for record in records {
      for row in 0..<record.rowCount {
        guard let regime = regimes.nearest(to: record.settings(at: row)) else { continue }
        for (column, value) in record.sensors(at: row).enumerated() where value.isFinite {
          let place = regime * sensorCount + column
          whole[place].add(Double(value))
          if row < ConditionScale.youngRowCount { young[place].add(Double(value)) }
        }
      }
    }
    centres = zip(young, whole).map { Float($0.count > 0 ? $0.mean : $1.mean) }
    // A sensor that stands still, but for the rounding of its last digit, must not be blown up.
    inverseScales = whole.map { moments in
      let deviation = moments.variance.squareRoot()
      let least = 1e-6 * max(abs(moments.mean), 1)
      return deviation > least ? Float(1 / deviation) : 0
    }
  }
}

/// Mean and variance, kept in one pass (Welford).
struct Moments {
  var count = 0.0
  var mean = 0.0
  private var squares = 0.0

  var variance: Double { count > 0 ? squares / count : 0 }

  mutating func add(_ value: Double) {
    count += 1
    let before = value - mean
    mean += before / count
    squares += before * (value - mean)
  }
}

/// How one lane spreads in one regime: by wear over a life, and by noise from a row to the next.
struct WearSpread {
  private var values = Moments()
  private var squaredSteps = Moments()
  private var last: Float?

  /// Begins a new life.
  mutating func begin() { last = nil }

  mutating func add(_ value: Float) {
    values.add(Double(value))
    if let last { squaredSteps.add(Double((value - last) * (value - last))) }
    last = value
  }

  var mean: Double { values.mean }
  var noise: Double { (squaredSteps.mean / 2).squareRoot() }
  /// What is left of the spread without the noise, at least a twentieth of its square.
  var wear: Double {
    max(values.variance - squaredSteps.mean / 2, 0.05 * values.variance).squareRoot()
  }
}

/// What makes a lane show wear alike in each regime, and how clearly each shows it.
struct RegimeAlignment {
  var gains: [Float]
  /// What a mean over regimes must weigh rows with: the square of wear by noise, 1 on average.
  var trusts: [Float]

  /// No regime counts this many times more or less than the average one.
  private static let mostTrust = 20.0

  init(_ spreads: [WearSpread]) {
    let common = spreads.reduce(0.0) { $0 + $1.wear } / Double(spreads.count)
    // A lane that stands still in a regime says nothing there.
    gains = spreads.map { $0.wear > 0 ? Float(common / $0.wear) : 0 }
    let clarity = spreads.map { spread in
      spread.wear > 0 ? spread.wear * spread.wear / max(spread.noise * spread.noise, 1e-9) : 0
    }
    let average = clarity.reduce(0, +) / Double(clarity.count)
    trusts = clarity.map { value in
      value > 0 ? Float(min(max(value / average, 1 / Self.mostTrust), Self.mostTrust)) : 0
    }
  }
}

/// Sums of values and of their products.
struct CrossSums {
  private let count: Int
  private(set) var weight = 0.0
  private var sums: [Double]
  private var products: [Double]

  init(count: Int) {
    self.count = count
    sums = Array(repeating: 0, count: count)
    products = Array(repeating: 0, count: count * count)
  }

  mutating func add(_ values: [Double]) {
    weight += 1
    for row in 0..<count {
      sums[row] += values[row]
      for column in 0...row { products[row * count + column] += values[row] * values[column] }
    }
  }

  mutating func add(_ other: CrossSums) {
    weight += other.weight
    for index in sums.indices { sums[index] += other.sums[index] }
    for index in products.indices { products[index] += other.products[index] }
  }

  func mean(_ index: Int) -> Double { weight > 0 ? sums[index] / weight : 0 }

  /// The sum of the products of two values, each less its mean.
  func product(_ first: Int, _ second: Int) -> Double {
    products[max(first, second) * count + min(first, second)]
      - weight * mean(first) * mean(second)
  }
}

/// Solves `matrix · x = right` in place for a positive definite matrix (Gauss, no pivoting).
func solve(_ matrix: inout [[Double]], _ right: inout [Double]) {
  let count = right.count
  for pivot in 0..<count {
    for row in pivot + 1..<max(count, pivot + 1) {
      let factor = matrix[row][pivot] / matrix[pivot][pivot]
      for column in pivot..<count { matrix[row][column] -= factor * matrix[pivot][column] }
      right[row] -= factor * right[pivot]
    }
  }
  for row in stride(from: count - 1, through: 0, by: -1) {
    for column in row + 1..<max(count, row + 1) {
      right[row] -= matrix[row][column] * right[column]
    }
    right[row] /= matrix[row][row]
  }
}
