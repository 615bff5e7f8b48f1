// Operations that move values: between registers, and from constants, globals, captures and cells. Part of Interpreter.c.

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
