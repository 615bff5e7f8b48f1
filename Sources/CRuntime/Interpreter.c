#include <stdbool.h>
#include <string.h>

#include "CRuntime.h"

// The machine's loop over plain numbers, calls and jumps.
//
// Each operation is a function that ends by calling the next one's as its tail, which the compiler makes a jump: the
// machine's state stays in processor registers, and every operation has a jump of its own for the processor to predict.
// Swift can promise neither. Whatever is no plain number is left to the Machine: this file knows numbers, booleans,
// and how to move a reference, and nothing of what it refers to.

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

// MARK: Slots

static inline bool is_heap(const Slot *slot) { return slot->tag >= slot_heap; }
static inline bool is_number(const Slot *slot) { return slot->tag - slot_int <= slot_float - slot_int; }
static inline int64_t as_int(const Slot *slot) { return (int64_t)slot->bits; }
static inline double as_float(const Slot *slot) {
  double value;
  memcpy(&value, &slot->bits, sizeof value);
  return value;
}
static inline double as_double(const Slot *slot) {
  return slot->tag == slot_int ? (double)as_int(slot) : as_float(slot);
}

// These overwrite a slot that holds no reference.
static inline void put_int(Slot *slot, int64_t value) {
  slot->tag = slot_int;
  slot->bits = (uint64_t)value;
}
static inline void put_float(Slot *slot, double value) {
  slot->tag = slot_float;
  memcpy(&slot->bits, &value, sizeof value);
}
static inline void put_bool(Slot *slot, bool value) {
  slot->tag = slot_bool;
  slot->bits = value;
}

__attribute__((noinline, preserve_most)) static void retain(uint64_t object) {
  swift_nonatomic_retain((void *)object);
}
__attribute__((noinline, preserve_most)) static void release(uint64_t object) {
  swift_nonatomic_release((void *)object);
}

// Writes any slot, letting go of what was held.
static inline void put(Slot *slot, Slot value) {
  Slot old = *slot;
  *slot = value;
  if (old.tag >= slot_heap) release(old.bits);
}
static inline Slot copy(const Slot *slot) {
  if (is_heap(slot)) retain(slot->bits);
  return *slot;
}

// The first fields of the Swift classes Closure and Cell, behind the object's header.
static inline CodeHeader *header_of(uint64_t closure) { return *(CodeHeader **)(closure + 16); }
static inline Slot *captures_of(uint64_t closure) { return *(Slot **)(closure + 24); }
static inline Slot *content_of(uint64_t cell) { return *(Slot **)(cell + 16); }

// MARK: Values and names

OPERATION(move) {
  put(r + A, copy(r + B));
  NEXT;
}
OPERATION(take) {
  Slot *from = r + B;
  Slot value = *from;
  from->tag = slot_none;
  put(r + A, value);
  NEXT;
}
OPERATION(load_constant) {
  put(r + A, copy(k + WIDE));
  NEXT;
}
OPERATION(load_int) {
  put(r + A, (Slot){slot_int, (uint64_t)(int64_t)WIDE});
  NEXT;
}
OPERATION(load_none) {
  put(r + A, (Slot){slot_none, 0});
  NEXT;
}
OPERATION(load_bool) {
  put(r + A, (Slot){slot_bool, B != 0});
  NEXT;
}
OPERATION(load_global) {
  GlobalPlace place = frame->header->globals[WIDE];
  Slot *slot = place.own->tag != slot_undefined ? place.own : place.fallback;
  if (slot->tag == slot_undefined) LEAVE;
  put(r + A, copy(slot));
  NEXT;
}
OPERATION(load_capture) {
  put(r + A, copy(captures_of((uint64_t)frame->closure) + B));
  NEXT;
}
OPERATION(load_capture_cell) {
  put(r + A, copy(content_of(captures_of((uint64_t)frame->closure)[B].bits)));
  NEXT;
}
OPERATION(store_capture_cell) {
  put(content_of(captures_of((uint64_t)frame->closure)[B].bits), copy(r + A));
  NEXT;
}
OPERATION(load_cell) {
  put(r + A, copy(content_of(r[B].bits)));
  NEXT;
}
OPERATION(store_cell) {
  put(content_of(r[A].bits), copy(r + B));
  NEXT;
}
OPERATION(current_closure) {
  retain((uint64_t)frame->closure);
  put(r + A, (Slot){slot_closure, (uint64_t)frame->closure});
  NEXT;
}

