// Floats to codes, and products of codes, on any processor.

/// Codes of a row; `padded` of them, zeros of no weight at the end. Returns 0 where a number is not finite.
static int round_codes(const float *restrict x, size_t k, size_t padded, float *scale, int32_t *zero,
                       uint8_t *restrict q) {
  const int32_t *bits = (const int32_t *)x;
  int32_t odd = 0;
  for (size_t p = 0; p < k; p++) {
    int32_t word;
    memcpy(&word, bits + p, 4);
    odd |= (word & 0x7f800000) == 0x7f800000;
  }
  if (odd) return 0;
  if (*scale == 0) {
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
  const float s = *scale, z = (float)*zero;
  for (size_t p = 0; p < k; p++) {
    float v = rintf(x[p] / s) + z;
    v = v > 0 ? v : 0;
    v = v < 255 ? v : 255;
    q[p] = (uint8_t)(int32_t)v;
  }
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
