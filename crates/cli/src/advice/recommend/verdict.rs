//! What is said of the advised loss.

use crate::{
    advice::{
        document::{Candidate, RuleOutcome, State, Strength, Verdict},
        evidence::Evidence,
        map::{Aim, Decode},
        purpose::Functional,
        rules::{catalog, limits},
        shortlist::{advised, default_loss, repair_words},
        written::{figure, percent, ratio},
    },
    model::Link,
};

/// The verdict for a question; none where no candidate is left.
pub(super) fn verdict(candidates: &[Candidate], aim: &Aim, outcomes: &[RuleOutcome]) -> Option<Verdict> {
    let (place, codes) = advised(candidates, aim, outcomes)?;
    let chosen = &candidates[place];
    let decided: Vec<&RuleOutcome> = outcomes.iter().filter(|outcome| codes.contains(&outcome.code)).collect();
    let mut because = vec![aims_at(chosen, aim)];
    because.extend(decided.iter().map(|outcome| {
        let so = if outcome.code == "MIN300" { " That is too little to leave the default." } else { "" };
        format!("{}{so} ({})", outcome.evidence, outcome.code)
    }));
    if let Some(repair) = chosen.post {
        because.push(format!("Afterwards: {}.", repair_words(repair)));
    }
    if aim.decode != Decode::AsItIs {
        because.push(format!("{}.", aim.decode.describe()));
    }
    let mut against: Vec<String> = Vec::new();
    if !chosen.against.is_empty() {
        against.push(sentence(&chosen.against));
    }
    against.extend(decided.iter().flat_map(|outcome| outcome.against.iter().cloned()));
    let trust = outcomes.iter().filter(|outcome| {
        outcome.state == State::Fired
            && matches!(outcome.code, "MIN300" | "MIN301" | "MIN302")
            && !codes.contains(&outcome.code)
    });
    against.extend(trust.map(|outcome| format!("{} ({})", outcome.evidence, outcome.code)));
    if !aim.warning.is_empty() {
        against.push(aim.warning.to_owned());
    }
    let mut would_change_if: Vec<String> = decided
        .iter()
        .filter_map(|outcome| catalog::rule(outcome.code))
        .map(|rule| first_sentence(rule.when_not).to_owned())
        .collect();
    would_change_if.push("A comparison proves another loss better on the same splits.".to_owned());
    Some(Verdict { loss: chosen.name.clone(), strength: Strength::Reasoned, because, against, would_change_if })
}

/// What a candidate predicts, and whether that was asked for.
fn aims_at(chosen: &Candidate, aim: &Aim) -> String {
    let link = match chosen.link {
        Link::Log => ", log link,",
        Link::Identity | Link::Logit | Link::Softmax | Link::Ordinal | Link::Score => "",
    };
    let wanted = in_words(aim.functional);
    if chosen.admissible {
        format!("{}{link} gives what was asked for: {wanted}.", chosen.name)
    } else {
        format!("No loss gives {wanted}; {}{link} comes near.", chosen.name)
    }
}

/// What a prediction has to be, as a newcomer would say it.
pub(super) fn in_words(functional: Functional) -> String {
    match functional {
        Functional::Mean => "the mean, right in the sum".to_owned(),
        Functional::Median => "the median, half of the cases below".to_owned(),
        Functional::Quantile(level) => format!("the number that {} of the cases do not pass", percent(level)),
        Functional::Expectile(level) => format!("the expectile at {level}"),
        Functional::MedianByInverse => "the median of the cases weighted by 1/y".to_owned(),
        Functional::LogMean => "the mean on the scale of ln(1 + y)".to_owned(),
        Functional::Probability => "a probability".to_owned(),
        Functional::Mode => "the most probable value".to_owned(),
        Functional::Order => "the order by probability".to_owned(),
        Functional::Interval(share) => format!("a range that holds {} of the cases", percent(share)),
        Functional::Law => "the whole distribution".to_owned(),
    }
}

/// Why a candidate is advised, in a few words with the numbers that decided.
pub(super) fn in_short(chosen: &Candidate, aim: &Aim, evidence: &Evidence, codes: &[&'static str]) -> String {
    let mut parts: Vec<String> = codes.iter().take(2).map(|code| deciding_number(code, evidence)).collect();
    if parts.is_empty() {
        parts.push(match chosen.post {
            Some(repair) => repair_words(repair).to_owned(),
            None if !chosen.admissible => "nothing else comes nearer".to_owned(),
            None if chosen.plainness == 0 => "the default; nothing speaks for another".to_owned(),
            None => format!("aims at {}", in_words(aim.functional)),
        });
    }
    if aim.decode != Decode::AsItIs && aim.decode != Decode::MostProbable {
        parts.push(lower_first(&aim.decode.describe()));
    }
    parts.join("; ")
}

/// The number by which a rule decided, in a few words.
fn deciding_number(code: &str, evidence: &Evidence) -> String {
    let numbers = evidence.numbers.as_ref();
    let words = match code {
        "MIN101" => {
            let default = default_loss(evidence.kind());
            let own = default.estimates().map_or_else(|| "something else".to_owned(), |own| format!("the {own}"));
            format!("{} aims at {own}", default.name())
        }
        "MIN110" => "the variance is in doubt".to_owned(),
        "MIN113" => numbers
            .map_or_else(String::new, |numbers| format!("kurtosis {}, symmetric", figure(numbers.kurtosis.value))),
        "MIN120" | "MIN151" => match numbers.and_then(|numbers| numbers.power) {
            Some(power) => format!("variance grows as mean^{}", ratio(power.value)),
            None => "the spread varies with the columns".to_owned(),
        },
        "MIN130" => evidence
            .target
            .numbers()
            .map_or_else(String::new, |target| format!("{} zeros", percent(target.zeros.value))),
        "MIN140" => numbers
            .and_then(|numbers| numbers.counts)
            .map_or_else(String::new, |counts| format!("over-dispersed, t {}", figure(counts.t))),
        "MIN141" => "zeros beyond the spread".to_owned(),
        "MIN150" => "the level was named".to_owned(),
        "MIN152" => "stays between 0 and 1".to_owned(),
        "MIN160" => evidence.target.classes().map_or_else(String::new, |classes| {
            format!("{} is rare: a threshold, not a loss", percent(classes.rarest.value))
        }),
        "MIN165" => "the order by probability is the best".to_owned(),
        "MIN180" => evidence
            .classes
            .as_ref()
            .map_or_else(String::new, |found| format!("{} miscalibration", percent(found.miscalibration))),
        "MIN190" => "ordered classes, read off by the metric".to_owned(),
        "MIN200" => evidence.target.lists().map_or_else(String::new, |lists| {
            if lists.one_relevant() {
                "one relevant item in each list".to_owned()
            } else {
                format!("{} lists", lists.mixed)
            }
        }),
        "MIN300" => format!("under {} groups or events in a test part", limits::EVIDENCE),
        other => catalog::rule(other).map_or_else(String::new, |rule| rule.title.to_owned()),
    };
    format!("{words} ({code})")
}

/// A note as a sentence.
fn sentence(note: &str) -> String {
    let mut letters = note.chars();
    let first = letters.next().map_or_else(String::new, |letter| letter.to_uppercase().collect());
    let text = format!("{first}{}", letters.as_str());
    if text.ends_with('.') { text } else { format!("{text}.") }
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map_or_else(String::new, |letter| letter.to_lowercase().collect());
    format!("{first}{}", letters.as_str())
}

/// Up to the first full stop that ends a sentence.
fn first_sentence(text: &str) -> &str {
    text.find(". ").map_or(text, |end| &text[..=end])
}
