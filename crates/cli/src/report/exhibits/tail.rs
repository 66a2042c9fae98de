//! The tail index by two estimators over the number of largest values they look at.

use kuva::plot::BandPlot;

use super::{at_y, line, short};
use crate::page::{Figure, Grid};
use crate::report::plot::{PALETTE, rendered, styled};

/// Hill and moment estimates over k.
#[derive(Debug, Clone, PartialEq)]
pub struct TailPlot {
    /// Of what.
    pub of: String,
    /// k, Hill's estimate, its 95 % interval, and the moment estimate.
    pub points: Vec<[f64; 5]>,
}

impl TailPlot {
    /// The plot; nothing with fewer than two points.
    pub fn figure(&self) -> Option<Figure> {
        if self.points.len() < 2 {
            return None;
        }
        let column = |which: usize| self.points.iter().map(move |point| point[which]);
        let against_k = |which: usize| self.points.iter().map(move |point| (point[0], point[which]));
        let band = BandPlot::new(column(0), column(2), column(3)).with_color(PALETTE[0]).with_opacity(0.2);
        let plots = vec![
            band.with_legend("Hill, 95 %").into(),
            line(against_k(1), PALETTE[0], "Hill").into(),
            line(against_k(4), PALETTE[1], "moment").into(),
        ];
        let title = format!("Tail index of {}", self.of);
        let layout = styled(&title, "largest values looked at", "tail index", &plots)
            .with_height(320.0)
            .with_reference_line(at_y(2.0).with_label("variance exists above"));
        let mut grid = Grid::new(title.clone(), &["k", "Hill", "low", "high", "moment"]);
        for point in &self.points {
            grid.row(point.iter().map(|&number| short(number)).collect());
        }
        let (first, last) = (self.points[0], self.points[self.points.len() - 1]);
        let caption =
            "Below 2 the variance does not exist, and squared errors cannot be compared. A falling line is what a \
                       log-normal shows, too."
                .to_owned();
        let alternative = format!(
            "{title}: Hill from {} at {} values to {} at {}.",
            short(first[1]),
            short(first[0]),
            short(last[1]),
            short(last[0])
        );
        Some(Figure { name: "tail", svg: rendered(plots, layout, &alternative), caption, numbers: Some(grid) })
    }
}
