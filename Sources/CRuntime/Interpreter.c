// The machine's loop over plain numbers, calls and jumps.
//
// Each operation is a function that ends by calling the next one's as its tail, which the compiler makes a jump: the
// machine's state stays in processor registers, and every operation has a jump of its own for the processor to predict.
// Swift can promise neither. Whatever is no plain number is left to the Machine: the loop knows numbers, booleans,
// and how to move a reference, and nothing of what it refers to. The operations are in `operations`, a file a kind.
#include "Slots.h"

// `pc` is behind the instruction that runs; `r` the frame's registers; `k` its constants.
typedef Stop (*Operation)(Instruction *pc, Slot *r, Slot *k, Frame *frame, Interpreter *machine);
#define OPERATION(name) \
  static Stop name(Instruction *pc, Slot *r, Slot *k, Frame *frame, Interpreter *machine)

// The instruction's operands.
#define A pc[-1].a
#define B pc[-1].b
#define C pc[-1].c
// b and c as one signed number: of the instruction, and of the data word behind it, where a test's jump leads.
#define WIDE wide(pc - 1)
#define JUMP (1 + wide(pc))

static inline long wide(const Instruction *i) { return (int32_t)((uint32_t)i->b | (uint32_t)i->c << 16); }

static const Operation operations[opcode_count];

#define TAIL __attribute__((musttail)) return
#define NEXT TAIL operations[pc->op](pc + 1, r, k, frame, machine)
// Swift carries the instruction out.
#define LEAVE TAIL leave(pc, r, k, frame, machine)
// Counts a turn or a call.
#define COUNT \
  if (--machine->budget <= 0) TAIL look(pc, r, k, frame, machine)

OPERATION(leave) {
  frame->pc = pc;
  machine->frame = frame;
  return StopInstruction;
}

OPERATION(look) {
  frame->pc = pc;
  machine->frame = frame;
  return StopLook;
}

#include "operations/Arithmetic.h"
#include "operations/Comparisons.h"
#include "operations/Control.h"
#include "operations/Values.h"

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Winitializer-overrides"
static const Operation operations[opcode_count] = {
  [0 ... opcode_count - 1] = leave,
  [OpcodeMove] = move,
  [OpcodeTake] = take,
  [OpcodeConstant] = load_constant,
  [OpcodeInt] = load_int,
  [OpcodeNone] = load_none,
  [OpcodeBool] = load_bool,
  [OpcodeGlobal] = load_global,
  [OpcodeCapture] = load_capture,
  [OpcodeCaptureCell] = load_capture_cell,
  [OpcodeSetCaptureCell] = store_capture_cell,
  [OpcodeCell] = load_cell,
  [OpcodeSetCell] = store_cell,
  [OpcodeCurrentClosure] = current_closure,
  [OpcodeAdd] = add,
  [OpcodeSubtract] = subtract,
  [OpcodeMultiply] = multiply,
  [OpcodeDivide] = divide,
  [OpcodeRemainder] = take_remainder,
  [OpcodeAddConstant] = add_constant,
  [OpcodeSubtractConstant] = subtract_constant,
  [OpcodeMultiplyConstant] = multiply_constant,
  [OpcodeDivideConstant] = divide_constant,
  [OpcodePowerConstant] = power_constant,
  [OpcodeSubtractFromConstant] = subtract_from_constant,
  [OpcodeNegate] = negate,
  [OpcodeNot] = invert,
  [OpcodeEqual] = equal,
  [OpcodeNotEqual] = not_equal,
  [OpcodeLess] = less,
  [OpcodeLessOrEqual] = less_or_equal,
  [OpcodeGreater] = greater,
  [OpcodeGreaterOrEqual] = greater_or_equal,
  [OpcodeTestEqual] = test_equal,
  [OpcodeTestNotEqual] = test_not_equal,
  [OpcodeTestLess] = test_less,
  [OpcodeTestLessOrEqual] = test_less_or_equal,
  [OpcodeTestGreater] = test_greater,
  [OpcodeTestGreaterOrEqual] = test_greater_or_equal,
  [OpcodeTestEqualConstant] = test_equal_constant,
  [OpcodeTestLessConstant] = test_less_constant,
  [OpcodeTestGreaterConstant] = test_greater_constant,
  [OpcodeTestLessOrEqualConstant] = test_less_or_equal_constant,
  [OpcodeTestGreaterOrEqualConstant] = test_greater_or_equal_constant,
  [OpcodeTest] = test,
  [OpcodeTestUnset] = test_unset,
  [OpcodeJump] = jump,
  [OpcodeLoop] = loop,
  [OpcodeShortAnd] = short_and,
  [OpcodeShortOr] = short_or,
  [OpcodeCall] = call,
  [OpcodeCallGlobal] = call_global,
  [OpcodeReturn] = return_value,
  [OpcodeForRange] = for_range,
  [OpcodeForNext] = for_next,
  [OpcodeForLoop] = for_loop,
};
#pragma clang diagnostic pop

Stop interpret(Interpreter *machine, Frame *first) {
  machine->first = first;
  Frame *frame = machine->frame;
  Instruction *pc = frame->pc;
  return operations[pc->op](pc + 1, frame->registers, frame->header->constants, frame, machine);
}
