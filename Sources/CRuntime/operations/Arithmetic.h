// Arithmetic on plain numbers. What is none, overflows or has no quotient is left to Swift. Part of Interpreter.c.

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
