//! Reviews at planned intervals: what somebody found, by when the people who work here are to be told, and how they were
//!

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use super::{
    date::months_after,
    label::{Label, Labelled, label},
    refusal::{Code, Fault, Refusal},
    sign_off::Signature,
    text::{Text, Title},
};

/// One review of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Review {
    /// The day of the review.
    pub reviewed_on: NaiveDate,
    /// What it came to.
    pub outcome: ReviewOutcome,
    /// Why.
    pub reason: Text,
    /// When the record is looked at again.
    pub next_review_on: NaiveDate,
    /// Who reviewed it.
    pub reviewed: Signature,
    /// The last day on which the result is communicated in time.
    pub communication_due_on: NaiveDate,
    /// How the people who work here were told.
    #[schema(required)]
    pub communicated: Option<ReviewCommunication>,
}

/// What whoever reviews says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewDraft {
    /// The day of the review; not in the future, and not before the review before it.
    pub reviewed_on: NaiveDate,
    /// What it came to.
    pub outcome: ReviewOutcome,
    /// Why.
    pub reason: Text,
    /// When the record is looked at again; left out, after the organization's interval.
    #[serde(default)]
    #[schema(required = false)]
    pub next_review_on: Option<NaiveDate>,
}

/// What a review comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ReviewOutcome {
    /// It stays as it is.
    NoChangeNeeded,
    /// A new version is needed.
    NewVersionNeeded,
}

impl Labelled for ReviewOutcome {
    const NAME: &'static str = "review_outcome";

    fn label(&self) -> Label {
        match self {
            Self::NoChangeNeeded => label("変更不要", "no change needed"),
            Self::NewVersionNeeded => label("改版が必要", "new version needed"),
        }
    }
}

/// How the people who work here were told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InternalCommunication {
    /// When.
    pub communicated_on: NaiveDate,
    /// By what means: a meeting, a notice, a mail.
    pub means: Title,
}

/// The communication of a review's result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReviewCommunication {
    /// When and how.
    #[serde(flatten)]
    pub told: InternalCommunication,
    /// Whether that was in time.
    pub in_time: bool,
    /// Who recorded it.
    pub recorded: Signature,
}

/// How long after a review something is due.
#[derive(Clone, Copy, Debug)]
pub struct ReviewTerms {
    /// Months until the next one, where none is planned.
    pub months: u8,
    /// Days until its result must be communicated.
    pub communication_days: u8,
}

impl ReviewTerms {
    /// When what was issued or reviewed on a day is reviewed next.
    pub fn next_after(&self, day: NaiveDate) -> NaiveDate {
        months_after(day, u32::from(self.months))
    }

    /// The last day on which the result of a review is communicated in time.
    pub fn communicated_by(&self, reviewed_on: NaiveDate) -> NaiveDate {
        let days = Days::new(u64::from(self.communication_days));
        reviewed_on.checked_add_days(days).unwrap_or(NaiveDate::MAX)
    }
}

impl Review {
    /// A review by `by`, after those `before`.
    pub fn new(
        draft: ReviewDraft,
        before: &[Self],
        terms: ReviewTerms,
        by: Signature,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        let ReviewDraft { reviewed_on, outcome, reason, next_review_on } = draft;
        let next_review_on = next_review_on.unwrap_or_else(|| terms.next_after(reviewed_on));
        let mut faults = Vec::new();
        if reviewed_on > today {
            faults.push(Fault::new("/reviewed_on", Code::FutureDate));
        }
        if before.last().is_some_and(|before| reviewed_on < before.reviewed_on) {
            faults.push(Fault::new("/reviewed_on", Code::DateOrder));
        }
        if next_review_on <= reviewed_on {
            faults.push(Fault::new("/next_review_on", Code::DateOrder).with("other", "/reviewed_on"));
        }
        Refusal::unless_empty(faults)?;
        let communication_due_on = terms.communicated_by(reviewed_on);
        Ok(Self {
            reviewed_on,
            outcome,
            reason,
            next_review_on,
            reviewed: by,
            communication_due_on,
            communicated: None,
        })
    }

