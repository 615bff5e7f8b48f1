/// A rehearsal runs a program over tensors without elements, to find what cannot work before anything is computed.
///
/// While one is on, draws and large tensors are *hollow*: they have a dtype and a shape. Every kernel that meets one
/// makes a hollow result, so that shapes follow from the same code, with the same errors, as in a real run. Small
/// tensors that depend on no hollow one are computed as ever: a program may take sizes from them.
package enum Rehearsal {
  @TaskLocal private static var isOnHere = false
  package static var isOn: Bool { isOnHere }

  /// A tensor of more elements is hollow in a rehearsal.
  static let largestCount = 4096

  /// Runs `body` as a rehearsal.
  package static func run<R>(_ body: () throws -> R) rethrows -> R {
    try $isOnHere.withValue(true, operation: body)
  }

  /// What hollow tensors hold in the place of memory.
  static let nothing = Storage()
}
