import Graph
import Runtime

/// What is remembered of the calls of one model, with the model: recordings in which its parameters are constants.
private final class ModelMemory {
  var attempts = 0
  var replays: [Replay] = []
}

extension Replays {
  /// What a model that was called before answers, by a recording where there is one; nil where the call runs as written.
  func answer(
    of model: ModelValue, _ arguments: [Value], _ workspace: Workspace, _ machine: Machine
  ) throws -> Value? {
    guard isOn, !machine.isRecording, !machine.isRemembering, machine.exploration == nil,
      machine.modelCalls == nil, let method = model.callMethod
    else { return nil }
    let memory = model.memory as? ModelMemory ?? ModelMemory()
    model.memory = memory
    let isTriedOut = memory.attempts >= Replays.mostAttempts
    if memory.replays.isEmpty, isTriedOut { return nil }
    for replay in memory.replays {
      if let results = try replay.results(method, arguments, [], machine) { return results.first }
    }
    guard !isTriedOut, workspace.tape == nil, let inputs = ReplayInputs(arguments) else { return nil }
    memory.attempts += 1
    machine.isRemembering = true
    defer { machine.isRemembering = false }
    let value = try model.run("call", CallArguments(arguments), machine)
    try Replays.record(into: &memory.replays, beside: [value], method, arguments, [], machine) {
      guard let anatomy = Anatomy(.object(model), leaf: { _ in true }) else { return nil }
      return try Replay(of: method, for: .answer, inputs, machine, model: anatomy) { _, _, hollow in
        [try model.run("call", CallArguments(hollow), machine)]
      }
    }
    return value
  }
}
