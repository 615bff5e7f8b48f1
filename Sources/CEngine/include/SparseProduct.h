// Products with a matrix of f32 of which many blocks are zero: a block is 16 numbers of one row, side by side.
#ifndef MAAS_SPARSE_PRODUCT_H
#define MAAS_SPARSE_PRODUCT_H
#include <stddef.h>
#include <stdint.h>

/// Columns of a block; the last blocks of the rows may have fewer.
#define MAAS_BLOCK_WIDTH 16

/// How many blocks of a k×n matrix hold something else than zeros.
size_t maas_sparse_count(const float *w, size_t k, size_t n);
/// Bytes of a packed matrix with so many blocks.
size_t maas_sparse_size(size_t k, size_t n, size_t blocks);
/// Packs the `blocks` blocks of a k×n matrix that are not zero: for each strip of 16 columns, and each chain of a product's
/// sums, where its blocks begin, their rows, ascending, and their numbers. k and the number of blocks fit 32 bits.
void maas_sparse_pack(const float *w, size_t k, size_t n, size_t blocks, void *packed);
/// y[m×n] = x[m×k] · W, with the bits of `maas_product`, for it leaves out nothing but additions of zero; only where a
/// sum fell below 2^-126 may a zero have the other sign. Returns 0, or -1 when a number of x is not finite: infinity
/// times zero would count then, and y is not written.
int maas_sparse_product(size_t m, size_t n, size_t k, const float *x, const void *packed, float *y);
#endif
