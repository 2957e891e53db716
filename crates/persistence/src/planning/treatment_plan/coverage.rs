//! Which risks a plan covers, and for whom it lies within reach by them.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Verb},
    kernel::{
        id::Id,
        refusal::{Code, Fault, Refusal},
        sign_off::Signature,
    },
    organization::person::Person,
    planning::{
        risk::{Risk, RiskState},
        treatment_item::TreatmentItem,
        treatment_plan::{Covered, PlanAction, PlanState, PlannedRisk, TreatmentPlan},
    },
};

use self::treatment_plan_risk as link;
use crate::{
    kernel::{
        among::AmongExt,
        columns::{DocumentColumn, KeyColumn},
        failure::Outcome,
        grants::Grants,
        tx::{Tx, Within, require_within},
    },
    on,
    planning::{
        risk::{self, Belonging},
        treatment_item,
    },
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    treatment_plan_risk (organization_id, treatment_plan_id, risk_id) {
        organization_id -> Key,
        treatment_plan_id -> Key,
        risk_id -> Key,
        approval -> Nullable<Document>,
    }
}

/// The covered risks of one plan, by number, each with the approval that the plan keeps.
#[derive(Clone, Debug, Default)]
pub(super) struct Coverage(Vec<(Risk, Option<Signature>)>);

impl Coverage {
    pub(super) fn risk_ids(&self) -> BTreeSet<Id<Risk>> {
        self.0.iter().map(|(risk, _)| risk.id).collect()
    }

    /// As they stand. From the approval on the plan tells who approved it, whatever became of the risks since.
    pub(super) fn planned(&self, state: PlanState) -> Vec<PlannedRisk> {
        let open = matches!(state, PlanState::Draft | PlanState::Submitted);
        let planned = |(risk, kept): &(Risk, Option<Signature>)| match open {
            true => PlannedRisk::of(risk),
            false => PlannedRisk { approval: kept.clone(), ..PlannedRisk::of(risk) },
        };
        self.0.iter().map(planned).collect()
    }

    /// Whether every covered risk lies within.
    pub(super) fn lies_within(&self, within: &Within) -> bool {
        self.0.iter().all(|(risk, _)| Belonging::of(risk).lies_within(within))
    }

    /// The steps that are open to the caller: approving and returning only to the owners (SD-4).
    pub(super) fn open_to(&self, plan: &TreatmentPlan, caller: Option<Id<Person>>, grants: &Grants) -> Vec<PlanAction> {
        // An owner signs for the own risks; everything else is done to the plan as a whole.
        let mut open = grants.open(plan, |within| self.lies_within(within));
        let owners = grants.open(plan, |within| self.0.iter().any(|(risk, _)| Belonging::of(risk).lies_within(within)));
        let signs = caller.is_some_and(|person| plan.may_sign(person).is_ok());
        let owns = caller.is_some_and(|person| plan.is_owners(person));
        open.retain(|action| !matches!(action, PlanAction::Approve | PlanAction::Return));
        open.extend(owners.into_iter().filter(|action| match action {
            PlanAction::Approve => signs,
            PlanAction::Return => owns,
            PlanAction::Revise | PlanAction::Submit | PlanAction::Review | PlanAction::Close | PlanAction::Void => {
                false
            }
        }));
        open
    }
}

/// What the plans of a page cover.
pub(super) fn coverage(
    tx: &mut Tx<'_>,
    plans: Vec<KeyColumn<TreatmentPlan>>,
) -> Outcome<HashMap<KeyColumn<TreatmentPlan>, Coverage>> {
    let mut covered: HashMap<KeyColumn<TreatmentPlan>, Coverage> = HashMap::new();
    if plans.is_empty() {
        return Ok(covered);
    }
    let organization = tx.organization();
    type Linked = (KeyColumn<TreatmentPlan>, KeyColumn<Risk>, Option<DocumentColumn<Signature>>);
    let links: Vec<Linked> = on!(
        tx,
        link::table
            .filter(link::organization_id.eq(organization))
            .filter(link::treatment_plan_id.among(&plans))
            .select((link::treatment_plan_id, link::risk_id, link::approval))
            .load(tx)
    )?;
    let ids: Vec<KeyColumn<Risk>> = links.iter().map(|(_, risk, _)| *risk).collect();
    let risks: HashMap<Id<Risk>, Risk> = risk::these(tx, ids)?.into_iter().map(|risk| (risk.id, risk)).collect();
    for (plan, risk, approval) in links {
        let risk = risks.get(&risk.0).cloned().map(|risk| (risk, approval.map(|approval| approval.0)));
        covered.entry(plan).or_default().0.extend(risk);
    }
    for Coverage(risks) in covered.values_mut() {
        risks.sort_by_key(|(risk, _)| risk.number);
    }
    Ok(covered)
}

