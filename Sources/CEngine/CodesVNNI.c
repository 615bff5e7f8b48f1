// Products of codes by the instruction made for them: four products of 8 bits added to a sum of 32, in each of 16 lanes.
#if defined(__x86_64__)
#include "Kernels.h"
#include <immintrin.h>
#include <string.h>
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4,avx512vnni"), min_vector_width(512))), apply_to = function)

/// The four codes from `at` on, in every lane.
static inline __attribute__((always_inline)) __m512i four_codes(const uint8_t *at) {
  int32_t four;
  memcpy(&four, at, 4);
  return _mm512_set1_epi32(four);
}

/// One tile: rows × panels registers of sums. 8 rows × 3 panels are two of the instructions a cycle, whose operands take
/// eleven loads in twelve cycles.
static inline __attribute__((always_inline)) void tile(const int rows, const int panels, const int is_listed,
                                                       const maas_codes_tile *t, int32_t sums[][16]) {
  __m512i acc[8][4];
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < panels; j++)
      acc[i][j] = t->continues ? _mm512_loadu_si512(sums[i * panels + j]) : _mm512_setzero_si512();
  // Eight rows from one pointer and four offsets, kept from the compiler: see `tile` in kernels/Product.h.
  ptrdiff_t s1 = (ptrdiff_t)t->padded, s3 = 3 * s1, s5 = 5 * s1, s7 = 7 * s1;
  __asm__("" : "+r"(s1), "+r"(s3), "+r"(s5), "+r"(s7));
  const ptrdiff_t at[8] = {0, s1, 2 * s1, s3, 4 * s1, s5, 2 * s3, s7};
  const size_t stride = t->padded * 16;
  for (size_t g = 0; g < t->groups; g++) {
    const size_t group = is_listed ? t->list[g] : g;
    const uint8_t *q = t->codes + 4 * group;
    const int8_t *panel = t->panel + 64 * group;
    __m512i w[4];
    for (int j = 0; j < panels; j++) w[j] = _mm512_loadu_si512(panel + (size_t)j * stride);
    for (int i = 0; i < rows; i++) {
      const __m512i x = four_codes(q + at[i]);
      for (int j = 0; j < panels; j++) acc[i][j] = _mm512_dpbusd_epi32(acc[i][j], x, w[j]);
    }
  }
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < panels; j++) _mm512_storeu_si512(sums[i * panels + j], acc[i][j]);
}

#define TILE(rows, panels, is_listed) case (rows) * 8 + (panels): tile(rows, panels, is_listed, t, sums); break;
#define UP_TO_THREE(rows, is_listed) TILE(rows, 1, is_listed) TILE(rows, 2, is_listed) TILE(rows, 3, is_listed)
#define UP_TO_FOUR(rows, is_listed) UP_TO_THREE(rows, is_listed) TILE(rows, 4, is_listed)
#define FEW_ROWS(is_listed) \
  UP_TO_FOUR(1, is_listed) UP_TO_FOUR(2, is_listed) UP_TO_FOUR(3, is_listed) UP_TO_FOUR(4, is_listed)

void maas_codes_tile_vnni(const maas_codes_tile *t, size_t rows, size_t panels, int32_t sums[][16]) {
  switch (rows * 8 + panels) {
    FEW_ROWS(0)
    UP_TO_THREE(5, 0) UP_TO_THREE(6, 0) UP_TO_THREE(7, 0) UP_TO_THREE(8, 0)
    default: break;
  }
}

void maas_codes_listed_tile_vnni(const maas_codes_tile *t, size_t rows, size_t panels, int32_t sums[][16]) {
  switch (rows * 8 + panels) {
    FEW_ROWS(1)
    default: break;
  }
}

size_t maas_codes_groups_vnni(const uint8_t *codes, size_t padded, size_t rows, uint32_t *list) {
  const size_t groups = padded / 4;
  const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  size_t count = 0;
  for (size_t g = 0; g < groups; g += 16) {
    const __mmask16 inside = groups - g < 16 ? (__mmask16)((1u << (groups - g)) - 1) : (__mmask16)0xffff;
    __m512i any = _mm512_setzero_si512();
    for (size_t i = 0; i < rows; i++)
      any = _mm512_or_si512(any, _mm512_maskz_loadu_epi32(inside, codes + i * padded + 4 * g));
    const __mmask16 filled = _mm512_test_epi32_mask(any, any);
    const __m512i numbers = _mm512_add_epi32(_mm512_set1_epi32((int)g), lanes);
    _mm512_storeu_si512(list + count, _mm512_maskz_compress_epi32(filled, numbers));
    count += (size_t)__builtin_popcount(filled);
  }
  return count;
}
#pragma clang attribute pop
#else
typedef int maas_no_vnni;
#endif
