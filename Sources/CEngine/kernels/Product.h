// Matrix products, included once for f32 and once for f64 (REAL_IS_F32).
// Every element of C is one chain of multiply-adds over k in order, whatever the tile, the blocking or the thread:
// so all of them give the same bits. Only products with a single row or column (dots) add in vector lanes.
// Loads of B's last columns read past the row: blocks of memory have 64 readable bytes to spare.
#if REAL_IS_F32
#define T float
#define V vf
#define L LANES_F32
#define N(name) name##_f32
#else
#define T double
#define V vd
#define L LANES_F64
#define N(name) name##_f64
#endif

/// Square blocks of 8 by shuffles, the rest one by one.
static void N(transpose)(const void *fv, ptrdiff_t lf, void *tv, ptrdiff_t lt, size_t m, size_t n) {
  typedef T E __attribute__((ext_vector_type(8), aligned(sizeof(T)), may_alias));
  typedef T P __attribute__((ext_vector_type(8)));
  const T *from = fv;
  T *to = tv;
  size_t i = 0;
  for (; i + 8 <= m; i += 8) {
    size_t j = 0;
    for (; j + 8 <= n; j += 8) {
      P a[8], b[8];
      UNROLL for (int r = 0; r < 8; r++) a[r] = *(const E *)(from + (ptrdiff_t)(i + r) * lf + j);
      UNROLL for (int r = 0; r < 4; r++) {
        b[2 * r] = __builtin_shufflevector(a[2 * r], a[2 * r + 1], 0, 8, 2, 10, 4, 12, 6, 14);
        b[2 * r + 1] = __builtin_shufflevector(a[2 * r], a[2 * r + 1], 1, 9, 3, 11, 5, 13, 7, 15);
      }
      UNROLL for (int h = 0; h < 8; h += 4) UNROLL for (int r = 0; r < 2; r++) {
        a[h + r] = __builtin_shufflevector(b[h + r], b[h + r + 2], 0, 1, 8, 9, 4, 5, 12, 13);
        a[h + r + 2] = __builtin_shufflevector(b[h + r], b[h + r + 2], 2, 3, 10, 11, 6, 7, 14, 15);
      }
      UNROLL for (int r = 0; r < 4; r++) {
        *(E *)(to + (ptrdiff_t)(j + r) * lt + i) = __builtin_shufflevector(a[r], a[r + 4], 0, 1, 2, 3, 8, 9, 10, 11);
        *(E *)(to + (ptrdiff_t)(j + r + 4) * lt + i) =
          __builtin_shufflevector(a[r], a[r + 4], 4, 5, 6, 7, 12, 13, 14, 15);
      }
    }
    for (; j < n; j++)
      for (size_t r = 0; r < 8; r++) to[(ptrdiff_t)j * lt + i + r] = from[(ptrdiff_t)(i + r) * lf + j];
  }
  for (; i < m; i++)
    for (size_t j = 0; j < n; j++) to[(ptrdiff_t)j * lt + i] = from[(ptrdiff_t)i * lf + j];
}

/// One tile: `rows` × `vectors` registers of sums. `from` continues sums already in C.
INLINE void N(tile)(const int rows, const int vectors, size_t k, const T *a, ptrdiff_t ars, ptrdiff_t aks,
                    const T *b, ptrdiff_t bks, T *c, ptrdiff_t ldc, size_t columns, int resume, int flipped) {
  V acc[8][8];
  const size_t last = columns - (size_t)(vectors - 1) * L;
  UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vectors; v++) acc[r][v] = (V)((T)0);
  if (resume)
    UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vectors; v++)
      acc[r][v] = v + 1 < vectors || last == L ? N(load)(c + r * ldc + v * L) : N(load_part)(c + r * ldc + v * L, last);
  // Eight rows from one pointer and four offsets: what an address can express. How they follow from each other is kept
  // from the compiler, which would add them up one after the other in every turn.
  ptrdiff_t s1 = ars * (ptrdiff_t)sizeof(T), s3 = 3 * s1, s5 = 5 * s1, s7 = 7 * s1;
  __asm__("" : "+r"(s1), "+r"(s3), "+r"(s5), "+r"(s7));
  // Rows of B that lie far apart, some of them in another thread's cache, are asked for well before they are needed.
  const ptrdiff_t ahead = k >= 128 ? 24 * bks : 0;
  for (size_t p = 0; p < k; p++, a += aks, b += bks) {
    V x[8];
    UNROLL for (int v = 0; v < vectors; v++) x[v] = N(load)(b + v * L);
    UNROLL for (int v = 0; v < vectors; v++) __builtin_prefetch(b + ahead + v * L, 0, 3);
    const ptrdiff_t at[8] = {0, s1, 2 * s1, s3, 4 * s1, s5, 2 * s3, s7};
    UNROLL for (int r = 0; r < rows; r++) {
      const V y = (V)(*(const T *)((const char *)a + at[r]));
      UNROLL for (int v = 0; v < vectors; v++) acc[r][v] = FMA(y, x[v], acc[r][v]);
    }
  }
  if (flipped) {
    T t[8 * 8 * L];
    UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vectors; v++)
      N(store)(t + (r * vectors + v) * L, acc[r][v]);
    N(transpose)(t, vectors * L, c, ldc, (size_t)rows, columns);
    return;
  }
  UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vectors; v++) {
    if (v + 1 < vectors || last == L) N(store)(c + r * ldc + v * L, acc[r][v]);
    else N(store_part)(c + r * ldc + v * L, acc[r][v], last);
  }
}

