//! A graph as text for people, and as DOT for Graphviz. Whoever wants another picture can draw it outside, with the public API.

use std::fmt::Write;

use rustc_hash::FxHashSet;

use crate::eval::in_order;
use crate::tensor::Tensor;
use minimand_engine::{Op, Scalar, beside, dot, short_place};

/// The nodes that a tensor is made of, oldest first, no further than nodes that are leaves.
pub(crate) fn ancestry(root: &Tensor, is_leaf: impl Fn(&Tensor) -> bool) -> Vec<&Tensor> {
    let mut nodes = in_order(&[root], is_leaf);
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
        let mut text = beside(&lines);
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
        let inputs = |node: &&Tensor| node.inputs().iter().map(|input| position(&nodes, input)).collect();
        let label = |node: &&Tensor| {
            let name = node.name().map_or(String::new(), |name| format!("\n{name}"));
            format!("{}{name}\n{}{}", operation(node, ""), node.dtype(), node.shape())
        };
        dot(nodes.iter().map(|node| (label(node), inputs(node))))
    }
}