// MARK: Arithmetic

// `a ← left op right`; `checked` is the integer form, which tells whether it overflowed.
#define ARITHMETIC(name, left, right, op, checked)                            \
  OPERATION(name) {                                                           \
    Slot *target = r + A;                                                     \
    const Slot *x = left, *y = right;                                         \
    if (is_heap(target)) LEAVE;                                               \
    if (x->tag == slot_float && y->tag == slot_float) {                       \
      put_float(target, as_float(x) op as_float(y));                          \
    } else if (x->tag == slot_int && y->tag == slot_int) {                    \
      int64_t result;                                                         \
      if (checked(as_int(x), as_int(y), &result)) LEAVE;                      \
      put_int(target, result);                                                \
    } else if (is_number(x) && is_number(y)) {                                \
      put_float(target, as_double(x) op as_double(y));                        \
    } else {                                                                  \
      LEAVE;                                                                  \
    }                                                                         \
    NEXT;                                                                     \
  }

ARITHMETIC(add, r + B, r + C, +, __builtin_add_overflow)
ARITHMETIC(add_constant, r + B, k + C, +, __builtin_add_overflow)
ARITHMETIC(subtract, r + B, r + C, -, __builtin_sub_overflow)
ARITHMETIC(subtract_constant, r + B, k + C, -, __builtin_sub_overflow)
ARITHMETIC(subtract_from_constant, k + C, r + B, -, __builtin_sub_overflow)
ARITHMETIC(multiply, r + B, r + C, *, __builtin_mul_overflow)
ARITHMETIC(multiply_constant, r + B, k + C, *, __builtin_mul_overflow)

#define QUOTIENT(name, right)                                                 \
  OPERATION(name) {                                                           \
    const Slot *x = r + B, *y = right;                                        \
    if (is_heap(r + A) || !is_number(x) || !is_number(y)) LEAVE;              \
    put_float(r + A, as_double(x) / as_double(y));                            \
    NEXT;                                                                     \
  }

QUOTIENT(divide, r + C)
QUOTIENT(divide_constant, k + C)

OPERATION(take_remainder) {
  const Slot *x = r + B, *y = r + C;
  if (is_heap(r + A) || x->tag != slot_int || y->tag != slot_int || as_int(x) < 0 || as_int(y) <= 0) LEAVE;
  put_int(r + A, as_int(x) % as_int(y));
  NEXT;
}
// A square is one multiplication; every other power is Swift's.
OPERATION(power_constant) {
  const Slot *x = r + B, *y = k + C;
  if (is_heap(r + A) || x->tag != slot_float || y->tag != slot_int || as_int(y) != 2) LEAVE;
  put_float(r + A, as_float(x) * as_float(x));
  NEXT;
}
OPERATION(negate) {
  const Slot *x = r + B;
  if (is_heap(r + A) || x->tag != slot_float) LEAVE;
  put_float(r + A, -as_float(x));
  NEXT;
}
OPERATION(invert) {
  const Slot *x = r + B;
  if (is_heap(r + A) || x->tag != slot_bool) LEAVE;
  put_bool(r + A, !x->bits);
  NEXT;
}

// MARK: Comparisons and tests

// Sets `holds` to `x op y` for plain numbers, or leaves.
#define COMPARE(op)                                                           \
  bool holds;                                                                 \
  if (x->tag == slot_int && y->tag == slot_int) {                             \
    holds = as_int(x) op as_int(y);                                           \
  } else if (is_number(x) && is_number(y)) {                                  \
    holds = as_double(x) op as_double(y);                                     \
  } else {                                                                    \
    LEAVE;                                                                    \
  }

#define COMPARISON(name, op)                                                  \
  OPERATION(name) {                                                           \
    const Slot *x = r + B, *y = r + C;                                        \
    if (is_heap(r + A)) LEAVE;                                                \
    COMPARE(op)                                                               \
    put_bool(r + A, holds);                                                   \
    NEXT;                                                                     \
  }

COMPARISON(equal, ==)
COMPARISON(not_equal, !=)
COMPARISON(less, <)
COMPARISON(less_or_equal, <=)
COMPARISON(greater, >)
COMPARISON(greater_or_equal, >=)

