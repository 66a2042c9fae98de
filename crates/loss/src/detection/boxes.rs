//! Bounding boxes: validated once, where they enter the program.

use minimand_tensor::Tensor;
use thiserror::Error;

/// Boxes with left ≤ right and top ≤ bottom, all finite.
///
/// Boxes come from outside, so making them returns a `Result`; the losses take their [`tensor`](Boxes::tensor).
///
/// ```
/// use minimand_loss::{BoxError, Boxes};
///
/// let boxes = Boxes::from_centers([[5.0, 5.0, 4.0, 2.0]])?;
/// assert_eq!(boxes.tensor().to_string(), "[[3, 4, 7, 6]]");
/// let error = Boxes::new([[0.0, 0.0, 1.0, 1.0], [3.0, 0.0, 2.0, 1.0]]).unwrap_err();
/// assert_eq!(error.to_string(), "the box in row 1 has its right edge, 2, before its left edge, 3");
/// # Ok::<(), BoxError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Boxes {
    edges: Tensor,
}

/// Why numbers are no boxes. Rows count from 0.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum BoxError {
    /// An infinity or NaN.
    #[error("the box in row {row} has {value} as its {edge}, which is not finite")]
    NotFinite {
        /// Where it stands.
        row: usize,
        /// Which of its four numbers.
        edge: &'static str,
        /// The number found.
        value: f64,
    },
    /// The right edge before the left, or the bottom before the top.
    #[error("the box in row {row} has its {second} edge, {end}, before its {first} edge, {start}")]
    Reversed {
        /// Where it stands.
        row: usize,
        /// The edge that belongs first.
        first: &'static str,
        /// Where that one is.
        start: f64,
        /// The edge that belongs second.
        second: &'static str,
        /// Where that one is.
        end: f64,
    },
    /// A width or height below 0.
    #[error("the box in row {row} has the {side} {value}, which is below 0")]
    Negative {
        /// Where it stands.
        row: usize,
        /// Width or height.
        side: &'static str,
        /// The number found.
        value: f64,
    },
}

fn finite(row: usize, numbers: [f64; 4], names: [&'static str; 4]) -> Result<(), BoxError> {
    match numbers.iter().position(|number| !number.is_finite()) {
        Some(at) => Err(BoxError::NotFinite { row, edge: names[at], value: numbers[at] }),
        None => Ok(()),
    }
}

impl Boxes {
    /// Boxes from their edges: left, top, right, bottom.
    ///
    /// # Errors
    /// Names the first row that is no box, and why.
    pub fn new(rows: impl AsRef<[[f64; 4]]>) -> Result<Boxes, BoxError> {
        let rows = rows.as_ref();
        for (row, &edges) in rows.iter().enumerate() {
            finite(row, edges, ["left", "top", "right", "bottom"])?;
            let [left, top, right, bottom] = edges;
            for (first, start, second, end) in [("left", left, "right", right), ("top", top, "bottom", bottom)] {
                if end < start {
                    return Err(BoxError::Reversed { row, first, start, second, end });
                }
            }
        }
        Ok(Boxes { edges: Tensor::from_vec(rows.concat(), [rows.len(), 4]) })
    }

    /// Boxes from the corner at left and top, width and height, as COCO has them.
    ///
    /// # Errors
    /// As [`new`](Boxes::new).
    pub fn from_sizes(rows: impl AsRef<[[f64; 4]]>) -> Result<Boxes, BoxError> {
        Boxes::sized(rows.as_ref(), ["left", "top", "width", "height"], 0.0)
    }

    /// Boxes from their centre (x and y), width and height, as YOLO and DETR have them.
    ///
    /// # Errors
    /// As [`new`](Boxes::new).
    pub fn from_centers(rows: impl AsRef<[[f64; 4]]>) -> Result<Boxes, BoxError> {
        Boxes::sized(rows.as_ref(), ["x", "y", "width", "height"], 0.5)
    }

    fn sized(rows: &[[f64; 4]], names: [&'static str; 4], before: f64) -> Result<Boxes, BoxError> {
        for (row, &numbers) in rows.iter().enumerate() {
            finite(row, numbers, names)?;
            if let Some(at) = (2..4).find(|&at| numbers[at] < 0.0) {
                return Err(BoxError::Negative { row, side: names[at], value: numbers[at] });
            }
        }
        let edges = |&[x, y, width, height]: &[f64; 4]| {
            let (left, top) = (x - before * width, y - before * height);
            [left, top, left + width, top + height]
        };
        Boxes::new(rows.iter().map(edges).collect::<Vec<_>>())
    }

    /// The boxes as a tensor of shape `[boxes, 4]`, f64: left, top, right, bottom.
    pub fn tensor(&self) -> &Tensor {
        &self.edges
    }

    /// Number of boxes.
    pub fn len(&self) -> usize {
        self.edges.shape()[0]
    }

    /// Whether there is no box.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
