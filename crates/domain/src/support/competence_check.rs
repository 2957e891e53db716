//! Competence checks (7.2; D25): how far a person meets what a role demands, what is done about the gaps, and whether the
//! person may be appointed.

mod item;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

pub use self::item::{
    CompetenceClass, CompetenceItem, CompetenceRating, Improvement, ImprovementConfirmation,
    ImprovementConfirmationDraft, ImprovementDraft, ImprovementPlan, ItemRating,
};
use super::competence_requirement::CompetenceRequirement;
use crate::{
    access::{Governed, Resource, Role, Verb},
    kernel::{
        date::months_after,
        id::Id,
        label::{Label, Labelled, label},
        reference::Reference,
        refusal::{Code, Fault, Refusal},
        revision::{Revised, Revision},
        sign_off::{SignOff, Signature},
        text::Note,
        transition::{Stateful, Transition},
    },
    organization::person::Person,
};

/// The check of one person for one role.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CompetenceCheck {
    /// Its id.
    pub id: Id<CompetenceCheck>,
    /// Rises with every change.
    pub revision: Revision,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: CompetenceCheckDraft,
    /// Who was checked.
    pub person: Reference,
    /// The requirements as they were on that day, with their ratings and improvements.
    pub items: Vec<CompetenceItem>,
    /// Whether the person may be appointed.
    pub appointment_class: CompetenceClass,
    /// The day by which the next open improvement is due.
    #[schema(required)]
    pub improvement_due_on: Option<NaiveDate>,
    /// That day has passed, and the improvement is not confirmed.
    pub improvement_overdue: bool,
    /// The day by which the person is checked again: a year after this check.
    pub next_check_on: NaiveDate,
    /// Where it stands.
    pub state: CompetenceCheckState,
    /// Who assessed and who approved it.
    pub sign_off: SignOff,
    /// Steps open to the caller.
    pub allowed_actions: Vec<CompetenceCheckAction>,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for CompetenceCheck {
    const RESOURCE: Resource = Resource::CompetenceCheck;
}

impl Revised for CompetenceCheck {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written about a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompetenceCheckDraft {
    /// The role; it demands something.
    pub role: Role,
    /// Who is checked.
    pub person_id: Id<Person>,
    /// The day of the check; not in the future.
    pub checked_on: NaiveDate,
    /// A rating for each requirement of the role.
    #[schema(min_items = 1, max_items = 50)]
    pub ratings: Vec<ItemRating>,
    /// Remarks.
    #[serde(default)]
    pub remarks: Note,
}

/// Where a check stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CompetenceCheckState {
    /// Being written, or returned to be mended.
    Draft,
    /// Waits for whoever appoints to the role.
    Submitted,
    /// Approved: appointments rest on it, improvements are confirmed.
    Approved,
}

impl Labelled for CompetenceCheckState {
    const NAME: &'static str = "competence_check_state";

    fn label(&self) -> Label {
        match self {
            Self::Draft => label("作成中", "draft"),
            Self::Submitted => label("承認待ち", "submitted"),
            Self::Approved => label("承認済み", "approved"),
        }
    }
}

/// A step of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CompetenceCheckAction {
    /// Change the draft.
    Revise,
    /// Hand it in (`/submission`).
    Submit,
    /// Approve it (`/approval`).
    Approve,
    /// Give it back (`/return`).
    Return,
    /// Confirm an improvement (`/confirmations`).
    Confirm,
    /// Plan an improvement anew (`/improvements`).
    Replan,
}

impl Labelled for CompetenceCheckAction {
    const NAME: &'static str = "competence_check_action";

    fn label(&self) -> Label {
        match self {
            Self::Revise => label("変更", "revise"),
            Self::Submit => label("提出", "submit"),
            Self::Approve => label("承認", "approve"),
            Self::Return => label("差戻し", "return"),
            Self::Confirm => label("改善の確認", "confirm an improvement"),
            Self::Replan => label("改善の再計画", "plan an improvement anew"),
        }
    }
}

use CompetenceCheckState as S;

impl Stateful for CompetenceCheck {
    type Action = CompetenceCheckAction;
    type State = CompetenceCheckState;

