//! Materials of a campaign: the files that its learners read.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use super::campaign::EducationCampaign;
use crate::{
    access::{Governed, Resource, Verb},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        refusal::Refusal,
        revision::{Revised, Revision},
        sign_off::Signature,
        transition::{Stateful, Transition},
    },
    support::file::StoredFile,
};

/// A file that the learners of a campaign read. Another content is another material.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EducationMaterial {
    /// Its id.
    pub id: Id<EducationMaterial>,
    /// Rises with every change.
    pub revision: Revision,
    /// The campaign.
    #[schema(value_type = String, format = Uuid)]
    pub campaign_id: Id<EducationCampaign>,
    /// The file, whose bytes are at `/file`.
    pub file: StoredFile,
    /// Whether it is used.
    pub state: MaterialState,
    /// Who added it.
    pub added: Signature,
    /// Who withdrew it, with the reason.
    #[schema(required)]
    pub withdrawn: Option<Signature>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<MaterialAction>,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for EducationMaterial {
    const RESOURCE: Resource = Resource::EducationPlan;
}

impl Revised for EducationMaterial {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// Whether a material is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum MaterialState {
    /// It is.
    InUse,
    /// It is not any more; it stays to be read.
    Withdrawn,
}

impl Labelled for MaterialState {
    const NAME: &'static str = "material_state";

    fn label(&self) -> Label {
        match self {
            Self::InUse => label("使用中", "in use"),
            Self::Withdrawn => label("取下げ", "withdrawn"),
        }
    }
}

/// A step of a material.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum MaterialAction {
    /// Do not use it any more (`/withdrawal`).
    Withdraw,
}

impl Labelled for MaterialAction {
    const NAME: &'static str = "material_action";

    fn label(&self) -> Label {
        match self {
            Self::Withdraw => label("取下げ", "withdraw"),
        }
    }
}

impl Stateful for EducationMaterial {
    type Action = MaterialAction;
    type State = MaterialState;

    const TRANSITIONS: &'static [Transition<MaterialAction, MaterialState>] = &[Transition {
        action: MaterialAction::Withdraw,
        from: &[MaterialState::InUse],
        grant: (Resource::EducationPlan, Verb::Update),
    }];

    fn state(&self) -> MaterialState {
        self.state
    }
}

impl EducationMaterial {
    /// A file for the learners of a campaign.
    pub fn add(campaign_id: Id<EducationCampaign>, file: StoredFile, by: Signature, now: DateTime<Utc>) -> Self {
        Self {
            id: Id::generate(now),
            revision: 1,
            campaign_id,
            file,
            state: MaterialState::InUse,
            added: by,
            withdrawn: None,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        }
    }

    /// It is not used any more.
    pub fn withdraw(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(MaterialAction::Withdraw)?;
        self.withdrawn = Some(by);
        self.state = MaterialState::Withdrawn;
        Ok(())
    }
}
