// Products of floats with codes: rounding, packing, and who computes which part.
#include "Kernels.h"
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
  size_t m, n, k, padded, parts;
  int uses_vnni, is_rowwise;
  const maas_kernels *kernels;
  const float *x;
  const maas_codes_ending *ending;
  maas_rounding rounding;
  const int32_t *column_sums;
  const int8_t *panels;
  uint8_t *codes;
  maas_rounding *rows;  // a scale of 0: the row is not finite
  float *y;
} codes_work;

static void round_rows(const codes_work *w, size_t from, size_t to) {
  if (w->rounding.scale != 0 && w->padded == w->k) {
    // Rows of one scale that lie side by side are one.
    maas_rounding all = w->rounding;
    const size_t count = (to - from) * w->k;
    for (size_t i = from; i < to; i++) w->rows[i] = all;
    if (w->kernels->round_codes(w->x + from * w->k, count, count, &all.scale, &all.zero, w->codes + from * w->k)) return;
  }
  for (size_t i = from; i < to; i++) {
    w->rows[i] = w->rounding;
    if (!w->kernels->round_codes(w->x + i * w->k, w->k, w->padded, &w->rows[i].scale, &w->rows[i].zero,
                                 w->codes + i * w->padded))
      w->rows[i].scale = 0;
  }
}

static void finish_panel(const codes_work *w, size_t i, size_t panel, const int32_t *sums) {
  const size_t first = panel * PANEL, count = w->n - first < PANEL ? w->n - first : PANEL;
  w->kernels->finish_codes(sums, w->column_sums, w->rows[i], w->ending, first, count, w->y + i * w->n + first);
}

/// The sums of rows from `row` on with panels from `panel` on, a row's panels together.
static void sum_codes(const codes_work *w, size_t row, size_t rows, size_t panel, size_t panels,
                      int32_t sums[MAAS_CODES_SUMS][16]) {
  const uint8_t *q = w->codes + row * w->padded;
  const int8_t *from = w->panels + panel * w->padded * PANEL;
#if defined(__x86_64__)
  if (w->uses_vnni) {
    maas_codes_panels_vnni(q, w->padded, rows, from, panels, sums);
    return;
  }
#endif
  for (size_t j = 0; j < panels; j++)
    for (size_t i = 0; i < rows; i += 4) {
      const size_t height = rows - i < 4 ? rows - i : 4;
      int32_t four[4][16];
      w->kernels->codes_panel(q + i * w->padded, w->padded, height, from + j * w->padded * PANEL, four);
      for (size_t r = 0; r < height; r++) memcpy(sums[(i + r) * panels + j], four[r], sizeof four[r]);
    }
}

/// Two panels at a time stay in the first cache while all rows pass; of few rows four panels run beside each other.
static void multiply(const codes_work *w, size_t row, size_t rows, size_t panel, size_t panels) {
  const size_t high = rows >= 8 ? 8 : 4, wide = MAAS_CODES_SUMS / high;
  for (size_t p = panel; p < panel + panels; p += wide) {
    const size_t width = panel + panels - p < wide ? panel + panels - p : wide;
    for (size_t i = row; i < row + rows; i += high) {
      const size_t height = row + rows - i < high ? row + rows - i : high;
      int32_t sums[MAAS_CODES_SUMS][16];
      sum_codes(w, i, height, p, width, sums);
      for (size_t r = 0; r < height; r++)
        for (size_t j = 0; j < width; j++) finish_panel(w, i + r, p + j, sums[r * width + j]);
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
                       const maas_codes_ending *ending, float *y) {
  const size_t padded = padded_of(k), width = panels_of(n) * PANEL;
  const size_t scratch = m * (padded + sizeof(maas_rounding)) + 64;
  char *block = maas_block_allocate(scratch);
  if (!block) return -1;
  codes_work w = {
    .m = m, .n = n, .k = k, .padded = padded, .kernels = maas_table(), .x = x, .ending = ending,
    .rounding = rounding, .column_sums = packed, .panels = (const int8_t *)packed + width * 4,
    .rows = (maas_rounding *)block, .codes = (uint8_t *)block + m * sizeof(maas_rounding), .y = y,
  };
#if defined(__x86_64__)
  w.uses_vnni = w.kernels == &maas_kernels_avx512 && __builtin_cpu_supports("avx512vnni");
#endif
  w.is_rowwise = m >= 8;
  // About 3 µs of work for each part. Of few rows it is the codes' way from memory that takes the time. To round a number
  // takes as long as 64 multiply-adds.
  const size_t grain = w.is_rowwise ? 1000000 : 200000;
  w.parts = maas_parts(m * k * (w.is_rowwise ? n + 64 : n), w.uses_vnni ? grain : 100000);
  const size_t most = w.is_rowwise ? m / 4 : panels_of(n);
  if (w.parts > most) w.parts = most;
  if (w.parts < 1) w.parts = 1;
  if (!w.is_rowwise) round_rows(&w, 0, m);
  maas_parallel(w.parts, run_part, &w);
  maas_block_free(block, scratch);
  return 0;
}
