//! Laws of the target alone, fitted by maximum likelihood: what a tool looks at that picks a distribution before any feature.

use minimand_cli::model::Objective;
use statrs::function::gamma::{digamma, ln_gamma};

/// The loss of the law that fits the targets best by themselves, best first, with its mean negative log-likelihood. Densities and
/// probabilities are mixed, as the tools mix them.
pub(crate) fn by_marginal_likelihood(y: &[f64]) -> Vec<(Objective, f64)> {
    let whole = y.iter().all(|&y| y >= 0.0 && y.fract() == 0.0);
    let positive = y.iter().all(|&y| y > 0.0);
    let zeros = y.iter().filter(|&&y| y == 0.0).count();
    let mut found = vec![(Objective::Gaussian, gaussian(y)), student_t(y)];
    if positive {
        found.extend([(Objective::GammaLikelihood, gamma(y)), (Objective::LogNormal, log_normal(y))]);
    }
    if zeros > 0 && y.iter().all(|&y| y >= 0.0) {
        found.push((Objective::TwoPart, zero_adjusted_gamma(y)));
    }
    if whole {
        found.extend([(Objective::Poisson, poisson(y)), (Objective::NegativeBinomial, inflated(y, &[0.0]))]);
        if zeros > 0 {
            found.push((Objective::ZeroInflatedPoisson, inflated_poisson(y)));
            let shares: Vec<f64> = (1..20).map(|part| part as f64 / 20.0 * zeros as f64 / y.len() as f64).collect();
            found.push((Objective::ZeroInflatedNegativeBinomial, inflated(y, &shares)));
        }
    }
    found.retain(|(_, nll)| nll.is_finite());
    found.sort_by(|a, b| a.1.total_cmp(&b.1));
    found
}

fn mean(values: impl Iterator<Item = f64> + Clone) -> f64 {
    values.clone().sum::<f64>() / values.count() as f64
}

fn variance(y: &[f64]) -> f64 {
    let centre = mean(y.iter().copied());
    mean(y.iter().map(|y| (y - centre).powi(2)))
}

fn gaussian(y: &[f64]) -> f64 {
    0.5 * ((std::f64::consts::TAU * variance(y)).ln() + 1.0)
}

fn log_normal(y: &[f64]) -> f64 {
    let logarithms: Vec<f64> = y.iter().map(|y| y.ln()).collect();
    gaussian(&logarithms) + mean(logarithms.iter().copied())
}

/// Location and scale by the EM algorithm (Lange, Little & Taylor 1989), degrees of freedom from a grid.
fn student_t(y: &[f64]) -> (Objective, f64) {
    let of = |freedom: f64| {
        let (mut centre, mut square) = (mean(y.iter().copied()), variance(y));
        for _ in 0..200 {
            let weight = |y: f64| (freedom + 1.0) / (freedom + (y - centre).powi(2) / square);
            let total: f64 = y.iter().map(|&y| weight(y)).sum();
            let next = y.iter().map(|&y| weight(y) * y).sum::<f64>() / total;
            let spread = mean(y.iter().map(|&y| weight(y) * (y - next).powi(2)));
            (centre, square) = (next, spread.max(1e-12 * variance(y)));
        }
        let constant = ln_gamma(0.5 * freedom) - ln_gamma(0.5 * (freedom + 1.0))
            + 0.5 * (freedom * std::f64::consts::PI * square).ln();
        let tail = |y: f64| 0.5 * (freedom + 1.0) * ((y - centre).powi(2) / (freedom * square)).ln_1p();
        (Objective::StudentT { freedom }, constant + mean(y.iter().map(|&y| tail(y))))
    };
    [2.0, 3.0, 5.0, 8.0, 15.0, 30.0].map(of).into_iter().min_by(|a, b| a.1.total_cmp(&b.1)).expect("a grid")
}

/// The shape solves ln k - ψ(k) = ln ȳ - mean of ln y.
fn gamma(y: &[f64]) -> f64 {
    let (centre, logarithm) = (mean(y.iter().copied()), mean(y.iter().map(|y| y.ln())));
    let gap = centre.ln() - logarithm;
    let (mut low, mut high) = (1e-6_f64, 1e6_f64);
    for _ in 0..200 {
        let middle = (low * high).sqrt();
        if middle.ln() - digamma(middle) > gap { low = middle } else { high = middle }
    }
    let shape = (low * high).sqrt();
    ln_gamma(shape) + shape * (centre / shape).ln() - (shape - 1.0) * logarithm + shape
}

fn zero_adjusted_gamma(y: &[f64]) -> f64 {
    let positive: Vec<f64> = y.iter().copied().filter(|&y| y > 0.0).collect();
    let share = positive.len() as f64 / y.len() as f64;
    if positive.len() < 2 || share == 1.0 {
        return f64::INFINITY;
    }
    share * (gamma(&positive) - share.ln()) - (1.0 - share) * (1.0 - share).ln()
}

fn poisson(y: &[f64]) -> f64 {
    let rate = mean(y.iter().copied());
    mean(y.iter().map(|&y| rate - y * rate.ln() + ln_gamma(y + 1.0)))
}

/// By the EM algorithm over who is a certain zero.
fn inflated_poisson(y: &[f64]) -> f64 {
    let zeros = y.iter().filter(|&&y| y == 0.0).count() as f64 / y.len() as f64;
    let centre = mean(y.iter().copied());
    let (mut share, mut rate) = (0.5 * zeros, centre / (1.0 - 0.5 * zeros));
    for _ in 0..500 {
        let certain = zeros * share / (share + (1.0 - share) * (-rate).exp());
        (share, rate) = (certain, centre / (1.0 - certain));
    }
    let of_zero = -(share + (1.0 - share) * (-rate).exp()).ln();
    let of_count = |y: f64| rate - y * rate.ln() + ln_gamma(y + 1.0) - (1.0 - share).ln();
    mean(y.iter().map(|&y| if y == 0.0 { of_zero } else { of_count(y) }))
}

/// A negative binomial law with each of these shares of certain zeros, its mean by the share, its dispersion by a search.
fn inflated(y: &[f64], shares: &[f64]) -> f64 {
    let centre = mean(y.iter().copied());
    let nll = |share: f64, dispersion: f64| {
        let (mean_of_counts, shape) = (centre / (1.0 - share), 1.0 / dispersion);
        let of_zero = share + (1.0 - share) * (shape / (shape + mean_of_counts)).powf(shape);
        let of_count = |y: f64| {
            ln_gamma(y + shape) - ln_gamma(shape) - ln_gamma(y + 1.0)
                + shape * (shape / (shape + mean_of_counts)).ln()
                + y * (mean_of_counts / (shape + mean_of_counts)).ln()
                + (1.0 - share).ln()
        };
        mean(y.iter().map(|&y| if y == 0.0 { -of_zero.ln() } else { -of_count(y) }))
    };
    let of_share = |&share: &f64| {
        let (mut low, mut high) = (-7.0_f64, 4.0_f64);
        for _ in 0..60 {
            let (one, other) = (low + 0.382 * (high - low), low + 0.618 * (high - low));
            if nll(share, one.exp()) < nll(share, other.exp()) { high = other } else { low = one }
        }
        nll(share, (0.5 * (low + high)).exp())
    };
    shares.iter().map(of_share).fold(f64::INFINITY, f64::min)
}
