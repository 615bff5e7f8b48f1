// Machine code for chains of elementwise operations, on processors with AVX-512.
#ifndef MAAS_FUSED_CODE_H
#define MAAS_FUSED_CODE_H
#include "Kernels.h"

#define MAAS_CODE_PLACES 48   // arrays that a chain reads or writes
#define MAAS_CODE_NUMBERS 24  // numbers in it, constants of the code included

/// Computes bytes `start` up to `end`, a multiple of 64 of them, of every array.
typedef void (*maas_fused_code)(void *const *places, size_t start, size_t end, const uint64_t *numbers);

/// What a chain's code is called with.
typedef struct {
  maas_fused_code run;
  size_t place_count, number_count;
  void *places[MAAS_CODE_PLACES];
  uint64_t numbers[MAAS_CODE_NUMBERS];
  uint64_t rows;                             // a bit for each place that is one row, the same for every row
  uint8_t products[MAAS_CODE_PLACES];        // for a place that is a product, its number from 1 on; or 0
  const void *columns[MAAS_CODE_NUMBERS];    // for a number that is another one in each row, where they lie; or NULL
} maas_fused_call;

/// Code for a chain whose operations it knows, written once and kept. It keeps what is computed in registers, so that
/// each array is read or written once, and rounds each operation by itself: the bits are those of the loops.
/// - Returns: 0 where there is none: other operations, too many values at a time, another processor.
int maas_fused_code_for(int type, const maas_fused_step *steps, size_t count, maas_fused_call *call);

/// The same call for elements of one row, counted from its first. `products` says where those begin.
void maas_fused_at_row(const maas_fused_call *call, size_t row, size_t n, size_t size, const char *const *products,
                       maas_fused_call *at_row);
/// Goes on to a row from the one before it.
void maas_fused_to_row(const maas_fused_call *call, size_t row, size_t n, size_t size, maas_fused_call *at_row);
#endif
