// Matrix products, included once for f32 and once for f64: T, V, L and N are the includer's.
// Every element of C is a chain of multiply-adds over k in order, or, where k is long, the sum of a few such chains, each
// over `maas_chain` of k, in order: whatever the tile, the blocking or the thread, all of them give the same bits. Only
// products with a single row or column (dots) add in vector lanes.
// Loads of B's last columns read past the row: blocks of memory have 64 readable bytes to spare.
typedef T N(eight) __attribute__((ext_vector_type(8), aligned(sizeof(T)), may_alias));

/// A square block of 8, by shuffles.
INLINE void N(transpose_block)(const T *from, ptrdiff_t lf, T *to, ptrdiff_t lt) {
  typedef T P __attribute__((ext_vector_type(8)));
  P a[8], b[8];
  UNROLL for (int r = 0; r < 8; r++) a[r] = *(const N(eight) *)(from + r * lf);
  UNROLL for (int r = 0; r < 4; r++) {
    b[2 * r] = __builtin_shufflevector(a[2 * r], a[2 * r + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    b[2 * r + 1] = __builtin_shufflevector(a[2 * r], a[2 * r + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  }
  UNROLL for (int h = 0; h < 8; h += 4) UNROLL for (int r = 0; r < 2; r++) {
    a[h + r] = __builtin_shufflevector(b[h + r], b[h + r + 2], 0, 1, 8, 9, 4, 5, 12, 13);
    a[h + r + 2] = __builtin_shufflevector(b[h + r], b[h + r + 2], 2, 3, 10, 11, 6, 7, 14, 15);
  }
  UNROLL for (int r = 0; r < 4; r++) {
    *(N(eight) *)(to + r * lt) = __builtin_shufflevector(a[r], a[r + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    *(N(eight) *)(to + (r + 4) * lt) = __builtin_shufflevector(a[r], a[r + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
}

/// Square blocks of 8; the last ones reach back over what is written already. Matrices lower or narrower than that one by one.
static void N(transpose)(const void *fv, ptrdiff_t lf, void *tv, ptrdiff_t lt, size_t m, size_t n) {
  const T *from = fv;
  T *to = tv;
  if (m < 8 || n < 8) {
    for (size_t i = 0; i < m; i++)
      for (size_t j = 0; j < n; j++) to[(ptrdiff_t)j * lt + (ptrdiff_t)i] = from[(ptrdiff_t)i * lf + (ptrdiff_t)j];
    return;
  }
  for (size_t row = 0; row < m; row += 8) {
    const ptrdiff_t i = (ptrdiff_t)(row + 8 <= m ? row : m - 8);
    for (size_t column = 0; column < n; column += 8) {
      const ptrdiff_t j = (ptrdiff_t)(column + 8 <= n ? column : n - 8);
      N(transpose_block)(from + i * lf + j, lf, to + j * lt + i, lt);
    }
  }
}

/// How many rows of B before they are needed they are asked for.
#define AHEAD 24

/// The multiply-adds of a tile, over k in order. `far`: meanwhile B's rows that lie `ahead` are asked for.
INLINE void N(add_products)(const int rows, const int vectors, const int far, V acc[MAAS_TILE_ROWS][8], size_t k, const T *a,
                            ptrdiff_t ars, ptrdiff_t aks, const T *b, ptrdiff_t bks, ptrdiff_t ahead) {
  // Rows from one pointer and a few offsets: what an address can express. How they follow from each other is kept from
  // the compiler, which would add them up one after the other in every turn.
  ptrdiff_t s1 = ars * (ptrdiff_t)sizeof(T), s3 = 3 * s1, s5 = 5 * s1, s7 = 7 * s1, s9 = 9 * s1, s11 = 11 * s1,
            s13 = 13 * s1;
  __asm__("" : "+r"(s1), "+r"(s3), "+r"(s5), "+r"(s7));
  if (rows > 9) __asm__("" : "+r"(s9), "+r"(s11));
  for (size_t p = 0; p < k; p++, a += aks, b += bks) {
    V x[8];
    UNROLL for (int v = 0; v < vectors; v++) x[v] = N(load)(b + v * L);
    if (far) UNROLL for (int v = 0; v < vectors; v++) __builtin_prefetch(b + ahead + v * L, 0, 3);
    // A's rows may be far apart as well: the next but some of what lies side by side, which may go on in another line.
    if (far) __builtin_prefetch(a + 16 * aks, 0, 3), __builtin_prefetch(a + 16 * aks + rows - 1, 0, 3);
    const ptrdiff_t at[14] = {0, s1, 2 * s1, s3, 4 * s1, s5, 2 * s3, s7, 8 * s1, s9, 2 * s5, s11, 4 * s3, s13};
    UNROLL for (int r = 0; r < rows; r++) {
      const V y = (V)(*(const T *)((const char *)a + at[r]));
      UNROLL for (int v = 0; v < vectors; v++) acc[r][v] = FMA(y, x[v], acc[r][v]);
    }
  }
}

/// Sums of one chain to where they belong; `adds` those that are there.
INLINE void N(put)(T *c, V sums, size_t width, int adds) {
  if (width >= L) N(store)(c, adds ? N(load)(c) + sums : sums);
  else N(store_part)(c, adds ? N(load_part)(c, width) + sums : sums, width);
}

/// The same for a tile whose rows run along C's columns.
INLINE void N(put_turned)(const T *sums, ptrdiff_t stride, T *c, ptrdiff_t ldc, size_t rows, size_t columns, int adds) {
  if (!adds) {
    N(transpose)(sums, stride, c, ldc, rows, columns);
    return;
  }
  T turned[MAAS_TILE_ROWS * 8 * L];
  N(transpose)(sums, stride, turned, (ptrdiff_t)rows, rows, columns);
  for (size_t j = 0; j < columns; j++, c += ldc)
    for (size_t r = 0; r < rows; r++) c[r] += turned[j * rows + r];
}

/// One tile: `rows` × `vectors` registers of sums over a chain. `adds` them to those of the chains before; `layout` says how
/// they lie in C. `next` is the B of the tile that follows.
INLINE void N(tile)(const int rows, const int vectors, size_t k, const T *a, ptrdiff_t ars, ptrdiff_t aks,
                    const T *b, ptrdiff_t bks, const T *next, T *c, ptrdiff_t ldc, size_t columns, int adds,
                    int layout) {
  V acc[MAAS_TILE_ROWS][8];
  const size_t last = columns - (size_t)(vectors - 1) * L;
  UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vectors; v++) acc[r][v] = (V)((T)0);
  // Rows of B that lie far apart, some of them in another thread's cache, are asked for well before they are needed.
  // So are C's, one after the other: all of them at once would hold the processor up.
  if (k >= 128) {
    const size_t each = layout == MAAS_FAR_ROWS ? (k + (size_t)rows - 1) / (size_t)rows : k - AHEAD;
    const T *row = c;
    for (size_t p = 0; p < k; p += each, row += ldc) {
      if (layout == MAAS_FAR_ROWS) UNROLL for (int v = 0; v < vectors; v++) __builtin_prefetch(row + v * L, 1, 3);
      // After the last of these rows come the first of the next tile's.
      const ptrdiff_t ahead = layout == MAAS_FAR_ROWS || p == 0 ? AHEAD * bks : next - (b + (ptrdiff_t)p * bks);
      N(add_products)(rows, vectors, 1, acc, k - p < each ? k - p : each, a + (ptrdiff_t)p * aks, ars, aks,
                      b + (ptrdiff_t)p * bks, bks, ahead);
    }
  } else {
    N(add_products)(rows, vectors, 0, acc, k, a, ars, aks, b, bks, 0);
  }
  if (layout == MAAS_COLUMNS) {
    T t[MAAS_TILE_ROWS * 8 * L];
    UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vectors; v++)
      N(store)(t + (r * vectors + v) * L, acc[r][v]);
    N(put_turned)(t, vectors * L, c, ldc, (size_t)rows, columns, adds);
    return;
  }
  UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vectors; v++)
    N(put)(c + r * ldc + v * L, acc[r][v], v + 1 < vectors ? L : last, adds);
}

typedef void (*N(tile_loop))(size_t k, const T *a, ptrdiff_t ars, ptrdiff_t aks, const T *b, ptrdiff_t bks,
                             const T *next, T *c, ptrdiff_t ldc, size_t columns, int adds, int layout);
#define TILE(ROWS, VECTORS)                                                                                  \
  static __attribute__((noinline)) void N(tile_##ROWS##_##VECTORS)(                                          \
    size_t k, const T *a, ptrdiff_t ars, ptrdiff_t aks, const T *b, ptrdiff_t bks, const T *next, T *c,      \
    ptrdiff_t ldc, size_t columns, int adds, int layout) {                                                   \
    N(tile)(ROWS, VECTORS, k, a, ars, aks, b, bks, next, c, ldc, columns, adds, layout);                     \
  }
#define TILES(ROWS) TILE(ROWS, 1) TILE(ROWS, 2)
TILES(1) TILES(2) TILES(3) TILES(4)
TILE(1, 4) TILE(1, 8) TILE(2, 4)
#if KERNEL_ROWS >= 6
TILES(5) TILES(6)
#endif
#if KERNEL_ROWS >= 8
TILES(7) TILES(8)
#endif
#if KERNEL_ROWS >= 14
TILES(9) TILES(10) TILES(11) TILES(12) TILES(13) TILES(14)
TILE(3, 4) TILE(4, 4) TILE(5, 4) TILE(6, 4)
#endif

/// A height's tiles of one, two and more vectors: sums enough to keep the multipliers busy, as many as the registers hold.
#define WIDER(ROWS, VECTORS) {N(tile_##ROWS##_1), N(tile_##ROWS##_2), N(tile_##ROWS##_##VECTORS), VECTORS}
static const struct { N(tile_loop) one, two, more; size_t most; } N(tiles)[KERNEL_ROWS + 1] = {
  [1] = WIDER(1, 4), [2] = WIDER(2, 4),
#if KERNEL_ROWS >= 14
  [3] = WIDER(3, 4), [4] = WIDER(4, 4), [5] = WIDER(5, 4), [6] = WIDER(6, 4),
  [9] = WIDER(9, 2), [10] = WIDER(10, 2), [11] = WIDER(11, 2), [12] = WIDER(12, 2), [13] = WIDER(13, 2),
  [14] = WIDER(14, 2),
#else
  [3] = WIDER(3, 2), [4] = WIDER(4, 2),
#if KERNEL_ROWS >= 6
  [5] = WIDER(5, 2), [6] = WIDER(6, 2),
#endif
#endif
#if KERNEL_ROWS >= 8
  [7] = WIDER(7, 2), [8] = WIDER(8, 2),
#endif
};

/// The tile of so many rows for the vectors that are left; how many it covers.
INLINE N(tile_loop) N(tile_for)(size_t rows, size_t left, size_t *vectors) {
  if (rows == 1 && left >= 8) return *vectors = 8, N(tile_1_8);
  if (left >= N(tiles)[rows].most) return *vectors = N(tiles)[rows].most, N(tiles)[rows].more;
  return left >= 2 ? (*vectors = 2, N(tiles)[rows].two) : (*vectors = 1, N(tiles)[rows].one);
}

/// Where the tile ends that begins at row i of m: as few as can be, of one height or one less.
INLINE size_t N(tile_end)(size_t m, size_t i) {
  const size_t tiles = (m + KERNEL_ROWS - 1) / KERNEL_ROWS, low = m / tiles, higher = m % tiles;
  return i + low + (i < higher * (low + 1));
}

/// All tiles of a rectangle over a chain, B read where it lies.
INLINE void N(sweep)(size_t m, size_t n, size_t k, const T *a, ptrdiff_t ars, ptrdiff_t aks, const T *b,
                     ptrdiff_t bks, T *c, ptrdiff_t ldc, int adds, int flipped) {
  for (size_t i = 0, end; i < m; i = end) {
    const size_t rows = (end = N(tile_end)(m, i)) - i;
    for (size_t j = 0; j < n;) {
      size_t vectors, left = n - j;
      N(tile_loop) run = N(tile_for)(rows, (left + L - 1) / L, &vectors);
      size_t columns = left < vectors * L ? left : vectors * L;
      T *to = flipped ? c + (ptrdiff_t)j * ldc + i : c + (ptrdiff_t)i * ldc + j;
      const T *next = b + (left > columns ? j + columns : 0);
      run(k, a + (ptrdiff_t)i * ars, ars, aks, b + j, bks, next, to, ldc, columns, adds,
          flipped ? MAAS_COLUMNS : MAAS_ROWS);
      j += columns;
    }
  }
}

static void N(product_direct)(const maas_block *s) {
  const size_t length = maas_chain(s->k);
  const T *a = s->a, *b = s->b;
  size_t p = 0;
  do {
    const size_t k = s->k - p < length ? s->k - p : length;
    N(sweep)(s->m, s->n, k, a + (ptrdiff_t)p * s->aks, s->ars, s->aks, b + (ptrdiff_t)p * s->bks, s->bks, s->c, s->ldc,
             p > 0, s->flipped);
    p += length;
  } while (p < s->k);
}

/// Columns of B into panels of 2·L, each k × 2·L, padded with zeros.
INLINE void N(pack_b)(const T *b, ptrdiff_t bks, ptrdiff_t bcs, size_t k, size_t n, T *to) {
  const size_t whole = n / (2 * L) * (2 * L), rest = n - whole;
  if (bcs == 1) {
    for (size_t p = 0; p < k; p++, b += bks) {
      T *row = to + p * 2 * L;
      for (size_t j = 0; j < whole; j += 2 * L, row += k * 2 * L) {
        N(store)(row, N(load)(b + j));
        N(store)(row + L, N(load)(b + j + L));
      }
      for (size_t l = 0; rest && l < 2 * L; l++) row[l] = l < rest ? b[whole + l] : 0;
    }
    return;
  }
  for (size_t j = 0; j < n; j += 2 * L, to += k * 2 * L) {
    const size_t w = j < whole ? 2 * L : rest;
    N(transpose)(b + (ptrdiff_t)j * bcs, bcs, to, 2 * L, w, k);
    for (size_t p = 0; p < k && w < 2 * L; p++)
      for (size_t l = w; l < 2 * L; l++) to[p * 2 * L + l] = 0;
  }
}

/// Rows of A into panels of a tile's height, each k × height.
INLINE void N(pack_a)(const T *a, ptrdiff_t ars, ptrdiff_t aks, size_t m, size_t k, T *to) {
  for (size_t i = 0, end; i < m; i = end) {
    const size_t h = (end = N(tile_end)(m, i)) - i;
    const T *from = a + (ptrdiff_t)i * ars;
    // Whole vectors: what is too much of one is written over by the next, and the last has room.
    if (ars == 1)
      for (size_t p = 0; p < k; p++)
        for (size_t r = 0; r < h; r += L) N(store)(to + p * h + r, N(load)(from + (ptrdiff_t)p * aks + r));
    else N(transpose)(from, ars, to, (ptrdiff_t)h, h, k);
    to += k * h;
  }
}

static void N(product_packed)(const maas_block *s) {
  const T *a = s->a, *b = s->b;
  T *c = s->c, *pa = s->scratch, *pb = pa + MAAS_PACK_M * MAAS_CHAIN + MAAS_PACK_SLACK;
  const ptrdiff_t ldc = s->ldc;
  const size_t length = maas_chain(s->k);
  for (size_t j0 = 0; j0 < s->n; j0 += MAAS_PACK_N) {
    size_t n = s->n - j0 < MAAS_PACK_N ? s->n - j0 : MAAS_PACK_N;
    for (size_t p0 = 0; p0 < s->k; p0 += length) {
      size_t k = s->k - p0 < length ? s->k - p0 : length;
      N(pack_b)(b + (ptrdiff_t)p0 * s->bks + (ptrdiff_t)j0 * s->bcs, s->bks, s->bcs, k, n, pb);
      for (size_t i0 = 0; i0 < s->m; i0 += MAAS_PACK_M) {
        if (maas_cancelled()) return;
        const size_t m = s->m - i0 < MAAS_PACK_M ? s->m - i0 : MAAS_PACK_M;
        const T *rows_of_a = a + (ptrdiff_t)i0 * s->ars + (ptrdiff_t)p0 * s->aks;
        if (!s->reads_a) N(pack_a)(rows_of_a, s->ars, s->aks, m, k, pa);
        for (size_t j = 0; j < n; j += 2 * L) {
          size_t columns = n - j < 2 * L ? n - j : 2 * L;
          for (size_t i = 0, end; i < m; i = end) {
            const size_t rows = (end = N(tile_end)(m, i)) - i;
            size_t vectors;
            N(tile_loop) run = N(tile_for)(rows, (columns + L - 1) / L, &vectors);
            const T *from = s->reads_a ? rows_of_a + (ptrdiff_t)i * s->ars : pa + i * k;
            run(k, from, s->reads_a ? s->ars : 1, s->reads_a ? s->aks : (ptrdiff_t)rows, pb + j * k, 2 * L,
                pb + j * k, c + (ptrdiff_t)(i0 + i) * ldc + j0 + j, ldc, columns, p0 > 0, MAAS_FAR_ROWS);
          }
        }
      }
    }
  }
}

INLINE T N(lanes_total)(V v) { return (T)N(lanes_sum)(v); }

/// Four rows at a time, two vectors of sums each; the tail of k through the same code, padded with zeros.
static void N(product_dots)(const void *av, ptrdiff_t ars, const void *xv, void *yv, size_t m, size_t k) {
  const T *a = av, *x = xv;
  T *y = yv;
  const size_t whole = k / L * L, rest = k - whole;
  const V tail = N(load_part)(x + whole, rest);
  for (size_t i = 0; i < m; i += 4) {
    const T *row[4];
    for (size_t r = 0; r < 4; r++) row[r] = a + (ptrdiff_t)(i + r < m ? i + r : i) * ars;
    V s[4][2];
    UNROLL for (int r = 0; r < 4; r++) s[r][0] = s[r][1] = (V)((T)0);
    size_t p = 0;
    for (; p + 2 * L <= whole; p += 2 * L) {
      V u = N(load)(x + p), w = N(load)(x + p + L);
      UNROLL for (int r = 0; r < 4; r++) {
        s[r][0] = FMA(N(load)(row[r] + p), u, s[r][0]);
        s[r][1] = FMA(N(load)(row[r] + p + L), w, s[r][1]);
      }
    }
    for (; p < whole; p += L) {
      V u = N(load)(x + p);
      UNROLL for (int r = 0; r < 4; r++) s[r][0] = FMA(N(load)(row[r] + p), u, s[r][0]);
    }
    for (size_t r = 0; r < 4 && i + r < m; r++) {
      V v = s[r][0];
      if (rest) v = FMA(N(load_part)(row[r] + whole, rest), tail, v);
      y[i + r] = N(lanes_total)(v + s[r][1]);
    }
  }
}

#undef AHEAD
#undef TILE
#undef TILES
#undef WIDER
