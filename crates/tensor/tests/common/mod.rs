//! Panics that are expected: their text, and the line they name.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, Location, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    /// Where the last panic of a thread happened, while one is expected: file, line and text.
    static EXPECTED: RefCell<Option<Option<(String, u32, String)>>> = const { RefCell::new(None) };
}

/// The text of the panic that `work` ends in, which must name a line of `work`: it starts on the line of this call and has at most
/// three.
#[track_caller]
pub(crate) fn panic_of<R>(work: impl FnOnce() -> R) -> String {
    let (file, line, text) = panic_anywhere(work);
    let here = Location::caller();
    assert_eq!(file, here.file(), "the panic names another file: {text}");
    assert!((here.line()..here.line() + 3).contains(&line), "the panic names line {line}, not {}: {text}", here.line());
    text
}

/// File, line and text of the panic that `work` ends in.
pub(crate) fn panic_anywhere<R>(work: impl FnOnce() -> R) -> (String, u32, String) {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = take_hook();
        set_hook(Box::new(move |information| {
            let expected = EXPECTED.with_borrow_mut(|expected| match expected {
                Some(found) => {
                    let place = information.location().expect("panics have a place");
                    let text = information.payload_as_str().unwrap_or("no text").to_owned();
                    *found = Some((place.file().to_owned(), place.line(), text));
                    true
                }
                None => false,
            });
            if !expected {
                usual(information);
            }
        }));
    });
    EXPECTED.set(Some(None));
    let outcome = catch_unwind(AssertUnwindSafe(|| drop(work())));
    let found = EXPECTED.take().flatten();
    assert!(outcome.is_err(), "there is no panic");
    found.expect("the hook was called")
}
