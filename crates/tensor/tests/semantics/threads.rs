//! The same bits on every run, for every number of threads, and when several threads read one graph at once.

use std::sync::Mutex;

use minimand_tensor::{Rng, Tensor, grad, set_threads};

/// The number of threads belongs to the process: one test at a time sets it.
static THREADS: Mutex<()> = Mutex::new(());

fn bits(tensor: &Tensor) -> Vec<u64> {
    tensor.to_vec::<f64>().into_iter().map(f64::to_bits).collect()
}

/// Results under 1, 2, 3 and 8 threads; they must be the same bits.
fn compare(name: &str, work: impl Fn() -> Vec<Tensor>) {
    let _guard = THREADS.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let mut first: Option<Vec<Vec<u64>>> = None;
    for count in [1, 2, 3, 8, 2] {
        set_threads(count);
        let found: Vec<Vec<u64>> = work().iter().map(bits).collect();
        match &first {
            None => first = Some(found),
            Some(first) => assert!(*first == found, "{name}: {count} threads give other bits than one"),
        }
    }
}

#[test]
fn matrix_products() {
    // Odd sizes, none a multiple of a tile; tall, wide, thin, square.
    for (m, k, n) in
        [(701, 700, 699), (128, 1000, 64), (1, 700, 700), (700, 1, 700), (700, 700, 1), (257, 3, 511), (33, 5000, 17)]
    {
        for double in [false, true] {
            let mut rng = Rng::seed((m * 31 + k * 7 + n) as u64);
            let (mut a, mut b) = (Tensor::normal([m, k], &mut rng), Tensor::normal([k, n], &mut rng));
            if double {
                (a, b) = (a.cast(minimand_tensor::DType::F64), b.cast(minimand_tensor::DType::F64));
            }
            let (at, bt) = (
                Tensor::from_vec(a.transpose().to_vec::<f64>(), [k, m]),
                Tensor::from_vec(b.transpose().to_vec::<f64>(), [n, k]),
            );
            let (at, bt) = (at.cast(a.dtype()), bt.cast(b.dtype()));
            compare(&format!("{m} x {k} x {n}"), || {
                vec![
                    a.matmul(&b),
                    at.transpose().matmul(&b),
                    a.matmul(&bt.transpose()),
                    at.transpose().matmul(&bt.transpose()),
                ]
            });
        }
    }
}

/// Where in memory an operand begins is chance; the bits must not depend on it.
#[test]
fn products_of_operands_anywhere_in_memory() {
    for (m, k, n) in [(9, 17, 9), (3, 5, 2), (1, 33, 40), (40, 33, 1), (64, 64, 64), (130, 257, 67)] {
        let mut rng = Rng::seed(m as u64);
        let (left, right) = (Tensor::normal([m * k], &mut rng), Tensor::normal([k * n], &mut rng));
        for double in [false, true] {
            let kind = if double { minimand_tensor::DType::F64 } else { minimand_tensor::DType::F32 };
            let at = |x: &Tensor, offset: usize, rows: usize, columns: usize| {
                let longer = x.cast(kind).pad(0, offset, 0);
                longer.slice(0, offset..).reshape([rows, columns])
            };
            let first = bits(&at(&left, 0, m, k).matmul(&at(&right, 0, k, n)));
            let transposed = bits(&at(&left, 0, k, m).transpose().matmul(&at(&right, 0, n, k).transpose()));
            for offset in 1..20 {
                let (a, b) = (at(&left, offset, m, k), at(&right, offset * 3 % 17, k, n));
                assert!(bits(&a.matmul(&b)) == first, "{m} x {k} x {n}, offset {offset}");
                let (a, b) = (at(&left, offset, k, m).transpose(), at(&right, offset * 5 % 17, n, k).transpose());
                assert!(bits(&a.matmul(&b)) == transposed, "{m} x {k} x {n}, transposed, offset {offset}");
            }
        }
    }
}

