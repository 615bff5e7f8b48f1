import Runtime

/// What a race of optimizers needs to know of them.
enum Racing {
  static var all: [Builtin] {
    [
      Builtin(
        "adjusted(opt, settings)",

        """
        The optimizer with some of its settings replaced by a record's, before its first step: `adjusted(Adam(), \
        {lr: 0.1})`.
        > adjusted(Adam(), {lr: 0.1})
        Adam(lr: 0.1, beta1: 0.9, beta2: 0.999, eps: 1e-8)
        """
      ) { call in
        let optimizer = try optimizer(call[0])
        let named = try changed(optimizer, call[1])
        return try call.machine.call(.function(optimizer.constructor), CallArguments([], named: named))
      },
      Builtin(
        "retuned(opt, settings)",

        """
        The optimizer with some of its settings replaced by a record's, its states and steps as they are: \
        `retuned(opt, {lr: 0.01})`.
        > retuned(Adam(), {lr: 0.01})
        Adam(lr: 0.01, beta1: 0.9, beta2: 0.999, eps: 1e-8)
        """
      ) { call in
        let optimizer = try optimizer(call[0])
        return .object(optimizer.retuned(try changed(optimizer, call[1]).map(\.value)))
      },
      Builtin(
        "brief(opt)",
        """
        An optimizer as text, with its step size and the settings that are not the usual ones.
        > brief(Momentum(lr: 0.1))
        "Momentum(lr: 0.1)"
        """
      ) { call in
        let optimizer = try optimizer(call[0])
        let printer = ValuePrinter()
        var usual: [String] = []
        // A rule whose settings have no defaults has none that go without saying.
        if case .object(let object)? = try? call.machine.call(.function(optimizer.constructor), []),
          let fresh = object as? OptimizerValue
        {
          usual = fresh.hyperparameters.map(printer.element)
        }
        let names = optimizer.fieldNames.filter { $0 != "step" }
        let parts = zip(names, optimizer.hyperparameters).enumerated().compactMap {
          index, setting -> String? in
          let text = printer.element(setting.1)
          if setting.0 != "lr", index < usual.count, usual[index] == text { return nil }
          return "\(setting.0): \(text)"
        }
        return .string("\(optimizer.name)(\(parts.joined(separator: ", ")))")
      },
      Builtin(
        "has_setting(opt, name)",
        """
        Whether an optimizer has a setting that is a number, and so can be tuned.
        > has_setting(Adam(), "lr")
        true
        """
      ) { call in
        let (optimizer, name) = (try optimizer(call[0]), ValuePrinter().text(call[1]))
        guard name != "step", let value = try optimizer.field(name, call.machine) else { return .bool(false) }
        return .bool(Conversion.number(value) != nil)
      },
    ]
  }

  /// An optimizer's settings in their order, some of them replaced by a record's.
  private static func changed(
    _ optimizer: OptimizerValue, _ settings: Value
  ) throws -> [(name: String, value: Value)] {
    guard case .record(let settings) = settings else {
      throw Failure(.wrongType, "`settings` is a record, not \(Failure.article(settings.kind))", argument: 1)
    }
    let names = optimizer.settingNames
    if let unknown = settings.names.first(where: { !names.contains($0) }) {
      throw Failure(
        .unknownField, "\(optimizer.name) has no setting `\(unknown)`",
        notes: ["it has \(names.joined(separator: ", "))"], argument: 1)
    }
    return zip(names, optimizer.hyperparameters).map { ($0, settings[$0] ?? $1) }
  }

  private static func optimizer(_ value: Value) throws -> OptimizerValue {
    guard case .object(let object) = value, let optimizer = object as? OptimizerValue else {
      throw Failure(.wrongType, "this is about an optimizer, not \(Failure.article(value.kind))", argument: 0)
    }
    return optimizer
  }
}
