use std::collections::BTreeSet;

use clap::{Parser, Subcommand};

use super::*;
use crate::{
    advice::rules::catalog::rule,
    arguments::{AuditArguments, CompareArguments, ExplainArguments, ProfileArguments, RecommendArguments},
    losses::find,
    model::Objective,
};

/// The commands that texts may name.
#[derive(Debug, Parser)]
struct Line {
    #[command(subcommand)]
    command: Named,
}

#[derive(Debug, Subcommand)]
enum Named {
    Profile(ProfileArguments),
    Recommend(RecommendArguments),
    Compare(Box<CompareArguments>),
    Audit(AuditArguments),
    Explain(ExplainArguments),
}

fn forks() -> impl Iterator<Item = &'static Fork> {
    BEFORE.iter().chain(TOPICS.iter().flat_map(|topic| topic.questions))
}

fn choices() -> impl Iterator<Item = &'static Choice> {
    forks().flat_map(|fork| fork.choices)
}

/// Every objective, as `--losses` names it.
fn objectives() -> Vec<&'static str> {
    let all = [
        Objective::SquaredError,
        Objective::AbsoluteError,
        Objective::Huber { delta: 1.0 },
        Objective::Quantile { level: 0.5 },
        Objective::Expectile { level: 0.5 },
        Objective::LogSquaredError,
        Objective::SquaredLogarithmicError,
        Objective::AbsolutePercentageError,
        Objective::Poisson,
        Objective::Gamma,
        Objective::Tweedie { power: 1.5 },
        Objective::InverseGaussian,
        Objective::Gaussian,
        Objective::BetaGaussian { beta: 0.5 },
        Objective::StudentT { freedom: 5.0 },
        Objective::LogNormal,
        Objective::NegativeBinomial,
        Objective::ZeroInflatedPoisson,
        Objective::ZeroInflatedNegativeBinomial,
        Objective::TwoPart,
        Objective::TwoQuantiles { lower: 0.1, upper: 0.9 },
        Objective::CrossEntropy,
        Objective::WeightedCrossEntropy { weight: 2.0 },
        Objective::Focal { gamma: 2.0, alpha: 0.5 },
        Objective::Brier,
        Objective::PairwiseLogistic,
        Objective::LogitAdjusted { tau: 1.0 },
        Objective::ClassBalanced { beta: 0.9 },
        Objective::GeneralisedCrossEntropy { q: 0.7 },
        Objective::Corn,
        Objective::CumulativeLink,
        Objective::ListSoftmax,
        Objective::LambdaRank,
        Objective::ApproxNdcg,
        Objective::Pointwise,
    ];
    all.map(Objective::name).to_vec()
}

#[test]
fn losses_and_rules_exist() {
    for choice in choices() {
        for loss in choice.losses {
            assert_eq!(find(loss).map(|entry| entry.name), Ok(*loss), "{}", choice.answer);
        }
        for code in choice.rules {
            assert_eq!(rule(code).map(|rule| rule.code), Some(*code), "{}", choice.answer);
        }
    }
}

#[test]
fn every_rule_is_named_by_an_answer() {
    let named: BTreeSet<&str> = choices().flat_map(|choice| choice.rules).copied().collect();
    let all: BTreeSet<&str> = rules().map(|rule| rule.code).collect();
    assert_eq!(named, all);
}

#[test]
fn commands_run_as_they_are_written() {
    let of_rules = rules().filter_map(|rule| rule.command);
    let of_guide = choices().filter_map(|choice| choice.command);
    let next = TOPICS.iter().filter_map(|topic| topic.next.map(|next| next.command)).collect::<Vec<_>>();
    let repairs = ["ratio", "shift", "prior_shift", "inverse_focal", "temperature", "threshold", "decode", "conformal"];
    let mut count = 0;
    for line in of_rules.chain(of_guide).chain(next) {
        let command = match Line::try_parse_from(line.split_whitespace()) {
            Ok(line) => line.command,
            Err(error) => panic!("{line}\n{error}"),
        };
        if let Named::Compare(arguments) = command {
            for name in &arguments.losses {
                let (loss, repair) = name.split_once('+').map_or((&name[..], None), |(loss, by)| (loss, Some(by)));
                assert!(objectives().contains(&loss), "{line}: {loss}");
                assert!(repair.is_none_or(|by| repairs.contains(&by)), "{line}: {name}");
            }
        }
        count += 1;
    }
    assert!(count > 60, "{count} commands");
}

