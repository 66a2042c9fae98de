//! Standard output, whose reader may go away.

use std::io::{self, ErrorKind, Write};

/// Where the program writes its findings.
///
/// When the reader has gone (`minimand tour | head -1`), what is written vanishes and [`Screen::is_closed`] says so: it
/// is the program's choice to stop then, or to go on for a report's sake. Every other failure is an error.
pub struct Screen {
    output: Box<dyn Write>,
    closed: bool,
}

impl Screen {
    /// Standard output.
    pub fn stdout() -> Self {
        Self::new(io::stdout())
    }

    /// Any other writer.
    pub fn new(output: impl Write + 'static) -> Self {
        Self { output: Box::new(output), closed: false }
    }

    /// Writes and flushes the text, as it is.
    pub fn write(&mut self, text: &str) -> io::Result<()> {
        if self.closed {
            return Ok(());
        }
        match self.output.write_all(text.as_bytes()).and_then(|()| self.output.flush()) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            outcome => outcome,
        }
    }

    /// Whether nobody reads any more.
    pub fn is_closed(&self) -> bool {
        self.closed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Failing(ErrorKind);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_left_is_no_error_and_a_full_disk_is() {
        let mut left = Screen::new(Failing(ErrorKind::BrokenPipe));
        assert!(left.write("a").is_ok() && left.is_closed());
        assert!(left.write("b").is_ok());
        let mut full = Screen::new(Failing(ErrorKind::StorageFull));
        assert!(full.write("a").is_err() && !full.is_closed());
    }
}
