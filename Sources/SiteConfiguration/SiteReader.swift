import ConditionModel
import DataAcquisition
import DataManipulation
import MonitoringPipeline
import StateDetection

/// Resolves a site file into a `Site`; what does not fit becomes a problem, and reading goes on.
struct SiteReader {
  let file: String
  let library: ProfileLibrary
  let busLoad: SiteFile.BusLoad?
  /// The only machine to read; `nil` for all.
  let one: SiteFile.OneMachine?
  var problems = ProblemList()

  /// Profiles that were read, by name; `nil` for those that cannot be used.
  var profiles: [String: DeviceProfileDocument?] = [:]
  /// The files of the profiles, in the order of their first use.
  var profileFiles: [String] = []
  var busNames: [String] = []
  var buses: [Bus] = []
  var assets: [Asset] = []
  var channels: [Channel] = []
  /// Where each channel's values come from; parallel to `channels`.
  var sources: [ChannelSource] = []
  var devices: [Device] = []
  /// Devices so far, each recorded machine counted as one.
  var deviceCount: UInt16 = 0
  var recordings: [MachineRecording] = []
  var longestTick = Duration.seconds(10)
  var waveforms: [WaveformSource] = []
  var blocksOfDevices: [Blocks] = []
  /// The devices that could not be read, as `machine, location`.
  var unreadable: [String] = []
  /// How long zones, and limits that do not say so themselves, must be passed; `nil` for the usual.
  var commonOnDelay: Duration?

  init(
    file: String,
    library: ProfileLibrary,
    busLoad: SiteFile.BusLoad?,
    one: SiteFile.OneMachine? = nil
  ) {
    self.file = file
    self.library = library
    self.busLoad = busLoad
    self.one = one
  }

  struct Bus {
    var name: String
    var line: BusDefinition.Line
    var position: Position
  }

  /// A device with what only checks need.
  struct Device {
    var definition: DeviceDefinition
    var bus: String
    var entry: Located.Entry
  }

  var orderedProblems: [Problem] {
    problems.ordered(files: [file] + profileFiles)
  }

  mutating func error(_ position: Position, _ message: String, _ mend: String) {
    problems.error(file, position, message, mend)
  }

  mutating func site(_ text: String) -> Site? {
    guard let root = ShapeReader.read(text, file: file, shape: .site, problems: &problems) else {
      return nil
    }
    readBuses(root["buses"])
    var machines = root["machines"]?.entries ?? []
    if let one { machines.removeAll { $0.key != one.name } }
    for machine in machines { readMachine(machine) }
    guard channels.count <= Int(UInt16.max) else {
      error(
        Position(line: 1, column: 1),
        "the site has \(channels.count) points, more than 65535",
        "read fewer of them with 'only', or use a second gateway"
      )
      return nil
    }
    let alerts = root["alerts"]
    commonOnDelay =
      one?.onDelay ?? alerts?["on delay"]?.baseValue.map { Duration(inSeconds: $0) }
    let plant = Plant(
      site: root["site"]?.text ?? "",
      gateway: root["gateway"]?.text ?? "",
      assets: assets,
      channels: channels,
      waveforms: waveforms,
      maintenanceWindows: maintenanceWindows(alerts?["stops"])
    )
    let running = machines.map { runningRule($0) }
    let definitions = busDefinitions()
    checkBuses(definitions)
    return Site(
      plant: plant,
      language: root["language"]?.text.flatMap(Language.init(rawValue:)) ?? .english,
      timeZone: timeZone(root["time zone"]),
      buses: definitions,
      pipeline: PipelineConfiguration(
        plant: plant,
        manipulation: ManipulationConfiguration(
          running: running,
          channelCount: channels.count,
          waveforms: waveformRules()
        ),
        detection: DetectionConfiguration(
          plant: plant,
          channels: channelRules(machines, running: running, alerts: alerts),
          severity: severityRules(machines),
          learning: learningRules(alerts)
        ),
        longestTick: longestTick,
        lifeModels: lifeModels(machines)
      ),
      mqtt: root["mqtt"].flatMap { mqttSettings(root, $0) },
      store: storeSettings(root["store"]),
      recordings: recordings
    )
  }

  /// What is learned follows from the budget of false alerts and from how often values come.
  private mutating func learningRules(_ alerts: Located?) -> LearningRules {
    var rules = LearningRules()
    // What is made of blocks of samples comes rarely, and so may one column among many; the rest must
    // not wait for it.
    let periods = zip(channels, sources)
      .filter { $0.isLearned && $1.waveform == nil }.map { $1.period }.sorted()
    rules.step = max(rules.step, periods.isEmpty ? .zero : periods[periods.count / 2])
    guard let budget = alerts?["false alerts"], let text = budget.text else { return rules }
    guard let accepted = AlertBudget(text) else {
      error(
        budget.position,
        "'\(text)' does not say how many false alerts are accepted",
        "write for example '1 per machine and month'"
      )
      return rules
    }
    rules.falseAlertsPerWeek = accepted.perMachineWeek
    return rules
  }

  /// Weekdays and hours at which machines may be stopped.
  private mutating func maintenanceWindows(_ stops: Located?) -> [MaintenanceWindow]? {
    guard let list = stops?.list else { return nil }
    var windows: [MaintenanceWindow] = []
    for stop in list {
      guard let text = stop.text else { continue }
      guard let window = MaintenanceWindow(parsing: text) else {
        error(
          stop.position,
          "'\(text)' is no weekday with an hour",
          "write for example 'saturday 6 h'"
        )
        continue
      }
      windows.append(window)
    }
    return windows
  }

  /// The channel of a machine that the site file names by location and point.
  func channel(named name: String, of machine: String) -> Channel? {
    channels.first { $0.name == name && assets[Int($0.asset.index)].name == machine }
  }

  /// Says what is wrong with the name of a channel that does not exist.
  mutating func reportUnknownChannel(_ name: String, of machine: String, at position: Position) {
    let here = channels.filter { assets[Int($0.asset.index)].name == machine }.map(\.name)
    let parts = name.split(separator: "/", maxSplits: 1).map { String($0) }
    let location = parts.first ?? ""
    let point = parts.last ?? ""
    // A device that could not be read has a problem of its own.
    guard !unreadable.contains("\(machine), \(location)") else { return }
    var mend = suggestion(for: name, in: here, meaning: "points that are read")
    let device = devices.first { $0.definition.name == "\(machine), \(location)" }
    if let device, profilePoints(of: device).contains(point) {
      mend =
        device.entry.value["only"] != nil
        ? "add '\(point)' to 'only' of '\(location)'"
        : "only measures and status words are read by themselves: name all points to read, "
          + "this one too, in 'only' of '\(location)'"
    }
    error(position, "'\(machine)' has no point '\(name)' that is read", mend)
  }

  private func profilePoints(of device: Device) -> [String] {
    let profile = profiles[device.definition.profile] ?? nil
    return profile?.profile.points.map(\.name) ?? device.definition.points.map(\.name)
  }

  private mutating func timeZone(_ value: Located?) -> String? {
    guard let value, let name = value.text else { return nil }
    let isName =
      name == "UTC"
      || (name.contains("/") && !name.hasPrefix("/") && !name.contains("..")
        && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/_+-".contains($0)) })
    guard isName else {
      error(
        value.position,
        "'\(name)' is not the name of a time zone",
        "write area and city, for example 'Europe/Paris', or 'UTC'"
      )
      return nil
    }
    return name
  }
}
