import ConditionModel
import DataAcquisition
import PlantSimulation
import Testing

struct RegisterEncoderTests {
  private static let types: [RegisterType] = [
    .u8Low, .u8High, .u16, .s16, .u32, .s32, .u64, .s64, .f32, .f64,
  ]

  private func point(
    _ type: RegisterType,
    _ order: WordOrder = .abcd,
    bitField: BitField? = nil,
    scaling: Scaling = .linear(scale: 1, offset: 0),
    invalidCodes: [InvalidCode] = []
  ) -> PointDefinition {
    PointDefinition(
      name: "p",
      table: .holding,
      address: 0,
      type: type,
      wordOrder: order,
      bitField: bitField,
      scaling: scaling,
      unit: "1",
      quantity: .other,
      invalidCodes: invalidCodes
    )
  }

  /// Reads the raw number as a manual describes it, byte by byte.
  private func decoded(_ words: [UInt16], _ type: RegisterType, _ order: WordOrder) -> Double {
    var bytes = words.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
    switch order {
    case .abcd: break
    case .cdab:
      bytes = stride(from: bytes.count - 2, through: 0, by: -2).flatMap { bytes[$0...($0 + 1)] }
    case .badc:
      bytes = stride(from: 0, to: bytes.count, by: 2).flatMap { [bytes[$0 + 1], bytes[$0]] }
    case .dcba: bytes.reverse()
    }
    switch type {
    case .u8Low: return Double(bytes[1])
    case .u8High: return Double(bytes[0])
    default: break
    }
    let bits = bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return switch type {
    case .s16: Double(Int16(truncatingIfNeeded: bits))
    case .s32: Double(Int32(truncatingIfNeeded: bits))
    case .s64: Double(Int64(bitPattern: bits))
    case .f32: Double(Float(bitPattern: UInt32(bits)))
    case .f64: Double(bitPattern: bits)
    default: Double(bits)
    }
  }

  @Test(arguments: types, WordOrder.allCases)
  func `what is encoded reads back, in every type and word order`(
    type: RegisterType,
    order: WordOrder
  ) {
    for value in [0, 1, 77, 200, 12_345, 65_535, 3_000_000, -1, -32_000, -2_000_000_000] {
      let point = point(type, order)
      let words = RegisterEncoder.words(for: .value(Double(value)), of: point)
      #expect(words.values.count == type.registerCount)
      let expected = RegisterEncoder.rounded(Double(value), by: point)
      #expect(decoded(words.values, type, order) == expected, "\(value)")
    }
  }

  @Test(arguments: [
    (RegisterType.u16, 65_536.0, 65_535.0), (.u16, -1, 0), (.s16, 40_000, 32_767),
    (.s16, -40_000, -32_768), (.u8Low, 256, 255), (.u32, -5, 0), (.s32, 3e9, 2_147_483_647),
  ])
  func `a value beyond the type is sent as the end of its range`(
    type: RegisterType,
    value: Double,
    expected: Double
  ) {
    let words = RegisterEncoder.words(for: .value(value), of: point(type))
    #expect(decoded(words.values, type, .abcd) == expected)
    #expect(RegisterEncoder.rounded(value, by: point(type)) == expected)
  }

  @Test func `known values have the words that makers print`() {
    #expect(RegisterEncoder.words(for: .value(1), of: point(.f32)).values == [0x3F80, 0])
    #expect(RegisterEncoder.words(for: .value(1), of: point(.f32, .cdab)).values == [0, 0x3F80])
    #expect(RegisterEncoder.words(for: .value(1), of: point(.f32, .badc)).values == [0x803F, 0])
    #expect(RegisterEncoder.words(for: .value(1), of: point(.f32, .dcba)).values == [0, 0x803F])
    #expect(RegisterEncoder.words(for: .value(-2), of: point(.s32)).values == [0xFFFF, 0xFFFE])
  }

  @Test func `scaling is undone before the value is rounded`() {
    let linear = point(.u16, scaling: .linear(scale: 0.001, offset: 0))
    #expect(RegisterEncoder.words(for: .value(4.9), of: linear).values == [4_900])
    #expect(RegisterEncoder.rounded(4.900_4, by: linear) == 4.9)
    let loop = point(
      .u16,
      scaling: .twoPoint(rawLow: 4_000, rawHigh: 20_000, low: 0, high: 10)
    )
    #expect(RegisterEncoder.words(for: .value(2.5), of: loop).values == [8_000])
    #expect(RegisterEncoder.rounded(2.5, by: loop) == 2.5)
  }

  @Test func `the exponent is the finest with which the value fits`() {
    let point = point(.s16, scaling: .exponentRegister(address: 9))
    #expect(RegisterEncoder.exponent(for: 12.5, of: point) == -3)
    #expect(RegisterEncoder.exponent(for: 11_000, of: point) == 0)
    #expect(RegisterEncoder.exponent(for: 5_000_000, of: point) == 3)
    #expect(RegisterEncoder.words(for: .value(12.5), of: point, exponent: -3).values == [12_500])
    #expect(RegisterEncoder.rounded(5_000_400, by: point, exponent: 3) == 5_000_000)
  }

  @Test func `a field of bits leaves its neighbours alone`() {
    let field = BitField(lowest: 4, count: 3)
    let words = RegisterEncoder.words(for: .value(5), of: point(.u16, bitField: field))
    #expect(words.values == [0x50])
    #expect(words.masks == [0x70])
    let over = RegisterEncoder.words(for: .value(99), of: point(.u16, bitField: field))
    #expect(over.values == [0x70])
    let signed = RegisterEncoder.words(for: .value(-3), of: point(.s16, bitField: field))
    #expect(signed.values == [0x50])
    #expect(RegisterEncoder.rounded(9, by: point(.s16, bitField: field)) == 3)
    let high = RegisterEncoder.words(for: .value(200), of: point(.u8High))
    #expect(high.values == [0xC800])
    #expect(high.masks == [0xFF00])
  }

  @Test func `an unplugged sensor sends the code that the profile names`() {
    func invalid(_ type: RegisterType, _ codes: [InvalidCode]) -> [UInt16] {
      RegisterEncoder.words(for: .invalid, of: point(type, invalidCodes: codes)).values
    }
    #expect(invalid(.s32, [.equals(2_147_483_647)]) == [0x7FFF, 0xFFFF])
    #expect(invalid(.s16, [.above(6_085), .below(-1_385)]) == [6_086])
    #expect(invalid(.s16, [.below(-1_385)]) == [UInt16(bitPattern: -1_386)])
    #expect(decoded(invalid(.f32, []), .f32, .abcd).isNaN)
    #expect(invalid(.u16, []) == [0xFFFF])
  }
}
