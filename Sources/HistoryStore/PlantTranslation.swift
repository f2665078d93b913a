import ConditionModel

/// Renumbers what one configuration has written for another, machines and channels by name.
struct PlantTranslation {
  private let assets: [AssetID?]
  private let channels: [ChannelID?]

  init(from origin: Plant, to target: Plant) {
    assets = origin.assets.map { asset in
      target.assets.first { $0.name == asset.name }?.id
    }
    channels = origin.channels.map { channel in
      let machine = origin[channel.asset].name
      return target.channels.first {
        $0.name == channel.name && $0.unit == channel.unit && target[$0.asset].name == machine
      }?.id
    }
  }

  /// The same frame in the target's numbers, without the channels that it no longer has.
  ///
  /// - Returns: `nil` if its machine is gone, or all of its channels.
  func translate(_ frame: Frame) -> Frame? {
    guard let asset = assets[Int(frame.asset.index)] else { return nil }
    var translated = Frame(
      asset: asset,
      timestamp: frame.timestamp,
      channels: [],
      values: [],
      qualities: []
    )
    for (place, channel) in frame.channels.enumerated() {
      guard let channel = channels[Int(channel.index)] else { continue }
      translated.channels.append(channel)
      translated.values.append(frame.values[place])
      translated.qualities.append(frame.qualities[place])
    }
    return translated.channels.isEmpty ? nil : translated
  }

  /// The same output in the target's numbers, without the channels that it no longer has.
  ///
  /// - Returns: `nil` if its machine is gone, or the one channel that it is about.
  func translate(_ output: PipelineOutput) -> PipelineOutput? {
    guard let asset = assets[Int(output.asset.index)] else { return nil }
    var output = output
    switch output.content {
    case .features(let frame):
      guard let frame = translate(frame) else { return nil }
      output.content = .features(frame)
    case .state(var report):
      guard let finding = translate(report.finding) else { return nil }
      report.asset = asset
      report.finding = finding
      output.content = .state(report)
    case .health(var report):
      report.asset = asset
      report.findings = report.findings.compactMap(translate)
      report.suspects = report.suspects.map(translate)
      output.content = .health(report)
    case .prognosis(var prognosis):
      prognosis.asset = asset
      if case .remainingLife(let life) = prognosis.outlook {
        guard let life = translate(life) else { return nil }
        prognosis.outlook = .remainingLife(life)
      }
      output.content = .prognosis(prognosis)
    case .advisory(var advisory):
      advisory.asset = asset
      advisory.findings = advisory.findings.compactMap(translate)
      advisory.suspects = advisory.suspects.map(translate)
      advisory.unmoved = advisory.unmoved.compactMap(translate)
      advisory.life = advisory.life.flatMap(translate)
      output.content = .advisory(advisory)
    }
    return output
  }

  private func translate(_ channel: ChannelID) -> ChannelID? {
    channels[Int(channel.index)]
  }

  /// `nil` if the indicator that it is about is gone.
  private func translate(_ life: RemainingLife) -> RemainingLife? {
    var life = life
    if let indicator = life.indicator {
      guard let channel = translate(indicator.channel) else { return nil }
      life.indicator?.channel = channel
    }
    if let model = life.model { life.model?.moved = model.moved.compactMap(translate) }
    return life
  }

  private func translate(_ finding: Finding) -> Finding? {
    guard let channel = translate(finding.channel) else { return nil }
    var finding = finding
    finding.channel = channel
    return finding
  }

  private func translate(_ suspect: Suspect) -> Suspect {
    var suspect = suspect
    suspect.evidence = suspect.evidence.compactMap(translate)
    return suspect
  }
}
