import Foundation
import Testing

@testable import Builtins
@testable import Engine
@testable import Runtime
@testable import Syntax

/// Values through files and back, each read in a session of its own.
@Suite struct SavingTests {
  final class Folder {
    let path = NSTemporaryDirectory() + "/maas-saving-\(UUID().uuidString)"
    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: path) }
  }

  /// What a program prints; `DIR` in it is the folder.
  static func printed(_ code: String, in folder: Folder) throws -> String {
    var text = ""
    let session = makeSession(output: { text += $0 })
    let source = Source(name: "test.maas", text: code.replacingOccurrences(of: "DIR", with: folder.path))
    do { _ = try session.run(source) } catch {
      return text + error.rendered(colour: false)
    }
    return text
  }

  /// Saves in one session, prints `looks` of the saved value there and of the loaded one in another.
  static func roundTrip(_ definitions: String, _ value: String, looks: String) throws {
    let folder = try Folder()
    let before = try printed(
      "\(definitions)\nlet value = \(value)\nsave(value, \"DIR/v.maasm\")\n\(looks)", in: folder)
    let after = try printed("let value = load(\"DIR/v.maasm\")\n\(looks)", in: folder)
    #expect(!before.isEmpty && before == after)
    #expect(!before.contains("error["))
  }

  @Test func plainValues() throws {
    try Self.roundTrip(
      "",
      #"{a: 1, b: -0.0, c: [inf, -inf, 1e300], d: ("x\n\u{3b7}\"", none, true), e: 0..5, f: [], "g h": {}, n: [["a"], [1.5, "b"]]}"#,
      looks: "print(value)\nprint(1 / value.b, type(value.d), type(value.c))")
    try Self.roundTrip(
      "", "[u8([1, 2]), i8([-1]), i32([[7]]), i64([1]), f32([0.1]), f64([0.1]), [true, false], zeros(0, 3)]",
      looks: "print(value, [x.dtype for x in value], value[7].shape)")
    try Self.roundTrip("", "digits(20, seed: 4)", looks: "show(value)")
  }

  @Test func functions() throws {
    try Self.roundTrip(
      "let k = 3\nfn twice(x) = helper(x) * k\nfn helper(x) = 2 * x", "twice", looks: "print(value(5))")
    try Self.roundTrip(
      "fn make(a, b) = x => a * x + b", "[make(2, [1.0, 2.0]), relu, cosine(0.1, steps: 10)]",
      looks: "print(value[0](3), value[1](-1), value[2](5))")
    try Self.roundTrip(
      "fn even(n) = if n == 0 { true } else { odd(n - 1) }\nfn odd(n) = if n == 0 { false } else { even(n - 1) }",
      "even", looks: "print(value(10), value(7))")
    try Self.roundTrip(
      "fn counter(start) { var n = start; () => { n += 1; n } }\nlet c = counter(5)\nc()", "c",
      looks: "print(value(), value())")
    try Self.roundTrip(
      "fn outer(k) { fn f(n) = if n == 0 { k } else { f(n - 1) }; f }", "outer(7)", looks: "print(value(3))")
  }

  @Test func modelsAndOptimizers() throws {
    let net = """
      let gain = 0.5
      fn squash(x) = tanh(x) * gain
      ## A model of the user's own.
      model Net(inputs, hidden, f = squash) {
        let first = Dense(inputs, hidden, f)
        let rest = Sequential(Dense(hidden, 4, x => x^2), Dense(4, 2, bias: false))
        let depth = 2
        fn call(x) = x |> first |> rest
      }
      optimizer Own(lr = 0.1, beta = 0.5) { state v = 0; v = beta * v + g; x - lr * v }
      let data = blobs(30, classes: 2, seed: 1)
      """
    try Self.roundTrip(net, "Net(3, 5)", looks: "print(value([[1.0, 2.0, 3.0]]), value)\nprint(value.params)")
    try Self.roundTrip(
      net, "fit(Net(2, 3), data, with: Own(lr: cosine(0.1, steps: 50)), epochs: 2)",
      looks:
        "show(value)\nprint(value.model.params, value.optimizer, value.optimizer.step, value.data, value.seed)"
    )
    try Self.roundTrip(
      net, "fit(Net(2, 3), data, with: torch.Adam(), epochs: 1).optimizer",
      looks: "let m = Dense(2, 2); print(value, value.step, value.lr)")
  }

  /// A network goes on training after a load as if it had never been saved.
  @Test func trainingGoesOn() throws {
    let folder = try Folder()
    let setup = "let data = spirals(64, seed: 1)\nlet f = m => cross_entropy(m(data.x), data.y)\n"
    let steps = "for _ in 0..3 { (net, opt) = step(opt, net, grad(f)(net)) }\n"
    let text = try Self.printed(
      setup + "var net = Dense(2, 2)\nvar opt = Adam(lr: 0.1)\n" + steps
        + "save((net, opt), \"DIR/s.maasm\")\n" + steps
        + "print(net.params)", in: folder)
    let resumed = try Self.printed(
      setup + "var (net, opt) = load(\"DIR/s.maasm\")\n" + steps + "print(net.params)", in: folder)
    #expect(text == resumed && text.contains("weight"))
  }

  @Test func about() throws {
    let folder = try Folder()
    let text = try Self.printed(
      """
      seed(9)
      let data = blobs(30, seed: 1)
      let run = fit(Dense(2, 3), data, epochs: 2)
      save(run.model, "DIR/n.maasm", data: data, history: run.history)
      let a = about("DIR/n.maasm")
      print(a.kind, a.seed, a.version, a.data.digest == data.digest, equal(a.history.loss, run.loss), a.script.name)
      """, in: folder)
    #expect(text == "model 9 1 true true test.maas\n")
  }

  @Test func nothingRunsButDeclarations() throws {
    let folder = try Folder()
    let evil = [
      #"print("evil")"#, "print(1); x => x", "let a = print(1)", "x => x\nprint(1)", "(() => print(1))()",
      "1",
      "fn f(x) = x\nprint(1)", "x => x) (print(1)", "use \"other.maas\"", "[print(1)]",
    ]
    for text in evil {
      for captures in ["[]", #"[["k",1,false]]"#] {
        let header = JSON.Field("value", .record(["function": .integer(0)]))
        let function = try JSON.read(
          Array(
            "[\(#"{"name":"f","captures":\#(captures),"globals":[],"text":"#)\(JSON.string(text).text)}]".utf8
          ))
        try Maasm.write(
          [header, .init("functions", function), .init("globals", .array([]))], tensors: [],
          path: folder.path + "/evil.maasm")
        let printed = try Self.printed("load(\"DIR/evil.maasm\")", in: folder)
        #expect(printed.hasPrefix("error[E0603]"), "\(text): \(printed)")
      }
    }
    let renamed = try JSON.read(
      Array(#"[{"name":"f","captures":[["k = print(1)",1,false]],"globals":[],"text":"x => x"}]"#.utf8))
    try Maasm.write(
      [
        .init("value", .record(["function": .integer(0)])), .init("functions", renamed),
        .init("globals", .array([])),
      ],
      tensors: [], path: folder.path + "/evil.maasm")
    #expect(try Self.printed("load(\"DIR/evil.maasm\")", in: folder).hasPrefix("error[E0603]"))
  }

  /// Headers that are sound JSON under sound digests, and mean nothing.
  @Test(arguments: [
    #"{"value":{"tensor":"gone"}}"#, #"{"value":{"tensor":1}}"#, #"{"value":{"unheard":1}}"#,
    #"{"value":{"tuple":1}}"#,
    #"{"value":{"tuple":[],"record":[]}}"#, #"{"value":{}}"#, #"{"value":{"record":[["a",1],["a",2]]}}"#,
    #"{"value":{"record":[["a"]]}}"#, #"{"value":{"range":[1]}}"#, #"{"value":{"float":"big"}}"#,
    #"{"value":{"function":7}}"#, #"{"value":{"function":-1}}"#, #"{"value":{"builtin":"no_such"}}"#,
    #"{"value":{"library":"torch.Nope"}}"#, #"{"value":{"library":"pi"}}"#, #"{"value":{"model":{}}}"#,
    #"{"value":{"model":{"constructor":{"library":"Dense"},"fields":[]}}}"#,
    #"{"value":{"model":{"constructor":{"builtin":"exp"},"fields":[]}}}"#,
    #"{"value":{"model":{"constructor":{"library":"Adam"},"fields":[]}}}"#,
    #"{"value":{"optimizer":{"constructor":{"library":"Adam"},"hyperparameters":[],"states":null,"step":1}}}"#,
    #"{"value":{"optimizer":{"constructor":{"library":"SGD"},"hyperparameters":[["lr",1]],"states":[[1]],"step":1}}}"#,
    #"{"value":{"optimizer":{"constructor":{"library":"SGD"},"hyperparameters":[["lr",1]],"states":null,"step":-1}}}"#,
    #"{"value":{"run":{"title":"a","fields":1,"table":2}}}"#, #"{"value":{"dataset":{"name":"a"}}}"#,
    #"{"value":{"card":{"name":"a"}}}"#, #"{"values":1}"#,
    #"{"value":{"function":0},"functions":[{"text":"x => k","captures":[["k",{"function":0},false]],"globals":[]}]}"#,
    #"{"value":{"function":0},"functions":[{"text":"x => x","captures":[],"globals":[3]}],"globals":[]}"#,
  ]) func headersThatMeanNothing(_ json: String) throws {
    let folder = try Folder()
    let fields = try JSON.read(Array(json.utf8)).fields ?? []
    try Maasm.write(fields, tensors: [], path: folder.path + "/v.maasm")
    let printed = try Self.printed("print(load(\"DIR/v.maasm\"))", in: folder)
    #expect(printed.hasPrefix("error[E06"), "\(printed)")
  }

  @Test func refusals() throws {
    let folder = try Folder()
    for (code, wanted) in [
      (#"save("a", "DIR/a.npy")"#, "E0401"), (#"save([1], "DIR/a.xyz")"#, "E0506"),
      (#"save([1], 3)"#, "E0401"),
      (#"save(grad(x => x), "DIR/a.maasm")"#, "E0506"), (#"save([1], "/nonexistent/a.npy")"#, "E0604"),
      (#"load("DIR/none.maasm")"#, "E0601"), (#"load("DIR/a.xyz")"#, "E0506"),
      (#"save({a: "t"}, "DIR/a.npz")"#, "E0401"),
      ("var l = []\nfor i in 0..100000 { l = [l] }\nsave(l, \"DIR/a.maasm\")", "E0506"),
      (
        "fn make(k) { model M(n) { let w = zeros(n); fn call(x) = x * k }; M(2) }\nsave(make(2), \"DIR/a.maasm\")",
        "E0801"
      ),
      ("save({a: 1.0}, \"DIR/a.safetensors\")\nload(\"DIR/a.safetensors\", like: {b: 1.0})", "E0603"),
      (
        "save({a: [1.0]}, \"DIR/a.safetensors\")\nload(\"DIR/a.safetensors\", like: {a: [1.0, 2.0]})", "E0305"
      ),
    ] {
      let printed = try Self.printed(code, in: folder)
      #expect(printed.contains("error[\(wanted)]"), "\(code): \(printed)")
    }
  }

  /// A seeded fuzzer over the header: it is damaged under sound digests, and loading gives a value or a diagnostic.
  @Test func damagedHeaders() throws {
    let folder = try Folder()
    let path = folder.path + "/net.maasm"
    _ = try Self.printed(
      "fn f(x) = x * k\nlet k = 2\nsave({net: Sequential(Dense(2, 2, f), Dense(2, 1, relu)), opt: Adam(), r: 0..3, t: (1, inf)}, \"DIR/net.maasm\")",
      in: folder)
    let (header, tensors) = try Maasm.read(path: path)
    let text = Array(
      JSON.object((header.fields ?? []).filter { !["version", "body", "script"].contains($0.name) }).text.utf8
    )
    var state: UInt64 = 11
    func random(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(truncatingIfNeeded: state >> 33) % count
    }
    let strange = Array("\"{}[]:,0-9truefnl.aeE".utf8)
    var tried = 0
    let session = makeSession(output: { _ in })
    for _ in 0..<1500 {
      var damaged = text
      for _ in 0...random(3) {
        let place = random(damaged.count)
        switch random(4) {
        case 0: damaged[place] = strange[random(strange.count)]
        case 1: damaged.removeSubrange(place..<min(damaged.count, place + 1 + random(20)))
        case 2: damaged.insert(contentsOf: damaged[place..<min(damaged.count, place + 15)], at: place)
        default: damaged[place] ^= UInt8(1 << random(7))
        }
      }
      guard let fields = (try? JSON.read(damaged, depthLimit: 300))?.fields else { continue }
      tried += 1
      try Maasm.write(fields, tensors: tensors, path: path)
      do { _ = try session.run(Source(name: "fuzz", text: "load(\"\(path)\")")) } catch {
        #expect(error.code != .interrupted)
      }
    }
    #expect(tried > 100)
  }
}