#[test]
fn batched_products() {
    let mut rng = Rng::seed(5);
    let (a, b) = (Tensor::normal([7, 65, 130], &mut rng), Tensor::normal([130, 150], &mut rng));
    compare("batch", || vec![a.matmul(&b), a.flip([0, 1]).matmul(&b.flip(1))]);
}

/// Products with gathered windows, their sums over the batch and their overlapping sums; small pictures, and one that is cut into blocks.
#[test]
fn convolutions() {
    for (n, channels, size, outputs) in [(33, 8, 15, 17), (1, 24, 61, 20), (3, 5, 90, 7)] {
        let mut rng = Rng::seed(n as u64);
        let x = Tensor::normal([n, channels, size, size], &mut rng);
        let weight = Tensor::normal([outputs, channels * 9], &mut rng);
        compare(&format!("convolution {n} {channels} {size}"), || {
            let windows = x.pad(2, 1, 1).pad(3, 1, 1).windows(2, 3, 1, 1).windows(3, 3, 1, 1);
            let matrix = windows.permute([0, 1, 4, 5, 2, 3]).reshape([n, channels * 9, size * size]);
            let y = weight.matmul(&matrix);
            let slopes = grad(&y.square().sum(), [&x, &weight]);
            [vec![y], slopes].concat()
        });
    }
}

#[test]
fn a_training_step() {
    let mut rng = Rng::seed(9);
    let x = Tensor::normal([300, 200], &mut rng);
    let w = [0.1 * Tensor::normal([200, 310], &mut rng), 0.1 * Tensor::normal([310, 10], &mut rng)];
    let labels = Tensor::from((0..300).map(|k| k % 10).collect::<Vec<i64>>()).unsqueeze(-1);
    compare("step", || {
        let logits = x.matmul(&w[0]).gelu().matmul(&w[1]);
        let loss = -logits.log_softmax(-1).take_along_axis(-1, &labels).mean();
        let mut results = grad(&loss, &w);
        results.push(loss);
        results
    });
}

/// Eight threads read the same tensors at once, in different orders.
#[test]
fn one_graph_from_eight_threads() {
    for round in 0..20 {
        let mut rng = Rng::seed(round);
        let x = Tensor::normal([40, 30], &mut rng);
        let w = Tensor::normal([30, 20], &mut rng);
        let build = || {
            let hidden = x.matmul(&w).tanh();
            let loss = hidden.softmax(-1).square().mean();
            let slope = loss.grad(&w);
            [hidden, loss, slope]
        };
        let expected = build().each_ref().map(bits);
        let shared = build();
        let barrier = std::sync::Barrier::new(8);
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let (shared, expected, barrier) = (&shared, &expected, &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    for which in 0..3 {
                        let which = (which + thread) % 3;
                        assert!(bits(&shared[which]) == expected[which]);
                        // Also while the others are being computed: a tensor made of them.
                        let more = (&shared[which] * 2.0).sum();
                        assert!(more.item().is_finite());
                    }
                });
            }
        });
    }
}

/// Sums over everything, along rows and across rows, picks and elementwise results, with gradients: all large enough for many blocks.
#[test]
fn passes() {
    let mut rng = Rng::seed(5);
    let (x, y) = (Tensor::normal([700_003], &mut rng), Tensor::normal([700_003], &mut rng));
    compare("elementwise", || {
        let loss = (x.softplus() - &x * &y).mean();
        let slope = loss.grad(&x);
        vec![loss, slope, x.max(), (&x * &y).min()]
    });
    let (logits, bias) = (Tensor::normal([3001, 211], &mut rng), Tensor::normal([211], &mut rng));
    let labels = Tensor::from_vec((0..3001).map(|row| row * 7 % 211).collect::<Vec<i64>>(), [3001, 1]);
    compare("rows", || {
        let loss = -(&logits + &bias).log_softmax(-1).take_along_axis(1, &labels).mean();
        let slopes = grad(&loss, [&logits, &bias]);
        [vec![loss, logits.max_axis(0)], slopes].concat()
    });
    let long = Tensor::normal([37, 9_001], &mut rng).cast(minimand_tensor::DType::F64);
    compare("long rows", || {
        let loss = long.softmax(-1).square().sum();
        let slope = loss.grad(&long);
        vec![loss, slope, long.sum_axis(0)]
    });
}

