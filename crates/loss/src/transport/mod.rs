//! Distances of samples from two distributions: kernels, energy, optimal transport.

pub(crate) mod catalog;
mod energy;
mod kernel;
mod sinkhorn;
mod wasserstein;

use minimand_tensor::Tensor;

pub use energy::energy_distance;
pub use kernel::maximum_mean_discrepancy;
pub use sinkhorn::{SinkhornOptions, sinkhorn_divergence};
pub use wasserstein::{sliced_wasserstein, wasserstein_1d};

/// Panics unless both are samples of points with the same number of coordinates.
#[track_caller]
fn check_points(loss: &str, first: &Tensor, second: &Tensor) {
    for (name, points) in [("first", first), ("second", second)] {
        let fits = points.rank() == 2 && points.shape()[0] > 0;
        assert!(fits, "{loss}: {name} {} must be [points, dimensions], with a point at least", points.shape());
    }
    assert!(
        first.shape()[1] == second.shape()[1],
        "{loss}: first {} and second {} must have the same number of dimensions",
        first.shape(),
        second.shape()
    );
}
