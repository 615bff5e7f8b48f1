import Engine
import Graph
import Runtime

/// Arguments as a recording takes them: numbers and small tensors of floats, and words that it was made for.
struct ReplayInputs {
  /// What a recording needs to find again besides dtypes and shapes.
  enum Kind: Equatable {
    case plain, tensor, none
    /// A function, which was not called.
    case function
    case flag(Bool)
  }

  private(set) var kinds: [Kind] = []
  private(set) var tensors: [Tensor] = []

  /// Nil where an argument is something else, or on a tape already.
  init?(_ arguments: [Value]) {
    kinds.reserveCapacity(arguments.count)
    tensors.reserveCapacity(arguments.count)
    for argument in arguments {
      switch argument {
      case .none: kinds.append(.none)
      case .function: kinds.append(.function)
      case .bool(let flag): kinds.append(.flag(flag))
      case .float(let number): add(Tensor(scalar: number), .plain)
      case .int(let number):
        guard let exact = Double(exactly: number) else { return nil }
        add(Tensor(scalar: exact), .plain)
      case .object(let object as TensorObject):
        let term = object.term
        guard term.dtype.isFloat, term.tensor.count <= SmallProgram.largestCount, term.tensor.count > 0,
          !term.tensor.isHollow, !term.isTraced, !term.isCut
        else { return nil }
        add(term.tensor, term.isWeak ? .plain : .tensor)
      default: return nil
      }
    }
  }

  private mutating func add(_ tensor: Tensor, _ kind: Kind) {
    kinds.append(kind)
    tensors.append(tensor)
  }

  /// Variables without elements in the place of the numbers.
  func variables(on tape: Tape) throws -> (terms: [Term], arguments: [Value]) {
    var terms: [Term] = []
    let arguments = try kinds.map { kind -> Value in
      switch kind {
      case .none: return .none
      case .function: return .function(UncalledFunction())
      case .flag(let flag): return .bool(flag)
      case .plain, .tensor:
        terms.append(try tape.hollowVariable(like: tensors[terms.count], weak: kind == .plain))
        return .object(TensorObject(terms[terms.count - 1]))
      }
    }
    return (terms, arguments)
  }
}

/// Stands for any function in a recording, which fails if it is called.
private final class UncalledFunction: FunctionValue {
  private struct Called: Error {}
  override var name: String { "function" }
  override func call(_ arguments: CallArguments, _ machine: Machine) throws -> Value { throw Called() }
}
