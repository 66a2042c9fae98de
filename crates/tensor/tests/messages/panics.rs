//! A mistake panics in the name of the caller's line, and says what was asked of what.

use minimand_tensor::{DType, Parameter, Rng, Tensor, eval, grad, set_threads, value_and_grad};

use crate::{panic_anywhere, panic_of};

fn zeros(shape: &[usize]) -> Tensor {
    Tensor::zeros(shape)
}

#[test]
fn operators() {
    let (a, b) = (zeros(&[32, 10]), zeros(&[32, 1, 9]));
    let broadcast = |name: &str| format!("{name}: [32, 10] and [32, 1, 9] do not broadcast: axis -1 is 10 and 9");
    assert_eq!(panic_of(|| &a + &b), broadcast("add"));
    assert_eq!(panic_of(|| a.clone() + b.clone()), broadcast("add"));
    assert_eq!(panic_of(|| &a - &b), broadcast("subtract"));
    assert_eq!(panic_of(|| &a * &b), broadcast("multiply"));
    assert_eq!(panic_of(|| &a / &b), broadcast("divide"));
    assert_eq!(
        panic_of(|| {
            let mut a = a.clone();
            a += &b;
        }),
        broadcast("add")
    );
    assert_eq!(panic_of(|| a.pow(&b)), broadcast("pow"));
    assert_eq!(panic_of(|| a.maximum(&b)), broadcast("maximum"));
    assert_eq!(panic_of(|| a.minimum(&b)), broadcast("minimum"));
    assert_eq!(panic_of(|| a.lt(&b)), broadcast("lt"));
    assert_eq!(panic_of(|| a.eq(&b)), broadcast("eq"));
    assert_eq!(panic_of(|| a.ne(&b)), broadcast("ne"));
    assert_eq!(panic_of(|| a.le(&b)), broadcast("le"));
    assert_eq!(panic_of(|| a.gt(&b)), broadcast("gt"));
    assert_eq!(panic_of(|| a.ge(&b)), broadcast("ge"));
    assert_eq!(panic_of(|| a.gt(0) & b.gt(0)), broadcast("logical_and"));
    assert_eq!(panic_of(|| a.gt(0) | b.gt(0)), broadcast("logical_or"));
    // The axis that conflicts, counted from the back.
    assert!(panic_of(|| zeros(&[4, 3, 2]) + zeros(&[5, 1, 2])).ends_with("axis -3 is 4 and 5"));
    assert!(panic_of(|| zeros(&[0]) + zeros(&[2])).ends_with("axis -1 is 0 and 2"));
}

#[test]
fn shapes() {
    let x = zeros(&[2, 3]);
    assert_eq!(panic_of(|| x.reshape([4])), "reshape: [2, 3] holds 6 elements and [4] holds 4");
    assert_eq!(panic_of(|| x.squeeze(0)), "squeeze: axis 0 of [2, 3] is 2, not 1");
    assert_eq!(panic_of(|| x.unsqueeze(4)), "unsqueeze: axis 4 is out of range for [2, 3], which has 2 axes");
    assert_eq!(panic_of(|| x.permute([0, 0])), "permute: [0, 0] does not name each of the 2 axes of [2, 3] once");
    assert_eq!(panic_of(|| x.permute([0, 2])), "permute: axis 2 is out of range for [2, 3], which has 2 axes");
    assert_eq!(panic_of(|| zeros(&[3]).transpose()), "transpose: [3] has 1 axes; two are needed");
    assert_eq!(panic_of(|| x.swap_axes(0, 2)), "swap_axes: axis 2 is out of range for [2, 3], which has 2 axes");
    assert_eq!(panic_of(|| x.expand([2, 4])), "expand: [2, 3] and [2, 4] do not broadcast: axis -1 is 3 and 4");
    assert_eq!(panic_of(|| x.expand([3])), "expand: [2, 3] cannot shrink to [3]");
    assert_eq!(panic_of(|| x.slice(1, 2..5)), "slice: 2..5 does not lie within axis 1 of [2, 3], which has 3 entries");
    assert_eq!(panic_of(|| x.slice_step(1, .., 0)), "slice: the step is 0");
    assert_eq!(panic_of(|| x.at(0, 2)), "at: position 2 is out of range for axis 0 of [2, 3]");
    assert_eq!(panic_of(|| x.pad(-3, 1, 1)), "pad: axis -3 is out of range for [2, 3], which has 2 axes");
    assert_eq!(panic_of(|| x.flip([0, 0])), "flip: axis 0 of [2, 3] is named twice");
    assert_eq!(panic_of(|| x.split(1, &[1, 1])), "split: the lengths [1, 1] add up to 2, axis 1 of [2, 3] is 3");
    let other = zeros(&[2, 4]);
    assert_eq!(
        panic_of(|| Tensor::concatenate([&x, &other], 0)),
        "concatenate: [2, 3] and [2, 4] differ beside axis 0"
    );
    assert_eq!(panic_of(|| Tensor::concatenate([], 0)), "concatenate: there is no tensor");
    assert!(panic_of(|| Tensor::stack([&x, &other], 0)).contains("[1, 2, 3] and [1, 2, 4] differ"));
    assert!(panic_of(|| Tensor::stack([&x], 5)).contains("axis 5 is out of range for [2, 3]"));
    let long = "windows: axis 1 of [2, 3] is too short for a window of 4 entries 1 apart";
    assert_eq!(panic_of(|| x.windows(1, 4, 1, 1)), long);
    assert_eq!(panic_of(|| x.windows(1, 2, 0, 1)), "windows: size 2, step 0, dilation 1: none may be 0");
    let tight = "overlap_add: 2 windows of 3 entries, 1 and 1 apart, do not fit into 3";
    assert_eq!(panic_of(|| x.overlap_add(0, 1, 1, 3)), tight);
    assert_eq!(
        panic_of(|| Tensor::from_vec(vec![1.0; 5], [2, 3])),
        "from_vec: 5 values do not fill [2, 3], which holds 6"
    );
    assert_eq!(panic_of(|| x.item()), "item: [2, 3] holds 6 values, not one");
}

