extension ConditionScale {
  /// Features that only the health index has, without and with age.
  private static let indexFeatureCount = 3
  private static let ageFeatureCount = 4
  /// In a younger machine than this many rows, wear by age is mostly noise.
  private static let leastAge: Float = 20

  /// The number of features that `appendFeatures` appends.
  func featureCount(usesAge: Bool) -> Int {
    LifeWindow.featureCount(vectorCount: vectorCount) + Self.indexFeatureCount
      + (usesAge ? Self.ageFeatureCount : 0)
  }

  /// Appends what a window shows, and what it says about the pace of wear; age, if used, is last.
  ///
  /// Trees see levels and slopes well and ratios badly, so the time that the health index would need
  /// to reach its end is worked out for them: at its recent pace, and at its pace since the start.
  func appendFeatures(of window: LifeWindow, age: Float?, to features: inout [Float]) {
    let first = features.count
    window.appendFeatures(to: &features)
    func index(_ kind: LifeWindow.Kind) -> Float {
      features[first + LifeWindow.place(of: kind, lane: sensors.count)]
    }
    let level = index(.level)
    let mean = index(.mean)
    let wear = -index(.change)
    let start = level + wear
    let shortPace = -index(.shortSlope) / 10
    let longPace = -index(.longSlope) / 10
    features.append(start)
    features.append(Self.time(level, pace: shortPace))
    features.append(Self.time(level, pace: longPace))
    guard let age else { return }
    features.append(wear / max(age, Self.leastAge))
    features.append(Self.time(level, pace: max(wear, 0.1) / age))
    // The mean lies half its span back, so it was reached at that younger age.
    features.append(Self.time(mean, pace: max(start - mean, 0.1) / max(age - 25, 1)))
    features.append(age)
  }

  /// How long the health index takes to come down to zero.
  private static func time(_ level: Float, pace: Float) -> Float {
    min(max(level / max(pace, 0.001), 0), 1000)
  }
}
