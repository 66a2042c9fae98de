//! Exact Euclidean distances of the pixels of a mask.

use minimand_tensor::Tensor;

/// How far each pixel of a mask is from the nearest one of the foreground, and of the background.
///
/// Computed at once, outside of the graph, exactly and in linear time, axis by axis (Felzenszwalb & Huttenlocher 2012).
///
/// ```
/// use minimand_loss::DistanceMap;
/// use minimand_tensor::Tensor;
///
/// let mask = Tensor::from([[[0.0], [1.0], [1.0], [1.0], [0.0], [0.0]]]);
/// let map = DistanceMap::new(&mask);
/// assert_eq!(map.outside().flatten().to_string(), "[1, 0, 0, 0, 1, 2]");
/// assert_eq!(map.inside().flatten().to_string(), "[0, 1, 2, 1, 0, 0]");
/// assert_eq!(map.signed().flatten().to_string(), "[1, 0, -1, 0, 1, 2]");
/// ```
#[derive(Clone, Debug)]
pub struct DistanceMap {
    outside: Vec<f64>,
    inside: Vec<f64>,
    /// Whether the image and class of the pixel has any foreground.
    present: Vec<bool>,
    shape: Vec<usize>,
}

impl DistanceMap {
    /// The distances of a mask of shape `[batch, pixels…, classes]`: foreground where it is above ½. Pixels have the size 1.
    ///
    /// # Panics
    /// When the mask has fewer than three axes.
    #[doc(alias = "distance_transform_edt")]
    #[track_caller]
    pub fn new(mask: &Tensor) -> DistanceMap {
        let shape = mask.shape().to_vec();
        assert!(shape.len() >= 3, "DistanceMap: mask {} must have the axes [batch, pixels…, classes]", mask.shape());
        let foreground: Vec<bool> = mask.to_vec::<f64>().into_iter().map(|value| value > 0.5).collect();
        let to = |wanted: bool| {
            let seeds = foreground.iter().map(|&is| if is == wanted { 0.0 } else { f64::INFINITY }).collect();
            squared_distances(seeds, &shape).into_iter().map(f64::sqrt).collect::<Vec<f64>>()
        };
        let (outside, inside) = (to(true), to(false));
        let present = outside.iter().map(|distance| distance.is_finite()).collect();
        DistanceMap { outside, inside, present, shape }
    }

    fn tensor(&self, of: impl Fn(usize) -> f64) -> Tensor {
        Tensor::from_vec((0..self.outside.len()).map(of).collect::<Vec<f64>>(), self.shape.clone())
    }

    /// To the nearest pixel of the foreground: 0 on it, ∞ where there is none.
    pub fn outside(&self) -> Tensor {
        self.tensor(|at| self.outside[at])
    }

    /// To the nearest pixel of the background: 0 on it, ∞ where there is none.
    pub fn inside(&self) -> Tensor {
        self.tensor(|at| self.inside[at])
    }

    /// To the nearest pixel of the other kind; 0 throughout where an image has only one kind.
    pub fn field(&self) -> Tensor {
        self.tensor(|at| self.finite(at, self.outside[at] + self.inside[at]))
    }

    /// The level set of the outline: the distance outside, 0 on the pixels just inside and less than 0 further in, as
    /// [`boundary`](crate::boundary) takes it; 0 throughout where an image has only one kind of pixel.
    pub fn signed(&self) -> Tensor {
        self.tensor(|at| {
            let (outside, inside) = (self.outside[at], self.inside[at]);
            self.finite(at, if outside > 0.0 { outside } else { 1.0 - inside })
        })
    }

    fn finite(&self, at: usize, distance: f64) -> f64 {
        if self.present[at] && distance.is_finite() { distance } else { 0.0 }
    }
}

/// Squared distances to the nearest seed (0 among ∞), along all axes between the first and the last.
fn squared_distances(mut values: Vec<f64>, shape: &[usize]) -> Vec<f64> {
    for axis in 1..shape.len() - 1 {
        let (size, step) = (shape[axis], shape[axis + 1..].iter().product::<usize>());
        let lines = values.len().checked_div(size).unwrap_or(0);
        for line in 0..lines {
            let start = line / step * step * size + line % step;
            let before: Vec<f64> = (0..size).map(|at| values[start + at * step]).collect();
            for (at, value) in envelope(&before).into_iter().enumerate() {
                values[start + at * step] = value;
            }
        }
    }
    values
}

/// `minⱼ heightⱼ + (i − j)²` for every i: the lower envelope of parabolas.
fn envelope(heights: &[f64]) -> Vec<f64> {
    // The parabolas of the envelope, and where each begins to be the lowest.
    let mut lowest: Vec<(usize, f64)> = Vec::new();
    for (at, &height) in heights.iter().enumerate().filter(|(_, height)| height.is_finite()) {
        let crossing = |other: usize| {
            let (a, b) = (at as f64, other as f64);
            ((height + a * a) - (heights[other] + b * b)) / (2.0 * (a - b))
        };
        while lowest.last().is_some_and(|&(other, start)| crossing(other) <= start) {
            lowest.pop();
        }
        let start = lowest.last().map_or(f64::NEG_INFINITY, |&(other, _)| crossing(other));
        lowest.push((at, start));
    }
    let mut next = 0;
    let value = |at: usize| {
        while lowest.get(next + 1).is_some_and(|&(_, start)| start <= at as f64) {
            next += 1;
        }
        lowest.get(next).map_or(f64::INFINITY, |&(from, _)| heights[from] + (at as f64 - from as f64).powi(2))
    };
    (0..heights.len()).map(value).collect()
}
