// Windows of pictures, included once for f32 and once for f64, T, V, L and N being the includer's: as columns of a matrix and
// back, and the largest of each square of four.
// A column matrix is [channels · kernel, result]: row (c, i, j) holds what weight (c, i, j) meets at each result.
/// The results o with 0 <= o·stride + offset < extent: from `*low` up to `*high`.
static void N(met)(ptrdiff_t offset, size_t stride, size_t extent, size_t count, size_t *low, size_t *high) {
  *low = offset >= 0 ? 0 : ((size_t)-offset + stride - 1) / stride;
  ptrdiff_t end = (ptrdiff_t)extent - offset;
  *high = end <= 0 ? 0 : ((size_t)end + stride - 1) / stride;
  if (*high > count) *high = count;
  if (*low > *high) *low = *high;
}

/// What one weight of a kernel meets: the results from `top` and `left` up to `bottom` and `right`, each at its own place times
/// the stride, moved by `down` and `across`.
typedef struct {
  size_t top, bottom, left, right;
  ptrdiff_t down, across;
} N(reach);

static N(reach) N(reach_of)(const maas_convolution *s, size_t i, size_t j) {
  N(reach) r = {.down = (ptrdiff_t)i - (ptrdiff_t)s->pad_height, .across = (ptrdiff_t)j - (ptrdiff_t)s->pad_width};
  N(met)(r.down, s->stride_height, s->height, s->result_height, &r.top, &r.bottom);
  N(met)(r.across, s->stride_width, s->width, s->result_width, &r.left, &r.right);
  return r;
}

/// Where in a plane the results of row o begin to meet it.
INLINE ptrdiff_t N(met_at)(const maas_convolution *s, const N(reach) *r, size_t o) {
  return ((ptrdiff_t)(o * s->stride_height) + r->down) * (ptrdiff_t)s->width + r->across;
}

/// One row of columns, zeros but from `left` up to `right`. Whole vectors: what is too much of one is written over by the
/// next row, and the last has MAAS_COLUMN_SLACK.
INLINE void N(column_row)(T *to, const T *from, size_t stride, size_t left, size_t right, size_t width) {
  const V none = (V)((T)0);
  for (size_t p = 0; p < left; p += L) N(store)(to + p, none);
  if (stride == 1)
    for (size_t p = left; p < right; p += L) N(store)(to + p, N(load)(from + p));
  else
    for (size_t p = left; p < right; p++) to[p] = from[p * stride];
  for (size_t p = right; p < width; p += L) N(store)(to + p, none);
}

static void N(window_columns)(const maas_convolution *s, const void *picture, void *matrix) {
  const T *x = picture;
  T *to = matrix;
  const size_t rw = s->result_width, sw = s->stride_width;
  for (size_t c = 0; c < s->channels; c++, x += s->height * s->width)
    for (size_t i = 0; i < s->kernel_height; i++)
      for (size_t j = 0; j < s->kernel_width; j++) {
        const N(reach) r = N(reach_of)(s, i, j);
        for (size_t o = 0; o < s->result_height; o++, to += rw) {
          if (o >= r.top && o < r.bottom) N(column_row)(to, x + N(met_at)(s, &r, o), sw, r.left, r.right, rw);
          else N(column_row)(to, x, sw, 0, 0, rw);
        }
      }
}

/// Adds a row of columns to what it was made of.
INLINE void N(add_row)(T *to, const T *from, size_t stride, size_t left, size_t right) {
  if (stride != 1) {
    for (size_t p = left; p < right; p++) to[p * stride] += from[p];
    return;
  }
  size_t p = left;
  for (; p + L <= right; p += L) N(store)(to + p, N(load)(to + p) + N(load)(from + p));
#if KERNEL_AVX512
  const size_t rest = right - p;
  if (rest) N(store_part)(to + p, N(load_part)(to + p, rest) + N(load_part)(from + p, rest), rest);
#else
  for (; p < right; p++) to[p] += from[p];
#endif
}

