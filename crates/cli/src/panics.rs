//! The last resort: a panic below the program becomes a message.

use std::{
    any::Any,
    panic::{self, AssertUnwindSafe},
    sync::{Mutex, PoisonError},
};

/// The first panic since the program started, with its place: on which thread it was does not matter.
static FIRST: Mutex<Option<(String, String)>> = Mutex::new(None);

/// From now on a panic prints nothing; what it says is kept for [`caught`]. For the program, not for its parts: the hook is one
/// for the whole process.
pub(crate) fn keep_quiet() {
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(String::new, |place| format!(" ({}:{})", place.file(), place.line()));
        let mut first = FIRST.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert_with(|| (said(panic.payload()), place));
    }));
}

/// What `work` gives, or what a panic in it said.
pub(crate) fn caught<R>(work: impl FnOnce() -> R) -> Result<R, String> {
    // Whatever the panic left half done is not looked at again.
    panic::catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        let (said, place) = first(&*payload);
        said + &place
    })
}

/// What `work` gives, or what a panic in it said, without its place.
pub(crate) fn caught_said<R>(work: impl FnOnce() -> R) -> Result<R, String> {
    panic::catch_unwind(AssertUnwindSafe(work)).map_err(|payload| first(&*payload).0)
}

fn first(payload: &(dyn Any + Send)) -> (String, String) {
    let first = FIRST.lock().unwrap_or_else(PoisonError::into_inner).take();
    first.unwrap_or_else(|| (said(payload), String::new()))
}

fn said(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without words").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_panic_says_comes_back() {
        assert_eq!(caught(|| 3), Ok(3));
        assert_eq!(
            caught(|| panic!("huber: delta must be above 0, not {}", 0)),
            Err::<(), _>("huber: delta must be above 0, not 0".into())
        );
        assert_eq!(caught(|| panic!("plain")), Err::<(), _>("plain".to_owned()));
        assert_eq!(caught(|| panic::panic_any(7)), Err::<(), _>("a panic without words".to_owned()));
    }
}
