//! Rate limits: per principal's credential, and per address where nobody is logged in.

use std::{hash::Hash, net::IpAddr, num::NonZeroU32};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::DefaultClock};
use mamori_domain::kernel::refusal::{Code, Refusal};
use uuid::Uuid;

/// The limits of one process.
pub struct Limits {
    callers: DefaultKeyedRateLimiter<Uuid>,
    doors: DefaultKeyedRateLimiter<IpAddr>,
    clock: DefaultClock,
}

impl Limits {
    /// `callers` requests a second for each credential, `doors` for each address without one; four times as many at
    /// once.
    pub fn new(callers: NonZeroU32, doors: NonZeroU32) -> Self {
        let quota = |rate: NonZeroU32| Quota::per_second(rate).allow_burst(rate.saturating_mul(BURST));
        Self {
            callers: RateLimiter::keyed(quota(callers)),
            doors: RateLimiter::keyed(quota(doors)),
            clock: DefaultClock::default(),
        }
    }

    /// Counts a request of a credential.
    pub fn caller(&self, credential: Uuid) -> Result<(), Refusal> {
        self.check(&self.callers, &credential)
    }

    /// Counts a request without one.
    pub fn door(&self, address: IpAddr) -> Result<(), Refusal> {
        self.check(&self.doors, &address)
    }

    /// Forgets who has been quiet for long enough to count as new.
    pub fn tidy(&self) {
        self.callers.retain_recent();
        self.doors.retain_recent();
    }

    fn check<K: Hash + Eq + Clone>(&self, limiter: &DefaultKeyedRateLimiter<K>, key: &K) -> Result<(), Refusal> {
        limiter.check_key(key).map_err(|until| {
            let wait = until.wait_time_from(governor::clock::Clock::now(&self.clock));
            Refusal::new(Code::TooManyRequests).with("retry_after", wait.as_secs() + 1)
        })
    }
}

const BURST: NonZeroU32 = NonZeroU32::new(4).unwrap();
