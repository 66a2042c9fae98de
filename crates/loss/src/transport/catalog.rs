//! The entries of this family.

use minimand_tensor::{Rng, Tensor};

use super::*;
use crate::catalog::*;

const FIRST: Input = real("first", "[points, dimensions]");
const SECOND: Input = real("second", "[others, dimensions]");

/// Few points, far enough from each other that a small step changes no order along the directions.
fn far_apart(seed: u64) -> Arguments {
    let mut rng = Rng::seed(seed + 3);
    let mut points = |rows: usize| {
        let numbers = (0..2 * rows).map(|_| 4.0 * rng.normal()).collect::<Vec<f64>>();
        Tensor::from_vec(numbers, [rows, 2])
    };
    let (first, second) = (points(3), points(4));
    let directions = Tensor::from([[1.0, 0.3], [-0.2, 1.5]]);
    Arguments::new().tensor("first", first).tensor("second", second).tensor("directions", directions)
}

pub(crate) const ENTRIES: &[Entry] = &[
    Entry {
        name: "maximum_mean_discrepancy",
        rows: &["MMD (RBF multi-kernel, unbiased/biased)"],
        aliases: &[("usual", "MMD")],
        inputs: &[FIRST, SECOND],
        parameters: &[numbers("bandwidths", &[0.5, 1.0, 2.0]), flag("unbiased", false)],
        output: "[]",
        compute: |given| {
            let (first, second) = (given.tensor("first"), given.tensor("second"));
            maximum_mean_discrepancy(first, second, given.numbers("bandwidths"), given.flag("unbiased"))
        },
        ..Entry::of(include_str!("kernel.rs"))
    },
    Entry {
        name: "energy_distance",
        rows: &["Energy distance (multivariate)"],
        aliases: &[("usual", "energy_score")],
        inputs: &[FIRST, SECOND],
        output: "[]",
        compute: |given| energy_distance(given.tensor("first"), given.tensor("second")),
        ..Entry::of(include_str!("energy.rs"))
    },
    Entry {
        name: "sinkhorn_divergence",
        rows: &["Sinkhorn divergence / entropic OT"],
        aliases: &[("geomloss", "SamplesLoss")],
        inputs: &[FIRST, SECOND],
        parameters: &[integer("power", 2, 1), number("blur", 0.05).above(0.0), integer("iterations", 100, 1)],
        output: "[]",
        latex: Some(
            r"\begin{aligned} \ell &= \mathrm{OT}(x, y) - \tfrac{1}{2} \mathrm{OT}(x, x) - \tfrac{1}{2} \mathrm{OT}(y, y) \\ \mathrm{OT}(x, y) &= \min_{P} \sum_{ij} P_{ij} C_{ij} + \varepsilon \, \mathrm{KL}(P \,\|\, \text{uniform}) \end{aligned}",
        ),
        compute: |given| {
            let (power, iterations) = (given.integer("power") as u32, given.integer("iterations"));
            let options = SinkhornOptions { power, blur: given.number("blur"), iterations };
            sinkhorn_divergence(given.tensor("first"), given.tensor("second"), options)
        },
        ..Entry::of(include_str!("sinkhorn.rs"))
    },
    Entry {
        name: "wasserstein_1d",
        rows: &["Wasserstein-1D / sliced Wasserstein"],
        aliases: &[("SciPy", "wasserstein_distance")],
        inputs: &[real("first", "[…, points]"), real("second", "[…, others]")],
        parameters: &[number("power", 1.0).at_least(1.0)],
        output: "[…]",
        latex: Some(r"\ell = \int_0^1 \left|F^{-1}(u) - G^{-1}(u)\right|^{p} \, \mathrm{d}u"),
        compute: |given| wasserstein_1d(given.tensor("first"), given.tensor("second"), given.number("power")),
        ..Entry::of(include_str!("wasserstein.rs"))
    },
    Entry {
        name: "sliced_wasserstein",
        rows: &["Wasserstein-1D / sliced Wasserstein"],
        aliases: &[("usual", "SWD")],
        inputs: &[FIRST, SECOND, real("directions", "[projections, dimensions]")],
        parameters: &[number("power", 2.0).at_least(1.0)],
        output: "[]",
        draw: Some(far_apart),
        latex: Some(
            r"\ell = \frac{1}{|V|} \sum_{v \in V} \int_0^1 \left|F_v^{-1}(u) - G_v^{-1}(u)\right|^{p} \, \mathrm{d}u",
        ),
        compute: |given| {
            let directions: &Tensor = given.tensor("directions");
            sliced_wasserstein(given.tensor("first"), given.tensor("second"), directions, given.number("power"))
        },
        ..Entry::of(include_str!("wasserstein.rs"))
    },
];
