//! Random numbers: the same seed gives the same numbers everywhere, and they have the moments they should have.

use approx::{abs_diff_eq, assert_abs_diff_eq};
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
    let (mean, deviation) = (x.mean().item(), x.std(0).item());
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
            let close = abs_diff_eq!(found[k], expected[k], epsilon = bounds[k]);
            assert!(close, "moment {}: {} and {}", k + 1, found[k], expected[k]);
        }
    };
    near(moments(&Tensor::normal([count], &mut rng)), [0.0, 1.0, 0.0, 3.0], [0.011, 0.016, 0.028, 0.055]);

    let uniform = Tensor::uniform([count], -2.0, 4.0, &mut rng);
    near(moments(&uniform), [1.0, 3.0, 0.0, 1.8], [0.02, 0.03, 0.012, 0.01]);
    assert!(uniform.min().item() >= -2.0 && uniform.max().item() < 4.0);
    assert!(uniform.min().item() < -1.999 && uniform.max().item() > 3.999);

    let ones = Tensor::bernoulli([count], 0.3, &mut rng);
    assert_abs_diff_eq!(ones.mean().item(), 0.3, epsilon = 0.0052);
    assert!(ones.to_vec::<f32>().iter().all(|&value| value == 0.0 || value == 1.0));
    assert_eq!(Tensor::bernoulli([100], 0.0, &mut rng).sum().item(), 0.0);
    assert_eq!(Tensor::bernoulli([100], 1.0, &mut rng).sum().item(), 100.0);

    let order = Tensor::permutation(1000, &mut rng);
    assert_eq!(order.sort(0).0.to_vec::<i64>(), (0..1000).collect::<Vec<i64>>());
    assert_ne!(order.to_vec::<i64>(), (0..1000).collect::<Vec<i64>>());
    let mut counts = [0; 7];
    (0..70_000).for_each(|_| counts[rng.below(7)] += 1);
    assert_abs_diff_eq!(counts[..], [10_000; 7][..], epsilon = 469);
    assert_eq!((Tensor::uniform([3], 2.0, 2.0, &mut rng).to_vec::<f64>(), rng.below(1)), (vec![2.0; 3], 0));
}

#[test]
fn random_integers_stay_in_their_range() {
    let draw = |range: std::ops::Range<i64>| Tensor::random_integers([2000], range, &mut Rng::seed(3)).to_vec::<i64>();
    let dice = draw(1..7);
    assert!((1..7).all(|side| (250..420).contains(&dice.iter().filter(|&&value| value == side).count())), "{dice:?}");
    assert!(draw(-3..-2).iter().all(|&value| value == -3));
    assert!(draw(i64::MAX - 1..i64::MAX).iter().all(|&value| value == i64::MAX - 1));
    let ends = Tensor::random_integers([100], i64::MAX..=i64::MAX, &mut Rng::seed(3));
    assert!(ends.to_vec::<i64>().iter().all(|&value| value == i64::MAX));
    // The whole range: every bit is a coin.
    for whole in [
        Tensor::random_integers([4000], .., &mut Rng::seed(5)),
        Tensor::random_integers([4000], i64::MIN..=i64::MAX, &mut Rng::seed(5)),
    ] {
        assert_eq!((whole.dtype(), whole.elements()), (DType::I64, 4000));
        let values = whole.to_vec::<i64>();
        for bit in 0..64 {
            let count = values.iter().filter(|&&value| value >> bit & 1 == 1).count();
            assert!((1800..2200).contains(&count), "bit {bit}: {count}");
        }
    }
    assert_eq!(draw(0..10), draw(0..10), "the same seed");
    assert_eq!(*Tensor::random_integers([2, 0], 0..1, &mut Rng::seed(0)).shape(), [2, 0]);
}

#[test]
fn labels_are_drawn_as_often_as_their_weights_say() {
    // Rows of a batch with one axis more, whose sums overflow or are subnormal.
    let rows = [[0.0, 3.0, 1.0, 0.0], [f64::MAX, f64::MAX, 0.0, 2e307], [0.0, 5e-324, 0.0, 0.0]];
    let weights = Tensor::from([rows, rows]);
    let labels = Tensor::categorical(&weights, 8000, &mut Rng::seed(11));
    assert_eq!((labels.shape().sizes(), labels.dtype()), (&[2, 3, 8000][..], DType::I64));
    for (number, drawn) in labels.to_vec::<i64>().chunks(8000).enumerate() {
        let row = rows[number % 3];
        let greatest = row.iter().copied().fold(0.0, f64::max);
        let shares = row.map(|weight| weight / greatest);
        for (class, share) in shares.iter().enumerate() {
            let expected = share / shares.iter().sum::<f64>();
            let found = drawn.iter().filter(|&&label| label == class as i64).count() as f64 / 8000.0;
            let tolerance = 4.0 * (expected * (1.0 - expected) / 8000.0).sqrt();
            let close = abs_diff_eq!(found, expected, epsilon = tolerance);
            assert!(close, "class {class} of row {number}: {found} for {expected}");
        }
    }
    // Logits are their logarithms, and far ones do not overflow.
    let logits = weights.at(0, 0).ln();
    let (by_weights, by_logits) = (
        Tensor::categorical(&weights.at(0, 0), 500, &mut Rng::seed(1)),
        Tensor::categorical_with_logits(&(logits + 5000.0), 500, &mut Rng::seed(1)),
    );
    assert_eq!(by_weights.to_vec::<i64>(), by_logits.to_vec::<i64>());
    assert_eq!(Tensor::categorical(&Tensor::from([2i64, 0]), 3, &mut Rng::seed(1)).to_vec::<i64>(), [0, 0, 0]);
    assert_eq!(*Tensor::categorical(&Tensor::ones([4, 2]), 0, &mut Rng::seed(1)).shape(), [4, 0]);
    assert_eq!(*Tensor::categorical(&Tensor::ones([0, 2]), 5, &mut Rng::seed(1)).shape(), [0, 5]);
}
