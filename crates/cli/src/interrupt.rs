//! Ctrl-C as a request to come to an end.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use crate::report::OutputDirectory;

/// Exit status of a program that was interrupted.
pub(crate) const INTERRUPTED: u8 = 130;

/// True once Ctrl-C was pressed; a second time ends the program, once the file that is being written is whole.
pub(crate) fn stopping() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let pressed = Arc::clone(&stop);
    // Where no handler can be set, Ctrl-C ends the program as ever.
    let _ = ctrlc::set_handler(move || {
        if pressed.swap(true, Ordering::Relaxed) {
            OutputDirectory::exit(i32::from(INTERRUPTED));
        }
    });
    stop
}
