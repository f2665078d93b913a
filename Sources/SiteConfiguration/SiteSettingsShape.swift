/// The parts of the site file that concern the agent rather than machines.
extension Shape {
  static let mqtt = Shape.record(
    Record(
      fields: [
        Field(
          "broker",
          .any([.text, .list(of: .text, count: 1...8)]),
          required: true,
          "mqtt://host:port, or mqtts:// with encryption; a list of several, of which one is used at a time.",
          example: "broker: mqtts://scada.local:8883"
        ),
        Field(
          "version",
          .choice([3, 5]),
          "Of MQTT: 3 (3.1.1), which every host speaks, or 5; 3 when left out.",
          example: "version: 3"
        ),
        Field("user", .text, "The name of the user.", example: "user: vigie"),
        Field(
          "password file",
          .text,
          "A file whose first line is the password.",
          example: "password file: /etc/vigie/mqtt-password"
        ),
        Field(
          "ca",
          .text,
          "Certificates to trust, PEM; those of the system when left out.",
          example: "ca: /etc/vigie/ca.pem"
        ),
        Field(
          "certificate",
          .text,
          "The agent's own certificate, PEM.",
          example: "certificate: /etc/vigie/gw.pem"
        ),
        Field("key", .text, "The key of the certificate, PEM.", example: "key: /etc/vigie/gw.key"),
        Field(
          "formats",
          .list(of: .word(["json", "sparkplug"]), count: 1...9),
          "What is published: plain JSON topics, a Sparkplug B 3.0 node, or both; json when left out.",
          example: "formats: [json, sparkplug]"
        ),
        Field(
          "sparkplug",
          sparkplug,
          "How the agent appears to Sparkplug hosts.",
          example: "sparkplug: { group: workshop, primary host: scada }"
        ),
        Field(
          "commands",
          .list(of: .word(["acknowledge", "shelve", "rebirth"]), count: 0...3),
          "What may be asked through the broker; nothing when left out, with sparkplug rebirth.",
          example: "commands: [acknowledge, shelve, rebirth]"
        ),
      ],
      refusals: [
        Refusal(
          key: "password",
          message: "a password must not stand in the site file",
          mend: "write it in a file that only vigie may read, and name that: "
            + "'password file: /etc/vigie/mqtt-password'"
        )
      ]
    )
  )

  private static let sparkplug = Shape.record(
    Record(fields: [
      Field(
        "group",
        .name,
        "The group of nodes; the site when left out.",
        example: "group: workshop"
      ),
      Field(
        "node",
        .name,
        "The name of the node, unique in its group; the gateway when left out.",
        example: "node: gw-01"
      ),
      Field(
        "primary host",
        .name,
        "The host without which nothing is told: what happens meanwhile follows as history.",
        example: "primary host: scada"
      ),
      Field(
        "deadband",
        .measure(.number, 0...0.2, example: "0.5 %"),
        "The change that is told, of the measuring range or else of the value; any when left out.",
        example: "deadband: 0.5 %"
      ),
      Field(
        "maximum silence",
        .measure(.duration, 1...86_400, example: "10 min"),
        "A value that does not change is repeated after this; 10 min when left out.",
        example: "maximum silence: 10 min"
      ),
    ])
  )

  static let store = Shape.record(
    Record(fields: [
      Field(
        "path",
        .text,
        "The database file; the service's own place when left out.",
        example: "path: /var/lib/vigie/history.db"
      ),
      Field(
        "size",
        .measure(.storage, 1e7...1e13, example: "2 GB"),
        "The file never grows beyond this; 1 GB when left out.",
        example: "size: 2 GB"
      ),
      Field(
        "keep",
        .measure(.duration, 3_600...315_360_000, example: "30 days"),
        "How long raw values are kept; 30 days when left out.",
        example: "keep: 30 days"
      ),
    ])
  )

  static let alerts = Shape.record(
    Record(
      fields: [
        Field(
          "on delay",
          .measure(.duration, 0...86_400, example: "60 s"),
          "How long zones, and limits that do not say so, must be passed; by quantity when left out.",
          example: "on delay: 60 s"
        ),
        Field(
          "silent after",
          .measure(.duration, 1...86_400, example: "30 s"),
          "How long a device may be silent; 30 s, at least three readings, when left out.",
          example: "silent after: 30 s"
        ),
        Field(
          "stuck after",
          .measure(.duration, 10...604_800, example: "30 min"),
          "How long a value may not move at all, where that is implausible; by quantity when left out.",
          example: "stuck after: 30 min"
        ),
        Field(
          "stops",
          .list(of: .text, count: 1...14),
          "When machines may be stopped for work: weekday and hour, by the clock on the wall.",
          example: "stops: [saturday 6 h]"
        ),
        Field(
          "false alerts",
          .text,
          "How many false alerts the site accepts: limits that are learned are set for it.",
          example: "false alerts: 1 per machine and month"
        ),
      ]
    )
  )
}
