// Reductions. The order of additions depends on the count alone: f32 sums run in vector lanes over blocks and the
// blocks are added in f64.

#define SUM_BLOCK 2048

#define SUM_ROW(T, TN, V, L)                                                                                 \
  INLINE double sum_of_##TN(const T *x, size_t n) {                                                          \
    double total = 0;                                                                                        \
    for (size_t start = 0; start < n; start += SUM_BLOCK) {                                                  \
      size_t end = n - start < SUM_BLOCK ? n : start + SUM_BLOCK, i = start;                                 \
      if (end - start >= L) {                                                                                \
        V a = (V)((T)0), b = a, c = a, d = a;                                                                \
        for (; i + 4 * L <= end; i += 4 * L) {                                                               \
          a += load_##TN(x + i);                                                                             \
          b += load_##TN(x + i + L);                                                                         \
          c += load_##TN(x + i + 2 * L);                                                                     \
          d += load_##TN(x + i + 3 * L);                                                                     \
        }                                                                                                    \
        for (; i + L <= end; i += L) a += load_##TN(x + i);                                                  \
        total += (double)lanes_sum_##TN((a + b) + (c + d));                                                  \
      }                                                                                                      \
      for (; i < end; i++) total += (double)x[i];                                                            \
    }                                                                                                        \
    return total;                                                                                            \
  }                                                                                                          \
  static void sum_row_##TN(const void *xv, void *y, size_t n) { *(T *)y = (T)sum_of_##TN(xv, n); }
SUM_ROW(float, f32, vf, LANES_F32)
SUM_ROW(double, f64, vd, LANES_F64)

/// The largest or smallest; NaN wins. Lanes side by side, then across.
#define EXTREME_ROW(NAME, T, TN, V, L, PICK)                                                                 \
  INLINE T NAME##_of_##TN(const T *x, size_t n) {                                                            \
    T best = x[0];                                                                                           \
    size_t i = 0;                                                                                            \
    if (n >= L) {                                                                                            \
      V m = load_##TN(x);                                                                                    \
      i = L;                                                                                                 \
      if (n >= 8 * L) {                                                                                      \
        V p = m, q = m, s = m;                                                                               \
        for (; i + 4 * L <= n; i += 4 * L) {                                                                 \
          V a = load_##TN(x + i), b = load_##TN(x + i + L);                                                  \
          V c = load_##TN(x + i + 2 * L), d = load_##TN(x + i + 3 * L);                                      \
          m = PICK(a, m) ? a : m;                                                                            \
          p = PICK(b, p) ? b : p;                                                                            \
          q = PICK(c, q) ? c : q;                                                                            \
          s = PICK(d, s) ? d : s;                                                                            \
        }                                                                                                    \
        m = PICK(p, m) ? p : m;                                                                              \
        q = PICK(s, q) ? s : q;                                                                              \
        m = PICK(q, m) ? q : m;                                                                              \
      }                                                                                                      \
      for (; i + L <= n; i += L) {                                                                           \
        V v = load_##TN(x + i);                                                                              \
        m = PICK(v, m) ? v : m;                                                                              \
      }                                                                                                      \
      T t[L];                                                                                                \
      store_##TN(t, m);                                                                                      \
      best = t[0];                                                                                           \
      for (size_t l = 1; l < L; l++) best = PICK(t[l], best) ? t[l] : best;                                  \
    }                                                                                                        \
    for (; i < n; i++) best = PICK(x[i], best) ? x[i] : best;                                                \
    return best;                                                                                             \
  }                                                                                                          \
  static void NAME##_row_##TN(const void *xv, void *y, size_t n) { *(T *)y = NAME##_of_##TN(xv, n); }
EXTREME_ROW(max, float, f32, vf, LANES_F32, PICK_MAX)
EXTREME_ROW(min, float, f32, vf, LANES_F32, PICK_MIN)
EXTREME_ROW(max, double, f64, vd, LANES_F64, PICK_MAX)
EXTREME_ROW(min, double, f64, vd, LANES_F64, PICK_MIN)

/// A plain fold; A is the accumulator, R the result.
#define FOLD_ROW(NAME, T, A, R, START, STEP)                                                                 \
  static void NAME(const void *xv, void *yv, size_t n) {                                                     \
    const T *restrict px = xv;                                                                               \
    A m = START;                                                                                             \
    for (size_t i = 0; i < n; i++) {                                                                         \
      const T x = px[i];                                                                                     \
      m = (A)(STEP);                                                                                         \
    }                                                                                                        \
    *(R *)yv = (R)m;                                                                                         \
  }
