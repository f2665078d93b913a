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
/// mark would say nothing. It needs libm, which nothing else links. It is optimised in debug builds
/// too, for tests live through weeks of a machine.
func core(
  _ name: String,
  _ dependencies: [Target.Dependency] = [],
  resources: [Resource] = []
) -> Target {
  .target(
    name: name,
    dependencies: dependencies,
    resources: resources,
    swiftSettings: strict + [
      .strictMemorySafety(), .unsafeFlags(["-O"], .when(configuration: .debug)),
    ],
    linkerSettings: [.linkedLibrary("m")]
  )
}

/// Code that touches the world: files, buses, sockets, clocks.
func edge(
  _ name: String,
  _ dependencies: [Target.Dependency],
  path: String? = nil,
  resources: [Resource] = []
) -> Target {
  .target(
    name: name,
    dependencies: dependencies,
    path: path,
    resources: resources,
    swiftSettings: strict
  )
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

/// FFTW and KissFFT, to which `VIGIE_BENCH=1` compares the transform of `vigie-bench kernels`.
let comparesTransforms = Context.environment["VIGIE_BENCH"] != nil

let transformPeers: [Target] = [
  .systemLibrary(
    name: "CFFTW",
    path: "Tests/KernelReferences/CFFTW",
    providers: [.apt(["libfftw3-dev"])]
  ),
  .systemLibrary(
    name: "CKissFFT",
    path: "Tests/KernelReferences/CKissFFT",
    providers: [.apt(["libkissfft-dev"])]
  ),
]

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
    // Values and times in few bytes, to the bit: chunks of the store and its journal.
    core("SampleCoding", ["SignalProcessing"]),
    core("LearnedDetection"),

    // MARK: - The ISO 13374 blocks, in the order the data passes through them
    core("DataAcquisition", ["ConditionModel"]),
    core("DataManipulation", ["ConditionModel", "SignalProcessing"]),
    core("StateDetection", ["ConditionModel", "SignalProcessing"]),
    core("HealthAssessment", ["ConditionModel", "SignalProcessing"]),
    core("PrognosticAssessment", ["ConditionModel", "SignalProcessing"]),
    core(
      "AdvisoryGeneration",
      ["ConditionModel"],
      resources: [.embedInCode("Catalogue/en.strings"), .embedInCode("Catalogue/fr.strings")]
    ),

    // MARK: - The deterministic core: the blocks joined
    core(
      "MonitoringPipeline",
      [
        "ConditionModel", "DataManipulation", "StateDetection", "HealthAssessment",
        "PrognosticAssessment", "AdvisoryGeneration",
      ]
    ),

    // MARK: - Edges
    edge(
      "SiteConfiguration",
      [
        "ConditionModel", "DataAcquisition", "DataManipulation", "StateDetection",
        "PrognosticAssessment", "MonitoringPipeline", "Yams",
      ],
      resources: [
        .embedInCode("Severity/zones.yaml"), .embedInCode("Bearings/bearings.yaml"),
      ]
    ),
    edge("EdgeRuntime", ["ConditionModel"]),
    edge("ModbusTransport", ["ConditionModel", "DataAcquisition", "EdgeRuntime", "CModbus"]),
    // Sparkplug's bytes are written by hand (some 200 lines): swift-protobuf 1.39 did the same work in a
    // program of 17 MB instead of 7, with 2.2 MB more of private memory, in twice the time, and the
    // agent has 12 MB of that for everything.
    edge("MQTTPublishing", ["ConditionModel", "EdgeRuntime", "CMosquitto", "COpenSSL"]),
    edge(
      "HistoryStore",
      [
        "ConditionModel", "SignalProcessing", "SampleCoding", "EdgeRuntime",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]
    ),
    edge(
      "DatasetReplay",
      [
        "ConditionModel", "SignalProcessing", "LearnedDetection", "DataAcquisition",
        "StateDetection", "AdvisoryGeneration", "MonitoringPipeline", "SiteConfiguration", "Yams",
      ]
    ),
    edge("TrainingData", ["ConditionModel", "PrognosticAssessment", "CZlib", "Yams"]),
    edge(
      "PlantSimulation",
      ["ConditionModel", "SignalProcessing", "DataAcquisition", "EdgeRuntime"]
    ),

    // MARK: - The program: edges and core wired into a service, and its commands
    edge(
      "AgentRuntime",
      [
        "ConditionModel", "DataAcquisition", "StateDetection", "AdvisoryGeneration",
        "MonitoringPipeline", "SiteConfiguration", "ModbusTransport", "MQTTPublishing",
        "HistoryStore", "EdgeRuntime", "CAllocator",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ]
    ),
    .executableTarget(
      name: "vigie",
      dependencies: [
        "AgentRuntime", "ConditionModel", "DataAcquisition", "AdvisoryGeneration",
        "DataManipulation", "MonitoringPipeline", "SiteConfiguration", "EdgeRuntime",
        "ModbusTransport",
        "MQTTPublishing", "HistoryStore", "DatasetReplay", "TrainingData", "PlantSimulation",
        "PrognosticAssessment", "HealthAssessment", "SignalProcessing",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      resources: [.embedInCode("Words/en.strings"), .embedInCode("Words/fr.strings")],
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
    // The library under libmosquitto, for certificates: why one is refused, only it can say.
    .systemLibrary(
      name: "COpenSSL",
      pkgConfig: "openssl",
      providers: [.apt(["libssl-dev"])]
    ),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    // The part of the C library that Swift's own module of it leaves out.
    .systemLibrary(name: "CAllocator"),

    // MARK: - Tests
    tests(of: "ConditionModel"),
    tests(
      of: "SignalProcessing",
      ["PlainKernels", "ProcessSupport"],
      resources: [.copy("scipy_reference.py")]
    ),
    tests(of: "SampleCoding", ["SignalProcessing"]),
    tests(of: "LearnedDetection", ["SignalProcessing"]),
    tests(of: "DataAcquisition", ["ConditionModel", "SignalProcessing"]),
    tests(of: "DataManipulation", ["ConditionModel", "SignalProcessing"]),
    tests(of: "StateDetection", ["ConditionModel", "SignalProcessing"]),
    tests(of: "HealthAssessment", ["ConditionModel", "SignalProcessing", "PlantSimulation"]),
    tests(of: "AdvisoryGeneration", ["ConditionModel"]),
    tests(
      of: "PrognosticAssessment",
      ["ConditionModel", "SignalProcessing", "TrainingData", "PrognosisTrials", "CZlib"],
      resources: [.copy("Fixtures")]
    ),
    tests(
      of: "MonitoringPipeline",
      [
        "ConditionModel", "SignalProcessing", "DataAcquisition", "DataManipulation",
        "StateDetection",
        "HealthAssessment", "AdvisoryGeneration", "PlantSimulation",
      ]
    ),
    tests(
      of: "SiteConfiguration",
      [
        "ConditionModel", "DataAcquisition", "DataManipulation", "StateDetection",
        "PrognosticAssessment", "MonitoringPipeline", "ProcessSupport",
      ]
    ),
    tests(
      of: "ModbusTransport",
      ["ConditionModel", "DataAcquisition", "ProcessSupport"],
      resources: [.copy("Fixtures")]
    ),
    tests(
      of: "MQTTPublishing",
      ["ConditionModel", "EdgeRuntime", "ProcessSupport"],
      resources: [.copy("Fixtures"), .copy("Golden")]
    ),
    tests(
      of: "DatasetReplay",
      [
        "ConditionModel", "LearnedDetection", "SignalProcessing", "DataAcquisition",
        "StateDetection", "AdvisoryGeneration", "MonitoringPipeline", "SiteConfiguration",
        "PlantSimulation",
      ]
    ),
    tests(
      of: "HistoryStore",
      ["ConditionModel", .product(name: "GRDB", package: "GRDB.swift")],
      resources: [.copy("Fixtures")]
    ),
    tests(
      of: "PlantSimulation",
      ["ConditionModel", "SignalProcessing", "DataAcquisition", "ProcessSupport"],
      resources: [.copy("Fixtures")]
    ),
    tests(
      of: "AgentRuntime",
      [
        "ConditionModel", "DataAcquisition", "StateDetection", "AdvisoryGeneration",
        "MonitoringPipeline",
        "SiteConfiguration", "HistoryStore", "MQTTPublishing", "DatasetReplay", "ProcessSupport",
        .product(name: "Logging", package: "swift-log"),
      ]
    ),
    .testTarget(
      name: "AcceptanceTests",
      dependencies: [
        "vigie", "AgentRuntime", "AdvisoryGeneration", "ProcessSupport", "ConditionModel",
        "HistoryStore",
      ],
      resources: [.copy("Fixtures")],
      swiftSettings: strict
    ),
    // Damaged input for all that reads bytes from elsewhere: a short run as tests, long ones by
    // `vigie-bench fuzz`.
    edge(
      "FuzzTargets",
      [
        "ConditionModel", "SignalProcessing", "SampleCoding", "DataAcquisition",
        "PrognosticAssessment", "MonitoringPipeline", "SiteConfiguration", "MQTTPublishing",
        "HistoryStore", "DatasetReplay", "TrainingData", "PlantSimulation", "ProcessSupport",
        "SimulatedWorld", "CZlib",
        // Damages rows as SQLite itself would refuse to.
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      path: "Tests/FuzzTargets"
    ),
    .testTarget(
      name: "FuzzTests",
      dependencies: ["FuzzTargets", "ProcessSupport"],
      swiftSettings: strict
    ),
    // A gateway's life on simulated clocks, buses, brokers and disk.
    edge(
      "SimulatedWorld",
      [
        "ConditionModel", "SignalProcessing", "DataAcquisition", "AdvisoryGeneration",
        "MonitoringPipeline", "SiteConfiguration", "MQTTPublishing", "HistoryStore", "AgentRuntime",
        "EdgeRuntime", .product(name: "Logging", package: "swift-log"),
        // SQLite itself, for its way to files.
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ],
      path: "Tests/SimulatedWorld"
    ),
    .testTarget(
      name: "SimulationTests",
      dependencies: ["ConditionModel", "HistoryStore", "SimulatedWorld"],
      swiftSettings: strict
    ),
    // Programs that tests and benchmarks start, watch and stop.
    edge("ProcessSupport", [], path: "Tests/ProcessSupport"),
    // Simulated degradations that tests and benchmarks let the agent estimate.
    edge(
      "PrognosisTrials",
      ["ConditionModel", "SignalProcessing", "PrognosticAssessment"],
      path: "Tests/PrognosisTrials"
    ),

    // MARK: - Benchmarks
    .executableTarget(
      name: "vigie-bench",
      dependencies: [
        "BenchmarkHarness", "KernelBenchmarks", "ProcessSupport", "ConditionModel", "SampleCoding",
        "DataAcquisition", "DataManipulation", "MonitoringPipeline", "SiteConfiguration",
        "ModbusTransport", "DatasetReplay", "HistoryStore", "PlantSimulation", "LearnedDetection",
        "SignalProcessing", "HealthAssessment", "PrognosticAssessment", "TrainingData",
        "PrognosisTrials", "CAllocator", "FuzzTargets", "SimulatedWorld",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tests/Benchmarks",
      swiftSettings: strict
    ),
    .target(
      name: "KernelBenchmarks",
      dependencies: ["SignalProcessing", "PlainKernels", "BenchmarkHarness"]
        + (comparesTransforms ? ["CFFTW", "CKissFFT"] : []),
      path: "Tests/KernelBenchmarks",
      swiftSettings: strict + (comparesTransforms ? [.define("FFT_PEERS")] : [])
    ),
    .target(
      name: "PlainKernels",
      path: "Tests/KernelReferences/PlainKernels",
      swiftSettings: strict
    ),
    .target(
      name: "BenchmarkHarness",
      dependencies: ["AllocationCount"],
      path: "Tests/BenchmarkHarness",
      swiftSettings: strict
    ),
    .target(name: "AllocationCount", path: "Tests/AllocationCount"),
  ] + (comparesTransforms ? transformPeers : [])
)
