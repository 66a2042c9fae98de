//! A graph as text for people, and as DOT for Graphviz. Written with the public API alone: whoever wants another picture can draw it outside.

use std::fmt::Write;

use rustc_hash::FxHashSet;

use crate::tensor::Tensor;
use minimand_engine::{Op, Scalar, short_place};

/// The nodes that a tensor is made of, inputs first, no further than nodes that are leaves.
pub(crate) fn ancestry(root: &Tensor, is_leaf: impl Fn(&Tensor) -> bool) -> Vec<&Tensor> {
    let mut nodes = Vec::new();
    let mut seen: FxHashSet<u64> = FxHashSet::default();
    let mut pending = vec![root];
    while let Some(node) = pending.pop() {
        if seen.insert(node.id()) {
            nodes.push(node);
            if !is_leaf(node) {
                pending.extend(node.inputs());
            }
        }
    }
    nodes.sort_unstable_by_key(|node| node.id());
    nodes
}

/// The place of a node among those of its graph.
fn position(nodes: &[&Tensor], node: &Tensor) -> usize {
    nodes.partition_point(|other| other.id() < node.id())
}

/// An operation's name and what it does beyond that: axes, ranges, the number of a constant; with what is written in between.
fn operation(node: &Tensor, between: &str) -> String {
    let details = match node.op() {
        // Shorter than the engine's, which tells 1.0 from 1.
        Op::Constant(Scalar::Float(value)) => value.to_string(),
        op => op.details(),
    };
    let space = if details.is_empty() { "" } else { " " };
    format!("{}{between}{space}{details}", node.op().name())
}

impl Tensor {
    /// The graph of this tensor as text: one line for each node, inputs first, with the user's names, shapes, element types and
    /// the line of the program each node comes from. A derivative is credited to the line it is the derivative of. Then, unless it is computed
    /// already, what reading it would run: the passes over memory, with the bytes each reads and writes ([`explain_plan`](crate::explain_plan)).
    /// Where its values are not finite, the operation that made them so is marked, as [`find_non_finite`](crate::find_non_finite) finds it.
    /// A value that several evaluations have computed on their way, and none has kept, says so: [`computed`](Tensor::computed) would keep it.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// let x = Tensor::from([1.0, 2.0]).named("x");
    /// let text = x.square().sum().explain();
    /// assert!(text.starts_with("%0 = data \"x\" : f64[2]"));
    /// assert!(text.contains("%1 = multiply %0 %0 : f64[2]"));
    /// ```
    pub fn explain(&self) -> String {
        let nodes = ancestry(self, |_| false);
        // What lies behind values that are known is not computed any more.
        let needed: FxHashSet<u64> = ancestry(self, Tensor::is_evaluated).into_iter().map(Tensor::id).collect();
        // Only of what is there: nothing is computed for the text.
        let flaw = if self.is_evaluated() { crate::non_finite::found(&[self]) } else { None };
        let mut lines: Vec<(String, String)> = Vec::with_capacity(nodes.len());
        for node in &nodes {
            let inputs: String = node.inputs().iter().map(|input| format!(" %{}", position(&nodes, input))).collect();
            let mut line = format!("%{} = {}", lines.len(), operation(node, &inputs));
            if let Some(name) = node.name() {
                let _ = write!(line, " \"{name}\"");
            }
            let _ = write!(line, " : {}{}", node.dtype(), node.shape());
            if node.computations() > 1 && needed.contains(&node.id()) {
                let _ = write!(line, ", computed {} times: computed() would keep it", node.computations());
            }
            if let Some((_, what)) = flaw.as_ref().filter(|(at, _)| *at == node.id()) {
                let _ = write!(line, "  ← here: {what}");
            }
            lines.push((line, short_place(node.location())));
        }
        let width = lines.iter().map(|(line, _)| line.chars().count()).max().unwrap_or(0);
        let mut text = String::new();
        for (line, place) in lines {
            let _ = writeln!(text, "{line:width$}  # {place}");
        }
        if !self.is_evaluated() {
            let _ = writeln!(text, "{}", crate::explain_plan(&self.computed_together()));
        }
        text
    }

    /// The graph of this tensor in the DOT language; `dot -Tsvg` draws it.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// let x = Tensor::from([1.0, 2.0]).named("x");
    /// assert!(x.square().sum().explain_dot().starts_with("digraph {"));
    /// ```
    pub fn explain_dot(&self) -> String {
        let nodes = ancestry(self, |_| false);
        let mut text = String::from("digraph {\n  rankdir=TB;\n  node [shape=box, fontname=\"monospace\"];\n");
        for (id, node) in nodes.iter().enumerate() {
            let mut label = operation(node, "");
            if let Some(name) = node.name() {
                let _ = write!(label, "\n{name}");
            }
            let _ = write!(label, "\n{}{}", node.dtype(), node.shape());
            let label = label.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let style = if node.inputs().is_empty() { ", style=rounded" } else { "" };
            let _ = writeln!(text, "  n{id} [label=\"{label}\"{style}];");
            for input in node.inputs() {
                let _ = writeln!(text, "  n{} -> n{id};", position(&nodes, input));
            }
        }
        text.push_str("}\n");
        text
    }
}
