import CEngine

/// A pass at work: at once, in the memory of its inputs, or when somebody asks.
extension PlannedPass {
  /// Computes the results that are kept.
  ///
  /// - Parameters:
  ///   - values: where the inputs are found and the results are put.
  ///   - inputs: the places of the inputs; tensors of the shapes that the chain was written for, of which single numbers
  ///     may have other dtypes.
  ///   - results: the places of the results, in the order of the steps.
  /// - Errors: `cancelled`.
  package func run(
    _ values: inout ContiguousArray<Tensor>, inputs places: [Int], results: [Int]
  ) throws {
    // No result takes the place of an input: their places are others.
    for place in results { values[place] = try Tensor(dtype, shape, count: count) { _ in } }
    try compute(
      address: { try values[places[$0]].address }, number: { try values[places[$0]].singleNumber(dtype) },
      result: { values[results[$0]].place })
    try Cancellation.check()
  }

  /// The same while nobody computes results of this pass that were left to be computed later, and in the memory of inputs
  /// that nobody else holds; where somebody does, in fresh memory.
  ///
  /// In the memory of inputs it is not cancelled once it has begun: half of them may be gone. What fails leaves everything
  /// as it was.
  /// - Parameter heirs: of each result the place of the input whose memory it takes; nil where they take none.
  package func run(
    _ values: inout ContiguousArray<Tensor>, inputs places: [Int], results: [Int], in heirs: [Int]?
  ) throws {
    for place in places { try values[place].settle() }
    try Deferred.lock.withLock { _ in
      guard let heirs else { return try run(&values, inputs: places, results: results) }
      for heir in heirs where !values[heir].isWritable {
        return try run(&values, inputs: places, results: results)
      }
      try Cancellation.postponed {
        try compute(
          address: { try values[places[$0]].address },
          number: { try values[places[$0]].singleNumber(dtype) }, result: { values[heirs[$0]].place })
      }
      for (result, heir) in zip(results, heirs) {
        values[heir].forget()
        values[result] = values[heir]
        values[heir] = PlannedPass.nothing
      }
    }
  }

  private static let nothing = Tensor(scalar: 0.0)

  /// Leaves the results to be computed when somebody asks for them.
  /// - Errors: `cancelled`, where an input is pending itself: what waits for each other would be without an end.
  package func delay(
    _ values: inout ContiguousArray<Tensor>, inputs places: [Int], results: [Int]
  ) throws {
    let waiting = try DelayedPass.results(of: self, places.map { values[$0] })
    for (place, tensor) in zip(results, waiting) { values[place] = tensor }
  }

  /// The same of inputs that are there.
  package func delay(settled values: inout ContiguousArray<Tensor>, inputs places: [Int], results: [Int]) {
    let waiting = DelayedPass.results(of: self, settled: places.map { values[$0] })
    for (place, tensor) in zip(results, waiting) { values[place] = tensor }
  }

  /// Computes the results into blocks of memory, one each. Such a block may be the memory of an input that `heirs` gave to
  /// the result.
  /// - Errors: those of reading the inputs, before anything is computed.
  func compute(_ inputs: [Tensor], into blocks: [UnsafeMutableRawPointer]) throws {
    try compute(
      address: { try inputs[$0].address }, number: { try inputs[$0].singleNumber(dtype) },
      result: { UnsafeRawPointer(blocks[$0]) })
  }

  /// - Parameters:
  ///   - address: where the elements of an input lie.
  ///   - number: the bits of an input that is one number.
  ///   - result: where those of a result go.
  @inline(__always)
  private func compute(
    address: (Int) throws -> UnsafeRawPointer, number: (Int) throws -> UInt, result: (Int) -> UnsafeRawPointer
  ) throws {
    guard let leading else { return try computeSteps(address: address, number: number, result: result) }
    let size = count &* dtype.byteCount
    let place = try Storage.allocated(size)
    defer { Storage.free(place, size) }
    try computeSteps(
      address: { $0 == leading.input ? UnsafeRawPointer(place) : try address($0) }, number: number,
      result: result, after: (leading.product, place))
  }

  /// - Parameter first: the product that the steps follow, and where it goes.
  @inline(__always)
  private func computeSteps(
    address: (Int) throws -> UnsafeRawPointer, number: (Int) throws -> UInt,
    result: (Int) -> UnsafeRawPointer, after first: (product: Product, place: UnsafeMutableRawPointer)? = nil
  ) throws {
    for (index, place) in results.enumerated() { place.pointee.address = result(index) }
    for field in addresses {
      field.place.pointee.address = field.input < 0 ? result(~field.input) : try address(field.input)
    }
    for field in numbers { field.place.pointee.number = UInt64(try number(field.input)) }
    try withUnsafeTemporaryAllocation(of: maas_fused_product.self, capacity: products.count) { taken in
      for (index, product) in products.enumerated() {
        taken.initializeElement(at: index, to: try written(product, address))
      }
      var pass = maas_fused_pass(
        steps: steps.baseAddress, count: steps.count, blocks: Int(blocks), rows: count / rowLength,
        n: rowLength, products: taken.baseAddress, product_count: products.count)
      guard let (product, place) = first else { return maas_fused(dtype.code, &pass) }
      try product.plan.matrix(dtype, try address(product.a), try address(product.b), place, then: &pass)
    }
  }

  @inline(__always)
  private func written(
    _ product: Product, _ address: (Int) throws -> UnsafeRawPointer
  ) throws -> maas_fused_product {
    let plan = product.plan
    return maas_fused_product(
      k: plan.k, lda: plan.lda, ldb: plan.ldb, transpose_a: plan.transposeA ? 1 : 0,
      a: try address(product.a), b: try address(product.b))
  }
}

extension Tensor {
  /// The bits of the one element in a dtype.
  @inline(__always)
  fileprivate func singleNumber(_ dtype: DType) throws -> UInt {
    if self.dtype == dtype, let bits = singleBits { return bits }
    return try converted(to: dtype).withBytes { Tensor.loadBits(.init(mutating: $0), dtype) }
  }
}
