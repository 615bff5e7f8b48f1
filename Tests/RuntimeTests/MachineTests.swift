import Syntax
import Testing

@testable import Runtime

/// The language without any tensors: the tower stands alone.
private final class NoTensors: Domain {
  func bracket(_ elements: [Value], nested: (Int) -> Bool, exact: Bool) -> Value? { nil }
  func filled(_ number: Value, like parameter: Value) -> Value { number }
  func merged(_ a: Value, _ b: Value) -> Value? { nil }
  func failure(for error: any Error) -> Failure { Failure(.badValue, "\(error)") }
}

@Suite struct MachineTests {
  private func show(_ text: String) throws -> String {
    let session = Session(domain: NoTensors(), output: { _ in })
    return try session.run(Source(name: "test", text: text)).map { session.display($0) } ?? ""
  }

  @Test(arguments: [
    ("fn fib(n) = if n < 2 { n } else { fib(n - 1) + fib(n - 2) }\nfib(20)", "6765"),
    ("var s = 0\nfor i in 0..10 { if i == 3 { continue }\nif i == 6 { break }\ns += i }\ns", "12"),
    ("fn counter() { var n = 0\n() => { n += 1\nn } }\nlet c = counter()\nc()\nc()", "2"),
    ("let fs = [x => x + k for k in 0..3]\n[f(10) for f in fs]", "[10, 11, 12]"),
    ("fn f(x, y = x * 2) = x + y\n(f(1), f(1, 1), f(y: 5, x: 1))", "(3, 2, 6)"),
    ("let r = {a: 1, b: [2, 3]}\n{...r, a: 9}", "{a: 9, b: [2, 3]}"),
    ("var xs = [[1, 2], [3]]\nlet old = xs\nxs[0][1] += 5\n(xs, old)", "([[1, 7], [3]], [[1, 2], [3]])"),
    ("var (a, b) = (1, 2)\n(a, b) = (b, a)\n(a, b)", "(2, 1)"),
    ("try { 1 // 0 } catch e { e.code }", "\"E0502\""),
    ("{lr: 1.0, w: [2.0]} - 0.5 * {lr: 1.0, w: [2.0]}", "{lr: 0.5, w: [1.0]}"),
    ("-7 // 2", "-4"), ("-7 % 3", "2"), ("2 ^ -1", "0.5"), ("7 / 2", "3.5"), ("-2^2", "-4"),
    ("1 < 2 and not (3 < 2)", "true"), ("\"a\" in \"cat\"", "true"), ("2.0 in 0..3", "true"),
  ])
  func programsGiveTheirValues(_ program: String, _ value: String) throws {
    #expect(try show(program) == value)
  }

  /// Releasing, comparing and printing do not recurse: a thread's stack would not hold a million levels.
  @Test func aListNestedAMillionDeepIsDroppedInALoop() throws {
    let build = "var x = [none]\nfor _ in 0..1000000 { x = [x] }\n"
    #expect(try show(build + "var y = [none]\nfor _ in 0..1000000 { y = [y] }\nx == y") == "true")
    #expect(try show("var f = x => x\nfor _ in 0..1000000 { let g = f\nf = x => g(x) }\nf = 0\nf") == "0")
  }

  @Test func aFailedAssignmentLeavesTheOldValue() throws {
    #expect(try show("var xs = [1, 2]\ntry { xs[5] = 3 } catch e { }\nxs") == "[1, 2]")
  }

  /// A loop whose turns take long each ends with the operation that runs, not after a thousand turns.
  @Test func anInterruptStopsBeforeTheNextOperation() throws {
    let session = Session(domain: NoTensors(), output: { _ in })
    let interrupt = session.interrupt
    session.define(
      "stop",
      .function(
        Builtin("stop()", "Interrupts the program.") { _ in
          interrupt.request()
          return .none
        }))
    let text = "var xs = []\nfor k in 0..100 { xs = [xs, k]\nif k == 3 { stop() } }"
    #expect {
      _ = try session.run(Source(name: "test", text: text))
    } throws: { ($0 as? Diagnostic)?.code == .interrupted }
    #expect(try session.run(Source(name: "test", text: "xs[1]")).map { session.display($0) } == "3")
  }

  @Test func structuresThatDifferAreNamedByTheirPath() throws {
    let session = Session(domain: NoTensors(), output: { _ in })
    #expect {
      try session.run(Source(name: "test", text: "{a: [1.0, {b: 2.0}]} + {a: [1.0, {c: 2.0}]}"))
    } throws: { error in
      guard let diagnostic = error as? Diagnostic else { return false }
      return diagnostic.code == .structureMismatch && diagnostic.message.contains("`.a[1].c`")
    }
  }
}
