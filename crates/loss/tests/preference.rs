//! Losses of preferences and rewards.

mod common;

use std::f64::consts::LN_2;

use common::{assert_close, assert_close_within, finite_at_extremes, normal, panic_of, slope, values};
use minimand_loss::*;
use minimand_tensor::{DType, Tensor, grad};

/// Log-probabilities of chosen and rejected answers, under a policy and a reference.
fn policies() -> [Tensor; 4] {
    [1, 2, 3, 4].map(|seed| 4.0 * normal(seed, [6]) - 20.0)
}

fn smoothed(label_smoothing: f64) -> DpoOptions {
    DpoOptions { beta: 0.3, label_smoothing }
}

#[test]
fn dpo_prefers_what_the_reference_prefers_less() {
    let [c, r, of_c, of_r] = policies();
    // Only the difference of the log-ratios counts, and a policy that is its reference has loss ln 2.
    let loss = values(&dpo(&c, &r, &of_c, &of_r, smoothed(0.0)));
    assert_close("shifted", &values(&dpo(&(&c + 5.0), &(&r + 5.0), &of_c, &of_r, smoothed(0.0))), &loss);
    assert_close("reference", &values(&dpo(&c, &r, &c, &r, smoothed(0.2))), &[LN_2; 6]);
    let reward = |policy: &Tensor, reference: &Tensor| 0.3 * (policy - reference);
    assert_close("rewards", &loss, &values(&bradley_terry(&reward(&c, &of_c), &reward(&r, &of_r), None)));
    // Smoothing is a mixture of both directions; the correction takes it out again.
    let swapped = values(&dpo(&r, &c, &of_r, &of_c, smoothed(0.0)));
    let mixed: Vec<f64> = loss.iter().zip(&swapped).map(|(a, b)| 0.8 * a + 0.2 * b).collect();
    assert_close("smoothed", &values(&dpo(&c, &r, &of_c, &of_r, smoothed(0.2))), &mixed);
    let robust = [robust_dpo(&c, &r, &of_c, &of_r, smoothed(0.2)), robust_dpo(&r, &c, &of_r, &of_c, smoothed(0.2))];
    let unbiased = 0.8 * &robust[0] + 0.2 * &robust[1];
    assert_close("unbiased", &values(&unbiased), &loss);
}

#[test]
fn references_are_held_fixed() {
    let [c, r, of_c, of_r] = policies();
    let losses = [
        dpo(&c, &r, &of_c, &of_r, smoothed(0.1)),
        robust_dpo(&c, &r, &of_c, &of_r, smoothed(0.1)),
        ipo(&c, &r, &of_c, &of_r, 0.2),
        kto(&c, &of_c, &r.gt(-20), &of_r.mean(), Default::default()),
        policy_gradient(&c, &of_c),
        ppo_clip(&c, &of_c, &of_r, 0.2),
        temporal_difference(&c, &of_c, &of_r, &r.gt(-20), Default::default()),
    ];
    for loss in losses {
        let gradients = grad(&loss.sum(), [&c, &of_c, &of_r]);
        assert!(values(&gradients[0]).iter().any(|&x| x != 0.0));
        assert!(gradients[1..].iter().flat_map(values).all(|x| x == 0.0));
    }
}

/// The documented minimisers.
#[test]
fn preferences_have_the_odds_they_are_said_to_have() {
    let zero = Tensor::from([0.0]);
    let share = 0.7;
    let mixture = |loss: &dyn Fn(&Tensor, &Tensor) -> Tensor, h: f64| {
        let h = Tensor::from([h]);
        slope(|h| share * loss(h, &zero) + (1.0 - share) * loss(&zero, h), &h)
    };
    let odds = f64::ln(share / (1.0 - share));
    let of_policy = |c: &Tensor, r: &Tensor| dpo(c, r, &zero, &zero, smoothed(0.0));
    assert_close_within("dpo", &mixture(&of_policy, odds / 0.3), &[0.0], 0.0, 1e-14);
    let squared = |c: &Tensor, r: &Tensor| ipo(c, r, &zero, &zero, 0.3);
    assert_close_within("ipo", &mixture(&squared, (share - 0.5) / 0.3), &[0.0], 0.0, 1e-14);
    assert_close_within("rewards", &mixture(&|c, r| bradley_terry(c, r, None), odds), &[0.0], 0.0, 1e-14);
    let margin = Tensor::from([2.0]);
    assert_close("margin", &values(&bradley_terry(&margin, &zero, Some(&margin))), &[LN_2]);
}

