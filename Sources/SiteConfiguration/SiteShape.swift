import ConditionModel
import DataAcquisition

extension Shape {
  /// The site file: `site.yaml`.
  static let site = Shape.record(
    Record(fields: [
      Field(
        "site",
        .name,
        required: true,
        "The site, part of every topic.",
        example: "site: workshop-north"
      ),
      Field(
        "gateway",
        .name,
        required: true,
        "The gateway on which the agent runs, part of every topic.",
        example: "gateway: gw-01"
      ),
      Field(
        "language",
        .word(Language.allCases.map(\.rawValue)),
        "The language of alerts; en when left out.",
        example: "language: fr"
      ),
      Field(
        "time zone",
        .text,
        "For the times in alerts (IANA name); the gateway's own when left out.",
        example: "time zone: Europe/Paris"
      ),
      Field(
        "buses",
        .named(of: bus, keys: .names, what: "bus", fewest: 0),
        "The serial lines and network endpoints that devices are on; needed for devices.",
        example: "buses: { line-1: { port: /dev/ttyUSB0, baud: 19200, parity: even } }"
      ),
      Field(
        "machines",
        .named(of: machine, keys: .names, what: "machine"),
        required: true,
        "The machines that are watched.",
        example: "machines: { pump-3: { kind: centrifugal pump, points: { … } } }"
      ),
      Field(
        "mqtt",
        mqtt,
        "Where to publish; nothing is published when left out.",
        example: "mqtt: { broker: mqtt://localhost }"
      ),
      Field("store", store, "What is kept on the gateway.", example: "store: { keep: 30 days }"),
      Field(
        "alerts",
        alerts,
        "What holds for all alerts.",
        example: "alerts: { silent after: 30 s }"
      ),
    ])
  )

  private static let bus = Shape.either(
    key: "host",
    having: .record(
      Record(
        fields: [
          Field(
            "host",
            .text,
            required: true,
            "The address of the Modbus TCP server or gateway.",
            example: "host: 192.168.10.21"
          ),
          Field(
            "port",
            .integer(1...65_535),
            "Its TCP port; 502 when left out.",
            example: "port: 502"
          ),
        ],
        refusals: ["baud", "parity", "stop bits", "direction"].map { key in
          Refusal(
            key: key,
            message: "'\(key)' is for a serial bus, but this one has a 'host'",
            mend: "remove '\(key)', or replace 'host' by 'port: /dev/…'"
          )
        }
      )
    ),
    otherwise: .record(
      Record(fields: [
        Field(
          "port",
          .text,
          required: true,
          "The serial port, best by a name that stays.",
          example: "port: /dev/serial/by-id/usb-FTDI-if00"
        ),
        Field(
          "baud",
          .choice(bauds),
          required: true,
          "Bits per second, as set in the devices.",
          example: "baud: 19200"
        ),
        Field(
          "parity",
          parity,
          required: true,
          "The parity bit, as set in the devices.",
          example: "parity: even"
        ),
        Field("stop bits", .integer(1...2), "Stop bits; 1 when left out.", example: "stop bits: 1"),
        Field(
          "direction",
          .word(SerialLine.DirectionControl.allCases.map(\.rawValue)),
          "Who switches the RS-485 driver; automatic (the adapter) when left out.",
          example: "direction: automatic"
        ),
      ])
    )
  )

  private static let machine = Shape.either(
    key: "recording",
    having: recordedMachine,
    otherwise: .record(
      Record(
        fields: [
          Field(
            "kind",
            machineKind,
            required: true,
            "What it is: decides severity zones and failure modes.",
            example: "kind: centrifugal pump"
          )
        ] + machineFields + [
          Field(
            "points",
            .named(of: device, keys: .names, what: "location"),
            required: true,
            "By location on the machine: the device that measures there.",
            example: "points: { drive end: { device: banner/qm30vt2, bus: line-1, unit: 5 } }"
          ),
          Field(
            "limits",
            .named(of: limit, keys: .paths, what: "point"),
            "By location and point: limits of your own.",
            example: "limits: { drive end/temperature: { alert above: 80 °C } }"
          ),
        ]
      )
    )
  )

