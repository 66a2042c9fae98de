//! Lists: grades however high, scores over small temperatures, NaN.

use minimand_loss::*;
use minimand_tensor::{DType, Tensor};

use crate::common::{assert_close_within, panic_of, slope, values};
use crate::{Loss2, singles};

fn ndcg(scores: &Tensor, relevance: &Tensor, temperature: f64) -> Tensor {
    approx_ndcg(scores, relevance, None, temperature)
}

/// A loss of scores and relevances, with a mask.
type Masked<'a> = &'a dyn Fn(&Tensor, &Tensor, Option<&Tensor>) -> Tensor;

/// By mpmath.
#[test]
fn approx_ndcg_takes_every_grade() {
    let scores = [[0.0, 1.0, 2.0]; 3];
    let grades = [[127.0, 127.0, 126.0], [127.0, 0.0, 126.0], [1000.0, 999.0, 0.0]];
    let expected = [-0.8340528659972333, -0.7129533556425405, -0.6501168997878635];
    for dtype in [DType::F32, DType::F64] {
        let (x, y) = (Tensor::from(scores).cast(dtype).detach(), Tensor::from(grades).cast(dtype).detach());
        let tolerance = if dtype == DType::F32 { 1e-6 } else { 1e-14 };
        assert_close_within("value", &values(&ndcg(&x, &y, 1.0)), &expected, tolerance, 0.0);
        let gradient = [0.012041369430714152, -0.007839302785499293, -0.004202066645214858];
        let found = slope(|x| ndcg(x, &y, 1.0), &x);
        assert_close_within("gradient", &found[..3], &gradient, 1e2 * tolerance, 0.0);
        // The gain of a small grade has all its digits.
        let small = Tensor::from([[1e-6, 2e-6, 0.0]]).cast(dtype).detach();
        let gain = |y: f64| (y * 2f64.ln()).exp_m1();
        let sigma = |d: f64| 1.0 / (1.0 + (-d).exp());
        let discount = |rank: f64| 1.0 / rank.ln_1p();
        let found = values(&ndcg(&Tensor::from([[0.0, 1.0, 2.0]]).cast(dtype), &small, 1.0));
        let reached = gain(1e-6) * discount(1.0 + sigma(1.0) + sigma(2.0))
            + gain(2e-6) * discount(1.0 + sigma(-1.0) + sigma(1.0));
        let best = gain(2e-6) * discount(1.0) + gain(1e-6) * discount(2.0);
        assert_close_within("small grades", &found, &[-reached / best], tolerance, 0.0);
    }
}

/// The difference of the scores is divided, not each of them: quotients that overflow leave no NaN.
#[test]
fn approx_ndcg_at_small_temperatures_and_large_scores() {
    let greatest = f64::from(f32::MAX);
    let y = singles(&[[1.0, 1.0, 0.0], [1.0, 0.0, 0.0]]);
    for (scores, temperature) in [(1e3, 1e-38), (1e30, 1e-20), (0.5 * greatest, 1.0), (greatest, 1e-38)] {
        let x = singles(&[[scores, scores, -scores], [-scores, scores, scores]]);
        let loss = |x: &Tensor| ndcg(x, &y, temperature);
        // Ranks 1½, 1½ and 3; the best list has 1 and 2.
        let tied = -2.0 / 2.5f64.ln() / (1.0 / 2f64.ln() + 1.0 / 3f64.ln());
        let last = -2f64.ln() / 4f64.ln();
        assert_close_within("value", &values(&loss(&x)), &[tied, last], 1e-6, 0.0);
        let gradient = slope(loss, &x);
        assert!(gradient.iter().all(|number| !number.is_nan()), "{scores:e}/{temperature:e}: {gradient:?}");
    }
    let panic = panic_of(|| ndcg(&y, &y, 1e-46));
    let message = "approx_ndcg: temperature is 1e-46, which is 0 in f32, and must be greater than 0";
    assert_eq!((&*panic.message, &*panic.file), (message, file!()));
    let panic = panic_of(|| ndcg(&y, &y, f64::INFINITY));
    assert_eq!(panic.message, "approx_ndcg: temperature is inf and must be finite");
}

