// Conversions between element types: integers truncate to their low bits, floats toward zero and clamped.

#define CLAMPED(T, LOW, HIGH, LEAST, MOST) (x != x ? 0 : x <= (LOW) ? (LEAST) : x >= (HIGH) ? (MOST) : (T)x)
#define CONVERT_FROM(S, SN)                                                                                  \
  UNARY(SN##_to_bool, S, uint8_t, x != 0)                                                                    \
  UNARY(SN##_to_f32, S, float, x)                                                                            \
  UNARY(SN##_to_f64, S, double, x)
#define CONVERT_FROM_INTEGER(S, SN)                                                                          \
  CONVERT_FROM(S, SN)                                                                                        \
  UNARY(SN##_to_u8, S, uint8_t, x)                                                                           \
  UNARY(SN##_to_i8, S, int8_t, x)                                                                            \
  UNARY(SN##_to_i32, S, int32_t, x)                                                                          \
  UNARY(SN##_to_i64, S, int64_t, x)
#define CONVERT_FROM_FLOAT(S, SN)                                                                            \
  CONVERT_FROM(S, SN)                                                                                        \
  UNARY(SN##_to_u8, S, uint8_t, CLAMPED(uint8_t, (S)0, (S)255, 0, 255))                                      \
  UNARY(SN##_to_i8, S, int8_t, CLAMPED(int8_t, (S)-128, (S)127, -128, 127))                                  \
  UNARY(SN##_to_i32, S, int32_t, CLAMPED(int32_t, (S)-2147483648.0, (S)2147483648.0, INT32_MIN, INT32_MAX))  \
  UNARY(SN##_to_i64, S, int64_t, CLAMPED(int64_t, (S)-0x1p63, (S)0x1p63, INT64_MIN, INT64_MAX))

CONVERT_FROM_INTEGER(uint8_t, u8)
CONVERT_FROM_INTEGER(int8_t, i8)
CONVERT_FROM_INTEGER(int32_t, i32)
CONVERT_FROM_INTEGER(int64_t, i64)
CONVERT_FROM_FLOAT(float, f32)
CONVERT_FROM_FLOAT(double, f64)

#define CONVERT_ROW(SN)                                                                                      \
  {SN##_to_bool, SN##_to_u8, SN##_to_i8, SN##_to_i32, SN##_to_i64, SN##_to_f32, SN##_to_f64}
#define CONVERT_ROWS                                                                                         \
  {CONVERT_ROW(u8), CONVERT_ROW(u8), CONVERT_ROW(i8), CONVERT_ROW(i32), CONVERT_ROW(i64), CONVERT_ROW(f32),  \
   CONVERT_ROW(f64)}
