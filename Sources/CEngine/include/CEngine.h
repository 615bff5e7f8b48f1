// Vector loops, products, worker threads and memory blocks: what the Engine cannot say in Swift.
// Every pointer is to densely stored elements unless strides are given; strides count elements.
#ifndef MAAS_CENGINE_H
#define MAAS_CENGINE_H
#include <stddef.h>
#include <stdint.h>
#include "CodedWeights.h"
#include "Codes.h"
#include "Convolution.h"
#include "LinearAlgebra.h"
#include "SparseProduct.h"

// The order of these enumerations is the order of the Swift enums of the same names.
enum maas_type { MAAS_BOOL, MAAS_U8, MAAS_I8, MAAS_I32, MAAS_I64, MAAS_F32, MAAS_F64, MAAS_TYPES };

enum maas_unary_op {
  MAAS_NEGATE, MAAS_ABSOLUTE, MAAS_SIGN, MAAS_EXP, MAAS_EXPM1, MAAS_LOG, MAAS_LOG1P, MAAS_SQRT,
  MAAS_RECIPROCAL, MAAS_SQUARE, MAAS_SIN, MAAS_COS, MAAS_TAN, MAAS_ASIN, MAAS_ACOS, MAAS_ATAN,
  MAAS_SINH, MAAS_COSH, MAAS_TANH, MAAS_SIGMOID, MAAS_RELU, MAAS_SOFTPLUS, MAAS_ERF, MAAS_FLOOR,
  MAAS_CEIL, MAAS_ROUND, MAAS_NOT, MAAS_ISNAN, MAAS_ISFINITE, MAAS_UNARY_OPS
};

enum maas_binary_op {
  MAAS_ADD, MAAS_SUBTRACT, MAAS_MULTIPLY, MAAS_DIVIDE, MAAS_POWER, MAAS_MAXIMUM, MAAS_MINIMUM,
  MAAS_FLOOR_DIVIDE, MAAS_REMAINDER, MAAS_GATE, MAAS_EQUAL, MAAS_NOT_EQUAL, MAAS_LESS, MAAS_LESS_OR_EQUAL,
  MAAS_GREATER, MAAS_GREATER_OR_EQUAL, MAAS_AND, MAAS_OR, MAAS_BINARY_OPS
};

enum maas_reduce_op { MAAS_SUM, MAAS_PRODUCT, MAAS_MAX, MAAS_MIN, MAAS_ANY, MAAS_ALL, MAAS_REDUCE_OPS };

// ---- Processor paths: 0 portable, 1 AVX2 with FMA, 2 AVX-512.
int maas_cpu_path(void);
/// Selects a path; returns 0, or -1 when this processor lacks it.
int maas_select_cpu_path(int path);

// ---- Memory blocks: 64-byte aligned, with 64 readable bytes after the asked size; freed ones are kept for reuse.
/// NULL when the limit or the system refuses.
void *maas_block_allocate(size_t bytes);
void maas_block_free(void *block, size_t bytes);
/// Bytes that the calling thread took and has not freed.
size_t maas_thread_live_bytes(void);
/// Gives memory that waits for reuse back to the system.
void maas_give_back(void);
size_t maas_memory_limit(void);
void maas_set_memory_limit(size_t bytes);
/// The most that `maas_thread_live_bytes` may become.
void maas_set_thread_memory_limit(size_t bytes);

// ---- Worker threads.
int maas_thread_count(void);
void maas_set_thread_count(int count);
/// Runs body(context, part) for each part below `parts` (at most 64); part 0 on the caller. Nested calls run inline.
/// From now on long loops that this thread starts look at `flag` and end early when it is not zero; NULL for none.
/// The flag outlives the thread's use of the engine. Returns the flag that was looked at before.
const int *maas_watch(const int *flag);
/// Whether the flag is set: what a long loop has written is then not to be used.
int maas_cancelled(void);
void maas_parallel(size_t parts, void (*body)(void *context, size_t part), void *context);

// Every loop below looks at the flag now and then. A caller that finds it set has no result.

