//! Positions (役職) of departments, with dated holders; one per department is its head (amendments §2).

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use super::{department::Department, person::Person};
use crate::{
    access::{Governed, Resource, Verb},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        reference::Reference,
        refusal::{Code, Refusal},
        revision::{Revised, Revision},
        text::Title,
        transition::{Kept, Stateful, Transition},
    },
};

/// A position, such as 人事部長.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Position {
    /// Its id.
    pub id: Id<Position>,
    /// Rises with every change.
    pub revision: Revision,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: PositionDraft,
    /// The department it belongs to.
    pub department: Reference,
    /// Who holds it today.
    #[schema(required)]
    pub holder: Option<Reference>,
    /// Who has held it, holds it and will hold it, by date.
    pub holders: Vec<PositionHolder>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<PositionAction>,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for Position {
    const RESOURCE: Resource = Resource::Position;
}

impl Revised for Position {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written about a position.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PositionDraft {
    /// Its title, unique in the department.
    pub title: Title,
    /// The department it belongs to.
    pub department_id: Id<Department>,
    /// Whether its holder is the head of the department (部門長); one per department.
    #[serde(default)]
    pub is_head: bool,
}

/// One person in a position for a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PositionHolder {
    /// Who.
    pub person: Reference,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day; open while `null`.
    #[schema(required)]
    pub ends_on: Option<NaiveDate>,
}

/// Who takes a position, from when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HolderDraft {
    /// Who takes it; `null` leaves it empty from that day on.
    pub person_id: Option<Id<Person>>,
    /// First day. The holder before leaves on the day before.
    pub starts_on: NaiveDate,
}

/// A step of a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum PositionAction {
    /// Change title, department or head.
    Revise,
    /// Hand it over (`/handover`).
    HandOver,
}

impl Labelled for PositionAction {
    const NAME: &'static str = "position_action";

    fn label(&self) -> Label {
        match self {
            Self::Revise => label("変更", "revise"),
            Self::HandOver => label("引き継ぎ", "hand over"),
        }
    }
}

impl Stateful for Position {
    type Action = PositionAction;
    type State = Kept;

    const TRANSITIONS: &'static [Transition<PositionAction, Kept>] = &[
        Transition { action: PositionAction::Revise, from: &[Kept::Kept], grant: (Resource::Position, Verb::Update) },
        Transition { action: PositionAction::HandOver, from: &[Kept::Kept], grant: (Resource::Position, Verb::Update) },
    ];

    fn state(&self) -> Kept {
        Kept::Kept
    }
}

impl Position {
    /// A new position.
    pub fn create(draft: PositionDraft, now: DateTime<Utc>) -> Self {
        Self {
            id: Id::generate(now),
            revision: 1,
            department: Reference::new(draft.department_id, ""),
            draft,
            holder: None,
            holders: Vec::new(),
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        }
    }

    /// Changes title, department or head.
    pub fn revise(&mut self, draft: PositionDraft) {
        self.draft = draft;
    }

    /// Hands the position over on `starts_on`: whoever holds it leaves the day before. Days already recorded
    /// before that stay as they are.
    pub fn hand_over(&mut self, to: Option<Reference>, starts_on: NaiveDate) -> Result<(), Refusal> {
        if let Some(last) = self.holders.last_mut() {
            if starts_on <= last.starts_on {
                return Err(Refusal::field("/starts_on", Code::DateOrder).with("other", last.starts_on.to_string()));
            }
            let leaves = starts_on.pred_opt();
            if last.ends_on.is_none_or(|ends| Some(ends) > leaves) {
                last.ends_on = leaves;
            }
        }
        self.holders.extend(to.map(|person| PositionHolder { person, starts_on, ends_on: None }));
        Ok(())
    }

    /// Who holds it on `day`.
    pub fn holder_on(&self, day: NaiveDate) -> Option<&Reference> {
        self.holders
            .iter()
            .find(|holder| holder.starts_on <= day && holder.ends_on.is_none_or(|ends| day <= ends))
            .map(|holder| &holder.person)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_new_holder_ends_the_one_before() {
        let department_id = Id::generate(DateTime::UNIX_EPOCH);
        let draft = PositionDraft { title: Title::new("人事部長").unwrap(), department_id, is_head: true };
        let mut position = Position::create(draft, DateTime::UNIX_EPOCH);
        let person = |name: &str| Reference::new(Id::<Person>::generate(DateTime::UNIX_EPOCH), name);
        position.hand_over(Some(person("佐藤")), day("2023-04-01")).unwrap();
        position.hand_over(Some(person("鈴木")), day("2024-04-01")).unwrap();
        assert_eq!(position.holder_on(day("2024-03-31")).unwrap().name, "佐藤");
        assert_eq!(position.holder_on(day("2024-04-01")).unwrap().name, "鈴木");
        assert!(position.hand_over(None, day("2024-04-01")).is_err());
        position.hand_over(None, day("2025-01-01")).unwrap();
        assert_eq!(position.holder_on(day("2025-01-01")), None);
    }
}
