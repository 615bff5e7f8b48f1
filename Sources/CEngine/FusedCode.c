#include "FusedCode.h"

#if defined(__x86_64__) && defined(__linux__)
#include "CodeWriter.h"
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#define REGISTERS 32
#define MOST_STEPS 64
#define CODE_BYTES 4096
#define MOST_CHAINS 512
// A division by a number that is easy to divide by: see `divides_easily`.
#define DIVIDE_BY_NUMBER 127

/// A chain by values: first the numbers, then the arrays that are read, then each step's result.
enum value_kind { NUMBER, ARRAY, RESULT };
typedef struct {
  enum value_kind kind;
  int place;     // in `places`; of a number in `numbers`; of a result where it is stored, or -1
  int last_use;  // the last step that reads it
  int home;      // its register, or -1
  int flushed;   // whether it is never below 2^-126
} value;

typedef struct {
  int op, operands, x, y, result;
  int reciprocal;  // of a number that is divided by, or -1
} operation;

typedef struct {
  int type;
  size_t count, values, numbers, places;
  operation operations[MOST_STEPS];
  value value[MOST_STEPS + MAAS_CODE_PLACES + MAAS_CODE_NUMBERS];
  int absolute, sign, one, lowest, range;  // constants of the code, or -1
} chain;

// What is known of a chain besides addresses and numbers: two of one key have the same code.
typedef struct {
  uint8_t bytes[16 + MOST_STEPS * 8];
  size_t length;
} chain_key;

static int number(chain *c, maas_fused_call *call, uint64_t bits) {
  for (size_t i = 0; i < c->values; i++)
    if (c->value[i].kind == NUMBER && !call->columns[c->value[i].place] && call->numbers[c->value[i].place] == bits)
      return (int)i;
  if (c->numbers == MAAS_CODE_NUMBERS) return -1;
  uint32_t word = (uint32_t)bits & 0x7fffffffu;
  c->value[c->values] = (value){NUMBER, (int)c->numbers, -1, -1, word == 0 || word >= 0x00800000u};
  call->columns[c->numbers] = NULL;
  call->numbers[c->numbers++] = bits;
  return (int)c->values++;
}

/// A number that is another one in each row.
static int column(chain *c, maas_fused_call *call, const void *address) {
  for (size_t i = 0; i < c->values; i++)
    if (c->value[i].kind == NUMBER && call->columns[c->value[i].place] == address) return (int)i;
  if (c->numbers == MAAS_CODE_NUMBERS) return -1;
  c->value[c->values] = (value){NUMBER, (int)c->numbers, -1, -1, 0};
  call->columns[c->numbers] = address;
  call->numbers[c->numbers++] = 0;
  return (int)c->values++;
}

static int place(chain *c, maas_fused_call *call, const void *address) {
  if (c->places == MAAS_CODE_PLACES) return -1;
  call->places[c->places] = (void *)address;
  return (int)c->places++;
}

/// The value that an operand names; the newest that lies there.
static int operand(chain *c, maas_fused_call *call, const maas_fused_place *from, const int *blocks) {
  if (from->kind == MAAS_FUSED_NUMBER) return number(c, call, from->number);
  if (from->kind == MAAS_FUSED_COLUMN) return column(c, call, from->address);
  if (from->kind == MAAS_FUSED_BLOCK) return from->block >= 0 && from->block < MOST_STEPS ? blocks[from->block] : -1;
  const uint64_t is_row = from->kind == MAAS_FUSED_ROW;
  for (size_t i = c->values; i-- > 0;)
    if (c->value[i].kind != NUMBER && c->value[i].place >= 0 && call->places[c->value[i].place] == from->address
        && (call->rows >> c->value[i].place & 1) == is_row)
      return (int)i;
  int at = place(c, call, from->address);
  if (at < 0) return -1;
  call->rows |= is_row << at;
  c->value[c->values] = (value){ARRAY, at, -1, -1, 0};
  return (int)c->values++;
}

