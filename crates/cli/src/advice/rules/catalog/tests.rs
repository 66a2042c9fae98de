use std::collections::BTreeSet;

use super::*;
use crate::advice::rules::limits;

/// The codes of the design.
const CODES: [&str; 31] = [
    "MIN101", "MIN110", "MIN111", "MIN112", "MIN113", "MIN120", "MIN121", "MIN122", "MIN130", "MIN140", "MIN141",
    "MIN150", "MIN151", "MIN152", "MIN160", "MIN161", "MIN162", "MIN163", "MIN164", "MIN165", "MIN170", "MIN180",
    "MIN190", "MIN200", "MIN201", "MIN210", "MIN220", "MIN230", "MIN300", "MIN301", "MIN302",
];

#[test]
fn every_code_of_the_design_is_there_in_order_and_once() {
    let codes: Vec<&str> = rules().map(|rule| rule.code).collect();
    assert_eq!(codes, CODES);
}

#[test]
fn codes_are_found_however_they_are_written() {
    for word in ["MIN141", "min141", "Min-141", "141", " MIN141 "] {
        assert_eq!(rule(word).map(|rule| rule.code), Some("MIN141"), "{word}");
        assert!(is_code(word));
    }
    for word in ["", "MIN", "huber", "MINx41", "l1", "miñ141", "MIN142"] {
        assert_eq!(rule(word), None, "{word}");
    }
    assert!(is_code("MIN142") && !is_code("huber") && !is_code("MIN") && !is_code("l2"));
    assert_eq!(nearest("MIN142"), ["MIN141", "MIN140", "MIN152"]);
    assert!(nearest("MIN410").contains(&"MIN140"));
    assert!(nearest("huber").is_empty());
}

fn texts(rule: &RuleText) -> Vec<&'static str> {
    vec![rule.trigger, rule.recommend, rule.why, rule.when_not, rule.experiment]
}

#[test]
fn texts_are_full_sentences_without_marks() {
    for rule in rules() {
        for text in texts(rule) {
            assert!(text.ends_with('.'), "{}: {text}", rule.code);
            assert!(text.starts_with(|first: char| !first.is_lowercase()) || text.starts_with("exp "), "{text}");
            assert!(!text.contains(['`', '*', '\n', '—']) && !text.contains("  "), "{}: {text}", rule.code);
            assert!(!text.to_lowercase().contains("significant"), "{}", rule.code);
        }
        assert!(!rule.references.is_empty(), "{}", rule.code);
        for reference in rule.references {
            assert!(
                reference.contains(": ") && reference.contains(|digit: char| digit.is_ascii_digit()),
                "{reference}"
            );
        }
        assert!(rule.title.chars().count() <= 72 && !rule.title.ends_with('.'), "{}", rule.title);
    }
    assert_eq!(rule("150").unwrap().reference(), "Koenker & Bassett 1978");
    assert_eq!(rule("101").unwrap().reference(), "Gneiting 2011; Patton 2020");
}

#[test]
fn losses_exist_and_rules_that_are_named_exist() {
    for rule in rules() {
        for loss in rule.losses {
            assert_eq!(crate::losses::find(loss).map(|entry| entry.name), Ok(*loss), "{}", rule.code);
        }
        for text in texts(rule) {
            for word in
                text.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| word.starts_with("MIN"))
            {
                assert!(super::rule(word).is_some(), "{}: {word}", rule.code);
            }
        }
    }
}

#[test]
fn triggers_state_the_numbers_that_rules_fire_at() {
    let percent = |share: f64| format!("{} %", share * 100.0);
    let numbers = [
        ("110", limits::VARIANCE_EXISTS.to_string()),
        ("111", limits::FOURTH_MOMENT_EXISTS.to_string()),
        ("112", limits::SKEWNESS.to_string()),
        ("113", limits::KURTOSIS.to_string()),
        ("113", limits::ASYMMETRY.to_string()),
        ("121", limits::LOG_KURTOSIS.to_string()),
        ("121", limits::LOG_ROWS.to_string()),
        ("130", percent(limits::ZEROS.0)),
        ("130", percent(limits::ZEROS.1)),
        ("120", limits::LINK_T.to_string()),
        ("120", percent(limits::LINK_SHARE)),
        ("140", limits::DISPERSION_T.to_string()),
        ("141", limits::ZEROS_P.to_string()),
        ("151", limits::SPREAD_P.to_string()),
        ("160", percent(limits::PREVALENCE)),
        ("160", limits::SAME_ORDER.to_string()),
        ("163", percent(limits::INTERPOLATION)),
        ("164", limits::LONG_TAIL_CLASSES.to_string()),
        ("164", limits::LONG_TAIL_RATIO.to_string()),
        ("170", percent(limits::LABEL_NOISE)),
        ("180", percent(limits::MISCALIBRATION)),
        ("180", limits::MISCALIBRATION_P.to_string()),
        ("180", limits::CALIBRATION_EVENTS.to_string()),
        ("180", limits::CALIBRATION_ROWS.to_string()),
        ("190", format!("{} to {}", limits::ORDERED_CLASSES.0, limits::ORDERED_CLASSES.1)),
        ("190", limits::PROPORTIONAL_ODDS_P.to_string()),
        ("200", limits::FEW_LISTS.to_string()),
        ("200", limits::MANY_LISTS.to_string()),
        ("201", limits::POSITION_AUC.to_string()),
        ("300", limits::EVIDENCE.to_string()),
        ("300", limits::BLUR.to_string()),
        ("301", limits::LEAK.to_string()),
    ];
    for (code, number) in numbers {
        let text = texts(rule(code).unwrap()).join(" ");
        let words: Vec<&str> =
            text.split_whitespace().map(|word| word.trim_end_matches(['.', ',', ':', ')'])).collect();
        let sought: Vec<&str> = number.split(' ').collect();
        assert!(words.windows(sought.len()).any(|found| found == sought), "MIN{code} does not state {number}");
    }
}

#[test]
fn scopes() {
    assert_eq!(rule("101").unwrap().applies_to.describe(), "every target");
    assert_eq!(rule("140").unwrap().applies_to.describe(), "counts");
    assert_eq!(rule("120").unwrap().applies_to.describe(), "amounts from 0 or counts");
    assert!(rule("140").unwrap().applies_to.includes(TargetKind::Count));
    assert!(!rule("140").unwrap().applies_to.includes(TargetKind::Amount));
    assert!(EVERY.iter().all(|&kind| !rule("220").unwrap().applies_to.includes(kind)));
    let kinds: BTreeSet<&str> = EVERY.iter().map(|kind| kind.name()).collect();
    assert_eq!(kinds.len(), EVERY.len());
}

#[test]
fn json_has_every_field() {
    let json = serde_json::to_value(rule("MIN141").unwrap()).unwrap();
    let keys: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
    let mut expected = vec![
        "code",
        "title",
        "severity",
        "applies_to",
        "trigger",
        "recommend",
        "why",
        "when_not",
        "experiment",
        "command",
        "losses",
        "references",
    ];
    expected.sort_unstable();
    let mut keys = keys;
    keys.sort_unstable();
    assert_eq!(keys, expected);
    assert_eq!(json["severity"], "advice");
    assert_eq!(json["applies_to"], serde_json::json!(["count"]));
}
