// Products of rows with the blocks of a sparse matrix, on any processor.
// Every number is made of chains of multiply-adds over the rows in order, as in Product.h: left out is what adds zero.

#define BLOCK_VECTORS (MAAS_BLOCK_WIDTH / LANES_F32)
/// Sums that one pass keeps in registers.
#if KERNEL_AVX512
#define BLOCK_ROWS 8
#elif KERNEL_BYTES == 32
#define BLOCK_ROWS 4
#else
#define BLOCK_ROWS 2
#endif

typedef vf block_sums[8][4][BLOCK_VECTORS];

INLINE void add_block(const int rows, const int s, const float *x, size_t ldx, const float *block, block_sums acc) {
  vf w[BLOCK_VECTORS];
  UNROLL for (int v = 0; v < BLOCK_VECTORS; v++) w[v] = load_f32(block + v * LANES_F32);
  UNROLL for (int r = 0; r < rows; r++) {
    const vf one = (vf)(x[(size_t)r * ldx]);
    UNROLL for (int v = 0; v < BLOCK_VECTORS; v++) acc[r][s][v] = FMA(one, w[v], acc[r][s][v]);
  }
}

/// Sums of one chain of a strip to where they belong, `left` of them at most; `adds` those that are there.
INLINE void put_strip(float *to, const vf *sums, size_t left, int adds) {
  float all[MAAS_BLOCK_WIDTH];
  const size_t width = left < MAAS_BLOCK_WIDTH ? left : MAAS_BLOCK_WIDTH;
  if (width == MAAS_BLOCK_WIDTH) {
    UNROLL for (int v = 0; v < BLOCK_VECTORS; v++) {
      float *part = to + v * LANES_F32;
      store_f32(part, adds ? load_f32(part) + sums[v] : sums[v]);
    }
    return;
  }
  UNROLL for (int v = 0; v < BLOCK_VECTORS; v++) store_f32(all + v * LANES_F32, sums[v]);
  for (size_t j = 0; j < width; j++) to[j] = adds ? to[j] + all[j] : all[j];
}

/// One chain of `rows` rows with `strips` strips, which run beside each other: one alone would wait for each of its sums.
INLINE void block_chain(const int rows, const int strips, const float *x, size_t ldx, const maas_sparse *w, size_t strip,
                        size_t chain, float *y, size_t ldy) {
  block_sums acc;
  UNROLL for (int r = 0; r < rows; r++) UNROLL for (int s = 0; s < strips; s++)
    UNROLL for (int v = 0; v < BLOCK_VECTORS; v++) acc[r][s][v] = (vf)(0.0f);
  const uint32_t *starts[4];
  UNROLL for (int s = 0; s < strips; s++) starts[s] = w->starts + (strip + (size_t)s) * w->chains + chain;
  uint32_t common = starts[0][1] - starts[0][0];
  UNROLL for (int s = 1; s < strips; s++) {
    const uint32_t count = starts[s][1] - starts[s][0];
    common = count < common ? count : common;
  }
  for (uint32_t t = 0; t < common; t++)
    UNROLL for (int s = 0; s < strips; s++) {
      const size_t b = (size_t)starts[s][0] + t;
      add_block(rows, s, x + w->rows[b], ldx, w->values + b * MAAS_BLOCK_WIDTH, acc);
    }
  UNROLL for (int s = 0; s < strips; s++)
    for (size_t b = (size_t)starts[s][0] + common; b < starts[s][1]; b++)
      add_block(rows, s, x + w->rows[b], ldx, w->values + b * MAAS_BLOCK_WIDTH, acc);
  UNROLL for (int r = 0; r < rows; r++) UNROLL for (int s = 0; s < strips; s++) {
    const size_t first = (strip + (size_t)s) * MAAS_BLOCK_WIDTH;
    put_strip(y + (size_t)r * ldy + first, acc[r][s], w->n - first, chain > 0);
  }
}

INLINE void block_tile(const int rows, const int strips, const float *x, size_t ldx, const maas_sparse *w, size_t strip,
                       float *y, size_t ldy) {
  for (size_t chain = 0; chain < w->chains; chain++) block_chain(rows, strips, x, ldx, w, strip, chain, y, ldy);
}

/// m rows with the strips from `strip` to `end`.
static void sparse_product(size_t m, const float *x, size_t ldx, const maas_sparse *w, size_t strip, size_t end,
                           float *y, size_t ldy) {
  for (size_t i = 0; i < m;) {
    const float *row = x + i * ldx;
    float *to = y + i * ldy;
    size_t s = strip;
#if BLOCK_ROWS >= 8
    if (m - i >= 8) {
      for (; s < end; s++) block_tile(8, 1, row, ldx, w, s, to, ldy);
      i += 8;
      if (maas_cancelled()) return;
      continue;
    }
#endif
#if BLOCK_ROWS >= 4
    if (m - i >= 4) {
      for (; s + 2 <= end; s += 2) block_tile(4, 2, row, ldx, w, s, to, ldy);
      for (; s < end; s++) block_tile(4, 1, row, ldx, w, s, to, ldy);
      i += 4;
      continue;
    }
#endif
    if (m - i >= 2) {
      for (; s < end; s++) block_tile(2, 1, row, ldx, w, s, to, ldy);
      i += 2;
      continue;
    }
#if BLOCK_ROWS >= 4
    for (; s + 4 <= end; s += 4) block_tile(1, 4, row, ldx, w, s, to, ldy);
#endif
    for (; s + 2 <= end; s += 2) block_tile(1, 2, row, ldx, w, s, to, ldy);
    for (; s < end; s++) block_tile(1, 1, row, ldx, w, s, to, ldy);
    i++;
  }
}