/// Whether code for the operation gives the loop's bits: in f32 it runs with small numbers flushed, which functions and
/// comparisons must then not meet.
static int is_known(const chain *c, const operation *o, uint64_t y_bits, int y_is_number) {
  int plain = c->type == MAAS_F64, x_fits = plain || c->value[o->x].flushed;
  if (o->operands == 1) {
    switch (o->op) {
    case MAAS_NEGATE: case MAAS_ABSOLUTE: return 1;
    case MAAS_SQRT: case MAAS_RELU: return x_fits;
    case MAAS_SQUARE: case MAAS_RECIPROCAL: return plain;
    default: return 0;
    }
  }
  switch (o->op) {
  case MAAS_ADD: case MAAS_SUBTRACT: case MAAS_MULTIPLY: case MAAS_DIVIDE: return 1;
  case MAAS_MAXIMUM: case MAAS_MINIMUM: return x_fits && (plain || c->value[o->y].flushed);
  case MAAS_POWER: return y_is_number && y_bits == (plain ? 0x4000000000000000u : 0x40000000u);
  default: return 0;
  }
}

/// Whether x / y can be had by a product with 1 / y and one correction, e = x - y q, q + e / y. Where e is exact, which the
/// code makes sure of for each x, the sum rounds to the quotient's bits unless that lies within 6 / 2Y of a tie, Y being
/// y's digits as a whole number; all such pairs of digits were tried, and none differs.
static int divides_easily(uint64_t y_bits) {
  const uint32_t size = (uint32_t)y_bits & 0x7fffffffu;
  return size >= (127u - 40) << 23 && size <= (127u + 40) << 23;
}
// The sizes of x for which e is exact and nothing on the way is flushed: from 2^-78 up to 2^80, and zero.
#define LOWEST_DIVIDED ((127u - 78) << 23)
#define DIVIDED_RANGE (((127u + 80) << 23) - LOWEST_DIVIDED)

static void divide_by_number(chain *c, maas_fused_call *call, operation *o, uint64_t y_bits) {
  float y;
  const uint32_t word = (uint32_t)y_bits;
  memcpy(&y, &word, 4);
  const float reciprocal = 1 / y;
  uint32_t reciprocal_bits;
  memcpy(&reciprocal_bits, &reciprocal, 4);
  const int r = number(c, call, reciprocal_bits), absolute = number(c, call, 0x7fffffffu);
  const int lowest = number(c, call, LOWEST_DIVIDED), range = number(c, call, DIVIDED_RANGE);
  if (r < 0 || absolute < 0 || lowest < 0 || range < 0) return;
  o->op = DIVIDE_BY_NUMBER;
  o->reciprocal = r;
  c->absolute = absolute;
  c->lowest = lowest;
  c->range = range;
}

static int result_is_flushed(const chain *c, const operation *o) {
  if (o->operands == 1) return c->value[o->x].flushed;
  if (o->op == MAAS_MAXIMUM || o->op == MAAS_MINIMUM) return c->value[o->x].flushed && c->value[o->y].flushed;
  return 1;
}

/// Whether the step only hands on what an earlier one gave: a quotient by 1, or a product with it. Adam's corrections come
/// to that after a while. What an operation gave is flushed and quiet already.
static int hands_on(const chain *c, const operation *o, const maas_fused_step *step) {
  const uint64_t one = c->type == MAAS_F64 ? 0x3ff0000000000000u : 0x3f800000u;
  return step->operands == 2 && (o->op == MAAS_DIVIDE || o->op == MAAS_MULTIPLY) && step->y.kind == MAAS_FUSED_NUMBER
         && step->y.number == one && step->result.kind == MAAS_FUSED_BLOCK && c->value[o->x].kind == RESULT
         && (c->type == MAAS_F64 || c->value[o->x].flushed);
}

