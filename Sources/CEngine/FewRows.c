// Products of a few rows without their zeros: who computes which columns.
#include "Kernels.h"

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

int maas_is_finite(const float *x, size_t n) { return !maas_table()->has_odd(x, n); }

int maas_product_without_zeros(size_t m, size_t n, size_t k, const float *x, const float *w, uint32_t *list, float *y) {
  const size_t listed = maas_table()->list_filled(m, k, x, list);
  if (listed > k / 4 * 3) return 0;
  job j = {
    .rows = {.m = m, .n = n, .k = k, .listed = listed, .list = list, .x = x, .w = w, .y = y},
    .table = maas_table(), .parts = maas_parts(n * (listed + 1), MAAS_LINE_GRAIN),
  };
  maas_float_mode mode = maas_enter(MAAS_F32, 1);
  if (j.parts == 1) run_part(&j, 0);
  else maas_parallel(j.parts, run_part, &j);
  maas_leave(mode);
  return 1;
}
