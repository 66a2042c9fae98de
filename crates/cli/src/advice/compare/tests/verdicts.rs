use Outcome::{Better, CannotTell, Equal, Worse};

use super::proofs::{Figures, linear, model, proof};
use crate::{
    advice::{
        compare::{
            page,
            proof::{Optimism, Proof, RaceState, Recovered},
            side::Side,
            verdict::{choose, verdict},
        },
        document::{Repair, Strength},
    },
    model::ModelKind,
    statistics::Outcome,
};

const DEFAULT: Figures = ("squared_error", 0, 2.6, 0.0, Equal, true);

fn advised(proof: &Proof) -> (String, Strength) {
    let choice = choose(proof).unwrap();
    (choice.name, choice.strength)
}

#[test]
fn the_plainest_that_may_be_best_is_advised() {
    let gamma = ("gamma", 2, 2.2, 0.5, CannotTell, true);
    let tweedie = ("tweedie", 3, 2.1, 0.5, CannotTell, true);
    assert_eq!(advised(&linear(&[DEFAULT, gamma, tweedie])), ("squared_error".into(), Strength::CannotTell));
    let out = (DEFAULT.0, 0, DEFAULT.2, 0.0, Equal, false);
    assert_eq!(advised(&linear(&[out, tweedie, gamma])), ("gamma".into(), Strength::CannotTell));
    let better = ("gamma", 2, 2.2, 0.1, Better, true);
    assert_eq!(advised(&linear(&[out, tweedie, better])), ("gamma".into(), Strength::Proven));
    let worse = ("gamma", 2, 3.2, 0.1, Worse, false);
    assert_eq!(advised(&linear(&[DEFAULT, worse])), ("squared_error".into(), Strength::Proven));
    let equal = ("gamma", 2, 2.6, 0.01, Equal, true);
    assert_eq!(advised(&linear(&[DEFAULT, equal])), ("squared_error".into(), Strength::EqualToDefault));
}

#[test]
fn impossible_predictions_are_no_advice_while_there_is_another() {
    let gamma = ("gamma", 2, 2.2, 0.5, CannotTell, true);
    let mut found = linear(&[DEFAULT, gamma]);
    found.models[0].results.get_mut("squared_error").unwrap().impossible = 0.05;
    assert_eq!(advised(&found), ("gamma".into(), Strength::CannotTell));
    let said = verdict(&found).unwrap();
    assert_eq!(
        said.because[0],
        "Take gamma: not proven better than squared error by Gamma deviance (−0.40 ± 0.50); squared error \
         predicts impossible values for 5.0 % of the rows."
    );
    found.models[0].results.get_mut("gamma").unwrap().impossible = 0.05;
    assert_eq!(advised(&found).0, "squared_error");
}

#[test]
fn a_loss_that_theory_does_not_admit_comes_after_one_that_it_does() {
    let out = (DEFAULT.0, 0, DEFAULT.2, 0.0, Equal, false);
    let huber = ("huber", 2, 2.2, 0.5, CannotTell, true);
    let tweedie = ("tweedie", 3, 2.1, 0.5, CannotTell, true);
    let mut found = linear(&[out, huber, tweedie]);
    assert_eq!(advised(&found).0, "huber");
    found.candidates[1].admissible = false;
    assert_eq!(advised(&found).0, "tweedie");
}

/// Two models agree where one loss may be best with both.
#[test]
fn models_agree_or_it_depends_on_the_model() {
    let out = (DEFAULT.0, 0, DEFAULT.2, 0.0, Equal, false);
    let gamma = |is: bool| ("gamma", 2, 2.2, 0.1, if is { Better } else { CannotTell }, is);
    let tweedie = |is: bool| ("tweedie", 3, 2.1, 0.1, if is { Better } else { CannotTell }, is);
    let both = |one: [Figures; 3], other: [Figures; 3]| {
        proof(vec![model(ModelKind::Linear, &one), model(ModelKind::Mlp, &other)], &one)
    };
    let agree = both([out, gamma(true), tweedie(true)], [out, gamma(false), tweedie(true)]);
    assert_eq!(advised(&agree), ("tweedie".into(), Strength::Proven));
    let depends = both([out, gamma(true), tweedie(false)], [out, gamma(false), tweedie(true)]);
    // The network's 2.1 is better than the linear model's 2.2.
    assert_eq!(advised(&depends), ("tweedie".into(), Strength::DependsOnModel));
    assert_eq!(
        verdict(&depends).unwrap().because[0],
        "It depends on the model: with the linear model take gamma (Gamma deviance 2.2) and with the network of 32-32 take \
         tweedie (Gamma deviance 2.1)."
    );
}

