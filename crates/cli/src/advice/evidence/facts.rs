//! The evidence as a list of facts, for JSON.

use super::{
    Association, ClassEvidence, ClassSummary, CountEvidence, Evidence, ListSummary, LogEvidence, Measured,
    NumberEvidence, NumberSummary, SpreadEvidence, TailEvidence, TargetSummary,
};
use crate::advice::{document::Fact, metric::Metric};

/// Of the target as it is.
const TARGET: &str = "target";
/// Of the table.
const TABLE: &str = "table";
/// Of the target over the probe's prediction, out of fold.
const RATIO: &str = "out_of_fold_ratio";
/// Of the target minus the probe's prediction, out of fold.
const RESIDUAL: &str = "out_of_fold_residual";
/// Of ln of the target over the prediction, out of fold.
const LOG_RESIDUAL: &str = "out_of_fold_log_residual";
/// Of the probe's probabilities, out of fold.
const PROBABILITY: &str = "out_of_fold_probability";

/// Facts about order statistics, about how much evidence there is, or about a column alone: a weight has no meaning for them.
const ROWS_COUNTED_ONCE: &[&str] = &[
    "groups_per_test_part",
    "events_per_test_part",
    "strongest_column",
    "position_auc",
    "minimum",
    "maximum",
    "distinct_values",
    "lists",
    "mixed_lists",
    "single_relevant_lists",
    "tail_index",
    "tail_index_by_moments",
    "tail_index_least",
    "tail_index_greatest",
    "against_log_normal",
];

fn plain(id: &'static str, of: &'static str, value: f64, method: &str) -> Fact {
    Fact { id, of, value, low: None, high: None, method: method.to_owned(), reference: None }
}

fn measured(id: &'static str, of: &'static str, value: Measured, method: &str) -> Fact {
    let end = |end: f64| end.is_finite().then_some(end);
    Fact { low: end(value.low), high: end(value.high), ..plain(id, of, value.value, method) }
}

impl Fact {
    fn cited(self, reference: &'static str) -> Self {
        Self { reference: Some(reference), ..self }
    }
}

impl Evidence {
    /// Every number that was measured; one that is not finite was not measured.
    pub fn facts(&self) -> Vec<Fact> {
        let layout = &self.layout;
        let mut facts =
            vec![plain("groups_per_test_part", TABLE, self.groups_per_part(), "groups, or rows, over 5 test parts")];
        if layout.folds > 0 {
            facts.push(plain("folds", TABLE, layout.folds as f64, "parts that are predicted, each by a fit on others"));
        }
        if let Some(events) = self.events_per_part() {
            facts.push(plain(
                "events_per_test_part",
                TABLE,
                events,
                "rows of the rarer class, or not zero, or lists that teach, over 5 test parts",
            ));
        }
        facts.push(plain("columns", TABLE, layout.columns as f64, "count"));
        if let Some(strongest) = self.suspects.first() {
            let method = match strongest.by {
                Association::Explained => "R² of the column alone: the larger of a line's and of the ranks'",
                Association::Auc => "AUC of the column alone",
                Association::Accuracy => {
                    "accuracy of the column alone, as a share of what is left by the most frequent class"
                }
            };
            facts.push(plain("strongest_column", TABLE, strongest.value, &format!("{method}; `{}`", strongest.column)));
        }
        if let Some(position) = &self.position {
            facts.push(plain("position_auc", TABLE, position.value, &format!("AUC of `{}` alone", position.column)));
        }
        match &self.target {
            TargetSummary::Numbers(summary) => numbers(summary, &mut facts),
            TargetSummary::Classes(summary) => classes(summary, &mut facts),
            TargetSummary::Lists(summary) => lists(summary, &mut facts),
        }
        if let Some(evidence) = &self.numbers {
            probed_numbers(evidence, &mut facts);
        }
        if let Some(evidence) = &self.classes {
            probed_classes(evidence, &mut facts);
        }
        if let Some(rows) = layout.effective_rows {
            facts.push(
                plain("effective_rows", TABLE, rows, "rows of equal weight that would tell as much: (Σ w)² / Σ w²")
                    .cited("Kish 1965"),
            );
            for fact in facts.iter_mut().filter(|fact| ROWS_COUNTED_ONCE.contains(&fact.id)) {
                fact.method += "; rows counted once, weights not used";
            }
        }
        facts.retain(|fact| fact.value.is_finite());
        facts.extend(self.trained.iter().flat_map(super::TrainedLoss::facts));
        facts
    }
}

