//! Cholesky factorisation of a symmetric matrix, row-major.

use super::dot;

/// L of `A = L Lᵀ` in the lower triangle; `None` where the matrix is not positive definite.
pub(super) fn factor(mut a: Vec<f64>, size: usize) -> Option<Vec<f64>> {
    for row in 0..size {
        let (above, below) = a.split_at_mut(row * size);
        let current = &mut below[..size];
        for column in 0..row {
            let other = &above[column * size..][..size];
            current[column] = (current[column] - dot(&current[..column], &other[..column])) / other[column];
        }
        let pivot = current[row] - dot(&current[..row], &current[..row]);
        // Also where it is NaN.
        if !(pivot > 0.0 && pivot.is_finite()) {
            return None;
        }
        current[row] = pivot.sqrt();
    }
    Some(a)
}

/// x of `L Lᵀ x = b`.
pub(super) fn solve(l: &[f64], b: &[f64]) -> Vec<f64> {
    let size = b.len();
    let mut x = b.to_vec();
    for row in 0..size {
        let line = &l[row * size..][..=row];
        x[row] = (x[row] - dot(&line[..row], &x[..row])) / line[row];
    }
    for row in (0..size).rev() {
        x[row] /= l[row * size + row];
        let (value, line) = (x[row], &l[row * size..][..row]);
        for (earlier, entry) in x.iter_mut().zip(line) {
            *earlier -= value * entry;
        }
    }
    x
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    #[test]
    fn solves_what_is_positive_definite_and_refuses_the_rest() {
        let a = [4.0, 2.0, 0.0, 2.0, 5.0, 3.0, 0.0, 3.0, 6.0];
        let x = [1.0, -2.0, 0.5];
        let b: Vec<f64> = a.chunks(3).map(|row| dot(row, &x)).collect();
        let found = solve(&factor(a.to_vec(), 3).unwrap(), &b);
        for (found, expected) in found.iter().zip(x) {
            assert_relative_eq!(*found, expected, max_relative = 1e-14);
        }
        assert!(factor(vec![1.0, 2.0, 2.0, 1.0], 2).is_none());
        assert!(factor(vec![f64::NAN], 1).is_none());
    }
}