typedef void (*N(tile_loop))(size_t k, const T *a, ptrdiff_t ars, ptrdiff_t aks, const T *b, ptrdiff_t bks, T *c,
                             ptrdiff_t ldc, size_t columns, int resume, int flipped);
#define TILE(ROWS, VECTORS)                                                                                  \
  static __attribute__((noinline)) void N(tile_##ROWS##_##VECTORS)(                                          \
    size_t k, const T *a, ptrdiff_t ars, ptrdiff_t aks, const T *b, ptrdiff_t bks, T *c, ptrdiff_t ldc,      \
    size_t columns, int resume, int flipped) {                                                               \
    N(tile)(ROWS, VECTORS, k, a, ars, aks, b, bks, c, ldc, columns, resume, flipped);                        \
  }
#if KERNEL_ROWS >= 8
TILE(8, 1)
TILE(8, 2)
#endif
#if KERNEL_ROWS == 6
TILE(6, 1)
TILE(6, 2)
#endif
TILE(4, 1)
TILE(4, 2)
TILE(2, 1)
TILE(2, 2)
TILE(2, 4)
TILE(1, 1)
TILE(1, 2)
TILE(1, 4)
TILE(1, 8)

/// The tile for what is left: takes the rows and vectors it covers back.
INLINE N(tile_loop) N(tile_for)(size_t rows, size_t vectors, size_t *r, size_t *v) {
  *v = vectors >= 2 ? 2 : 1;
#if KERNEL_ROWS >= 8
  if (rows >= 8) return *r = 8, *v == 2 ? N(tile_8_2) : N(tile_8_1);
#elif KERNEL_ROWS == 6
  if (rows >= 6) return *r = 6, *v == 2 ? N(tile_6_2) : N(tile_6_1);
#endif
  if (rows >= 4) return *r = 4, *v == 2 ? N(tile_4_2) : N(tile_4_1);
  if (rows >= 2) {
    *r = 2;
    if (vectors >= 4) return *v = 4, N(tile_2_4);
    return *v == 2 ? N(tile_2_2) : N(tile_2_1);
  }
  *r = 1;
  if (vectors >= 8) return *v = 8, N(tile_1_8);
  if (vectors >= 4) return *v = 4, N(tile_1_4);
  return *v == 2 ? N(tile_1_2) : N(tile_1_1);
}

/// All tiles of a rectangle, B read where it lies.
INLINE void N(sweep)(size_t m, size_t n, size_t k, const T *a, ptrdiff_t ars, ptrdiff_t aks, const T *b,
                     ptrdiff_t bks, T *c, ptrdiff_t ldc, int flipped) {
  for (size_t i = 0; i < m;) {
    size_t rows = 1;
    for (size_t j = 0; j < n;) {
      size_t vectors, left = n - j;
      N(tile_loop) run = N(tile_for)(m - i, (left + L - 1) / L, &rows, &vectors);
      size_t columns = left < vectors * L ? left : vectors * L;
      T *to = flipped ? c + (ptrdiff_t)j * ldc + i : c + (ptrdiff_t)i * ldc + j;
      run(k, a + (ptrdiff_t)i * ars, ars, aks, b + j, bks, to, ldc, columns, 0, flipped);
      j += columns;
    }
    i += rows;
  }
}

static void N(product_direct)(const maas_block *s) {
  N(sweep)(s->m, s->n, s->k, s->a, s->ars, s->aks, s->b, s->bks, s->c, s->ldc, s->flipped);
}