#[test]
fn kto_has_its_reference_point() {
    let (policy, liked) = (Tensor::from([2.0, 2.0]), Tensor::from([true, false]));
    let weights = KtoOptions { beta: 0.5, desirable_weight: 2.0, undesirable_weight: 3.0 };
    let at = |z: f64| values(&kto(&policy, &Tensor::zeros([2]).cast(DType::F64), &liked, &Tensor::scalar(z), weights));
    assert_close("at the point", &at(2.0), &[1.0, 1.5]);
    // A negative estimate of a divergence is noise: it counts as 0.
    assert_eq!(at(-1.0), at(0.0));
    let gap = 0.5 * 2.0;
    assert_close("above", &at(0.0), &[2.0 / (1.0 + f64::exp(gap)), 3.0 / (1.0 + f64::exp(-gap))]);
}

/// By mpmath: `ln(exp x / (1 − exp x))` near both ends.
#[test]
fn orpo_keeps_its_odds_at_the_ends() {
    let (c, r) = (Tensor::from([-1e-20, -800.0, -1e-3]), Tensor::from([-2e-20, -801.0, -5.0]));
    let odds = [LN_2, 1.0, 6.907255195738153 + 4.993239234023206];
    let expected: Vec<f64> = odds.iter().zip(values(&c)).map(|(odds, c)| (-odds).exp().ln_1p() - c).collect();
    assert_close_within("ratio", &values(&orpo(&c, &r, 1.0)), &expected, 1e-9, 0.0);
    for ends in [[0.0, 0.0], [0.0, -1e4], [-1e4, 0.0], [-1e-38, 0.0]] {
        finite_at_extremes(|x| orpo(&x[0], &x[1], 0.1), &[Tensor::from([ends[0]]), Tensor::from([ends[1]])]);
    }
}

#[test]
fn losses_without_reference() {
    let [c, r, ..] = policies();
    let options = SimpoOptions { beta: 2.0, gamma: 0.0 };
    assert_close("simpo", &values(&simpo(&c, &r, options)), &values(&bpr(&(2.0 * &c), &(2.0 * &r))));
    let alone = cpo(&c, &r, CpoOptions { beta: 2.0, alpha: 0.0 });
    assert_close("cpo", &values(&alone), &values(&simpo(&c, &r, options)));
    let hinge = slic(&c, &r, &c, SlicOptions { margin: 2.0, weight: 0.0 });
    assert_close("slic", &values(&hinge), &values(&margin_ranking(&c, &r, &c.ones_like(), 2.0)));
}

#[test]
fn ppo_stops_where_it_has_gone_far_enough() {
    let old = Tensor::zeros([8]).cast(DType::F64);
    let ratios = [0.5, 0.9, 1.1, 1.21, 0.79, 0.81, 1.1, 1.5];
    let advantages = Tensor::from([2.0, 2.0, 2.0, 2.0, -2.0, -2.0, -2.0, -2.0]);
    let now = Tensor::from(ratios).ln().computed().detach();
    let loss = |now: &Tensor| ppo_clip(now, &old, &advantages, 0.2);
    assert_close("value", &values(&loss(&now)), &[-1.0, -1.8, -2.2, -2.4, 1.6, 1.62, 2.2, 3.0]);
    assert_close("gradient", &slope(loss, &now), &[-1.0, -1.8, -2.2, 0.0, 0.0, 1.62, 2.2, 3.0]);
    // At the old policy it is the policy gradient.
    let gradient = slope(|x| policy_gradient(x, &advantages), &old);
    assert_close("first step", &slope(loss, &old), &gradient);
    // A flat branch never forms its ratio.
    let far = Tensor::from([1e4f32, -1e4, 1e4]);
    let ends = |x: &[Tensor]| ppo_clip(&x[0], &Tensor::zeros([3]), &Tensor::from([1.0f32, -1.0, 0.0]), 0.2);
    finite_at_extremes(ends, &[far]);
}

#[test]
fn entropy_leaves_out_what_is_not_allowed() {
    let logits = Tensor::from([[0.3, -1.0, f64::NEG_INFINITY], [1e4, -1e4, 0.0]]);
    let alone = entropy_bonus(&Tensor::from([[0.3, -1.0]]));
    assert_close("value", &values(&entropy_bonus(&logits)), &[alone.item_of(), 0.0]);
    assert!(slope(entropy_bonus, &logits).iter().all(|x| x.is_finite()));
    assert_close("even", &values(&entropy_bonus(&Tensor::zeros([1, 4]).cast(DType::F64))), &[-2.0 * LN_2]);
}

/// The only number of a tensor of any shape.
trait ItemOf {
    fn item_of(&self) -> f64;
}

impl ItemOf for Tensor {
    fn item_of(&self) -> f64 {
        values(self)[0]
    }
}

