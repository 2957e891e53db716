//! The duties of everybody who works here (D06a), issued in versions that top management approves (SD-1, SD-12): what
//! people acknowledge is the version in force.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use crate::{
    access::{Governed, Resource},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        refusal::{Code, Fault, Refusal},
        revision::{Revised, Revision},
        sign_off::Signature,
        text::{Text, TextFault, Title},
        transition::{Stateful, Transition},
        version::{Version, VersionAction, VersionState},
    },
};

/// One version of the duties.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ObligationSet {
    /// Its id.
    pub id: Id<ObligationSet>,
    /// Rises with every change.
    pub revision: Revision,
    /// Which version it is, and where it stands.
    #[serde(flatten)]
    pub version: Version,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: ObligationSetDraft,
    /// Steps open to the caller.
    pub allowed_actions: Vec<VersionAction>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for ObligationSet {
    const RESOURCE: Resource = Resource::Obligation;
}

impl Revised for ObligationSet {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written about the duties.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ObligationSetDraft {
    /// The title.
    pub title: Title,
    /// The duties, in their order.
    #[schema(min_items = 1, max_items = 50)]
    pub obligations: Vec<Obligation>,
}

/// One duty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Obligation {
    /// What is demanded.
    pub text: Text,
    /// When it holds.
    #[schema(min_items = 1, max_items = 3)]
    pub phases: Vec<ObligationPhase>,
}

/// When a duty holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ObligationPhase {
    /// While somebody works here.
    DuringEmployment,
    /// When somebody leaves.
    AtTermination,
    /// After somebody left.
    AfterTermination,
}

impl Labelled for ObligationPhase {
    const NAME: &'static str = "obligation_phase";

    fn label(&self) -> Label {
        match self {
            Self::DuringEmployment => label("在職中", "during employment"),
            Self::AtTermination => label("退職時", "at termination"),
            Self::AfterTermination => label("退職後", "after termination"),
        }
    }
}

impl Stateful for ObligationSet {
    type Action = VersionAction;
    type State = VersionState;

    const TRANSITIONS: &'static [Transition<VersionAction, VersionState>] = &Version::steps(Resource::Obligation);

    fn state(&self) -> VersionState {
        self.version.state
    }
}

impl ObligationSetDraft {
    /// Each phase once.
    fn check(&self) -> Result<(), Refusal> {
        let faults = self.obligations.iter().enumerate().flat_map(|(place, obligation)| {
            let phases = obligation.phases.iter().enumerate();
            let again = phases.filter(|(at, phase)| obligation.phases.iter().take(*at).any(|one| one == *phase));
            again.map(move |(at, _)| Fault::new(format!("/obligations/{place}/phases/{at}"), Code::Duplicate))
        });
        Refusal::unless_empty(faults.collect())
    }

    /// The four duties that an organization begins with (D06a), in own words: a draft, which holds for nobody before it is
    /// approved.
    pub fn shipped() -> Result<Self, TextFault> {
        use ObligationPhase::{AfterTermination, AtTermination, DuringEmployment};
        let duties: [(&str, &[ObligationPhase]); 4] = [
            (
                "営業秘密として管理されている情報とその写しを、許可のない人や組織に渡さない。",
                &[DuringEmployment, AtTermination, AfterTermination],
            ),
            (
                "情報セキュリティ方針と社内の規程を守る。違反したときは就業規則に従って処分を受ける。",
                &[DuringEmployment],
            ),
            (
                "退職するときは、在職中に受け取った資料、個人情報、取引先から預かった資料を、写しも含めてすべて返す。",
                &[AtTermination],
            ),
            ("在職中に知った営業秘密と技術上の秘密を、競合する仕事に使わない。", &[DuringEmployment, AfterTermination]),
        ];
        let obligation = |(text, phases): (&str, &[ObligationPhase])| {
            Ok(Obligation { text: Text::new(text)?, phases: phases.to_vec() })
        };
        Ok(Self {
            title: Title::new("従業者の責務")?,
            obligations: duties.into_iter().map(obligation).collect::<Result<_, TextFault>>()?,
        })
    }
}

impl ObligationSet {
    /// A new version, as a draft.
    pub fn begin(draft: ObligationSetDraft, number: i32, by: Signature, now: DateTime<Utc>) -> Result<Self, Refusal> {
        draft.check()?;
        Ok(Self {
            id: Id::generate(now),
            revision: 1,
            version: Version::draft(number, by),
            draft,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        })
    }

    /// Changes what is written.
    pub fn revise(&mut self, draft: ObligationSetDraft, by: Signature) -> Result<(), Refusal> {
        self.version.revise(by)?;
        draft.check()?;
        self.draft = draft;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_duties_ship_for_every_phase() {
        let shipped = ObligationSetDraft::shipped().unwrap();
        assert_eq!((shipped.obligations.len(), shipped.check()), (4, Ok(())));
        let mut twice = shipped;
        twice.obligations[2].phases.push(ObligationPhase::AtTermination);
        let refused = twice.check().unwrap_err();
        assert_eq!(
            (refused.errors[0].pointer.as_str(), refused.errors[0].code),
            ("/obligations/2/phases/1", Code::Duplicate)
        );
    }
}
