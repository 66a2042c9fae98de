//! A graph walked from outside of the crate: `explain` once more, with the public interface alone.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

use minimand_tensor::{Op, Scalar, Tensor};

/// The nodes of a graph, each once, inputs before what is made of them.
fn graph(root: &Tensor) -> Vec<&Tensor> {
    let (mut nodes, mut pending) = (BTreeMap::new(), vec![root]);
    while let Some(node) = pending.pop() {
        if nodes.insert(node.id(), node).is_none() {
            pending.extend(node.inputs());
        }
    }
    nodes.into_values().collect()
}

/// One line for each node: number, operation, inputs, what else the operation says, name, type, shape and line of the program.
fn explained(root: &Tensor) -> Vec<String> {
    let nodes = graph(root);
    let number: HashMap<u64, usize> = nodes.iter().enumerate().map(|(at, node)| (node.id(), at)).collect();
    let lines = nodes.iter().map(|node| {
        let mut line = format!("%{} = {}", number[&node.id()], node.op().name());
        node.inputs().iter().for_each(|input| write!(line, " %{}", number[&input.id()]).unwrap());
        match node.op() {
            Op::Constant(Scalar::Float(value)) => write!(line, " {value}").unwrap(),
            Op::Constant(Scalar::Integer(value)) => write!(line, " {value}").unwrap(),
            Op::Reduce(_, axes) => write!(line, " over axes {axes:?}").unwrap(),
            Op::Permute(order) => write!(line, " {order:?}").unwrap(),
            Op::Gather { axis } | Op::ScatterAdd { axis } => write!(line, " along axis {axis}").unwrap(),
            _ => {}
        }
        if let Some(name) = node.name() {
            write!(line, " \"{name}\"").unwrap();
        }
        let file = node.location().file().rsplit(['/', '\\']).next().unwrap();
        write!(line, " : {}{}  # {file}:{}", node.dtype(), node.shape(), node.location().line()).unwrap();
        line
    });
    lines.collect()
}

/// A loss with most kinds of operations in it.
fn loss(x: &Tensor, w: &Tensor) -> Tensor {
    let logits = x.matmul(w).sigmoid() * 0.5 + x.transpose().sum_axis(0).unsqueeze(-1);
    logits.index_select(0, Tensor::from([1i64, 0, 1])).square().max_axis(-1).mean()
}

/// What `explain` prints of the nodes, less the padding and the folders of the files.
fn nodes_of(explained: &str) -> Vec<String> {
    let lines = explained.lines().filter(|line| line.starts_with('%'));
    let short = |line: &str| {
        let (node, place) = line.split_once("  #").unwrap();
        format!("{}  # {}", node.trim_end(), place.rsplit(['/', '\\', ' ']).next().unwrap())
    };
    lines.map(short).collect()
}

#[test]
fn explain_can_be_written_outside() {
    let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]).named("x");
    let w = Tensor::from([[0.5, -0.5], [0.25, 1.0]]).named("w");
    let loss = loss(&x, &w);
    let slope = loss.grad(&w);
    let curvature = slope.square().sum().grad(&w);
    for root in [&loss, &slope, &curvature] {
        let lines = explained(root);
        assert!(lines.len() >= 15 && lines.iter().any(|line| line.contains("matmul") || line.contains("matrix")));
        assert_eq!(lines, nodes_of(&root.explain()));
    }
    assert!(explained(&loss)[0].starts_with("%0 = data \"x\" : f64[2, 2]  # graph.rs:"));
}

#[test]
fn ids_recognise_nodes_and_order_them() {
    let x = Tensor::from([1.0, 2.0]);
    let y = &x + &x;
    assert_eq!(y.inputs().iter().map(Tensor::id).collect::<Vec<_>>(), [x.id(), x.id()]);
    assert_eq!(y.clone().id(), y.id());
    assert_ne!((&x + &x).id(), y.id());
    let loss = loss(&Tensor::ones([3, 2]), &Tensor::ones([2, 2]));
    for node in graph(&loss) {
        assert!(node.inputs().iter().all(|input| input.id() < node.id()));
    }
    assert!(x.inputs().is_empty() && matches!(x.op(), Op::Data));
}

/// A pass of one's own over a graph: how deep it is, without recursion.
#[test]
fn a_long_chain_is_walked_in_a_loop() {
    let mut x = Tensor::ones([2]);
    for _ in 0..10_000 {
        x = x.sin();
    }
    let mut depth: HashMap<u64, usize> = HashMap::new();
    for node in graph(&x) {
        let deepest = node.inputs().iter().map(|input| depth[&input.id()] + 1).max().unwrap_or(0);
        depth.insert(node.id(), deepest);
    }
    let ones = graph(&Tensor::ones([2])).len() - 1;
    assert_eq!(depth[&x.id()], 10_000 + ones);
}
