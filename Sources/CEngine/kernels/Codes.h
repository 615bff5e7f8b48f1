// Floats to codes, and products of codes, on any processor.

/// Where a quotient is found by FMA: nothing that matters falls below the normal numbers.
#define SCALE_IS_COMMON(s) ((s) > 1e-20f && (s) < 1e20f)

/// Whether a number is not finite.
static int has_odd(const float *restrict x, size_t k) {
  int32_t odd = 0;
  for (size_t p = 0; p < k; p++) {
    int32_t word;
    memcpy(&word, x + p, 4);
    odd |= (word & 0x7f800000) == 0x7f800000;
  }
  return odd;
}

#if KERNEL_AVX512
/// How x becomes codes.
typedef struct {
  __m512 scale, inverse;
  /// 65,536 codes: what is beyond becomes the last code as this does.
  __m512 far;
  /// The code of zero, of 16 bits.
  __m512i zero;
  int is_common;
} coding;

/// rint(x / s) in the lanes. The quotient is correctly rounded, by r = 1 / s: two corrections of x r (Markstein, 1990) take
/// a fifth of the time of a division.
INLINE __m512i rounded_quotients(__m512 v, const coding *c) {
  v = _mm512_max_ps(_mm512_min_ps(v, c->far), -c->far);
  __m512 t;
  if (c->is_common) {
    t = _mm512_mul_ps(v, c->inverse);
    t = _mm512_fmadd_ps(_mm512_fnmadd_ps(t, c->scale, v), c->inverse, t);
    t = _mm512_fmadd_ps(_mm512_fnmadd_ps(t, c->scale, v), c->inverse, t);
  } else {
    t = _mm512_div_ps(v, c->scale);
  }
  return _mm512_cvtps_epi32(t);
}

/// The same by x r alone. Its error is below 2^-14 where the code is none of the last ones: it rounds to another number than
/// the quotient only where it is `CLOSE` to a half, and `*distance` becomes the greatest from a whole number.
#define CLOSE (0.5f - 0x1p-13f)
#define WITHOUT_WHOLE 8  // of VREDUCEPS: less the nearest whole number
#define GREATER_SIZE 11  // of VRANGEPS
INLINE __m512i rounded_products(__m512 v, const coding *c, __m512 *distance) {
  const __m512 t = _mm512_mul_ps(_mm512_min_ps(v, c->far), c->inverse);
  *distance = _mm512_range_ps(_mm512_reduce_ps(t, WITHOUT_WHOLE), *distance, GREATER_SIZE);
  return _mm512_cvtps_epi32(t);
}

/// 64 codes from four vectors of whole numbers, of which what is too much becomes the first or the last code.
INLINE __m512i packed_codes(const __m512i t[4], __m512i zero) {
  const __m512i low = _mm512_adds_epi16(_mm512_packs_epi32(t[0], t[1]), zero);
  const __m512i high = _mm512_adds_epi16(_mm512_packs_epi32(t[2], t[3]), zero);
  // Packed are quarters of the vectors beside each other.
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  return _mm512_permutexvar_epi32(order, _mm512_packus_epi16(low, high));
}

INLINE __m512i sixty_four_codes(const __m512 v[4], const coding *c) {
  __m512i t[4];
  if (c->is_common) {
    __m512 distance = _mm512_setzero_ps();
    UNROLL for (int i = 0; i < 4; i++) t[i] = rounded_products(v[i], c, &distance);
    if (_mm512_cmp_ps_mask(distance, _mm512_set1_ps(CLOSE), _CMP_GE_OQ) == 0) return packed_codes(t, c->zero);
  }
  UNROLL for (int i = 0; i < 4; i++) t[i] = rounded_quotients(v[i], c);
  return packed_codes(t, c->zero);
}

/// Returns 0 where a number is not finite.
INLINE int write_codes(const float *restrict x, size_t k, float scale, int32_t zero, uint8_t *restrict q) {
  const float beyond = 65536 * scale;
  const coding c = {
    .scale = _mm512_set1_ps(scale), .inverse = _mm512_set1_ps(1 / scale),
    .far = _mm512_set1_ps(beyond < FLT_MAX ? beyond : FLT_MAX), .zero = _mm512_set1_epi16((int16_t)zero),
    .is_common = SCALE_IS_COMMON(scale),
  };
  // 0 as long as every number is finite, then NaN.
  __m512 odd[4] = {_mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps()};
  __m512 v[4];
  size_t p = 0;
  for (; p + 64 <= k; p += 64) {
    UNROLL for (int i = 0; i < 4; i++) {
      v[i] = _mm512_loadu_ps(x + p + 16 * i);
      odd[i] = _mm512_fmadd_ps(v[i], _mm512_setzero_ps(), odd[i]);
    }
    _mm512_storeu_si512(q + p, sixty_four_codes(v, &c));
  }
  if (p < k) {
    const __mmask64 mask = ((__mmask64)1 << (k - p)) - 1;
    UNROLL for (int i = 0; i < 4; i++) {
      v[i] = _mm512_maskz_loadu_ps((__mmask16)(mask >> (16 * i)), x + p + 16 * i);
      odd[i] = _mm512_fmadd_ps(v[i], _mm512_setzero_ps(), odd[i]);
    }
    _mm512_mask_storeu_epi8(q + p, mask, sixty_four_codes(v, &c));
  }
  const __m512 any = (odd[0] + odd[1]) + (odd[2] + odd[3]);
  return _mm512_cmp_ps_mask(any, any, _CMP_UNORD_Q) == 0;
}
#else
#if KERNEL_FMA
INLINE float quotient(float x, float s, float r) {
  const float q = x * r, once = __builtin_fmaf(__builtin_fmaf(-q, s, x), r, q);
  const float twice = __builtin_fmaf(__builtin_fmaf(-once, s, x), r, once);
  return __builtin_fabsf(q) < 65536 ? twice : q;
}
#endif
INLINE uint8_t code_of(float quotient, float zero) {
  float v = rintf(quotient) + zero;
  v = v > 0 ? v : 0;
  v = v < 255 ? v : 255;
  return (uint8_t)(int32_t)v;
}
INLINE int write_codes(const float *restrict x, size_t k, float scale, int32_t zero, uint8_t *restrict q) {
  const float z = (float)zero;
#if KERNEL_FMA
  if (SCALE_IS_COMMON(scale)) {
    const float r = 1 / scale;
    for (size_t p = 0; p < k; p++) q[p] = code_of(quotient(x[p], scale, r), z);
    return !has_odd(x, k);
  }
#endif
  for (size_t p = 0; p < k; p++) q[p] = code_of(x[p] / scale, z);
  return !has_odd(x, k);
}
#endif

