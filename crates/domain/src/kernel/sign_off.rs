//! Sign-off: who prepared, submitted, approved or returned a record, when and why.
//!
//! Names and posts are frozen at the moment of signing, so that a printed record stays true when
//! people move on (ISO 7.5.3, SD-12).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use super::{
    id::Id,
    label::{Label, Labelled, label},
    refusal::{Code, Refusal},
    text::{Note, Text},
    transition::Transition,
};
use crate::{
    access::{Resource, Role, Verb},
    organization::person::Person,
};

/// One person's mark on a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Signature {
    /// Who signed.
    #[schema(value_type = String, format = Uuid)]
    pub person_id: Id<Person>,
    /// Their name on that day.
    pub name: String,
    /// The roles in which they acted on that day.
    pub posts: Vec<Role>,
    /// When.
    pub at: DateTime<Utc>,
    /// Signed under a provisional appointment (SD-11).
    #[serde(default)]
    pub provisional: bool,
    /// What they wrote beside it.
    #[schema(required)]
    pub reason: Option<String>,
}

/// Why a step is taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Because {
    /// Why.
    pub reason: Text,
}

/// What an approver says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// Why, where the approver also prepared it and nobody else can approve (amendments §1.2).
    #[serde(default)]
    pub reason: Note,
}

impl Approval {
    /// The reason, where one was given.
    pub fn reason(&self) -> Option<String> {
        Some(self.reason.as_str().trim().to_owned()).filter(|reason| !reason.is_empty())
    }
}

/// Where a record stands between preparing and approving.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum SignOffState {
    /// Being written.
    Draft,
    /// Waiting for approval.
    Submitted,
    /// Approved: the record is immutable.
    Approved,
    /// Returned to its preparer with a reason.
    Returned,
    /// Nobody wants the draft any more.
    Voided,
}

impl Labelled for SignOffState {
    const NAME: &'static str = "sign_off_state";

    fn label(&self) -> Label {
        match self {
            Self::Draft => label("作成中", "draft"),
            Self::Submitted => label("承認待ち", "submitted"),
            Self::Approved => label("承認済み", "approved"),
            Self::Returned => label("差戻し", "returned"),
            Self::Voided => label("取消し", "voided"),
        }
    }
}

/// A step of a record that is done once it is approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum SignOffAction {
    /// Change the draft.
    Revise,
    /// Hand it in (`/submission`).
    Submit,
    /// Approve it (`/approval`).
    Approve,
    /// Give it back (`/return`).
    Return,
    /// Void the draft (`/voiding`).
    Void,
}

impl SignOffAction {
    /// The table of steps of a resource that is done once it is approved.
    pub const fn steps(resource: Resource) -> [Transition<Self, SignOffState>; 5] {
        const OPEN: &[SignOffState] = &[SignOffState::Draft, SignOffState::Returned];
        const SUBMITTED: &[SignOffState] = &[SignOffState::Submitted];
        [
            Transition { action: Self::Revise, from: OPEN, grant: (resource, Verb::Update) },
            Transition { action: Self::Submit, from: OPEN, grant: (resource, Verb::Submit) },
            Transition { action: Self::Approve, from: SUBMITTED, grant: (resource, Verb::Approve) },
            Transition { action: Self::Return, from: SUBMITTED, grant: (resource, Verb::Approve) },
            Transition { action: Self::Void, from: OPEN, grant: (resource, Verb::Update) },
        ]
    }
}

impl Labelled for SignOffAction {
    const NAME: &'static str = "sign_off_action";

    fn label(&self) -> Label {
        match self {
            Self::Revise => label("変更", "revise"),
            Self::Submit => label("提出", "submit"),
            Self::Approve => label("承認", "approve"),
            Self::Return => label("差戻し", "return"),
            Self::Void => label("取消し", "void"),
        }
    }
}

/// The stamp box of a record: 作成｜承認.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SignOff {
    /// Where the record stands.
    pub state: SignOffState,
    /// Who prepared this version (the last one who wrote in it).
    pub prepared: Signature,
    /// Who handed it in for approval.
    #[schema(required)]
    pub submitted: Option<Signature>,
    /// Who approved it.
    #[schema(required)]
    pub approved: Option<Signature>,
    /// Who returned it last, with the reason.
    #[schema(required)]
    pub returned: Option<Signature>,
    /// Who voided the draft, with the reason.
    #[serde(default)]
    #[schema(required)]
    pub voided: Option<Signature>,
    /// The approver was also the preparer, or else barred by the duty: allowed only where the fallback chain is exhausted
    /// (amendments §1.2).
    #[serde(default)]
    pub self_approved: bool,
}

impl SignOff {
    /// A fresh draft.
    pub fn prepared(by: Signature) -> Self {
        Self {
            state: SignOffState::Draft,
            prepared: by,
            submitted: None,
            approved: None,
            returned: None,
            voided: None,
            self_approved: false,
        }
    }

    /// Somebody wrote in the record. Refused once it was handed in (SD-12).
    pub fn revise(&mut self, by: Signature) -> Result<(), Refusal> {
        match self.state {
            SignOffState::Draft | SignOffState::Returned => {
                self.prepared = by;
                Ok(())
            }
            state => Err(Refusal::wrong_state(state).by("SD-12")),
        }
    }

    /// Hands the record in.
    pub fn submit(&mut self, by: Signature) -> Result<(), Refusal> {
        match self.state {
            SignOffState::Draft | SignOffState::Returned => {
                self.state = SignOffState::Submitted;
                self.submitted = Some(by);
                Ok(())
            }
            state => Err(Refusal::wrong_state(state)),
        }
    }

    /// Approves a submitted record (SD-1: the preparer does not approve, unless nobody else can: `alone`).
    pub fn approve(&mut self, by: Signature, alone: bool) -> Result<(), Refusal> {
        if self.state != SignOffState::Submitted {
            return Err(Refusal::wrong_state(self.state));
        }
        let own = by.person_id == self.prepared.person_id;
        if own && !(alone && by.reason.is_some()) {
            return Err(Refusal::new(Code::DutySeparated).by("SD-1"));
        }
        self.self_approved = alone;
        self.state = SignOffState::Approved;
        self.approved = Some(by);
        Ok(())
    }

    /// Returns a submitted record to its preparer.
    pub fn send_back(&mut self, by: Signature) -> Result<(), Refusal> {
        if self.state != SignOffState::Submitted {
            return Err(Refusal::wrong_state(self.state));
        }
        self.state = SignOffState::Returned;
        self.returned = Some(by);
        Ok(())
    }

    /// Voids a draft, also one that was returned: it stays to be read, and nothing comes of it. What was handed in is
    /// returned first.
    pub fn void(&mut self, by: Signature) -> Result<(), Refusal> {
        match self.state {
            SignOffState::Draft | SignOffState::Returned => {
                self.state = SignOffState::Voided;
                self.voided = Some(by);
                Ok(())
            }
            state => Err(Refusal::wrong_state(state)),
        }
    }
}
