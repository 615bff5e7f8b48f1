// Numbers at equal distances.
#include "Kernels.h"

void maas_count(int64_t start, int64_t step, int64_t *y, size_t n) {
  for (size_t i = 0; i < n; i++) {
    if (i % MAAS_STRIP == 0 && maas_cancelled()) return;
    y[i] = (int64_t)((uint64_t)start + (uint64_t)step * i);
  }
}

void maas_space(double start, double step, double over, double *y, size_t n) {
  for (size_t i = 0; i < n; i++) {
    if (i % MAAS_STRIP == 0 && maas_cancelled()) return;
    y[i] = start + (double)i / over * step;
  }
}
