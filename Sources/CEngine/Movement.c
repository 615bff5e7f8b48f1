// Elements that change places: strided copies, selections, gathering and scattering.
#include "Kernels.h"
#include <string.h>

#define COPY_GRAIN 65536
#define GATHER_GRAIN 32768  // bytes

typedef struct {
  size_t size;
  int rank;
  const size_t *dims;
  char *to;
  const ptrdiff_t *ts;
  const char *from;
  const ptrdiff_t *fs;
  size_t parts;
} copy_job;

#define COPY_LINE(T)                                                                                         \
  {                                                                                                          \
    T *t = (T *)to;                                                                                          \
    const T *f = (const T *)from;                                                                            \
    if (ts == 1 && fs == 0) {                                                                                \
      const T v = f[0];                                                                                      \
      for (size_t i = 0; i < n; i++) t[i] = v;                                                               \
    } else {                                                                                                 \
      for (size_t i = 0; i < n; i++) t[(ptrdiff_t)i * ts] = f[(ptrdiff_t)i * fs];                            \
    }                                                                                                        \
  }

static void copy_piece(size_t size, size_t n, char *to, ptrdiff_t ts, const char *from, ptrdiff_t fs) {
  if (ts == 1 && fs == 1) {
    memcpy(to, from, n * size);
    return;
  }
  if (size == 1) COPY_LINE(uint8_t)
  else if (size == 4) COPY_LINE(uint32_t)
  else COPY_LINE(uint64_t)
}

static void copy_line(size_t size, size_t n, char *to, ptrdiff_t ts, const char *from, ptrdiff_t fs) {
  for (size_t i = 0; i < n && !maas_cancelled(); i += MAAS_STRIP)
    copy_piece(size, n - i < MAAS_STRIP ? n - i : MAAS_STRIP, to + (ptrdiff_t)i * ts * (ptrdiff_t)size, ts,
               from + (ptrdiff_t)i * fs * (ptrdiff_t)size, fs);
}

/// Dimensions d and d+1 are the last two.
static void copy_plane(const copy_job *j, int d, char *to, const char *from) {
  const size_t m = j->dims[d], n = j->dims[d + 1];
  // A turned matrix goes by square blocks.
  if (j->size >= 4 && j->fs[d] == 1 && j->ts[d + 1] == 1 && m >= 4 && n >= 4) {
    const size_t strip = (MAAS_STRIP / n + 64) / 64 * 64;
    for (size_t i = 0; i < m && !maas_cancelled(); i += strip)
      maas_table()->transpose[j->size == 8](from + i * j->size, j->fs[d + 1], to + (ptrdiff_t)i * j->ts[d] * (ptrdiff_t)j->size,
                                            j->ts[d], n, m - i < strip ? m - i : strip);
    return;
  }
  for (size_t i = 0; i < m; i++) {
    copy_line(j->size, n, to, j->ts[d + 1], from, j->fs[d + 1]);
    to += j->ts[d] * (ptrdiff_t)j->size;
    from += j->fs[d] * (ptrdiff_t)j->size;
  }
}

static void copy_sweep(const copy_job *j, int d, char *to, const char *from) {
  if (d + 2 == j->rank) return copy_plane(j, d, to, from);
  if (d + 1 == j->rank) return copy_line(j->size, j->dims[d], to, j->ts[d], from, j->fs[d]);
  for (size_t i = 0; i < j->dims[d] && !maas_cancelled(); i++) {
    copy_sweep(j, d + 1, to, from);
    to += j->ts[d] * (ptrdiff_t)j->size;
    from += j->fs[d] * (ptrdiff_t)j->size;
  }
}

static void copy_part(void *context, size_t part) {
  copy_job j = *(copy_job *)context;
  size_t dims[j.rank];
  memcpy(dims, j.dims, sizeof dims);
  size_t start = dims[0] * part / j.parts, end = dims[0] * (part + 1) / j.parts;
  if (start == end) return;
  dims[0] = end - start;
  j.dims = dims;
  copy_sweep(&j, 0, j.to + (ptrdiff_t)start * j.ts[0] * (ptrdiff_t)j.size,
             j.from + (ptrdiff_t)start * j.fs[0] * (ptrdiff_t)j.size);
}

void maas_copy(size_t size, int rank, const size_t *dims, void *to, const ptrdiff_t *ts, const void *from,
               const ptrdiff_t *fs) {
  size_t count = 1;
  for (int d = 0; d < rank; d++) count *= dims[d];
  if (count == 0) return;
  if (rank == 0) {
    memcpy(to, from, size);
    return;
  }
  copy_job j = {size, rank, dims, to, ts, from, fs, maas_parts(count, COPY_GRAIN)};
  if (j.parts > dims[0]) j.parts = dims[0];
  if (j.parts <= 1) copy_sweep(&j, 0, to, from);
  else maas_parallel(j.parts, copy_part, &j);
}