// ---- Elementwise.
/// Floats: every op; isnan, isfinite and not write bytes. Integers: negate, absolute, sign, square, relu, not.
void maas_unary(int op, int type, const void *x, void *y, size_t n);
/// Broadcasting by strides; the innermost strides are 0 or 1. Comparisons and logic write bytes.
void maas_binary(int op, int type, const void *a, const void *b, void *c, int rank, const size_t *dims,
                 const ptrdiff_t *as, const ptrdiff_t *bs);
/// The same of two lone elements, given and answered as their bits.
uint64_t maas_binary_one(int op, int type, uint64_t a, uint64_t b);
uint64_t maas_unary_one(int op, int type, uint64_t x);
uint64_t maas_convert_one(int from, int to, uint64_t x);
/// The same over rows × n elements with given strides from row to row, and 0 or 1 along them.
void maas_binary_rows(int op, int type, const void *a, const void *b, void *c, size_t rows, size_t n, ptrdiff_t a_row,
                      ptrdiff_t a_step, ptrdiff_t b_row, ptrdiff_t b_step);
/// Where a fused step finds an operand or leaves its result.
enum maas_fused_kind {
  MAAS_FUSED_MEMORY,  // elements in memory
  MAAS_FUSED_NUMBER,  // one number
  MAAS_FUSED_BLOCK,   // a block of the cache that belongs to the pass
  MAAS_FUSED_ROW,     // one row in memory, the same for every row
  MAAS_FUSED_COLUMN,  // one number in memory for each row
  MAAS_FUSED_PRODUCT, // elements of a product of the pass, `block` says which: they are nowhere but in the cache
};
typedef struct {
  enum maas_fused_kind kind;
  int32_t block;
  uint64_t number;  // the element's bits
  const void *address;
} maas_fused_place;
/// An operation of one or two operands on floats that gives floats.
typedef struct {
  int32_t op, operands;
  maas_fused_place x, y, result;
} maas_fused_step;
/// A matrix product whose elements the steps of a pass read: op(A)·op(B) with the pass's rows and n, and k. B's rows lie as
/// they are (it is not turned).
typedef struct {
  size_t k, lda, ldb;
  int transpose_a;
  const void *a, *b;
} maas_fused_product;
#define MAAS_FUSED_PRODUCTS 4
/// Steps over `rows` rows of n elements that lie one after the other, with `blocks` blocks for what is not kept.
typedef struct {
  maas_fused_step *steps;
  size_t count, blocks, rows, n;
  const maas_fused_product *products;  // at most MAAS_FUSED_PRODUCTS, of which maas_fused_takes says that they fit
  size_t product_count;
} maas_fused_pass;
/// Runs all steps on one block of elements after the other. Each step's loop is the one that maas_unary and maas_binary
/// run, and a product's sums are those of maas_product, so the bits are theirs.
void maas_fused(int type, const maas_fused_pass *pass);
/// Whether a product [rows × k]·[k × n] is as fast a few rows at a time, each time followed by the pass over them.
int maas_fused_takes(int type, size_t rows, size_t n, size_t k);
#define MAAS_PROGRAM_AXES 4
/// One step of a program whose places in memory are fixed before it runs: z from x, y and w.
enum maas_program_kind {
  MAAS_PROGRAM_UNARY,      // op over n elements of `type`
  MAAS_PROGRAM_BINARY,     // op over n elements; a stride of 0 repeats the one element of that side
  MAAS_PROGRAM_BROADCAST,  // op over the extents of `detail`, a maas_program_extents
  MAAS_PROGRAM_CONVERT,    // n elements of `type` to type `op`
  MAAS_PROGRAM_FILL,       // n elements of `size` bytes, all of them x's one
  MAAS_PROGRAM_COPY,       // n bytes
  MAAS_PROGRAM_PLACE,      // n bytes of zeros with x's `size` bytes from byte `offset` on
  MAAS_PROGRAM_SELECT,     // n elements of `size` bytes, x's where w's bytes are not 0, else y's; w's stride is `offset`
  MAAS_PROGRAM_REDUCE,     // op over [size, n, offset]
  MAAS_PROGRAM_SOFTMAX,    // `size` rows of n; op: its logarithm
  MAAS_PROGRAM_LOGSUMEXP,  // `size` rows of n
  MAAS_PROGRAM_INDICES,    // z: n positions on an axis of `size`, counted from its start; it fails where one is outside
  MAAS_PROGRAM_PICK,       // of n rows of `offset` elements of `size` bytes the one at y
  MAAS_PROGRAM_PUT,        // n rows of `offset` elements of `size` bytes: zeros with x at y
  MAAS_PROGRAM_PRODUCT,    // `detail`: a maas_program_product; op: whether y is known to be finite
  MAAS_PROGRAM_CODES,      // `detail`: a maas_program_codes
  MAAS_PROGRAM_CHAIN,      // `detail`: a maas_fused_pass, whose numbers' addresses say where they lie
};
typedef struct {
  enum maas_program_kind kind;
  int32_t op, type;
  int32_t x_stride, y_stride;
  size_t n, size, offset;
  const void *x, *y, *w;
  void *z;
  const void *detail;
  void (*loop)(void);  // maas_program_prepare's
} maas_program_step;
typedef struct {
  int32_t rank;
  size_t dims[MAAS_PROGRAM_AXES];
  ptrdiff_t xs[MAAS_PROGRAM_AXES], ys[MAAS_PROGRAM_AXES];
} maas_program_extents;
typedef struct {
  size_t m, n, k, lda, ldb;
  int32_t transpose_a, transpose_b;
  uint32_t *list;  // room for k + 16 places of what is not zero in a few rows, or NULL where zeros are not looked for
  const maas_fused_pass *then;  // see maas_product_then; its numbers' addresses say where they lie
} maas_program_product;
typedef struct {
  size_t m, n, k;
  maas_rounding rounding;
  const void *packed;
  maas_codes_ending ending;
} maas_program_codes;
/// An address in a step, or in a chain's step, that is another at each run: so many bytes from a base.
typedef struct {
  const void **address;
  size_t base, offset;
} maas_program_slot;
/// Looks up the steps' loops, once. They are those that maas_unary, maas_binary and maas_convert run: the bits are theirs.
void maas_program_prepare(maas_program_step *steps, size_t count);
/// Fills in the addresses.
void maas_program_fill_in(const maas_program_slot *slots, size_t count, const void *const *bases);
/// Runs prepared steps, one after the other. Returns 0, or -1 where one of them could not: a position outside of its axis,
/// or no memory.
int maas_program_run(const maas_program_step *steps, size_t count);
void maas_convert(int from, int to, const void *x, void *y, size_t n);
/// y[i] = condition[i] ? a[i] : b[i] for elements of `size` bytes; a stride of 0 repeats the first element.
void maas_select(size_t size, const uint8_t *condition, size_t cs, const void *a, size_t as, const void *b, size_t bs,
                 void *y, size_t n);
