import AgentRuntime
import ArgumentParser
import ConditionModel
import DatasetReplay
import Foundation
import HealthAssessment
import SiteConfiguration

struct DiagnoseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diagnose",
    abstract: "Looks for fault patterns in one record of vibration: which, how sure, and why.",
    discussion: """
      Example: vigie diagnose pump.f32 --rate 12000 --shaft 24.7 --bearing 6309 --report pump.html

      Example: vigie diagnose fan.csv --column de --rate 25600 --shaft 16.2 \
      --balls 9 --ball-diameter 7.94 --pitch-diameter 39.04 --angle 0 --json

      Nothing needs to be learned first: a defect of the bearing is named when its lines stand out of \
      the envelope as those of no other rate in the same record. The speed may be off by some per cent; \
      without --shaft it is looked for in the spectrum. Diameters may be in any unit, both in the same.
      """
  )

  @Argument(help: "The record.", completion: .file(extensions: ["f32", "csv", "wav"]))
  var file: String
  @Option(help: "f32 (little-endian floats), csv or wav; else by the file's name.")
  var format: String?
  @Option(parsing: .unconditional, help: "Samples per second; a WAV file tells it itself.")
  var rate: Double?
  @Option(parsing: .unconditional, help: "Turns of the shaft per second.")
  var shaft: Double?
  @Option(help: "The designation of the bearing, as 6309.")
  var bearing: String?
  @Option(help: "Its number of balls, where the designation is not known.")
  var balls: Int?
  @Option(help: "The diameter of a ball.")
  var ballDiameter: Double?
  @Option(help: "The diameter of the circle of ball centres.")
  var pitchDiameter: Double?
  @Option(help: "The angle of contact in degrees.")
  var angle: Double?
  @Option(help: "Teeth of the wheel on this shaft.")
  var teeth: Int?
  @Option(help: "Blades or vanes on this shaft.")
  var blades: Int?
  @Option(help: "Turns of the belt per turn of the shaft: π × pulley diameter / belt length.")
  var belt: Double?
  @Option(help: "The mains in hertz, to look for electrical lines.")
  var mains: Double?
  @Option(help: "The unit of the numbers: g or m/s2.")
  var unit = "g"
  @Option(parsing: .unconditional, help: "Multiplies the numbers first, as 0.001 for mg.")
  var scale = 1.0
  @Option(help: "The column of a CSV file by name or number, or the channel of a WAV file.")
  var column: String?
  @Flag(help: "One JSON object on standard output.")
  var json = false
  @Option(help: "A page with waveform, spectrum and envelope spectrum.", completion: .file())
  var report: String?
  @Option(help: "The language of text and report: en or fr.")
  var language: Language = .english

  func run() throws {
    var problems: [String] = []
    let choice = BearingChoice(self, &problems)
    let target = target(choice?.geometry.orders, &problems)
    let record = record(&problems)
    guard problems.isEmpty, let record else {
      throw Failure(.usage, problems.joined(separator: "\nvigie: "))
    }
    let result = try report.map { try ResultFile($0, besides: [file]) }
    for remark in record.remarks { tell("vigie: \(remark)") }
    if let note = choice?.note { tell("vigie: \(note)") }
    if !asksAboutSpeed() { checkRate(record, target) }
    var diagnoser = VibrationDiagnoser()
    let diagnosis = diagnoser.diagnose(
      record.samples,
      sampleRateHertz: record.sampleRateHertz,
      target: target
    )
    if let result {
      let page = DiagnosisPage(
        diagnosis,
        record: record,
        file: file,
        target: target,
        bearing: choice?.name,
        words: DiagnosisWords(language)
      )
      try result.write(page.html)
    }
    if json {
      print(jsonText(DiagnosisReport(diagnosis, record: record, bearing: choice?.name)))
    } else {
      print(DiagnosisWords(language).text(of: diagnosis, bearing: choice?.name))
    }
  }

  private func target(_ orders: BearingOrders?, _ problems: inout [String]) -> VibrationTarget {
    if let shaft, !(shaft.isFinite && (0.5...5_000).contains(shaft)) {
      problems.append(
        "--shaft \(shaft): a shaft turns 0.5 to 5,000 times a second; "
          + "give hertz, revolutions per minute divided by 60"
      )
    }
    if let teeth, !(3...2_000).contains(teeth) {
      problems.append("--teeth \(teeth): a wheel has 3 to 2,000 teeth; count them")
    }
    if let blades, !(2...200).contains(blades) {
      problems.append("--blades \(blades): a wheel has 2 to 200 blades; count them")
    }
    if let belt, !(belt.isFinite && (0.01..<2).contains(belt)) {
      problems.append("--belt \(belt): a belt turns less often than the shaft; give 0.01 to 2")
    }
    if let mains, !(mains.isFinite && (10...500).contains(mains)) {
      problems.append("--mains \(mains): give 50 or 60, or what the site has")
    }
    return VibrationTarget(
      shaftHertz: shaft,
      bearing: orders,
      teeth: teeth,
      blades: blades,
      beltOrder: belt,
      mainsHertz: mains
    )
  }

  private func record(_ problems: inout [String]) -> VibrationRecord? {
    let formats = VibrationRecord.Format.allCases.map(\.rawValue)
    if let format, !formats.contains(format) {
      problems.append(
        "--format \(format): not known; it is one of \(formats.joined(separator: ", "))"
      )
    }
    let units = ["g": 9.806_65, "m/s2": 1, "m/s²": 1]
    if units[unit] == nil { problems.append("--unit \(unit): not known; it is g or m/s2") }
    if !(scale.isFinite && scale != 0) {
      problems.append("--scale \(scale): must be a number other than 0, as 0.001 for mg")
    }
    let options = VibrationRecord.Options(
      format: format.flatMap(VibrationRecord.Format.init(rawValue:)),
      sampleRateHertz: rate,
      column: column,
      scale: (units[unit] ?? 1) * scale
    )
    do throws(VibrationRecord.Problems) {
      return try VibrationRecord(path: file, options: options, shaftHertz: shaft)
    } catch {
      problems += error.sentences
      return nil
    }
  }

  /// Says, and returns, whether the speed looks like one in revolutions per minute.
  private func asksAboutSpeed() -> Bool {
    guard let shaft, shaft >= Self.fastestUsual else { return false }
    tell(
      "vigie: few shafts turn \(Int(shaft)) times a second; if these are revolutions per minute, give "
        + "--shaft \((shaft / 60 * 100).rounded() / 100)"
    )
    return true
  }

  /// More turns per second than nearly any machine makes; fewer per minute than most do.
  private static let fastestUsual = 700.0

  /// Says when the rate cannot show what is looked for.
  private func checkRate(_ record: VibrationRecord, _ target: VibrationTarget) {
    guard let shaft = target.shaftHertz, let bearing = target.bearing else { return }
    let wanted = 20 * bearing.inner * shaft
    if record.sampleRateHertz < wanted {
      tell(
        "vigie: \(Int(record.sampleRateHertz)) samples a second are few for a bearing at this speed; "
          + "housings ring at some kilohertz: record at \(Int(max(12_000, wanted))) or more, or check "
          + "--rate and --shaft"
      )
    }
  }
}

