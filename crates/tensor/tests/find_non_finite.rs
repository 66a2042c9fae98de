//! The operation that made the first number that is not finite: its line, its operands, and that nothing is said of what was masked away.

use minimand_tensor::{NonFinite, Rng, Tensor, compile, find_non_finite, grad};

fn found(tensor: &Tensor) -> NonFinite {
    find_non_finite([tensor]).expect("a number that is not finite")
}

#[test]
fn the_user_s_line_and_the_operands_there_are_named() {
    let scores = Tensor::from([3.0, -1.5, 0.5]).named("scores");
    let shifted = &scores - 0.5;
    let (logarithms, line) = (shifted.ln(), line!());
    let found = found(&logarithms.mean());
    assert_eq!((found.at.operation, found.at.location.line(), found.at.derived), ("ln", line, false));
    assert!(found.at.location.file().ends_with("find_non_finite.rs"));
    assert_eq!((found.flawed, found.entries, &found.index[..]), ([1, 1], 3, &[1][..]));
    assert_eq!(found.operands[0].of.value, -2.0);
    assert_eq!(found.operands[0].range, [-2.0, 2.5]);
    assert_eq!(found.path.iter().map(|met| met.operation).collect::<Vec<_>>(), ["data", "subtract", "ln"], "{found}");
    assert_eq!(found.path[0].name.as_deref(), Some("scores"));
    assert_eq!(found.onwards.last().map(|met| met.operation), Some("divide"));
    let text = found.to_string();
    assert!(text.starts_with("ln at tests/find_non_finite.rs:"), "{text}");
    assert!(text.contains(": NaN in 1 of 3, from a negative number"), "{text}");
}

/// The loss is finite, its slope is not: the line is that of the operation that was derived.
#[test]
fn what_goes_wrong_backward_is_credited_to_the_line_of_the_operation() {
    let x = Tensor::from([4.0, 0.0]).named("x");
    let (root, line) = (x.sqrt(), line!());
    let loss = root.sum();
    assert_eq!(find_non_finite([&loss]), None);
    let found = find_non_finite([&loss, &loss.grad(&x)]).expect("1/√0");
    assert_eq!((found.at.location.line(), found.at.derived, &found.index[..]), (line, true, &[1][..]));
    assert!(found.to_string().contains("in the derivative of tests/find_non_finite.rs:"), "{found}");
    assert!(found.to_string().contains("∞ in 1 of 2, from a division by 0"), "{found}");
}

#[test]
fn the_beginning_of_a_chain_is_named() {
    let x = Tensor::from([1.0f32, 100.0]);
    let (large, line) = (x.exp(), line!());
    let share = &large / large.sum();
    assert!(share.to_vec::<f64>()[1].is_nan());
    let found = found(&share);
    assert_eq!((found.at.operation, found.at.location.line()), ("exp", line));
    assert!(found.reason.contains("overflow"), "{found}");
    let names: Vec<&str> = found.onwards.iter().map(|met| met.operation).collect();
    assert_eq!((names.first(), names.last()), (Some(&"exp"), Some(&"divide")));
}

#[test]
fn what_is_masked_away_is_not_met() {
    let x = Tensor::from([2.0, 0.0, -1.0]);
    let valid = x.gt(0);
    assert_eq!(find_non_finite([&valid.select(x.ln(), 0.0)]), None);
    // Of two flaws the one that flows in.
    let picked = (valid.select(x.ln(), 0.0) + x.eq(0).select(1.0 / &x, 0.0)).sum();
    assert_eq!(found(&picked).at.operation, "divide");
    let scores = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    let causal = Tensor::from([[true, false], [true, true]]).select(&scores, f64::NEG_INFINITY);
    assert_eq!(find_non_finite([&causal.softmax(-1)]), None);
}

/// An infinity that was written into the formula is no fault; what made NaN of it is.
#[test]
fn a_row_without_an_entry_is_where_the_nan_arises() {
    let scores = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    let masked = Tensor::from([[false, false], [true, true]]).select(&scores, f64::NEG_INFINITY);
    let shifted = &masked - masked.max_keepdim(-1);
    let found = found(&shifted.exp());
    assert_eq!((found.at.operation, found.flawed, found.reason.as_str()), ("subtract", [2, 0], "∞ - ∞"));
}

#[test]
fn numbers_that_were_given_are_named() {
    let x = Tensor::from([1.0, f64::NAN, 2.0]).named("prices");
    let found = found(&x.square().sum());
    assert_eq!((found.at.operation, found.at.name.as_deref(), &found.index[..]), ("data", Some("prices"), &[1][..]));
    assert!(found.to_string().starts_with("\"prices\": NaN in 1 of 3, from numbers as they were given"), "{found}");
}

