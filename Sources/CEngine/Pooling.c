// Pooling: every channel of every picture is a plane by itself, and planes are shared out among threads.
#include "include/Convolution.h"
#include "Kernels.h"
#include <string.h>

#define T float
#define NAME(name) name##_f32
#include "PoolingLoops.h"
#undef T
#undef NAME
#define T double
#define NAME(name) name##_f64
#include "PoolingLoops.h"
#undef T
#undef NAME

#define PLANE_GRAIN 16384  // elements of a window's picture that repay another thread

enum kind { MEAN, MEAN_INPUT, LARGEST, LARGEST_INPUT };

typedef struct {
  const maas_pooling *s;
  int type;
  enum kind kind;
  const char *x, *y;
  char *to;
  size_t planes, parts;
} job;

/// Whether windows are squares of four side by side.
static int is_squares(const maas_pooling *s) {
  return s->kernel_height == 2 && s->kernel_width == 2 && s->stride_height == 2 && s->stride_width == 2
         && s->pad_height == 0 && s->pad_width == 0;
}

static void run_part(void *context, size_t part) {
  const job *j = context;
  const int real = j->type == MAAS_F64, squares = is_squares(j->s);
  const size_t size = j->type == MAAS_F64 ? 8 : 4;
  const size_t picture = j->s->height * j->s->width * size, result = j->s->result_height * j->s->result_width * size;
  for (size_t p = j->planes * part / j->parts; p < j->planes * (part + 1) / j->parts && !maas_cancelled(); p++) {
    const void *x = j->x ? j->x + p * picture : NULL;
    switch (j->kind) {
    case MEAN:
      if (size == 4) mean_plane_f32(j->s, x, (float *)(j->to + p * result));
      else mean_plane_f64(j->s, x, (double *)(j->to + p * result));
      break;
    case MEAN_INPUT:
      if (size == 4) mean_plane_input_f32(j->s, (const float *)(j->y + p * result), (float *)(j->to + p * picture));
      else mean_plane_input_f64(j->s, (const double *)(j->y + p * result), (double *)(j->to + p * picture));
      break;
    case LARGEST:
      if (squares) maas_table()->max_squares[real](j->s, x, j->y + p * picture, j->to + p * result);
      else if (size == 4) max_plane_f32(j->s, x, (const float *)(j->y + p * picture), (float *)(j->to + p * result));
      else max_plane_f64(j->s, x, (const double *)(j->y + p * picture), (double *)(j->to + p * result));
      break;
    case LARGEST_INPUT:
      if (squares) maas_table()->max_squares_input[real](j->s, x, j->y + p * result, j->to + p * picture);
      else if (size == 4) max_plane_input_f32(j->s, x, (const float *)(j->y + p * result), (float *)(j->to + p * picture));
      else max_plane_input_f64(j->s, x, (const double *)(j->y + p * result), (double *)(j->to + p * picture));
      break;
    }
  }
}

static void run(int type, const maas_pooling *s, enum kind kind, const void *x, const void *y, void *to) {
  job j = {.s = s, .type = type, .kind = kind, .x = x, .y = y, .to = to, .planes = s->images * s->channels};
  if (j.planes == 0) return;
  size_t grain = PLANE_GRAIN / (s->height * s->width + 1) + 1;
  j.parts = maas_parts(j.planes, grain);
  if (j.parts == 1) run_part(&j, 0);
  else maas_parallel(j.parts, run_part, &j);
}

void maas_mean_pool(int type, const maas_pooling *s, const void *x, void *y) { run(type, s, MEAN, x, NULL, y); }
void maas_mean_pool_input(int type, const maas_pooling *s, const void *y, void *x) {
  run(type, s, MEAN_INPUT, NULL, y, x);
}
void maas_max_pool(int type, const maas_pooling *s, const void *x, const void *from, void *y) {
  run(type, s, LARGEST, x, from, y);
}
void maas_max_pool_input(int type, const maas_pooling *s, const void *x, const void *y, void *to) {
  run(type, s, LARGEST_INPUT, x, y, to);
}
