// Parts of vectors and folds over their lanes.

/// Where lanes count from 0.
INLINE vi lane_numbers(void) {
  vi v;
  UNROLL for (int l = 0; l < LANES_F32; l++) v[l] = l;
  return v;
}

/// The first `count` lanes, zeros after them. Fewer than all; `count` elements are read.
INLINE vf load_part_f32(const float *p, size_t count) {
#if KERNEL_AVX512
  return (vf)_mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), p);
#else
  float t[LANES_F32] = {0};
  for (size_t l = 0; l < count; l++) t[l] = p[l];
  return load_f32(t);
#endif
}
INLINE vd load_part_f64(const double *p, size_t count) {
#if KERNEL_AVX512
  return (vd)_mm512_maskz_loadu_pd((__mmask8)((1u << count) - 1), p);
#else
  double t[LANES_F64] = {0};
  for (size_t l = 0; l < count; l++) t[l] = p[l];
  return load_f64(t);
#endif
}

/// Stores the first `count` lanes, fewer than all.
INLINE void store_part_f32(float *p, vf v, size_t count) {
#if KERNEL_AVX512
  _mm512_mask_storeu_ps(p, (__mmask16)((1u << count) - 1), (__m512)v);
#else
  float t[LANES_F32];
  store_f32(t, v);
  for (size_t l = 0; l < count; l++) p[l] = t[l];
#endif
}
INLINE void store_part_f64(double *p, vd v, size_t count) {
#if KERNEL_AVX512
  _mm512_mask_storeu_pd(p, (__mmask8)((1u << count) - 1), (__m512d)v);
#else
  double t[LANES_F64];
  store_f64(t, v);
  for (size_t l = 0; l < count; l++) p[l] = t[l];
#endif
}

// NaN is picked over everything.
#define PICK_MAX(x, m) ((x > m) | (x != x))
#define PICK_MIN(x, m) ((x < m) | (x != x))

typedef float vf4 __attribute__((ext_vector_type(4)));
typedef double vd2 __attribute__((ext_vector_type(2)));

// Lanes are folded by halves, in registers.
INLINE float lanes_sum_f32(vf v) {
#if LANES_F32 == 16
  vf4 w = (v.lo.lo + v.hi.lo) + (v.lo.hi + v.hi.hi);
#elif LANES_F32 == 8
  vf4 w = v.lo + v.hi;
#else
  vf4 w = v;
#endif
  return (w.x + w.z) + (w.y + w.w);
}
INLINE double lanes_sum_f64(vd v) {
#if LANES_F64 == 8
  vd2 w = (v.lo.lo + v.hi.lo) + (v.lo.hi + v.hi.hi);
#elif LANES_F64 == 4
  vd2 w = v.lo + v.hi;
#else
  vd2 w = v;
#endif
  return w.x + w.y;
}
INLINE float lanes_max_f32(vf v) {
#define HALVE(m, a, b) m = PICK_MAX(a, b) ? a : b
#if LANES_F32 == 16
  __typeof__(v.lo) h;
  HALVE(h, v.lo, v.hi);
  vf4 w;
  HALVE(w, h.lo, h.hi);
#elif LANES_F32 == 8
  vf4 w;
  HALVE(w, v.lo, v.hi);
#else
  vf4 w = v;
#endif
  __typeof__(w.lo) p;
  HALVE(p, w.lo, w.hi);
  return PICK_MAX(p.x, p.y) ? p.x : p.y;
#undef HALVE
}
