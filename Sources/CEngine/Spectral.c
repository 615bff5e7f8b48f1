// Eigenvalues of symmetric matrices (Householder's tridiagonal form, then implicit QL: Bowdler, Martin, Reinsch,
// Wilkinson, 1968) and singular values (one-sided rotations: Hestenes, 1958). Both stop at rounding.
#include "include/CEngine.h"
#include "include/LinearAlgebra.h"
#include <float.h>
#include <math.h>
#include <string.h>

/// Householder's form: the diagonal into d, what lies beside it into e, the transformation into v.
static void tridiagonal(size_t n, double *v, double *d, double *e) {
  for (size_t j = 0; j < n; j++) d[j] = v[(n - 1) * n + j];
  for (size_t i = n - 1; i > 0 && !maas_cancelled(); i--) {
    double scale = 0, h = 0;
    for (size_t k = 0; k < i; k++) scale += fabs(d[k]);
    if (scale == 0) {
      e[i] = d[i - 1];
      for (size_t j = 0; j < i; j++) {
        d[j] = v[(i - 1) * n + j];
        v[i * n + j] = v[j * n + i] = 0;
      }
    } else {
      for (size_t k = 0; k < i; k++) {
        d[k] /= scale;
        h += d[k] * d[k];
      }
      double f = d[i - 1], g = f > 0 ? -sqrt(h) : sqrt(h);
      e[i] = scale * g;
      h -= f * g;
      d[i - 1] = f - g;
      for (size_t j = 0; j < i; j++) e[j] = 0;
      for (size_t j = 0; j < i; j++) {
        f = d[j];
        v[j * n + i] = f;
        g = e[j] + v[j * n + j] * f;
        for (size_t k = j + 1; k < i; k++) {
          g += v[k * n + j] * d[k];
          e[k] += v[k * n + j] * f;
        }
        e[j] = g;
      }
      f = 0;
      for (size_t j = 0; j < i; j++) {
        e[j] /= h;
        f += e[j] * d[j];
      }
      const double share = f / (h + h);
      for (size_t j = 0; j < i; j++) e[j] -= share * d[j];
      for (size_t j = 0; j < i; j++) {
        f = d[j];
        g = e[j];
        for (size_t k = j; k < i; k++) v[k * n + j] -= f * e[k] + g * d[k];
        d[j] = v[(i - 1) * n + j];
        v[i * n + j] = 0;
      }
    }
    d[i] = h;
  }
  for (size_t i = 0; i + 1 < n; i++) {
    v[(n - 1) * n + i] = v[i * n + i];
    v[i * n + i] = 1;
    const double h = d[i + 1];
    if (h != 0) {
      for (size_t k = 0; k <= i; k++) d[k] = v[k * n + i + 1] / h;
      for (size_t j = 0; j <= i; j++) {
        double g = 0;
        for (size_t k = 0; k <= i; k++) g += v[k * n + i + 1] * v[k * n + j];
        for (size_t k = 0; k <= i; k++) v[k * n + j] -= g * d[k];
      }
    }
    for (size_t k = 0; k <= i; k++) v[k * n + i + 1] = 0;
  }
  for (size_t j = 0; j < n; j++) {
    d[j] = v[(n - 1) * n + j];
    v[(n - 1) * n + j] = 0;
  }
  v[n * n - 1] = 1;
  e[0] = 0;
}

