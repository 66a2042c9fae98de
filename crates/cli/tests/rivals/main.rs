//! The advice against seven rules that tools and textbooks follow, under an outer test.
//!
//! For each split of each table the rules see the training rows only and name a loss; all are tuned and read alike, and judged on
//! the rows left out. Asked is whether a rule's losses are in the confidence set of the best, and how far they are from the best in
//! hindsight. The usual test takes the small tables with `recommend`;
//! `cargo test --release -p minimand-cli --test rivals -- --ignored --nocapture` takes all of them, with `compare` as well, and
//! prints the figures.

mod marginal;
mod rules;
mod tasks;
mod trial;

use std::collections::BTreeMap;

use minimand_cli::{
    advice::{
        map::{Aim, Domain, question},
        problem::{Problem, TargetKind},
    },
    frame::{Cells, Column, Frame, Roles},
    model::ModelKind,
    statistics::{Paired, clustered},
};
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
use rules::Rule;
use tasks::Table;
use trial::{Worth, judge};

/// What all rules were worth, question by question, with the number of the table.
struct Season {
    questions: Vec<(usize, String, BTreeMap<Rule, Worth>)>,
}

impl Season {
    fn play(tables: &[Table], rules: &[Rule], model: ModelKind, rows: usize, repeats: usize) -> Self {
        let mut questions = Vec::new();
        for (number, table) in tables.iter().enumerate() {
            let problem = table.problem(rows);
            for (asked, aim) in table.questions(&problem) {
                let worth = judge(&problem, &aim, rules, model, repeats, 7);
                println!("{}, {} rows, {asked}, by {}:", table.name, problem.rows(), aim.metric);
                for (rule, worth) in &worth {
                    let set = if worth.in_set { "in the set" } else { "-" };
                    let (regret, share) = (worth.regret, 100.0 * worth.share);
                    println!("  {:<44} {set:<11} {regret:6.2} SE {share:8.3} %  {:?}", rule.name(), worth.picks);
                }
                questions.push((number, format!("{}: {asked}", table.name), worth));
            }
        }
        Self { questions }
    }

    fn share_in_set(&self, rule: Rule) -> f64 {
        let inside = self.questions.iter().filter(|(.., worth)| worth[&rule].in_set).count();
        inside as f64 / self.questions.len() as f64
    }

    fn mean(&self, rule: Rule) -> f64 {
        self.questions.iter().map(|(.., worth)| worth[&rule].regret).sum::<f64>() / self.questions.len() as f64
    }

    fn worst(&self, rule: Rule) -> (f64, &str) {
        let all = self.questions.iter().map(|(_, name, worth)| (worth[&rule].regret, name.as_str()));
        all.max_by(|a, b| a.0.total_cmp(&b.0)).expect("questions")
    }

    /// How much more a rival regrets than the advice, in standard errors of a question; questions of one table belong together.
    fn against(&self, advice: Rule, rival: Rule) -> Paired {
        let more: Vec<f64> =
            self.questions.iter().map(|(.., worth)| worth[&rival].regret - worth[&advice].regret).collect();
        let tables: Vec<u32> = self.questions.iter().map(|&(table, ..)| table as u32).collect();
        clustered(&more, &tables)
    }

    fn print(&self, advice: &[Rule], rules: &[Rule]) {
        println!("\n{} questions", self.questions.len());
        for &rule in rules {
            let (worst, question) = self.worst(rule);
            println!(
                "{:<44} in the set {:5.1} %  mean regret {:6.2} SE  worst {worst:6.2} ({question})",
                rule.name(),
                100.0 * self.share_in_set(rule),
                self.mean(rule),
            );
            for &advice in advice.iter().filter(|&&advice| advice != rule) {
                let paired = self.against(advice, rule);
                let interval = paired.interval();
                println!(
                    "    more than {}: {:.2} ({:.2} to {:.2})",
                    advice.name(),
                    paired.mean,
                    interval.low,
                    interval.high
                );
            }
        }
    }
}

