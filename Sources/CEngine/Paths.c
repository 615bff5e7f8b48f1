// Which processor path is in use: chosen once, or by MAAS_CPU, or by a test.
#include "Kernels.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static _Atomic(const maas_kernels *) chosen;

static const maas_kernels *table_of(int path) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (path == 1) return __builtin_cpu_supports("x86-64-v3") ? &maas_kernels_avx2 : NULL;
  if (path == 2) return __builtin_cpu_supports("x86-64-v4") ? &maas_kernels_avx512 : NULL;
#endif
  return path == 0 ? &maas_kernels_base : NULL;
}

static const maas_kernels *choose(void) {
  static const char *const names[] = {"base", "avx2", "avx512"};
  const char *asked = getenv("MAAS_CPU");
  const maas_kernels *table = NULL;
  for (int path = 0; asked && path < 3; path++)
    if (strcmp(asked, names[path]) == 0) table = table_of(path);
  for (int path = 2; !table; path--) table = table_of(path);
  atomic_store(&chosen, table);
  return table;
}

const maas_kernels *maas_table(void) {
  const maas_kernels *table = atomic_load_explicit(&chosen, memory_order_acquire);
  return __builtin_expect(table != NULL, 1) ? table : choose();
}

int maas_cpu_path(void) {
  const maas_kernels *table = maas_table();
  for (int path = 2; path > 0; path--)
    if (table_of(path) == table) return path;
  return 0;
}

int maas_select_cpu_path(int path) {
  const maas_kernels *table = table_of(path);
  if (table) atomic_store(&chosen, table);
  return table ? 0 : -1;
}
