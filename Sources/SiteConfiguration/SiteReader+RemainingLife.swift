import ConditionModel
import MonitoringPipeline
import PrognosticAssessment

extension Shape {
  /// The model of a machine's remaining life.
  static let remainingLife = Shape.record(
    Record(fields: [
      Field(
        "model",
        .text,
        required: true,
        "A model file that 'vigie train' wrote; a relative path begins at the site file.",
        example: "model: spindles.vigielife"
      ),
      Field(
        "sensors",
        .named(of: .text, keys: .points, what: "sensor"),
        required: true,
        "For each sensor that the model reads, by its name in the model: the point of this machine.",
        example: "sensors: { bearing temperature: drive end/temperature }"
      ),
      Field(
        "settings",
        .named(of: .text, keys: .points, what: "setting"),
        "The same for the settings that tell its operating regimes.",
        example: "settings: { load: motor supply/active power }"
      ),
      Field(
        "age",
        .text,
        "The point that counts the machine's age; when left out, age is the hours that it ran since "
          + "it was first read, or since the latest mark of a new part.",
        example: "age: controller/operating hours"
      ),
    ])
  )
}

extension SiteReader {
  /// The models of remaining life, in order of their machines.
  mutating func lifeModels(_ machines: [Located.Entry]) -> [LifeModelRule] {
    var rules: [LifeModelRule] = []
    for (asset, machine) in zip(assets, machines) {
      guard let record = machine.value["remaining life"],
        let model = record["model"].flatMap({ lifeModel($0) })
      else { continue }
      let fleet = model.fleet
      let settings = points(
        record.entry("settings"),
        needed: fleet.settings.map(\.name),
        known: fleet.settings.map(\.name),
        units: fleet.settings.map(\.unit),
        in: record,
        of: machine.key
      )
      let sensors = points(
        record.entry("sensors"),
        needed: model.usedSensors,
        known: fleet.sensors,
        units: fleet.sensorUnits,
        in: record,
        of: machine.key
      )
      guard let age = age(record, of: machine.key, model: model) else { continue }
      rules.append(
        LifeModelRule(
          asset: asset.id,
          model: model,
          age: age,
          settings: settings.compactMap(\.self),
          sensors: sensors
        )
      )
    }
    return rules
  }

  private mutating func lifeModel(_ value: Located) -> LifeModel? {
    guard let path = path(value) else { return nil }
    do throws(FileTrouble) {
      let bytes = try fileBytes(path)
      do throws(ModelError) {
        return try LifeModel(decoding: bytes)
      } catch {
        self.error(value.position, "the model \(path): \(error.problem)", error.mend)
      }
    } catch {
      self.error(value.position, "the model \(path): \(error.message)", error.mend)
    }
    return nil
  }

  /// The channels that a record names for what a model looks at.
  ///
  /// - Parameters:
  ///   - entry: The record, if it is there.
  ///   - needed: Names that must be in it.
  ///   - known: All names of the model, in its order.
  ///   - units: The unit of each, as far as the model knows it.
  ///   - record: Where to point to if it is not there.
  ///   - machine: Whose points are meant.
  /// - Returns: One for each of `known`.
  private mutating func points(
    _ entry: Located.Entry?,
    needed: [String],
    known: [String],
    units: [String],
    in record: Located,
    of machine: String
  ) -> [ChannelID?] {
    var channels = [ChannelID?](repeating: nil, count: known.count)
    var named: [String] = []
    for line in entry?.value.entries ?? [] {
      guard let place = known.firstIndex(of: line.key) else {
        error(
          line.keyPosition,
          "the model has no '\(line.key)'",
          suggestion(for: line.key, in: needed, meaning: "it needs")
        )
        continue
      }
      named.append(line.key)
      guard let name = line.value.text else { continue }
      guard let channel = channel(named: name, of: machine) else {
        reportUnknownChannel(name, of: machine, at: line.value.position)
        continue
      }
      channels[place] = channel.id
      checkUnit(of: channel, named: name, units[place], line)
    }
    let missing = needed.filter { !named.contains($0) }
    if !missing.isEmpty {
      error(
        entry?.keyPosition ?? record.position,
        "the model needs \(missing.map { "'\($0)'" }.joined(separator: ", ")), "
          + "which nothing is named for",
        "name the points that show it, or take a model of the same kind of machine"
      )
    }
    return channels
  }

  /// Reports a point whose values are in another unit than those that the model learned.
  private mutating func checkUnit(
    of channel: Channel,
    named name: String,
    _ learned: String,
    _ line: Located.Entry
  ) {
    guard let learned = Unit.spelled(learned), let own = Unit.code(channel.unit),
      own.dimension != learned.dimension || own.factor != learned.factor
        || own.offset != learned.offset
    else { return }
    error(
      line.value.position,
      "'\(name)' is in \(own.shown), the model learned '\(line.key)' in \(learned.shown)",
      "name a point in \(learned.shown), or scale it to that in its profile"
    )
  }

  /// What tells the age of a machine in the unit of a model.
  private mutating func age(
    _ record: Located,
    of machine: String,
    model: LifeModel
  ) -> LifeModelRule.Age? {
    let unit = Unit.spelled(model.fleet.ageUnit).flatMap { $0.dimension == .duration ? $0 : nil }
    guard let value = record["age"], let name = value.text else {
      if let unit { return .runningHours(perAge: unit.factor / 3_600) }
      error(
        record.position,
        "the model counts age in '\(model.fleet.ageUnit)', and nothing tells it",
        "name the point that counts it: 'age: location/point'"
      )
      return nil
    }
    guard let channel = channel(named: name, of: machine) else {
      reportUnknownChannel(name, of: machine, at: value.position)
      return nil
    }
    let own = Unit.code(channel.unit)
    guard let unit else {
      guard own?.dimension == .number || own == nil else {
        error(
          value.position,
          "'\(name)' is in \(own?.shown ?? channel.unit), the model counts age in "
            + "'\(model.fleet.ageUnit)'",
          "name a point that counts it"
        )
        return nil
      }
      return .counter(channel.id, factor: 1, hoursPerAge: nil)
    }
    guard let own, own.dimension == .duration else {
      error(
        value.position,
        "'\(name)' is in \(own?.shown ?? channel.unit), the model counts age in \(unit.shown)",
        "name a point that counts time"
      )
      return nil
    }
    return .counter(
      channel.id,
      factor: own.factor / unit.factor,
      hoursPerAge: unit.factor / 3_600
    )
  }
}
