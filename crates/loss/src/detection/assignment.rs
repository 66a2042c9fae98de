//! The cheapest matching of rows and columns.

use minimand_tensor::Tensor;

/// A matching of the rows and columns of a matrix of costs whose sum is least: each row has at most one column and each
/// column at most one row, and as many as possible have one.
///
/// It is found outside of the graph: no gradient passes through it.
///
/// ```
/// use minimand_loss::Assignment;
/// use minimand_tensor::Tensor;
///
/// let cost = Tensor::from([[4.0, 1.0, 3.0], [2.0, 0.0, 5.0]]);
/// let found = Assignment::least(&cost);
/// assert_eq!(found.pairs(), [(0, 1), (1, 0)]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    pairs: Vec<(usize, usize)>,
}

impl Assignment {
    /// The matching of least total cost, by shortest augmenting paths (Jonker & Volgenant 1987; Crouse 2016), in at most
    /// `rows² · columns` steps for rows ≤ columns. Infinite costs forbid a pair unless it cannot be avoided.
    ///
    /// # Panics
    /// When the costs are no matrix, or one is NaN.
    #[doc(alias = "linear_sum_assignment")]
    #[track_caller]
    pub fn least(cost: &Tensor) -> Assignment {
        let shape = cost.shape();
        assert!(cost.rank() == 2, "least: the costs must be a matrix, not {shape}");
        let (rows, columns) = (shape[0], shape[1]);
        let numbers: Vec<f64> = cost.to_vec();
        assert!(numbers.iter().all(|number| !number.is_nan()), "least: a cost is NaN");
        // Infinite costs become so large that avoiding one pays for all others.
        let greatest = numbers.iter().filter(|number| number.is_finite()).fold(1.0f64, |most, x| most.max(x.abs()));
        let bound = 4.0 * greatest * (1 + rows.min(columns)) as f64;
        let at = |row: usize, column: usize| numbers[row * columns + column].clamp(-bound, bound);
        let mut pairs: Vec<(usize, usize)> = if rows <= columns {
            matched(rows, columns, at)
        } else {
            matched(columns, rows, |column, row| at(row, column)).into_iter().map(|(a, b)| (b, a)).collect()
        };
        pairs.sort_unstable();
        Assignment { pairs }
    }

    /// Row and column of each pair, by rows.
    pub fn pairs(&self) -> &[(usize, usize)] {
        &self.pairs
    }

    /// The rows that have a column, in order.
    pub fn rows(&self) -> Vec<usize> {
        self.pairs.iter().map(|(row, _)| *row).collect()
    }

    /// Their columns.
    pub fn columns(&self) -> Vec<usize> {
        self.pairs.iter().map(|(_, column)| *column).collect()
    }
}

/// Matches every row, of which there are no more than columns, one after the other along the path of least cost.
fn matched(rows: usize, columns: usize, cost: impl Fn(usize, usize) -> f64) -> Vec<(usize, usize)> {
    let (mut row_price, mut column_price) = (vec![0.0; rows], vec![0.0; columns]);
    let mut row_of: Vec<Option<usize>> = vec![None; columns];
    for first in 0..rows {
        let mut distance = vec![f64::INFINITY; columns];
        let mut before: Vec<Option<usize>> = vec![None; columns];
        let mut visited = vec![false; columns];
        let (mut row, mut from, mut travelled) = (first, None, 0.0);
        // Dijkstra over columns until one is free.
        let free = loop {
            let mut nearest = None;
            for column in (0..columns).filter(|&column| !visited[column]) {
                let length = travelled + cost(row, column) - row_price[row] - column_price[column];
                if length < distance[column] {
                    (distance[column], before[column]) = (length, from);
                }
                if nearest.is_none_or(|best: usize| distance[column] < distance[best]) {
                    nearest = Some(column);
                }
            }
            let column = nearest.expect("there are no more rows than columns");
            (visited[column], travelled) = (true, distance[column]);
            match row_of[column] {
                None => break column,
                Some(next) => (row, from) = (next, Some(column)),
            }
        };
        row_price[first] += travelled;
        for column in (0..columns).filter(|&column| visited[column] && column != free) {
            let price = travelled - distance[column];
            row_price[row_of[column].expect("it was on a path")] += price;
            column_price[column] -= price;
        }
        let mut column = free;
        while let Some(previous) = before[column] {
            row_of[column] = row_of[previous];
            column = previous;
        }
        row_of[column] = Some(first);
    }
    row_of.iter().enumerate().filter_map(|(column, row)| row.map(|row| (row, column))).collect()
}
