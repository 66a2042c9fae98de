//! How a loss and its gradient run: the number of passes over memory, of operations by themselves, and of the instructions of the
//! largest pass. A formula that grows dearer fails here.

use minimand_loss::*;
use minimand_tensor::{DType, PlanSummary, Rng, StepKind, Tensor, eval, explain_plan, grad};

/// What the mean or the sum of a loss and its gradient may cost. Single numbers, and iota, do not count.
struct Cost {
    passes: usize,
    operations: usize,
    /// For each entry of the pass over most entries; those for each row do not count.
    instructions: usize,
}

const fn cost(passes: usize, operations: usize, instructions: usize) -> Cost {
    Cost { passes, operations, instructions }
}

/// What it costs by the plan: mean or sum with its gradients, the value asked for last or first.
fn found(loss: &Tensor, by: &[&Tensor]) -> Vec<Cost> {
    let mut costs = Vec::new();
    for value in [loss.mean(), loss.sum()] {
        let slopes = grad(&value, by.iter().copied());
        costs.push(of_plan(&explain_plan(slopes.iter().chain([&value]))));
        costs.push(of_plan(&explain_plan([&value].into_iter().chain(&slopes))));
    }
    costs
}

fn of_plan(plan: &PlanSummary) -> Cost {
    let mut cost = cost(plan.passes(), 0, 0);
    let mut largest = 0;
    for step in &plan.steps {
        match step.kind {
            StepKind::Pass { rows, columns, instructions, for_rows, .. } => {
                let entries = rows * columns;
                (largest, cost.instructions) = (largest, cost.instructions).max((entries, instructions - for_rows));
            }
            StepKind::Operation(name) => cost.operations += usize::from(name != "iota"),
            StepKind::Scalars { .. } => {}
        }
    }
    cost
}

/// Fails unless passes, operations and instructions are at most as many as stated, whatever the order in which value and gradients are
/// asked for.
#[track_caller]
fn check(rows: &[(&str, Tensor, &[&Tensor], Cost)]) {
    let mut faults = Vec::new();
    for (name, loss, by, expected) in rows {
        for (how, found) in ["mean last", "mean first", "sum last", "sum first"].into_iter().zip(found(loss, by)) {
            let Cost { passes, operations, instructions } = found;
            let dearer = passes > expected.passes || operations > expected.operations;
            if dearer || instructions > expected.instructions {
                faults.push(format!(
                    "{name}, {how}: {passes} passes, {operations} operations, {instructions} instructions"
                ));
            }
        }
    }
    assert!(faults.is_empty(), "other costs than in the table:\n{}", faults.join("\n"));
}

/// Standard normal numbers, f32, in memory.
fn normal<const N: usize>(seed: u64, shape: [usize; N]) -> Tensor {
    let numbers = Tensor::normal(shape, &mut Rng::seed(seed));
    assert_eq!(numbers.dtype(), DType::F32);
    in_memory(numbers)
}

fn in_memory(tensor: Tensor) -> Tensor {
    eval([&tensor]);
    tensor
}

#[test]
fn element_by_element() {
    let [x, y, s] = [1, 2, 3].map(|seed| normal(seed, [5000]));
    let (label, rate) = (in_memory(y.gt(0).cast(DType::F32)), in_memory(s.exp()));
    let count = in_memory(rate.floor());
    let focal = |alpha, gamma| binary_focal(&x, &label, FocalOptions { alpha, gamma });
    check(&[
        ("squared_error", squared_error(&x, &y), &[&x], cost(1, 0, 4)),
        ("absolute_error", absolute_error(&x, &y), &[&x], cost(1, 0, 5)),
        ("huber", huber(&x, &y, 1.0), &[&x], cost(1, 0, 11)),
        ("smooth_l1", smooth_l1(&x, &y, 0.5), &[&x], cost(1, 0, 13)),
        ("log_cosh", log_cosh(&x, &y), &[&x], cost(1, 0, 31)),
        ("quantile", quantile(&x, &y, 0.3), &[&x], cost(1, 0, 5)),
        ("binary_cross_entropy", binary_cross_entropy_with_logits(&x, &label), &[&x], cost(1, 0, 8)),
        ("weighted", weighted_binary_cross_entropy_with_logits(&x, &label, 3.0), &[&x], cost(1, 0, 9)),
        ("binary_focal", focal(Some(0.25), 2.0), &[&x], cost(1, 0, 27)),
        ("binary_focal without α", focal(None, 2.0), &[&x], cost(1, 0, 23)),
        ("binary_focal, γ = ½", focal(None, 0.5), &[&x], cost(1, 0, 44)),
        ("poisson_nll, logarithms", poisson_nll_log_rate(&s, &count, false), &[&s], cost(1, 0, 9)),
        ("poisson_nll, rates", poisson_nll(&rate, &count, false), &[&rate], cost(1, 0, 13)),
        ("gaussian_nll_log_variance", gaussian_nll_log_variance(&x, &y, &s), &[&x, &s], cost(1, 0, 19)),
        ("gaussian_nll", gaussian_nll(&x, &y, &rate, Default::default()), &[&x, &rate], cost(1, 0, 19)),
    ]);
}

