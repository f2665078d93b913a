import ConditionModel
import FoundationEssentials
import GRDB
import SampleCoding

/// Translates between the dense numbers of one configuration and the lasting ones of the file.
///
/// Machines and channels are recognised by their names, so what was stored before a change of the
/// site file is still understood after it; what no longer exists is left out.
struct PlantDirectory {
  let plant: Plant
  /// The row of `plant` for this configuration.
  let plantID: Int64
  /// The row of `channel` for each channel of the plant, in its order.
  private let channelRows: [Int64]
  private let channelsByRow: [Int64: ChannelID]
  private let assetsByName: [String: AssetID]
  private var layoutRows: [LayoutKey: Int64] = [:]
  private var layouts: [Int64: Layout] = [:]
  private var translations: [Int64: PlantTranslation] = [:]

  /// A machine and its channels in the order of a frame; `nil` for channels that exist no more.
  struct Layout {
    var asset: AssetID
    var channels: [ChannelID?]
  }

  private struct LayoutKey: Hashable {
    var asset: AssetID
    var channels: [ChannelID]
  }

  /// Finds the plant in the file, and enters what is new; `isPresent` if the agent that starts now
  /// watches it.
  static func registering(
    _ plant: Plant,
    isPresent: Bool = true,
    in database: Database
  ) throws -> PlantDirectory {
    let json = try encodeJSON(plant)
    // A former one that is not there, in a salvaged file, comes before all others.
    let run = isPresent ? "(SELECT coalesce(max(run), 0) + 1 FROM plant)" : "0"
    try database.execute(
      sql: """
        INSERT INTO plant (json, run) VALUES (?, \(run))
        ON CONFLICT (json) DO UPDATE SET run = \(isPresent ? "excluded.run" : "run")
        """,
      arguments: [json]
    )
    for channel in plant.channels {
      try database.execute(
        sql: """
          INSERT OR IGNORE INTO channel (machine, location, point, unit) VALUES (?, ?, ?, ?)
          """,
        arguments: [plant[channel.asset].name, channel.location, channel.point, channel.unit]
      )
    }
    let id = try Int64.fetchOne(
      database,
      sql: "SELECT id FROM plant WHERE json = ?",
      arguments: [json]
    )
    return try PlantDirectory(plant, id: id ?? 0, in: database)
  }

  /// The plant of the agent that started last; `nil` in a file without any.
  static func newest(in database: Database) throws -> PlantDirectory? {
    let row = try Row.fetchOne(
      database,
      sql: "SELECT id, json FROM plant ORDER BY run DESC LIMIT 1"
    )
    guard let row = row else { return nil }
    return try PlantDirectory(
      stored(Plant.self, row.decode(atIndex: 1)),
      id: row.decode(atIndex: 0),
      in: database
    )
  }

  private init(_ plant: Plant, id: Int64, in database: Database) throws {
    self.plant = plant
    plantID = id
    var channelsByRow: [Int64: ChannelID] = [:]
    channelRows = try plant.channels.map { channel in
      let row = try Int64.fetchOne(
        database,
        sql: """
          SELECT id FROM channel WHERE machine = ? AND location = ? AND point = ? AND unit = ?
          """,
        arguments: [plant[channel.asset].name, channel.location, channel.point, channel.unit]
      )
      if let row = row { channelsByRow[row] = channel.id }
      return row ?? 0
    }
    self.channelsByRow = channelsByRow
    assetsByName = Dictionary(
      plant.assets.map { ($0.name, $0.id) },
      uniquingKeysWith: { first, _ in first }
    )
  }

  /// Forgets the rows of layouts that a rolled-back transaction may have taken back.
  mutating func forgetLayouts() {
    layoutRows.removeAll()
  }

  // MARK: - Into the file

  /// The row of `layout` for `channels` of a machine; enters it when it is new.
  mutating func layoutRow(
    _ asset: AssetID,
    _ channels: [ChannelID],
    in database: Database
  ) throws -> Int64 {
    let key = LayoutKey(asset: asset, channels: channels)
    if let known = layoutRows[key] { return known }
    let machine = plant[asset].name
    let rows = "[\(channels.map { "\(channelRows[Int($0.index)])" }.joined(separator: ","))]"
    try database.execute(
      sql: "INSERT OR IGNORE INTO layout (machine, channels) VALUES (?, ?)",
      arguments: [machine, rows]
    )
    let row = try Int64.fetchOne(
      database,
      sql: "SELECT id FROM layout WHERE machine = ? AND channels = ?",
      arguments: [machine, rows]
    )
    guard let row = row else {
      throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a layout vanished")
    }
    layoutRows[key] = row
    return row
  }

