import Compression
import Engine
import Runtime

/// The layouts of held tensors for products: what `tune` in the standard library measures and chooses by.
enum Layouts {
  static var all: [Builtin] {
    [
      Builtin(
        "layouts(w)",
        """
        The layouts that products `x @ w` can have: "floats", for a held matrix of which runs of 16 neighbours are zero "blocks", for one of codes of 4 bits or fewer "codes"; none for a tensor that is free or no matrix of f32. All give the same bits.
        > layouts(quantize(Dense(64, 32), bits: 4).weight)
        ["floats", "codes"]
        """
      ) { call in
        let term = try Conversion.term(call[0], "`w`", argument: 0)
        return .list(List(try call[0].form?.layouts(term.tensor).map { .string($0.name) } ?? []))
      },
      Builtin(
        "laid_out(w, layouts, batches)",
        """
        A held matrix whose products `x @ w` have the given layouts on processors like this one: each for x of so many rows as `batches` says in its place, ascending, and of the numbers near it, up to eight times as many or as few. Elsewhere they have the usual ones.
        > form(laid_out(quantize(Dense(64, 32), bits: 4).weight, ["codes", "floats"], [1, 64])).layouts.batches
        [1, 64]
        """
      ) { call in
        let term = try Conversion.term(call[0], "`w`", argument: 0)
        guard let form = call[0].form else {
          throw Failure(
            .badValue, "`w` is a held matrix: what is free has one layout alone",
            notes: ["it is \(call.machine.summary(of: call[0]))"], help: ["prune(net, of: \"blocks\")"],
            argument: 0)
        }
        let held = (values: term.tensor, form: form)
        let layouts = try layouts(call[1])
        guard let batches = try Conversion.integers(call[2]) else {
          throw Failure(.wrongType, "`batches` are whole numbers: [1, 64]", argument: 2)
        }
        guard layouts.count == batches.count else {
          throw Failure(
            .badValue, "each batch has a layout: here are \(layouts.count) for \(batches.count) batches",
            argument: 1)
        }
        let choice = try LayoutChoice(.current, zip(batches, layouts).map { (rows: $0, layout: $1) })
        // A rehearsal has no elements that could tell which layouts are possible.
        guard !held.values.isHollow else { return call[0] }
        return .object(TensorObject(term, form: try Form.choosing(choice, for: held).form))
      },
    ]
  }

  /// Where layouts were measured, for which batches, and what was chosen.
  static func record(_ choice: LayoutChoice) -> Value {
    .record(
      Record(
        ["path", "batches", "chosen"],
        [
          .string("\(choice.path)"), .list(List(choice.choices.map { .int($0.rows) })),
          .list(List(choice.choices.map { .string($0.layout.name) })),
        ]))
  }

  private static func layouts(_ value: Value) throws -> [Layout] {
    guard case .list(let list) = value else {
      throw Failure(.wrongType, "`layouts` is a list of names: [\"blocks\", \"floats\"]", argument: 1)
    }
    return try list.elements.map { element in
      guard case .text(let text) = element,
        let layout = Layout.allCases.first(where: { $0.name == text.string })
      else {
        throw Failure(
          .badValue, "a layout is \"floats\", \"blocks\" or \"codes\"",
          notes: ["one of these is \(ValuePrinter().element(element))"], argument: 1)
      }
      return layout
    }
  }
}
