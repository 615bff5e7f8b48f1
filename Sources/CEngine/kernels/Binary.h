// Loops of two operands over rows of n elements, where one side may be a single number.

#define BINARY_LOOP(T, R, EXPR)                                                                              \
  const T *restrict a = av;                                                                                  \
  const T *restrict b = bv;                                                                                  \
  R *restrict c = cv;                                                                                        \
  for (size_t r = 0; r < rows; r++, a += as, b += bs, c += n) {                                              \
    if (mode == MAAS_BOTH) {                                                                                 \
      for (size_t i = 0; i < n; i++) {                                                                       \
        const T x = a[i], y = b[i];                                                                          \
        c[i] = (R)(EXPR);                                                                                    \
      }                                                                                                      \
    } else if (mode == MAAS_RIGHT_SCALAR) {                                                                  \
      const T y = b[0];                                                                                      \
      for (size_t i = 0; i < n; i++) {                                                                       \
        const T x = a[i];                                                                                    \
        c[i] = (R)(EXPR);                                                                                    \
      }                                                                                                      \
    } else {                                                                                                 \
      const T x = a[0];                                                                                      \
      for (size_t i = 0; i < n; i++) {                                                                       \
        const T y = b[i];                                                                                    \
        c[i] = (R)(EXPR);                                                                                    \
      }                                                                                                      \
    }                                                                                                        \
  }
#define BINARY_SIGNATURE(NAME)                                                                               \
  static void NAME(const void *av, const void *bv, void *cv, size_t rows, size_t n, ptrdiff_t as, ptrdiff_t bs, \
                   int mode)
#define BINARY(NAME, T, R, EXPR)                                                                             \
  BINARY_SIGNATURE(NAME) { BINARY_LOOP(T, R, EXPR) }

