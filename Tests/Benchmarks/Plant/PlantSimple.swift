import ConditionModel
import PlantSimulation

/// The two detectors that anybody can build: fixed limits, and z-scores against the learning part.
enum PlantSimple: String, CaseIterable {
  case limits
  case zScores = "z-scores"

  func notices(of machine: ExaminedMachine) -> [ExaminationNotice] {
    let blocks = PlantBlocks(machine)
    let learning = 14 * 144
    var notices: [ExaminationNotice] = []
    var last = -1_000
    var isAlarmed = [Int](repeating: 0, count: machine.channels.count)
    let bands = machine.channels.indices.map { channel in
      let known = (0..<learning).filter { blocks.isRunning[$0] && !blocks.means[channel][$0].isNaN }
        .map { blocks.means[channel][$0] }.sorted()
      return band(known)
    }
    for block in learning..<blocks.count where blocks.isRunning[block] {
      for channel in machine.channels.indices {
        let value = blocks.means[channel][block]
        guard !value.isNaN else { continue }
        isAlarmed[channel] = bands[channel].contains(value) ? 0 : isAlarmed[channel] + 1
        guard isAlarmed[channel] == patience, block - last > 288 else { continue }
        last = block
        notices.append(
          ExaminationNotice(
            machine: machine.name,
            start: machine.timestamp(ofRow: block * PlantBlocks.rows),
            end: machine.timestamp(ofRow: (block + 144) * PlantBlocks.rows),
            findingClass: self == .limits ? .limit : .machine,
            channel: machine.channels[channel].point
          )
        )
      }
    }
    return notices
  }

  private var patience: Int { self == .limits ? 6 : 3 }

  private func band(_ known: [Double]) -> ClosedRange<Double> {
    guard let low = known.first, let high = known.last else { return -1e300...1e300 }
    switch self {
    case .limits:
      // As a careful person sets them: well outside whatever was seen in two weeks.
      let room = 0.5 * (high - low)
      return low - room...high + room
    case .zScores:
      let mean = known.reduce(0, +) / Double(known.count)
      let variance = known.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(known.count)
      let reach = 3 * variance.squareRoot()
      return mean - reach...mean + reach
    }
  }
}
