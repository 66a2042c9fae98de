//! Times until an event, validated once.

use minimand_tensor::{Index, Tensor};
use thiserror::Error;

/// Times until an event, and whether it happened: where it did not, nobody waited longer (right-censored).
///
/// ```
/// use minimand_loss::{SurvivalTimes, SurvivalError};
///
/// let times = SurvivalTimes::new([2.0, 5.0, 3.0], [true, false, true])?;
/// assert_eq!((times.len(), times.events()), (3, 2));
///
/// let error = SurvivalTimes::new([2.0, -1.0], [true, true]).unwrap_err();
/// assert_eq!(error.to_string(), "the time at row 1 is -1: it must be greater than 0 and finite");
/// # Ok::<(), SurvivalError>(())
/// ```
#[derive(Clone, Debug)]
pub struct SurvivalTimes {
    times: Tensor,
    happened: Tensor,
    events: usize,
}

/// Why values are no survival times. Rows count from 0.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum SurvivalError {
    /// A time that is 0, negative, infinite or NaN.
    #[error("the time at row {row} is {value}: it must be greater than 0 and finite")]
    Time {
        /// Where it stands.
        row: usize,
        /// The number found.
        value: f64,
    },
    /// There are not as many events as times.
    #[error("there are {times} times and {events} events: each row has one of each")]
    Length {
        /// Number of times.
        times: usize,
        /// Number of events.
        events: usize,
    },
}

impl SurvivalTimes {
    /// Times, and whether the event happened then (`true`) or was still awaited (`false`).
    ///
    /// # Errors
    /// Names the first time that is not greater than 0 and finite, or the two lengths where they differ.
    pub fn new(times: impl AsRef<[f64]>, happened: impl AsRef<[bool]>) -> Result<SurvivalTimes, SurvivalError> {
        let (times, happened) = (times.as_ref(), happened.as_ref());
        if times.len() != happened.len() {
            return Err(SurvivalError::Length { times: times.len(), events: happened.len() });
        }
        if let Some(row) = times.iter().position(|time| !(*time > 0.0 && time.is_finite())) {
            return Err(SurvivalError::Time { row, value: times[row] });
        }
        let events = happened.iter().filter(|happened| **happened).count();
        Ok(SurvivalTimes { times: Tensor::from(times.to_vec()), happened: Tensor::from(happened.to_vec()), events })
    }

    /// Some of the rows, in the given order: a batch.
    ///
    /// # Panics
    /// When a row does not exist.
    #[track_caller]
    #[must_use]
    pub fn select(&self, rows: impl Into<Index>) -> SurvivalTimes {
        let rows = rows.into().tensor();
        let happened = self.happened.index_select(0, &rows).computed();
        let events = happened.to_vec::<bool>().into_iter().filter(|happened| *happened).count();
        SurvivalTimes { times: self.times.index_select(0, &rows).computed(), happened, events }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.times.elements()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of rows whose event happened.
    pub fn events(&self) -> usize {
        self.events
    }

    /// The times, f64, `[rows]`.
    pub fn times(&self) -> &Tensor {
        &self.times
    }

    /// Whether the event happened, bool, `[rows]`.
    pub fn happened(&self) -> &Tensor {
        &self.happened
    }
}
