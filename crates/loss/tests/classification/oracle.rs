//! The losses as scalar formulas in plain f64, written from their papers and not from the crate.

/// Bernoulli negative log-likelihood of logistic regression (Cox 1958), by `ln(1 + e^z)` of a moderate z.
pub(crate) fn binary_cross_entropy(x: f64, y: f64, w: f64) -> f64 {
    let p = 1.0 / (1.0 + (-x).exp());
    -(w * y * p.ln() + (1.0 - y) * (1.0 - p).ln())
}

/// Equation 5 of Lin et al. 2017, for soft targets as torchvision reads it.
pub(crate) fn binary_focal(x: f64, y: f64, alpha: Option<f64>, gamma: f64) -> f64 {
    let p = 1.0 / (1.0 + (-x).exp());
    let p_t = p * y + (1.0 - p) * (1.0 - y);
    let alpha_t = alpha.map_or(1.0, |alpha| alpha * y + (1.0 - alpha) * (1.0 - y));
    alpha_t * (1.0 - p_t).powf(gamma) * binary_cross_entropy(x, y, 1.0)
}

pub(crate) fn softmax(x: &[f64]) -> Vec<f64> {
    let total: f64 = x.iter().map(|x| x.exp()).sum();
    x.iter().map(|x| x.exp() / total).collect()
}

/// `-Σ w q' ln p` with smoothed targets q' (Szegedy et al. 2016, section 7).
pub(crate) fn cross_entropy(x: &[f64], q: &[f64], w: &[f64], smoothing: f64) -> f64 {
    let p = softmax(x);
    let uniform = smoothing / x.len() as f64;
    (0..x.len()).map(|c| -w[c] * ((1.0 - smoothing) * q[c] + uniform) * p[c].ln()).sum()
}

pub(crate) fn one_hot(label: usize, classes: usize) -> Vec<f64> {
    (0..classes).map(|class| if class == label { 1.0 } else { 0.0 }).collect()
}

pub(crate) fn categorical_focal(x: &[f64], label: usize, weight: f64, gamma: f64) -> f64 {
    let p = softmax(x)[label];
    -weight * (1.0 - p).powf(gamma) * p.ln()
}

/// The least point of a convex or unimodal function, by thirds.
pub(crate) fn minimiser(function: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    for _ in 0..200 {
        let (a, b) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
        if function(a) < function(b) { high = b } else { low = a }
    }
    0.5 * (low + high)
}

/// Runs Newton's method on a loss of one constant logit, with derivatives from the engine.
pub(crate) fn fit_constant(loss: impl Fn(&minimand_tensor::Tensor) -> minimand_tensor::Tensor) -> f64 {
    let mut x = 0.0;
    for _ in 0..60 {
        let logit = minimand_tensor::Tensor::from(x);
        let slope = loss(&logit).grad(&logit);
        x -= slope.item() / slope.grad(&logit).item();
    }
    x
}
