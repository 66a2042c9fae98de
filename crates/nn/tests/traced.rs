//! Models in traced steps: the same bits as in ordinary ones, with dropout, in training and evaluation, beside frozen parts.

use minimand_nn::{Activation, Dropout, Linear, Mlp, MlpOptions, Module, Sequential};
use minimand_optim::{Adam, AdamOptions, CompiledStep, Optimizer};
use minimand_tensor::{Rng, Tensor, compile};

const OPTIONS: AdamOptions = AdamOptions {
    learning_rate: 0.01,
    betas: (0.9, 0.999),
    epsilon: 1e-8,
    weight_decay: 0.0,
    amsgrad: false,
    maximize: false,
};

fn bits(model: &impl Module) -> Vec<u32> {
    model.parameters().iter().flat_map(|p| p.value().to_vec::<f32>()).map(f32::to_bits).collect()
}

fn data(step: usize) -> [Tensor; 2] {
    let mut rng = Rng::seed(100 + step as u64);
    let rows = 6 - step % 2;
    [Tensor::normal([rows, 3], &mut rng), Tensor::normal([rows, 1], &mut rng)]
}

/// Trains two copies of a model, one by ordinary and one by traced steps; `between` is done to both after each.
fn compare<M: Module + 'static>(what: &str, build: impl Fn() -> M, between: impl Fn(&M, usize)) {
    let loss = |model: &M, data: &[Tensor]| (model.forward(&data[0]) - &data[1]).square().mean();
    let (plain, traced) = (build(), std::sync::Arc::new(build()));
    let mut adam = Adam::new(plain.parameters(), OPTIONS);
    let model = std::sync::Arc::clone(&traced);
    let mut training = CompiledStep::new(Adam::new(traced.parameters(), OPTIONS), move |data| loss(&model, data));
    for step in 0..12 {
        let data = data(step);
        let expected = adam.step(&loss(&plain, &data)).unwrap();
        assert_eq!(training.step(&data).unwrap(), expected, "{what}, step {step}");
        assert_eq!(bits(&*traced), bits(&plain), "{what}, step {step}");
        between(&plain, step);
        between(&traced, step);
    }
}

#[test]
fn dropout_draws_a_new_mask_in_every_step() {
    let mlp = || {
        let options = MlpOptions { activation: Activation::Tanh, dropout: 0.4, ..Default::default() };
        Mlp::with_options([3, 8, 8, 1], options, &mut Rng::seed(3))
    };
    compare("mlp", mlp, |_, _| ());
    let sequential = || {
        let rng = &mut Rng::seed(4);
        Sequential::new()
            .then(Dropout::new(0.1, rng))
            .then(Linear::new(3, 8, rng))
            .then(Activation::Relu)
            .then(Dropout::new(0.5, rng))
            .then(Linear::new(8, 1, rng))
    };
    compare("sequential", sequential, |_, _| ());
    // Masks drawn between the steps belong to the same sequence.
    compare("used between", mlp, |model, _| drop(model.forward(&Tensor::zeros([2, 3]))));
}

#[test]
fn a_model_that_is_switched_is_traced_for_both_modes() {
    let options = || MlpOptions { activation: Activation::Tanh, dropout: 0.4, ..Default::default() };
    let mlp = || Mlp::with_options([3, 8, 1], options(), &mut Rng::seed(3));
    compare("switched", mlp, |model, step| if step % 3 == 0 { model.eval() } else { model.train() });

    let model = mlp();
    let forward = compile(|x: &[Tensor]| vec![model.forward(&x[0])]);
    let x = Tensor::ones([5, 3]);
    let (first, second) = (forward.call([&x])[0].to_string(), forward.call([&x])[0].to_string());
    assert_ne!(first, second, "two masks");
    model.eval();
    assert_eq!(forward.call([&x])[0].to_vec::<f32>(), model.forward(&x).to_vec::<f32>());
    assert_eq!(forward.call([&x])[0].to_vec::<f32>(), model.forward(&x).to_vec::<f32>());
    model.train();
    assert_ne!(forward.call([&x])[0].to_vec::<f32>(), forward.call([&x])[0].to_vec::<f32>());
    assert_eq!(format!("{forward:?}"), "Compiled(2 traces)");
}

/// A network that is not trained makes the features; its weights are replaced between the steps.
#[test]
fn frozen_features_are_read_anew() {
    let build = || (Linear::new(3, 4, &mut Rng::seed(1)), Linear::new(4, 1, &mut Rng::seed(2)));
    let loss = |features: &Linear, head: &Linear, data: &[Tensor]| {
        let features = features.forward(&data[0]).tanh().detach();
        (head.forward(&features) - &data[1]).square().mean()
    };
    let ((features, head), (traced_features, traced_head)) = (build(), build());
    let weights = traced_features.parameters();
    let parameters = traced_head.parameters();
    let mut adam = Adam::new(head.parameters(), OPTIONS);
    let mut training =
        CompiledStep::new(Adam::new(&parameters, OPTIONS), move |data| loss(&traced_features, &traced_head, data));
    for step in 0..6 {
        let data = data(step);
        let expected = adam.step(&loss(&features, &head, &data)).unwrap();
        assert_eq!(training.step(&data).unwrap(), expected, "step {step}");
        for (plain, traced) in features.parameters().iter().zip(&weights) {
            let next = plain.value() * 0.5 + step;
            plain.set(next.clone());
            traced.set(next);
        }
    }
}
