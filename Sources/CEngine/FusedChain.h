// A chain of elementwise operations as values, each known by what made it: what machine code for it is written from.
#ifndef MAAS_FUSED_CHAIN_H
#define MAAS_FUSED_CHAIN_H
#include "Fused.h"
#include <string.h>

// A division by a number that is easy to divide by: see `divides_easily`.
#define DIVIDE_BY_NUMBER 127

/// A chain by values: first the numbers, then the arrays that are read, then each step's result.
enum value_kind { NUMBER, ARRAY, RESULT };
typedef struct {
  enum value_kind kind;
  int place;     // in `places`; of a number in `numbers`; of a result where it is stored, or -1
  int last_use;  // the last step that reads it
  int home;      // its register, or -1
  int flushed;   // whether arithmetic gave it: it is never below 2^-126 in f32, nor a signalling NaN
} value;

typedef struct {
  int op, operands, x, y, result;
  int reciprocal;  // of a number that is divided by, or -1
} operation;

typedef struct {
  int type;
  size_t count, values, numbers, places;
  operation operations[MAAS_FUSED_STEPS];
  value value[MAAS_FUSED_STEPS + MAAS_CODE_PLACES + MAAS_CODE_NUMBERS];
  int absolute, sign, one, lowest, range, minus_one, infinity;  // constants of the code, or -1
} chain;

/// What is known of a chain besides addresses and numbers: two of one key have the same code.
typedef struct {
  uint8_t bytes[16 + MAAS_FUSED_STEPS * 8];
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
  call->products[c->places] = 0;
  return (int)c->places++;
}

/// Elements of a product: one array, however often it is read.
static int product(chain *c, maas_fused_call *call, int32_t number) {
  for (size_t i = 0; i < c->values; i++)
    if (c->value[i].kind == ARRAY && call->products[c->value[i].place] == number + 1) return (int)i;
  const int at = place(c, call, NULL);
  if (at < 0) return -1;
  call->products[at] = (uint8_t)(number + 1);
  c->value[c->values] = (value){ARRAY, at, -1, -1, 1};
  return (int)c->values++;
}

/// The value that an operand names; the newest that lies there.
static int operand(chain *c, maas_fused_call *call, const maas_fused_place *from, const int *blocks) {
  if (from->kind == MAAS_FUSED_NUMBER) return number(c, call, from->number);
  if (from->kind == MAAS_FUSED_COLUMN) return column(c, call, from->address);
  if (from->kind == MAAS_FUSED_BLOCK) return from->block >= 0 && from->block < MAAS_FUSED_STEPS ? blocks[from->block] : -1;
  if (from->kind == MAAS_FUSED_PRODUCT) return product(c, call, from->block);
  const uint64_t is_row = from->kind == MAAS_FUSED_ROW;
  for (size_t i = c->values; i-- > 0;)
    if (c->value[i].kind != NUMBER && c->value[i].place >= 0 && !call->products[c->value[i].place]
        && call->places[c->value[i].place] == from->address
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
  case MAAS_ADD: case MAAS_SUBTRACT: case MAAS_MULTIPLY: case MAAS_DIVIDE: case MAAS_GATE: return 1;
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
  if (o->op == MAAS_GATE) return c->value[o->y].flushed;
  return 1;
}

/// Whether the step only hands on what an earlier one gave: a quotient by 1, or a product with it. Adam's corrections come
/// to that after a while. What arithmetic gave is flushed and quiet already.
static int hands_on(const chain *c, const operation *o, const maas_fused_step *step) {
  const uint64_t one = c->type == MAAS_F64 ? 0x3ff0000000000000u : 0x3f800000u;
  return step->operands == 2 && (o->op == MAAS_DIVIDE || o->op == MAAS_MULTIPLY) && step->y.kind == MAAS_FUSED_NUMBER
         && step->y.number == one && step->result.kind == MAAS_FUSED_BLOCK && c->value[o->x].kind == RESULT
         && c->value[o->x].flushed;
}

/// The numbers that an operation's code needs besides its own. 0 where there is no room for them.
static int add_constants(chain *c, maas_fused_call *call, const operation *o) {
  const int wide = c->type == MAAS_F64;
  if (o->operands == 2) {
    if (o->op != MAAS_GATE || wide) return 1;
    c->minus_one = number(c, call, 0xffffffffu);
    c->infinity = number(c, call, 0x7f800000u);
    return c->minus_one >= 0 && c->infinity >= 0;
  }
  switch (o->op) {
  case MAAS_ABSOLUTE: return (c->absolute = number(c, call, wide ? 0x7fffffffffffffffu : 0x7fffffffu)) >= 0;
  case MAAS_NEGATE: return (c->sign = number(c, call, wide ? 0x8000000000000000u : 0x80000000u)) >= 0;
  case MAAS_RECIPROCAL: return (c->one = number(c, call, 0x3ff0000000000000u)) >= 0;
  default: return 1;
  }
}

/// Reads the steps into values. 0 where the code cannot have them.
static int read_chain(int type, const maas_fused_step *steps, size_t count, chain *c, maas_fused_call *call) {
  int blocks[MAAS_FUSED_STEPS];
  memset(blocks, -1, sizeof blocks);
  // Not all zeros: most operations and values are not used.
  c->type = type, c->count = c->values = c->numbers = c->places = 0;
  c->absolute = c->sign = c->one = c->lowest = c->range = c->minus_one = c->infinity = -1;
  if (count > MAAS_FUSED_STEPS) return 0;
  for (size_t s = 0; s < count; s++) {
    const maas_fused_step *step = &steps[s];
    operation *o = &c->operations[c->count];
    o->op = step->op;
    o->operands = step->operands;
    o->x = operand(c, call, &step->x, blocks);
    if (step->result.kind == MAAS_FUSED_BLOCK && (step->result.block < 0 || step->result.block >= MAAS_FUSED_STEPS)) return 0;
    if (o->x >= 0 && hands_on(c, o, step)) {
      blocks[step->result.block] = o->x;
      continue;
    }
    o->y = step->operands == 2 ? operand(c, call, &step->y, blocks) : o->x;
    if (o->x < 0 || o->y < 0 || !is_known(c, o, step->y.number, step->y.kind == MAAS_FUSED_NUMBER)) return 0;
    if (!add_constants(c, call, o)) return 0;
    o->reciprocal = -1;
    if (type == MAAS_F32 && o->op == MAAS_DIVIDE && step->y.kind == MAAS_FUSED_NUMBER && divides_easily(step->y.number))
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
  const int constants[] = {c->absolute, c->sign, c->one, c->lowest, c->range, c->minus_one, c->infinity};
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
#endif
