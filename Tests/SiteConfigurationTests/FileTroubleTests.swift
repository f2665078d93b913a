import ConditionModel
import DataAcquisition
import Foundation
import SiteConfiguration
import Testing

/// Files that cannot be read at all, and what is only said once reading went well.
struct FileTroubleTests {
  @Test func `a file that cannot be read is one sentence`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func said(_ name: String, _ content: Data?) throws -> [String] {
      let file = folder.appending(path: name)
      try content?.write(to: file)
      return errors(load(file.path)).map { $0.replacing("\(folder.path)/", with: "") }
    }
    #expect(
      try said("none.yaml", nil)
        == ["none.yaml: there is no such file; check the path and its capitals"]
    )
    #expect(
      try said("latin.yaml", Data([0x73, 0x69, 0x74, 0x65, 0x3A, 0x20, 0xE9]))
        == ["latin.yaml: the file is not UTF-8 text; save it as UTF-8"]
    )
    #expect(
      try said("huge.yaml", Data(repeating: 0x20, count: 1_048_577)) == [
        "huge.yaml: the file has 1048577 bytes, more than the 1048576 of any honest one; "
          + "check that it is the right file"
      ]
    )
    #expect(
      errors(load(folder.path)) == [
        "\(folder.path): this is not a file; name the file itself, not its folder"
      ]
    )
    for empty in ["", "\n\n", "# only a comment\n", "---\n", "~"] {
      #expect(
        try said("empty.yaml", Data(empty.utf8))
          == ["empty.yaml: the file is empty; start from an example in deploy/examples"]
      )
    }
  }

  @Test func `a file without structure, or with an invisible character, is told apart`() {
    #expect(
      errors(readSite("just a text")) == [
        "site.yaml:1:1: the file must be a record of keys and values; "
          + "write for example 'site: workshop'"
      ]
    )
    #expect(
      errors(readSite("site: a\nname: b\u{7}")) == [
        "site.yaml:2:8: not valid YAML: control characters are not allowed; "
          + "remove the invisible character"
      ]
    )
  }

  @Test func `of very many problems the first thousand are said`() {
    let machines = (0..<5_000).map { "  m\($0): {}" }.joined(separator: "\n")
    let text = "site: s\ngateway: g\nbuses: { b: { host: h } }\nmachines:\n\(machines)"
    #expect(errors(readSite(text)).count == 1_000)
  }

  @Test func `line ends and the mark of Windows change nothing`() throws {
    let windows = "\u{FEFF}" + goodSite.replacing("\n", with: "\r\n")
    #expect(try readSite(windows).get() == readSite(goodSite).get())
    let wrong = windows.replacing("power: 11 kW", with: "power: 11 kW\r\n    power: 12")
    #expect(
      errors(readSite(wrong)) == [
        "site.yaml:9:5: key 'power' is given more than once; keep one of them and remove the others",
        "site.yaml:10:12: 'power' needs a unit; write '12 kW' if that is meant",
      ]
    )
  }

  @Test func `doubled keys do not hide the other problems, however they are written`() {
    let text = """
      site: a
      "gateway": b
      gateway: c
      buses: { ü: { host: h, host: i }, b: { host: h, 'port': 1, port: x } }
      machines: { m: { kind: fan, points: {} } }
      """
    #expect(
      errors(readSite(text)) == [
        "site.yaml:2:1: key 'gateway' is given more than once; keep one of them and remove the others",
        "site.yaml:4:15: key 'host' is given more than once; keep one of them and remove the others",
        "site.yaml:4:49: key 'port' is given more than once; keep one of them and remove the others",
        "site.yaml:4:66: 'port' must be a whole number, not 'x'; write for example 'port: 502'",
        "site.yaml:5:37: 'points' must name at least one location; write for example "
          + "'points: { drive end: { device: banner/qm30vt2, bus: line-1, unit: 5 } }'",
      ]
    )
  }

  @Test func `aliases of aliases do not fill the memory`() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1..<9 {
      let names = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(names)]\n"
    }
    #expect(
      errors(readSite(text)).contains {
        $0.hasSuffix(
          "the file has more than 100000 parts; write it without aliases ('*name') that repeat one "
            + "another"
        )
      }
    )
  }

  @Test func `problems of a profile carry the name of its file`() {
    let broken = ProfileLibrary(texts: [
      "acme/vibration": goodProfile.replacing("type: s16", with: "type: s17"),
      "acme/meter": meterProfile,
    ])
    let text = goodSite.replacing("kind: ", with: "knd: ")
    #expect(
      errors(readSite(text, profiles: broken)) == [
        "site.yaml:7:3: 'kind' is missing in 'pump-3'; add for example 'kind: centrifugal pump'",
        "site.yaml:8:5: unknown key 'knd'; did you mean 'kind'?",
        "acme/vibration.yaml:12:36: 'type' cannot be 's17'; did you mean 's16'?",
      ]
    )
  }

  @Test func `an overloaded bus is an error, a busy one a warning, with the load`() throws {
    let load: SiteFile.BusLoad = { $0.name == "press" ? 1.204 : 0.85 }
    #expect(
      errors(readSite(goodSite, busLoad: load)) == [
        "site.yaml:5:3: the bus 'press' would be busy 120 % of the time; read less often "
          + "('every'), read fewer points ('only'), or raise the baud rate"
      ]
    )
    let site = try readSite(goodSite, busLoad: { $0.name == "press" ? 0.5 : 0.85 }).get()
    #expect(
      site.remarks.filter { $0.severity == .warning }.map(\.description) == [
        "site.yaml:4:3: warning: the bus 'line-1' is busy 85 % of the time, which leaves little "
          + "for repeats; read less often ('every'), read fewer points ('only'), or raise the baud "
          + "rate"
      ]
    )
  }

  @Test func `what is read but not used yet is said, and stands in nobody's way`() throws {
    let settings = """
      mqtt: { broker: mqtt://localhost, formats: [json, sparkplug], commands: [acknowledge] }
      alerts: { false alerts: 1 per machine and month }
      machines:
      """
    let text = goodSite.replacing("machines:", with: settings)
      .replacing("every: 1 s }", with: "every: 1 s, bearing: 6309 }")
    let said = try readSite(text).get().remarks.filter { $0.severity == .warning }
    #expect(
      said.map(\.description) == [
        "site.yaml:6:73: warning: without 'rebirth' a Sparkplug host that missed a message stays "
          + "without the tags; add 'rebirth'",
        "site.yaml:15:78: warning: 'bearing' is for blocks of samples, and none of acme/vibration is "
          + "read here; remove it, or measure here with a device that has 'blocks'",
      ]
    )
  }

  @Test func `a bus without devices, and a device with other settings, are mentioned`() throws {
    let profile = goodProfile.replacing(
      "points:",
      with: "serial: { baud: 9600, parity: even, stop bits: 1 }\npoints:"
    )
    let library = ProfileLibrary(texts: ["acme/vibration": profile, "acme/meter": meterProfile])
    let text = goodSite.replacing("  press:", with: "  spare: { host: 10.0.0.1 }\n  press:")
    let said = try readSite(text, profiles: library).get().remarks.map(\.description)
    #expect(
      said == [
        "site.yaml:5:3: warning: no device is on the bus 'spare'; remove it, or name it in a device",
        "site.yaml:8:3: note: 'pump-3' is judged by ISO 10816-7, category II, ≤ 200 kW: alert "
          + "from 5.1, alarm from 8.5 mm/s; compare these limits with the standard itself "
          + "(confidence B)",
        "site.yaml:14:28: note: acme/vibration is delivered with 9600 8E1, 'line-1' runs with "
          + "19200 8N1; make sure that the device is set to 19200 8N1",
      ]
    )
    let fixed = profile.replacing("stop bits: 1 }", with: "stop bits: 1, bauds: [4800, 9600] }")
    #expect(
      errors(
        readSite(
          goodSite,
          profiles: ProfileLibrary(texts: ["acme/vibration": fixed, "acme/meter": meterProfile])
        )
      ) == [
        "site.yaml:13:28: acme/vibration cannot be set to the 19200 baud of 'line-1'; known are: "
          + "4800, 9600; put it on another bus, or change the whole bus"
      ]
    )
  }

  private func load(_ path: String) -> Result<Site, ConfigurationProblems> {
    Result { () throws(ConfigurationProblems) in
      try SiteFile.load(path: path, profileDirectories: [])
    }
  }
}
