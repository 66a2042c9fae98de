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
