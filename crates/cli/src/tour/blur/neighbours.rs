//! The conditional mean without a network: the lower halves of the training pictures whose upper halves are nearest.

use minimand::prelude::*;

use super::{Averaged, HalfFigures, Neighbours, fashion::SIDE, judge::sharpness};
use crate::statistics::naive;

/// How many neighbours are tried.
pub(super) const COUNTS: [usize; 7] = [1, 2, 4, 8, 16, 32, 64];

/// Pixels of a half.
const HALF: usize = SIDE / 2 * SIDE;

/// Lower halves, `[pictures, 1, 14, 28]`, that neighbours give.
pub(super) struct Answers {
    /// What squared error would answer: the mean.
    pub(super) mean: Tensor,
    /// What absolute error would answer: the median of each pixel.
    pub(super) median: Tensor,
    /// The nearest neighbour's.
    pub(super) one: Tensor,
    /// The true ones.
    truth: Tensor,
}

impl Answers {
    /// Of halves, beside the true ones and beside the neighbours'.
    pub(super) fn figures(&self, halves: &Tensor) -> HalfFigures {
        HalfFigures {
            squared: squared_error(halves, &self.truth).mean().item(),
            absolute: absolute_error(halves, &self.truth).mean().item(),
            sharpness: sharpness(halves, &self.truth),
            to_mean: squared_error(halves, &self.mean).mean().item(),
            to_median: absolute_error(halves, &self.median).mean().item(),
        }
    }
}

/// Asks the neighbours; their number is that with the lowest squared error where each training picture is left out in turn.
pub(super) fn ask(train: &Tensor, test: &Tensor) -> (Neighbours, Answers) {
    let most = COUNTS.into_iter().fold(1, usize::max).min(train.shape()[0] - 1);
    let counts = COUNTS.into_iter().filter(|&count| count <= most);
    let library: Vec<f32> = lower(train).to_vec();
    let left_out = nearest(&upper(train), &upper(train), most, true);
    let asked = nearest(&upper(test), &upper(train), most, false);
    let truth = lower(test);
    let as_halves = |halves: Vec<f32>, like: &Tensor| Tensor::from_vec(halves, like.shape().clone());
    let mean = |nearest: &[Vec<usize>], count: usize, like: &Tensor| as_halves(means(&library, nearest, count), like);
    let tried: Vec<Averaged> = counts
        .map(|count| {
            let (own, others) = (mean(&left_out, count, &lower(train)), mean(&asked, count, &truth));
            Averaged {
                count,
                left_out: squared_error(&own, &lower(train)).mean().item(),
                squared: squared_error(&others, &truth).mean().item(),
                sharpness: sharpness(&others, &truth),
            }
        })
        .collect();
    let best = tried.iter().min_by(|a, b| a.left_out.total_cmp(&b.left_out));
    let count = best.map_or(1, |best| best.count);

    let answers = Answers {
        mean: mean(&asked, count, &truth),
        median: as_halves(medians(&library, &asked, count), &truth),
        one: mean(&asked, 1, &truth),
        truth: truth.clone(),
    };
    // One of the neighbours at random, over all of them; and how far they are from their mean.
    let [true_halves, mean_halves]: [Vec<f32>; 2] = [truth.to_vec(), answers.mean.to_vec()];
    let of_each = |beside: &[f32]| -> Vec<f64> {
        let rows = asked.iter().zip(beside.chunks(HALF));
        rows.map(|(nearest, beside)| {
            let errors = nearest[..count].iter().map(|&row| mean_square(half(&library, row), beside));
            errors.sum::<f64>() / count as f64
        })
        .collect()
    };
    let singles = of_each(&true_halves);
    let of_mean = mean_halves.chunks(HALF).zip(true_halves.chunks(HALF)).map(|(mean, truth)| mean_square(mean, truth));
    let gains: Vec<f64> = of_mean.zip(&singles).map(|(of_mean, single)| of_mean - single).collect();
    let average = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let neighbours = Neighbours {
        count,
        tried,
        mean: answers.figures(&answers.mean),
        median: answers.figures(&answers.median),
        one: answers.figures(&answers.one),
        single: average(&singles),
        spread: average(&of_each(&mean_halves)),
        gain: naive(&gains),
    };
    (neighbours, answers)
}

fn upper(pictures: &Tensor) -> Tensor {
    pictures.slice(2, ..SIDE / 2).reshape([pictures.shape()[0], HALF]).computed()
}

