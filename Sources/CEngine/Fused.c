// Chains of elementwise operations in one pass: every step on a block of elements that stays in the nearest cache,
// then the next block; or, where there is machine code for the chain, every step on a vector that stays in registers.
#include "FusedCode.h"
#include <string.h>

#define BLOCK_BYTES 4096
#define MOST_STEPS 64

typedef struct {
  maas_unary_loop unary;
  maas_binary_loop binary;
  int mode, flushes;
  const maas_fused_step *step;
} fused_loop;

typedef struct {
  fused_loop loops[MOST_STEPS];
  size_t count, blocks, rows, n, parts, size;
  int type;
  const maas_fused_call *code;  // or NULL
} fused_job;

/// Where elements of a row lie, from `start` on.
static inline char *at(const fused_job *j, const maas_fused_place *place, size_t row, size_t start, char *blocks) {
  switch (place->kind) {
  case MAAS_FUSED_MEMORY: return (char *)place->address + (row * j->n + start) * j->size;
  case MAAS_FUSED_NUMBER: return (char *)&place->number;
  case MAAS_FUSED_ROW: return (char *)place->address + start * j->size;
  case MAAS_FUSED_COLUMN: return (char *)place->address + row * j->size;
  default: return blocks + (size_t)place->block * BLOCK_BYTES;
  }
}

static void run_block(const fused_job *j, size_t row, size_t start, size_t n, char *blocks) {
  int flushes = -1;
  for (size_t s = 0; s < j->count; s++) {
    const fused_loop *loop = &j->loops[s];
    const maas_fused_step *step = loop->step;
    if (loop->flushes != flushes) {
      flushes = loop->flushes;
      maas_enter(j->type, flushes);
    }
    const char *x = at(j, &step->x, row, start, blocks), *y = NULL;
    if (loop->binary) y = at(j, &step->y, row, start, blocks);
    char *result = at(j, &step->result, row, start, blocks), *to = result;
    // No loop writes where it reads; a result that takes an operand's memory goes there by way of a block of its own.
    if (result == x || result == y) to = blocks + j->blocks * BLOCK_BYTES;
    if (loop->unary) loop->unary(x, to, n);
    else loop->binary(x, y, to, 1, n, 0, 0, loop->mode);
    if (to != result) memcpy(result, to, n * j->size);
  }
}

/// Whole vectors of a row by machine code, a strip at a time; answers how many elements were done.
static size_t run_code(const fused_job *j, size_t row, size_t start, size_t end) {
  size_t lanes = 64 / j->size, whole = (end - start) / lanes * lanes;
  if (whole == 0) return 0;
  maas_fused_call call;
  const maas_fused_call *code = j->code;
  if (j->rows > 1) {
    maas_fused_at_row(code, row, j->n, j->size, &call);
    code = &call;
  }
  maas_enter(j->type, 1);
  for (size_t i = 0; i < whole && !maas_cancelled(); i += MAAS_STRIP) {
    size_t stop = whole - i < MAAS_STRIP ? whole : i + MAAS_STRIP;
    code->run(code->places, (start + i) * j->size, (start + stop) * j->size, code->numbers);
  }
  return whole;
}

static void run_row(const fused_job *j, size_t row, size_t start, size_t end, char *blocks) {
  if (j->code && start < end) start += run_code(j, row, start, end);
  for (size_t i = start; i < end && !maas_cancelled(); i += BLOCK_BYTES / j->size) {
    size_t rest = end - i, most = BLOCK_BYTES / j->size;
    run_block(j, row, i, rest < most ? rest : most, blocks);
  }
}

/// A part is some of the rows, or, of a single row, some of its elements.
static void fused_part(void *context, size_t part) {
  const fused_job *j = context;
  _Alignas(64) char blocks[(j->blocks + 1) * BLOCK_BYTES];
  if (j->rows == 1) {
    run_row(j, 0, maas_bound(j->n, j->parts, part, 64), maas_bound(j->n, j->parts, part + 1, 64), blocks);
    return;
  }
  const size_t end = maas_bound(j->rows, j->parts, part + 1, 1);
  for (size_t row = maas_bound(j->rows, j->parts, part, 1); row < end && !maas_cancelled(); row++)
    run_row(j, row, 0, j->n, blocks);
}

static int is_one(const maas_fused_place *place) {
  return place->kind == MAAS_FUSED_NUMBER || place->kind == MAAS_FUSED_COLUMN;
}

void maas_fused(int type, const maas_fused_step *steps, size_t count, size_t blocks, size_t rows, size_t n) {
  if (count == 0 || count > MOST_STEPS || n == 0 || rows == 0) return;
  const maas_kernels *table = maas_table();
  fused_job j;  // not all zeros: most of its loops are not used
  j.count = count, j.blocks = blocks, j.rows = rows, j.n = n, j.size = type == MAAS_F64 ? 8 : 4, j.type = type;
  j.code = NULL;
  size_t work = 0;
  for (size_t s = 0; s < count; s++) {
    const maas_fused_step *step = &steps[s];
    j.loops[s] = (fused_loop){.step = step};
    if (step->operands == 1) {
      j.loops[s].unary = table->unary[type][step->op];
      work += maas_unary_cost(step->op, type);
    } else {
      j.loops[s].binary = table->binary[type][step->op];
      j.loops[s].mode = is_one(&step->y) ? MAAS_RIGHT_SCALAR : is_one(&step->x) ? MAAS_LEFT_SCALAR : MAAS_BOTH;
      j.loops[s].flushes = maas_flushes(step->op);
      work += maas_binary_cost(step->op);
    }
  }
  j.parts = maas_pieces(rows * n * work, MAAS_CHEAP_GRAIN);
  maas_fused_call call;
  if (n >= 64 && maas_fused_code_for(type, steps, count, &call)) j.code = &call;
  maas_float_mode before = maas_current_mode();
  if (j.parts == 1) fused_part(&j, 0);
  else maas_parallel(j.parts, fused_part, &j);
  maas_leave(before);
}
