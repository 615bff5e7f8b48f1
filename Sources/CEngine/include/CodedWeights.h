// Products of floats with a matrix of codes of 4 bits, which become floats in registers.
#ifndef MAAS_CODED_WEIGHTS_H
#define MAAS_CODED_WEIGHTS_H
#include <stddef.h>
#include <stdint.h>

/// A k×n matrix of (code - zero) · scale. Each column has a scale, and where there are zeros a zero, for each `group` of
/// rows; the last group may have fewer rows.
typedef struct {
  size_t k, n, group;
  int has_zeros;
} maas_coded_matrix;

/// Bytes of a packed matrix.
size_t maas_coded_size(const maas_coded_matrix *w);
/// Packs codes [k×n], -8 to 7, with scales and zeros [groups×n]; `zeros` is NULL where there are none. For each strip of 16 columns
/// its groups one after the other: 16 scales, 16 zeros if any, then 16 words for each 8 rows.
void maas_coded_pack(const maas_coded_matrix *w, const int8_t *codes, const float *scales, const float *zeros,
                     void *packed);
/// y[m×n] = x[m×k] · W, with the bits of `maas_product` of the matrix as floats.
void maas_coded_product(size_t m, const maas_coded_matrix *w, const float *x, const void *packed, float *y);
#endif
