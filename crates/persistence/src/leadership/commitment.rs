//! How it is kept what the organization recorded about the commitments of top management. The eight items ship: a row
//! is there only from the first record on.

use std::collections::BTreeMap;

use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Role},
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        sign_off::SignOff,
        text::normalized,
    },
    leadership::commitment::{CommitmentAction, CommitmentState, LeadershipCommitment, LeadershipCommitmentDraft},
    organization::organization::Organization,
};

use self::leadership_commitment as c;
use super::appointment::Approvers;
use crate::{
    kernel::{
        columns::{DocumentColumn, KeyColumn, MomentColumn, TextColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::page_of,
        tx::Tx,
    },
    on,
    organization::organization::organization as o,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    leadership_commitment (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        number -> Integer,
        evidence -> Text,
        reviewed_on -> Nullable<Date>,
        sign_off -> Nullable<Document>,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = c, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<LeadershipCommitment>,
    revision: i32,
    number: i32,
    evidence: TextColumn<0, 10_000>,
    reviewed_on: Option<chrono::NaiveDate>,
    sign_off: Option<DocumentColumn<SignOff>>,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(commitment: &LeadershipCommitment, organization_id: KeyColumn<Organization>) -> Self {
        let LeadershipCommitment {
            id,
            revision,
            number,
            label: _,
            draft,
            state: _,
            sign_off,
            allowed_actions: _,
            created_at,
            updated_at,
        } = commitment;
        let LeadershipCommitmentDraft { evidence, reviewed_on } = draft;
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            number: *number,
            evidence: TextColumn(evidence.clone()),
            reviewed_on: *reviewed_on,
            sign_off: sign_off.clone().map(DocumentColumn),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    /// Lays what was recorded over the item as it ships.
    fn lay_over(self, commitment: &mut LeadershipCommitment) {
        commitment.revision = self.revision;
        commitment.draft = LeadershipCommitmentDraft { evidence: self.evidence.0, reviewed_on: self.reviewed_on };
        commitment.sign_off = self.sign_off.map(|sign_off| sign_off.0);
        commitment.created_at = self.created_at.0;
        commitment.updated_at = self.updated_at.0;
        commitment.derive();
    }
}

/// Which items are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Whose label or evidence contains this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// In this state.
    pub state: Option<CommitmentState>,
}

impl Filter {
    fn takes(&self, commitment: &LeadershipCommitment) -> bool {
        let says = |q: &String| {
            let texts = [commitment.label.ja, commitment.label.en, commitment.draft.evidence.as_str()];
            normalized(&texts.join("\n")).contains(&normalized(q))
        };
        self.q.as_ref().is_none_or(says)
            && self.updated_since.is_none_or(|since| commitment.updated_at >= since)
            && self.state.is_none_or(|state| commitment.state == state)
    }
}

/// Who approves: top management alone (SD-5).
pub fn approvers(tx: &mut Tx<'_>) -> Outcome<Approvers> {
    Approvers::along(tx, "SD-5", Role::TopManagement)
}

/// A page of the eight items with the steps open to the caller; sorts by `number` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<LeadershipCommitment>> {
    let mut commitments = all(tx)?;
    commitments.retain(|commitment| filter.takes(commitment));
    match page.sort_field() {
        "updated_at" => page_of(commitments, page, |one: &LeadershipCommitment| (one.updated_at, one.id.uuid())),
        _ => page_of(commitments, page, |one: &LeadershipCommitment| (one.number, one.id.uuid())),
    }
}

/// All eight, by number.
pub fn all(tx: &mut Tx<'_>) -> Outcome<Vec<LeadershipCommitment>> {
    let (grants, approvers) = (Grants::of::<LeadershipCommitment>(tx)?, approvers(tx)?);
    let organization = tx.organization();
    let founded_at: MomentColumn = on!(tx, o::table.find(organization).select(o::created_at).get_result(tx))?;
    let rows: Vec<Row> =
        on!(tx, c::table.filter(c::organization_id.eq(organization)).select(Row::as_select()).load(tx))?;
    let mut recorded: BTreeMap<i32, Row> = rows.into_iter().map(|row| (row.number, row)).collect();
    let mut commitments = LeadershipCommitment::unrecorded(organization.0, founded_at.0);
    for commitment in &mut commitments {
        if let Some(row) = recorded.remove(&commitment.number) {
            row.lay_over(commitment);
        }
        commitment.allowed_actions = grants.open(commitment, |within| within.all);
        let preparer = commitment.sign_off.as_ref().map(|sign_off| sign_off.prepared.person_id);
        let lets = preparer.is_some_and(|preparer| approvers.may_approve(tx.standing(), preparer));
        commitment.allowed_actions.retain(|action| *action != CommitmentAction::Approve || lets);
    }
    Ok(commitments)
}

/// One item.
pub fn find(tx: &mut Tx<'_>, id: Id<LeadershipCommitment>) -> Outcome<Loaded<LeadershipCommitment>> {
    all(tx)?.into_iter().find(|commitment| commitment.id == id).or_not_found().map(Loaded::new)
}

/// Stores a changed item over the revision it was read at: the first record of it makes its row.
pub fn store(tx: &mut Tx<'_>, mut commitment: Loaded<LeadershipCommitment>) -> Outcome<LeadershipCommitment> {
    commitment.revision += 1;
    commitment.updated_at = tx.now();
    let row = Row::of(&commitment, tx.organization());
    let touched = if commitment.original.revision == 1 {
        on!(tx, diesel::insert_into(c::table).values(&row).on_conflict_do_nothing().execute(tx))?
    } else {
        let read = c::table.find((row.organization_id, row.id)).filter(c::revision.eq(commitment.original.revision));
        on!(tx, diesel::update(read).set(&row).execute(tx))?
    };
    unless_stale(touched)?;
    let id = commitment.id;
    tx.record(Resource::LeadershipCommitment, id.uuid(), Some(&commitment.original), &commitment.value)?;
    Ok(find(tx, id)?.value)
}
