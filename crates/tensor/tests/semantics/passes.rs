//! Into how many passes over memory a program is divided, and what they read and write.

use approx::{abs_diff_eq, assert_abs_diff_eq, assert_relative_eq};
use minimand_tensor::{DType, PlanSummary, Rng, StepKind, Tensor, eval, explain_plan, grad, reference};

fn normal<const N: usize>(seed: u64, shape: [usize; N]) -> Tensor {
    let numbers = Tensor::normal(shape, &mut Rng::seed(seed));
    eval([&numbers]);
    numbers
}

fn instructions_for_entries(plan: &PlanSummary) -> Vec<usize> {
    let of_pass = |kind: &StepKind| match *kind {
        StepKind::Pass { instructions, for_rows, .. } => Some(instructions - for_rows),
        StepKind::Scalars { .. } | StepKind::Operation(_) => None,
    };
    plan.steps.iter().filter_map(|step| of_pass(&step.kind)).collect()
}

/// A number that is known only at run time takes a step of its own before the gradient: the value must not be in its way.
#[test]
fn the_order_of_what_is_wanted_costs_no_pass() {
    let (x, y, weight) = (normal(1, [4000]), normal(2, [4000]), Tensor::scalar(3.0f32));
    let mean = (&weight * &weight * (&x - &y).square()).mean();
    let slopes = grad(&mean, [&x, &y]);
    for wanted in [[&mean, &slopes[0], &slopes[1]], [&slopes[1], &mean, &slopes[0]], [&slopes[0], &slopes[1], &mean]] {
        assert_eq!(explain_plan(wanted).passes(), 1);
    }
}

/// What depends on a pass cannot be done by it, in whatever order it is asked for.
#[test]
fn a_pass_does_not_wait_for_itself() {
    let x = normal(1, [4000]);
    let share = &x / x.sum();
    let more = &share * share.max();
    for wanted in [[&share, &more], [&more, &share]] {
        assert_eq!(explain_plan(wanted).passes(), 3);
    }
}

#[test]
fn values_of_the_same_entries_are_computed_in_one_pass() {
    let x = normal(1, [4000]);
    let (a, b, c) = (x.exp(), x.square().sum(), x.reshape([80, 50]).max_axis(-1));
    let plan = explain_plan([&a, &b, &c]);
    assert_eq!(plan.passes(), 1, "{plan}");
    assert_eq!(plan.steps[0].bytes_read, 16000);
}

/// The numbers for each row are chosen from before the row's sum is there, and what is made of both is needed for every entry.
#[test]
fn numbers_of_the_rows_are_computed_between_sweeps_over_them() {
    let (x, numbers) = (normal(1, [400, 32]), normal(2, [400]));
    let chosen = numbers.gt(0).select(&numbers, 0);
    let scaled = &x * (x.square().sum_axis(-1) * &chosen + numbers.exp()).unsqueeze(-1);
    let plan = explain_plan([&scaled]);
    assert_eq!(plan.passes(), 1, "{plan}");
    assert_eq!(plan.steps[0].bytes_written, scaled.elements() * 4);
}

/// A table of pairs costs more to keep than its few numbers cost to be combined again.
#[test]
fn pairs_of_few_numbers_are_not_stored() {
    let x = normal(1, [200]);
    let pairs = (x.unsqueeze(-1) - &x).sigmoid();
    let ranks = pairs.sum_axis(-1);
    let slope = ranks.square().sum().grad(&x);
    let plan = explain_plan([&slope]);
    assert!(plan.steps.iter().all(|step| step.bytes_written < 200 * 200), "{plan}");
}

/// Chosen before it is shifted, and added to the gradient where it lies: four sweeps' worth of instructions for the entries.
#[test]
fn the_entry_of_a_label_costs_nothing_for_the_others() {
    let (x, labels) = (normal(1, [300, 400]), Tensor::from_vec((0..300).collect::<Vec<i64>>(), [300]));
    let chosen = Tensor::iota(400).eq(labels.unsqueeze(-1));
    let loss = chosen.select(-x.log_softmax(-1), 0).sum_axis(-1).mean();
    let plan = explain_plan([&loss.grad(&x), &loss]);
    // The greatest, the entry, the difference, its exponential, their sum, the product, the entry's own; and two for the tail: the entries that
    // are not the greatest, and what they add.
    assert_eq!(instructions_for_entries(&plan), [9], "{plan}");
}

#[test]
fn the_sum_of_sums_is_one_sum() {
    let x = normal(1, [40, 30, 20]);
    let plan = explain_plan([&x.exp().sum_axis(-1).sum_axis(-1).sum()]);
    assert_eq!((plan.passes(), plan.steps.len()), (1, 1), "{plan}");
}