/// The bearing that the options describe.
private struct BearingChoice {
  var name: String
  var geometry: BearingGeometry
  var note: String?

  init?(_ command: DiagnoseCommand, _ problems: inout [String]) {
    let hasGeometry =
      command.balls != nil || command.ballDiameter != nil || command.pitchDiameter != nil
      || command.angle != nil
    if let name = command.bearing {
      if hasGeometry {
        problems.append("--bearing and its geometry exclude each other; give one of them")
        return nil
      }
      guard let entry = BearingCatalogue.standard.entry(for: name) else {
        let mend = BearingCatalogue.standard.mend(for: name)
        problems.append(
          "--bearing \(name): not in the catalogue; \(mend) "
            + "(--balls, --ball-diameter, --pitch-diameter, --angle)"
        )
        return nil
      }
      self.name = entry.designation
      geometry = entry.geometry
      if entry.confidence == "C" {
        note = "the geometry of \(name) is of one source only; compare it with the maker's"
      }
      return
    }
    guard hasGeometry else { return nil }
    var missing: [String] = []
    if command.balls == nil { missing.append("--balls") }
    if command.ballDiameter == nil { missing.append("--ball-diameter") }
    if command.pitchDiameter == nil { missing.append("--pitch-diameter") }
    guard missing.isEmpty, let balls = command.balls, let ball = command.ballDiameter,
      let pitch = command.pitchDiameter
    else {
      problems.append("the bearing's geometry lacks \(missing.joined(separator: ", "))")
      return nil
    }
    let angle = command.angle ?? 0
    let impossible = BearingGeometry.problems(
      elementCount: balls,
      elementDiameter: ball,
      pitchDiameter: pitch,
      contactAngleDegrees: angle
    )
    problems += impossible.map { "the bearing's geometry: \($0)" }
    guard
      let geometry = BearingGeometry(
        elementCount: balls,
        elementDiameter: ball,
        pitchDiameter: pitch,
        contactAngleDegrees: angle
      )
    else { return nil }
    name = "\(balls) × \(ball) / \(pitch)"
    self.geometry = geometry
  }
}