#[test]
fn products_and_indices() {
    let (a, b) = (zeros(&[2, 3]), zeros(&[4, 5]));
    let inner = "matmul: [2, 3] and [4, 5]: axis -1 of the left is 3 and axis -2 of the right is 4";
    assert_eq!(panic_of(|| a.matmul(&b)), inner);
    let vector = "matmul: [7] and [4, 5]: axis -1 of the left is 7 and axis -2 of the right is 4";
    assert_eq!(panic_of(|| zeros(&[7]).matmul(&b)), vector);
    let vector = "matmul: [2, 3] and [7]: axis -1 of the left is 3 and axis -1 of the right is 7";
    assert_eq!(panic_of(|| a.matmul(&zeros(&[7]))), vector);
    let batch = "matmul: [2, 3, 3] and [4, 3, 3] do not broadcast: axis -3 is 2 and 4";
    assert_eq!(panic_of(|| zeros(&[2, 3, 3]).matmul(&zeros(&[4, 3, 3]))), batch);
    let scalar = "matmul: [] and [2, 3]: a scalar has no rows or columns; use * instead";
    assert_eq!(panic_of(|| zeros(&[]).matmul(&a)), scalar);
    let whole = Tensor::iota(2);
    let kind = "matmul: of i64 and i64: cast them to a floating-point type first";
    assert_eq!(panic_of(|| whole.matmul(&whole)), kind);

    assert_eq!(panic_of(|| a.take_along_axis(0, &a)), "take_along_axis: the index must be i64, not f32");
    let ranks = "take_along_axis: [2, 3] and its index [2] must have the same number of axes";
    assert_eq!(panic_of(|| a.take_along_axis(0, &whole)), ranks);
    let beside = whole.reshape([2, 1]);
    assert!(panic_of(|| zeros(&[3, 3]).take_along_axis(1, &beside)).contains("axis -2 is 3 and 2"));
    assert_eq!(panic_of(|| a.index_select(0, &a)), "index_select: the index must be i64, not f32");
    let far = format!("index: position {} is beyond the range of i64", usize::MAX);
    assert_eq!(panic_of(|| a.index_select(0, usize::MAX)), far);
    assert_eq!(panic_of(|| a.index_select(0, [0, usize::MAX])), far);
    assert!(panic_of(|| a.scatter_add(1, &beside, 4)).contains("3 entries and 1 indices along axis 1"));
    assert_eq!(panic_of(|| a.top_k(-1, 4)), "top_k: axis -1 of [2, 3] has 3 entries, fewer than 4");
    assert_eq!(panic_of(|| zeros(&[2, 0]).argmax_axis(1)), "argmax: axis 1 of [2, 0] is empty");
    assert_eq!(panic_of(|| a.argsort(2)), "argsort: axis 2 is out of range for [2, 3], which has 2 axes");
}