#define BINARY_COMMON(T, TN)                                                                                 \
  BINARY(gate_##TN, T, T, x > 0 ? y : (T)0)                                                                  \
  BINARY(equal_##TN, T, uint8_t, x == y)                                                                     \
  BINARY(not_equal_##TN, T, uint8_t, x != y)                                                                 \
  BINARY(less_##TN, T, uint8_t, x < y)                                                                       \
  BINARY(less_or_equal_##TN, T, uint8_t, x <= y)                                                             \
  BINARY(and_##TN, T, uint8_t, (x != 0) & (y != 0))                                                          \
  BINARY(or_##TN, T, uint8_t, (x != 0) | (y != 0))                                                           \
  BINARY(greater_##TN, T, uint8_t, x > y)                                                                    \
  BINARY(greater_or_equal_##TN, T, uint8_t, x >= y)

// NaN on either side gives NaN. Floored division and its remainder are Python's.
#define BINARY_FLOAT(T, TN, S)                                                                               \
  BINARY_COMMON(T, TN)                                                                                       \
  BINARY(add_##TN, T, T, x + y)                                                                              \
  BINARY(subtract_##TN, T, T, x - y)                                                                         \
  BINARY(multiply_##TN, T, T, x *y)                                                                          \
  BINARY(divide_##TN, T, T, x / y)                                                                           \
  BINARY(maximum_##TN, T, T, ((x > y) | (x != x)) ? x : y)                                                   \
  BINARY(minimum_##TN, T, T, ((x < y) | (x != x)) ? x : y)                                                   \
  INLINE T remainder_one_##TN(T x, T y) {                                                                    \
    T m = fmod##S(x, y);                                                                                     \
    if (m == 0) return copysign##S((T)0, y);                                                                 \
    return (m < 0) != (y < 0) ? m + y : m;                                                                   \
  }                                                                                                          \
  INLINE T floor_divide_one_##TN(T x, T y) {                                                                 \
    if (y == 0) return x / y;                                                                                \
    T m = fmod##S(x, y), d = (x - m) / y;                                                                    \
    if (m != 0 && (m < 0) != (y < 0)) d -= 1;                                                                \
    if (d == 0) return copysign##S((T)0, x / y);                                                             \
    T f = floor##S(d);                                                                                       \
    return d - f > (T)0.5 ? f + 1 : f;                                                                       \
  }                                                                                                          \
  BINARY(remainder_##TN, T, T, remainder_one_##TN(x, y))                                                     \
  BINARY(floor_divide_##TN, T, T, floor_divide_one_##TN(x, y))                                               \
  /* pow(-0, ½) is +0 and pow(-∞, ½) is +∞, unlike sqrt. */                                                  \
  INLINE T root_##TN(T x) { return x == -(T)INFINITY ? (T)INFINITY : sqrt##S(x + (T)0); }                    \
  INLINE T power_one_##TN(T x, T y) {                                                                        \
    if (y == 2) return x * x;                                                                                \
    if (y == (T)0.5) return root_##TN(x);                                                                    \
    if (y == 1) return x;                                                                                    \
    if (y == 3) return x * x * x;                                                                            \
    if (y == -1) return 1 / x;                                                                               \
    return pow##S(x, y);                                                                                     \
  }                                                                                                          \
  BINARY(power_each_##TN, T, T, power_one_##TN(x, y))                                                        \
  BINARY(power_2_##TN, T, T, ((void)y, x * x))                                                               \
  BINARY(power_half_##TN, T, T, ((void)y, root_##TN(x)))                                                     \
  BINARY_SIGNATURE(power_##TN) {                                                                             \
    T y = *(const T *)bv;                                                                                    \
    int alone = mode == MAAS_RIGHT_SCALAR && (rows == 1 || bs == 0);                                         \
    if (alone && y == 2) power_2_##TN(av, bv, cv, rows, n, as, bs, mode);                                    \
    else if (alone && y == (T)0.5) power_half_##TN(av, bv, cv, rows, n, as, bs, mode);                       \
    else power_each_##TN(av, bv, cv, rows, n, as, bs, mode);                                                 \
  }

BINARY_FLOAT(float, f32, f)
BINARY_FLOAT(double, f64, )

// Integers wrap. The caller has refused zero divisors and negative exponents.
#define BINARY_INTEGER(T, TN, U)                                                                             \
  BINARY_COMMON(T, TN)                                                                                       \
  BINARY(add_##TN, T, T, (U)x + (U)y)                                                                        \
  BINARY(subtract_##TN, T, T, (U)x - (U)y)                                                                   \
  BINARY(multiply_##TN, T, T, (U)x *(U)y)                                                                    \
  BINARY(maximum_##TN, T, T, x > y ? x : y)                                                                  \
  BINARY(minimum_##TN, T, T, x < y ? x : y)                                                                  \
  INLINE T remainder_one_##TN(T x, T y) {                                                                    \
    if (y == (T)-1 && (T)-1 < 0) return 0;                                                                   \
    T m = (T)(x % y);                                                                                        \
    return m != 0 && (m < 0) != (y < 0) ? (T)(m + y) : m;                                                    \
  }                                                                                                          \
  INLINE T floor_divide_one_##TN(T x, T y) {                                                                 \
    if (y == (T)-1 && (T)-1 < 0) return (T)((U)0 - (U)x);                                                    \
    T q = (T)(x / y);                                                                                        \
    return x % y != 0 && (x < 0) != (y < 0) ? (T)(q - 1) : q;                                                \
  }                                                                                                          \
  INLINE T power_one_##TN(T x, T y) {                                                                        \
    U base = (U)x, result = 1;                                                                               \
    for (uint64_t e = (uint64_t)y; e; e >>= 1, base *= base)                                                 \
      if (e & 1) result *= base;                                                                             \
    return (T)result;                                                                                        \
  }                                                                                                          \
  BINARY(remainder_##TN, T, T, remainder_one_##TN(x, y))                                                     \
  BINARY(floor_divide_##TN, T, T, floor_divide_one_##TN(x, y))                                               \
  BINARY(power_##TN, T, T, power_one_##TN(x, y))

BINARY_INTEGER(uint8_t, u8, uint32_t)
BINARY_INTEGER(int8_t, i8, uint32_t)
BINARY_INTEGER(int32_t, i32, uint32_t)
BINARY_INTEGER(int64_t, i64, uint64_t)
#define divide_u8 0
#define divide_i8 0
#define divide_i32 0
#define divide_i64 0

#define BINARY_ROW(TN)                                                                                       \
  {add_##TN,       subtract_##TN,     multiply_##TN,  divide_##TN, power_##TN, maximum_##TN,                 \
   minimum_##TN,   floor_divide_##TN, remainder_##TN, gate_##TN,   equal_##TN,  not_equal_##TN,              \
   less_##TN,      less_or_equal_##TN, greater_##TN,  greater_or_equal_##TN, and_##TN, or_##TN}
#define BINARY_ROWS                                                                                          \
  {BINARY_ROW(u8), BINARY_ROW(u8), BINARY_ROW(i8), BINARY_ROW(i32), BINARY_ROW(i64), BINARY_ROW(f32), BINARY_ROW(f64)}
