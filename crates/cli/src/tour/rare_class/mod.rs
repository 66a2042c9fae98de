//! Chapter 2, "Cross-entropy and the one-percent class": does a loss for rare classes help, or is it the threshold?

mod page;
mod train;
mod verdict;

#[cfg(test)]
pub(crate) mod sample;

pub use verdict::verdict;

use minimand::data::metrics::PrecisionRecall;
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Epoch, Parts, Setting,
    chapter::{self, Begin, Conditions, Findings},
};
use crate::{metrics::Spread, page::Page, run::Failure};

/// The chapter's place in the tour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chapter;

impl chapter::Chapter for Chapter {
    fn name(&self) -> &'static str {
        "rare-class"
    }

    fn title(&self) -> &'static str {
        "2. Cross-entropy and the one-percent class"
    }

    fn seconds(&self) -> [u32; 2] {
        [80, 12]
    }

    fn run(&self, conditions: &Conditions<'_>, begin: Begin<'_>) -> Result<Box<dyn Findings>, Failure> {
        let setting = conditions.choose(Setting::full(conditions.seed), Setting::quick(conditions.seed));
        Ok(Box::new(RareClass::measure(setting, conditions, begin)?))
    }
}

impl Findings for RareClass {
    fn page(&self) -> Page {
        self.page()
    }

    fn numbers(&self) -> Value {
        json!(self)
    }
}

/// How a model was trained and its threshold set.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Method {
    /// Binary cross-entropy, threshold 0.5.
    CrossEntropy,
    /// Binary cross-entropy with a larger weight on the positive class, threshold 0.5.
    Weighted {
        /// Weight of a positive row; a negative one has 1.
        positive_weight: f64,
    },
    /// Focal loss, threshold 0.5.
    Focal {
        /// Weight of the positive class; the negative one has 1 − α.
        alpha: f64,
        /// Focusing parameter.
        gamma: f64,
    },
    /// Binary cross-entropy of logits that are shifted by the classes' log odds, Menon et al. 2021; threshold 0.5.
    LogitAdjusted {
        /// How many times the log odds are added in training.
        tau: f64,
    },
    /// Binary cross-entropy, its threshold the one that has the highest F1 on the validation rows.
    TunedThreshold,
    /// Binary cross-entropy, its threshold the share of positive training rows: logit adjustment after training.
    BaseRateThreshold,
}

impl Method {
    /// What the tables and the legend call it.
    pub fn name(&self) -> String {
        match self {
            Self::CrossEntropy => "cross-entropy".into(),
            Self::Weighted { positive_weight } => format!("class weight {positive_weight:.0}"),
            Self::Focal { alpha, gamma } => format!("focal α={alpha}, γ={gamma}"),
            Self::LogitAdjusted { .. } => "logit adjustment".into(),
            Self::TunedThreshold => "threshold tuned".into(),
            Self::BaseRateThreshold => "threshold π".into(),
        }
    }

    /// Whether it has a training of its own: another threshold shares that of cross-entropy.
    pub fn is_trained(&self) -> bool {
        !matches!(self, Self::TunedThreshold | Self::BaseRateThreshold)
    }

    /// Whether it is focal loss, of whatever parameters.
    pub fn is_focal(&self) -> bool {
        matches!(self, Self::Focal { .. })
    }
}

/// What the chapter found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RareClass {
    /// The data.
    pub data: RareData,
    /// How all were trained.
    pub setting: Setting,
    /// One entry for each method.
    pub methods: Vec<MethodFindings>,
}

/// The rows and their classes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RareData {
    /// Rows: person-years.
    pub rows: usize,
    /// Different people.
    pub people: usize,
    /// Columns a model sees.
    pub features: usize,
    /// Rows of each part, for the first seed.
    pub parts: Parts,
    /// A row is positive if its cost is above this, in dollars.
    pub cost_threshold: f64,
    /// Share of positive rows among all.
    pub base_rate: f64,
    /// Positive rows in the test part.
    pub test_positives: Spread,
    /// Share of positive rows in the test part.
    pub test_base_rate: Spread,
}

/// What came of one method: on the test rows where nothing else is said.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MethodFindings {
    /// The method.
    pub method: Method,
    /// Rows with at least this probability are flagged.
    pub threshold: Spread,
    /// Share of the rows decided right.
    pub accuracy: Spread,
    /// Rows flagged.
    pub flagged: Spread,
    /// Positive rows flagged.
    pub caught: Spread,
    /// Share of the positive rows flagged.
    pub recall: Spread,
    /// Share of the flagged rows that are positive.
    pub precision: Spread,
    /// Harmonic mean of precision and recall.
    pub f1: Spread,
    /// Mean of the shares decided right among the positive and among the negative rows: 0.5 by chance.
    pub balanced_accuracy: Spread,
    /// F1 on the validation rows: what a setting is chosen by.
    pub validation_f1: Spread,
    /// Average precision.
    pub pr_auc: Spread,
    /// Area under the ROC curve.
    pub roc_auc: Spread,
    /// Mean probability: the base rate, if probabilities mean what they say.
    pub mean_probability: Spread,
    /// Mean squared distance of the probability from the label.
    pub brier: Spread,
    /// Share of the gradient that easy negatives (probability below one half) held after the first epoch, training rows.
    pub easy_gradient_first: Spread,
    /// The same after the last epoch.
    pub easy_gradient_last: Spread,
    /// The epoch whose weights were kept.
    pub kept_epoch: Spread,
    /// Precision-recall curve of the first seed.
    pub curve: Vec<PrecisionRecall>,
    /// The training of the first seed; the share is that of the easy negatives.
    pub epochs: Vec<Epoch>,
}

impl RareClass {
    /// The findings of the first method for which `wanted` says so.
    pub fn find(&self, wanted: impl Fn(&Method) -> bool) -> Option<&MethodFindings> {
        self.methods.iter().find(|findings| wanted(&findings.method))
    }

    /// The focal loss with the highest F1 on the validation rows: the test rows have no say in the choice.
    pub fn chosen_focal(&self) -> Option<&MethodFindings> {
        let by_validation =
            |a: &&MethodFindings, b: &&MethodFindings| a.validation_f1.mean().total_cmp(&b.validation_f1.mean());
        self.methods.iter().filter(|findings| findings.method.is_focal()).max_by(by_validation)
    }
}