/// Operations made of others name the caller's line all the same.
#[test]
fn composites() {
    let x = zeros(&[2, 3]);
    let axis = |name: &str| format!("{name}: axis 2 is out of range for [2, 3], which has 2 axes");
    assert_eq!(panic_of(|| x.sum_axis(2)), axis("sum"));
    assert_eq!(panic_of(|| x.mean_axis(2)), axis("mean"));
    assert_eq!(panic_of(|| x.mean_keepdim([0, 2])), axis("mean"));
    assert_eq!(panic_of(|| x.var_axis(2, 0)), axis("var"));
    assert_eq!(panic_of(|| x.std_axis(2, 0)), axis("std"));
    assert_eq!(panic_of(|| x.max_axis(2)), axis("max"));
    assert_eq!(panic_of(|| x.logsumexp_axis(2)), axis("logsumexp"));
    assert_eq!(panic_of(|| x.softmax(2)), axis("softmax"));
    assert_eq!(panic_of(|| x.log_softmax(2)), axis("log_softmax"));
    assert_eq!(panic_of(|| x.norm_axis(2)), axis("norm"));
    assert_eq!(panic_of(|| x.normalize(2)), axis("normalize"));
    assert_eq!(panic_of(|| x.cumulative_sum(2)), axis("cumulative_sum"));
    assert_eq!(panic_of(|| x.sort(2)), axis("sort"));
    assert!(panic_of(|| zeros(&[3]).tril(0)).contains("[3] has fewer than two axes"));
    assert!(panic_of(|| x.cosine_similarity(&zeros(&[4, 5]), -1)).contains("axis -1 is 3 and 5"));
    assert!(panic_of(|| x.pairwise_distances(&zeros(&[4, 5]))).contains("axis -1 is 3 and 5"));
    assert!(
        panic_of(|| x.logaddexp(zeros(&[4])))
            .contains("logaddexp: [2, 3] and [4] do not broadcast: axis -1 is 3 and 4")
    );
    assert!(panic_of(|| x.xlogy(zeros(&[4]))).contains("axis -1 is 3 and 4"));
    assert!(panic_of(|| x.clamp_min(zeros(&[4]))).contains("[2, 3] and [4] do not broadcast"));
    assert!(panic_of(|| x.gt(0).select(zeros(&[4]), 0)).contains("[2, 3] and [4] do not broadcast"));
    // Made for a scalar there is no axis of classes to add: `one_hot` of anything works.
    assert_eq!(*zeros(&[]).cast(DType::I64).one_hot(3).shape(), [3]);
}

#[test]
fn gradients() {
    let x = zeros(&[2, 3]);
    let many = "grad: only a scalar has a gradient, and this is [2, 3]: reduce it with .mean() or .sum() first";
    assert_eq!(panic_of(|| x.grad(&x)), many);
    assert_eq!(panic_of(|| grad(&x, [&x])), many);
    assert_eq!(panic_of(|| value_and_grad(&x, [&x])), many);
    assert_eq!(panic_of(|| x.hessian(&x)), many);
    let whole = Tensor::iota(2);
    assert_eq!(panic_of(|| whole.sum().grad(&x)), "grad: a tensor of i64 has no gradient");
    assert_eq!(panic_of(|| x.sum().grad(&whole)), "grad: with respect to a tensor of i64 there is no gradient");
    let direction = "hessian_vector_product: the direction [3] and the target [2, 3] must have the same shape";
    assert_eq!(panic_of(|| x.sum().hessian_vector_product(&x, &zeros(&[3]))), direction);
}

#[test]
fn parameters_and_generators() {
    let cell = Parameter::new("weight", zeros(&[2]));
    let shape = "set: parameter weight holds f32[2] and cannot take f32[3]";
    assert_eq!(panic_of(|| cell.set(zeros(&[3]))), shape);
    let kind = "set: parameter weight holds f32[2] and cannot take f64[2]";
    assert_eq!(panic_of(|| cell.set(Tensor::from([1.0, 2.0]))), kind);
    // A refused value has changed nothing, and the cell can be used on.
    assert_eq!(cell.value().to_vec::<f64>(), [0.0, 0.0]);
    cell.set(Tensor::ones([2]));
    assert_eq!(cell.value().to_vec::<f64>(), [1.0, 1.0]);

    let mut rng = Rng::seed(1);
    assert_eq!(panic_of(|| rng.below(0)), "below: there is no number below 0");
    assert_eq!(panic_of(|| Tensor::uniform([2], 1.0, 0.0, &mut rng)), "uniform: from 1 to 0");
    assert_eq!(panic_of(|| Tensor::bernoulli([2], 1.5, &mut rng)), "bernoulli: 1.5 is not a probability");
    assert_eq!(panic_of(|| Tensor::arange(0.0, 1.0, 0.0)), "arange: from 0 to 1 in steps of 0");
    assert_eq!(panic_of(|| set_threads(0)), "set_threads: at least one thread is needed");
}

