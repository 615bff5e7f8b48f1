import Engine
import Foundation
import SeededRandom
import Testing

@testable import Compression

/// Tensors of every form, of many shapes and shares of zeros.
enum HeldTensors {
  static let shapes: [[Int]] = [[1], [7], [0, 3], [16, 5], [49, 10], [4, 3, 2, 2], [2, 0], [1, 1]]

  static func mask(_ shape: [Int], kept: Double, _ random: inout SeededNumbers) throws -> Tensor {
    let count = shape.reduce(1, *)
    return try Tensor((0..<count).map { _ in Double.random(in: 0..<1, using: &random) < kept }, shape: shape)
  }

  static func all(_ random: inout SeededNumbers) throws -> [Form.Held] {
    var result: [Form.Held] = []
    for shape in shapes {
      let count = shape.reduce(1, *)
      for kept in [0.0, 0.02, 0.3, 1.0] {
        let mask = try mask(shape, kept: kept, &random)
        let kept = try mask.array(Bool.self)
        let floats = (0..<count).map { _ in Float.random(in: -2...2, using: &random) }
        result.append(try Form.masked(Tensor(floats, shape: shape), mask))
        result.append(try Form.masked(Tensor(floats.map(Double.init), shape: shape), mask))
        for kind in [SixteenBits.bf16, .fp16] {
          let zeroed = try Form.masked(Tensor(floats, shape: shape), mask).values
          result.append(try Form.coded(.sixteen(kind, kind.rounded(zeroed)), mask: mask))
        }
        for bits in 2...8 {
          let top = 1 << (bits - 1)
          let codes = kept.map { $0 ? Int8(Int.random(in: -top..<top, using: &random)) : 0 }
          let scale = try Tensor.filled(0.25, shape: shape.map { _ in 1 }, dtype: .f32)
          let affine = try Affine(
            codes: Tensor(codes, shape: shape), scale: scale, zero: nil, group: 1, bits: bits)
          // What is zero by chance must be held too for the mask to be that of the codes.
          result.append(
            try Form.coded(.affine(affine), mask: Tensor(codes.map { $0 != 0 }, shape: shape)))
          result.append(try Form.coded(.affine(affine), mask: nil))
        }
        let codes = kept.map { $0 ? UInt8.random(in: 1...4, using: &random) : 0 }
        let codebook = try Codebook(
          codes: Tensor(codes, shape: shape), entries: Tensor([0, -1, 0.5, 1, 3] as [Float]))
        result.append(try Form.coded(.codebook(codebook), mask: mask))
      }
    }
    return result
  }

  /// A matrix of which half the blocks are zero, with layouts for two batches.
  static func chosen() throws -> Form.Held {
    let mask = try Tensor((0..<64 * 32).map { $0 / 16 % 2 == 0 }, shape: [64, 32])
    let held = try Form.masked(Tensor.filled(1, shape: [64, 32], dtype: .f32), mask)
    return try Form.choosing(LayoutChoice(.avx2, [(1, .blocks), (64, .floats)]), for: held)
  }

  /// Groups of 5 along an axis of 49: the last one has 4.
  static func ragged(_ random: inout SeededNumbers) throws -> Form.Held {
    let codes = (0..<490).map { _ in Int8.random(in: -8...7, using: &random) }
    let zeros = (0..<100).map { _ in Int8.random(in: -8...7, using: &random) }
    let scales = (0..<100).map { _ in Float.random(in: 0.1...1, using: &random) }
    let affine = try Affine(
      codes: Tensor(codes, shape: [49, 10]), scale: Tensor(scales, shape: [10, 10]),
      zero: Tensor(zeros, shape: [10, 10]), group: 5, bits: 4)
    return try Form.coded(.affine(affine), mask: nil)
  }
}

