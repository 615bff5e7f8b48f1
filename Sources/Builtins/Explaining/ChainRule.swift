import Graph
import Runtime

/// The chain rule of one gradient, factor by factor: the values on the way up, then each derivative on the way back, in
/// the formulas and the order in which they were computed.
struct ChainRule {
  let tape: Tape
  let account: AccountedGradient
  let output: Int
  /// The names of the variables, by their places.
  private(set) var names: [Int: String]
  /// Calls between the variables and the output that have a line, in order.
  private var steps: [Int] = []
  /// What arrives at each place, in the order in which it was summed.
  private let arriving: [Int: [PassedCotangent]]
  private let outputName: String

  init(_ account: AccountedGradient, on tape: Tape, output: Int, variables: [(place: Int, name: String)]) {
    self.tape = tape
    self.account = account
    self.output = output
    names = Dictionary(variables.map { ($0.place, $0.name) }, uniquingKeysWith: { first, _ in first })
    arriving = Dictionary(grouping: account.parts, by: \.input)
    let taken = Set(variables.map { String($0.name.prefix { $0.isLetter || $0.isNumber || $0 == "_" }) })
    outputName = ["f", "y", "loss"].first { !taken.contains($0) } ?? "f_"
    let places = Set(account.parts.map(\.call)).union([output]).sorted()
    steps = places.filter { names[$0] == nil && !isPassedOn($0) }
    name(steps, avoiding: taken)
  }

  private mutating func name(_ steps: [Int], avoiding taken: Set<String>) {
    let letters = "abcdghkmnpqrsuvwz".map(String.init).filter { !taken.contains($0) && $0 != outputName }
    let few = steps.count - 1 <= letters.count
    for (index, place) in steps.enumerated() where place != output {
      names[place] = few ? letters[index] : "u\(index + 1)"
    }
    if names[output] == nil { names[output] = outputName }
  }

  // MARK: Texts

  /// How a place is called: a name, or a name with an index.
  private func symbol(_ place: Int) -> String {
    if let name = names[place] { return name }
    let call = tape.recorded(place)
    guard case .call(let base)? = call.inputs.first else { return "?" }
    if call.op === Op.row, case .integer(let position)? = call.attributes.first {
      return "\(symbol(base))[\(position)]"
    }
    return symbol(base)
  }

  /// Whether a call passes its input, or one part of it, on: it goes by its input's name.
  private func isPassedOn(_ place: Int) -> Bool {
    let call = tape.recorded(place)
    guard case .call(let input)? = call.inputs.first, input <= output else { return false }
    return call.op === Op.row || OpText.isPassing(call, tape.recorded(input).value)
  }

  /// A recorded value as a formula of the places that have names; `cotangent` is one that a rule was given.
  private func formula(
    _ place: Int, isNumeric: Bool, cotangent: (place: Int, name: Formula)?
  ) -> Formula {
    if let cotangent, place == cotangent.place { return cotangent.name }
    if place <= output {
      return isNumeric ? Formula(tape.recorded(place).value) : Formula(symbol(place))
    }
    let call = tape.recorded(place)
    var inputs: [Formula] = []
    var values: [Term] = []
    for input in call.inputs {
      switch input {
      case .constant(let term):
        inputs.append(Formula(constant: term))
        values.append(term)
      case .call(let place):
        // One times anything is that.
        if call.op === Op.multiply, place == seed, cotangent?.place == seed { continue }
        inputs.append(formula(place, isNumeric: isNumeric, cotangent: cotangent))
        values.append(tape.recorded(place).value)
      }
    }
    if call.op === Op.multiply, inputs.count == 1 { return inputs[0] }
    return OpText.formula(of: call, inputs, values: values)
  }

  private var seed: Int { tape.place(of: account.seed) ?? -1 }

  // MARK: Lines

  var lines: [Explanation.Line] { steps.map(forward) + backward }

  private func forward(_ place: Int) -> Explanation.Line {
    let call = tape.recorded(place)
    func text(isNumeric: Bool) -> Formula {
      let inputs = call.inputs.map { input -> (Formula, Term) in
        switch input {
        case .constant(let term): return (Formula(constant: term), term)
        case .call(let place):
          let value = tape.recorded(place).value
          return (isNumeric ? Formula(value) : Formula(symbol(place)), value)
        }
      }
      return OpText.formula(of: call, inputs.map(\.0), values: inputs.map(\.1))
    }
    return line(symbol(place), text(isNumeric: false), text(isNumeric: true), call.value)
  }

  private func line(_ name: String, _ symbols: Formula, _ numbers: Formula, _ value: Term) -> Explanation.Line
  {
    let value = Formula(value)
    // A number alone, put in for a name, is the value itself.
    let isShown =
      numbers.isExact && value.isExact && numbers.text != value.text && numbers.text != symbols.text
    return Explanation.Line(
      symbols: "\(name) = \(symbols.text)", numbers: isShown ? numbers.text : "", value: value.text)
  }

  /// The derivatives, from the output down, each as soon as all that it is made of is known.
  private var backward: [Explanation.Line] {
    var lines: [Explanation.Line] = []
    var done: Set<String> = []
    for place in arriving.keys.sorted(by: >) where place < output {
      let name = symbol(place)
      // All the places of one name together, when the last of them has come.
      let group = arriving.keys.filter { $0 < output && symbol($0) == name }.sorted(by: >)
      guard group.last == place, done.insert(name).inserted else { continue }
      lines += derivative(name, of: group)
    }
    return lines
  }

