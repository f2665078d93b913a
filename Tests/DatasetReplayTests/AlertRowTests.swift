import ConditionModel
import DatasetReplay
import Testing

/// Alerts as rows of a table.
struct AlertRowTests {
  @Test func `an alert that comes back is the same one, of which people were told`() throws {
    let asset = Asset(id: AssetID(index: 0), name: "pump", kind: .centrifugalPump)
    let channel = Channel(
      id: ChannelID(index: 0),
      asset: asset.id,
      location: "drive end",
      point: "drive end",
      unit: "mm/s",
      quantity: .velocityRMS,
      device: 0
    )
    let plant = Plant(site: "s", gateway: "g", assets: [asset], channels: [channel])
    func step(_ phase: Advisory.Phase, _ seconds: Int64) -> Advisory {
      Advisory(
        id: 7,
        asset: asset.id,
        findingClass: .machine,
        location: "drive end",
        phase: phase,
        priority: .medium,
        since: Timestamp(seconds: 0),
        timestamp: Timestamp(seconds: seconds),
        isAcknowledged: false,
        findings: [
          Finding(
            channel: channel.id,
            kind: .limit(.above, threshold: 4),
            state: .alert,
            since: Timestamp(seconds: 0),
            observed: 5,
            extreme: 5
          )
        ],
        suspects: [],
        unmoved: []
      )
    }
    let rows = AlertRow.rows(
      of: [
        step(.raised, 10), step(.cleared, 20), step(.updated, 30), step(.updated, 35),
        step(.cleared, 40), step(.updated, 50),
      ],
      machine: "pump",
      plant: plant,
      until: Timestamp(seconds: 60)
    )
    #expect(rows.map(\.isNotification) == [true, false, false])
    #expect(rows.map { $0.end.nanoseconds / 1_000_000_000 } == [20, 40, 60])
  }
}
