//! The rows of a round: the open risks while it is written, what it keeps from its submission on.

use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Verb},
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        text::normalized,
    },
    organization::organization::Organization,
    planning::{
        risk::Risk,
        risk_assessment::{AssessmentRow, RiskAssessment},
    },
};

use self::risk_assessment_row as k;
use crate::{
    kernel::{
        columns::{DocumentColumn, KeyColumn},
        failure::Outcome,
        paging::{containing, cut, one_more},
        tx::Tx,
    },
    on,
    planning::risk::{self, lies_within, risk as r},
    sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    risk_assessment_row (organization_id, risk_assessment_id, risk_id) {
        organization_id -> Key,
        risk_assessment_id -> Key,
        risk_id -> Key,
        number -> Integer,
        risk_level -> Integer,
        search -> Text,
        content -> Document,
    }
}

/// `content` is the whole row; the other columns are searched, sorted and joined.
#[derive(Insertable)]
#[diesel(table_name = k, treat_none_as_default_value = false)]
struct Row {
    organization_id: KeyColumn<Organization>,
    risk_assessment_id: KeyColumn<RiskAssessment>,
    risk_id: KeyColumn<Risk>,
    number: i32,
    risk_level: i32,
    search: String,
    content: DocumentColumn<AssessmentRow>,
}

impl Row {
    fn of(row: AssessmentRow, round: Id<RiskAssessment>, organization_id: KeyColumn<Organization>) -> Self {
        let number = row.number.to_string();
        let search = [
            number.as_str(),
            row.risk_source.as_str(),
            row.impact_area.as_str(),
            row.event.as_str(),
            row.cause.as_str(),
            row.consequence.as_str(),
        ];
        Self {
            organization_id,
            risk_assessment_id: KeyColumn(round),
            risk_id: KeyColumn(row.risk_id),
            number: row.number,
            risk_level: i32::from(level_of(&row)),
            search: normalized(&search.join("\n")),
            content: DocumentColumn(row),
        }
    }
}

/// The level before treatment; 0 where it is not known.
fn level_of(row: &AssessmentRow) -> u8 {
    row.initial.map_or(0, |assessment| assessment.risk_level)
}

/// Which rows are asked for.
#[derive(Clone, Debug, Default)]
pub struct RowFilter {
    /// Whose number, source, area, event, cause or consequence contain this.
    pub q: Option<String>,
}

/// A page of the rows of a round, as far as the caller may read their risks; sorts by `number` and `risk_level`.
pub fn rows(
    tx: &mut Tx<'_>,
    round: &RiskAssessment,
    filter: &RowFilter,
    page: &PageRequest,
) -> Outcome<Page<AssessmentRow>> {
    if !round.keeps_rows() {
        let filter = risk::Filter { q: filter.q.clone(), ..risk::Filter::default() };
        return Ok(risk::list(tx, &filter, page)?.map(|risk| AssessmentRow::of(&risk)));
    }
    let within = tx.within(Resource::Risk, Verb::Read)?;
    let organization = tx.organization();
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = k::table
                .inner_join(r::table.on(r::organization_id.eq(k::organization_id).and(r::id.eq(k::risk_id))))
                .filter(k::organization_id.eq(organization))
                .filter(k::risk_assessment_id.eq(KeyColumn(round.id)))
                .into_boxed::<Db>();
            if !within.all {
                query = query.filter(lies_within(&within));
            }
            if let Some(q) = &filter.q {
                query = query.filter(k::search.like(containing(q)).escape('\\'));
            }
            query
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "risk_level" => sorted!(filtered(), page, k::risk_level, k::risk_id, i32),
            _ => sorted!(filtered(), page, k::number, k::risk_id, i32),
        };
        let rows: Vec<DocumentColumn<AssessmentRow>> = query.limit(one_more(page)).select(k::content).load(tx)?;
        (rows, total)
    });
    let rows = rows.into_iter().map(|row| row.0).collect();
    Ok(cut(rows, page, total, |row: &AssessmentRow| match page.sort_field() {
        "risk_level" => (serde_json::json!(level_of(row)), row.risk_id.uuid()),
        _ => (serde_json::json!(row.number), row.risk_id.uuid()),
    }))
}

/// Keeps the rows that a round was handed in with.
pub fn keep_rows(tx: &mut Tx<'_>, round: Id<RiskAssessment>, rows: Vec<AssessmentRow>) -> Outcome<()> {
    let organization = tx.organization();
    for row in rows {
        let row = Row::of(row, round, organization);
        on!(tx, diesel::insert_into(k::table).values(&row).execute(tx))?;
    }
    Ok(())
}

/// Drops the rows of a round that is given back: the next submission takes the risks as they stand then.
pub fn drop_rows(tx: &mut Tx<'_>, round: Id<RiskAssessment>) -> Outcome<()> {
    let kept =
        k::table.filter(k::organization_id.eq(tx.organization())).filter(k::risk_assessment_id.eq(KeyColumn(round)));
    on!(tx, diesel::delete(kept).execute(tx))?;
    Ok(())
}
