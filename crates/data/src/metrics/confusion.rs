//! Predicted classes against true ones.

use super::weighted::Weights;
use super::{MetricError, check};

/// Share of the rows whose prediction is the truth.
///
/// ```
/// use minimand_data::metrics::accuracy;
/// assert_eq!(accuracy(&[2, 0, 1, 1], &[2, 0, 1, 0])?, 0.75);
/// # Ok::<(), minimand_data::metrics::MetricError>(())
/// ```
///
/// # Errors
/// When there are no rows, or not as many predictions as truths.
#[doc(alias = "accuracy_score")]
pub fn accuracy<T: PartialEq>(predicted: &[T], truth: &[T]) -> Result<f64, MetricError> {
    check::rows("accuracy", ["predictions", "truths"], predicted, truth)?;
    let right = predicted.iter().zip(truth).filter(|(predicted, truth)| predicted == truth).count();
    Ok(right as f64 / truth.len() as f64)
}

/// How figures of several classes become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Average {
    /// The mean over the classes: each counts alike, however rare.
    Macro,
    /// All rows' decisions counted together; for precision, recall and F1 of classes this is the accuracy.
    Micro,
    /// The mean over the classes by their numbers of true rows.
    Weighted,
}

/// How far apart two classes are, for [`ConfusionMatrix::cohen_kappa`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Disagreement {
    /// All wrong classes are wrong alike.
    Unweighted,
    /// By the distance of their numbers.
    Linear,
    /// By the square of the distance of their numbers.
    Quadratic,
}

/// How many rows (or how much weight) of each true class were predicted as each class.
///
/// A ratio with nothing to divide by is 0 (scikit-learn's `zero_division=0`); a class that is neither predicted nor true counts in no average.
///
/// ```
/// use minimand_data::metrics::{Average, ConfusionMatrix};
///
/// let matrix = ConfusionMatrix::of(&[0, 0, 1, 2, 2], &[0, 1, 1, 2, 2], 3)?;
/// assert_eq!(matrix.row(1), [1.0, 1.0, 0.0]); // of class 1, one was taken for class 0
/// assert_eq!(matrix.accuracy(), 0.8);
/// assert_eq!(matrix.recall(Average::Macro), 2.5 / 3.0);
/// # Ok::<(), minimand_data::metrics::MetricError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ConfusionMatrix {
    classes: usize,
    counts: Vec<f64>,
}

impl ConfusionMatrix {
    /// Counts rows; classes are numbers from 0.
    ///
    /// # Errors
    /// When there are no rows, not as many predictions as truths, or a class is not below `classes`.
    pub fn of(predicted: &[usize], truth: &[usize], classes: usize) -> Result<Self, MetricError> {
        Self::weighted(predicted, truth, classes, Weights::EQUAL)
    }

    /// Adds up the weights of rows.
    ///
    /// # Errors
    /// As [`of`](Self::of), or when there is not a weight for each row.
    pub fn weighted(
        predicted: &[usize],
        truth: &[usize],
        classes: usize,
        weights: Weights,
    ) -> Result<Self, MetricError> {
        let metric = "confusion_matrix";
        check::rows(metric, ["predictions", "truths"], predicted, truth)?;
        check::classes(metric, "prediction", predicted, classes)?;
        check::classes(metric, "truth", truth, classes)?;
        weights.check(metric, truth.len())?;
        let mut counts = vec![0.0; classes * classes];
        for (row, (&predicted, &truth)) in predicted.iter().zip(truth).enumerate() {
            counts[truth * classes + predicted] += weights.of(row);
        }
        Ok(Self { classes, counts })
    }

    /// How many classes there are.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// What the rows of a true class were predicted as.
    ///
    /// # Panics
    /// If there is no such class.
    #[track_caller]
    pub fn row(&self, truth: usize) -> &[f64] {
        assert!(truth < self.classes, "confusion matrix: class {truth} of {}", self.classes);
        &self.counts[truth * self.classes..(truth + 1) * self.classes]
    }

    fn total(&self) -> f64 {
        self.counts.iter().sum()
    }

    fn right(&self, class: usize) -> f64 {
        self.counts[class * self.classes + class]
    }

    fn true_of(&self, class: usize) -> f64 {
        self.row(class).iter().sum()
    }

    fn predicted_as(&self, class: usize) -> f64 {
        self.counts.iter().skip(class).step_by(self.classes).sum()
    }

    fn all_right(&self) -> f64 {
        (0..self.classes).map(|class| self.right(class)).sum()
    }

    /// Share of the rows whose prediction is the truth.
    pub fn accuracy(&self) -> f64 {
        self.all_right() / self.total()
    }

