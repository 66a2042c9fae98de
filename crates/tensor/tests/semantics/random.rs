//! Random numbers: the same seed gives the same numbers everywhere, and they have the moments they should have.

use minimand_tensor::{DType, Rng, Tensor};

/// These numbers were printed once; a change of the generator or of the order of draws changes every training run.
#[test]
fn the_same_seed_gives_the_same_numbers() {
    let mut rng = Rng::seed(7);
    let drawn = [
        format!("{}", Tensor::normal([4], &mut rng)),
        format!("{}", Tensor::uniform([4], -1.0, 3.0, &mut rng)),
        format!("{}", Tensor::bernoulli([8], 0.5, &mut rng)),
        format!("{}", Tensor::permutation(8, &mut rng)),
        format!("{:?}", [rng.below(1000), rng.below(1000), rng.below(1000)]),
        format!("{:?}", (rng.uniform(), rng.normal())),
        format!("{:?}", rng.permutation(5)),
        format!("{}", Tensor::normal([2], &mut rng.split())),
    ];
    let recorded: [&str; 8] = [
        "[-0.7753719, -1.3834218, 0.889713, 0.35977906]",
        "[1.4050361, 0.43745747, -0.6677619, 2.3971593]",
        "[1, 0, 1, 1, 0, 1, 1, 0]",
        "[2, 6, 1, 3, 4, 0, 7, 5]",
        "[75, 322, 217]",
        "(0.43823475909719, 0.5004743417435589)",
        "[3, 2, 1, 0, 4]",
        "[-0.42930186, 1.320981]",
    ];
    assert_eq!(drawn, recorded);
}

#[test]
fn seeds_and_splits_differ() {
    let draw = |mut rng: Rng| Tensor::normal([16], &mut rng).to_vec::<f32>();
    let mut parent = Rng::seed(1);
    let children = [draw(parent.split()), draw(parent.split()), draw(parent), draw(Rng::seed(1)), draw(Rng::seed(2))];
    for (which, a) in children.iter().enumerate() {
        assert!(children[..which].iter().all(|b| a != b));
    }
    let mut again = Rng::seed(1);
    assert_eq!(draw(again.split()), children[0]);
}

/// Mean, variance, third and fourth standardised moment.
fn moments(x: &Tensor) -> [f64; 4] {
    let x = x.cast(DType::F64);
    let (mean, deviation) = (x.mean().item(), x.std(.., 0).item());
    let z = (x - mean) / deviation;
    [mean, deviation * deviation, z.pow(3).mean().item(), z.pow(4).mean().item()]
}

#[test]
fn moments_and_ranges() {
    // With 200,000 draws the standard error of a mean is 0.0022 deviations; the bounds are five of them.
    let count = 200_000;
    let mut rng = Rng::seed(3);
    let near = |found: [f64; 4], expected: [f64; 4], bounds: [f64; 4]| {
        for k in 0..4 {
            assert!((found[k] - expected[k]).abs() < bounds[k], "moment {}: {} and {}", k + 1, found[k], expected[k]);
        }
    };
    near(moments(&Tensor::normal([count], &mut rng)), [0.0, 1.0, 0.0, 3.0], [0.011, 0.016, 0.028, 0.055]);

    let uniform = Tensor::uniform([count], -2.0, 4.0, &mut rng);
    near(moments(&uniform), [1.0, 3.0, 0.0, 1.8], [0.02, 0.03, 0.012, 0.01]);
    assert!(uniform.min().item() >= -2.0 && uniform.max().item() < 4.0);
    assert!(uniform.min().item() < -1.999 && uniform.max().item() > 3.999);

    let ones = Tensor::bernoulli([count], 0.3, &mut rng);
    assert!((ones.mean().item() - 0.3).abs() < 0.0052);
    assert!(ones.to_vec::<f32>().iter().all(|&value| value == 0.0 || value == 1.0));
    assert_eq!(Tensor::bernoulli([100], 0.0, &mut rng).sum().item(), 0.0);
    assert_eq!(Tensor::bernoulli([100], 1.0, &mut rng).sum().item(), 100.0);

    let order = Tensor::permutation(1000, &mut rng);
    assert_eq!(order.sort(0).0.to_vec::<i64>(), (0..1000).collect::<Vec<i64>>());
    assert_ne!(order.to_vec::<i64>(), (0..1000).collect::<Vec<i64>>());
    let mut counts = [0; 7];
    (0..70_000).for_each(|_| counts[rng.below(7)] += 1);
    assert!(counts.iter().all(|&count: &i32| (count - 10_000).abs() < 470), "{counts:?}");
    assert_eq!((Tensor::uniform([3], 2.0, 2.0, &mut rng).to_vec::<f64>(), rng.below(1)), (vec![2.0; 3], 0));
}
