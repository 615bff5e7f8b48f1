// Chooses how a product runs and who computes which rectangle of it.
#include "Fused.h"
#include <string.h>

#define AREA_GRAIN 500000  // multiply-adds that repay handing a part to another thread

typedef struct {
  maas_block whole;
  const maas_kernels *table;
  int real, packed, dots;
  size_t size, rows, columns, row_step, column_step;
  size_t scratch_bytes;
  /// What follows on each part of C when it is done, or NULL.
  const maas_fused_job *ending;
} job;

static void run_rectangle(void *context, size_t part) {
  const job *j = context;
  maas_block s = j->whole;
  size_t i0 = part / j->columns * j->row_step, j0 = part % j->columns * j->column_step;
  if (i0 >= s.m || j0 >= s.n) return;
  s.m = s.m - i0 < j->row_step ? s.m - i0 : j->row_step;
  s.n = s.n - j0 < j->column_step ? s.n - j0 : j->column_step;
  ptrdiff_t i = (ptrdiff_t)i0, k = (ptrdiff_t)j0, size = (ptrdiff_t)j->size;
  s.a = (const char *)s.a + i * s.ars * size;
  s.b = (const char *)s.b + k * s.bcs * size;
  s.c = (char *)s.c + (s.flipped ? k * s.ldc + i : i * s.ldc + k) * size;
  s.scratch = (char *)s.scratch + part * j->scratch_bytes;
  if (j->dots) j->table->product_dots[j->real](s.a, s.ars, s.b, s.c, s.m, s.k);
  else if (j->packed) j->table->product_packed[j->real](&s);
  else j->table->product_direct[j->real](&s);
  if (j->ending && s.flipped) maas_fused_rectangle(j->ending, j0, s.n, i0, s.m);
  else if (j->ending) maas_fused_rectangle(j->ending, i0, s.m, j0, s.n);
}

static size_t round_up(size_t n, size_t step) { return (n + step - 1) / step * step; }

/// Splits C into rectangles, columns first, on the tiles' boundaries: one a thread where factors are packed, else a few.
static size_t partition(job *j) {
  const size_t m = j->whole.m, n = j->whole.n;
  const size_t wide = j->dots ? 1 : 2 * (size_t)j->table->lanes[j->real], high = j->dots ? 4 : 8;
  const size_t grain = j->dots || m == 1 ? MAAS_LINE_GRAIN : AREA_GRAIN;
  // A tile of one vector takes as long as one of two: every row's number is loaded for it alone.
  const size_t each_costs = j->whole.k + 1 + (j->ending ? j->ending->cost * (AREA_GRAIN / MAAS_CHEAP_GRAIN) : 0);
  const double work = (double)m * (double)round_up(n, wide) * (double)each_costs;
  const size_t units = work > 1e15 ? (size_t)1e15 : (size_t)work;
  const size_t parts = maas_parts(units, grain), each = j->packed ? 1 : maas_pieces(units, grain) / parts;
  const size_t most_columns = (n + wide - 1) / wide, most_rows = (m + high - 1) / high;
  size_t columns = parts, rows = 1;
  // A weight's gradient: by rows, as the optimizer's pass over it is, so that a thread finds in its own cache what it has
  // just computed.
  if (m >= 4 * n && most_rows >= parts) columns = 1, rows = parts;
  // A rectangle narrower than it is high by half packs and loads too much: give threads rows as well.
  while (columns > 1 && (columns > most_columns || (columns % 2 == 0 && n / columns * 2 < m / rows))) {
    if (columns % 2) {
      columns--;
      continue;
    }
    columns /= 2;
    if (rows * 2 <= most_rows) rows *= 2;
  }
  size_t *finer = rows > 1 ? &rows : &columns;
  const size_t most = (rows > 1 ? most_rows : most_columns) / *finer;
  *finer *= each < most ? each : most > 1 ? most : 1;
  j->row_step = rows == 1 ? m : (m + rows - 1) / rows;
  j->column_step = round_up((n + columns - 1) / columns, wide);
  j->rows = rows;
  j->columns = columns;
  return rows * columns;
}

static int run(job *j) {
  size_t parts = partition(j), bytes = 0;
  void *scratch = NULL;
  if (j->packed) {
    j->scratch_bytes = (MAAS_PACK_M * MAAS_CHAIN + MAAS_PACK_SLACK + MAAS_CHAIN * MAAS_PACK_N) * j->size;
    bytes = parts * j->scratch_bytes;
    scratch = maas_block_allocate(bytes);
    if (!scratch) return -1;
    j->whole.scratch = scratch;
  }
  if (parts == 1) run_rectangle(j, 0);
  else maas_parallel(parts, run_rectangle, j);
  if (scratch) maas_block_free(scratch, bytes);
  return 0;
}

