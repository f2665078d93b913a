/// The sums of products of a vector with itself, as far as regressions need them.
///
/// The vector holds the features, of which the first is always 1, and then the channels. Of two
/// channels the product is kept only if one of them is a driver, so that a machine with ten times the
/// channels takes ten times the memory.
struct MomentMatrix: Hashable, Sendable, Codable {
  let featureCount: Int
  let channelCount: Int
  /// The lower triangle of the features, row after row; for each feature its products with the
  /// channels; the squares of the channels; for each driver its products with the channels.
  private var sums: [Double]

  init(featureCount: Int, channelCount: Int, driverCount: Int) {
    self.featureCount = featureCount
    self.channelCount = channelCount
    let triangle = featureCount * (featureCount + 1) / 2
    sums = Array(
      repeating: 0,
      count: triangle + (featureCount + 1 + driverCount) * channelCount
    )
  }

  private var firstProduct: Int { featureCount * (featureCount + 1) / 2 }
  private var firstSquare: Int { firstProduct + featureCount * channelCount }
  private var firstDriver: Int { firstSquare + channelCount }

  /// How many numbers it keeps.
  var elementCount: Int { sums.count }

  /// How many vectors it has seen, faded ones by their share.
  var count: Double { sums[0] }

  /// Takes one vector.
  ///
  /// - Parameters:
  ///   - vector: The features, then the channels.
  ///   - drivers: The place among the channels of each driver.
  ///   - surroundings: The place of the one that has none there, if it is known.
  mutating func add(_ vector: [Double], drivers: [Int?], surroundings: Int?) {
    precondition(vector.count == featureCount + channelCount, "one vector is as long as the other")
    let (featureCount, channelCount) = (featureCount, channelCount)
    let values = vector.span
    var sums = sums.mutableSpan
    var place = 0
    for row in 0..<featureCount {
      sums.add(values[row], times: values, from: 0, count: row + 1, at: place)
      place += row + 1
    }
    for row in 0..<featureCount {
      sums.add(values[row], times: values, from: featureCount, count: channelCount, at: place)
      place += channelCount
    }
    for channel in featureCount..<featureCount + channelCount {
      sums[place] += values[channel] * values[channel]
      place += 1
    }
    for driver in drivers {
      if let driver = driver ?? surroundings {
        let value = values[featureCount + driver]
        sums.add(value, times: values, from: featureCount, count: channelCount, at: place)
      }
      place += channelCount
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

  /// Whether it was kept for the same features, channels and drivers as `other`.
  func fits(_ other: MomentMatrix) -> Bool {
    featureCount == other.featureCount && channelCount == other.channelCount
      && sums.count == other.sums.count
  }

  // MARK: - Features

  func mean(_ feature: Int) -> Double { sums[feature * (feature + 1) / 2] / count }

  private func product(_ one: Int, _ other: Int) -> Double {
    one >= other ? sums[one * (one + 1) / 2 + other] : sums[other * (other + 1) / 2 + one]
  }

  func meanSquare(_ feature: Int) -> Double { product(feature, feature) / count }

  func covariance(_ one: Int, _ other: Int) -> Double {
    product(one, other) / count - mean(one) * mean(other)
  }

  // MARK: - Channels

  func mean(ofChannel channel: Int) -> Double { sums[firstProduct + channel] / count }

  func covariance(_ feature: Int, channel: Int) -> Double {
    sums[firstProduct + feature * channelCount + channel] / count
      - mean(feature) * mean(ofChannel: channel)
  }

  func variance(ofChannel channel: Int) -> Double {
    let mean = mean(ofChannel: channel)
    return sums[firstSquare + channel] / count - mean * mean
  }

  /// The covariance of a driver, at `place` among the channels, and another channel.
  func covariance(driver: Int, at place: Int, channel: Int) -> Double {
    sums[firstDriver + driver * channelCount + channel] / count
      - mean(ofChannel: place) * mean(ofChannel: channel)
  }

  // MARK: - Regression

  /// The variance that is left of a channel when features explain it.
  func residualVariance(of channel: Int, _ coefficients: [Double]) -> Double {
    var variance = variance(ofChannel: channel)
    for one in coefficients.indices.dropFirst() where coefficients[one] != 0 {
      variance -= 2 * coefficients[one] * covariance(one, channel: channel)
      for other in coefficients.indices.dropFirst() where coefficients[other] != 0 {
        variance += coefficients[one] * coefficients[other] * covariance(one, other)
      }
    }
    return max(variance, 0)
  }
}

extension MutableSpan<Double> {
  /// Adds `factor` times a run of `values` to the run at `place`.
  fileprivate mutating func add(
    _ factor: Double,
    times values: Span<Double>,
    from first: Int,
    count: Int,
    at place: Int
  ) {
    precondition(first + count <= values.count && place + count <= self.count, "a run is whole")
    // Unchecked one by one, several are taken at a time.
    for index in 0..<count {
      unsafe self[unchecked: place &+ index] += factor * values[unchecked: first &+ index]
    }
  }
}
