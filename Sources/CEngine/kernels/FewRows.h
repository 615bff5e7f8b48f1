// Products of a few rows of f32 with a matrix, without the elements that are zero in all of them.
// Every number is made of the chains of multiply-adds of Product.h: left out is what adds zero, times a finite number.

/// `rows` × `vectors` sums from the listed elements. Returns 0 where a chain's is -0: it fell below the normal numbers, and
/// the zeros left out might have made it +0. A sum that is +0 stays it whatever zero is added.
INLINE int few_tile(const int rows, const int vectors, const maas_few_rows *s, size_t column) {
  const float *x = s->x, *w = s->w + column;
  const size_t last = s->n - column - (size_t)(vectors - 1) * LANES_F32, length = maas_chain(s->k);
  vi negative = (vi)(0);
  size_t t = 0, from = 0;
  do {
    vf acc[4][8];
    UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vectors; v++) acc[r][v] = (vf)(0.0f);
    for (; t < s->listed && s->list[t] < from + length; t++) {
      const size_t p = s->list[t];
      UNROLL for (int v = 0; v < vectors; v++) {
        const vf one = load_f32(w + p * s->n + v * LANES_F32);
        UNROLL for (int r = 0; r < rows; r++) acc[r][v] = FMA((vf)(x[(size_t)r * s->k + p]), one, acc[r][v]);
      }
    }
    UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vectors; v++) {
      negative |= (vi)acc[r][v] == (vi)(INT32_MIN);
      put_f32(s->y + (size_t)r * s->n + column + v * LANES_F32, acc[r][v], v + 1 < vectors ? LANES_F32 : last, from > 0);
    }
    from += length;
  } while (from < s->k);
  int32_t any = 0;
  UNROLL for (int l = 0; l < LANES_F32; l++) any |= negative[l];
  return !any;
}

/// The same, from all elements where zeros count.
INLINE void few_sums(const int rows, const int vectors, const maas_few_rows *s, size_t column) {
  if (few_tile(rows, vectors, s, column)) return;
  const size_t left = s->n - column, width = (size_t)vectors * LANES_F32;
  const maas_block whole = {
    .m = (size_t)rows, .n = left < width ? left : width, .k = s->k, .a = s->x, .ars = (ptrdiff_t)s->k,
    .aks = 1, .b = s->w + column, .bks = (ptrdiff_t)s->n, .bcs = 1, .c = s->y + column,
    .ldc = (ptrdiff_t)s->n,
  };
  product_direct_f32(&whole);
}

/// The columns from `from`, where a vector begins, to `to`.
INLINE void few_strip(const int rows, const int most, const maas_few_rows *s, size_t from, size_t to) {
  for (size_t j = from; j < to;) {
    const int left = (int)((to - j + LANES_F32 - 1) / LANES_F32 < 8 ? (to - j + LANES_F32 - 1) / LANES_F32 : 8);
    const int taken = left >= most ? most : left >= most / 2 ? most / 2 : 1;
    if (taken == most) few_sums(rows, most, s, j);
    else if (taken == most / 2) few_sums(rows, most / 2, s, j);
    else few_sums(rows, 1, s, j);
    j += (size_t)taken * LANES_F32;
  }
}

static void few_rows_product(const maas_few_rows *s, size_t from, size_t to) {
  // As many sums as there are registers for.
  const int of_several = KERNEL_BYTES == 64 ? 4 : 2;
  switch (s->m) {
    case 1: few_strip(1, 8, s, from, to); break;
    case 2: few_strip(2, of_several, s, from, to); break;
    case 3: few_strip(3, of_several, s, from, to); break;
    case 4: few_strip(4, of_several, s, from, to); break;
    default: break;
  }
}

/// Whether a quarter of the elements seems to be zero in all rows, by every fourth vector.
static int has_many_zeros(size_t m, size_t k, const float *x) {
  vi zeros = (vi)(0);
  float seen = 0;
  for (size_t p = 0; p + LANES_F32 <= k; p += 4 * LANES_F32, seen += LANES_F32) {
    vi empty = (vi)(-1);
    for (size_t i = 0; i < m; i++) empty &= load_f32(x + i * k + p) == (vf)(0.0f);
    zeros -= empty;
  }
  return lanes_sum_f32(__builtin_convertvector(zeros, vf)) > seen / 4;
}

/// Which of k elements are not zero in all of m rows: how many. `list` has room for k + 16.
static size_t list_filled(size_t m, size_t k, const float *x, uint32_t *list) {
  size_t count = 0, p = 0;
#if KERNEL_AVX512
  const __m512i lanes = (__m512i)lane_numbers();
  for (; p + 16 <= k; p += 16) {
    __mmask16 filled = 0;
    for (size_t i = 0; i < m; i++)
      filled |= _mm512_cmp_ps_mask(_mm512_loadu_ps(x + i * k + p), _mm512_setzero_ps(), _CMP_NEQ_UQ);
    const __m512i places = _mm512_add_epi32(lanes, _mm512_set1_epi32((int)p));
    _mm512_storeu_si512(list + count, _mm512_maskz_compress_epi32(filled, places));
    count += (size_t)__builtin_popcount(filled);
  }
#endif
  for (; p < k; p++) {
    int filled = 0;
    for (size_t i = 0; i < m; i++) filled |= x[i * k + p] != 0;
    list[count] = (uint32_t)p;
    count += (size_t)filled;
  }
  return count;
}
