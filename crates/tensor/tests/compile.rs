//! A compiled function gives what the function itself would give, at every call; what it could not replay is refused.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use approx::assert_abs_diff_eq;
use minimand_tensor::{DType, Parameter, Rng, Tensor, compile, eval, grad, observe, with_values};

/// For results that do not matter.
fn ignore<T>(_: T) {}

fn bits(tensors: &[Tensor]) -> Vec<Vec<u64>> {
    tensors.iter().map(|tensor| tensor.to_vec::<f64>().into_iter().map(f64::to_bits).collect()).collect()
}

/// Calls a function five times, and its compiled copy as often, which is traced once for each shape.
#[track_caller]
fn same<S>(
    what: &str,
    state: impl Fn() -> S,
    function: impl Fn(&S, &[Tensor]) -> Vec<Tensor>,
    change: impl Fn(&S, usize),
) {
    let (plain, traced) = (state(), state());
    let runs = Cell::new(0);
    let compiled = compile(|arguments: &[Tensor]| {
        runs.set(runs.get() + 1);
        function(&traced, arguments)
    });
    for call in 0..6 {
        let x = Tensor::from_vec(
            (0..4).map(|at| (at + call) as f64 * 0.25).collect(),
            if call % 2 == 0 { [4, 1] } else { [2, 2] },
        );
        let expected = function(&plain, std::slice::from_ref(&x));
        let found = compiled.call([&x]);
        assert_eq!(bits(&found), bits(&expected), "{what}, call {call}");
        change(&plain, call);
        change(&traced, call);
    }
    assert_eq!(runs.get(), 2, "{what}: one trace for each shape");
}

#[test]
fn parameters_are_read_at_every_call() {
    let state = || {
        let w = Parameter::new("w", Tensor::from(2.0));
        // The value at the beginning is a tensor that the function brings along: it stays.
        (w.value(), w)
    };
    let double = |(_, w): &(Tensor, Parameter), _| w.set(w.value() * 2 + 1);
    same("a parameter", state, |(_, w), x| vec![&x[0] * w.value()], double);
    same("its gradient", state, |(_, w), x| vec![(&x[0] * w.value().sin()).sum().grad(&w.value())], double);
    same("an anchor", state, |(first, w), x| vec![&x[0] * (w.value() - first).square()], double);
    same("detached", state, |(_, w), x| vec![&x[0] * w.value().detach(), w.value().detach(), w.value()], double);
    same("the present value, not read", state, |(first, _), x| vec![&x[0] * first], double);
}

/// A tensor that the function brings along is not an argument, even when it is passed as one once.
#[test]
fn what_is_brought_along_stays() {
    let mean = Tensor::from([1.0, 2.0]);
    let brought = mean.clone();
    let centred = compile(move |x: &[Tensor]| vec![&x[0] - &brought]);
    assert_eq!(centred.call([&mean])[0].to_string(), "[0, 0]");
    assert_eq!(centred.call([&Tensor::from([5.0, 5.0])])[0].to_string(), "[4, 3]");
}

#[test]
fn numbers_are_drawn_at_every_call() {
    let state = || Mutex::new(Rng::seed(7));
    let none = |_: &Mutex<Rng>, _| ();
    type Draw = fn(&mut Rng) -> Tensor;
    let draws: [(&str, Draw); 7] = [
        ("normal", |rng| Tensor::normal([4], rng)),
        ("uniform", |rng| Tensor::uniform([4], -1.0, 2.0, rng)),
        ("bernoulli", |rng| Tensor::bernoulli([4], 0.5, rng)),
        ("permutation", |rng| Tensor::permutation(4, rng).cast(DType::F32)),
        ("drawn", |rng| {
            Tensor::drawn([4], rng, |rng| rng.normal() + rng.below(5) as f64 + rng.permutation(3)[0] as f64)
        }),
        ("split", |rng| Tensor::normal([4], &mut rng.split()) + Tensor::normal([4], &mut rng.split().split())),
        // The same at every call, and nothing is taken from the other generator.
        ("seeded", |_| {
            let mut own = Rng::seed(3);
            let scale = own.uniform();
            scale * Tensor::normal([4], &mut own) + Tensor::normal([4], &mut own.split()).max().item()
        }),
    ];
    for (what, draw) in draws {
        same(what, state, |rng, x| vec![draw(&mut rng.lock().unwrap()).sum() * &x[0]], none);
        // Several draws, of which one is not used, and their gradients.
        let function = |rng: &Mutex<Rng>, x: &[Tensor]| {
            let rng = &mut *rng.lock().unwrap();
            let (a, _, c) = (draw(rng), draw(rng), draw(rng));
            let loss = (a.cast(DType::F64) * c.cast(DType::F64) * x[0].reshape([4])).square().sum();
            vec![loss.grad(&x[0]), a, loss]
        };
        same(what, state, function, none);
        // Others draw from it between the calls.
        same(what, state, function, |rng, _| ignore(rng.lock().unwrap().normal()));
    }
}