#[test]
fn over_classes() {
    let (x, p, w) = (normal(1, [64, 300]), normal(2, [64, 300]), normal(3, [300]));
    let (log_q, p, w) = (in_memory(x.log_softmax(-1)), in_memory(p.softmax(-1)), in_memory(w.exp()));
    let named: Vec<i64> = (0..64).map(|row| row * 37 % 300).collect();
    let labels = Labels::new(&named, 300).unwrap();
    let some = Labels::with_ignored(&named, 300, 37).unwrap();
    let options = |weights: Option<&Tensor>, label_smoothing| CrossEntropyOptions {
        class_weights: weights.cloned(),
        label_smoothing,
    };
    let smoothed = options(None, 0.1);
    let focal = |weights: Option<&Tensor>, gamma| {
        categorical_focal(&x, &labels, CategoricalFocalOptions { class_weights: weights.cloned(), gamma })
    };
    let soft = |smoothing| cross_entropy_with_probabilities(&x, &p, options(None, smoothing));
    check(&[
        ("cross_entropy", cross_entropy(&x, &labels), &[&x], cost(1, 0, 9)),
        ("some ignored", cross_entropy(&x, &some), &[&x], cost(1, 0, 11)),
        ("smoothed", cross_entropy_with(&x, &labels, smoothed.clone()), &[&x], cost(1, 0, 18)),
        ("weighted", cross_entropy_with(&x, &labels, options(Some(&w), 0.0)), &[&x], cost(1, 0, 10)),
        ("smoothed, weighted", cross_entropy_with(&x, &labels, options(Some(&w), 0.1)), &[&x], cost(1, 0, 19)),
        ("likelihood", negative_log_likelihood(&log_q, &labels, options(None, 0.0)), &[&log_q], cost(1, 0, 2)),
        ("probabilities", soft(0.0), &[&x], cost(1, 0, 18)),
        ("probabilities, smoothed", soft(0.1), &[&x], cost(1, 0, 23)),
        ("categorical_focal", focal(None, 2.0), &[&x], cost(1, 0, 9)),
        ("categorical_focal, weighted", focal(Some(&w), 2.0), &[&x], cost(1, 0, 10)),
        ("categorical_focal, γ = ½", focal(None, 0.5), &[&x], cost(1, 0, 9)),
        ("kl_divergence", kl_divergence(&log_q, &p), &[&log_q], cost(1, 0, 23)),
        ("kl_divergence of logits", kl_divergence(&x.log_softmax(-1), &p), &[&x], cost(1, 0, 33)),
    ]);
}

#[test]
fn over_signals_and_tokens() {
    let [x, y] = [1, 2].map(|seed| normal(seed, [64, 300]));
    let unwanted = in_memory(y.gt(1));
    check(&[
        ("sdr", sdr(&x, &y, false), &[&x], cost(1, 0, 5)),
        ("si_sdr", si_sdr(&x, &y, false), &[&x], cost(1, 0, 13)),
        ("si_sdr, centred", si_sdr(&x, &y, true), &[&x], cost(1, 0, 19)),
        ("unlikelihood", unlikelihood(&x, &unwanted), &[&x], cost(1, 0, 42)),
        ("berhu", berhu(&x, &y, 0.2), &[&x], cost(2, 0, 15)),
    ]);
}

