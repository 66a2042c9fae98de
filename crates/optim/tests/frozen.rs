//! Parameters that are frozen: a step is as if the optimizer did not have them.

mod common;

use common::{Problem, bits, state_bits};
use minimand_optim::{AdamW, AdamWOptions, Clipping, CompiledStep, Optimizer, Sgd, SgdOptions, StepError};
use minimand_tensor::{Parameter, Tensor};

/// With weight decay and momentum, which would move a parameter whose gradient is 0.
#[test]
fn a_frozen_parameter_and_its_state_stay_as_they_are() {
    let options = AdamWOptions { learning_rate: 0.05, weight_decay: 0.1, ..Default::default() };
    let (both, alone, traced) = (Problem::new(), Problem::new(), Problem::new());
    let clipping = Clipping::GlobalNorm(0.5);
    let mut optimizer = AdamW::new(both.parameters(), options).with_clipping(clipping);
    let mut of_bias = AdamW::new([&alone.bias], options).with_clipping(clipping);
    let (weight, bias) = (traced.weight.clone(), traced.bias.clone());
    let loss = |weight: &Tensor, bias: &Tensor, x: &Tensor, y: &Tensor| {
        (x.matmul(weight) + bias - y).square().mean() + 0.1 * weight.cos().sum()
    };
    let mut training =
        CompiledStep::new(AdamW::new(traced.parameters(), options).with_clipping(clipping), move |data| {
            loss(&weight.value(), &bias.value(), &data[0], &data[1])
        });
    both.weight.set_frozen(true);
    traced.weight.set_frozen(true);
    for step in 0..5 {
        let expected = of_bias.step(&alone.loss()).unwrap();
        let found = optimizer.step(&both.loss()).unwrap();
        assert_eq!(found, expected, "step {step}");
        assert_eq!(training.step([&traced.x, &traced.y]).unwrap(), expected, "step {step}");
        assert_eq!(both.bits(), alone.bits(), "step {step}");
        assert_eq!(traced.bits(), alone.bits(), "step {step}");
    }
    let state = optimizer.state();
    assert!(state.tensors["weight.first_moment"].to_vec::<f64>().iter().all(|&moment| moment == 0.0));
    assert_eq!(optimizer.parameters().len(), 2);

    // Trained again: both, in plain and in traced steps.
    both.weight.set_frozen(false);
    traced.weight.set_frozen(false);
    let before = bits(&both.weight.value());
    for step in 5..10 {
        assert_eq!(training.step([&traced.x, &traced.y]).unwrap(), optimizer.step(&both.loss()).unwrap());
        assert_eq!(traced.bits(), both.bits(), "step {step}");
        assert_eq!(state_bits(training.optimizer()), state_bits(&optimizer), "step {step}");
    }
    assert_ne!(bits(&both.weight.value()), before);
}

#[test]
fn with_all_frozen_there_is_no_step() {
    let w = Parameter::new("w", Tensor::from([1.0, 2.0]));
    let mut sgd = Sgd::new([&w], SgdOptions::default());
    w.set_frozen(true);
    let error = sgd.step(&w.value().square().sum()).unwrap_err();
    assert_eq!(error, StepError::UnrelatedLoss { step: 1, parameters: vec![] });
    assert!(
        error
            .to_string()
            .ends_with("no gradient of the loss reaches any parameter of the optimizer, as all are frozen")
    );
    assert_eq!((sgd.steps(), w.value().to_vec::<f64>()), (0, vec![1.0, 2.0]));
    // Its gradient can be taken.
    assert_eq!(w.value().square().sum().grad(&w.value()).to_vec::<f64>(), [2.0, 4.0]);
    assert!(w.copied().is_frozen() && w.named("v").is_frozen());
}
