// Convolution by columns: each picture's windows become a matrix, and a matrix product does the work.
// Pictures are shared out among threads; what is summed over pictures is summed in blocks that only the extents choose.
#include "include/Convolution.h"
#include "Kernels.h"
#include <stdatomic.h>
#include <string.h>

#define PART_GRAIN 200000     // multiply-adds that repay handing pictures to another thread
#define COLUMNS_APART (512u << 10)  // bytes of columns that are worth having twice a thread
#define MOST_BLOCKS 16        // of pictures, whose weight gradients are summed apart
#define MOST_SUMS (4u << 20)  // elements of all those sums together

typedef struct {
  const maas_convolution *s;
  int type;
  size_t size;                  // bytes of an element
  size_t picture, result;       // elements of one picture of x and of y
  size_t inner, places;         // rows and columns of the column matrix
  const char *x, *w, *y;
  char *to;
  char *scratch;
  size_t scratch_bytes, parts;
  /// Whether a picture is its own column matrix: 1×1 kernels that touch every place once.
  int plain;
  atomic_int refused;
} job;

static job job_of(int type, const maas_convolution *s) {
  job j = {.s = s, .type = type, .size = type == MAAS_F64 ? 8 : 4};
  j.picture = s->channels * s->height * s->width;
  j.places = s->result_height * s->result_width;
  j.result = s->outputs * j.places;
  j.inner = s->channels * s->kernel_height * s->kernel_width;
  j.plain = s->kernel_height == 1 && s->kernel_width == 1 && s->stride_height == 1 && s->stride_width == 1
            && s->pad_height == 0 && s->pad_width == 0;
  return j;
}

/// Bytes of scratch for the columns of one picture.
static size_t column_bytes(const job *j) {
  return j->plain ? 0 : (j->inner * j->places * j->size + MAAS_COLUMN_SLACK + 63) / 64 * 64;
}

static size_t parts_of(const job *j) {
  double work = (double)j->result * (double)(j->inner + 1) * (double)j->s->images;
  size_t units = work > 1e15 ? (size_t)1e15 : (size_t)work, parts = maas_parts(units, PART_GRAIN);
  // Two for each thread, so that one that is held up hands the second on: where their columns take little memory.
  if (parts > 1 && column_bytes(j) <= COLUMNS_APART && maas_pieces(units, PART_GRAIN) >= 2 * parts) parts *= 2;
  return parts < j->s->images ? parts : j->s->images;
}

/// Runs `body` for parts, each with columns of its own.
static int run(job *j, size_t parts, void (*body)(void *, size_t)) {
  j->parts = parts;
  j->scratch_bytes = column_bytes(j);
  size_t bytes = parts * j->scratch_bytes;
  if (bytes) {
    j->scratch = maas_block_allocate(bytes);
    if (!j->scratch) return -1;
  }
  if (parts == 1) body(j, 0);
  else maas_parallel(parts, body, j);
  if (bytes) maas_block_free(j->scratch, bytes);
  return atomic_load(&j->refused) ? -1 : 0;
}

static const char *columns_of(const job *j, const char *picture, char *scratch) {
  if (j->plain) return picture;
  maas_table()->window_columns[j->type == MAAS_F64](j->s, picture, scratch);
  return scratch;
}

static void product(job *j, size_t m, size_t n, size_t k, const void *a, int ta, const void *b, int tb, void *c) {
  if (maas_product(j->type, m, n, k, a, ta ? m : k, ta, b, tb ? k : n, tb, c)) atomic_store(&j->refused, 1);
}

static void forward_part(void *context, size_t part) {
  job *j = context;
  size_t first = j->s->images * part / j->parts, last = j->s->images * (part + 1) / j->parts;
  for (size_t n = first; n < last && !maas_cancelled(); n++) {
    const char *columns =
      columns_of(j, j->x + n * j->picture * j->size, j->scratch + part * j->scratch_bytes);
    product(j, j->s->outputs, j->places, j->inner, j->w, 0, columns, 0, j->to + n * j->result * j->size);
  }
}

