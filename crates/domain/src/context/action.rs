//! Actions to address risks and opportunities (6.1.1) in the issues of the organization (4.1) and the requirements of
//! its interested parties (4.2): who does what until when, and whether it worked.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use super::{interested_party::InterestedParty, issue::ContextIssue};
use crate::{
    access::{Governed, Resource, Verb},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        reference::Reference,
        refusal::{Code, Fault, Refusal},
        revision::{Revised, Revision},
        sign_off::Signature,
        text::{Note, Text},
        transition::{Stateful, Transition},
    },
    operation::occurrence::RecordLink,
    organization::person::Person,
};

/// An action on a risk or an opportunity of the context.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ContextAction {
    /// Its id.
    pub id: Id<ContextAction>,
    /// Rises with every change.
    pub revision: Revision,
    /// Its number within the organization.
    pub number: i32,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: ContextActionDraft,
    /// The text of the issue or of the requirement that it answers.
    pub subject: String,
    /// Who sees to it.
    pub responsible_person: Reference,
    /// Its day has passed, and it is not done.
    pub overdue: bool,
    /// Where it stands.
    pub state: ContextActionState,
    /// When it was done, and what came of it.
    #[schema(required)]
    pub completion: Option<ActionCompletion>,
    /// Whether it worked (6.1.1 e 2).
    #[schema(required)]
    pub effectiveness: Option<ActionEffectiveness>,
    /// Why it was cancelled.
    #[schema(required)]
    pub cancellation_reason: Option<String>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<ContextActionStep>,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for ContextAction {
    const RESOURCE: Resource = Resource::ContextAction;
}

impl Revised for ContextAction {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written about an action. It answers either an issue, or one requirement of an interested party.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContextActionDraft {
    /// The issue that it answers.
    #[serde(default)]
    #[schema(required = false)]
    pub issue_id: Option<Id<ContextIssue>>,
    /// The interested party whose requirement it answers.
    #[serde(default)]
    #[schema(required = false)]
    pub party_id: Option<Id<InterestedParty>>,
    /// The number of that requirement.
    #[serde(default)]
    #[schema(required = false, minimum = 1)]
    pub requirement_number: Option<i32>,
    /// Whether it lessens the risk or takes the opportunity.
    pub addresses: Addressed,
    /// What is done.
    pub action: Text,
    /// Who sees to it.
    pub responsible_person_id: Id<Person>,
    /// The day by which it is done.
    pub due_on: NaiveDate,
    /// Where it goes on in the ISMS (6.1.1 e 1): a risk, an objective, a planned change, a row of the annual plan …
    #[serde(default)]
    #[schema(required = false)]
    pub link: Option<RecordLink>,
    /// Remarks.
    #[serde(default)]
    pub remarks: Note,
}

/// Which side of an issue or a requirement an action is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Addressed {
    /// It lessens the risk.
    Risk,
    /// It takes the opportunity.
    Opportunity,
}

impl Labelled for Addressed {
    const NAME: &'static str = "addressed";

    fn label(&self) -> Label {
        match self {
            Self::Risk => label("リスク", "risk"),
            Self::Opportunity => label("機会", "opportunity"),
        }
    }
}

/// When an action was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActionCompletion {
    /// The day on which it was done; not in the future.
    pub done_on: NaiveDate,
    /// What came of it, and what shows it.
    pub result: Text,
}

/// Whether an action worked, as it was judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ActionEffectiveness {
    /// The day on which it was judged.
    pub evaluated_on: NaiveDate,
    /// It did what it was meant to do.
    pub effective: bool,
    /// What shows it.
    pub remarks: Note,
    /// Who judged it.
    pub evaluated_by: Signature,
}

/// What is written about the effectiveness of an action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActionEffectivenessDraft {
    /// The day on which it was judged; not before it was done, and not in the future.
    pub evaluated_on: NaiveDate,
    /// It did what it was meant to do.
    pub effective: bool,
    /// What shows it. Required where it did not work.
    #[serde(default)]
    pub remarks: Note,
}

/// Where an action stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ContextActionState {
    /// To be done.
    Open,
    /// Done; whether it worked is still to be judged.
    Done,
    /// Judged.
    Evaluated,
    /// Given up.
    Cancelled,
}

impl Labelled for ContextActionState {
    const NAME: &'static str = "context_action_state";