#[test]
fn a_state_that_is_observed_is_traced_for_each_of_its_values() {
    let switch = Arc::new(AtomicUsize::new(0));
    let (read, runs) = (Arc::clone(&switch), Cell::new(0));
    let function = compile(|x: &[Tensor]| {
        runs.set(runs.get() + 1);
        let read = Arc::clone(&read);
        let power = observe(move || read.load(Ordering::Relaxed));
        vec![(0..power).fold(Tensor::from(1.0), |product, _| product * &x[0])]
    });
    for call in 0..12 {
        let power = call % 3;
        switch.store(power, Ordering::Relaxed);
        assert_eq!(function.call([&Tensor::from(3.0)])[0].item(), 3f64.powi(power as i32), "call {call}");
    }
    assert_eq!(runs.get(), 3);
}

/// A compiled function within another is part of its trace: its parameters and draws change as its own, and no gradient flows through.
#[test]
fn nested_functions() {
    let state = || (Parameter::new("w", Tensor::from(2.0)), Mutex::new(Rng::seed(1)));
    let inner = |(w, rng): &(Parameter, Mutex<Rng>), x: &[Tensor]| {
        vec![(&x[0] * w.value() * Tensor::uniform([], 0.0, 1.0, &mut rng.lock().unwrap()) * &x[1]).sum(), x[0].clone()]
    };
    let outer = |state: &(Parameter, Mutex<Rng>), x: &[Tensor]| {
        let compiled = compile(|x: &[Tensor]| inner(state, x));
        let results = compiled.call([&x[0], &x[0]]);
        let loss = (&results[0] * x[0].square().sum() * state.0.value() + results[1].sum()).sum();
        vec![loss.grad(&x[0]), loss.grad(&state.0.value()), loss]
    };
    same("nested", state, outer, |(w, _), _| w.set(w.value() + 1));
}

/// A generator that is set back while functions draw from it: they draw again what they have drawn.
#[test]
fn a_generator_goes_on_from_a_stored_state_in_traces_too() {
    let rng = RefCell::new(Rng::seed(5));
    let function = compile(|_: &[Tensor]| {
        let rng = &mut *rng.borrow_mut();
        vec![Tensor::normal([3], rng), Tensor::permutation(5, &mut rng.split()).cast(DType::F32)]
    });
    let draw = || function.call([]).iter().flat_map(Tensor::to_vec::<f64>).collect::<Vec<_>>();
    draw();
    // In the middle of a block of numbers.
    let _ = rng.borrow_mut().uniform();
    let state = rng.borrow().state();
    let (first, second) = (draw(), draw());
    assert_ne!(first, second);
    rng.borrow_mut().set_state(&state);
    assert_eq!([draw(), draw()], [first.clone(), second]);
    let mut other = Rng::seed(0);
    other.set_state(&state);
    assert_eq!(Tensor::normal([3], &mut other).to_vec::<f64>(), first[..3]);
}

/// A function that reads, sets, reads and sets again does so in every call; what is set has no gradient.
#[test]
fn parameters_are_set_at_every_call() {
    let (plain, traced) = (Parameter::new("total", Tensor::from(0.0)), Parameter::new("total", Tensor::from(0.0)));
    let of = |total: &Parameter, x: &[Tensor]| {
        let before = total.value();
        total.set(&before + x[0].sum());
        total.set_lazily(&(total.value() * 2));
        let after = total.value();
        let slope = (&after * x[0].square().sum()).grad(&x[0]);
        vec![before, after, slope]
    };
    let function = compile(|x: &[Tensor]| of(&traced, x));
    for call in 0..6 {
        let x = Tensor::from([f64::from(call), 1.5, -0.25]);
        let expected = of(&plain, std::slice::from_ref(&x));
        assert_eq!(bits(&function.call([&x])), bits(&expected), "call {call}");
        assert_eq!(traced.value().to_vec::<f64>(), plain.value().to_vec::<f64>(), "call {call}");
        assert!(traced.value().inputs().is_empty());
        // What is set between the calls, lazily or not, is read by the next.
        if call % 2 == 0 {
            for total in [&plain, &traced] {
                total.set_lazily(&(total.value() - x.max()));
            }
        }
    }
    assert_eq!(format!("{function:?}"), "Compiled(1 traces)");
    // Part of another trace: set once for each call of that.
    traced.set(Tensor::from(1.0));
    let outer = compile(|x: &[Tensor]| function.call(x));
    outer.call([&Tensor::from([1.0, 0.0, 0.0])]);
    assert_eq!(traced.value().item(), 4.0);
    outer.call([&Tensor::from([1.0, 0.0, 0.0])]);
    assert_eq!(traced.value().item(), 10.0);
}

