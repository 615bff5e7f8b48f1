// The table of loops that are compiled once for each kind of processor.
#ifndef MAAS_KERNELS_H
#define MAAS_KERNELS_H
#include "include/CEngine.h"
#include "include/Convolution.h"

typedef void (*maas_unary_loop)(const void *x, void *y, size_t n);
/// rows × n elements; `mode` says what the innermost strides are.
enum maas_mode { MAAS_BOTH, MAAS_RIGHT_SCALAR, MAAS_LEFT_SCALAR };
typedef void (*maas_binary_loop)(const void *a, const void *b, void *c, size_t rows, size_t n, ptrdiff_t as,
                                 ptrdiff_t bs, int mode);
/// One output from n contiguous elements.
typedef void (*maas_row_reduction)(const void *x, void *y, size_t n);
/// `width` outputs, each from `count` elements `inner` apart.
typedef void (*maas_column_reduction)(const void *x, void *y, size_t count, size_t inner, size_t width);
typedef void (*maas_softmax_loop)(int logarithm, const void *x, void *y, size_t rows, size_t n);

/// What is written after a column matrix.
#define MAAS_COLUMN_SLACK 64

/// How a tile's sums lie in C: as its rows, as its columns, or as rows that are far apart, and asked for beforehand.
enum maas_layout { MAAS_ROWS, MAAS_COLUMNS, MAAS_FAR_ROWS };

/// One rectangle of a product: rows and columns of C, all of k. Strides: element (i, p) of op(A) is a[i*ars + p*aks].
typedef struct {
  size_t m, n, k;
  const void *a;
  ptrdiff_t ars, aks;
  const void *b;
  ptrdiff_t bks, bcs;
  void *c;
  ptrdiff_t ldc;
  /// The tile's rows run along C's columns.
  int flipped;
  /// In a packed product: A is read where it lies.
  int reads_a;
  void *scratch;
} maas_block;

/// y = x · w for m rows, at most MAAS_FEW_ROWS, from the `listed` places of k alone, in ascending order.
typedef struct {
  size_t m, n, k, listed;
  const uint32_t *list;
  const float *x, *w;
  float *y;
} maas_few_rows;

/// A sparse matrix of n columns as `maas_sparse_pack` lays it out: block b of chain c of strip s, with i = s * chains + c and
/// starts[i] <= b < starts[i + 1], is in row rows[b] and has its 16 numbers from values[16 * b] on.
typedef struct {
  size_t n, chains;
  const uint32_t *starts, *rows;
  const float *values;
} maas_sparse;

typedef struct {
  maas_unary_loop unary[MAAS_TYPES][MAAS_UNARY_OPS];
  maas_binary_loop binary[MAAS_TYPES][MAAS_BINARY_OPS];
  maas_unary_loop convert[MAAS_TYPES][MAAS_TYPES];
  maas_row_reduction rows[MAAS_TYPES][MAAS_REDUCE_OPS];
  maas_column_reduction columns[MAAS_TYPES][MAAS_REDUCE_OPS];
  maas_softmax_loop softmax[2];
  /// y[r] = ln Σ exp(x[r, ·]).
  void (*logsumexp[2])(const void *x, void *y, size_t rows, size_t n);
  /// B read in place (bcs is 1).
  void (*product_direct[2])(const maas_block *);
  /// Both factors packed, blocked for the caches.
  void (*product_packed[2])(const maas_block *);
  /// Products with one row or one column: y[i] = Σ a[i*ars + p] x[p].
  void (*product_dots[2])(const void *a, ptrdiff_t ars, const void *x, void *y, size_t m, size_t k);
  /// Whether a quarter of the elements seems to be zero in all rows.
  int (*has_many_zeros)(size_t m, size_t k, const float *x);
  /// Which elements are not zero in all rows: how many. `list` has room for k + 16.
  size_t (*list_filled)(size_t m, size_t k, const float *x, uint32_t *list);
  /// The columns from one where a vector begins to another.
  void (*few_rows_product)(const maas_few_rows *, size_t from, size_t to);
  /// to[j*lt + i] = from[i*lf + j], i < m, j < n.
  void (*transpose[2])(const void *from, ptrdiff_t lf, void *to, ptrdiff_t lt, size_t m, size_t n);
  /// A picture's windows as columns [channels · kernel, result], and room for MAAS_COLUMN_SLACK bytes after them; and columns
  /// added to a picture.
  void (*window_columns[2])(const maas_convolution *s, const void *picture, void *matrix);
  void (*add_columns[2])(const maas_convolution *s, const void *matrix, void *picture);
  /// Pooling of a plane by squares of four: see maas_max_pool and maas_max_pool_input.
  void (*max_squares[2])(const maas_pooling *s, const void *x, const void *from, void *y);
  void (*max_squares_input[2])(const maas_pooling *s, const void *x, const void *y, void *to);
  /// One of two operands of `size` bytes an element, chosen by booleans; strides are 0 or 1.
  void (*select)(size_t size, const uint8_t *condition, size_t cs, const void *a, size_t as, const void *b, size_t bs,
                 void *y, size_t n);
  /// The first `width` of n elements of each row.
  void (*gather_bytes)(const uint8_t *x, const int64_t *indices, double scale, float *y, size_t count, size_t n,
                       size_t width);
  /// Codes of a row, `padded` of them; *scale of 0 is set, and *zero, from the row. 0 where a number is not finite.
  int (*round_codes)(const float *x, size_t k, size_t padded, float *scale, int32_t *zero, uint8_t *q);
  /// Sums of at most 4 rows of codes with a panel of 16 columns.
  void (*codes_panel)(const uint8_t *q, size_t padded, size_t rows, const int8_t *panel, int32_t sums[4][16]);
  /// `count` numbers of each row, from column `first` on, from its sums, which are `stride` apart from row to row; the
  /// results are `ldy` apart.
  void (*finish_codes)(const int32_t *sums, size_t stride, const int32_t *column_sums, const maas_rounding *rows,
                       size_t height, const maas_codes_ending *ending, size_t first, size_t count, float *y, size_t ldy);
  /// Whether a number is not finite.
  int (*has_odd)(const float *x, size_t k);
  /// y = x · w for m rows, and the strips from `strip` to `end`.
  void (*sparse_product)(size_t m, const float *x, size_t ldx, const maas_sparse *w, size_t strip, size_t end, float *y,
                         size_t ldy);
  /// y = x · W for rows of x and the columns from a strip on, of which each has `stride` bytes.
  void (*coded_product)(size_t rows, const maas_coded_matrix *w, const char *strip, size_t stride, const float *x,
                        size_t ldx, float *y, size_t ldy, size_t columns);
  /// Elements in a vector of f32 and of f64 (the width of packed panels is twice that).
  int lanes[2];
} maas_kernels;

