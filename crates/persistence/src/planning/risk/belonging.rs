//! To whom a risk belongs, and so for whom it lies within reach.

use diesel::{dsl::Or, prelude::*};
use mamori_domain::{
    kernel::refusal::{Code, Refusal},
    organization::{department::Department, person::Person, position::Position},
    planning::{
        asset::Asset,
        owner::OwnerKind,
        risk::{Risk, RiskDraft},
    },
};

use super::risk as r;
use crate::{
    kernel::{
        among::{Among, AmongExt},
        columns::KeyColumn,
        failure::Outcome,
        tx::{Tx, Within},
    },
    on,
    planning::asset::asset as a,
};

/// To whom a risk belongs: as stated, or as its first asset does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::planning) struct Belonging {
    pub(super) person: Option<KeyColumn<Person>>,
    pub(super) position: Option<KeyColumn<Position>>,
    pub(super) department: Option<KeyColumn<Department>>,
}

impl Belonging {
    /// As a risk was read.
    pub(in crate::planning) fn of(risk: &Risk) -> Self {
        let owner = &risk.risk_owner;
        let (person, position) = match owner.kind {
            OwnerKind::Person => (Some(KeyColumn::of(owner.id)), None),
            OwnerKind::Position => (None, Some(KeyColumn::of(owner.id))),
        };
        Self { person, position, department: risk.department.as_ref().map(|department| KeyColumn::of(department.id)) }
    }

    /// As a draft says, or its first asset. Refused where neither names an owner.
    pub(super) fn resolve(tx: &mut Tx<'_>, draft: &RiskDraft) -> Outcome<Self> {
        let mut belonging = Self {
            person: draft.risk_owner_person_id.map(KeyColumn),
            position: draft.risk_owner_position_id.map(KeyColumn),
            department: draft.department_id.map(KeyColumn),
        };
        let owned = owner_stated(draft);
        if owned && belonging.department.is_some() {
            return Ok(belonging);
        }
        let organization = tx.organization();
        let assets: Vec<KeyColumn<Asset>> = draft.asset_ids.iter().copied().map(KeyColumn).collect();
        type First = (Option<KeyColumn<Person>>, Option<KeyColumn<Position>>, KeyColumn<Department>);
        let first: Option<First> = on!(
            tx,
            a::table
                .filter(a::organization_id.eq(organization))
                .filter(a::id.among(&assets))
                .order(a::number.asc())
                .select((a::risk_owner_person_id, a::risk_owner_position_id, a::managing_department_id))
                .first(tx)
        )
        .optional()?;
        match first {
            Some((person, position, department)) => {
                if !owned {
                    (belonging.person, belonging.position) = (person, position);
                }
                belonging.department = belonging.department.or(Some(department));
            }
            None if !owned => return Err(Refusal::field("/risk_owner_person_id", Code::RequiredHere).into()),
            None => {}
        }
        Ok(belonging)
    }

    pub(in crate::planning) fn lies_within(&self, within: &Within) -> bool {
        within.covers(self.department.map(|id| id.0), self.person.map(|id| id.0), self.position.map(|id| id.0))
    }
}

/// Whether the draft says who owns it.
pub(super) fn owner_stated(draft: &RiskDraft) -> bool {
    draft.risk_owner_person_id.is_some() || draft.risk_owner_position_id.is_some()
}

/// Owned by a person or position within.
type Owned = Or<Among<r::risk_owner_person_id>, Among<r::risk_owner_position_id>>;

fn owned_within(within: &Within) -> Owned {
    r::risk_owner_person_id.among(&within.persons).or(r::risk_owner_position_id.among(&within.positions))
}

/// Whether a risk lies within, as a condition.
pub(crate) fn lies_within(within: &Within) -> Or<Among<r::department_id>, Owned> {
    r::department_id.among(&within.departments).or(owned_within(within))
}

/// Whether any risk is owned by a person or position within.
pub fn is_owner(tx: &mut Tx<'_>, within: &Within) -> Outcome<bool> {
    let owned = r::table.filter(r::organization_id.eq(tx.organization())).filter(owned_within(within));
    Ok(on!(tx, diesel::select(diesel::dsl::exists(owned)).get_result(tx))?)
}
