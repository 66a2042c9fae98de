//! Relative precision in the tails: functions and their first two derivatives, against values recorded from mpmath 1.4.1 (`record.py`).

use minimand_tensor::{DType, Tensor, eval};

/// What is recorded for one function: where, and the value with three derivatives there.
struct Record {
    name: &'static str,
    x: Vec<f64>,
    exact: [Vec<f64>; 4],
}

fn records() -> Vec<Record> {
    let mut records: Vec<Record> = Vec::new();
    for line in include_str!("recorded.txt").lines() {
        let (name, numbers) = line.split_once(' ').expect("a name and numbers");
        let numbers: Vec<f64> = numbers.split(' ').map(|number| number.parse().expect("a number")).collect();
        if records.last().is_none_or(|record| record.name != name) {
            records.push(Record { name, x: Vec::new(), exact: Default::default() });
        }
        let record = records.last_mut().expect("one was pushed");
        record.x.push(numbers[0]);
        for (exact, &number) in record.exact.iter_mut().zip(&numbers[1..]) {
            exact.push(number);
        }
    }
    records
}

/// The functions, and the largest errors of value, slope and curvature that are accepted: in units of the rounding error of the type, relative
/// to the result and to what a rounding of the argument changes.
fn function(name: &str, x: &Tensor) -> (Tensor, [f64; 3]) {
    match name {
        "tanh" => (x.tanh(), [2.0, 6.0, 8.0]),
        "sigmoid" => (x.sigmoid(), [2.0, 4.0, 8.0]),
        "softplus" => (x.softplus(), [2.0, 2.0, 4.0]),
        "log_sigmoid" => (x.log_sigmoid(), [2.0, 2.0, 4.0]),
        "erf" => (x.erf(), [2.0, 4.0, 4.0]),
        "normal_cdf" => (x.normal_cdf(), [8.0, 4.0, 4.0]),
        "gelu" => (x.gelu(), [8.0, 8.0, 8.0]),
        "gelu_tanh" => (x.gelu_tanh(), [8.0, 8.0, 12.0]),
        "silu" => (x.silu(), [4.0, 6.0, 8.0]),
        "mish" => (x.mish(), [6.0, 10.0, 12.0]),
        "elu" => (x.elu(1.0), [2.0, 2.0, 2.0]),
        "log1mexp" => (x.log1mexp(), [4.0, 6.0, 8.0]),
        "atan" => (x.atan(), [1.0, 1.0, 1.5]),
        "sinh" => (x.sinh(), [1.0, 1.0, 1.0]),
        "cosh" => (x.cosh(), [1.0, 1.0, 1.5]),
        "asinh" => (x.asinh(), [1.0, 1.5, 2.0]),
        _ => unreachable!("no function is called {name}"),
    }
}

fn check(dtype: DType, epsilon: f64, smallest: f64) {
    let mut faults = Vec::new();
    for Record { name, x: points, exact } in records() {
        let x = Tensor::from_vec(points.clone(), [points.len()]).cast(dtype);
        eval([&x]);
        let (value, bounds) = function(name, &x);
        let slope = value.sum().grad(&x);
        let curvature = slope.sum().grad(&x);
        for (order, found) in [value, slope, curvature].iter().enumerate() {
            let (mut worst, mut at) = (0.0, 0.0);
            for (index, (found, &exact_value)) in found.to_vec::<f64>().into_iter().zip(&exact[order]).enumerate() {
                let x = points[index];
                // The slope of the logistic function has a difference of two for its derivative.
                if (name, order) == ("sigmoid", 2) && x.abs() < 0.1 {
                    continue;
                }
                let scale = exact_value.abs() + (x * exact[order + 1][index]).abs();
                // A denormal factor has lost digits, whatever it is multiplied by.
                let lost = smallest * (1.0 + x.abs()).powi(order as i32 + 1);
                let error = (found - exact_value).abs() / (epsilon * scale + lost);
                if error.is_nan() || error > worst {
                    (worst, at) = (error, points[index]);
                }
            }
            println!("{dtype} {name}, derivative {order}: {worst:.2} at {at:e}");
            if worst.is_nan() || worst > bounds[order] {
                faults.push(format!("{name}, derivative {order}: {worst:.3e} units at {at:e}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn single_precision() {
    check(DType::F32, f64::from(f32::EPSILON), f64::from(f32::from_bits(1)));
}

#[test]
fn double_precision() {
    check(DType::F64, f64::EPSILON, f64::from_bits(1));
}
