import ConditionModel
import SignalProcessing

/// A plant of which everything is known: weeks of recordings, and what was wrong with which machine.
///
/// Structure is drawn as well as numbers: which signals a machine has, their names, units, ranges
/// and resolutions, how they follow the machine, the colour of their noise, how wear shows and
/// grows. Two examinations of one seed are the same bits.
package struct PlantExamination: Hashable, Sendable {
  package let seed: UInt64
  package let machines: [ExaminedMachine]

  /// Draws a plant.
  ///
  /// - Parameters:
  ///   - seed: Which plant.
  ///   - weeks: How long it is recorded.
  ///   - kinds: One machine for each; `nil` for all eight kinds and four more.
  package init(seed: UInt64, weeks: Int = 8, kinds: [ExaminedMachine.Kind]? = nil) {
    self.seed = seed
    var generator = SeededGenerator(seed: seed).branch(77)
    let plantSeed = generator.bits()
    // A Monday; the season comes with the weather.
    let start = Timestamp(seconds: 1_767_571_200 + Int64(generator.whole(in: 0...40)) * 604_800)
    var chosen = kinds ?? ExaminedMachine.Kind.allCases
    if kinds == nil {
      for _ in 0..<4 { chosen.append(generator.pick(ExaminedMachine.Kind.allCases)) }
    }
    var machines: [ExaminedMachine] = []
    for (index, kind) in chosen.enumerated() {
      let number = chosen[..<index].count { $0 == kind } + 1
      var builder = MachineBuilder(kind, seed: generator.bits())
      builder.build()
      var machine = ExaminedMachine(
        name: "\(kind.rawValue) \(number)".replacingSpaces,
        kind: kind,
        channels: builder.channels,
        truth: ExaminationTruth(),
        start: start,
        rowCount: weeks * 7 * PlantCalendar.rowsPerDay,
        seed: builder.seed,
        plantSeed: plantSeed,
        duty: builder.duty
      )
      var story = MachineStory(machine, modes: builder.modes)
      story.tell()
      machine = story.machine
      machines.append(machine)
    }
    self.machines = machines
  }
}

extension String {
  fileprivate var replacingSpaces: String {
    String(map { $0 == " " ? "-" : $0 })
  }
}
