// Convolutions and pooling of pictures [images, channels, height, width], f32 and f64.
#ifndef MAAS_CONVOLUTION_H
#define MAAS_CONVOLUTION_H
#include <stddef.h>

/// The extents of a convolution: pictures x, weights [outputs, channels, kernel], results [images, outputs, result].
typedef struct {
  size_t images, channels, height, width;
  size_t outputs, kernel_height, kernel_width;
  size_t result_height, result_width;
  size_t stride_height, stride_width, pad_height, pad_width;
} maas_convolution;

// Each of the three factors of Σ y·(x ∗ w) from the other two. 0, or -1 when scratch memory is refused.
int maas_convolve(int type, const maas_convolution *s, const void *x, const void *w, void *y);
int maas_convolve_input(int type, const maas_convolution *s, const void *y, const void *w, void *x);
int maas_convolve_weight(int type, const maas_convolution *s, const void *x, const void *y, void *w);

/// `outputs` is not used: every channel is pooled by itself. Padding counts as zeros for the mean, as nothing for the
/// largest.
typedef maas_convolution maas_pooling;

void maas_mean_pool(int type, const maas_pooling *s, const void *x, void *y);
/// x = the adjoint of the mean at y.
void maas_mean_pool_input(int type, const maas_pooling *s, const void *y, void *x);
/// y = `from` where x is largest in each window, the first of equals; a NaN counts as larger than all.
void maas_max_pool(int type, const maas_pooling *s, const void *x, const void *from, void *y);
/// to = zeros with y added where x is largest in each window.
void maas_max_pool_input(int type, const maas_pooling *s, const void *x, const void *y, void *to);
#endif
