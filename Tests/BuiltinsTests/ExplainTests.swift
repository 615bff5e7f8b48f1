import Builtins
import Runtime
import Syntax
import Testing

/// What `explain` prints is the working: read back and evaluated, each line gives its value to the last bit.
@Suite struct ExplainTests {
  private func value(_ text: String, _ session: Session) throws -> String {
    let value = try session.run(Source(name: "test", text: text))
    return value.map { session.display($0) } ?? ""
  }

  @Test func theStepOfMomentumIsTheReferences() throws {
    let session = makeSession(output: { _ in })
    let text = try value(
      """
      let run = descend(x => x^2 / 2, from: 1.0, with: Momentum(lr: 0.1), steps: 3)
      explain run[2]
      """, session)
    let lines = text.split(separator: "\n").dropFirst()
    #expect(
      lines == [
        "g                     = ∇f(0.9)                    = 0.9",
        "v = beta * v - lr * g = 0.9 * -0.1 - 0.1 * 0.9     = -0.18000000000000002",
        "x + v                 = 0.9 + -0.18000000000000002 = 0.72",
      ])
  }

  private static let rules = [
    "GD()", "SGD()", "Momentum()", "Polyak()", "Nesterov()", "AdaGrad()", "Adadelta()", "RMSProp()", "Adam()",
    "AMSGrad()", "AdamW()", "Adamax()", "NAdam()", "RAdam()", "AdaBelief()", "Yogi()", "Lion()", "Adan()",
  ]

  @Test(arguments: rules) func everyLineReadBackHasTheSameBits(_ rule: String) throws {
    let session = makeSession(output: { _ in })
    let steps = 25
    _ = try session.run(
      Source(
        name: "test",
        text: "let run = descend(x => (x - 3)^2 + sin(x), from: -1.25, with: \(rule), steps: \(steps))"))
    for step in 1...steps {
      let explained = try session.run(Source(name: "test", text: "explain run[\(step)]"))
      guard case .object(let object as Explanation)? = explained else {
        Issue.record("run[\(step)] of \(rule) has no explanation")
        return
      }
      #expect(object.lines.count > 1, "\(rule)")
      for line in object.lines.dropFirst() where !line.numbers.isEmpty {
        #expect(try value(line.numbers, session) == line.value, "\(rule), step \(step): \(line.symbols)")
      }
    }
  }

  @Test func aParameterOfAModelIsChosenByItsPath() throws {
    let session = makeSession(output: { _ in })
    let text = try value(
      """
      let run = descend(m => mse(m(ones(4, 3)), zeros(4, 2)), from: f64(Dense(3, 2)), with: SGD(lr: 0.1), steps: 1)
      explain run[1], at: "weight[1, 1]"
      """, session)
    #expect(text.contains("x - lr * g"))
    #expect(throws: Diagnostic.self) { try value("explain run[1], at: \"wait[1]\"", session) }
  }

  @Test func anyExpressionShowsItsNumbers() throws {
    let session = makeSession(output: { _ in })
    let text = try value("let a = -3.0\nlet b = 2\nexplain a^b + sqrt(b)", session)
    #expect(text.hasSuffix("a^b + sqrt(b) = (-3.0)^2 + sqrt(2) = 10.414213562373096"))
  }
}
