import ConditionModel
import PlantSimulation

/// What a good plain detector does on a plant: a residual of each channel on the operating state,
/// refitted weekly, a slow average of it, limits from the learning part.
///
/// It is there to be compared with; nothing of it is in the product. On seeds 1-4 it was measured to
/// find 80 % of the faults, 53 % before half of the way, with 0.34 false notifications per
/// machine-week, and to name 61 % of the sensor faults; limits 32 %, 8 % and 0.02, z-scores 71 %, 41 %
/// and 0.55 (`vigie-bench plant --detector reference`, `limits`, `z-scores`).
struct PlantReference {
  private static let blocksPerDay = 144
  private static let learning = 14 * blocksPerDay
  /// How far beyond its highest value of the learning part a slow average must go.
  private static let margin = 2.8

  private let machine: ExaminedMachine
  private let blocks: PlantBlocks
  private var residuals: [[Double]]
  private var events: [(block: Int, end: Int, channel: Int, isSensor: Bool, strength: Double)] = []

  static func notices(of machine: ExaminedMachine) -> [ExaminationNotice] {
    var reference = PlantReference(machine)
    return reference.judge()
  }

  private init(_ machine: ExaminedMachine) {
    self.machine = machine
    blocks = PlantBlocks(machine)
    residuals = Array(repeating: [], count: machine.channels.count)
  }

  private mutating func judge() -> [ExaminationNotice] {
    for channel in machine.channels.indices {
      let broken = sensorTroubles(of: channel)
      residuals[channel] = residual(of: channel, leavingOut: broken)
      let jumps =
        isAir(channel) && machine.channels[channel].quantity == .temperature
        ? [] : jumps(of: channel, apartFrom: broken)
      var suspect = [Bool](repeating: false, count: blocks.count)
      for trouble in broken + jumps {
        let shown = min(trouble.upperBound, trouble.lowerBound + 5 * Self.blocksPerDay)
        events.append((trouble.lowerBound, shown, channel, true, 0))
        let until = min(trouble.upperBound + 2 * Self.blocksPerDay, blocks.count)
        for block in trouble.lowerBound..<until { suspect[block] = true }
      }
      watchSlowly(channel, suspect)
    }
    return grouped()
  }

  // MARK: - The residual

  /// The residual in robust deviations, NaN where nothing can be said.
  private func residual(of channel: Int, leavingOut broken: [Range<Int>]) -> [Double] {
    let rows = features(for: channel)
    var usable = [Bool](repeating: false, count: blocks.count)
    for block in usable.indices {
      usable[block] =
        blocks.isRunning[block] && !blocks.means[channel][block].isNaN
        && rows[block].allSatisfy { !$0.isNaN }
    }
    for range in broken { for block in range { usable[block] = false } }
    var result = [Double](repeating: .nan, count: blocks.count)
    var fit: Fit?
    var slow = 0.0
    for block in result.indices {
      if block >= Self.learning, (block - Self.learning).isMultiple(of: 7 * Self.blocksPerDay) {
        // What looked normal so far; after the first fit the outliers stay out.
        let normal = (0..<block).filter { past in
          usable[past] && (result[past].isNaN || abs(result[past]) < 4)
        }
        if normal.count > 200 {
          let isQuiet = block == Self.learning || abs(slow) < 1.2
          if isQuiet { fit = Fit(normal, rows, blocks.means[channel]) }
          if block == Self.learning, let fit {
            for past in normal {
              result[past] = fit.residual(rows[past], blocks.means[channel][past])
            }
          }
        }
      }
      guard let fit, block >= Self.learning, usable[block] else { continue }
      result[block] = fit.residual(rows[block], blocks.means[channel][block])
      slow += (max(-6, min(6, result[block])) - slow) / 72
    }
    return result
  }

  /// Drivers now and with lags, and their squares.
  private func features(for channel: Int) -> [[Double]] {
    let drivers = blocks.drivers.filter { $0 != channel }
    var slow = drivers.map { _ in [Double.nan, .nan] }
    return (0..<blocks.count).map { block in
      var row = [1.0]
      for (place, driver) in drivers.enumerated() {
        let value = blocks.means[driver][block]
        for (lag, rate) in [0.35, 0.08].enumerated() where !value.isNaN {
          let past = slow[place][lag]
          slow[place][lag] = past.isNaN ? value : past + (value - past) * rate
        }
        row += [value, value * value, slow[place][0], slow[place][1]]
      }
      return row
    }
  }

  // MARK: - Slow averages against their own past

