//! The one question that is asked where nobody said what the number is for.

use std::io::{self, BufRead, Write};

use super::purposes;
use crate::advice::{
    problem::TargetKind,
    purpose::{Costs, Purpose},
};

/// Asks what the number will be used for, with the answers that fit such a target, and asks again where the answer is none
/// of them. An empty answer or the end of the input is no answer.
///
/// # Errors
/// Where the input cannot be read or the output cannot be written.
pub fn ask(kind: TargetKind, input: &mut impl BufRead, output: &mut impl Write) -> io::Result<Option<Purpose>> {
    let answers = answers(kind);
    writeln!(output, "What will the number be used for?")?;
    for (number, answer) in answers.iter().enumerate() {
        writeln!(output, "  {}  {}", number + 1, words(*answer, number + 1, kind))?;
    }
    loop {
        write!(output, "1 to {}, or Enter for a row of advice on each: ", answers.len())?;
        output.flush()?;
        let mut line = String::new();
        if input.read_line(&mut line)? == 0 {
            writeln!(output)?;
            return Ok(None);
        }
        if line.trim().is_empty() {
            return Ok(None);
        }
        match read(line.trim(), &answers, kind) {
            Ok(purpose) => return Ok(Some(purpose)),
            Err(wrong) => writeln!(output, "{wrong}")?,
        }
    }
}

/// One answer for each way to use the number; the interval is the short form of the whole range.
fn answers(kind: TargetKind) -> Vec<Purpose> {
    let all = purposes(kind);
    let whole = all.contains(&Purpose::Distribution);
    all.into_iter().filter(|purpose| !(whole && matches!(purpose, Purpose::Interval(_)))).collect()
}

fn words(purpose: Purpose, number: usize, kind: TargetKind) -> String {
    match purpose {
        Purpose::Total => "it is added up: a budget, a load".to_owned(),
        Purpose::Typical => "the typical case".to_owned(),
        Purpose::Quantile(_) => format!("to be safe in 90 % of the cases ({number} 95: in 95 %)"),
        Purpose::Probability => "a probability".to_owned(),
        Purpose::Decision(_) if kind == TargetKind::Binary => {
            format!("an action with costs ({number} 5000 250: a miss costs 5000, a false alarm 250)")
        }
        Purpose::Decision(_) => "to decide for one of the classes".to_owned(),
        Purpose::Ranking => "a ranking: who comes first".to_owned(),
        Purpose::Interval(_) => format!("a range that holds 90 % of the cases ({number} 80: that holds 80 %)"),
        Purpose::Distribution => format!("the whole range ({number} 90: a range that holds 90 % of the cases)"),
    }
}

/// A number from the list with what belongs to it, or a purpose as on the command line.
fn read(line: &str, answers: &[Purpose], kind: TargetKind) -> Result<Purpose, String> {
    let mut words = line.split_whitespace();
    let number = words.next().and_then(|word| word.trim_end_matches(['.', ')']).parse::<usize>().ok());
    let Some(number) = number else {
        let purpose: Purpose = line.parse()?;
        let alike = |known: &Purpose| std::mem::discriminant(known) == std::mem::discriminant(&purpose);
        let interval = matches!(purpose, Purpose::Interval(_)) && answers.contains(&Purpose::Distribution);
        return if answers.iter().any(alike) || interval {
            Ok(purpose)
        } else {
            Err(format!("{purpose} does not fit this target"))
        };
    };
    let answer = number.checked_sub(1).and_then(|place| answers.get(place));
    let answer = *answer.ok_or_else(|| format!("{number} is none of them"))?;
    let numbers: Vec<f64> = words
        .map(|word| {
            let word = word.trim_end_matches(['%', ',']);
            word.parse().map_err(|_| format!("`{word}` is no number"))
        })
        .collect::<Result<_, _>>()?;
    let share = |number: f64| {
        let share = if number >= 1.0 { number / 100.0 } else { number };
        if share > 0.0 && share < 1.0 { Ok(share) } else { Err(format!("{number} is no share such as 95")) }
    };
    match (answer, &numbers[..]) {
        (answer, []) => Ok(answer),
        (Purpose::Quantile(_), [number]) => Ok(Purpose::Quantile(share(*number)?)),
        (Purpose::Interval(_) | Purpose::Distribution, [number]) => Ok(Purpose::Interval(share(*number)?)),
        (Purpose::Decision(_), [miss, alarm]) if kind == TargetKind::Binary && *miss > 0.0 && *alarm > 0.0 => {
            Ok(Purpose::Decision(Some(Costs { miss: *miss, alarm: *alarm })))
        }
        (Purpose::Decision(_), _) if kind == TargetKind::Binary => {
            Err("it takes two costs above 0, of a miss and of a false alarm".to_owned())
        }
        _ => Err(format!("{number} stands alone")),
    }
}
