//! Nothing is computed before it is read, and nothing twice; what gradients mean beside that.

use approx::assert_abs_diff_eq;
use minimand_tensor::{Parameter, Tensor, eval, grad, value_and_grad};

#[test]
fn nothing_is_computed_before_it_is_read() {
    let x = Tensor::from([1.0, 2.0]);
    let y = x.exp();
    let loss = y.sum();
    let slope = loss.grad(&x);
    let other = x.sin();
    assert!(x.is_evaluated() && !y.is_evaluated() && !loss.is_evaluated() && !slope.is_evaluated());
    // Describing is not reading.
    let _ = (format!("{loss:?}"), loss.explain(), loss.explain_dot(), loss.shape(), loss.dtype(), loss.name());
    assert!(!loss.is_evaluated());
    loss.item();
    // Read is what was asked for, and the gradient that is held; not what lies between, nor what was not asked for.
    assert!(loss.is_evaluated() && slope.is_evaluated() && !y.is_evaluated() && !other.is_evaluated());
}

#[test]
fn every_way_of_reading_computes() {
    let x = Tensor::from([4.0]);
    let readers: [fn(&Tensor); 4] = [
        |t| drop(t.to_vec::<f32>()),
        |t| assert_eq!(t.item(), 2.0),
        |t| assert_eq!(t.to_string(), "[2]"),
        |t| eval([t]),
    ];
    for read in readers {
        let root = x.sqrt();
        assert!(!root.is_evaluated());
        read(&root);
        assert!(root.is_evaluated());
    }
}

/// Reading a loss computes the gradients that are held, and theirs; not those that were dropped.
#[test]
fn a_loss_brings_its_gradients() {
    let (x, w) = (Tensor::from([1.0, 2.0]), Tensor::from([3.0, 4.0]));
    let loss = (&x * &w).square().sum();
    let [to_x, to_w] = grad(&loss, [&x, &w]).try_into().unwrap();
    drop(to_w);
    let penalty = to_x.square().sum();
    let of_penalty = penalty.grad(&x);
    loss.item();
    assert!(to_x.is_evaluated() && !penalty.is_evaluated() && !of_penalty.is_evaluated());
    penalty.item();
    assert!(of_penalty.is_evaluated());

    let (value, gradients) = value_and_grad(&x.square().sum(), [&x]);
    assert!(value == 5.0 && gradients[0].is_evaluated());
}

#[test]
fn a_parameter_lets_its_past_go() {
    let cell = Parameter::new("w", Tensor::from([1.0]));
    let before = cell.value();
    cell.set(&before * 2.0);
    // The new value is a leaf: the old one does not influence it any more.
    assert_eq!(cell.value().sum().grad(&before).item(), 0.0);
    assert_eq!((cell.value().item(), before.item()), (2.0, 1.0));
    assert_eq!(cell.value().explain().lines().count(), 1);
    assert_eq!(cell.value().name().as_deref(), Some("w"));
    assert!(cell.is_same(&cell.clone()) && !cell.is_same(&Parameter::new("w", Tensor::zeros([1]))));
}

#[test]
fn detach_cuts() {
    let x = Tensor::from([2.0]).named("x");
    for y in [x.square().detach(), x.detach(), x.square().detach().sin()] {
        assert_eq!(y.sum().grad(&x).item(), 0.0);
    }
    assert_eq!((x.square().detach() * &x).sum().grad(&x).item(), 4.0);
    assert_eq!(x.detach().name().as_deref(), Some("x"));
    // A detached tensor is a target of its own.
    let cut = x.square().detach();
    assert_eq!((&cut * &x).sum().grad(&cut).item(), 2.0);
}

#[test]
fn gradients_of_what_does_not_matter_are_zero() {
    let (x, y) = (Tensor::from([1.0, 2.0]), Tensor::from([[3.0f32, 4.0]]));
    let [to_x, to_y] = grad(&x.sum(), [&x, &y]).try_into().unwrap();
    assert_eq!(to_x.to_vec::<f64>(), [1.0, 1.0]);
    assert_eq!((to_y.to_vec::<f64>(), to_y.shape().sizes(), to_y.dtype()), (vec![0.0, 0.0], &[1, 2][..], y.dtype()));
    // Made after the loss, or of the loss.
    let loss = x.sum();
    let later = &loss * 2.0;
    assert_eq!(loss.grad(&later).item(), 0.0);
    assert_eq!(loss.grad(&loss).item(), 1.0);
    assert_eq!(loss.grad(&x.exp()).to_vec::<f64>(), [0.0, 0.0]);
}

