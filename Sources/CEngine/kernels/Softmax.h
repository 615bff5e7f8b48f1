// Softmax and its logarithm along rows: exp(x - max) over its sum, never overflowing.

static void softmax_f32(int logarithm, const void *xv, void *yv, size_t rows, size_t n) {
  const float *x = xv;
  float *y = yv;
  for (size_t r = 0; r < rows; r++, x += n, y += n) {
    vf top = splat(-INFINITY), total = splat(0.0f);
    size_t whole = n / LANES_F32 * LANES_F32, rest = n - whole;
    float tail[LANES_F32];
    for (size_t l = 0; l < LANES_F32; l++) tail[l] = l < rest ? x[whole + l] : -INFINITY;
    for (size_t i = 0; i < n; i += LANES_F32) {
      vf v = load_f32(i < whole ? x + i : tail);
      top = PICK_MAX(v, top) ? v : top;
    }
    float lanes[LANES_F32];
    store_f32(lanes, top);
    for (int w = LANES_F32 / 2; w > 0; w /= 2)
      for (int l = 0; l < w; l++) lanes[l] = PICK_MAX(lanes[l + w], lanes[l]) ? lanes[l + w] : lanes[l];
    const vf m = splat(lanes[0]);
    for (size_t i = 0; i < n; i += LANES_F32) {
      float *from = i < whole ? (float *)x + i : tail;
      vf d = load_f32(from) - m, e = exp_v(d);
      total += e;
      store_f32(i < whole ? y + i : tail, logarithm ? d : e);
    }
    float sum = (float)lanes_sum_f32(total);
    const float by = logarithm ? logf(sum) : 1.0f / sum;
    for (size_t i = 0; i < n; i += LANES_F32) {
      float *at = i < whole ? y + i : tail;
      store_f32(at, logarithm ? load_f32(at) - by : load_f32(at) * by);
    }
    for (size_t l = 0; l < rest; l++) y[whole + l] = tail[l];
  }
}

static void softmax_f64(int logarithm, const void *xv, void *yv, size_t rows, size_t n) {
  const double *x = xv;
  double *y = yv;
  for (size_t r = 0; r < rows && n; r++, x += n, y += n) {
    double m = max_of_f64(x, n), sum = 0;
    for (size_t i = 0; i < n; i++) {
      double d = x[i] - m, e = exp(d);
      sum += e;
      y[i] = logarithm ? d : e;
    }
    double by = log(sum);
    for (size_t i = 0; i < n; i++) y[i] = logarithm ? y[i] - by : y[i] / sum;
  }
}