/// Rows of a column's block between two looks at the flag that says to stop.
#define DEEP ((size_t)4096)
/// The same down columns, 128 at a time.
#define FOLD_COLUMNS(NAME, T, A, R, START, STEP)                                                             \
  static void NAME(const void *xv, void *yv, size_t count, size_t inner, size_t width) {                     \
    for (size_t j = 0; j < width; j += 128) {                                                                \
      size_t w = width - j < 128 ? width - j : 128;                                                          \
      const T *restrict p = (const T *)xv + j;                                                               \
      R *restrict y = (R *)yv + j;                                                                           \
      A acc[128];                                                                                            \
      for (size_t i = 0; i < w; i++) {                                                                       \
        const T x = count ? p[i] : 0;                                                                        \
        (void)x;                                                                                             \
        acc[i] = START;                                                                                      \
      }                                                                                                      \
      for (size_t r = 0; r < count;) {                                                                       \
        if (r && maas_cancelled()) return;                                                                   \
        size_t end = count - r < DEEP ? count : r + DEEP;                                                    \
        for (; r < end; r++, p += inner)                                                                     \
          for (size_t i = 0; i < w; i++) {                                                                   \
            const T x = p[i];                                                                                \
            const A m = acc[i];                                                                              \
            acc[i] = (A)(STEP);                                                                              \
          }                                                                                                  \
      }                                                                                                      \
      for (size_t i = 0; i < w; i++) y[i] = (R)acc[i];                                                       \
    }                                                                                                        \
  }
#define FOLD(NAME, TN, T, A, R, START, STEP)                                                                 \
  FOLD_ROW(NAME##_row_##TN, T, A, R, START, STEP)                                                            \
  FOLD_COLUMNS(NAME##_columns_##TN, T, A, R, START, STEP)

#define REDUCE_LOGIC(T, TN)                                                                                  \
  FOLD(any, TN, T, uint8_t, uint8_t, 0, m | (x != 0))                                                        \
  FOLD(all, TN, T, uint8_t, uint8_t, 1, m & (x != 0))
#define REDUCE_INTEGER(T, TN, LEAST, MOST)                                                                   \
  REDUCE_LOGIC(T, TN)                                                                                        \
  FOLD(sum, TN, T, uint64_t, int64_t, 0, m + (uint64_t)x)                                                    \
  FOLD(product, TN, T, uint64_t, int64_t, 1, m *(uint64_t)x)                                                 \
  FOLD(max, TN, T, T, T, LEAST, x > m ? x : m)                                                               \
  FOLD(min, TN, T, T, T, MOST, x < m ? x : m)
REDUCE_INTEGER(uint8_t, u8, 0, UINT8_MAX)
REDUCE_INTEGER(int8_t, i8, INT8_MIN, INT8_MAX)
REDUCE_INTEGER(int32_t, i32, INT32_MIN, INT32_MAX)
REDUCE_INTEGER(int64_t, i64, INT64_MIN, INT64_MAX)
#define REDUCE_FLOAT(T, TN)                                                                                  \
  REDUCE_LOGIC(T, TN)                                                                                        \
  FOLD(product, TN, T, double, T, 1, m *(double)x)                                                           \
  FOLD_COLUMNS(max_columns_##TN, T, T, T, -(T)INFINITY, PICK_MAX(x, m) ? x : m)                              \
  FOLD_COLUMNS(min_columns_##TN, T, T, T, (T)INFINITY, PICK_MIN(x, m) ? x : m)
REDUCE_FLOAT(float, f32)
REDUCE_FLOAT(double, f64)

FOLD_COLUMNS(sum_columns_f64, double, double, double, 0, m + x)
/// f32 columns: 64 rows at a time in f32, those in f64.
static void sum_columns_f32(const void *xv, void *yv, size_t count, size_t inner, size_t width) {
  for (size_t j = 0; j < width; j += 128) {
    size_t w = width - j < 128 ? width - j : 128;
    const float *restrict p = (const float *)xv + j;
    float *restrict y = (float *)yv + j;
    double total[128] = {0};
    for (size_t r = 0; r < count; r += 64) {
      if (r % DEEP == 0 && r && maas_cancelled()) return;
      size_t rows = count - r < 64 ? count - r : 64;
      float acc[128];
      for (size_t i = 0; i < w; i++) acc[i] = p[i];
      p += inner;
      for (size_t s = 1; s < rows; s++, p += inner)
        for (size_t i = 0; i < w; i++) acc[i] += p[i];
      for (size_t i = 0; i < w; i++) total[i] += (double)acc[i];
    }
    for (size_t i = 0; i < w; i++) y[i] = (float)total[i];
  }
}

#define REDUCTION_ROW(KIND, TN)                                                                              \
  {sum_##KIND##_##TN, product_##KIND##_##TN, max_##KIND##_##TN, min_##KIND##_##TN, any_##KIND##_##TN, all_##KIND##_##TN}
#define REDUCTION_ROWS(KIND)                                                                                 \
  {REDUCTION_ROW(KIND, u8),  REDUCTION_ROW(KIND, u8),  REDUCTION_ROW(KIND, i8), REDUCTION_ROW(KIND, i32),    \
   REDUCTION_ROW(KIND, i64), REDUCTION_ROW(KIND, f32), REDUCTION_ROW(KIND, f64)}
#define ROW_REDUCTION_ROWS REDUCTION_ROWS(row)
#define COLUMN_REDUCTION_ROWS REDUCTION_ROWS(columns)
