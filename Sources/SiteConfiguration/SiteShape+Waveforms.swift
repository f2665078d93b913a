import ConditionModel

extension Shape {
  /// What the site file says of the machine beside a sensor that delivers blocks of samples.
  static let waveformFields = [
    Field(
      "block every",
      .measure(.duration, 1...604_800, example: "10 min"),
      "How often a block of samples is read; 10 min when left out.",
      example: "block every: 10 min"
    ),
    Field(
      "bearing",
      .any([
        .record(
          Record(fields: [
            Field("name", .text, "As people order it.", example: "name: NU 309"),
            Field(
              "balls",
              .integer(3...120),
              required: true,
              "How many balls or rollers a row has.",
              example: "balls: 8"
            ),
            Field(
              "ball diameter",
              .measure(.length, 1...1_000_000, example: "17.5 mm"),
              required: true,
              "The diameter of a ball or roller.",
              example: "ball diameter: 17.5 mm"
            ),
            Field(
              "pitch diameter",
              .measure(.length, 1...10_000_000, example: "72.5 mm"),
              required: true,
              "The diameter of the circle that their centres run on.",
              example: "pitch diameter: 72.5 mm"
            ),
            Field(
              "angle",
              .measure(.angle, 0...60, example: "15 °"),
              "0 for deep groove balls, and when left out.",
              example: "angle: 15 °"
            ),
          ])
        ),
        .text,
      ]),
      "The rolling bearing beside the sensor: its designation, or its geometry.",
      example: "bearing: 6309"
    ),
    Field(
      "speed",
      .measure(.rotationSpeed, 1...200_000, example: "2950 rpm"),
      "The speed of the shaft here; that of the machine when left out.",
      example: "speed: 2950 rpm"
    ),
    Field(
      "speed channel",
      .text,
      "The location and point of this machine that tell the speed of the shaft.",
      example: "speed channel: drive/motor speed"
    ),
    Field(
      "speed ratio",
      .number,
      "Turns of the shaft here per turn that 'speed channel' tells; 1 when left out.",
      example: "speed ratio: 0.4"
    ),
    Field(
      "teeth",
      .integer(5...1_000),
      "The teeth of the gear wheel on this shaft.",
      example: "teeth: 23"
    ),
    Field(
      "blades",
      .integer(2...500),
      "The blades or vanes on this shaft.",
      example: "blades: 7"
    ),
    Field(
      "belt",
      .number,
      "Turns of the belt per turn of this shaft: π × pulley diameter / belt length.",
      example: "belt: 0.35"
    ),
    Field(
      "mains",
      .measure(.frequency, 10...500, example: "50 Hz"),
      "The mains of an electric motor here, to look for electrical lines; not looked for when left out.",
      example: "mains: 50 Hz"
    ),
  ]
}
