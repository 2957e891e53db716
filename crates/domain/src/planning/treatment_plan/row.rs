//! A row of an approved plan: one item as its risk's owner approved it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Covered;
use crate::{
    kernel::{id::Id, reference::Reference, text::Text},
    planning::{
        risk::{Risk, RiskState},
        treatment::TreatmentControl,
        treatment_item::{ItemStatus, TreatmentItem},
    },
};

/// One item of an approved plan, as it was approved (D21). What became of it since: the item itself.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PlanRow {
    /// Its number in the plan (No).
    pub number: i32,
    /// The risk that it treats.
    #[schema(value_type = String, format = Uuid)]
    pub risk_id: Id<Risk>,
    /// Its number.
    pub risk_number: i32,
    /// The item.
    #[schema(value_type = String, format = Uuid)]
    pub item_id: Id<TreatmentItem>,
    /// The control that it carries out.
    pub control: TreatmentControl,
    /// What has to be done.
    pub tasks: Vec<Text>,
    /// Who does it.
    pub assignee: Reference,
    /// Planned first day.
    #[schema(required)]
    pub planned_start: Option<NaiveDate>,
    /// Planned last day.
    #[schema(required)]
    pub planned_end: Option<NaiveDate>,
    /// First day of the work, where it had begun.
    #[schema(required)]
    pub actual_start: Option<NaiveDate>,
    /// Last day of the work, where it had ended.
    #[schema(required)]
    pub actual_end: Option<NaiveDate>,
    /// Where it stood.
    pub status: ItemStatus,
}

impl PlanRow {
    /// The rows of a plan: the items that count and are not cancelled, by risk and number. A closed risk has none.
    pub(super) fn of(covered: &[Covered]) -> Vec<Self> {
        let open = covered.iter().filter(|covered| covered.risk.state != RiskState::Closed);
        let items = open.flat_map(|covered| {
            let decision = covered.risk.treatment.as_ref();
            let planned = covered.counted().filter(|item| item.status != ItemStatus::Cancelled);
            planned.filter_map(move |item| {
                let chosen = |control: &&TreatmentControl| control.number == Some(item.draft.control_number);
                Some((&covered.risk, item, decision?.controls.iter().find(chosen)?))
            })
        });
        let row = |(number, (risk, item, control)): (i32, (&Risk, &TreatmentItem, &TreatmentControl))| Self {
            number,
            risk_id: risk.id,
            risk_number: risk.number,
            item_id: item.id,
            control: control.clone(),
            tasks: item.draft.tasks.clone(),
            assignee: item.assignee.clone(),
            planned_start: item.draft.planned_start,
            planned_end: item.draft.planned_end,
            actual_start: item.actual_start,
            actual_end: item.actual_end,
            status: item.status,
        };
        (1..).zip(items).map(row).collect()
    }
}
