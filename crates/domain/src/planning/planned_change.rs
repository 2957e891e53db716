//! Planned changes of the ISMS (6.3; D23): why, with what consequences, and how the ISMS stays whole meanwhile.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    access::{Governed, Resource, Verb},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        reference::Reference,
        refusal::{Code, Refusal},
        revision::{Revised, Revision},
        sign_off::{SignOff, Signature},
        text::{Note, Text},
        transition::{Stateful, Transition},
    },
    organization::person::Person,
};

/// A change of the ISMS: planned, approved by top management, carried out.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlannedChange {
    /// Its id.
    pub id: Id<PlannedChange>,
    /// Rises with every change of the record.
    pub revision: Revision,
    /// Its number within the organization.
    pub number: i32,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: PlannedChangeDraft,
    /// Who is responsible.
    pub responsible_person: Reference,
    /// The planned day has passed, and it is neither carried out nor cancelled.
    pub overdue: bool,
    /// Where it stands.
    pub state: PlannedChangeState,
    /// Who prepared and approved it.
    pub sign_off: SignOff,
    /// When it was carried out, and what came of it.
    #[schema(required)]
    pub completion: Option<ChangeCompletion>,
    /// Why it was cancelled.
    #[schema(required)]
    pub cancellation_reason: Option<String>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<PlannedChangeAction>,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for PlannedChange {
    const RESOURCE: Resource = Resource::PlannedChange;
}

impl Revised for PlannedChange {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written about a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlannedChangeDraft {
    /// What changes in the ISMS.
    pub what: Text,
    /// What for.
    pub purpose: Text,
    /// What may follow from it, wanted or not.
    pub consequences: Text,
    /// How the ISMS keeps working as a whole while it changes, and afterwards.
    pub integrity_of_isms: Text,
    /// What it takes: people, things, money, information.
    pub resources: Text,
    /// Who takes on which duties, and who gives them up.
    #[serde(default)]
    pub responsibilities: Note,
    /// Who sees to it.
    pub responsible_person_id: Id<Person>,
    /// The day for which it is planned.
    pub planned_on: NaiveDate,
    /// What gave occasion to it.
    #[serde(default)]
    pub occasion: Note,
    /// The record that gave occasion to it, whatever its kind; it is kept as it is written.
    #[serde(default)]
    #[schema(required = false)]
    pub source_record_id: Option<Uuid>,
}

/// Where a change stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum PlannedChangeState {
    /// Being written, or returned to be mended.
    Draft,
    /// Waits for approval.
    Submitted,
    /// Approved by top management: to be carried out.
    Approved,
    /// Carried out.
    Completed,
    /// Given up.
    Cancelled,
}

impl PlannedChangeState {
    /// Nothing is due any more.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Cancelled)
    }
}

impl Labelled for PlannedChangeState {
    const NAME: &'static str = "planned_change_state";

    fn label(&self) -> Label {
        match self {
            Self::Draft => label("作成中", "draft"),
            Self::Submitted => label("承認待ち", "submitted"),
            Self::Approved => label("承認済み", "approved"),
            Self::Completed => label("実施済み", "carried out"),
            Self::Cancelled => label("中止", "cancelled"),
        }
    }
}

/// A step of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum PlannedChangeAction {
    /// Change the draft.
    Revise,
    /// Hand it in (`/submission`).
    Submit,
    /// Approve it (`/approval`).
    Approve,
    /// Give it back (`/return`).
    Return,
    /// Record that it was carried out (`/completion`).
    Complete,
    /// Give it up (`/cancellation`).
    Cancel,
}

impl Labelled for PlannedChangeAction {
    const NAME: &'static str = "planned_change_action";

    fn label(&self) -> Label {
        match self {
            Self::Revise => label("変更", "revise"),
            Self::Submit => label("提出", "submit"),
            Self::Approve => label("承認", "approve"),
            Self::Return => label("差戻し", "return"),
            Self::Complete => label("実施の記録", "record as carried out"),
            Self::Cancel => label("中止", "cancel"),
        }
    }
}

use PlannedChangeState as S;

impl Stateful for PlannedChange {
    type Action = PlannedChangeAction;
    type State = PlannedChangeState;

    const TRANSITIONS: &'static [Transition<PlannedChangeAction, PlannedChangeState>] = &[
        Transition {
            action: PlannedChangeAction::Revise,
            from: &[S::Draft],
            grant: (Resource::PlannedChange, Verb::Update),
        },
        Transition {
            action: PlannedChangeAction::Submit,
            from: &[S::Draft],
            grant: (Resource::PlannedChange, Verb::Submit),
        },
        Transition {
            action: PlannedChangeAction::Approve,
            from: &[S::Submitted],
            grant: (Resource::PlannedChange, Verb::Approve),
        },
        Transition {
            action: PlannedChangeAction::Return,
            from: &[S::Submitted],
            grant: (Resource::PlannedChange, Verb::Approve),
        },
        Transition {
            action: PlannedChangeAction::Complete,
            from: &[S::Approved],
            grant: (Resource::PlannedChange, Verb::Update),
        },
        Transition {
            action: PlannedChangeAction::Cancel,
            from: &[S::Draft, S::Submitted, S::Approved],
            grant: (Resource::PlannedChange, Verb::Update),
        },
    ];

    fn state(&self) -> PlannedChangeState {
        self.state
    }
}

