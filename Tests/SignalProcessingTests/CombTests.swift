import PlainKernels
import SignalProcessing
import Testing

@Suite struct CombTests {
  /// What a spectrum shows above its floor: half of its bins nothing.
  private func rises(_ count: Int, seed: UInt64) -> [Float] {
    noise(count, seed: seed).map { max(0, 2 * $0) }
  }

  private func comb(_ points: Range<Int>, _ rise: [Float], _ lines: [Float]) -> [Float] {
    var comb = [Float](repeating: .nan, count: rise.count / 4 * 4)
    LineComb.run(points, rise: rise, lines: lines, into: &comb)
    return comb
  }

  @Test(arguments: Array(0...41) + [1000, 1003])
  func `a comb has the bits of the plain loop, whatever the length`(count: Int) {
    let rise = rises(count, seed: 51)
    let lines = rises(count, seed: 52)
    let found = comb(0..<count, rise, lines)
    for point in found.indices {
      #expect(found[point] == plainComb(point, rise: rise, lines: lines), "point \(point)")
    }
  }

  @Test(arguments: [0..<0, 3..<3, 5..<6, 4..<8, 7..<18, 90..<200])
  func `only the points asked for, and their groups of four, are computed`(points: Range<Int>) {
    let rise = rises(100, seed: 53)
    let found = comb(points, rise, rise)
    for point in found.indices {
      let isAsked = points.contains(point)
      let isNear = point / 4 >= points.lowerBound / 4 && point < (points.upperBound + 3) / 4 * 4
      if isAsked { #expect(found[point] == plainComb(point, rise: rise, lines: rise)) }
      if !isNear { #expect(found[point].isNaN, "point \(point)") }
    }
  }

  @Test func `a train of lines shows at its rate, and a line alone hardly`() {
    var rise = [Float](repeating: 0, count: 600)
    for multiple in 1...4 { rise[100 * multiple] = 4 }
    let train = comb(0..<600, rise, rise)
    #expect(LineComb.best(in: 300..<500, of: train).point / 4 == 100)
    #expect(abs(LineComb.highest(in: 300..<500, of: train) - 11.6) < 1e-5)
    for multiple in 2...4 { rise[100 * multiple] = 0 }
    #expect(LineComb.highest(in: 300..<500, of: comb(0..<600, rise, rise)) < 0.31)
  }

  @Test func `values below the normal range are kept, and what is no number stays at its points`() {
    let tiny = [Float](repeating: .leastNonzeroMagnitude, count: 40)
    let found = comb(0..<40, tiny, tiny)
    for point in found.indices {
      #expect(found[point] == plainComb(point, rise: tiny, lines: tiny))
    }
    var rise = rises(64, seed: 54)
    let before = comb(0..<64, rise, rise)
    rise[40] = .nan
    let after = comb(0..<64, rise, rise)
    for point in after.indices {
      let bins = (1...4).map { ($0 * point + 2) / 4 }
      if !bins.contains(40) { #expect(after[point] == before[point]) }
    }
  }

  @Test(arguments: Array(0...33) + [1000])
  func `the highest value of a range is that of the plain search`(count: Int) {
    let values = noise(count, seed: 55)
    for points in [0..<count, count / 3..<count, 0..<count + 9] {
      let expected = values[points.clamped(to: 0..<count)].max() ?? -.infinity
      #expect(LineComb.highest(in: points, of: values) == expected)
      let best = LineComb.best(in: points, of: values)
      #expect(best.value == expected)
      #expect(best.point == values.firstIndex(of: expected) ?? points.lowerBound)
    }
    #expect(LineComb.highest(in: 0..<count, of: values.map { _ in .nan }) == -.infinity)
  }

  @Test(arguments: Array(0...33) + [1000])
  func `copies are held to their limit, and means are those of the plain loop`(count: Int) {
    let rows = [56, 57, 58].map { noise(count, seed: $0) }
    var copy = [Float](repeating: 9, count: count)
    LineComb.copy(count, of: rows[0], upTo: 0.5, into: &copy)
    #expect(copy == rows[0].map { min($0, 0.5) })
    LineComb.copy(count / 2, of: rows[1], into: &copy)
    #expect(copy == rows[1][..<(count / 2)] + rows[0][(count / 2)...].map { min($0, 0.5) })
    LineComb.writeMean(of: rows, into: &copy)
    #expect(copy == plainMean(rows))
    LineComb.writeMean(of: [], into: &copy)
    #expect(copy.allSatisfy { $0 == 0 })
  }
}
