/// A sum of small regression trees over binned features.
struct BoostedTrees: Hashable, Sendable {
  /// Asks whether the bin of `feature` is at most `cut`.
  struct Node: Hashable, Sendable {
    var feature: UInt16
    var cut: UInt8
    /// Where to go on for yes and for no: a node of the same tree, or leaf `~next` if negative.
    var yes: Int8
    var no: Int8
  }

  struct Tree: Hashable, Sendable {
    var nodes: [Node] = []
    var leaves: [Float] = [0]
  }

  /// What is predicted before any tree is asked.
  var start: Float
  private(set) var treeCount = 0
  /// The nodes of all trees; a tree begins at its entry in `firstNodes`.
  private(set) var nodes: [Node] = []
  private(set) var leaves: [Float] = []
  private(set) var firstNodes: [Int32] = [0]
  private(set) var firstLeaves: [Int32] = [0]

  init(start: Float) {
    self.start = start
  }

  mutating func append(_ tree: Tree) {
    nodes += tree.nodes
    leaves += tree.leaves
    firstNodes.append(Int32(nodes.count))
    firstLeaves.append(Int32(leaves.count))
    treeCount += 1
  }

  func tree(_ index: Int) -> Tree {
    Tree(
      nodes: Array(nodes[Int(firstNodes[index])..<Int(firstNodes[index + 1])]),
      leaves: Array(leaves[Int(firstLeaves[index])..<Int(firstLeaves[index + 1])])
    )
  }

  /// The sum over all trees for a row of bins.
  func predict(_ codes: Span<UInt8>) -> Float {
    var sum = start
    let nodes = nodes.span
    let leaves = leaves.span
    let firstNodes = firstNodes.span
    let firstLeaves = firstLeaves.span
    for tree in 0..<treeCount {
      let base = Int(firstNodes[tree])
      var next = firstNodes[tree + 1] > firstNodes[tree] ? 0 : -1
      while next >= 0 {
        let node = nodes[base + next]
        next = Int(codes[Int(node.feature)] <= node.cut ? node.yes : node.no)
      }
      sum += leaves[Int(firstLeaves[tree]) + ~next]
    }
    return sum
  }
}