extern const maas_kernels maas_kernels_base;
#if defined(__x86_64__)
extern const maas_kernels maas_kernels_avx2;
extern const maas_kernels maas_kernels_avx512;
#endif

#if defined(__x86_64__)
/// What a tile of products of codes reads: `groups` groups of four codes of each row, with as many groups of the panels.
typedef struct {
  const uint8_t *codes;  // of the first row; rows and columns of panels are `padded` codes long
  const int8_t *panel;
  size_t padded, groups;
  /// Which groups, where the tile is a listed one.
  const uint32_t *list;
  /// Whether the sums go on from what they are.
  int continues;
} maas_codes_tile;
/// Sums of rows with panels, for processors with AVX-512 VNNI: at most 4 panels of 4 rows, or 3 of 8. The sums of a row's
/// panels stand together.
void maas_codes_tile_vnni(const maas_codes_tile *t, size_t rows, size_t panels, int32_t sums[][16]);
/// The same for the groups of a list; at most 4 rows.
void maas_codes_listed_tile_vnni(const maas_codes_tile *t, size_t rows, size_t panels, int32_t sums[][16]);
/// The groups of four codes in which any of the rows has a code other than 0: how many; `list` has room for padded / 4 + 16.
size_t maas_codes_groups_vnni(const uint8_t *codes, size_t padded, size_t rows, uint32_t *list);
#endif

/// The table of the path in use.
const maas_kernels *maas_table(void);
/// What arithmetic and products in f32 do with numbers below 2^-126: they are zero, as on GPUs and in XLA. A moment that
/// decays for want of gradients would otherwise be a hundred times as slow on its way there. Functions, comparisons and
/// f64 keep them.
typedef struct { uint64_t word; } maas_float_mode;
/// Sets the mode of work on a type, and answers the one before.
maas_float_mode maas_enter(int type, int flushes);
void maas_leave(maas_float_mode before);
/// A worker takes over its caller's mode.
maas_float_mode maas_current_mode(void);
/// Whether a binary operation is arithmetic, and flushes.
static inline int maas_flushes(int op) { return op <= MAAS_POWER; }

/// Elements of a cheap operation that repay handing a part to another thread: about 3 µs of work.
#define MAAS_CHEAP_GRAIN 32768
/// Elements of a cheap operation between two looks at the flag that says to stop: some ten microseconds.
#define MAAS_STRIP ((size_t)65536)
size_t maas_unary_cost(int op, int type);
size_t maas_binary_cost(int op);
/// Where a part of n elements begins, on a multiple of `step`; it ends where the next begins.
static inline size_t maas_bound(size_t n, size_t parts, size_t part, size_t step) {
  const size_t each = ((n + parts - 1) / parts + step - 1) / step * step;
  return part * each < n ? part * each : n;
}
/// How many parts pay for `work` units when a part should have at least `grain`.
size_t maas_parts(size_t work, size_t grain);
/// The same with up to four parts a thread: where one is held up, another takes what it has not begun.
size_t maas_pieces(size_t work, size_t grain);
/// Multiply-adds that repay handing a part to another thread where each number of a matrix is used once: its memory is what
/// takes the time.
#define MAAS_LINE_GRAIN 40000
/// Whether two threads divide a batch of so many rows by columns. Weights are rows, one for each column of it: the thread
/// that gathers a half of the columns multiplies them with its half of the weights, computes that half's gradient and takes
/// the optimizer's step on it, and nothing of all that leaves its caches. More rows are worth dividing by themselves.
static inline int maas_is_by_columns(size_t rows) { return maas_thread_count() == 2 && rows >= 16 && rows <= 64; }
/// Rows of the highest tile of a product on any path.
#define MAAS_TILE_ROWS 14
/// The longest chain of multiply-adds of a product: as much of k as lies packed at a time.
#define MAAS_CHAIN 512
/// How much of k each chain is over. Two of them are about equally long, so that two threads may share them.
static inline size_t maas_chain(size_t k) {
  const size_t chains = (k + MAAS_CHAIN - 1) / MAAS_CHAIN;
  return chains <= 1 ? MAAS_CHAIN : ((k + chains - 1) / chains + 15) / 16 * 16;
}
static inline size_t maas_chains(size_t k) { return k == 0 ? 1 : (k + maas_chain(k) - 1) / maas_chain(k); }
/// How much of A and B lies packed: A's part fits the second cache beside a panel of B. The slack is a vector's excess.
#define MAAS_PACK_M 196
#define MAAS_PACK_N 1024
#define MAAS_PACK_SLACK 16
#endif