#[test]
fn log_probabilities_of_texts_count_only_what_is_kept() {
    let logits = normal(5, [2, 4, 3]);
    let tokens = [2i64, 0, -1, 1, 1, -1, -1, -1];
    let labels = Labels::with_ignored(tokens, 3, -1).unwrap().reshape([2, 4]);
    let found = TokenLogProbabilities::of(&logits, &labels);
    let log_p = values(&logits.log_softmax(-1));
    let of = |place: usize, token: usize| log_p[3 * place + token];
    let sums = [of(0, 2) + of(1, 0) + of(3, 1), of(4, 1)];
    assert_close("sum", &values(&found.sum()), &sums);
    assert_close("mean", &values(&found.mean()), &[sums[0] / 3.0, sums[1]]);
    assert_close("lengths", &values(&found.lengths()), &[3.0, 1.0]);
    assert_eq!(values(found.each())[2], 0.0);
    let given = Tensor::from([[-1.0, f64::NAN], [f64::NAN, f64::NEG_INFINITY]]);
    let mask = Tensor::from([[true, false], [false, false]]);
    let masked = |x: &Tensor| TokenLogProbabilities::from_tensor(x, Some(&mask));
    assert_eq!(values(&masked(&given).mean()), [-1.0, 0.0]);
    assert_eq!(slope(|x| masked(x).mean(), &given), [1.0, 0.0, 0.0, 0.0]);
    let all = TokenLogProbabilities::from_tensor(&Tensor::from([[-1.0, -3.0]]), None);
    assert_eq!((values(&all.sum()), values(&all.mean())), (vec![-4.0], vec![-2.0]));
}

#[test]
fn trap_06_a_text_of_ignored_tokens_is_worth_0() {
    let labels = Labels::with_ignored([-1i64, -1], 3, -1).unwrap().reshape([1, 2]);
    let logits = Tensor::from([[[f64::NAN, 0.0, 1.0], [0.0, f64::INFINITY, 0.0]]]);
    let mean = |x: &Tensor| TokenLogProbabilities::of(x, &labels).mean();
    assert_eq!(values(&mean(&logits)), [0.0]);
    assert!(slope(mean, &logits).iter().all(|&x| x == 0.0));
}

#[test]
fn shapes_and_numbers_that_do_not_fit_are_named_at_the_callers_line() {
    let (x, y) = (normal(1, [3]), normal(2, [3, 1]));
    let at = |panic: common::Panic, message: &str| assert_eq!((&*panic.message, &*panic.file), (message, file!()));
    let differ = |loss: &str, a: &str, b: &str| format!("{loss}: {a} [3] and {b} [3, 1] must have the same shape");
    at(panic_of(|| bradley_terry(&x, &y, None)), &differ("bradley_terry", "chosen", "rejected"));
    at(panic_of(|| bradley_terry(&x, &x, Some(&y))), &differ("bradley_terry", "chosen", "margin"));
    let reference = differ("dpo", "policy_chosen", "reference_rejected");
    at(panic_of(|| dpo(&x, &x, &x, &y, Default::default())), &reference);
    at(panic_of(|| orpo(&x, &y, 0.1)), &differ("orpo", "chosen", "rejected"));
    at(panic_of(|| simpo(&x, &y, Default::default())), &differ("simpo", "chosen", "rejected"));
    at(panic_of(|| cpo(&x, &y, Default::default())), &differ("cpo", "chosen", "rejected"));
    at(panic_of(|| slic(&x, &x, &y, Default::default())), &differ("slic", "chosen", "target"));
    at(panic_of(|| policy_gradient(&x, &y)), &differ("policy_gradient", "log_probabilities", "advantages"));
    at(panic_of(|| ppo_clip(&x, &x, &y, 0.2)), &differ("ppo_clip", "log_probabilities", "advantages"));
    let ends = differ("temporal_difference", "value", "terminal");
    at(panic_of(|| temporal_difference(&x, &x, &x, &y.gt(0), Default::default())), &ends);
    let half = "dpo: label_smoothing is 0.5 and must be at least 0 and less than ½";
    at(panic_of(|| dpo(&x, &x, &x, &x, smoothed(0.5))), half);
    let wide = "ppo_clip: epsilon is 1 and must be greater than 0 and less than 1";
    at(panic_of(|| ppo_clip(&x, &x, &x, 1.0)), wide);
    let point = Tensor::scalar(0.0);
    at(panic_of(|| kto(&x, &x, &x, &point, Default::default())), "kto: desirable must be bool, not f64");
    at(panic_of(|| kto(&x, &x, &x.gt(0), &x, Default::default())), "kto: divergence [3] must be one number");
    at(panic_of(|| ipo(&x, &x, &x, &x, 0.0)), "ipo: beta is 0 and must be greater than 0");
}
