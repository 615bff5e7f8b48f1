import Testing

@testable import Engine

extension EngineTests {
  @Suite struct GatherTests {
    @Test func takenAndItsAdjoint() throws {
      let x = try tensor((0..<24).map(Double.init), [2, 3, 4], .f32)
      for axis in -3..<3 {
        let place = axis < 0 ? axis + 3 : axis
        let indices = try Tensor([1, -1, 0, 1], shape: [2, 2])
        let y = try x.taken(indices, axis: axis)
        #expect(y.shape == Array(x.shape[..<place]) + [2, 2] + x.shape[(place + 1)...])
        let rows = try (0..<4).map { i -> Tensor in
          let at = try indices.int(at: i)
          let start = at < 0 ? at + x.shape[place] : at
          return try x.sliced(
            starts: (0..<3).map { $0 == place ? start : 0 },
            stops: (0..<3).map { $0 == place ? start + 1 : x.shape[$0] },
            steps: [1, 1, 1])
        }
        let flat = Array(x.shape[..<place]) + [4] + x.shape[(place + 1)...]
        #expect(try y.reshaped(flat).bitEqual(Tensor.concatenated(rows, axis: place)))
        // ⟨u, taken(x)⟩ = ⟨scattered(u), x⟩
        let u = try tensor(numbers(y.count, seed: 4), y.shape)
        let back = try Tensor.scatterAdded(u, indices: indices, axis: axis, shape: x.shape)
        let left = try zip(u.array(Double.self), y.array(Double.self)).map { $0 * $1 }.reduce(0, +)
        let right = try zip(back.array(Double.self), x.array(Double.self)).map { $0 * $1 }.reduce(0, +)
        #expect(abs(left - right) < 1e-9)
      }
    }

    @Test func indicesAreChecked() throws {
      let x = try tensor([1, 2, 3])
      guard case .indexOutOfRange(-4, 3, 0) = refusal({ _ = try x.taken(Tensor([0, -4]), axis: 0) }) else {
        Issue.record("accepted")
        return
      }
      guard case .indexOutOfRange(3, 3, 0) = refusal({ _ = try x.taken(Tensor([UInt8(3)]), axis: 0) }) else {
        Issue.record("accepted")
        return
      }
      guard case .unsupported = refusal({ _ = try x.taken(tensor([1]), axis: 0) }) else {
        Issue.record("accepted")
        return
      }
      #expect(try x.taken(Tensor([Int]()), axis: 0).shape == [0])
      #expect(try x.taken(Tensor(scalar: -1), axis: 0).scalarDouble == 3)
    }

    @Test func pickAndItsAdjoint() throws {
      let x = try tensor((0..<12).map(Double.init), [2, 2, 3])
      let indices = try Tensor([Int32(2), 0, -1, 1], shape: [2, 2])
      let y = try x.alongLastAxis(indices)
      #expect(try y.array(Double.self) == [2, 3, 8, 10])
      let back = try Tensor.scatteredAlongLastAxis(y, indices: indices, count: 3)
      #expect(try back.array(Double.self) == [0, 0, 2, 3, 0, 0, 0, 0, 8, 0, 10, 0])
      #expect(try tensor([4, 5, 6]).alongLastAxis(Tensor(scalar: 1)).scalarDouble == 5)
      guard case .shapeMismatch = refusal({ _ = try x.alongLastAxis(Tensor([0])) }) else {
        Issue.record("accepted")
        return
      }
    }

    @Test func oneHot() throws {
      let y = try Tensor.oneHot(Tensor([UInt8(2), 0]), classes: 3, dtype: .f32)
      #expect(try y.shape == [2, 3] && y.array(Double.self) == [0, 0, 1, 1, 0, 0])
      for label in [3, -1] {
        guard
          case .indexOutOfRange = refusal({ _ = try Tensor.oneHot(Tensor([label]), classes: 3, dtype: .f32) })
        else {
          Issue.record("accepted \(label)")
          return
        }
      }
    }

