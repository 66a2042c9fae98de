//! The plots of an advice, each with its numbers as a table and a sentence for those who do not see it.
//!
//! Each file is one kind of plot: a struct of plain numbers, and its `figure`.

mod compass;
mod curves;
mod forest;
mod gradient;
mod law;
mod tail;
mod target;
mod threshold;

pub use compass::{Compass, Needle};
pub use curves::{MurphyDifference, Reliability};
pub use forest::{Forest, Interval as ForestInterval, Line as ForestLine};
pub use gradient::{GradientShare, LoudRow};
pub use law::{QuantileResiduals, Rootogram, RootogramBar};
pub use tail::TailPlot;
pub use target::TargetStrip;
pub use threshold::ThresholdPanel;

use std::sync::Arc;

use kuva::{
    TickFormat,
    plot::{LinePlot, ScatterPlot},
    render::{annotations::ReferenceLine, plots::Plot},
};

use super::plot::{INK, literal};

/// A number in at most four digits that count.
fn short(value: f64) -> String {
    crate::terminal::number::figure(value, 4)
}

/// A straight line between two points.
fn segment(from: (f64, f64), to: (f64, f64), colour: &str, width: f64) -> Plot {
    LinePlot::new().with_data([from, to]).with_color(colour).with_stroke_width(width).into()
}

/// A line through points, those that are not finite left out.
fn line(points: impl IntoIterator<Item = (f64, f64)>, colour: &str, name: &str) -> LinePlot {
    let points: Vec<(f64, f64)> = points.into_iter().filter(|(x, y)| x.is_finite() && y.is_finite()).collect();
    LinePlot::new().with_data(points).with_color(colour).with_stroke_width(2.2).with_legend(literal(name))
}

/// Points, those that are not finite left out.
fn dots(points: impl IntoIterator<Item = (f64, f64)>, colour: &str, size: f64) -> ScatterPlot {
    let points: Vec<(f64, f64)> = points.into_iter().filter(|(x, y)| x.is_finite() && y.is_finite()).collect();
    ScatterPlot::new().with_data(points).with_color(colour).with_size(size)
}

fn at_x(place: f64) -> ReferenceLine {
    ReferenceLine::vertical(place).with_color(INK).with_dasharray("4 4")
}

fn at_y(place: f64) -> ReferenceLine {
    ReferenceLine::horizontal(place).with_color(INK).with_dasharray("4 4")
}

/// Names at whole numbers.
fn named_ticks(names: Vec<String>) -> TickFormat {
    TickFormat::Custom(Arc::new(move |place| {
        let row = place.round();
        let name = (row - place).abs() < 1e-6 && row >= 0.0;
        if name { names.get(row as usize).map_or_else(String::new, |name| literal(name)) } else { String::new() }
    }))
}

#[cfg(test)]
mod tests;
