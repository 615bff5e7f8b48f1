// Instructions of AVX-512 as bytes: Intel's manual, volume 2, section 2.7 (EVEX).
#ifndef MAAS_CODE_WRITER_H
#define MAAS_CODE_WRITER_H
#include <stdint.h>
#include <string.h>

typedef struct {
  uint8_t *to, *end;
  int wide;     // f64
  int overran;
} writer;

static inline void byte(writer *w, unsigned b) {
  if (w->to < w->end) *w->to++ = (uint8_t)b;
  else w->overran = 1;
}
static inline void word(writer *w, uint32_t v) {
  for (int i = 0; i < 4; i++) byte(w, v >> (8 * i) & 255);
}

enum { MAP_0F = 1, MAP_0F38 = 2, MAP_0F3A = 3 };

/// The prefix and opcode. `rm` is a register, or -1 for memory at rax + rsi or rcx + a displacement.
static inline void prefix(writer *w, int map, int packed, unsigned op, int reg, int v, int rm, int mask, int zeroing) {
  int b = rm < 0 ? 0 : rm;
  byte(w, 0x62);
  byte(w, (unsigned)((~reg >> 3 & 1) << 7 | (~b >> 4 & 1) << 6 | (~b >> 3 & 1) << 5 | (~reg >> 4 & 1) << 4 | map));
  byte(w, (unsigned)(w->wide << 7 | (~v & 15) << 3 | 4 | packed));
  byte(w, (unsigned)(zeroing << 7 | 2 << 5 | (~v >> 4 & 1) << 3 | mask));
  byte(w, op);
}

/// reg ← v op rm, for arithmetic of the type.
static inline void apply(writer *w, unsigned op, int reg, int v, int rm) {
  prefix(w, MAP_0F, w->wide, op, reg, v, rm, 0, 0);
  byte(w, (unsigned)(0xC0 | (reg & 7) << 3 | (rm & 7)));
}

/// mask 1 ← x compared with y.
static inline void compare(writer *w, int x, int y, unsigned predicate) {
  prefix(w, MAP_0F, w->wide, 0xC2, 1, x, y, 0, 0);
  byte(w, (unsigned)(0xC0 | 1 << 3 | (y & 7)));
  byte(w, predicate);
}

/// rax ← the address of an array, then a move between a register and the array at rsi.
static inline void move(writer *w, unsigned op, int reg, int place) {
  byte(w, 0x48), byte(w, 0x8B), byte(w, 0x87), word(w, (uint32_t)place * 8);
  prefix(w, MAP_0F, w->wide, op, reg, 0, -1, 0, 0);
  byte(w, (unsigned)((reg & 7) << 3 | 4));
  byte(w, 6 << 3);
}

static inline void broadcast(writer *w, int reg, int number) {
  prefix(w, MAP_0F38, 1, w->wide ? 0x19 : 0x18, reg, 0, -1, 0, 0);
  byte(w, (unsigned)(0x80 | (reg & 7) << 3 | 1));
  word(w, (uint32_t)number * 8);
}

/// acc ± x · y → acc, in f32; lanes outside of the mask keep what they hold. Mask 0 takes all.
static inline void add_product(writer *w, int negated, int acc, int x, int y, int mask) {
  prefix(w, MAP_0F38, 1, negated ? 0xBC : 0xB8, acc, x, y, mask, 0);
  byte(w, (unsigned)(0xC0 | (acc & 7) << 3 | (y & 7)));
}

/// reg ← v op rm, for whole numbers of 32 bits.
static inline void apply_whole(writer *w, unsigned op, int reg, int v, int rm) {
  prefix(w, MAP_0F, 1, op, reg, v, rm, 0, 0);
  byte(w, (unsigned)(0xC0 | (reg & 7) << 3 | (rm & 7)));
}

static inline void copy(writer *w, int to, int from) {
  prefix(w, MAP_0F, 0, 0x28, to, 0, from, 0, 0);
  byte(w, (unsigned)(0xC0 | (to & 7) << 3 | (from & 7)));
}

/// mask 1 ← where any of the bits is set.
static inline void test_bits(writer *w, int x, int bits) {
  prefix(w, MAP_0F38, 1, 0x27, 1, x, bits, 0, 0);
  byte(w, (unsigned)(0xC0 | 1 << 3 | (bits & 7)));
}

/// mask 1 ← where x < y as whole numbers of 32 bits without sign.
static inline void is_less_whole(writer *w, int x, int y) {
  prefix(w, MAP_0F3A, 1, 0x1E, 1, x, y, 0, 0);
  byte(w, (unsigned)(0xC0 | 1 << 3 | (y & 7)));
  byte(w, 1);
}

/// mask 2 ← where x ≥ y as whole numbers without sign, within mask 1. Sets the flags: "not zero" if there is such a lane.
static inline void any_at_least(writer *w, int x, int y) {
  prefix(w, MAP_0F3A, 1, 0x1E, 2, x, y, 1, 0);
  byte(w, (unsigned)(0xC0 | 2 << 3 | (y & 7)));
  byte(w, 5);
  byte(w, 0xC5), byte(w, 0xF8), byte(w, 0x98), byte(w, 0xD2);  // kortest
}

/// A jump that `land` aims at where the code has got to by then.
static inline uint8_t *jump_if_not_zero(writer *w) {
  byte(w, 0x0F), byte(w, 0x85), word(w, 0);
  return w->to;
}
static inline void land(writer *w, uint8_t *after) {
  if (w->overran) return;
  const uint32_t distance = (uint32_t)(w->to - after);
  memcpy(after - 4, &distance, 4);
}
static inline void jump_to(writer *w, const uint8_t *target) {
  byte(w, 0xE9), word(w, (uint32_t)(target - (w->to + 4)));
}
#endif