#[test]
fn over_margins_and_sparse_probabilities() {
    let (z, p) = (normal(1, [5000]), in_memory(normal(2, [5000]).sigmoid()));
    let (label, sign) = (in_memory(z.gt(0.5).cast(DType::F32)), in_memory(z.gt(0.5).select(1.0f32, -1.0f32)));
    let (x, teacher, w) = (normal(3, [64, 300]), normal(4, [64, 300]), in_memory(normal(5, [300]).exp()));
    let labels = Labels::new((0..64).map(|row| row * 37 % 300).collect::<Vec<i64>>(), 300).unwrap();
    let present = in_memory(teacher.gt(1).cast(DType::F32));
    let multi = |power| multi_margin(&x, &labels, MultiMarginOptions { power, ..Default::default() });
    check(&[
        ("binary_cross_entropy", binary_cross_entropy(&p, &label), &[&p], cost(1, 0, 26)),
        ("hinge", hinge(&z, &sign), &[&z], cost(1, 0, 5)),
        ("squared_hinge", squared_hinge(&z, &sign), &[&z], cost(1, 0, 8)),
        ("perceptron", perceptron(&z, &sign), &[&z], cost(1, 0, 6)),
        ("soft_margin", soft_margin(&z, &sign), &[&z], cost(1, 0, 5)),
        ("binary_sparsemax", binary_sparsemax(&z, &label), &[&z], cost(1, 0, 32)),
        ("asymmetric", asymmetric(&z, &label, Default::default()), &[&z], cost(1, 0, 31)),
        ("reduced_focal", reduced_focal(&z, &label, Default::default()), &[&z], cost(1, 0, 29)),
        ("feature_distillation", feature_distillation(&z, &p), &[&z], cost(1, 0, 4)),
        ("multi_margin", multi(1.0), &[&x], cost(1, 0, 18)),
        ("multi_margin, squared", multi(2.0), &[&x], cost(1, 0, 20)),
        ("multiclass_hinge", multiclass_hinge(&x, &labels), &[&x], cost(1, 0, 13)),
        ("multiclass_perceptron", multiclass_perceptron(&x, &labels), &[&x], cost(1, 0, 6)),
        ("categorical_hinge", categorical_hinge(&x, &present), &[&x], cost(1, 0, 9)),
        ("multi_label_soft_margin", multi_label_soft_margin(&x, &present, Some(&w)), &[&x], cost(2, 0, 8)),
        ("zlpr", zlpr(&x, &present), &[&x], cost(1, 0, 21)),
        ("poly1_cross_entropy", poly1_cross_entropy(&x, &labels, 2.0), &[&x], cost(1, 0, 9)),
        ("generalised", generalised_cross_entropy(&x, &labels, 0.7), &[&x], cost(1, 0, 9)),
        ("logit_adjusted", logit_adjusted_cross_entropy(&x, &labels, &w, 1.0), &[&x], cost(2, 0, 9)),
        ("ldam", ldam(&x, &labels, &w, Default::default()), &[&x], cost(3, 0, 13)),
        ("class_balanced", class_balanced_cross_entropy(&x, &labels, &w, 0.999), &[&x], cost(4, 0, 10)),
        ("distillation", distillation(&x, &teacher, 3.0), &[&x], cost(1, 0, 42)),
        ("z_loss", z_loss(&x), &[&x], cost(1, 0, 7)),
        ("sparsemax", sparsemax(&x, &labels), &[&x], cost(4, 2, 38)),
        ("entmax", entmax(&x, &labels, 1.5), &[&x], cost(1, 0, 187)),
    ]);
}

#[test]
fn over_vectors() {
    let [a, b, c] = [1, 2, 3].map(|seed| normal(seed, [200, 32]));
    let log_p = in_memory(b.log_softmax(-1));
    let same = in_memory(normal(4, [200]).gt(0));
    let labels = Labels::new((0..200).map(|row| row % 40).collect::<Vec<i64>>(), 40).unwrap();
    let triplet = |distance, swap| triplet_margin(&a, &b, &c, TripletOptions { distance, swap, ..Default::default() });
    let (euclidean, cosine) = (triplet(Distance::Euclidean, false), triplet(Distance::Cosine, false));
    let log_target = kl_divergence_log_target(&log_p, &in_memory(a.log_softmax(-1)));
    check(&[
        ("gaussian_kl", gaussian_kl_to_standard_normal(&a, &b), &[&a, &b], cost(1, 0, 27)),
        ("kl_divergence_log_target", log_target, &[&log_p], cost(1, 0, 22)),
        ("contrastive", contrastive(&a, &b, &same, 1.0), &[&a, &b], cost(1, 0, 15)),
        ("triplet_margin", euclidean, &[&a, &b, &c], cost(1, 0, 19)),
        ("triplet_margin, swap", triplet(Distance::Euclidean, true), &[&a, &b, &c], cost(1, 0, 28)),
        ("triplet_margin, cosine", cosine, &[&a, &b, &c], cost(1, 0, 43)),
        ("batch_hard_triplet", batch_hard_triplet(&a, &labels, Default::default()), &[&a], cost(6, 7, 9)),
        ("info_nce", info_nce(&a, &b, 0.1), &[&a, &b], cost(3, 3, 10)),
        ("info_nce_symmetric", info_nce_symmetric(&a, &b, 0.1), &[&a, &b], cost(7, 3, 10)),
        ("nt_xent", nt_xent(&a, &b, 0.1), &[&a, &b], cost(4, 4, 13)),
    ]);
}