typedef struct {
  size_t size;
  const uint8_t *condition;
  const void *a, *b;
  size_t cs, as, bs;
  void *y;
  size_t n, parts;
} select_job;

static void select_part(void *context, size_t part) {
  const select_job *j = context;
  const size_t start = maas_bound(j->n, j->parts, part, 64), end = maas_bound(j->n, j->parts, part + 1, 64);
  for (size_t i = start; i < end && !maas_cancelled(); i += MAAS_STRIP)
    maas_table()->select(j->size, j->condition + i * j->cs, j->cs, (const char *)j->a + i * j->as * j->size, j->as,
                         (const char *)j->b + i * j->bs * j->size, j->bs, (char *)j->y + i * j->size,
                         end - i < MAAS_STRIP ? end - i : MAAS_STRIP);
}

void maas_select(size_t size, const uint8_t *condition, size_t cs, const void *a, size_t as, const void *b, size_t bs,
                 void *y, size_t n) {
  select_job j = {size, condition, a, b, cs, as, bs, y, n, maas_parts(n, MAAS_CHEAP_GRAIN)};
  if (j.parts == 1) select_part(&j, 0);
  else maas_parallel(j.parts, select_part, &j);
}

void maas_clear(void *y, size_t bytes) {
  for (size_t i = 0; i < bytes && !maas_cancelled(); i += MAAS_STRIP)
    memset((char *)y + i, 0, bytes - i < MAAS_STRIP ? bytes - i : MAAS_STRIP);
}

int maas_are_indices(const int64_t *indices, size_t n, int64_t count) {
  int are = 1;
  for (size_t i = 0; i < n && are; i += MAAS_STRIP) {
    if (maas_cancelled()) return 0;
    const size_t end = i + MAAS_STRIP < n ? i + MAAS_STRIP : n;
    for (size_t j = i; j < end; j++) are &= indices[j] >= 0 && indices[j] < count;
  }
  return are;
}

ptrdiff_t maas_check_indices(int64_t *indices, size_t n, int64_t count) {
  for (size_t i = 0; i < n; i++) {
    if (i % MAAS_STRIP == 0 && maas_cancelled()) return -1;
    if (indices[i] >= count || indices[i] < -count) return (ptrdiff_t)i;
    if (indices[i] < 0) indices[i] += count;
  }
  return -1;
}

/// `width` bytes of a row, a line at a time, and meanwhile the next row is asked for, which lies anywhere: a row of its own
/// each is more than the processor sees coming.
static void copy_row(char *to, const char *from, const char *next, size_t width) {
  size_t b = 0;
  for (; b + 64 <= width; b += 64) {
    __builtin_prefetch(next + b);
    memcpy(to + b, from + b, 64);
  }
  __builtin_prefetch(next + b);
  memcpy(to + b, from + b, width - b);
}

/// `width` bytes of rows of `bytes`.
static void gather_piece(const char *from, const int64_t *indices, char *to, size_t count, size_t bytes, size_t width) {
  if (bytes == 4)
    for (size_t j = 0; j < count; j++) ((uint32_t *)to)[j] = ((const uint32_t *)from)[indices[j]];
  else if (bytes == 8)
    for (size_t j = 0; j < count; j++) ((uint64_t *)to)[j] = ((const uint64_t *)from)[indices[j]];
  else
    for (size_t j = 0; j < count; j++) {
      const char *row = from + (size_t)indices[j] * bytes;
      if (width < 256) memcpy(to + j * bytes, row, width);
      else copy_row(to + j * bytes, row, from + (size_t)indices[j + (j + 1 < count)] * bytes, width);
    }
}

typedef struct {
  const char *x;
  const int64_t *indices;
  char *y;
  size_t outer, axis, count, bytes, parts;
  int by_columns;
} gather_job;

/// Rows and columns of a batch that a part takes.
typedef struct {
  size_t row, end, column, width;
} batch_part;

/// Whether a batch is divided by columns: those that a product's two chains are over.
static int is_by_columns(size_t rows, size_t columns) { return maas_is_by_columns(rows) && maas_chains(columns) == 2; }

static batch_part part_of(size_t rows, size_t columns, size_t parts, int by_columns, size_t part) {
  if (!by_columns) return (batch_part){maas_bound(rows, parts, part, 1), maas_bound(rows, parts, part + 1, 1), 0, columns};
  const size_t middle = maas_chain(columns);
  return part ? (batch_part){0, rows, middle, columns - middle} : (batch_part){0, rows, 0, middle};
}

