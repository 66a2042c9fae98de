//! The mode in which every evaluation checks what it gives. It belongs to the process: one test.

use std::panic::{AssertUnwindSafe, catch_unwind};

use minimand_tensor::{Tensor, check_finite, compile, eval};

fn panic_of(work: impl FnOnce()) -> Option<String> {
    let payload = catch_unwind(AssertUnwindSafe(work)).err()?;
    Some(payload.downcast_ref::<String>().expect("a formatted message").clone())
}

#[test]
fn evaluations_name_the_operation_while_it_is_on() {
    let (good, bad) = (Tensor::from([1.0, 4.0]), Tensor::from([1.0, -4.0]));
    let function = compile(|arguments: &[Tensor]| vec![arguments[0].sqrt().sum()]);
    let evaluate = |x: &Tensor| panic_of(|| eval([&x.sqrt().sum()]));
    let call = |x: &Tensor| panic_of(|| drop(function.call([x])));
    assert_eq!((evaluate(&bad), call(&bad)), (None, None), "off at first");
    check_finite(true);
    for (at, message) in [evaluate(&bad), call(&bad), call(&bad)].into_iter().enumerate() {
        let message = message.unwrap_or_else(|| panic!("{at}: nothing was said"));
        assert!(message.starts_with("sqrt at tests/check_finite.rs:"), "{message}");
        assert!(message.contains("NaN in 1 of 2, from a negative number"), "{message}");
    }
    assert_eq!((evaluate(&good), call(&good)), (None, None));
    let masked = || eval([&bad.gt(0).select(bad.sqrt(), 0.0).sum()]);
    assert_eq!(panic_of(masked), None);
    check_finite(false);
    assert_eq!((evaluate(&bad), call(&bad)), (None, None));
}