/// Rotates the tridiagonal form until it is diagonal.
static int diagonalize(size_t n, double *v, double *d, double *e) {
  double f = 0, most = 0;
  for (size_t i = 1; i < n; i++) e[i - 1] = e[i];
  e[n - 1] = 0;
  for (size_t l = 0; l < n; l++) {
    most = fmax(most, fabs(d[l]) + fabs(e[l]));
    size_t m = l;
    while (m + 1 < n && fabs(e[m]) > DBL_EPSILON * most) m++;
    for (int turn = 0; m > l; turn++) {
      if (turn == 200 || !isfinite(most) || maas_cancelled()) return -1;
      double g = d[l], p = (d[l + 1] - g) / (2 * e[l]), r = p < 0 ? -hypot(p, 1) : hypot(p, 1);
      d[l] = e[l] / (p + r);
      d[l + 1] = e[l] * (p + r);
      const double next = d[l + 1];
      double h = g - d[l];
      for (size_t i = l + 2; i < n; i++) d[i] -= h;
      f += h;
      p = d[m];
      double c = 1, c2 = 1, c3 = 1, s = 0, s2 = 0;
      const double beside = e[l + 1];
      for (size_t i = m; i-- > l;) {
        c3 = c2;
        c2 = c;
        s2 = s;
        g = c * e[i];
        h = c * p;
        r = hypot(p, e[i]);
        e[i + 1] = s * r;
        s = r > 0 ? e[i] / r : 0;
        c = r > 0 ? p / r : 1;
        p = c * d[i] - s * g;
        d[i + 1] = h + s * (c * g + s * d[i]);
        for (size_t k = 0; k < n; k++) {
          h = v[k * n + i + 1];
          v[k * n + i + 1] = s * v[k * n + i] + c * h;
          v[k * n + i] = c * v[k * n + i] - s * h;
        }
      }
      p = -s * s2 * c3 * beside * e[l] / next;
      e[l] = s * p;
      d[l] = c * p;
      if (!(fabs(e[l]) > DBL_EPSILON * most)) break;
    }
    d[l] += f;
    e[l] = 0;
  }
  return 0;
}

/// The largest number of a column made positive, so that a matrix has one answer.
static void settle_sign(size_t rows, size_t stride, double *column, double *other, size_t other_rows,
                        size_t other_stride) {
  double most = 0, sign = 1;
  for (size_t i = 0; i < rows; i++)
    if (fabs(column[i * stride]) > most * (1 + 1e-9)) {
      most = fabs(column[i * stride]);
      sign = column[i * stride] < 0 ? -1 : 1;
    }
  if (sign > 0) return;
  for (size_t i = 0; i < rows; i++) column[i * stride] = -column[i * stride];
  for (size_t i = 0; i < other_rows; i++) other[i * other_stride] = -other[i * other_stride];
}

int maas_eigh(size_t n, double *v, double *values, double *scratch) {
  if (n == 0) return 0;
  for (size_t i = 0; i < n * n; i++)
    if (!isfinite(v[i])) return -1;
  tridiagonal(n, v, values, scratch);
  if (diagonalize(n, v, values, scratch)) return -1;
  for (size_t i = 0; i + 1 < n; i++) {
    size_t least = i;
    for (size_t j = i + 1; j < n; j++)
      if (values[j] < values[least]) least = j;
    if (least == i) continue;
    double t = values[i];
    values[i] = values[least];
    values[least] = t;
    for (size_t k = 0; k < n; k++) {
      t = v[k * n + i];
      v[k * n + i] = v[k * n + least];
      v[k * n + least] = t;
    }
  }
  for (size_t j = 0; j < n; j++) settle_sign(n, n, v + j, NULL, 0, 0);
  return 0;
}

static void rotate(size_t n, double *a, double *b, double c, double s) {
  for (size_t i = 0; i < n; i++) {
    const double x = a[i], y = b[i];
    a[i] = c * x - s * y;
    b[i] = s * x + c * y;
  }
}

/// Sums in eight lanes that the compiler keeps in vectors.
static double dot(size_t n, const double *a, const double *b) {
  double lanes[8] = {0};
  size_t i = 0;
  for (; i + 8 <= n; i += 8)
    for (size_t l = 0; l < 8; l++) lanes[l] += a[i + l] * b[i + l];
  double sum = 0;
  for (; i < n; i++) sum += a[i] * b[i];
  for (size_t l = 0; l < 8; l++) sum += lanes[l];
  return sum;
}