/// `LANES_F32` numbers, or the first `count` and zeros.
INLINE vf load_up_to(const float *p, size_t count) {
  return count >= LANES_F32 ? load_f32(p) : load_part_f32(p, count);
}

/// The least and the greatest of the numbers and zero. Returns 0 where a number is not finite.
static int find_range(const float *restrict x, size_t k, float *least, float *greatest) {
  vf low[4] = {0}, high[4] = {0}, odd[4] = {0};
  for (size_t p = 0; p < k;)
    UNROLL for (int i = 0; i < 4; i++, p += LANES_F32) {
      const vf v = p < k ? load_up_to(x + p, k - p) : (vf)(0.0f);
      low[i] = v < low[i] ? v : low[i];
      high[i] = v > high[i] ? v : high[i];
      odd[i] = FMA(v, (vf)(0.0f), odd[i]);
    }
  const float any = lanes_sum_f32((odd[0] + odd[1]) + (odd[2] + odd[3]));
  if (any != any) return 0;
  UNROLL for (int i = 1; i < 4; i++) {
    low[0] = low[i] < low[0] ? low[i] : low[0];
    high[0] = high[i] > high[0] ? high[i] : high[0];
  }
  *least = -lanes_max_f32(-low[0]);
  *greatest = lanes_max_f32(high[0]);
  return 1;
}

/// Codes of a row; `padded` of them, zeros of no weight at the end. Returns 0 where a number is not finite.
static int round_codes(const float *restrict x, size_t k, size_t padded, float *scale, int32_t *zero,
                       uint8_t *restrict q) {
  if (*scale == 0) {
    float low, high;
    if (!find_range(x, k, &low, &high)) return 0;
    float s = high / 255 - low / 255;
    if (!(s > 1e-30f)) s = 1;
    *scale = s;
    *zero = (int32_t)rintf(-low / s);
    if (*zero > 255) *zero = 255;
  }
  if (!write_codes(x, k, *scale, *zero, q)) return 0;
  for (size_t p = k; p < padded; p++) q[p] = 0;
  return 1;
}

/// Sums of `rows` rows of codes (at most 4, `padded` apart) with a panel of 16 columns.
static void codes_panel(const uint8_t *q, size_t padded, size_t rows, const int8_t *panel, int32_t sums[4][16]) {
  for (size_t i = 0; i < rows; i++) {
    int32_t acc[16] = {0};
    const uint8_t *row = q + i * padded;
    for (size_t p = 0; p < padded; p += 4) {
      const int8_t *w = panel + p * 16;
      const int32_t x0 = row[p], x1 = row[p + 1], x2 = row[p + 2], x3 = row[p + 3];
      for (int c = 0; c < 16; c++) acc[c] += x0 * w[4 * c] + x1 * w[4 * c + 1] + x2 * w[4 * c + 2] + x3 * w[4 * c + 3];
    }
    memcpy(sums[i], acc, sizeof acc);
  }
}

/// `count` numbers of one row, from column `first` on.
INLINE void finish_row(const int has_bias, const int32_t *sums, const int32_t *column_sums, maas_rounding row,
                       const maas_codes_ending *ending, size_t first, size_t count, float *y) {
  const vf scale = (vf)(row.scale == 0 ? NAN : row.scale);
  const vu zero = (vu)((uint32_t)row.zero);
  // Nothing is as little as NaN.
  const vf least = (vf)(ending->rectifies ? 0.0f : NAN);
  for (size_t j = 0; j < count; j += LANES_F32) {
    const size_t left = count - j, column = first + j;
    const vf scales = ending->each ? load_up_to(ending->scales + column, left) : (vf)(ending->scales[0]);
    // Zero times the column's sum may wrap, the difference fits 32 bits again.
    const vu sum = *(const vu_anywhere *)(sums + j) - zero * *(const vu_anywhere *)(column_sums + column);
    vf v = __builtin_convertvector((vi)sum, vf) * (scale * scales);
    if (has_bias) v += load_up_to(ending->bias + column, left);
    v = v <= least ? (vf)(0.0f) : v;
    if (left >= LANES_F32) store_f32(y + j, v);
    else store_part_f32(y + j, v, left);
  }
}

/// See `maas_codes_product`. Rows have a scale of 0 where their numbers are not finite.
static void finish_codes(const int32_t *sums, size_t stride, const int32_t *column_sums, const maas_rounding *rows,
                         size_t height, const maas_codes_ending *ending, size_t first, size_t count, float *y,
                         size_t ldy) {
  for (size_t i = 0; i < height; i++, sums += stride, y += ldy) {
    if (ending->bias) finish_row(1, sums, column_sums, rows[i], ending, first, count, y);
    else finish_row(0, sums, column_sums, rows[i], ending, first, count, y);
  }
}