    /// The mean recall of the classes that have true rows: 1 / their number for guessing.
    #[doc(alias = "balanced_accuracy_score")]
    pub fn balanced_accuracy(&self) -> f64 {
        let present: Vec<usize> = (0..self.classes).filter(|&class| self.true_of(class) > 0.0).collect();
        present.iter().map(|&class| self.recall_of(class)).sum::<f64>() / present.len() as f64
    }

    /// Share of the rows predicted as this class that are of it.
    pub fn precision_of(&self, class: usize) -> f64 {
        ratio(self.right(class), self.predicted_as(class))
    }

    /// Share of the rows of this class that were predicted as it.
    pub fn recall_of(&self, class: usize) -> f64 {
        ratio(self.right(class), self.true_of(class))
    }

    /// Harmonic mean of precision and recall of this class.
    pub fn f1_of(&self, class: usize) -> f64 {
        ratio(2.0 * self.right(class), self.true_of(class) + self.predicted_as(class))
    }

    /// Precision of all classes together.
    #[doc(alias = "precision_score")]
    pub fn precision(&self, average: Average) -> f64 {
        self.averaged(average, |class| self.precision_of(class))
    }

    /// Recall of all classes together.
    #[doc(alias = "recall_score")]
    pub fn recall(&self, average: Average) -> f64 {
        self.averaged(average, |class| self.recall_of(class))
    }

    /// F1 of all classes together: the mean of the classes' F1, not the F1 of mean precision and mean recall.
    #[doc(alias = "f1_score")]
    pub fn f1(&self, average: Average) -> f64 {
        self.averaged(average, |class| self.f1_of(class))
    }

    fn averaged(&self, average: Average, of_class: impl Fn(usize) -> f64) -> f64 {
        let present = (0..self.classes).filter(|&class| self.true_of(class) + self.predicted_as(class) > 0.0);
        let weight = |class: usize| match average {
            Average::Macro => 1.0,
            Average::Weighted => self.true_of(class),
            Average::Micro => 0.0,
        };
        match average {
            // Each wrong row is a false alarm of one class and a miss of another: precision, recall and F1 are one figure.
            Average::Micro => self.accuracy(),
            Average::Macro | Average::Weighted => {
                let (sum, total) = present
                    .map(|class| (weight(class) * of_class(class), weight(class)))
                    .fold((0.0, 0.0), |(sum, total), (part, weight)| (sum + part, total + weight));
                sum / total
            }
        }
    }

    /// Matthews correlation coefficient of predictions and truth (Gorodkin 2004): 1 at best, 0 for guessing.
    ///
    /// # Errors
    /// When all rows are of one class, or predicted as one: the correlation with a constant.
    #[doc(alias = "matthews_corrcoef")]
    #[doc(alias = "phi_coefficient")]
    pub fn matthews(&self) -> Result<f64, MetricError> {
        let total = self.total();
        let classes = || 0..self.classes;
        let product: f64 = classes().map(|class| self.true_of(class) * self.predicted_as(class)).sum();
        let spread = |of: &dyn Fn(usize) -> f64| total * total - classes().map(|class| of(class).powi(2)).sum::<f64>();
        let (of_truth, of_prediction) =
            (spread(&|class| self.true_of(class)), spread(&|class| self.predicted_as(class)));
        let varied = of_truth > 0.0 && of_prediction > 0.0;
        check::defined("matthews", varied, "all rows are of one class, or predicted as one")?;
        Ok((self.all_right() * total - product) / (of_truth.sqrt() * of_prediction.sqrt()))
    }

    /// Cohen's kappa: 1 − disagreement / disagreement of the same predictions dealt out at random (Cohen 1960; weighted, Cohen 1968).
    ///
    /// # Errors
    /// When truth and predictions are all one and the same class: chance would agree as well.
    #[doc(alias = "cohen_kappa_score")]
    #[doc(alias = "quadratic_weighted_kappa")]
    pub fn cohen_kappa(&self, disagreement: Disagreement) -> Result<f64, MetricError> {
        let distance = |a: usize, b: usize| match disagreement {
            Disagreement::Unweighted => f64::from(u8::from(a != b)),
            Disagreement::Linear => a.abs_diff(b) as f64,
            Disagreement::Quadratic => (a.abs_diff(b) as f64).powi(2),
        };
        let (mut found, mut by_chance) = (0.0, 0.0);
        let predicted: Vec<f64> = (0..self.classes).map(|class| self.predicted_as(class)).collect();
        for truth in 0..self.classes {
            let of_truth = self.true_of(truth);
            for (class, &count) in self.row(truth).iter().enumerate() {
                found += distance(truth, class) * count;
                by_chance += distance(truth, class) * of_truth * predicted[class] / self.total();
            }
        }
        check::defined("cohen_kappa", by_chance > 0.0, "truth and predictions are all one class")?;
        Ok(1.0 - found / by_chance)
    }
}

fn ratio(part: f64, whole: f64) -> f64 {
    if whole == 0.0 { 0.0 } else { part / whole }
}
