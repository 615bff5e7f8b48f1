// Loops of one operand. Cheap ones are plain loops the compiler vectorises; f32 exp and its kin use Math.h; f64 and
// the rarer functions call libm.

#define UNARY(NAME, T, R, EXPR)                                                                              \
  static void NAME(const void *xv, void *yv, size_t n) {                                                     \
    const T *restrict px = xv;                                                                               \
    R *restrict py = yv;                                                                                     \
    for (size_t i = 0; i < n; i++) {                                                                         \
      const T x = px[i];                                                                                     \
      py[i] = (R)(EXPR);                                                                                     \
    }                                                                                                        \
  }

/// The tail goes through the same function as the rest, so that an element's result never depends on its place.
#define UNARY_VECTOR(NAME, F)                                                                                \
  static void NAME(const void *xv, void *yv, size_t n) {                                                     \
    const float *restrict x = xv;                                                                            \
    float *restrict y = yv;                                                                                  \
    size_t i = 0;                                                                                            \
    for (; i + 2 * LANES_F32 <= n; i += 2 * LANES_F32) {                                                     \
      vf a = F(load_f32(x + i)), b = F(load_f32(x + i + LANES_F32));                                         \
      store_f32(y + i, a);                                                                                   \
      store_f32(y + i + LANES_F32, b);                                                                       \
    }                                                                                                        \
    for (; i < n; i += LANES_F32) {                                                                          \
      size_t left = n - i;                                                                                   \
      if (left >= LANES_F32) store_f32(y + i, F(load_f32(x + i)));                                           \
      else store_part_f32(y + i, F(load_part_f32(x + i, left)), left);                                       \
    }                                                                                                        \
  }

INLINE double sigmoid_one(double x) {
  double e = exp(-fabs(x));
  return (x < 0 ? e : 1.0) / (1.0 + e);
}
INLINE double softplus_one(double x) { return (x < 0 ? 0.0 : x) + log1p(exp(-fabs(x))); }

// What f32 and f64 share; S is libm's suffix.
#define UNARY_FLOAT(T, TN, S)                                                                                \
  UNARY(negate_##TN, T, T, -x)                                                                               \
  UNARY(absolute_##TN, T, T, fabs##S(x))                                                                     \
  UNARY(sign_##TN, T, T, x > 0 ? (T)1 : x < 0 ? (T)-1 : x)                                                   \
  UNARY(sqrt_##TN, T, T, sqrt##S(x))                                                                         \
  UNARY(reciprocal_##TN, T, T, (T)1 / x)                                                                     \
  UNARY(square_##TN, T, T, x *x)                                                                             \
  UNARY(sin_##TN, T, T, sin##S(x))                                                                           \
  UNARY(cos_##TN, T, T, cos##S(x))                                                                           \
  UNARY(tan_##TN, T, T, tan##S(x))                                                                           \
  UNARY(asin_##TN, T, T, asin##S(x))                                                                         \
  UNARY(acos_##TN, T, T, acos##S(x))                                                                         \
  UNARY(atan_##TN, T, T, atan##S(x))                                                                         \
  UNARY(sinh_##TN, T, T, sinh##S(x))                                                                         \
  UNARY(cosh_##TN, T, T, cosh##S(x))                                                                         \
  UNARY(relu_##TN, T, T, x <= 0 ? (T)0 : x)                                                                  \
  UNARY(erf_##TN, T, T, erf##S(x))                                                                           \
  UNARY(floor_##TN, T, T, floor##S(x))                                                                       \
  UNARY(ceil_##TN, T, T, ceil##S(x))                                                                         \
  UNARY(round_##TN, T, T, rint##S(x))                                                                        \
  UNARY(not_##TN, T, uint8_t, x == 0)                                                                        \
  UNARY(isnan_##TN, T, uint8_t, x != x)                                                                      \
  UNARY(isfinite_##TN, T, uint8_t, fabs##S(x) < (T)INFINITY)

UNARY_FLOAT(float, f32, f)
UNARY_FLOAT(double, f64, )

UNARY_VECTOR(exp_f32, exp_v)
UNARY_VECTOR(expm1_f32, expm1_v)
UNARY_VECTOR(log_f32, log_v)
UNARY_VECTOR(log1p_f32, log1p_v)
UNARY_VECTOR(tanh_f32, tanh_v)
UNARY_VECTOR(sigmoid_f32, sigmoid_v)
UNARY_VECTOR(softplus_f32, softplus_v)
UNARY(exp_f64, double, double, exp(x))
UNARY(expm1_f64, double, double, expm1(x))
UNARY(log_f64, double, double, log(x))
UNARY(log1p_f64, double, double, log1p(x))
UNARY(tanh_f64, double, double, tanh(x))
UNARY(sigmoid_f64, double, double, sigmoid_one(x))
UNARY(softplus_f64, double, double, softplus_one(x))

// Integers wrap: the arithmetic is done in the unsigned type U.
#define UNARY_INTEGER(T, TN, U)                                                                              \
  UNARY(negate_##TN, T, T, (U)0 - (U)x)                                                                      \
  UNARY(absolute_##TN, T, T, x < 0 ? (U)0 - (U)x : (U)x)                                                     \
  UNARY(sign_##TN, T, T, (x > 0) - (x < 0))                                                                  \
  UNARY(square_##TN, T, T, (U)x *(U)x)                                                                       \
  UNARY(relu_##TN, T, T, x > 0 ? x : 0)                                                                      \
  UNARY(not_##TN, T, uint8_t, x == 0)

UNARY_INTEGER(uint8_t, u8, uint32_t)
UNARY_INTEGER(int8_t, i8, uint32_t)
UNARY_INTEGER(int32_t, i32, uint32_t)
UNARY_INTEGER(int64_t, i64, uint64_t)

#define UNARY_INTEGER_ROW(TN)                                                                                \
  {[MAAS_NEGATE] = negate_##TN, [MAAS_ABSOLUTE] = absolute_##TN, [MAAS_SIGN] = sign_##TN,                    \
   [MAAS_SQUARE] = square_##TN, [MAAS_RELU] = relu_##TN,         [MAAS_NOT] = not_##TN}
#define UNARY_FLOAT_ROW(TN)                                                                                  \
  {negate_##TN, absolute_##TN, sign_##TN, exp_##TN,  expm1_##TN,   log_##TN,  log1p_##TN,    sqrt_##TN,      \
   reciprocal_##TN, square_##TN, sin_##TN, cos_##TN, tan_##TN,     asin_##TN, acos_##TN,     atan_##TN,      \
   sinh_##TN,   cosh_##TN,     tanh_##TN, sigmoid_##TN, relu_##TN, softplus_##TN, erf_##TN, floor_##TN,      \
   ceil_##TN,   round_##TN,    not_##TN,  isnan_##TN, isfinite_##TN}
#define UNARY_ROWS                                                                                           \
  {{[MAAS_NOT] = not_u8},  UNARY_INTEGER_ROW(u8),  UNARY_INTEGER_ROW(i8), UNARY_INTEGER_ROW(i32),            \
   UNARY_INTEGER_ROW(i64), UNARY_FLOAT_ROW(f32), UNARY_FLOAT_ROW(f64)}
