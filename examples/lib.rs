//! Runnable examples, one concept each: `cargo run --release --example NAME`.
//!
//! | Name | What it shows |
//! |---|---|
//! | `01_first_gradient` | a tensor, a formula, its first and second derivative, and how they were derived |
//! | `02_fit_a_line` | gradient descent by hand, then by an optimizer |
//! | `03_your_own_loss` | a loss as its formula; its derivative checked; what it is good for |
//! | `04_digits` | a classifier of handwritten digits, from the file to the accuracy |
//! | `05_convolution` | the digits as pictures: convolution and pooling |
//! | `06_differential_equation` | second derivatives of a network: a differential equation solved without an example of its solution |
//! | `07_newton` | products with the Hessian, the greatest stable learning rate, and Newton's method |
//! | `08_variational_autoencoder` | a model of pictures with its evidence bound: it draws digits and says how likely each is |
//! | `09_gan_with_gradient_penalty` | a generator and its critic; the critic's slope in the loss, differentiated once more |
//! | `10_contrastive_learning` | digits told apart without a label: two views of one picture are drawn together, all others pushed away |
//! | `11_metric_learning` | letters near to their like, also those never seen; which triplets to learn from, and a collapse |
//! | `12_word_vectors` | words as vectors, from the company they keep: embeddings and negative sampling |
//! | `13_language_model` | a transformer learns a grammar by guessing the next letter, and writes |
//! | `14_residual_network` | residual blocks, normalisation over the batch, shifted pictures, one cycle of the learning rate |
//! | `15_rank_lists` | learning to rank: a loss of lists against a loss of items, where lists differ and where they do not |
//! | `16_quantiles_and_counts` | quantile regression with its curves; counts with a logarithmic link |
//! | `17_checkpoint_and_resume` | a run that may be killed at any moment and goes on to the same bits |
//! | `18_custom_optimizer` | a layer and an optimizer of your own |
//!
//! This library holds what is not the point of an example: reading its data.

use std::collections::HashMap;

use minimand::prelude::{Labels, Tensor};

/// 1,797 handwritten digits of 8x8 pixels: the pixels, `[1797, 64]` in 0..=1, and what was meant, 0 to 9.
///
/// The file is compiled into the program; `data/SOURCES.md` says where it is from.
///
/// # Errors
/// When a line of the file does not hold 65 numbers, or its label is no digit.
pub fn digits() -> Result<(Tensor, Labels), Box<dyn std::error::Error>> {
    let file = flate2::read::GzDecoder::new(&include_bytes!("data/digits8x8.csv.gz")[..]);
    let (mut pixels, mut labels) = (Vec::new(), Vec::new());
    for line in csv::Reader::from_reader(file).into_deserialize() {
        let mut line: Vec<f32> = line?;
        labels.push(line.pop().ok_or("a line is empty")?);
        pixels.extend(line.into_iter().map(|pixel| pixel / 16.0));
    }
    let rows = labels.len();
    if pixels.len() != 64 * rows {
        return Err(format!("{} pixels do not make {rows} pictures of 64", pixels.len()).into());
    }
    Ok((Tensor::from_vec(pixels, [rows, 64]), Labels::new(labels, 10)?))
}

/// The columns of a CSV table of `data/`, packed with gzip, by their names: those that are texts are numbered by first appearance.
///
/// # Errors
/// When the table cannot be read, or a line has another number of cells than the first.
pub fn table(packed: &[u8]) -> Result<HashMap<String, Vec<f64>>, Box<dyn std::error::Error>> {
    let mut reader = csv::Reader::from_reader(flate2::read::GzDecoder::new(packed));
    let names: Vec<String> = reader.headers()?.iter().map(str::to_owned).collect();
    let mut columns = vec![Vec::new(); names.len()];
    let mut texts: HashMap<String, f64> = HashMap::new();
    for line in reader.records() {
        for (column, cell) in columns.iter_mut().zip(&line?) {
            let number = texts.len() as f64;
            column.push(cell.parse().unwrap_or_else(|_| *texts.entry(cell.to_owned()).or_insert(number)));
        }
    }
    Ok(names.into_iter().zip(columns).collect())
}

/// A picture of 64 pixels, drawn with characters.
pub fn drawn(pixels: &Tensor) -> String {
    let shade = |pixel: &f64| b" .:-=+*#%@"[(pixel * 9.0).round().clamp(0.0, 9.0) as usize] as char;
    let pixels = pixels.to_vec::<f64>();
    let lines =
        pixels.chunks(8).map(|row| row.iter().flat_map(|pixel| [shade(pixel); 2]).chain(['\n']).collect::<String>());
    lines.map(|line| format!("    {line}")).collect()
}

/// Pictures of 64 pixels each, `[pictures, 64]`, drawn beside each other.
pub fn drawn_in_a_row(pictures: &Tensor) -> String {
    let drawn: Vec<String> = (0..pictures.shape()[0]).map(|row| drawn(&pictures.at(0, row))).collect();
    let line = |line: usize| drawn.iter().filter_map(|picture| picture.lines().nth(line)).collect::<String>();
    (0..8).map(|number| line(number).trim_end().to_owned() + "\n").collect()
}

/// The README's programs, each pasted into `fn main`.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
