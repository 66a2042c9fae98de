//! A loss as a function of all parameters in one row.

use std::borrow::Borrow;
use std::sync::Arc;

use minimand_tensor::{DType, Parameter, Tensor, eval, find_non_finite, grad, grad_or_none};

use crate::state::kind;
use crate::step::StepError;

/// How many products with the Hessian are computed together.
const TOGETHER: usize = 8;

/// The parameters that a minimisation moves.
#[derive(Debug)]
pub(super) struct Point {
    owner: &'static str,
    parameters: Vec<Parameter>,
}

/// A loss and its derivatives at a point.
pub(super) struct Value {
    pub(super) loss: f64,
    pub(super) gradient: Vec<f64>,
}

impl Point {
    #[track_caller]
    pub(super) fn new<P: Borrow<Parameter>>(owner: &'static str, parameters: impl IntoIterator<Item = P>) -> Point {
        let parameters: Vec<Parameter> = parameters.into_iter().map(|parameter| parameter.borrow().clone()).collect();
        assert!(!parameters.is_empty(), "{owner}: there is no parameter to optimize");
        for (at, parameter) in parameters.iter().enumerate() {
            let (name, value) = (parameter.name(), parameter.value());
            let found = kind(&value);
            assert!(value.dtype().is_float(), "{owner}: parameter \"{name}\" is {found}: it has no gradient");
            let twice = parameters[..at].iter().any(|other| other.is_same(parameter));
            assert!(!twice, "{owner}: parameter \"{name}\" is given twice");
        }
        Point { owner, parameters }
    }

    pub(super) fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// The parameters that are moved: those that are not frozen.
    fn trained(&self) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(|parameter| !parameter.is_frozen())
    }

    fn values(&self) -> Vec<Tensor> {
        self.trained().map(Parameter::value).collect()
    }

    /// Which of the parameters are moved.
    pub(super) fn choice(&self) -> Vec<bool> {
        self.parameters.iter().map(|parameter| !parameter.is_frozen()).collect()
    }

    pub(super) fn entries(&self) -> Vec<f64> {
        self.trained().flat_map(|parameter| parameter.value().to_vec::<f64>()).collect()
    }

    pub(super) fn set(&self, entries: &[f64]) {
        for (parameter, value) in self.trained().zip(self.split(entries)) {
            parameter.set(value);
        }
    }

    /// Loss and gradient where the parameters are now. Numbers that are not finite are given as they are.
    #[track_caller]
    pub(super) fn value(&self, loss: &Tensor, step: u64) -> Result<Value, StepError> {
        let gradients = self.gradients(loss, step)?;
        eval(gradients.iter().chain([loss]));
        Ok(Value { loss: loss.item(), gradient: joined(&gradients) })
    }

    /// Loss, gradient and Hessian, row-major: products of the Hessian with the unit vectors.
    #[track_caller]
    pub(super) fn curvature(&self, loss: &Tensor, step: u64) -> Result<(Value, Vec<f64>), StepError> {
        let gradients = self.gradients(loss, step)?;
        let values = self.values();
        eval(gradients.iter().chain([loss]));
        let value = Value { loss: loss.item(), gradient: joined(&gradients) };
        let size = value.gradient.len();
        let mut hessian = Vec::with_capacity(size * size);
        for first in (0..size).step_by(TOGETHER) {
            let rows: Vec<Vec<Tensor>> =
                (first..size.min(first + TOGETHER)).map(|row| self.product(&gradients, &values, row)).collect();
            eval(rows.iter().flatten());
            hessian.extend(rows.iter().flat_map(|row| joined(row)));
        }
        Ok((value, hessian))
    }

    /// The product of the Hessian with a unit vector: the gradient of one entry of the gradient.
    fn product(&self, gradients: &[Tensor], values: &[Tensor], row: usize) -> Vec<Tensor> {
        let mut unit = vec![0.0; values.iter().map(Tensor::elements).sum()];
        unit[row] = 1.0;
        // The unit vector is data: one plan serves all rows.
        let terms = gradients.iter().zip(self.split(&unit)).map(|(g, part)| (g * part).sum().cast(DType::F64));
        let along = terms.reduce(|sum, term| sum + term).expect("there are parameters");
        grad(&along, values)
    }

    #[track_caller]
    fn gradients(&self, loss: &Tensor, step: u64) -> Result<Vec<Tensor>, StepError> {
        let values = self.values();
        let gradients = grad_or_none(loss, &values);
        if gradients.iter().all(Option::is_none) {
            let stale: Vec<Arc<str>> = self.names(|parameter| parameter.is_stale_in(loss));
            return Err(if stale.is_empty() {
                StepError::UnrelatedLoss { step, parameters: self.names(|_| true) }
            } else {
                StepError::StaleLoss { step, parameters: stale }
            });
        }
        let or_zeros = |(gradient, value): (Option<Tensor>, &Tensor)| gradient.unwrap_or_else(|| value.zeros_like());
        Ok(gradients.into_iter().zip(&values).map(or_zeros).collect())
    }

    /// Refuses what is not finite where a minimisation starts.
    #[track_caller]
    pub(super) fn judge(&self, tensor: &Tensor, value: &Value, step: u64) -> Result<(), StepError> {
        let loss = value.loss;
        if !loss.is_finite() {
            return Err(StepError::NonFiniteLoss { step, loss, found: find_non_finite([tensor]).map(Box::new) });
        }
        let mut rest = &value.gradient[..];
        let parameters = self.names(|parameter| {
            let (own, others) = rest.split_at(parameter.value().elements());
            rest = others;
            !own.iter().all(|entry| entry.is_finite())
        });
        if parameters.is_empty() {
            return Ok(());
        }
        let found = find_non_finite(&self.gradients(tensor, step)?).map(Box::new);
        Err(StepError::NonFiniteGradient { step, loss, parameters, found })
    }

    fn names(&self, mut of: impl FnMut(&Parameter) -> bool) -> Vec<Arc<str>> {
        let named = self.trained().filter(|parameter| of(parameter));
        named.map(|parameter| Arc::clone(parameter.name())).collect()
    }

    /// The parts of a row, in the shapes and types of the parameters.
    fn split(&self, entries: &[f64]) -> Vec<Tensor> {
        let mut rest = entries;
        let part = |parameter: &Parameter| {
            let value = parameter.value();
            let (own, others) = rest.split_at(value.elements());
            rest = others;
            match value.dtype() {
                DType::F32 => Tensor::from_vec(own.iter().map(|&entry| entry as f32).collect(), value.shape()),
                DType::F64 => Tensor::from_vec(own.to_vec(), value.shape()),
                DType::Bool | DType::I64 => unreachable!("{}: only floating-point parameters are accepted", self.owner),
            }
        };
        self.trained().map(part).collect()
    }
}

/// Tensors in one row.
fn joined(tensors: &[Tensor]) -> Vec<f64> {
    tensors.iter().flat_map(Tensor::to_vec::<f64>).collect()
}

/// Leaves the parameters at `entries` when it is dropped, however that comes about.
pub(super) struct Settled<'a> {
    pub(super) point: &'a Point,
    pub(super) entries: Vec<f64>,
}

impl Drop for Settled<'_> {
    fn drop(&mut self) {
        self.point.set(&self.entries);
    }
}
