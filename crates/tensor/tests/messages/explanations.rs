//! A graph, and a gradient, as text and as DOT.

use crate::graph::{huber, kinds};

/// The part of an explanation that shows the graph.
fn graph_of(tensor: &minimand_tensor::Tensor) -> String {
    tensor.explain().lines().filter(|line| line.starts_with('%')).collect::<Vec<_>>().join("\n")
}

/// What runs is shown after the graph: a loss whose gradient is held is computed with it.
#[test]
fn a_plan() {
    let (loss, slope) = huber();
    let plan: String = loss.explain().lines().filter(|line| !line.starts_with('%')).collect::<Vec<_>>().join("\n");
    assert_eq!(plan, minimand_tensor::explain_plan([&loss, &slope]).to_string());
    insta::assert_snapshot!(plan, @r"
    step 0: matmul: reads 24 bytes, writes 8
    step 1: pass over 2 entries, 10 instructions: reads 28 bytes, writes 12
    step 2: scalars, 1 instructions: reads 8 bytes, writes 4
    step 3: matmul: reads 24 bytes, writes 8
    memory: at most 532 bytes at a time
    ");
}

#[test]
fn a_loss() {
    insta::assert_snapshot!(graph_of(&huber().0), @r###"
    %0 = data "x" : f32[2, 2]                   # messages/graph.rs:7
    %1 = data "w" : f32[2, 1]                   # messages/graph.rs:8
    %2 = matmul %0 %1 : f32[2, 1]               # messages/graph.rs:9
    %3 = abs %2 "residual" : f32[2, 1]          # messages/graph.rs:9
    %4 = constant 1 : f32[]                     # messages/graph.rs:10
    %5 = lt %4 %3 : bool[2, 1]                  # messages/graph.rs:10
    %6 = select %5 %4 %3 : f32[2, 1]            # messages/graph.rs:10
    %7 = multiply %6 %6 : f32[2, 1]             # messages/graph.rs:11
    %8 = constant 0.5 : f32[]                   # messages/graph.rs:11
    %9 = multiply %8 %7 : f32[2, 1]             # messages/graph.rs:11
    %10 = subtract %3 %6 : f32[2, 1]            # messages/graph.rs:11
    %11 = add %9 %10 : f32[2, 1]                # messages/graph.rs:11
    %12 = sum %11 over axes [0, 1] : f32[1, 1]  # messages/graph.rs:11
    %13 = reshape %12 : f32[]                   # messages/graph.rs:11
    %14 = constant 2 : f32[]                    # messages/graph.rs:11
    %15 = divide %13 %14 "loss" : f32[]         # messages/graph.rs:11
    "###);
}

/// Each derivative names the line of the formula it is derived from, not the line that asked for the gradient.
#[test]
fn a_gradient() {
    insta::assert_snapshot!(graph_of(&huber().1), @r###"
    %0 = data "x" : f32[2, 2]                 # messages/graph.rs:7
    %1 = data "w" : f32[2, 1]                 # messages/graph.rs:8
    %2 = matmul %0 %1 : f32[2, 1]             # messages/graph.rs:9
    %3 = abs %2 "residual" : f32[2, 1]        # messages/graph.rs:9
    %4 = constant 1 : f32[]                   # messages/graph.rs:10
    %5 = lt %4 %3 : bool[2, 1]                # messages/graph.rs:10
    %6 = select %5 %4 %3 : f32[2, 1]          # messages/graph.rs:10
    %7 = constant 0.5 : f32[]                 # messages/graph.rs:11
    %8 = constant 2 : f32[]                   # messages/graph.rs:11
    %9 = constant 1 : f32[]                   # messages/graph.rs:12
    %10 = divide %9 %8 : f32[]                # messages/graph.rs:11
    %11 = reshape %10 : f32[1, 1]             # messages/graph.rs:11
    %12 = expand %11 : f32[2, 1]              # messages/graph.rs:11
    %13 = negate %12 : f32[2, 1]              # messages/graph.rs:11
    %14 = multiply %12 %7 : f32[2, 1]         # messages/graph.rs:11
    %15 = multiply %14 %6 : f32[2, 1]         # messages/graph.rs:11
    %16 = multiply %14 %6 : f32[2, 1]         # messages/graph.rs:11
    %17 = accumulate %13 %15 %16 : f32[2, 1]  # messages/graph.rs:11
    %18 = constant 0 : f32[]                  # messages/graph.rs:10
    %19 = select %5 %18 %17 : f32[2, 1]       # messages/graph.rs:10
    %20 = accumulate %12 %19 : f32[2, 1]      # messages/graph.rs:10
    %21 = sign %2 : f32[2, 1]                 # messages/graph.rs:9
    %22 = multiply %20 %21 : f32[2, 1]        # messages/graph.rs:9
    %23 = permute %0 [1, 0] : f32[2, 2]       # messages/graph.rs:9
    %24 = matmul %23 %22 : f32[2, 1]          # messages/graph.rs:9
    "###);
}

#[test]
fn every_kind() {
    insta::assert_snapshot!(graph_of(&kinds()), @r###"
    %0 = data : f64[2, 3]                                         # messages/graph.rs:18
    %1 = permute %0 [1, 0] : f64[3, 2]                            # messages/graph.rs:19
    %2 = flip %1 axes [0] : f64[3, 2]                             # messages/graph.rs:19
    %3 = pad %2 before [1, 0] between [0, 0] : f64[4, 2]          # messages/graph.rs:19
    %4 = slice %3 from [1, 0] by [2, 1] : f64[2, 2]               # messages/graph.rs:19
    %5 = windows %4 axis 0, step 1, dilation 1 : f64[2, 2, 1]     # messages/graph.rs:19
    %6 = overlap_add %5 axis 0, step 1, dilation 1 : f64[2, 2]    # messages/graph.rs:20
    %7 = cumulative_sum %6 along axis 1 from the end : f64[2, 2]  # messages/graph.rs:20
    %8 = polygamma %7 order 1 : f64[2, 2]                         # messages/graph.rs:20
    %9 = argsort %8 along axis 0, descending : i64[2, 2]          # messages/graph.rs:21
    %10 = gather %8 %9 along axis 0 : f64[2, 2]                   # messages/graph.rs:21
    %11 = argmax %10 along axis 1 : i64[2, 1]                     # messages/graph.rs:22
    %12 = reshape %11 : i64[2]                                    # messages/graph.rs:22
    %13 = reshape %12 : i64[2, 1]                                 # messages/graph.rs:22
    %14 = scatter_add %10 %13 along axis 0 : f64[2, 2]            # messages/graph.rs:22
    %15 = concatenate %10 %14 along axis 0 : f64[4, 2]            # messages/graph.rs:22
    %16 = iota : i64[2]                                           # messages/graph.rs:23
    %17 = iota : i64[4]                                           # messages/graph.rs:23
    %18 = reshape %17 : i64[4, 1]                                 # messages/graph.rs:23
    %19 = constant 0 : i64[]                                      # messages/graph.rs:23
    %20 = add %18 %19 : i64[4, 1]                                 # messages/graph.rs:23
    %21 = le %16 %20 : bool[4, 2]                                 # messages/graph.rs:23
    %22 = constant 1.5 : f64[]                                    # messages/graph.rs:23
    %23 = select %21 %15 %22 : f64[4, 2]                          # messages/graph.rs:23
    %24 = detach %23 : f64[4, 2]                                  # messages/graph.rs:23
    %25 = max %24 over axes [0, 1] : f64[1, 1]                    # messages/graph.rs:23
    %26 = reshape %25 : f64[]                                     # messages/graph.rs:23
    "###);
}

#[test]
fn dot() {
    let x = minimand_tensor::Tensor::from([1.0, 2.0]).named("the \"x\"");
    insta::assert_snapshot!((0.5 * x.square()).sum().explain_dot(), @r###"
    digraph {
      rankdir=TB;
      node [shape=box, fontname="monospace"];
      n0 [label="data\nthe \"x\"\nf64[2]", style=rounded];
      n1 [label="multiply\nf64[2]"];
      n0 -> n1;
      n0 -> n1;
      n2 [label="constant 0.5\nf64[]", style=rounded];
      n3 [label="multiply\nf64[2]"];
      n2 -> n3;
      n1 -> n3;
      n4 [label="sum over axes [0]\nf64[1]"];
      n3 -> n4;
      n5 [label="reshape\nf64[]"];
      n4 -> n5;
    }
    "###);
}
