import ConditionModel
import DataAcquisition
import Testing

struct RegisterDecoderTests {
  private func point(
    _ type: RegisterType,
    order: WordOrder = .abcd,
    field: BitField? = nil,
    scaling: Scaling = .linear(scale: 1, offset: 0),
    invalid: [InvalidCode] = [],
    valid: ClosedRange<Double>? = nil,
    address: UInt16 = 100
  ) -> PointDefinition {
    PointDefinition(
      name: "p",
      table: .holding,
      address: address,
      type: type,
      wordOrder: order,
      bitField: field,
      scaling: scaling,
      unit: "1",
      quantity: .other,
      invalidCodes: invalid,
      validRange: valid
    )
  }

  /// The registers that a device with this word order sends for the bytes A B C D ….
  private func sent(_ bytes: [UInt8], order: WordOrder) -> [UInt16] {
    var words = stride(from: 0, to: bytes.count, by: 2).map { [bytes[$0], bytes[$0 + 1]] }
    if order == .cdab || order == .dcba { words.reverse() }
    if order == .badc || order == .dcba { words = words.map { $0.reversed() } }
    return words.map { UInt16($0[0]) * 256 + UInt16($0[1]) }
  }

  private func bytes(_ pattern: UInt64, count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: pattern >> UInt64(8 * (count - 1 - $0))) }
  }

  private func value(_ point: PointDefinition, _ registers: [UInt16]) -> Reading {
    RegisterDecoder.decode(point, in: registers, from: 100)
  }

  @Test(arguments: WordOrder.allCases)
  func `each integer type reads back what a device sent, in every byte order`(order: WordOrder) {
    var pattern: UInt64 = 0x0123_4567_89AB_CDEF
    for _ in 0..<500 {
      pattern = pattern &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let two = sent(bytes(pattern, count: 2), order: order)
      let four = sent(bytes(pattern, count: 4), order: order)
      let eight = sent(bytes(pattern, count: 8), order: order)
      let low16 = UInt16(truncatingIfNeeded: pattern)
      let low32 = UInt32(truncatingIfNeeded: pattern)
      #expect(value(point(.u16, order: order), two).value == Double(low16))
      #expect(value(point(.s16, order: order), two).value == Double(Int16(bitPattern: low16)))
      #expect(value(point(.u8Low, order: order), two).value == Double(low16 % 256))
      #expect(value(point(.u8High, order: order), two).value == Double(low16 / 256))
      #expect(value(point(.u32, order: order), four).value == Double(low32))
      #expect(value(point(.s32, order: order), four).value == Double(Int32(bitPattern: low32)))
      #expect(value(point(.u64, order: order), eight).value == Double(pattern))
      #expect(value(point(.s64, order: order), eight).value == Double(Int64(bitPattern: pattern)))
    }
  }

  @Test(arguments: WordOrder.allCases)
  func `floating point reads back exactly, in every byte order`(order: WordOrder) {
    for number in [0, 1, -1, 4.9, -273.15, 1e-30, 6.02e23] {
      let single = sent(bytes(UInt64(Float(number).bitPattern), count: 4), order: order)
      let double = sent(bytes(number.bitPattern, count: 8), order: order)
      #expect(value(point(.f32, order: order), single).value == Double(Float(number)))
      #expect(
        value(point(.f64, order: order), double) == Reading(value: number, quality: .good)
      )
    }
  }

  @Test(arguments: [
    Double.nan, .signalingNaN, .infinity, -.infinity,
  ])
  func `a number that is not finite is bad, never a value`(number: Double) {
    let words = sent(bytes(number.bitPattern, count: 8), order: .abcd)
    #expect(value(point(.f64), words) == .bad(.notANumber))
    let single = sent(bytes(UInt64(Float(number).bitPattern), count: 4), order: .abcd)
    #expect(value(point(.f32), single) == .bad(.notANumber))
  }

  @Test func `scaling out of the range of numbers is bad, not infinite`() {
    let words = sent(bytes(1e308.bitPattern, count: 8), order: .abcd)
    #expect(
      value(point(.f64, scaling: .linear(scale: 1e10, offset: 0)), words) == .bad(.notANumber)
    )
  }

  @Test func `the raw words of a point are those of its own registers`() {
    let words = RegisterDecoder.words(
      of: point(.f32, address: 102),
      in: [1, 2, 3, 4, 5],
      from: 100
    )
    #expect(Array(words) == [3, 4])
  }

  @Test func `text never becomes a number`() {
    #expect(value(point(.text(registers: 2)), [0x4142, 0x4344]) == .bad(.notANumber))
  }

  @Test(arguments: 0..<16)
  func `a bit field is cut out and moved down`(lowest: Int) {
    for count in 1...(16 - lowest) {
      for word: UInt16 in [0, 0xFFFF, 0xA5C3, 0x1234, 1 << 15] {
        var expected = 0.0
        for bit in 0..<count where word & (1 << (lowest + bit)) != 0 {
          expected += Double(1 << bit)
        }
        let field = BitField(lowest: lowest, count: count)
        #expect(value(point(.u16, field: field), [word]).value == expected)
      }
    }
  }

  @Test func `a bit field of a signed type has a sign`() {
    // A converter of twelve bits, left-justified.
    let adc = point(.s16, field: BitField(lowest: 4, count: 12))
    #expect(value(adc, [0x8000]).value == -2048)
    #expect(value(adc, [0x7FF0]).value == 2047)
    #expect(value(adc, [0xFFF0]).value == -1)
  }

  @Test(arguments: WordOrder.allCases)
  func `a bit of a coil is 0 or 1, whatever the order of words`(order: WordOrder) {
    let coil = PointDefinition(
      name: "run",
      table: .coil,
      address: 7,
      type: .bit,
      wordOrder: order,
      unit: "1",
      quantity: .statusWord
    )
    #expect(RegisterDecoder.decode(coil, in: [0, 1, 0], from: 6).value == 1)
    #expect(RegisterDecoder.decode(coil, in: [1, 0, 1], from: 6).value == 0)
  }

  @Test func `decimal scales give the decimal numbers that people write`() {
    for raw in 0...UInt16(9_999) {
      let tenths = value(point(.u16, scaling: .linear(scale: 0.1, offset: 0)), [raw]).value
      #expect("\(tenths)" == "\(raw / 10).\(raw % 10)")
    }
    #expect(value(point(.s16, scaling: .linear(scale: 0.001, offset: -40)), [500]).value == -39.5)
    #expect(value(point(.u16, scaling: .linear(scale: 2.5, offset: 1)), [4]).value == 11)
    #expect(value(point(.u16, scaling: .linear(scale: 0, offset: 3)), [4]).value == 3)
    #expect(value(point(.u16, scaling: .linear(scale: -0.5, offset: 0)), [4]).value == -2)
  }

  @Test func `two points make a line`() {
    let input = point(
      .s16,
      scaling: .twoPoint(rawLow: 4_000, rawHigh: 20_000, low: -1, high: 15)
    )
    #expect(value(input, [4_000]).value == -1)
    #expect(value(input, [20_000]).value == 15)
    #expect(value(input, [12_000]).value == 7)
    #expect(value(input, [3_600]).value == -1.4)
  }

  @Test func `an exponent register scales by powers of ten, and 0x8000 means not implemented`() {
    let sunspec = point(.s16, scaling: .exponentRegister(address: 102))
    for (exponent, expected) in [(0, 1234.0), (-1, 123.4), (-2, 12.34), (2, 123_400)] {
      let words = [1234, 0, UInt16(bitPattern: Int16(exponent))]
      #expect(value(sunspec, words) == Reading(value: expected, quality: .good))
    }
    #expect(value(sunspec, [1234, 0, 0x8000]) == .bad(.invalidCode))
    #expect(value(sunspec, [1234, 0, 400]) == .bad(.invalidCode))
  }

  @Test func `codes for no reading are compared before scaling`() {
    let overflow = point(.s32, invalid: [.equals(0x7FFF_FFFF)])
    #expect(value(overflow, [0x7FFF, 0xFFFF]) == .bad(.invalidCode))
    #expect(value(overflow, [0x7FFF, 0xFFFE]).quality == .good)
    let pt100 = point(
      .s16,
      scaling: .linear(scale: 0.1, offset: 0),
      invalid: [.above(6085), .below(-1385)]
    )
    #expect(value(pt100, [6086]) == .bad(.invalidCode))
    #expect(value(pt100, [6085]) == Reading(value: 608.5, quality: .good))
    #expect(value(pt100, [UInt16(bitPattern: -1386)]) == .bad(.invalidCode))
    #expect(value(pt100, [UInt16(bitPattern: -1385)]).quality == .good)
  }

  @Test func `a code written in decimals matches the nearest single`() {
    let code = point(.f32, invalid: [.equals(-9999.9)])
    let words = sent(bytes(UInt64(Float(-9999.9).bitPattern), count: 4), order: .abcd)
    #expect(value(code, words) == .bad(.invalidCode))
  }

  @Test func `64 bits beyond 2 to the 53 are rounded, their code for no reading still matches`() {
    let all = [UInt16](repeating: 0xFFFF, count: 4)
    #expect(value(point(.u64), all).value == 0x1p64)
    #expect(value(point(.u64, invalid: [.equals(0x1p64)]), all) == .bad(.invalidCode))
  }

  @Test func `outside its valid range a value is doubtful but there`() {
    let ranged = point(.u16, valid: 0...50)
    #expect(value(ranged, [51]) == Reading(value: 51, quality: .uncertain(.outsideValidRange)))
    #expect(value(ranged, [50]).quality == .good)
  }
}
