// Chains of elementwise operations in one pass: every step on a block of elements that stays in the nearest cache,
// then the next block; or, where there is machine code for the chain, every step on a vector that stays in registers.
#include "FusedCode.h"
#include <string.h>

#define BLOCK_BYTES 4096
#define MOST_STEPS 64
#define PRODUCT_BYTES (16u << 10)  // of a few rows
#define MOST_MULTIPLY_ADDS (1u << 28)
#define FACTOR_BYTES (128u << 10)  // of the factor that every few rows read

typedef struct {
  maas_unary_loop unary;
  maas_binary_loop binary;
  int mode, flushes;
  const maas_fused_step *step;
} fused_loop;

typedef struct {
  fused_loop loops[MOST_STEPS];
  const maas_fused_pass *pass;
  size_t parts, size;
  /// Rows whose products are computed together, and bytes of one product of them.
  size_t high, product_bytes;
  int type, is_flat;
  const maas_kernels *table;
  const maas_fused_call *code;  // or NULL
} fused_job;

/// A thread's own memory: what is not kept of a block of elements, and where the products' first elements would lie.
typedef struct {
  char *blocks;
  const char *products[MAAS_FUSED_PRODUCTS];
} workplace;

/// Where elements of a row lie, from `start` on.
static inline char *at(const fused_job *j, const maas_fused_place *place, size_t row, size_t start, const workplace *w) {
  switch (place->kind) {
  case MAAS_FUSED_MEMORY: return (char *)place->address + (row * j->pass->n + start) * j->size;
  case MAAS_FUSED_NUMBER: return (char *)&place->number;
  case MAAS_FUSED_ROW: return (char *)place->address + start * j->size;
  case MAAS_FUSED_COLUMN: return (char *)place->address + row * j->size;
  case MAAS_FUSED_PRODUCT: return (char *)w->products[place->block] + (row * j->pass->n + start) * j->size;
  default: return w->blocks + (size_t)place->block * BLOCK_BYTES;
  }
}

static void run_block(const fused_job *j, size_t row, size_t start, size_t n, const workplace *w) {
  int flushes = -1;
  for (size_t s = 0; s < j->pass->count; s++) {
    const fused_loop *loop = &j->loops[s];
    const maas_fused_step *step = loop->step;
    if (loop->flushes != flushes) {
      flushes = loop->flushes;
      maas_enter(j->type, flushes);
    }
    const char *x = at(j, &step->x, row, start, w), *y = NULL;
    if (loop->binary) y = at(j, &step->y, row, start, w);
    char *result = at(j, &step->result, row, start, w), *to = result;
    // No loop writes where it reads; a result that takes an operand's memory goes there by way of a block of its own.
    if (result == x || result == y) to = w->blocks + j->pass->blocks * BLOCK_BYTES;
    if (loop->unary) loop->unary(x, to, n);
    else loop->binary(x, y, to, 1, n, 0, 0, loop->mode);
    if (to != result) memcpy(result, to, n * j->size);
  }
}

/// Whole vectors of a row by machine code, a strip at a time; answers how many elements were done.
static size_t run_code(const fused_job *j, size_t row, size_t start, size_t end, const workplace *w) {
  size_t lanes = 64 / j->size, whole = (end - start) / lanes * lanes;
  if (whole == 0) return 0;
  maas_fused_call call;
  const maas_fused_call *code = j->code;
  if (j->pass->rows > 1) {
    maas_fused_at_row(code, row, j->pass->n, j->size, w->products, &call);
    code = &call;
  }
  maas_enter(j->type, 1);
  for (size_t i = 0; i < whole && !maas_cancelled(); i += MAAS_STRIP) {
    size_t stop = whole - i < MAAS_STRIP ? whole : i + MAAS_STRIP;
    code->run(code->places, (start + i) * j->size, (start + stop) * j->size, code->numbers);
  }
  return whole;
}

static void run_row(const fused_job *j, size_t row, size_t start, size_t end, const workplace *w) {
  if (j->code && start < end) start += run_code(j, row, start, end, w);
  for (size_t i = start; i < end && !maas_cancelled(); i += BLOCK_BYTES / j->size) {
    size_t rest = end - i, most = BLOCK_BYTES / j->size;
    run_block(j, row, i, rest < most ? rest : most, w);
  }
}

/// Rows as one, where nothing is a row or a column by itself.
static void run_rows(const fused_job *j, size_t row, size_t end, const workplace *w) {
  if (j->is_flat) return run_row(j, 0, row * j->pass->n, end * j->pass->n, w);
  for (; row < end && !maas_cancelled(); row++) run_row(j, row, 0, j->pass->n, w);
}

/// A product's rows from one up to another, into c.
static void multiply(const fused_job *j, const maas_fused_product *p, size_t row, size_t end, char *c) {
  const size_t n = j->pass->n;
  maas_block block = {
    .m = end - row, .n = n, .k = p->k,
    .a = (const char *)p->a + row * (p->transpose_a ? 1 : p->lda) * j->size,
    .ars = p->transpose_a ? 1 : (ptrdiff_t)p->lda, .aks = p->transpose_a ? (ptrdiff_t)p->lda : 1,
    .b = p->b, .bks = (ptrdiff_t)p->ldb, .bcs = 1, .c = c, .ldc = (ptrdiff_t)n,
  };
  maas_enter(j->type, 1);
  j->table->product_direct[j->type == MAAS_F64](&block);
}

