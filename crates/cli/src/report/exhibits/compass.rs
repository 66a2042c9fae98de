//! What each loss estimates: its quantile level beside its ratio of totals.

use super::{at_x, at_y, dots, segment, short};
use crate::page::{Figure, Grid};
use crate::report::plot::{PALETTE, rendered, styled};

/// One loss's predictions.
#[derive(Debug, Clone, PartialEq)]
pub struct Needle {
    /// Its name.
    pub name: String,
    /// Share of the truth at or below the prediction, and its 95 % interval.
    pub level: [f64; 3],
    /// Predicted over true total, and its 95 % interval.
    pub ratio: [f64; 3],
}

/// The functional compass.
#[derive(Debug, Clone, PartialEq)]
pub struct Compass {
    /// The losses.
    pub needles: Vec<Needle>,
}

impl Compass {
    /// The plot; nothing without a loss.
    pub fn figure(&self) -> Option<Figure> {
        if self.needles.is_empty() {
            return None;
        }
        let mut plots = Vec::new();
        for (place, needle) in self.needles.iter().enumerate() {
            let colour = PALETTE[place % PALETTE.len()];
            let ([level, low, high], [ratio, least, most]) = (needle.level, needle.ratio);
            plots.push(segment((low, ratio), (high, ratio), colour, 1.5));
            plots.push(segment((level, least), (level, most), colour, 1.5));
            plots.push(dots([(level, ratio)], colour, 5.0).with_legend(needle.name.clone()).into());
        }
        let title = "What each loss estimates";
        let layout = styled(title, "share of rows at or below the prediction", "predicted / true total", &plots)
            .with_height(400.0 + 18.0 * (self.needles.len().saturating_sub(4) as f64 / 2.0).ceil())
            .with_reference_line(at_x(0.5))
            .with_reference_line(at_y(1.0));
        let said: Vec<String> = (self.needles.iter())
            .map(|needle| {
                format!("{} at level {} and ratio {}", needle.name, short(needle.level[0]), short(needle.ratio[0]))
            })
            .collect();
        let caption =
            "On the horizontal line the totals are right: a mean. On the vertical one half of the rows is below: a \
                       median. Bars: 95 % intervals."
                .to_owned();
        let mut grid = Grid::new(title, &["loss", "level", "low", "high", "ratio", "low", "high"]);
        for needle in &self.needles {
            let numbers = [needle.level, needle.ratio].concat().into_iter().map(short);
            grid.row(std::iter::once(needle.name.clone()).chain(numbers).collect());
        }
        let alternative = format!("{title}: {}.", said.join(", "));
        Some(Figure { name: "compass", svg: rendered(plots, layout, &alternative), caption, numbers: Some(grid) })
    }
}
