/// What `?E0301` shows: a title, an explanation, and a short program that raises the error.
extension ErrorCode {
  package var title: String { row.title }
  package var explanation: String { row.explanation }
  package var example: String { row.example }

  private struct Row {
    let title: String
    let explanation: String
    let example: String

    init(_ title: String, _ explanation: String, _ example: String) {
      (self.title, self.explanation, self.example) = (title, explanation, example)
    }
  }

  private var row: Row {
    switch self {
    case .unexpectedText:
      Row(
        "unexpected text",
        "Something stands where the language expects something else. A statement ends with its line or at `;`; a line "
          + "goes on after a binary operator, `=`, `=>` or `,`, inside `(` and `[`, and when the next line starts with "
          + "`|>`, `.`, `else` or `catch`.",
        "let x = 3 4")
    case .unclosed:
      Row(
        "a bracket or string is never closed",
        "The first place shown is where it opens, the second where its end was missed. A string in single `\"` ends on "
          + "its line; a text over several lines stands between `\"\"\"` and `\"\"\"`.",
        "print((1 + 2)")
    case .badNumber:
      Row(
        "a number cannot be read",
        "Numbers are written 42, 1_000, 0xff, 1.5 and 1e-3. A point needs a digit on both sides, an underscore stands "
          + "between digits, a product needs its `*`. Integers have 64 bits; larger ones are written as floats.",
        "let x = 99999999999999999999")
    case .foreignIdiom:
      Row(
        "another language's way to write it",
        "The text is clear, but in the words of Python, NumPy, MATLAB, Julia, Swift or C. The help line shows how maas "
          + "writes the same.",
        "def f(x): return x^2")
    case .badString:
      Row(
        "a string cannot be read",
        "In a string a backslash begins an escape: \\n, \\t, \\r, \\0, \\\", \\\\, \\u{3b7}, or \\(expression). A backslash as "
          + "it is is written \\\\, or stands between `\"\"\"` and `\"\"\"`, where nothing is an escape.",
        "print(\"C:\\data\")")
    case .chainedComparison:
      Row(
        "comparisons do not chain",
        "A comparison gives true or false, which is not compared with the next number. Two comparisons are joined "
          + "by `and`.",
        "let x = 2\n1 < x < 3")
    case .misplaced:
      Row(
        "a form stands where it has no meaning",
        "`return` belongs into a function, `break` and `continue` into a loop, `state` into an optimizer, an open range "
          + "into an index, `...` into a record or before the last parameter; names come after positions in a call.",
        "break")
    case .invalidEncoding:
      Row(
        "a file is not UTF-8",
        "maas reads UTF-8. The place of the first byte that is not is shown; most editors can save a file in that "
          + "encoding.",
        "# a file saved in another encoding, such as Latin-1 or UTF-16")
    case .nestedTooDeeply:
      Row(
        "forms are nested too deeply",
        "Brackets, blocks and functions may stand \(Parser.nestingLimit) deep inside each other, and one expression may chain "
          + "\(Parser.heightLimit) operations. An inner part can be bound with `let`; a list can be folded with `sum` or `reduce`.",
        String(repeating: "(", count: Parser.nestingLimit + 1))
    case .unknownName:
      Row(
        "nothing has this name",
        "The name is not bound here, at top level or in the standard library. The nearest spelling is offered.",
        "let learning_rate = 0.1\nprint(learnig_rate)")
    case .assignToConstant:
      Row(
        "a constant is assigned to",
        "`let` binds a name once. A name that changes is bound with `var`.",
        "let x = 1\nx = 2")
    case .assignToUnknown:
      Row(
        "an unknown name is assigned to",
        "A name is bound with `let` or `var` before it is assigned to, so that a misspelt name cannot become a new "
          + "variable.",
        "x = 3")
    case .missingArgument:
      Row(
        "an argument is missing", "Every parameter without a default needs an argument.",
        "fn f(x, y) = x + y\nf(1)")
    case .unknownArgument:
      Row(
        "no parameter has this name", "The function has no parameter of the name given with `name: value`.",
        "fn f(x, lr = 0.1) = x * lr\nf(2, rate: 0.5)")
    case .repeatedArgument:
      Row(
        "an argument is given twice",
        "A parameter is given by position or by name, once. A value that stands without a name after one with a name "
          + "goes to the first parameter that is still free.",
        "fn f(x) = x\nf(1, x: 2)")
    case .tooManyArguments:
      Row(
        "there are more arguments than parameters",
        "A function takes as many arguments as it has parameters; `...rest` takes any number.",
        "fn f(x) = x\nf(1, 2)")
    case .unknownField:
      Row(
        "a value has no field of this name",
        "The fields a value has are listed, the nearest spelling is offered.",
        "let r = {lr: 0.1}\nr.learning_rate")
    case .duplicateName:
      Row(
        "a name stands twice in one place",
        "The names of a parameter list, a record and a pattern differ from each other.", "fn f(x, x) = x")
    case .shapeMismatch:
      Row(
        "shapes do not match",
        "Elementwise operations broadcast: shapes are compared from the last axis, and two lengths fit when they are "
          + "equal or one of them is 1. For `a @ b` the columns of a are as many as the rows of b.",
        "zeros(2, 3) @ zeros(4, 5)")
    case .structureMismatch:
      Row(
        "structures do not match",
        "Arithmetic goes leaf by leaf through lists, tuples, records and models; both sides need the same structure. "
          + "The first path that differs is shown.",
        "{a: 1} + {b: 1}")
    case .raggedBracket:
      Row("rows differ in length", "The rows of a tensor are equally long.", "[[1, 2], [3]]")
    case .badAxis:
      Row(
        "there is no such axis", "Axes are counted from 0, or from the last with -1.",
        "sum(zeros(2, 3), axis: 2)")
    case .badShape:
      Row(
        "a shape does not fit", "A new shape holds as many elements as the old one; one length may be -1.",
        "reshape(zeros(2, 3), 4, 2)")
    case .wrongType:
      Row(
        "a value is of another kind than is needed", "What was found and what is needed are shown.",
        "1 + \"a\"")
    case .notBoolean:
      Row(
        "a condition is neither true nor false",
        "`if`, `while`, `and`, `or` and `not` take booleans only. A number is compared, a boolean tensor is reduced with "
          + "`all` or `any`.",
        "let x = 3\nif x { print(x) }")
    case .notCallable:
      Row("a value cannot be called", "Functions, models and constructors are called.", "let x = 3\nx(2)")
    case .notIterable:
      Row(
        "a value cannot be run through",
        "`for` runs over ranges, lists, tensors and batches. To count to a number, run over the range 0..n.",
        "for i in 10 { print(i) }")
    case .badPattern:
      Row(
        "a value does not have the parts a pattern names",
        "`let (a, b) = v` takes a tuple or list of two, `let {a, b} = v` a value with those fields.",
        "let (a, b) = (1, 2, 3)")
    case .indexOutOfRange:
      Row(
        "an index is out of range", "Indices go from 0 to the length less one, or from -1 backwards.",
        "[1, 2, 3][3]")
    case .divisionByZero:
      Row(
        "an integer is divided by zero",
        "`//` and `%` refuse zero; `/` gives a float, and infinity or nan for zero.", "1 // 0")
    case .overflow:
      Row(
        "an integer is beyond 64 bits",
        "Integers go from -9223372036854775808 to 9223372036854775807. Floats go further, with 15 digits.",
        "2 ^ 64")
    case .callDepth:
      Row(
        "functions call each other too deeply", "Usually a recursion that never reaches its end.",
        "fn f(x) = f(x + 1)\nf(0)")
    case .outOfMemory:
      Row(
        "a value does not fit into memory",
        "By default a program may use four fifths of the memory of the machine or container.",
        "zeros(1000000, 1000000)")
    case .badValue:
      Row("a value is not allowed here", "The allowed values are shown.", "randint(5, 2, (3,))")
    case .raised:
      Row(
        "an error raised by the program",
        "`error(\"…\")` raises it; `try E catch e { e.message }` catches it.",
        "error(\"the data has no labels\")")
    case .assertionFailed:
      Row(
        "an assertion does not hold", "`assert(condition, \"…\")` states what must be true.",
        "assert(1 > 2, \"order\")")
    case .interrupted:
      Row(
        "interrupted", "Ctrl-C stops what runs; the session and its values stay.",
        "while true { }  # until Ctrl-C")
    case .stepLimit:
      Row(
        "the limit of steps is reached", "The session was started with a limit on how much may be computed.",
        "while true { }")
    case .unreadableFile:
      Row(
        "a file cannot be read", "It does not exist, or may not be read.",
        "let lab = use \"no-such-file.maas\"")
    case .missingDataset:
      Row(
        "a data set is not on this machine",
        "The folders that were searched are listed, and how to get the data. A folder of one's own is the first argument.",
        "mnist(\"no/such/folder\")")
    case .malformedFile:
      Row(
        "a file is not what it should be", "The file exists, but its content does not follow the format.",
        "load(\"damaged.maasm\")")
    case .unwritableFile:
      Row(
        "a file cannot be written",
        "The folder is missing or forbidden, or the disk is full. What was there under the name is still there, whole.",
        "save([1, 2], \"/no/such/folder/a.npy\")")
    case .notDifferentiable:
      Row(
        "something has no derivative",
        "The function depends on its argument only by way of integers or booleans (`argmax`, `x > 0`, `i64(x)`), so that its "
          + "gradient would be 0 everywhere; or its argument holds no numbers. Beside a smooth part they count as constants.",
        "grad(s => len(s))(\"text\")")
    case .gradientOfNonScalar:
      Row(
        "a gradient needs a single number",
        "`grad(f)` asks for an f that gives one number: reduce with `sum` or `mean`, or take `jacobian(f)`.",
        "grad(x => [x, x])(2.0)")
    case .badModel:
      Row(
        "a model cannot be built or called",
        "A model has a `fn call`, and layers whose sizes follow each other.",
        "model M() { let a = 1.0 }\nM()(2)")
    case .badOptimizer:
      Row(
        "an optimizer's rule cannot be run",
        "The rule gives the new parameter, in the shape of `x`, as the value of its body.",
        "optimizer Bad() { none }\ndescend(x => x^2, from: 1.0, with: Bad(), steps: 1)")
    }
  }
}