/// The small tables: the advice is in the set of nine questions in ten, at least as often as any rival, and regrets less in the mean.
#[test]
fn the_advice_is_in_the_outer_set() {
    let small = ["food", "wine", "alcohol", "yeast", "travel"];
    let tables: Vec<Table> = Table::all().into_iter().filter(|table| small.contains(&table.name)).collect();
    let rules = [&[Rule::Recommend][..], &Rule::RIVALS].concat();
    let season = Season::play(&tables, &rules, ModelKind::Linear, 800, 1);
    season.print(&[Rule::Recommend], &rules);
    let own = season.share_in_set(Rule::Recommend);
    assert!(own >= 0.9, "{own}");
    for rival in Rule::RIVALS {
        assert!(own >= season.share_in_set(rival), "{}", rival.name());
        assert!(season.mean(Rule::Recommend) <= season.mean(rival), "{}", rival.name());
    }
}

/// All tables.
#[test]
#[ignore = "about half an hour, in release"]
fn the_advice_against_its_rivals_on_all_tables() {
    let number = |name: &str, usual: usize| std::env::var(name).map_or(usual, |text| text.parse().expect("a number"));
    let model = if number("RIVALS_NETWORK", 0) == 1 { ModelKind::Mlp } else { ModelKind::Linear };
    let own: &[Rule] =
        if number("RIVALS_COMPARE", 1) == 1 { &[Rule::Recommend, Rule::Compare] } else { &[Rule::Recommend] };
    let rules = [own, &Rule::RIVALS].concat();
    let season = Season::play(&Table::all(), &rules, model, number("RIVALS_ROWS", 4_000), number("RIVALS_REPEATS", 1));
    season.print(own, &rules);
    for &advice in own {
        let share = season.share_in_set(advice);
        assert!(share >= 0.9, "{}: {share}", advice.name());
        for rival in Rule::RIVALS {
            assert!(share >= season.share_in_set(rival), "{} against {}", advice.name(), rival.name());
        }
    }
}

fn drawn(rows: usize, kind: Option<TargetKind>, asked: &str, y: impl Fn(&mut ChaCha8Rng) -> f64) -> (Problem, Aim) {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let column = |name: &str, numbers: Vec<f64>| Column { name: name.to_owned(), cells: Cells::Number(numbers) };
    let x: Vec<f64> = (0..rows).map(|_| rng.random()).collect();
    let y: Vec<f64> = (0..rows).map(|_| y(&mut rng)).collect();
    let columns = vec![column("x", x), column("y", y)];
    let frame = Frame { source: "drawn".into(), sha256: String::new(), columns, rows, notes: Vec::new() };
    let roles = Roles { target: "y".into(), ..Roles::default() };
    let problem = Problem::new(frame, &roles, kind, false).unwrap();
    let aim = question(asked.parse().ok(), None, Domain::from(&problem.target)).unwrap().unwrap();
    (problem, aim)
}

fn normal(rng: &mut ChaCha8Rng) -> f64 {
    (-2.0 * rng.random::<f64>().max(1e-300).ln()).sqrt() * (std::f64::consts::TAU * rng.random::<f64>()).cos()
}

fn poisson(rng: &mut ChaCha8Rng, mean: f64) -> f64 {
    let (mut count, mut time) = (0.0, -rng.random::<f64>().ln());
    while time < mean {
        count += 1.0;
        time -= rng.random::<f64>().ln();
    }
    count
}

fn named(rule: Rule, (problem, aim): &(Problem, Aim)) -> String {
    rule.pick(problem, aim, ModelKind::Linear, 1).name
}