/// A few rows of the products at a time, and the steps on them while they are in the nearest cache.
static void run_products(const fused_job *j, size_t row, size_t end, workplace *w) {
  _Alignas(64) char products[j->pass->product_count * j->product_bytes];
  for (size_t next; row < end && !maas_cancelled(); row = next) {
    next = end - row < j->high ? end : row + j->high;
    for (size_t p = 0; p < j->pass->product_count; p++) {
      char *rows = products + p * j->product_bytes;
      multiply(j, &j->pass->products[p], row, next, rows);
      w->products[p] = (char *)((uintptr_t)rows - row * j->pass->n * j->size);
    }
    run_rows(j, row, next, w);
  }
}

/// A part is some of the rows, or, of a single row, some of its elements.
static void fused_part(void *context, size_t part) {
  const fused_job *j = context;
  const size_t rows = j->pass->rows, n = j->pass->n;
  _Alignas(64) char blocks[(j->pass->blocks + 1) * BLOCK_BYTES];
  workplace w = {.blocks = blocks};
  if (rows == 1) return run_row(j, 0, maas_bound(n, j->parts, part, 64), maas_bound(n, j->parts, part + 1, 64), &w);
  const size_t step = j->pass->product_count ? MAAS_TILE_ROWS : 1;
  const size_t row = maas_bound(rows, j->parts, part, step), end = maas_bound(rows, j->parts, part + 1, step);
  if (j->pass->product_count) run_products(j, row, end, &w);
  else run_rows(j, row, end, &w);
}

static int is_one(const maas_fused_place *place) {
  return place->kind == MAAS_FUSED_NUMBER || place->kind == MAAS_FUSED_COLUMN;
}

static int is_of_rows(const maas_fused_place *place) {
  return place->kind == MAAS_FUSED_ROW || place->kind == MAAS_FUSED_COLUMN;
}

/// Looks the steps' loops up. Answers what an element costs.
static size_t read_steps(fused_job *j) {
  size_t cost = 0;
  for (size_t s = 0; s < j->pass->count; s++) {
    const maas_fused_step *step = &j->pass->steps[s];
    j->loops[s] = (fused_loop){.step = step};
    j->is_flat &= !is_of_rows(&step->x) && !(step->operands == 2 && is_of_rows(&step->y));
    if (step->operands == 1) {
      j->loops[s].unary = j->table->unary[j->type][step->op];
      cost += maas_unary_cost(step->op, j->type);
    } else {
      j->loops[s].binary = j->table->binary[j->type][step->op];
      j->loops[s].mode = is_one(&step->y) ? MAAS_RIGHT_SCALAR : is_one(&step->x) ? MAAS_LEFT_SCALAR : MAAS_BOTH;
      j->loops[s].flushes = maas_flushes(step->op);
      cost += maas_binary_cost(step->op);
    }
  }
  for (size_t p = 0; p < j->pass->product_count; p++) cost += j->pass->products[p].k / 8;
  return cost;
}

int maas_fused_takes(int type, size_t rows, size_t n, size_t k) {
  const size_t size = type == MAAS_F64 ? 8 : 4;
  if (rows < 2 || n < 8 || n * size > PRODUCT_BYTES / MAAS_TILE_ROWS || rows / 2 < n) return 0;
  // Factors that wait for the pass are not much larger than what is computed of them, and it is not cancelled.
  return k > 0 && k <= 4 * n && k <= FACTOR_BYTES / (n * size) && rows <= MOST_MULTIPLY_ADDS / (n * k);
}

void maas_fused(int type, const maas_fused_pass *pass) {
  if (pass->count == 0 || pass->count > MOST_STEPS || pass->n == 0 || pass->rows == 0) return;
  fused_job j;  // not all zeros: most of its loops are not used
  j.pass = pass, j.type = type, j.size = type == MAAS_F64 ? 8 : 4;
  j.table = maas_table();
  j.is_flat = 1, j.code = NULL, j.high = 1;
  if (pass->product_count) {
    const size_t row_bytes = pass->n * j.size;
    j.high = PRODUCT_BYTES / row_bytes / MAAS_TILE_ROWS * MAAS_TILE_ROWS;
    j.product_bytes = (j.high * row_bytes + 127) / 64 * 64;
  }
  j.parts = maas_pieces(pass->rows * pass->n * read_steps(&j), MAAS_CHEAP_GRAIN);
  maas_fused_call call;
  const size_t together = j.is_flat ? pass->rows * pass->n : pass->n;
  if (together >= 64 && maas_fused_code_for(type, pass->steps, pass->count, &call)) j.code = &call;
  maas_float_mode before = maas_current_mode();
  if (j.parts == 1) fused_part(&j, 0);
  else maas_parallel(j.parts, fused_part, &j);
  maas_leave(before);
}
