//! What other modules and the whole look at: links, similar ones, figures.

use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Verb},
    improvement::corrective_action::{
        CorrectiveAction,
        figures::{CorrectiveActionFigures, Counted},
        reference_no,
        similar::{Compared, SimilarAction},
        step::CorrectiveActionState,
    },
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        reference::Reference,
    },
};
use uuid::Uuid;

use super::{Row, c, d, lies_within};
use crate::{
    kernel::{
        among::AmongExt,
        columns::{KeyColumn, WordColumn},
        failure::Outcome,
        paging::page_of,
        tx::{Tx, require_within},
    },
    on,
};

/// How many actions of other departments are compared, the latest first.
const MOST: i64 = 1000;

/// A corrective action beside the record that it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkedAction {
    /// The record that it answers.
    pub record_id: Uuid,
    /// The action, by its reference number.
    pub action: Reference,
    /// Where it stands.
    pub state: CorrectiveActionState,
}

/// The corrective actions that answer these records, whoever asks, in the order of their numbers; those that were rejected
/// or cancelled answer nothing.
pub fn of_records(tx: &mut Tx<'_>, resource: Resource, records: &[Uuid]) -> Outcome<Vec<LinkedAction>> {
    let organization = tx.organization();
    let records: Vec<KeyColumn<()>> = records.iter().map(|id| KeyColumn::of(*id)).collect();
    let called_off = CorrectiveActionState::CALLED_OFF.map(WordColumn);
    type Linked = (Option<KeyColumn<()>>, KeyColumn<CorrectiveAction>, i32, i32, WordColumn<CorrectiveActionState>);
    let rows: Vec<Linked> = on!(
        tx,
        c::table
            .filter(c::organization_id.eq(organization))
            .filter(c::source_resource.eq(WordColumn(resource)))
            .filter(c::source_record_id.among(&records))
            .filter(c::state.ne_all(called_off))
            .order(c::ordinal.asc())
            .select((c::source_record_id, c::id, c::fiscal_year, c::serial, c::state))
            .load(tx)
    )?;
    let linked = |(record, id, year, serial, state): Linked| {
        let action = Reference::new(id.0, reference_no(year, serial));
        Some(LinkedAction { record_id: record?.0.uuid(), action, state: state.0 })
    };
    Ok(rows.into_iter().filter_map(linked).collect())
}

/// Whether a corrective action is closed; one that does not exist is not.
pub fn is_closed(tx: &mut Tx<'_>, id: Id<CorrectiveAction>) -> Outcome<bool> {
    let closed = WordColumn(CorrectiveActionState::Closed);
    let found = c::table.find((tx.organization(), KeyColumn(id))).filter(c::state.eq(closed));
    Ok(on!(tx, found.count().get_result::<i64>(tx))? > 0)
}

/// Similar ones of other departments that the caller may read (10.2 b), what has most in common first.
pub fn similar(tx: &mut Tx<'_>, action: &CorrectiveAction, page: &PageRequest) -> Outcome<Page<SimilarAction>> {
    let within = tx.within(Resource::CorrectiveActionRequest, Verb::Read)?;
    let organization = tx.organization();
    let called_off = CorrectiveActionState::CALLED_OFF.map(WordColumn);
    let department = KeyColumn(action.draft.target_department_id);
    let rows: Vec<(Row, String)> = on!(tx, {
        let mut query = c::table
            .inner_join(d::table.on(d::organization_id.eq(c::organization_id).and(d::id.eq(c::target_department_id))))
            .filter(c::organization_id.eq(organization))
            .filter(c::target_department_id.ne(department))
            .filter(c::state.ne_all(called_off))
            .into_boxed::<Db>();
        if !within.all {
            query = query.filter(lies_within(&within));
        }
        query.order(c::ordinal.desc()).limit(MOST).select((Row::as_select(), d::name)).load(tx)
    })?;
    let compared = rows.into_iter().map(|(row, department)| Compared {
        id: row.id.0,
        reference_no: reference_no(row.fiscal_year, row.serial),
        target_department: Reference::new(row.target_department_id.0, department),
        state: row.state.0,
        clause: row.clause,
        control: row.control.map(|control| control.0),
        description: row.content.0.description.into_string(),
        cause: row.round.0.evaluation.map(|evaluation| evaluation.cause.into_string()),
    });
    let similar = compared.filter_map(|other| SimilarAction::of(action, other)).collect();
    page_of(similar, page, |one: &SimilarAction| (one.score, one.id.uuid()))
}

/// The figures of all, or of those issued in a fiscal year (10.1). For those who read every one.
pub fn figures(tx: &mut Tx<'_>, fiscal_year: Option<i32>) -> Outcome<CorrectiveActionFigures> {
    require_within(tx.within(Resource::CorrectiveActionRequest, Verb::Read)?.all)?;
    Ok(CorrectiveActionFigures::of(&counted(tx, fiscal_year)?, tx.today()))
}

/// What is counted of all, or of those issued in a fiscal year, whoever asks.
pub fn counted(tx: &mut Tx<'_>, fiscal_year: Option<i32>) -> Outcome<Vec<Counted>> {
    let organization = tx.organization();
    let rows: Vec<(Row, String)> = on!(tx, {
        let mut query = c::table
            .inner_join(d::table.on(d::organization_id.eq(c::organization_id).and(d::id.eq(c::target_department_id))))
            .filter(c::organization_id.eq(organization))
            .into_boxed::<Db>();
        if let Some(year) = fiscal_year {
            query = query.filter(c::fiscal_year.eq(year));
        }
        query.order(c::ordinal.asc()).select((Row::as_select(), d::name)).load(tx)
    })?;
    let counted = rows
        .into_iter()
        .map(|(row, department)| Counted {
            id: row.id.0.uuid(),
            reference_no: reference_no(row.fiscal_year, row.serial),
            source: row.source.0,
            state: row.state.0,
            department: Reference::new(row.target_department_id.0, department),
            clause: row.clause,
            control: row.control.map(|control| control.0),
            issued_on: row.issued_on,
            due_on: row.due_on,
            closed_on: row.closed_on,
            reopened: !row.earlier_rounds.0.is_empty(),
        })
        .collect();
    Ok(counted)
}
