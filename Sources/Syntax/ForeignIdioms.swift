/// What people write who come from Python, NumPy, MATLAB, Julia, Swift or C.
///
/// Syntax of other languages is recognised only where a text could not be read anyway (`Parser.foreignIdiom`); names
/// of other languages are plain names, which the runtime looks up here when nothing else is called so.
package enum ForeignIdioms {
  /// How maas writes what other languages call so, `nil` where nothing is known. Knows `True` as well as `np.dot`.
  package static func replacement(forName name: String) -> String? {
    if let known = names[name] { return known }
    guard let dot = name.firstIndex(of: "."), libraries.contains(String(name[..<dot])) else { return nil }
    let member = String(name[name.index(after: dot)...].split(separator: ".").last ?? "")
    guard !member.isEmpty, Printer.isName(member) else { return names[String(name[..<dot])] }
    return names[member] ?? member
  }

  /// The argument that is meant by a name none has: the nearest spelling, or what other libraries call so.
  package static func nearestArgument(_ name: String, in known: [String]) -> String? {
    if let near = Spelling.nearest(name, in: known) { return near }
    return arguments[name].flatMap { known.contains($0) ? $0 : nil }
  }

  private static let arguments: [String: String] = [
    "learning_rate": "lr", "eta": "lr", "alpha": "lr", "momentum": "beta", "beta_1": "beta1",
    "beta_2": "beta2",
    "epsilon": "eps", "batch_size": "batch", "num_epochs": "epochs", "n_epochs": "epochs",
    "nb_epochs": "epochs",
    "optimizer": "with", "optim": "with", "rule": "with", "criterion": "loss", "loss_fn": "loss",
    "validation_data": "validate", "dim": "axis", "axes": "axis", "keepdim": "keep", "keepdims": "keep",
    "n_steps": "steps", "max_iter": "steps", "iterations": "steps", "x0": "from", "start": "from",
    "use_bias": "bias",
    "kernel_size": "kernel", "decimals": "digits", "key": "by", "random_state": "seed", "rng": "seed",
  ]

  /// Modules whose functions maas has under their own names.
  private static let libraries: Set<String> = [
    "np", "numpy", "jnp", "jax", "math", "tf", "plt", "pd", "random", "scipy", "F", "nn", "Math", "torch",
  ]

  private static let names: [String: String] = [
    "True": "true", "False": "false", "TRUE": "true", "FALSE": "false", "YES": "true", "NO": "false",
    "None": "none", "null": "none", "nil": "none", "NULL": "none", "undefined": "none", "nothing": "none",
    "missing": "none", "NaN": "nan", "Inf": "inf", "Infinity": "inf", "infinity": "inf", "Pi": "pi",
    "PI": "pi",
    "np": "tensors need no prefix: dot(a, b)", "numpy": "tensors need no import: dot(a, b)",
    "jnp": "tensors need no prefix: dot(a, b)", "jax": "gradients need no import: grad(f)",
    "tf": "layers need no prefix: Dense(784, 10)", "nn": "layers need no prefix: Dense(784, 10)",
    "F": "functions need no prefix: relu(x)", "torch": "functions need no prefix: relu(x)",
    "plt": "plot(x, y)", "pd": "csv(path, target: name)", "math": "functions need no prefix: sin(x)",
    "Math": "functions need no prefix: sin(x)", "random": "rand(2, 3)",
    "scipy": "functions need no prefix: solve(a, b)",
    "end": "the last element is x[-1]; blocks end in `}`", "pass": "an empty block is { }",
    "self": "a model's parts are known by their names in its body",
    "this": "a model's parts are known by their names in its body",
    "length": "len(x)", "numel": "x.size", "ndim": "len(x.shape)", "count": "len(x)",
    "str": "string(x)", "String": "string(x)", "int": "floor(x), or of a text number(\"3\")",
    "Int": "floor(x), or of a text number(\"3\")",
    "float": "number(\"3.5\")",
    "Float": "number(\"3.5\")", "Double": "number(\"3.5\")", "bool": "x != 0", "dict": "{name: value}",
    "array": "[1, 2, 3]", "asarray": "[1, 2, 3]", "matrix": "[[1, 2], [3, 4]]", "arange": "range(0, 10, 1)",
    "xrange": "0..n", "isinstance": "type(x) == \"number\"",
    "println": "print(x)", "printf": "print(\"x = \\(x)\")", "disp": "print(x)", "echo": "print(x)",
    "puts": "print(x)",
    "fprintf": "print(\"x = \\(x)\")", "console": "print(x)",
    "pow": "x^y", "power": "x^y", "ln": "log(x)", "concatenate": "concat([a, b], axis: 0)",
    "cat": "concat([a, b], axis: 0)", "vstack": "concat([a, b], axis: 0)",
    "hstack": "concat([a, b], axis: 1)",
    "hcat": "concat([a, b], axis: 1)", "vcat": "concat([a, b], axis: 0)",
    "horzcat": "concat([a, b], axis: 1)",
    "arcsin": "asin(x)", "arccos": "acos(x)", "arctan": "atan(x)", "amax": "max(x)", "amin": "min(x)",
    "average": "mean(x)", "linalg": "functions need no prefix: solve(a, b)",
    "identity_matrix": "eye(n)", "randi": "randint(0, 10, (3,))", "view": "reshape(x, 2, -1)",
    "permute": "transpose(x, 0, 2, 1)", "swapaxes": "transpose(x, 0, 2, 1)", "ravel": "reshape(x, -1)",
    "unsqueeze": "reshape(x, …)", "expand_dims": "reshape(x, …)", "detach": "stop_gradient(x)",
    "ReLU": "relu", "Sigmoid": "sigmoid", "Tanh": "tanh", "Softmax": "softmax", "Linear": "Dense(in, out)",
    "Conv2d": "Conv2D(in, out, kernel)", "CrossEntropyLoss": "cross_entropy(logits, labels)",
    "MSELoss": "mse(y, target)",
    "manual_seed": "seed(n)", "raise": "error(\"…\")", "throw": "error(\"…\")", "Exception": "error(\"…\")",
    "elif": "else if", "elseif": "else if", "lambda": "x => …", "def": "fn f(x) = …", "func": "fn f(x) = …",
    "function": "fn f(x) = …", "import": "let lab = use \"lab.maas\"",
    "exit": "a script ends with its last line",
    "quit": ":quit at the prompt", "clc": ":reset at the prompt", "clear": ":reset at the prompt",
  ]
}
