//! Persons: everybody who works here (従業者), whatever their contract.

use std::ops::RangeInclusive;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use super::department::Department;
use crate::{
    access::{Governed, Resource, Verb},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        reference::Reference,
        refusal::{Code, Fault, Refusal},
        revision::{Revised, Revision},
        text::{Bounded, Title, Word},
        transition::{Stateful, Transition},
    },
};

/// Somebody who works here, or did.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Person {
    /// Its id.
    pub id: Id<Person>,
    /// Rises with every change.
    pub revision: Revision,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: PersonDraft,
    /// The department they work in.
    #[schema(required)]
    pub department: Option<Reference>,
    /// Whether they work here today.
    pub state: PersonState,
    /// When what is known of them was erased (7.5.3): their name is gone for good, what they signed stays.
    #[schema(required)]
    pub erased_at: Option<DateTime<Utc>>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<PersonAction>,
    /// When they were entered.
    pub created_at: DateTime<Utc>,
    /// When they were last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for Person {
    const RESOURCE: Resource = Resource::Person;
}

impl Revised for Person {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written about a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonDraft {
    /// Their name.
    pub name: Title,
    /// Their name in kana, for sorting and searching.
    #[serde(default)]
    #[schema(required = false)]
    pub name_kana: Option<Title>,
    /// Their number in the company, unique where given.
    #[serde(default)]
    #[schema(required = false)]
    pub employee_number: Option<Word>,
    /// Their e-mail address at work, unique where given; with it they log in.
    #[serde(default)]
    #[schema(required = false)]
    pub email: Option<Email>,
    /// Under which contract they work.
    pub worker_kind: WorkerKind,
    /// The department they work in.
    #[serde(default)]
    #[schema(required = false)]
    pub department_id: Option<Id<Department>>,
    /// First day of work.
    pub joined_on: NaiveDate,
    /// Last day of work; open while `null`.
    #[serde(default)]
    #[schema(required = false)]
    pub left_on: Option<NaiveDate>,
}

/// Under which contract somebody works (amendments §2). 従業者 are all of them; 従業員 (employees) are without
/// directors, dispatched workers and contractors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum WorkerKind {
    /// 役員
    Director,
    /// 正社員
    Regular,
    /// パート・アルバイト
    PartTime,
    /// 派遣
    Dispatched,
    /// 出向
    Seconded,
    /// 業務委託
    Contractor,
    /// 社外監査人: no worker, but a guest who signs in one audit; nobody is entered as one.
    Guest,
}

impl WorkerKind {
    /// 従業員: the company's own employees.
    pub fn is_employee(self) -> bool {
        matches!(self, Self::Regular | Self::PartTime | Self::Seconded)
    }
}

impl Labelled for WorkerKind {
    const NAME: &'static str = "worker_kind";

    fn label(&self) -> Label {
        match self {
            Self::Director => label("役員", "director"),
            Self::Regular => label("正社員", "regular employee"),
            Self::PartTime => label("パート・アルバイト", "part-time employee"),
            Self::Dispatched => label("派遣", "dispatched worker"),
            Self::Seconded => label("出向", "seconded employee"),
            Self::Contractor => label("業務委託", "contractor"),
            Self::Guest => label("社外監査人（招待）", "external auditor (guest)"),
        }
    }
}

/// Whether somebody works here on a given day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum PersonState {
    /// Joins on a later day.
    Joining,
    /// Works here.
    Working,
    /// Has left.
    Left,
    /// Has left, and what was known of them is erased.
    Erased,
}

impl Labelled for PersonState {
    const NAME: &'static str = "person_state";

    fn label(&self) -> Label {
        match self {
            Self::Joining => label("入社予定", "joining"),
            Self::Working => label("在籍", "working"),
            Self::Left => label("退職", "left"),
            Self::Erased => label("消去済み", "erased"),
        }
    }
}

/// An e-mail address in lower case: something, `@`, a domain; up to 254 characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, pattern = r"^[^\s@\x00-\x1F\x7F]{1,64}@[A-Za-z0-9]([A-Za-z0-9\-.]*[A-Za-z0-9])?$", max_length = 254)]
pub struct Email(Bounded<3, 254>);

