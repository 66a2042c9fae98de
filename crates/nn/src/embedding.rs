//! Rows of a table that are picked by number and trained: words, products, persons as vectors.

use minimand_tensor::{DType, Parameter, Rng, Shape, Tensor};

use crate::initializer::Initializer;
use crate::module::{Module, Parts};
use crate::summary::noted;

/// What may be chosen in an [`Embedding`] or an [`EmbeddingBag`].
///
/// ```
/// use minimand_nn::{Embedding, EmbeddingOptions};
/// use minimand_tensor::Rng;
///
/// let options = EmbeddingOptions { padding: Some(0), ..Default::default() };
/// let words = Embedding::with_options(5, 3, options, &mut Rng::seed(7));
/// assert_eq!(words.weight().value().at(0, 0).to_string(), "[0, 0, 0]");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct EmbeddingOptions {
    /// The row that stands for nothing, where lists are filled up to one length: it begins as zeros and gets no gradient. Default: none.
    #[doc(alias = "padding_idx")]
    pub padding: Option<usize>,
    /// How the table is drawn. Default: PyTorch's, standard normal.
    pub weight_initializer: Initializer,
    /// Element type of the table, f32 or f64.
    pub dtype: DType,
    /// Written before the name of the table in messages: `words` makes `words.weight`.
    pub name: String,
}

impl Default for EmbeddingOptions {
    fn default() -> EmbeddingOptions {
        let weight_initializer = Initializer::Normal { deviation: 1.0 };
        EmbeddingOptions { padding: None, weight_initializer, dtype: DType::F32, name: String::new() }
    }
}

/// A table of vectors, and the layer that picks its rows: numbers (i64) of any shape `[…]` become `[…, size]`.
///
/// The weight is `[count, size]`. That is PyTorch's layout, so its checkpoints fit. A step of an optimizer touches the whole table; for very large
/// ones there is [`RowTable`](crate::RowTable).
///
/// ```
/// use minimand_nn::{Embedding, Module};
/// use minimand_tensor::{Rng, Tensor};
///
/// let words = Embedding::new(3, 2, &mut Rng::seed(7));
/// words.weight().set(Tensor::from([[0.0f32, 0.5], [1.0, 1.5], [2.0, 2.5]]));
/// let sentence = Tensor::from([2i64, 0, 2]);
/// let rows = words.forward(&sentence);
/// assert_eq!(rows.to_string(), "[[2, 2.5],\n [0, 0.5],\n [2, 2.5]]");
/// // A row has a gradient as often as it was picked.
/// assert_eq!(rows.sum().grad(&words.weight().value()).to_string(), "[[1, 1],\n [0, 0],\n [2, 2]]");
/// ```
#[derive(Debug)]
pub struct Embedding {
    weight: Parameter,
    padding: Option<usize>,
}

impl Embedding {
    /// A table of `count` rows with `size` entries, f32, standard normal.
    ///
    /// # Panics
    /// When `count` or `size` is 0.
    #[track_caller]
    pub fn new(count: usize, size: usize, rng: &mut Rng) -> Embedding {
        Embedding::with_options(count, size, EmbeddingOptions::default(), rng)
    }

    /// A table with everything chosen.
    ///
    /// # Panics
    /// As [`new`](Embedding::new); when the padding is no row of the table; when `dtype` is no floating-point type.
    #[track_caller]
    pub fn with_options(count: usize, size: usize, options: EmbeddingOptions, rng: &mut Rng) -> Embedding {
        let EmbeddingOptions { padding, weight_initializer, dtype, name } = options;
        assert!(count > 0 && size > 0, "embedding: a table of {count} rows with {size} entries");
        let mut weight = weight_initializer.draw_for(Shape::from([count, size]), (size, count), dtype, rng);
        if let Some(padding) = padding {
            assert!(padding < count, "embedding: the padding {padding} is no row of a table of {count}");
            weight = Tensor::iota(count).eq(padding).unsqueeze(-1).select(0, weight);
        }
        let name = if name.is_empty() { "weight".to_owned() } else { format!("{name}.weight") };
        Embedding { weight: Parameter::new(name, weight), padding }
    }

    /// The table, `[count, size]`.
    pub fn weight(&self) -> &Parameter {
        &self.weight
    }

    /// Number of rows.
    pub fn count(&self) -> usize {
        self.weight.value().shape()[0]
    }

    /// Number of entries of a row.
    pub fn size(&self) -> usize {
        self.weight.value().shape()[1]
    }

    /// The row that stands for nothing, if there is one.
    pub fn padding(&self) -> Option<usize> {
        self.padding
    }
}

