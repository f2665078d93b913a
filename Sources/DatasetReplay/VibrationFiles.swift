import Foundation

/// One column of numbers out of a CSV file.
enum CSVColumn {
  static func contents(of data: Data, path: String, column: String?) -> VibrationRecord.Contents {
    guard VibrationRecord.looksLikeText(data) else {
      return .init(problems: ["\(path): is no text; give --format f32 or wav"])
    }
    let text = String(decoding: data, as: UTF8.self)
    // Numbered as an editor does, blank ones and all.
    var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .enumerated().map { Line(number: $0.offset + 1, text: $0.element) }
    lines.removeAll { $0.text.isEmpty }
    let separator = lines.first.map { Self.separator(of: $0.text) } ?? ","
    guard let first = lines.first?.text else {
      return .init(problems: ["\(path): is empty; export the record again"])
    }
    let head = cells(first, separator)
    let hasHeader = head.contains { number($0, separator) == nil && !$0.isEmpty }
    let names = hasHeader ? head : head.indices.map { "column \($0 + 1)" }
    if hasHeader { lines.removeFirst() }
    let index: Int
    switch choose(column, names, hasHeader) {
    case .success(let chosen): index = chosen
    case .failure(let problem): return .init(problems: ["\(path): \(problem.text)"])
    }
    return read(lines, index, separator, path)
  }

  private struct Line {
    var number: Int
    var text: Substring
  }

  private struct Trouble: Error {
    var text: String
  }

  private static func choose(
    _ column: String?,
    _ names: [String],
    _ hasHeader: Bool
  ) -> Result<Int, Trouble> {
    let list = names.joined(separator: ", ")
    if let column {
      if let named = names.firstIndex(where: { $0.lowercased() == column.lowercased() }) {
        return .success(named)
      }
      if let position = Int(column), names.indices.contains(position - 1) {
        return .success(position - 1)
      }
      return .failure(Trouble(text: "has no column '\(column)'; there are \(list)"))
    }
    let others = names.indices.filter { !["time", "t", "index"].contains(names[$0].lowercased()) }
    if others.count == 1 { return .success(others[0]) }
    return .failure(Trouble(text: "has several columns; choose one with --column: \(list)"))
  }

  private static func read(
    _ lines: [Line],
    _ index: Int,
    _ separator: Character,
    _ path: String
  ) -> VibrationRecord.Contents {
    var contents = VibrationRecord.Contents()
    contents.values.reserveCapacity(lines.count)
    var bad: (line: Int, text: String)?
    var count = 0
    for line in lines {
      let row = cells(line.text, separator)
      let cell = row.indices.contains(index) ? row[index] : ""
      if let value = number(cell, separator) {
        contents.values.append(value)
      } else {
        count += 1
        if bad == nil { bad = (line.number, cell) }
      }
    }
    if let bad {
      contents.problems.append(
        "\(path): line \(bad.line): '\(bad.text.prefix(30))' is no number"
          + (count > 1 ? " (and \(count - 1) more)" : "")
          + "; export the record again, one sample a line"
      )
    }
    return contents
  }

  /// A semicolon goes with decimal commas, as French tools write.
  private static func separator(of line: Substring) -> Character {
    for candidate: Character in [";", "\t", ","] where line.contains(candidate) { return candidate }
    return ","
  }

  private static func cells(_ line: Substring, _ separator: Character) -> [String] {
    line.split(separator: separator, omittingEmptySubsequences: false)
      .map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " \"\r")) }
  }

  private static func number(_ cell: String, _ separator: Character) -> Float? {
    Float(separator == "," ? cell : cell.replacingOccurrences(of: ",", with: "."))
  }
}

/// One channel of a WAV file: PCM of 16, 24 or 32 bits, or 32-bit floats.
enum WaveFile {
  static func contents(of data: Data, path: String, channel: String?) -> VibrationRecord.Contents {
    let bytes = [UInt8](data)
    guard bytes.count >= 44, tag(bytes, 0) == "RIFF", tag(bytes, 8) == "WAVE" else {
      return .init(problems: ["\(path): is no WAV file; give --format csv or f32"])
    }
    var format: (code: Int, channels: Int, rate: Int, bits: Int)?
    var position = 12
    while position + 8 <= bytes.count {
      let name = tag(bytes, position)
      let size = whole(bytes, position + 4, 4)
      let start = position + 8
      if name == "fmt ", start + 16 <= bytes.count {
        var code = whole(bytes, start, 2)
        // Extensible: the real code follows in the sub-format.
        if code == 0xFFFE, size >= 26, start + 26 <= bytes.count {
          code = whole(bytes, start + 24, 2)
        }
        format = (
          code, whole(bytes, start + 2, 2), whole(bytes, start + 4, 4), whole(bytes, start + 14, 2)
        )
      } else if name == "data", let format {
        let end = min(bytes.count, start + size)
        return samples(bytes[start..<end], format, path, channel)
      }
      position = start + size + size % 2
    }
    return .init(problems: ["\(path): is damaged, it holds no sound; export it again"])
  }

  private static func samples(
    _ bytes: ArraySlice<UInt8>,
    _ format: (code: Int, channels: Int, rate: Int, bits: Int),
    _ path: String,
    _ channel: String?
  ) -> VibrationRecord.Contents {
    let isFloat = format.code == 3 && format.bits == 32
    let isWhole = format.code == 1 && [16, 24, 32].contains(format.bits)
    guard isFloat || isWhole, format.channels > 0, format.rate > 0 else {
      return .init(problems: [
        "\(path): holds sound of kind \(format.code) with \(format.bits) bits; "
          + "export it as PCM of 16, 24 or 32 bits or as 32-bit float"
      ])
    }
    guard let chosen = Int(channel ?? "1"), (1...format.channels).contains(chosen) else {
      return .init(problems: [
        "\(path): has \(format.channels) channels; choose one with --column 1 to \(format.channels)"
      ])
    }
    let width = format.bits / 8
    let step = width * format.channels
    let base = Array(bytes)
    let count = base.count / step
    var values: [Float] = []
    values.reserveCapacity(count)
    for frame in 0..<count {
      let raw = whole(base, frame * step + (chosen - 1) * width, width)
      if isFloat {
        values.append(Float(bitPattern: UInt32(raw)))
      } else {
        let half = 1 << (format.bits - 1)
        let signed = raw >= half ? raw - 2 * half : raw
        values.append(Float(Double(signed) / Double(half)))
      }
    }
    return .init(values: values, rateHertz: Double(format.rate))
  }

  private static func tag(_ bytes: [UInt8], _ position: Int) -> String {
    String(decoding: bytes[position..<position + 4], as: UTF8.self)
  }

  private static func whole(_ bytes: [UInt8], _ position: Int, _ width: Int) -> Int {
    (0..<width).reduce(0) { $0 | Int(bytes[position + $1]) << (8 * $1) }
  }
}
