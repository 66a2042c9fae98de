//! When a run by the clock ends: before the split that would not be in time any more.

use std::{cell::RefCell, time::Instant};

use super::race::Lane;

/// Looks at the time between the splits of a race.
pub(super) struct Clock<'a> {
    /// When the time began.
    start: Instant,
    /// Seconds that there are.
    seconds: f64,
    /// Splits that are run whatever the time.
    least: usize,
    /// Splits at most.
    most: usize,
    /// Whether the race may end after so many.
    may_end: &'a dyn Fn(usize) -> bool,
    /// Fits after the race, as a share of those of a split.
    fits_afterwards: f64,
    /// Does once, for nothing, with one model what has to be done with each after the race.
    rehearsal: &'a dyn Fn(&Lane),
    seen: RefCell<Seen>,
}

/// What the clock saw.
#[derive(Debug, Clone, Default)]
struct Seen {
    /// Seconds until the end of each split.
    ends: Vec<f64>,
    /// Seconds of all that has to be done after the race, but for fits.
    afterwards: Option<f64>,
}

impl<'a> Clock<'a> {
    /// A clock that has seen nothing yet.
    pub(super) fn new(
        start: Instant,
        seconds: f64,
        (least, most): (usize, usize),
        may_end: &'a dyn Fn(usize) -> bool,
        fits_afterwards: f64,
        rehearsal: &'a dyn Fn(&Lane),
    ) -> Self {
        Self { start, seconds, least, most, may_end, fits_afterwards, rehearsal, seen: RefCell::default() }
    }

    /// Whether another split is to be run after so many.
    pub(super) fn goes_on(&self, done: usize, lanes: &[Lane]) -> bool {
        let now = self.start.elapsed().as_secs_f64();
        self.seen.borrow_mut().ends.push(now);
        if done < self.least || done >= self.most {
            return done < self.least;
        }
        if self.seen.borrow().afterwards.is_none() {
            if let Some(lane) = lanes.first() {
                (self.rehearsal)(lane);
            }
            let took = self.start.elapsed().as_secs_f64() - now;
            self.seen.borrow_mut().afterwards = Some(took * lanes.len() as f64);
        }
        let mut seen = self.seen.borrow_mut();
        let now = self.start.elapsed().as_secs_f64();
        let split = seen.of_a_split();
        // The rehearsal belongs to no split.
        if let Some(end) = seen.ends.last_mut() {
            *end = now;
        }
        let afterwards = seen.afterwards.unwrap_or(0.0) + self.fits_afterwards * split;
        // Rather half a split too late than a whole one too early.
        now + afterwards + 0.5 * split <= self.seconds || !(self.may_end)(done)
    }
}

impl Seen {
    /// Seconds of one of the last splits; the first one, which also compiles, counts only while it is the only one.
    fn of_a_split(&self) -> f64 {
        const LAST: usize = 3;
        let ends = &self.ends[self.ends.len().saturating_sub(LAST + 1)..];
        match ends {
            [first, .., last] => (last - first) / (ends.len() - 1) as f64,
            [] | [_] => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{thread::sleep, time::Duration};

    use super::*;
    use crate::model::ModelKind;

    /// Splits that a race of so long splits comes to.
    fn splits(clock: &Clock<'_>, of_a_split: Duration) -> usize {
        let lanes = [Lane { model: ModelKind::Linear, blocks: Vec::new() }];
        let mut done = 0;
        while clock.goes_on(done, &lanes) {
            sleep(of_a_split);
            done += 1;
        }
        done
    }

    #[test]
    fn splits_end_in_time() {
        let began = Instant::now();
        let found = splits(&Clock::new(began, 0.5, (5, 50), &|_| true, 2.0, &|_| ()), Duration::from_millis(20));
        // 23 splits and the time of two more.
        assert!((15..=24).contains(&found), "{found}");
        assert!(began.elapsed().as_secs_f64() < 0.5);
    }

    #[test]
    fn what_comes_afterwards_has_its_time() {
        let rehearsal = |_: &Lane| sleep(Duration::from_millis(150));
        let found =
            splits(&Clock::new(Instant::now(), 0.5, (5, 50), &|_| true, 0.0, &rehearsal), Duration::from_millis(20));
        // 0.15 s are gone, 0.15 s are kept.
        assert!((6..=11).contains(&found), "{found}");
    }

    #[test]
    fn the_least_are_run_and_no_more_than_the_most() {
        let rehearsal = |_: &Lane| ();
        let short = Duration::from_millis(1);
        assert_eq!(splits(&Clock::new(Instant::now(), 0.0, (5, 50), &|_| true, 0.0, &rehearsal), short), 5);
        assert_eq!(splits(&Clock::new(Instant::now(), 0.0, (5, 50), &|done| done != 5, 0.0, &rehearsal), short), 6);
        assert_eq!(splits(&Clock::new(Instant::now(), 60.0, (5, 7), &|_| true, 0.0, &rehearsal), short), 7);
        // Nothing is rehearsed where there is no choice.
        let never = |_: &Lane| panic!("rehearsed");
        assert_eq!(splits(&Clock::new(Instant::now(), 60.0, (5, 5), &|_| true, 0.0, &never), short), 5);
    }
}
