//! Issued versions of what has to be approved: written, handed in, approved by somebody else, in force until the next one
//! (SD-1, SD-12; §5.3, §5.4). An approved version is immutable; a change makes a new one.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use super::{
    id::Id,
    label::{Label, Labelled, label},
    refusal::Refusal,
    sign_off::{SignOff, Signature},
    transition::Transition,
};
use crate::{
    access::{Resource, Verb},
    organization::person::Person,
};

/// Which version of a record this is, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Version {
    /// 1, 2, 3 …
    #[serde(rename = "version")]
    pub number: i32,
    /// Where this version stands.
    pub state: VersionState,
    /// Who prepared and approved it.
    pub sign_off: SignOff,
    /// From when on it is, or was, the one in force.
    #[schema(required)]
    pub in_force_at: Option<DateTime<Utc>>,
}

/// Where a version stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum VersionState {
    /// Being written, or returned to be mended.
    Draft,
    /// Waits for approval.
    Submitted,
    /// The one that holds.
    InForce,
    /// A later version took its place.
    Superseded,
    /// It was taken out of force, and nothing took its place.
    Withdrawn,
}

impl Labelled for VersionState {
    const NAME: &'static str = "version_state";

    fn label(&self) -> Label {
        match self {
            Self::Draft => label("作成中", "draft"),
            Self::Submitted => label("承認待ち", "submitted"),
            Self::InForce => label("有効", "in force"),
            Self::Superseded => label("旧版", "superseded"),
            Self::Withdrawn => label("廃止", "withdrawn"),
        }
    }
}

/// A step of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum VersionAction {
    /// Change the draft.
    Revise,
    /// Hand it in (`/submission`).
    Submit,
    /// Put it in force (`/approval`).
    Approve,
    /// Give it back (`/return`).
    Return,
}

impl Labelled for VersionAction {
    const NAME: &'static str = "version_action";

    fn label(&self) -> Label {
        match self {
            Self::Revise => label("変更", "revise"),
            Self::Submit => label("提出", "submit"),
            Self::Approve => label("承認", "approve"),
            Self::Return => label("差戻し", "return"),
        }
    }
}

impl Version {
    /// The table of steps of a resource that is issued in versions.
    pub const fn steps(resource: Resource) -> [Transition<VersionAction, VersionState>; 4] {
        use VersionState::{Draft, Submitted};
        [
            Transition { action: VersionAction::Revise, from: &[Draft], grant: (resource, Verb::Update) },
            Transition { action: VersionAction::Submit, from: &[Draft], grant: (resource, Verb::Submit) },
            Transition { action: VersionAction::Approve, from: &[Submitted], grant: (resource, Verb::Approve) },
            Transition { action: VersionAction::Return, from: &[Submitted], grant: (resource, Verb::Approve) },
        ]
    }

    /// A new version, as a draft.
    pub fn draft(number: i32, by: Signature) -> Self {
        Self { number, state: VersionState::Draft, sign_off: SignOff::prepared(by), in_force_at: None }
    }

    /// Somebody wrote in it. Refused once it was handed in (SD-12).
    pub fn revise(&mut self, by: Signature) -> Result<(), Refusal> {
        self.sign_off.revise(by)
    }

    /// Hands it in.
    pub fn submit(&mut self, by: Signature) -> Result<(), Refusal> {
        self.sign_off.submit(by)?;
        self.state = VersionState::Submitted;
        Ok(())
    }

    /// Puts it in force; the version before is superseded by whoever stores this. `alone`: nobody but its preparer could
    /// approve it.
    pub fn approve(&mut self, by: Signature, alone: bool, now: DateTime<Utc>) -> Result<(), Refusal> {
        self.sign_off.approve(by, alone)?;
        self.state = VersionState::InForce;
        self.in_force_at = Some(now);
        Ok(())
    }

    /// Gives it back with a reason.
    pub fn send_back(&mut self, by: Signature) -> Result<(), Refusal> {
        self.sign_off.send_back(by)?;
        self.state = VersionState::Draft;
        Ok(())
    }

    /// A later version took its place.
    pub fn supersede(&mut self) {
        self.state = VersionState::Superseded;
    }

    /// It is taken out of force, and nothing takes its place.
    pub fn withdraw(&mut self) {
        self.state = VersionState::Withdrawn;
    }

    /// Who prepared it: the last one who wrote in it.
    pub fn preparer(&self) -> Id<Person> {
        self.sign_off.prepared.person_id
    }
}
