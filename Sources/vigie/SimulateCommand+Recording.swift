import ArgumentParser
import ConditionModel
import Glibc
import PlantSimulation

extension SimulateCommand {
  /// Writes weeks of machines as recordings instead of playing them.
  func record(to folder: String) throws {
    guard access("\(folder)/site.yaml", F_OK) != 0 else {
      throw Failure(
        .usage,
        "\(folder)/site.yaml is there already and would be lost; name a new folder"
      )
    }
    let machines = PlantExamination(seed: seed, weeks: weeks, kinds: try kinds()).machines
    do {
      try ExaminationFiles(machines, every: .seconds(every)).write(to: folder) { machine in
        tell("\(folder)/\(machine).csv")
      }
    } catch {
      throw Failure(.environment, "\(error); name a new folder where files can be written")
    }
    let faults = machines.reduce(0) { $0 + $1.truth.machineFaults.count }
    let sensors = machines.reduce(0) { $0 + $1.truth.sensorFaults.count }
    print(
      "\(machines.count) machines, \(weeks) weeks, a row every \(every) s; faults of machines: "
        + "\(faults), of sensors: \(sensors), both in \(folder)/truth"
    )
    print("vigie replay --config \(folder)/site.yaml \(folder)")
  }

  func validateRecording() throws {
    guard record != nil else {
      guard machines == nil else {
        throw ValidationError("--machines belongs to --record; the site file says which to play.")
      }
      return
    }
    guard (3...52).contains(weeks) else { throw ValidationError("--weeks takes 3 to 52.") }
    guard every >= 10, every <= 3_600, every.isMultiple(of: 10) else {
      throw ValidationError("--every takes seconds, a multiple of 10 up to 3600.")
    }
    guard scenario.isEmpty else {
      throw ValidationError(
        "--scenario plays live; in a recording the seed decides what goes wrong."
      )
    }
    _ = try kinds()
  }

  /// The kinds of machines that `--machines` names; `nil` for a whole plant.
  private func kinds() throws -> [ExaminedMachine.Kind]? {
    guard let machines else { return nil }
    return try machines.split(separator: ",").map { part in
      let name = part.drop { $0 == " " }
      guard let kind = ExaminedMachine.Kind(rawValue: String(name)) else {
        let known = ExaminedMachine.Kind.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("there is no kind of machine “\(name)”; there are \(known).")
      }
      return kind
    }
  }
}