/// Values that are given outside of a traced function are read at every call; those given inside are part of the trace.
#[test]
fn parameters_are_given_other_values_for_the_time_being() {
    let (w, v) = (Parameter::new("w", Tensor::from([3.0, -1.0])), Parameter::new("v", Tensor::from([0.5, 2.0])));
    let body = |x: &[Tensor]| {
        let outer = (w.value() * &x[0]).square().sum();
        let stepped = w.value() - 0.1 * outer.grad(&w.value());
        let inner = with_values([(&w, &stepped)], || (w.value() * &x[0] + v.value()).square().sum());
        let slopes = grad(&inner, [&w.value(), &v.value(), &x[0]]);
        [vec![outer, inner], slopes].concat()
    };
    let function = compile(body);
    let other = [Tensor::from([7.0, 8.0]), Tensor::from([-2.0, 0.25])];
    for call in 0..6 {
        let x = Tensor::from([1.0, f64::from(call)]);
        let (expected, found) = match call % 3 {
            0 => (body(std::slice::from_ref(&x)), function.call([&x])),
            1 => with_values([(&w, &other[0])], || (body(std::slice::from_ref(&x)), function.call([&x]))),
            _ => with_values([(&w, &other[0]), (&v, &other[0])], || {
                with_values([(&v, &other[1])], || (body(std::slice::from_ref(&x)), function.call([&x])))
            }),
        };
        assert_eq!(bits(&found), bits(&expected), "call {call}");
        w.set(w.value() * 0.5);
    }
    assert_eq!(format!("{function:?}"), "Compiled(1 traces)");
    // A trace that begins among given values knows that they are given.
    let first = compile(body);
    let x = Tensor::from([1.0, 2.0]);
    let among = with_values([(&w, &other[0])], || bits(&first.call([&x])));
    assert_eq!(among, with_values([(&w, &other[0])], || bits(&body(std::slice::from_ref(&x)))));
    assert_eq!(bits(&first.call([&x])), bits(&body(std::slice::from_ref(&x))));
    let setting = |x: &[Tensor]| {
        w.set(&x[0] * 2);
        vec![w.value() + 1]
    };
    let function = compile(setting);
    for _ in 0..2 {
        let found = with_values([(&w, &other[0])], || function.call([&x]));
        assert_eq!((found[0].to_vec::<f64>(), w.value().to_vec::<f64>()), (vec![8.0, 9.0], vec![2.0, 4.0]));
        assert_eq!(bits(&found), with_values([(&w, &other[0])], || bits(&setting(std::slice::from_ref(&x)))));
    }
    // A parameter that is set meanwhile has its value afterwards; a panic gives nothing away.
    with_values([(&w, &other[0])], || {
        w.set(Tensor::from([1.0, 1.0]));
        assert_eq!(w.value().to_vec::<f64>(), [7.0, 8.0]);
    });
    let _ = catch_unwind(AssertUnwindSafe(|| with_values([(&w, &other[0])], || panic!("on purpose"))));
    assert_eq!(w.value().to_vec::<f64>(), [1.0, 1.0]);
    let wrong = || with_values([(&w, &Tensor::from(1.0))], || ());
    let message = *catch_unwind(AssertUnwindSafe(wrong)).unwrap_err().downcast::<String>().unwrap();
    assert_eq!(message, "with_values: parameter w holds f64[2] and cannot take f64[]");
}

/// What a call panics with, and the line.
fn refusal(function: impl Fn(&[Tensor]) -> Vec<Tensor>) -> (String, u32) {
    static LINE: Mutex<u32> = Mutex::new(0);
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let before = std::panic::take_hook();
    // Tests that are to panic do so on other threads meanwhile.
    let own = std::thread::current().id();
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().id() == own {
            let location = info.location().expect("panics have one");
            let ours = location.file().ends_with("compile.rs");
            *LINE.lock().unwrap() = if ours { location.line() } else { 0 };
        }
    }));
    let compiled = compile(function);
    let panicked = catch_unwind(AssertUnwindSafe(|| compiled.call([&Tensor::from([1.0, 2.0])])));
    std::panic::set_hook(before);
    let message = panicked.expect_err("it is refused").downcast::<String>().expect("a text");
    (*message, *LINE.lock().unwrap())
}

