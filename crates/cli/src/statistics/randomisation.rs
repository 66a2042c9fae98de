//! Paired randomisation test.

use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};

/// With at most so many differences all signs are tried.
const EXACT: usize = 14;

/// The chance of a mean difference at least as far from 0 where the two losses' labels could be swapped query by query:
/// the mean's place among those under random signs. For figures of queries (NDCG, reciprocal rank), which are far from normal.
///
/// Fisher's randomisation test as Smucker, Allan & Carterette, "A comparison of statistical significance tests for
/// information retrieval evaluation", 2007, advise. With up to 14 differences all 2ⁿ signs are tried and the p-value is
/// exact; else (1 + those as far)/(1 + `draws`). Without a difference, or with one that is not finite, 1.
pub fn randomisation(differences: &[f64], draws: usize, seed: u64) -> f64 {
    let total: f64 = differences.iter().sum();
    if differences.is_empty() || !total.is_finite() {
        return 1.0;
    }
    // Sums in another order differ by rounding.
    let least = total.abs() - 1e-12 * differences.iter().map(|difference| difference.abs()).sum::<f64>();
    let is_as_far = |sum: f64| sum.abs() >= least;
    if differences.len() <= EXACT {
        let all = 1_u32 << differences.len();
        let signed = |signs: u32| -> f64 {
            let turn =
                |(place, &difference): (usize, &f64)| if signs >> place & 1 == 1 { -difference } else { difference };
            differences.iter().enumerate().map(turn).sum()
        };
        return f64::from((0..all).filter(|&signs| is_as_far(signed(signs))).count() as u32) / f64::from(all);
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut as_far = 0_usize;
    for _ in 0..draws {
        let mut sum = 0.0;
        for differences in differences.chunks(64) {
            let signs: u64 = rng.random();
            for (place, &difference) in differences.iter().enumerate() {
                sum += if signs >> place & 1 == 1 { -difference } else { difference };
            }
        }
        as_far += usize::from(is_as_far(sum));
    }
    (1 + as_far) as f64 / (1 + draws) as f64
}
