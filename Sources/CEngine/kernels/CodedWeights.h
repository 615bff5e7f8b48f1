// Products of rows with codes that become floats in registers, on any processor.
// Every number is made of chains of multiply-adds over the rows of the matrix in order, as in Product.h.

#define CODED_STRIPS (KERNEL_BYTES == 64 ? 4 : 1)
typedef vf strip_of_16[BLOCK_VECTORS];

/// The code of the `row`th row in each word, as a float.
INLINE vf code_in(vu words, const int row) {
#if KERNEL_AVX512
  // The lowest four bits choose among sixteen floats.
  const __m512 numbers = _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, -8, -7, -6, -5, -4, -3, -2, -1);
  return (vf)_mm512_permutexvar_ps((__m512i)(words >> (vu)((uint32_t)(4 * row))), numbers);
#else
  return __builtin_convertvector((vi)(words << (vu)((uint32_t)(28 - 4 * row))) >> (vi)(28), vf);
#endif
}

INLINE void add_codes(const int rows, const int strips, const int has_zeros, const int row,
                      const vu words[][BLOCK_VECTORS], const strip_of_16 *scales, const strip_of_16 *zeros,
                      const float *x, size_t ldx, strip_of_16 acc[][CODED_STRIPS]) {
  UNROLL for (int s = 0; s < strips; s++) UNROLL for (int v = 0; v < BLOCK_VECTORS; v++) {
    vf w = code_in(words[s][v], row);
    if (has_zeros) w -= zeros[s][v];
    w *= scales[s][v];
    UNROLL for (int r = 0; r < rows; r++) acc[r][s][v] = FMA((vf)(x[(size_t)r * ldx]), w, acc[r][s][v]);
  }
}

/// Ends the chains: their sums go to where they belong, and others begin.
INLINE void put_sums(const int rows, const int strips, strip_of_16 acc[][CODED_STRIPS], float *y, size_t ldy,
                     size_t columns, int adds) {
  UNROLL for (int r = 0; r < rows; r++) UNROLL for (int s = 0; s < strips; s++) {
    const size_t first = (size_t)s * MAAS_BLOCK_WIDTH;
    put_strip(y + (size_t)r * ldy + first, acc[r][s], columns - first, adds);
    UNROLL for (int v = 0; v < BLOCK_VECTORS; v++) acc[r][s][v] = (vf)(0.0f);
  }
}

/// `rows` rows with `strips` strips, whose chains run beside each other. A strip has `stride` bytes.
INLINE void coded_tile(const int rows, const int strips, const int has_zeros,
                       const maas_coded_matrix *m, const char *strip, size_t stride, const float *x, size_t ldx,
                       float *y, size_t ldy, size_t columns) {
  strip_of_16 acc[4][CODED_STRIPS], scales[CODED_STRIPS], zeros[CODED_STRIPS];
  UNROLL for (int r = 0; r < rows; r++) UNROLL for (int s = 0; s < strips; s++)
    UNROLL for (int v = 0; v < BLOCK_VECTORS; v++) acc[r][s][v] = (vf)(0.0f);
  const size_t length = maas_chain(m->k);
  size_t chain_end = length;
  for (size_t from = 0; from < m->k; from += m->group) {
    const size_t end = m->k - from < m->group ? m->k : from + m->group;
    UNROLL for (int s = 0; s < strips; s++) UNROLL for (int v = 0; v < BLOCK_VECTORS; v++) {
      const float *head = (const float *)(strip + (size_t)s * stride) + v * LANES_F32;
      scales[s][v] = load_f32(head);
      zeros[s][v] = has_zeros ? load_f32(head + MAAS_BLOCK_WIDTH) : (vf)(0.0f);
    }
    strip += has_zeros ? 128 : 64;
    for (size_t p = from; p < end; p += 8, strip += 64) {
      vu words[CODED_STRIPS][BLOCK_VECTORS];
      UNROLL for (int s = 0; s < strips; s++) UNROLL for (int v = 0; v < BLOCK_VECTORS; v++)
        words[s][v] = *((const vu_anywhere *)(strip + (size_t)s * stride) + v);
      if (p == chain_end) {
        put_sums(rows, strips, acc, y, ldy, columns, chain_end > length);
        chain_end += length;
      }
      if (end - p >= 8 && chain_end - p >= 8) {
        UNROLL for (int row = 0; row < 8; row++)
          add_codes(rows, strips, has_zeros, row, words, scales, zeros, x + p + row, ldx, acc);
      } else {
        for (int row = 0; row < 8 && p + (size_t)row < end; row++) {
          if (p + (size_t)row == chain_end) {
            put_sums(rows, strips, acc, y, ldy, columns, chain_end > length);
            chain_end += length;
          }
          add_codes(rows, strips, has_zeros, row, words, scales, zeros, x + p + row, ldx, acc);
        }
      }
    }
  }
  put_sums(rows, strips, acc, y, ldy, columns, chain_end > length);
}

INLINE void coded_rows(const int has_zeros, size_t rows, const maas_coded_matrix *m, const char *packed, size_t stride,
                       const float *x, size_t ldx, float *y, size_t ldy, size_t columns) {
  for (size_t i = 0; i < rows;) {
    const size_t high = rows - i >= 4 ? 4 : 1;
    const float *row = x + i * ldx;
    for (size_t j = 0; j < columns;) {
      const char *strip = packed + j / MAAS_BLOCK_WIDTH * stride;
      const size_t left = columns - j;
      float *to = y + i * ldy + j;
      j += MAAS_BLOCK_WIDTH;
      if (high == 4) {
        coded_tile(4, 1, has_zeros, m, strip, stride, row, ldx, to, ldy, left);
      } else if (CODED_STRIPS > 1 && left > (CODED_STRIPS - 1) * MAAS_BLOCK_WIDTH) {
        coded_tile(1, CODED_STRIPS, has_zeros, m, strip, stride, row, ldx, to, ldy, left);
        j += (CODED_STRIPS - 1) * MAAS_BLOCK_WIDTH;
      } else {
        coded_tile(1, 1, has_zeros, m, strip, stride, row, ldx, to, ldy, left);
      }
    }
    i += high;
  }
}

/// Rows of x with the columns from a strip on, of which each has `stride` bytes.
static void coded_product(size_t rows, const maas_coded_matrix *m, const char *strip, size_t stride, const float *x,
                          size_t ldx, float *y, size_t ldy, size_t columns) {
  if (m->has_zeros) coded_rows(1, rows, m, strip, stride, x, ldx, y, ldy, columns);
  else coded_rows(0, rows, m, strip, stride, x, ldx, y, ldy, columns);
}
