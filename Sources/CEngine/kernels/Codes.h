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
/// Sixteen codes in the lanes. x / s, correctly rounded, by r = 1 / s: two corrections of x r (Markstein, 1990) take a
/// fifth of the time of a division. What is beyond `far`, more than any code, is taken for it.
INLINE __m512i sixteen_codes(__m512 v, __m512 s, __m512 r, __m512 far, __m512i z, int is_common) {
  v = _mm512_max_ps(_mm512_min_ps(v, far), -far);
  __m512 t;
  if (is_common) {
    t = _mm512_mul_ps(v, r);
    t = _mm512_fmadd_ps(_mm512_fnmadd_ps(t, s, v), r, t);
    t = _mm512_fmadd_ps(_mm512_fnmadd_ps(t, s, v), r, t);
  } else {
    t = _mm512_div_ps(v, s);
  }
  return _mm512_max_epi32(_mm512_add_epi32(_mm512_cvtps_epi32(t), z), _mm512_setzero_si512());
}

/// Returns 0 where a number is not finite.
INLINE int write_codes(const float *restrict x, size_t k, float scale, int32_t zero, uint8_t *restrict q) {
  const __m512 s = _mm512_set1_ps(scale), r = _mm512_set1_ps(1 / scale);
  const float beyond = 65536 * scale;
  const __m512 far = _mm512_set1_ps(beyond < FLT_MAX ? beyond : FLT_MAX);
  const __m512i z = _mm512_set1_epi32(zero);
  const int is_common = SCALE_IS_COMMON(scale);
  // 0 as long as every number is finite, then NaN.
  __m512 odd = _mm512_setzero_ps();
  size_t p = 0;
  for (; p + 16 <= k; p += 16) {
    const __m512 v = _mm512_loadu_ps(x + p);
    odd = _mm512_fmadd_ps(v, _mm512_setzero_ps(), odd);
    _mm_storeu_si128((__m128i *)(q + p), _mm512_cvtusepi32_epi8(sixteen_codes(v, s, r, far, z, is_common)));
  }
  if (p < k) {
    const __mmask16 mask = (__mmask16)((1u << (k - p)) - 1);
    const __m512 v = _mm512_maskz_loadu_ps(mask, x + p);
    odd = _mm512_fmadd_ps(v, _mm512_setzero_ps(), odd);
    _mm512_mask_cvtusepi32_storeu_epi8(q + p, mask, sixteen_codes(v, s, r, far, z, is_common));
  }
  return _mm512_cmp_ps_mask(odd, odd, _CMP_UNORD_Q) == 0;
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

/// Codes of a row; `padded` of them, zeros of no weight at the end. Returns 0 where a number is not finite.
static int round_codes(const float *restrict x, size_t k, size_t padded, float *scale, int32_t *zero,
                       uint8_t *restrict q) {
  if (*scale == 0) {
    if (has_odd(x, k)) return 0;
    float low[16] = {0}, high[16] = {0};
    size_t p = 0;
    for (; p + 16 <= k; p += 16)
      for (int l = 0; l < 16; l++) {
        low[l] = x[p + l] < low[l] ? x[p + l] : low[l];
        high[l] = x[p + l] > high[l] ? x[p + l] : high[l];
      }
    for (; p < k; p++) {
      low[0] = x[p] < low[0] ? x[p] : low[0];
      high[0] = x[p] > high[0] ? x[p] : high[0];
    }
    for (int l = 1; l < 16; l++) {
      low[0] = low[l] < low[0] ? low[l] : low[0];
      high[0] = high[l] > high[0] ? high[l] : high[0];
    }
    float s = high[0] / 255 - low[0] / 255;
    if (!(s > 1e-30f)) s = 1;
    *scale = s;
    *zero = (int32_t)rintf(-low[0] / s);
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

/// `LANES_F32` numbers, or the first `count` and zeros.
INLINE vf load_up_to(const float *p, size_t count) {
  return count >= LANES_F32 ? load_f32(p) : load_part_f32(p, count);
}

/// See `maas_codes_product`. `row` has a scale of 0 where its numbers are not finite.
static void finish_codes(const int32_t *sums, const int32_t *column_sums, maas_rounding row,
                         const maas_codes_ending *ending, size_t first, size_t count, float *y) {
  const vf scale = (vf)(row.scale == 0 ? NAN : row.scale);
  const vu zero = (vu)((uint32_t)row.zero);
  for (size_t j = 0; j < count; j += LANES_F32, first += LANES_F32) {
    const size_t left = count - j;
    const vf scales = ending->each ? load_up_to(ending->scales + first, left) : (vf)(ending->scales[0]);
    // Zero times the column's sum may wrap, the difference fits 32 bits again.
    const vu sum = *(const vu_anywhere *)(sums + j) - zero * *(const vu_anywhere *)(column_sums + first);
    vf v = __builtin_convertvector((vi)sum, vf) * (scale * scales);
    if (ending->bias) v += load_up_to(ending->bias + first, left);
    if (ending->rectifies) v = v <= (vf)(0.0f) ? (vf)(0.0f) : v;
    if (left >= LANES_F32) store_f32(y + j, v);
    else store_part_f32(y + j, v, left);
  }
}
