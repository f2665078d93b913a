import Foundation
import SignalProcessing
import Testing

@testable import MonitoringPipeline

/// The memory of the core as bytes.
struct SnapshotTests {
  /// One of everything that a memory is made of.
  struct Sample: Hashable, Codable {
    enum State: Hashable, Codable {
      case off
      case running(since: Int64, load: Double?)
    }

    struct Empty: Hashable, Codable {}

    var flag = true
    var text = "pompe 3, palier côté accouplement"
    var count = -1_234_567_890_123
    var large = UInt64.max
    var small: UInt8 = 200
    var numbers = [0, -0.0, 1, .pi, -.leastNonzeroMagnitude, 1e308, Double(UInt64.max), .infinity]
    var floats: [Float] = [0, -0.0, 3, .pi, -.leastNonzeroMagnitude, .greatestFiniteMagnitude]
    var single: Float = .pi
    var spans = SIMD3<Double>(60, -0.1, 0)
    var gaps: [Double?] = [1.5, nil, 0.1]
    var absent: String?
    var states: [State] = [.off, .running(since: -5, load: 0.3), .running(since: 0, load: nil)]
    var lists: [[Int]] = [[], [1], [2, 3]]
    var empty = Empty()
    var delay = Duration.milliseconds(1_500)
    var range: ClosedRange<Double>? = -0.5...2
  }

  @Test func `what is written is read again to the last bit`() throws {
    let sample = Sample()
    let back = try StateReader.value(Sample.self, from: StateWriter.bytes(of: sample))
    #expect(back == sample)
    // 0 and −0 are equal, but not the same.
    #expect(back.numbers.map(\.bitPattern) == sample.numbers.map(\.bitPattern))
    #expect(back.floats.map(\.bitPattern) == sample.floats.map(\.bitPattern))
  }

  @Test(arguments: [0, 1, 2, 7, 1_000])
  func `rows of numbers of any length are read again`(count: Int) throws {
    var generator = SeededGenerator(seed: UInt64(count))
    let rows = [(0..<count).map { _ in Double(bitPattern: generator.bits() & ~(1 << 62)) }, []]
    #expect(try StateReader.value([[Double]].self, from: StateWriter.bytes(of: rows)) == rows)
  }

  @Test func `numbers that were never learned take half a byte`() {
    let zeros = StateWriter.bytes(of: [Double](repeating: 0, count: 10_000))
    #expect(zeros.count < 5_040)
    let counts = StateWriter.bytes(of: (0..<10_000).map { Double($0) })
    #expect(counts.count < 36_000)
  }

  @Test func `a later version may add fields and drop others`() throws {
    struct Before: Codable {
      var kept = 3
      var dropped = ["a", "b"]
    }
    struct After: Codable {
      var added: [Double]?
      var kept: Int
    }
    let after = try StateReader.value(After.self, from: StateWriter.bytes(of: Before()))
    #expect(after.kept == 3 && after.added == nil)
    struct Other: Codable { var missing: Int }
    let error = #expect(throws: SnapshotError.self) {
      try StateReader.value(Other.self, from: StateWriter.bytes(of: Before()))
    }
    #expect("\(try #require(error))".contains("there is no field “missing”"))
  }

  @Test func `a byte that changed or is missing is noticed, wherever it is`() throws {
    let bytes = StateWriter.bytes(of: Sample())
    for index in bytes.indices {
      var damaged = bytes
      damaged[index] ^= 0x10
      #expect(throws: SnapshotError.self) { try StateReader.value(Sample.self, from: damaged) }
      #expect(throws: SnapshotError.self) {
        try StateReader.value(Sample.self, from: Array(bytes[..<index]))
      }
    }
    #expect(throws: SnapshotError.foreign) {
      try StateReader.value(Sample.self, from: Array(#"{"fingerprint":1}"#.utf8))
    }
    var newer = bytes
    newer[5] = 2
    #expect(throws: SnapshotError.newer(version: 2)) {
      try StateReader.value(Sample.self, from: newer)
    }
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `bytes that lie behind a right checksum end in an error or in a value`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let bytes = StateWriter.bytes(of: Sample())
    for _ in 0..<3_000 {
      var forged = Array(bytes.dropLast(8))
      for _ in 0..<(1 + generator.bits() % 4) {
        let place = 6 + Int(generator.bits() % UInt64(forged.count - 6))
        forged[place] = UInt8(truncatingIfNeeded: generator.bits())
      }
      let sum = checksum(forged.span)
      for shift in stride(from: UInt64(56), through: 0, by: -8) {
        forged.append(UInt8(truncatingIfNeeded: sum >> shift))
      }
      do throws(SnapshotError) {
        _ = try StateReader.value(Sample.self, from: forged)
      } catch {
        #expect(!"\(error)".isEmpty)
      }
    }
  }
}
