import Testing

@testable import Engine

/// Large elementwise operations wait for each other and run as one pass; that must not be visible.
@Suite(.serialized)
struct DeferredTests {
  private let count = 2 * Deferred.fewest + 77

  private func numbers(_ seed: Int, _ dtype: DType) throws -> Tensor {
    try Tensor((0..<count).map { Double(($0 &* 7919 &+ seed &* 104_729) % 4001) / 1000 + 0.25 }).converted(
      to: dtype)
  }

  /// The same operation on pieces so small that each is computed at once.
  private func piecewise(_ tensors: [Tensor], _ body: ([Tensor]) throws -> Tensor) throws -> [Double] {
    var result: [Double] = []
    for start in stride(from: 0, to: count, by: 1000) {
      let width = min(1000, count - start)
      let pieces = try tensors.map {
        $0.count == 1 ? $0 : try $0.viewed([width], offset: start, count: width)
      }
      result += try body(pieces).array(Double.self)
    }
    return result
  }

  private func same(_ tensor: Tensor, _ expected: [Double]) throws -> Bool {
    try zip(tensor.array(Double.self), expected).allSatisfy {
      $0.bitPattern == $1.bitPattern || $0.isNaN && $1.isNaN
    }
  }

  @Test(arguments: [DType.f32, .f64])
  func aChainHasTheBitsOfItsSteps(_ dtype: DType) throws {
    let (x, g) = (try numbers(1, dtype), try numbers(2, dtype))
    let half = try Tensor(scalar: 0.5).converted(to: dtype)
    func chain(_ t: [Tensor]) throws -> Tensor {
      let square = try Tensor.binary(.multiply, t[1], t[1])
      let root = try Tensor.unary(.sqrt, Tensor.binary(.divide, square, t[2]))
      let moved = try Tensor.binary(.subtract, t[0], Tensor.binary(.multiply, t[2], t[1]))
      return try Tensor.binary(.divide, Tensor.unary(.tanh, moved), Tensor.binary(.add, root, t[2]))
    }
    for threads in [1, 2, 5] {
      let before = WorkerPool.threadCount
      WorkerPool.setThreadCount(threads)
      defer { WorkerPool.setThreadCount(before) }
      #expect(try same(try chain([x, g, half]), try piecewise([x, g, half], chain)))
    }
  }

  @Test(arguments: UnaryKernel.allCases)
  func eachFunctionOfOne(_ kernel: UnaryKernel) throws {
    let x = try numbers(3, .f32)
    let shifted = try Tensor.binary(.subtract, x, Tensor(scalar: 1).converted(to: .f32))
    let result = try Tensor.unary(kernel, shifted)
    let expected = try piecewise([x]) {
      try Tensor.unary(kernel, Tensor.binary(.subtract, $0[0], Tensor(scalar: 1).converted(to: .f32)))
    }
    #expect(try same(result, expected))
  }

  @Test(arguments: BinaryKernel.allCases)
  func eachFunctionOfTwo(_ kernel: BinaryKernel) throws {
    let (x, y) = (try numbers(4, .f32), try numbers(5, .f32))
    let two = try Tensor(scalar: 2).converted(to: .f32)
    for (a, b) in [(x, y), (x, two), (two, y)] {
      let result = try Tensor.binary(kernel, a, b)
      #expect(try same(result, try piecewise([a, b]) { try Tensor.binary(kernel, $0[0], $0[1]) }))
    }
  }

  @Test func whatIsHeldOnTheWayIsThereToo() throws {
    let x = try numbers(6, .f32)
    let doubled = try Tensor.binary(.add, x, x)
    let squared = try Tensor.binary(.multiply, doubled, doubled)
    #expect(!(doubled.storage?.isReady ?? true))
    _ = try squared.double(at: 0)
    #expect(doubled.storage?.isReady ?? false)
    #expect(try same(doubled, x.array(Double.self).map { Double(Float($0) + Float($0)) }))
  }

  @Test func aTemporaryThatTwoResultsShareIsComputedForEach() throws {
    let x = try numbers(7, .f64)
    func results() throws -> (Tensor, Tensor) {
      let shared = try Tensor.unary(.exp, x)
      return (try Tensor.unary(.sqrt, shared), try Tensor.binary(.add, shared, x))
    }
    let (root, sum) = try results()
    #expect(try same(root, try piecewise([x]) { try Tensor.unary(.sqrt, Tensor.unary(.exp, $0[0])) }))
    #expect(try same(sum, try piecewise([x]) { try Tensor.binary(.add, Tensor.unary(.exp, $0[0]), $0[0]) }))
  }

  @Test func aLongChainIsCutAndNothingGrows() throws {
    var x = try numbers(8, .f64)
    let small = Tensor(scalar: 1e-3)
    let live = MemoryLimit.liveBytesOfThread
    for _ in 0..<5000 { x = try Tensor.binary(.add, x, small) }
    #expect(MemoryLimit.liveBytesOfThread - live < 60 * count * 8)
    var expected = try numbers(8, .f64).array(Double.self)
    for _ in 0..<5000 { expected = expected.map { $0 + 1e-3 } }
    #expect(try same(x, expected))
  }

  @Test func aViewOfWhatIsPendingSeesIt() throws {
    let x = try numbers(9, .f32)
    let doubled = try Tensor.binary(.add, x, x)
    let turned = try doubled.viewed([1, count])
    let tail = try doubled.viewed([10], offset: count - 10, count: 10)
    let more = try Tensor.binary(.multiply, turned, turned)
    #expect(try tail.double(at: 9) == doubled.double(at: count - 1))
    let first = try Float(doubled.double(at: 0))
    #expect(try more.double(at: 0) == Double(first * first))
  }

  @Test func oneElementOfWhatIsPendingIsComputed() throws {
    let x = try numbers(9, .f32)
    let expected = try x.double(at: 7)
    let doubled = try Tensor.binary(.add, x, x)
    #expect(try doubled.viewed([], offset: 7, count: 1).double(at: 0) == 2 * expected)
  }

  @Test func manyThreadsMayAskAtOnce() async throws {
    let x = try numbers(10, .f32)
    let pending = try Tensor.unary(.exp, Tensor.binary(.multiply, x, x))
    let first = try piecewise([x]) { try Tensor.unary(.exp, Tensor.binary(.multiply, $0[0], $0[0])) }
    try await withThrowingTaskGroup(of: Double.self) { group in
      for place in 0..<8 { group.addTask { try pending.double(at: place * 100) - first[place * 100] } }
      for try await difference in group { #expect(difference == 0) }
    }
  }

  @Test func aSharedChainDoesNotDoubleWithEachStep() throws {
    var x = try numbers(11, .f64)
    for _ in 0..<200 { x = try Tensor.binary(.maximum, x, Tensor.unary(.sqrt, x)) }
    #expect(try x.double(at: 0).isFinite)
  }
}
