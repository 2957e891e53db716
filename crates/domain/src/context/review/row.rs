//! What a review looks at: one row for each issue and each requirement, with what answers it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use crate::{
    context::{
        action::{Addressed, ContextAction, ContextActionState},
        interested_party::{InterestedParty, PartyRequirement},
        issue::{ContextIssue, IssueType},
    },
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        text::Text,
    },
};

/// The rows of a review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ContextRows {
    /// Issues by number, then requirements by party and number, then what is there no more.
    pub rows: Vec<ContextRow>,
    /// How many of them lack an action and a reason for none.
    pub unanswered: usize,
    /// They are kept as they were when the review was handed in.
    pub kept: bool,
}

/// An issue, or a requirement of an interested party, as it stands or stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContextRow {
    /// The issue; `null` for a requirement.
    #[schema(required, value_type = Option<String>, format = Uuid)]
    pub issue_id: Option<Id<ContextIssue>>,
    /// External or internal; `null` for a requirement.
    #[schema(required)]
    pub issue_type: Option<IssueType>,
    /// The interested party; `null` for an issue.
    #[schema(required, value_type = Option<String>, format = Uuid)]
    pub party_id: Option<Id<InterestedParty>>,
    /// Its name; `null` for an issue.
    #[schema(required)]
    pub party_name: Option<String>,
    /// The number of the issue, or of the requirement within its party.
    pub number: i32,
    /// The issue or the requirement.
    pub text: Text,
    /// The risk in it.
    pub risk: Text,
    /// The opportunity in it.
    pub opportunity: Text,
    /// What became of it since the review in force before.
    pub movement: RowMovement,
    /// The actions that answer it.
    pub actions: Vec<RowAction>,
    /// Why nothing is done.
    #[schema(required)]
    pub no_action_because: Option<Text>,
    /// It has an action that counts, or a reason for none; or it is there no more.
    pub answered: bool,
}

/// An action, as it stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RowAction {
    /// The action.
    #[schema(value_type = String, format = Uuid)]
    pub id: Id<ContextAction>,
    /// Its number.
    pub number: i32,
    /// What it is about.
    pub addresses: Addressed,
    /// What is done.
    pub action: Text,
    /// The name of who sees to it.
    pub responsible_person: String,
    /// The day by which it is done.
    pub due_on: NaiveDate,
    /// Where it stands.
    pub state: ContextActionState,
    /// Whether it worked; `null` before that was judged.
    #[schema(required)]
    pub effective: Option<bool>,
}

/// What became of a row since the review before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum RowMovement {
    /// It was not there.
    New,
    /// It, its risk or its opportunity is written otherwise.
    Changed,
    /// It is as it was.
    Unchanged,
    /// It is there no more.
    Dropped,
}

impl Labelled for RowMovement {
    const NAME: &'static str = "row_movement";

    fn label(&self) -> Label {
        match self {
            Self::New => label("新規", "new"),
            Self::Changed => label("変更", "changed"),
            Self::Unchanged => label("変化なし", "unchanged"),
            Self::Dropped => label("除外", "dropped"),
        }
    }
}

/// What makes a row the same row in another review.
type Key = (Option<Id<ContextIssue>>, Option<Id<InterestedParty>>, i32);

impl ContextRow {
    /// The rows over the registers as they stand, against those of the review before.
    pub fn of_registers(
        issues: &[ContextIssue],
        parties: &[InterestedParty],
        actions: &[ContextAction],
        before: &[Self],
    ) -> Vec<Self> {
        let of_issues = issues.iter().map(|issue| Self::of_issue(issue, actions));
        let of_parties = parties.iter().flat_map(|party| {
            party.draft.requirements.iter().map(|requirement| Self::of_requirement(party, requirement, actions))
        });
        let mut rows: Vec<Self> = of_issues.chain(of_parties).collect();
        for row in &mut rows {
            row.movement = match before.iter().find(|old| old.key() == row.key() && old.is_there()) {
                None => RowMovement::New,
                Some(old) if old.words() == row.words() => RowMovement::Unchanged,
                Some(_) => RowMovement::Changed,
            };
        }
        let gone = |old: &&Self| old.is_there() && rows.iter().all(|row| row.key() != old.key());
        let dropped: Vec<Self> = before.iter().filter(gone).map(Self::dropped).collect();
        rows.extend(dropped);
        rows
    }

    fn of_issue(issue: &ContextIssue, actions: &[ContextAction]) -> Self {
        let draft = &issue.draft;
        let row = Self {
            issue_id: Some(issue.id),
            issue_type: Some(draft.issue_type),
            party_id: None,
            party_name: None,
            number: issue.number,
            text: draft.issue.clone(),
            risk: draft.risk.clone(),
            opportunity: draft.opportunity.clone(),
            movement: RowMovement::New,
            actions: Vec::new(),
            no_action_because: draft.no_action_because.clone(),
            answered: false,
        };
        row.answered_by(actions.iter().filter(|action| action.draft.issue_id == Some(issue.id)))
    }

    fn of_requirement(party: &InterestedParty, requirement: &PartyRequirement, actions: &[ContextAction]) -> Self {
        let row = Self {
            issue_id: None,
            issue_type: None,
            party_id: Some(party.id),
            party_name: Some(party.draft.name.to_string()),
            number: requirement.number.unwrap_or_default(),
            text: requirement.requirement.clone(),
            risk: requirement.risk.clone(),
            opportunity: requirement.opportunity.clone(),
            movement: RowMovement::New,
            actions: Vec::new(),
            no_action_because: requirement.no_action_because.clone(),
            answered: false,
        };
        let about = |action: &&ContextAction| {
            action.draft.party_id == Some(party.id) && action.draft.requirement_number == requirement.number
        };
        row.answered_by(actions.iter().filter(about))
    }

    fn answered_by<'a>(mut self, actions: impl Iterator<Item = &'a ContextAction>) -> Self {
        self.answered = self.no_action_because.is_some();
        for action in actions {
            self.answered |= action.counts();
            self.actions.push(RowAction::of(action));
        }
        self
    }

    fn dropped(&self) -> Self {
        Self { movement: RowMovement::Dropped, answered: true, ..self.clone() }
    }

    fn is_there(&self) -> bool {
        self.movement != RowMovement::Dropped
    }

    fn key(&self) -> Key {
        (self.issue_id, self.party_id, self.number)
    }

    fn words(&self) -> [&Text; 3] {
        [&self.text, &self.risk, &self.opportunity]
    }

    /// What to call it.
    pub fn subject(&self) -> String {
        match &self.party_name {
            Some(party) => format!("{party}: {}", self.text),
            None => self.text.to_string(),
        }
    }
}

impl RowAction {
    fn of(action: &ContextAction) -> Self {
        Self {
            id: action.id,
            number: action.number,
            addresses: action.draft.addresses,
            action: action.draft.action.clone(),
            responsible_person: action.responsible_person.name.clone(),
            due_on: action.draft.due_on,
            state: action.state,
            effective: action.effectiveness.as_ref().map(|judged| judged.effective),
        }
    }
}

impl ContextRows {
    /// These rows, with how many wait for an answer.
    pub fn of(rows: Vec<ContextRow>, kept: bool) -> Self {
        Self { unanswered: rows.iter().filter(|row| !row.answered).count(), rows, kept }
    }
}
