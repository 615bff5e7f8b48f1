// Elementwise operations and reductions over whole arrays: the loop is looked up once, large arrays are split.
#include "Kernels.h"
#include <string.h>

static const uint8_t sizes[MAAS_TYPES] = {1, 1, 1, 4, 8, 4, 8};

/// What an element of an operation costs, in elements of a cheap one.
size_t maas_unary_cost(int op, int type) {
  switch (op) {
  case MAAS_NEGATE: case MAAS_ABSOLUTE: case MAAS_SIGN: case MAAS_SQRT: case MAAS_RECIPROCAL: case MAAS_SQUARE:
  case MAAS_RELU: case MAAS_FLOOR: case MAAS_CEIL: case MAAS_ROUND: case MAAS_NOT: case MAAS_ISNAN:
  case MAAS_ISFINITE:
    return 1;
  case MAAS_EXP: case MAAS_EXPM1: case MAAS_LOG: case MAAS_LOG1P: case MAAS_TANH: case MAAS_SIGMOID:
  case MAAS_SOFTPLUS:
    return type == MAAS_F32 ? 4 : 64;
  default:
    return 64;
  }
}

size_t maas_binary_cost(int op) {
  return op == MAAS_POWER || op == MAAS_FLOOR_DIVIDE || op == MAAS_REMAINDER ? 64 : 1;
}

typedef struct {
  maas_unary_loop loop;
  const char *x;
  char *y;
  size_t n, parts, strip, from_size, to_size;
} unary_job;

static void unary_part(void *context, size_t part) {
  const unary_job *j = context;
  size_t start = maas_bound(j->n, j->parts, part, 64), end = maas_bound(j->n, j->parts, part + 1, 64);
  for (size_t i = start; i < end && !maas_cancelled(); i += j->strip)
    j->loop(j->x + i * j->from_size, j->y + i * j->to_size, end - i < j->strip ? end - i : j->strip);
}

static void run_unary(maas_unary_loop loop, const void *x, void *y, size_t n, size_t from_size, size_t to_size,
                      size_t cost) {
  size_t parts = maas_parts(n, MAAS_CHEAP_GRAIN / cost), strip = MAAS_STRIP / cost;
  if (n <= strip && parts == 1) return loop(x, y, n);
  unary_job job = {loop, x, y, n, parts, strip, from_size, to_size};
  maas_parallel(parts, unary_part, &job);
}

void maas_unary(int op, int type, const void *x, void *y, size_t n) {
  int bytes = op == MAAS_NOT || op == MAAS_ISNAN || op == MAAS_ISFINITE;
  run_unary(maas_table()->unary[type][op], x, y, n, sizes[type], bytes ? 1 : sizes[type],
            maas_unary_cost(op, type));
}

void maas_convert(int from, int to, const void *x, void *y, size_t n) {
  run_unary(maas_table()->convert[from][to], x, y, n, sizes[from], sizes[to], 1);
}

typedef struct {
  maas_binary_loop loop;
  const char *a, *b;
  char *c;
  int rank, mode;
  const size_t *dims;
  const ptrdiff_t *as, *bs;
  size_t size, result_size, parts, strip;
} binary_job;

/// `rows` rows of n elements, a strip at a time.
static void binary_rows(const binary_job *j, const char *a, const char *b, char *c, size_t rows, size_t n, ptrdiff_t as,
                        ptrdiff_t bs) {
  const size_t along_a = (size_t)j->as[j->rank - 1] * j->size, along_b = (size_t)j->bs[j->rank - 1] * j->size;
  const size_t deep = n < j->strip ? j->strip / (n ? n : 1) : 1, wide = n < j->strip ? n : j->strip;
  for (size_t r = 0; r < rows; r += deep)
    for (size_t i = 0; i < n; i += wide) {
      if (maas_cancelled()) return;
      j->loop(a + (ptrdiff_t)r * as * (ptrdiff_t)j->size + i * along_a,
              b + (ptrdiff_t)r * bs * (ptrdiff_t)j->size + i * along_b, c + (r * n + i) * j->result_size,
              rows - r < deep ? rows - r : deep, n - i < wide ? n - i : wide, as, bs, j->mode);
    }
}