#[test]
fn sorted_lines() {
    let mut rng = Rng::seed(5);
    let x = Tensor::normal([40, 500], &mut rng).computed();
    compare("sort", || {
        let (values, positions) = x.sort(-1);
        let (down, up) = (x.argsort_descending(0), x.cast(minimand_tensor::DType::F64).argsort(-1));
        vec![values, positions, down, up]
    });
}

/// So many indices that they are taken in parts: what is picked and what is added up, against plain loops.
#[test]
fn many_look_ups() {
    let (count, places) = (100_003, 777);
    let mut rng = Rng::seed(11);
    let x = Tensor::normal([count], &mut rng).computed();
    let index: Vec<i64> = (0..count).map(|_| rng.below(places) as i64).collect();
    let positions = Tensor::from(index.clone());
    let table = Tensor::normal([places], &mut rng).computed();
    for double in [false, true] {
        let kind = if double { minimand_tensor::DType::F64 } else { minimand_tensor::DType::F32 };
        let (x, table) = (x.cast(kind).computed(), table.cast(kind).computed());
        compare("look-ups", || {
            let ones = x.ones_like().scatter_add(0, &positions, places);
            vec![x.scatter_add(0, &positions, places), ones, table.index_select(0, &positions)]
        });
        let (numbers, entries) = (x.to_vec::<f64>(), table.to_vec::<f64>());
        let mut sums = vec![0.0; places];
        index.iter().zip(&numbers).for_each(|(&place, number)| sums[place as usize] += number);
        let digits = if double { 1e-12 } else { 1e-6 };
        for (found, sum) in x.scatter_add(0, &positions, places).to_vec::<f64>().iter().zip(&sums) {
            assert!((found - sum).abs() <= digits * sum.abs().max(1.0), "{found} is not {sum}");
        }
        let counts = x.ones_like().scatter_add(0, &positions, places).to_vec::<f64>();
        assert!(
            (0..places).all(|place| counts[place] == index.iter().filter(|&&at| at == place as i64).count() as f64)
        );
        let picked = table.index_select(0, &positions).to_vec::<f64>();
        assert!(picked.iter().zip(&index).all(|(&picked, &place)| picked == entries[place as usize]));
    }
}

/// Nothing to look up, on one thread and on several.
#[test]
fn no_look_ups() {
    let none = Tensor::from(Vec::<i64>::new());
    compare("nothing", || {
        let picked = Tensor::ones([5]).index_select(0, &none);
        vec![Tensor::zeros([0]).scatter_add(0, &none, 3), picked.sum(), picked]
    });
}

/// Reductions over pairs and their gradients, also of few rows; reads of one array at several offsets.
#[test]
fn pairs_and_shifts() {
    let mut rng = Rng::seed(12);
    for (rows, columns, depth) in [(300, 301, 33), (7, 900, 12), (400, 333, 3)] {
        let (a, b) = (Tensor::normal([rows, depth], &mut rng), Tensor::normal([columns, depth], &mut rng));
        compare("pairs", || {
            let difference = a.unsqueeze(1) - b.unsqueeze(0);
            let loss = (difference.square().sum_axis(-1) + 0.1).sqrt().mean() + difference.abs().sum_axis(-1).mean();
            let slopes = grad(&loss, [&a, &b]);
            [vec![loss], slopes].concat()
        });
    }
    let picture = Tensor::normal([9, 100, 111], &mut rng);
    compare("shifts", || {
        let [right, down] =
            [2, 1].map(|axis| picture.slice(axis, 1..) - picture.slice(axis, ..picture.shape()[axis as usize] - 1));
        let loss = right.abs().mean() + down.square().mean();
        let slope = loss.grad(&picture);
        vec![loss, slope]
    });
}
