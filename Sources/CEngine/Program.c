// Programs whose steps and places are known beforehand: what is looked up and laid out once runs many times without
// asking anything again.
#include "Kernels.h"
#include <string.h>

#define FEW 4096  // elements that one thread goes through itself

void maas_program_prepare(maas_program_step *steps, size_t count) {
  const maas_kernels *table = maas_table();
  for (maas_program_step *s = steps; s < steps + count; s++) {
    switch (s->kind) {
    case MAAS_PROGRAM_UNARY: s->loop = (void (*)(void))table->unary[s->type][s->op]; break;
    case MAAS_PROGRAM_BINARY: s->loop = (void (*)(void))table->binary[s->type][s->op]; break;
    case MAAS_PROGRAM_CONVERT: s->loop = (void (*)(void))table->convert[s->type][s->op]; break;
    default: s->loop = NULL;
    }
  }
}

void maas_program_fill_in(const maas_program_slot *slots, size_t count, const void *const *bases) {
  for (const maas_program_slot *s = slots; s < slots + count; s++)
    *s->address = (const char *)bases[s->base] + s->offset;
}

static void fill(const maas_program_step *s) {
  char *z = s->z;
  for (size_t i = 0; i < s->n; i++) memcpy(z + i * s->size, s->x, s->size);
}

static void place(const maas_program_step *s) {
  maas_clear(s->z, s->n);
  memcpy((char *)s->z + s->offset, s->x, s->size);
}

/// Arithmetic on a few f64, rounded once an operation like the loops'.
static inline int few(const maas_program_step *s) {
  const double *x = s->x, *y = s->y;
  double *z = s->z;
  const size_t n = s->n, xs = (size_t)s->x_stride, ys = (size_t)s->y_stride;
  switch (s->op) {
  case MAAS_ADD: for (size_t i = 0; i < n; i++) z[i] = x[i * xs] + y[i * ys]; return 1;
  case MAAS_SUBTRACT: for (size_t i = 0; i < n; i++) z[i] = x[i * xs] - y[i * ys]; return 1;
  case MAAS_MULTIPLY: for (size_t i = 0; i < n; i++) z[i] = x[i * xs] * y[i * ys]; return 1;
  case MAAS_DIVIDE: for (size_t i = 0; i < n; i++) z[i] = x[i * xs] / y[i * ys]; return 1;
  default: return 0;
  }
}

static void binary(const maas_program_step *s) {
  if (s->type == MAAS_F64 && s->n <= 8 && few(s)) return;
  if (s->n > FEW) {
    const ptrdiff_t xs = s->x_stride, ys = s->y_stride;
    maas_binary(s->op, s->type, s->x, s->y, s->z, 1, &s->n, &xs, &ys);
    return;
  }
  int mode = s->n > 1 && s->y_stride == 0 ? MAAS_RIGHT_SCALAR : s->n > 1 && s->x_stride == 0 ? MAAS_LEFT_SCALAR : MAAS_BOTH;
  maas_float_mode before = maas_enter(s->type, maas_flushes(s->op));
  ((maas_binary_loop)s->loop)(s->x, s->y, s->z, 1, s->n, 0, 0, mode);
  maas_leave(before);
}

static void unary(const maas_program_step *s) {
  if (s->n > FEW) maas_unary(s->op, s->type, s->x, s->z, s->n);
  else ((maas_unary_loop)s->loop)(s->x, s->z, s->n);
}

static void convert(const maas_program_step *s) {
  if (s->n > FEW) maas_convert(s->type, s->op, s->x, s->z, s->n);
  else ((maas_unary_loop)s->loop)(s->x, s->z, s->n);
}

static void broadcast(const maas_program_step *s) {
  const maas_program_extents *e = s->detail;
  maas_binary(s->op, s->type, s->x, s->y, s->z, e->rank, e->dims, e->xs, e->ys);
}

/// A few rows with many zeros, times what is finite. 0 where that is not so.
static int product_without_zeros(const maas_program_step *s, const maas_program_product *p) {
  return p->list && s->op && maas_has_many_zeros(p->m, p->k, s->x)
         && maas_product_without_zeros(p->m, p->n, p->k, s->x, s->y, p->list, s->z);
}

static void read_number(int type, maas_fused_place *place) {
  if (place->kind == MAAS_FUSED_NUMBER) memcpy(&place->number, place->address, type == MAAS_F64 ? 8 : 4);
}

static void read_numbers(int type, const maas_fused_pass *pass) {
  for (maas_fused_step *f = pass->steps; f < pass->steps + pass->count; f++) {
    read_number(type, &f->x);
    if (f->operands == 2) read_number(type, &f->y);
  }
}

static void chain(const maas_program_step *s) {
  read_numbers(s->type, s->detail);
  maas_fused(s->type, s->detail);
}

static int product(const maas_program_step *s) {
  const maas_program_product *p = s->detail;
  if (p->then) read_numbers(s->type, p->then);
  if (product_without_zeros(s, p)) {
    if (p->then) maas_fused(s->type, p->then);
    return 0;
  }
  return maas_product_then(s->type, p->m, p->n, p->k, s->x, p->lda, p->transpose_a, s->y, p->ldb, p->transpose_b, s->z,
                           p->then);
}

static int codes(const maas_program_step *s) {
  const maas_program_codes *c = s->detail;
  return maas_codes_product(c->m, c->n, c->k, s->x, c->rounding, c->packed, &c->ending, s->z);
}

int maas_program_run(const maas_program_step *steps, size_t count) {
  for (const maas_program_step *s = steps; s < steps + count; s++) {
    switch (s->kind) {
    case MAAS_PROGRAM_BINARY: binary(s); break;
    case MAAS_PROGRAM_UNARY: unary(s); break;
    case MAAS_PROGRAM_BROADCAST: broadcast(s); break;
    case MAAS_PROGRAM_CONVERT: convert(s); break;
    case MAAS_PROGRAM_FILL: fill(s); break;
    case MAAS_PROGRAM_COPY: memcpy(s->z, s->x, s->n); break;
    case MAAS_PROGRAM_PLACE: place(s); break;
    case MAAS_PROGRAM_SELECT:
      maas_select(s->size, s->w, s->offset, s->x, (size_t)s->x_stride, s->y, (size_t)s->y_stride, s->z, s->n);
      break;
    case MAAS_PROGRAM_REDUCE: maas_reduce(s->op, s->type, s->x, s->z, s->size, s->n, s->offset); break;
    case MAAS_PROGRAM_SOFTMAX: maas_softmax(s->op, s->type, s->x, s->z, s->size, s->n); break;
    case MAAS_PROGRAM_LOGSUMEXP: maas_logsumexp(s->type, s->x, s->z, s->size, s->n); break;
    case MAAS_PROGRAM_INDICES:
      memcpy(s->z, s->x, s->n * sizeof(int64_t));
      if (maas_check_indices(s->z, s->n, (int64_t)s->size) >= 0) return -1;
      break;
    case MAAS_PROGRAM_PICK: maas_pick(s->size, s->x, s->y, s->z, s->n, s->offset); break;
    case MAAS_PROGRAM_PUT: maas_put(s->size, s->x, s->y, s->z, s->n, s->offset); break;
    case MAAS_PROGRAM_PRODUCT: if (product(s)) return -1; break;
    case MAAS_PROGRAM_CODES: if (codes(s)) return -1; break;
    case MAAS_PROGRAM_CHAIN: chain(s); break;
    }
    // What a cancelled step left must not stand for a position.
    if (maas_cancelled()) return 0;
  }
  return 0;
}