#[test]
fn over_lists() {
    let (s, y) = (normal(1, [40, 50]), in_memory(normal(2, [40, 50]).abs().floor()));
    let mask = in_memory(normal(3, [40, 50]).lt(1));
    let forecast = normal(4, [300, 3]);
    let quantiles = quantiles(&forecast, &normal(5, [300]), &[0.1, 0.5, 0.9]);
    check(&[
        ("list_net", list_net(&s, &y, None), &[&s], cost(1, 0, 20)),
        ("list_net, masked", list_net(&s, &y, Some(&mask)), &[&s], cost(1, 0, 24)),
        ("ranking_softmax", ranking_softmax(&s, &y, None), &[&s], cost(1, 0, 15)),
        ("pairwise_logistic", pairwise_logistic(&s, &y, None), &[&s], cost(4, 0, 12)),
        ("pairwise_logistic, masked", pairwise_logistic(&s, &y, Some(&mask)), &[&s], cost(5, 0, 16)),
        ("approx_ndcg", approx_ndcg(&s, &y, None, 1.0), &[&s], cost(5, 0, 13)),
        ("quantiles", quantiles, &[&forecast], cost(1, 0, 8)),
    ]);
}

#[test]
fn over_lists_by_pairs_and_places() {
    let (s, y) = (normal(1, [40, 50]), in_memory(normal(2, [40, 50]).abs().floor()));
    check(&[
        ("pairwise_squared_error", pairwise_squared_error(&s, &y, None), &[&s], cost(1, 0, 11)),
        ("pairwise_hinge", pairwise_hinge(&s, &y, None), &[&s], cost(4, 0, 13)),
        ("pairwise_soft_zero_one", pairwise_soft_zero_one(&s, &y, None), &[&s], cost(4, 0, 12)),
        ("pairwise_quantile", pairwise_quantile(&s, &y, None, Default::default()), &[&s], cost(4, 0, 21)),
        ("lambda_rank", lambda_rank(&s, &y, None, Default::default()), &[&s], cost(5, 0, 21)),
        ("ndcg_loss2", ndcg_loss2(&s, &y, None, Default::default()), &[&s], cost(5, 0, 29)),
        ("poly1_softmax", poly1_softmax(&s, &y, None, 1.0), &[&s], cost(1, 0, 28)),
        ("unique_softmax", unique_softmax(&s, &y, None, None), &[&s], cost(4, 0, 11)),
        ("list_mle", list_mle(&s, &y, None), &[&s], cost(19, 7, 12)),
        ("bound_ndcg", bound_ndcg(&s, &y, None), &[&s], cost(5, 0, 13)),
        ("approx_mrr", approx_mrr(&s, &y, None, Default::default()), &[&s], cost(5, 0, 10)),
        ("smooth_ap", smooth_ap(&s, &y, None, 1.0), &[&s], cost(5, 0, 26)),
    ]);
}

