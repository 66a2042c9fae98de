//! What the process keeps of plans: it is counted, bounded, and let go on demand. The counts and the memory are those of the process, so
//! all of it is one test.

#![cfg(target_os = "linux")]

use minimand_tensor::{Tensor, plan_statistics, release_unused_memory, value_and_grad};

/// Resident memory of this process, in bytes; pages are counted as 4 KB.
fn resident() -> usize {
    let statistics = std::fs::read_to_string("/proc/self/statm").expect("Linux has it");
    statistics.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).expect("pages") * 4096
}

/// The loss and the gradients of a small network on so many rows.
fn step(rows: usize) -> f64 {
    let x = Tensor::iota(2 * rows).reshape([rows, 2]).cast(minimand_tensor::DType::F32) / rows;
    let weights = [[2, 16], [16, 16], [16, 1]].map(|shape| Tensor::from_vec(vec![0.1f32; shape[0] * shape[1]], shape));
    let biases = [16, 16, 1].map(|size| Tensor::from_vec(vec![0.1f32; size], [size]));
    let mut h = x.clone();
    for (weight, bias) in weights.iter().zip(&biases) {
        h = (h.matmul(weight) + bias).gelu();
    }
    let loss = (h - x.sum_keepdim(1)).square().mean();
    value_and_grad(&loss, weights.iter().chain(&biases)).0
}

#[test]
fn plans_are_counted_honestly_and_let_go_on_demand() {
    let first = step(1);
    let (before, known) = (resident(), plan_statistics());
    const SHAPES: usize = 600;
    for rows in 2..2 + SHAPES {
        step(rows);
    }
    let (grown, plans) = (resident() - before, plan_statistics());
    assert_eq!(plans.held - known.held, SHAPES);
    let counted = plans.bytes - known.bytes;
    // Pages of machine code are shared by the passes of a plan: it was 200 KB for each shape when each pass had its own.
    assert!(counted < SHAPES * 80_000, "{counted} bytes for {SHAPES} plans");
    assert!((0.7..1.4).contains(&(grown as f64 / counted as f64)), "{counted} bytes counted, {grown} grown");

    release_unused_memory();
    let plans = plan_statistics();
    assert_eq!((plans.held, plans.bytes), (0, 0));
    let kept = resident().saturating_sub(before);
    assert!(kept < grown / 4, "{kept} bytes of {grown} are still there");
    // What comes next is compiled again, and the same.
    assert_eq!(step(1), first);
    assert_eq!(plan_statistics().compiled, plans.compiled + 1);
}
