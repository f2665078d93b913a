// The model file, format 3. All numbers have their lowest byte first.
//
//   8 bytes   "VIGIELIF"
//   u16       format
//   u32       length of the content
//   content   card · fleet · scale · levels · bins · trees · intervals, as written below
//   u32       CRC-32 of all bytes before it
//
// A text is a u16 length and UTF-8; a list is a u32 count and its items; `f32` is IEEE 754.
//
// Format 2 did not name the units of settings and sensors.
// Format 1 moreover did not say how far rows are apart and when lives begin, and had one health index for all
// regimes, in each of which rows counted alike; its longest slope spans 80 rows instead of 160.

import SignalProcessing

extension LifeModel {
  private static let magic = Array("VIGIELIF".utf8)
  package static let format: UInt16 = 3
  private static let knownFormats: ClosedRange<UInt16> = 1...3

  /// The model as the bytes of a file; the same model gives the same bytes.
  package func encoded() -> [UInt8] {
    var content = ByteWriter()
    card.write(to: &content)
    fleet.write(to: &content)
    content.write(UInt8(regressor.usesAge ? 1 : 0))
    regressor.scale.write(to: &content)
    content.write(levels) { writer, range in
      writer.write(range.lowerBound)
      writer.write(range.upperBound)
    }
    regressor.bins.write(to: &content)
    regressor.trees.write(to: &content)
    content.write(residuals.groups) { writer, group in
      writer.write(group.prediction)
      for offset in group.offsets { writer.write(offset) }
    }
    var file = ByteWriter()
    for byte in Self.magic { file.write(byte) }
    file.write(Self.format)
    file.write(UInt32(content.bytes.count))
    for byte in content.bytes { file.write(byte) }
    file.write(Checksum.of(file.bytes[...]))
    return file.bytes
  }

  /// Reads a model back, or says why it cannot be used.
  package init(decoding bytes: [UInt8]) throws(ModelError) {
    let headerCount = Self.magic.count + 6
    guard bytes.starts(with: Self.magic), bytes.count >= headerCount + 4 else { throw .notAModel }
    var header = ByteReader(bytes[Self.magic.count..<headerCount])
    let format: UInt16 = try header.read()
    guard Self.knownFormats.contains(format) else {
      throw .otherVersion(found: format, known: Self.format)
    }
    let length = Int(try header.read(UInt32.self))
    guard bytes.count == headerCount + length + 4 else { throw .damaged }
    let end = bytes.count - 4
    var tail = ByteReader(bytes[end...])
    guard try tail.read(UInt32.self) == Checksum.of(bytes[..<end]) else { throw .damaged }

    var content = ByteReader(bytes[headerCount..<end])
    let card = try ModelCard(from: &content)
    let fleet = try FleetDescription(from: &content, format: format)
    let usesAge = try content.read(UInt8.self) == 1
    let scale = try ConditionScale(from: &content, fleet: fleet, format: format)
    let levels = try content.readArray { reader throws(ModelError) in
      let low = try reader.readNumber()
      let high = try reader.readNumber()
      guard low <= high else { throw ModelError.senseless("a range is upside down") }
      return low...high
    }
    guard levels.count == scale.sensors.count + 1 else { throw .senseless("lanes without range") }
    let bins = try FeatureBins(
      from: &content,
      featureCount: scale.featureCount(usesAge: usesAge)
    )
    let trees = try BoostedTrees(from: &content, featureCount: bins.featureCount)
    let groups = try content.readArray { reader throws(ModelError) in
      let prediction = try reader.readNumber()
      var offsets: [Float] = []
      for _ in 0..<2 * ResidualTable.shares.count { offsets.append(try reader.readNumber()) }
      return ResidualTable.Group(prediction: prediction, offsets: offsets)
    }
    guard !groups.isEmpty else { throw .senseless("no intervals") }
    guard content.isAtEnd else { throw .senseless("something follows its end") }
    self.init(
      card: card,
      fleet: fleet,
      regressor: LifeRegressor(
        scale: scale,
        usesAge: usesAge,
        horizon: fleet.horizon,
        bins: bins,
        trees: trees
      ),
      residuals: ResidualTable(groups: groups),
      levels: levels
    )
  }
}

