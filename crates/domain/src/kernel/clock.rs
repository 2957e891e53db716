//! The one source of time: real, shifted (`demo --clock`) or moved by hand (tests).

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Instant,
};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// Tells the time. Clones of a clock show the same time.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's time.
    System,
    /// Started at a chosen time and runs on from there.
    StartedAt(DateTime<Utc>, Instant),
    /// Stands still until it is moved: microseconds since 1970.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that shows `start` now and runs on.
    pub fn started_at(start: DateTime<Utc>) -> Self {
        Self::StartedAt(start, Instant::now())
    }

    /// A clock that shows `time` until [`Clock::advance`] moves it.
    pub fn manual(time: DateTime<Utc>) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(time.timestamp_micros())))
    }

    /// The time, in whole microseconds: what both databases keep.
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everything else must use")]
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::System => Utc::now(),
            Self::StartedAt(start, since) => *start + TimeDelta::from_std(since.elapsed()).unwrap_or_default(),
            Self::Manual(micros) => {
                DateTime::from_timestamp_micros(micros.load(Ordering::SeqCst)).unwrap_or(DateTime::UNIX_EPOCH)
            }
        }
        .trunc_subsecs(6)
    }

    /// Moves a manual clock on; any other clock runs by itself and is left alone.
    pub fn advance(&self, by: TimeDelta) {
        if let Self::Manual(micros) = self {
            micros.fetch_add(by.num_microseconds().unwrap_or_default(), Ordering::SeqCst);
        }
    }
}
