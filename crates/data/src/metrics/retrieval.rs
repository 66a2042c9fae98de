//! Whether the nearest neighbours of an embedding are of its class.

use super::{MetricError, check};

/// How near two embeddings are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Nearness {
    /// By their Euclidean distance.
    #[default]
    Euclidean,
    /// By the cosine of the angle between them.
    Cosine,
}

/// The neighbours of every embedding among all others, looked at once for all figures.
///
/// Equal distances never flatter: embeddings of other classes come first, so a collapsed space gets nothing. A row whose class has no other
/// row can find nothing and does not count.
///
/// ```
/// use minimand_data::metrics::{Nearness, Retrieval};
///
/// let embeddings = [0.0, 0.1, 0.4, 1.0, 1.1]; // five, of one dimension
/// let retrieval = Retrieval::of(&embeddings, &[0, 0, 1, 1, 1], 1, Nearness::Euclidean)?;
/// assert_eq!(retrieval.recall_at(1), 0.8); // 0.4 is nearer to 0.1
/// assert_eq!(retrieval.r_precision(), (1.0 + 1.0 + 0.0 + 1.0 + 1.0) / 5.0);
/// # Ok::<(), minimand_data::metrics::MetricError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Retrieval {
    queries: Vec<Query>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Query {
    /// The place of the nearest of the same class, from 1.
    first: usize,
    r_precision: f64,
    average_precision_at_r: f64,
}

impl Retrieval {
    /// Looks for the neighbours; `embeddings` is row after row, `dimensions` numbers for each label.
    ///
    /// Takes rows² · dimensions operations.
    ///
    /// # Errors
    /// When there are no rows, not `dimensions` numbers for each, one is not finite, no class has two rows; for cosines when all numbers of a
    /// row are 0.
    pub fn of(
        embeddings: &[f64],
        labels: &[usize],
        dimensions: usize,
        nearness: Nearness,
    ) -> Result<Self, MetricError> {
        let metric = "retrieval";
        check::parameter(metric, "dimensions", dimensions as f64, "1 or more", dimensions > 0)?;
        let names = ["rows times dimensions", "embeddings"];
        if embeddings.len() != labels.len() * dimensions {
            return Err(MetricError::Lengths { metric, names, lengths: [labels.len() * dimensions, embeddings.len()] });
        }
        check::rows(metric, ["labels", "labels"], labels, labels)?;
        check::finite(metric, "embedding", embeddings)?;
        let mut points = embeddings.to_vec();
        if nearness == Nearness::Cosine {
            let norms: Vec<f64> = points.chunks_exact(dimensions).map(norm).collect();
            check::values(metric, "the norm of embedding", &norms, "above 0 and finite", |norm| {
                norm > 0.0 && norm.is_finite()
            })?;
            points
                .chunks_exact_mut(dimensions)
                .zip(norms)
                .for_each(|(row, norm)| row.iter_mut().for_each(|x| *x /= norm));
        }
        let query = |row: usize| {
            let others = labels.iter().enumerate().filter(|&(other, label)| other != row && *label == labels[row]);
            let same_class = others.count();
            (same_class > 0).then(|| Query::of(row, &points, labels, dimensions, same_class))
        };
        let queries: Vec<Query> = (0..labels.len()).filter_map(query).collect();
        check::defined(metric, !queries.is_empty(), "no class has two rows")?;
        Ok(Self { queries })
    }

    fn mean(&self, figure: impl Fn(&Query) -> f64) -> f64 {
        self.queries.iter().map(figure).sum::<f64>() / self.queries.len() as f64
    }

    /// How many rows count.
    pub fn queries(&self) -> usize {
        self.queries.len()
    }

    /// Share of the rows that have one of their class among their `at` nearest: recall@k of the literature on embeddings (Jégou et al. 2011).
    #[doc(alias = "precision_at_1")]
    pub fn recall_at(&self, at: usize) -> f64 {
        self.mean(|query| f64::from(u8::from(query.first <= at)))
    }

    /// Mean of 1 / place of the nearest of the same class.
    pub fn mean_reciprocal_rank(&self) -> f64 {
        self.mean(|query| 1.0 / query.first as f64)
    }

    /// Mean share of the own class among the R nearest, R being how many others the class has.
    pub fn r_precision(&self) -> f64 {
        self.mean(|query| query.r_precision)
    }

    /// MAP@R (Musgrave, Belongie & Lim 2020, equations 2 and 3): mean of 1/R Σ precision at the places of the own class among the R nearest.
    /// Unlike [`r_precision`](Self::r_precision) it also sees their order.
    #[doc(alias = "mean_average_precision_at_r")]
    pub fn map_at_r(&self) -> f64 {
        self.mean(|query| query.average_precision_at_r)
    }
}

fn norm(row: &[f64]) -> f64 {
    row.iter().map(|x| x * x).sum::<f64>().sqrt()
}

impl Query {
    fn of(row: usize, points: &[f64], labels: &[usize], dimensions: usize, same_class: usize) -> Query {
        let point = |row: usize| &points[row * dimensions..(row + 1) * dimensions];
        let distance = |other: usize| point(row).iter().zip(point(other)).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
        // Distances are not negative, so their bits are in their order: above the last bit, which tells the own class and puts the others
        // first of equally near ones. Whole numbers are quickly sorted.
        let key = |other: usize| distance(other).to_bits() << 1 | u64::from(labels[other] == labels[row]);
        let own = |key: u64| key & 1 == 1;
        let mut others: Vec<u64> = (0..labels.len()).filter(|&other| other != row).map(key).collect();
        let nearest_own = others.iter().copied().filter(|&key| own(key)).min().expect("one is of the same class");
        let first = 1 + others.iter().filter(|&&key| !own(key) && key < nearest_own).count();
        others.select_nth_unstable(same_class - 1);
        let nearest = &mut others[..same_class];
        nearest.sort_unstable();
        let (mut found, mut precisions) = (0, 0.0);
        for (place, &key) in nearest.iter().enumerate() {
            if own(key) {
                found += 1;
                precisions += f64::from(found) / (place + 1) as f64;
            }
        }
        let of_all = same_class as f64;
        Query { first, r_precision: f64::from(found) / of_all, average_precision_at_r: precisions / of_all }
    }
}
