import ConditionModel
import DataAcquisition

/// A bus of like devices for tests: unit 1 upward, each on a machine of its own.
func makeBus(
  units: Int,
  points: [PointDefinition],
  period: Duration = .seconds(1),
  limits: RequestLimits = RequestLimits(),
  timing: DeviceTiming = DeviceTiming(),
  line: BusDefinition.Line = .serial(testLine)
) -> BusDefinition {
  var nextChannel: UInt16 = 0
  let devices = (0..<units).map { place in
    let channels = points.map { _ in
      defer { nextChannel += 1 }
      return ChannelID(index: nextChannel)
    }
    return DeviceDefinition(
      index: UInt16(place),
      asset: AssetID(index: UInt16(place)),
      name: "machine-\(place + 1), drive end",
      unit: UInt8(place + 1),
      period: period,
      profile: "test/test",
      timing: timing,
      requestLimits: limits,
      points: points,
      channels: channels
    )
  }
  return BusDefinition(name: "ligne-1", line: line, devices: devices)
}

let testLine = SerialLine(port: "/dev/null", baud: 19_200, parity: .even, stopBits: 1)

/// Consecutive 16-bit points.
func registers(
  _ addresses: some Sequence<Int>,
  table: RegisterTable = .holding
)
  -> [PointDefinition]
{
  addresses.map { address in
    PointDefinition(
      name: "r\(address)",
      table: table,
      address: UInt16(address),
      type: table.holdsBits ? .bit : .u16,
      unit: "1",
      quantity: .other
    )
  }
}

/// Two machines, five channels.
func makePlant() -> Plant {
  let names = [
    (0, "drive end", "velocity rms z"), (0, "drive end", "temperature"),
    (1, "motor, supply", "current \"L1\""), (1, "motor, supply", "power"), (0, "free end", "load"),
  ]
  return Plant(
    site: "atelier",
    gateway: "gw-01",
    assets: [
      Asset(id: AssetID(index: 0), name: "pompe-3", kind: .centrifugalPump),
      Asset(id: AssetID(index: 1), name: "fan-1", kind: .fan),
    ],
    channels: names.enumerated().map { place, name in
      Channel(
        id: ChannelID(index: UInt16(place)),
        asset: AssetID(index: UInt16(name.0)),
        location: name.1,
        point: name.2,
        unit: "1",
        quantity: .other,
        device: 0
      )
    }
  )
}
