// Chains of elementwise operations in one pass: every step on a block of elements that stays in the nearest cache,
// then the next block; or, where there is machine code for the chain, every step on a vector that stays in registers.
#include "Fused.h"
#include <string.h>

#define BLOCK_BYTES 4096
#define PRODUCT_BYTES (16u << 10)  // of a few rows
#define MOST_MULTIPLY_ADDS (1u << 28)
#define FACTOR_BYTES (128u << 10)  // of the factor that every few rows read

/// A thread's own memory: what is not kept of a block of elements, and where the products' first elements would lie.
typedef struct {
  char *blocks;
  const char *products[MAAS_FUSED_PRODUCTS];
} workplace;

/// Where elements of a row lie, from `start` on.
static inline char *at(const maas_fused_job *j, const maas_fused_place *place, size_t row, size_t start, const workplace *w) {
  switch (place->kind) {
  case MAAS_FUSED_MEMORY: return (char *)place->address + (row * j->pass->n + start) * j->size;
  case MAAS_FUSED_NUMBER: return (char *)&place->number;
  case MAAS_FUSED_ROW: return (char *)place->address + start * j->size;
  case MAAS_FUSED_COLUMN: return (char *)place->address + row * j->size;
  case MAAS_FUSED_PRODUCT: return (char *)w->products[place->block] + (row * j->pass->n + start) * j->size;
  default: return w->blocks + (size_t)place->block * BLOCK_BYTES;
  }
}

static void run_block(const maas_fused_job *j, size_t row, size_t start, size_t n, const workplace *w) {
  int flushes = -1;
  for (size_t s = 0; s < j->pass->count; s++) {
    const maas_fused_loop *loop = &j->loops[s];
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

/// By machine code what it does of the elements from `start` up to `end` of some rows: whole vectors, a strip at a time.
/// Answers how many of each row.
static size_t run_code(const maas_fused_job *j, size_t row, size_t last, size_t start, size_t end, const workplace *w) {
  const size_t n = j->pass->n, lanes = 64 / j->size, whole = (end - start) / lanes * lanes;
  if (!j->has_code || whole == 0) return 0;
  maas_fused_call call;
  maas_fused_at_row(&j->code, row, n, j->size, w->products, &call);
  maas_enter(j->type, 1);
  for (;;) {
    for (size_t i = 0; i < whole && !maas_cancelled(); i += MAAS_STRIP) {
      const size_t stop = whole - i < MAAS_STRIP ? whole : i + MAAS_STRIP;
      call.run(call.places, (start + i) * j->size, (start + stop) * j->size, call.numbers);
    }
    if (++row == last) return whole;
    maas_fused_to_row(&j->code, row, n, j->size, &call);
  }
}

/// The elements from `start` up to `end` of the rows from `row` up to `last`.
static void run_part(const maas_fused_job *j, size_t row, size_t last, size_t start, size_t end, const workplace *w) {
  if (row >= last || start >= end) return;
  start += run_code(j, row, last, start, end, w);
  const size_t most = BLOCK_BYTES / j->size;
  for (; start < end && row < last; row++)
    for (size_t i = start; i < end && !maas_cancelled(); i += most)
      run_block(j, row, i, end - i < most ? end - i : most, w);
}

/// Rows as one, where nothing is a row or a column by itself.
static void run_rows(const maas_fused_job *j, size_t row, size_t end, const workplace *w) {
  const size_t n = j->pass->n;
  if (j->is_flat) run_part(j, 0, 1, row * n, end * n, w);
  else run_part(j, row, end, 0, n, w);
}

/// A product's rows from one up to another, into c.
static void multiply(const maas_fused_job *j, const maas_fused_product *p, size_t row, size_t end, char *c) {
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
static void run_products(const maas_fused_job *j, size_t row, size_t end, workplace *w) {
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
  const maas_fused_job *j = context;
  const size_t rows = j->pass->rows, n = j->pass->n;
  _Alignas(64) char blocks[(j->pass->blocks + 1) * BLOCK_BYTES];
  workplace w = {.blocks = blocks};
  if (rows == 1) return run_part(j, 0, 1, maas_bound(n, j->parts, part, 64), maas_bound(n, j->parts, part + 1, 64), &w);
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
static size_t read_steps(maas_fused_job *j) {
  size_t cost = 0;
  for (size_t s = 0; s < j->pass->count; s++) {
    const maas_fused_step *step = &j->pass->steps[s];
    j->loops[s] = (maas_fused_loop){.step = step};
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

int maas_fused_begin(maas_fused_job *j, int type, const maas_fused_pass *pass) {
  if (pass->count == 0 || pass->count > MAAS_FUSED_STEPS || pass->n == 0 || pass->rows == 0) return 0;
  j->pass = pass, j->type = type, j->size = type == MAAS_F64 ? 8 : 4;
  j->table = maas_table();
  j->is_flat = 1, j->high = 1, j->product_bytes = 0;
  j->cost = read_steps(j);
  const size_t together = j->is_flat ? pass->rows * pass->n : pass->n;
  j->has_code = together >= 64 && maas_fused_code_for(type, pass->steps, pass->count, &j->code);
  return 1;
}

void maas_fused_rectangle(const maas_fused_job *j, size_t row, size_t rows, size_t column, size_t columns) {
  _Alignas(64) char blocks[(j->pass->blocks + 1) * BLOCK_BYTES];
  const workplace w = {.blocks = blocks};
  const maas_float_mode before = maas_current_mode();
  // Whole rows lie one after the other.
  if (columns == j->pass->n) run_rows(j, row, row + rows, &w);
  else run_part(j, row, row + rows, column, column + columns, &w);
  maas_leave(before);
}

void maas_fused(int type, const maas_fused_pass *pass) {
  maas_fused_job j;  // not all zeros: most of its loops are not used
  if (!maas_fused_begin(&j, type, pass)) return;
  if (pass->product_count) {
    const size_t row_bytes = pass->n * j.size;
    j.high = PRODUCT_BYTES / row_bytes / MAAS_TILE_ROWS * MAAS_TILE_ROWS;
    j.product_bytes = (j.high * row_bytes + 127) / 64 * 64;
  }
  j.parts = maas_pieces(pass->rows * pass->n * j.cost, MAAS_CHEAP_GRAIN);
  maas_float_mode before = maas_current_mode();
  if (j.parts == 1) fused_part(&j, 0);
  else maas_parallel(j.parts, fused_part, &j);
  maas_leave(before);
}
