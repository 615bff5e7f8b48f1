// Products of floats with codes of 8 bits: the floats are rounded to 0…255 row by row, the sums are whole numbers.
#ifndef MAAS_CODES_H
#define MAAS_CODES_H
#include <stddef.h>
#include <stdint.h>

/// The longest sum: 255 · 128 · k stays below 2^31.
#define MAAS_CODES_LONGEST 65000

/// Bytes of a packed k×n factor.
size_t maas_codes_packed_size(size_t k, size_t n);
/// Packs a k×n factor: the sums of its columns, then 16 columns at a time, of each four codes together.
void maas_codes_pack(const int8_t *codes, size_t k, size_t n, void *packed);

/// How the rows of x become codes: q = clamp(rint(x / scale) + zero, 0, 255). With scale 0 each row has its own scale
/// and zero, from its least and largest number.
typedef struct {
  float scale;
  int32_t zero;
} maas_rounding;

/// What becomes of the sums.
typedef struct {
  /// One scale, or with `each` one for each column.
  const float *scales;
  int each;
  /// A number for each column, or NULL.
  const float *bias;
  /// Whether results below zero become zero.
  int rectifies;
} maas_codes_ending;

/// y[i, j] = float(Σ_p (q[i, p] - zero_i) w[p, j]) · (scale_i · scales[j]) + bias[j], and zero instead of less where
/// `rectifies` says so; NaN in rows that are not finite. The same bits on every processor path. k is at most
/// MAAS_CODES_LONGEST. Returns 0, or -1 when scratch memory is refused.
int maas_codes_product(size_t m, size_t n, size_t k, const float *x, maas_rounding rounding, const void *packed,
                       const maas_codes_ending *ending, float *y);
#endif