/// Reads the steps into values. 0 where the code cannot have them.
static int read_chain(int type, const maas_fused_step *steps, size_t count, chain *c, maas_fused_call *call) {
  int blocks[MOST_STEPS];
  memset(blocks, -1, sizeof blocks);
  *c = (chain){.type = type, .absolute = -1, .sign = -1, .one = -1, .lowest = -1, .range = -1};
  if (count > MOST_STEPS) return 0;
  for (size_t s = 0; s < count; s++) {
    const maas_fused_step *step = &steps[s];
    operation *o = &c->operations[c->count];
    o->op = step->op;
    o->operands = step->operands;
    o->x = operand(c, call, &step->x, blocks);
    if (step->result.kind == MAAS_FUSED_BLOCK && (step->result.block < 0 || step->result.block >= MOST_STEPS)) return 0;
    if (o->x >= 0 && hands_on(c, o, step)) {
      blocks[step->result.block] = o->x;
      continue;
    }
    o->y = step->operands == 2 ? operand(c, call, &step->y, blocks) : o->x;
    if (o->x < 0 || o->y < 0 || !is_known(c, o, step->y.number, step->y.kind == MAAS_FUSED_NUMBER)) return 0;
    const int wide = type == MAAS_F64;
    if (o->operands == 1 && o->op == MAAS_ABSOLUTE)
      c->absolute = number(c, call, wide ? 0x7fffffffffffffffu : 0x7fffffffu);
    if (o->operands == 1 && o->op == MAAS_NEGATE) c->sign = number(c, call, wide ? 0x8000000000000000u : 0x80000000u);
    if (o->operands == 1 && o->op == MAAS_RECIPROCAL) c->one = number(c, call, 0x3ff0000000000000u);
    o->reciprocal = -1;
    if (!wide && o->op == MAAS_DIVIDE && step->y.kind == MAAS_FUSED_NUMBER && divides_easily(step->y.number))
      divide_by_number(c, call, o, step->y.number);
    int at = -1;
    if (step->result.kind == MAAS_FUSED_MEMORY && (at = place(c, call, step->result.address)) < 0) return 0;
    o->result = (int)c->values++;
    c->value[o->result] = (value){RESULT, at, (int)c->count, -1, result_is_flushed(c, o)};
    if (step->result.kind == MAAS_FUSED_BLOCK) blocks[step->result.block] = o->result;
    c->value[o->x].last_use = c->value[o->y].last_use = (int)c->count;
    c->count++;
  }
  return 1;
}

static void make_key(const chain *c, chain_key *key) {
  uint8_t *to = key->bytes;
  *to++ = (uint8_t)c->type;
  *to++ = (uint8_t)c->numbers;
  *to++ = (uint8_t)c->places;
  *to++ = (uint8_t)c->values;
  const int constants[] = {c->absolute, c->sign, c->one, c->lowest, c->range};
  for (size_t i = 0; i < sizeof constants / sizeof *constants; i++) *to++ = (uint8_t)constants[i];
  for (size_t s = 0; s < c->count; s++) {
    const operation *o = &c->operations[s];
    const value *x = &c->value[o->x], *y = &c->value[o->y], *r = &c->value[o->result];
    *to++ = (uint8_t)(o->op << 1 | (o->operands == 2));
    *to++ = (uint8_t)o->x;
    *to++ = (uint8_t)o->y;
    *to++ = (uint8_t)o->result;
    *to++ = (uint8_t)(x->kind << 6 | (x->place & 63));
    *to++ = (uint8_t)(y->kind << 6 | (y->place & 63));
    *to++ = (uint8_t)(r->place & 63);
    *to++ = (uint8_t)o->reciprocal;
  }
  key->length = (size_t)(to - key->bytes);
}

// --- Writing code.

/// A division to be done as such, after the loop's code, where an x is out of the range of the shorter way.
typedef struct {
  uint8_t *from;
  const uint8_t *back;
  int r, x, y;
} detour;

