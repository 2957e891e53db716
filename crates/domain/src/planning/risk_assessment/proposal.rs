//! What a round should look at.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    kernel::{id::Id, reference::Reference},
    planning::{asset::Asset, owner::RiskOwner, rating::Rating},
};

/// An important asset in use that no open risk names: something for the round to look at (R-03c).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AssessmentProposal {
    /// The asset.
    #[schema(value_type = String, format = Uuid)]
    pub asset_id: Id<Asset>,
    /// Its number in the inventory.
    pub number: i32,
    /// Its name.
    pub name: String,
    /// 1 to 3.
    pub confidentiality: Rating,
    /// 1 to 3.
    pub integrity: Rating,
    /// 1 to 3.
    pub availability: Rating,
    /// Its importance.
    pub importance: Rating,
    /// The department that manages it.
    pub managing_department: Reference,
    /// Who owns its risks.
    pub risk_owner: RiskOwner,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl From<Asset> for AssessmentProposal {
    fn from(asset: Asset) -> Self {
        Self {
            asset_id: asset.id,
            number: asset.number,
            name: asset.draft.name.into_string(),
            confidentiality: asset.draft.confidentiality,
            integrity: asset.draft.integrity,
            availability: asset.draft.availability,
            importance: asset.importance,
            managing_department: asset.managing_department,
            risk_owner: asset.risk_owner,
            updated_at: asset.updated_at,
        }
    }
}