extension ModelCard {
  fileprivate func write(to writer: inout ByteWriter) {
    writer.write(subset)
    writer.write(UInt32(failureCount))
    writer.write(UInt32(runningCount))
    writer.write(UInt32(rowCount))
    writer.write(shortestLife)
    writer.write(longestLife)
    writer.write(seed)
    writer.write(fingerprint)
    writer.write(error)
    writer.write(constantError)
    writer.write(coverage) { writer, coverage in
      writer.write(coverage.share)
      writer.write(coverage.covered)
      writer.write(coverage.width)
    }
  }

  fileprivate init(from reader: inout ByteReader) throws(ModelError) {
    subset = try reader.readText()
    failureCount = Int(try reader.read(UInt32.self))
    runningCount = Int(try reader.read(UInt32.self))
    rowCount = Int(try reader.read(UInt32.self))
    shortestLife = try reader.readNumber()
    longestLife = try reader.readNumber()
    seed = try reader.read()
    fingerprint = try reader.read()
    error = try reader.readNumber()
    constantError = try reader.readNumber()
    coverage = try reader.readArray { reader throws(ModelError) in
      Coverage(
        share: try reader.readNumber(),
        covered: try reader.readNumber(),
        width: try reader.readNumber()
      )
    }
  }
}

extension FleetDescription {
  fileprivate func write(to writer: inout ByteWriter) {
    writer.write(name)
    writer.write(ageUnit)
    writer.write(horizon)
    writer.write(settings) { writer, setting in
      writer.write(setting.name)
      writer.write(setting.tolerance)
    }
    writer.write(sensors) { writer, sensor in writer.write(sensor) }
    writer.write(rowStep)
    writer.write(latestStart)
    for unit in settings.map(\.unit) + sensorUnits { writer.write(unit) }
  }

  fileprivate init(from reader: inout ByteReader, format: UInt16) throws(ModelError) {
    name = try reader.readText()
    ageUnit = try reader.readText()
    horizon = try reader.readNumber()
    settings = try reader.readArray { reader throws(ModelError) in
      Setting(name: try reader.readText(), tolerance: try reader.readNumber())
    }
    sensors = try reader.readArray { reader throws(ModelError) in try reader.readText() }
    sensorUnits = sensors.map { _ in "" }
    if format > 1 {
      rowStep = try reader.readNumber()
      latestStart = try reader.readNumber()
    }
    if format > 2 {
      for place in settings.indices { settings[place].unit = try reader.readText() }
      for place in sensors.indices { sensorUnits[place] = try reader.readText() }
    }
    guard horizon > 0, rowStep > 0 else { throw .senseless("its horizon is not positive") }
    guard settings.allSatisfy({ $0.tolerance > 0 }) else {
      throw .senseless("a tolerance is not positive")
    }
  }
}

extension ConditionScale {
  private static func longSpan(of format: UInt16) -> Int { format == 1 ? 80 : LifeWindow.longSpan }

  fileprivate func write(to writer: inout ByteWriter) {
    writer.write(regimes.centres) { $0.write($1) }
    writer.write(sensors) { $0.write(UInt16($1)) }
    writer.write(centres) { $0.write($1) }
    writer.write(inverseScales) { $0.write($1) }
    writer.write(indexWeights) { $0.write($1) }
    writer.write(trusts) { writer, trust in for lane in 0..<8 { writer.write(trust[lane]) } }
  }

