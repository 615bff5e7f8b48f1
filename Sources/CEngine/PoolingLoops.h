// Pooling of one channel, included once for f32 and once for f64.

/// Where the window of result (r, q) begins and ends, clipped to the picture.
static inline void NAME(window)(const maas_pooling *s, size_t r, size_t q, size_t box[4]) {
  size_t top = r * s->stride_height, left = q * s->stride_width;
  size_t bottom = top + s->kernel_height, right = left + s->kernel_width;
  box[0] = top < s->pad_height ? 0 : top - s->pad_height;
  box[2] = left < s->pad_width ? 0 : left - s->pad_width;
  box[1] = bottom < s->pad_height ? 0 : bottom - s->pad_height;
  box[3] = right < s->pad_width ? 0 : right - s->pad_width;
  if (box[1] > s->height) box[1] = s->height;
  if (box[3] > s->width) box[3] = s->width;
}

/// The place of the largest element of a window.
static inline size_t NAME(largest)(const maas_pooling *s, const T *x, const size_t box[4]) {
  size_t place = box[0] * s->width + box[2];
  T best = x[place];
  for (size_t i = box[0]; i < box[1]; i++)
    for (size_t j = box[2]; j < box[3]; j++) {
      T value = x[i * s->width + j];
      if (value > best || (value != value && best == best)) {
        best = value;
        place = i * s->width + j;
      }
    }
  return place;
}

static void NAME(max_plane)(const maas_pooling *s, const T *x, const T *from, T *y) {
  for (size_t r = 0; r < s->result_height; r++)
    for (size_t q = 0; q < s->result_width; q++, y++) {
      size_t box[4];
      NAME(window)(s, r, q, box);
      *y = from[NAME(largest)(s, x, box)];
    }
}

static void NAME(max_plane_input)(const maas_pooling *s, const T *x, const T *y, T *to) {
  memset(to, 0, s->height * s->width * sizeof(T));
  for (size_t r = 0; r < s->result_height; r++)
    for (size_t q = 0; q < s->result_width; q++, y++) {
      size_t box[4];
      NAME(window)(s, r, q, box);
      to[NAME(largest)(s, x, box)] += *y;
    }
}

static void NAME(mean_plane)(const maas_pooling *s, const T *x, T *y) {
  const T area = (T)(s->kernel_height * s->kernel_width);
  for (size_t r = 0; r < s->result_height; r++)
    for (size_t q = 0; q < s->result_width; q++, y++) {
      size_t box[4];
      NAME(window)(s, r, q, box);
      T sum = 0;
      for (size_t i = box[0]; i < box[1]; i++)
        for (size_t j = box[2]; j < box[3]; j++) sum += x[i * s->width + j];
      *y = sum / area;
    }
}

static void NAME(mean_plane_input)(const maas_pooling *s, const T *y, T *x) {
  const T area = (T)(s->kernel_height * s->kernel_width);
  memset(x, 0, s->height * s->width * sizeof(T));
  for (size_t r = 0; r < s->result_height; r++)
    for (size_t q = 0; q < s->result_width; q++, y++) {
      size_t box[4];
      NAME(window)(s, r, q, box);
      const T share = *y / area;
      for (size_t i = box[0]; i < box[1]; i++)
        for (size_t j = box[2]; j < box[3]; j++) x[i * s->width + j] += share;
    }
}
