#pragma once

#include <stdint.h>

#pragma clang assume_nonnull begin

// What the machine runs and keeps, laid out so that the loop over plain numbers (Interpreter.c) and everything else
// (the Machine in Swift) read the same memory.

// A value as the machine's registers hold it: 16 plain bytes, owned by hand. The tag says what the bits are; tags from
// slot_heap on stand for a reference to a Swift object.
typedef struct {
  uint64_t tag;
  uint64_t bits;
} Slot;

static const uint64_t slot_undefined = 0;
static const uint64_t slot_none = 1;
static const uint64_t slot_bool = 2;
static const uint64_t slot_int = 3;
static const uint64_t slot_float = 4;
static const uint64_t slot_heap = 8;
static const uint64_t slot_text = 8;
static const uint64_t slot_list = 9;
static const uint64_t slot_tuple = 10;
static const uint64_t slot_record = 11;
static const uint64_t slot_range = 12;
static const uint64_t slot_function = 13;  // every function but slot_closure
static const uint64_t slot_object = 14;
static const uint64_t slot_cell = 15;
static const uint64_t slot_iterator = 16;
static const uint64_t slot_closure = 17;  // a function written in maas

// An operation. `a`, `b`, `c` are registers of the frame unless it says otherwise; `wide` is b and c as one number.
typedef enum __attribute__((enum_extensibility(closed))) : uint16_t {
  // Values
  OpcodeMove,  // a ← b
  OpcodeTake,  // a ← b, leaving b empty
  OpcodeConstant,  // a ← constants[wide]
  OpcodeInt,  // a ← wide, an integer
  OpcodeNone,  // a ← none
  OpcodeBool,  // a ← b ≠ 0
  OpcodeLikeParameter,  // a ← a, a number there given the shape of the parameter b
  // Names
  OpcodeGlobal,  // a ← globals[wide]
  OpcodeSetGlobal,  // globals[wide] ← a, which must be a `var`
  OpcodeBindGlobal,  // globals[wide] ← a, as `let`
  OpcodeBindGlobalVar,  // globals[wide] ← a, as `var`
  OpcodeCapture,  // a ← captures[b]
  OpcodeCaptureCell,  // a ← content of the cell captures[b]
  OpcodeSetCaptureCell,  // content of the cell captures[b] ← a
  OpcodeMakeCell,  // a ← a cell that holds a
  OpcodeCell,  // a ← content of the cell b
  OpcodeSetCell,  // content of the cell a ← b
  OpcodeSelfField,  // a ← field b of the model in register 0
  OpcodeCurrentClosure,  // a ← the closure that runs
  // Arithmetic: a ← b op c
  OpcodeAdd, OpcodeSubtract, OpcodeMultiply, OpcodeDivide, OpcodeFloorDivide, OpcodeRemainder, OpcodePower,
  OpcodeMatrixMultiply,
  // The same with constants[c]
  OpcodeAddConstant, OpcodeSubtractConstant, OpcodeMultiplyConstant, OpcodeDivideConstant, OpcodePowerConstant,
  OpcodeSubtractFromConstant,  // a ← constants[c] - b
  OpcodeNegate, OpcodeNot,  // a ← op b
  OpcodeEqual, OpcodeNotEqual, OpcodeLess, OpcodeLessOrEqual, OpcodeGreater, OpcodeGreaterOrEqual,
  OpcodeContains,
  OpcodeCombine,  // a ← b and/or c elementwise; the kind stands in the next instruction's a
  // Tests: b op c; the next instruction is the jump taken when it does not hold
  OpcodeTestEqual, OpcodeTestNotEqual, OpcodeTestLess, OpcodeTestLessOrEqual, OpcodeTestGreater,
  OpcodeTestGreaterOrEqual,
  OpcodeTestEqualConstant, OpcodeTestLessConstant, OpcodeTestGreaterConstant, OpcodeTestLessOrEqualConstant,
  OpcodeTestGreaterOrEqualConstant,
  OpcodeTest,  // a is true
  OpcodeTestUnset,  // a was not given
  // Control
  OpcodeJump,  // by wide
  OpcodeLoop,  // by wide, backwards: looks whether to stop
  OpcodeShortAnd,  // a false: jump by wide; a must be boolean or a boolean tensor
  OpcodeShortOr,  // a true: jump by wide
  OpcodeCall,  // a ← a(a+1 … a+b)
  OpcodeCallGlobal,  // a ← f(a+1 … a+b), f the global that the next instruction's wide names
  OpcodeCallNamed,  // a ← a(…): b arguments in all, names[c] those of the last of them
  OpcodeReturn,  // a
  OpcodeForPrepare,  // a: the iterator over a; a+1 its limit
  OpcodeForRange,  // a, a+1: integers; c: closed
  OpcodeForNext,  // a+2 ← next of a; the next instruction is the jump taken at the end
  OpcodeForLoop,  // the same at the end of the body: the next instruction is the jump back, taken unless at the end
  OpcodePushHandler,  // errors go to wide, with the error in a
  OpcodePopHandler,
  // Building
  OpcodeBracket,  // a ← [a … a+b-1]; masks[c]: which elements are brackets written inside
  OpcodeBracketExact,  // the same, in f64
  OpcodeMakeList,  // a ← an empty list
  OpcodeAppendTo,  // a ← list a with b appended, in place
  OpcodeFinishBracket,  // a ← the list a as a bracket makes it; b: in f64; masks[c]
  OpcodeMakeTuple,  // a ← (a … a+b-1)
  OpcodeMakeRecord,  // a ← {names[c]: a … a+b-1}
  OpcodeSpread,  // a ← record a with the fields of record b
  OpcodeSetField,  // a ← record a with field names[c][0] = b
  OpcodeMakeRange,  // a ← b..c, closed when the next instruction's a is 1
  OpcodeMakeSlice,  // a ← an open or closed slice for an index; bounds a, a+1 may be undefined; c: closed
  OpcodeInterpolate,  // a ← the text of a … a+b-1
  OpcodeClosure,  // a ← prototypes[wide]
  OpcodeMakeModel,  // a ← constructor from a … a+b-1, declarations[c]
  OpcodeMakeOptimizer,  // a ← constructor from closure a, declarations[c]
  // Access
  OpcodeIndex,  // a ← b[c]
  OpcodeIndexMany,  // a ← a[a+1 … a+b]
  OpcodeSetIndex,  // a ← a with [b …] = c; the number of indices stands in the next instruction's a
  OpcodeSetIndexIn,  // the next instruction's variable, with [b … b+c-1] = a; in place where unshared
  OpcodeAppendIn,  // the next instruction's variable, a appended, where the global after it is `append`; then a jump
  OpcodeField,  // a ← b.names[c][0]
  OpcodeUnpack,  // a … a+c-1 ← the parts of b
  OpcodeUnpackField,  // a ← field names[c][0] of record b
  OpcodeUse,  // a ← file constants[wide]
  OpcodeExplain,  // a ← explanation of a; a+1 the place asked for, b values from a+2 on, lines[c]
} Opcode;