    const TRANSITIONS: &'static [Transition<CompetenceCheckAction, CompetenceCheckState>] = &[
        Transition {
            action: CompetenceCheckAction::Revise,
            from: &[S::Draft],
            grant: (Resource::CompetenceCheck, Verb::Update),
        },
        Transition {
            action: CompetenceCheckAction::Submit,
            from: &[S::Draft],
            grant: (Resource::CompetenceCheck, Verb::Submit),
        },
        Transition {
            action: CompetenceCheckAction::Approve,
            from: &[S::Submitted],
            grant: (Resource::CompetenceCheck, Verb::Approve),
        },
        Transition {
            action: CompetenceCheckAction::Return,
            from: &[S::Submitted],
            grant: (Resource::CompetenceCheck, Verb::Approve),
        },
        Transition {
            action: CompetenceCheckAction::Confirm,
            from: &[S::Approved],
            grant: (Resource::CompetenceCheck, Verb::Update),
        },
        Transition {
            action: CompetenceCheckAction::Replan,
            from: &[S::Approved],
            grant: (Resource::CompetenceCheck, Verb::Update),
        },
    ];

    fn state(&self) -> CompetenceCheckState {
        self.state
    }
}

/// The role that decides on checks for `role`: the one that appoints to it.
pub fn decided_by(role: Role) -> Role {
    role.appointed_by().first().copied().unwrap_or(Role::TopManagement)
}

impl CompetenceCheck {
    /// A new check by an assessor, against what the role demands.
    pub fn assess(
        draft: CompetenceCheckDraft,
        demanded: &[CompetenceRequirement],
        by: Signature,
        now: DateTime<Utc>,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        let items = draft.items(demanded, today)?;
        let mut check = Self {
            id: Id::generate(now),
            revision: 1,
            person: Reference::new(draft.person_id, ""),
            items,
            appointment_class: CompetenceClass::C,
            improvement_due_on: None,
            improvement_overdue: false,
            next_check_on: draft.checked_on,
            draft,
            state: S::Draft,
            sign_off: SignOff::prepared(by.clone()),
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        };
        check.require_somebody_else(&by)?;
        check.derive(today);
        Ok(check)
    }

    /// Changes a draft, against what the role demands now.
    pub fn revise(
        &mut self,
        draft: CompetenceCheckDraft,
        demanded: &[CompetenceRequirement],
        by: Signature,
        today: NaiveDate,
    ) -> Result<(), Refusal> {
        self.guard(CompetenceCheckAction::Revise).map_err(|refusal| refusal.by("SD-12"))?;
        self.items = draft.items(demanded, today)?;
        self.draft = draft;
        self.require_somebody_else(&by)?;
        self.sign_off.revise(by)?;
        self.derive(today);
        Ok(())
    }

    /// Hands it in. Refused while a planned improvement lacks its day or its action.
    pub fn submit(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(CompetenceCheckAction::Submit)?;
        self.require_somebody_else(&by)?;
        let mut lacking = Vec::new();
        for (at, rating) in self.draft.ratings.iter().enumerate() {
            let Some(plan) = &rating.improvement else { continue };
            if plan.due_on.is_none() {
                lacking.push(format!("/ratings/{at}/improvement/due_on"));
            }
            if plan.action.as_str().trim().is_empty() {
                lacking.push(format!("/ratings/{at}/improvement/action"));
            }
        }
        if !lacking.is_empty() {
            return Err(Refusal::not_ready(lacking.iter().map(String::as_str)));
        }
        self.sign_off.submit(by)?;
        self.state = S::Submitted;
        Ok(())
    }

    /// Approves it; neither who assessed nor who was assessed does (SD-8).
    pub fn approve(&mut self, by: Signature, alone: bool) -> Result<(), Refusal> {
        self.guard(CompetenceCheckAction::Approve)?;
        self.require_somebody_else(&by)?;
        self.sign_off.approve(by, alone)?;
        self.state = S::Approved;
        Ok(())
    }

    /// Gives it back with a reason.
    pub fn send_back(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(CompetenceCheckAction::Return)?;
        self.sign_off.send_back(by)?;
        self.state = S::Draft;
        Ok(())
    }