/// Not an e-mail address.
#[derive(Debug, thiserror::Error)]
#[error("not an e-mail address")]
pub struct NotAnEmail;

impl Email {
    /// The address, in lower case.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl TryFrom<String> for Email {
    type Error = NotAnEmail;

    fn try_from(text: String) -> Result<Self, NotAnEmail> {
        let (local, domain) = text.split_once('@').ok_or(NotAnEmail)?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
        let alphanumeric = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        let ok = (1..=64).contains(&local.chars().count())
            && !local.chars().any(|c| c.is_whitespace() || c.is_control())
            && domain.chars().all(plain)
            && alphanumeric(domain.chars().next())
            && alphanumeric(domain.chars().last());
        if !ok {
            return Err(NotAnEmail);
        }
        Bounded::new(text.to_lowercase()).map(Self).map_err(|_| NotAnEmail)
    }
}

/// A step of a person's record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum PersonAction {
    /// Change what is written about them; their last day of work too.
    Revise,
}

impl Labelled for PersonAction {
    const NAME: &'static str = "person_action";

    fn label(&self) -> Label {
        match self {
            Self::Revise => label("変更", "revise"),
        }
    }
}

impl Stateful for Person {
    type Action = PersonAction;
    type State = PersonState;

    const TRANSITIONS: &'static [Transition<PersonAction, PersonState>] = &[Transition {
        action: PersonAction::Revise,
        from: &[PersonState::Joining, PersonState::Working, PersonState::Left],
        grant: (Resource::Person, Verb::Update),
    }];

    fn state(&self) -> PersonState {
        self.state
    }
}

impl Person {
    /// Somebody new.
    pub fn enter(draft: PersonDraft, now: DateTime<Utc>, today: NaiveDate) -> Result<Self, Refusal> {
        draft.check()?;
        Ok(Self::of(draft, now, today))
    }

    fn of(draft: PersonDraft, now: DateTime<Utc>, today: NaiveDate) -> Self {
        let state = draft.state_on(today);
        Self {
            id: Id::generate(now),
            revision: 1,
            draft,
            department: None,
            state,
            erased_at: None,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        }
    }

    /// Somebody from outside who signs in one audit, from the first to the last of these days.
    pub fn guest(
        name: Title,
        email: Email,
        days: RangeInclusive<NaiveDate>,
        now: DateTime<Utc>,
        today: NaiveDate,
    ) -> Self {
        let draft = PersonDraft {
            name,
            name_kana: None,
            employee_number: None,
            email: Some(email),
            worker_kind: WorkerKind::Guest,
            department_id: None,
            joined_on: *days.start(),
            left_on: Some(*days.end()),
        };
        Self::of(draft, now, today)
    }

    /// Changes what is written about them. Refused where they were erased.
    pub fn revise(&mut self, draft: PersonDraft) -> Result<(), Refusal> {
        self.guard(PersonAction::Revise)?;
        draft.check()?;
        self.draft = draft;
        Ok(())
    }

    /// Erases what is known of somebody who left, beyond the days and the department (7.5.3).
    pub fn erase(&mut self, now: DateTime<Utc>) -> Result<(), Refusal> {
        if self.state != PersonState::Left {
            return Err(Refusal::wrong_state(self.state));
        }
        self.draft.name = Title::erased();
        (self.draft.name_kana, self.draft.employee_number, self.draft.email) = (None, None, None);
        self.erased_at = Some(now);
        self.state = PersonState::Erased;
        Ok(())
    }
}

impl PersonDraft {
    /// Whether they work here on `day`: the first and the last day count.
    pub fn state_on(&self, day: NaiveDate) -> PersonState {
        if day < self.joined_on {
            PersonState::Joining
        } else if self.left_on.is_some_and(|left| left < day) {
            PersonState::Left
        } else {
            PersonState::Working
        }
    }

    fn check(&self) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        if self.left_on.is_some_and(|left| left < self.joined_on) {
            faults.push(Fault::new("/left_on", Code::DateOrder).with("other", "/joined_on"));
        }
        if self.worker_kind == WorkerKind::Guest {
            faults.push(Fault::new("/worker_kind", Code::NotInList));
        }
        Refusal::unless_empty(faults)
    }
}
