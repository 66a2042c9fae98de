//! What a case's plan does, and what the machine could do at best.

use std::time::Instant;

use minimand::prelude::*;
use minimand::tensor::{Compiled, explain_plan};
use minimand_peers::Case;
use serde_json::{Value, json};

use crate::{inputs, kinds, losses, models};

/// Passes, operations, bytes and multiply-adds of value and gradient; a training step's update is not counted.
pub fn of(case: &Case) -> Value {
    let inputs = inputs(case);
    minimand::tensor::eval(&inputs);
    let (parameters, data) = inputs.split_at(case.gradients);
    let loss = match models::model(case) {
        Some(model) => model(parameters, data),
        None => match losses::formula(case).or_else(|| kinds::formula(case)) {
            Some(formula) => formula(&inputs).mean(),
            None => return json!({"unsupported": true}),
        },
    };
    let slopes = grad(&loss, parameters);
    let plan = explain_plan(slopes.iter().chain([&loss]));
    let sum = |of: fn(&minimand::tensor::StepSummary) -> usize| plan.steps.iter().map(of).sum::<usize>();
    json!({
        "passes": plan.passes(),
        "operations": plan.operations(),
        "bytes": sum(|step| step.bytes_read + step.bytes_written),
        "multiply_adds": sum(|step| step.multiply_adds),
    })
}

/// Bytes that are read and written in a second where nothing fits into a cache, and multiply-adds of a product of large matrices.
pub fn machine() -> Value {
    const LENGTH: usize = 10_000_000;
    const SIDE: usize = 1024;
    let mut rng = Rng::seed(1);
    let [x, y] = [(); 2].map(|()| Tensor::normal([LENGTH], &mut rng).computed());
    let [a, b] = [(); 2].map(|()| Tensor::normal([SIDE, SIDE], &mut rng).computed());
    let sum = shortest(compile(|x: &[Tensor]| vec![&x[0] + &x[1]]), &[x, y]);
    let product = shortest(compile(|x: &[Tensor]| vec![x[0].matmul(&x[1])]), &[a, b]);
    json!({
        "bytes_per_second": (3 * LENGTH * size_of::<f32>()) as f64 / sum,
        "multiply_adds_per_second": SIDE.pow(3) as f64 / product,
    })
}

/// Seconds of the fastest of twenty calls.
fn shortest(function: Compiled<impl Fn(&[Tensor]) -> Vec<Tensor>>, arguments: &[Tensor]) -> f64 {
    let mut least = f64::INFINITY;
    for _ in 0..20 {
        let begin = Instant::now();
        drop(function.call(arguments));
        least = least.min(begin.elapsed().as_secs_f64());
    }
    least
}
