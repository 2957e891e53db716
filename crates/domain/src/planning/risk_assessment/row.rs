//! A row of the report: one risk, as it stands or as it stood when the round was handed in.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    kernel::{
        id::Id,
        reference::Reference,
        text::{Text, Title},
    },
    planning::{
        owner::RiskOwner,
        risk::{Acceptance, AssetReference, LostProperty, Risk, RiskState},
        risk_criteria::Assessment,
        treatment::{TreatmentControl, TreatmentOption},
        treatment_item::ResponseStatus,
    },
};

/// One risk of the report (D19).
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AssessmentRow {
    /// The risk.
    #[schema(value_type = String, format = Uuid)]
    pub risk_id: Id<Risk>,
    /// Its number (No).
    pub number: i32,
    /// The assets it is about.
    pub assets: Vec<AssetReference>,
    /// The department it belongs to.
    #[schema(required)]
    pub department: Option<Reference>,
    /// Who owns it.
    pub risk_owner: RiskOwner,
    /// Where it comes from (リスク源).
    pub risk_source: Text,
    /// What it reaches (影響領域).
    pub impact_area: Title,
    /// What happens (事象).
    pub event: Text,
    /// Which properties are lost.
    pub lost_properties: BTreeSet<LostProperty>,
    /// Why it happens (原因).
    pub cause: Text,
    /// What may follow (起こり得る結果).
    pub consequence: Text,
    /// Where it stands.
    pub state: RiskState,
    /// 一次評価, with the priority of treatment.
    #[schema(required)]
    pub initial: Option<Assessment>,
    /// What to do about it.
    pub options: Vec<TreatmentOption>,
    /// The chosen controls.
    pub controls: Vec<TreatmentControl>,
    /// How far its items are.
    pub response_status: ResponseStatus,
    /// What people stated about it.
    #[schema(required)]
    pub stated_response_status: Option<ResponseStatus>,
    /// 二次評価.
    #[schema(required)]
    pub residual: Option<Assessment>,
    /// The owner's acceptance.
    #[schema(required)]
    pub acceptance: Option<Acceptance>,
    /// What it was judged by has changed since, while its treatment was under way.
    pub needs_reanalysis: bool,
}

impl AssessmentRow {
    /// A risk as it stands.
    pub fn of(risk: &Risk) -> Self {
        let (draft, treatment) = (&risk.draft, risk.treatment.as_ref());
        Self {
            risk_id: risk.id,
            number: risk.number,
            assets: risk.assets.clone(),
            department: risk.department.clone(),
            risk_owner: risk.risk_owner.clone(),
            risk_source: draft.risk_source.clone(),
            impact_area: draft.impact_area.clone(),
            event: draft.event.clone(),
            lost_properties: draft.lost_properties.clone(),
            cause: draft.cause.clone(),
            consequence: draft.consequence.clone(),
            state: risk.state,
            initial: risk.initial,
            options: treatment.map(|decision| decision.options.clone()).unwrap_or_default(),
            controls: treatment.map(|decision| decision.controls.clone()).unwrap_or_default(),
            response_status: risk.response_status,
            stated_response_status: treatment.and_then(|decision| decision.stated_response_status),
            residual: risk.residual,
            acceptance: risk.acceptance.clone(),
            needs_reanalysis: risk.needs_reanalysis,
        }
    }
}
