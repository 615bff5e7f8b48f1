import Compression
import Engine
import Graph
import Runtime

/// Tensors that are held: masked, coded, shared. What prunes and quantizes is written in maas on top of these.
enum Holding {
  static var all: [Builtin] {
    [
      Builtin(
        "masked(w, mask)",
        """
        A tensor whose elements where `mask` is false are zero, and stay zero whatever a step of an optimizer or arithmetic does to the model it stands in.
        > masked([1.0, 2.0], [true, false])
        [1.0, 0.0]
        """
      ) { call in
        let w = try Conversion.term(call[0], "`w`", argument: 0)
        let mask = try tensor(call[1], "mask", 1)
        guard mask.dtype == .bool, mask.shape == w.shape else {
          throw Failure(
            .shapeMismatch, "`mask` is a boolean tensor of the shape of `w`, \(Words.shape(w.shape))",
            notes: ["it is \(TensorObject(Term(mask)).summary)"], help: ["masked(w, abs(w) > 0.1)"],
            argument: 1)
        }
        return try value(Form.masked(w.tensor, mask))
      },
      Builtin(
        "coded(codes, scale, zero = none, group = 1, bits = 8, mask = none)",
        """
        The tensor `scale * (codes - zero)` of whole codes from -2^(bits-1) on, which remembers them. Along each axis `scale` has one entry, one for each code, or one for each `group` of them.
        > coded([[3, -4]], scale: [[0.5]], bits: 4)
        [[1.5, -2.0]]
        """
      ) { call in
        let codes = try tensor(call[0], "codes", 0)
        let scale = try tensor(call[1], "scale", 1).converted(to: .f32)
        let zero = try given(call.values[2]).map { try tensor($0, "zero", 2).converted(to: .i8) }
        let group = try given(call.values[3]).map { try Making.whole($0, "group", 3) } ?? 1
        let bits = try given(call.values[4]).map { try Making.whole($0, "bits", 4) } ?? 8
        let mask = try given(call.values[5]).map { try tensor($0, "mask", 5) }
        let affine = try Affine(
          codes: try bounded(codes, bits), scale: scale, zero: zero, group: group, bits: bits)
        return try value(Form.coded(.affine(affine), mask: mask))
      },
      Builtin(
        "shared(codes, entries, mask = none)",
        """
        The tensor whose elements are `entries[code]`, which remembers the codes: in a model its equal values stay equal while it learns, and an entry of exactly 0 stays 0.
        > shared([[1, 0, 1]], [0.0, 2.5])
        [[2.5, 0.0, 2.5]]
        """
      ) { call in
        let codes = try tensor(call[0], "codes", 0)
        guard codes.dtype.isInteger else {
          throw Failure(.wrongType, "`codes` are whole numbers from 0 to 255", argument: 0)
        }
        let entries = try tensor(call[1], "entries", 1).converted(to: .f32)
        let mask = try given(call.values[2]).map { try tensor($0, "mask", 2) }
        // Beyond a byte a code would wrap to another's entry.
        _ = try Tensor.filled(0, shape: [256], dtype: .f32).taken(codes, axis: 0)
        let codebook = try Codebook(codes: codes.converted(to: .u8), entries: entries)
        return try value(Form.coded(.codebook(codebook), mask: mask))
      },
      Builtin(
        "sixteen_bits(w, kind)",
        """
        A tensor rounded to floats of 16 bits, "bf16" or "fp16", which remembers that; zeros that are held stay held.
        > sixteen_bits([3.14159], "bf16")
        [3.14062]
        """
      ) { call in
        let w = try Conversion.term(call[0], "`w`", argument: 0)
        let kinds: [String: SixteenBits] = ["bf16": .bf16, "fp16": .fp16]
        guard case .text(let text) = call[1], let kind = kinds[text.string] else {
          throw Failure(.badValue, "`kind` is \"bf16\" or \"fp16\"", argument: 1)
        }
        return try value(Form.coded(.sixteen(kind, try kind.rounded(w.tensor)), mask: call[0].form?.mask))
      },
      Builtin(
        "form(w)",
        """
        How a tensor is held: a record of `kind` ("floats", "bf16", "fp16", "codes", "shared"), `mask` (`none` where every element is free), for codes `codes`, `scale`, `zero`, `group`, `bits` or `codes`, `entries`, and `layouts` where `laid_out` chose some; `none` for a tensor that is free.
        > form(masked([1.0, 2.0], [true, false])).mask
        [true, false]
        """
      ) { call in record(call[0].form) },
      Builtin(
        "coded_product(x, w, scale = none, zero = 0, bias = none, rectify = false)",
        """
        `x @ w + bias` with x rounded to 8 bits, `clamp(round(x / scale) + zero, 0, 255)`, and w a tensor of symmetric codes with a scale for all or for each column; computed in whole numbers. Without a scale each row of x has its own. `rectify` makes what is below zero zero, as `relu` does.
        > coded_product([[1.0, 2.0]], coded([[1], [2]], scale: [[0.5]]), scale: 0.5)
        [[2.5]]
        """, onlyCalculates: true
      ) { call in try product(call) },
      Builtin(
        "packed_sizes(w)",
        """
        The bytes of a held tensor in a .maasm file: a record of `header`, `scales`, `index` (which elements are \
        zero) and `values`; `none` for a tensor that is free.
        > packed_sizes(quantize(Dense(100, 50), bits: 4).weight).values < 100 * 50 / 2 + 100
        true
        """
      ) { call in
        guard case .object(let object) = call[0], let tensor = object as? TensorObject, let form = tensor.form
        else { return .none }
        let sizes = try PackedTensor.sizes((tensor.tensor, form))
        return .record(
          Record(
            ["header", "scales", "index", "values"],
            [.int(sizes.header), .int(sizes.scales), .int(sizes.index), .int(sizes.values)]))
      },
    ]
  }

