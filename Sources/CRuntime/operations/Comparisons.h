// Comparisons of plain numbers, as values and as tests that a jump follows. Part of Interpreter.c.

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