#[test]
fn what_could_not_be_replayed_is_refused() {
    let w = Parameter::new("w", Tensor::from([3.0, 4.0]));
    let rng = RefCell::new(Rng::seed(1));
    type Function<'a> = &'a dyn Fn(&[Tensor]);
    let values: [(&str, Function<'_>); 10] = [
        ("an argument", &|x| drop(x[0].to_vec::<f64>())),
        ("made of it", &|x| ignore(x[0].square().sum().item())),
        ("evaluated", &|x| eval([&x[0].square()])),
        ("printed", &|x| drop(x[0].to_string())),
        ("a parameter", &|_| drop(w.value().to_vec::<f64>())),
        ("made of it", &|_| ignore(w.value().sum().item())),
        ("detached", &|_| ignore(w.value().detach().sum().item())),
        ("a draw", &|_| drop(Tensor::normal([2], &mut rng.borrow_mut()).to_vec::<f64>())),
        ("a parameter made of it", &|x| drop(Parameter::new("v", x[0].clone()))),
        ("value and gradient", &|x| drop(minimand_tensor::value_and_grad(&x[0].sum(), [&x[0]]))),
    ];
    for (what, read) in values {
        let (message, line) = refusal(|x| {
            read(x);
            vec![x[0].clone()]
        });
        assert!(message.contains("are read while a function is traced"), "{what}: {message}");
        assert!(line > 0 || what == "printed", "{what}: the line is not the user's");
    }
    let singles: [(&str, Function<'_>); 7] = [
        ("state", &|_| ignore(rng.borrow().state())),
        ("set_state", &|_| rng.borrow_mut().set_state(&[0; 49])),
        ("uniform", &|_| ignore(rng.borrow_mut().uniform())),
        ("normal", &|_| ignore(rng.borrow_mut().normal())),
        ("below", &|_| ignore(rng.borrow_mut().below(3))),
        ("permutation", &|_| drop(rng.borrow_mut().permutation(3))),
        ("generator", &|_| ignore(rng.borrow_mut().generator())),
    ];
    for (what, draw) in singles {
        let (message, line) = refusal(|x| {
            draw(x);
            vec![x[0].clone()]
        });
        assert!(message.starts_with(&format!("{what}: numbers are drawn while a function is traced")), "{message}");
        assert!(line > 0, "{what}: the line is not the user's");
    }
    let (message, line) = refusal(|x| {
        w.set(x[0].sum());
        vec![x[0].clone()]
    });
    assert!(message == "set: parameter w holds f64[2] and cannot take f64[]" && line > 0, "{message}");
    // A refusal leaves no trace: all of it is allowed outside, and what does not change may be read inside.
    assert_eq!(w.value().to_string(), "[3, 4]");
    let (fixed, known) = (Tensor::from([1.0, 2.0]), Cell::new(0.0));
    let function = compile(|x: &[Tensor]| {
        known.set((&fixed * 2).sum().item());
        vec![&x[0] * known.get()]
    });
    assert_eq!(function.call([&Tensor::from(1.0)])[0].item(), 6.0);
    assert!(rng.borrow_mut().uniform() < 1.0);
}

/// Thousands of shapes: as many traces as their bound allows, and the last are known.
#[test]
fn traces_of_many_shapes_are_bounded() {
    let runs = Cell::new(0);
    let function = compile(|x: &[Tensor]| {
        runs.set(runs.get() + 1);
        // Numbers that nobody but the trace holds.
        let noise = Tensor::from_vec(vec![1.0; 10_000], [10_000]);
        vec![x[0].sum() + noise.sum()]
    });
    let call = |length: usize| function.call([&Tensor::zeros([length])])[0].item();
    for length in 0..1000 {
        assert_eq!(call(length), 10_000.0);
    }
    let count: usize =
        format!("{function:?}").chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap();
    assert!((50..=16 * 1024 * 1024 / 80_000).contains(&count), "{count} traces of 80 KB each");
    let before = runs.get();
    (950..1000).for_each(|length| ignore(call(length)));
    assert_eq!(runs.get(), before, "the last are known");
    call(0);
    assert_eq!(runs.get(), before + 1, "the first were let go");
}

/// A compiled function has a trace, and a plan, for each target.
#[test]
fn a_trace_is_never_run_for_another_target() {
    let targets = minimand_engine::Target::available();
    let runs = Cell::new(0);
    let function = compile(|x: &[Tensor]| {
        runs.set(runs.get() + 1);
        vec![(&x[0] * 2.0).sin()]
    });
    for _ in 0..2 {
        for target in &targets {
            let found = target.force(|| function.call([&Tensor::from(0.25)])[0].item());
            assert_abs_diff_eq!(found, 0.5f64.sin(), epsilon = 1e-15);
        }
    }
    assert_eq!(runs.get(), targets.len());
}
