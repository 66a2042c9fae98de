//! What a comparison saw of the losses that it trained.

use crate::{
    advice::document::Fact,
    model::{ModelKind, Objective},
};

/// A loss that was trained and read as it is, with one model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrainedLoss {
    /// The loss.
    pub objective: Objective,
    /// The model.
    pub model: ModelKind,
    /// Predicted over true total of amounts, out of fold.
    pub ratio_of_totals: Option<f64>,
    /// Mean predicted probability over the share of positives, out of fold.
    pub probability_ratio: Option<f64>,
    /// Spearman's correlation of its predictions with those of the default, out of fold.
    pub rank_correlation: Option<f64>,
    /// Share of the rows of the first split that the model was fitted on whose class is right.
    pub training_accuracy: Option<f64>,
}

impl TrainedLoss {
    /// What was measured of it; `of` is the loss.
    pub(super) fn facts(&self) -> Vec<Fact> {
        let model = match self.model {
            ModelKind::Linear => "linear model",
            ModelKind::Mlp => "network",
        };
        let fact = |id: &'static str, value: Option<f64>, what: &str| {
            let value = value.filter(|value| value.is_finite())?;
            let method = format!("{model}, {what}");
            Some(Fact { id, of: self.objective.name(), value, low: None, high: None, method, reference: None })
        };
        let all = [
            fact("trained_ratio_of_totals", self.ratio_of_totals, "predicted over true total, out of fold"),
            fact("trained_probability_ratio", self.probability_ratio, "mean probability over share, out of fold"),
            fact("trained_rank_correlation", self.rank_correlation, "Spearman's, with the default, out of fold"),
            fact("trained_accuracy", self.training_accuracy, "right on rows that it was fitted on"),
        ];
        all.into_iter().flatten().collect()
    }
}