#[test]
fn texts_are_sentences_and_labels_are_not() {
    for fork in forks() {
        assert!(fork.question.ends_with('?'), "{}", fork.question);
        for choice in fork.choices {
            for sentence in [choice.reason, choice.against, choice.experiment] {
                assert!(sentence.ends_with(['.', '?']) && sentence.starts_with(char::is_uppercase), "{sentence}");
                assert!(!sentence.contains(['`', '*', '\n', '—']) && !sentence.contains("  "), "{sentence}");
            }
            for label in [choice.answer, choice.advice] {
                assert!(!label.ends_with('.') && label.chars().count() <= 90, "{label}");
            }
        }
    }
}

/// Paths of command lines and of papers are the only long words.
#[test]
fn nothing_is_wider_than_the_terminal() {
    let pages = TOPICS.iter().map(|topic| chapter(topic, 80));
    let of_rules = rules().map(|rule| crate::advice::rules::explain(rule, 80));
    for page in pages.chain([overview(80)]).chain(of_rules) {
        for line in page.lines() {
            assert!(line.chars().count() <= 80 && !line.ends_with(' '), "{line}");
        }
        assert!(page.ends_with('\n') && !page.ends_with("\n\n") && !page.contains("\n\n\n"), "{page}");
    }
}

#[test]
fn a_chapter_says_all_and_the_overview_has_every_answer() {
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let short = overview(80);
    for topic in &TOPICS {
        let page = flat(&chapter(topic, 80));
        for choice in topic.questions.iter().flat_map(|fork| fork.choices) {
            for said in [choice.answer, choice.advice, choice.reason, choice.against, choice.experiment] {
                assert!(page.contains(said), "{}: {said}", topic.name);
            }
            for word in choice.losses.iter().chain(choice.rules) {
                assert!(page.contains(word), "{}: {word}", topic.name);
            }
            let words = choice.advice.split_whitespace();
            assert!(words.into_iter().all(|word| short.contains(word)), "{}", choice.answer);
        }
        assert!(short.contains(&format!("minimand guide {}", topic.name)));
    }
}

#[test]
fn json_has_every_field() {
    let whole = serde_json::to_value(GuideDocument::of(None)).unwrap();
    assert_eq!(whole["schema"], "minimand.guide/1");
    assert_eq!(whole["topics"].as_array().unwrap().len(), 6);
    assert_eq!(whole["rules"].as_array().unwrap().len(), rules().count());
    let choice = whole["topics"][0]["questions"][0]["choices"][0].as_object().unwrap();
    let keys: BTreeSet<&str> = choice.keys().map(String::as_str).collect();
    let expected = ["advice", "against", "answer", "command", "experiment", "losses", "reason", "rules"];
    assert_eq!(keys, BTreeSet::from(expected));
    let one = serde_json::to_value(GuideDocument::of(topic("ranking"))).unwrap();
    assert_eq!(one["topics"].as_array().unwrap().len(), 1);
    let codes: Vec<&str> = one["rules"].as_array().unwrap().iter().filter_map(|rule| rule["code"].as_str()).collect();
    assert_eq!(codes, ["MIN101", "MIN165", "MIN200", "MIN201", "MIN300", "MIN301"]);
}

#[test]
fn kinds_of_the_command_line_are_the_topics() {
    use clap::CommandFactory;
    #[derive(Debug, Parser)]
    struct Only {
        #[command(flatten)]
        guide: crate::arguments::GuideArguments,
    }
    let command = Only::command();
    let kinds = command.get_arguments().find(|argument| argument.get_id() == "kind").unwrap().get_possible_values();
    let names: Vec<&str> = kinds.iter().map(|kind| kind.get_name()).collect();
    assert_eq!(names, TOPICS.each_ref().map(|topic| topic.name));
    assert!(names.iter().all(|name| topic(name).is_some()) && topic("cooking").is_none());
}