static void gather_part(void *context, size_t part) {
  const gather_job *j = context;
  const size_t strip = MAAS_STRIP / (j->bytes + 1) + 1, unit = j->by_columns ? 4 : 1;
  const batch_part p = part_of(j->count, j->bytes / unit, j->parts, j->by_columns, part);
  const size_t column = p.column * unit;
  // What is less than a unit belongs to the last part.
  const size_t width = part + 1 == j->parts || !j->by_columns ? j->bytes - column : p.width * unit;
  for (size_t o = 0; o < j->outer; o++)
    for (size_t i = p.row; i < p.end && !maas_cancelled(); i += strip)
      gather_piece(j->x + o * j->axis * j->bytes + column, j->indices + i, j->y + (o * j->count + i) * j->bytes + column,
                   p.end - i < strip ? p.end - i : strip, j->bytes, width);
}

void maas_gather(const void *x, const int64_t *indices, void *y, size_t outer, size_t axis, size_t count,
                 size_t bytes) {
  gather_job j = {x, indices, y, outer, axis, count, bytes, 1, 0};
  // Rows that lie anywhere come from far away.
  if (count > 0 && bytes >= 256 && outer < SIZE_MAX / count / bytes)
    j.parts = maas_parts(outer * count * bytes, GATHER_GRAIN);
  if (j.parts > 1 && outer == 1 && is_by_columns(count, bytes / 4)) j.by_columns = 1, j.parts = 2;
  if (j.parts == 1) gather_part(&j, 0);
  else maas_parallel(j.parts, gather_part, &j);
}

void maas_arrange(size_t size, const void *x, const int64_t *places, void *y, size_t rows, size_t n) {
  for (size_t r = 0; r < rows; r++)
    for (size_t j = 0; j < n && !maas_cancelled(); j += MAAS_STRIP)
      gather_piece((const char *)x + r * n * size, places + r * n + j, (char *)y + (r * n + j) * size,
                   n - j < MAAS_STRIP ? n - j : MAAS_STRIP, size, size);
}

void maas_pick(size_t size, const void *x, const int64_t *indices, void *y, size_t rows, size_t n) {
  for (size_t j = 0; j < rows; j++) {
    if (j % MAAS_STRIP == 0 && maas_cancelled()) return;
    memcpy((char *)y + j * size, (const char *)x + (j * n + (size_t)indices[j]) * size, size);
  }
}

void maas_put(size_t size, const void *x, const int64_t *indices, void *y, size_t rows, size_t n) {
  maas_clear(y, rows * n * size);
  for (size_t j = 0; j < rows; j++) {
    if (j % MAAS_STRIP == 0 && maas_cancelled()) return;
    memcpy((char *)y + (j * n + (size_t)indices[j]) * size, (const char *)x + j * size, size);
  }
}

#define SCATTER(T, U)                                                                                        \
  for (size_t o = 0; o < outer; o++)                                                                         \
    for (size_t j = 0; j < count; j++) {                                                                     \
      if (j % strip == 0 && maas_cancelled()) return;                                                        \
      T *restrict to = (T *)y + (o * axis + (size_t)indices[j]) * n;                                         \
      const T *restrict from = (const T *)x + (o * count + j) * n;                                           \
      for (size_t i = 0; i < n; i++) to[i] = (T)((U)to[i] + (U)from[i]);                                     \
    }

void maas_scatter_add(int type, const void *x, const int64_t *indices, void *y, size_t outer, size_t axis,
                      size_t count, size_t n) {
  const size_t strip = MAAS_STRIP / (n + 1) + 1;
  switch (type) {
  case MAAS_F32: SCATTER(float, float) break;
  case MAAS_F64: SCATTER(double, double) break;
  case MAAS_I64: SCATTER(int64_t, uint64_t) break;
  case MAAS_I32: SCATTER(int32_t, uint32_t) break;
  default: SCATTER(uint8_t, uint32_t)
  }
}

typedef struct {
  const uint8_t *x;
  const int64_t *indices;
  double scale;
  float *y;
  size_t count, n, parts;
  int by_columns;
} bytes_job;

static void bytes_part(void *context, size_t part) {
  const bytes_job *j = context;
  const size_t strip = MAAS_STRIP / (j->n + 1) + 1;
  const batch_part p = part_of(j->count, j->n, j->parts, j->by_columns, part);
  for (size_t i = p.row; i < p.end && !maas_cancelled(); i += strip)
    maas_table()->gather_bytes(j->x + p.column, j->indices + i, j->scale, j->y + i * j->n + p.column,
                               p.end - i < strip ? p.end - i : strip, j->n, p.width);
}

void maas_gather_bytes(const uint8_t *x, const int64_t *indices, double scale, float *y, size_t count, size_t n) {
  bytes_job j = {x, indices, scale, y, count, n, maas_parts(count * n, 8192), 0};
  if (j.parts > count) j.parts = count;
  if (j.parts > 1 && is_by_columns(count, n)) j.by_columns = 1, j.parts = 2;
  if (j.parts <= 1) j.parts = 1, bytes_part(&j, 0);
  else maas_parallel(j.parts, bytes_part, &j);
}
