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
    /// Nobody wanted the draft any more.
    Voided,
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
            Self::Voided => label("取消し", "voided"),
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
    /// Void the draft (`/voiding`).
    Void,
}

impl Labelled for VersionAction {
    const NAME: &'static str = "version_action";

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

impl Version {
    /// The table of steps of a resource that is issued in versions.
    pub const fn steps(resource: Resource) -> [Transition<VersionAction, VersionState>; 5] {
        use VersionState::{Draft, Submitted};
        [
            Transition { action: VersionAction::Revise, from: &[Draft], grant: (resource, Verb::Update) },
            Transition { action: VersionAction::Submit, from: &[Draft], grant: (resource, Verb::Submit) },
            Transition { action: VersionAction::Approve, from: &[Submitted], grant: (resource, Verb::Approve) },
            Transition { action: VersionAction::Return, from: &[Submitted], grant: (resource, Verb::Approve) },
            Transition { action: VersionAction::Void, from: &[Draft], grant: (resource, Verb::Update) },
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

    /// Voids a draft that nobody wants any more, also one that was returned.
    pub fn void(&mut self, by: Signature) -> Result<(), Refusal> {
        self.sign_off.void(by)?;
        self.state = VersionState::Voided;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::refusal::Code;

    fn by(reason: Option<&str>) -> Signature {
        let at = DateTime::UNIX_EPOCH;
        let reason = reason.map(str::to_owned);
        Signature { person_id: Id::generate(at), name: "上田".into(), posts: vec![], at, provisional: false, reason }
    }

    #[test]
    fn a_draft_is_voided_and_nothing_comes_of_it() {
        let why = || by(Some("作り直す"));
        let mut returned = Version::draft(2, by(None));
        returned.submit(by(None)).unwrap();
        assert_eq!(returned.void(why()).unwrap_err().code, Code::WrongState, "what was handed in is returned first");
        returned.send_back(why()).unwrap();
        for mut version in [Version::draft(2, by(None)), returned] {
            version.void(why()).unwrap();
            let voided = version.sign_off.voided.as_ref().and_then(|by| by.reason.as_deref());
            assert_eq!((version.state, voided), (VersionState::Voided, Some("作り直す")));
            assert_eq!(version.revise(by(None)).unwrap_err().rule, Some("SD-12"));
            let refused = [version.submit(by(None)), version.void(why()), version.send_back(why())];
            assert!(refused.into_iter().all(|refused| refused.unwrap_err().code == Code::WrongState));
        }
    }
}
