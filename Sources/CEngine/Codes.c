// Products of floats with codes: rounding, packing, and who computes which part.
#include "Kernels.h"
#include <string.h>

#define PANEL 16
#define HIGH 8           // rows of a tile
#define BLOCK 64         // rows that are rounded, and then multiplied
#define MOST_GROUPS 128  // groups of four codes whose 3 panels, 24 KB, stay in the first cache

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
  /// Of few rows: whether only `listed` groups of four codes are not zero in all of them, and which.
  int is_listed;
  size_t listed;
  uint32_t *list;
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

/// The sums of at most four rows with each of so many panels, a row's panels together.
static void sum_plainly(const codes_work *w, size_t row, size_t rows, size_t panel, size_t panels, int32_t sums[][16]) {
  for (size_t j = 0; j < panels; j++) {
    int32_t four[4][16];
    const int8_t *from = w->panels + (panel + j) * w->padded * PANEL;
    w->kernels->codes_panel(w->codes + row * w->padded, w->padded, rows, from, four);
    for (size_t r = 0; r < rows; r++) memcpy(sums[r * panels + j], four[r], sizeof four[r]);
  }
}

#if defined(__x86_64__)
/// Rows with panels, a stretch of the codes after the other: as much of the panels as the nearest cache holds is met by
/// all rows before the next stretch of them.
static void sum_by_stretches(const codes_work *w, size_t row, size_t rows, size_t panel, size_t panels,
                             int32_t sums[][16]) {
  const size_t groups = w->padded / 4, stretches = groups / MOST_GROUPS + 1;
  for (size_t s = 0; s < stretches; s++) {
    const size_t from = groups * s / stretches, to = groups * (s + 1) / stretches;
    for (size_t i = 0; i < rows; i += HIGH) {
      const maas_codes_tile t = {
        .codes = w->codes + (row + i) * w->padded + 4 * from, .padded = w->padded, .groups = to - from,
        .panel = w->panels + panel * w->padded * PANEL + from * 64, .continues = s > 0,
      };
      maas_codes_tile_vnni(&t, rows - i < HIGH ? rows - i : HIGH, panels, sums + i * panels);
    }
  }
}

/// At most four rows, which leave out what is zero in all of them.
static void sum_few(const codes_work *w, size_t row, size_t rows, size_t panel, size_t panels, int32_t sums[][16]) {
  maas_codes_tile t = {
    .codes = w->codes + row * w->padded, .padded = w->padded, .groups = w->padded / 4, .list = w->list,
    .panel = w->panels + panel * w->padded * PANEL,
  };
  if (w->is_listed) {
    t.groups = w->listed;
    maas_codes_listed_tile_vnni(&t, rows, panels, sums);
  } else {
    maas_codes_tile_vnni(&t, rows, panels, sums);
  }
}
#endif

/// A block of rows with neighbouring panels.
static void sum_codes(const codes_work *w, size_t row, size_t rows, size_t panel, size_t panels, int32_t sums[][16]) {
#if defined(__x86_64__)
  if (w->uses_vnni && w->is_rowwise) return sum_by_stretches(w, row, rows, panel, panels, sums);
#endif
  for (size_t i = 0; i < rows; i += 4) {
    const size_t height = rows - i < 4 ? rows - i : 4;
#if defined(__x86_64__)
    if (w->uses_vnni) {
      sum_few(w, row + i, height, panel, panels, sums + i * panels);
      continue;
    }
#endif
    sum_plainly(w, row + i, height, panel, panels, sums + i * panels);
  }
}

/// At most BLOCK rows with panels from `panel` on: three at a time, or of few rows four.
static void multiply(const codes_work *w, size_t row, size_t rows, size_t panel, size_t panels) {
  const size_t wide = w->is_rowwise ? 3 : 4;
  int32_t sums[BLOCK * 3][16];
  for (size_t p = panel; p < panel + panels; p += wide) {
    const size_t width = panel + panels - p < wide ? panel + panels - p : wide;
    const size_t first = p * PANEL, count = w->n - first < width * PANEL ? w->n - first : width * PANEL;
    sum_codes(w, row, rows, p, width, sums);
    w->kernels->finish_codes(sums[0], width * PANEL, w->column_sums, w->rows + row, rows, w->ending, first, count,
                             w->y + row * w->n + first, w->n);
  }
}

/// Rounded rows are multiplied while they are near.
static void run_rows(const codes_work *w, size_t from, size_t to) {
  for (size_t i = from; i < to && !maas_cancelled(); i += BLOCK) {
    const size_t rows = to - i < BLOCK ? to - i : BLOCK;
    round_rows(w, i, i + rows);
    multiply(w, i, rows, 0, panels_of(w->n));
  }
}

static void run_part(void *context, size_t part) {
  const codes_work *w = context;
  if (w->is_rowwise) {
    run_rows(w, maas_bound(w->m, w->parts, part, HIGH), maas_bound(w->m, w->parts, part + 1, HIGH));
  } else {
    const size_t panels = panels_of(w->n), from = panels * part / w->parts;
    multiply(w, 0, w->m, from, panels * (part + 1) / w->parts - from);
  }
}

#if defined(__x86_64__)
/// Which groups of codes matter to few rows. A listed group takes longer than one of all: an eighth must be missing.
static void list_groups(codes_work *w) {
  for (size_t i = 0; i < w->m; i++)
    if (w->rows[i].zero != 0) return;
  w->listed = maas_codes_groups_vnni(w->codes, w->padded, w->m, w->list);
  w->is_listed = w->listed * 8 <= w->padded / 4 * 7;
}
#endif

int maas_codes_product(size_t m, size_t n, size_t k, const float *x, maas_rounding rounding, const void *packed,
                       const maas_codes_ending *ending, float *y) {
  const size_t padded = padded_of(k), width = panels_of(n) * PANEL;
  const int is_rowwise = m >= HIGH;
  const size_t list_bytes = is_rowwise ? 0 : padded + 64;
  const size_t scratch = m * (padded + sizeof(maas_rounding)) + list_bytes + 64;
  char *block = maas_block_allocate(scratch);
  if (!block) return -1;
  codes_work w = {
    .m = m, .n = n, .k = k, .padded = padded, .is_rowwise = is_rowwise, .kernels = maas_table(), .x = x,
    .ending = ending, .rounding = rounding, .column_sums = packed, .panels = (const int8_t *)packed + width * 4,
    .list = (uint32_t *)block, .rows = (maas_rounding *)(block + list_bytes),
    .codes = (uint8_t *)block + list_bytes + m * sizeof(maas_rounding), .y = y,
  };
#if defined(__x86_64__)
  w.uses_vnni = w.kernels == &maas_kernels_avx512 && __builtin_cpu_supports("avx512vnni");
#endif
  // About 3 µs of work for each part. Of few rows it is the codes' way from memory that takes the time. To round a number
  // takes as long as 64 multiply-adds.
  const size_t grain = is_rowwise ? 1000000 : 200000;
  w.parts = maas_parts(m * k * (is_rowwise ? n + 64 : n), w.uses_vnni ? grain : 100000);
  const size_t most = is_rowwise ? m / 4 : panels_of(n);
  if (w.parts > most) w.parts = most;
  if (w.parts < 1) w.parts = 1;
  if (!is_rowwise) round_rows(&w, 0, m);
#if defined(__x86_64__)
  if (!is_rowwise && w.uses_vnni) list_groups(&w);
#endif
  maas_parallel(w.parts, run_part, &w);
  maas_block_free(block, scratch);
  return 0;
}
