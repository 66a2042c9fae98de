//! Linear axes of a cloud of points: principal ones, and those of linear discriminant analysis, by Jacobi's rotations.

use minimand::prelude::*;

use crate::tour::fit::tensor;

/// `[columns, axes]`, to multiply rows with.
pub(super) type Axes = Tensor;

/// Rotations over all pairs, at most.
const SWEEPS: usize = 60;

/// The directions of greatest variance of `points`, row after row of `size` numbers, the greatest first.
pub(super) fn principal_axes(points: &[f64], size: usize, count: usize) -> Axes {
    let covariance = scatter(points.chunks(size).map(|point| (point, 1.0)), &mean(points.chunks(size), size), size);
    let (_, vectors) = symmetric_eigen(covariance, size);
    tensor(&leading(&vectors, size, count), [size, count])
}

/// The directions that have the greatest variance between the classes over that within (Fisher 1936; Rao 1948), scaled so that the
/// variance within is 1 in each and nothing is correlated: Euclidean distances are then Mahalanobis's.
pub(super) fn discriminant_axes(points: &[f64], classes: &[usize], size: usize, count: usize) -> Axes {
    let total = mean(points.chunks(size), size);
    let most = classes.iter().copied().max().unwrap_or(0);
    let (mut within, mut between) = (vec![0.0; size * size], vec![0.0; size * size]);
    let share = 1.0 / classes.len() as f64;
    for class in 0..=most {
        let own = || points.chunks(size).zip(classes).filter(|(_, found)| **found == class).map(|(point, _)| point);
        let rows = own().count();
        if rows == 0 {
            continue;
        }
        let centre = mean(own(), size);
        add(&mut within, &scatter(own().map(|point| (point, share)), &centre, size));
        add(&mut between, &scatter([(&centre[..], share * rows as f64)].into_iter(), &total, size));
    }
    // Whitened by what is within the classes, the generalised eigenproblem is an ordinary one.
    let (variances, vectors) = symmetric_eigen(within, size);
    let floor = 1e-9 * variances.first().copied().unwrap_or(0.0);
    let scale = |place: usize| if variances[place] > floor { variances[place].sqrt().recip() } else { 0.0 };
    let whitening: Vec<f64> = (0..size * size).map(|cell| vectors[cell] * scale(cell % size)).collect();
    let whitened = product(&transposed(&whitening, size), &product(&between, &whitening, size), size);
    let (_, turned) = symmetric_eigen(whitened, size);
    tensor(&leading(&product(&whitening, &turned, size), size, count), [size, count])
}

/// The first columns.
fn leading(matrix: &[f64], size: usize, count: usize) -> Vec<f64> {
    matrix.chunks(size).flat_map(|row| row[..count].iter().copied()).collect()
}

fn mean<'a>(points: impl Iterator<Item = &'a [f64]>, size: usize) -> Vec<f64> {
    let (mut sum, mut rows) = (vec![0.0; size], 0.0);
    for point in points {
        add(&mut sum, point);
        rows += 1.0;
    }
    sum.iter().map(|sum| sum / rows).collect()
}

fn add(sum: &mut [f64], more: &[f64]) {
    sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
}

/// Weighted sum of the products of the distances from a centre.
fn scatter<'a>(points: impl Iterator<Item = (&'a [f64], f64)>, centre: &[f64], size: usize) -> Vec<f64> {
    let mut sum = vec![0.0; size * size];
    for (point, weight) in points {
        let from: Vec<f64> = point.iter().zip(centre).map(|(value, centre)| value - centre).collect();
        for (row, a) in sum.chunks_mut(size).zip(&from) {
            row.iter_mut().zip(&from).for_each(|(cell, b)| *cell += weight * a * b);
        }
    }
    sum
}

fn transposed(matrix: &[f64], size: usize) -> Vec<f64> {
    (0..size * size).map(|cell| matrix[cell % size * size + cell / size]).collect()
}

fn product(a: &[f64], b: &[f64], size: usize) -> Vec<f64> {
    let cell = |cell: usize| (0..size).map(|k| a[cell / size * size + k] * b[k * size + cell % size]).sum();
    (0..size * size).map(cell).collect()
}