/// One flaw, followed through every operation that moves, picks or adds entries.
#[test]
fn a_flaw_is_followed_through_every_movement() {
    let mut rng = Rng::seed(3);
    let numbers = || Tensor::uniform([4, 6], 1.0, 2.0, &mut Rng::seed(3));
    let index = Tensor::random_integers([4, 5], 0..6, &mut rng);
    let rows = Tensor::from([3i64, 0, 2, 2]);
    let weights = Tensor::uniform([6, 3], 1.0, 2.0, &mut rng);
    type Movement<'a> = (&'a str, Box<dyn Fn(&Tensor) -> Tensor + 'a>);
    let movements: Vec<Movement> = vec![
        ("reshape", Box::new(|x| x.reshape([3, 8]))),
        ("permute", Box::new(|x| x.permute([1, 0]))),
        ("expand", Box::new(|x| x.unsqueeze(0).expand([2, 4, 6]))),
        ("slice", Box::new(|x| x.slice_step(1, 1.., 2))),
        ("pad", Box::new(|x| x.pad(0, 1, 2).pad(1, 0, 3))),
        ("flip", Box::new(|x| x.flip([0, 1]))),
        ("concatenate", Box::new(|x| Tensor::concatenate([&x.square(), x], 0))),
        ("windows", Box::new(|x| x.windows(1, 3, 2, 1))),
        ("overlap_add", Box::new(|x| x.overlap_add(0, 1, 1, 9))),
        ("take_along_axis", Box::new(|x| x.take_along_axis(1, &index))),
        ("scatter_add", Box::new(|x| x.scatter_add(0, rows.unsqueeze(1), 4))),
        ("index_select", Box::new(|x| x.index_select(0, &rows))),
        ("cumulative_sum", Box::new(|x| x.cumulative_sum(1))),
        ("cumulative_sum_reverse", Box::new(|x| x.cumulative_sum_reverse(0))),
        ("sum", Box::new(|x| x.sum_axis(1))),
        ("max", Box::new(|x| x.max_axis(0))),
        ("matmul", Box::new(|x| x.matmul(&weights))),
        ("matmul from the right", Box::new(|x| weights.transpose().matmul(&x.transpose()))),
        ("sort", Box::new(|x| x.sort(1).0)),
        ("split", Box::new(|x| x.split(1, &[2, 4])[1].clone())),
        ("accumulate", Box::new(|x| (x * x + x).sum().grad(x))),
    ];
    for (name, movement) in movements {
        let mut met = 0;
        for place in 0..24 {
            let x = numbers();
            let here = Tensor::iota(24).eq(place as i64).reshape([4, 6]);
            // -1 at one place: its logarithm alone is NaN. Another flaw, of the other kind, lies where nothing looks.
            let y = here.select(-1.0, &x).ln();
            let moved = movement(&y);
            let flawed = moved.to_vec::<f64>().iter().any(|entry| entry.is_nan());
            let found = find_non_finite([&moved]);
            assert_eq!(found.is_some(), flawed, "{name} {place}");
            if let Some(found) = found {
                met += 1;
                assert_eq!((found.at.operation, found.operands[0].of.value), ("ln", -1.0), "{name} {place}: {found}");
                assert_eq!(&found.index[..], [place / 6, place % 6], "{name}");
            }
        }
        assert!(met > 0, "{name}");
    }
}

#[test]
fn the_graph_s_text_marks_it() {
    let x = Tensor::from([1.0, -4.0]).named("x");
    let y = x.sqrt().sum();
    assert!(!y.explain().contains("← here"), "nothing is computed for the text");
    assert!(y.item().is_nan());
    let text = y.explain();
    let marked: Vec<&str> = text.lines().filter(|line| line.contains("← here")).collect();
    assert_eq!(marked.len(), 1, "{text}");
    assert!(marked[0].starts_with("%1 = sqrt %0") && marked[0].contains("NaN in 1 of 2"), "{text}");
}

#[test]
fn a_compiled_function_is_searched_as_well() {
    let function = compile(|arguments: &[Tensor]| {
        let loss = arguments[0].ln().sum();
        let slope = grad(&loss, [&arguments[0]]).remove(0);
        vec![loss, slope]
    });
    let (good, bad) = (Tensor::from([1.0, 2.0]), Tensor::from([1.0, -2.0]).named("rates"));
    assert_eq!(function.find_non_finite(&[&good]), None);
    assert!(function.call([&bad])[0].item().is_nan());
    let found = function.find_non_finite(&[&bad]).expect("ln of -2");
    assert_eq!((found.at.operation, found.path[0].name.as_deref()), ("ln", Some("rates")));
}