impl Clone for Embedding {
    /// An independent copy: the table of one can be trained without changing the other's.
    fn clone(&self) -> Embedding {
        Embedding { weight: self.weight.copied(), padding: self.padding }
    }
}

impl Module for Embedding {
    /// # Panics
    /// When the input is not i64; when the output is computed, if a number is no row of the table.
    #[track_caller]
    fn forward(&self, input: &Tensor) -> Tensor {
        assert!(
            input.dtype() == DType::I64,
            "embedding: input {}{} must be i64, numbers of rows",
            input.dtype(),
            input.shape()
        );
        let rows = self.weight.value().index_select(0, input);
        let output = match self.padding {
            Some(padding) => input.eq(padding).unsqueeze(-1).select(rows.detach(), rows),
            None => rows,
        };
        noted(self, output)
    }

    fn parts<'a>(&'a self, parts: &mut Parts<'a>) {
        parts.parameter("weight", &self.weight);
    }

    fn clone_boxed(&self) -> Option<Box<dyn Module>> {
        Some(Box::new(self.clone()))
    }
}

/// How an [`EmbeddingBag`] makes one row of several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BagReduction {
    /// Their sum.
    Sum,
    /// Their mean.
    #[default]
    Mean,
    /// The greatest of each entry. Rows that tie share the gradient evenly, as in [`Tensor::max`].
    Max,
}

/// An [`Embedding`] for unordered lists: numbers (i64) `[…, length]` become one row for each list, `[…, size]`.
///
/// Lists of different lengths are filled up with the [padding](EmbeddingOptions::padding), which is left out: a mean is over what is not
/// padding, and a list of nothing else becomes zeros.
///
/// ```
/// use minimand_nn::{BagReduction, EmbeddingBag, EmbeddingOptions, Module};
/// use minimand_tensor::{Rng, Tensor};
///
/// let options = EmbeddingOptions { padding: Some(0), ..Default::default() };
/// let bag = EmbeddingBag::new(3, 2, BagReduction::Mean, options, &mut Rng::seed(7));
/// bag.weight().set(Tensor::from([[0.0f32, 0.0], [1.0, 1.5], [2.0, 2.5]]));
/// let lists = Tensor::from([[1i64, 2], [2, 0], [0, 0]]);
/// assert_eq!(bag.forward(&lists).to_string(), "[[1.5, 2],\n [2, 2.5],\n [0, 0]]");
/// ```
#[derive(Clone, Debug)]
pub struct EmbeddingBag {
    rows: Embedding,
    reduction: BagReduction,
}

impl EmbeddingBag {
    /// A table of `count` rows with `size` entries.
    ///
    /// # Panics
    /// As [`Embedding::with_options`].
    #[track_caller]
    pub fn new(
        count: usize,
        size: usize,
        reduction: BagReduction,
        options: EmbeddingOptions,
        rng: &mut Rng,
    ) -> EmbeddingBag {
        EmbeddingBag { rows: Embedding::with_options(count, size, options, rng), reduction }
    }

    /// The table, `[count, size]`.
    pub fn weight(&self) -> &Parameter {
        &self.rows.weight
    }

    /// One row for each list.
    #[track_caller]
    fn reduce(&self, input: &Tensor) -> Tensor {
        let rows = self.rows.forward(input);
        let length = input.shape()[input.rank() - 1];
        if length == 0 {
            return rows.sum_axis(-2);
        }
        let Some(padding) = self.rows.padding else {
            return match self.reduction {
                BagReduction::Sum => rows.sum_axis(-2),
                BagReduction::Mean => rows.mean_axis(-2),
                BagReduction::Max => rows.max_axis(-2),
            };
        };
        let counts = input.ne(padding).unsqueeze(-1);
        let sum = || counts.select(&rows, 0).sum_axis(-2);
        let number = counts.cast(rows.dtype()).sum_axis(-2);
        match self.reduction {
            BagReduction::Sum => sum(),
            BagReduction::Mean => sum() / number.clamp_min(1),
            BagReduction::Max => number.eq(0).select(0, counts.select(&rows, f64::NEG_INFINITY).max_axis(-2)),
        }
    }
}

impl Module for EmbeddingBag {
    /// # Panics
    /// When the input is not i64 or a scalar; when the output is computed, if a number is no row of the table.
    #[track_caller]
    fn forward(&self, input: &Tensor) -> Tensor {
        assert!(input.rank() > 0, "embedding_bag: input {} must be […, length]", input.shape());
        noted(self, self.reduce(input))
    }

    fn parts<'a>(&'a self, parts: &mut Parts<'a>) {
        self.rows.parts(parts);
    }

    fn clone_boxed(&self) -> Option<Box<dyn Module>> {
        Some(Box::new(self.clone()))
    }
}