  /// The lines for one derivative: the factors that are more than a name first.
  private func derivative(_ name: String, of group: [Int]) -> [Explanation.Line] {
    if let parts = collected(name, group) { return [parts] }
    var lines: [Explanation.Line] = []
    var total: (symbols: Formula, numbers: Formula, value: Term)?
    for part in group.flatMap({ arrivals(at: $0) }) {
      let (symbols, numbers) = passed(part, to: name, &lines)
      if let before = total {
        let sum = try? Op.add.apply(before.value, part.part.constant)
        total = (
          .binary(.add, before.symbols, symbols), .binary(.add, before.numbers, numbers), sum ?? before.value
        )
      } else {
        total = (symbols, numbers, part.part.constant)
      }
    }
    guard let total else { return lines }
    return lines + [line("d\(outputName)/d\(name)", total.symbols, total.numbers, total.value)]
  }

  /// What arrives at a place from calls of other names.
  private func arrivals(at place: Int) -> [PassedCotangent] {
    (arriving[place] ?? []).filter { symbol($0.call) != symbol(place) }
  }

  /// What a call passes on, as a product of its own derivative and a factor where it is one.
  private func passed(
    _ part: PassedCotangent, to name: String, _ lines: inout [Explanation.Line]
  ) -> (Formula, Formula) {
    let callName = symbol(part.call)
    let own = tape.place(of: part.cotangent) ?? -1
    guard let place = tape.place(of: part.part) else {
      let value = Formula(part.part)
      return (value, value)
    }
    let isSeed = own == seed
    let symbolic = (own, isSeed ? Formula("1.0") : Formula("d\(outputName)/d\(callName)"))
    let numeric = (own, isSeed ? Formula("1.0") : Formula(part.cotangent))
    let symbols = formula(place, isNumeric: false, cotangent: symbolic)
    let numbers = formula(place, isNumeric: true, cotangent: numeric)
    guard !isSeed, let factor = factor(of: place, beside: own), factor.isCompound else {
      return (symbols, numbers)
    }
    let local = "d\(callName)/d\(name)"
    guard !lines.contains(where: { $0.symbols.hasPrefix("\(local) = ") }) else { return (symbols, numbers) }
    lines.append(line(local, factor.symbols, factor.numbers, factor.value))
    let product = (Formula(local), symbolic.1)
    let values = (Formula(factor.value), numeric.1)
    return (.binary(.multiply, product.0, product.1), .binary(.multiply, values.0, values.1))
  }

  private struct Factor {
    let symbols: Formula
    let numbers: Formula
    let value: Term
    let isCompound: Bool
  }

  /// What a call's cotangent was multiplied by, a sign included, where the product has the same bits.
  private func factor(of place: Int, beside cotangent: Int) -> Factor? {
    guard place > output else { return nil }
    let call = tape.recorded(place)
    if call.op === Op.negate, case .call(let inner)? = call.inputs.first,
      let factor = factor(of: inner, beside: cotangent), let value = try? Op.negate.apply(factor.value)
    {
      return Factor(
        symbols: .negated(factor.symbols), numbers: .negated(factor.numbers), value: value, isCompound: true)
    }
    guard call.op === Op.multiply, call.inputs.count == 2 else { return nil }
    for (position, input) in call.inputs.enumerated() {
      guard case .call(cotangent) = input else { continue }
      switch call.inputs[1 - position] {
      case .constant(let term):
        let formula = Formula(constant: term)
        return Factor(symbols: formula, numbers: formula, value: term, isCompound: false)
      case .call(let other) where other != cotangent:
        return Factor(
          symbols: formula(other, isNumeric: false, cotangent: nil),
          numbers: formula(other, isNumeric: true, cotangent: nil), value: tape.recorded(other).value,
          isCompound: other > output)
      case .call: return nil
      }
    }
    return nil
  }

  /// `df/dp = [df/dp[0], df/dp[1]]`, where a short vector is only ever used part by part.
  private func collected(_ name: String, _ group: [Int]) -> Explanation.Line? {
    guard let place = group.first, group.count == 1, let parts = arriving[place] else { return nil }
    let value = tape.recorded(place).value
    guard value.rank == 1, value.shape[0] <= 6, let gradient = total(of: place),
      parts.allSatisfy({ tape.recorded($0.call).op === Op.row })
    else { return nil }
    let used = Set(parts.map { symbol($0.call) })
    let entries = (0..<value.shape[0]).map {
      used.contains("\(name)[\($0)]") ? "d\(outputName)/d\(name)[\($0)]" : "0.0"
    }
    let bracket = "[\(entries.joined(separator: ", "))]"
    return Explanation.Line(
      symbols: "d\(outputName)/d\(name) = \(value.dtype == .f64 ? "f64(\(bracket))" : bracket)", numbers: "",
      value: Formula(gradient).text)
  }

  /// The cotangent of a place, summed as the walk did.
  private func total(of place: Int) -> Term? {
    var sum: Term?
    for part in arriving[place] ?? [] {
      sum =
        sum.map { before in (try? Op.add.apply(before, part.part.constant)) ?? before } ?? part.part.constant
    }
    return sum
  }
}
