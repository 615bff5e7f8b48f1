// A chain of elementwise operations made ready to run: for whoever computes what it is to follow, a part at a time.
#ifndef MAAS_FUSED_H
#define MAAS_FUSED_H
#include "FusedCode.h"

#define MAAS_FUSED_STEPS 64  // the longest chain

typedef struct {
  maas_unary_loop unary;
  maas_binary_loop binary;
  int mode, flushes;
  const maas_fused_step *step;
} maas_fused_loop;

typedef struct {
  maas_fused_loop loops[MAAS_FUSED_STEPS];
  const maas_fused_pass *pass;
  const maas_kernels *table;
  size_t parts, size;
  /// What an element costs, in cheap operations.
  size_t cost;
  /// Rows whose products are computed together, and bytes of one product of them.
  size_t high, product_bytes;
  int type, is_flat, has_code;
  maas_fused_call code;
} maas_fused_job;

/// Looks everything up that the pass needs. Returns 0 where nothing is to be done, or more than MAAS_FUSED_STEPS steps.
int maas_fused_begin(maas_fused_job *j, int type, const maas_fused_pass *pass);
/// Runs a pass without products on some columns of some rows.
void maas_fused_rectangle(const maas_fused_job *j, size_t row, size_t rows, size_t column, size_t columns);
#endif
