//! Values, gradients and Hessian-vector products recorded from PyTorch, and special functions recorded from mpmath.
//!
//! `fixtures/record.py` wrote `fixtures/recorded.json` and says how it is laid out. An operation without an arm below fails the test.

use approx::relative_eq;
use minimand_tensor::{Tensor, grad};
use serde_json::Value;

fn recorded() -> Value {
    serde_json::from_str(include_str!("fixtures/recorded.json")).expect("the fixture is JSON")
}

fn numbers(value: &Value) -> Vec<f64> {
    let number = |value: &Value| match value {
        Value::String(text) => text.parse().expect("inf, -inf or nan"),
        value => value.as_f64().expect("a number"),
    };
    value.as_array().expect("a list").iter().map(number).collect()
}

fn sizes(value: &Value) -> Vec<usize> {
    numbers(value).into_iter().map(|size| size as usize).collect()
}

fn float(value: &Value) -> Tensor {
    Tensor::from_vec(numbers(&value["data"]), sizes(&value["shape"]))
}

fn whole(value: &Value) -> Tensor {
    Tensor::from_vec(
        numbers(&value["data"]).into_iter().map(|v| v as i64).collect::<Vec<i64>>(),
        sizes(&value["shape"]),
    )
}

/// One recorded case, with torch's names for its parts.
struct Case<'a> {
    recorded: &'a Value,
    inputs: Vec<(String, Tensor)>,
}

