import ConditionModel
import DataAcquisition
import Foundation
import PlantSimulation
import ProcessSupport
import SiteConfiguration

extension FuzzTarget {
  /// Words of a device, for each kind of point that a profile can describe.
  static let registers = FuzzTarget(
    name: "registers",
    seeds: {
      (0..<32).map { kind in (0..<24).map { UInt8(truncatingIfNeeded: kind * 37 &+ $0 * 11) } }
    },
    attempt: { bytes in
      var draw = Draw(bytes)
      let point = drawnPoint(&draw)
      let count = 4 + point.width
      let words = (0..<count).map { _ in point.table.holdsBits ? draw.word() & 1 : draw.word() }
      let reading = RegisterDecoder.decode(point, in: words, from: point.address)
      try examine(reading, of: point)
      // Whoever sends what was read is read in the same way.
      guard reading.quality == .good, case .linear(let scale, 0) = point.scaling, scale == 1,
        point.type.registerCount < 4
      else { return }
      let sent = RegisterEncoder.words(for: .value(reading.value), of: point)
      let again = RegisterDecoder.decode(point, in: sent.values, from: point.address)
      try expect(again == reading, "\(point) was read as \(reading), then as \(again)")
    }
  )

  /// Profiles, and the reading of whatever one describes.
  static let profile = FuzzTarget(
    name: "profile",
    seeds: { try profileTexts().map { Array($0.text.utf8) } },
    words: profileWords,
    attempt: { bytes in
      let text = String(decoding: bytes, as: UTF8.self)
      let profile: DeviceProfile
      do throws(ConfigurationProblems) {
        profile = try ProfileFile.parse(text, file: "p.yaml", id: "a/p").document.profile
      } catch {
        try examine(error)
        return
      }
      try examine(profile)
    }
  )

  private static let profileWords = [
    "points:", "blocks:", "address: ", "type: ", "s16", "u64", "f32", "text", "registers: ",
    "scale: ", "offset: ", "unit: ", "bits: ", "invalid: ", "valid: ", "range: ", "exponent: ",
    "table: ", "input", "coil", "order: ", "DCBA", "{ ", " }", "[", "]", ": ", "\n  ", "&a ", "*a",
    "<<: ", "!!binary ", "|\n", "? ", "65535", "0x", "-1", ".inf", ".nan", "period: ", "0 s",
  ]
}

/// All that is read of a device with such a profile is a number or none.
private func examine(_ profile: DeviceProfile) throws {
  for point in profile.points {
    guard case .text = point.type else {
      var first = Int(point.address)
      var last = first + point.width
      if case .exponentRegister(let address) = point.scaling {
        first = min(first, Int(address))
        last = max(last, Int(address) + 1)
      }
      for word: UInt16 in [0, 1, 0x7F80, 0x7FFF, 0x8000, 0xFFFF] {
        let words = [UInt16](repeating: word, count: last - first)
        let reading = RegisterDecoder.decode(point, in: words, from: UInt16(first))
        try examine(reading, of: point)
      }
      continue
    }
  }
  for block in profile.blocks {
    for word: UInt16 in [0, 0x7F80, 0xFFFF] {
      let words = [UInt16](repeating: word, count: block.registerCount)
      try expect(
        block.decode(words).samples.count == block.sampleCount,
        "the block \(block.name) has another number of samples"
      )
    }
  }
}

private func examine(_ reading: Reading, of point: PointDefinition) throws(BrokenLaw) {
  try expect(reading.value.isFinite, "\(point) was read as \(reading)")
  if case .bad = reading.quality {
    try expect(reading.value == 0, "\(point) is bad and has a value: \(reading)")
  }
}

/// A refusal tells what is wrong, where, and what to do.
func examine(_ refusal: ConfigurationProblems) throws(BrokenLaw) {
  let errors = refusal.problems.filter { $0.severity == .error }
  try expect(!errors.isEmpty, "refused without an error: \(refusal)")
  for error in errors {
    try expect(
      !error.message.isEmpty && !error.mend.isEmpty && !error.file.isEmpty,
      "an error without place, reason or mend: \(error)"
    )
  }
}

/// The profiles of the repository, by `maker/model`.
func profileTexts() throws -> [(id: String, text: String)] {
  let folder = packageFolder() + "/firmware-configs"
  let names = try FileManager.default.subpathsOfDirectory(atPath: folder).sorted()
  return try names.filter { $0.hasSuffix(".yaml") && $0.split(separator: "/").count == 2 }.map {
    (String($0.dropLast(5)), try repositoryText("firmware-configs/\($0)"))
  }
}

/// A point such as the register maps of profiles may hold.
private func drawnPoint(_ draw: inout Draw) -> PointDefinition {
  let types: [RegisterType] = [
    .bit, .u8Low, .u8High, .u16, .s16, .u32, .s32, .u64, .s64, .f32, .f64, .text(registers: 2),
  ]
  let type = types[draw.index(below: types.count)]
  let flags = draw.byte()
  let address = draw.word() & 0x7FFF
  var point = PointDefinition(
    name: "p",
    table: type == .bit && flags & 1 == 1 ? .coil : .holding,
    address: address,
    type: type,
    wordOrder: WordOrder.allCases[draw.index(below: 4)],
    unit: "1",
    quantity: .other
  )
  let bits = type.registerCount * 16
  switch type {
  case .f32, .f64, .text: break
  case .u8Low, .u8High:
    if flags & 2 != 0 { point.bitField = BitField(lowest: 1, count: 3) }
  default:
    if flags & 2 != 0, !point.table.holdsBits {
      let lowest = draw.index(below: bits)
      point.bitField = BitField(lowest: lowest, count: 1 + draw.index(below: bits - lowest))
    }
  }
  let low = Double(bitPattern: draw.bits())
  switch flags >> 2 & 3 {
  case 1 where low.isFinite && low != 0: point.scaling = .linear(scale: low, offset: 0)
  case 2 where low.isFinite && abs(low) < 1e9:
    point.scaling = .twoPoint(rawLow: 0, rawHigh: 1_000, low: low, high: low + 1)
  case 3 where !point.table.holdsBits:
    point.scaling = .exponentRegister(address: address + UInt16(point.width))
  default: break
  }
  if flags & 16 != 0, low.isFinite { point.invalidCodes = [.equals(low), .above(1e300)] }
  if flags & 32 != 0, low.isFinite { point.validRange = min(low, 0)...max(low, 1) }
  return point
}
