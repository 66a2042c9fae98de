//! The table of a model, and what is frozen in it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use minimand_nn::{
    Activation, Buffer, Conv2d, Dropout, Flatten, Function, Linear, MaxPool2d, Mlp, MlpOptions, Module, ParameterCount,
    ParameterOptions, Parts, Role, Sequential,
};
use minimand_tensor::{DType, Parameter, Rng, Tensor};

/// A module as a user writes one: a parameter and buffers of its own, an inner model twice, a tied weight.
struct Twin {
    scale: Parameter,
    mean: Buffer,
    count: Buffer,
    tower: Arc<Sequential>,
    head: Box<dyn Module>,
}

impl Module for Twin {
    fn forward(&self, input: &Tensor) -> Tensor {
        self.count.update(&(self.count.value() + 1));
        let [left, right] = [input, &(-input)].map(|input| self.tower.forward(input));
        self.head.forward(&(self.scale.value() * (left - right) + self.mean.value()))
    }
    fn parts<'a>(&'a self, parts: &mut Parts<'a>) {
        parts.parameter("scale", &self.scale).buffer("mean", &self.mean).buffer("count", &self.count);
        parts.module("left", &self.tower).module("right", &self.tower).module("head", &self.head);
        parts.parameter("again", &self.scale);
    }
}

fn twin() -> Twin {
    let rng = &mut Rng::seed(1);
    let tower = Sequential::new()
        .then(Conv2d::new(1, 4, [3, 3], rng))
        .then(Activation::Relu)
        .then(MaxPool2d::new([2, 2]))
        .then(Flatten)
        .then(Dropout::new(0.5, rng))
        .then(Linear::new(36, 5000, rng));
    let options = ParameterOptions { dtype: DType::F64, ..Default::default() };
    Twin {
        scale: Parameter::new("scale", Tensor::ones([])),
        mean: Buffer::new("mean", Tensor::zeros([5000])),
        count: Buffer::new("count", Tensor::from(0i64)),
        tower: Arc::new(tower),
        head: Box::new((Linear::with_options(5000, 2, options, rng), Function(|x: &Tensor| x.exp()))),
    }
}

#[test]
fn the_table_of_a_model_of_ones_own() {
    let model = twin();
    model.freeze("left.5");
    model.head.eval();
    let x = Tensor::zeros([7, 1, 8, 8]);
    let summary = model.summary_for(&x);
    let expected = "\
Module              Shape           Count  Output
Twin                                       [7, 2]
  scale             []                  1
  mean              [5000]          5,000  buffer
  count             i64[]               1  buffer
  again             []                  0  = scale
left Sequential                            [7, 5000]
left.0 Conv2d                              [7, 4, 6, 6]
  weight            [4, 1, 3, 3]       36
  bias              [4]                 4
left.1 Activation                          [7, 4, 6, 6]
left.2 MaxPool2d                           [7, 4, 3, 3]
left.3 Flatten                             [7, 36]
left.4 Dropout                             [7, 36]
left.5 Linear                              [7, 5000]
  weight            [5000, 36]    180,000  frozen
  bias              [5000]          5,000  frozen
right Sequential                           [7, 5000]
right.0 Conv2d                             [7, 4, 6, 6]
  weight            [4, 1, 3, 3]        0  = left.0.weight
  bias              [4]                 0  = left.0.bias
right.1 Activation                         [7, 4, 6, 6]
right.2 MaxPool2d                          [7, 4, 3, 3]
right.3 Flatten                            [7, 36]
right.4 Dropout                            [7, 36]
right.5 Linear                             [7, 5000]
  weight            [5000, 36]          0  = left.5.weight
  bias              [5000]              0  = left.5.bias
head tuple                                 [7, 2]
head.0 Linear                              [7, 2]
  weight            f64[2, 5000]   10,000
  bias              f64[2]              2
head.1 Function                            [7, 2]
195,043 parameters (185,000 frozen), 5,001 in buffers, 840.2 kB";
    assert_eq!(summary.to_string(), expected);
    assert!(expected.lines().all(|line| line.chars().count() <= 80));
    let bytes = 4 * (1 + 5000 + 40 + 185_000) + 8 + 8 * 10_002;
    assert_eq!(model.parameter_count(), ParameterCount { total: 195_043, trained: 10_043, buffers: 5001, bytes });
    assert_eq!(summary.modules[0].values[3].role, Role::Tied("scale".into()));
    let without = model.summary();
    assert!(without.modules.iter().all(|module| module.output.is_none()));
    assert_eq!(without.count, summary.count);
}

/// A summary draws no mask, computes nothing, and leaves every mode as it was.
#[test]
fn making_a_summary_changes_nothing() {
    let options = || MlpOptions { dropout: 0.5, ..Default::default() };
    let model = |seed| Mlp::with_options([3, 64, 3], options(), &mut Rng::seed(seed));
    let (seen, unseen) = ((model(1), model(2)), (model(1), model(2)));
    let x = Tensor::normal([4, 3], &mut Rng::seed(3));
    seen.0.eval();
    unseen.0.eval();
    let summary = seen.summary_for(&Tensor::zeros([9, 3]));
    assert_eq!(summary.modules[1].output.as_ref().unwrap().sizes(), [9, 3]);
    let outputs = |(first, second): &(Mlp, Mlp)| [first, second].map(|model| model.forward(&x).to_vec::<f32>());
    assert_eq!(outputs(&seen), outputs(&unseen));
    assert_eq!(outputs(&seen), outputs(&unseen));
    let [_, first] = outputs(&seen);
    assert_ne!(outputs(&seen)[1], first, "still in training");

    // Nor is anything left of one that panics.
    let failed = catch_unwind(AssertUnwindSafe(|| seen.summary_for(&Tensor::zeros([9, 4]))));
    assert!(failed.is_err());
    assert_ne!(outputs(&seen)[1], outputs(&seen)[1], "still in training");
    assert!(seen.summary().modules[0].output.is_none());
}

#[test]
fn a_part_is_frozen_by_its_path_and_paths_are_whole_names() {
    let mut rng = Rng::seed(1);
    let model = (0..12).fold(Sequential::new(), |model, _| model.then(Linear::new(2, 2, &mut rng)));
    let frozen = || {
        let named = model.named_parameters().into_iter();
        named.filter(|(_, parameter)| parameter.is_frozen()).map(|(path, _)| path).collect::<Vec<_>>()
    };
    model.freeze("1");
    assert_eq!(frozen(), ["1.weight", "1.bias"], "not 10 and 11");
    model.freeze("11.bias");
    model.unfreeze("1.bias");
    assert_eq!(frozen(), ["1.weight", "11.bias"]);
    assert!(model.clone().parameters()[2].is_frozen(), "a copy is frozen where the original is");
    model.freeze("");
    assert_eq!((frozen().len(), model.parameter_count().trained), (24, 0));
    model.unfreeze("");
    assert_eq!(frozen().len(), 0);
    let message = |run: &dyn Fn()| *catch_unwind(AssertUnwindSafe(run)).unwrap_err().downcast::<String>().unwrap();
    assert_eq!(message(&|| model.freeze("12")), "freeze: the model has no parameter at or below 12");
    assert_eq!(message(&|| model.unfreeze("1.weigh")), "unfreeze: the model has no parameter at or below 1.weigh");
    Activation::Relu.freeze("");
}