#[test]
fn gradients_with_respect_to_anything() {
    let x = Tensor::from([1.0, 2.0]);
    let middle = x.exp();
    let loss = (&middle * &middle + &x).sum();
    let [to_middle, to_x] = grad(&loss, [&middle, &x]).try_into().unwrap();
    assert_eq!(to_middle.to_vec::<f64>(), middle.to_vec::<f64>().iter().map(|e| 2.0 * e).collect::<Vec<_>>());
    for (found, x) in to_x.to_vec::<f64>().into_iter().zip([1.0f64, 2.0]) {
        assert_abs_diff_eq!(found, 2.0 * (2.0 * x).exp() + 1.0, epsilon = 1e-12);
    }
    // The same target twice, and a known tensor in the middle.
    middle.to_vec::<f64>();
    let again = grad(&loss, [&middle, &middle, &x]);
    assert_eq!(again[0].to_vec::<f64>(), again[1].to_vec::<f64>());
    assert_eq!(again[2].to_vec::<f64>(), to_x.to_vec::<f64>());
    // A scalar of any rank has a gradient.
    assert_eq!(x.sum_keepdim(0).reshape([1, 1]).grad(&x).to_vec::<f64>(), [1.0, 1.0]);
}

/// Equal constants of different bits or types are different constants.
#[test]
fn constants_are_told_apart() {
    let x = Tensor::from([1.0, -1.0]);
    let (plus, minus) = (&x / 0.0 + 0.0 * &x, &x / -0.0);
    let (nan, also_nan) = (&x * f64::NAN, &x + f64::NAN);
    let (truth, whole) = (x.gt(0) & Tensor::ones([2]).cast(minimand_tensor::DType::Bool), x.gt(0) + 1);
    eval([&plus, &minus, &nan, &also_nan, &truth, &whole]);
    assert_eq!(plus.to_vec::<f64>(), [f64::INFINITY, f64::NEG_INFINITY]);
    assert_eq!(minus.to_vec::<f64>(), [f64::NEG_INFINITY, f64::INFINITY]);
    assert!(nan.to_vec::<f64>().iter().chain(&also_nan.to_vec::<f64>()).all(|value| value.is_nan()));
    assert_eq!((truth.to_vec::<bool>(), whole.to_vec::<i64>()), (vec![true, false], vec![2, 1]));
    let (single, double) = (Tensor::from([1.0f32]) * 0.1, Tensor::from([1.0f64]) * 0.1);
    eval([&single, &double]);
    assert_eq!((single.item(), double.item()), (f64::from(0.1f32), 0.1));
}

/// A name stays with the tensor it was given to.
#[test]
fn names() {
    let x = Tensor::from([1.0, 2.0]);
    assert_eq!(x.name(), None);
    let x = x.named("x").named("points");
    assert_eq!(x.clone().name().as_deref(), Some("points"));
    assert_eq!(format!("{x:?}"), "Tensor(data: f64[2] \"points\")");
    assert_eq!(format!("{:?}", x.exp().sum()), "Tensor(reshape: f64[])");
}

const _: fn() = || {
    fn everywhere<T: Send + Sync + 'static>() {}
    everywhere::<Tensor>();
    everywhere::<Parameter>();
};

/// A value that is prepared once and used in every evaluation is computed in each, until it is kept; a counter and the explanation tell.
#[test]
fn what_is_computed_again_is_counted() {
    let raw = Tensor::from([1.0, 2.0, 3.0]);
    let prepared = (&raw - raw.mean()) / 2.0;
    for weight in 1..=3 {
        assert_eq!((&prepared * weight).sum().item(), 0.0);
    }
    let text = (&prepared * 9).explain();
    assert_eq!(text.matches("computed 3 times: computed() would keep it").count(), 4, "{text}");
    let kept = prepared.computed();
    let text = (&kept * 9).explain();
    assert!(!text.contains("times"), "{text}");
    for weight in 1..=3 {
        assert_eq!((&kept * weight).sum().item(), 0.0);
    }
    assert!(!(&kept * 9).explain().contains("times"));
    // Also what was read: it is data from then on.
    assert!(!(&prepared * 9).explain().contains("times"));
}
