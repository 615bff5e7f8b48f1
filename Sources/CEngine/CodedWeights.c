// Products of floats with codes that become floats in registers: packing, and who computes which part.
#include "Kernels.h"
#include <string.h>

#define WIDTH MAAS_BLOCK_WIDTH
#define EACH 8  // rows in a word
#define CODED_GRAIN 100000  // multiply-adds that repay handing a part to another thread

static size_t strips_of(const maas_coded_matrix *w) { return (w->n + WIDTH - 1) / WIDTH; }
static size_t words_of(size_t rows) { return (rows + EACH - 1) / EACH; }
/// Bytes of a strip.
static size_t stride_of(const maas_coded_matrix *w) {
  const size_t whole = w->k / w->group, rest = w->k % w->group, head = w->has_zeros ? 128 : 64;
  return whole * (head + 64 * words_of(w->group)) + (rest ? head + 64 * words_of(rest) : 0);
}

size_t maas_coded_size(const maas_coded_matrix *w) { return strips_of(w) * stride_of(w); }

void maas_coded_pack(const maas_coded_matrix *w, const int8_t *codes, const float *scales, const float *zeros,
                     void *packed) {
  const size_t n = w->n;
  memset(packed, 0, maas_coded_size(w));
  float *to = packed;
  for (size_t j = 0; j < n; j += WIDTH) {
    const size_t width = n - j < WIDTH ? n - j : WIDTH;
    for (size_t from = 0, g = 0; from < w->k; from += w->group, g++) {
      const size_t rows = w->k - from < w->group ? w->k - from : w->group;
      memcpy(to, scales + g * n + j, width * sizeof *to);
      to += WIDTH;
      if (zeros) {
        memcpy(to, zeros + g * n + j, width * sizeof *to);
        to += WIDTH;
      }
      uint32_t *words = (uint32_t *)to;
      for (size_t p = 0; p < rows; p++)
        for (size_t c = 0; c < width; c++)
          words[p / EACH * WIDTH + c] |= ((uint32_t)codes[(from + p) * n + j + c] & 15) << (4 * (p % EACH));
      to += words_of(rows) * WIDTH;
    }
  }
}

typedef struct {
  size_t m, stride, parts;
  const maas_coded_matrix *w;
  const maas_kernels *kernels;
  const float *x;
  const char *packed;
  float *y;
} coded_work;

static void run_part(void *context, size_t part) {
  const coded_work *c = context;
  const size_t n = c->w->n, from = maas_bound(n, c->parts, part, WIDTH), to = maas_bound(n, c->parts, part + 1, WIDTH);
  if (to > from)
    c->kernels->coded_product(c->m, c->w, c->packed + from / WIDTH * c->stride, c->stride, c->x, c->w->k,
                              c->y + from, n, to - from);
}

void maas_coded_product(size_t m, const maas_coded_matrix *w, const float *x, const void *packed, float *y) {
  coded_work c = {.m = m, .stride = stride_of(w), .w = w, .x = x, .packed = packed, .y = y,
                  .kernels = maas_table(),
                  .parts = maas_parts(m * w->k * w->n, CODED_GRAIN)};
  maas_float_mode mode = maas_enter(MAAS_F32, 1);
  if (c.parts == 1) run_part(&c, 0);
  else maas_parallel(c.parts, run_part, &c);
  maas_leave(mode);
}
