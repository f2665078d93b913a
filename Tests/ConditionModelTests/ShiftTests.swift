import ConditionModel
import Testing

struct ShiftTests {
  @Test func `a moment moves with the clock and never leaves what can be`() {
    let moment = Timestamp(seconds: 1_000)
    #expect(moment.shifted(by: .seconds(-400)) == Timestamp(seconds: 600))
    #expect(moment.shifted(by: .seconds(-4_000)) == Timestamp.plausible.lowerBound)
    #expect(moment.shifted(by: .seconds(Int64.max)) == Timestamp.plausible.upperBound)
    #expect(moment.shifted(by: .seconds(Int64.min)) == Timestamp.plausible.lowerBound)
    #expect(Timestamp.plausible.upperBound.description == "2199-12-31T23:59:59.000Z")
    #expect(Timestamp.plausible.upperBound.isPlausible)
    #expect(!(Timestamp.plausible.lowerBound - .nanoseconds(1)).isPlausible)
    #expect(!(Timestamp.plausible.upperBound + .nanoseconds(1)).isPlausible)
  }

  @Test func `findings are the same concern by channel and kind, zones by place`() {
    let asset = AssetID(index: 0)
    let channels = ["a", "a", "b"].enumerated().map { index, location in
      Channel(
        id: ChannelID(index: UInt16(index)),
        asset: asset,
        location: location,
        point: "\(index)",
        unit: "mm/s",
        quantity: .velocityRMS,
        device: 0
      )
    }
    let plant = Plant(
      site: "s",
      gateway: "g",
      assets: [Asset(id: asset, name: "m", kind: .fan)],
      channels: channels
    )
    func finding(_ channel: UInt16, _ kind: Finding.Kind) -> Finding {
      Finding(
        channel: ChannelID(index: channel),
        kind: kind,
        state: .alert,
        since: Timestamp(seconds: 0),
        observed: nil,
        extreme: nil
      )
    }
    let zone = Finding.Kind.severityZone(.c, threshold: 2.8, standard: "s")
    let worse = Finding.Kind.severityZone(.d, threshold: 4.5, standard: "s")
    #expect(plant.isSameConcern(finding(0, zone), finding(1, worse)))
    #expect(!plant.isSameConcern(finding(0, zone), finding(2, worse)))
    let high = Finding.Kind.limit(.above, threshold: 1)
    let higher = Finding.Kind.limit(.above, threshold: 2)
    #expect(plant.isSameConcern(finding(0, high), finding(0, higher)))
    #expect(!plant.isSameConcern(finding(0, high), finding(1, higher)))
    #expect(!plant.isSameConcern(finding(0, high), finding(0, .limit(.below, threshold: 1))))
    #expect(!plant.isSameConcern(finding(0, .silent(.busy)), finding(0, .noReading(.invalidCode))))
    #expect(plant.isSameConcern(finding(0, .silent(.busy)), finding(0, .silent(.noAnswer))))
  }
}
