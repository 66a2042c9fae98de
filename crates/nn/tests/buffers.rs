//! Buffers: when an update is computed, how often, in plain and in traced steps; their names, copies and checkpoints.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use approx::assert_abs_diff_eq;
use minimand_nn::{Activation, Buffer, Checkpoint, Linear, Mode, Module, Parts, Sequential};
use minimand_optim::{CompiledStep, Optimizer, Sgd, SgdOptions};
use minimand_tensor::{Rng, Tensor, compile, explain_plan};

/// Normalises columns: by the batch's statistics in training, by running ones in evaluation. It also counts.
struct Normalise {
    mean: Buffer,
    variance: Buffer,
    batches: Buffer,
    mode: Mode,
}

impl Normalise {
    fn new(columns: usize) -> Normalise {
        Normalise {
            mean: Buffer::new("mean", Tensor::zeros([columns])),
            variance: Buffer::new("variance", Tensor::ones([columns])),
            batches: Buffer::new("batches", Tensor::from(0i64)),
            mode: Mode::default(),
        }
    }
}

impl Clone for Normalise {
    fn clone(&self) -> Normalise {
        Normalise {
            mean: self.mean.copied(),
            variance: self.variance.copied(),
            batches: self.batches.copied(),
            mode: self.mode.clone(),
        }
    }
}

impl Module for Normalise {
    fn forward(&self, input: &Tensor) -> Tensor {
        let (mean, variance) = if self.mode.is_training() {
            let (mean, variance) = (input.mean_axis(0), input.var_axis(0, 0));
            self.mean.update(&(0.9 * self.mean.value() + 0.1 * &mean));
            self.variance.update(&(0.9 * self.variance.value() + 0.1 * &variance));
            self.batches.update(&(self.batches.value() + 1));
            (mean, variance)
        } else {
            (self.mean.value(), self.variance.value())
        };
        (input - mean) / (variance + 1e-5).sqrt()
    }
    fn parts<'a>(&'a self, parts: &mut Parts<'a>) {
        parts.buffer("mean", &self.mean).buffer("variance", &self.variance);
        parts.buffer("batches", &self.batches).mode(&self.mode);
    }
    fn clone_boxed(&self) -> Option<Box<dyn Module>> {
        Some(Box::new(self.clone()))
    }
}

fn model() -> Sequential {
    let rng = &mut Rng::seed(1);
    Sequential::new()
        .then(Linear::new(3, 4, rng))
        .then(Normalise::new(4))
        .then(Activation::Tanh)
        .then(Linear::new(4, 1, rng))
}

fn data(step: usize) -> [Tensor; 2] {
    let mut rng = Rng::seed(100 + step as u64);
    let rows = 6 - step % 2;
    [Tensor::normal([rows, 3], &mut rng), Tensor::normal([rows, 1], &mut rng)]
}

fn loss(model: &dyn Module, data: &[Tensor]) -> Tensor {
    (model.forward(&data[0]) - &data[1]).square().mean()
}

fn bits(model: &dyn Module) -> Vec<u64> {
    Checkpoint::of(model)
        .into_iter()
        .flat_map(|(_, tensor)| tensor.to_vec::<f64>().into_iter().map(f64::to_bits))
        .collect()
}

const RATE: SgdOptions = SgdOptions {
    learning_rate: 0.1,
    momentum: 0.0,
    dampening: 0.0,
    nesterov: false,
    weight_decay: 0.0,
    maximize: false,
};

/// The running mean by hand: `(1 - ρ) m + ρ mean(batch)` over all batches.
#[test]
fn an_update_is_computed_once_with_the_step_and_graphs_do_not_grow() {
    let layer = Normalise::new(3);
    let w = minimand_tensor::Parameter::new("w", Tensor::ones([3]));
    let mut sgd = Sgd::new([&w], RATE);
    let (mut mean, mut plan) = (vec![0.0f64; 3], None);
    for step in 0..20 {
        let [x, _] = data(2 * step);
        let loss = (layer.forward(&x) * w.value()).square().mean();
        assert!(!layer.mean.value().is_evaluated(), "a forward pass computes nothing");
        let planned = explain_plan([&loss]).to_string();
        assert_eq!(*plan.get_or_insert(planned.clone()), planned, "step {step}");
        sgd.step(&loss).unwrap();
        assert!(layer.mean.value().is_evaluated() && layer.variance.value().is_evaluated(), "with the step");
        assert!(layer.mean.value().inputs().is_empty(), "nothing of the graph is kept");
        let batch = x.mean_axis(0).to_vec::<f64>();
        mean.iter_mut().zip(batch).for_each(|(mean, batch)| *mean = 0.9 * *mean + 0.1 * batch);
    }
    for (found, expected) in layer.mean.value().to_vec::<f64>().into_iter().zip(mean) {
        assert_abs_diff_eq!(found, expected, epsilon = 1e-6);
    }
    assert_eq!(layer.batches.value().to_vec::<i64>(), [20]);
}

