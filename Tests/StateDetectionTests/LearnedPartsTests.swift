import ConditionModel
import Foundation
import Testing

@testable import StateDetection

/// The parts that learning is made of, each against what is known exactly.
struct LearnedPartsTests {
  @Test func `a regression finds the coefficients that made the values`() {
    var moments = MomentMatrix(size: 4)
    var noise = NoiseSource(seed: 5)
    for _ in 0..<2_000 {
      let one = noise.next(3)
      let other = 100 + noise.next(1)
      moments.add([1, one, other, 7 + 2 * one - 0.5 * other])
    }
    let found = moments.regression(of: 3, on: [1, 2], stiffness: [0, 0])
    for (coefficient, expected) in zip(found, [7, 2, -0.5, 0]) {
      #expect(abs(coefficient - expected) < 1e-8)
    }
    #expect(moments.residualVariance(of: 3, found) < 1e-9)
    // A feature that never moves explains nothing and does no harm.
    var still = MomentMatrix(size: 3)
    for index in 0..<50 { still.add([1, 5, Double(index)]) }
    let constant = still.regression(of: 2, on: [1], stiffness: [0])
    #expect(constant[1] == 0 && abs(constant[0] - 24.5) < 1e-9)
  }

  @Test func `packed numbers lose no bit`() throws {
    let numbers = [0, -0.0, 1, .pi, -.leastNonzeroMagnitude, 1e308, Double(UInt64.max)]
    let text = try JSONEncoder().encode([PackedNumbers(numbers)])
    let back = try JSONDecoder().decode([PackedNumbers].self, from: text)
    #expect(back[0].numbers.map(\.bitPattern) == numbers.map(\.bitPattern))
    for damaged in [#"["abc"]"#, #"["0000000000?"]"#] {
      #expect(throws: (any Error).self) {
        try JSONDecoder().decode([PackedNumbers].self, from: Data(damaged.utf8))
      }
    }
  }

  @Test func `a mean of a minute leaves out its extremes and counts equal readings`() {
    var minute = MinuteMean()
    for value in [10.0, 10, 11, 500, 10, 9] { minute.take(value) }
    #expect(minute.mean == 10.25)
    #expect(minute.highest == 500 && minute.lowest == 9)
    minute.restart()
    for _ in 0..<4 { minute.take(9) }
    #expect(minute.equalCount == 4 && minute.roughness == 0)
  }

  @Test func `the limit follows from the budget, as the normal distribution has it`() {
    // 2 × 8 looks of one channel in a week at one in 0.0228: two standard deviations.
    let two = FalseAlertBudget.quantile(perWeek: 8 * 0.02275, channelCount: 1)
    #expect(abs(two - 2) < 1e-3)
    let three = FalseAlertBudget.quantile(perWeek: 8 * 10 * 0.00135, channelCount: 10)
    #expect(abs(three - 3) < 1e-3)
  }

  @Test func `drivers of one family do not explain each other, and counters are left alone`() {
    func channel(_ index: UInt16, _ quantity: Quantity, _ point: String = "p") -> Channel {
      Channel(
        id: ChannelID(index: index),
        asset: AssetID(index: 0),
        location: point,
        point: point,
        unit: "1",
        quantity: quantity,
        device: 0
      )
    }
    let asset = Asset(id: AssetID(index: 0), name: "m", kind: .fan)
    let plant = Plant(
      site: "s",
      gateway: "g",
      assets: [asset],
      channels: [
        channel(0, .activePower), channel(1, .current), channel(2, .energy),
        channel(3, .temperature, "température ambiante"), channel(4, .temperature),
      ]
    )
    let layout = MachineLayout(asset, in: plant)
    #expect(layout.channels.map(\.index) == [0, 1, 3, 4])
    #expect(layout.drivers == [0, 2])
    #expect(layout.families == [.electrical, .surroundings])
    #expect(layout.namedSurroundings == 2)
  }
}