#[test]
fn over_preferences() {
    let [a, b, c, d] = [1, 2, 3, 4].map(|seed| normal(seed, [3000]));
    let rewarded = in_memory(a.gt(0));
    let (logits, positive, sign) = (normal(5, [300, 20]), normal(6, [300]), in_memory(b.sign()));
    let per_token = [in_memory(-a.exp()), in_memory(-b.exp())];
    let divergence = in_memory(Tensor::scalar(0.5).cast(DType::F32));
    check(&[
        ("margin_ranking", margin_ranking(&a, &c, &sign, 0.5), &[&a, &c], cost(1, 0, 7)),
        ("bpr", bpr(&a, &b), &[&a, &b], cost(1, 0, 5)),
        ("bradley_terry", bradley_terry(&a, &b, None), &[&a, &b], cost(1, 0, 5)),
        ("dpo", dpo(&a, &b, &c, &d, Default::default()), &[&a, &b], cost(1, 0, 7)),
        ("robust_dpo", robust_dpo(&a, &b, &c, &d, Default::default()), &[&a, &b], cost(1, 0, 7)),
        ("ipo", ipo(&a, &b, &c, &d, 0.1), &[&a, &b], cost(1, 0, 7)),
        ("kto", kto(&a, &b, &rewarded, &divergence, Default::default()), &[&a], cost(1, 0, 13)),
        ("orpo", orpo(&per_token[0], &per_token[1], 0.1), &[&per_token[0], &per_token[1]], cost(1, 0, 56)),
        ("simpo", simpo(&a, &b, Default::default()), &[&a, &b], cost(1, 0, 6)),
        ("cpo", cpo(&a, &b, Default::default()), &[&a, &b], cost(1, 0, 6)),
        ("slic", slic(&a, &b, &c, Default::default()), &[&a, &b], cost(1, 0, 6)),
        ("policy_gradient", policy_gradient(&a, &b), &[&a], cost(1, 0, 3)),
        ("ppo_clip", ppo_clip(&a, &b, &c, 0.2), &[&a], cost(1, 0, 21)),
        ("temporal_difference", temporal_difference(&a, &b, &c, &rewarded, Default::default()), &[&a], cost(1, 0, 14)),
        ("entropy_bonus", entropy_bonus(&logits), &[&logits], cost(1, 0, 22)),
        ("wmrb", wmrb(&positive, &logits, 1.0), &[&positive, &logits], cost(1, 0, 7)),
        ("top1", top1(&positive, &logits), &[&positive, &logits], cost(1, 0, 11)),
        ("bpr_max", bpr_max(&positive, &logits, 0.1), &[&positive, &logits], cost(1, 0, 35)),
    ]);
}

#[test]
fn boxes_and_scores() {
    let edges = normal(1, [500, 4]).abs();
    let far = |near: &Tensor| near + 1.0;
    let p = in_memory(Tensor::concatenate([&edges.slice(-1, 0..2), &far(&edges.slice(-1, 2..4))], -1));
    let t = normal(2, [500, 4]).abs();
    let t = in_memory(Tensor::concatenate([&t.slice(-1, 0..2), &far(&t.slice(-1, 2..4))], -1));
    let (x, y) = (normal(3, [5000]), in_memory(normal(4, [5000]).sigmoid()));
    check(&[
        ("iou", iou(&p, &t), &[&p], cost(1, 1, 72)),
        ("giou", giou(&p, &t), &[&p], cost(1, 1, 106)),
        ("diou", diou(&p, &t), &[&p], cost(1, 1, 114)),
        ("ciou", ciou(&p, &t), &[&p], cost(1, 1, 227)),
        ("quality_focal", quality_focal(&x, &y, 2.0), &[&x], cost(1, 0, 21)),
        ("varifocal", varifocal(&x, &y, Default::default()), &[&x], cost(1, 0, 21)),
        ("heatmap_focal", heatmap_focal(&x, &y, Default::default()), &[&x], cost(1, 0, 22)),
        ("boundary", boundary(&y, &x), &[&y], cost(1, 0, 2)),
    ]);
}