/// What came of a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeCompletion {
    /// The day on which it was carried out; not in the future.
    pub done_on: NaiveDate,
    /// What came of it, and whether the ISMS is whole.
    pub result: Text,
}

impl PlannedChange {
    /// A new change, as a draft.
    pub fn draft(draft: PlannedChangeDraft, number: i32, by: Signature, now: DateTime<Utc>) -> Self {
        Self {
            id: Id::generate(now),
            revision: 1,
            number,
            responsible_person: Reference::new(draft.responsible_person_id, ""),
            overdue: false,
            state: PlannedChangeState::Draft,
            sign_off: SignOff::prepared(by),
            completion: None,
            cancellation_reason: None,
            draft,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        }
    }

    /// Changes a draft. Refused once it was handed in (SD-12).
    pub fn revise(&mut self, draft: PlannedChangeDraft, by: Signature) -> Result<(), Refusal> {
        self.guard(PlannedChangeAction::Revise).map_err(|refusal| refusal.by("SD-12"))?;
        self.sign_off.revise(by)?;
        self.draft = draft;
        Ok(())
    }

    /// Hands it in.
    pub fn submit(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(PlannedChangeAction::Submit)?;
        self.sign_off.submit(by)?;
        self.state = PlannedChangeState::Submitted;
        Ok(())
    }

    /// Approves it (SD-1).
    pub fn approve(&mut self, by: Signature, alone: bool) -> Result<(), Refusal> {
        self.guard(PlannedChangeAction::Approve)?;
        self.sign_off.approve(by, alone)?;
        self.state = PlannedChangeState::Approved;
        Ok(())
    }

    /// Gives it back with a reason.
    pub fn send_back(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(PlannedChangeAction::Return)?;
        self.sign_off.send_back(by)?;
        self.state = PlannedChangeState::Draft;
        Ok(())
    }

    /// Records that it was carried out.
    pub fn complete(&mut self, completion: ChangeCompletion, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(PlannedChangeAction::Complete)?;
        if completion.done_on > today {
            return Err(Refusal::field("/done_on", Code::FutureDate));
        }
        self.state = PlannedChangeState::Completed;
        self.completion = Some(completion);
        Ok(())
    }

    /// Gives it up.
    pub fn cancel(&mut self, reason: Text) -> Result<(), Refusal> {
        self.guard(PlannedChangeAction::Cancel)?;
        self.state = PlannedChangeState::Cancelled;
        self.cancellation_reason = Some(reason.into_string());
        Ok(())
    }

    /// Derives `overdue` as of `today`.
    pub fn derive(&mut self, today: NaiveDate) {
        self.overdue = !self.state.is_over() && self.draft.planned_on < today;
    }

    /// Who prepared it: the last one who wrote in it.
    pub fn preparer(&self) -> Id<Person> {
        self.sign_off.prepared.person_id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by() -> Signature {
        let (person_id, at) = (Id::generate(DateTime::UNIX_EPOCH), DateTime::UNIX_EPOCH);
        Signature { person_id, name: "上田".into(), posts: vec![], at, provisional: false, reason: None }
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn change() -> PlannedChange {
        let text = |text: &str| Text::new(text).unwrap();
        let draft = PlannedChangeDraft {
            what: text("拠点を増やす"),
            purpose: text("受注を増やす"),
            consequences: text("適用範囲が広がる"),
            integrity_of_isms: text("適用宣言書を見直す"),
            resources: text("入退室の設備"),
            responsibilities: Note::default(),
            responsible_person_id: Id::generate(DateTime::UNIX_EPOCH),
            planned_on: day("2024-04-30"),
            occasion: Note::default(),
            source_record_id: None,
        };
        PlannedChange::draft(draft, 1, by(), DateTime::UNIX_EPOCH)
    }

    fn done(day: NaiveDate) -> ChangeCompletion {
        ChangeCompletion { done_on: day, result: Text::new("支障なし").unwrap() }
    }

    #[test]
    fn it_is_carried_out_only_when_it_was_approved() {
        let (mut change, today) = (change(), day("2024-05-01"));
        assert_eq!(change.complete(done(today), today).unwrap_err().code, Code::WrongState);
        change.submit(by()).unwrap();
        change.approve(by(), false).unwrap();
        let tomorrow = change.complete(done(day("2024-05-02")), today).unwrap_err();
        assert_eq!((tomorrow.errors[0].pointer.as_str(), tomorrow.errors[0].code), ("/done_on", Code::FutureDate));
        change.complete(done(today), today).unwrap();
        assert_eq!(change.cancel(Text::new("不要").unwrap()).unwrap_err().code, Code::WrongState);
    }

    #[test]
    fn it_is_overdue_after_the_planned_day_until_it_is_over() {
        let mut change = change();
        change.derive(day("2024-04-30"));
        assert!(!change.overdue, "the planned day is in time");
        change.derive(day("2024-05-01"));
        assert!(change.overdue);
        change.cancel(Text::new("不要").unwrap()).unwrap();
        change.derive(day("2024-05-01"));
        assert!(!change.overdue);
    }
}