fn numbers(summary: &NumberSummary, facts: &mut Vec<Fact>) {
    facts.extend([
        plain("minimum", TARGET, summary.minimum, "minimum"),
        plain("median", TARGET, summary.median, "median"),
        plain("mean", TARGET, summary.mean, "mean"),
        plain("ninth_decile", TARGET, summary.ninth_decile, "quantile 0.9"),
        plain("maximum", TARGET, summary.maximum, "maximum"),
        plain("variance", TARGET, summary.variance, "variance"),
        plain("target_skewness", TARGET, summary.skewness, "third standardised moment"),
        measured("zeros", TARGET, summary.zeros, "share of rows, interval by group"),
        plain("distinct_values", TARGET, summary.distinct as f64, "count"),
        plain("at_maximum", TARGET, summary.at_maximum, "share of rows"),
        plain("top_share", TARGET, summary.top_share, "share of the sum held by the largest 1 % of the rows"),
        plain(
            "huber_over_mean",
            TARGET,
            summary.huber / summary.mean,
            "Huber's location, δ 1.345 scaled MAD, over the mean",
        ),
        plain("median_over_mean", TARGET, summary.median / summary.mean, "median over mean"),
    ]);
}

fn classes(summary: &ClassSummary, facts: &mut Vec<Fact>) {
    facts.extend([
        plain("classes", TARGET, summary.counts.len() as f64, "count"),
        measured("rarest_class", TARGET, summary.rarest, "share of rows, interval by group"),
        plain(
            "class_ratio",
            TARGET,
            summary.ratio(),
            "rows of the largest class over rows of the smallest, by weight where there is one",
        ),
    ]);
}

fn lists(summary: &ListSummary, facts: &mut Vec<Fact>) {
    facts.extend([
        plain("lists", TARGET, summary.lists as f64, "count"),
        plain("mixed_lists", TARGET, summary.mixed as f64, "lists with relevant and other items"),
        plain("single_relevant_lists", TARGET, summary.single as f64, "lists with one relevant item"),
        plain("graded", TARGET, f64::from(u8::from(summary.graded)), "1 where relevance has more than two grades"),
    ]);
}

fn probed_numbers(evidence: &NumberEvidence, facts: &mut Vec<Fact>) {
    facts.extend([
        plain("explained", RESIDUAL, evidence.explained, "R² of the probe"),
        plain("totals_ratio", RATIO, evidence.totals, "sum of predictions over sum of targets"),
        plain("asymmetry", RESIDUAL, evidence.asymmetry, "(q90 + q10 − 2 q50) / (q90 − q10)"),
        measured("skewness", RESIDUAL, evidence.skewness, "third standardised moment, jackknife over groups"),
        measured("kurtosis", RESIDUAL, evidence.kurtosis, "fourth standardised moment, jackknife over groups"),
    ]);
    facts.extend(evidence.spread.iter().flat_map(|found| spread(["spread_statistic", "spread_p"], RESIDUAL, found)));
    if let Some(tail) = &evidence.tail {
        tail_facts(tail, evidence.counts.is_none() && evidence.power.is_none(), facts);
    }
    if let Some(power) = evidence.power {
        let method = "Gamma regression of squared residuals on the logarithm of the prediction, errors by group";
        facts.push(measured("variance_power", RESIDUAL, power, method).cited("Manning & Mullahy 2001"));
    }
    if let Some(link) = &evidence.link {
        let of = |link: &str| format!("mean {} of the {link}, out of fold", link_metric(evidence));
        facts.extend([
            plain("log_link_deviance", RATIO, link.logarithm, &of("probe")),
            plain("straight_deviance", RATIO, link.straight, &of("least-squares fit beside it")),
            plain("straight_t", RATIO, link.t, "their paired difference in standard errors, by group")
                .cited("Pregibon 1980"),
        ]);
    }
    if let Some(logarithm) = &evidence.logarithm {
        log_facts(logarithm, facts);
    }
    if let Some(counts) = &evidence.counts {
        count_facts(counts, facts);
    }
}

fn link_metric(evidence: &NumberEvidence) -> &'static str {
    if evidence.link.is_some_and(|link| link.metric == Metric::GammaDeviance) {
        "Gamma deviance"
    } else {
        "Poisson deviance"
    }
}