    /// Batches that two threads divide by their columns.
    @Test(arguments: [DType.f32, .f64, .u8], [512, 784, 1023, 2053, 3001])
    func batchesByColumns(_ dtype: DType, _ columns: Int) throws {
      let x = try tensor(numbers(90 * columns, seed: 3, in: 0...200), [90, columns], dtype)
      let indices = try Tensor((0..<40).map { ($0 * 37) % 90 - ($0 % 3 == 0 ? 90 : 0) })
      let one = try with(threads: 1) { try x.taken(indices, axis: 0) }
      let rows = try (0..<40).map { row in
        let at = try indices.int(at: row)
        return try x.sliced(
          starts: [at < 0 ? at + 90 : at, 0], stops: [(at < 0 ? at + 90 : at) + 1, columns], steps: [1, 1])
      }
      #expect(try one.bitEqual(Tensor.concatenated(rows, axis: 0)))
      for threads in 2...3 {
        try with(threads: threads) { () throws in #expect(try x.taken(indices, axis: 0).bitEqual(one)) }
      }
    }

    @Test func bytesBecomeFloatsInOnePass() throws {
      let bytes = try Tensor((0..<512).map { UInt8($0 % 256) }, shape: [4, 8, 16])
      let indices = try Tensor([3, -4, 1])
      for path in processorPaths {
        let y = try on(path) { try Tensor.gatheredRows(of: bytes, indices: indices, scale: 1.0 / 255) }
        #expect(y.shape == [3, 8, 16] && y.dtype == .f32)
        let expected = try bytes.taken(indices, axis: 0).array(UInt8.self).map { Float($0) / 255 }
        #expect(try y.array(Float.self) == expected)
      }
      let odd = try Tensor.gatheredRows(of: bytes, indices: indices, scale: 0.3).array(Float.self)
      #expect(try odd[5] == Float(Double(bytes.int(at: 3 * 128 + 5)) * 0.3))
      let many = try Tensor((0..<3000).map { $0 % 4 })
      let one = try with(threads: 1) { try Tensor.gatheredRows(of: bytes, indices: many, scale: 1) }
      #expect(
        try with(threads: 3) { try Tensor.gatheredRows(of: bytes, indices: many, scale: 1) }.bitEqual(one))
      let wide = try Tensor((0..<90 * 784).map { UInt8($0 % 251) }, shape: [90, 784])
      let batch = try Tensor((0..<40).map { ($0 * 37) % 90 })
      for path in processorPaths {
        try on(path) { () throws in
          func rows(_ threads: Int) throws -> Tensor {
            try with(threads: threads) { try Tensor.gatheredRows(of: wide, indices: batch, scale: 0.3) }
          }
          #expect(try rows(2).bitEqual(rows(1)))
          for scale in [0.3, 1.0 / 255, 1, -2.5, 1e-40, 3e38, .infinity, .nan] {
            let found = try Tensor.gatheredRows(of: wide, indices: batch, scale: scale).array(Float.self)
            for (row, values) in zip(0..<40, stride(from: 0, to: found.count, by: 784)) {
              let first = (row * 37) % 90 * 784
              let isRight = (0..<784).allSatisfy {
                let expected = Float(Double((first + $0) % 251) * scale)
                return found[values + $0].bitPattern == expected.bitPattern
                  || expected.isNaN && found[values + $0].isNaN
              }
              #expect(isRight, "row \(row) times \(scale)")
            }
          }
        }
      }
    }

    @Test func masks() throws {
      let x = try Tensor([1, 2, 3, 4, 5, 6], shape: [3, 2])
      #expect(try x.masked(by: Tensor([true, false, true])).array(Int.self) == [1, 2, 5, 6])
      #expect(try x.masked(by: Tensor.binary(.greater, x, Tensor(scalar: 3))).array(Int.self) == [4, 5, 6])
      #expect(try x.masked(by: Tensor([false, false, false])).shape == [0, 2])
      guard case .shapeMismatch = refusal({ _ = try x.masked(by: Tensor([true, false])) }) else {
        Issue.record("accepted")
        return
      }
      guard case .unsupported = refusal({ _ = try x.masked(by: Tensor([1, 0, 1])) }) else {
        Issue.record("accepted")
        return
      }
    }

    @Test func runningSumsAndOrder() throws {
      let x = try tensor([3, 1, .nan, 2, -.infinity, 1], [2, 3])
      #expect(try x.argsorted().array(Int.self) == [1, 0, 2, 1, 2, 0])
      let sorted = try x.sorted().array(Double.self)
      #expect(
        sorted[0] == 1 && sorted[1] == 3 && sorted[2].isNaN && Array(sorted[3...]) == [-.infinity, 1, 2])
      #expect(try Tensor([2, 2, 1, 2]).argsorted().array(Int.self) == [2, 0, 1, 3])
      let sums = try Tensor([Int8(100), 100, 1, 2], shape: [2, 2]).cumulated()
      #expect(sums.dtype == .i64)
      #expect(try sums.array(Int.self) == [100, 200, 1, 3])
      let long = try tensor(numbers(5000, seed: 2), nil, .f32)
      let values = try long.array(Float.self)
      #expect(try long.sorted().array(Float.self) == values.sorted())
      let last = try long.cumulated().double(at: 4999)
      #expect(abs(last - values.reduce(0) { $0 + Double($1) }) < 1e-4)
      #expect(try tensor([], [2, 0]).sorted().shape == [2, 0])
    }
  }
}
