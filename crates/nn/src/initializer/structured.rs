//! Initialisers that fill a weight as a whole: what stands in one entry depends on the others, or on its place.

use minimand_tensor::{Rng, Shape};

/// A matrix with orthonormal rows, or columns if there are fewer of these; what follows the first axis is read as one. From a normal distribution by
/// Gram-Schmidt, so that every such matrix is as likely as any other.
#[track_caller]
pub(super) fn orthogonal(shape: &Shape, rng: &mut Rng) -> Vec<f64> {
    assert!(shape.rank() >= 2, "draw: {shape} is no weight: orthogonal rows are of [outputs, inputs, …]");
    let (rows, columns) = (shape[0], shape[1..].iter().product::<usize>());
    let (count, length) = (rows.min(columns), rows.max(columns));
    let mut vectors: Vec<Vec<f64>> = Vec::with_capacity(count);
    while vectors.len() < count {
        let mut vector: Vec<f64> = (0..length).map(|_| rng.normal()).collect();
        // Twice: what rounding has left of the others the first time is gone after the second.
        for _ in 0..2 {
            for other in &vectors {
                let along = dot(&vector, other);
                vector.iter_mut().zip(other).for_each(|(entry, other)| *entry -= along * other);
            }
            let size = dot(&vector, &vector).sqrt();
            vector.iter_mut().for_each(|entry| *entry /= size);
        }
        // A vector within the space of the others has no direction left: another is drawn.
        if vector.iter().all(|entry| entry.is_finite()) {
            vectors.push(vector);
        }
    }
    if rows <= columns {
        return vectors.concat();
    }
    (0..rows * columns).map(|entry| vectors[entry % columns][entry / columns]).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// A matrix of numbers of a normal distribution, in each column of which a share of the rows, rounded up, is 0.
#[track_caller]
pub(super) fn sparse(shape: &Shape, sparsity: f64, deviation: f64, rng: &mut Rng) -> Vec<f64> {
    assert!((0.0..=1.0).contains(&sparsity), "draw: the sparsity {sparsity} is not in 0.0..=1.0");
    let (rows, columns) = sides(shape, "sparse");
    let mut values: Vec<f64> = (0..rows * columns).map(|_| deviation * rng.normal()).collect();
    let zeros = (sparsity * rows as f64).ceil() as usize;
    for column in 0..columns {
        for row in rng.permutation(rows).into_iter().take(zeros) {
            values[row * columns + column] = 0.0;
        }
    }
    values
}

/// A kernel `[outputs, inputs, window…]` under which, in each of the groups, channel passes to channel: 1 in the middle of the window.
#[track_caller]
pub(super) fn dirac(shape: &Shape, groups: usize) -> Vec<f64> {
    assert!(
        shape.rank() >= 3,
        "draw: {shape} is no kernel [outputs, inputs, window…], which an identity passes through"
    );
    let (outputs, inputs, window) = (shape[0], shape[1], &shape[2..]);
    assert!(groups > 0 && outputs.is_multiple_of(groups), "draw: {groups} groups do not divide {outputs} outputs");
    let entries: usize = window.iter().product();
    let middle = window.iter().fold(0, |place, side| place * side + side / 2);
    let of_group = outputs / groups;
    let mut values = vec![0.0; shape.elements()];
    if entries > 0 {
        for group in 0..groups {
            for channel in 0..of_group.min(inputs) {
                values[((group * of_group + channel) * inputs + channel) * entries + middle] = 1.0;
            }
        }
    }
    values
}

/// 1 on the diagonal of a matrix, 0 elsewhere.
#[track_caller]
pub(super) fn identity(shape: &Shape) -> Vec<f64> {
    let (rows, columns) = sides(shape, "identity");
    (0..rows * columns).map(|entry| f64::from(u8::from(entry / columns == entry % columns))).collect()
}

#[track_caller]
fn sides(shape: &Shape, name: &str) -> (usize, usize) {
    let &[rows, columns] = shape.sizes() else {
        panic!("draw: {shape} is no matrix [outputs, inputs], as {name} asks for")
    };
    (rows, columns)
}

/// A number of a normal distribution with mean 0 that lies within ±bound, by rejection: from the distribution itself, or where most of it lies
/// outside, from an even one.
pub(super) fn truncated_normal(deviation: f64, bound: f64, rng: &mut Rng) -> f64 {
    loop {
        if bound >= deviation {
            let value = deviation * rng.normal();
            if value.abs() <= bound {
                return value;
            }
        } else {
            let value = bound * (2.0 * rng.uniform() - 1.0);
            if rng.uniform() < (-0.5 * (value / deviation).powi(2)).exp() {
                return value;
            }
        }
    }
}
