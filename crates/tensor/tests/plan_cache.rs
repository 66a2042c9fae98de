//! Plans are compiled once per structure: other numbers, data or constants reuse them. The counters belong to the process, so all
//! of it is one test.

use approx::assert_relative_eq;
use minimand_tensor::{Parameter, PlanStatistics, Tensor, eval, plan_statistics, reference};

/// How many plans `work` compiled and reused.
fn count(work: impl FnOnce()) -> PlanStatistics {
    let before = plan_statistics();
    work();
    let after = plan_statistics();
    counted(after.compiled - before.compiled, after.reused - before.reused)
}

const fn counted(compiled: u64, reused: u64) -> PlanStatistics {
    PlanStatistics { compiled, reused, recomputed: 0, held: 0, bytes: 0 }
}

const COMPILED: PlanStatistics = counted(1, 0);
const REUSED: PlanStatistics = counted(0, 1);
const NEITHER: PlanStatistics = counted(0, 0);

#[test]
fn plans_are_compiled_once_per_structure() {
    // Building computes nothing.
    let x = Tensor::from([1.0, 2.0]);
    assert_eq!(count(|| drop(x.square().sum().grad(&x))), NEITHER);

    // Other data in the same formula.
    let formula = |data: [f64; 2], factor: f64| (factor * Tensor::from(data).sin() + 3.0).sum();
    let mut value = 0.0;
    assert_eq!(count(|| value = formula([1.0, 2.0], 0.5).item()), COMPILED);
    assert_eq!(value, 0.5 * 1f64.sin() + 3.0 + (0.5 * 2f64.sin() + 3.0));
    assert_eq!(count(|| value = formula([3.0, 4.0], 0.5).item()), REUSED);
    assert_eq!(value, 0.5 * 3f64.sin() + 3.0 + (0.5 * 4f64.sin() + 3.0));
    // Other constants in the same places.
    for factor in [0.25, -1e-3, f64::NAN, -0.0] {
        assert_eq!(count(|| value = formula([1.0, 2.0], factor).item()), REUSED, "factor {factor}");
        let expected = factor * 1f64.sin() + 3.0 + (factor * 2f64.sin() + 3.0);
        assert!(value == expected || value.is_nan() && expected.is_nan(), "{value} and {expected}");
    }
    // Zero and one are part of the structure: they make other operations superfluous.
    assert_eq!(count(|| value = formula([1.0, 2.0], 0.0).item()), COMPILED);
    assert_eq!(value, 6.0);
    assert_eq!(count(|| value = formula([1.0, 2.0], 1.0).item()), COMPILED);
    assert_eq!(value, 1f64.sin() + 3.0 + (2f64.sin() + 3.0));
    // Two constants that are equal become one value, which is another structure.
    assert_eq!(count(|| value = formula([1.0, 2.0], 3.0).item()), COMPILED);
    assert_eq!(count(|| value = formula([5.0, 2.0], 3.0).item()), REUSED);

    // What is known is not computed again.
    let known = formula([6.0, 7.0], 0.5);
    known.item();
    assert_eq!(count(|| drop((known.item(), known.to_vec::<f64>(), known.to_string()))), NEITHER);
    eval([&known]);

    // Another shape, another type, other axes: a plan each.
    let mean = |x: Tensor| x.mean_axis(0).to_vec::<f64>();
    assert_eq!(count(|| drop(mean(Tensor::from([[1.0, 2.0]])))), COMPILED);
    assert_eq!(count(|| drop(mean(Tensor::from([[1.0, 2.0], [3.0, 4.0]])))), COMPILED);
    assert_eq!(count(|| drop(mean(Tensor::from([[1.0f32, 2.0]])))), COMPILED);
    assert_eq!(count(|| drop(Tensor::from([[1.0, 2.0]]).mean_axis(1).to_vec::<f64>())), COMPILED);
    for _ in 0..3 {
        assert_eq!(count(|| drop(mean(Tensor::from([[5.0, 6.0]])))), REUSED);
        assert_eq!(count(|| drop(mean(Tensor::from([[5.0, 2.0], [3.0, 4.0]])))), REUSED);
    }

    // Several results of one evaluation share a plan; the same results in another order are another plan.
    let pair = |data: [f64; 2]| {
        let x = Tensor::from(data);
        (x.exp(), x.cos().sum())
    };
    let (a, b) = pair([1.0, 2.0]);
    assert_eq!(count(|| eval([&a, &b])), COMPILED);
    let (a, b) = pair([3.0, 2.0]);
    assert_eq!(count(|| eval([&a, &b])), REUSED);
    assert_eq!(b.item(), 3f64.cos() + 2f64.cos());

    a_training_loop();
}

/// The first step compiles, a smaller last batch compiles once more, everything else reuses.
fn a_training_loop() {
    let weight = Parameter::new("weight", Tensor::from([0.0f32, 0.0]).reshape([2, 1]));
    let step = |rows: usize, step: usize| {
        let x = Tensor::from_vec((0..rows * 2).map(|k| (k + step) as f32 * 0.1).collect::<Vec<f32>>(), [rows, 2]);
        let y = x.sum_keepdim(1);
        let value = weight.value();
        let loss = (x.matmul(&value) - y).square().mean();
        let gradient = loss.grad(&value);
        // The rate changes from step to step, as a literal and as a tensor given at run time.
        let rate = 1e-2 / (1.0 + step as f64);
        let correction = Tensor::scalar(1.0 - 0.9f32.powi(step as i32 + 1));
        let next = &value - rate * gradient / correction;
        eval([&loss, &next]);
        let expected = reference::evaluate(&[&loss, &next]);
        weight.set(next.clone());
        for (found, expected) in loss.to_vec::<f64>().iter().chain(&next.to_vec::<f64>()).zip(expected.concat()) {
            assert_relative_eq!(*found, expected, epsilon = 1e-5, max_relative = 1e-5);
        }
    };
    assert_eq!(count(|| step(8, 0)), COMPILED);
    for number in 1..20 {
        assert_eq!(count(|| step(8, number)), REUSED, "step {number}");
    }
    assert_eq!(count(|| step(5, 20)), COMPILED);
    assert_eq!(count(|| step(8, 21)), REUSED);
    assert_eq!(count(|| step(5, 22)), REUSED);
}
