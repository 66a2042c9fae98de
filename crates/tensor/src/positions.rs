//! The one argument type of everything that picks entries by their position.

use crate::tensor::Tensor;
use minimand_engine::DType;

/// Positions along an axis, counted from 0: a `usize`, an array, slice or vector of them, or a tensor of `i64`.
///
/// Every operation that takes positions takes `impl Into<Index>`:
///
/// ```
/// use minimand_tensor::{Rng, Tensor};
///
/// let x = Tensor::from([10.0, 20.0, 30.0]);
/// assert_eq!(x.index_select(0, 2).to_string(), "30");
/// assert_eq!(x.index_select(0, [2, 0]).to_string(), "[30, 10]");
/// assert_eq!(x.index_select(0, x.argsort_descending(0)).to_string(), "[30, 20, 10]");
/// let order: Vec<usize> = Rng::seed(7).permutation(3);
/// assert_eq!(x.index_select(0, &order).sum().item(), 60.0);
/// ```
#[derive(Clone, Debug)]
pub struct Index(Positions);

#[derive(Clone, Debug)]
enum Positions {
    /// One, known before anything is computed.
    One(usize),
    /// As many as a tensor has entries.
    Tensor(Tensor),
}

impl Index {
    /// The position, if it is a single one that is known already.
    pub(crate) fn known(&self) -> Option<usize> {
        match self.0 {
            Positions::One(position) => Some(position),
            Positions::Tensor(_) => None,
        }
    }

    /// The positions as a tensor of i64: without axes for a single one, with one axis for a list.
    ///
    /// # Panics
    /// When a position is beyond the range of i64.
    #[track_caller]
    pub fn tensor(&self) -> Tensor {
        match &self.0 {
            Positions::One(position) => Tensor::scalar(whole(*position)),
            Positions::Tensor(tensor) => tensor.clone(),
        }
    }

    /// The same, for an operation that names itself in its messages.
    #[track_caller]
    pub(crate) fn tensor_for(&self, operation: &str) -> Tensor {
        let tensor = self.tensor();
        assert!(tensor.dtype() == DType::I64, "{operation}: the index must be i64, not {}", tensor.dtype());
        tensor
    }
}

#[track_caller]
fn whole(position: usize) -> i64 {
    let Ok(whole) = i64::try_from(position) else { panic!("index: position {position} is beyond the range of i64") };
    whole
}

macro_rules! index_from {
    ($([$($parameters:tt)*] $type:ty: $positions:ident => $index:expr;)*) => {$(
        impl<$($parameters)*> From<$type> for Index {
            #[track_caller]
            fn from($positions: $type) -> Index {
                $index
            }
        }
    )*};
}
index_from! {
    [] usize: position => Index(Positions::One(position));
    [] Tensor: positions => Index(Positions::Tensor(positions));
    [] &Tensor: positions => Index::from(positions.clone());
    [] &[usize]: positions => {
        let mut whole_positions = Vec::with_capacity(positions.len());
        for &position in positions {
            whole_positions.push(whole(position));
        }
        Index::from(Tensor::from(whole_positions))
    };
    [] Vec<usize>: positions => Index::from(&positions[..]);
    [] &Vec<usize>: positions => Index::from(&positions[..]);
    [const N: usize] [usize; N]: positions => Index::from(&positions[..]);
    [const N: usize] &[usize; N]: positions => Index::from(&positions[..]);
}