    /// Confirms the open improvement of an item, whatever came of it (R-15b): a rating of 2 or less needs a new plan.
    pub fn confirm(
        &mut self,
        draft: ImprovementConfirmationDraft,
        by: Signature,
        today: NaiveDate,
    ) -> Result<(), Refusal> {
        self.guard(CompetenceCheckAction::Confirm)?;
        self.require_somebody_else(&by)?;
        if draft.confirmed_on > today {
            return Err(Refusal::field("/confirmed_on", Code::FutureDate));
        }
        if draft.confirmed_on < self.draft.checked_on {
            return Err(Refusal::field("/confirmed_on", Code::DateOrder).with("other", "checked_on"));
        }
        self.item_mut(draft.number)?.confirm(draft, by)?;
        self.derive(today);
        Ok(())
    }

    /// Plans an improvement for an item that is still lacking and has none open.
    pub fn replan(&mut self, draft: ImprovementDraft, by: &Signature, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(CompetenceCheckAction::Replan)?;
        self.require_somebody_else(by)?;
        self.item_mut(draft.number)?.replan(draft)?;
        self.derive(today);
        Ok(())
    }

    /// From which day on an appointment on it is formal: the check itself, or the last confirmation (R-15b); `None`
    /// while the class is not A.
    pub fn formal_from(&self) -> Option<NaiveDate> {
        let confirmed = self.items.iter().filter_map(CompetenceItem::confirmed_on).max();
        (self.appointment_class == CompetenceClass::A)
            .then(|| confirmed.unwrap_or(self.draft.checked_on).max(self.draft.checked_on))
    }

    /// Derives class and dates as of `today`.
    pub fn derive(&mut self, today: NaiveDate) {
        self.appointment_class = CompetenceClass::of(&self.items);
        self.improvement_due_on = self.items.iter().filter_map(CompetenceItem::due_on).min();
        self.improvement_overdue = self.improvement_due_on.is_some_and(|due| due < today);
        self.next_check_on = months_after(self.draft.checked_on, 12);
    }

    /// Nobody assesses, approves or confirms themselves (SD-8).
    fn require_somebody_else(&self, by: &Signature) -> Result<(), Refusal> {
        match by.person_id == self.draft.person_id {
            true => Err(Refusal::new(Code::DutySeparated).by("SD-8")),
            false => Ok(()),
        }
    }

    fn item_mut(&mut self, number: i32) -> Result<&mut CompetenceItem, Refusal> {
        let item = self.items.iter_mut().find(|item| item.number == number);
        item.ok_or_else(|| Refusal::field("/number", Code::UnknownReference))
    }

    /// Who prepared it: the assessor.
    pub fn preparer(&self) -> Id<Person> {
        self.sign_off.prepared.person_id
    }
}

impl CompetenceCheckDraft {
    /// The items that the role demands, each with its rating. Refused where one is missing, unknown or there twice.
    fn items(&self, demanded: &[CompetenceRequirement], today: NaiveDate) -> Result<Vec<CompetenceItem>, Refusal> {
        let mut faults = Vec::new();
        if self.checked_on > today {
            faults.push(Fault::new("/checked_on", Code::FutureDate));
        }
        for (at, rating) in self.ratings.iter().enumerate() {
            let pointer = format!("/ratings/{at}/number");
            if demanded.iter().all(|one| one.number != rating.number) {
                faults.push(Fault::new(pointer, Code::UnknownReference));
            } else if self.ratings.iter().take(at).any(|earlier| earlier.number == rating.number) {
                faults.push(Fault::new(pointer, Code::Duplicate));
            }
        }
        let mut items = Vec::new();
        for CompetenceRequirement { number, draft, .. } in demanded {
            match self.ratings.iter().find(|rating| rating.number == *number) {
                Some(rating) => items.push(CompetenceItem::rated(rating, &draft.requirement)),
                None => faults.push(Fault::new("/ratings", Code::Required).with("number", *number)),
            }
        }
        Refusal::unless_empty(faults)?;
        Ok(items)
    }
}

#[cfg(test)]
mod tests;
