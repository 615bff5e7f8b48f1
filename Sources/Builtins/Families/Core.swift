import Engine
import Graph
import Runtime
import Syntax

#if canImport(Glibc)
  import Glibc
#endif

/// Output, kinds, errors, time.
enum Core {
  static var all: [Builtin] {
    [
      Builtin(
        "print(...values)",
        """
        Writes values to standard output, one space between them.
        > print("loss", 0.25)
        loss 0.25
        """
      ) { call in
        guard case .list(let list) = call[0] else { return .none }
        let printer = ValuePrinter()
        let line = list.map(printer.text).joined(separator: " ") + "\n"
        try call.machine.stopIfAsked()
        call.machine.output(line)
        return .none
      },
      Builtin(
        "show(value)",
        """
        Writes a value as the prompt shows it.
        > show([1, 2])
        i64[2] [1, 2]
        """
      ) { call in
        let text = ValueDisplay.shown(call[0], ValuePrinter()) + "\n"
        try call.machine.stopIfAsked()
        call.machine.output(text)
        return .none
      },
      Builtin(
        "type(value)",
        """
        The kind of a value, as a string.
        > type([1, 2])
        "tensor"
        > type(["a"])
        "list"
        """, onlyCalculates: true
      ) { call in .string(call[0].kind) },
      Builtin(
        "string(value)",
        """
        A value as text, as `print` writes it.
        > string([1, 2]) + "!"
        "[1, 2]!"
        """
      ) { call in
        .string(ValuePrinter().text(call[0]))
      },
      Builtin(
        "number(value)",

        """
        A plain number from a string, a boolean or a tensor of one element; its derivative is one.
        > number("3.5")
        3.5
        """
      ) {
        call in
        try number(call[0])
      },
      Builtin(
        "error(message)",
        """
        Raises an error that `try … catch` can take.
        > try { error("no data") } catch e { e.message }
        "no data"
        """
      ) { call in
        var failure = Failure(.raised, ValuePrinter().text(call[0]))
        failure.payload = call[0]
        throw failure
      },
      Builtin(
        "assert(condition, message = \"\")",
        """
        Raises an error unless the condition is true.
        > try { assert(2 < 1, "two is not less") } catch e { e.message }
        "two is not less"
        """
      ) { call in
        guard try holds(call) else {
          let message = call.values[1].map { ValuePrinter().text($0) } ?? ""
          throw Failure(
            .assertionFailed, message.isEmpty ? "the assertion does not hold" : message, argument: 0)
        }
        return .none
      },
      Builtin(
        "input(question = \"\")",

        """
        The next line of standard input, or none at its end; the question is written first.
        > input("your name? ")
        your name?
        """,
        inRehearsal: .isUnknown
      ) { call in
        if let question = call.values[0] { call.machine.output(ValuePrinter().text(question)) }
        guard let line = Workspace.of(call.machine).input?() else { return .none }
        return .string(line)
      },
      Builtin(
        "clock()",
        """
        Seconds since some fixed moment, as a float.
        > clock() <= clock()
        true
        """, inRehearsal: .isUnknown
      ) { _ in
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return .float(Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9)
      },
      Builtin(
        "equal(a, b)",
        """
        Whether two values have the same contents, as one boolean.
        > equal([1, 2], [1, 2])
        true
        """
      ) { call in
        .bool(try Equality.equal(call[0], call[1], call.machine))
      },
    ]
  }

  private static func holds(_ call: BuiltinCall) throws -> Bool {
    do { return try call.machine.truth(call[0]) } catch var failure as Failure {
      failure.argument = 0
      throw failure
    }
  }

  private static func number(_ value: Value) throws -> Value {
    switch value {
    case .int, .float: return value
    case .bool(let flag): return .int(flag ? 1 : 0)
    case .text(let text):
      let trimmed = text.string.filter { !$0.isWhitespace && $0 != "_" }
      if let number = Int(trimmed) { return .int(number) }
      if let number = Double(trimmed), !trimmed.lowercased().contains("x") { return .float(number) }
      throw Failure(.badValue, "\(ValuePrinter.quoted(text.string)) is no number", argument: 0)
    case .object(let object as TensorObject) where object.tensor.count == 1:
      let term = object.tensor.rank == 0 ? object.term : try object.term.reshaped([])
      return try term.converted(to: term.dtype.isFloat ? .f64 : .i64, weak: true).value
    default:
      throw Failure(.wrongType, "\(Failure.article(value.kind)) is no single number", argument: 0)
    }
  }
}
