//! The guide as text: all questions as a short tree, and one kind of problem with all reasons.

use super::{BEFORE, Choice, Fork, TOPICS, Topic};
use crate::terminal::{command, wrapped};

/// Width of the labels of an answer's reasons.
const LABEL: usize = 9;

/// What a newcomer reads first: the order of reasoning, and every question with its answers.
pub fn overview(width: usize) -> String {
    let mut parts = vec![
        titled("Which loss? Questions before data"),
        wrapped(
            "Every loss picks one number out of all that may come: squared error the mean, absolute error the median, \
             cross-entropy the probability. So begin with what the number is for. Then look at the data: they say which \
             of the losses for that use is steady and can be judged. Then see whether one number (a factor, a \
             threshold, a temperature) repairs the default. Only then train another loss, and compare.",
            width,
        ),
    ];
    let tree = |forks: &[Fork]| {
        let lines = |fork: &Fork| {
            let answers: String = fork.choices.iter().map(|choice| branch(choice, width)).collect();
            wrapped(fork.question, width) + &answers
        };
        forks.iter().map(lines).collect::<String>()
    };
    for topic in &TOPICS {
        let mut text = format!("{} · {}\n", topic.name.to_uppercase(), topic.about);
        text.push_str(&tree(topic.questions));
        parts.push(text);
    }
    parts.push(format!("ALWAYS · before a comparison is believed\n{}", tree(BEFORE)));
    parts.push(format!(
        "Names of the losses, reasons for and against, and what would refute each answer\n{}",
        TOPICS
            .each_ref()
            .map(|topic| indented(&command(&format!("minimand guide {}", topic.name), width - 4), 4))
            .concat()
    ));
    parts.push(format!(
        "With a table of data\n{}",
        indented(&command("minimand recommend data.csv --target y", width - 4), 4)
    ));
    parts.join("\n")
}

/// An answer and its advice, side by side.
fn branch(choice: &Choice, width: usize) -> String {
    const ANSWER: usize = 37;
    let advice = width.saturating_sub(ANSWER + 4).max(20);
    let left = wrapped(choice.answer, ANSWER);
    let right = wrapped(choice.advice, advice);
    let (mut left, mut right) = (left.lines(), right.lines());
    let mut text = String::new();
    loop {
        let (one, other) = (left.next(), right.next());
        if one.is_none() && other.is_none() {
            return text;
        }
        let line = format!("  {:ANSWER$}  {}", one.unwrap_or(""), other.unwrap_or(""));
        text.push_str(line.trim_end());
        text.push('\n');
    }
}

/// One kind of problem: every question, with the reasons for and against each answer.
pub fn chapter(topic: &Topic, width: usize) -> String {
    let mut parts = vec![
        titled(&format!("{} · {}", capital(topic.name), topic.about)),
        wrapped(topic.opening, width),
        wrapped("Under each answer, refute: the cheapest experiment that would show the advice wrong.", width),
    ];
    // Where the program trains nothing, nothing is compared.
    let before = if topic.next.is_some() { BEFORE } else { &[] };
    for (number, fork) in topic.questions.iter().chain(before).enumerate() {
        parts.push(asked(number + 1, fork, width));
    }
    parts.push(match topic.next {
        Some(next) => {
            format!(
                "Next\n{}{}",
                indented(&command(next.command, width - 4), 4),
                indented(&wrapped(next.does, width - 4), 4)
            )
        }
        None => format!(
            "Next\n{}",
            indented(
                &wrapped(
                    "The program explains these losses and computes them for numbers of yours; it does not train such \
                     models.",
                    width - 4
                ),
                4
            )
        ),
    });
    parts.push(wrapped(
        "minimand explain CODE gives a rule's reasons and papers, minimand explain LOSS a loss's formula, curve and \
         limits. In --losses, A+B is the loss A with the repair B after training.",
        width,
    ));
    parts.join("\n")
}

fn asked(number: usize, fork: &Fork, width: usize) -> String {
    let mut text = format!("{number}  {}\n", fork.question);
    for (choice, letter) in fork.choices.iter().zip('a'..) {
        text.push('\n');
        text.push_str(&hanging(&format!("   {letter}  "), choice.answer, width));
        let mut line = |label: &str, what: &str| {
            text.push_str(&hanging(&format!("      {label:LABEL$}"), what, width));
        };
        line("advice", choice.advice);
        if !choice.losses.is_empty() {
            line("losses", &choice.losses.join(", "));
        }
        line("for", choice.reason);
        line("against", choice.against);
        line("refute", choice.experiment);
        if let Some(line) = choice.command {
            text.push_str(&indented(&command(line, width - 6 - LABEL), 6 + LABEL));
        }
        if !choice.rules.is_empty() {
            text.push_str(&hanging(&format!("      {:LABEL$}", "rules"), &choice.rules.join(", "), width));
        }
    }
    text
}

fn titled(title: &str) -> String {
    format!("{title}\n{}\n", "═".repeat(title.chars().count()))
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A paragraph whose first line begins with a label, and the others below its text.
fn hanging(label: &str, paragraph: &str, width: usize) -> String {
    let column = label.chars().count();
    let text = wrapped(paragraph, width - column);
    let lines = text
        .lines()
        .enumerate()
        .map(|(number, line)| if number == 0 { format!("{label}{line}\n") } else { format!("{:column$}{line}\n", "") });
    lines.collect()
}

fn indented(text: &str, column: usize) -> String {
    text.lines().map(|line| format!("{:column$}{line}\n", "")).collect()
}