/// Every row pair below dimension `d`, rows of the innermost dimension two at a time deep.
static char *binary_sweep(const binary_job *j, int d, const char *a, const char *b, char *c) {
  const size_t n = j->dims[j->rank - 1];
  if (j->rank - d == 1) {
    binary_rows(j, a, b, c, 1, n, 0, 0);
    return c + n * j->result_size;
  }
  if (j->rank - d == 2) {
    binary_rows(j, a, b, c, j->dims[d], n, j->as[d], j->bs[d]);
    return c + j->dims[d] * n * j->result_size;
  }
  for (size_t i = 0; i < j->dims[d] && !maas_cancelled(); i++) {
    c = binary_sweep(j, d + 1, a, b, c);
    a += j->as[d] * (ptrdiff_t)j->size;
    b += j->bs[d] * (ptrdiff_t)j->size;
  }
  return c;
}

/// A slice of the outermost dimension.
static void binary_part(void *context, size_t part) {
  binary_job j = *(binary_job *)context;
  size_t dims[j.rank], below = 1;
  memcpy(dims, j.dims, sizeof dims);
  for (int d = 1; d < j.rank; d++) below *= dims[d];
  size_t start, end;
  if (j.rank == 1) {
    start = maas_bound(dims[0], j.parts, part, 64);
    end = maas_bound(dims[0], j.parts, part + 1, 64);
  } else {
    start = dims[0] * part / j.parts;
    end = dims[0] * (part + 1) / j.parts;
  }
  if (start == end) return;
  dims[0] = end - start;
  j.dims = dims;
  binary_sweep(&j, 0, j.a + (ptrdiff_t)start * j.as[0] * (ptrdiff_t)j.size,
               j.b + (ptrdiff_t)start * j.bs[0] * (ptrdiff_t)j.size, j.c + start * below * j.result_size);
}

void maas_binary(int op, int type, const void *a, const void *b, void *c, int rank, const size_t *dims,
                 const ptrdiff_t *as, const ptrdiff_t *bs) {
  binary_job j = {maas_table()->binary[type][op], a, b, c, rank, MAAS_BOTH, dims, as, bs, sizes[type],
                  op >= MAAS_EQUAL ? 1 : sizes[type], 1, MAAS_STRIP / maas_binary_cost(op)};
  size_t count = 1;
  for (int d = 0; d < rank; d++) count *= dims[d];
  if (count == 0) return;
  if (dims[rank - 1] > 1) {
    if (bs[rank - 1] == 0) j.mode = MAAS_RIGHT_SCALAR;
    else if (as[rank - 1] == 0) j.mode = MAAS_LEFT_SCALAR;
  }
  j.parts = maas_parts(count, MAAS_CHEAP_GRAIN / maas_binary_cost(op));
  if (rank > 1 && j.parts > dims[0]) j.parts = dims[0];
  maas_float_mode mode = maas_enter(type, maas_flushes(op));
  if (j.parts == 1) binary_sweep(&j, 0, a, b, c);
  else maas_parallel(j.parts, binary_part, &j);
  maas_leave(mode);
}

uint64_t maas_binary_one(int op, int type, uint64_t a, uint64_t b) {
  if (type == MAAS_F64 && op <= MAAS_DIVIDE) {
    // Rounded once, so that these are the loops' bits.
    double x, y;
    memcpy(&x, &a, sizeof x);
    memcpy(&y, &b, sizeof y);
    double z = op == MAAS_ADD ? x + y : op == MAAS_SUBTRACT ? x - y : op == MAAS_MULTIPLY ? x * y : x / y;
    memcpy(&a, &z, sizeof z);
    return a;
  }
  uint64_t c = 0;
  maas_float_mode mode = maas_enter(type, maas_flushes(op));
  maas_table()->binary[type][op](&a, &b, &c, 1, 1, 0, 0, MAAS_BOTH);
  maas_leave(mode);
  return c;
}

uint64_t maas_unary_one(int op, int type, uint64_t x) {
  uint64_t y = 0;
  maas_table()->unary[type][op](&x, &y, 1);
  return y;
}

uint64_t maas_convert_one(int from, int to, uint64_t x) {
  uint64_t y = 0;
  maas_table()->convert[from][to](&x, &y, 1);
  return y;
}

void maas_binary_rows(int op, int type, const void *a, const void *b, void *c, size_t rows, size_t n, ptrdiff_t a_row,
                      ptrdiff_t a_step, ptrdiff_t b_row, ptrdiff_t b_step) {
  const size_t dims[2] = {rows, n};
  const ptrdiff_t as[2] = {a_row, a_step}, bs[2] = {b_row, b_step};
  maas_binary(op, type, a, b, c, 2, dims, as, bs);
}

