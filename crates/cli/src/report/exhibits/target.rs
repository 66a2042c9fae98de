//! What the target is like: its histogram with mean, median and 9th decile, on a logarithmic axis where it needs one.

use std::sync::Arc;

use kuva::{TickFormat, plot::Histogram, render::plots::Plot};
use minimand::data::metrics::{mean, quantile};

use super::{at_x, short};
use crate::advice::written::counted;
use crate::metrics::share_held_by;
use crate::page::{Figure, Grid};
use crate::report::plot::{PALETTE, literal, rendered, styled};

const BINS: usize = 40;

/// A strip of the target.
#[derive(Debug, Clone, PartialEq)]
pub struct TargetStrip<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its values.
    pub values: &'a [f64],
}

impl TargetStrip<'_> {
    /// The plot; nothing without a value.
    pub fn figure(&self) -> Option<Figure> {
        let values: Vec<f64> = self.values.iter().copied().filter(|value| value.is_finite()).collect();
        if values.is_empty() {
            return None;
        }
        let (low, high) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), &v| (l.min(v), h.max(v)));
        let least_positive = values.iter().copied().filter(|&value| value > 0.0).fold(f64::INFINITY, f64::min);
        let logarithmic = low >= 0.0 && high > 100.0 * quantile(&values, 0.5).max(least_positive);
        // Zeros stand at the left end of the axis.
        let zero = least_positive.log10().floor() - 1.0;
        let place = |value: f64| match (logarithmic, value > 0.0) {
            (false, _) => value,
            (true, true) => value.log10(),
            (true, false) => zero,
        };
        let (from, to) = (place(low), place(high));
        let width = ((to - from) / BINS as f64).max(f64::MIN_POSITIVE);
        let mut counts = vec![0.0; BINS];
        for &value in &values {
            counts[(((place(value) - from) / width) as usize).min(BINS - 1)] += 1.0;
        }
        let edges: Vec<f64> = (0..=BINS).map(|bin| from + width * bin as f64).collect();
        let plots: Vec<Plot> = vec![Histogram::from_bins(edges, counts.clone()).with_color(PALETTE[5]).into()];
        let statistics =
            [("median", quantile(&values, 0.5)), ("mean", mean(&values)), ("90 %", quantile(&values, 0.9))];
        let title = format!("{}: {}", self.name, counted(values.len(), "value", "values"));
        let axis = if logarithmic { format!("{} (logarithmic)", self.name) } else { self.name.to_owned() };
        let mut layout = styled(&title, &axis, "rows", &plots).with_height(280.0);
        for (name, value) in statistics {
            layout = layout.with_reference_line(at_x(place(value)).with_label(name));
        }
        if logarithmic {
            let tick = move |place: f64| {
                let value = if place < zero + 0.5 { "0".to_owned() } else { short(10f64.powf(place)) };
                literal(&value)
            };
            layout = layout.with_x_tick_step(1.0).with_x_tick_format(TickFormat::Custom(Arc::new(tick)));
        }
        let mut grid = Grid::new(format!("{} in numbers", self.name), &["statistic", "value"]);
        grid.row(vec!["least".into(), short(low)]);
        for (name, value) in statistics {
            grid.row(vec![name.into(), short(value)]);
        }
        grid.row(vec!["greatest".into(), short(high)]);
        let zeros = values.iter().filter(|&&value| value == 0.0).count() as f64 / values.len() as f64;
        grid.row(vec!["share of zeros".into(), short(zeros)]);
        let caption = if low >= 0.0 && high > 0.0 {
            let cut = quantile(&values, 0.99);
            let held = share_held_by(&values, |row| values[row] > cut);
            grid.row(vec!["held by the top 1 %".into(), short(held)]);
            format!("The top 1 % of the rows hold {} % of the sum.", short(100.0 * held))
        } else {
            "Dashed: median, mean and 9th decile.".to_owned()
        };
        let alternative = format!(
            "Histogram of {title}: median {}, mean {}, 9th decile {}.",
            short(statistics[0].1),
            short(statistics[1].1),
            short(statistics[2].1)
        );
        Some(Figure { name: "target", svg: rendered(plots, layout, &alternative), caption, numbers: Some(grid) })
    }
}