int maas_convolve(int type, const maas_convolution *s, const void *x, const void *w, void *y) {
  job j = job_of(type, s);
  if (s->images == 0 || j.result == 0) return 0;
  j.x = x, j.w = w, j.to = y;
  return run(&j, parts_of(&j), forward_part);
}

static void input_part(void *context, size_t part) {
  job *j = context;
  size_t first = j->s->images * part / j->parts, last = j->s->images * (part + 1) / j->parts;
  char *scratch = j->scratch + part * j->scratch_bytes;
  for (size_t n = first; n < last && !maas_cancelled(); n++) {
    char *picture = j->to + n * j->picture * j->size;
    product(j, j->inner, j->places, j->s->outputs, j->w, 1, j->y + n * j->result * j->size, 0,
            j->plain ? picture : scratch);
    if (j->plain) continue;
    memset(picture, 0, j->picture * j->size);
    maas_table()->add_columns[j->type == MAAS_F64](j->s, scratch, picture);
  }
}

int maas_convolve_input(int type, const maas_convolution *s, const void *y, const void *w, void *x) {
  job j = job_of(type, s);
  if (s->images == 0 || j.picture == 0) return 0;
  j.y = y, j.w = w, j.to = x;
  return run(&j, parts_of(&j), input_part);
}

static void add(const job *j, void *to, const void *from, size_t n) {
  if (j->size == 4) {
    float *sums = to;
    for (size_t i = 0; i < n; i++) sums[i] += ((const float *)from)[i];
  } else {
    double *sums = to;
    for (size_t i = 0; i < n; i++) sums[i] += ((const double *)from)[i];
  }
}

/// Weight gradients: the sums of each block of pictures, and for each share of the blocks room for one picture's.
typedef struct {
  job *j;
  size_t count, blocks, shares;
  char *sums;
} weight_job;

/// The sum over one block of pictures.
static void weight_block(weight_job *w, size_t block, char *one, char *columns) {
  job *j = w->j;
  char *sum = w->sums + block * w->count * j->size;
  memset(sum, 0, w->count * j->size);
  const size_t first = j->s->images * block / w->blocks, last = j->s->images * (block + 1) / w->blocks;
  for (size_t n = first; n < last && !maas_cancelled(); n++) {
    const char *windows = columns_of(j, j->x + n * j->picture * j->size, columns);
    product(j, j->s->outputs, j->inner, j->places, j->y + n * j->result * j->size, 0, windows, 1, one);
    add(j, sum, one, w->count);
  }
}

static void weight_share(void *context, size_t share) {
  weight_job *w = context;
  char *columns = w->j->scratch + share * w->j->scratch_bytes;
  for (size_t b = w->blocks * share / w->shares; b < w->blocks * (share + 1) / w->shares; b++)
    weight_block(w, b, columns + column_bytes(w->j), columns);
}

int maas_convolve_weight(int type, const maas_convolution *s, const void *x, const void *y, void *w) {
  job j = job_of(type, s);
  const size_t count = s->outputs * j.inner;
  if (count == 0) return 0;
  memset(w, 0, count * j.size);
  if (s->images == 0) return 0;
  j.x = x, j.y = y, j.to = w;
  size_t blocks = s->images < MOST_BLOCKS ? s->images : MOST_BLOCKS;
  while (blocks > 1 && blocks * count > MOST_SUMS) blocks /= 2;
  const size_t parts = parts_of(&j), shares = parts < blocks ? parts : blocks;
  j.scratch_bytes = (column_bytes(&j) + count * j.size + 63) / 64 * 64;
  const size_t bytes = shares * j.scratch_bytes + blocks * count * j.size;
  j.scratch = maas_block_allocate(bytes);
  if (!j.scratch) return -1;
  weight_job all = {&j, count, blocks, shares, j.scratch + shares * j.scratch_bytes};
  if (shares == 1) weight_share(&all, 0);
  else maas_parallel(shares, weight_share, &all);
  for (size_t b = 0; b < blocks; b++) add(&j, w, all.sums + b * count * j.size, count);
  maas_block_free(j.scratch, bytes);
  return atomic_load(&j.refused) ? -1 : 0;
}