#[test]
fn over_labels_that_are_wrong_or_in_an_order_and_probabilities() {
    let x = normal(1, [64, 300]);
    let named: Vec<i64> = (0..64).map(|row| row * 37 % 300).collect();
    let (labels, ranks) = (Labels::new(&named, 300).unwrap(), Labels::new(&named, 301).unwrap());
    let [p, t] = [2, 3].map(|seed| in_memory(normal(seed, [64, 300]).softmax(-1)));
    let [l, u, y] = [4, 5, 6].map(|seed| normal(seed, [5000]));
    let [a, b, c] = [0.5, -0.5, 0.1].map(|number: f32| Tensor::from(number));
    let (y01, rising) = (in_memory(y.gt(0).cast(DType::F32)), in_memory(normal(7, [300]).exp().cumulative_sum(0)));
    let (scale, bias) = (normal(8, [300]), normal(9, [300]));
    let score = normal(10, [64]);
    check(&[
        ("symmetric", symmetric_cross_entropy(&x, &labels, Default::default()), &[&x], cost(1, 0, 9)),
        ("reverse", reverse_cross_entropy(&x, &labels, -4.0), &[&x], cost(1, 0, 9)),
        ("normalised", normalised_cross_entropy(&x, &labels), &[&x], cost(1, 0, 26)),
        ("active_passive", active_passive(&x, &labels, Default::default()), &[&x], cost(1, 0, 29)),
        ("bootstrapped", bootstrapped_cross_entropy(&x, &labels, 0.9), &[&x], cost(1, 0, 32)),
        ("hard_bootstrapped", hard_bootstrapped_cross_entropy(&x, &labels, 0.9), &[&x], cost(1, 0, 23)),
        ("confidence_penalty", confidence_penalty(&x, 0.1), &[&x], cost(1, 0, 22)),
        ("early_learning", early_learning_regularisation(&x, &labels, &t, 3.0), &[&x], cost(1, 0, 29)),
        ("truncated", truncated_generalised_cross_entropy(&x, &labels, Default::default()), &[&x], cost(1, 0, 9)),
        ("coral", coral(&x, &ranks, None), &[&x], cost(1, 1, 9)),
        ("corn", corn(&x, &ranks), &[&x], cost(1, 2, 12)),
        ("cumulative_link", cumulative_link(&score, &ranks, &rising), &[&score], cost(2, 4, 2)),
        ("soft_ordinal", soft_ordinal(&x, &labels, Default::default()), &[&x], cost(2, 0, 30)),
        ("ordinal_emd", ordinal_emd(&x, &labels), &[&x], cost(3, 6, 8)),
        ("brier_score", brier_score(&p, &labels), &[&p], cost(1, 0, 5)),
        ("logarithmic_score", logarithmic_score(&p, &labels), &[&p], cost(1, 0, 6)),
        ("spherical_score", spherical_score(&p, &labels), &[&p], cost(1, 0, 11)),
        ("binary_brier_score", binary_brier_score(&l, &y01), &[&l], cost(1, 0, 4)),
        ("winkler", winkler_interval_score(&l, &u, &y, 0.1), &[&l, &u], cost(1, 0, 11)),
        ("temperature_scaled", temperature_scaled_cross_entropy(&x, &labels, &a), &[&a], cost(1, 0, 10)),
        ("vector_scaled", vector_scaled_cross_entropy(&x, &labels, &scale, &bias), &[&scale, &bias], cost(1, 0, 12)),
        ("platt_scaled", platt_scaled_cross_entropy(&l, &y01, &a, &b), &[&a, &b], cost(1, 0, 11)),
        ("beta_calibrated", beta_calibrated_cross_entropy(&l, &y01, &a, &a, &c), &[&a, &c], cost(1, 0, 15)),
        ("expected_calibration_error", expected_calibration_error(&p, &labels, 15), &[&p], cost(6, 2, 4)),
    ]);
}

#[test]
fn of_residuals() {
    let [x, y] = [1, 2].map(|seed| normal(seed, [5000]));
    let [m, t] = [3, 4].map(|seed| in_memory(normal(seed, [5000]).exp()));
    let unit = in_memory(y.sigmoid());
    let robust = |alpha| general_robust(&x, &y, GeneralRobustOptions { alpha, scale: 1.0 });
    check(&[
        ("lp", lp(&x, &y, 1.5), &[&x], cost(1, 0, 12)),
        ("charbonnier", charbonnier(&x, &y, 1e-3), &[&x], cost(1, 0, 28)),
        ("pseudo_huber", pseudo_huber(&x, &y, 1.0), &[&x], cost(1, 0, 25)),
        ("cauchy", cauchy(&x, &y, 1.0), &[&x], cost(1, 0, 25)),
        ("geman_mcclure", geman_mcclure(&x, &y, 1.0), &[&x], cost(1, 0, 24)),
        ("welsch", welsch(&x, &y, 1.0), &[&x], cost(1, 0, 12)),
        ("tukey_biweight", tukey_biweight(&x, &y, 1.0), &[&x], cost(1, 0, 16)),
        ("general_robust", robust(1.5), &[&x], cost(1, 0, 31)),
        ("wing", wing(&x, &y, Default::default()), &[&x], cost(1, 0, 16)),
        ("adaptive_wing", adaptive_wing(&x, &unit, Default::default()), &[&x], cost(1, 0, 49)),
        ("expectile", expectile(&x, &y, 0.3), &[&x], cost(1, 0, 6)),
        ("huberised_quantile", huberised_quantile(&x, &y, 0.3, 1.0), &[&x], cost(1, 0, 14)),
        ("epsilon_insensitive", epsilon_insensitive(&x, &y, 0.1), &[&x], cost(1, 0, 8)),
        ("squared_epsilon_insensitive", squared_epsilon_insensitive(&x, &y, 0.1), &[&x], cost(1, 0, 10)),
        ("absolute_percentage_error", absolute_percentage_error(&x, &y, 1e-7), &[&x], cost(1, 0, 10)),
        ("symmetric_absolute_percentage_error", symmetric_absolute_percentage_error(&x, &y), &[&x], cost(1, 0, 18)),
        ("squared_logarithmic_error", squared_logarithmic_error(&m, &t), &[&m], cost(1, 0, 24)),
        ("tweedie_deviance", tweedie_deviance(&m, &t, 1.5), &[&m], cost(1, 0, 146)),
        ("tweedie_deviance_log_mean", tweedie_deviance_log_mean(&x, &t, 1.5), &[&x], cost(1, 0, 129)),
        ("gamma_deviance", gamma_deviance(&m, &t), &[&m], cost(1, 0, 46)),
        ("inverse_gaussian_deviance", inverse_gaussian_deviance(&m, &t), &[&m], cost(1, 0, 12)),
    ]);
}

