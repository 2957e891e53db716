//! How long records and personal data are kept (7.5.3 f): the rules by which they are disposed of.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use crate::{
    access::{Governed, Resource},
    kernel::{
        date::{months_after, months_before},
        id::Id,
        label::{Label, Labelled, label},
        refusal::{Code, Fault, Refusal},
        retirement::{RegisterAction, RegisterState, Retirement},
        revision::{Revised, Revision},
        text::{Note, Text, Title},
        transition::{Stateful, Transition},
    },
};

/// How long records of one kind are kept.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RetentionRule {
    /// Its id.
    pub id: Id<RetentionRule>,
    /// Rises with every change.
    pub revision: Revision,
    /// Its number within the organization.
    pub number: i32,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: RetentionRuleDraft,
    /// Whether it holds.
    pub state: RegisterState,
    /// When and why it was given up.
    #[schema(required)]
    pub retirement: Option<Retirement>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<RegisterAction>,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for RetentionRule {
    const RESOURCE: Resource = Resource::RetentionRule;
}

impl Revised for RetentionRule {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written about a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetentionRuleDraft {
    /// What it is about; one rule for each kind of record that the service itself keeps.
    pub subject: RetentionSubject,
    /// What exactly, for what is kept elsewhere.
    #[serde(default)]
    #[schema(required = false)]
    pub title: Option<Title>,
    /// How many years it is kept.
    #[schema(minimum = 1, maximum = 100)]
    pub years: i32,
    /// Which law, contract or own decision says so.
    pub basis: Text,
    /// Remarks.
    #[serde(default)]
    pub remarks: Note,
}

/// What is kept and disposed of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum RetentionSubject {
    /// Who entered which zone: from the day of the visit on.
    Visits,
    /// What is known of people who left beyond what they signed: from their last day of work on.
    Leavers,
    /// Files of obsolete versions of documents that say no years of their own: from the day they became obsolete on.
    ObsoleteVersions,
    /// What is kept elsewhere: paper, media, other systems.
    Elsewhere,
}

impl Labelled for RetentionSubject {
    const NAME: &'static str = "retention_subject";

    fn label(&self) -> Label {
        match self {
            Self::Visits => label("入退室の記録", "entry log"),
            Self::Leavers => label("退職者の個人情報", "personal data of leavers"),
            Self::ObsoleteVersions => label("文書の旧版", "obsolete versions of documents"),
            Self::Elsewhere => label("サービスの外で保管する記録", "records kept elsewhere"),
        }
    }
}

impl Stateful for RetentionRule {
    type Action = RegisterAction;
    type State = RegisterState;

    const TRANSITIONS: &'static [Transition<RegisterAction, RegisterState>] =
        &RegisterAction::steps(Resource::RetentionRule);

    fn state(&self) -> RegisterState {
        self.state
    }
}

impl RetentionRuleDraft {
    fn check(&self) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        if !(1..=100).contains(&self.years) {
            faults.push(Fault::new("/years", Code::OutOfRange));
        }
        match (self.subject, &self.title) {
            (RetentionSubject::Elsewhere, None) => faults.push(Fault::new("/title", Code::RequiredHere)),
            (RetentionSubject::Elsewhere, Some(_)) | (_, None) => {}
            (_, Some(_)) => faults.push(Fault::new("/title", Code::Contradiction)),
        }
        Refusal::unless_empty(faults)
    }
}

/// The last day that counts as kept for `years`, seen from `today`: what began on it or before is due.
pub fn due_until(today: NaiveDate, years: i32) -> NaiveDate {
    months_before(today, months(years))
}

/// The day up to which something that began on `day` is kept.
pub fn kept_until(day: NaiveDate, years: i32) -> NaiveDate {
    months_after(day, months(years))
}

fn months(years: i32) -> u32 {
    u32::try_from(years).unwrap_or_default().saturating_mul(12)
}

impl RetentionRule {
    /// A new rule.
    pub fn enter(draft: RetentionRuleDraft, number: i32, now: DateTime<Utc>) -> Result<Self, Refusal> {
        draft.check()?;
        Ok(Self {
            id: Id::generate(now),
            revision: 1,
            number,
            draft,
            state: RegisterState::InUse,
            retirement: None,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        })
    }

    /// Changes it; what it is about stays.
    pub fn revise(&mut self, draft: RetentionRuleDraft) -> Result<(), Refusal> {
        self.guard(RegisterAction::Revise)?;
        draft.check()?;
        if draft.subject != self.draft.subject {
            return Err(Refusal::field("/subject", Code::ReadOnlyField));
        }
        self.draft = draft;
        Ok(())
    }

    /// Gives it up.
    pub fn retire(&mut self, retirement: Retirement, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(RegisterAction::Retire)?;
        retirement.check(today)?;
        self.state = RegisterState::Retired;
        self.retirement = Some(retirement);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(subject: RetentionSubject, title: Option<&str>, years: i32) -> RetentionRuleDraft {
        let title = title.map(|title| Title::new(title).unwrap());
        RetentionRuleDraft {
            subject, title, years, basis: Text::new("社内規程").unwrap(), remarks: Note::default()
        }
    }

    #[test]
    fn a_rule_says_how_long_and_names_what_is_kept_elsewhere() {
        let faults = |draft: RetentionRuleDraft| {
            let refused = RetentionRule::enter(draft, 1, DateTime::UNIX_EPOCH).err();
            let faults = refused.into_iter().flat_map(|refusal| refusal.errors);
            faults.map(|fault| (fault.pointer.clone(), fault.code)).collect::<Vec<_>>()
        };
        assert_eq!(faults(draft(RetentionSubject::Visits, None, 3)), []);
        assert_eq!(faults(draft(RetentionSubject::Visits, Some("来客"), 0)).len(), 2);
        assert_eq!(faults(draft(RetentionSubject::Elsewhere, None, 7)), [("/title".to_owned(), Code::RequiredHere)]);
        assert_eq!(faults(draft(RetentionSubject::Elsewhere, Some("契約書の原本"), 101)).len(), 1);
    }

    #[test]
    fn what_began_on_a_day_is_due_years_later_on_the_same_day() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(kept_until(day("2021-03-31"), 3), day("2024-03-31"));
        assert_eq!(due_until(day("2024-03-31"), 3), day("2021-03-31"));
        assert_eq!(due_until(day("2024-02-29"), 1), day("2023-02-28"), "the month's last day");
        assert_eq!(kept_until(day("2024-02-29"), 1), day("2025-02-28"));
    }
}
