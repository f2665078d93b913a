/// Why bytes are not a model that this program can use.
package enum ModelError: Error, Equatable {
  case notAModel
  case otherVersion(found: UInt16, known: UInt16)
  /// The file ends early, or a byte changed since it was written.
  case damaged
  /// The checksum is right, yet the content makes no model.
  case senseless(String)
  /// The machine does not have what the model needs.
  case otherMachine(missing: [String])
}

extension ModelError: CustomStringConvertible {
  package var description: String { "\(problem); \(mend)" }

  package var problem: String {
    switch self {
    case .notAModel: "this is no Vigie model file"
    case .otherVersion(let found, let known):
      "the model file has format \(found), this program reads formats up to \(known)"
    case .damaged: "the model file is damaged: its checksum does not match"
    case .senseless(let reason): "the model file makes no sense: \(reason)"
    case .otherMachine(let missing):
      "the model needs \(missing.joined(separator: ", ")), which this machine does not have"
    }
  }

  package var mend: String {
    switch self {
    case .notAModel: "`vigie train` writes one"
    case .otherVersion: "train again with this version"
    case .damaged: "copy it again or train again"
    case .senseless: "train again"
    case .otherMachine: "use a model of the same kind of machine"
    }
  }
}

extension LifeModel {
  /// Checks that a machine has the columns that the model was learned from, by name and in order.
  package func check(settings: [String], sensors: [String]) throws(ModelError) {
    let needed = fleet.settings.map(\.name) + fleet.sensors
    let missing = needed.filter { !settings.contains($0) && !sensors.contains($0) }
    guard missing.isEmpty else { throw .otherMachine(missing: missing) }
    guard settings == fleet.settings.map(\.name), sensors == fleet.sensors else {
      throw .otherMachine(missing: ["the columns in the order \(needed.joined(separator: " "))"])
    }
  }
}