    fn label(&self) -> Label {
        match self {
            Self::Open => label("未実施", "open"),
            Self::Done => label("実施済み", "done"),
            Self::Evaluated => label("有効性評価済み", "evaluated"),
            Self::Cancelled => label("中止", "cancelled"),
        }
    }
}

/// A step of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ContextActionStep {
    /// Change it.
    Revise,
    /// Record that it was done (`/completion`).
    Complete,
    /// Judge whether it worked (`/effectiveness`).
    Evaluate,
    /// Give it up (`/cancellation`).
    Cancel,
}

impl Labelled for ContextActionStep {
    const NAME: &'static str = "context_action_step";

    fn label(&self) -> Label {
        match self {
            Self::Revise => label("変更", "revise"),
            Self::Complete => label("実施の記録", "record as done"),
            Self::Evaluate => label("有効性の評価", "evaluate the effectiveness"),
            Self::Cancel => label("中止", "cancel"),
        }
    }
}

use ContextActionState as S;

impl Stateful for ContextAction {
    type Action = ContextActionStep;
    type State = ContextActionState;

    const TRANSITIONS: &'static [Transition<ContextActionStep, ContextActionState>] = &[
        Transition {
            action: ContextActionStep::Revise,
            from: &[S::Open],
            grant: (Resource::ContextAction, Verb::Update),
        },
        Transition {
            action: ContextActionStep::Complete,
            from: &[S::Open],
            grant: (Resource::ContextAction, Verb::Execute),
        },
        Transition {
            action: ContextActionStep::Evaluate,
            from: &[S::Done],
            grant: (Resource::ContextAction, Verb::Update),
        },
        Transition {
            action: ContextActionStep::Cancel,
            from: &[S::Open],
            grant: (Resource::ContextAction, Verb::Update),
        },
    ];

    fn state(&self) -> ContextActionState {
        self.state
    }
}

impl ActionCompletion {
    /// Refuses a day that lies ahead.
    pub fn check(&self, today: NaiveDate) -> Result<(), Refusal> {
        if self.done_on > today { Err(Refusal::field("/done_on", Code::FutureDate)) } else { Ok(()) }
    }
}

impl ActionEffectiveness {
    /// What somebody judges about an action that was done.
    pub fn judged(
        draft: ActionEffectivenessDraft,
        done: Option<&ActionCompletion>,
        by: Signature,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        let ActionEffectivenessDraft { evaluated_on, effective, remarks } = draft;
        let mut faults = Vec::new();
        if evaluated_on > today {
            faults.push(Fault::new("/evaluated_on", Code::FutureDate));
        }
        if done.is_some_and(|done| evaluated_on < done.done_on) {
            faults.push(Fault::new("/evaluated_on", Code::DateOrder).with("other", "done_on"));
        }
        if !effective && remarks.as_str().trim().is_empty() {
            faults.push(Fault::new("/remarks", Code::RequiredHere));
        }
        Refusal::unless_empty(faults)?;
        Ok(Self { evaluated_on, effective, remarks, evaluated_by: by })
    }
}

impl ContextActionDraft {
    fn check(&self) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        if self.issue_id.is_some() == self.party_id.is_some() {
            faults.push(Fault::new("/issue_id", Code::ExactlyOne).with("other", "/party_id"));
        }
        if self.party_id.is_some() != self.requirement_number.is_some() {
            let code = if self.party_id.is_some() { Code::RequiredHere } else { Code::Contradiction };
            faults.push(Fault::new("/requirement_number", code));
        }
        Refusal::unless_empty(faults)
    }
}

impl ContextAction {
    /// A new action.
    pub fn plan(draft: ContextActionDraft, number: i32, now: DateTime<Utc>) -> Result<Self, Refusal> {
        draft.check()?;
        Ok(Self {
            id: Id::generate(now),
            revision: 1,
            number,
            subject: String::new(),
            responsible_person: Reference::new(draft.responsible_person_id, ""),
            draft,
            overdue: false,
            state: S::Open,
            completion: None,
            effectiveness: None,
            cancellation_reason: None,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        })
    }

    /// Changes it while it is open.
    pub fn revise(&mut self, draft: ContextActionDraft) -> Result<(), Refusal> {
        self.guard(ContextActionStep::Revise)?;
        draft.check()?;
        self.draft = draft;
        Ok(())
    }

