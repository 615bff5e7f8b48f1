// Jumps, loops over ranges, calls and returns. Part of Interpreter.c.

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