void maas_clear(void *y, size_t bytes);
/// Strided copy between two layouts of the same extents.
void maas_copy(size_t size, int rank, const size_t *dims, void *to, const ptrdiff_t *ts, const void *from,
               const ptrdiff_t *fs);
/// 1 when an element is zero, -1 when one is negative and none zero (integers only), else 0.
int maas_scan_integers(int type, const void *x, size_t n);

// ---- Reductions of [outer, count, inner] to [outer, inner]. Sums and products of integers are written as i64.
void maas_reduce(int op, int type, const void *x, void *y, size_t outer, size_t count, size_t inner);
void maas_arg_reduce(int max, int type, const void *x, int64_t *y, size_t outer, size_t count, size_t inner);
/// Stable softmax (or its logarithm) of each row of f32 or f64.
void maas_softmax(int logarithm, int type, const void *x, void *y, size_t rows, size_t n);
/// The logarithm of the sum of exponentials of each row of f32 or f64, never overflowing: one number a row.
void maas_logsumexp(int type, const void *x, void *y, size_t rows, size_t n);
/// Running sums along rows, f32 f64 i64.
void maas_cumulate(int type, const void *x, void *y, size_t rows, size_t n);

// ---- Products: C[m×n] = op(A)·op(B), rows of lda, ldb and n elements. f32, f64, i64.
/// Returns 0, or -1 when scratch memory is refused.
int maas_product(int type, size_t m, size_t n, size_t k, const void *a, size_t lda, int transpose_a, const void *b,
                 size_t ldb, int transpose_b, void *c);
