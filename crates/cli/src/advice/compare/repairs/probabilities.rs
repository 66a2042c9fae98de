//! Probabilities put right without training anew.

/// ln(p / (1 − p)), of probabilities clipped to 1e-12 from 0 and 1.
pub(super) fn logit(p: f64) -> f64 {
    let p = p.clamp(1e-12, 1.0 - 1e-12);
    (p / (1.0 - p)).ln()
}

/// 1 / (1 + e⁻ˣ).
pub(super) fn logistic(x: f64) -> f64 {
    // Either form overflows on its wrong side.
    if x >= 0.0 { 1.0 / (1.0 + (-x).exp()) } else { x.exp() / (1.0 + x.exp()) }
}

/// The probability that training with this weight on positives distorted to p: the weight's logarithm comes off the logit
/// (Saerens 2002; King & Zeng 2001).
pub(super) fn without_weight(p: f64, weight: f64) -> f64 {
    logistic(logit(p) - weight.ln())
}

/// The probability whose minimiser under the focal loss is p (Charoenphakdee 2021):
/// η / (1 − η) = (1 − α)/α · [p/φ(p)] / [(1 − p)/φ(1 − p)] with φ(q) = (1 − q)^γ − γ (1 − q)^(γ−1) q ln q.
pub(super) fn without_focus(p: f64, gamma: f64, alpha: f64) -> f64 {
    let p = p.clamp(1e-12, 1.0 - 1e-12);
    let phi = |q: f64| (1.0 - q).powf(gamma) - gamma * (1.0 - q).powf(gamma - 1.0) * q * q.ln();
    let odds = (1.0 - alpha) / alpha * (p / phi(p)) * (phi(1.0 - p) / (1.0 - p));
    odds / (1.0 + odds)
}

/// Probabilities of classes times one factor each, normalised again.
pub(super) fn reweighted(probabilities: &[f64], factors: &[f64]) -> Vec<f64> {
    let mut all = probabilities.to_vec();
    for row in all.chunks_exact_mut(factors.len()) {
        row.iter_mut().zip(factors).for_each(|(p, factor)| *p *= factor);
        let sum: f64 = row.iter().sum();
        row.iter_mut().for_each(|p| *p /= sum);
    }
    all
}

/// Probabilities of classes to a power, normalised again: softmax of the logits over a temperature of 1/power.
pub(super) fn cooled(probabilities: &[f64], classes: usize, power: f64) -> Vec<f64> {
    let mut all = Vec::with_capacity(probabilities.len());
    for row in probabilities.chunks_exact(classes) {
        let logits = row.iter().map(|p| power * p.max(1e-300).ln());
        let most = logits.clone().fold(f64::NEG_INFINITY, f64::max);
        let raised: Vec<f64> = logits.map(|logit| (logit - most).exp()).collect();
        let sum: f64 = raised.iter().sum();
        all.extend(raised.iter().map(|p| p / sum));
    }
    all
}

/// The powers among which a temperature is sought: from 20 times hotter to 20 times colder.
const POWERS: (f64, f64) = (0.05, 20.0);

/// The power of the probabilities of two classes with the least log loss (Guo 2017; 1 / temperature).
pub(super) fn temperature(probability: &[f64], target: &[f64], weight: Option<&[f64]>) -> f64 {
    let logits: Vec<f64> = probability.iter().map(|&p| logit(p)).collect();
    where_zero(|power| {
        let of_row = |row: usize| {
            let weight = weight.map_or(1.0, |weight| weight[row]);
            weight * (target[row] - logistic(power * logits[row])) * logits[row]
        };
        (0..target.len()).map(of_row).sum()
    })
}

