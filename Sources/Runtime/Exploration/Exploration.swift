import CRuntime
import Syntax

#if canImport(Glibc)
  import Glibc
#endif

/// One way through a program whose data is not there.
///
/// Where a condition is unknown, one of both ways is taken; running the program again with another `script` takes the
/// other. A loop that nobody knows the turns of is gone through once, and what differs after it from before it is
/// unknown then.
package final class Exploration {
  /// The answers to begin with.
  private let script: [Bool]
  /// The answers given so far.
  package private(set) var decisions: [Bool] = []
  private var known: [Place: Bool] = [:]
  /// Loops with unknown conditions that are being gone through, and what they started from.
  var loops: [LoopPlace: State] = [:]
  /// Whether the program has been told to change the world outside: files may hold something else then.
  var hasWritten = false
  /// Whether values were made unknown that a run may know.
  package internal(set) var hasMerged = false
  /// Where the error was that ended the run.
  package var failurePlace: Place?
  /// Where operations have gone well.
  package private(set) var successes: Set<Place> = []
  private var operations = 0
  private let limit: Int

  /// - Parameters:
  ///   - script: how the first unknown conditions turn out; the others hold.
  ///   - limit: how many operations on values other than numbers the run may take.
  package init(script: [Bool] = [], limit: Int) {
    (self.script, self.limit) = (script, limit)
  }

  /// Where in the program something happens: the instruction, and the calls it stands in.
  package struct Place: Hashable { let bits: Int }

  /// A condition in a function that runs.
  struct LoopPlace: Hashable {
    let frame: Int
    let pc: UnsafeMutablePointer<Instruction>
  }

  /// Whether an unknown condition holds on this way; the same place always answers the same.
  func decide(at place: Place) -> Bool {
    if let answer = known[place] { return answer }
    let answer = decisions.count < script.count ? script[decisions.count] : true
    decisions.append(answer)
    known[place] = answer
    return answer
  }

  /// Whether a file may be read: it is small, and the program would not have changed it.
  func mayRead(_ path: String) -> Bool {
    var status = stat()
    return !hasWritten && stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
      && status.st_size <= Exploration.largestFile
  }
  private static let largestFile = 4 << 20

  /// The rehearsal has gone on for long enough. No `catch` of the program sees it.
  static var isOver: Failure { Failure(.stepLimit, "the rehearsal has gone on for long enough") }

  /// Notes that an operation has gone well.
  func note(_ machine: Machine) throws {
    operations += 1
    if operations > limit { throw Exploration.isOver }
    successes.insert(machine.place)
  }
}

extension Session {
  /// Takes programs from now on through a way in which their data is not there.
  package func explore(_ exploration: Exploration) {
    machine.exploration = exploration
    define("args", Unknown.value)
  }
}

extension Machine {
  /// Where the program stands.
  package var place: Exploration.Place {
    var hasher = Hasher()
    for index in 0..<frameCount {
      let frame = frames[index]
      frame.prototype._withUnsafeGuaranteedRef { prototype in
        let pc = min(prototype.instruction(before: frame.pc), max(0, prototype.codeCount - 1))
        hasher.combine(prototype.source.name)
        hasher.combine(prototype.spans[pc].start)
        hasher.combine(prototype.spans[pc].end)
      }
    }
    return Exploration.Place(bits: hasher.finalize())
  }
}
