// The portable path: whatever the compiler's default processor offers.
#include "Kernels.h"
#include <float.h>
#include <math.h>
#include <string.h>

#define KERNEL_TABLE maas_kernels_base
#if defined(__aarch64__)
#define KERNEL_FMA 1
#define KERNEL_ROWS 8
#else
#define KERNEL_FMA 0
#define KERNEL_ROWS 4
#endif
#define KERNEL_BYTES 16
#include "kernels/Table.h"