  private mutating func watchSlowly(_ channel: Int, _ suspect: [Bool]) {
    guard machine.channels[channel].quantity != .temperature || !isAir(channel) else { return }
    for blocksOfMemory in [36.0, 144.0] {
      var average = 0.0
      var accepted = 0.0
      var highest = 0.4
      var since: Int?
      var count = 0
      for block in 0..<blocks.count {
        let residual = residuals[channel][block]
        if let start = since, block - start > 6 * Self.blocksPerDay || suspect[block] {
          events[events.count - 1].end = block
          since = nil
        }
        guard !residual.isNaN, !suspect[block] else { continue }
        average += (max(-8, min(8, residual)) - average) / blocksOfMemory
        if block < Self.learning {
          highest = max(highest, abs(average))
          continue
        }
        let strength = size(of: average - accepted, channel) / (highest * Self.margin)
        count = strength > 1 ? count + 1 : 0
        if since == nil, count >= 12 {
          since = block
          events.append((block, blocks.count, channel, false, strength))
        } else if let start = since, strength < 0.5 || block - start > 5 * Self.blocksPerDay {
          // Whatever stands for five days is the new normal.
          if strength >= 0.5 { accepted = average }
          events[events.count - 1].end = block
          since = nil
        }
      }
    }
  }

  /// A machine that shakes less than usual is no fault.
  private func size(of deviation: Double, _ channel: Int) -> Double {
    switch machine.channels[channel].quantity {
    case .velocityRMS, .highFrequencyAccelerationRMS: deviation
    default: abs(deviation)
    }
  }

  /// Whether the channel is the air around the machine.
  private func isAir(_ channel: Int) -> Bool { machine.channels[channel].isDriver }

  // MARK: - Sensors

  private func sensorTroubles(of channel: Int) -> [Range<Int>] {
    let range = machine.channels[channel].range
    let span = range.upperBound - range.lowerBound
    let peakLimit = 2.5 * high(blocks.peaks[channel])
    let stepLimit = 1.6 * high(blocks.steps[channel])
    let edgeLimit = max(0.5, 1.5 * high(blocks.edgeShares[channel]))
    let others = machine.channels.indices.filter { $0 != channel }
    let usedEnds = usesEnds(channel)
    return spells { block in
      let mean = blocks.means[channel][block]
      if mean.isNaN { return others.contains { !blocks.means[$0][block].isNaN } ? 1 : 0 }
      if !usedEnds {
        if mean <= range.lowerBound + 0.005 * span, range.lowerBound < 0 || blocks.isRunning[block]
        {
          return 1
        }
        if mean >= range.upperBound - 0.005 * span { return 1 }
      }
      guard blocks.isRunning[block] else { return 0 }
      if blocks.isFrozen[channel][block], !wasFrozen(channel) { return 1 }
      if blocks.steps[channel][block] > stepLimit { return 1 }
      if blocks.peaks[channel][block] > peakLimit { return 0.7 }
      return blocks.edgeShares[channel][block] > edgeLimit ? 0.6 : 0
    }
  }

  /// Whether a healthy signal rests at the end of its range, as a closed valve does.
  private func usesEnds(_ channel: Int) -> Bool {
    let range = machine.channels[channel].range
    let edge = 0.01 * (range.upperBound - range.lowerBound)
    let atEnd = blocks.means[channel].prefix(Self.learning).enumerated().count {
      blocks.isRunning[$0.offset]
        && ($0.element < range.lowerBound + edge || $0.element > range.upperBound - edge)
    }
    return atEnd > 2
  }

  private func wasFrozen(_ channel: Int) -> Bool {
    blocks.isFrozen[channel].prefix(Self.learning).count { $0 } > Self.learning / 50
  }

  /// The 99.5 % quantile of the learning part while the machine ran.
  private func high(_ values: [Double]) -> Double {
    let known = values.prefix(Self.learning).enumerated()
      .filter { !$0.element.isNaN && blocks.isRunning[$0.offset] }.map(\.element).sorted()
    return known.isEmpty ? .infinity : known[known.count * 995 / 1_000]
  }

