import Runtime
import Syntax

/// Commands about values and names.
extension Command {
  static let values = [
    Command(":time", .expression, does: "how long an expression takes: the median of repeated runs") {
      talk, text throws(Diagnostic) in
      let timing = try Timing(text, talk)
      talk.say(timing.text)
    },
    Command(":type", .expression, does: "what kind of value an expression gives, without showing it") {
      talk, text throws(Diagnostic) in
      talk.say(TypeText.text(try talk.value(of: text, name: ":type") ?? .none, talk.session))
    },
    Command(":vars", does: "the names you have bound: kind, shape, bytes") { talk, _ throws(Diagnostic) in
      let bindings = talk.session.bindings
      guard !bindings.isEmpty else { return talk.say("nothing is bound yet: let a = 1 binds a name") }
      let rows = bindings.map { binding in
        [
          binding.name, binding.value.kind, binding.isMutable ? "var" : "",
          talk.session.machine.summary(of: binding.value), MemoryWatch.text(binding.value.heldBytes),
        ]
      }
      talk.say(
        TextTable(["name", "kind", "", "value", "bytes"], rows, numeric: [4]).text(
          width: talk.console.outputTerminal.columns))
    },
    Command(
      ":step", .expression, does: "a run of `descend`, a step at a time: forward, back, with other settings"
    ) {
      talk, text throws(Diagnostic) in
      let value = try talk.value(of: text, name: ":step") ?? .none
      guard let run = try StepView(value, talk).show() else { return }
      talk.give(run, from: text)
    },
    Command(":undo", does: "takes back what the last input did to names and random numbers") {
      talk, _ throws(Diagnostic) in
      guard let (number, names) = talk.past.undo() else {
        return talk.say("there is nothing to undo, or what was before was too large to keep")
      }
      talk.forget(from: number)
      let what = names.isEmpty ? "no name had changed" : "as before: \(names.joined(separator: ", "))"
      talk.say("In [\(number)] is undone; \(what)")
    },
    Command(":reset", does: "unbinds every name and begins the random numbers anew") {
      talk, _ throws(Diagnostic) in
      talk.past.reset()
      talk.outputs.clear()
      talk.forget(from: 0)
      talk.say("every name is unbound")
    },
  ]
}

/// What `:type` says.
enum TypeText {
  static func text(_ value: Value, _ session: Session) -> String {
    switch value {
    case .int: return "number, a whole one"
    case .float: return "number, a float"
    case .none, .bool: return value.kind
    case .function(let function): return "function \(function.signature)"
    case .record(let record):
      let fields = zip(record.names, record.values).map { "\($0): \(short($1, session))" }
      return "record {\(fields.joined(separator: ", "))}"
    case .tuple(let tuple):
      return "tuple (\(tuple.elements.map { short($0, session) }.joined(separator: ", ")))"
    case .list(let list):
      let kinds = Set(list.elements.map(\.kind)).sorted()
      let of =
        kinds.count == 1 ? " of \(kinds[0])s" : kinds.isEmpty ? "" : " of \(kinds.joined(separator: ", "))"
      return "list\(of), \(list.count) long"
    case .text, .range, .object: return "\(value.kind) \(session.machine.summary(of: value))"
    }
  }

  private static func short(_ value: Value, _ session: Session) -> String {
    if case .object(let object) = value, object.isNumeric { return object.summary }
    return value.kind
  }
}