/// The same for several classes.
pub(super) fn temperature_of_classes(
    probabilities: &[f64],
    classes: usize,
    target: &[f64],
    weight: Option<&[f64]>,
) -> f64 {
    where_zero(|power| {
        let cooled = cooled(probabilities, classes, power);
        let rows = probabilities.chunks_exact(classes).zip(cooled.chunks_exact(classes)).zip(target).enumerate();
        rows.map(|(row, ((p, cooled), &class))| {
            let weight = weight.map_or(1.0, |weight| weight[row]);
            let logits = p.iter().map(|p| p.max(1e-300).ln());
            let expected: f64 = logits.zip(cooled).map(|(logit, cooled)| logit * cooled).sum();
            weight * (p[class as usize].max(1e-300).ln() - expected)
        })
        .sum()
    })
}

/// The log loss is convex in the power: its slope, sign turned, falls.
fn where_zero(falling: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = POWERS;
    // On the scale of logarithms.
    for _ in 0..60 {
        let middle = (low * high).sqrt();
        let end = if falling(middle) > 0.0 { &mut low } else { &mut high };
        *end = middle;
    }
    (low * high).sqrt()
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    /// The focal loss's expected value at η, minimised on a grid, is undone.
    #[test]
    fn the_focus_is_undone() {
        for (gamma, alpha) in [(2.0, 0.25), (1.0, 0.5), (3.0, 0.75), (0.0, 0.3)] {
            for eta in [0.01_f64, 0.2, 0.5, 0.9] {
                let risk = |p: f64| {
                    -eta * alpha * (1.0 - p).powf(gamma) * p.ln()
                        - (1.0 - eta) * (1.0 - alpha) * p.powf(gamma) * (1.0 - p).ln()
                };
                // Golden section.
                let (mut low, mut high) = (1e-6, 1.0 - 1e-6);
                let golden = 0.5 * (5.0_f64.sqrt() - 1.0);
                for _ in 0..200 {
                    let (one, other) = (high - golden * (high - low), low + golden * (high - low));
                    if risk(one) < risk(other) { high = other } else { low = one }
                }
                assert_relative_eq!(without_focus(0.5 * (low + high), gamma, alpha), eta, epsilon = 1e-6);
            }
        }
    }

    #[test]
    fn a_weight_comes_off_the_logit() {
        // Weighted by 9, a share of 1 in 10 looks like a half.
        assert_relative_eq!(without_weight(0.5, 9.0), 0.1, max_relative = 1e-12);
        assert_relative_eq!(without_weight(0.3, 1.0), 0.3, max_relative = 1e-12);
    }

    #[test]
    fn a_temperature_that_was_put_in_is_found() {
        // Rows of 0.2 and 0.8 that are right, doubled on the logit scale: the power is one half.
        let truth = [0.2, 0.8];
        let (mut probability, mut target) = (Vec::new(), Vec::new());
        for p in truth {
            for row in 0..10 {
                probability.push(logistic(2.0 * logit(p)));
                target.push(if f64::from(row) < 10.0 * p - 1e-9 { 1.0 } else { 0.0 });
            }
        }
        let power = temperature(&probability, &target, None);
        assert_relative_eq!(power, 0.5, max_relative = 1e-6);
        let both: Vec<f64> = probability.iter().flat_map(|p| [1.0 - p, *p]).collect();
        assert_relative_eq!(temperature_of_classes(&both, 2, &target, None), power, max_relative = 1e-6);
        assert_relative_eq!(cooled(&both, 2, power)[1], truth[0], max_relative = 1e-6);
        // Weights count like rows.
        let weight: Vec<f64> = target.iter().map(|y| 1.0 + y).collect();
        assert!(temperature(&probability, &target, Some(&weight)) != power);
    }

    #[test]
    fn factors_are_those_of_bayes() {
        let shifted = reweighted(&[0.5, 0.3, 0.2], &[1.0, 2.0, 5.0]);
        assert_relative_eq!(shifted[2], 1.0 / 2.1, max_relative = 1e-12);
        assert_relative_eq!(shifted.iter().sum::<f64>(), 1.0, max_relative = 1e-12);
    }
}