/// Columns of B into panels of 2·L, each k × 2·L, padded with zeros.
INLINE void N(pack_b)(const T *b, ptrdiff_t bks, ptrdiff_t bcs, size_t k, size_t n, T *to) {
  for (size_t j = 0; j < n; j += 2 * L, to += k * 2 * L) {
    size_t w = n - j < 2 * L ? n - j : 2 * L;
    if (bcs == 1) {
      for (size_t p = 0; p < k; p++) {
        const T *from = b + (ptrdiff_t)p * bks + j;
        T *row = to + p * 2 * L;
        if (w == 2 * L) {
          N(store)(row, N(load)(from));
          N(store)(row + L, N(load)(from + L));
        } else {
          for (size_t l = 0; l < 2 * L; l++) row[l] = l < w ? from[l] : 0;
        }
      }
    } else {
      N(transpose)(b + (ptrdiff_t)j * bcs, bcs, to, 2 * L, w, k);
      for (size_t p = 0; p < k && w < 2 * L; p++)
        for (size_t l = w; l < 2 * L; l++) to[p * 2 * L + l] = 0;
    }
  }
}

/// Rows of A into panels of KERNEL_ROWS, each k × KERNEL_ROWS; the last may be lower.
INLINE void N(pack_a)(const T *a, ptrdiff_t ars, ptrdiff_t aks, size_t m, size_t k, T *to) {
  for (size_t i = 0; i < m; i += KERNEL_ROWS, to += k * KERNEL_ROWS) {
    size_t h = m - i < KERNEL_ROWS ? m - i : KERNEL_ROWS;
    const T *from = a + (ptrdiff_t)i * ars;
    if (ars == 1)
      for (size_t p = 0; p < k; p++)
        for (size_t r = 0; r < h; r++) to[p * KERNEL_ROWS + r] = from[(ptrdiff_t)p * aks + r];
    else N(transpose)(from, ars, to, KERNEL_ROWS, h, k);
  }
}

static void N(product_packed)(const maas_block *s) {
  const T *a = s->a, *b = s->b;
  T *c = s->c, *pa = s->scratch, *pb = pa + MAAS_PACK_M * MAAS_PACK_K;
  const ptrdiff_t ldc = s->ldc;
  for (size_t j0 = 0; j0 < s->n; j0 += MAAS_PACK_N) {
    size_t n = s->n - j0 < MAAS_PACK_N ? s->n - j0 : MAAS_PACK_N;
    for (size_t p0 = 0; p0 < s->k; p0 += MAAS_PACK_K) {
      size_t k = s->k - p0 < MAAS_PACK_K ? s->k - p0 : MAAS_PACK_K;
      N(pack_b)(b + (ptrdiff_t)p0 * s->bks + (ptrdiff_t)j0 * s->bcs, s->bks, s->bcs, k, n, pb);
      for (size_t i0 = 0; i0 < s->m; i0 += MAAS_PACK_M) {
        if (maas_cancelled()) return;
        size_t m = s->m - i0 < MAAS_PACK_M ? s->m - i0 : MAAS_PACK_M;
        const T *rows_of_a = a + (ptrdiff_t)i0 * s->ars + (ptrdiff_t)p0 * s->aks;
        if (!s->reads_a) N(pack_a)(rows_of_a, s->ars, s->aks, m, k, pa);
        for (size_t j = 0; j < n; j += 2 * L) {
          size_t columns = n - j < 2 * L ? n - j : 2 * L;
          for (size_t i = 0; i < m;) {
            size_t rows, vectors, within = i % KERNEL_ROWS;
            N(tile_loop) run = N(tile_for)(m - i, (columns + L - 1) / L, &rows, &vectors);
            // The next tile's sums lie far apart and are wanted at once.
            for (size_t r = i + rows; r < i + 2 * rows && r < m; r++)
              for (size_t v = 0; v < vectors; v++)
                __builtin_prefetch(c + (ptrdiff_t)(i0 + r) * ldc + j0 + j + v * L, 1, 3);
            const T *from = s->reads_a ? rows_of_a + (ptrdiff_t)i * s->ars : pa + (i - within) * k + within;
            run(k, from, s->reads_a ? s->ars : 1, s->reads_a ? s->aks : KERNEL_ROWS, pb + j * k, 2 * L,
                c + (ptrdiff_t)(i0 + i) * ldc + j0 + j, ldc, columns, p0 > 0, 0);
            i += rows;
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

#undef T
#undef V
#undef L
#undef N
#undef TILE
