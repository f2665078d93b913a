import DatasetReplay
import Foundation
import SignalProcessing
import Testing

struct VibrationRecordTests {
  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("vigie-record-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private func noise(_ count: Int = 4_000) -> [Float] {
    var random = SeededGenerator(seed: 1)
    return (0..<count).map { _ in Float(random.normal()) }
  }

  private func write(_ samples: [Float], _ name: String = "a.f32") throws -> String {
    try write(samples.withUnsafeBytes { Data($0) }, name)
  }

  private func write(_ data: Data, _ name: String) throws -> String {
    let file = folder.appendingPathComponent(name)
    try data.write(to: file)
    return file.path
  }

  private func problems(
    _ path: String,
    rate: Double? = 12_000,
    shaft: Double? = 50,
    column: String? = nil
  ) -> String {
    do throws(VibrationRecord.Problems) {
      _ = try VibrationRecord(
        path: path,
        options: .init(sampleRateHertz: rate, column: column),
        shaftHertz: shaft
      )
      return ""
    } catch {
      return "\(error)"
    }
  }

  @Test func `floats are read as they are, in metres per second squared`() throws {
    let samples = noise()
    let record = try VibrationRecord(
      path: write(samples),
      options: .init(sampleRateHertz: 12_000, scale: 2)
    )
    #expect(record.samples == samples.map { $0 * 2 })
    #expect(record.sampleRateHertz == 12_000)
    #expect(record.remarks.isEmpty)
  }

  @Test(arguments: [(",", "."), (";", ","), ("\t", ".")])
  func `a column of a table is read, with decimal commas too`(
    separator: String,
    mark: String
  ) throws {
    let samples = noise(2_000)
    var text = ["time", "de", "fe"].joined(separator: separator) + "\r\n"
    for (index, sample) in samples.enumerated() {
      let cells = ["\(index)", "\(sample)".replacingOccurrences(of: ".", with: mark), "1"]
      text += cells.joined(separator: separator) + "\r\n"
    }
    let path = try write(Data(text.utf8), "a.csv")
    for column in ["de", "2"] {
      let record = try VibrationRecord(
        path: path,
        options: .init(sampleRateHertz: 12_000, column: column, scale: 1)
      )
      #expect(record.samples == samples)
    }
    #expect(problems(path).contains("choose one with --column: time, de, fe"))
    #expect(problems(path, column: "ze").contains("there are time, de, fe"))
  }

  /// A WAV file of two channels, the first silent.
  private func sound(_ values: [Float], bits: Int, rate: Int) -> Data {
    var sound = Data()
    func append(_ value: Int, _ width: Int) {
      for byte in 0..<width { sound.append(UInt8(truncatingIfNeeded: value >> (8 * byte))) }
    }
    for value in values {
      append(0, bits / 8)
      append(Int(Double(value) * Double(1 << (bits - 1))), bits / 8)
    }
    let body = sound
    sound = Data("RIFF".utf8)
    append(36 + body.count, 4)
    sound += Data("WAVEfmt ".utf8)
    append(16, 4)
    append(1, 2)
    append(2, 2)
    append(rate, 4)
    append(rate * 2 * bits / 8, 4)
    append(2 * bits / 8, 2)
    append(bits, 2)
    sound += Data("data".utf8)
    append(body.count, 4)
    return sound + body
  }

  @Test(arguments: [16, 24, 32])
  func `a channel of a WAV file is read with its own rate`(bits: Int) throws {
    let values = noise(2_000).map { max(-1, min(1, $0 / 8)) }
    let path = try write(sound(values, bits: bits, rate: 48_000), "a.wav")
    let record = try VibrationRecord(
      path: path,
      options: .init(sampleRateHertz: nil, column: "2", scale: 1)
    )
    #expect(record.sampleRateHertz == 48_000)
    let worst = zip(record.samples, values).map { abs($0 - $1) }.max() ?? 1
    #expect(worst <= 1 / Float(1 << (bits - 1)) + 1e-7)
    #expect(problems(path, rate: 44_100).contains("says itself 48000"))
    #expect(problems(path, rate: nil, column: "3").contains("has 2 channels"))
  }