/// What is computed of a forward pass brings the update along, and nothing else does.
#[test]
fn an_update_waits_for_its_own_forward_pass() {
    let layer = Normalise::new(3);
    let [x, _] = data(0);
    let output = layer.forward(&x);
    let other = (&x * 2).exp().sum();
    other.item();
    assert!(!layer.mean.value().is_evaluated());
    let _ = output.to_vec::<f32>();
    assert!(layer.mean.value().is_evaluated() && layer.variance.value().is_evaluated());
    // Dropped without a look: the update takes place all the same, when it is asked for.
    let before = layer.mean.value();
    drop(layer.forward(&x));
    let expected = (0.9 * before + 0.1 * x.mean_axis(0)).to_vec::<f32>();
    assert_eq!(layer.mean.value().to_vec::<f32>(), expected);
}

#[test]
fn forward_passes_before_one_evaluation_are_remembered_in_their_order() {
    let (together, apart) = (Normalise::new(3), Normalise::new(3));
    let outputs: Vec<Tensor> = (0..5).map(|step| together.forward(&data(step)[0])).collect();
    minimand_tensor::eval(&outputs);
    assert!(together.variance.value().is_evaluated());
    (0..5).for_each(|step| drop(apart.forward(&data(step)[0]).to_vec::<f32>()));
    assert_eq!(bits(&together), bits(&apart));
    // Of very many forward passes of which nothing is computed only some are kept.
    for step in 5..100 {
        together.forward(&data(step)[0]);
        let _ = apart.forward(&data(step)[0]).to_vec::<f32>();
        let (mut depth, mut at) = (0, together.mean.value());
        while let Some(former) = at.inputs().last().cloned() {
            (depth, at) = (depth + 1, former);
        }
        assert!(depth <= 2 * 17, "step {step}: {depth} nodes, two for each update");
    }
    assert_eq!(bits(&together), bits(&apart));
}

#[test]
fn traced_steps_update_to_the_same_bits() {
    let (plain, traced) = (model(), Arc::new(model()));
    let mut sgd = Sgd::new(plain.parameters(), RATE);
    let inner = Arc::clone(&traced);
    let mut training = CompiledStep::new(Sgd::new(traced.parameters(), RATE), move |data| loss(&*inner, data));
    for step in 0..16 {
        let data = data(step);
        let expected = sgd.step(&loss(&plain, &data)).unwrap();
        assert_eq!(training.step(&data).unwrap(), expected, "step {step}");
        assert_eq!(bits(&*traced), bits(&plain), "step {step}");
        for model in [&plain, &*traced] {
            match step % 5 {
                0 => model.eval(),
                1 => model.train(),
                // A forward pass between the steps, of which nothing is computed before the next.
                2 => drop(model.forward(&data[0])),
                3 => model.named_buffers()[0].1.set(Tensor::full([4], 0.5)),
                _ => {}
            }
        }
    }
    // Two forward passes in one trace, as for the real and the made pictures of a discriminator.
    let (plain, traced) = (Normalise::new(3), Normalise::new(3));
    let twice = |layer: &Normalise, x: &Tensor| layer.forward(&layer.forward(x).exp());
    let function = compile(|x: &[Tensor]| vec![twice(&traced, &x[0])]);
    for step in 0..5 {
        let [x, _] = data(step);
        assert_eq!(function.call([&x])[0].to_vec::<f32>(), twice(&plain, &x).to_vec::<f32>());
        assert_eq!(bits(&traced), bits(&plain), "step {step}");
    }
    assert_eq!(traced.batches.value().to_vec::<i64>(), [10]);
}

#[test]
fn a_bad_batch_spoils_no_running_statistics() {
    let model = model();
    let mut sgd = Sgd::new(model.parameters(), RATE);
    let [x, y] = data(0);
    sgd.step(&loss(&model, &[x.clone(), y.clone()])).unwrap();
    let (before, weights) = (Checkpoint::of(&model), bits(&model));
    let bad = x.with_nan();
    assert!(sgd.step(&loss(&model, &[bad, y])).is_err());
    let after = Checkpoint::of(&model);
    let float = |checkpoint: &Checkpoint| checkpoint.tensors()["1.mean"].to_vec::<f32>();
    assert_eq!(float(&after), float(&before));
    assert_eq!(after.tensors()["1.batches"].to_vec::<i64>(), [2], "the pass took place");
    assert_eq!(bits(&model).len(), weights.len());
    // Entries by themselves: the other columns are remembered.
    let layer = Normalise::new(2);
    layer.forward(&Tensor::from([[1.0f32, f32::INFINITY], [3.0, 0.0]]));
    assert_eq!(layer.mean.value().to_string(), "[0.2, 0]");
}

