//! Checks derivatives against finite differences: for every primitive and loss of this project, and for a user's own.

use thiserror::Error;

use crate::tensor::Tensor;
use minimand_engine::DType;

/// How finite differences are taken, and how close a derivative must come to them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CheckOptions {
    /// Distance to the points on either side, relative to `max(1, |x|)`.
    pub step: f64,
    /// Largest accepted difference, relative to the larger of the two derivatives.
    pub relative_tolerance: f64,
    /// Largest accepted difference where both derivatives are small.
    pub absolute_tolerance: f64,
}

impl Default for CheckOptions {
    /// A step of 1e-3 with a fourth-order formula, whose error is about 1e-11; tolerances of 1e-7 and 1e-8.
    fn default() -> CheckOptions {
        CheckOptions { step: 1e-3, relative_tolerance: 1e-7, absolute_tolerance: 1e-8 }
    }
}

/// What a successful check found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CheckReport {
    /// Number of derivatives compared.
    pub compared: usize,
    /// The largest difference, relative to what was accepted: below 1.
    pub worst: f64,
}

/// Why a check failed.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum CheckError {
    /// The function, or an input, is not what can be checked.
    #[error("{0}")]
    Unsuitable(String),
    /// A derivative differs from the finite difference.
    #[error(
        "{order} derivative with respect to entry {entry} of input {input}: {derived} is derived, {numerical} is measured"
    )]
    Differs {
        /// "first" or "second".
        order: &'static str,
        /// Which of the inputs, from 0.
        input: usize,
        /// Position within that input, row-major.
        entry: usize,
        /// What automatic differentiation gives.
        derived: f64,
        /// What finite differences give.
        numerical: f64,
    },
}

/// Compares the gradient of `function` at `inputs` with finite differences, entry by entry.
///
/// The function must give a scalar and must use the tensors it is given, which are f64. Choose points away from kinks by more than two steps.
///
/// ```
/// use minimand_tensor::{CheckOptions, Tensor, check_gradient};
/// let report = check_gradient(|x| x[0].exp().sum(), &[Tensor::from([0.5, -1.0])], CheckOptions::default())?;
/// assert_eq!(report.compared, 2);
/// # Ok::<(), minimand_tensor::CheckError>(())
/// ```
///
/// # Errors
/// When an input is not f64, the function gives no scalar, or a derivative differs by more than the tolerances.
pub fn check_gradient(
    function: impl Fn(&[Tensor]) -> Tensor,
    inputs: &[Tensor],
    options: CheckOptions,
) -> Result<CheckReport, CheckError> {
    check("first", |points| scalar(&function, points), inputs, options)
}

/// Compares second derivatives of `function` at `inputs` with finite differences of its gradient: for a fixed direction, the gradient
/// of the slope in that direction.
///
/// ```
/// use minimand_tensor::{CheckOptions, Tensor, check_second_order};
/// let point = [Tensor::from([0.5, -1.0])];
/// check_second_order(|x| x[0].sin().sum().square(), &point, CheckOptions::default())?;
/// # Ok::<(), minimand_tensor::CheckError>(())
/// ```
///
/// # Errors
/// As [`check_gradient`].
pub fn check_second_order(
    function: impl Fn(&[Tensor]) -> Tensor,
    inputs: &[Tensor],
    options: CheckOptions,
) -> Result<CheckReport, CheckError> {
    let slope = |points: &[Tensor]| {
        let loss = scalar(&function, points)?;
        let gradients = crate::grad(&loss, points);
        let slopes = gradients.iter().zip(0..).map(|(gradient, which)| (gradient * direction(gradient, which)).sum());
        slopes.reduce(|a, b| a + b).ok_or_else(|| unsuitable("there is no input to differentiate by"))
    };
    check("second", slope, inputs, options)
}

/// A direction that gives no two entries the same weight, so that errors do not cancel.
fn direction(like: &Tensor, which: u32) -> Tensor {
    let weight = |entry: usize| 1.0 + 0.618 * ((entry as f64 + 1.0) * 1.7 + f64::from(which) * 0.9).sin();
    Tensor::from_vec((0..like.elements()).map(weight).collect::<Vec<f64>>(), like.shape())
}

fn scalar(function: &impl Fn(&[Tensor]) -> Tensor, points: &[Tensor]) -> Result<Tensor, CheckError> {
    let value = function(points);
    if value.elements() != 1 || value.dtype() != DType::F64 {
        return Err(unsuitable(format!("the function must give one f64, and gave {}{}", value.dtype(), value.shape())));
    }
    Ok(value)
}

fn unsuitable(reason: impl Into<String>) -> CheckError {
    CheckError::Unsuitable(reason.into())
}

fn check(
    order: &'static str,
    function: impl Fn(&[Tensor]) -> Result<Tensor, CheckError>,
    inputs: &[Tensor],
    options: CheckOptions,
) -> Result<CheckReport, CheckError> {
    if let Some(input) = inputs.iter().find(|input| input.dtype() != DType::F64) {
        return Err(unsuitable(format!("the inputs must be f64, and one is {}", input.dtype())));
    }
    let comes_again = |&input: &usize| inputs[..input].iter().any(|other| other.id() == inputs[input].id());
    if let Some(input) = (1..inputs.len()).find(comes_again) {
        let twice = format!("input {input} is the same tensor as an earlier one: each must be a tensor of its own");
        return Err(unsuitable(twice));
    }
    let value = function(inputs)?;
    let gradients = crate::grad(&value, inputs);
    crate::eval(&gradients);
    let mut report = CheckReport { compared: 0, worst: 0.0 };
    for (input, gradient) in gradients.iter().enumerate() {
        let values = inputs[input].to_vec::<f64>();
        for (entry, derived) in gradient.to_vec::<f64>().into_iter().enumerate() {
            let step = options.step * values[entry].abs().max(1.0);
            let at = |distance: f64| -> Result<f64, CheckError> {
                let mut moved = values.clone();
                moved[entry] += distance;
                let mut points = inputs.to_vec();
                points[input] = Tensor::from_vec(moved, inputs[input].shape());
                Ok(function(&points)?.item())
            };
            // (f(-2h) - 8 f(-h) + 8 f(h) - f(2h)) / 12h
            let near = at(step)? - at(-step)?;
            let far = at(2.0 * step)? - at(-2.0 * step)?;
            let numerical = (8.0 * near - far) / (12.0 * step);
            let accepted = options.absolute_tolerance + options.relative_tolerance * derived.abs().max(numerical.abs());
            let ratio = (derived - numerical).abs() / accepted;
            if ratio.is_nan() || ratio > 1.0 {
                return Err(CheckError::Differs { order, input, entry, derived, numerical });
            }
            report.compared += 1;
            report.worst = report.worst.max(ratio);
        }
    }
    Ok(report)
}