/// x / y by the reciprocal, with one register to work in.
static detour write_division(writer *w, const chain *c, const operation *o, int spare) {
  const int r = c->value[o->result].home, x = c->value[o->x].home, y = c->value[o->y].home;
  const int absolute = c->value[c->absolute].home, reciprocal = c->value[o->reciprocal].home;
  apply_whole(w, 0xDB, spare, x, absolute);
  test_bits(w, x, absolute);  // zero keeps its sign: the correction would lose it
  apply_whole(w, 0xFA, spare, spare, c->value[c->lowest].home);
  any_at_least(w, spare, c->value[c->range].home);
  apply(w, 0x59, r, x, reciprocal);
  uint8_t *from = jump_if_not_zero(w);
  copy(w, spare, x);
  add_product(w, 1, spare, y, r, 0);
  add_product(w, 0, r, spare, reciprocal, 1);
  return (detour){from, w->to, r, x, y};
}

static void write_detour(writer *w, const detour *d) {
  land(w, d->from);
  apply(w, 0x5E, d->r, d->x, d->y);
  jump_to(w, d->back);
}

static void write_operation(writer *w, const chain *c, const operation *o) {
  const int r = c->value[o->result].home, x = c->value[o->x].home, y = c->value[o->y].home;
  if (o->operands == 1) {
    switch (o->op) {
    case MAAS_NEGATE: apply(w, 0x57, r, x, c->value[c->sign].home); break;
    case MAAS_ABSOLUTE: apply(w, 0x54, r, x, c->value[c->absolute].home); break;
    case MAAS_SQRT: apply(w, 0x51, r, 0, x); break;
    case MAAS_SQUARE: apply(w, 0x59, r, x, x); break;
    case MAAS_RECIPROCAL: apply(w, 0x5E, r, c->value[c->one].home, x); break;
    default:  // relu: zero where x ≤ 0, so that what is no number stays
      apply(w, 0x57, r, r, r);
      compare(w, x, r, 0x16);
      prefix(w, MAP_0F, w->wide, 0x28, r, 0, x, 1, 1);
      byte(w, (unsigned)(0xC0 | (r & 7) << 3 | (x & 7)));
    }
    return;
  }
  switch (o->op) {
  case MAAS_ADD: apply(w, 0x58, r, x, y); break;
  case MAAS_SUBTRACT: apply(w, 0x5C, r, x, y); break;
  case MAAS_MULTIPLY: apply(w, 0x59, r, x, y); break;
  case MAAS_DIVIDE: apply(w, 0x5E, r, x, y); break;
  case MAAS_POWER: apply(w, 0x59, r, x, x); break;
  default:  // maximum, minimum: the second operand where one is no number, but the first where it is the one
    apply(w, o->op == MAAS_MAXIMUM ? 0x5F : 0x5D, r, x, y);
    compare(w, x, x, 3);
    prefix(w, MAP_0F38, 1, 0x65, r, r, x, 1, 0);
    byte(w, (unsigned)(0xC0 | (r & 7) << 3 | (x & 7)));
  }
}

/// A free register, or -1.
static int free_register(const int *owner) {
  for (int r = 0; r < REGISTERS; r++)
    if (owner[r] < 0) return r;
  return -1;
}

/// A free register for a value. 0 where there is none.
static int give_register(chain *c, int *owner, int v) {
  const int r = free_register(owner);
  if (r < 0) return 0;
  owner[r] = v;
  c->value[v].home = r;
  return 1;
}