trait WithNan {
    fn with_nan(&self) -> Tensor;
}
impl WithNan for Tensor {
    /// The same with a NaN in the first entry of each row.
    fn with_nan(&self) -> Tensor {
        let columns = Tensor::iota(self.shape()[1]);
        columns.lt(1).select(Tensor::full(self.shape(), f64::NAN), self)
    }
}

#[test]
fn buffers_have_paths_are_stored_and_copied_and_have_no_gradient() {
    let model = model();
    let names = |found: Vec<(String, Buffer)>| found.into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(names(model.named_buffers()), ["1.mean", "1.variance", "1.batches"]);
    assert!(model.named_parameters().iter().all(|(name, _)| !name.starts_with('1')), "no optimizer gets them");
    let mean = &model.named_buffers()[0].1;
    assert_eq!((&**mean.name(), mean.value().name().as_deref()), ("1.mean", Some("1.mean")));
    assert_eq!(format!("{mean:?}"), "Buffer(\"1.mean\": f32[4])");

    // A copy goes its own way, also from an update that is not computed.
    model.forward(&data(0)[0]);
    let copy = model.clone();
    assert_eq!(bits(&copy), bits(&model));
    copy.forward(&data(1)[0]);
    assert_ne!(bits(&copy), bits(&model));

    let stored = Checkpoint::of(&copy);
    copy.forward(&data(2)[0]);
    assert!(stored.tensors().values().all(Tensor::is_evaluated), "a snapshot holds numbers");
    stored.restore(&model).unwrap();
    assert_ne!(bits(&copy), bits(&model));
    stored.restore(&copy).unwrap();
    assert_eq!(bits(&copy), bits(&model));
    assert_eq!(mean.value().name().as_deref(), Some("1.mean"));
    let mut tensors: std::collections::BTreeMap<_, _> = stored.into();
    tensors.remove("1.mean");
    tensors.insert("1.batches".into(), Tensor::from(0.5));
    let message = Checkpoint::from(tensors).restore(&model).unwrap_err().to_string();
    let expected = "1.mean is missing; 1.batches is f64[] in the checkpoint and i64[] in the model";
    assert!(message.ends_with(expected), "{message}");

    // A running mean that is read in evaluation before it is computed lets no gradient through.
    let layer = Normalise::new(3);
    let [x, _] = data(0);
    layer.forward(&x);
    layer.eval();
    let slope = layer.forward(&x).sum().grad(&x);
    let expected = (layer.variance.value() + 1e-5).sqrt().reciprocal();
    assert_eq!(slope.at(0, 0).to_vec::<f32>(), expected.to_vec::<f32>());
}

#[test]
fn tied_buffers_are_listed_once_and_paths_are_given_once() {
    let shared = Arc::new(Normalise::new(2));
    let tied = (Arc::clone(&shared), shared);
    assert_eq!(tied.named_buffers().len(), 3);

    struct Clash(Buffer, minimand_tensor::Parameter);
    impl Module for Clash {
        fn forward(&self, input: &Tensor) -> Tensor {
            input.clone()
        }
        fn parts<'a>(&'a self, parts: &mut Parts<'a>) {
            parts.buffer("x", &self.0).parameter("x", &self.1);
        }
    }
    let one = || Tensor::ones([1]);
    let clash = Clash(Buffer::new("x", one()), minimand_tensor::Parameter::new("x", one()));
    let message = |run: &dyn Fn()| *catch_unwind(AssertUnwindSafe(run)).unwrap_err().downcast::<String>().unwrap();
    let expected = "a buffer and another part have the path x";
    assert_eq!(message(&|| drop(clash.parameters())), format!("named_parameters: {expected}"));
    assert_eq!(
        message(&|| drop(Checkpoint::of(&clash))),
        "Checkpoint::of: two different parts of the model have the path x"
    );
    let wrong = "set: parameter x holds f32[1] and cannot take f32[2]";
    assert_eq!(message(&|| clash.0.update(&Tensor::ones([2]))), wrong);
    assert_eq!(message(&|| clash.0.set(Tensor::ones([2]))), wrong);
}
