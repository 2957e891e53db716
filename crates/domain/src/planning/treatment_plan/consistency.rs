//! Where what people stated, what they planned and what was done do not fit together (R-11, R-14, RSP-5).

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::Covered;
use crate::{
    kernel::id::Id,
    planning::{
        risk::{Risk, RiskState},
        treatment_item::{ItemStatus, ResponseStatus, TreatmentItem},
    },
};

/// What does not fit together in a plan; risks by number.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlanConsistency {
    /// Risks whose stated response status is not the one that follows from their items (R-11, RSP-5).
    pub contradictions: Vec<StatusContradiction>,
    /// Risks that no item treats.
    pub without_items: Vec<RiskWithoutItems>,
    /// Items whose planned end has passed.
    pub overdue_items: Vec<ItemStanding>,
}

/// A risk whose stated response status contradicts its items.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StatusContradiction {
    /// The risk.
    #[schema(value_type = String, format = Uuid)]
    pub risk_id: Id<Risk>,
    /// Its number.
    pub risk_number: i32,
    /// What people stated.
    pub stated: ResponseStatus,
    /// What follows from the items.
    pub derived: ResponseStatus,
    /// Its items.
    pub items: Vec<ItemStanding>,
}

/// A risk that no item treats.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RiskWithoutItems {
    /// The risk.
    #[schema(value_type = String, format = Uuid)]
    pub risk_id: Id<Risk>,
    /// Its number.
    pub risk_number: i32,
}

/// Where an item stands.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ItemStanding {
    /// The item.
    #[schema(value_type = String, format = Uuid)]
    pub item_id: Id<TreatmentItem>,
    /// The number of its risk.
    pub risk_number: i32,
    /// Its number within the risk.
    pub number: i32,
    /// The control that it carries out.
    pub control_number: i32,
    /// Where it stands.
    pub status: ItemStatus,
    /// Planned last day.
    #[schema(required)]
    pub planned_end: Option<NaiveDate>,
    /// Its planned end has passed and it is not completed.
    pub overdue: bool,
}

impl PlanConsistency {
    /// Over the covered risks that are not closed.
    pub fn of(covered: &[Covered]) -> Self {
        let open = || covered.iter().filter(|covered| covered.risk.state != RiskState::Closed);
        Self {
            contradictions: open().filter_map(StatusContradiction::of).collect(),
            without_items: open()
                .filter(|covered| covered.counted().all(|item| item.status == ItemStatus::Cancelled))
                .map(|covered| RiskWithoutItems { risk_id: covered.risk.id, risk_number: covered.risk.number })
                .collect(),
            overdue_items: open().flat_map(standings).filter(|item| item.overdue).collect(),
        }
    }
}

impl StatusContradiction {
    fn of(covered: &Covered) -> Option<Self> {
        let (risk, derived) = (&covered.risk, covered.risk.response_status);
        let stated = risk.treatment.as_ref()?.stated_response_status.filter(|stated| *stated != derived)?;
        let items = standings(covered).collect();
        Some(Self { risk_id: risk.id, risk_number: risk.number, stated, derived, items })
    }
}

fn standings(covered: &Covered) -> impl Iterator<Item = ItemStanding> {
    covered.counted().map(|item| ItemStanding {
        item_id: item.id,
        risk_number: covered.risk.number,
        number: item.number,
        control_number: item.draft.control_number,
        status: item.status,
        planned_end: item.draft.planned_end,
        overdue: item.overdue,
    })
}
