// Vectors of f32: exp, log and what is made of them, within 4 units in the last place, NaN and infinities as in libm.
// Polynomials: Cephes (Moshier, 1989).

INLINE vf splat(float x) { return (vf)(x); }
INLINE vf bits_f32(vi x) { union { vi i; vf f; } u = {.i = x}; return u.f; }
INLINE vi bits_i32(vf x) { union { vf f; vi i; } u = {.f = x}; return u.i; }
INLINE vf magnitude(vf x) { return bits_f32(bits_i32(x) & 0x7fffffff); }
INLINE vf with_sign(vf x, vf sign) { return bits_f32(bits_i32(x) | (bits_i32(sign) & (int32_t)0x80000000)); }

#define ROUNDER 12582912.0f  // 1.5·2^23: adding it rounds to an integer, kept in the low bits

/// x = n·ln 2 + r with |r| ≤ 0.35; returns exp(r) - 1 - r.
INLINE vf exp_parts(vf x, vi *n, vf *r) {
  vf z = FMA(x, splat(1.44269504088896341f), splat(ROUNDER));
  vf k = z - ROUNDER;
  *n = bits_i32(z) - bits_i32(splat(ROUNDER));
  vf t = FMA(k, splat(-0.693359375f), x);
  t = FMA(k, splat(2.12194440e-4f), t);
  *r = t;
  vf p = splat(1.9875691500e-4f);
  p = FMA(p, t, splat(1.3981999507e-3f));
  p = FMA(p, t, splat(8.3334519073e-3f));
  p = FMA(p, t, splat(4.1665795894e-2f));
  p = FMA(p, t, splat(1.6666665459e-1f));
  p = FMA(p, t, splat(5.0000001201e-1f));
  return p * (t * t);
}

INLINE vf exp_v(vf x) {
  x = x < splat(-104.0f) ? splat(-104.0f) : x;
  x = x > splat(89.0f) ? splat(89.0f) : x;
  vi n;
  vf r, p = exp_parts(x, &n, &r);
  vi half = n >> 1;  // two factors, so that subnormal and huge results round once
  vf y = (p + r) + 1.0f;
  return (y * bits_f32((half + 127) << 23)) * bits_f32((n - half + 127) << 23);
}

INLINE vf expm1_v(vf x) {
  vf u = x < splat(-20.0f) ? splat(-20.0f) : x;
  u = u > splat(89.0f) ? splat(89.0f) : u;
  vi n;
  vf r, p = exp_parts(u, &n, &r);
  vi big = n > 127;  // -1 where 2^n itself would overflow
  vf s = bits_f32((n + big + 127) << 23);
  vf one = big ? splat(0.5f) : splat(1.0f);
  vf y = FMA(p + r, s, s - one);
  y = big ? y + y : y;
  return x == splat(0.0f) ? x : y;
}

INLINE vf log_v(vf x) {
  vi tiny = x < splat(1.17549435e-38f);
  vf u = tiny ? x * 8388608.0f : x;
  vi b = bits_i32(u);
  vi e = (b - 0x3f3504f3) >> 23;  // mantissa in [√½, √2)
  vf f = bits_f32(b - (e << 23)) - 1.0f;
  e = tiny ? e - 23 : e;
  vf k = __builtin_convertvector(e, vf);
  vf z = f * f;
  vf p = splat(7.0376836292e-2f);
  p = FMA(p, f, splat(-1.1514610310e-1f));
  p = FMA(p, f, splat(1.1676998740e-1f));
  p = FMA(p, f, splat(-1.2420140846e-1f));
  p = FMA(p, f, splat(1.4249322787e-1f));
  p = FMA(p, f, splat(-1.6668057665e-1f));
  p = FMA(p, f, splat(2.0000714765e-1f));
  p = FMA(p, f, splat(-2.4999993993e-1f));
  p = FMA(p, f, splat(3.3333331174e-1f));
  vf y = (p * f) * z;
  y = FMA(k, splat(-2.12194440e-4f), y);
  y = FMA(z, splat(-0.5f), y);
  y = FMA(k, splat(0.693359375f), f + y);
  y = x == splat(0.0f) ? splat(-INFINITY) : y;
  y = x < splat(0.0f) ? splat(NAN) : y;
  return ((x == splat(INFINITY)) | (x != x)) ? x : y;
}

INLINE vf log1p_v(vf x) {
  vf u = x + 1.0f;
  vf c = (x - (u - 1.0f)) / u;  // what rounding 1 + x lost
  vf y = log_v(u) + c;
  y = u == splat(0.0f) ? splat(-INFINITY) : y;
  y = u == splat(INFINITY) ? u : y;
  return u == splat(1.0f) ? x : y;
}

INLINE vf tanh_v(vf x) {
  vf a = magnitude(x);
  a = a > splat(10.0f) ? splat(10.0f) : a;
  vf e = expm1_v(a + a);
  vf y = with_sign(e / (e + 2.0f), x);
  return x == splat(0.0f) ? x : y;
}

INLINE vf sigmoid_v(vf x) {
  vf e = exp_v(-magnitude(x));
  return (x < splat(0.0f) ? e : splat(1.0f)) / (e + 1.0f);
}

INLINE vf softplus_v(vf x) {
  vf y = log1p_v(exp_v(-magnitude(x)));
  return (x < splat(0.0f) ? splat(0.0f) : x) + y;
}