#[test]
fn of_series() {
    let [x, y] = [1, 2].map(|seed| normal(seed, [200, 32]));
    let [m, t] = [3, 4].map(|seed| in_memory(normal(seed, [200, 32]).exp()));
    check(&[
        ("cosine_distance", cosine_distance(&x, &y), &[&x], cost(1, 0, 24)),
        ("root_mean_squared_error", root_mean_squared_error(&x, &y), &[&x], cost(1, 0, 8)),
        ("root_mean_squared_logarithmic_error", root_mean_squared_logarithmic_error(&m, &t), &[&m], cost(1, 0, 28)),
        ("weighted_absolute_percentage_error", weighted_absolute_percentage_error(&x, &y), &[&x], cost(1, 0, 7)),
        ("scale_invariant_log_error", scale_invariant_log_error(&m, &t, None, 0.5), &[&m], cost(1, 0, 33)),
        ("concordance", concordance(&x, &y), &[&x], cost(1, 0, 26)),
        ("negative_pearson", negative_pearson(&x, &y), &[&x], cost(1, 0, 39)),
        ("coefficient_of_determination", coefficient_of_determination(&x, &y), &[&x], cost(1, 0, 11)),
        ("tilted", tilted(&x, 1.0), &[&x], cost(1, 0, 23)),
    ]);
}

#[test]
fn over_scores_of_critics_and_views() {
    let [real, fake] = [1, 2].map(|seed| normal(seed, [4096]));
    let [a, b] = [3, 4].map(|seed| normal(seed, [200, 32]));
    let center = normal(5, [32]);
    let labels = Labels::new((0..200).map(|row| row % 32).collect::<Vec<i64>>(), 32).unwrap();
    check(&[
        ("minimax_discriminator", minimax_discriminator(&real, &fake), &[&real, &fake], cost(1, 0, 7)),
        ("non_saturating_generator", non_saturating_generator(&fake), &[&fake], cost(1, 0, 4)),
        ("hinge_discriminator", hinge_discriminator(&real, &fake), &[&real, &fake], cost(1, 0, 8)),
        ("relativistic_logistic", relativistic_logistic(&real, &fake), &[&real, &fake], cost(1, 0, 5)),
        ("lecam", lecam(&real, &fake, 0.5, -0.5), &[&real, &fake], cost(1, 0, 9)),
        ("negative_cosine_similarity", negative_cosine_similarity(&a, &b), &[&a], cost(1, 0, 17)),
        ("alignment", alignment(&a, &b, 2.0), &[&a, &b], cost(1, 0, 24)),
        ("dino", dino(&a, &b, &center, DinoOptions::default()), &[&a], cost(1, 0, 21)),
        ("trades", trades(&a, &b, &labels, 6.0), &[&a, &b], cost(1, 0, 35)),
        ("virtual_adversarial", virtual_adversarial(&a, &b), &[&b], cost(1, 0, 21)),
        ("fix_match", fix_match(&a, &b, 0.5), &[&b], cost(1, 1, 16)),
    ]);
}