/// Adds a column matrix back into a picture: the adjoint of `window_columns`.
static void N(add_columns)(const maas_convolution *s, const void *matrix, void *picture) {
  const T *from = matrix;
  T *x = picture;
  const size_t rw = s->result_width, sw = s->stride_width;
  for (size_t c = 0; c < s->channels; c++, x += s->height * s->width)
    for (size_t i = 0; i < s->kernel_height; i++)
      for (size_t j = 0; j < s->kernel_width; j++) {
        const N(reach) r = N(reach_of)(s, i, j);
        const T *line = from + r.top * rw;
        from += s->result_height * rw;
        for (size_t o = r.top; o < r.bottom; o++, line += rw)
          N(add_row)(x + N(met_at)(s, &r, o), line, sw, r.left, r.right);
      }
}

/// Which of four neighbours is the largest, the first of equals, a NaN before all: 0 1 above, 2 3 below.
INLINE int N(largest_of_four)(const T *a, size_t width) {
  const T v[4] = {a[0], a[1], a[width], a[width + 1]};
  const int above = v[1] > v[0] || (v[1] != v[1] && v[0] == v[0]);
  const int below = v[3] > v[2] || (v[3] != v[3] && v[2] == v[2]);
  const T p = above ? v[1] : v[0], q = below ? v[3] : v[2];
  return q > p || (q != q && p == p) ? 2 + below : above;
}

#define EVEN_4(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6)
#define ODD_4(a, b) __builtin_shufflevector(a, b, 1, 3, 5, 7)
#define FIRST_4(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define SECOND_4(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#define EVEN_8(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14)
#define ODD_8(a, b) __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15)
#define FIRST_8(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define SECOND_8(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#define AT(W, p) (*(N(squares_##W##_anywhere) *)(p))
/// Larger than, or NaN where that is not.
#define EXCEEDS(x, y) (((x) > (y)) | (((x) != (x)) & ((y) == (y))))