@Suite struct PackedTensorTests {
  @Test func everyFormComesBackToTheBit() throws {
    var random = SeededNumbers(state: 7)
    for held in try HeldTensors.all(&random) + [HeldTensors.ragged(&random)] {
      let bytes = try PackedTensor.bytes(held)
      let back = try PackedTensor.read(bytes, path: "x")
      #expect(try back.values.bitEqual(held.values))
      #expect((back.form.mask == nil) == (held.form.mask == nil))
      if let mask = held.form.mask, let other = back.form.mask { #expect(try mask.bitEqual(other)) }
      #expect(try PackedTensor.bytes(back) == bytes)
      #expect(try PackedTensor.sizes(held).total == bytes.count)
    }
  }

  /// A choice of layouts takes version 2 and 12 bytes more for two batches; without one the bytes are those of version 1.
  @Test func chosenLayoutsComeBack() throws {
    let held = try HeldTensors.chosen()
    let bytes = try PackedTensor.bytes(held)
    let plain = try PackedTensor.bytes(Form.masked(held.values, #require(held.form.mask)))
    #expect(bytes.count == plain.count + 12 && bytes[0] == 2 && plain[0] == 1)
    #expect(Array(bytes[16..<28]) == [1, 2, 1, 0, 0, 0, 1, 64, 0, 0, 0, 0])
    #expect(Array(bytes[1..<16]) == Array(plain[1..<16]) && Array(bytes[28...]) == Array(plain[16...]))
    let choice = try #require(try PackedTensor.read(bytes, path: "x").form.choice)
    #expect(choice.path == .avx2)
    #expect(choice.choices.map(\.rows) == [1, 64] && choice.choices.map(\.layout) == [.blocks, .floats])
    #expect(try PackedTensor.sizes(held).total == bytes.count)
  }

  /// Unknown paths and layouts, none or too many, batches that do not ascend, layouts that the values cannot have.
  @Test func layoutsThatMeanNothingAreRefused() throws {
    let bytes = try PackedTensor.bytes(HeldTensors.chosen())
    let wrong: [(place: Int, byte: UInt8)] = [
      (16, 3), (16, 255), (17, 0), (17, 255), (18, 0), (18, 64), (18, 200), (21, 255),
      (22, 2),
      (22, 3), (22, 255), (23, 1), (26, 128), (0, 3),
    ]
    for (place, byte) in wrong {
      var bytes = bytes
      bytes[place] = byte
      #expect(throws: EngineError.self, "\(place): \(byte)") { try PackedTensor.read(bytes, path: "x") }
    }
    for count in 16..<28 {
      #expect(throws: EngineError.self) { try PackedTensor.read(Array(bytes[..<count]), path: "x") }
    }
  }

  @Test func raggedGroupsAreTheirOwn() throws {
    var random = SeededNumbers(state: 3)
    let held = try HeldTensors.ragged(&random)
    guard case .affine(let affine) = held.form.coding, let zero = affine.zero else {
      Issue.record("no codes")
      return
    }
    for (row, column) in [(0, 0), (4, 9), (5, 0), (44, 3), (45, 3), (48, 9)] {
      let group = row / 5 * 10 + column
      let code = try affine.codes.int(at: row * 10 + column) - zero.int(at: group)
      #expect(
        try held.values.double(at: row * 10 + column)
          == Double(Float(code) * Float(affine.scale.double(at: group))))
    }
  }

  /// The index costs about its entropy: 5.73 bits for each survivor at 5 %, 8.08 at 1 %, and with it the size is whole.
  @Test func theIndexIsHonest() throws {
    var random = SeededNumbers(state: 11)
    for (kept, bits) in [(0.1, 4.69), (0.05, 5.73), (0.01, 8.08)] {
      let mask = try HeldTensors.mask([784, 300], kept: kept, &random)
      let flags = try mask.array(Bool.self)
      let survivors = flags.count { $0 }
      let held = try Form.masked(Tensor(flags.map { $0 ? Float(1) : 0 }, shape: [784, 300]), mask)
      let sizes = try PackedTensor.sizes(held)
      let cost = Double(sizes.index * 8) / Double(survivors)
      #expect(cost > bits * 0.97 && cost < bits * 1.06)
      #expect(try sizes.total == PackedTensor.bytes(held).count)
    }
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let codes = try Tensor([3, 0] as [Int8])
    let scale = try Tensor([0.5] as [Float])
    #expect(throws: EngineError.self) { try Affine(codes: codes, scale: scale, zero: nil, group: 1, bits: 9) }
    #expect(throws: EngineError.self) {
      try Affine(codes: codes, scale: Tensor([1, 2, 3] as [Float]), zero: nil, group: 1, bits: 8)
    }
    let affine = try Affine(codes: codes, scale: scale, zero: nil, group: 1, bits: 8)
    // The first is held at zero, and its code says 1.5.
    #expect(throws: EngineError.self) { try Form.coded(.affine(affine), mask: Tensor([false, true])) }
    #expect(throws: EngineError.self) { try Form.masked(scale, Tensor([true, false])) }
    let codebook = try Codebook(codes: Tensor([9] as [UInt8]), entries: Tensor([0, 1] as [Float]))
    #expect(throws: EngineError.self) { try Form.coded(.codebook(codebook), mask: nil) }
  }

  @Test func sixteenBitsRoundToEven() throws {
    let halves: [(Float, UInt16)] = [
      (1, 0x3c00), (-2, 0xc000), (65504, 0x7bff), (65520, 0x7c00), (0, 0), (-0.0, 0x8000),
      (1.000_488_281_25, 0x3c00), (1.001_464_843_75, 0x3c02), (5.960_464_5e-8, 1),
    ]
    for (value, bits) in halves { #expect(SixteenBits.fp16.bits(value) == bits) }
    let brains: [(Float, UInt16)] = [
      (1, 0x3f80), (1.003_906_25, 0x3f80), (1.011_718_75, 0x3f82), (.infinity, 0x7f80), (-0.0, 0x8000),
    ]
    for (value, bits) in brains { #expect(SixteenBits.bf16.bits(value) == bits) }
    #expect(SixteenBits.bf16.float(SixteenBits.bf16.bits(.nan)).isNaN)
  }
}

/// Bytes that are no packed tensor: each is refused or read, nothing traps, hangs or takes memory it did not earn.
@Suite(.serialized) struct PackedTensorFuzzTests {
  @Test func nothingTraps() throws {
    var random = SeededNumbers(state: 2026)
    let good = try (HeldTensors.all(&random) + [HeldTensors.ragged(&random), HeldTensors.chosen()])
      .map(PackedTensor.bytes)
    let rounds = 3_000 * max(1, Int(ProcessInfo.processInfo.environment["MAAS_FUZZ"] ?? "") ?? 1)
    var (read, refused) = (0, 0)
    try MemoryLimit.withRoom(for: 64 << 20) {
      for round in 0..<rounds {
        var bytes = good[round % good.count]
        for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
          let place = Int.random(in: 0..<min(bytes.count, round % 2 == 0 ? 40 : .max), using: &random)
          switch Int.random(in: 0..<4, using: &random) {
          case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
          case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
          case 2: bytes.removeSubrange(place...)
          default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
          }
        }
        do {
          _ = try PackedTensor.read(bytes, path: "x")
          read += 1
        } catch EngineError.malformedFile(_, let byte, let reason) {
          refused += 1
          #expect(byte >= 0 && !reason.isEmpty)
        } catch EngineError.outOfMemory { refused += 1 }
      }
    }
    #expect(read + refused == rounds && refused > rounds / 10)
  }

  /// Twenty bytes that claim a terabyte.
  @Test func bombs() throws {
    for extents in [[UInt32.max, UInt32.max], [1 << 20, 1 << 19], [0, UInt32.max], [1 << 16, 1 << 16]] {
      var bytes: [UInt8] = [1, 0, 1, 2]
      for extent in extents { bytes.append(little: extent) }
      bytes.append(little: 1)
      bytes += [1, 2, 3, 4]
      let before = MemoryLimit.liveBytesOfThread
      _ = try? PackedTensor.read(bytes, path: "x")
      #expect(MemoryLimit.liveBytesOfThread - before < 1 << 20)
    }
  }
}
