import ConditionModel
import Glibc
import HistoryStore
import Testing

/// A folder of its own for a test, removed with it.
final class TemporaryFolder: Sendable {
  let path: String

  init() {
    var template = Array("/tmp/vigie-store-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { fatalError("no temporary folder: error \(errno)") }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  var database: String { path + "/history.sqlite" }

  deinit {
    for name in files { unlink("\(path)/\(name)") }
    rmdir(path)
  }

  var files: [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }
}

/// Machines with as many channels each, all at the drive end.
func samplePlant(machines: [String] = ["pompe-3", "fan-1"], channels: Int = 3) -> Plant {
  var plant = Plant(site: "atelier", gateway: "gw-01", assets: [], channels: [])
  for (index, name) in machines.enumerated() {
    let asset = AssetID(index: UInt16(index))
    plant.assets.append(Asset(id: asset, name: name, kind: .centrifugalPump))
    for place in 0..<channels {
      plant.channels.append(
        Channel(
          id: ChannelID(index: UInt16(plant.channels.count)),
          asset: asset,
          location: "drive end",
          point: "p\(place)",
          unit: "mm/s",
          quantity: .velocityRMS,
          device: 0
        )
      )
    }
  }
  return plant
}

extension Plant {
  func frame(_ machine: Int = 0, second: Int64, values: [Double], bad: Int? = nil) -> Frame {
    let mine = channels.filter { $0.asset.index == UInt16(machine) }.prefix(values.count)
    return Frame(
      asset: AssetID(index: UInt16(machine)),
      timestamp: Timestamp(seconds: second),
      channels: mine.map(\.id),
      values: values,
      qualities: values.indices.map { $0 == bad ? .bad(.noAnswer) : .good }
    )
  }

  func advisory(
    _ id: UInt64,
    _ phase: Advisory.Phase,
    second: Int64,
    sequence: UInt64
  ) -> WordedOutput {
    let advisory = Advisory(
      id: id,
      asset: assets[0].id,
      findingClass: .machine,
      location: "drive end",
      phase: phase,
      priority: .medium,
      since: Timestamp(seconds: 100),
      timestamp: Timestamp(seconds: second),
      isAcknowledged: false,
      findings: [
        Finding(
          channel: channels[1].id,
          kind: .limit(.above, threshold: 4.5),
          state: .alert,
          since: Timestamp(seconds: 100),
          observed: 4.9,
          extreme: 5.25
        )
      ],
      suspects: [Suspect(mode: "unbalance", evidence: [channels[1].id])],
      unmoved: [channels[2].id]
    )
    return WordedOutput(
      PipelineOutput(sequence: sequence, content: .advisory(advisory)),
      text: AdvisoryText(language: .french, title: "Pompe 3 : vibration", text: "À vérifier.")
    )
  }
}

extension OutboxEntry {
  var frame: Frame? {
    if case .telemetry(let frame) = content { frame } else { nil }
  }

  var output: PipelineOutput? {
    if case .output(let output) = content { output } else { nil }
  }
}
