// One of two operands, chosen by booleans; strides are 0 or 1.

#define SELECT(T)                                                                                            \
  {                                                                                                          \
    const T *restrict x = a;                                                                                 \
    const T *restrict z = b;                                                                                 \
    T *restrict out = y;                                                                                     \
    if (cs && as && bs)                                                                                      \
      for (size_t i = 0; i < n; i++) {                                                                       \
        const T yes = x[i], no = z[i];                                                                       \
        out[i] = condition[i] ? yes : no;                                                                    \
      }                                                                                                      \
    else if (cs && as) {                                                                                     \
      const T no = z[0];                                                                                     \
      for (size_t i = 0; i < n; i++) {                                                                       \
        const T yes = x[i];                                                                                  \
        out[i] = condition[i] ? yes : no;                                                                    \
      }                                                                                                      \
    } else if (cs && bs) {                                                                                   \
      const T yes = x[0];                                                                                    \
      for (size_t i = 0; i < n; i++) {                                                                       \
        const T no = z[i];                                                                                   \
        out[i] = condition[i] ? yes : no;                                                                    \
      }                                                                                                      \
    } else                                                                                                   \
      for (size_t i = 0; i < n; i++) out[i] = condition[i * cs] ? x[i * as] : z[i * bs];                     \
  }

static void select_piece(size_t size, const uint8_t *restrict condition, size_t cs, const void *a, size_t as,
                         const void *b, size_t bs, void *y, size_t n) {
  if (size == 1) SELECT(uint8_t)
  else if (size == 4) SELECT(uint32_t)
  else SELECT(uint64_t)
}
#undef SELECT
