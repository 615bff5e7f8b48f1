// Philox 4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011): a block of 128
// bits is a pure function of a key and a counter, so that any place of any draw can be computed alone.
#include "Kernels.h"
#include <math.h>

void maas_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]) {
  uint32_t a = counter[0], b = counter[1], c = counter[2], d = counter[3], k = key[0], l = key[1];
  for (int round = 0; round < 10; round++, k += 0x9E3779B9u, l += 0xBB67AE85u) {
    uint64_t p = (uint64_t)0xD2511F53u * a, q = (uint64_t)0xCD9E8D57u * c;
    a = (uint32_t)(q >> 32) ^ b ^ k;
    b = (uint32_t)q;
    c = (uint32_t)(p >> 32) ^ d ^ l;
    d = (uint32_t)p;
  }
  out[0] = a;
  out[1] = b;
  out[2] = c;
  out[3] = d;
}

static void block(uint64_t key, uint64_t counter, uint32_t out[4]) {
  const uint32_t at[4] = {(uint32_t)counter, (uint32_t)(counter >> 32), 0, 0};
  const uint32_t k[2] = {(uint32_t)key, (uint32_t)(key >> 32)};
  maas_philox(at, k, out);
}

typedef struct {
  int kind, type;
  uint64_t key, span;
  int64_t low;
  void *y;
  size_t n, parts;
} draw_job;

static double unit(uint32_t high, uint32_t low) {
  return (double)((((uint64_t)high << 32) | low) >> 11) * 0x1p-53;
}

/// Box and Muller in f64: two normal numbers from one block.
static void two_normals(const uint32_t w[4], double *a, double *b) {
  double radius = sqrt(-2.0 * log1p(-unit(w[0], w[1]))), angle = 6.283185307179586 * unit(w[2], w[3]);
  *a = radius * cos(angle);
  *b = radius * sin(angle);
}

enum { UNIFORM, NORMAL, INTEGERS };

/// A part begins at a whole block.
static void draw_part(void *context, size_t part) {
  const draw_job *j = context;
  const size_t each = j->kind == UNIFORM && j->type == MAAS_F32 ? 4 : 2;
  size_t blocks = (j->n + each - 1) / each;
  size_t start = blocks * part / j->parts, end = blocks * (part + 1) / j->parts;
  for (size_t i = start; i < end; i++) {
    uint32_t w[4];
    if (i % 4096 == 0 && maas_cancelled()) return;
    block(j->key, i, w);
    size_t at = i * each, m = j->n - at < each ? j->n - at : each;
    double pair[2];
    if (j->kind == NORMAL) two_normals(w, &pair[0], &pair[1]);
    for (size_t l = 0; l < m; l++) {
      if (j->kind == INTEGERS) {
        uint64_t bits = ((uint64_t)w[2 * l] << 32) | w[2 * l + 1];
        uint64_t scaled = (uint64_t)(((unsigned __int128)bits * j->span) >> 64);
        ((int64_t *)j->y)[at + l] = (int64_t)((uint64_t)j->low + scaled);
      } else if (j->kind == UNIFORM && j->type == MAAS_F32) {
        ((float *)j->y)[at + l] = (float)(w[l] >> 8) * 0x1p-24f;
      } else {
        double v = j->kind == NORMAL ? pair[l] : unit(w[2 * l], w[2 * l + 1]);
        if (j->type == MAAS_F32) ((float *)j->y)[at + l] = (float)v;
        else ((double *)j->y)[at + l] = v;
      }
    }
  }
}

static void draw(draw_job j) {
  j.parts = maas_parts(j.n, 1024);
  maas_parallel(j.parts, draw_part, &j);
}

void maas_uniform(int type, uint64_t key, void *y, size_t n) {
  draw((draw_job){.kind = UNIFORM, .type = type, .key = key, .y = y, .n = n});
}
void maas_normal(int type, uint64_t key, void *y, size_t n) {
  draw((draw_job){.kind = NORMAL, .type = type, .key = key, .y = y, .n = n});
}
/// low + floor(span · u) with 64 random bits.
void maas_random_integers(uint64_t key, int64_t low, uint64_t span, int64_t *y, size_t n) {
  draw((draw_job){.kind = INTEGERS, .key = key, .low = low, .span = span, .y = y, .n = n});
}

/// Fisher and Yates's shuffle of 0..<n; two places draw from one block.
void maas_permutation(uint64_t key, int64_t *y, size_t n) {
  uint32_t w[4] = {0};
  for (size_t i = 0; i < n; i++) {
    if (i % MAAS_STRIP == 0 && maas_cancelled()) return;
    if (i % 2 == 0) block(key, i / 2, w);
    uint64_t bits = ((uint64_t)w[i % 2 * 2] << 32) | w[i % 2 * 2 + 1];
    size_t at = (size_t)(((unsigned __int128)bits * (i + 1)) >> 64);
    y[i] = y[at];
    y[at] = (int64_t)i;
  }
}
