// Softmax and its logarithm along rows: exp(x - max) over its sum, never overflowing.

/// The vector of a row that begins at i; beyond the row -∞, which adds nothing.
INLINE vf softmax_load(const float *x, size_t i, size_t n) {
  size_t left = n - i;
  if (left >= LANES_F32) return load_f32(x + i);
  return lane_numbers() < (vi)((int32_t)left) ? load_part_f32(x + i, left) : splat(-INFINITY);
}
INLINE void softmax_store(float *y, size_t i, size_t n, vf v) {
  size_t left = n - i;
  if (left >= LANES_F32) store_f32(y + i, v);
  else store_part_f32(y + i, v, left);
}

/// The exponentials of the differences that begin at i of a row; beyond it zeros. What is computed there is exp(0): results
/// below the smallest normal number take the processor a hundred times as long.
INLINE vf softmax_exp(vf d, size_t i, size_t n) {
  if (n - i >= LANES_F32) return exp_v(d);
  const vi within = lane_numbers() < (vi)((int32_t)(n - i));
  const vf e = exp_v(within ? d : splat(0.0f));
  return within ? e : splat(0.0f);
}

/// A row goes by pieces [i, end) of whole vectors, until the flag says to stop.
#define PIECE ((size_t)16384)
#define PIECES(i, end, n)                                                                                    \
  for (size_t i = 0, end; i < n && !maas_cancelled() && (end = n - i < PIECE ? n : i + PIECE, 1);)

static void softmax_f32(int logarithm, const void *xv, void *yv, size_t rows, size_t n) {
  const float *x = xv;
  float *y = yv;
  for (size_t r = 0; r < rows; r++, x += n, y += n) {
    if (n <= LANES_F32) {  // a row of classes stays in one register
      if (n == 0) continue;
      vf v = softmax_load(x, 0, n), d = v - lanes_max_f32(v), e = softmax_exp(d, 0, n);
      float sum = lanes_sum_f32(e);
      softmax_store(y, 0, n, logarithm ? d - log_v(splat(sum))[0] : e * (1.0f / sum));
      continue;
    }
    vf top = splat(-INFINITY), total = splat(0.0f);
    PIECES(i, end, n) for (; i < end; i += LANES_F32) {
      vf v = softmax_load(x, i, n);
      top = PICK_MAX(v, top) ? v : top;
    }
    const vf m = splat(lanes_max_f32(top));
    PIECES(i, end, n) for (; i < end; i += LANES_F32) {
      vf d = softmax_load(x, i, n) - m, e = softmax_exp(d, i, n);
      total += e;
      softmax_store(y, i, n, logarithm ? d : e);
    }
    const float sum = lanes_sum_f32(total), by = logarithm ? log_v(splat(sum))[0] : 1.0f / sum;
    PIECES(i, end, n) for (; i < end; i += LANES_F32) {
      vf v = n - i >= LANES_F32 ? load_f32(y + i) : load_part_f32(y + i, n - i);
      softmax_store(y, i, n, logarithm ? v - by : v * by);
    }
  }
}

static void softmax_f64(int logarithm, const void *xv, void *yv, size_t rows, size_t n) {
  const double *x = xv;
  double *y = yv;
  for (size_t r = 0; r < rows && n; r++, x += n, y += n) {
    double m = max_of_f64(x, n), sum = 0;
    PIECES(i, end, n) for (; i < end; i++) {
      double d = x[i] - m, e = exp(d);
      sum += e;
      y[i] = logarithm ? d : e;
    }
    double by = log(sum);
    PIECES(i, end, n) for (; i < end; i++) y[i] = logarithm ? y[i] - by : y[i] / sum;
  }
}

/// The sum of a row's exponentials, shifted by its largest number. An infinite shift would give no number; 0 lets
/// infinities through.
INLINE float shifted_sum_f32(const float *x, size_t n, float *shift) {
  vf top = splat(-INFINITY), total = splat(0.0f);
  PIECES(i, end, n) for (; i < end; i += LANES_F32) {
    vf v = softmax_load(x, i, n);
    top = PICK_MAX(v, top) ? v : top;
  }
  const float most = lanes_max_f32(top);
  *shift = isfinite(most) ? most : 0;
  PIECES(i, end, n) for (; i < end; i += LANES_F32) total += softmax_exp(softmax_load(x, i, n) - splat(*shift), i, n);
  return lanes_sum_f32(total);
}

/// One column of a few rows of n: as many as a vector has lanes, or `count`, and the first of them again for the others.
INLINE vf column_f32(const float *x, size_t n, size_t count) {
  vf v;
  UNROLL for (size_t l = 0; l < LANES_F32; l++) v[l] = x[(l < count ? l : 0) * n];
  return v;
}

/// The logarithms of a few short rows' sums of exponentials, each row in a lane of its own: nothing is folded across lanes.
INLINE vf logsumexp_of_short_rows(const float *x, size_t n, size_t count) {
  vf columns[LANES_F32], top = splat(-INFINITY), total = splat(0.0f);
  for (size_t i = 0; i < n; i++) {
    columns[i] = column_f32(x + i, n, count);
    top = PICK_MAX(columns[i], top) ? columns[i] : top;
  }
  const vf size = top < 0 ? -top : top, shift = size < splat(INFINITY) ? top : splat(0.0f);
  for (size_t i = 0; i < n; i++) total += exp_v(columns[i] - shift);
  return log_v(total) + shift;
}

/// The logarithm of each row's sum of exponentials; the logarithms of as many rows as a vector has lanes at once.
static void logsumexp_f32(const void *xv, void *yv, size_t rows, size_t n) {
  const float *x = xv;
  float *y = yv;
  for (size_t r = 0; r < rows && n; r += LANES_F32) {
    const size_t count = rows - r < LANES_F32 ? rows - r : LANES_F32;
    if (n <= LANES_F32) {  // a row of classes
      softmax_store(y + r, 0, count, logsumexp_of_short_rows(x, n, count));
      x += n * count;
      continue;
    }
    float sums[LANES_F32] = {0}, shifts[LANES_F32] = {0};
    for (size_t l = 0; l < count; l++, x += n) sums[l] = shifted_sum_f32(x, n, &shifts[l]);
    softmax_store(y + r, 0, count, log_v(load_f32(sums)) + load_f32(shifts));
  }
}

static void logsumexp_f64(const void *xv, void *yv, size_t rows, size_t n) {
  const double *x = xv;
  double *y = yv;
  for (size_t r = 0; r < rows && n; r++, x += n) {
    const double most = max_of_f64(x, n), shift = isfinite(most) ? most : 0;
    double sum = 0;
    PIECES(i, end, n) for (; i < end; i++) sum += exp(x[i] - shift);
    y[r] = log(sum) + shift;
  }
}
