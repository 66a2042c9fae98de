//! What functions of the same number have in common is computed once.

use super::super::graph::{Graph, Node, Two};
use super::super::symbol::{Symbol, record};
use crate::exec::functions::{self, Fused};
use crate::op::Unary;

type Single = Symbol<f32>;

/// The nodes that a function of one number consists of, constants not counted, and how many of them divide.
fn counted(has_special: bool, body: impl FnOnce(Single)) -> (usize, usize) {
    let mut graph = Graph::new(has_special);
    record(&mut graph, || body(Symbol::of_node(Node::Input(0))));
    let nodes = || graph.nodes.iter().filter(|node| !node.is_given());
    (nodes().count(), nodes().filter(|node| matches!(node, Node::Two(Two::Divide, ..))).count())
}

/// The reduction and the polynomial of the exponential.
#[test]
fn exponentials_share() {
    for has_special in [false, true] {
        let both = |x| [Unary::Exp, Unary::ExpM1].map(|kind| functions::of_entry(kind, x));
        let one = |kind| {
            counted(has_special, |x| {
                functions::of_entry(kind, x);
            })
            .0
        };
        let together = counted(has_special, |x| {
            both(x);
        })
        .0;
        let shared = one(Unary::Exp) + one(Unary::ExpM1) - together;
        assert!(shared >= 10, "{has_special}: {shared}");
    }
}

/// `σ(x)` and `σ(-x)` share their division and all before it.
#[test]
fn logistic_functions_share() {
    for has_special in [false, true] {
        let sigmoids = |both: bool| {
            counted(has_special, |x| {
                let exponential = functions::exp_minus_abs::<Fused, _>(x);
                exponential.sigmoid::<Fused>(x);
                if both {
                    exponential.sigmoid_of_negative::<Fused>(x);
                }
            })
        };
        let (one, two) = (sigmoids(false), sigmoids(true));
        assert_eq!((two.0, two.1), (one.0 + 1, 1));
    }
}