/// Eigenvalues of a symmetric matrix, the greatest first, and the unit eigenvectors in the columns of a matrix (Jacobi 1846).
fn symmetric_eigen(mut matrix: Vec<f64>, size: usize) -> (Vec<f64>, Vec<f64>) {
    let mut vectors: Vec<f64> = (0..size * size).map(|cell| f64::from(u8::from(cell % (size + 1) == 0))).collect();
    for _ in 0..SWEEPS {
        let mut turned = false;
        for p in 0..size {
            for q in p + 1..size {
                let (pp, qq, pq) = (matrix[p * size + p], matrix[q * size + q], matrix[p * size + q]);
                if pq.abs() <= 1e-15 * (pp.abs() + qq.abs()) {
                    continue;
                }
                turned = true;
                let zeta = (qq - pp) / (2.0 * pq);
                let tangent = zeta.signum() / (zeta.abs() + zeta.hypot(1.0));
                let cosine = tangent.hypot(1.0).recip();
                let sine = cosine * tangent;
                let turn = |x: f64, y: f64| (cosine * x - sine * y, sine * x + cosine * y);
                for k in 0..size {
                    (matrix[k * size + p], matrix[k * size + q]) = turn(matrix[k * size + p], matrix[k * size + q]);
                    (vectors[k * size + p], vectors[k * size + q]) = turn(vectors[k * size + p], vectors[k * size + q]);
                }
                for k in 0..size {
                    (matrix[p * size + k], matrix[q * size + k]) = turn(matrix[p * size + k], matrix[q * size + k]);
                }
            }
        }
        if !turned {
            break;
        }
    }
    let value = |place: usize| matrix[place * size + place];
    let mut order: Vec<usize> = (0..size).collect();
    order.sort_by(|&a, &b| value(b).total_cmp(&value(a)));
    let sorted = (0..size * size).map(|cell| vectors[cell / size * size + order[cell % size]]).collect();
    (order.iter().map(|&place| value(place)).collect(), sorted)
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    #[test]
    fn a_matrix_is_made_again_of_its_eigenvectors() {
        let size = 5;
        let free: Vec<f64> = Tensor::normal([size * size], &mut Rng::seed(3)).to_vec();
        let symmetric: Vec<f64> = free.iter().zip(transposed(&free, size)).map(|(a, b)| a + b).collect();
        let (values, vectors) = symmetric_eigen(symmetric.clone(), size);
        assert!(values.is_sorted_by(|a, b| a >= b));
        let one = product(&transposed(&vectors, size), &vectors, size);
        let diagonal: Vec<f64> =
            (0..size * size).map(|cell| if cell % (size + 1) == 0 { values[cell / size] } else { 0.0 }).collect();
        let again = product(&vectors, &product(&diagonal, &transposed(&vectors, size), size), size);
        for cell in 0..size * size {
            assert_relative_eq!(one[cell], f64::from(u8::from(cell % (size + 1) == 0)), epsilon = 1e-12);
            assert_relative_eq!(again[cell], symmetric[cell], epsilon = 1e-12);
        }
        // By hand: [[2, 1], [1, 2]] has 3 and 1.
        let (values, _) = symmetric_eigen(vec![2.0, 1.0, 1.0, 2.0], 2);
        assert_relative_eq!(values[0], 3.0, epsilon = 1e-12);
        assert_relative_eq!(values[1], 1.0, epsilon = 1e-12);
    }

    /// Two classes, wide along the first axis and apart along the second: the greatest variance misleads, the discriminant does not.
    #[test]
    fn the_discriminant_finds_what_tells_the_classes_apart() {
        let points: Vec<f64> = (0..40).flat_map(|row| [f64::from(row % 20) - 9.5, f64::from(row / 20)]).collect();
        let noisy: Vec<f64> =
            points.chunks(2).enumerate().flat_map(|(row, p)| [p[0], p[1] + 0.1 * f64::from(row as u8 % 3)]).collect();
        let classes: Vec<usize> = (0..40).map(|row| row / 20).collect();
        let principal: Vec<f64> = principal_axes(&noisy, 2, 1).to_vec();
        assert!(principal[0].abs() > 0.99, "{principal:?}");
        let discriminant: Vec<f64> = discriminant_axes(&noisy, &classes, 2, 1).to_vec();
        assert!(discriminant[1].abs() > 100.0 * discriminant[0].abs(), "{discriminant:?}");
        // The variance within is 1.
        let along: Vec<f64> = noisy.chunks(2).map(|p| p[0] * discriminant[0] + p[1] * discriminant[1]).collect();
        let variance: f64 = along
            .chunks(20)
            .map(|class| {
                let centre = class.iter().sum::<f64>() / 20.0;
                class.iter().map(|x| (x - centre).powi(2)).sum::<f64>()
            })
            .sum::<f64>()
            / 40.0;
        assert_relative_eq!(variance, 1.0, max_relative = 1e-5);
    }
}
