// LU with partial pivoting, Cholesky, QR by Householder's reflections.
#include "include/CEngine.h"
#include "include/LinearAlgebra.h"
#include <math.h>
#include <string.h>

int maas_lu(size_t n, double *a, size_t *rows, double *scratch, double epsilon, size_t *singular) {
  int sign = 1;
  *singular = 0;
  // The largest number each row has held: a pivot far below it is what rounding left.
  for (size_t i = 0; i < n; i++) {
    rows[i] = i;
    scratch[i] = 0;
    for (size_t j = 0; j < n; j++) scratch[i] = fmax(scratch[i], fabs(a[i * n + j]));
  }
  for (size_t k = 0; k < n && !maas_cancelled(); k++) {
    size_t p = k;
    for (size_t i = k + 1; i < n; i++)
      if (fabs(a[i * n + k]) > fabs(a[p * n + k])) p = i;
    if (p != k) {
      for (size_t j = 0; j < n; j++) {
        double t = a[k * n + j];
        a[k * n + j] = a[p * n + j];
        a[p * n + j] = t;
      }
      size_t row = rows[k];
      rows[k] = rows[p];
      rows[p] = row;
      double most = scratch[k];
      scratch[k] = scratch[p];
      scratch[p] = most;
      sign = -sign;
    }
    const double pivot = a[k * n + k];
    if (*singular == 0 && !(fabs(pivot) > (double)n * epsilon * scratch[k])) *singular = k + 1;
    if (pivot == 0) continue;
    for (size_t i = k + 1; i < n; i++) {
      const double factor = a[i * n + k] / pivot;
      a[i * n + k] = factor;
      if (factor == 0) continue;
      double most = scratch[i];
      for (size_t j = k + 1; j < n; j++) {
        a[i * n + j] -= factor * a[k * n + j];
      }
      most = fmax(most, fabs(factor) * scratch[k]);
      scratch[i] = most;
    }
  }
  return sign;
}

void maas_lu_solve(size_t n, size_t m, const double *lu, const size_t *rows, const double *b, double *x) {
  for (size_t i = 0; i < n && !maas_cancelled(); i++) {
    double *to = x + i * m;
    memcpy(to, b + rows[i] * m, m * sizeof *to);
    for (size_t k = 0; k < i; k++) {
      const double factor = lu[i * n + k];
      for (size_t j = 0; j < m; j++) to[j] -= factor * x[k * m + j];
    }
  }
  for (size_t i = n; i-- > 0 && !maas_cancelled();) {
    double *to = x + i * m;
    for (size_t k = i + 1; k < n; k++) {
      const double factor = lu[i * n + k];
      for (size_t j = 0; j < m; j++) to[j] -= factor * x[k * m + j];
    }
    for (size_t j = 0; j < m; j++) to[j] /= lu[i * n + i];
  }
}

size_t maas_cholesky(size_t n, double *a) {
  for (size_t i = 0; i < n && !maas_cancelled(); i++) {
    for (size_t j = 0; j <= i; j++) {
      double sum = a[i * n + j];
      for (size_t k = 0; k < j; k++) sum -= a[i * n + k] * a[j * n + k];
      if (i == j) {
        if (!(sum > 0) || isinf(sum)) return i + 1;
        a[i * n + i] = sqrt(sum);
      } else {
        a[i * n + j] = sum / a[j * n + j];
      }
    }
    for (size_t j = i + 1; j < n; j++) a[i * n + j] = 0;
  }
  return 0;
}

/// Length of a column from row k on, without overflow.
static double column_length(size_t m, size_t n, const double *a, size_t k) {
  double most = 0, sum = 0;
  for (size_t i = k; i < m; i++) most = fmax(most, fabs(a[i * n + k]));
  if (most == 0 || !isfinite(most)) return most;
  for (size_t i = k; i < m; i++) sum += (a[i * n + k] / most) * (a[i * n + k] / most);
  return most * sqrt(sum);
}

/// rows k… of `b` (with `columns` from `first` on) reflected: b -= 2 v (vᵀ b), v the unit vector in `v`.
static void reflect(size_t m, size_t k, const double *v, double *b, size_t width, size_t first) {
  for (size_t j = first; j < width; j++) {
    double dot = 0;
    for (size_t i = k; i < m; i++) dot += v[i] * b[i * width + j];
    for (size_t i = k; i < m; i++) b[i * width + j] -= 2 * dot * v[i];
  }
}

void maas_qr(size_t m, size_t n, double *a, double *q, double *r, double *scratch) {
  const size_t side = m < n ? m : n;
  memset(r, 0, side * n * sizeof *r);
  for (size_t k = 0; k < side && !maas_cancelled(); k++) {
    const double length = column_length(m, n, a, k);
    double *v = scratch;
    const double target = a[k * n + k] > 0 ? -length : length;
    double sum = 0;
    for (size_t i = k; i < m; i++) {
      v[i] = a[i * n + k] - (i == k ? target : 0);
      if (length > 0) v[i] /= length;
      sum += v[i] * v[i];
    }
    if (sum > 0)
      for (size_t i = k; i < m; i++) v[i] /= sqrt(sum);
    reflect(m, k, v, a, n, k + 1);
    a[k * n + k] = target;
    r[k * n + k] = target;
    for (size_t j = k + 1; j < n; j++) r[k * n + j] = a[k * n + j];
    // Row k is finished; the reflection is kept below, its first number apart.
    for (size_t i = k + 1; i < m; i++) a[i * n + k] = v[i];
    a[k * n + k] = v[k];
  }
  memset(q, 0, m * side * sizeof *q);
  for (size_t k = 0; k < side; k++) q[k * side + k] = 1;
  for (size_t k = side; k-- > 0 && !maas_cancelled();) {
    for (size_t i = k; i < m; i++) scratch[i] = a[i * n + k];
    reflect(m, k, scratch, q, side, k);
  }
  for (size_t k = 0; k < side; k++) {
    if (!(r[k * n + k] < 0)) continue;
    for (size_t j = k; j < n; j++) r[k * n + j] = -r[k * n + j];
    for (size_t i = 0; i < m; i++) q[i * side + k] = -q[i * side + k];
  }
}