#define TEST(name, right, op)                                                 \
  OPERATION(name) {                                                           \
    const Slot *x = r + A, *y = right;                                        \
    COMPARE(op)                                                               \
    pc += holds ? 1 : JUMP;                                        \
    NEXT;                                                                     \
  }

TEST(test_equal, r + B, ==)
TEST(test_equal_constant, k + B, ==)
TEST(test_not_equal, r + B, !=)
TEST(test_less, r + B, <)
TEST(test_less_constant, k + B, <)
TEST(test_less_or_equal, r + B, <=)
TEST(test_less_or_equal_constant, k + B, <=)
TEST(test_greater, r + B, >)
TEST(test_greater_constant, k + B, >)
TEST(test_greater_or_equal, r + B, >=)
TEST(test_greater_or_equal_constant, k + B, >=)

OPERATION(test) {
  if (r[A].tag != slot_bool) LEAVE;
  pc += r[A].bits ? 1 : JUMP;
  NEXT;
}
OPERATION(test_unset) {
  pc += r[A].tag == slot_undefined ? 1 : JUMP;
  NEXT;
}
OPERATION(short_and) {
  if (r[A].tag != slot_bool) LEAVE;
  if (!r[A].bits) pc += WIDE;
  NEXT;
}
OPERATION(short_or) {
  if (r[A].tag != slot_bool) LEAVE;
  if (r[A].bits) pc += WIDE;
  NEXT;
}

// MARK: Control

OPERATION(jump) {
  pc += WIDE;
  NEXT;
}
OPERATION(loop) {
  if (--machine->budget <= 0) LEAVE;
  pc += WIDE;
  NEXT;
}
OPERATION(for_range) {
  if (r[A].tag != slot_int || r[A + 1].tag != slot_int || C != 0) LEAVE;
  NEXT;
}
OPERATION(for_next) {
  Slot *counter = r + A;
  if (counter->tag != slot_int) LEAVE;
  if (as_int(counter) < as_int(counter + 1)) {
    put(counter + 2, *counter);
    counter->bits++;
    pc += 1;
  } else {
    pc += JUMP;
  }
  NEXT;
}
OPERATION(for_loop) {
  Slot *counter = r + A;
  if (counter->tag != slot_int || is_heap(counter + 2)) LEAVE;
  if (as_int(counter) < as_int(counter + 1)) {
    put_int(counter + 2, as_int(counter));
    counter->bits++;
    pc += JUMP;
  } else {
    pc += 1;
  }
  COUNT;
  NEXT;
}

// Starts a function written in maas whose arguments lie in their registers behind `a`.
#define CALL(callee)                                                                          \
  do {                                                                                        \
    CodeHeader *header = header_of((callee)->bits);                                           \
    Slot *registers = r + A + 1;                                                              \
    if ((long)B != header->plainCount || frame == machine->lastFrame                          \
        || registers + header->registerCount > machine->cleared) LEAVE;                       \
    const void *closure = (const void *)(callee)->bits;                                       \
    frame++;                                                                                  \
    *frame = (Frame){header, closure, registers, header->code};                               \
    pc = header->code;                                                                        \
    r = registers;                                                                            \
    k = header->constants;                                                                    \
    COUNT;                                                                                    \
    NEXT;                                                                                     \
  } while (0)

OPERATION(call) {
  Slot *callee = r + A;
  if (callee->tag != slot_closure) LEAVE;
  frame->pc = pc;
  CALL(callee);
}
OPERATION(call_global) {
  GlobalPlace place = frame->header->globals[wide(pc)];
  Slot *callee = place.own->tag != slot_undefined ? place.own : place.fallback;
  if (callee->tag != slot_closure) LEAVE;
  frame->pc = pc + 1;
  CALL(callee);
}

OPERATION(return_value) {
  Slot value = r[A];
  r[A].tag = slot_undefined;
  CodeHeader *header = frame->header;
  Slot *result = r + header->resultOffset;
  for (Slot *slot = r, *end = r + header->registerCount; slot < end; slot++) {
    if (is_heap(slot)) {
      slot->tag = slot_undefined;
      release(slot->bits);
    }
  }
  if (frame == machine->first) {
    machine->frame = frame - 1;
    machine->result = value;
    return StopReturned;
  }
  put(result, value);
  frame--;
  pc = frame->pc;
  r = frame->registers;
  k = frame->header->constants;
  NEXT;
}

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