int maas_scan_integers(int type, const void *x, size_t n) {
  int negative = 0;
  for (size_t i = 0; i < n; i++) {
    if (i % MAAS_STRIP == 0 && maas_cancelled()) return 1;
    int64_t v = type == MAAS_I64 ? ((const int64_t *)x)[i] : type == MAAS_I32 ? ((const int32_t *)x)[i]
              : type == MAAS_I8 ? ((const int8_t *)x)[i] : ((const uint8_t *)x)[i];
    if (v == 0) return 1;
    negative |= v < 0;
  }
  return negative ? -1 : 0;
}

// ---- Reductions

typedef struct {
  int op, type;
  const char *x;
  char *y;
  size_t outer, count, inner, size, result_size, parts;
} reduce_job;

#define CHUNK 65536  // elements of a whole-array reduction that are folded apart, whatever the number of threads

static size_t result_size(int op, int type) {
  if (op >= MAAS_ANY) return 1;
  if (op <= MAAS_PRODUCT && type < MAAS_F32) return 8;
  return sizes[type];
}

static void reduce_part(void *context, size_t part) {
  const reduce_job *j = context;
  const maas_kernels *t = maas_table();
  if (j->inner == 1) {
    maas_row_reduction loop = t->rows[j->type][j->op];
    size_t start = j->outer * part / j->parts, end = j->outer * (part + 1) / j->parts;
    const size_t strip = j->count < MAAS_STRIP ? MAAS_STRIP / (j->count + 1) + 1 : 1;
    for (size_t o = start; o < end; o++) {
      if ((o - start) % strip == 0 && maas_cancelled()) return;
      loop(j->x + o * j->count * j->size, j->y + o * j->result_size, j->count);
    }
    return;
  }
  maas_column_reduction loop = t->columns[j->type][j->op];
  if (j->outer >= j->parts) {
    size_t start = j->outer * part / j->parts, end = j->outer * (part + 1) / j->parts;
    for (size_t o = start; o < end && !maas_cancelled(); o++)
      loop(j->x + o * j->count * j->inner * j->size, j->y + o * j->inner * j->result_size, j->count, j->inner,
           j->inner);
    return;
  }
  size_t start = maas_bound(j->inner, j->parts, part, 64), end = maas_bound(j->inner, j->parts, part + 1, 64);
  for (size_t o = 0; o < j->outer && start < end && !maas_cancelled(); o++)
    loop(j->x + (o * j->count * j->inner + start) * j->size, j->y + (o * j->inner + start) * j->result_size,
         j->count, j->inner, end - start);
}

/// A long row is folded in chunks, and then the chunks' results: the same tree with any number of threads. 0, or -1
/// when memory for the chunks' results is refused.
static int fold_long_row(int op, int type, const void *x, void *y, size_t count) {
  const size_t size = sizes[type], to = result_size(op, type);
  const size_t chunks = count / CHUNK, rest = count - chunks * CHUNK, bytes = (chunks + 1) * to;
  void *partial = maas_block_allocate(bytes);
  if (!partial) return -1;
  reduce_job k = {op, type, x, partial, chunks, CHUNK, 1, size, to, maas_parts(count, MAAS_CHEAP_GRAIN)};
  maas_parallel(k.parts, reduce_part, &k);
  if (rest)
    maas_table()->rows[type][op]((const char *)x + chunks * CHUNK * size, (char *)partial + chunks * to, rest);
  int again = op >= MAAS_ANY ? MAAS_U8 : op <= MAAS_PRODUCT && type < MAAS_F32 ? MAAS_I64 : type;
  maas_table()->rows[again][op](partial, y, chunks + (rest != 0));
  maas_block_free(partial, bytes);
  return 0;
}

void maas_reduce(int op, int type, const void *x, void *y, size_t outer, size_t count, size_t inner) {
  reduce_job j = {op, type, x, y, outer, count, inner, sizes[type], result_size(op, type), 1};
  if (inner == 1 && count >= 2 * CHUNK) {
    size_t o = 0;
    while (o < outer && !maas_cancelled()
           && fold_long_row(op, type, j.x + o * count * j.size, j.y + o * j.result_size, count) == 0)
      o++;
    if (o == outer || maas_cancelled()) return;
  }
  j.parts = maas_parts(outer * count * inner, MAAS_CHEAP_GRAIN);
  if (inner == 1 && j.parts > outer) j.parts = outer;
  if (j.parts <= 1) {
    j.parts = 1;
    reduce_part(&j, 0);
  } else {
    maas_parallel(j.parts, reduce_part, &j);
  }
}

