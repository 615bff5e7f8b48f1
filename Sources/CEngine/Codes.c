// Products of floats with codes: rounding, packing, and who computes which part.
#include "Kernels.h"
#include <math.h>
#include <string.h>

#define PANEL 16

static size_t padded_of(size_t k) { return (k + 3) / 4 * 4; }
static size_t panels_of(size_t n) { return (n + PANEL - 1) / PANEL; }

size_t maas_codes_packed_size(size_t k, size_t n) { return panels_of(n) * PANEL * (4 + padded_of(k)); }

void maas_codes_pack(const int8_t *codes, size_t k, size_t n, void *packed) {
  const size_t padded = padded_of(k), width = panels_of(n) * PANEL;
  memset(packed, 0, maas_codes_packed_size(k, n));
  int32_t *sums = packed;
  int8_t *panels = (int8_t *)packed + width * 4;
  for (size_t p = 0; p < k; p++)
    for (size_t j = 0; j < n; j++) {
      const int8_t code = codes[p * n + j];
      sums[j] += code;
      panels[j / PANEL * padded * PANEL + p / 4 * 64 + j % PANEL * 4 + p % 4] = code;
    }
}

typedef struct {
  size_t m, n, k, padded, step, parts;
  int uses_vnni, is_rowwise;
  const maas_kernels *kernels;
  const float *x, *scales, *bias;
  maas_rounding rounding;
  const int32_t *column_sums;
  const int8_t *panels;
  uint8_t *codes;
  maas_rounding *rows;  // a scale of 0: the row is not finite
  float *y;
} codes_work;

static void round_rows(const codes_work *w, size_t from, size_t to) {
  for (size_t i = from; i < to; i++) {
    w->rows[i] = w->rounding;
    if (!w->kernels->round_codes(w->x + i * w->k, w->k, w->padded, &w->rows[i].scale, &w->rows[i].zero,
                                 w->codes + i * w->padded))
      w->rows[i].scale = 0;
  }
}

static void finish_panel(const codes_work *w, size_t i, size_t panel, const int32_t *sums) {
  const size_t first = panel * PANEL, count = w->n - first < PANEL ? w->n - first : PANEL;
  float *restrict y = w->y + i * w->n + first;
  const float scale = w->rows[i].scale == 0 ? NAN : w->rows[i].scale;
  const uint32_t zero = (uint32_t)w->rows[i].zero;
  for (size_t j = 0; j < count; j++) {
    // Zero times the column's sum may wrap, the difference fits 32 bits again.
    const int32_t sum = (int32_t)((uint32_t)sums[j] - zero * (uint32_t)w->column_sums[first + j]);
    const float value = (float)sum * (scale * w->scales[(first + j) * w->step]);
    y[j] = w->bias ? value + w->bias[first + j] : value;
  }
}

static void multiply(const codes_work *w, size_t row, size_t rows, size_t panel, size_t panels) {
  for (size_t i = row; i < row + rows; i += 4) {
    const size_t height = row + rows - i < 4 ? row + rows - i : 4;
    const uint8_t *q = w->codes + i * w->padded;
    for (size_t p = panel; p < panel + panels; p += 4) {
      const size_t width = panel + panels - p < 4 ? panel + panels - p : 4;
      int32_t sums[4][4][16];
#if defined(__x86_64__)
      if (w->uses_vnni) {
        maas_codes_panels_vnni(q, w->padded, height, w->panels + p * w->padded * PANEL, width, sums);
      } else
#endif
        for (size_t j = 0; j < width; j++) {
          int32_t one[4][16];
          w->kernels->codes_panel(q, w->padded, height, w->panels + (p + j) * w->padded * PANEL, one);
          for (size_t r = 0; r < height; r++) memcpy(sums[r][j], one[r], sizeof one[r]);
        }
      for (size_t r = 0; r < height; r++)
        for (size_t j = 0; j < width; j++) finish_panel(w, i + r, p + j, sums[r][j]);
    }
  }
}

static void run_part(void *context, size_t part) {
  const codes_work *w = context;
  const size_t count = w->is_rowwise ? w->m : panels_of(w->n);
  const size_t from = count * part / w->parts, to = count * (part + 1) / w->parts;
  if (w->is_rowwise) {
    round_rows(w, from, to);
    multiply(w, from, to - from, 0, panels_of(w->n));
  } else {
    multiply(w, 0, w->m, from, to - from);
  }
}

int maas_codes_product(size_t m, size_t n, size_t k, const float *x, maas_rounding rounding, const void *packed,
                       const float *scales, size_t step, const float *bias, float *y) {
  const size_t padded = padded_of(k), width = panels_of(n) * PANEL;
  const size_t scratch = m * (padded + sizeof(maas_rounding)) + 64;
  char *block = maas_block_allocate(scratch);
  if (!block) return -1;
  codes_work w = {
    .m = m, .n = n, .k = k, .padded = padded, .step = step, .kernels = maas_table(), .x = x, .scales = scales,
    .bias = bias, .rounding = rounding, .column_sums = packed, .panels = (const int8_t *)packed + width * 4,
    .rows = (maas_rounding *)block, .codes = (uint8_t *)block + m * sizeof(maas_rounding), .y = y,
  };
#if defined(__x86_64__)
  w.uses_vnni = w.kernels == &maas_kernels_avx512 && __builtin_cpu_supports("avx512vnni");
#endif
  w.is_rowwise = m >= 8;
  // About 3 µs of work for each part. Of few rows it is the codes' way from memory that takes the time.
  const size_t grain = w.is_rowwise ? 1000000 : 200000;
  w.parts = maas_parts(m * n * k, w.uses_vnni ? grain : 100000);
  const size_t most = w.is_rowwise ? m / 4 : panels_of(n);
  if (w.parts > most) w.parts = most;
  if (w.parts < 1) w.parts = 1;
  if (!w.is_rowwise) round_rows(&w, 0, m);
  maas_parallel(w.parts, run_part, &w);
  maas_block_free(block, scratch);
  return 0;
}
