import SignalProcessing

/// How trees are grown.
struct BoostingSettings: Sendable {
  var treeCount = 400
  var rate: Float = 0.03
  var leafCount = 15
  var rowShare = 0.3
  var featureShare = 0.3
  /// Added to the weight of a leaf: shrinks leaves that few rows support.
  var ridge = 5.0
  var leastLeafWeight = 60.0
}

/// The rows to learn from: bins, what to predict, and how much each counts.
struct BoostingTable {
  var featureCount: Int
  /// A feature that each tree may use, beside those drawn for it.
  var everDrawn: Int?
  var codes: [UInt8] = []
  var targets: [Float] = []
  var weights: [Float] = []

  var rowCount: Int { targets.count }
}

/// Learns trees one after the other, each on what the ones before it left over.
///
/// Gradients are whole numbers: a gradient and its weight share one 64-bit word, so a histogram bin
/// is one addition, the sum is exact in any order, and the histogram of a child is its parent's less
/// its sibling's without any rounding.
struct TreeBoosting {
  /// A gradient of one horizon is this many units.
  private static let gradientUnits: Float = 16384
  /// A weight of one is this many units.
  private static let weightUnits: Float = 20
  private static let weightBits: Int64 = 28
  /// Beyond this the sums of a word could overflow.
  static let rowLimit = 1 << 20

  private let settings: BoostingSettings
  private let table: BoostingTable
  private let horizon: Float
  /// The features that vary.
  private var features: [Int]
  private var generator: SeededGenerator
  private var predictions: [Float]
  private var words: [Int64]
  private var rows: [Int32] = []
  private var spareRows: [Int32] = []
  private var histograms: [Int64] = []

  /// Learns.
  static func fit(
    _ table: BoostingTable,
    bins: FeatureBins,
    horizon: Float,
    settings: BoostingSettings,
    seed: UInt64
  ) -> BoostedTrees {
    var boosting = TreeBoosting(
      table: table,
      bins: bins,
      horizon: horizon,
      settings: settings,
      seed: seed
    )
    return boosting.run()
  }

  private init(
    table: BoostingTable,
    bins: FeatureBins,
    horizon: Float,
    settings: BoostingSettings,
    seed: UInt64
  ) {
    precondition(table.rowCount <= Self.rowLimit, "too many rows for exact sums")
    self.settings = settings
    self.table = table
    self.horizon = horizon
    features = (0..<table.featureCount).filter(bins.varies)
    generator = SeededGenerator(seed: seed)
    predictions = []
    words = Array(repeating: 0, count: table.rowCount)
  }

  private mutating func run() -> BoostedTrees {
    let start = weightedMean()
    var trees = BoostedTrees(start: start)
    predictions = Array(repeating: start, count: table.rowCount)
    let drawnCount = max(1, Int(Double(features.count) * settings.featureShare))
    for _ in 0..<settings.treeCount where !features.isEmpty {
      drawRows()
      drawFeatures(drawnCount)
      let tree = grow(drawnCount)
      addPredictions(of: tree)
      trees.append(tree)
    }
    return trees
  }

  private func weightedMean() -> Float {
    var sum = 0.0
    var weight = 0.0
    for row in 0..<table.rowCount {
      sum += Double(table.targets[row] * table.weights[row])
      weight += Double(table.weights[row])
    }
    return Float(sum / weight)
  }

  private mutating func drawRows() {
    let limit = UInt64(settings.rowShare * 4_294_967_296)
    rows.removeAll(keepingCapacity: true)
    var row = 0
    while row < table.rowCount {
      let bits = generator.bits()
      if bits >> 32 < limit { rows.append(Int32(row)) }
      if row + 1 < table.rowCount, bits & 0xFFFF_FFFF < limit { rows.append(Int32(row + 1)) }
      row += 2
    }
    for row in 0..<table.rowCount {
      let gradient = table.weights[row] * (table.targets[row] - predictions[row]) / horizon
      words[row] =
        Int64((gradient * Self.gradientUnits).rounded()) << Self.weightBits
        + Int64(table.weights[row] * Self.weightUnits)
    }
  }

