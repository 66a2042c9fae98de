//! Not every question asks for a mean, and not every target is any number: quantiles of an amount, and counts.
//!
//! `cargo run --release --example 16_quantiles_and_counts`

use std::error::Error;

use minimand::data::metrics::{d2_tweedie, totals_ratio};
use minimand::data::{Categories, Standardiser, split};
use minimand::prelude::*;
use minimand_examples::table;

/// A line through the data of Engel (1857): what 235 households spent on food, given their income.
struct Line {
    level: f64,
    intercept: f64,
    slope: f64,
    /// Share of the households on or below the line.
    below: f64,
}

/// Quantile regression: the loss pulls upwards with `level`, downwards with `1 - level`, so that many lie above and below in the end.
fn quantile_lines(levels: &[f64]) -> Result<Vec<Line>, Box<dyn Error>> {
    let columns = table(include_bytes!("data/engel.csv.gz"))?;
    let (income, food) = (Tensor::from(columns["income"].clone()), Tensor::from(columns["foodexp"].clone()));
    // In thousands of francs, around the mean income: the numbers that an optimizer likes.
    let centre = income.mean().item();
    let (x, y) = ((&income - centre) / 1000.0, &food / 1000.0);
    let (x, y) = (x.unsqueeze(-1).computed(), y.unsqueeze(-1).computed());

    // One line for each level, all fitted at once: quantile k of `quantiles` is the column k of the prediction.
    let shape = [1, levels.len()];
    let slope = Parameter::new("slope", Tensor::zeros(shape).cast(DType::F64));
    let height = Parameter::new("height", Tensor::zeros(shape).cast(DType::F64));
    let steps = 4000;
    let options = AdamOptions { learning_rate: 0.02, ..Default::default() };
    let mut adam =
        Adam::new([&slope, &height], options).with_schedule(Schedule::Cosine { period: steps, minimum: 0.0 });
    for _ in 0..steps {
        let prediction = &x * slope.value() + height.value();
        adam.step(&quantiles(&prediction, &y.squeeze(-1), levels).mean())?;
    }
    let prediction = &x * slope.value() + height.value();
    let below = y.le(prediction).cast(DType::F64).mean_axis(0).to_vec::<f64>();
    let (slope, height) = (slope.value().to_vec::<f64>(), height.value().to_vec::<f64>());
    let line = |k: usize| Line {
        level: levels[k],
        intercept: 1000.0 * height[k] - centre * slope[k],
        slope: slope[k],
        below: below[k],
    };
    Ok((0..levels.len()).map(line).collect())
}

/// What predictions of a count are worth on days that they were not fitted on.
struct Worth {
    /// Share of the hours with a predicted count below 0.
    impossible: f64,
    /// Predicted over true total.
    total: f64,
    /// Share of the Poisson deviance of the mean that is explained; none where a prediction is below 0.
    d2: Option<f64>,
}

