// The same loops for x86-64-v4: AVX-512.
#if defined(__x86_64__)
#include "Kernels.h"
#include <immintrin.h>
#include <float.h>
#include <math.h>
#include <string.h>
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"), min_vector_width(512))), apply_to = function)
#define KERNEL_TABLE maas_kernels_avx512
#define KERNEL_FMA 1
#define KERNEL_AVX512 1
#define KERNEL_BYTES 64
#define KERNEL_ROWS 14
#include "kernels/Table.h"
#pragma clang attribute pop
#else
typedef int maas_no_avx512;
#endif