#define ARG_REDUCE(T)                                                                                        \
  static void arg_##T(int max, const T *x, int64_t *y, size_t outer, size_t count, size_t inner) {           \
    for (size_t o = 0; o < outer; o++)                                                                       \
      for (size_t i = 0; i < inner; i++) {                                                                   \
        const T *p = x + o * count * inner + i;                                                              \
        size_t best = 0;                                                                                     \
        T m = p[0];                                                                                          \
        for (size_t r = 1; r < count && m == m;) {                                                           \
          if (maas_cancelled()) return;                                                                      \
          size_t end = count - r < MAAS_STRIP ? count : r + MAAS_STRIP;                                      \
          for (; r < end && m == m; r++) {                                                                   \
            T v = p[r * inner];                                                                              \
            if (v != v || (max ? v > m : v < m)) m = v, best = r;                                            \
          }                                                                                                  \
        }                                                                                                    \
        y[o * inner + i] = (int64_t)best;                                                                    \
      }                                                                                                      \
  }
ARG_REDUCE(uint8_t)
ARG_REDUCE(int8_t)
ARG_REDUCE(int32_t)
ARG_REDUCE(int64_t)
ARG_REDUCE(float)
ARG_REDUCE(double)

void maas_arg_reduce(int max, int type, const void *x, int64_t *y, size_t outer, size_t count, size_t inner) {
  switch (type) {
  case MAAS_BOOL: case MAAS_U8: arg_uint8_t(max, x, y, outer, count, inner); break;
  case MAAS_I8: arg_int8_t(max, x, y, outer, count, inner); break;
  case MAAS_I32: arg_int32_t(max, x, y, outer, count, inner); break;
  case MAAS_I64: arg_int64_t(max, x, y, outer, count, inner); break;
  case MAAS_F32: arg_float(max, x, y, outer, count, inner); break;
  default: arg_double(max, x, y, outer, count, inner);
  }
}

/// Rows that are worked on one by one: softmax, its logarithm, the logarithm of the sum of exponentials.
typedef struct {
  maas_softmax_loop softmax;  // or NULL
  void (*logsumexp)(const void *x, void *y, size_t rows, size_t n);
  int logarithm;
  const char *x;
  char *y;
  size_t rows, x_bytes, y_bytes, n, parts;
} rows_job;

static void rows_part(void *context, size_t part) {
  const rows_job *j = context;
  const size_t end = j->rows * (part + 1) / j->parts, most = MAAS_STRIP / (j->n + 1) + 1;
  for (size_t r = j->rows * part / j->parts; r < end && !maas_cancelled(); r += most) {
    const char *x = j->x + r * j->x_bytes;
    char *y = j->y + r * j->y_bytes;
    const size_t count = end - r < most ? end - r : most;
    if (j->softmax) j->softmax(j->logarithm, x, y, count, j->n);
    else j->logsumexp(x, y, count, j->n);
  }
}

static void run_rows(rows_job *j, int type) {
  j->parts = maas_parts(j->rows * j->n, MAAS_CHEAP_GRAIN / maas_unary_cost(MAAS_EXP, type));
  if (j->parts > j->rows) j->parts = j->rows;
  if (j->parts < 1) j->parts = 1;
  maas_parallel(j->parts, rows_part, j);
}

void maas_softmax(int logarithm, int type, const void *x, void *y, size_t rows, size_t n) {
  const size_t bytes = n * sizes[type];
  run_rows(&(rows_job){.softmax = maas_table()->softmax[type == MAAS_F64], .logarithm = logarithm, .x = x, .y = y,
                       .rows = rows, .x_bytes = bytes, .y_bytes = bytes, .n = n}, type);
}

void maas_logsumexp(int type, const void *x, void *y, size_t rows, size_t n) {
  run_rows(&(rows_job){.logsumexp = maas_table()->logsumexp[type == MAAS_F64], .x = x, .y = y, .rows = rows,
                       .x_bytes = n * sizes[type], .y_bytes = sizes[type], .n = n}, type);
}

void maas_cumulate(int type, const void *x, void *y, size_t rows, size_t n) {
  for (size_t r = 0; r < rows; r++) {
    double sum = 0;
    uint64_t whole = 0;
    for (size_t i = r * n; i < (r + 1) * n; i++) {
      if (i % MAAS_STRIP == 0 && maas_cancelled()) return;
      if (type == MAAS_F64) ((double *)y)[i] = sum += ((const double *)x)[i];
      else if (type == MAAS_F32) ((float *)y)[i] = (float)(sum += (double)((const float *)x)[i]);
      else ((int64_t *)y)[i] = (int64_t)(whole += (uint64_t)((const int64_t *)x)[i]);
    }
  }
}
