//! Bars that show how far a training is, for people only.

use std::{
    borrow::Cow,
    io::{IsTerminal, stderr, stdout},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

const STYLE: &str = "{msg:<24} {bar:30} {pos:>4}/{len} {eta:>4}";

/// Makes the bars of a run: visible only where both outputs are terminals, so that no file and no pipe holds bars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    visible: bool,
}

impl Progress {
    /// Bars for people, none for files and pipes.
    pub fn automatic() -> Self {
        Self { visible: stdout().is_terminal() && stderr().is_terminal() }
    }

    /// No bars.
    pub fn hidden() -> Self {
        Self { visible: false }
    }

    /// Whether bars are drawn.
    pub fn is_visible(self) -> bool {
        self.visible
    }

    /// A bar of `steps` steps on standard error. It clears itself when finished and dropped.
    pub fn bar(self, name: impl Into<Cow<'static, str>>, steps: u64) -> ProgressBar {
        let target = if self.visible { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let style = ProgressStyle::with_template(STYLE).expect("the template is valid");
        ProgressBar::with_draw_target(Some(steps), target)
            .with_style(style.progress_chars("━╸─"))
            .with_message(name)
            .with_finish(indicatif::ProgressFinish::AndClear)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_is_valid_and_bars_of_a_pipe_are_hidden() {
        let bar = Progress::hidden().bar("training", 3);
        bar.inc(1);
        assert!(bar.is_hidden());
        assert_eq!(bar.position(), 1);
    }
}
