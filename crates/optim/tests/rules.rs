//! Trajectories of the further optimizers, recorded from PyTorch and Optax.

mod common;

use common::network::{Network, mixed, recorded_rules};
use minimand_optim::{
    AdadeltaOptions, AdagradOptions, AdamWOptions, AdamaxOptions, Descent, LambOptions, LionOptions, Mixed, Muon,
    MuonOptions, NAdam, NAdamOptions, Optimizer, RAdamOptions, RmsProp, RmsPropOptions, UpdateRule,
};
use minimand_tensor::{DType, Parameter, Tensor};

#[test]
fn every_recorded_run() {
    let recorded = recorded_rules();
    let mut compared = 0;
    for run in recorded["runs"].as_array().unwrap() {
        let network = Network::new();
        compared += network.follow(run, &mut mixed(run, &network));
    }
    assert_eq!(compared, 3 * 34, "records compared: has the fixture changed?");
}

#[test]
#[should_panic(expected = "Muon: parameter \"offset\" is f64[4]: it must have 2 axes; give it to another optimizer")]
fn muon_refuses_what_is_no_matrix() {
    let network = Network::new();
    Muon::new(network.parameters(), MuonOptions::default());
}

/// Newton–Schulz brings the singular values near 1: those of a square matrix with known ones, 1 to 100.
#[test]
fn muon_steps_have_singular_values_near_one() {
    // Rows of a rotation times singular values times another rotation.
    let (sine, cosine) = 0.7f64.sin_cos();
    let rotation = Tensor::from([[cosine, -sine], [sine, cosine]]);
    let gradient = rotation.matmul(&Tensor::from([[100.0, 0.0], [0.0, 1.0]])).matmul(&rotation.transpose());
    let w = Parameter::new("w", Tensor::zeros([2, 2]).cast(DType::F64));
    let options = MuonOptions { learning_rate: 1.0, weight_decay: 0.0, ..Default::default() };
    Muon::new([&w], options).step(&(w.value() * gradient).sum()).unwrap();
    let step = rotation.transpose().matmul(&w.value()).matmul(&rotation).to_vec::<f64>();
    for (at, entry) in step.into_iter().enumerate() {
        let expected = if at % 3 == 0 { -1.2..-0.3 } else { -1e-12..1e-12 };
        assert!(expected.contains(&entry), "entry {at} is {entry}");
    }
}

/// Where all gradients have been equal the variance is 0, and rounding may take it below.
#[test]
fn a_variance_is_never_negative() {
    let w = Parameter::new("w", Tensor::from([0.0, 0.0, 0.0]));
    let options = RmsPropOptions { centered: true, decay: 0.1, epsilon: 1e-3, ..Default::default() };
    let mut rmsprop = RmsProp::new([&w], options);
    for _ in 0..100 {
        rmsprop.step(&(w.value() * Tensor::from([0.1, 1.0 / 3.0, 1e5 / 7.0])).sum()).unwrap();
    }
}

/// After 10⁹ steps the product of the momenta is 0, and is not multiplied out again at every step.
#[test]
fn nadam_takes_a_late_step_in_no_time() {
    let w = Parameter::new("w", Tensor::from([1.0]));
    let mut nadam = NAdam::new([&w], NAdamOptions::default());
    nadam.step(&w.value().sum()).unwrap();
    let mut state = nadam.state();
    state.steps = 1_000_000_000;
    nadam.load_state(&state).unwrap();
    let start = std::time::Instant::now();
    nadam.step(&w.value().sum()).unwrap();
    assert!(start.elapsed().as_secs() < 2, "{:?}", start.elapsed());
}

#[test]
fn groups_with_different_rules_step_as_one() {
    let build = |network: &Network, decay| {
        Mixed::new([&network.hidden], Box::new(MuonOptions::default()))
            .with_group([&network.offset], Box::new(AdamWOptions::default()))
            .with_group([&network.output], Box::new(AdamWOptions { weight_decay: decay, ..Default::default() }))
    };
    let (one, other) = (Network::new(), Network::new());
    let mut mixed = build(&one, 0.5);
    mixed.step(&one.loss()).unwrap();
    // Alone, each would do the same.
    let loss = other.loss();
    Descent::new([&other.hidden], MuonOptions::default()).step(&loss).unwrap();
    Descent::new([&other.offset], AdamWOptions::default()).step(&loss).unwrap();
    Descent::new([&other.output], AdamWOptions { weight_decay: 0.5, ..Default::default() }).step(&loss).unwrap();
    assert_eq!(one.bits(), other.bits());
    assert!(format!("{mixed:?}").contains("Muon"));

    let before = one.bits();
    assert!(mixed.step(&(one.loss() * f64::NAN)).is_err());
    assert_eq!(one.bits(), before);
}

