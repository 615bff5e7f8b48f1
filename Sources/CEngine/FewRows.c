// Products of a few rows without their zeros: who computes which columns.
#include "Kernels.h"

#define LINE_GRAIN 40000  // multiply-adds that repay handing a part to another thread: see Product.c

typedef struct {
  maas_few_rows rows;
  const maas_kernels *table;
  size_t parts;
} job;

static void run_part(void *context, size_t part) {
  const job *j = context;
  const size_t step = 2 * (size_t)j->table->lanes[0];
  j->table->few_rows_product(&j->rows, maas_bound(j->rows.n, j->parts, part, step),
                             maas_bound(j->rows.n, j->parts, part + 1, step));
}

int maas_has_many_zeros(size_t m, size_t k, const float *x) { return maas_table()->has_many_zeros(m, k, x); }

size_t maas_list_filled(size_t m, size_t k, const float *x, uint32_t *list) {
  return maas_table()->list_filled(m, k, x, list);
}

int maas_is_finite(const float *x, size_t n) { return !maas_table()->has_odd(x, n); }

void maas_listed_product(size_t m, size_t n, size_t k, const float *x, const float *w, const uint32_t *list,
                         size_t listed, float *y) {
  job j = {
    .rows = {.m = m, .n = n, .k = k, .listed = listed, .list = list, .x = x, .w = w, .y = y},
    .table = maas_table(), .parts = maas_parts(n * (listed + 1), LINE_GRAIN),
  };
  maas_float_mode mode = maas_enter(MAAS_F32, 1);
  if (j.parts == 1) run_part(&j, 0);
  else maas_parallel(j.parts, run_part, &j);
  maas_leave(mode);
}
