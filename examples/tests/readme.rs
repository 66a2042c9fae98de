//! The example of the README is this program, and prints what the README says.

use std::fmt::Write;

use minimand::prelude::*;

const README: &str = include_str!("../../README.md");

/// The text between two markers, without the lines they stand on.
fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let from = text.find(start).unwrap_or_else(|| panic!("{start} is missing")) + start.len();
    let length = text[from..].find(end).unwrap_or_else(|| panic!("{end} is missing after {start}"));
    text[from..from + length].trim_matches('\n')
}

#[allow(unused_macros)]
fn program() -> Result<String, Box<dyn std::error::Error>> {
    let mut printed = String::new();
    macro_rules! println {
        ($($arguments:tt)*) => {
            writeln!(printed, $($arguments)*)?
        };
    }
    // README starts here
    fn huber(prediction: &Tensor, target: &Tensor, delta: f64) -> Tensor {
        let r = prediction - target;
        let c = r.clamp(-delta, delta); // the residual, but at most delta
        &c * (r - 0.5 * &c) // ½r² within delta, a straight line beyond
    }

    let mut rng = Rng::seed(7);
    let x = Tensor::normal([256, 2], &mut rng);
    let y = x.matmul(&Tensor::from([[2.0f32], [-1.0]]));
    let w = Parameter::new("w", Tensor::zeros([2, 1]));

    let loss = huber(&x.matmul(&w.value()), &y, 1.0).mean(); // nothing is computed yet
    let slope = loss.grad(&w.value()); // a tensor like any other: differentiate it again
    println!("loss {loss:.4}, slope\n{slope:.4}"); // both, in one pass

    let mut adam = Adam::new([&w], AdamOptions { learning_rate: 0.1, ..Default::default() });
    let step = adam.step(&loss).expect("a finite step"); // value, gradients and update: one evaluation
    println!("loss {:.4}, after the step w =\n{:.4}", step.loss(), w.value());
    // README ends here
    Ok(printed)
}

#[test]
fn the_example_is_this_program() {
    let source = between(include_str!("readme.rs"), "// README starts here\n", "    // README ends here\n");
    let source: Vec<&str> = source.lines().map(|line| line.strip_prefix("    ").unwrap_or(line)).collect();
    assert!(README.contains(source.join("\n").trim_end()), "the README's example is another program");
}

#[test]
fn the_example_prints_what_the_readme_says() {
    let shown = between(README, "It prints\n\n```text\n", "```");
    assert_eq!(program().expect("the example runs").trim_end(), shown);
}
