import ConditionModel
import PlantSimulation
import Testing

struct ExaminationTests {
  /// The rows of a machine up to `count`.
  private func rows(_ machine: ExaminedMachine, _ count: Int) -> [[Double]] {
    var run = machine.rows()
    var row = [Double](repeating: 0, count: machine.channels.count)
    var rows: [[Double]] = []
    while rows.count < count, run.next(&row) { rows.append(row) }
    return rows
  }

  @Test func `the same seed is the same plant to the bit, another seed another one`() {
    let one = PlantExamination(seed: 5)
    #expect(one == PlantExamination(seed: 5))
    #expect(one != PlantExamination(seed: 6))
    for machine in one.machines {
      let first = rows(machine, 2_000).map { $0.map(\.bitPattern) }
      #expect(first == rows(machine, 2_000).map { $0.map(\.bitPattern) })
    }
  }

  @Test func `a plant has twelve machines of all kinds, with points of different names`() {
    for seed in 1...6 as ClosedRange<UInt64> {
      let machines = PlantExamination(seed: seed).machines
      #expect(machines.count == 12)
      #expect(Set(machines.map(\.kind)) == Set(ExaminedMachine.Kind.allCases))
      #expect(Set(machines.map(\.name)).count == 12)
      for machine in machines {
        #expect(machine.channels.count >= 3)
        #expect(Set(machine.channels.map(\.point)).count == machine.channels.count)
        #expect(machine.channels.allSatisfy { $0.resolution > 0 })
      }
    }
  }

  @Test(arguments: ExaminedMachine.Kind.allCases)
  func `values lie in the measuring range on the grid of the resolution, and move`(
    kind: ExaminedMachine.Kind
  ) {
    let machine = PlantExamination(seed: 3, weeks: 3, kinds: [kind]).machines[0]
    let rows = rows(machine, 60_000)
    for (index, channel) in machine.channels.enumerated() {
      let values = rows.map { $0[index] }.filter { !$0.isNaN }
      #expect(values.count > 30_000)
      let low = channel.range.lowerBound - channel.resolution
      let high = channel.range.upperBound + channel.resolution
      #expect(values.allSatisfy { $0 >= low && $0 <= high })
      #expect(Set(values).count > 2, "\(channel.point) of \(machine.name)")
      let onGrid = values.allSatisfy { value in
        let steps = value / channel.resolution
        return abs(steps - steps.rounded()) < 1e-6
      }
      #expect(onGrid)
    }
  }

  @Test
  func `four plants hold about as many faults as promised, each with a channel that shows it`() {
    let machines = (1...4).flatMap { PlantExamination(seed: $0).machines }
    let faults = machines.flatMap(\.truth.machineFaults)
    #expect((52...76).contains(faults.count))
    #expect((28...44).contains(faults.count { $0.fails }))
    #expect(Set(faults.map(\.curve)).count == 5)
    #expect((56...84).contains(machines.flatMap(\.truth.sensorFaults).count))
    for machine in machines {
      let points = Set(machine.channels.map(\.point))
      for fault in machine.truth.machineFaults {
        #expect(!fault.channels.isEmpty && points.isSuperset(of: fault.channels))
        #expect(fault.onset < fault.end && fault.end <= machine.end)
        #expect(fault.onset - machine.start >= .seconds(10 * 86_400))
      }
      for fault in machine.truth.sensorFaults {
        #expect(!fault.channels.isEmpty && points.isSuperset(of: fault.channels))
        #expect(fault.start < fault.end && fault.end <= machine.end)
      }
    }
  }

  @Test func `wear shows in the channels that it is said to show in`() throws {
    // The clearest failure of eight plants: its last day against its day before.
    let candidates = (1...8).flatMap { PlantExamination(seed: $0).machines }
      .flatMap { machine in machine.truth.machineFaults.map { (machine, $0) } }
      .filter { $1.fails && $1.channels.count == 1 }
    let (machine, fault) = try #require(candidates.max { $0.1.clarity < $1.1.clarity })
    let index = try #require(machine.channels.firstIndex { $0.point == fault.channels[0] })
    var run = machine.rows()
    var row = [Double](repeating: 0, count: machine.channels.count)
    var before: [Double] = []
    var after: [Double] = []
    while true {
      let moment = run.timestamp
      guard run.next(&row) else { break }
      guard !row[index].isNaN else { continue }
      if (fault.onset - .seconds(4 * 86_400)..<fault.onset).contains(moment) {
        before.append(row[index])
      } else if (fault.end - .seconds(86_400)..<fault.end).contains(moment) {
        after.append(row[index])
      }
    }
    let high = before.sorted()[before.count * 9 / 10]
    let low = before.sorted()[before.count / 10]
    let later = after.sorted()
    #expect(later[later.count * 9 / 10] > high || later[later.count / 10] < low)
  }
}