  @Test(arguments: [1, 17, 199])
  func `a WAV file that tells a rate at which nothing is sampled is refused`(rate: Int) throws {
    let values = noise(2_000).map { max(-1, min(1, $0 / 8)) }
    let path = try write(sound(values, bits: 16, rate: rate), "slow.wav")
    let text = problems(path, rate: nil, shaft: nil, column: "2")
    #expect(text.contains("says itself \(rate) samples a second"), "\(text)")
  }

  @Test func `what cannot be diagnosed is refused in a sentence with its mend`() throws {
    var broken = noise()
    broken[77] = .nan
    broken[99] = .infinity
    let cases: [(String, String)] = [
      (try write(Data(), "empty.f32"), "is empty"),
      (try write(Data([1, 2, 3]), "odd.f32"), "no whole 32-bit floats"),
      (try write(Data("time,a\n1,2\n".utf8), "text.f32"), "give --format csv"),
      (try write(noise(), "kind.dat"), "of what kind"),
      (try write(noise(500), "short.f32"), "500 samples are too short"),
      (try write(noise(2_000), "turns.f32"), "turns of the shaft"),
      (try write([Float](repeating: 3, count: 4_000), "flat.f32"), "all samples are 3.0"),
      (try write(broken, "nan.f32"), "2 of 4000 samples are no numbers, the first is sample 78"),
      (try write(noise().map { max(-1, min(1, $0)) }, "clip.f32"), "are clipped at 1"),
      (try write(noise().map { $0 * 1e12 }, "huge.f32"), "no acceleration"),
      (folder.appendingPathComponent("none.f32").path, "cannot be read"),
      (try write(Data("1\n2\nthree\n".utf8), "bad.csv"), "line 3: 'three' is no number"),
      (
        try write(Data("a\r\n\r\n1\r\n\r\n\r\nthree\r\n".utf8), "blank.csv"),
        "line 6: 'three' is no number"
      ),
      (try write(Data("RIFF1234WAVE".utf8), "bad.wav"), "no WAV file"),
    ]
    for (path, expected) in cases {
      let text = problems(path, shaft: path.contains("turns") ? 20 : 50)
      #expect(text.contains(expected), "\(path): \(text)")
    }
    #expect(problems(try write(noise()), rate: nil).contains("Give --rate"))
    #expect(problems(try write(noise()), rate: 5).contains("--rate 5"))
  }

  @Test(arguments: [1e38, -1e38, 1e-38, 1e10])
  func `a scale that makes no acceleration of the numbers is refused`(scale: Double) throws {
    let path = try write(noise())
    let error = try #require(throws: VibrationRecord.Problems.self) {
      try VibrationRecord(path: path, options: .init(sampleRateHertz: 12_000, scale: scale))
    }
    #expect(error.description.contains("no acceleration; check --scale"), "\(error)")
  }

  @Test func `all that is wrong is said at once`() throws {
    let text = problems(try write(noise(500), "short.f32"), rate: -1)
    #expect(text.contains("--rate -1") && text.contains("too short"))
  }

  @Test func `a constant part and some clipped peaks are remarked on`() throws {
    let direct = try VibrationRecord(
      path: write(noise().map { $0 + 50 }),
      options: .init(sampleRateHertz: 12_000, scale: 1)
    )
    #expect(direct.remarks.count == 1)
    #expect(direct.remarks.first?.contains("constant part") == true)
    var clipped = noise(12_000)
    for start in stride(from: 0, to: 12_000, by: 600) {
      for index in start..<start + 4 { clipped[index] = 6 }
    }
    let record = try VibrationRecord(
      path: write(clipped),
      options: .init(sampleRateHertz: 12_000, scale: 1)
    )
    #expect(record.remarks.first?.contains("clipped") == true)
  }
}
