// swift-tools-version: 6.1
import PackageDescription

// The session's values belong to one thread: counting references atomically and checking accesses for overlap would cost
// it a third of its speed. Tensors' storage, which worker threads may touch, is counted by Engine, atomically.
let oneThread: [SwiftSetting] = [
  .unsafeFlags(
    ["-enforce-exclusivity=unchecked", "-Xfrontend", "-assume-single-threaded"],
    .when(configuration: .release))
]

// Two towers and a bridge: CEngine → Engine → Graph → Learning know numbers, Syntax → Runtime know text;
// Builtins imports both. Prompt and maas-repl are the edges.
let package = Package(
  name: "maas",
  products: [.executable(name: "maas-repl", targets: ["maas-repl"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0")
  ],
  targets: [
    // The numeric tower.
    .target(
      name: "CEngine",
      // Kernels are optimised in debug builds too, so that tests on real data stay quick; math-errno would keep
      // square roots scalar; contraction across statements would make fused and unfused passes differ.
      cSettings: [.unsafeFlags(["-O3", "-fno-math-errno", "-ffp-contract=off"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "Engine", dependencies: ["CEngine", "CZlib"]),
    .target(name: "Graph", dependencies: ["Engine"], swiftSettings: oneThread),
    .target(name: "Learning", dependencies: ["Graph", "Engine"]),

    // How parameters are held: masks, codes, and their bytes in a file.
    .target(name: "Compression", dependencies: ["Engine"]),

    // Pictures: numbers in, text and files out.
    .target(name: "Figures", dependencies: ["CZlib"]),

    // The language tower.
    .target(name: "Syntax"),
    .target(
      name: "CRuntime",
      // The loop calls itself through tails: it is optimised in debug builds too. No product is contracted into a sum.
      cSettings: [.unsafeFlags(["-O2", "-ffp-contract=off"])]),
    .target(name: "Runtime", dependencies: ["CRuntime", "Syntax"], swiftSettings: oneThread),

    // The bridge, with the standard library in maas.
    .target(
      name: "Builtins",
      dependencies: ["Runtime", "Syntax", "Compression", "Learning", "Graph", "Engine", "Figures"],
      swiftSettings: oneThread, plugins: ["EmbedStandardLibrary"]),
    .executableTarget(name: "embed-stdlib"),
    .plugin(name: "EmbedStandardLibrary", capability: .buildTool(), dependencies: ["embed-stdlib"]),

    // What runs and reads scripts without a person: tests in them, checks of them.
    .target(name: "Checking", dependencies: ["Builtins", "Runtime", "Syntax"]),

    // The edges.
    .systemLibrary(name: "CLibedit", pkgConfig: "libedit", providers: [.apt(["libedit-dev"])]),
    .target(name: "CEdit", dependencies: ["CLibedit"]),
    .target(name: "Prompt", dependencies: ["CEdit", "Checking", "Builtins", "Runtime", "Syntax"]),
    .executableTarget(
      name: "maas-repl",
      dependencies: [
        "Prompt", "Checking", "Builtins", "Runtime", "Syntax",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // Numbers and programs made from a seed, for scripts/fuzz and tests.
    .target(name: "SeededRandom"),
    .target(name: "Fuzzing", dependencies: ["SeededRandom", "Syntax"]),
    .executableTarget(
      name: "maas-fuzz", dependencies: ["Fuzzing", "Prompt", "Checking", "Builtins", "Runtime", "Syntax"]),

    .testTarget(name: "SyntaxTests", dependencies: ["Fuzzing", "Syntax"]),
    .testTarget(name: "EngineTests", dependencies: ["SeededRandom", "Engine"]),
    .testTarget(name: "GraphTests", dependencies: ["Graph", "Engine"]),
    .testTarget(name: "LearningTests", dependencies: ["Learning", "Engine"]),
    .testTarget(name: "CompressionTests", dependencies: ["SeededRandom", "Compression", "Engine"]),
    .testTarget(name: "FiguresTests", dependencies: ["SeededRandom", "Figures", "CZlib"]),
    .testTarget(name: "RuntimeTests", dependencies: ["Runtime", "Syntax"]),
    .testTarget(name: "BuiltinsTests", dependencies: ["Builtins", "Runtime", "Syntax"]),
    .testTarget(
      name: "CheckingTests", dependencies: ["Fuzzing", "Checking", "Builtins", "Runtime", "Syntax"]),
    .testTarget(
      name: "ProgramTests", dependencies: ["Checking", "Builtins", "Prompt", "Runtime", "Syntax"],
      exclude: ["Snapshots"]),
    .testTarget(
      name: "PromptTests", dependencies: ["Prompt", "Builtins", "Runtime", "Syntax", "maas-repl"],
      exclude: ["Snapshots"]),
  ],
  swiftLanguageModes: [.v6]
)
