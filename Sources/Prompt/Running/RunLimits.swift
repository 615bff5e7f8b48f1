import Builtins
import Runtime

/// How much a run may use; what is `nil` has its usual limit.
package struct RunLimits: Sendable {
  package let memory: Int?
  package let steps: Int?

  package init(memory: Int? = nil, steps: Int? = nil) { (self.memory, self.steps) = (memory, steps) }

  /// Holds a session to them.
  package func apply(to session: Session) { session.limit(memory: memory, steps: steps) }
}
