//! Products of windows against sums term by term.

use super::*;
use crate::formula::Noise;

/// Whole numbers: sums of their products are exact in every order.
fn whole(seed: u64, count: usize) -> Vec<f32> {
    let mut noise = Noise::seed(seed);
    (0..count).map(|_| noise.below(9) as f32 - 4.0).collect()
}

fn expected(left: &Lying<'_, f32>, right: &Lying<'_, f32>) -> Vec<f32> {
    let [rows, terms, other_terms, columns] =
        [&left.rows, &left.columns, &right.rows, &right.columns].map(|steps| offsets(steps));
    let at = |lying: &Lying<'_, f32>, offset: isize| lying.values[(lying.start + offset) as usize];
    let entry = |row: isize, column: isize| {
        let terms = terms.iter().zip(&other_terms);
        terms.map(|(term, other)| at(left, row + term) * at(right, other + column)).sum::<f32>()
    };
    rows.iter()
        .flat_map(|&row| columns.iter().map(move |&column| (row, column)))
        .map(|(row, column)| entry(row, column))
        .collect()
}

/// Windows of `size × size` in a picture of some channels, whose rows are `width` long: as a matrix of terms and pixels.
fn windows(values: &[f32], [channels, height, width]: [usize; 3], size: usize, start: isize) -> Lying<'_, f32> {
    let (line, picture) = (width + size - 1, (height + size - 1) * (width + size - 1));
    let steps = |steps: &[(usize, isize)]| steps.iter().copied().filter(|step| step.0 > 1).collect::<JoinedSteps>();
    let some = |steps: JoinedSteps| if steps.is_empty() { JoinedSteps::from_slice(&[(1, 1)]) } else { steps };
    Lying {
        values,
        start,
        rows: some(steps(&[(size, 1), (size, line as isize), (channels, picture as isize)])),
        columns: some(steps(&[(width, 1), (height, line as isize)])),
    }
}

#[test]
fn products_of_windows_are_those_of_the_gathered_matrices() {
    let mut kinds = [0, 0];
    for &level in Level::available().iter().filter(|level| level.has_vectors()) {
        for width in 1..=34 {
            for (outputs, channels, size, height) in
                [(16, 4, 3, 2), (32, 3, 4, 1), (16, 1, 1, 3), (5, 2, 3, 2), (24, 8, 2, 1)]
            {
                let picture = channels * (height + size - 1) * (width + size - 1);
                let values = whole(1, 2 * picture);
                let terms = channels * size * size;
                let weights = whole(2, 2 * outputs * terms);
                let mut workspace = WindowWorkspace::new();
                let mut out = vec![0.0; outputs * (height * width + 3)];
                // Items one after the other with one workspace: pictures change, and so do weights that stay where they are.
                for (start, own_start, add) in [(0, 0, false), (picture, 0, true), (0, outputs * terms, true)] {
                    let right = windows(&values, [channels, height, width], size, start as isize);
                    let left = Lying {
                        values: &weights,
                        start: own_start as isize,
                        rows: JoinedSteps::from_slice(&[(outputs, terms as isize)]),
                        columns: JoinedSteps::from_slice(&[(terms, 1)]),
                    };
                    let before = out.clone();
                    let stride = height * width + 3;
                    // SAFETY: the result has `outputs` rows of that stride, which nobody else knows.
                    let done = unsafe {
                        multiply_windows(
                            level,
                            (&left, true),
                            &right,
                            out.as_mut_ptr(),
                            (stride, 1),
                            add,
                            &mut workspace,
                        )
                    };
                    if !done {
                        assert_eq!(out, before);
                        continue;
                    }
                    kinds[usize::from(workspace.tables.as_ref().is_some_and(|tables| tables.turned.is_some()))] += 1;
                    for (at, product) in expected(&left, &right).into_iter().enumerate() {
                        let place = at / (height * width) * stride + at % (height * width);
                        let sum = if add { before[place] + product } else { product };
                        assert_eq!(out[place], sum, "{} {outputs} {channels} {size} {height} × {width}", level.name());
                    }
                    for row in 0..outputs {
                        let gap = row * stride + height * width..(row + 1) * stride;
                        assert_eq!(out[gap.clone()], before[gap], "nothing is written between rows");
                    }
                }
            }
        }
        assert!(kinds.iter().all(|&kind| kind > 50), "{kinds:?}");
    }
}

/// An operand that does not stay, at the same place: its values are those of the call.
#[test]
fn an_operand_that_changes_is_transposed_again() {
    let values = whole(1, 64 * 14);
    let right = windows(&values, [4, 2, 14], 3, 0);
    for &level in Level::available().iter().filter(|level| level.has_vectors()) {
        let mut workspace = WindowWorkspace::new();
        for seed in [2, 3] {
            let weights = whole(seed, 16 * 36);
            let left = Lying {
                values: &weights,
                start: 0,
                rows: JoinedSteps::from_slice(&[(16, 36)]),
                columns: JoinedSteps::from_slice(&[(36, 1)]),
            };
            let mut out = vec![0.0; 16 * 28];
            // SAFETY: the result has 16 rows of 28, which nobody else knows.
            let done = unsafe {
                multiply_windows(level, (&left, false), &right, out.as_mut_ptr(), (28, 1), false, &mut workspace)
            };
            assert!(done);
            assert_eq!(out, expected(&left, &right), "{}", level.name());
        }
    }
}