  /// Times in which the evidence of the last two hours adds up.
  private func spells(_ evidence: (Int) -> Double) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var sum = 0.0
    var since: Int?
    for block in Self.learning..<blocks.count {
      sum = sum * 0.88 + evidence(block)
      if since == nil, sum > 3 { since = block }
      if let start = since, sum < 0.5 {
        result.append(start..<block)
        since = nil
      }
    }
    if let since { result.append(since..<blocks.count) }
    return result
  }

  /// Places where the residual steps from one block to the next and stays.
  private func jumps(of channel: Int, apartFrom broken: [Range<Int>]) -> [Range<Int>] {
    let known = residuals[channel].indices.filter { !residuals[channel][$0].isNaN }
    var result: [Range<Int>] = []
    var place = 24
    while place + 12 < known.count {
      let before = known[(place - 12)..<(place - 1)].map { residuals[channel][$0] }
      let after = known[(place + 1)..<(place + 12)].map { residuals[channel][$0] }
      let step = median(after) - median(before)
      let isReturn = broken.contains {
        $0.upperBound + 72 > known[place] && $0.lowerBound < known[place]
      }
      if abs(step) > 9, known[place] > Self.learning, !isReturn {
        let end = known[place...].first { abs(residuals[channel][$0] - median(before)) < 3 }
        result.append(known[place + 12]..<max(end ?? blocks.count, known[place + 12] + 1))
        while place + 12 < known.count, known[place] < (end ?? blocks.count) + 12 { place += 1 }
      }
      place += 1
    }
    return result
  }

  // MARK: - Notices

  /// One notice per machine and half a day, about the strongest channel.
  private func grouped() -> [ExaminationNotice] {
    var notices: [ExaminationNotice] = []
    var last = -1_000
    let machineEvents = events.filter { !$0.isSensor }.sorted {
      ($0.block, $1.strength) < ($1.block, $0.strength)
    }
    for event in machineEvents where event.block - last > 288 {
      last = event.block
      notices.append(notice(event.block, event.end, event.channel, .machine))
    }
    for channel in machine.channels.indices {
      var lastSensor = -1_000
      for event in events.filter({ $0.isSensor && $0.channel == channel }).sorted(by: {
        $0.block < $1.block
      })
      where event.block - lastSensor > 432 {
        lastSensor = event.block
        notices.append(notice(event.block, event.end, channel, .sensor))
      }
    }
    return notices
  }

  private func notice(
    _ block: Int,
    _ end: Int,
    _ channel: Int,
    _ findingClass: ExaminationNotice.Class
  ) -> ExaminationNotice {
    ExaminationNotice(
      machine: machine.name,
      start: machine.timestamp(ofRow: block * PlantBlocks.rows),
      end: machine.timestamp(ofRow: end * PlantBlocks.rows),
      findingClass: findingClass,
      channel: machine.channels[channel].point
    )
  }
}

/// A ridge regression with a robust scale of what it leaves over.
private struct Fit {
  private var weights: [Double] = []
  private var centre: [Double] = []
  private var spread: [Double] = []
  private var level = 0.0
  private var scale = 1.0

  init(_ chosen: [Int], _ rows: [[Double]], _ values: [Double]) {
    let width = rows[0].count
    let count = Double(chosen.count)
    centre = Array(repeating: 0, count: width)
    spread = Array(repeating: 1, count: width)
    level = chosen.map { values[$0] }.reduce(0, +) / count
    for column in 1..<max(width, 1) where width > 1 {
      let mean = chosen.map { rows[$0][column] }.reduce(0, +) / count
      let variance = chosen.map { (rows[$0][column] - mean) * (rows[$0][column] - mean) }.reduce(
        0,
        +
      )
      centre[column] = mean
      spread[column] = max((variance / count).squareRoot(), 1e-9)
    }
    var matrix = Array(repeating: Array(repeating: 0.0, count: width), count: width)
    var right = Array(repeating: 0.0, count: width)
    for block in chosen {
      let row = (0..<width).map { $0 == 0 ? 1 : (rows[block][$0] - centre[$0]) / spread[$0] }
      for one in 0..<width {
        right[one] += row[one] * (values[block] - level)
        for other in 0...one { matrix[one][other] += row[one] * row[other] }
      }
    }
    for one in 0..<width {
      matrix[one][one] += one == 0 ? 0 : 0.003 * count
      for other in 0..<one { matrix[other][one] = matrix[one][other] }
    }
    weights = solved(matrix, right)
    let sizes = chosen.map { abs(values[$0] - prediction(rows[$0])) }.sorted()
    scale = max(1.4826 * sizes[sizes.count / 2], 1e-9)
  }

  private func prediction(_ row: [Double]) -> Double {
    var sum = level
    for column in weights.indices {
      sum += weights[column] * (column == 0 ? 1 : (row[column] - centre[column]) / spread[column])
    }
    return sum
  }

  func residual(_ row: [Double], _ value: Double) -> Double { (value - prediction(row)) / scale }
}

/// Cholesky, for a matrix that is symmetric and positive definite.
private func solved(_ matrix: [[Double]], _ right: [Double]) -> [Double] {
  var lower = matrix
  let count = right.count
  for column in 0..<count {
    for row in column..<count {
      var sum = lower[row][column]
      for inner in 0..<column { sum -= lower[row][inner] * lower[column][inner] }
      lower[row][column] =
        row == column ? max(sum, 1e-12).squareRoot() : sum / lower[column][column]
    }
  }
  var result = right
  for row in 0..<count {
    for inner in 0..<row { result[row] -= lower[row][inner] * result[inner] }
    result[row] /= lower[row][row]
  }
  for row in stride(from: count - 1, through: 0, by: -1) {
    for inner in row + 1..<max(count, row + 1) { result[row] -= lower[inner][row] * result[inner] }
    result[row] /= lower[row][row]
  }
  return result
}

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
