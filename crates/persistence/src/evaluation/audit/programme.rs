//! Whether an audit may say that it fulfils a row of a programme.

use chrono::NaiveDate;
use diesel::prelude::*;
use mamori_domain::{
    evaluation::{
        audit::{AuditDraft, FulfilledRow},
        audit_programme::AuditProgrammeDraft,
    },
    kernel::{
        date::{date_in, months_after, months_before},
        numbered,
        refusal::{Code, Refusal},
        version::VersionState,
    },
};

use crate::{
    evaluation::audit_programme::audit_programme as g,
    kernel::{
        columns::{DocumentColumn, KeyColumn, WordColumn},
        failure::Outcome,
        tx::Tx,
    },
    on,
};

/// The fiscal year of the programme that a plan names a row of. Refused where it names none in force, a row that it does not
/// have, or one of another fiscal year than that of the audit or one beside it.
pub(super) fn year_of(tx: &mut Tx<'_>, plan: &AuditDraft) -> Outcome<Option<i32>> {
    let Some(FulfilledRow { programme_id, row }) = plan.programme else { return Ok(None) };
    let named = g::table
        .find((tx.organization(), KeyColumn(programme_id)))
        .filter(g::state.eq(WordColumn(VersionState::InForce)))
        .select((g::starts_on, g::ends_on, g::content));
    let found: Option<(NaiveDate, NaiveDate, DocumentColumn<AuditProgrammeDraft>)> =
        on!(tx, named.first(tx).optional())?;
    let refused = |pointer, code| Err(Refusal::field(pointer, code).into());
    let Some((starts_on, ends_on, programme)) = found else {
        return refused("/programme/programme_id", Code::UnknownReference);
    };
    if !numbered::numbers(&programme.0.rows).contains(&row) {
        return refused("/programme/row", Code::UnknownReference);
    }
    let zone = tx.context().time_zone;
    let day = plan.rows.iter().map(|row| date_in(zone, row.scheduled_at)).min().unwrap_or_else(|| tx.today());
    if !(months_before(starts_on, 12)..=months_after(ends_on, 12)).contains(&day) {
        return refused("/programme/programme_id", Code::Contradiction);
    }
    Ok(Some(programme.0.fiscal_year))
}