  fileprivate init(
    from reader: inout ByteReader,
    fleet: FleetDescription,
    format: UInt16
  ) throws(ModelError) {
    func numbers(_ reader: inout ByteReader) throws(ModelError) -> [Float] {
      try reader.readArray { reader throws(ModelError) in try reader.readNumber() }
    }
    let regimes = OperatingRegimes(
      centres: try numbers(&reader),
      tolerances: fleet.settings.map(\.tolerance)
    )
    guard regimes.count <= OperatingRegimes.limit else {
      throw .senseless("it has more operating regimes than there can be")
    }
    let sensors = try reader.readArray { reader throws(ModelError) in
      Int(try reader.read(UInt16.self))
    }
    let centres = try numbers(&reader)
    let inverseScales = try numbers(&reader)
    var indexWeights = try numbers(&reader)
    var trusts = Self.evenTrusts(regimeCount: regimes.count, sensorCount: sensors.count)
    if format > 1 {
      trusts = try reader.readArray { reader throws(ModelError) in
        var trust = SIMD8<Float>.zero
        for lane in 0..<8 { trust[lane] = try reader.readNumber() }
        return trust
      }
    } else {
      indexWeights = (0..<regimes.count).flatMap { _ in indexWeights }
    }
    self.init(
      regimes: regimes,
      sensors: sensors,
      centres: centres,
      inverseScales: inverseScales,
      indexWeights: indexWeights,
      trusts: trusts
    )
    longSpan = Self.longSpan(of: format)
    guard regimes.count > 0, fleet.settings.isEmpty == regimes.centres.isEmpty,
      regimes.centres.count % max(fleet.settings.count, 1) == 0
    else { throw .senseless("its operating regimes do not fit its settings") }
    guard !sensors.isEmpty, sensors.allSatisfy(fleet.sensors.indices.contains),
      centres.count == regimes.count * sensors.count,
      inverseScales.count == centres.count,
      indexWeights.count == regimes.count * (sensors.count + 1),
      trusts.count == regimes.count * vectorCount,
      trusts.allSatisfy({ $0.min() >= 0 })
    else { throw .senseless("its scale does not fit its sensors") }
  }
}

extension FeatureBins {
  fileprivate func write(to writer: inout ByteWriter) {
    for feature in 0..<featureCount {
      let cuts = edges[feature * Self.binCount..<(feature + 1) * Self.binCount]
      let used = cuts.prefix { $0 < .infinity }
      writer.write(UInt8(used.count))
      for cut in used { writer.write(cut) }
    }
  }

  fileprivate init(from reader: inout ByteReader, featureCount: Int) throws(ModelError) {
    var edges: [Float] = []
    for _ in 0..<featureCount {
      let count = Int(try reader.read(UInt8.self))
      guard count < Self.binCount else { throw .senseless("a feature has too many bins") }
      for _ in 0..<count { edges.append(try reader.readNumber()) }
      edges += Array(repeating: .infinity, count: Self.binCount - count)
    }
    self.init(featureCount: featureCount, edges: edges)
  }
}

extension BoostedTrees {
  fileprivate func write(to writer: inout ByteWriter) {
    writer.write(start)
    writer.write((0..<treeCount).map(tree)) { writer, tree in
      writer.write(UInt8(tree.nodes.count))
      for node in tree.nodes {
        writer.write(node.feature)
        writer.write(node.cut)
        writer.write(node.yes)
        writer.write(node.no)
      }
      for leaf in tree.leaves { writer.write(leaf) }
    }
  }

  fileprivate init(from reader: inout ByteReader, featureCount: Int) throws(ModelError) {
    self.init(start: try reader.readNumber())
    let trees = try reader.readArray { reader throws(ModelError) in
      var tree = Tree(nodes: [], leaves: [])
      let count = Int(try reader.read(UInt8.self))
      for place in 0..<count {
        let node = Node(
          feature: try reader.read(),
          cut: try reader.read(),
          yes: try reader.read(),
          no: try reader.read()
        )
        // Ways lead only forwards, so that no question is asked for ever.
        func leads(_ next: Int8) -> Bool {
          next < 0 ? ~next <= count : next > place && next < count
        }
        guard node.feature < featureCount, leads(node.yes), leads(node.no) else {
          throw ModelError.senseless("a tree leads nowhere")
        }
        tree.nodes.append(node)
      }
      for _ in 0...count { tree.leaves.append(try reader.readNumber()) }
      return tree
    }
    for tree in trees { append(tree) }
  }
}
