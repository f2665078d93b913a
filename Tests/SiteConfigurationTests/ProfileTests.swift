import ConditionModel
import DataAcquisition
import Foundation
import SiteConfiguration
import Testing

struct ProfileTests {
  private static let library = ProfileLibrary(
    directories: [repository.appending(path: "firmware-configs").path]
  )

  @Test func `the devices of the start are there`() {
    let expected = [
      "banner/qm30vt2", "carlo-gavazzi/em340", "comwintop/8pt100", "danfoss/fc51",
      "eastron/sdm630", "keller/series-30", "machine-saver/trivibe", "witmotion/wtvb01-485",
    ]
    #expect(Set(Self.library.ids).isSuperset(of: expected))
  }

  @Test(arguments: library.ids)
  func `each profile is in order and has several cases`(id: String) throws {
    let (document, remarks) = try Self.library.profile(id)
    #expect(remarks == [])
    #expect(document.profile.id == id)
    #expect(!document.sources.isEmpty)
    let cases = try cases(of: document.profile)
    #expect(cases.count >= 2)
    let tried = Set(cases.flatMap { $0.expectations.map(\.point) })
    #expect(tried.count >= min(document.profile.points.count, 3))
  }

  @Test(arguments: library.ids)
  func `each case reads as expected`(id: String) throws {
    let profile = try Self.library.profile(id).document.profile
    try tryCases(try cases(of: profile), of: profile)
  }

  private func tryCases(_ cases: [ProfileCase], of profile: DeviceProfile) throws {
    for one in cases {
      for expectation in one.expectations {
        let point = try #require(profile.points.first { $0.name == expectation.point })
        let block = try #require(one.block(of: point))
        let reading = RegisterDecoder.decode(point, in: block.words, from: block.firstAddress)
        let label: Comment = "\(profile.id), \(one.name): \(point.name) is \(reading)"
        #expect(reading.quality == expectation.quality, label)
        guard let expected = expectation.value else { continue }
        #expect(abs(reading.value - expected) <= 1e-9 * max(1, abs(expected)), label)
      }
    }
  }

  @Test func `a case that names no point, or lacks a word, is refused`() throws {
    let profile = try Self.library.profile("keller/series-30").document.profile
    let text = """
      profile: keller/series-33
      cases:
        one:
          holding: { 2: 1 }
          expect: { pressure 1: 0, presure 2: 1, temperature: broken }
      """
    let said = errors(
      Result { () throws(ConfigurationProblems) in
        try ProfileCase.parse(text, file: "series-30.yaml", profile: profile)
      }
    )
    #expect(
      said == [
        "series-30.yaml:1:10: these are cases of 'keller/series-33', not of 'keller/series-30'; "
          + "correct the name, or move the file",
        "series-30.yaml:5:15: no raw word is given for all registers of 'pressure 1'; "
          + "add address 2 to 3 under 'holding'",
        "series-30.yaml:5:30: keller/series-30 has no point 'presure 2'; did you mean 'pressure 2'?",
        "series-30.yaml:5:57: 'temperature' cannot be 'broken'; known are: no answer, "
          + "no such address, refused, busy, not reachable, damaged answer, not connected, "
          + "invalid code, not a number, torn block",
      ]
    )
  }

  @Test func `a profile says all that the map needs`() throws {
    let em340 = try Self.library.profile("carlo-gavazzi/em340").document
    #expect(em340.serial?.shown == "9600 8N1")
    #expect(em340.unitNumber == 1)
    #expect(em340.profile.requestLimits.registers == 50)
    let power = try #require(em340.profile.points.first { $0.name == "active power" })
    #expect(
      power
        == PointDefinition(
          name: "active power",
          table: .input,
          address: 40,
          type: .s32,
          wordOrder: .cdab,
          scaling: .linear(scale: 0.1, offset: 0),
          unit: "W",
          quantity: .activePower,
          invalidCodes: [.equals(2_147_483_647)]
        )
    )
  }

  @Test func `all that a point can say is read`() throws {
    let text =
      goodProfile + """

          level: { address: 20, table: input, two point: { raw: [4000, 20000], value: [0, 5] }, invalid: { below: 3600, above: 21000 }, valid: [0, 5], range: [0, 5.2], unit: m, quantity: level, printed: 30021 }
          power: { address: 30, type: s16, exponent register: 31, unit: W, quantity: active power }
          state: { address: 40, bits: { from: 4, count: 2 }, quantity: status word, role: status, meanings: { 2: fault, 0: off, 1: on } }
          gear: { address: 40, bits: { from: 0, count: 4 }, quantity: count, role: status }
          door: { address: 7, table: discrete, quantity: status word, role: status }
          low: { address: 41, type: u8 low, quantity: count }
          high: { address: 41, type: u8 high, quantity: count }
        """
    let profile = try ProfileFile.parse(text, file: "v.yaml", id: "a/v").document.profile
    func point(_ name: String) throws -> PointDefinition {
      try #require(profile.points.first { $0.name == name })
    }
    let level = try point("level")
    #expect(level.scaling == .twoPoint(rawLow: 4_000, rawHigh: 20_000, low: 0, high: 5))
    #expect(level.invalidCodes == [.above(21_000), .below(3_600)])
    #expect(level.validRange == 0...5)
    #expect(level.measuringRange == 0...5.2)
    #expect(level.printedAddress == "30021")
    #expect(try point("power").scaling == .exponentRegister(address: 31))
    let state = try point("state")
    #expect(state.bitField == BitField(lowest: 4, count: 2))
    #expect(state.meanings.map(\.word) == ["off", "on", "fault"])
    #expect(try point("door").type == .bit)
    #expect(try point("high").type == .u8High)
    #expect(try point("serial number").type == .text(registers: 4))
  }

  @Test func `the example of the documentation is in order, and its cases read as they say`() throws
  {
    let blocks = try repositoryText("firmware-configs/README.md").split(separator: "```yaml\n")
      .dropFirst().map { String($0.prefix(upTo: $0.range(of: "```")?.lowerBound ?? $0.endIndex)) }
    try #require(blocks.count == 3)
    // The profile, what a sensor with blocks of samples adds to it, and the cases.
    let (document, remarks) = try ProfileFile.parse(
      blocks[0] + blocks[1],
      file: "README",
      id: "example/vt-200"
    )
    #expect(remarks == [])
    #expect(document.profile.blocks.map(\.name) == ["vibration x"])
    let cases = try ProfileCase.parse(blocks[2], file: "README", profile: document.profile)
    #expect(cases.map(\.name).contains("a broken wire"))
    try tryCases(cases, of: document.profile)
  }

  private func cases(of profile: DeviceProfile) throws -> [ProfileCase] {
    let parts = profile.id.split(separator: "/")
    let path = "firmware-configs/\(parts[0])/cases/\(parts[1]).yaml"
    return try ProfileCase.parse(try repositoryText(path), file: path, profile: profile)
  }
}
