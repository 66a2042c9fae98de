//! Cholesky factorisation of a symmetric matrix, row-major.

/// L of `A = L Lᵀ` in the lower triangle; `None` where the matrix is not positive definite.
pub(super) fn factor(mut a: Vec<f64>, size: usize) -> Option<Vec<f64>> {
    for row in 0..size {
        let (above, below) = a.split_at_mut(row * size);
        let current = &mut below[..size];
        for column in 0..row {
            let other = &above[column * size..column * size + size];
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
        let line = &l[row * size..row * size + row + 1];
        x[row] = (x[row] - dot(&line[..row], &x[..row])) / line[row];
    }
    for row in (0..size).rev() {
        x[row] /= l[row * size + row];
        let (value, line) = (x[row], &l[row * size..row * size + row]);
        for (earlier, entry) in x.iter_mut().zip(line) {
            *earlier -= value * entry;
        }
    }
    x
}

/// Σ aᵢ bᵢ, in four sums that the processor can do side by side.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 4];
    let (quads, rest) = (a.chunks_exact(4), a.chunks_exact(4).remainder().iter().zip(b.chunks_exact(4).remainder()));
    let rest: f64 = rest.map(|(a, b)| a * b).sum();
    for (a, b) in quads.zip(b.chunks_exact(4)) {
        for lane in 0..4 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    #[test]
    fn solves_what_is_positive_definite_and_refuses_the_rest() {
        let size = 7;
        // A matrix of Hilbert's kind, which is positive definite, and a known solution.
        let a: Vec<f64> = (0..size * size).map(|at| 1.0 / (at / size + at % size + 1) as f64).collect();
        let x: Vec<f64> = (0..size).map(|at| at as f64 - 2.5).collect();
        let b: Vec<f64> = (0..size).map(|row| dot(&a[row * size..(row + 1) * size], &x)).collect();
        let solution = solve(&factor(a.clone(), size).unwrap(), &b);
        for (found, known) in solution.iter().zip(&x) {
            assert_relative_eq!(found, known, epsilon = 1e-5);
        }
        let mut indefinite = a;
        indefinite[2 * size + 2] = -1.0;
        assert!(factor(indefinite, size).is_none());
        assert!(factor(vec![f64::NAN], 1).is_none());
    }
}