/// Fills column j of U (of n) with a unit vector orthogonal to the columns before: a singular value of zero has any.
static void complete(size_t m, size_t n, double *u, size_t j) {
  for (size_t axis = 0; axis < m; axis++) {
    for (size_t i = 0; i < m; i++) u[i * n + j] = i == axis;
    double length = 0;
    for (int twice = 0; twice < 2; twice++) {
      for (size_t k = 0; k < j; k++) {
        double share = 0;
        for (size_t i = 0; i < m; i++) share += u[i * n + k] * u[i * n + j];
        for (size_t i = 0; i < m; i++) u[i * n + j] -= share * u[i * n + k];
      }
      length = 0;
      for (size_t i = 0; i < m; i++) length += u[i * n + j] * u[i * n + j];
    }
    // One axis at least keeps this much, since j < m.
    if (length * (double)m >= 0.5 * (double)(m - j)) {
      for (size_t i = 0; i < m; i++) u[i * n + j] /= sqrt(length);
      return;
    }
  }
}

int maas_svd(size_t m, size_t n, double *at, double *vt, size_t *order, double *u, double *values, double *v) {
  double most = 0;
  for (size_t i = 0; i < m * n; i++) {
    if (!isfinite(at[i])) return -1;
    most = fmax(most, fabs(at[i]));
  }
  // Squares must neither overflow nor vanish.
  int exponent = 0;
  if (most > 0) frexp(most, &exponent);
  for (size_t i = 0; i < m * n; i++) at[i] = ldexp(at[i], -exponent);
  memset(vt, 0, n * n * sizeof *vt);
  for (size_t i = 0; i < n; i++) vt[i * n + i] = 1;
  for (int sweep = 0, rotated = 1; rotated; sweep++) {
    if (sweep == 60) return -1;
    rotated = 0;
    for (size_t i = 0; i + 1 < n; i++) {
      if (maas_cancelled()) return -1;
      for (size_t j = i + 1; j < n; j++) {
        double *a = at + i * m, *b = at + j * m;
        const double aa = dot(m, a, a), bb = dot(m, b, b), ab = dot(m, a, b);
        if (!(fabs(ab) > 4 * DBL_EPSILON * sqrt(aa) * sqrt(bb)) || fabs(ab) < 1e-300) continue;
        rotated = 1;
        const double zeta = (bb - aa) / (2 * ab);
        const double t = (zeta < 0 ? -1 : 1) / (fabs(zeta) + hypot(1, zeta)), c = 1 / sqrt(1 + t * t);
        rotate(m, a, b, c, c * t);
        rotate(n, vt + i * n, vt + j * n, c, c * t);
      }
    }
  }
  double *lengths = u;  // not yet in use
  if (m == 0 || n == 0) return 0;
  for (size_t i = 0; i < n; i++) {
    lengths[i] = sqrt(dot(m, at + i * m, at + i * m));
    order[i] = i;
  }
  for (size_t i = 1; i < n; i++)
    for (size_t j = i; j > 0 && lengths[order[j]] > lengths[order[j - 1]]; j--) {
      size_t t = order[j];
      order[j] = order[j - 1];
      order[j - 1] = t;
    }
  for (size_t j = 0; j < n; j++) values[j] = lengths[order[j]];
  const double tiny = DBL_EPSILON * (double)m * values[0];
  for (size_t j = 0; j < n; j++) {
    const double *row = at + order[j] * m;
    for (size_t i = 0; i < n; i++) v[i * n + j] = vt[order[j] * n + i];
    if (values[j] > tiny)
      for (size_t i = 0; i < m; i++) u[i * n + j] = row[i] / values[j];
    else complete(m, n, u, j);
    settle_sign(m, n, u + j, v + j, n, n);
    values[j] = ldexp(values[j], exponent);
  }
  return 0;
}