impl Case<'_> {
    fn input(&self, name: &str) -> &Tensor {
        &self.inputs.iter().find(|(key, _)| key == name).expect("the input is recorded").1
    }

    fn parameter(&self, name: &str) -> &Value {
        &self.recorded["parameters"][name]
    }

    fn number(&self, name: &str) -> f64 {
        self.parameter(name).as_f64().expect("a number")
    }

    fn switch(&self, name: &str) -> bool {
        self.parameter(name).as_bool().expect("a truth value")
    }

    fn sizes(&self, name: &str) -> Vec<usize> {
        sizes(self.parameter(name))
    }

    fn axis(&self) -> isize {
        self.number("dim") as isize
    }

    /// One axis, several, or all of them (null).
    fn axes(&self) -> Vec<isize> {
        match self.parameter("dim") {
            Value::Null => (0..self.input("input").rank() as isize).collect(),
            Value::Array(_) => numbers(self.parameter("dim")).into_iter().map(|axis| axis as isize).collect(),
            _ => vec![self.axis()],
        }
    }

    /// Patches of an image, `[batch, channels, rows, columns, kernel rows, kernel columns]`.
    fn patches(&self, kernel: &[usize]) -> Tensor {
        let pair = |name: &str, default: usize| match self.parameter(name) {
            Value::Null => vec![default; 2],
            _ => self.sizes(name),
        };
        let (stride, padding, dilation) = (pair("stride", 1), pair("padding", 0), pair("dilation", 1));
        let padded = self.input("input").pad(2, padding[0], padding[0]).pad(3, padding[1], padding[1]);
        padded.windows(2, kernel[0], stride[0], dilation[0]).windows(3, kernel[1], stride[1], dilation[1])
    }

    /// Patches as columns, `[batch, channels · kernel, positions]`.
    fn columns(&self, kernel: &[usize]) -> Tensor {
        let patches = self.patches(kernel);
        let [batch, channels, rows, columns] = patches.shape()[..4].try_into().expect("four axes");
        patches.permute([0, 1, 4, 5, 2, 3]).reshape([batch, channels * kernel[0] * kernel[1], rows * columns])
    }

    /// The result, and the indices where the operation also returns them.
    fn compute(&self) -> (Tensor, Option<Tensor>) {
        let operation = self.recorded["operation"].as_str().expect("a name");
        // The first operand; distances and angles call theirs x1 and x2.
        let x = &self.inputs[0].1;
        let keep = |kept: Tensor, dropped: Tensor| if self.switch("keepdim") { kept } else { dropped };
        let result = match operation {
            "exp" => x.exp(),
            "expm1" => x.exp_m1(),
            "log" => x.ln(),
            "log1p" => x.ln_1p(),
            "sqrt" => x.sqrt(),
            "rsqrt" => x.rsqrt(),
            "reciprocal" => x.reciprocal(),
            "square" => x.square(),
            "sin" => x.sin(),
            "cos" => x.cos(),
            "atan" => x.atan(),
            "sinh" => x.sinh(),
            "cosh" => x.cosh(),
            "asinh" => x.asinh(),
            "tanh" => x.tanh(),
            "sigmoid" => x.sigmoid(),
            "softplus" => x.softplus(),
            "logsigmoid" => x.log_sigmoid(),
            "erf" => x.erf(),
            "abs" => x.abs(),
            "relu" => x.relu(),
            "leaky_relu" => x.leaky_relu(self.number("negative_slope")),
            "silu" => x.silu(),
            "gelu" if self.parameter("approximate") == "tanh" => x.gelu_tanh(),
            "gelu" => x.gelu(),
            "elu" => x.elu(self.number("alpha")),
            "lgamma" => x.lgamma(),
            "digamma" => x.digamma(),
            "polygamma" => x.polygamma(self.number("n") as u32),
            "pow" if self.parameter("exponent").is_number() => x.pow(self.number("exponent")),
            "pow" => x.pow(self.input("other")),
            "clamp" => match (self.parameter("min").as_f64(), self.parameter("max").as_f64()) {
                (Some(low), Some(high)) => x.clamp(low, high),
                (Some(low), None) => x.clamp_min(low),
                (None, Some(high)) => x.clamp_max(high),
                (None, None) => panic!("clamp without bounds"),
            },
            "add" => x + self.input("other"),
            "sub" => x - self.input("other"),
            "mul" => x * self.input("other"),
            "div" => x / self.input("other"),
            "maximum" => x.maximum(self.input("other")),
            "minimum" => x.minimum(self.input("other")),
            "logaddexp" => x.logaddexp(self.input("other")),
            "atan2" => x.atan2(self.input("other")),
            "xlogy" => x.xlogy(self.input("other")),
            "sum" => keep(x.sum_keepdim(self.axes()), x.sum_axis(self.axes())),
            "mean" => keep(x.mean_keepdim(self.axes()), x.mean_axis(self.axes())),
            "logsumexp" => keep(x.logsumexp_keepdim(self.axes()), x.logsumexp_axis(self.axes())),
            "amax" => keep(x.max_keepdim(self.axes()), x.max_axis(self.axes())),
            "amin" => keep(x.min_keepdim(self.axes()), x.min_axis(self.axes())),
            "softmax" => x.softmax(self.axis()),
            "log_softmax" => x.log_softmax(self.axis()),
            "var" => x.var_axis(self.axes(), self.number("correction") as usize),
            "std" => x.std_axis(self.axes(), self.number("correction") as usize),
            "norm" => x.norm_axis(self.axes()),
            "normalize" => x.normalize(self.axis()),
            "cumsum" if self.switch("reverse") => x.cumulative_sum_reverse(self.axis()),
            "cumsum" => x.cumulative_sum(self.axis()),
            "cumprod" => x.cumulative_product(self.axis()),
            "cosine_similarity" => x.cosine_similarity(self.input("x2"), self.axis()),
            "cdist" => x.pairwise_distances(self.input("x2")),
            "sort" => {
                let sorted =
                    if self.switch("descending") { x.sort_descending(self.axis()) } else { x.sort(self.axis()) };
                return (sorted.0, Some(sorted.1));
            }
            "topk" => {
                let k = self.number("k") as usize;
                let (values, positions) = if self.switch("largest") {
                    x.top_k(self.axis(), k)
                } else {
                    let (values, positions) = x.sort(self.axis());
                    (values.slice(self.axis(), ..k), positions.slice(self.axis(), ..k))
                };
                return (values, Some(positions));
            }
            "gather" | "take_along_dim" => x.take_along_axis(self.axis(), self.input("index")),
            "scatter_add" => {
                let axis = self.axis().rem_euclid(x.rank() as isize);
                let mut added = self.input("src").scatter_add(axis, self.input("index"), x.shape()[axis as usize]);
                // torch lets the index be shorter than the input beside the axis.
                for other in 0..x.rank() {
                    added = added.pad(other as isize, 0, x.shape()[other] - added.shape()[other]);
                }
                x + added
            }
            "index_select" => x.index_select(self.axis(), self.input("index")),
            "flip" => x.flip(numbers(self.parameter("dims")).into_iter().map(|axis| axis as isize).collect::<Vec<_>>()),
            "pad" => {
                let widths = self.parameter("pad").as_array().expect("a pair for each axis").iter().map(sizes);
                let (mut padded, mut inside) = (x.clone(), x.ones_like());
                for (axis, width) in widths.enumerate() {
                    padded = padded.pad(axis as isize, width[0], width[1]);
                    inside = inside.pad(axis as isize, width[0], width[1]);
                }
                padded + self.number("value") * (1.0 - inside)
            }
            "matmul" => x.matmul(self.input("other")),
            "unfold" => self.columns(&self.sizes("kernel_size")),
            "conv2d" => {
                let weight = self.input("weight");
                let (kernels, kernel) = (weight.shape()[0], &weight.shape()[2..]);
                let patches = self.patches(kernel);
                let product = weight.reshape([kernels, weight.elements() / kernels]).matmul(&self.columns(kernel));
                let image = product.reshape([x.shape()[0], kernels, patches.shape()[2], patches.shape()[3]]);
                match self.inputs.iter().find(|(key, _)| key == "bias") {
                    Some((_, bias)) => image + bias.reshape([kernels, 1, 1]),
                    None => image,
                }
            }
            "max_pool2d" => self.patches(&self.sizes("kernel_size")).max_axis([-2, -1]),
            "avg_pool2d" => self.patches(&self.sizes("kernel_size")).mean_axis([-2, -1]),
            unknown => panic!("{unknown} is recorded, and nothing here computes it"),
        };
        (result, None)
    }
}

