// Bytes as floats: each is the f32 next to its product, in double, with a scale.

#if KERNEL_FMA
typedef uint8_t byte_lanes __attribute__((ext_vector_type(LANES_F32), aligned(1), may_alias));

/// The products of bytes with the sum of two f32, the second of which is what the first lacks of the scale.
INLINE vf byte_products(byte_lanes bytes, vf high, vf low) {
  const vf x = __builtin_convertvector(bytes, vf);
  return FMA(x, high, x * low);
}

/// Whether that gives all 256 bytes the floats that they are to have.
static int bytes_have_products(double scale, float high, float low) {
  uint8_t bytes[LANES_F32];
  float products[LANES_F32];
  for (int first = 0; first < 256; first += LANES_F32) {
    for (int l = 0; l < LANES_F32; l++) bytes[l] = (uint8_t)(first + l);
    store_f32(products, byte_products(*(const byte_lanes *)bytes, splat(high), splat(low)));
    for (int l = 0; l < LANES_F32; l++) {
      const float exact = (float)((double)bytes[l] * scale);
      if (memcmp(&exact, &products[l], sizeof exact) != 0) return 0;
    }
  }
  return 1;
}

/// Whole vectors of a row that way. Answers how many bytes that is.
INLINE size_t scale_bytes(const uint8_t *x, float *y, size_t n, vf high, vf low) {
  size_t i = 0;
  for (; i + LANES_F32 <= n; i += LANES_F32) store_f32(y + i, byte_products(*(const byte_lanes *)(x + i), high, low));
  return i;
}
#define FEW_BYTES 4096  // for which looking at all 256 does not pay
#endif

static void gather_bytes(const uint8_t *restrict x, const int64_t *restrict indices, double scale, float *restrict y,
                         size_t count, size_t n, size_t width) {
#if KERNEL_FMA
  const float high = (float)scale, low = (float)(scale - (double)high);
  const int by_vectors = count * width >= FEW_BYTES && bytes_have_products(scale, high, low);
#endif
  for (size_t j = 0; j < count; j++, y += n) {
    const uint8_t *row = x + (size_t)indices[j] * n;
    // Shuffled rows are nowhere near each other: the next but one is on its way meanwhile.
    if (j + 2 < count)
      for (size_t i = 0; i < width; i += 64) __builtin_prefetch(x + (size_t)indices[j + 2] * n + i);
    size_t i = 0;
#if KERNEL_FMA
    if (by_vectors) i = scale_bytes(row, y, width, splat(high), splat(low));
#endif
    for (; i < width; i++) y[i] = (float)((double)row[i] * scale);
  }
}
#undef FEW_BYTES
