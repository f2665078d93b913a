/// The parts of the site file that concern the agent rather than machines.
extension Shape {
  static let mqtt = Shape.record(
    Record(
      fields: [
        Field(
          "broker",
          .text,
          required: true,
          "mqtt://host:port, or mqtts:// with encryption.",
          example: "broker: mqtts://scada.local:8883"
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
          "What is published; sparkplug is not published yet.",
          example: "formats: [json]"
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
