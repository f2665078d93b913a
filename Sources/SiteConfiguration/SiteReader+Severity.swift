import ConditionModel
import DataAcquisition
import StateDetection

extension SiteReader {
  /// The zones for each location with velocity channels, and a note on where they come from.
  mutating func severityRules(_ machines: [Located.Entry]) -> [SeverityRule] {
    var rules: [SeverityRule] = []
    for (machine, asset) in zip(machines, assets) {
      let velocities = channels.filter { $0.asset == asset.id && $0.quantity == .velocityRMS }
      guard !velocities.isEmpty, let judge = judge(machine, asset) else { continue }
      var locations: [String] = []
      for channel in velocities where !locations.contains(channel.location) {
        locations.append(channel.location)
      }
      for location in locations {
        let inUnit = velocities.filter { $0.location == location && $0.unit == "mm/s" }
        let here = inUnit.filter { sources[Int($0.id.index)].reachesWholeBand }
        if here.count < inUnit.count {
          note(
            .warning,
            machine,
            "'\(location)' has blocks below 2000 samples per second, whose velocity does not reach to the "
              + "1000 Hz of the standards: no zones by them",
            "measure at a higher rate, or give your own: 'severity: { alert above: 4.5 mm/s, alarm "
              + "above: 7.1 mm/s }'"
          )
        }
        guard !inUnit.isEmpty else {
          note(
            .warning,
            machine,
            "'\(location)' has its vibration velocity in another unit than mm/s: no zones",
            "scale it to mm/s in the profile (25.4 for in/s)"
          )
          continue
        }
        guard !here.isEmpty else { continue }
        let periods = here.map { sources[Int($0.id.index)].period }
        let alarmDelay = commonOnDelay ?? max(.seconds(60), (periods.max() ?? .zero) * 3)
        rules.append(
          SeverityRule(
            channels: here.map(\.id),
            standard: judge.standard,
            boundaryAB: judge.boundaries[0],
            boundaryBC: judge.boundaries[1],
            boundaryCD: judge.boundaries[2],
            alertDelay: commonOnDelay ?? max(.seconds(900), alarmDelay),
            alarmDelay: alarmDelay
          )
        )
      }
    }
    return rules
  }

  /// Adds the boundaries that the site file gives for a machine, as limits of its velocities.
  ///
  /// Limits of a single point come before those of its machine.
  mutating func addOwnSeverity(_ machines: [Located.Entry], to rules: inout [ChannelRules]) {
    for (machine, asset) in zip(machines, assets) {
      guard let own = machine.value["severity"], let alert = own["alert above"]?.measure,
        let alarm = own["alarm above"]?.measure, let alarmPosition = own.entry("alarm above")
      else { continue }
      if alarm.converted(to: alert.unit) <= alert.value {
        error(
          alarmPosition.keyPosition,
          "the alarm above \(alarm.shown) comes before the alert above \(alert.shown)",
          "the alarm is the worse of the two: swap them"
        )
        continue
      }
      let velocities = channels.filter { $0.asset == asset.id && $0.quantity == .velocityRMS }
      if velocities.isEmpty, !problems.hasErrors {
        note(
          .warning,
          machine,
          "no point of '\(asset.name)' is a velocity rms, so 'severity' does nothing",
          "remove it, or use 'limits'"
        )
      }
      for channel in velocities where rules[Int(channel.id.index)].limits.isEmpty {
        guard let unit = Unit.code(channel.unit), unit.dimension == .velocity else { continue }
        let limit = alarm.converted(to: unit)
        let period = sources[Int(channel.id.index)].period
        let delay = commonOnDelay ?? max(.seconds(60), period * 3)
        rules[Int(channel.id.index)].limits = [
          LimitRule(
            side: .above,
            alert: alert.converted(to: unit),
            alarm: limit,
            deadband: limit * 0.1,
            onDelay: delay,
            offDelay: delay,
            onlyWhileRunning: false
          )
        ]
      }
    }
  }

  private mutating func judge(
    _ machine: Located.Entry,
    _ asset: Asset
  ) -> (standard: String, boundaries: [Double])? {
    guard machine.value["severity"] == nil else { return nil }
    guard machine.value["kind"]?.text != nil else { return nil }
    let zones = SeverityZones.standard
    if let reason = zones.reasonsWithout[asset.kind] {
      note(
        .note,
        machine,
        "no severity zones for '\(asset.name)': \(reason)",
        "give your own: 'severity: { alert above: 4.5 mm/s, alarm above: 7.1 mm/s }'"
      )
      return nil
    }
    if let speed = asset.ratedSpeedRPM, speed < 120 {
      note(
        .note,
        machine,
        "no severity zones for '\(asset.name)': the standards begin at 120 rpm",
        "give your own: 'severity: { alert above: 4.5 mm/s, alarm above: 7.1 mm/s }'"
      )
      return nil
    }
    return standardZone(machine, asset, in: zones)
  }

  private mutating func standardZone(
    _ machine: Located.Entry,
    _ asset: Asset,
    in zones: SeverityZones
  ) -> (standard: String, boundaries: [Double])? {
    var assumptions: [String] = []
    let power = asset.ratedPowerKilowatts ?? 75
    let mounting = asset.mounting ?? .rigid
    func zone(_ power: Double, _ mounting: Mounting) -> SeverityZones.Zone? {
      zones.zone(for: asset.kind, powerKilowatts: power, mounting: mounting)
    }
    guard let chosen = zone(power, mounting) else { return nil }
    if asset.ratedPowerKilowatts == nil,
      zone(5, mounting)?.standard != chosen.standard
        || zone(500, mounting)?.standard != chosen.standard
    {
      assumptions.append(
        "'power' is missing, \(chosen.powerAboveKilowatts.shown) to \(chosen.powerUpToKilowatts.shown) kW is assumed"
      )
    }
    if asset.mounting == nil, zone(power, .flexible)?.standard != chosen.standard {
      assumptions.append("'mounting' is missing, rigid is assumed")
    }
    if let speed = asset.ratedSpeedRPM, speed < 600 {
      assumptions.append("below 600 rpm the standard asks for a sensor that begins at 2 Hz")
    }
    let limits = chosen.boundaries.map(\.shown)
    note(
      assumptions.isEmpty ? .note : .warning,
      machine,
      ([
        "'\(asset.name)' is judged by \(chosen.standard): alert from \(limits[1]), alarm from "
          + "\(limits[2]) mm/s"
      ] + assumptions).joined(separator: "; "),
      "compare these limits with the standard itself (confidence \(chosen.confidence))"
    )
    return (chosen.standard, chosen.boundaries)
  }

  /// Says something of a machine or a part of it, beside its name.
  mutating func note(
    _ severity: Problem.Severity,
    _ entry: Located.Entry,
    _ message: String,
    _ mend: String
  ) {
    problems.add(severity, file, entry.keyPosition, message, mend)
  }
}