fn spread(ids: [&'static str; 2], of: &'static str, found: &SpreadEvidence) -> [Fact; 2] {
    let method = "Breusch–Pagan test of squared residuals on the prediction, by group";
    let paper = "Breusch & Pagan 1979";
    [
        plain(ids[0], of, found.statistic, method).cited(paper),
        plain(ids[1], of, found.p, "probability of as much by chance").cited(paper),
    ]
}

fn tail_facts(tail: &TailEvidence, of_size: bool, facts: &mut Vec<Fact>) {
    let of = if of_size { RESIDUAL } else { RATIO };
    let with = |name: &str| format!("{name}, the {} largest", tail.k.1);
    let range = |name: &str| format!("{name} of both estimators, the {} to {} largest", tail.k.0, tail.k.1 / 2);
    let likelihoods =
        "normalised likelihood ratio above a threshold: positive for a power law, negative for a log-normal one";
    facts.extend([
        measured("tail_index", of, tail.hill, &with("Hill")).cited("Hill 1975"),
        measured("tail_index_by_moments", of, tail.moment, &with("moment estimator"))
            .cited("Dekkers, Einmahl & de Haan 1989"),
        plain("tail_index_least", of, tail.range.0, &range("least")),
        plain("tail_index_greatest", of, tail.range.1, &range("greatest")),
        plain("against_log_normal", of, tail.against_log_normal, likelihoods).cited("Clauset, Shalizi & Newman 2009"),
    ]);
}

fn log_facts(logarithm: &LogEvidence, facts: &mut Vec<Fact>) {
    facts.extend([
        measured("log_kurtosis", LOG_RESIDUAL, logarithm.kurtosis, "fourth standardised moment, jackknife over groups"),
        measured("log_skewness", LOG_RESIDUAL, logarithm.skewness, "third standardised moment, jackknife over groups"),
        plain(
            "geometric_ratio",
            LOG_RESIDUAL,
            logarithm.geometric,
            "exp of the mean: the share of the sum that a model of ln y predicts",
        )
        .cited("Duan 1983"),
    ]);
    let found = logarithm.spread.iter();
    facts.extend(found.flat_map(|found| spread(["log_spread_statistic", "log_spread_p"], LOG_RESIDUAL, found)));
}

fn count_facts(counts: &CountEvidence, facts: &mut Vec<Fact>) {
    let paper = "Cameron & Trivedi 1990";
    facts.extend([
        measured("dispersion", RESIDUAL, counts.alpha, "α of the variance μ + α μ², auxiliary regression by group")
            .cited(paper),
        plain("dispersion_t", RESIDUAL, counts.t, "t of the auxiliary regression, by group").cited(paper),
        plain("dispersion_t_naive", RESIDUAL, counts.naive_t, "t as if all rows were independent").cited(paper),
        plain("zeros_seen", RATIO, counts.zeros, "share of the predicted rows"),
        plain("zeros_poisson", RATIO, counts.zeros_poisson, "share expected by a Poisson law"),
        plain(
            "zeros_negative_binomial",
            RATIO,
            counts.zeros_negative_binomial,
            "share expected by a negative binomial law",
        ),
        plain("zeros_p", RATIO, counts.zeros_p, "probability of as many zeros under the negative binomial law")
            .cited("He, Zhang, Ye & Tang 2019"),
    ]);
}

fn probed_classes(evidence: &ClassEvidence, facts: &mut Vec<Fact>) {
    let corp = "Dimitriadis, Gneiting & Jordan 2021";
    facts.extend([
        plain("log_loss", PROBABILITY, evidence.log_loss, "mean"),
        plain("accuracy", PROBABILITY, evidence.accuracy, "share of rows whose most probable class is right"),
        plain(
            "training_accuracy",
            "training_probability",
            evidence.training_accuracy,
            "the same on rows that were fitted on",
        ),
        plain("miscalibration", PROBABILITY, evidence.miscalibration, "share of the log loss, CORP").cited(corp),
        plain("miscalibration_p", PROBABILITY, evidence.miscalibration_p, "probability of as much by chance")
            .cited(corp),
    ]);
    let noise = &evidence.noise;
    let method = "share of labels off the diagonal of the confident joint";
    facts.push(measured("label_noise", PROBABILITY, noise.confident, method).cited("Northcutt, Jiang & Chuang 2021"));
    let floor = "share of labels that disagree however sure the model is: the ends of a logistic curve fitted with two asymptotes";
    facts.extend(noise.floor.map(|found| measured("error_floor", PROBABILITY, found, floor)));
    facts.extend(evidence.auc.map(|auc| plain("auc", PROBABILITY, auc, "area under the ROC curve")));
    let odds = evidence.proportional_odds_p;
    facts.extend(odds.map(|p| {
        plain("proportional_odds_p", PROBABILITY, p, "Brant test: probability of such different slopes by chance")
            .cited("Brant 1990")
    }));
}
