//! The differences of all losses against the default, with two intervals: the one that most people compute, and the one
//! that the splits allow.

use kuva::{TickFormat, render::annotations::ShadedRegion};

use super::{at_x, dots, named_ticks, segment, short};
use crate::page::{Figure, Grid};
use crate::report::plot::{PALETTE, rendered, styled};
pub use crate::statistics::Interval;

/// One loss.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Its name.
    pub name: String,
    /// Its mean difference.
    pub difference: f64,
    /// As if the splits were independent.
    pub naive: Interval,
    /// As they are.
    pub corrected: Interval,
    /// The difference of each split.
    pub splits: Vec<f64>,
    /// better, equal, worse, can't tell.
    pub outcome: String,
}

/// A forest plot.
#[derive(Debug, Clone, PartialEq)]
pub struct Forest {
    /// What the losses are compared with.
    pub against: String,
    /// What they are judged by.
    pub metric: String,
    /// Differences up to this count as equal.
    pub equivalence: f64,
    /// Losses from top to bottom.
    pub lines: Vec<Line>,
}

impl Forest {
    /// The plot; nothing without a line.
    pub fn figure(&self) -> Option<Figure> {
        let count = self.lines.len();
        if count == 0 {
            return None;
        }
        let mut plots = Vec::new();
        for (place, line) in self.lines.iter().enumerate() {
            let y = (count - 1 - place) as f64;
            let interval =
                |interval: Interval, colour, width| segment((interval.low, y), (interval.high, y), colour, width);
            plots.push(interval(line.corrected, PALETTE[0], 5.0));
            plots.push(interval(line.naive, PALETTE[1], 2.0));
            plots.push(dots(line.splits.iter().map(|&split| (split, y + 0.22)), PALETTE[6], 2.2).into());
            plots.push(dots([(line.difference, y)], PALETTE[0], 5.0).into());
        }
        let names = self.lines.iter().rev().map(|line| line.name.clone()).collect();
        let title = format!("Difference of {} against {}", self.metric, self.against);
        let equivalence = ShadedRegion::vertical(-self.equivalence, self.equivalence).with_color(PALETTE[2]);
        let layout = styled(&title, "better  <  0  <  worse", "", &plots)
            .with_height(140.0 + 52.0 * count as f64)
            .with_y_axis_min(-0.6)
            .with_y_axis_max(count as f64 - 0.4)
            .with_y_tick_step(1.0)
            .with_y_tick_format(named_ticks(names))
            .with_x_tick_format(TickFormat::Auto)
            .with_shaded_region(equivalence)
            .with_reference_line(at_x(0.0));
        let said: Vec<String> = self.lines.iter().map(|line| format!("{} {}", line.name, line.outcome)).collect();
        let alternative = format!("{title}: {}.", said.join(", "));
        let caption = format!(
            "Thick: the 95 % interval that allows for overlapping training sets. Thin: the naive one, which does not. Small \
             dots: the splits. Shaded: differences up to {} count as equal.",
            short(self.equivalence)
        );
        Some(Figure {
            name: "forest",
            svg: rendered(plots, layout, &alternative),
            caption,
            numbers: Some(self.numbers()),
        })
    }

    fn numbers(&self) -> Grid {
        let header = ["loss", "difference", "low", "high", "naive low", "naive high", "result"];
        let mut grid = Grid::new(format!("Differences of {} against {}", self.metric, self.against), &header);
        for line in &self.lines {
            let numbers =
                [line.difference, line.corrected.low, line.corrected.high, line.naive.low, line.naive.high].map(short);
            grid.row([vec![line.name.clone()], numbers.to_vec(), vec![line.outcome.clone()]].concat());
        }
        grid
    }
}
