//! Whether a logarithm is the right link: least squares beside it, out of fold.
//!
//! A log link multiplies where the truth may add. Where the target is a straight line of a column that varies much, exp bends it, and no
//! deviance makes up for that in a linear model. Pregibon, "Goodness of link tests for generalized linear models", 1980, asks the same
//! of the rows that were fitted; on unseen rows the two fits can be compared as any others are.

use crate::{
    advice::{
        compare::score::{Forecast, Judge, Truth},
        metric::Metric,
        problem::{Problem, TargetKind},
        rules::limits,
    },
    model::Probe,
    statistics::{Sampling, estimate::mean_by_groups},
};

/// The probe's log link against least squares on the same folds, judged by a deviance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LinkEvidence {
    /// What judges: the Gamma deviance of amounts above 0, else the Poisson deviance.
    pub metric: Metric,
    /// Mean deviance of the probe.
    pub logarithm: f64,
    /// Mean deviance of least squares; predictions near 0 or below are read as a small share of the mean.
    pub straight: f64,
    /// Their difference in standard errors, by group: above 0 where least squares does better.
    pub t: f64,
}

impl LinkEvidence {
    /// Of a probe with a log link; nothing where there is no fit beside it.
    pub(super) fn of(problem: &Problem, probe: &Probe) -> Option<Self> {
        let straight = probe.straight.as_ref()?;
        let target: Vec<f64> = probe.rows.iter().map(|&row| problem.target.values[row]).collect();
        let groups: Vec<u32> = probe.rows.iter().map(|&row| problem.groups.of_row[row]).collect();
        let weight: Option<Vec<f64>> =
            problem.weight.as_ref().map(|weight| probe.rows.iter().map(|&row| weight[row]).collect());
        let is_positive = problem.target.kind == TargetKind::Amount && target.iter().all(|&y| y > 0.0);
        let metric = if is_positive { Metric::GammaDeviance } else { Metric::PoissonDeviance };
        let judge = Judge::new(metric, &problem.target);
        let truth = Truth { target: &target, weight: weight.as_deref(), lists: None };
        let of = |prediction: &[f64]| judge.score(&Forecast::Number(prediction.to_vec()), truth);
        let (logarithm, straight) = (of(&probe.prediction)?, of(straight)?);
        let differences: Vec<f64> =
            logarithm.losses.iter().zip(&straight.losses).map(|(bent, straight)| bent - straight).collect();
        let t = mean_by_groups(&differences, Sampling::new(&groups, weight.as_deref())).t();
        t.is_finite().then_some(Self { metric, logarithm: logarithm.value, straight: straight.value, t })
    }

    /// Whether the logarithm bends what is straight: least squares does better, clearly and by more than a little.
    pub fn is_bent(&self) -> bool {
        self.t > limits::LINK_T && self.logarithm > (1.0 + limits::LINK_SHARE) * self.straight
    }

    /// Whether the logarithm does better, by as much.
    pub fn is_multiplying(&self) -> bool {
        self.t < -limits::LINK_T && self.straight > (1.0 + limits::LINK_SHARE) * self.logarithm
    }
}