// Weights from which on it matters whose cache they are in, and up to which they are in one.
#define HALVED_LEAST (128u << 10)
#define HALVED_MOST (512u << 10)

/// Whether each of two threads computes one of the two chains of everything.
static int is_halved(const job *j, size_t bytes) {
  const maas_block *s = &j->whole;
  return maas_is_by_columns(s->m) && s->aks == 1 && s->bcs == 1 && s->n >= 32 && maas_chains(s->k) == 2
         && bytes >= HALVED_LEAST && bytes <= HALVED_MOST;
}

/// Rows of one chain, into that chain's sums.
static void run_half(void *context, size_t part) {
  const job *j = context;
  const size_t half = part / j->rows, row = part % j->rows * j->row_step, middle = maas_chain(j->whole.k);
  maas_block s = j->whole;
  if (row >= s.m) return;
  const ptrdiff_t from = half ? (ptrdiff_t)middle : 0, size = (ptrdiff_t)j->size;
  s.a = (const char *)s.a + ((ptrdiff_t)row * s.ars + from) * size;
  s.b = (const char *)s.b + from * s.bks * size;
  s.c = (char *)s.scratch + (half * s.m + row) * s.n * j->size;
  s.m = s.m - row < j->row_step ? s.m - row : j->row_step;
  s.k = half ? s.k - middle : middle;
  j->table->product_direct[j->real](&s);
}

/// Rows of the sums of both chains.
static void add_halves(void *context, size_t part) {
  const job *j = context;
  const size_t m = j->whole.m, n = j->whole.n, parts = j->columns, size = j->size;
  const size_t row = maas_bound(m, parts, part, 1), rows = maas_bound(m, parts, part + 1, 1) - row;
  if (rows == 0) return;
  const char *first = (const char *)j->whole.scratch + row * n * size, *second = first + m * n * size;
  char *sum = (char *)j->whole.c + row * n * size;
  j->table->binary[j->real ? MAAS_F64 : MAAS_F32][MAAS_ADD](first, second, sum, 1, rows * n, 0, 0, MAAS_BOTH);
  if (j->ending) maas_fused_rectangle(j->ending, row, rows, 0, n);
}

static int run_halves(job *j) {
  const size_t count = j->whole.m * j->whole.n, bytes = 2 * count * j->size;
  const size_t tiles = (j->whole.m + MAAS_TILE_ROWS - 1) / MAAS_TILE_ROWS;
  j->whole.scratch = maas_block_allocate(bytes);
  if (!j->whole.scratch) return run(j);  // that needs none
  j->row_step = (j->whole.m + tiles - 1) / tiles;
  j->rows = tiles;
  maas_parallel(2 * tiles, run_half, j);
  j->columns = maas_parts(count, MAAS_CHEAP_GRAIN / 4);
  if (j->columns == 1) add_halves(j, 0);
  else maas_parallel(j->columns, add_halves, j);
  maas_block_free(j->whole.scratch, bytes);
  return 0;
}

static void product_i64(size_t m, size_t n, size_t k, const int64_t *a, ptrdiff_t ars, ptrdiff_t aks,
                        const int64_t *b, ptrdiff_t bks, ptrdiff_t bcs, int64_t *c) {
  for (size_t i = 0; i < m && !maas_cancelled(); i++, c += n) {
    memset(c, 0, n * sizeof *c);
    for (size_t p = 0; p < k; p++) {
      uint64_t x = (uint64_t)a[(ptrdiff_t)i * ars + (ptrdiff_t)p * aks];
      const int64_t *row = b + (ptrdiff_t)p * bks;
      for (size_t j = 0; j < n; j++) c[j] = (int64_t)((uint64_t)c[j] + x * (uint64_t)row[(ptrdiff_t)j * bcs]);
    }
  }
}

/// C = A·Bᵀ by Cᵀ = B·Aᵀ: B's rows are broadcast as they lie, and the smaller A is turned if need be.
static int run_flipped(job *j, size_t lda, int transpose_a) {
  maas_block s = j->whole;
  size_t bytes = 0;
  void *turned = NULL;
  j->whole.a = s.b;
  j->whole.ars = s.bcs;
  j->whole.aks = s.bks;
  j->whole.m = s.n;
  j->whole.n = s.m;
  j->whole.flipped = 1;
  j->whole.bcs = 1;
  if (transpose_a) {
    j->whole.b = s.a;
    j->whole.bks = (ptrdiff_t)lda;
  } else {
    // Rows of whole vectors: an even, unaliased stride.
    size_t ld = round_up(s.m, 16);
    bytes = ld * s.k * j->size;
    turned = maas_block_allocate(bytes);
    if (!turned) return -1;
    j->table->transpose[j->real](s.a, (ptrdiff_t)lda, turned, (ptrdiff_t)ld, s.m, s.k);
    j->whole.b = turned;
    j->whole.bks = (ptrdiff_t)ld;
  }
  int result = run(j);
  if (turned) maas_block_free(turned, bytes);
  return result;
}