  /// Enters `output`; another one of its number and moment, as two starts in 1970 may bring, makes it
  /// a nanosecond later.
  ///
  /// - Returns: Its row, and whether the file did not have it yet.
  mutating func insert(
    _ output: PipelineOutput,
    in database: Database
  ) throws -> (row: Int64, isNew: Bool) {
    let sequence = Int64(bitPattern: output.sequence)
    let search = try database.cachedStatement(
      sql: "SELECT id, plant, sequence, json FROM output WHERE sequence = ? AND time_ns = ?"
    )
    var moment = output.timestamp.nanoseconds
    while let row = try Row.fetchOne(search, arguments: [sequence, moment]) {
      if try self.output(from: row, in: database) == output {
        return (try row.decode(forColumn: "id"), false)
      }
      moment += 1
    }
    try database.cachedStatement(
      sql: """
        INSERT INTO output (plant, sequence, time_ns, machine, kind, json)
        VALUES (?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      plantID, sequence, moment, plant[output.asset].name, output.kind,
      encodeJSON(output.content),
    ])
    return (database.lastInsertedRowID, true)
  }

  // MARK: - Out of the file

  /// The frames of a chunk, a row of the table `chunk` of single values.
  ///
  /// - Returns: Nothing if the machine, or all of its channels in the chunk, exist no more.
  mutating func frames(from row: Row, in database: Database) throws -> [Frame] {
    guard let layout = try layout(row.decode(forColumn: "layout"), in: database),
      let times = ChunkTable.times(of: row)
    else { return [] }
    let chunk: Int64 = try row.decode(forColumn: "id")
    var channels: [ChannelID] = []
    var columns: [(values: [Double], qualities: [Quality])] = []
    for (place, channel) in layout.channels.enumerated() {
      guard let channel, let bytes = try ChunkTable.column(chunk, place, in: database),
        let readings = try? Column.decodeReadings(bytes), readings.values.count == times.count
      else { continue }
      channels.append(channel)
      columns.append((readings.values, readings.qualities.map(Quality.init(storedCode:))))
    }
    guard !channels.isEmpty else { return [] }
    return times.enumerated().map { index, time in
      Frame(
        asset: layout.asset,
        timestamp: Timestamp(nanoseconds: time),
        channels: channels,
        values: columns.map { $0.values[index] },
        qualities: columns.map { $0.qualities[index] }
      )
    }
  }

  /// The layouts that hold `channel`, each with its place in it.
  func places(of channel: ChannelID, in database: Database) throws -> [(layout: Int64, place: Int)]
  {
    let row = channelRows[Int(channel.index)]
    let layouts = try Row.fetchAll(
      database,
      sql: "SELECT id, channels FROM layout WHERE machine = ?",
      arguments: [plant[plant[channel].asset].name]
    )
    return try layouts.compactMap { layout in
      try stored([Int64].self, layout.decode(atIndex: 1)).firstIndex(of: row).map {
        (try layout.decode(atIndex: 0), $0)
      }
    }
  }

  /// The output of a row with the columns `plant`, `sequence`, `json`.
  ///
  /// - Returns: `nil` if its machine exists no more.
  mutating func output(from row: Row, in database: Database) throws -> PipelineOutput? {
    let content = try stored(PipelineOutput.Content.self, row.decode(forColumn: "json"))
    let output = try PipelineOutput(
      sequence: UInt64(bitPattern: row.decode(Int64.self, forColumn: "sequence")),
      content: content
    )
    let origin: Int64 = try row.decode(forColumn: "plant")
    if origin == plantID { return output }
    return try translation(from: origin, in: database)?.translate(output)
  }

  mutating func layout(_ id: Int64, in database: Database) throws -> Layout? {
    if let known = layouts[id] { return known }
    let row = try Row.fetchOne(
      database,
      sql: "SELECT machine, channels FROM layout WHERE id = ?",
      arguments: [id]
    )
    guard let row = row, let asset = assetsByName[try row.decode(atIndex: 0)] else { return nil }
    let rows = try stored([Int64].self, row.decode(atIndex: 1))
    let layout = Layout(asset: asset, channels: rows.map { channelsByRow[$0] })
    layouts[id] = layout
    return layout
  }

  private mutating func translation(
    from origin: Int64,
    in database: Database
  ) throws -> PlantTranslation? {
    if let known = translations[origin] { return known }
    let json = try String.fetchOne(
      database,
      sql: "SELECT json FROM plant WHERE id = ?",
      arguments: [origin]
    )
    guard let json = json else { return nil }
    let made = PlantTranslation(from: try stored(Plant.self, json), to: plant)
    translations[origin] = made
    return made
  }
}

// MARK: - JSON

func encodeJSON(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  encoder.nonConformingFloatEncodingStrategy = .convertToString(
    positiveInfinity: "infinity",
    negativeInfinity: "-infinity",
    nan: "nan"
  )
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}

/// What a row of the database holds as JSON.
///
/// - Throws: What SQLite says of damage where it is none: a page that was torn may look whole to SQLite.
private func stored<Value: Decodable>(_ type: Value.Type, _ json: String) throws -> Value {
  do {
    return try decodeJSON(type, from: json)
  } catch {
    throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a row of text makes no sense")
  }
}

func decodeJSON<Value: Decodable>(_ type: Value.Type, from json: String) throws -> Value {
  let decoder = JSONDecoder()
  decoder.nonConformingFloatDecodingStrategy = .convertFromString(
    positiveInfinity: "infinity",
    negativeInfinity: "-infinity",
    nan: "nan"
  )
  return try decoder.decode(type, from: Data(json.utf8))
}
