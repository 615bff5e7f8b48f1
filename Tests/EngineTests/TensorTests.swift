import Testing

@testable import Engine

extension EngineTests {
  @Suite struct TensorTests {
    @Test func scalars() throws {
      for dtype in DType.allCases {
        #expect(try Tensor(scalar: 1, dtype: dtype).int(at: 0) == 1)
        #expect(try Tensor(scalar: 1.0, dtype: dtype).scalarDouble == 1)
        #expect(Tensor(scalar: 1, dtype: dtype).dtype == dtype)
      }
      #expect(try Tensor(scalar: 0.1).scalarDouble == 0.1)
      #expect(try Tensor(scalar: 0.1, dtype: .f32).scalarDouble == Double(Float(0.1)))
      #expect(try Tensor(scalar: -5.9, dtype: .i8).int(at: 0) == -5)
      #expect(try Tensor(scalar: 300, dtype: .u8).int(at: 0) == 44)
      #expect(Tensor(scalar: true).dtype == .bool)
      #expect(try Tensor(scalar: Int.min).int(at: 0) == .min)
      #expect(try Tensor(scalar: 1e300).int(at: 0) == .max)
      #expect(try Tensor(scalar: Double.nan).int(at: 0) == 0)
    }

    @Test func conversionsClampAndTruncate() throws {
      let x = try Tensor([
        0.5, -0.5, 1.9, -1.9, 300, -300, 1e10, -1e10, 1e30, -1e30, .infinity, -.infinity, .nan,
      ])
      for path in processorPaths {
        for source in [x, try x.converted(to: .f32)] {
          try on(path) { () throws in
            #expect(
              try source.converted(to: .u8).array(UInt8.self) == [
                0, 0, 1, 0, 255, 0, 255, 0, 255, 0, 255, 0, 0,
              ])
            #expect(
              try source.converted(to: .i8).array(Int8.self) == [
                0, 0, 1, -1, 127, -128, 127, -128, 127, -128, 127, -128, 0,
              ])
            let (low, high) = (Int32.min, Int32.max)
            #expect(
              try source.converted(to: .i32).array(Int32.self) == [
                0, 0, 1, -1, 300, -300, high, low, high, low, high, low, 0,
              ])
            #expect(
              try source.converted(to: .i64).array(Int.self)
                == [0, 0, 1, -1, 300, -300, 10_000_000_000, -10_000_000_000, .max, .min, .max, .min, 0])
            #expect(try source.converted(to: .bool).array(Bool.self).allSatisfy { $0 })
          }
        }
      }
      #expect(try Tensor([257, -1]).converted(to: .u8).array(UInt8.self) == [1, 255])
      for from in DType.allCases {
        for to in DType.allCases {
          let one = try Tensor([true, false, true]).converted(to: from)
          #expect(try one.converted(to: to).array(Int.self) == [1, 0, 1])
        }
      }
    }

    @Test func viewsShareAndReshape() throws {
      let x = try Tensor(Array(0..<24), shape: [4, 6])
      #expect(try x.reshaped([2, -1, 3]).shape == [2, 4, 3])
      #expect(try x.rows(1..<3).array(Int.self) == Array(6..<18))
      #expect(try x.rows(2..<2).shape == [0, 6])
      #expect(try x.rows(1..<4).rows(1..<2).array(Int.self) == Array(12..<18))
      #expect(try x.rows(1..<2).reshaped([6]).rows(5..<6).reshaped([]).int(at: 0) == 11)
      #expect(try Tensor(scalar: 3).reshaped([1, 1]).array(Int.self) == [3])
      let part = try x.rows(1..<3)
      #expect(part.storage === x.storage)
      for shape in [[5], [-1, -1], [-1, 5], [-2, -12], [Int.max, 2], [0, -1], [Int.min]] {
        #expect(refusal { _ = try x.reshaped(shape) } != nil)
      }
      #expect(try Tensor([Int](), shape: [0, 5]).reshaped([5, 0]).shape == [5, 0])
      guard case .indexOutOfRange(5, 4, 0) = refusal({ _ = try x.rows(0..<5) }) else {
        Issue.record("accepted")
        return
      }
      guard case .badAxis = refusal({ _ = try Tensor(scalar: 1).rows(0..<1) }) else {
        Issue.record("accepted")
        return
      }
    }

    @Test func hugeShapesAreRefusedNotTrapped() {
      for shape in [
        [Int.max], [Int.max, Int.max], [1 << 32, 1 << 32], [1 << 40, 1 << 20],
        [3_037_000_500, 3_037_000_500],
      ] {
        guard case .outOfMemory = refusal({ _ = try Tensor.filled(1, shape: shape, dtype: .f64) }) else {
          Issue.record("accepted \(shape)")
          return
        }
      }
      guard
        case .outOfMemory(Int.max) = refusal({
          _ = try Tensor.uninitialized(shape: [Int.max, 4], dtype: .f32)
        })
      else {
        Issue.record("accepted")
        return
      }
      guard case .badShape = refusal({ _ = try Tensor.filled(1, shape: [2, -1], dtype: .f32) }) else {
        Issue.record("accepted")
        return
      }
      guard case .badShape = refusal({ _ = try Tensor([1, 2, 3], shape: [2, 2]) }) else {
        Issue.record("accepted")
        return
      }
      #expect((try? Tensor.filled(1, shape: [0, Int.max, Int.max], dtype: .f32).count) == 0)
      // Broadcasting two vectors can ask for more than there is.
      #expect(
        refusal {
          let row = try Tensor.filled(1, shape: [1, 1 << 22], dtype: .u8)
          _ = try Tensor.binary(.add, row, row.reshaped([1 << 22, 1]))
        } != nil)
    }

    @Test func equalityOfBits() throws {
      let x = try Tensor([0.0, .nan])
      #expect(try x.bitEqual(try Tensor([0.0, .nan])))
      #expect(try !x.bitEqual(try Tensor([-0.0, .nan])))
      #expect(try !x.bitEqual(try x.reshaped([1, 2])))
      #expect(try !Tensor(scalar: 1).bitEqual(Tensor(scalar: 1.0)))
    }
  }

  @Suite struct StorageTests {
    @Test func alignedAndReused() throws {
      for count in [1, 100, 1 << 20] {
        let x = try Tensor.uninitialized(shape: [count], dtype: .f32)
        #expect(try UInt(bitPattern: x.address) % 64 == 0)
      }
      let huge = try Tensor.uninitialized(shape: [2 << 20], dtype: .f32)
      #expect(try UInt(bitPattern: huge.address) % (2 << 20) == 0)
      let before = MemoryLimit.liveBytesOfThread
      for _ in 0..<3 {
        let x = try Tensor.uninitialized(shape: [1000], dtype: .f64)
        #expect(MemoryLimit.liveBytesOfThread >= before + x.byteCount)
      }
      #expect(MemoryLimit.liveBytesOfThread == before)
    }

    @Test func theLimitHolds() throws {
      #expect(MemoryLimit.bytes > 0 && MemoryLimit.bytes < 1 << 50)
      try MemoryLimit.withRoom(for: 10 << 20) {
        let kept = try Tensor.uninitialized(shape: [4 << 20], dtype: .u8)
        guard
          case .outOfMemory(let bytes) = refusal({
            _ = try Tensor.uninitialized(shape: [8 << 20], dtype: .u8)
          })
        else {
          Issue.record("accepted")
          return
        }
        #expect(bytes == 8 << 20)
        // What was freed can be had again, in other sizes too.
        for size in [3 << 20, 4 << 20, 5 << 20] { _ = try Tensor.uninitialized(shape: [size], dtype: .u8) }
        #expect(kept.byteCount == 4 << 20)
      }
    }

    @Test func whatIsTheSame() throws {
      let tensor = try Tensor([1.0, 2, 3, 4])
      #expect(tensor.isSame(as: tensor))
      #expect(try !tensor.isSame(as: Tensor([1.0, 2, 3, 4])))
      #expect(try !tensor.isSame(as: tensor.reshaped([2, 2])))
      #expect(try !tensor.isSame(as: tensor.viewed([3], offset: 1, count: 3)))
      #expect(Tensor(scalar: 2.0).isSame(as: Tensor(scalar: 2.0)))
      let hollow = try Tensor.hollow(shape: [4], dtype: .f64)
      #expect(!hollow.isSame(as: hollow))
      #expect(!tensor.isSame(as: hollow))
    }
  }
}