/// Differences beyond an absolute and a relative bound, in the given text.
fn compare(found: &Tensor, expected: &Value, what: &str, errors: &mut Vec<String>) {
    if found.shape().sizes() != sizes(&expected["shape"]) {
        errors.push(format!("{what}: shape {} and not {}", found.shape(), expected["shape"]));
        return;
    }
    for (entry, (a, b)) in found.to_vec::<f64>().into_iter().zip(numbers(&expected["data"])).enumerate() {
        let within = relative_eq!(a, b, epsilon = 1e-12, max_relative = 1e-10);
        if !within {
            errors.push(format!("{what}[{entry}]: {a:e} and not {b:e}"));
        }
    }
}

#[test]
fn operations() {
    let recorded = recorded();
    let mut errors = Vec::new();
    let cases = recorded["cases"].as_array().expect("a list");
    assert!(cases.len() > 200, "only {} cases", cases.len());
    for case in cases {
        let name = format!("{} ({})", case["operation"], case["name"]);
        // JSON objects come back in alphabetical order: `differentiate` has the first operand first, an index is never first.
        let differentiate: Vec<&str> =
            case["differentiate"].as_array().expect("a list").iter().map(|key| key.as_str().expect("a name")).collect();
        let parts = case["inputs"].as_object().expect("an object");
        let mut keys: Vec<&str> = parts.keys().map(String::as_str).collect();
        keys.sort_by_key(|key| differentiate.iter().position(|name| name == key).unwrap_or(usize::MAX));
        let tensor = |key: &str| if key == "index" { whole(&parts[key]) } else { float(&parts[key]) };
        let case_of = Case { recorded: case, inputs: keys.iter().map(|&key| (key.to_owned(), tensor(key))).collect() };

        let (value, indices) = case_of.compute();
        compare(&value, &case["value"], &format!("{name}: value"), &mut errors);
        if let Some(indices) = indices {
            assert_eq!(indices.to_vec::<f64>(), numbers(&case["indices"]["data"]), "{name}: indices");
        }
        let targets: Vec<&Tensor> = differentiate.iter().map(|key| case_of.input(key)).collect();
        let loss = (value * float(&case["cotangent"])).sum();
        for (key, gradient) in differentiate.iter().zip(grad(&loss, targets.iter().copied())) {
            compare(&gradient, &case["gradient"][key], &format!("{name}: gradient of {key}"), &mut errors);
        }
        if let Some(product) = case.get("hessian_vector_product") {
            let found = loss.hessian_vector_product(targets[0], &float(&product["direction"]));
            compare(&found, &product["value"], &format!("{name}: Hessian-vector product"), &mut errors);
        }
    }
    assert!(errors.is_empty(), "{} differences:\n{}", errors.len(), errors.join("\n"));
}

/// The largest error of a function over its table, in units of the bound `relative · |value| + absolute`.
#[test]
fn special_functions() {
    type Function = fn(&Tensor) -> Tensor;
    // Relative error; the absolute bound matters beside the zeros of the function only.
    let bounds: [(&str, Function, f64, f64); 7] = [
        ("lgamma", Tensor::lgamma, 2e-15, 1e-15),
        ("digamma", Tensor::digamma, 2e-15, 4e-15),
        ("trigamma", |x| x.polygamma(1), 2e-15, 0.0),
        ("trigamma_negative", |x| x.polygamma(1), 2e-14, 0.0),
        ("polygamma_2", |x| x.polygamma(2), 4e-15, 0.0),
        ("polygamma_3", |x| x.polygamma(3), 4e-15, 0.0),
        ("erf", Tensor::erf, 5e-16, 0.0),
    ];
    let recorded = recorded();
    let tables = recorded["scalar_functions"].as_object().expect("an object");
    for name in tables.keys() {
        assert!(bounds.iter().any(|bound| bound.0 == name), "{name} is recorded, and nothing here computes it");
    }
    let mut errors = Vec::new();
    for (name, function, relative, absolute) in bounds {
        let (x, expected) = (numbers(&tables[name]["x"]), numbers(&tables[name]["value"]));
        let found = function(&Tensor::from(x.clone())).to_vec::<f64>();
        for (x, (a, b)) in x.into_iter().zip(found.into_iter().zip(expected)) {
            let within = relative_eq!(a, b, epsilon = absolute, max_relative = relative);
            if !within {
                errors.push(format!("{name}({x:e}): {a:e} and not {b:e}, relative error {:.1e}", ((a - b) / b).abs()));
            }
        }
    }
    assert!(errors.is_empty(), "{} differences:\n{}", errors.len(), errors.join("\n"));
}

/// A fixture holds the very numbers that were recorded: JSON is read to the last bit.
#[test]
fn fixtures_are_read_to_the_last_bit() {
    let mut rng = minimand_tensor::Rng::seed(7);
    for _ in 0..10_000 {
        let value = (rng.uniform() - 0.5) * 10f64.powi(rng.below(600) as i32 - 300);
        let read: f64 = serde_json::from_str(&format!("{value:e}")).unwrap();
        assert_eq!(read.to_bits(), value.to_bits(), "{value:e}");
    }
}