/// An index is known only when it is computed: the message names the line that made the operation, and what was computed
/// before and after is not harmed.
#[test]
fn indices_out_of_range() {
    let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    let index = Tensor::from([0i64, 2]);
    let line = line!() + 1;
    let picked = x.index_select(0, &index);
    let (_, _, text) = panic_anywhere(|| picked.sum().item());
    assert!(text.contains(&format!("messages/panics.rs:{line}:")), "{text}");
    assert!(text.contains("index 2 is out of range for an axis of 2"), "{text}");
    let negative = Tensor::from([-1i64, 0]);
    let line = line!() + 1;
    let added = x.scatter_add(0, negative.unsqueeze(-1), 3);
    let (_, _, text) = panic_anywhere(|| eval([&added]));
    assert!(text.contains(&format!("scatter_add at {}:{line}:", file!())), "{text}");
    assert!(text.contains("index -1 is out of range for an axis of 3"), "{text}");
    assert!(!picked.is_evaluated() && !added.is_evaluated());
    assert_eq!(x.index_select(0, Tensor::from([0i64, 1])).sum().item(), 10.0);
    // The same from another thread that dies of it.
    let shared = picked.clone();
    assert!(std::thread::spawn(move || panic_anywhere(|| shared.item())).join().is_ok());
    assert_eq!((&x + 1.0).sum().item(), 14.0);
}

#[test]
fn draws() {
    let rng = &mut Rng::seed(0);
    assert_eq!(panic_of(|| Tensor::random_integers([2], 3..3, rng)), "random_integers: from 3 to 2 there is no number");
    let empty = i64::MIN..i64::MIN;
    assert_eq!(panic_of(|| Tensor::random_integers([2], empty, rng)), "random_integers: the range is empty");
    let row = |text: &str| format!("categorical: row 1 of weights [2, 2] {text}");
    let of = |a: f64, b: f64| Tensor::from([[1.0, 0.0], [a, b]]);
    let holds = |at: f64, other: f64, rng: &mut Rng| panic_of(|| Tensor::categorical(&of(other, at), 2, rng));
    assert_eq!(holds(-0.5, 1.0, rng), row("holds -0.5 for class 1"));
    assert_eq!(holds(f64::NAN, 1.0, rng), row("holds NaN for class 1"));
    assert_eq!(holds(f64::INFINITY, 1.0, rng), row("holds inf for class 1"));
    assert_eq!(holds(0.0, 0.0, rng), row("holds no weight above 0"));
    assert_eq!(
        panic_of(|| Tensor::categorical_with_logits(&of(f64::NEG_INFINITY, f64::NEG_INFINITY), 1, rng)),
        "categorical_with_logits: row 1 of logits [2, 2] holds no logit above -inf"
    );
    assert_eq!(
        panic_of(|| Tensor::categorical_with_logits(&of(f64::NAN, 0.0), 1, rng)),
        "categorical_with_logits: row 1 of logits [2, 2] holds NaN for class 0"
    );
    assert!(
        panic_of(|| Tensor::categorical(&Tensor::scalar(1.0), 1, rng)).ends_with("weights [] must be […, classes]")
    );
    assert!(
        panic_of(|| Tensor::categorical(&zeros(&[3, 0]), 1, rng)).contains("row 0 of weights [3, 0] holds no weight")
    );
    assert!(panic_of(|| Tensor::categorical(&zeros(&[2, 3, 2]), 1, rng)).contains("row [0, 0] of weights [2, 3, 2]"));
}

/// Of an axis without entries nothing can be picked, and nothing is added to it, wherever it begins in memory.
#[test]
fn many_indices_of_nothing() {
    let index = Tensor::from(vec![0i64; 40_000]);
    let nothing = Tensor::ones([3, 4]).computed().at(1, 2).slice(0, 3..);
    let picked = nothing.index_select(0, &index);
    let (_, _, text) = panic_anywhere(|| picked.sum().item());
    assert!(text.contains("index 0 is out of range for an axis of 0"), "{text}");
    let added = Tensor::ones([40_000]).scatter_add(0, &index, 0);
    let (_, _, text) = panic_anywhere(|| eval([&added]));
    assert!(text.contains("index 0 is out of range for an axis of 0"), "{text}");
    assert_eq!(nothing.index_select(0, Tensor::from(Vec::<i64>::new())).sum().item(), 0.0);
}

/// Of very many indices one that is out of range is named as well, though several threads look at them.
#[test]
fn one_bad_index_among_many() {
    let count = 200_000;
    let index = |bad: i64| {
        let mut index: Vec<i64> = (0..count).map(|at| at % 50).collect();
        index[123_456] = bad;
        Tensor::from(index)
    };
    for bad in [50, -1, i64::MAX, i64::MIN] {
        let picked = Tensor::zeros([50]).index_select(0, index(bad));
        let (_, _, text) = panic_anywhere(|| picked.sum().item());
        assert!(text.contains(&format!("index {bad} is out of range for an axis of 50")), "{text}");
        let added = Tensor::ones([count as usize]).scatter_add(0, index(bad), 50);
        let (_, _, text) = panic_anywhere(|| eval([&added]));
        assert!(text.contains(&format!("index {bad} is out of range for an axis of 50")), "{text}");
    }
}