  /// What is said of a machine whether it is read or was recorded.
  static let machineFields = [
    Field("power", power, "Rated power.", example: "power: 11 kW"),
    Field("mounting", mounting, "How it stands (ISO 20816-3).", example: "mounting: rigid"),
    Field(
      "speed",
      .measure(.rotationSpeed, 1...200_000, example: "1480 rpm"),
      "Rated speed.",
      example: "speed: 1480 rpm"
    ),
    Field(
      "running",
      .record(
        Record(fields: [
          Field(
            "point",
            .text,
            required: true,
            "Location and point of this machine.",
            example: "point: motor supply/active power"
          ),
          Field(
            "above",
            .quantity(example: "0.5 kW"),
            required: true,
            "It runs while the value is above this.",
            example: "above: 0.5 kW"
          ),
        ])
      ),
      "How to tell that the machine runs.",
      example: "running: { point: motor supply/active power, above: 0.5 kW }"
    ),
    Field(
      "severity",
      .any([
        .record(
          Record(fields: [
            Field(
              "alert above",
              velocity,
              required: true,
              "Begin of zone C.",
              example: "alert above: 4.5 mm/s"
            ),
            Field(
              "alarm above",
              velocity,
              required: true,
              "Begin of zone D.",
              example: "alarm above: 7.1 mm/s"
            ),
          ])
        ),
        .word(["none"]),
      ]),
      "Own zone boundaries for the vibration velocity, or none at all; by the standard when left out.",
      example: "severity: { alert above: 4.5 mm/s, alarm above: 7.1 mm/s }"
    ),
    Field(
      "remaining life",
      remainingLife,
      "A model learned from machines of its kind that ran to failure; outside of what it learned the "
        + "machine's own trend counts.",
      example:
        "remaining life: { model: spindles.vigielife, sensors: { t1: drive end/temperature } }"
    ),
  ]

  private static let velocity = Shape.measure(.velocity, 0.01...1_000, example: "4.5 mm/s")
  private static let delay = Shape.measure(.duration, 0...86_400, example: "60 s")

  private static let device = Shape.record(
    Record(
      fields: [
        Field(
          "device",
          .text,
          required: true,
          "The profile, maker/model, or generic with points of its own.",
          example: "device: banner/qm30vt2"
        ),
        Field("bus", .text, required: true, "One of the buses above.", example: "bus: line-1"),
        Field(
          "unit",
          .integer(0...255),
          required: true,
          "The unit number on the bus.",
          example: "unit: 5"
        ),
        Field(
          "every",
          .measure(.duration, 0.01...86_400, example: "1 s"),
          "How often it is read; 1 s when left out.",
          example: "every: 1 s"
        ),
        Field(
          "only",
          .list(of: .text, count: 1...999),
          "The points to read; all measures and status words when left out.",
          example: "only: [temperature, velocity rms z]"
        ),
      ] + waveformFields + mapFields(pointsRequired: false)
    )
  )

  static let limit = Shape.record(
    Record(
      fields: [
        Field(
          "alert above",
          .quantity(example: "80 °C"),
          "Alert at this value.",
          example: "alert above: 80 °C"
        ),
        Field(
          "alarm above",
          .quantity(example: "90 °C"),
          "Alarm at this value.",
          example: "alarm above: 90 °C"
        ),
        Field(
          "alert below",
          .quantity(example: "2 bar"),
          "Alert at this value.",
          example: "alert below: 2 bar"
        ),
        Field(
          "alarm below",
          .quantity(example: "1 bar"),
          "Alarm at this value.",
          example: "alarm below: 1 bar"
        ),
        Field(
          "deadband",
          .quantity(example: "2 °C"),
          "How far back the value must go; by quantity when left out.",
          example: "deadband: 2 °C"
        ),
        Field(
          "on delay",
          delay,
          "How long the limit must be passed; by quantity when left out.",
          example: "on delay: 60 s"
        ),
        Field(
          "off delay",
          delay,
          "How long the value must be back; like on delay when left out.",
          example: "off delay: 60 s"
        ),
        Field(
          "while",
          .word(["running", "always"]),
          "When the limit holds; below while running, above always when left out.",
          example: "while: running"
        ),
      ],
      requiresOneOf: ["alert above", "alarm above", "alert below", "alarm below"]
    )
  )
}