    /// Records that it was done.
    pub fn complete(&mut self, completion: ActionCompletion, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(ContextActionStep::Complete)?;
        completion.check(today)?;
        self.state = S::Done;
        self.completion = Some(completion);
        Ok(())
    }

    /// Judges whether it worked.
    pub fn evaluate(
        &mut self,
        draft: ActionEffectivenessDraft,
        by: Signature,
        today: NaiveDate,
    ) -> Result<(), Refusal> {
        self.guard(ContextActionStep::Evaluate)?;
        self.effectiveness = Some(ActionEffectiveness::judged(draft, self.completion.as_ref(), by, today)?);
        self.state = S::Evaluated;
        Ok(())
    }

    /// Gives it up.
    pub fn cancel(&mut self, reason: Text) -> Result<(), Refusal> {
        self.guard(ContextActionStep::Cancel)?;
        self.state = S::Cancelled;
        self.cancellation_reason = Some(reason.into_string());
        Ok(())
    }

    /// Whether it still answers its issue or requirement: neither given up, nor found without effect.
    pub fn counts(&self) -> bool {
        self.state != S::Cancelled && self.effectiveness.as_ref().is_none_or(|judged| judged.effective)
    }

    /// Derives `overdue` as of `today`.
    pub fn derive(&mut self, today: NaiveDate) {
        self.overdue = self.state == S::Open && self.draft.due_on < today;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn draft() -> ContextActionDraft {
        ContextActionDraft {
            issue_id: Some(Id::generate(NOW)),
            party_id: None,
            requirement_number: None,
            addresses: Addressed::Risk,
            action: Text::new("教育を行う").unwrap(),
            responsible_person_id: Id::generate(NOW),
            due_on: day("2024-04-30"),
            link: None,
            remarks: Note::default(),
        }
    }

    fn by() -> Signature {
        let person_id = Id::generate(NOW);
        Signature { person_id, name: "上田".into(), posts: vec![], at: NOW, provisional: false, reason: None }
    }

    #[test]
    fn an_action_answers_an_issue_or_one_requirement() {
        let party = Some(Id::generate(NOW));
        let pointers = |draft: ContextActionDraft| -> Vec<String> {
            let refused = ContextAction::plan(draft, 1, NOW).map_err(|refusal| refusal.errors).unwrap_err();
            refused.into_iter().map(|fault| fault.pointer).collect()
        };
        assert!(ContextAction::plan(draft(), 1, NOW).is_ok());
        assert!(
            ContextAction::plan(
                ContextActionDraft { issue_id: None, party_id: party, requirement_number: Some(1), ..draft() },
                1,
                NOW
            )
            .is_ok()
        );
        assert_eq!(pointers(ContextActionDraft { issue_id: None, ..draft() }), ["/issue_id"]);
        assert_eq!(pointers(ContextActionDraft { party_id: party, ..draft() }), ["/issue_id", "/requirement_number"]);
        assert_eq!(pointers(ContextActionDraft { requirement_number: Some(1), ..draft() }), ["/requirement_number"]);
    }

    #[test]
    fn what_did_not_work_answers_nothing() {
        let mut action = ContextAction::plan(draft(), 1, NOW).unwrap();
        action.derive(day("2024-04-30"));
        assert!(action.counts() && !action.overdue);
        action.derive(day("2024-05-01"));
        assert!(action.overdue);
        let done = ActionCompletion { done_on: day("2024-05-01"), result: Text::new("受講 30 名").unwrap() };
        assert!(action.complete(done.clone(), day("2024-04-30")).is_err(), "not in the future");
        action.complete(done, day("2024-05-01")).unwrap();
        action.derive(day("2024-05-02"));
        assert!(action.counts() && !action.overdue);
        let judged = |on, effective, remarks: &str| ActionEffectivenessDraft {
            evaluated_on: day(on),
            effective,
            remarks: Note::new(remarks).unwrap(),
        };
        let today = day("2024-06-01");
        assert!(action.evaluate(judged("2024-04-30", true, ""), by(), today).is_err(), "before it was done");
        assert!(action.evaluate(judged("2024-06-01", false, " "), by(), today).is_err(), "without a reason");
        action.evaluate(judged("2024-06-01", false, "誤送信が減らない"), by(), today).unwrap();
        assert!(!action.counts());
        assert!(action.cancel(Text::new("不要").unwrap()).is_err());
    }
}
