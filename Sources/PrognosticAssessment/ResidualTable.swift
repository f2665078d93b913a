/// How far the truth lay from the prediction, by the size of the prediction, on machines that the
/// model had not seen.
///
/// Out-of-fold predictions are sorted and cut into equal groups; each group keeps its mean and the
/// quantiles of what was missed (Mondrian conformal prediction). The promise holds on average over
/// a fleet like the one that was learned from, not for each machine, and not for another fleet.
///
/// - SeeAlso: Vovk, Gammerman, Shafer, "Algorithmic Learning in a Random World", Springer 2005,
///   section 4.5.
struct ResidualTable: Hashable, Sendable {
  /// A prediction with what was found for ones of its size: truth less prediction, by share missed.
  struct Group: Hashable, Sendable {
    var prediction: Float
    /// The offsets of the lower and the upper end, for each of `shares`.
    var offsets: [Float]
  }

  /// What the intervals cover.
  static let shares: [Float] = [0.8, 0.9]
  private static let groupCount = 10

  let groups: [Group]

  init(groups: [Group]) {
    self.groups = groups
  }

  /// Sorts and groups out-of-fold outcomes.
  init(_ outcomes: [CrossValidation.Outcome]) {
    let sorted = outcomes.enumerated().sorted { left, right in
      (left.element.predicted, left.offset) < (right.element.predicted, right.offset)
    }
    let groupCount = min(Self.groupCount, max(1, outcomes.count / 20))
    groups = (0..<groupCount).map { group in
      let range =
        group * sorted.count / groupCount..<(group + 1) * sorted.count / groupCount
      let members = sorted[range].map(\.element)
      let misses = members.map { $0.actual - $0.predicted }.sorted()
      let mean = members.reduce(0) { $0 + $1.predicted } / Float(max(members.count, 1))
      return Group(
        prediction: mean,
        offsets: Self.shares.flatMap { share in
          let upper = (1 + share) / 2
          return [Self.quantile(misses, 1 - upper), Self.quantile(misses, upper)]
        }
      )
    }
  }

  /// The quantile of sorted values, moved outwards so that the promise holds for the next one.
  private static func quantile(_ values: [Float], _ share: Float) -> Float {
    guard let first = values.first, let last = values.last else { return 0 }
    let count = Float(values.count)
    if share < 0.5 {
      let place = ((count + 1) * share).rounded(.down)
      return place < 1 ? first : values[Int(place) - 1]
    }
    let place = ((count + 1) * share).rounded(.up)
    return place > count ? last : values[Int(place) - 1]
  }

  /// The intervals around a prediction, one for each of `shares`, within zero and the horizon.
  func intervals(around prediction: Float, horizon: Float) -> [ClosedRange<Float>] {
    let after = groups.firstIndex { $0.prediction >= prediction } ?? groups.count - 1
    let before = groups[after].prediction >= prediction ? max(after - 1, 0) : after
    let width = groups[after].prediction - groups[before].prediction
    let share = width > 0 ? (prediction - groups[before].prediction) / width : 0
    return Self.shares.indices.map { level in
      func end(_ offset: Int) -> Float {
        let from = groups[before].offsets[2 * level + offset]
        let to = groups[after].offsets[2 * level + offset]
        return min(max(prediction + from + (to - from) * share, 0), horizon)
      }
      let low = min(end(0), prediction)
      return low...max(end(1), prediction)
    }
  }
}
