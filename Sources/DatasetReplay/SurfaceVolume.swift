/// Returns the volume under the surface of precision and recall over thresholds and tolerances
/// (VUS-PR), for one file.
///
/// Labels are softened around events by 0 to `tolerance` rows; for each softening the average
/// precision is taken over all thresholds, and the mean of these is returned. It needs no threshold
/// and forgives being a little early or late. Compare it only within one dataset.
///
/// - Parameters:
///   - scores: One for each row, higher for less ordinary.
///   - events: The rows of each event, in order.
///   - tolerance: The longest softening, in rows.
/// - Returns: 0…1; `nil` without events.
/// - SeeAlso: Paparrizos et al., "Volume under the surface: a new accuracy evaluation measure for
///   time-series anomaly detection", VLDB 15 (2022). doi:10.14778/3551793.3551830
func surfaceVolume(scores: [Double], events: [ClosedRange<Int>], tolerance: Int) -> Double? {
  guard !events.isEmpty, !scores.isEmpty else { return nil }
  let order = scores.indices.sorted { scores[$0] > scores[$1] }
  let eventRows = events.reduce(0) { $0 + $1.count }
  var sum = 0.0
  for width in 0...tolerance {
    let labels = softened(events, rowCount: scores.count, width: width)
    sum += averagePrecision(scores: scores, order: order, labels: labels, eventRows: eventRows)
  }
  return sum / Double(tolerance + 1)
}

/// 1 inside events; outside, at a distance d of up to half the width, √(1 − d ∕ width).
private func softened(_ events: [ClosedRange<Int>], rowCount: Int, width: Int) -> [Double] {
  var labels = [Double](repeating: 0, count: rowCount)
  for event in events {
    for row in event { labels[row] = 1 }
    for distance in stride(from: 1, through: width / 2, by: 1) {
      let weight = (1 - Double(distance) / Double(width)).squareRoot()
      for row in [event.lowerBound - distance, event.upperBound + distance]
      where labels.indices.contains(row) {
        labels[row] = min(1, labels[row] + weight)
      }
    }
  }
  return labels
}

private func averagePrecision(
  scores: [Double],
  order: [Int],
  labels: [Double],
  eventRows: Int
) -> Double {
  // Softened events that touch are one.
  var eventNumbers = [Int](repeating: -1, count: labels.count)
  var eventCount = 0
  for row in labels.indices where labels[row] > 0 {
    if row == 0 || labels[row - 1] == 0 { eventCount += 1 }
    eventNumbers[row] = eventCount - 1
  }
  let positives = (Double(eventRows) + labels.reduce(0, +)) / 2
  var isFound = [Bool](repeating: false, count: eventCount)
  var foundCount = 0
  var hits = 0.0
  var area = 0.0
  var lastRecall = 0.0
  for (index, row) in order.enumerated() {
    hits += labels[row]
    if eventNumbers[row] >= 0, !isFound[eventNumbers[row]] {
      isFound[eventNumbers[row]] = true
      foundCount += 1
    }
    guard index + 1 == order.count || scores[order[index + 1]] != scores[row] else { continue }
    let recall = min(1, hits / positives) * Double(foundCount) / Double(eventCount)
    area += (recall - lastRecall) * hits / Double(index + 1)
    lastRecall = recall
  }
  return area
}
