#include "FusedCode.h"

#if defined(__x86_64__) && defined(__linux__)
#include "CodeWriter.h"
#include "FusedChain.h"
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#define REGISTERS 32
#define CODE_BYTES 4096
#define MOST_CHAINS 512

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

/// y where x is positive, else zero. Numbers of f32 below 2^-126, which the processor would take for zeros, are positive:
/// their bits are compared, of which those from 1 up to infinity's are positive numbers.
static void write_gate(writer *w, const chain *c, int r, int x, int y) {
  if (w->wide) {
    apply(w, 0x57, r, r, r);
    compare(w, x, r, 0x1E);
  } else {
    apply_whole(w, 0xFE, r, x, c->value[c->minus_one].home);
    is_less_whole(w, r, c->value[c->infinity].home);
  }
  prefix(w, MAP_0F, w->wide, 0x28, r, 0, y, 1, 1);
  byte(w, (unsigned)(0xC0 | (r & 7) << 3 | (y & 7)));
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
  case MAAS_GATE: write_gate(w, c, r, x, y); break;
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
  detour detours[MAAS_FUSED_STEPS];
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

static void read_columns(const maas_fused_call *call, size_t row, size_t size, maas_fused_call *at_row) {
  for (size_t i = 0; i < call->number_count; i++)
    if (call->columns[i]) memcpy(&at_row->numbers[i], (const char *)call->columns[i] + row * size, size);
}

void maas_fused_at_row(const maas_fused_call *call, size_t row, size_t n, size_t size, const char *const *products,
                       maas_fused_call *at_row) {
  at_row->run = call->run;
  for (size_t i = 0; i < call->place_count; i++) {
    char *place = call->products[i] ? (char *)products[call->products[i] - 1] : call->places[i];
    at_row->places[i] = place + (call->rows >> i & 1 ? 0 : row * n * size);
  }
  memcpy(at_row->numbers, call->numbers, call->number_count * sizeof *call->numbers);
  read_columns(call, row, size, at_row);
}

void maas_fused_to_row(const maas_fused_call *call, size_t row, size_t n, size_t size, maas_fused_call *at_row) {
  for (size_t i = 0; i < call->place_count; i++)
    if (!(call->rows >> i & 1)) at_row->places[i] = (char *)at_row->places[i] + n * size;
  read_columns(call, row, size, at_row);
}

#else
void maas_fused_at_row(const maas_fused_call *call, size_t row, size_t n, size_t size, const char *const *products,
                       maas_fused_call *at_row) {
  (void)call, (void)row, (void)n, (void)size, (void)products, (void)at_row;
}
void maas_fused_to_row(const maas_fused_call *call, size_t row, size_t n, size_t size, maas_fused_call *at_row) {
  (void)call, (void)row, (void)n, (void)size, (void)at_row;
}
int maas_fused_code_for(int type, const maas_fused_step *steps, size_t count, maas_fused_call *call) {
  (void)type, (void)steps, (void)count, (void)call;
  return 0;
}
#endif
