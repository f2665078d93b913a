/// Where each feature is cut into at most 64 bins, about equally full.
///
/// Trees only ever ask "is the bin at most this?", so a feature is one byte from here on.
struct FeatureBins: Hashable, Sendable {
  static let binCount = 64
  /// Enough rows to place 64 bins.
  private static let sampleLimit = 8192

  let featureCount: Int
  /// The upper ends of all bins but the last, feature after feature, filled up with infinity.
  let edges: [Float]

  init(featureCount: Int, edges: [Float]) {
    self.featureCount = featureCount
    self.edges = edges
  }

  /// Places the bins.
  ///
  /// - Parameters:
  ///   - features: The features of all rows, row after row.
  ///   - featureCount: The number of features per row.
  init(features: [Float], featureCount: Int) {
    let rowCount = features.count / featureCount
    let step = max(1, rowCount / Self.sampleLimit)
    var edges: [Float] = []
    for feature in 0..<featureCount {
      var values: [Float] = []
      for row in stride(from: 0, to: rowCount, by: step) {
        values.append(features[row * featureCount + feature])
      }
      values.sort()
      var cuts: [Float] = []
      for bin in 1..<Self.binCount {
        let cut = values[bin * values.count / Self.binCount]
        guard cut < values[values.count - 1], cuts.last.map({ $0 < cut }) ?? true else { continue }
        cuts.append(cut)
      }
      edges += cuts + Array(repeating: .infinity, count: Self.binCount - cuts.count)
    }
    self.init(featureCount: featureCount, edges: edges)
  }

  /// Whether a feature has more than one bin.
  func varies(_ feature: Int) -> Bool { edges[feature * Self.binCount] < .infinity }

  /// Appends the bin of each feature of a row.
  func appendCodes(of features: ArraySlice<Float>, to codes: inout [UInt8]) {
    for (feature, value) in features.enumerated() {
      let first = feature * Self.binCount
      var code = 0
      var step = Self.binCount / 2
      while step > 0 {
        if value > edges[first + code + step - 1] { code += step }
        step /= 2
      }
      codes.append(UInt8(code))
    }
  }
}
