import PlantSimulation

extension ExaminationScore {
  /// The rows of the examination, each beside what must be reached and what is aimed at.
  var figures: [Figure] {
    [
      row("false notifications", falseRate, "/machine-week", .atMost(0.25), aim: 0.10),
      row("  upper 95 % bound", falseRateBound, "/machine-week", .atMost(0.33), aim: 0.15),
      row("faults found, right channel", foundShare * 100, "%", .atLeast(78), aim: 90),
      row("  before half of the way", foundEarlyShare * 100, "%", .atLeast(45), aim: 65),
      row("  median lead", medianLead, "of the way", .atLeast(0.55), aim: 0.7),
      row(
        "failures without warning, of 36",
        failureCount == 0 ? 0 : Double(unwarnedFailureCount) * 36 / Double(failureCount),
        "",
        .atMost(4),
        aim: 0
      ),
      row("first named channel right", firstRightShare * 100, "%", .atLeast(85), aim: 95),
      row("sensor faults named", sensorNamedShare * 100, "%", .atLeast(70), aim: 88),
      row("  called machine faults", sensorCalledMachineShare * 100, "%", .atMost(30), aim: 10),
      row(
        "machine faults called sensor only",
        machineCalledSensorShare * 100,
        "%",
        .atMost(3),
        aim: 0
      ),
      row("notifications per found fault", noticesPerFound, "", .atMost(3), aim: 1.5),
      row("normal time in alarm", alarmedShare * 100, "%", .atMost(4), aim: 1),
      Figure(name: "machine faults", value: Double(faultCount), unit: "\(failureCount) fail"),
      Figure(name: "sensor faults", value: Double(sensorFaultCount), unit: ""),
      Figure(name: "normal time", value: normalWeeks, unit: "machine-weeks"),
    ]
  }
}

extension LifeScore {
  /// The rows for the remaining life.
  var figures: [Figure] {
    [
      row("life: P10 to P90 covers", coverage * 100, "%", .within(70...92), aim: nil),
      row("life: interval score by length", intervalScore, "", .atMost(0.90), aim: 0.55),
      row("life: median relative error of P50", relativeError, "", .atMost(0.45), aim: 0.30),
      Figure(name: "  of a constant 100 h", value: constantError, unit: ""),
      row("life: without estimate", withoutEstimate * 100, "%", .atMost(45), aim: 20),
      row("life: claims within 3 weeks, normal", claimedShare * 100, "%", .atMost(4), aim: 1),
      Figure(name: "life: degradations that fail", value: Double(degradationCount), unit: ""),
    ]
  }
}

private func row(
  _ name: String,
  _ value: Double,
  _ unit: String,
  _ budget: Figure.Budget,
  aim: Double?
) -> Figure {
  Figure(name: name, value: value, unit: unit, budget: budget, aim: aim)
}
