//! How runs of operation checklists are kept: they are added, and never change.

use chrono::NaiveDate;
use diesel::prelude::*;
use mamori_domain::{
    access::Resource,
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        sign_off::Signature,
        text::Text,
    },
    operation::{
        checklist::OperationChecklist,
        checklist_run::{ChecklistRun, ChecklistRunDraft, ItemResult},
    },
    organization::organization::Organization,
};

use self::checklist_run as r;
use super::checklist;
use crate::{
    kernel::{
        columns::{DocumentColumn, KeyColumn, MomentColumn, TextColumn},
        failure::{OrNotFound, Outcome},
        loaded::Loaded,
        paging::{cut, one_more},
        tx::Tx,
    },
    on, sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    checklist_run (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        checklist_id -> Key,
        performed_on -> Date,
        results -> Document,
        remarks -> Text,
        items -> Document,
        not_ok -> Integer,
        performed_by -> Document,
        created_at -> Moment,
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = r, treat_none_as_default_value = false)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<ChecklistRun>,
    checklist_id: KeyColumn<OperationChecklist>,
    performed_on: NaiveDate,
    results: DocumentColumn<Vec<ItemResult>>,
    remarks: TextColumn<0, 10_000>,
    items: DocumentColumn<Vec<Text>>,
    not_ok: i32,
    performed_by: DocumentColumn<Signature>,
    created_at: MomentColumn,
}

impl Row {
    fn of(run: &ChecklistRun, organization_id: KeyColumn<Organization>) -> Self {
        let ChecklistRun {
            id,
            revision: _,
            checklist_id,
            draft,
            items,
            not_ok,
            performed_by,
            created_at,
            updated_at: _,
        } = run;
        let ChecklistRunDraft { performed_on, results, remarks } = draft;
        Self {
            organization_id,
            id: KeyColumn(*id),
            checklist_id: KeyColumn(*checklist_id),
            performed_on: *performed_on,
            results: DocumentColumn(results.clone()),
            remarks: TextColumn(remarks.clone()),
            items: DocumentColumn(items.clone()),
            not_ok: *not_ok,
            performed_by: DocumentColumn(performed_by.clone()),
            created_at: MomentColumn(*created_at),
        }
    }

    fn into_run(self) -> ChecklistRun {
        ChecklistRun {
            id: self.id.0,
            revision: 1,
            checklist_id: self.checklist_id.0,
            draft: ChecklistRunDraft {
                performed_on: self.performed_on,
                results: self.results.0,
                remarks: self.remarks.0,
            },
            items: self.items.0,
            not_ok: self.not_ok,
            performed_by: self.performed_by.0,
            created_at: self.created_at.0,
            updated_at: self.created_at.0,
        }
    }
}

/// Which runs are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<ChecklistRun>>,
    /// Entered since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// Of this checklist.
    pub checklist: Option<Id<OperationChecklist>>,
    /// Whether something was not in order.
    pub not_ok: Option<bool>,
}

/// A page of runs; sorts by `performed_on` and `updated_at`. Whoever reads a checklist reads its runs: who asks for
/// those of one has found it before.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<ChecklistRun>> {
    let organization = tx.organization();
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = r::table.filter(r::organization_id.eq(organization)).into_boxed::<Db>();
            if let Some(id) = filter.id {
                query = query.filter(r::id.eq(KeyColumn(id)));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(r::created_at.ge(MomentColumn(since)));
            }
            if let Some(checklist) = filter.checklist {
                query = query.filter(r::checklist_id.eq(KeyColumn(checklist)));
            }
            match filter.not_ok {
                None => query,
                Some(true) => query.filter(r::not_ok.gt(0)),
                Some(false) => query.filter(r::not_ok.eq(0)),
            }
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "updated_at" => sorted!(filtered(), page, r::created_at, r::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, r::performed_on, r::id, NaiveDate),
        };
        let rows: Vec<Row> = query.limit(one_more(page)).select(Row::as_select()).load(tx)?;
        (rows, total)
    });
    let runs = rows.into_iter().map(Row::into_run).collect();
    Ok(cut(runs, page, total, |run: &ChecklistRun| match page.sort_field() {
        "updated_at" => (serde_json::json!(run.updated_at), run.id.uuid()),
        _ => (serde_json::json!(run.draft.performed_on), run.id.uuid()),
    }))
}

/// One run of a checklist that the caller may read.
pub fn find(tx: &mut Tx<'_>, id: Id<ChecklistRun>) -> Outcome<ChecklistRun> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    let run = list(tx, &filter, &PageRequest::one())?.items.pop().or_not_found()?;
    checklist::find(tx, run.checklist_id)?;
    Ok(run)
}

/// Adds a run; its checklist follows.
pub fn add(tx: &mut Tx<'_>, run: &ChecklistRun, mut checklist: Loaded<OperationChecklist>) -> Outcome<ChecklistRun> {
    let row = Row::of(run, tx.organization());
    on!(tx, diesel::insert_into(r::table).values(&row).execute(tx))?;
    tx.record(Resource::AnnualPlan, run.id.uuid(), None, run)?;
    checklist.was_run(run, tx.today())?;
    checklist::store(tx, checklist)?;
    find(tx, run.id)
}