  /// Brings a random choice of features to the front, and the one that is in each.
  private mutating func drawFeatures(_ count: Int) {
    for place in 0..<count {
      let rest = UInt64(features.count - place)
      features.swapAt(place, place + Int(((generator.bits() >> 32) * rest) >> 32))
    }
    if let ever = table.everDrawn, let place = features.firstIndex(of: ever), place >= count {
      features.swapAt(place, count - 1)
    }
  }

  // MARK: - One tree

  private struct Leaf {
    /// Its part of `rows`.
    var rows: Range<Int>
    /// Its part of `histograms`.
    var slot: Int
    var sum: Int64
    /// The node that leads here, and whether by yes.
    var parent: (node: Int, yes: Bool)?
    var split: Split?
  }

  private struct Split {
    var gain: Double
    /// The feature's place among those drawn.
    var place: Int
    var cut: UInt8
    var yesSum: Int64
  }

  /// Splits the most promising leaf again and again.
  private mutating func grow(_ drawnCount: Int) -> BoostedTrees.Tree {
    let needed = drawnCount * FeatureBins.binCount * settings.leafCount
    if histograms.count < needed { histograms = Array(repeating: 0, count: needed) }
    fillHistogram(slot: 0, rows: 0..<rows.count, drawnCount)
    var root = Leaf(rows: 0..<rows.count, slot: 0, sum: 0, parent: nil, split: nil)
    for bin in 0..<FeatureBins.binCount { root.sum += histograms[bin] }
    root.split = bestSplit(of: root, drawnCount)
    var leaves = [root]
    var tree = BoostedTrees.Tree()
    while leaves.count < settings.leafCount {
      guard let best = mostPromising(leaves), let split = leaves[best].split else { break }
      if let parent = leaves[best].parent { tree.connect(parent, to: Int8(tree.nodes.count)) }
      var (yes, no) = divide(leaves[best], by: split, node: tree.nodes.count)
      tree.nodes.append(
        BoostedTrees.Node(feature: UInt16(features[split.place]), cut: split.cut, yes: 0, no: 0)
      )
      if leaves.count + 1 < settings.leafCount {
        no.slot = leaves.count
        countRows(of: &yes, and: &no, drawnCount)
      }
      leaves[best] = yes
      leaves.append(no)
    }
    tree.leaves = leaves.map { leaf in
      let (gradient, weight) = Self.unpack(leaf.sum)
      return settings.rate * Float(gradient / (weight + settings.ridge)) * horizon
    }
    for (index, leaf) in leaves.enumerated() {
      if let parent = leaf.parent { tree.connect(parent, to: ~Int8(index)) }
    }
    return tree
  }

  /// The leaf whose split gains most; of equals the first.
  private func mostPromising(_ leaves: [Leaf]) -> Int? {
    var best: Int?
    var bestGain = 0.0
    for (index, leaf) in leaves.enumerated() {
      guard let gain = leaf.split?.gain, gain > bestGain else { continue }
      best = index
      bestGain = gain
    }
    return best
  }

  private mutating func divide(_ leaf: Leaf, by split: Split, node: Int) -> (yes: Leaf, no: Leaf) {
    let middle = partition(leaf.rows, feature: features[split.place], cut: split.cut)
    let yes = Leaf(
      rows: leaf.rows.lowerBound..<middle,
      slot: leaf.slot,
      sum: split.yesSum,
      parent: (node, true),
      split: nil
    )
    let no = Leaf(
      rows: middle..<leaf.rows.upperBound,
      slot: leaf.slot,
      sum: leaf.sum - split.yesSum,
      parent: (node, false),
      split: nil
    )
    return (yes, no)
  }

  /// Gives two new leaves their histograms and splits; `yes` still has its parent's slot.
  ///
  /// Only the smaller one is counted: the larger one is what then remains of the parent.
  private mutating func countRows(of yes: inout Leaf, and no: inout Leaf, _ drawnCount: Int) {
    let parentSlot = yes.slot
    if yes.rows.count < no.rows.count { swap(&yes.slot, &no.slot) }
    let smaller = yes.rows.count < no.rows.count ? yes : no
    fillHistogram(slot: smaller.slot, rows: smaller.rows, drawnCount)
    let size = drawnCount * FeatureBins.binCount
    for index in 0..<size {
      histograms[parentSlot * size + index] &-= histograms[smaller.slot * size + index]
    }
    yes.split = bestSplit(of: yes, drawnCount)
    no.split = bestSplit(of: no, drawnCount)
  }

