// The same loops for x86-64-v3: AVX2 with fused multiply-add.
#if defined(__x86_64__)
#include "Kernels.h"
#include <float.h>
#include <math.h>
#include <string.h>
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"), min_vector_width(256))), apply_to = function)
#define KERNEL_TABLE maas_kernels_avx2
#define KERNEL_FMA 1
#define KERNEL_BYTES 32
#define KERNEL_ROWS 6
#include "kernels/Table.h"
#pragma clang attribute pop
#else
typedef int maas_no_avx2;
#endif
