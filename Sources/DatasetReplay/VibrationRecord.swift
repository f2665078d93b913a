import Foundation

/// A record of acceleration from a file, and what is doubtful about it.
package struct VibrationRecord: Sendable {
  /// In m/s².
  package private(set) var samples: [Float]
  package let sampleRateHertz: Double
  /// What a person should know before relying on a diagnosis, one sentence each.
  package private(set) var remarks: [String] = []

  package enum Format: String, CaseIterable, Sendable {
    /// Little-endian 32-bit floats, nothing else.
    case f32
    /// A column of numbers, with or without a header and other columns.
    case csv
    case wav
  }

  /// How a file is to be read.
  package struct Options: Sendable {
    /// `nil` to go by the file's name.
    package var format: Format?
    /// `nil` where the file tells.
    package var sampleRateHertz: Double?
    /// The column of a CSV file by name or number from 1, or the channel of a WAV file from 1.
    package var column: String?
    /// From the numbers of the file to m/s².
    package var scale: Double

    package init(
      format: Format? = nil,
      sampleRateHertz: Double?,
      column: String? = nil,
      scale: Double = 9.806_65
    ) {
      self.format = format
      self.sampleRateHertz = sampleRateHertz
      self.column = column
      self.scale = scale
    }
  }

  /// Why a file cannot be diagnosed: every reason found, each with its mend.
  package struct Problems: Error, Equatable, CustomStringConvertible {
    package var sentences: [String]

    package var description: String { sentences.joined(separator: "\n") }
  }

  /// What a file holds before it is looked at.
  struct Contents {
    var values: [Float] = []
    /// As the file tells it.
    var rateHertz: Double?
    var problems: [String] = []
  }

  /// - Parameters:
  ///   - path: The file.
  ///   - options: How it is to be read.
  ///   - shaftHertz: The rotation, to tell whether the record is long enough for it.
  /// - Throws: All that stands in the way.
  package init(
    path: String,
    options: Options,
    shaftHertz: Double? = nil
  ) throws(Problems) {
    let data: Data
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      var problems = [
        "\(path): cannot be read; check that it is a file, its name and its permissions"
      ]
      if options.sampleRateHertz != nil { _ = Self.rate(options, Contents(), path, &problems) }
      throw Problems(sentences: problems)
    }
    var problems: [String] = []
    let contents = Self.contents(of: data, path: path, options: options)
    problems += contents.problems
    let rate = Self.rate(options, contents, path, &problems)
    samples = contents.values
    sampleRateHertz = rate ?? 0
    if contents.problems.isEmpty {
      Self.judge(contents.values, options.scale, rate, shaftHertz, path, &problems, &remarks)
    }
    guard problems.isEmpty else { throw Problems(sentences: problems) }
    let scale = Float(options.scale)
    for index in samples.indices { samples[index] *= scale }
  }

  private static func contents(of data: Data, path: String, options: Options) -> Contents {
    if data.isEmpty { return Contents(problems: ["\(path): is empty; export the record again"]) }
    let name = URL(fileURLWithPath: path).pathExtension.lowercased()
    let known = Format(rawValue: name)
    switch options.format ?? known {
    case .f32: return floats(data, path)
    case .csv: return CSVColumn.contents(of: data, path: path, column: options.column)
    case .wav: return WaveFile.contents(of: data, path: path, channel: options.column)
    case nil:
      let formats = Format.allCases.map(\.rawValue).joined(separator: ", ")
      return Contents(problems: ["\(path): of what kind? Give --format, one of \(formats)"])
    }
  }

  private static func floats(_ data: Data, _ path: String) -> Contents {
    if data.starts(with: Data("RIFF".utf8)) {
      return Contents(problems: ["\(path): is a WAV file; give --format wav"])
    }
    if looksLikeText(data) {
      return Contents(problems: ["\(path): is text, not binary floats; give --format csv"])
    }
    guard data.count.isMultiple(of: 4) else {
      return Contents(problems: [
        "\(path): holds \(data.count) bytes, which are no whole 32-bit floats; "
          + "export it as raw little-endian float32 without a header"
      ])
    }
    let values = data.withUnsafeBytes { bytes in
      (0..<bytes.count / 4).map { index in
        Float(
          bitPattern: UInt32(
            littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)
          )
        )
      }
    }
    return Contents(values: values)
  }

  static func looksLikeText(_ data: Data) -> Bool {
    let head = data.prefix(512)
    let printable = head.count { ($0 >= 32 && $0 < 127) || ($0 >= 9 && $0 <= 13) }
    // A constant may have bytes that all are letters; text has something between them.
    return printable == head.count && head.contains { " ,;\t\r\n".utf8.contains($0) }
  }

  private static let rates = 200.0...10_000_000

  private static func rate(
    _ options: Options,
    _ contents: Contents,
    _ path: String,
    _ problems: inout [String]
  ) -> Double? {
    if let told = options.sampleRateHertz {
      guard told.isFinite, rates.contains(told) else {
        problems.append(
          "--rate \(short(told)): acceleration is sampled 200 to 10,000,000 times a second; "
            + "give samples per second, as 12000"
        )
        return nil
      }
      if let own = contents.rateHertz, abs(own / told - 1) > 0.01 {
        problems.append(
          "\(path): says itself \(short(own)) samples a second, --rate says \(short(told)); "
            + "leave out --rate or mend it"
        )
        return nil
      }
      return told
    }
    if let own = contents.rateHertz {
      if rates.contains(own) { return own }
      problems.append(
        "\(path): says itself \(short(own)) samples a second; acceleration is sampled 200 to "
          + "10,000,000 times a second: export the record again with its true rate"
      )
      return nil
    }
    if contents.problems.isEmpty {
      problems.append("\(path): at what rate was it sampled? Give --rate in samples per second")
    }
    return nil
  }
}

/// A number as short as it can be written without loss for a person.
func short(_ value: Double) -> String {
  value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
}