pub(super) fn lower(pictures: &Tensor) -> Tensor {
    pictures.slice(2, SIDE / 2..).computed()
}

fn half(library: &[f32], row: usize) -> &[f32] {
    &library[row * HALF..][..HALF]
}

fn mean_square(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>() / a.len() as f64
}

/// The rows of the library nearest to each query, nearest first, without the row of the query's own number if asked.
fn nearest(queries: &Tensor, library: &Tensor, count: usize, without_own: bool) -> Vec<Vec<usize>> {
    let distances: Vec<f32> = queries.pairwise_distances(library).to_vec();
    let of_query = |(query, distances): (usize, &[f32])| {
        let mut rows: Vec<usize> = (0..distances.len()).filter(|&row| !(without_own && row == query)).collect();
        let nearer = |a: &usize, b: &usize| distances[*a].total_cmp(&distances[*b]).then(a.cmp(b));
        if count < rows.len() {
            rows.select_nth_unstable_by(count, nearer);
            rows.truncate(count);
        }
        rows.sort_unstable_by(nearer);
        rows
    };
    distances.chunks(library.shape()[0]).enumerate().map(of_query).collect()
}

/// The mean of so many neighbours' halves, query after query.
fn means(library: &[f32], nearest: &[Vec<usize>], count: usize) -> Vec<f32> {
    let of_query = |rows: &Vec<usize>| {
        let mut sum = vec![0.0; HALF];
        for &row in &rows[..count] {
            sum.iter_mut().zip(half(library, row)).for_each(|(sum, pixel)| *sum += pixel);
        }
        sum.into_iter().map(move |sum| sum / count as f32)
    };
    nearest.iter().flat_map(of_query).collect()
}

/// The median of each pixel over so many neighbours; between the two in the middle where their number is even.
fn medians(library: &[f32], nearest: &[Vec<usize>], count: usize) -> Vec<f32> {
    let of_pixel = |rows: &[usize], pixel: usize| {
        let mut values: Vec<f32> = rows.iter().map(|&row| half(library, row)[pixel]).collect();
        values.sort_unstable_by(f32::total_cmp);
        f32::midpoint(values[(count - 1) / 2], values[count / 2])
    };
    nearest.iter().flat_map(|rows| (0..HALF).map(|pixel| of_pixel(&rows[..count], pixel))).collect()
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::{super::fashion::Clothes, *};

    #[test]
    fn the_nearest_are_the_nearest_and_not_oneself() {
        let library = Tensor::from([[0.0f32], [1.0], [10.0], [2.5]]);
        let query = Tensor::from([[1.1f32], [9.0]]);
        assert_eq!(nearest(&query, &library, 3, false), [vec![1, 0, 3], vec![2, 3, 1]]);
        assert_eq!(nearest(&library, &library, 2, true), [vec![1, 3], vec![0, 3], vec![3, 1], vec![1, 0]]);
    }

    #[test]
    fn mean_and_median_are_those_of_each_pixel() {
        let library: Vec<f32> = [0.0, 1.0, 5.0].iter().flat_map(|&pixel| vec![pixel; HALF]).collect();
        let order = [vec![2, 0, 1]];
        assert_eq!(means(&library, &order, 3), vec![2.0; HALF]);
        assert_eq!(means(&library, &order, 1), vec![5.0; HALF]);
        assert_eq!(medians(&library, &order, 3), vec![1.0; HALF]);
        assert_eq!(medians(&library, &order, 2), vec![2.5; HALF]);
    }

    /// What a plausible half errs is what the mean errs plus the plausible ones' spread (König and Huygens).
    #[test]
    fn one_of_them_errs_by_the_spread_more_than_their_mean() {
        let (train, test) = (Clothes::train().unwrap().every(10), Clothes::test().unwrap().every(20));
        let (found, answers) = ask(&train.pictures, &test.pictures);
        assert_relative_eq!(found.single, found.mean.squared + found.spread, max_relative = 1e-4);
        assert_relative_eq!(found.gain.mean, -found.spread, max_relative = 1e-4);
        assert_eq!(found.mean.to_mean, 0.0);
        assert_eq!(found.median.to_median, 0.0);
        assert!(found.median.to_mean > 0.0);
        let first = &found.tried[0];
        assert_eq!((first.count, first.squared, first.sharpness), (1, found.one.squared, found.one.sharpness));
        let truth = answers.figures(&lower(&test.pictures));
        assert_eq!((truth.squared, truth.sharpness), (0.0, 1.0));
        assert_relative_eq!(truth.to_mean, found.mean.squared);
    }
}
