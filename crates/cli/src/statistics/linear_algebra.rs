//! Small dense matrices, row after row.

/// The product of two square matrices.
pub(super) fn product(a: &[f64], b: &[f64], size: usize) -> Vec<f64> {
    let mut result = vec![0.0; size * size];
    for i in 0..size {
        for k in 0..size {
            let left = a[i * size + k];
            for j in 0..size {
                result[i * size + j] += left * b[k * size + j];
            }
        }
    }
    result
}

/// The inverse of a positive definite matrix by Cholesky's factor; nothing where it is not positive definite.
pub(super) fn inverse(matrix: &[f64], size: usize) -> Option<Vec<f64>> {
    let mut factor = matrix.to_vec();
    for j in 0..size {
        for k in 0..j {
            let pivot = factor[j * size + k];
            for i in j..size {
                factor[i * size + j] -= pivot * factor[i * size + k];
            }
        }
        let pivot = factor[j * size + j];
        if pivot.is_nan() || pivot <= 1e-13 * matrix[j * size + j].abs() {
            return None;
        }
        let root = pivot.sqrt();
        (j..size).for_each(|i| factor[i * size + j] /= root);
    }
    let mut inverted = vec![0.0; size * size];
    for column in 0..size {
        let mut x = vec![0.0; size];
        for i in column..size {
            let known: f64 = (column..i).map(|k| factor[i * size + k] * x[k]).sum();
            x[i] = (f64::from(u8::from(i == column)) - known) / factor[i * size + i];
        }
        for i in (0..size).rev() {
            let known: f64 = (i + 1..size).map(|k| factor[k * size + i] * x[k]).sum();
            x[i] = (x[i] - known) / factor[i * size + i];
        }
        (0..size).for_each(|row| inverted[row * size + column] = x[row]);
    }
    Some(inverted)
}

/// A square matrix's own elements, from the first row on.
pub(crate) fn diagonal(matrix: &[f64], size: usize) -> Vec<f64> {
    (0..size).map(|place| matrix[place * size + place]).collect()
}

/// The lower factor of a positive semidefinite matrix; a column of zeros where it has no direction of its own.
pub(crate) fn positive_semidefinite_factor(matrix: Vec<f64>, size: usize) -> Vec<f64> {
    let tiny = 1e-12 * diagonal(&matrix, size).iter().sum::<f64>();
    let mut factor = vec![0.0; size * size];
    for column in 0..size {
        for row in column..size {
            let known: f64 = (0..column).map(|k| factor[row * size + k] * factor[column * size + k]).sum();
            let rest = matrix[row * size + column] - known;
            factor[row * size + column] = match (row == column, factor[column * size + column]) {
                (true, _) if rest > tiny => rest.sqrt(),
                (true, _) => 0.0,
                (false, pivot) if pivot > 0.0 => rest / pivot,
                (false, _) => 0.0,
            };
        }
    }
    factor
}

/// By one-sided Jacobi rotations, which make the columns orthogonal (Hestenes 1958).
pub(crate) fn singular_values(mut matrix: Vec<f64>, size: usize) -> Vec<f64> {
    const SWEEPS: usize = 60;
    for _ in 0..SWEEPS {
        let mut turned = false;
        for p in 0..size {
            for q in p + 1..size {
                let sum = |i: usize, j: usize| -> f64 {
                    (0..size).map(|row| matrix[row * size + i] * matrix[row * size + j]).sum()
                };
                let (pp, qq, pq) = (sum(p, p), sum(q, q), sum(p, q));
                if pq.abs() <= 1e-13 * (pp * qq).sqrt() {
                    continue;
                }
                turned = true;
                let zeta = (qq - pp) / (2.0 * pq);
                let tangent = zeta.signum() / (zeta.abs() + zeta.hypot(1.0));
                let cosine = tangent.hypot(1.0).recip();
                let sine = cosine * tangent;
                for row in 0..size {
                    let (x, y) = (matrix[row * size + p], matrix[row * size + q]);
                    matrix[row * size + p] = cosine * x - sine * y;
                    matrix[row * size + q] = sine * x + cosine * y;
                }
            }
        }
        if !turned {
            break;
        }
    }
    let column = |place: usize| (0..size).map(move |row| row * size + place);
    (0..size).map(|place| column(place).map(|cell| matrix[cell].powi(2)).sum::<f64>().sqrt()).collect()
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    #[test]
    fn a_matrix_times_its_inverse_is_one() {
        let matrix = [4.0, 1.0, 0.5, 1.0, 3.0, -0.2, 0.5, -0.2, 2.0];
        let one = product(&matrix, &inverse(&matrix, 3).unwrap(), 3);
        for (at, value) in one.iter().enumerate() {
            assert_relative_eq!(*value, f64::from(u8::from(at % 4 == 0)), epsilon = 1e-12);
        }
        assert!(inverse(&[1.0, 1.0, 1.0, 1.0], 2).is_none());
    }
}
