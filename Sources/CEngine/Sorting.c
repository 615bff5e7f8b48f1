// Places in ascending order: elements become unsigned keys in the same order, and keys are sorted by their digits, the
// last digit first. That never compares, keeps the order of equal ones and takes as many passes as the key has digits.
#include "Kernels.h"
#include <string.h>

#define DIGIT 11
#define VALUES (1 << DIGIT)
#define DIGITS(bits) (((bits) + DIGIT - 1) / DIGIT)
#define FEW 96  // below, putting each in its place is faster

/// NaN is above all, -0 equals 0.
static inline uint32_t key_of_float(uint32_t bits) {
  if ((bits & 0x7fffffffu) > 0x7f800000u) return UINT32_MAX;
  if (bits == 0x80000000u) bits = 0;
  return bits >> 31 ? ~bits : bits | 0x80000000u;
}
static inline uint64_t key_of_double(uint64_t bits) {
  if ((bits & 0x7fffffffffffffffu) > 0x7ff0000000000000u) return UINT64_MAX;
  if (bits == 0x8000000000000000u) bits = 0;
  return bits >> 63 ? ~bits : bits | 0x8000000000000000u;
}

static inline uint64_t key_at(int type, const void *x, size_t i) {
  switch (type) {
  case MAAS_F32: return key_of_float(((const uint32_t *)x)[i]);
  case MAAS_F64: return key_of_double(((const uint64_t *)x)[i]);
  case MAAS_I64: return ((const uint64_t *)x)[i] ^ 0x8000000000000000u;
  case MAAS_I32: return ((const uint32_t *)x)[i] ^ 0x80000000u;
  case MAAS_I8: return ((const uint8_t *)x)[i] ^ 0x80u;
  default: return ((const uint8_t *)x)[i];
  }
}

typedef struct { uint32_t key, place; } narrow;
typedef struct { uint64_t key, place; } wide;

#define ORDER(T, BITS)                                                                                       \
  static void insert_##T(T *e, size_t n) {                                                                   \
    for (size_t i = 1; i < n; i++) {                                                                         \
      T moved = e[i];                                                                                        \
      size_t k = i;                                                                                          \
      for (; k > 0 && e[k - 1].key > moved.key; k--) e[k] = e[k - 1];                                        \
      e[k] = moved;                                                                                          \
    }                                                                                                        \
  }                                                                                                          \
  /* Sorts by one digit; whether the elements moved to `to`. */                                              \
  static int pass_##T(const T *from, T *to, size_t n, int digit, size_t *starts) {                           \
    size_t sum = 0;                                                                                          \
    for (size_t v = 0; v < VALUES; v++) {                                                                    \
      size_t count = starts[v];                                                                              \
      if (count == n) return 0;                                                                              \
      starts[v] = sum;                                                                                       \
      sum += count;                                                                                          \
    }                                                                                                        \
    for (size_t i = 0; i < n; i++) {                                                                         \
      if (i % MAAS_STRIP == 0 && maas_cancelled()) return 0;                                                 \
      to[starts[from[i].key >> (digit * DIGIT) & (VALUES - 1)]++] = from[i];                                 \
    }                                                                                                        \
    return 1;                                                                                                \
  }                                                                                                          \
  static void order_##T(int type, const char *x, size_t size, int64_t *places, size_t rows, size_t n,        \
                        T *scratch) {                                                                        \
    static _Thread_local size_t starts[DIGITS(BITS)][VALUES];                                                \
    for (size_t r = 0; r < rows && !maas_cancelled(); r++, x += n * size, places += n) {                     \
      T *e = scratch, *other = scratch + n;                                                                  \
      if (n > FEW) memset(starts, 0, sizeof starts);                                                         \
      for (size_t i = 0; i < n; i++) {                                                                       \
        if (i % MAAS_STRIP == 0 && maas_cancelled()) return;                                                 \
        e[i] = (T){key_at(type, x, i), i};                                                                   \
        if (n > FEW)                                                                                         \
          for (int d = 0; d < DIGITS(BITS); d++) starts[d][e[i].key >> (d * DIGIT) & (VALUES - 1)]++;        \
      }                                                                                                      \
      if (n <= FEW) insert_##T(e, n);                                                                        \
      else                                                                                                   \
        for (int d = 0; d < DIGITS(BITS); d++)                                                               \
          if (pass_##T(e, other, n, d, starts[d])) {                                                         \
            T *moved = other;                                                                                \
            other = e;                                                                                       \
            e = moved;                                                                                       \
          }                                                                                                  \
      for (size_t i = 0; i < n; i++) {                                                                       \
        if (i % MAAS_STRIP == 0 && maas_cancelled()) return;                                                 \
        places[i] = (int64_t)e[i].place;                                                                     \
      }                                                                                                      \
    }                                                                                                        \
  }
ORDER(narrow, 32)
ORDER(wide, 64)

int maas_order(int type, const void *x, int64_t *places, size_t rows, size_t n) {
  if (rows == 0 || n == 0) return 0;
  static const uint8_t sizes[MAAS_TYPES] = {1, 1, 1, 4, 8, 4, 8};
  const int is_narrow = sizes[type] < 8 && n <= UINT32_MAX;
  const size_t each = 2 * (is_narrow ? sizeof(narrow) : sizeof(wide));
  void *scratch = n <= SIZE_MAX / each ? maas_block_allocate(n * each) : NULL;
  if (!scratch) return -1;
  if (is_narrow) order_narrow(type, x, sizes[type], places, rows, n, scratch);
  else order_wide(type, x, sizes[type], places, rows, n, scratch);
  maas_block_free(scratch, n * each);
  return 0;
}