  private static func product(_ call: BuiltinCall) throws -> Value {
    let x = try Conversion.term(call[0], "`x`", argument: 0)
    let isRecorded = call.machine.isRecording && Workspace.of(call.machine).tape == nil
    guard isRecorded || !x.isTraced && !x.isCut else {
      throw Failure(
        .notDifferentiable, "a product of codes has no gradient",
        help: [
          "finetune the network before its inputs are rounded: quantize(finetune(…).model, calibrate: x)"
        ],
        argument: 0)
    }
    guard case .affine(let affine)? = call[1].form?.coding, let packed = try affine.forProducts else {
      throw Failure(
        .badModel, "`w` is a matrix of symmetric codes with a scale for all or for each column",
        notes: ["it is \(call.machine.summary(of: call[1]))"], help: ["quantize(net, bits: 8)"], argument: 1)
    }
    var rounding: (scale: Float, zero: Int)?
    if let scale = given(call.values[2]) {
      guard let number = Conversion.number(scale), number > 0, Float(number).isNormal else {
        throw Failure(.badValue, "`scale` is a number above 0", argument: 2)
      }
      let zero = try given(call.values[3]).map { try Making.whole($0, "zero", 3) } ?? 0
      guard (0...255).contains(zero) else {
        throw Failure(.badValue, "`zero` is a code from 0 to 255, not \(zero)", argument: 3)
      }
      rounding = (Float(number), zero)
    }
    let bias = try given(call.values[4]).map { try tensor($0, "bias", 4).converted(to: .f32) }
    var rectifies = false
    if let flag = given(call.values[5]) {
      guard case .bool(let given) = flag else {
        throw Failure(.wrongType, "`rectify` is true or false", argument: 5)
      }
      rectifies = given
    }
    let product = Op.calculation(
      "coded_product",
      step: { [rounding, rectifies] program, x in
        packed.write(x, rounding: rounding, bias: bias, rectifies: rectifies, in: &program)
      }
    ) { [rounding, rectifies] x in
      try packed.product(x, rounding: rounding, bias: bias, rectifies: rectifies)
    }
    return try product.apply(x).value
  }

  private static func tensor(_ value: Value, _ name: String, _ argument: Int) throws -> Tensor {
    try Conversion.term(value, "`\(name)`", argument: argument).tensor
  }

  private static func given(_ value: Value?) -> Value? {
    if case .some(.none) = value { nil } else { value }
  }

  private static func value(_ held: Form.Held) -> Value { .object(TensorObject(held)) }

  /// The codes as i8. Errors: fractions, and what does not fit the bits.
  private static func bounded(_ codes: Tensor, _ bits: Int) throws -> Tensor {
    guard (2...8).contains(bits) else {
      throw Failure(.badValue, "`bits` is 2 to 8, not \(bits)", argument: 4)
    }
    guard codes.dtype.isInteger else {
      throw Failure(.wrongType, "`codes` are whole numbers, not \(codes.dtype.name)", argument: 0)
    }
    if codes.count > 0 {
      let least = try Tensor.reduce(.min, codes, axes: nil, keep: false).int(at: 0)
      let most = try Tensor.reduce(.max, codes, axes: nil, keep: false).int(at: 0)
      let low = -(1 << (bits - 1))
      guard least >= low, most < -low else {
        throw Failure(
          .badValue, "codes of \(bits) bits go from \(low) to \(-low - 1)",
          notes: ["these go from \(least) to \(most)"],
          argument: 0)
      }
    }
    return try codes.converted(to: .i8)
  }

  private static func record(_ form: Form?) -> Value {
    guard let form else { return .none }
    func value(_ tensor: Tensor?) -> Value { tensor.map { Term($0).value } ?? .none }
    var fields: [(String, Value)] = [("kind", .string(kind(form.coding))), ("mask", value(form.mask))]
    switch form.coding {
    case .floats, .sixteen: break
    case .affine(let affine):
      fields += [
        ("codes", value(affine.codes)), ("scale", value(affine.scale)), ("zero", value(affine.zero)),
        ("group", .int(affine.group)), ("bits", .int(affine.bits)),
      ]
    case .codebook(let codebook):
      fields += [("codes", value(codebook.codes)), ("entries", value(codebook.entries))]
    }
    if let choice = form.choice { fields.append(("layouts", Layouts.record(choice))) }
    return .record(Record(fields.map(\.0), fields.map(\.1)))
  }

  private static func kind(_ coding: Coding) -> String {
    switch coding {
    case .floats: "floats"
    case .sixteen(.bf16, _): "bf16"
    case .sixteen(.fp16, _): "fp16"
    case .affine: "codes"
    case .codebook: "shared"
    }
  }
}
