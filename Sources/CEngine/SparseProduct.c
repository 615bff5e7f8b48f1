// Products with a matrix of which whole blocks are zero: counting, packing, and who computes which part.
#include "Kernels.h"
#include <string.h>

#define WIDTH MAAS_BLOCK_WIDTH
#define BLOCK_GRAIN 5000  // blocks times rows of x that repay handing a part to another thread
#define FEW_ROWS 16       // below it threads share strips, from it on rows

static size_t strips_of(size_t n) { return (n + WIDTH - 1) / WIDTH; }
static size_t round_up(size_t n, size_t step) { return (n + step - 1) / step * step; }
/// Bytes before the numbers: the strips' beginnings and the blocks' rows, in whole cache lines.
static size_t head_of(size_t k, size_t n, size_t blocks) {
  return round_up((strips_of(n) * maas_chains(k) + 1 + blocks) * sizeof(uint32_t), 64);
}

size_t maas_sparse_size(size_t k, size_t n, size_t blocks) {
  return head_of(k, n, blocks) + blocks * WIDTH * sizeof(float);
}

static int is_zero(const float *block, size_t width) {
  int found = 0;
  for (size_t j = 0; j < width; j++) found |= block[j] != 0;
  return !found;
}

size_t maas_sparse_count(const float *w, size_t k, size_t n) {
  size_t count = 0;
  for (size_t p = 0; p < k; p++)
    for (size_t j = 0; j < n; j += WIDTH) count += !is_zero(w + p * n + j, n - j < WIDTH ? n - j : WIDTH);
  return count;
}

void maas_sparse_pack(const float *w, size_t k, size_t n, size_t blocks, void *packed) {
  const size_t strips = strips_of(n), length = maas_chain(k), chains = maas_chains(k);
  uint32_t *starts = packed, *rows = starts + strips * chains + 1;
  float *values = (float *)((char *)packed + head_of(k, n, blocks));
  size_t b = 0;
  for (size_t s = 0; s < strips; s++) {
    const size_t j = s * WIDTH, width = n - j < WIDTH ? n - j : WIDTH;
    for (size_t p = 0; p < k; p++) {
      if (p % length == 0) starts[s * chains + p / length] = (uint32_t)b;
      const float *from = w + p * n + j;
      if (b == blocks || is_zero(from, width)) continue;
      memset(values + b * WIDTH, 0, WIDTH * sizeof(float));
      memcpy(values + b * WIDTH, from, width * sizeof(float));
      rows[b++] = (uint32_t)p;
    }
  }
  starts[strips * chains] = (uint32_t)b;
}

typedef struct {
  size_t m, k, strips, parts;
  const maas_kernels *kernels;
  const float *x;
  maas_sparse w;
  float *y;
} sparse_work;

/// The first strip of a part: parts have about as many blocks each.
static size_t strip_of(const sparse_work *s, size_t part) {
  const size_t wanted = (size_t)s->w.starts[s->strips * s->w.chains] * part / s->parts;
  size_t strip = 0;
  if (part >= s->parts) return s->strips;
  while (strip < s->strips && s->w.starts[strip * s->w.chains] < wanted) strip++;
  return strip;
}

static void run_part(void *context, size_t part) {
  const sparse_work *s = context;
  const size_t n = s->w.n;
  if (s->m < FEW_ROWS) {
    s->kernels->sparse_product(s->m, s->x, s->k, &s->w, strip_of(s, part), strip_of(s, part + 1), s->y, n);
  } else {
    const size_t from = maas_bound(s->m, s->parts, part, 8), to = maas_bound(s->m, s->parts, part + 1, 8);
    s->kernels->sparse_product(to - from, s->x + from * s->k, s->k, &s->w, 0, s->strips, s->y + from * n, n);
  }
}

int maas_sparse_product(size_t m, size_t n, size_t k, const float *x, const void *packed, float *y) {
  sparse_work s = {.m = m, .k = k, .strips = strips_of(n), .kernels = maas_table(), .x = x, .y = y};
  if (s.kernels->has_odd(x, m * k)) return -1;
  const uint32_t *starts = packed;
  const size_t chains = maas_chains(k), blocks = starts[s.strips * chains];
  s.w = (maas_sparse){.n = n, .chains = chains, .starts = starts, .rows = starts + s.strips * chains + 1,
                      .values = (const float *)((const char *)packed + head_of(k, n, blocks))};
  s.parts = maas_parts(m * (blocks + s.strips), BLOCK_GRAIN);
  maas_float_mode mode = maas_enter(MAAS_F32, 1);
  if (s.parts == 1) run_part(&s, 0);
  else maas_parallel(s.parts, run_part, &s);
  maas_leave(mode);
  return 0;
}
