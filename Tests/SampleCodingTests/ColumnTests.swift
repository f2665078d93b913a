import SampleCoding
import SignalProcessing
import Testing

struct ColumnTests {
  private func expectSame(
    _ values: [Double],
    _ qualities: [UInt8]? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Int {
    let codes = qualities ?? values.map { _ in 0 }
    let bytes = Column.encode(values: values, qualities: codes)
    let back = try Column.decodeReadings(bytes)
    #expect(
      back.values.map(\.bitPattern) == values.map(\.bitPattern),
      sourceLocation: sourceLocation
    )
    #expect(back.qualities == codes, sourceLocation: sourceLocation)
    return bytes.count
  }

  @Test func `what no number form expects comes back to the bit all the same`() throws {
    let odd: [Double] = [
      0, -0.0, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, -.greatestFiniteMagnitude,
      .pi, 1e300, -1e-300, 9_007_199_254_740_994, 0.1 + 0.2,
    ]
    _ = try expectSame([])
    for value in odd {
      _ = try expectSame([value])
      _ = try expectSame([1, value, 2, value])
    }
    _ = try expectSame(odd)
    // The form that the last one needs does not fit the first.
    _ = try expectSame([0.1, 1 / 16_384, 0.1])
  }

  @Test(arguments: [0.1, 0.01, 0.005, 0.25, 1, 10, 1 / 16_384] as [Double])
  func `a register with a scale takes as many bits as its steps need`(scale: Double) throws {
    var numbers = Numbers(seed: 7)
    let divisor = (1 / scale).rounded()
    let values = (0..<3_600).map { _ in
      let raw = Double(2_000 + Int(numbers.next() % 4))
      return divisor >= 1 ? raw / divisor : raw * scale
    }
    // Four equally likely steps are 2 bits; the code costs less than one more.
    #expect(try expectSame(values) < 3_600 * 3 / 8 + 40)
  }

  @Test func `a register of 32-bit floating point takes about what its noise needs`() throws {
    var numbers = Numbers(seed: 3)
    var level: Float = 50
    let values = (0..<3_600).map { _ in
      level += Float(Int(numbers.next() % 201) - 100) * 1e-5
      return Double(level)
    }
    #expect(try expectSame(values) < 3_600 * 12 / 8)
  }

  @Test func `a value that never moves takes a bit, and a failed read nothing`() throws {
    #expect(try expectSame([Double](repeating: 21.5, count: 3_600)) <= 3_600 / 8 + 40)
    let dead = try expectSame(
      [Double](repeating: 0, count: 3_600),
      [UInt8](repeating: 128, count: 3_600)
    )
    #expect(dead <= 24)
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `rows of equal numbers come back, however long and however far apart`(seed: UInt64) throws {
    var numbers = Numbers(seed: seed)
    var integers: [Int64] = []
    for _ in 0..<60 {
      let number = Int64(bitPattern: numbers.next()) >> Int64(numbers.next() % 64)
      integers += Array(repeating: number, count: Int(numbers.next() % 200))
    }
    #expect(try Column.decodeIntegers(Column.encode(integers)) == integers)
  }

  @Test func `qualities keep their places, and doubtful values their bits`() throws {
    var numbers = Numbers(seed: 5)
    let codes = (0..<2_000).map { _ in [0, 0, 0, 1, 128, 133, 255][Int(numbers.next() % 7)] }
    let values = codes.map { code in
      code >= 128 && numbers.next() % 2 == 0 ? 0 : Double(Int64(numbers.next() % 900)) / 10
    }
    _ = try expectSame(values, codes.map(UInt8.init))
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `any integers come back, near or far`(seed: UInt64) throws {
    var numbers = Numbers(seed: seed)
    let spread = numbers.next() % 64
    let integers = (0..<Int(numbers.next() % 300)).map { _ in
      Int64(bitPattern: numbers.next()) >> Int64(numbers.next() % (spread + 1))
    }
    #expect(try Column.decodeIntegers(Column.encode(integers)) == integers)
    #expect(try Column.decodeTimes(Column.encode(times: integers)) == integers)
  }

  @Test func `a regular second with a millisecond of jitter takes three bits or so`() throws {
    var numbers = Numbers(seed: 11)
    let times = (0..<3_600).map { second in
      1_760_000_000_000_000_000 + Int64(second) * 1_000_000_000
        + Int64(numbers.next() % 2) * 1_000_000
    }
    let bytes = Column.encode(times: times)
    #expect(try Column.decodeTimes(bytes) == times)
    #expect(bytes.count < 3_600 * 3 / 8)
  }

  @Test func `a damaged chunk is refused with a sentence, whatever is damaged`() throws {
    let values = (0..<200).map { Double($0 * $0 % 97) / 10 }
    let bytes = Column.encode(values: values, qualities: values.map { $0 == 0 ? 128 : 0 })
    for place in bytes.indices {
      for bit in 0..<8 {
        var damaged = bytes
        damaged[place] ^= 1 << UInt8(bit)
        #expect(throws: DamagedChunk.checksum) { try Column.decodeReadings(damaged) }
      }
      #expect(throws: DamagedChunk.self) { try Column.decodeReadings(Array(bytes[..<place])) }
    }
    #expect("\(DamagedChunk.checksum)".contains("damaged"))
  }

  @Test func `bytes that nobody wrote never crash, also with the right checksum`() {
    var numbers = Numbers(seed: 1)
    for round in 0..<2_000 {
      var bytes: [UInt8]
      if round % 2 == 0 {
        bytes = (0..<Int(numbers.next() % 60))
          .map { _ in UInt8(truncatingIfNeeded: numbers.next()) }
      } else {
        bytes = Column.encode(values: [1, 2.5, .pi, 0], qualities: [0, 1, 0, 128]).dropLast(4)
        bytes[Int(numbers.next() % UInt64(bytes.count))] =
          UInt8(truncatingIfNeeded: numbers.next())
      }
      bytes += Checksum.of(bytes[...]).littleEndianBytes
      if let decoded = try? Column.decodeReadings(bytes) {
        #expect(decoded.values.count == decoded.qualities.count)
        #expect(decoded.values.count <= Column.mostCount)
      }
      if let times = try? Column.decodeTimes(bytes) { #expect(times.count <= Column.mostCount) }
    }
  }

  @Test func `each form has a code of its own and is found by it`() {
    let codes = NumberForm.all.map(\.code)
    #expect(Set(codes).count == codes.count)
    for form in NumberForm.all { #expect(NumberForm(code: form.code) == form) }
    #expect(NumberForm(code: 10) == nil)
  }
}

/// Pseudo-random numbers (SplitMix64 by Vigna), for tests only.
private struct Numbers {
  var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
