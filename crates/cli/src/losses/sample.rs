//! A loss along one of its inputs, and what it estimates on a small sample.

use minimand::loss::catalog::{Arguments, Domain, Entry, Input, Link};
use minimand::tensor::{Tensor, eval};

/// A loss along one entry of one input, everything else held.
pub(super) struct Curve {
    /// What varies.
    pub(super) variable: String,
    /// What is held, in words.
    pub(super) held: String,
    /// The variable, the loss, its slope and its curvature.
    pub(super) points: Vec<[f64; 4]>,
}

/// The input along which a loss is shown: the prediction; where none is named so, the first along which the loss is no
/// straight line.
pub(super) fn varied(entry: &'static Entry) -> &'static Input {
    if let Some(input) = entry.estimates.and_then(|estimate| entry.input(estimate.prediction)) {
        return input;
    }
    let differentiable = || entry.inputs.iter().filter(|input| input.differentiable);
    let mut curved = differentiable().filter(|input| bends(entry, input));
    curved.next().or_else(|| differentiable().next()).expect("a loss is differentiable by something")
}

/// Whether the slope along the input's first entry changes.
fn bends(entry: &'static Entry, input: &Input) -> bool {
    let (low, high) = range(input.domain);
    let places: Vec<f64> = (0..=8).map(|step| low + (high - low) * f64::from(step) / 8.0).collect();
    let curve = along(entry, input, &Arguments::new(), &places);
    curve.is_some_and(|curve| {
        let slopes = || curve.points.iter().map(|point| point[2]);
        let size = slopes().fold(0.0, |size: f64, slope| size.max(slope.abs()));
        slopes().any(|slope| (slope - curve.points[0][2]).abs() > 1e-9 * size)
    })
}

/// Whether each entry of the loss belongs to one entry of the inputs.
fn is_elementwise(entry: &Entry) -> bool {
    let whole = entry.inputs.iter().filter(|input| !input.optional).all(|input| input.shape == "[…]");
    entry.output == "[…]" && whole
}

/// What an input is held at.
fn usual(domain: Domain) -> f64 {
    match domain {
        Domain::Real | Domain::Integer | Domain::Labels(_) | Domain::LabelLists(_) | Domain::Index(_) => 0.0,
        Domain::Counts => 2.0,
        Domain::Above(least) => least + 1.0,
        _ => 1.0,
    }
}

/// Where an input is looked at.
fn range(domain: Domain) -> (f64, f64) {
    match domain {
        Domain::Unit | Domain::Distribution => (0.01, 0.99),
        Domain::Positive | Domain::NonNegative | Domain::Counts => (0.05, 4.0),
        Domain::Above(least) => (least + 0.05, least + 4.0),
        Domain::LogDistribution => (-4.0, 0.0),
        Domain::Boxes => (-1.0, 2.0),
        _ => (-4.0, 4.0),
    }
}

/// The loss at the given places, or at evenly spaced ones.
pub(super) fn curve(
    entry: &'static Entry,
    input: &Input,
    parameters: &Arguments,
    places: Option<&[f64]>,
) -> Option<Curve> {
    let (low, high) = range(input.domain);
    let even: Vec<f64> = (0..=160).map(|step| low + (high - low) * f64::from(step) / 160.0).collect();
    along(entry, input, parameters, places.unwrap_or(&even))
}

fn along(entry: &'static Entry, input: &Input, parameters: &Arguments, places: &[f64]) -> Option<Curve> {
    if !is_elementwise(entry) {
        return one_entry(entry, input, parameters, places);
    }
    let curve = elementwise(entry, input, parameters, places, 0.0)?;
    let flat = curve.points.iter().all(|point| point[2] == 0.0);
    // A factor of 0, such as an advantage, would show nothing.
    if flat { elementwise(entry, input, parameters, places, 1.0) } else { Some(curve) }
}

/// Every other input at its usual value; those that may be any number at `real`.
fn elementwise(
    entry: &'static Entry,
    input: &Input,
    parameters: &Arguments,
    places: &[f64],
    real: f64,
) -> Option<Curve> {
    let x = Tensor::from(places.to_vec());
    let mut arguments = parameters.clone().tensor(input.name, x.clone());
    let mut held = Vec::new();
    for other in entry.inputs.iter().filter(|other| !other.optional && other.name != input.name) {
        let value = if other.domain == Domain::Real { real } else { usual(other.domain) };
        let dtype = other.domain.dtype(minimand::tensor::DType::F64);
        let tensor = Tensor::from(vec![value; places.len()]).cast(dtype).computed().detach();
        arguments = arguments.tensor(other.name, tensor);
        held.push(format!("{} = {value}", other.name));
    }
    let loss = entry.evaluate(&arguments).ok()?;
    let slope = loss.sum().grad(&x);
    let curvature = slope.sum().grad(&x);
    eval([&loss, &slope, &curvature]);
    let (l, s, c): (Vec<f64>, Vec<f64>, Vec<f64>) = (loss.to_vec(), slope.to_vec(), curvature.to_vec());
    let points = places.iter().enumerate().map(|(at, &x)| [x, l[at], s[at], c[at]]).collect();
    Some(Curve { variable: input.name.into(), held: held.join(", "), points })
}

fn one_entry(entry: &'static Entry, input: &Input, parameters: &Arguments, places: &[f64]) -> Option<Curve> {
    let sample = with_parameters(entry.sample(3), parameters, entry);
    let whole = sample.find(input.name)?.clone();
    let shape = whole.shape().clone();
    let first: Vec<f64> = (0..whole.elements()).map(|at| f64::from(u8::from(at == 0))).collect();
    let first = Tensor::from_vec(first, &shape);
    let numbers: Vec<f64> = whole.to_vec();
    let mut points = Vec::new();
    for &place in places {
        let mut numbers = numbers.clone();
        *numbers.first_mut()? = place;
        let x = Tensor::from_vec(numbers, &shape);
        let loss = entry.evaluate(&sample.clone().tensor(input.name, x.clone())).ok()?.sum();
        let slope = (loss.grad(&x) * &first).sum();
        let curvature = (slope.grad(&x) * &first).sum();
        eval([&loss, &slope, &curvature]);
        points.push([place, loss.item(), slope.item(), curvature.item()]);
    }
    let position = vec!["0"; shape.len()].join(", ");
    Some(Curve {
        variable: format!("{}[{position}]", input.name),
        held: "all other entries as drawn at random; the loss is the sum".into(),
        points,
    })
}

/// The parameters of one, where the other has none of its own.
pub(super) fn with_parameters(sample: Arguments, parameters: &Arguments, entry: &Entry) -> Arguments {
    entry.parameters.iter().fold(sample, |sample, parameter| match parameters.parameter(parameter.name) {
        Some(value) => sample.value(parameter.name, value.clone()),
        None => sample,
    })
}

/// Where the loss of a sample is least, beside the sample's own statistics.
pub(super) struct Minimiser {
    /// The target's values.
    pub(super) sample: Vec<f64>,
    /// The prediction that costs least.
    pub(super) prediction: f64,
    /// What becomes of it by the link.
    pub(super) linked: f64,
    /// The link in words, where it is not the identity.
    pub(super) link: Option<&'static str>,
    /// Names and values.
    pub(super) statistics: Vec<(&'static str, f64)>,
}

/// The best single prediction for a small sample, of a loss of one prediction and one target.
pub(super) fn minimiser(entry: &'static Entry, input: &Input, parameters: &Arguments) -> Option<Minimiser> {
    let target = match entry.estimates {
        Some(estimate) => entry.input(estimate.target)?,
        None => entry.input("target")?,
    };
    if !is_elementwise(entry) || input.name == target.name {
        return None;
    }
    let sample: Vec<f64> = match target.domain {
        Domain::Binary | Domain::Unit => vec![0.0, 0.0, 0.0, 1.0],
        Domain::Signs => vec![-1.0, -1.0, -1.0, 1.0],
        Domain::Counts | Domain::NonNegative => vec![0.0, 1.0, 1.0, 2.0, 3.0, 11.0],
        Domain::Positive | Domain::Above(_) => vec![0.5, 1.0, 1.0, 2.0, 3.0, 10.5],
        Domain::Real => vec![-1.0, 0.0, 0.0, 1.0, 2.0, 10.0],
        _ => return None,
    };
    let link = entry.estimates.map_or_else(
        || match (input.domain, target.domain) {
            (Domain::Real, Domain::Binary | Domain::Unit) => Link::Logistic,
            (Domain::Real, Domain::Signs) => Link::Sign,
            _ => Link::Identity,
        },
        |estimate| estimate.link,
    );
    let (least, greatest) = (sample[0], sample[sample.len() - 1]);
    let (mut low, mut high) = match (link, input.domain) {
        (Link::Logistic | Link::HalfTangent | Link::Sign, _) => (-6.0, 6.0),
        (Link::Exponential, _) => (-3.0, 3.0),
        (_, Domain::Unit) => (0.001, 0.999),
        (_, Domain::Positive | Domain::NonNegative) => (0.01, greatest + 1.0),
        _ => (least - 1.0, greatest + 1.0),
    };
    let mut best = f64::NAN;
    for _ in 0..12 {
        let at: Vec<f64> = (0..=200).map(|step| low + (high - low) * f64::from(step) / 200.0).collect();
        let losses = mean_losses(entry, input, target, parameters, &at, &sample)?;
        let (position, _) = losses.iter().enumerate().min_by(|a, b| a.1.total_cmp(b.1))?;
        best = at[position];
        (low, high) = (at[position.saturating_sub(2)], at[(position + 2).min(200)]);
    }
    let described = (link != Link::Identity).then(|| link.describe());
    Some(Minimiser {
        statistics: statistics(&sample),
        sample,
        prediction: best,
        linked: link.apply(best),
        link: described,
    })
}

fn mean_losses(
    entry: &'static Entry,
    input: &Input,
    target: &Input,
    parameters: &Arguments,
    at: &[f64],
    sample: &[f64],
) -> Option<Vec<f64>> {
    let mut total = vec![0.0; at.len()];
    for &value in sample {
        let mut arguments = parameters.clone().tensor(input.name, Tensor::from(at.to_vec()));
        for other in entry.inputs.iter().filter(|other| !other.optional && other.name != input.name) {
            let number = if other.name == target.name { value } else { usual(other.domain) };
            let dtype = other.domain.dtype(minimand::tensor::DType::F64);
            arguments =
                arguments.tensor(other.name, Tensor::from(vec![number; at.len()]).cast(dtype).computed().detach());
        }
        let losses: Vec<f64> = entry.evaluate(&arguments).ok()?.to_vec();
        total.iter_mut().zip(losses).for_each(|(total, loss)| *total += loss / sample.len() as f64);
    }
    total.iter().all(|loss| !loss.is_nan()).then_some(total)
}

/// The usual summaries of a sorted sample.
fn statistics(sample: &[f64]) -> Vec<(&'static str, f64)> {
    let count = sample.len() as f64;
    let quantile = |tau: f64| {
        let place = tau * (count - 1.0);
        let (below, above) = (sample[place.floor() as usize], sample[place.ceil() as usize]);
        below + (above - below) * place.fract()
    };
    let mode = sample.iter().copied().max_by_key(|value| sample.iter().filter(|other| *other == value).count());
    let mut statistics = vec![
        ("mean", sample.iter().sum::<f64>() / count),
        ("median", quantile(0.5)),
        ("lower quartile", quantile(0.25)),
        ("upper quartile", quantile(0.75)),
        ("9th decile", quantile(0.9)),
        ("mode", mode.unwrap_or(f64::NAN)),
    ];
    if sample.iter().all(|&value| value > 0.0) {
        statistics.push(("geometric mean", (sample.iter().map(|value| value.ln()).sum::<f64>() / count).exp()));
    }
    statistics
}

#[cfg(test)]
mod tests {
    use super::*;
    use minimand::loss::catalog::catalog;

    fn entry(name: &str) -> &'static Entry {
        catalog().find(|entry| entry.name == name).unwrap()
    }

    #[test]
    fn a_loss_is_shown_along_an_input_that_bends_it() {
        assert_eq!(varied(entry("beta_vae")).name, "mean");
        assert_eq!(varied(entry("policy_gradient")).name, "log_probabilities");
        assert_eq!(varied(entry("huber")).name, "prediction");
    }

    #[test]
    fn no_factor_of_zero_flattens_a_curve() {
        for name in ["ppo_clip", "policy_gradient"] {
            let curve = curve(entry(name), varied(entry(name)), &Arguments::new(), None).unwrap();
            assert!(curve.points.iter().any(|point| point[2] != 0.0), "{name}");
        }
    }
}
