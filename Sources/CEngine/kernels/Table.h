// Everything that is compiled once for each processor path. The including file has set KERNEL_TABLE (the name of
// the result), KERNEL_BYTES (of a vector), KERNEL_FMA, KERNEL_ROWS (of a product's tile).
#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

#define LANES_F32 (KERNEL_BYTES / 4)
#define LANES_F64 (KERNEL_BYTES / 8)
typedef float vf __attribute__((ext_vector_type(LANES_F32)));
typedef int32_t vi __attribute__((ext_vector_type(LANES_F32)));
typedef double vd __attribute__((ext_vector_type(LANES_F64)));
typedef int64_t vl __attribute__((ext_vector_type(LANES_F64)));
typedef uint32_t vu __attribute__((ext_vector_type(LANES_F32)));
typedef uint32_t vu_anywhere __attribute__((ext_vector_type(LANES_F32), aligned(4), may_alias));
typedef float vf_anywhere __attribute__((ext_vector_type(LANES_F32), aligned(4), may_alias));
typedef double vd_anywhere __attribute__((ext_vector_type(LANES_F64), aligned(8), may_alias));

INLINE vf load_f32(const float *p) { return *(const vf_anywhere *)p; }
INLINE void store_f32(float *p, vf v) { *(vf_anywhere *)p = v; }
INLINE vd load_f64(const double *p) { return *(const vd_anywhere *)p; }
INLINE void store_f64(double *p, vd v) { *(vd_anywhere *)p = v; }

// Fused where the processor fuses, two roundings elsewhere: said explicitly, so that one path has one result.
#if KERNEL_FMA
#define FMA(a, b, c) __builtin_elementwise_fma((a), (b), (c))
#else
#define FMA(a, b, c) ((a) * (b) + (c))
#endif

#include "Vectors.h"
#include "Math.h"
#include "Unary.h"
#include "Binary.h"
#include "Convert.h"
#include "Select.h"
#include "Reduce.h"
#include "Softmax.h"
#include "Codes.h"
#include "SparseProduct.h"
#include "CodedWeights.h"
// T is the type of an element, V a vector of L of them, N what a name becomes.
#define T float
#define V vf
#define L LANES_F32
#define N(name) name##_f32
#include "Product.h"
#include "Windows.h"
#undef T
#undef V
#undef L
#undef N
#define T double
#define V vd
#define L LANES_F64
#define N(name) name##_f64
#include "Product.h"
#include "Windows.h"
#undef T
#undef V
#undef L
#undef N
#include "FewRows.h"
#include "Bytes.h"

const maas_kernels KERNEL_TABLE = {
  .unary = UNARY_ROWS,
  .binary = BINARY_ROWS,
  .convert = CONVERT_ROWS,
  .rows = ROW_REDUCTION_ROWS,
  .columns = COLUMN_REDUCTION_ROWS,
  .softmax = {softmax_f32, softmax_f64},
  .logsumexp = {logsumexp_f32, logsumexp_f64},
  .product_direct = {product_direct_f32, product_direct_f64},
  .product_packed = {product_packed_f32, product_packed_f64},
  .product_dots = {product_dots_f32, product_dots_f64},
  .has_many_zeros = has_many_zeros,
  .list_filled = list_filled,
  .few_rows_product = few_rows_product,
  .transpose = {transpose_f32, transpose_f64},
  .window_columns = {window_columns_f32, window_columns_f64},
  .add_columns = {add_columns_f32, add_columns_f64},
  .max_squares = {max_squares_f32, max_squares_f64},
  .max_squares_input = {max_squares_input_f32, max_squares_input_f64},
  .select = select_piece,
  .gather_bytes = gather_bytes,
  .round_codes = round_codes,
  .codes_panel = codes_panel,
  .finish_codes = finish_codes,
  .has_odd = has_odd,
  .sparse_product = sparse_product,
  .coded_product = coded_product,
  .lanes = {LANES_F32, LANES_F64},
};