/// W squares side by side, of two rows `width` apart: the same as `largest_of_four`, as masks.
#define SQUARES(W)                                                                                           \
  typedef T N(squares_##W) __attribute__((ext_vector_type(W)));                                              \
  typedef T N(squares_##W##_anywhere) __attribute__((ext_vector_type(W), aligned(sizeof(T)), may_alias));    \
  typedef __typeof__((N(squares_##W)){0} > (N(squares_##W)){0}) N(choice_##W);                               \
  INLINE void N(choose_##W)(const T *x, size_t width, N(choice_##W) *above, N(choice_##W) *below,            \
                            N(choice_##W) *lower) {                                                          \
    const N(squares_##W) a = AT(W, x), b = AT(W, x + W);                                                     \
    const N(squares_##W) c = AT(W, x + width), d = AT(W, x + width + W);                                     \
    *above = EXCEEDS(ODD_##W(a, b), EVEN_##W(a, b));                                                         \
    *below = EXCEEDS(ODD_##W(c, d), EVEN_##W(c, d));                                                         \
    const N(squares_##W) p = *above ? ODD_##W(a, b) : EVEN_##W(a, b);                                        \
    const N(squares_##W) q = *below ? ODD_##W(c, d) : EVEN_##W(c, d);                                        \
    *lower = EXCEEDS(q, p);                                                                                  \
  }                                                                                                          \
  INLINE void N(pick_##W)(const T *x, const T *from, size_t width, T *y) {                                   \
    N(choice_##W) above, below, lower;                                                                       \
    N(choose_##W)(x, width, &above, &below, &lower);                                                         \
    const N(squares_##W) a = AT(W, from), b = AT(W, from + W);                                               \
    const N(squares_##W) c = AT(W, from + width), d = AT(W, from + width + W);                               \
    const N(squares_##W) p = above ? ODD_##W(a, b) : EVEN_##W(a, b);                                         \
    const N(squares_##W) q = below ? ODD_##W(c, d) : EVEN_##W(c, d);                                         \
    AT(W, y) = lower ? q : p;                                                                                \
  }                                                                                                          \
  INLINE void N(spread_##W)(const T *x, const T *y, size_t width, T *to) {                                   \
    N(choice_##W) above, below, lower;                                                                       \
    N(choose_##W)(x, width, &above, &below, &lower);                                                         \
    const N(squares_##W) g = AT(W, y), none = (T)0;                                                          \
    const N(squares_##W) p = lower ? none : g, q = lower ? g : none;                                         \
    const N(squares_##W) a = above ? none : p, b = above ? p : none;                                         \
    const N(squares_##W) c = below ? none : q, d = below ? q : none;                                         \
    AT(W, to) = FIRST_##W(a, b);                                                                             \
    AT(W, to + W) = SECOND_##W(a, b);                                                                        \
    AT(W, to + width) = FIRST_##W(c, d);                                                                     \
    AT(W, to + width + W) = SECOND_##W(c, d);                                                                \
  }
SQUARES(4)
SQUARES(8)
#undef SQUARES

/// Of n squares of a row all, W at a time: the last W reach back over what is done already.
#define ALL_SQUARES(W, DO)                                                                                   \
  for (size_t q = 0; q < n; q += W) {                                                                        \
    const size_t at = q + W <= n ? q : n - W;                                                                \
    DO;                                                                                                      \
  }

/// y = `from` where x is largest in each square of four.
static void N(max_squares)(const maas_convolution *s, const void *x, const void *from, void *y) {
  const T *row = x, *values = from;
  T *to = y;
  const size_t width = s->width, n = s->result_width;
  for (size_t r = 0; r < s->result_height; r++, row += 2 * width, values += 2 * width, to += n) {
    if (n >= 8) ALL_SQUARES(8, N(pick_8)(row + 2 * at, values + 2 * at, width, to + at))
    else if (n >= 4) ALL_SQUARES(4, N(pick_4)(row + 2 * at, values + 2 * at, width, to + at))
    else
      for (size_t q = 0; q < n; q++) {
        const int place = N(largest_of_four)(row + 2 * q, width);
        to[q] = values[2 * q + (size_t)(place & 1) + (place & 2 ? width : 0)];
      }
  }
}

/// to = y where x is largest in each square of four, zeros elsewhere.
static void N(max_squares_input)(const maas_convolution *s, const void *x, const void *y, void *picture) {
  const T *row = x, *values = y;
  T *to = picture;
  const size_t width = s->width, n = s->result_width, rest = width - 2 * n;
  for (size_t r = 0; r < s->result_height; r++, row += 2 * width, values += n, to += 2 * width) {
    if (n >= 8) ALL_SQUARES(8, N(spread_8)(row + 2 * at, values + at, width, to + 2 * at))
    else if (n >= 4) ALL_SQUARES(4, N(spread_4)(row + 2 * at, values + at, width, to + 2 * at))
    else
      for (size_t q = 0; q < n; q++) {
        const int place = N(largest_of_four)(row + 2 * q, width);
        to[2 * q] = to[2 * q + 1] = to[width + 2 * q] = to[width + 2 * q + 1] = 0;
        to[2 * q + (size_t)(place & 1) + (place & 2 ? width : 0)] = values[q];
      }
    for (size_t i = 0; i < rest; i++) to[2 * n + i] = to[width + 2 * n + i] = 0;
  }
  memset(to, 0, (s->height - 2 * s->result_height) * width * sizeof(T));
}

#undef AT
#undef EVEN_4
#undef ODD_4
#undef FIRST_4
#undef SECOND_4
#undef EVEN_8
#undef ODD_8
#undef FIRST_8
#undef SECOND_8
#undef EXCEEDS
#undef ALL_SQUARES
