import ConditionModel

extension Quality {
  // The codes stand in files that outlive this program: never change one, only add.
  private static let codes: [(code: UInt8, quality: Quality)] = [
    (0, .good),
    (1, .uncertain(.outsideValidRange)),
    (2, .uncertain(.clockNotSet)),
    (128, .bad(.noAnswer)),
    (129, .bad(.noSuchAddress)),
    (130, .bad(.refused)),
    (131, .bad(.busy)),
    (132, .bad(.notReachable)),
    (133, .bad(.damagedAnswer)),
    (134, .bad(.notConnected)),
    (135, .bad(.invalidCode)),
    (136, .bad(.notANumber)),
    (137, .bad(.tornBlock)),
    (138, .bad(.notApplicable)),
  ]

  /// The quality of each code; one that this version does not know must not be trusted.
  private static let byCode: [Quality] = (0...255).map { code in
    codes.first { $0.code == code }?.quality ?? .bad(.damagedAnswer)
  }

  /// The byte that stands for this quality in the store; 255 for one without a code.
  var storedCode: UInt8 {
    self == .good ? 0 : Self.codes.first { $0.quality == self }?.code ?? 255
  }

  init(storedCode: UInt8) { self = Self.byCode[Int(storedCode)] }
}