/// Each rival does what it is known for.
#[test]
fn rivals_follow_their_rules() {
    let amounts = drawn(2_000, None, "total", |rng| (3.0 + normal(rng)).exp());
    let sums = drawn(2_000, None, "typical", |rng| 50.0 + normal(rng));
    let errors = drawn(2_000, None, "typical", normal);
    let counts = drawn(2_000, None, "total", |rng| poisson(rng, 3.0));
    let spread = drawn(2_000, None, "distribution", |rng| {
        let mean = 3.0 * (0.8 * normal(rng)).exp();
        poisson(rng, mean)
    });
    let rare = drawn(2_000, None, "probability", |rng| f64::from(u8::from(rng.random::<f64>() < 0.05)));
    let even = drawn(2_000, None, "probability", |rng| f64::from(u8::from(rng.random::<f64>() < 0.4)));
    let grades = drawn(2_000, Some(TargetKind::Ordered), "typical", |rng| poisson(rng, 1.0).min(4.0));
    let stock = drawn(2_000, None, "quantile:0.9", |rng| (3.0 + normal(rng)).exp());
    for (rule, table, expected) in [
        (Rule::Default, &amounts, "squared_error"),
        (Rule::Default, &rare, "cross_entropy"),
        (Rule::ColumnType, &counts, "squared_error"),
        (Rule::ColumnType, &rare, "cross_entropy"),
        (Rule::ColumnType, &grades, "squared_error"),
        (Rule::Metric, &amounts, "squared_error"),
        (Rule::Metric, &sums, "absolute_error"),
        (Rule::Metric, &stock, "quantile"),
        (Rule::Metric, &rare, "cross_entropy+temperature"),
        (Rule::MarginalLikelihood, &amounts, "log_normal_nll"),
        (Rule::MarginalLikelihood, &errors, "gaussian_nll"),
        (Rule::MarginalLikelihood, &spread, "negative_binomial_nll"),
        (Rule::LogOrWeights, &amounts, "log_squared_error"),
        (Rule::LogOrWeights, &sums, "squared_error"),
        (Rule::LogOrWeights, &rare, "weighted_cross_entropy"),
        (Rule::LogOrWeights, &even, "cross_entropy"),
        (Rule::Textbook, &amounts, "absolute_error"),
        (Rule::Textbook, &sums, "squared_error"),
        (Rule::Textbook, &rare, "focal"),
        (Rule::Textbook, &even, "cross_entropy"),
    ] {
        assert_eq!(named(rule, table), expected, "{rule:?}");
    }
    // Another seed, another loss.
    let any: std::collections::BTreeSet<String> =
        (0..20).map(|seed| Rule::Random.pick(&amounts.0, &amounts.1, ModelKind::Linear, seed).name).collect();
    assert!(any.len() > 4, "{any:?}");
}

const MARGINAL_AMOUNTS: [(&str, f64); 4] = [
    ("gaussian_nll", 2.9004630),
    ("student_t_nll", 2.7095235),
    ("gamma_nll", 2.3043443),
    ("log_normal_nll", 2.2366894),
];

const MARGINAL_COUNTS: [(&str, f64); 4] = [
    ("poisson_nll", 3.0572179),
    ("negative_binomial_nll", 2.0362846),
    ("zero_inflated_poisson_nll", 2.3805784),
    ("two_part", 2.0852946),
];

/// The marginal fits, against SciPy 1.17.1 (`norm`, `t`, `gamma`, `lognorm` with their locations held at 0, `poisson`) and direct
/// minimisation of the other likelihoods there.
#[test]
fn marginal_likelihoods_are_those_of_other_programs() {
    let found = |y: &[f64], name: &str| {
        let all = marginal::by_marginal_likelihood(y);
        all.iter().find(|(objective, _)| objective.name() == name).expect(name).1
    };
    let amounts = [1.2, 0.4, 3.3, 8.1, 0.9, 2.2, 15.0, 0.3, 1.1, 4.6];
    let counts = [0.0, 0.0, 3.0, 1.0, 0.0, 7.0, 2.0, 0.0, 12.0, 1.0, 0.0, 4.0];
    for (name, expected) in MARGINAL_AMOUNTS {
        approx::assert_abs_diff_eq!(found(&amounts, name), expected, epsilon = 2e-4);
    }
    for (name, expected) in MARGINAL_COUNTS {
        approx::assert_abs_diff_eq!(found(&counts, name), expected, epsilon = 2e-4);
    }
}
