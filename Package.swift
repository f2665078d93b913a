// swift-tools-version: 6.2
import PackageDescription

// The order of the targets is the way of the data: this is the map.

let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// Deterministic code: no clock, no I/O, no Foundation.
///
/// Each unsafe construct in it is marked; in edges, where C libraries are called all the time, the
/// mark would say nothing. It needs libm, which nothing else links.
func core(
  _ name: String,
  _ dependencies: [Target.Dependency] = [],
  resources: [Resource] = []
) -> Target {
  .target(
    name: name,
    dependencies: dependencies,
    resources: resources,
    swiftSettings: strict,
    linkerSettings: [.linkedLibrary("m")]
  )
}

/// Code that touches the world: files, buses, sockets, clocks.
func edge(
  _ name: String,
  _ dependencies: [Target.Dependency],
  resources: [Resource] = []
) -> Target {
  .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

func tests(
  of name: String,
  _ dependencies: [Target.Dependency] = [],
  resources: [Resource] = []
) -> Target {
  .testTarget(
    name: "\(name)Tests",
    dependencies: [.byName(name: name)] + dependencies,
    resources: resources,
    swiftSettings: strict
  )
}

let package = Package(
  name: "vigie",
  products: [.executable(name: "vigie", targets: ["vigie"])],
  dependencies: [
    // The standard command line of the ecosystem: completions, help, manual.
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    // Structured logging; the journal handler is ours.
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    // Starts and stops the services in order, on SIGTERM too.
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    // SQLite with migrations, tested on Linux.
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    // YAML as a tree of nodes that know their line and column.
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // MARK: - Vocabulary
    core("ConditionModel"),
    core("SignalProcessing"),

    // MARK: - The ISO 13374 blocks, in the order the data passes through them
    core("DataAcquisition", ["ConditionModel"]),
    core("DataManipulation", ["ConditionModel"]),
    core("StateDetection", ["ConditionModel"]),
    core("HealthAssessment", ["ConditionModel"]),
    core("PrognosticAssessment", ["SignalProcessing"]),
    core("AdvisoryGeneration", ["ConditionModel"]),

    // MARK: - The deterministic core: the blocks joined
    core(
      "MonitoringPipeline",
      [
        "ConditionModel", "DataManipulation", "StateDetection", "HealthAssessment",
        "AdvisoryGeneration",
      ]
    ),

    // MARK: - Edges
    edge(
      "SiteConfiguration",
      [
        "ConditionModel", "DataAcquisition", "DataManipulation", "StateDetection",
        "MonitoringPipeline", "Yams",
      ]
    ),
    edge("EdgeRuntime", []),
    edge("ModbusTransport", ["ConditionModel", "DataAcquisition", "EdgeRuntime", "CModbus"]),
    edge("MQTTPublishing", ["ConditionModel", "EdgeRuntime", "CMosquitto"]),
    edge(
      "HistoryStore",
      ["ConditionModel", "EdgeRuntime", .product(name: "GRDB", package: "GRDB.swift")]
    ),
    edge("DatasetReplay", ["ConditionModel", "DataAcquisition", "MonitoringPipeline"]),
    edge("TrainingData", ["PrognosticAssessment", "CZlib", "Yams"]),
    edge(
      "PlantSimulation",
      ["ConditionModel", "SignalProcessing", "DataAcquisition", "EdgeRuntime", "CModbus"]
    ),

    // MARK: - The program: edges and core wired into a service, and its commands
    edge(
      "AgentRuntime",
      [
        "ConditionModel", "DataAcquisition", "AdvisoryGeneration", "MonitoringPipeline",
        "SiteConfiguration", "ModbusTransport", "MQTTPublishing", "HistoryStore",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ]
    ),
    .executableTarget(
      name: "vigie",
      dependencies: [
        "AgentRuntime", "ConditionModel", "DataAcquisition", "AdvisoryGeneration",
        "MonitoringPipeline", "SiteConfiguration", "EdgeRuntime", "ModbusTransport",
        "MQTTPublishing", "HistoryStore", "DatasetReplay", "PlantSimulation",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      swiftSettings: strict
    ),

    // MARK: - C libraries of the system
    .systemLibrary(
      name: "CModbus",
      pkgConfig: "libmodbus",
      providers: [.apt(["libmodbus-dev"])]
    ),
    .systemLibrary(
      name: "CMosquitto",
      pkgConfig: "libmosquitto",
      providers: [.apt(["libmosquitto-dev"])]
    ),
    .systemLibrary(
      name: "CZlib",
      pkgConfig: "zlib",
      providers: [.apt(["zlib1g-dev"])]
    ),

    // MARK: - Tests
    tests(of: "ConditionModel"),
    tests(
      of: "PrognosticAssessment",
      ["SignalProcessing", "TrainingData", "CZlib"],
      resources: [.copy("Fixtures")]
    ),
    tests(of: "AgentRuntime", [.product(name: "Logging", package: "swift-log")]),
  ]
)
