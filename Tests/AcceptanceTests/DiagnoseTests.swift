import Foundation
import ProcessSupport
import Testing

extension ProcessTests {
  struct DiagnoseTests {
    private struct Report: Decodable {
      struct Suspect: Decodable {
        struct Line: Decodable {
          var name: String
          var hertz: Double
          var present: Bool
        }
        var fault: String
        var z: Double
        var confident: Bool
        var lines: [Line]
      }
      var suspects: [Suspect]
      var features: [String: Value]
    }

    /// A number, or a list of numbers.
    private enum Value: Decodable {
      case number(Double)
      case list([Double])

      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Double.self) {
          self = .number(number)
        } else {
          self = .list(try container.decode([Double].self))
        }
      }
    }

    /// Three seconds at 12 kHz of noise in which a 6205 at 29.5 Hz rings at its outer race, or an
    /// unbalance makes a sine of so many g.
    private func record(
      in folder: URL,
      defect: Bool = true,
      unbalance: Double = 0
    ) throws -> String {
      var state: UInt64 = 1
      func uniform() -> Double {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Double(state >> 40) / Double(1 << 24) - 0.5
      }
      var samples = (0..<36_000).map { index in
        Float(uniform() + unbalance * sin(2 * .pi * 29.5 * Double(index) / 12_000))
      }
      var next = 0.0
      while defect, next < 35_000 {
        for offset in 0..<60 {
          let ring = exp(-Double(offset) / 12) * sin(2 * .pi * 3_200 * Double(offset) / 12_000)
          samples[Int(next) + offset] += Float(4 * ring)
        }
        next += 12_000 / (29.5 * 3.583) * (1 + 0.02 * uniform())
      }
      let file = folder.appendingPathComponent("pump.f32")
      try samples.withUnsafeBytes { Data($0) }.write(to: file)
      return file.path
    }

    private func folder() throws -> URL {
      let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("vigie-diagnose-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      return folder
    }

    @Test func `a defect of the outer race is named, as JSON and on a page`() throws {
      let folder = try folder()
      let page = folder.appendingPathComponent("page.html")
      let (code, text) = try RunningProgram.run(
        vigieProgram(),
        [
          "diagnose", try record(in: folder), "--format", "f32", "--rate", "12000", "--shaft",
          "29.5", "--bearing", "6205", "--json", "--report", page.path,
        ]
      )
      #expect(code == 0)
      let report = try JSONDecoder().decode(Report.self, from: Data(text.utf8))
      let first = try #require(report.suspects.first)
      #expect(first.fault == "outer" && first.confident)
      let line = try #require(first.lines.first)
      #expect(line.name == "BPFO" && line.present)
      #expect(abs(line.hertz - 105.7) < 1.5)
      #expect(report.features["velocity_rms"] != nil)
      let html = try String(contentsOf: page, encoding: .utf8)
      #expect(html.components(separatedBy: "<svg").count == 4)
      #expect(html.contains("Outer race") && html.contains("BPFO"))
    }

    @Test(arguments: [["--bearing", "6205"], []])
    func `a page on an unbalance names its lines, and shows the envelope too`(
      bearing: [String]
    ) throws {
      let folder = try folder()
      let page = folder.appendingPathComponent("page.html")
      let file = try record(in: folder, defect: false, unbalance: 0.3)
      let call = ["diagnose", file, "--rate", "12000", "--shaft", "29.5", "--report", page.path]
      let (code, text) = try RunningProgram.run(vigieProgram(), call + bearing)
      #expect(code == 0 && text.hasPrefix("Unbalance"), "\(text)")
      let figures = try String(contentsOf: page, encoding: .utf8).components(separatedBy: "<svg")
      try #require(figures.count == 4)
      #expect(figures[2].contains(">1×</text>"))
      #expect(figures[3].contains("Envelope spectrum"))
      // The lines of the bearing, where one is known.
      #expect(figures[3].contains("stroke-dasharray") == !bearing.isEmpty)
    }

    @Test func `the same in French, by the geometry of the bearing`() throws {
      let (code, text) = try RunningProgram.run(
        vigieProgram(),
        [
          "diagnose", try record(in: try folder()), "--rate", "12000", "--shaft", "29.5",
          "--balls", "9", "--ball-diameter", "0.3126", "--pitch-diameter", "1.537", "--angle", "0",
          "--language", "fr",
        ]
      )
      #expect(code == 0)
      #expect(text.hasPrefix("Bague extérieure du roulement"))
      #expect(text.contains("multiples"))
    }

    @Test func `no fault pattern is an answer`() throws {
      let (code, text) = try RunningProgram.run(
        vigieProgram(),
        [
          "diagnose", try record(in: try folder(), defect: false), "--rate", "12000", "--shaft",
          "29.5", "--bearing", "6205",
        ]
      )
      #expect(code == 0)
      #expect(text.hasPrefix("No fault pattern."))
    }

    @Test func `what a slow record cannot show is named beside what was not found`() throws {
      let call = [
        "diagnose", try record(in: try folder(), defect: false), "--rate", "1600", "--shaft",
        "20", "--bearing", "6205",
      ]
      let (code, text) = try RunningProgram.run(vigieProgram(), call)
      #expect(code == 0)
      #expect(text.contains("Not looked for: inner race of the bearing, outer race"), "\(text)")
      #expect(text.contains("must have 2800 samples per second"), "\(text)")
      #expect(text.contains("Velocity 10 to 800 Hz"), "\(text)")
      let (_, json) = try RunningProgram.run(vigieProgram(), call + ["--json"])
      #expect(json.contains("\"required_rate\":2800"), "\(json)")
    }

    @Test func `a speed in revolutions per minute is asked about`() throws {
      let (code, text) = try RunningProgram.run(
        vigieProgram(),
        [
          "diagnose", try record(in: try folder(), defect: true), "--rate", "12000", "--shaft",
          "1770",
          "--bearing", "6205",
        ]
      )
      #expect(code == 0)
      #expect(text.contains("if these are revolutions per minute, give --shaft 29.5"), "\(text)")
      #expect(text.contains("are --shaft and --rate right?"), "\(text)")
    }

    @Test func `a rate, a speed and a scale may be told negative, and are refused in words`() throws
    {
      let (code, text) = try RunningProgram.run(
        vigieProgram(),
        ["diagnose", try folder().path, "--rate", "-12000", "--shaft", "-29.5", "--scale", "-0"]
      )
      #expect(code == 2)
      for part in ["--rate -12000: ", "--shaft -29.5: ", "--scale -0.0: "] {
        #expect(text.contains(part), "\(text)")
      }
    }

    @Test func `everything wrong with a call is refused at once`() throws {
      let (code, text) = try RunningProgram.run(
        vigieProgram(),
        [
          "diagnose", "/no/such.f32", "--rate", "7", "--bearing", "62O5", "--unit", "mg",
          "--teeth", "1",
        ]
      )
      #expect(code == 2)
      for part in [
        "--bearing 62O5", "did you mean '62", "--unit mg", "--teeth 1", "cannot be read",
      ] {
        #expect(text.contains(part), "\(text)")
      }
    }
  }
}