/// Bicycles hired in each hour of a year, from hour, weather and season. `loss` says how the model's output relates to the count.
fn bicycles(
    loss: impl Fn(&Tensor, &Tensor) -> Tensor,
    count: impl Fn(&Tensor) -> Tensor,
) -> Result<Worth, Box<dyn Error>> {
    let columns = table(include_bytes!("data/bikeshare.csv.gz"))?;
    let bikers = &columns["bikers"];
    // Hours of one day are alike: whole days are held out, or the figures would flatter.
    let day: Vec<u64> = columns["day"].iter().map(|&day| day as u64).collect();
    let split = split::Split::by_group(&day, split::HeldOut::default(), 7)?;

    let measured = ["temp", "hum", "windspeed", "workingday"].map(|name| &columns[name][..]);
    let standardiser = Standardiser::fit(&measured, &split.train);
    let features = |rows: &[usize]| -> Result<Tensor, Box<dyn Error>> {
        let numbers = Tensor::from_vec(standardiser.transform(&measured, rows), [rows.len(), measured.len()]);
        let mut parts = vec![numbers.cast(DType::F32)];
        for name in ["hr", "weathersit", "season"] {
            let code = |row: usize| columns[name][row] as i64;
            // The categories of all rows: the weather's worst stands on a single day.
            let categories = Categories::of((0..bikers.len()).map(code));
            parts.push(categories.one_hot(rows.iter().map(|&row| code(row)))?);
        }
        Ok(Tensor::concatenate(&parts, -1).computed())
    };
    let counts = |rows: &[usize]| rows.iter().map(|&row| bikers[row]).collect::<Vec<f64>>();
    let (x, y) = (features(&split.train)?, Tensor::from(counts(&split.train)).cast(DType::F32));

    let model = Linear::new(x.shape()[1], 1, &mut Rng::seed(7));
    let options = AdamOptions { learning_rate: 0.1, ..Default::default() };
    let steps = 400;
    let mut adam =
        Adam::new(model.parameters(), options).with_schedule(Schedule::Cosine { period: steps, minimum: 0.0 });
    for _ in 0..steps {
        adam.step(&loss(&model.forward(&x).squeeze(-1), &y).mean())?;
    }
    let prediction = count(&model.forward(&features(&split.test)?).squeeze(-1)).to_vec::<f64>();
    let truth = counts(&split.test);
    let below = prediction.iter().filter(|&&prediction| prediction < 0.0).count();
    Ok(Worth {
        impossible: below as f64 / truth.len() as f64,
        total: totals_ratio(&prediction, &truth)?,
        d2: d2_tweedie(1.0, &prediction, &truth).ok(),
    })
}

/// A line for counts, by squared error; in hundreds, so that the optimizer arrives.
fn by_squared_error() -> Result<Worth, Box<dyn Error>> {
    bicycles(|output, y| squared_error(output, &(y / 100.0)), |output| 100.0 * output)
}

/// The logarithm of the rate as a line, by the likelihood of counts.
fn by_poisson() -> Result<Worth, Box<dyn Error>> {
    bicycles(|log_rate, y| poisson_nll_log_rate(log_rate, y, false), Tensor::exp)
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("Food of 235 households in 1857, francs:");
    for line in quantile_lines(&[0.1, 0.5, 0.9])? {
        let Line { level, intercept, slope, below } = line;
        println!(
            "  quantile {level}: {intercept:6.1} + {slope:.3} income, {:.0} % of the households are below",
            100.0 * below
        );
    }
    println!(
        "The lines spread: with the income grows not only what is spent, but how differently. A mean would not show it.\n"
    );

    println!("Bicycles hired in an hour, on days not seen:   below 0    total   D² (Poisson)");
    for (name, worth) in
        [("squared error, a line", by_squared_error()?), ("Poisson, the logarithm is a line", by_poisson()?)]
    {
        let d2 = worth.d2.map_or("none".to_owned(), |d2| format!("{d2:.3}"));
        println!("  {name:<42} {:7.1} % {:8.2} {d2:>12}", 100.0 * worth.impossible, worth.total);
    }
    println!(
        "A rate is above 0 by its link, and effects multiply: rain takes off a share, not a number, of the bicycles."
    );
    Ok(())
}

/// Koenker's own fit of these lines (R, quantreg): intercept and slope for levels 0.1, 0.5 and 0.9.
#[test]
fn the_lines_are_koenker_s() {
    let expected = [(110.1416, 0.4018), (81.4822, 0.5602), (67.3509, 0.6863)];
    for (line, (intercept, slope)) in quantile_lines(&[0.1, 0.5, 0.9]).unwrap().iter().zip(expected) {
        approx::assert_relative_eq!(line.slope, slope, max_relative = 0.01);
        approx::assert_abs_diff_eq!(line.intercept, intercept, epsilon = 5.0);
        approx::assert_abs_diff_eq!(line.below, line.level, epsilon = 0.01);
    }
}

#[test]
fn rates_are_possible_and_add_up() {
    let (line, poisson) = (by_squared_error().unwrap(), by_poisson().unwrap());
    assert!(line.impossible > 0.05 && line.d2.is_none());
    assert!(poisson.impossible == 0.0 && poisson.d2.unwrap() > 0.6, "{:?}", poisson.d2);
    approx::assert_abs_diff_eq!(poisson.total, 1.0, epsilon = 0.1);
}