    /// Records that its result was communicated, in time or late.
    pub fn communicate(&mut self, told: InternalCommunication, by: Signature, today: NaiveDate) -> Result<(), Refusal> {
        self.communicated =
            Some(ReviewCommunication::of(told, self.reviewed_on, self.communication_due_on, by, today)?);
        Ok(())
    }
}

impl ReviewCommunication {
    /// That the result of a review of `reviewed_on` was communicated; in time by `due_on`.
    pub fn of(
        told: InternalCommunication,
        reviewed_on: NaiveDate,
        due_on: NaiveDate,
        by: Signature,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        let mut faults = Vec::new();
        if told.communicated_on > today {
            faults.push(Fault::new("/communicated_on", Code::FutureDate));
        }
        if told.communicated_on < reviewed_on {
            faults.push(Fault::new("/communicated_on", Code::DateOrder));
        }
        Refusal::unless_empty(faults)?;
        Ok(Self { in_time: told.communicated_on <= due_on, told, recorded: by })
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;
    use crate::kernel::id::Id;

    const TERMS: ReviewTerms = ReviewTerms { months: 12, communication_days: 7 };

    fn by() -> Signature {
        let at = DateTime::UNIX_EPOCH;
        Signature {
            person_id: Id::generate(at),
            name: "青木".into(),
            posts: vec![],
            at,
            provisional: false,
            reason: None,
        }
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn review(on: &str, next: Option<&str>, before: &[Review]) -> Result<Review, Refusal> {
        let draft = ReviewDraft {
            reviewed_on: day(on),
            outcome: ReviewOutcome::NoChangeNeeded,
            reason: Text::new("事業は変わっていない").unwrap(),
            next_review_on: next.map(day),
        };
        Review::new(draft, before, TERMS, by(), day("2024-12-20"))
    }

    #[test]
    fn com_1_to_3_a_review_is_communicated_within_a_week() {
        let told = |on: &str| InternalCommunication { communicated_on: day(on), means: Title::new("朝礼").unwrap() };
        let mut done = review("2024-12-10", None, &[]).unwrap();
        assert_eq!(done.communication_due_on, day("2024-12-17"), "COM-1");
        for (on, in_time) in [("2024-12-17", true), ("2024-12-18", false)] {
            done.communicate(told(on), by(), day("2024-12-20")).unwrap();
            assert_eq!(done.communicated.as_ref().map(|told| told.in_time), Some(in_time), "COM-2, COM-3");
        }
        let refused =
            |on: &str| done.clone().communicate(told(on), by(), day("2024-12-20")).unwrap_err().errors[0].code;
        assert_eq!((refused("2024-12-09"), refused("2024-12-21")), (Code::DateOrder, Code::FutureDate));
    }

    #[test]
    fn the_next_review_follows_the_plan_or_the_interval() {
        let first = review("2024-12-10", None, &[]).unwrap();
        assert_eq!(first.next_review_on, day("2025-12-10"));
        assert_eq!(review("2024-12-10", Some("2025-02-01"), &[]).unwrap().next_review_on, day("2025-02-01"));
        let code = |refused: Result<Review, Refusal>| refused.unwrap_err().errors[0].code;
        assert_eq!(code(review("2024-12-21", None, &[])), Code::FutureDate);
        assert_eq!(code(review("2024-12-10", Some("2024-12-10"), &[])), Code::DateOrder);
        let before = std::slice::from_ref(&first);
        assert_eq!(code(review("2024-12-09", None, before)), Code::DateOrder);
        assert!(review("2024-12-11", None, before).is_ok());
        assert_eq!(TERMS.next_after(NaiveDate::MAX - TimeDelta::days(1)), NaiveDate::MAX);
    }
}