#[test]
fn options_out_of_range() {
    let refused = |rule: &dyn UpdateRule| rule.validate().unwrap_err().to_string();
    let (fraction, from_zero) = ("it must be at least 0 and below 1", "it must be finite and at least 0");
    let rmsprop = RmsPropOptions::default();
    assert_eq!(refused(&RmsPropOptions { decay: 1.0, ..rmsprop }), format!("RmsProp: decay is 1: {fraction}"));
    assert_eq!(
        refused(&RmsPropOptions { momentum: -0.5, ..rmsprop }),
        format!("RmsProp: momentum is -0.5: {fraction}")
    );
    assert_eq!(refused(&RmsPropOptions { epsilon: -1.0, ..rmsprop }), format!("RmsProp: epsilon is -1: {from_zero}"));
    let adagrad = AdagradOptions::default();
    for (options, option) in [
        (AdagradOptions { learning_rate_decay: -1.0, ..adagrad }, "learning_rate_decay"),
        (AdagradOptions { initial_accumulator: -1.0, ..adagrad }, "initial_accumulator"),
        (AdagradOptions { epsilon: -1.0, ..adagrad }, "epsilon"),
        (AdagradOptions { weight_decay: -1.0, ..adagrad }, "weight_decay"),
    ] {
        assert_eq!(refused(&options), format!("Adagrad: {option} is -1: {from_zero}"));
    }
    let adadelta = AdadeltaOptions { epsilon: 0.0, ..Default::default() };
    let expected = "Adadelta: epsilon is 0: it must be finite and above 0: no step would be taken";
    assert_eq!(refused(&adadelta), expected);
    let rho = AdadeltaOptions { rho: 1.0, ..Default::default() };
    assert_eq!(refused(&rho), format!("Adadelta: rho is 1: {fraction}"));
    let betas = (0.9, 1.0);
    let of_betas: [(Box<dyn UpdateRule>, &str); 5] = [
        (Box::new(AdamaxOptions { betas, ..Default::default() }), "Adamax"),
        (Box::new(NAdamOptions { betas, ..Default::default() }), "NAdam"),
        (Box::new(RAdamOptions { betas, ..Default::default() }), "RAdam"),
        (Box::new(LionOptions { betas, ..Default::default() }), "Lion"),
        (Box::new(LambOptions { betas, ..Default::default() }), "Lamb"),
    ];
    for (rule, name) in of_betas {
        assert_eq!(refused(&rule), format!("{name}: betas.1 is 1: {fraction}"));
    }
    let weight_decay = -1.0;
    let of_decay: [(Box<dyn UpdateRule>, &str); 8] = [
        (Box::new(RmsPropOptions { weight_decay, ..rmsprop }), "RmsProp"),
        (Box::new(AdadeltaOptions { weight_decay, ..Default::default() }), "Adadelta"),
        (Box::new(AdamaxOptions { weight_decay, ..Default::default() }), "Adamax"),
        (Box::new(NAdamOptions { weight_decay, ..Default::default() }), "NAdam"),
        (Box::new(RAdamOptions { weight_decay, ..Default::default() }), "RAdam"),
        (Box::new(LionOptions { weight_decay, ..Default::default() }), "Lion"),
        (Box::new(LambOptions { weight_decay, ..Default::default() }), "Lamb"),
        (Box::new(MuonOptions { weight_decay, ..Default::default() }), "Muon"),
    ];
    for (rule, name) in of_decay {
        assert_eq!(refused(&rule), format!("{name}: weight_decay is -1: {from_zero}"));
    }
    let psi = NAdamOptions { momentum_decay: f64::NAN, ..Default::default() };
    assert_eq!(refused(&psi), format!("NAdam: momentum_decay is NaN: {from_zero}"));
    let muon = MuonOptions::default();
    let none = MuonOptions { iterations: 0, ..muon };
    assert_eq!(refused(&none), "Muon: iterations is 0: it must be from 1 to 99");
    let infinite = MuonOptions { coefficients: (1.0, f64::INFINITY, 0.0), ..muon };
    assert_eq!(refused(&infinite), "Muon: coefficients.1 is inf: it must be finite");
}

/// What is divided by must not vanish in the type of a parameter.
#[test]
fn an_epsilon_that_is_zero_in_f32_is_refused() {
    let epsilon = 1e-46;
    let rules: [Box<dyn UpdateRule>; 8] = [
        Box::new(RmsPropOptions { epsilon, ..Default::default() }),
        Box::new(AdagradOptions { epsilon, ..Default::default() }),
        Box::new(AdadeltaOptions { epsilon, ..Default::default() }),
        Box::new(AdamaxOptions { epsilon, ..Default::default() }),
        Box::new(NAdamOptions { epsilon, ..Default::default() }),
        Box::new(RAdamOptions { epsilon, ..Default::default() }),
        Box::new(LambOptions { epsilon, ..Default::default() }),
        Box::new(MuonOptions { epsilon, ..Default::default() }),
    ];
    for rule in rules {
        assert!(rule.validate().is_ok() && rule.validate_for(DType::F64).is_ok());
        let error = rule.validate_for(DType::F32).unwrap_err().to_string();
        assert!(error.starts_with(rule.name()) && error.contains("epsilon is 0.000"), "{error}");
    }
}
