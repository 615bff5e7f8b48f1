// Factorizations of dense matrices of doubles, rows one after the other.
#ifndef MAAS_LINEAR_ALGEBRA_H
#define MAAS_LINEAR_ALGEBRA_H
#include <stddef.h>

/// P·A = L·U in place, with the largest pivot of each column. `rows[i]` is where row i came from.
/// Returns the sign of the permutation; `*singular` is set to 1 + the first column whose pivot is no more than what
/// rounding at `epsilon` leaves of the numbers it came from, or 0. `scratch` holds n numbers.
int maas_lu(size_t n, double *a, size_t *rows, double *scratch, double epsilon, size_t *singular);
/// X = A⁻¹·B from the factors; B has m columns.
void maas_lu_solve(size_t n, size_t m, const double *lu, const size_t *rows, const double *b, double *x);
/// The lower triangle with L·Lᵀ = A in place, zeros above; returns 0, or 1 + the row whose pivot is not positive.
size_t maas_cholesky(size_t n, double *a);
/// Q [m×k] and R [k×n] with Q·R = A, k the smaller of m and n, R's diagonal not negative. `a` is used up, `scratch`
/// holds m numbers.
void maas_qr(size_t m, size_t n, double *a, double *q, double *r, double *scratch);
/// Eigenvalues in ascending order and unit eigenvectors as columns of `v`, which holds the symmetric matrix before.
/// `scratch` holds n numbers. 0, or -1 when the iteration does not end (an entry is not finite).
int maas_eigh(size_t n, double *v, double *values, double *scratch);
/// U [m×n], values descending, V [n×n] with U·diag(values)·Vᵀ = A, m >= n. `at` holds Aᵀ and is used up; `vt` holds
/// n×n, `order` n numbers. 0, or -1 as above.
int maas_svd(size_t m, size_t n, double *at, double *vt, size_t *order, double *u, double *values, double *v);
#endif
