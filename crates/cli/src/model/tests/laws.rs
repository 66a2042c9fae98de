//! Laws against SciPy's.

use approx::assert_relative_eq;
use serde_json::Value;

use crate::model::Law;

/// The law that an entry of the fixture names.
fn law(entry: &Value) -> Law {
    let (name, parameters) = entry["law"].as_object().unwrap().iter().next().unwrap();
    let number = |name: &str| parameters[name].as_f64().unwrap();
    match name.as_str() {
        "Normal" => Law::Normal { mean: number("mean"), deviation: number("deviation") },
        "StudentT" => {
            Law::StudentT { location: number("location"), scale: number("scale"), freedom: number("freedom") }
        }
        "LogNormal" => Law::LogNormal { log_median: number("log_median"), log_deviation: number("log_deviation") },
        "Gamma" => Law::Gamma { mean: number("mean"), shape: number("shape") },
        "Poisson" => Law::Poisson { mean: number("mean") },
        "NegativeBinomial" => Law::NegativeBinomial { mean: number("mean"), size: number("size") },
        "ZeroInflatedPoisson" => Law::ZeroInflatedPoisson { certain: number("certain"), mean: number("mean") },
        "ZeroInflatedNegativeBinomial" => {
            Law::ZeroInflatedNegativeBinomial { certain: number("certain"), mean: number("mean"), size: number("size") }
        }
        "TwoPart" => Law::TwoPart { positive: number("positive"), mean: number("mean"), shape: number("shape") },
        other => panic!("no law {other}"),
    }
}

#[test]
fn laws_agree_with_recorded_ones() {
    let recorded: Value =
        serde_json::from_str(include_str!("../../../tests/fixtures/model/laws.json")).expect("the fixture is whole");
    let laws = recorded["laws"].as_array().unwrap();
    assert_eq!(laws.len(), 11);
    for entry in laws {
        let law = law(entry);
        let numbers = |name: &str| {
            entry[name].as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect::<Vec<f64>>()
        };
        let close = |found: f64, known: f64| assert_relative_eq!(found, known, max_relative = 1e-8, epsilon = 1e-9);
        close(law.mean(), entry["mean"].as_f64().unwrap());
        close(law.probability_of_zero(), entry["zero"].as_f64().unwrap());
        for (place, (density, cumulative)) in
            numbers("places").into_iter().zip(numbers("log_density").into_iter().zip(numbers("cumulative")))
        {
            close(law.log_density(place), density);
            close(law.cumulative(place), cumulative);
        }
        for (level, quantile) in numbers("levels").into_iter().zip(numbers("quantiles")) {
            close(law.quantile(level), quantile);
        }
    }
}

#[test]
fn what_cannot_come_has_no_density() {
    for law in [Law::Poisson { mean: 2.0 }, Law::NegativeBinomial { mean: 2.0, size: 1.0 }] {
        assert_eq!(law.log_density(1.5), f64::NEG_INFINITY);
        assert_eq!(law.log_density(-1.0), f64::NEG_INFINITY);
        assert_eq!(law.cumulative(-1.0), 0.0);
        assert!(law.is_discrete());
    }
    assert_eq!(Law::Gamma { mean: 1.0, shape: 1.0 }.log_density(0.0), f64::NEG_INFINITY);
    assert!(Law::StudentT { location: 0.0, scale: 1.0, freedom: 1.0 }.mean().is_nan());
}