/// The honesty of a verdict: whoever swaps two losses' figures swaps the sentences.
#[test]
fn sentences_follow_the_figures() {
    let out = (DEFAULT.0, 0, DEFAULT.2, 0.0, Equal, false);
    let better = |name| (name, 2, 2.2, 0.1, Better, true);
    let worse = |name| (name, 2, 3.0, 0.3, Worse, false);
    let one = linear(&[out, better("gamma"), worse("poisson")]);
    let swapped = linear(&[out, worse("gamma"), better("poisson")]);
    let (said, turned) = (verdict(&one).unwrap(), verdict(&swapped).unwrap());
    assert_eq!((&*said.loss, &*turned.loss), ("gamma", "poisson"));
    let swap = |text: &str| text.replace("gamma", "*").replace("poisson", "gamma").replace('*', "poisson");
    for (said, turned) in [(said.because, turned.because), (said.against, turned.against)] {
        assert_eq!(said.iter().map(|sentence| swap(sentence)).collect::<Vec<_>>(), turned);
    }
    let text = |proof: &Proof| page::page(proof, verdict(proof).as_ref(), "", 80);
    let lines = |text: String, name: &str| text.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    assert!(lines(text(&one), "gamma ◀").contains("better") && lines(text(&one), "poisson ").contains("worse"));
    assert!(lines(text(&swapped), "poisson ◀").contains("better") && lines(text(&swapped), "gamma ").contains("worse"));
}

#[test]
fn what_one_number_recovers_is_said_where_something_was_off() {
    let repaired = ("log_ols+ratio", 2, 2.2, 0.5, CannotTell, true);
    let raw = ("log_ols", 2, 2.9, 0.5, CannotTell, true);
    let mut found = linear(&[DEFAULT, raw, repaired]);
    found.side = Some(Side::RatioOfTotals);
    found.side_at_best = Some(1.0);
    let mut recovered = Recovered {
        post: Repair::Ratio,
        candidate: "log_ols+ratio".into(),
        number: Some(2.94),
        before: Some(0.34),
        after: Some(1.0),
        score_before: Some(2.9),
        score_after: Some(2.2),
    };
    let said = |proof: &Proof| verdict(proof).unwrap().because.join(" ");
    found.models[0].recovered_by_one_number.insert("log_ols".into(), recovered.clone());
    let expected = "log ols predicts 0.34 of the true sum; times one constant (2.94) it is 1.";
    assert!(said(&found).contains(expected), "{}", said(&found));
    recovered.before = Some(0.99);
    found.models[0].recovered_by_one_number.insert("log_ols".into(), recovered);
    assert!(!said(&found).contains("log ols predicts"), "{}", said(&found));
}

#[test]
fn what_was_not_done_is_said() {
    let gamma = ("gamma", 2, 2.2, 0.5, CannotTell, true);
    let mut found = linear(&[DEFAULT, gamma, ("tukey", 3, 9.0, 0.5, Worse, false)]);
    found.complete = false;
    found.models[0].splits = 3;
    found.rows = 4_000;
    found.models_asked = vec![ModelKind::Linear, ModelKind::Mlp];
    found.models[0].results.get_mut("tukey").unwrap().state = RaceState::DroppedAfter(5);
    found.models[0].results.get_mut("gamma").unwrap().state = RaceState::Failed("it diverged".into());
    found.models[0].optimism = Some(Optimism {
        by: "held_out",
        winner: "gamma".into(),
        in_comparison: 2.2,
        unseen: 2.31,
        default_unseen: Some(2.5),
        difference: Some(-0.19),
        half_interval: Some(0.25),
        rows: 1_234,
    });
    let said = verdict(&found).unwrap();
    assert_eq!(
        said.against,
        [
            "The run was stopped after 3 of 10 splits.",
            "The network of 32-32 was left out, for the number of fits.",
            "Only 1,000 of 4,000 rows were used, for the number of fits.",
            "Dropped after 5 splits as clearly worse: tukey.",
            "gamma could not be trained: it diverged.",
        ]
    );
    let because = said.because.join(" ");
    assert!(
        because.contains(
            "On 1,234 rows kept out of every choice gamma has Gamma deviance 2.31 (2.2 in the comparison), −0.19 ± 0.25 from \
             squared error."
        ),
        "{because}"
    );
}

/// −0.4 ± 0.5 with a region of ±0.026: (0.5 / 0.374)² times the rows.
#[test]
fn how_many_rows_would_tell() {
    let gamma = ("gamma", 2, 2.2, 0.5, CannotTell, true);
    let said = verdict(&linear(&[DEFAULT, gamma])).unwrap().would_change_if;
    assert_eq!(
        said[0],
        "About 1.79 times the rows would tell gamma from squared error, if the difference stays as it is."
    );
    let near = ("gamma", 2, 2.574, 0.5, CannotTell, true);
    let said = verdict(&linear(&[DEFAULT, near])).unwrap().would_change_if;
    assert_eq!(said[0], "No number of rows in reach would tell gamma from squared error.");
}

#[test]
fn nothing_finished_is_no_verdict() {
    let mut found = linear(&[DEFAULT, ("gamma", 2, 2.2, 0.5, CannotTell, true)]);
    found.models[0].splits = 0;
    assert_eq!(verdict(&found), None);
    assert!(page::page(&found, None, "", 80).contains("there is no verdict"));
}

/// Never "significant", never wider than the terminal.
#[test]
fn the_page_fits_a_terminal() {
    let long = ("zero_inflated_negative_binomial_nll", 4, 2.2345, 0.512, CannotTell, true);
    let found = linear(&[DEFAULT, long]);
    let text = page::page(&found, verdict(&found).as_ref(), "Judged by Gamma deviance.", 80);
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    assert!(!text.contains("significant"));
}