/// By mpmath: one relevant item that has nearly all of the probability.
#[test]
fn softmax_losses_keep_the_tail_of_a_right_answer() {
    let (x, y) = (singles(&[[0.0, -17.0, -20.0]]), singles(&[[1.0, 0.0, 0.0]]));
    let value = [4.346052986588138e-8];
    let (softmax, net) = (ranking_softmax(&x, &y, None), list_net(&x, &(1e3 * &y), None));
    let probabilities = cross_entropy_with_probabilities(&x, &y, Default::default());
    for loss in [softmax, net, probabilities, -x.log_softmax(-1).at(-1, 0)] {
        assert_close_within("value", &values(&loss), &value, 5e-7, 0.0);
    }
    let by_probabilities = slope(|y| cross_entropy_with_probabilities(&x, y, Default::default()), &y);
    assert_close_within(
        "by probabilities",
        &by_probabilities,
        &[value[0], 17.0 + value[0], 20.0 + value[0]],
        5e-7,
        0.0,
    );
    // Ties for the greatest: both orders of derivatives as elsewhere.
    let tied = Tensor::from([[1.0, 1.0, 0.5]]);
    let p = values(&tied.softmax(-1));
    let hessian = values(&(-tied.log_softmax(-1)).at(-1, 0).sum().hessian(&tied));
    let expected: Vec<f64> = (0..9)
        .map(|entry| if entry / 3 == entry % 3 { p[entry / 3] } else { 0.0 } - p[entry / 3] * p[entry % 3])
        .collect();
    assert_close_within("Hessian", &hessian, &expected, 1e-13, 0.0);
}

/// NaN among scores or relevances comes out: in the value, and in the gradient of the item that it belongs to.
#[test]
fn nan_comes_out_unless_it_is_masked() {
    let nan = f64::NAN;
    let losses: [Masked; 5] =
        [&pairwise_logistic, &pairwise_logistic_sum, &list_net, &ranking_softmax, &|x, y, mask| {
            approx_ndcg(x, y, mask, 1.0)
        }];
    let clean = [0.5, -1.0, 2.0];
    for (which, loss) in losses.iter().enumerate() {
        let cases = [
            (clean, [nan, 1.0, 0.0]),
            (clean, [nan; 3]),
            (clean, [0.0, 0.0, nan]),
            ([nan, 0.5, 1.0], [2.0, 1.0, 0.0]),
            ([nan, 0.5, 1.0], [1.0, 1.0, 1.0]),
            ([0.5, 1.0, nan], [0.0, 0.0, 0.0]),
            ([nan; 3], [0.0, 1.0, 1.0]),
        ];
        for (scores, relevance) in cases {
            let (x, y) = (Tensor::from([scores, clean]), Tensor::from([relevance, [1.0, 0.0, 2.0]]));
            let value = values(&loss(&x, &y, None));
            assert!(value[0].is_nan() && value[1].is_finite(), "loss {which}, {scores:?}, {relevance:?}: {value:?}");
            let gradient = slope(|x| loss(x, &y, None), &x);
            for item in 0..3 {
                let lost = scores[item].is_nan() || relevance[item].is_nan();
                assert!(!lost || gradient[item].is_nan(), "loss {which}, {scores:?}, {relevance:?}: {gradient:?}");
            }
            assert!(gradient[3..].iter().all(|slope| slope.is_finite()), "loss {which}: {gradient:?}");
        }
        let mask = Some(Tensor::from([[false, true, true]]));
        let (x, y) = (Tensor::from([[nan, 0.5, 1.0]]), Tensor::from([[nan, 1.0, 0.0]]));
        let (kept, part) = (x.slice(1, 1..), y.slice(1, 1..));
        assert_close_within(
            "masked",
            &values(&loss(&x, &y, mask.as_ref())),
            &values(&loss(&kept, &part, None)),
            1e-14,
            0.0,
        );
        let gradient = slope(|x| loss(x, &y, mask.as_ref()), &x);
        assert!(gradient[0] == 0.0 && gradient.iter().all(|slope| slope.is_finite()), "loss {which}: {gradient:?}");
    }
    // Integers have no NaN, and keep their order beyond what a float can tell apart.
    let y = Tensor::from([[i64::MAX, i64::MAX - 1]]);
    let loss: Loss2 = &|x, y| pairwise_logistic(x, y, None);
    assert_close_within("integers", &values(&loss(&Tensor::from([[0.0, 0.0]]), &y)), &[2f64.ln()], 1e-14, 0.0);
}