/// Numbers once, then a loop over vectors, every value in a register while it is needed. 0 where there are not enough.
static int write_code(chain *c, writer *w) {
  int owner[REGISTERS];
  memset(owner, -1, sizeof owner);
  for (size_t v = 0; v < c->values; v++) {
    if (c->value[v].kind != NUMBER) continue;
    if (!give_register(c, owner, (int)v)) return 0;
    broadcast(w, c->value[v].home, c->value[v].place);
  }
  const uint8_t *loop = w->to;
  detour detours[MOST_STEPS];
  size_t detour_count = 0;
  for (size_t s = 0; s < c->count; s++) {
    const operation *o = &c->operations[s];
    const int read[2] = {o->x, o->y};
    for (int i = 0; i < 2; i++) {
      value *v = &c->value[read[i]];
      if (v->kind != ARRAY || v->home >= 0) continue;
      if (!give_register(c, owner, read[i])) return 0;
      move(w, 0x10, v->home, v->place);
    }
    // Before the operands' registers are given back: some operations write before they have read everything.
    if (!give_register(c, owner, o->result)) return 0;
    if (o->op == DIVIDE_BY_NUMBER) {
      const int spare = free_register(owner);
      if (spare < 0) return 0;
      detours[detour_count++] = write_division(w, c, o, spare);
    } else {
      write_operation(w, c, o);
    }
    if (c->value[o->result].place >= 0) move(w, 0x11, c->value[o->result].home, c->value[o->result].place);
    for (int r = 0; r < REGISTERS; r++)
      if (owner[r] >= 0 && c->value[owner[r]].kind != NUMBER && c->value[owner[r]].last_use <= (int)s) owner[r] = -1;
  }
  byte(w, 0x48), byte(w, 0x83), byte(w, 0xC6), byte(w, 0x40);  // rsi += 64
  byte(w, 0x48), byte(w, 0x39), byte(w, 0xD6);                 // rsi < rdx: once more
  byte(w, 0x0F), byte(w, 0x82), word(w, (uint32_t)(loop - (w->to + 4)));
  byte(w, 0xC5), byte(w, 0xF8), byte(w, 0x77);  // vzeroupper
  byte(w, 0xC3);
  for (size_t i = 0; i < detour_count; i++) write_detour(w, &detours[i]);
  return !w->overran;
}

static maas_fused_code compile(chain *c) {
  uint8_t *page = mmap(NULL, CODE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return NULL;
  writer w = {page, page + CODE_BYTES, c->type == MAAS_F64, 0};
  // Nothing is ever writable and run at once; where neither is allowed, the loops do it.
  if (!write_code(c, &w) || mprotect(page, CODE_BYTES, PROT_READ | PROT_EXEC) != 0) {
    munmap(page, CODE_BYTES);
    return NULL;
  }
  maas_fused_code code;
  memcpy(&code, &page, sizeof code);
  return code;
}

static struct {
  chain_key key;
  maas_fused_code code;
} known[MOST_CHAINS];
static size_t known_count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static maas_fused_code code_of(chain *c) {
  chain_key key;
  make_key(c, &key);
  pthread_mutex_lock(&lock);
  maas_fused_code code = NULL;
  size_t i = 0;
  while (i < known_count && (known[i].key.length != key.length || memcmp(known[i].key.bytes, key.bytes, key.length)))
    i++;
  if (i < known_count) code = known[i].code;
  else if (known_count < MOST_CHAINS) {
    code = compile(c);
    known[known_count].key = key;
    known[known_count++].code = code;
  }
  pthread_mutex_unlock(&lock);
  return code;
}

int maas_fused_code_for(int type, const maas_fused_step *steps, size_t count, maas_fused_call *call) {
  if (maas_table() != &maas_kernels_avx512 || (type != MAAS_F32 && type != MAAS_F64)) return 0;
  chain c;
  call->rows = 0;
  if (!read_chain(type, steps, count, &c, call)) return 0;
  call->place_count = c.places;
  call->number_count = c.numbers;
  call->run = code_of(&c);
  return call->run != NULL;
}

void maas_fused_at_row(const maas_fused_call *call, size_t row, size_t n, size_t size, maas_fused_call *at_row) {
  at_row->run = call->run;
  for (size_t i = 0; i < call->place_count; i++)
    at_row->places[i] = (char *)call->places[i] + (call->rows >> i & 1 ? 0 : row * n * size);
  for (size_t i = 0; i < call->number_count; i++) {
    at_row->numbers[i] = call->numbers[i];
    if (call->columns[i]) memcpy(&at_row->numbers[i], (const char *)call->columns[i] + row * size, size);
  }
}

#else
void maas_fused_at_row(const maas_fused_call *call, size_t row, size_t n, size_t size, maas_fused_call *at_row) {
  (void)call, (void)row, (void)n, (void)size, (void)at_row;
}
int maas_fused_code_for(int type, const maas_fused_step *steps, size_t count, maas_fused_call *call) {
  (void)type, (void)steps, (void)count, (void)call;
  return 0;
}
#endif