  private static func unpack(_ sum: Int64) -> (gradient: Double, weight: Double) {
    (
      Double(sum >> weightBits) / Double(gradientUnits),
      Double(sum & (1 << weightBits - 1)) / Double(weightUnits)
    )
  }

  private func bestSplit(of leaf: Leaf, _ drawnCount: Int) -> Split? {
    let (gradient, weight) = Self.unpack(leaf.sum)
    guard weight >= 2 * settings.leastLeafWeight else { return nil }
    let unsplit = gradient * gradient / (weight + settings.ridge)
    var best: Split?
    var bestGain = 1e-9
    let first = leaf.slot * drawnCount * FeatureBins.binCount
    unsafe histograms.withUnsafeBufferPointer { histograms in
      for place in 0..<drawnCount {
        let start = first + place * FeatureBins.binCount
        var sum: Int64 = 0
        for cut in 0..<FeatureBins.binCount - 1 {
          let bin = unsafe histograms[start + cut]
          if bin == 0 { continue }
          sum &+= bin
          let (yesGradient, yesWeight) = Self.unpack(sum)
          let noWeight = weight - yesWeight
          if yesWeight < settings.leastLeafWeight { continue }
          if noWeight < settings.leastLeafWeight { break }
          let noGradient = gradient - yesGradient
          let gain =
            yesGradient * yesGradient / (yesWeight + settings.ridge)
            + noGradient * noGradient / (noWeight + settings.ridge) - unsplit
          if gain > bestGain {
            bestGain = gain
            best = Split(gain: gain, place: place, cut: UInt8(cut), yesSum: sum)
          }
        }
      }
    }
    return best
  }

  // MARK: - Loops over rows

  private mutating func fillHistogram(slot: Int, rows range: Range<Int>, _ drawnCount: Int) {
    let first = slot * drawnCount * FeatureBins.binCount
    for index in first..<first + drawnCount * FeatureBins.binCount { histograms[index] = 0 }
    let featureCount = table.featureCount
    let features = features[0..<drawnCount].map { Int32($0) }
    unsafe histograms.withUnsafeMutableBufferPointer { histograms in
      unsafe table.codes.withUnsafeBufferPointer { codes in
        unsafe words.withUnsafeBufferPointer { words in
          unsafe rows.withUnsafeBufferPointer { rows in
            unsafe features.withUnsafeBufferPointer { features in
              for index in range {
                let row = unsafe Int(rows[index])
                let word = unsafe words[row]
                let base = row &* featureCount
                var bin = first
                for place in 0..<drawnCount {
                  let code = unsafe Int(codes[base &+ Int(features[place])])
                  unsafe histograms[bin &+ code] &+= word
                  bin &+= FeatureBins.binCount
                }
              }
            }
          }
        }
      }
    }
  }

  /// Brings the rows that answer yes to the front of a range, each side in its order.
  private mutating func partition(_ range: Range<Int>, feature: Int, cut: UInt8) -> Int {
    spareRows.removeAll(keepingCapacity: true)
    var middle = range.lowerBound
    for index in range {
      let row = rows[index]
      if table.codes[Int(row) * table.featureCount + feature] <= cut {
        rows[middle] = row
        middle += 1
      } else {
        spareRows.append(row)
      }
    }
    for (offset, row) in spareRows.enumerated() { rows[middle + offset] = row }
    return middle
  }

  private mutating func addPredictions(of tree: BoostedTrees.Tree) {
    guard !tree.nodes.isEmpty else {
      for row in predictions.indices { predictions[row] += tree.leaves[0] }
      return
    }
    let featureCount = table.featureCount
    unsafe table.codes.withUnsafeBufferPointer { codes in
      unsafe tree.nodes.withUnsafeBufferPointer { nodes in
        for row in predictions.indices {
          var next = 0
          while next >= 0 {
            let node = unsafe nodes[next]
            let code = unsafe codes[row &* featureCount &+ Int(node.feature)]
            next = Int(code <= node.cut ? node.yes : node.no)
          }
          predictions[row] += tree.leaves[~next]
        }
      }
    }
  }
}

extension BoostedTrees.Tree {
  fileprivate mutating func connect(_ parent: (node: Int, yes: Bool), to next: Int8) {
    if parent.yes { nodes[parent.node].yes = next } else { nodes[parent.node].no = next }
  }
}
