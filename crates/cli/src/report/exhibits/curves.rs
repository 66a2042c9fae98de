//! Two forecasts over all scores at once, and whether a forecast means what it says.

use kuva::plot::BandPlot;

use super::{at_y, dots, line, segment, short};
use crate::page::{Figure, Grid};
use crate::report::plot::{PALETTE, rendered, styled};

/// A table longer than this is thinned.
const MOST_ROWS: usize = 40;

/// The difference of two forecasts' elementary scores over the threshold θ (Ehm, Gneiting, Jordan, Krüger 2016): where the
/// curve is below 0 everywhere, one forecast is better by every consistent score.
#[derive(Debug, Clone, PartialEq)]
pub struct MurphyDifference {
    /// The forecast in question.
    pub name: String,
    /// What it is compared with.
    pub against: String,
    /// The functional.
    pub functional: String,
    /// θ, the mean difference, and its pointwise 95 % band.
    pub points: Vec<[f64; 4]>,
}

impl MurphyDifference {
    /// The plot; nothing with fewer than two points.
    pub fn figure(&self) -> Option<Figure> {
        if self.points.len() < 2 {
            return None;
        }
        let column = |which: usize| self.points.iter().map(move |point| point[which]);
        let band = BandPlot::new(column(0), column(2), column(3)).with_color(PALETTE[0]).with_opacity(0.2);
        let curve = line(self.points.iter().map(|point| (point[0], point[1])), PALETTE[0], &self.name);
        let plots = vec![band.with_legend("95 %, pointwise").into(), curve.into()];
        let title = format!("{} against {}, by every score of the {}", self.name, self.against, self.functional);
        let layout = styled(&title, "threshold θ", "better  <  0  <  worse", &plots).with_reference_line(at_y(0.0));
        let wholly = |better: fn(&[f64; 4]) -> bool| self.points.iter().all(better);
        let said = if wholly(|point| point[3] <= 0.0) {
            "better everywhere"
        } else if wholly(|point| point[2] >= 0.0) {
            "worse everywhere"
        } else {
            "no order that holds for every score"
        };
        let mut grid = Grid::new(title.clone(), &["θ", "difference", "low", "high"]);
        for point in self.points.iter().step_by(self.points.len().div_ceil(MOST_ROWS)) {
            grid.row(point.iter().map(|&number| short(number)).collect());
        }
        let caption = format!("Mean difference of elementary scores at each threshold: {said}.");
        let alternative = format!("{title}: {said}.");
        Some(Figure { name: "murphy", svg: rendered(plots, layout, &alternative), caption, numbers: Some(grid) })
    }
}

/// A reliability curve by isotonic regression (CORP; Dimitriadis, Gneiting, Jordan 2021).
#[derive(Debug, Clone, PartialEq)]
pub struct Reliability {
    /// The forecast.
    pub name: String,
    /// What it forecasts: probability, mean, quantile.
    pub functional: String,
    /// Forecast and what came of it, ascending.
    pub points: Vec<(f64, f64)>,
    /// Miscalibration, discrimination, uncertainty, in the score's unit.
    pub parts: [f64; 3],
    /// The score.
    pub score: String,
    /// How likely such a miscalibration is by chance.
    pub p: f64,
}

impl Reliability {
    /// The plot; nothing without a point.
    pub fn figure(&self) -> Option<Figure> {
        let ends = self.points.iter().flat_map(|&(x, y)| [x, y]).filter(|end| end.is_finite());
        let (low, high) = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), end| (l.min(end), h.max(end)));
        if self.points.is_empty() || low > high {
            return None;
        }
        let plots = vec![
            segment((low, low), (high, high), PALETTE[6], 1.5),
            line(self.points.iter().copied(), PALETTE[0], &self.name).into(),
            dots(self.points.iter().copied(), PALETTE[0], 3.0).into(),
        ];
        let title = format!("Does {} mean what it says?", self.name);
        let layout = styled(&title, &format!("predicted {}", self.functional), "what came", &plots);
        let [miscalibration, discrimination, uncertainty] = self.parts.map(short);
        let caption = format!(
            "On the diagonal a prediction means what it says. {}: miscalibration {miscalibration} (p = {}), discrimination \
             {discrimination}, uncertainty {uncertainty}.",
            self.score,
            short(self.p)
        );
        let mut grid = Grid::new(title.clone(), &["predicted", "what came"]);
        for &(x, y) in self.points.iter().step_by(self.points.len().div_ceil(MOST_ROWS)) {
            grid.row(vec![short(x), short(y)]);
        }
        let alternative = format!("{title} {caption}");
        Some(Figure { name: "reliability", svg: rendered(plots, layout, &alternative), caption, numbers: Some(grid) })
    }
}