/// Arithmetic with constants is done when the plan is made, also where they are repeated over a shape.
#[test]
fn constants_take_no_step() {
    let x = normal(1, [4000]);
    let slope = (0.5 * (2.0 * -(x.exp()))).mean().grad(&x);
    assert_eq!(explain_plan([&slope]).steps.len(), 1);
    assert_eq!(slope.dtype(), DType::F32);
    let expected: Vec<f32> = x.to_vec::<f32>().iter().map(|x| -x.exp() / 4000.0).collect();
    assert_relative_eq!(slope.to_vec::<f32>()[..], expected[..], epsilon = 0.0, max_relative = 1e-6);
}

/// A value that a pass computes again, and another pass reads in another order: these two must not become one.
#[test]
fn what_is_computed_again_is_not_seen_in_another_order() {
    let x = normal(1, [3, 3]);
    let kept = x.lt(0.5).select(&x, -1);
    let greatest = kept.max_axis(-1);
    let ties = kept.eq(&greatest).select(&kept, -1);
    let capped = kept.flip([1]).minimum(&greatest);
    let both = ties.sum() + (&kept - &capped).sum() + capped.square().sum();
    let expected = reference::evaluate(&[&both])[0][0];
    assert_abs_diff_eq!(both.item(), expected, epsilon = 1e-5);
}

/// Windows of two by two: their entries are read as slices, with what leads to them. Neither they nor the ties are stored.
#[test]
fn the_greatest_of_small_windows_takes_one_pass() {
    let (x, bias, weight) = (normal(1, [3, 5, 8, 14]), normal(2, [5, 1, 1]), normal(3, [3, 5, 4, 7]));
    // Rounded, so that there are ties.
    let rounded = (4.0 * &x).floor();
    eval([&rounded]);
    let pooled = (&rounded + &bias).relu().reshape([3, 5, 4, 2, 7, 2]).max_axis([3, 5]);
    let plan = explain_plan([&pooled]);
    assert_eq!(plan.passes(), 1, "{plan}");
    assert_eq!(plan.steps[0].bytes_written, pooled.elements() * 4);

    let slopes = grad(&(&pooled * &weight).sum(), [&rounded, &bias]);
    let plan = explain_plan([&pooled, &slopes[0]]);
    assert!(plan.passes() <= 3, "{plan}");
    let ties = plan.steps.iter().filter(|step| step.bytes_written >= rounded.elements() * 4).count();
    assert_eq!(ties, 1, "only the slopes are as large as the picture: {plan}");

    let wanted = [&pooled, &slopes[0], &slopes[1]];
    let expected = reference::evaluate(&wanted);
    eval(wanted);
    assert_eq!(pooled.to_vec::<f64>(), expected[0]);
    assert_eq!(slopes[0].to_vec::<f64>(), expected[1]);
    assert_abs_diff_eq!(slopes[1].to_vec::<f64>()[..], expected[2][..], epsilon = 1e-4);
}

/// What is repeated over the axes of a window, along some of them or along all, or in another order.
#[test]
fn windows_of_repeated_numbers_are_those_of_the_whole() {
    let x = normal(1, [2, 3, 4, 6]);
    let operands = [
        normal(2, [1, 3, 1, 6]),
        normal(3, [2, 1, 4, 1]),
        normal(4, [6]),
        normal(5, [1, 1, 1, 1]),
        normal(6, [2, 6, 4, 3]).permute([0, 3, 2, 1]),
    ];
    for operand in operands {
        for shape in [vec![2, 3, 2, 2, 3, 2], vec![6, 2, 2, 3, 2], vec![2, 6, 2, 3, 2]] {
            let rank = shape.len();
            let (down, across) = (rank - 3, rank - 1);
            let both = (&x * &operand).abs().reshape(shape);
            let wanted = [both.max_axis([down, across]), both.min_axis([down, across]), both.sum_axis([down, across])];
            let wanted: Vec<&Tensor> = wanted.iter().collect();
            let expected = reference::evaluate(&wanted);
            eval(wanted.iter().copied());
            for (found, expected) in wanted.iter().zip(expected) {
                let close = abs_diff_eq!(found.to_vec::<f64>()[..], expected[..], epsilon = 1e-5);
                assert!(close, "{found}, not {expected:?}: {}", operand.shape());
            }
        }
    }
}

/// Counted for products that are recognised in a formula, and for those that stand there.
#[test]
fn a_plan_counts_the_multiplications_of_its_products() {
    let multiply_adds =
        |tensor: &Tensor| explain_plan([tensor]).steps.iter().map(|step| step.multiply_adds).sum::<usize>();
    let (a, b) = (normal(1, [4, 30, 20]), normal(2, [4, 20, 50]));
    assert_eq!(multiply_adds(&a.matmul(&b)), 4 * 30 * 20 * 50);
    let (pictures, kernel) = (normal(3, [8, 32, 32]), normal(4, [9, 16]));
    let windows = pictures.windows(1, 3, 1, 1).windows(2, 3, 1, 1).swap_axes(-1, -2);
    let convolved = windows.reshape([8 * 30 * 30, 9]).matmul(&kernel);
    assert_eq!(multiply_adds(&convolved), 8 * 30 * 30 * 9 * 16);
    assert_eq!(multiply_adds(&a.square()), 0);
}
