// Windows of pictures as columns and back, included once for f32 and once for f64.
// A column matrix is [channels · kernel, result]: row (c, i, j) holds what weight (c, i, j) meets at each result.

/// The results o with 0 <= o·stride + offset < extent: from `*low` up to `*high`.
static void NAME(met)(ptrdiff_t offset, size_t stride, size_t extent, size_t count, size_t *low, size_t *high) {
  *low = offset >= 0 ? 0 : ((size_t)-offset + stride - 1) / stride;
  ptrdiff_t end = (ptrdiff_t)extent - offset;
  *high = end <= 0 ? 0 : ((size_t)end + stride - 1) / stride;
  if (*high > count) *high = count;
  if (*low > *high) *low = *high;
}

static void NAME(columns)(const maas_convolution *s, const T *x, T *to) {
  const size_t rw = s->result_width, sw = s->stride_width;
  for (size_t c = 0; c < s->channels; c++, x += s->height * s->width)
    for (size_t i = 0; i < s->kernel_height; i++)
      for (size_t j = 0; j < s->kernel_width; j++) {
        size_t top, bottom, left, right;
        const ptrdiff_t dy = (ptrdiff_t)i - (ptrdiff_t)s->pad_height, dx = (ptrdiff_t)j - (ptrdiff_t)s->pad_width;
        NAME(met)(dy, s->stride_height, s->height, s->result_height, &top, &bottom);
        NAME(met)(dx, sw, s->width, rw, &left, &right);
        for (size_t o = 0; o < s->result_height; o++, to += rw) {
          if (o < top || o >= bottom || left == right) {
            memset(to, 0, rw * sizeof(T));
            continue;
          }
          const T *row = x + ((ptrdiff_t)(o * s->stride_height) + dy) * (ptrdiff_t)s->width;
          for (size_t p = 0; p < left; p++) to[p] = 0;
          if (sw == 1) memcpy(to + left, row + ((ptrdiff_t)left + dx), (right - left) * sizeof(T));
          else
            for (size_t p = left; p < right; p++) to[p] = row[(ptrdiff_t)(p * sw) + dx];
          for (size_t p = right; p < rw; p++) to[p] = 0;
        }
      }
}

/// Adds a column matrix back into a picture: the adjoint of `columns`.
static void NAME(gathered)(const maas_convolution *s, const T *from, T *x) {
  const size_t rw = s->result_width, sw = s->stride_width;
  for (size_t c = 0; c < s->channels; c++, x += s->height * s->width)
    for (size_t i = 0; i < s->kernel_height; i++)
      for (size_t j = 0; j < s->kernel_width; j++) {
        size_t top, bottom, left, right;
        const ptrdiff_t dy = (ptrdiff_t)i - (ptrdiff_t)s->pad_height, dx = (ptrdiff_t)j - (ptrdiff_t)s->pad_width;
        NAME(met)(dy, s->stride_height, s->height, s->result_height, &top, &bottom);
        NAME(met)(dx, sw, s->width, rw, &left, &right);
        const T *line = from + top * rw;
        from += s->result_height * rw;
        for (size_t o = top; o < bottom; o++, line += rw) {
          T *row = x + ((ptrdiff_t)(o * s->stride_height) + dy) * (ptrdiff_t)s->width + dx;
          if (sw == 1)
            for (size_t p = left; p < right; p++) row[p] += line[p];
          else
            for (size_t p = left; p < right; p++) row[p * sw] += line[p];
        }
      }
}

static void NAME(add)(T *to, const T *from, size_t n) {
  for (size_t i = 0; i < n; i++) to[i] += from[i];
}
