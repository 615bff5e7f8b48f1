// Programs on small arrays: what is looked up and laid out once runs many times without asking anything again.
#include "Kernels.h"
#include <string.h>

void maas_replay_prepare(maas_replay_step *steps, size_t count) {
  const maas_kernels *table = maas_table();
  for (maas_replay_step *s = steps; s < steps + count; s++) {
    switch (s->kind) {
    case MAAS_REPLAY_UNARY: s->loop = (void (*)(void))table->unary[s->type][s->op]; break;
    case MAAS_REPLAY_BINARY: s->loop = (void (*)(void))table->binary[s->type][s->op]; break;
    case MAAS_REPLAY_CONVERT: s->loop = (void (*)(void))table->convert[s->type][s->op]; break;
    default: s->loop = NULL;
    }
  }
}

static void fill(const maas_replay_step *s) {
  char *z = s->z;
  for (size_t i = 0; i < s->n; i++) memcpy(z + i * s->size, s->x, s->size);
}

static void place(const maas_replay_step *s) {
  memset(s->z, 0, s->n);
  memcpy((char *)s->z + s->offset, s->x, s->size);
}

/// Arithmetic on a few f64, rounded once an operation like the loops'.
static inline int few(const maas_replay_step *s) {
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

static void binary(const maas_replay_step *s) {
  int mode = s->n > 1 && s->y_stride == 0 ? MAAS_RIGHT_SCALAR : s->n > 1 && s->x_stride == 0 ? MAAS_LEFT_SCALAR : MAAS_BOTH;
  maas_float_mode before = maas_enter(s->type, maas_flushes(s->op));
  ((maas_binary_loop)s->loop)(s->x, s->y, s->z, 1, s->n, 0, 0, mode);
  maas_leave(before);
}

void maas_replay(const maas_replay_step *steps, size_t count) {
  for (const maas_replay_step *s = steps; s < steps + count; s++) {
    switch (s->kind) {
    case MAAS_REPLAY_BINARY:
      if (s->type == MAAS_F64 && s->n <= 8 && few(s)) break;
      binary(s);
      break;
    case MAAS_REPLAY_UNARY: case MAAS_REPLAY_CONVERT: ((maas_unary_loop)s->loop)(s->x, s->z, s->n); break;
    case MAAS_REPLAY_FILL: fill(s); break;
    case MAAS_REPLAY_PLACE: place(s); break;
    case MAAS_REPLAY_SUM: maas_reduce(MAAS_SUM, s->type, s->x, s->z, 1, s->n, 1); break;
    }
  }
}