/// The same followed by a pass over the elements of C, f32 or f64, of its m rows of n, or NULL. Where it can, it goes over
/// each part of C as soon as that is computed, while it is in the nearest cache.
int maas_product_then(int type, size_t m, size_t n, size_t k, const void *a, size_t lda, int transpose_a, const void *b,
                      size_t ldb, int transpose_b, void *c, const maas_fused_pass *then);
/// The most rows whose zeros are worth looking for.
#define MAAS_FEW_ROWS 4
/// Whether a quarter of the elements seems to be zero in all of a few rows of f32, from a fourth of them: some ten ns.
int maas_has_many_zeros(size_t m, size_t k, const float *x);
/// y[m×n] = x[m×k] · W from the elements of x alone that are not zero in all of at most MAAS_FEW_ROWS rows of f32: with the
/// bits of `maas_product` where all of W is finite. n is at least 2, `list` has room for k + 16, and k fits 32 bits. Returns
/// 0, and writes nothing, where more than three quarters are not zero.
int maas_product_without_zeros(size_t m, size_t n, size_t k, const float *x, const float *w, uint32_t *list, float *y);
/// Whether n numbers are all finite.
int maas_is_finite(const float *x, size_t n);

// ---- Progressions.
/// y[i] = start + i · step, wrapping.
void maas_count(int64_t start, int64_t step, int64_t *y, size_t n);
/// y[i] = start + (i / over) · step.
void maas_space(double start, double step, double over, double *y, size_t n);

// ---- Sorting.
/// The places of each row's elements in ascending order; equal ones keep theirs, NaN is last. Returns 0, or -1 when
/// scratch memory is refused.
int maas_order(int type, const void *x, int64_t *places, size_t rows, size_t n);
/// y[r, j] = x[r, places[r, j]] for elements of `size` bytes.
void maas_arrange(size_t size, const void *x, const int64_t *places, void *y, size_t rows, size_t n);

// ---- Gathering. Indices were checked by the caller.
/// y[o, j] = x[o, indices[j]] for rows of `bytes` bytes.
void maas_gather(const void *x, const int64_t *indices, void *y, size_t outer, size_t axis, size_t count,
                 size_t bytes);
/// y[j] = x[j, indices[j]] for rows of n elements of `size` bytes.
void maas_pick(size_t size, const void *x, const int64_t *indices, void *y, size_t rows, size_t n);
/// y = 0 but y[j, indices[j]] = x[j], for rows of n elements of `size` bytes.
void maas_put(size_t size, const void *x, const int64_t *indices, void *y, size_t rows, size_t n);
/// y[o, indices[j]] += x[o, j] for rows of n elements; f32 f64 i64 i32 i8 u8.
void maas_scatter_add(int type, const void *x, const int64_t *indices, void *y, size_t outer, size_t axis,
                      size_t count, size_t n);
/// y[j] = x[indices[j]] · scale, in double and rounded to f32, for rows of n bytes.
void maas_gather_bytes(const uint8_t *x, const int64_t *indices, double scale, float *y, size_t count, size_t n);
/// Whether all indices lie in 0..<count.
int maas_are_indices(const int64_t *indices, size_t n, int64_t count);
/// Negative indices are counted from the end in place; returns the place of the first bad one, or -1.
ptrdiff_t maas_check_indices(int64_t *indices, size_t n, int64_t count);

// ---- Counter-based random numbers, Philox 4x32-10 (Salmon et al., 2011).
void maas_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);
void maas_uniform(int type, uint64_t key, void *y, size_t n);
void maas_normal(int type, uint64_t key, void *y, size_t n);
void maas_random_integers(uint64_t key, int64_t low, uint64_t span, int64_t *y, size_t n);
void maas_permutation(uint64_t key, int64_t *y, size_t n);

#endif
