//! Who drives the training: the share of the gradient by decile of the target, and the loudest rows.

use super::short;
use crate::page::{Figure, Grid};
use crate::report::plot::{Axes, Scale, bars};

/// A row that the loss listens to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LoudRow {
    /// Its number in the file, from 1, the header not counted.
    pub row: usize,
    /// Its target.
    pub target: f64,
    /// Its prediction.
    pub prediction: f64,
    /// Its share of Σ |∂loss/∂prediction|.
    pub share: f64,
}

/// The shares of several losses.
#[derive(Debug, Clone, PartialEq)]
pub struct GradientShare {
    /// A loss and its share for each tenth of the rows, by rising target.
    pub losses: Vec<(String, Vec<f64>)>,
    /// The loudest rows under the advised loss.
    pub loudest: Vec<LoudRow>,
}

impl GradientShare {
    /// The plot; nothing without a loss.
    pub fn figure(&self) -> Option<Figure> {
        let tenths = self.losses.first()?.1.len();
        let groups: Vec<String> = (1..=tenths).map(|tenth| tenth.to_string()).collect();
        let axes = Axes {
            title: "Who drives the training".into(),
            x: "tenth of the rows, by rising target".into(),
            y: "share of the gradient".into(),
            scale: Scale::Percent,
        };
        let mut header = vec!["loss"];
        header.extend(groups.iter().map(String::as_str));
        let mut grid = Grid::new("Share of the gradient by tenth of the target", &header);
        for (name, shares) in &self.losses {
            grid.row(std::iter::once(name.clone()).chain(shares.iter().map(|&share| short(share))).collect());
        }
        let caption =
            "Share of Σ |∂loss/∂prediction| over the training rows at the fitted model. Even: 10 % each.".into();
        Some(Figure { name: "gradient", svg: bars(&axes, &groups, &self.losses), caption, numbers: Some(grid) })
    }

    /// The loudest rows as a table; nothing if none are given.
    pub fn rows(&self) -> Option<Grid> {
        let mut grid = Grid::new(
            "The loudest rows under the advised loss",
            &["row", "target", "predicted", "share of the gradient"],
        );
        for loud in &self.loudest {
            grid.row(vec![loud.row.to_string(), short(loud.target), short(loud.prediction), short(loud.share)]);
        }
        (!self.loudest.is_empty()).then_some(grid)
    }
}