enum { opcode_count = OpcodeExplain + 1 };

// One instruction: an operation and three operands. Eight bytes.
typedef struct {
  Opcode op;
  uint16_t a, b, c;
} Instruction;

// Where the machine reads a top-level name: its own value or, while that is undefined, the library's.
typedef struct {
  Slot *own;
  Slot *fallback;
} GlobalPlace;

// What the machine needs of a function's code on every call, in one place.
typedef struct {
  Instruction *code;
  Slot *constants;
  GlobalPlace *globals;
  long registerCount;
  // How many arguments need no arranging; -1 where some always do.
  long plainCount;
  // Where the caller wants the value, counted from the first register: a method lies where its value goes, any other
  // function's registers follow that place.
  long resultOffset;
  const void *prototype;
} CodeHeader;

// A function that runs.
typedef struct {
  CodeHeader *header;
  const void *closure;
  Slot *registers;
  // The next instruction, while the frame does not run.
  Instruction *pc;
} Frame;

// What a run of the loop over plain numbers needs and leaves.
typedef struct {
  // The topmost frame; the place before the first one when none is there.
  Frame *frame;
  // The frame whose return ends the run.
  Frame *_Nullable first;
  // The frame on which no other may stand.
  Frame *lastFrame;
  // Slots below this have been initialised.
  Slot *cleared;
  // Turns and calls until it is time to look whether to stop.
  long budget;
  // What the first frame returned; the caller's to release.
  Slot result;
} Interpreter;

// Why the loop stopped.
typedef enum __attribute__((enum_extensibility(closed))) : uint8_t {
  StopInstruction,  // the instruction before the topmost frame's pc is for Swift to carry out
  StopLook,  // the budget is used up
  StopReturned,  // the first frame has returned
} Stop;

// Runs the topmost frame, and those it calls, until `first` returns or something comes up that is no plain number.
Stop interpret(Interpreter *interpreter, Frame *first);

#pragma clang assume_nonnull end