/// Turns B, the smaller factor, before the product.
static int run_turned(job *j, size_t ldb) {
  maas_block *s = &j->whole;
  size_t ld = round_up(s->n, 16), bytes = ld * s->k * j->size;
  void *turned = maas_block_allocate(bytes);
  if (!turned) return -1;
  j->table->transpose[j->real](s->b, (ptrdiff_t)ldb, turned, (ptrdiff_t)ld, s->n, s->k);
  s->b = turned;
  s->bks = (ptrdiff_t)ld;
  s->bcs = 1;
  int result = run(j);
  maas_block_free(turned, bytes);
  return result;
}

static int product(int type, size_t m, size_t n, size_t k, const void *a, size_t lda, int transpose_a, const void *b,
                   size_t ldb, int transpose_b, void *c, const maas_fused_job *ending) {
  const ptrdiff_t ars = transpose_a ? 1 : (ptrdiff_t)lda, aks = transpose_a ? (ptrdiff_t)lda : 1;
  const ptrdiff_t bks = transpose_b ? 1 : (ptrdiff_t)ldb, bcs = transpose_b ? (ptrdiff_t)ldb : 1;
  if (m == 0 || n == 0) return 0;
  if (type == MAAS_I64) return product_i64(m, n, k, a, ars, aks, b, bks, bcs, c), 0;
  job j = {.whole = {.m = m, .n = n, .k = k, .a = a, .ars = ars, .aks = aks, .b = b, .bks = bks, .bcs = bcs,
                     .c = c, .ldc = (ptrdiff_t)n},
           .table = maas_table(), .real = type == MAAS_F64, .size = type == MAAS_F64 ? 8 : 4, .ending = ending};
  const size_t table_bytes = k * n * j.size;
  // One column (or one row against rows): contiguous dot products.
  if (n == 1 && aks == 1 && bks == 1) {
    j.dots = 1;
    return run(&j);
  }
  if (m == 1 && bks == 1 && aks == 1) {
    j.dots = 1;
    j.whole = (maas_block){.m = n, .n = 1, .k = k, .a = b, .ars = bcs, .aks = 1, .b = a, .bks = 1, .bcs = 1, .c = c,
                           .ldc = 1};
    return run(&j);
  }
  // One column of a turned A: the same numbers as one row.
  if (n == 1 && transpose_a) {
    j.whole = (maas_block){.m = 1, .n = m, .k = k, .a = b, .ars = 1, .aks = bks, .b = a, .bks = (ptrdiff_t)lda,
                           .bcs = 1, .c = c, .ldc = (ptrdiff_t)m};
    return run(&j);
  }
  const int large = m >= 48 && n >= 32 && k >= 32 && (table_bytes > (512u << 10) || (transpose_a && k >= 128));
  // Many rows over a B that the nearest cache does not hold, and whose rows do not begin with its lines or all fall on the
  // same ones: its panels are copied together, A is read where it lies.
  const size_t row = ldb * j.size;
  const int tall = !transpose_a && !transpose_b && m >= 192 && n >= 32 && k >= 128 && (row % 64 || row >= 4096);
  if (large || tall) {
    j.packed = 1;
    j.whole.reads_a = !large;
    return run(&j);
  }
  if (transpose_b) return m <= n ? run_flipped(&j, lda, transpose_a) : run_turned(&j, ldb);
  return is_halved(&j, table_bytes) ? run_halves(&j) : run(&j);
}

/// Whether it gives a line of numbers: those may be computed with rows and columns exchanged.
static int is_line(size_t m, size_t n) { return m == 1 || n == 1; }

int maas_product_then(int type, size_t m, size_t n, size_t k, const void *a, size_t lda, int transpose_a, const void *b,
                      size_t ldb, int transpose_b, void *c, const maas_fused_pass *then) {
  maas_fused_job ready;
  const int by_parts = then && !is_line(m, n) && maas_fused_begin(&ready, type, then);
  maas_float_mode mode = maas_enter(type, 1);
  int result = product(type, m, n, k, a, lda, transpose_a, b, ldb, transpose_b, c, by_parts ? &ready : NULL);
  maas_leave(mode);
  if (then && !by_parts && result == 0) maas_fused(type, then);
  return result;
}

int maas_product(int type, size_t m, size_t n, size_t k, const void *a, size_t lda, int transpose_a, const void *b,
                 size_t ldb, int transpose_b, void *c) {
  return maas_product_then(type, m, n, k, a, lda, transpose_a, b, ldb, transpose_b, c, NULL);
}
