//! Miners and reducers against pytorch-metric-learning 2.9: `fixtures/record_miners.py`.

use std::path::Path;

use minimand_loss::*;
use minimand_tensor::{Rng, Tensor};
use serde_json::Value as Json;

use super::common::{assert_close, values};

fn recorded() -> Json {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/miners/miners.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn list<T: serde_json::value::Index>(json: &Json, at: T) -> Vec<f64> {
    json[at].as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn matrix(json: &Json, name: &str) -> Tensor {
    let rows = json[name].as_array().unwrap();
    let all: Vec<f64> = (0..rows.len()).flat_map(|row| list(&json[name], row)).collect();
    let columns = all.len() / rows.len();
    Tensor::from_vec(all, [rows.len(), columns])
}

fn batch(json: &Json) -> (Tensor, Labels) {
    let named: Vec<i64> = list(json, "labels").into_iter().map(|label| label as i64).collect();
    (matrix(json, "embeddings"), Labels::new(&named, 4).unwrap())
}

/// Tuples of indices in their order.
fn tuples(json: &Json) -> Vec<Vec<usize>> {
    let tuple = |tuple: &Json| tuple.as_array().unwrap().iter().map(|index| index.as_u64().unwrap() as usize).collect();
    json.as_array().unwrap().iter().map(tuple).collect()
}

fn sorted<const N: usize>(all: impl IntoIterator<Item = [usize; N]>) -> Vec<Vec<usize>> {
    let mut all: Vec<Vec<usize>> = all.into_iter().map(|tuple| tuple.to_vec()).collect();
    all.sort();
    all
}

#[track_caller]
fn assert_pairs(what: &str, mined: &Mined, expected: &Json) {
    let found = |pairs: &MinedPairs| sorted(pairs.iter().map(|&(a, other)| [a, other]));
    assert_eq!(found(&mined.positive), tuples(&expected["positive"]), "{what}: like pairs");
    assert_eq!(found(&mined.negative), tuples(&expected["negative"]), "{what}: unlike pairs");
}

#[test]
fn pairs_are_those_of_the_library() {
    let json = recorded();
    let (z, named) = batch(&json);
    for epsilon in [0.1, 0.5] {
        let what = format!("multi_similarity {epsilon}");
        assert_pairs(&what, &MultiSimilarityMiner { epsilon }.mine(&z, &named), &json["mined"][&what]);
    }
    for (positive_margin, negative_margin) in [(0.2, 0.8), (0.9, 1.2)] {
        let what = format!("pair_margin {positive_margin} {negative_margin}");
        let miner = PairMarginMiner { positive_margin, negative_margin, ..Default::default() };
        assert_pairs(&what, &miner.mine(&z, &named), &json["mined"][&what]);
    }
}

#[test]
fn triplets_are_those_of_the_library() {
    let json = recorded();
    let (z, named) = batch(&json);
    let check = |what: &str, found: Triplets| {
        assert_eq!(sorted(found.0), tuples(&json["mined"][what]["triplets"]), "{what}");
    };
    for angle in [20.0, 35.0] {
        check(&format!("angular {angle}"), AngularMiner { angle }.mine(&z, &named));
    }
    for (word, kind) in [
        ("all", TripletKind::All),
        ("hard", TripletKind::Hard),
        ("semihard", TripletKind::SemiHard),
        ("easy", TripletKind::Easy),
    ] {
        check(&format!("triplet_margin {word}"), TripletMarginMiner { kind, ..Default::default() }.mine(&z, &named));
    }
    check("batch_hard", BatchEasyHardMiner::default().mine(&z, &named));
}

#[test]
fn one_triplet_of_each_anchor_is_that_of_the_library() {
    let json = recorded();
    let (z, named) = batch(&json);
    let kinds = [("hard", Hardness::Hard), ("semihard", Hardness::SemiHard), ("easy", Hardness::Easy)];
    for (like, positive) in kinds {
        for (unlike, negative) in kinds {
            let what = format!("batch_easy_hard {like} {unlike}");
            if let Some(expected) = json["mined"].get(&what) {
                let found = BatchEasyHardMiner { positive, negative, ..Default::default() }.mine(&z, &named).0;
                let pairs = |which: usize| found.iter().map(|triplet| (triplet[0], triplet[which])).collect();
                assert_pairs(&what, &Mined { positive: pairs(1), negative: pairs(2) }, expected);
            }
        }
    }
}

/// Among the negatives in reach with chance `∝ 1 / (d^(D − 2) (1 − d²/4)^((D − 3)/2))`, as often as the library draws them.
#[test]
fn a_weighted_negative_is_drawn_as_often_as_by_the_library() {
    let json = recorded();
    let (z, named) = batch(&json);
    let n = named.len();
    let expected = values(&matrix(&json["distance_weighted"], "shares"));
    let (mut counts, mut totals) = (vec![0.0; n * n], vec![0.0; n]);
    let mut rng = Rng::seed(3);
    for _ in 0..1000 {
        for [a, _, negative] in DistanceWeightedMiner::default().mine(&z, &named, &mut rng).0 {
            counts[a * n + negative] += 1.0;
            totals[a] += 1.0;
        }
    }
    for a in 0..n {
        for other in 0..n {
            let (found, expected) = (counts[a * n + other] / f64::max(totals[a], 1.0), expected[a * n + other]);
            assert!((found - expected).abs() < 0.08, "anchor {a}, negative {other}: {found} instead of {expected}");
        }
    }
}

#[test]
fn reducers_are_those_of_the_library() {
    let json = recorded();
    let (_, named) = batch(&json);
    let n = named.len();
    let loss = matrix(&json, "loss");
    let pairs = tuples(&json["pairs"]);
    let (mask, _) =
        Mined { positive: pairs.iter().map(|pair| (pair[0], pair[1])).collect(), negative: vec![] }.masks(n);
    let masked = Masked::new(&loss, &mask);
    for (name, value) in [
        ("mean", masked.mean()),
        ("sum", masked.sum()),
        ("nonzero", masked.mean_nonzero()),
        ("between 0.2 1", masked.mean_between(0.2, 1.0)),
        ("weighted", masked.mean_weighted(&named, &Tensor::from(list(&json, "weights")))),
        // The library's mean is over all anchors, those without a pair too.
        ("per_anchor", masked.per_anchor().mean()),
    ] {
        let expected = &json["reduced"][name];
        assert_close(name, &[value.item()], &[expected["value"].as_f64().unwrap()]);
        let slope = values(&value.grad(&loss));
        let at_pairs: Vec<f64> = pairs.iter().map(|pair| slope[pair[0] * n + pair[1]]).collect();
        assert_close(name, &at_pairs, &list(expected, "gradient"));
        let elsewhere: f64 = slope.iter().map(|x| x.abs()).sum::<f64>() - at_pairs.iter().map(|x| x.abs()).sum::<f64>();
        assert!(elsewhere.abs() < 1e-12, "{name}: what does not count has a gradient");
    }
}
