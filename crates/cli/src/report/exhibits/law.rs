//! Whether a predicted distribution is the one that the data have: a rootogram for counts, quantile residuals otherwise.

use super::{at_y, dots, line, named_ticks, segment, short};
use crate::page::{Figure, Grid};
use crate::report::plot::{PALETTE, rendered, styled};

/// A hanging rootogram (Kleiber & Zeileis 2016): bars of √observed hang from √expected; what does not reach 0 is missing,
/// what goes below it is too much.
#[derive(Debug, Clone, PartialEq)]
pub struct Rootogram {
    /// The law.
    pub name: String,
    /// The counts, ascending.
    pub counts: Vec<RootogramBar>,
}

/// A count, or several counts together.
#[derive(Debug, Clone, PartialEq)]
pub struct RootogramBar {
    /// "3", "5 to 9", "30 or more".
    pub name: String,
    /// How often it came.
    pub observed: f64,
    /// How often it was expected.
    pub expected: f64,
}

/// With more bars than these every fifth has its name at the axis.
const NAMED: usize = 16;

impl Rootogram {
    /// The plot; nothing without a count.
    pub fn figure(&self) -> Option<Figure> {
        if self.counts.is_empty() {
            return None;
        }
        let mut plots = Vec::new();
        for (place, bar) in self.counts.iter().enumerate() {
            let (top, bottom) = (bar.expected.sqrt(), bar.expected.sqrt() - bar.observed.sqrt());
            plots.push(segment((place as f64, bottom), (place as f64, top), PALETTE[5], 9.0));
        }
        let expected = self.counts.iter().enumerate().map(|(place, bar)| (place as f64, bar.expected.sqrt()));
        plots.push(line(expected, PALETTE[1], &format!("expected by {}", self.name)).into());
        let title = format!("Counts as {} expects them", self.name);
        let layout = styled(&title, "count", "√ rows", &plots)
            .with_x_axis_min(-0.6)
            .with_x_axis_max(self.counts.len() as f64 - 0.4)
            .with_x_tick_step(if self.counts.len() > NAMED { 5.0 } else { 1.0 })
            .with_x_tick_format(named_ticks(self.counts.iter().map(|bar| bar.name.clone()).collect()))
            .with_reference_line(at_y(0.0));
        let mut grid = Grid::new(title.clone(), &["count", "observed", "expected"]);
        for bar in &self.counts {
            grid.row(vec![bar.name.clone(), short(bar.observed), short(bar.expected)]);
        }
        let caption =
            "Bars of √observed hang from √expected: one that ends above 0 came too rarely for the law, one that \
                       ends below 0 too often."
                .to_owned();
        let RootogramBar { name, observed, expected } = &self.counts[0];
        let alternative =
            format!("{title}: of {name} {} came and {} were expected.", short(*observed), short(*expected));
        Some(Figure { name: "law", svg: rendered(plots, layout, &alternative), caption, numbers: Some(grid) })
    }
}

/// Randomised quantile residuals (Dunn & Smyth 1996) against the normal distribution.
#[derive(Debug, Clone, PartialEq)]
pub struct QuantileResiduals {
    /// The law.
    pub name: String,
    /// Quantile of the normal distribution and of the residuals, ascending.
    pub points: Vec<(f64, f64)>,
}

impl QuantileResiduals {
    /// The plot; nothing without a point.
    pub fn figure(&self) -> Option<Figure> {
        let (first, last) = (self.points.first()?, self.points.last()?);
        let plots = vec![
            segment((first.0, first.0), (last.0, last.0), PALETTE[6], 1.5),
            dots(self.points.iter().copied(), PALETTE[0], 2.5).into(),
        ];
        let title = format!("Residuals as {} expects them", self.name);
        let layout = styled(&title, "normal quantile", "quantile residual", &plots);
        let mut grid = Grid::new(title.clone(), &["normal quantile", "residual"]);
        for &(x, y) in self.points.iter().step_by(self.points.len().div_ceil(20)) {
            grid.row(vec![short(x), short(y)]);
        }
        let caption =
            "On the line the predicted distribution is the one that came; above it at the right end, the upper tail \
                       is heavier than predicted."
                .to_owned();
        let alternative =
            format!("{title}: the largest residual is {}, where {} is expected.", short(last.1), short(last.0));
        Some(Figure { name: "law", svg: rendered(plots, layout, &alternative), caption, numbers: Some(grid) })
    }
}
