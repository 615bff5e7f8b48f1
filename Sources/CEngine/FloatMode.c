// How the processor treats numbers too small for their full precision.
#include "Kernels.h"
#if defined(__x86_64__)
#include <immintrin.h>
#define FLUSH 0x8040u  // results and operands

maas_float_mode maas_current_mode(void) { return (maas_float_mode){_mm_getcsr()}; }
static void set(uint64_t word) { _mm_setcsr((unsigned)word); }
#elif defined(__aarch64__)
#define FLUSH (1u << 24)

maas_float_mode maas_current_mode(void) {
  uint64_t word;
  __asm__ volatile("mrs %0, fpcr" : "=r"(word));
  return (maas_float_mode){word};
}
static void set(uint64_t word) { __asm__ volatile("msr fpcr, %0" : : "r"(word)); }
#else
#define FLUSH 0u

maas_float_mode maas_current_mode(void) { return (maas_float_mode){0}; }
static void set(uint64_t word) { (void)word; }
#endif

maas_float_mode maas_enter(int type, int flushes) {
  maas_float_mode before = maas_current_mode();
  uint64_t word = type == MAAS_F32 && flushes ? before.word | FLUSH : before.word & ~(uint64_t)FLUSH;
  if (word != before.word) set(word);
  return before;
}

void maas_leave(maas_float_mode before) {
  if (maas_current_mode().word != before.word) set(before.word);
}