/// The covered risks of a plan with all their items, whoever asks; both by number.
pub fn covered(tx: &mut Tx<'_>, plan: &TreatmentPlan) -> Outcome<Vec<Covered>> {
    let risks = risk::these(tx, plan.draft.risk_ids.iter().copied().map(KeyColumn).collect())?;
    let mut items: HashMap<Id<Risk>, Vec<TreatmentItem>> = HashMap::new();
    for item in treatment_item::of_plan(tx, plan.id)? {
        items.entry(item.risk_id).or_default().push(item);
    }
    Ok(risks.into_iter().map(|risk| Covered { items: items.remove(&risk.id).unwrap_or_default(), risk }).collect())
}

/// Of the covered risks those that the caller may read.
pub fn readable(tx: &mut Tx<'_>, plan: &TreatmentPlan) -> Outcome<Vec<Covered>> {
    let within = tx.within(Resource::TreatmentDecision, Verb::Read)?;
    let mut covered = covered(tx, plan)?;
    covered.retain(|covered| Belonging::of(&covered.risk).lies_within(&within));
    Ok(covered)
}

/// The risks that a plan is to cover, by number: open ones, which lie within what the caller may do `verb` to. Those
/// `kept` from before may be closed by now.
pub fn named(tx: &mut Tx<'_>, ids: &BTreeSet<Id<Risk>>, kept: &BTreeSet<Id<Risk>>, verb: Verb) -> Outcome<Vec<Risk>> {
    let readable = tx.within(Resource::TreatmentDecision, Verb::Read)?;
    let mut risks = risk::these(tx, ids.iter().copied().map(KeyColumn).collect())?;
    risks.retain(|risk| {
        let known = kept.contains(&risk.id) || risk.state != RiskState::Closed;
        known && Belonging::of(risk).lies_within(&readable)
    });
    let unknown = ids.iter().enumerate().filter(|(_, id)| risks.iter().all(|risk| risk.id != **id));
    let faults = unknown.map(|(at, _)| Fault::new(format!("/risk_ids/{at}"), Code::UnknownReference)).collect();
    Refusal::unless_empty(faults)?;
    let within = tx.within(Resource::TreatmentDecision, verb)?;
    require_within(risks.iter().all(|risk| Belonging::of(risk).lies_within(&within)))?;
    Ok(risks)
}

/// Writes down which risks a plan covers now.
pub(super) fn name(tx: &mut Tx<'_>, plan: &TreatmentPlan) -> Outcome<()> {
    let (organization, plan_id) = (tx.organization(), KeyColumn(plan.id));
    let old = link::table.filter(link::organization_id.eq(organization)).filter(link::treatment_plan_id.eq(plan_id));
    on!(tx, diesel::delete(old).execute(tx))?;
    for risk in &plan.draft.risk_ids {
        let row = (
            link::organization_id.eq(organization),
            link::treatment_plan_id.eq(plan_id),
            link::risk_id.eq(KeyColumn(*risk)),
        );
        on!(tx, diesel::insert_into(link::table).values(row).execute(tx))?;
    }
    Ok(())
}

/// Keeps the owners' approvals as they were given.
pub(super) fn keep_approvals(tx: &mut Tx<'_>, plan: &TreatmentPlan) -> Outcome<()> {
    for risk in &plan.risks {
        let this = link::table.find((tx.organization(), KeyColumn(plan.id), KeyColumn(risk.id)));
        let approval = risk.approval.clone().map(DocumentColumn);
        on!(tx, diesel::update(this).set(link::approval.eq(approval)).execute(tx))?;
    }
    Ok(())
}
