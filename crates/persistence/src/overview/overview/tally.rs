//! What a register holds, in numbers.

use chrono::{DateTime, Utc};
use diesel::{
    expression::{AsExpression, Expression},
    sql_types::Text,
};

use crate::kernel::columns::{WordColumn, sql};

/// What is counted of a register.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// The caller reads all of it; otherwise a part was counted.
    pub(super) whole: bool,
    /// How many records there are.
    pub(super) records: i64,
    /// How many of them are approved.
    pub(super) approved: Option<i64>,
    /// How many of them were handed in.
    pub(super) submitted: Option<i64>,
    /// How many of them were approved by who prepared them.
    pub(super) self_approved: Option<i64>,
    /// When one of them was approved last.
    pub(super) last_approved_at: Option<DateTime<Utc>>,
}

/// A row of [`signed!`]: all, approved, submitted, approved by who prepared it, the last approval. In JSON a moment is a
/// text in UTC, and the texts are ordered as the days are.
pub(super) type Signed = (i64, i64, i64, i64, Option<WordColumn<DateTime<Utc>>>);

impl Tally {
    /// Of records that nobody approves.
    pub(super) fn plain(whole: bool, records: i64) -> Self {
        Self { whole, records, ..Self::default() }
    }

    /// Of records with a sign-off.
    pub(super) fn signed(whole: bool, signed: Signed) -> Self {
        let (records, approved, submitted, self_approved, last) = signed;
        Self {
            whole,
            records,
            approved: Some(approved),
            submitted: Some(submitted),
            self_approved: Some(self_approved),
            last_approved_at: last.map(|at| at.0),
        }
    }
}

diesel::infix_operator!(Member, " -> ", sql::Document);
diesel::infix_operator!(MemberText, " ->> ", Text);

type Name = <&'static str as AsExpression<Text>>::Expression;

/// What stands under a name in a JSON column, as JSON; both databases write it like this.
pub(super) fn member<E: Expression>(document: E, name: &'static str) -> Member<E, Name> {
    Member::new(document, AsExpression::<Text>::as_expression(name))
}

/// The same for a string, as text.
pub(super) fn member_text<E: Expression>(document: E, name: &'static str) -> MemberText<E, Name> {
    MemberText::new(document, AsExpression::<Text>::as_expression(name))
}

/// Counts the records of a query by their sign-off, as [`Signed`]: one statement, inside [`on!`](crate::on).
macro_rules! signed {
    ($tx:ident, $query:expr, $sign_off:expr) => {{
        use diesel::{
            AggregateExpressionMethods, ExpressionMethods, NullableExpressionMethods, QueryDsl, RunQueryDsl,
            dsl::{count, count_star, max},
        };
        use mamori_domain::kernel::sign_off::SignOffState;
        use $crate::{
            kernel::columns::DocumentColumn,
            overview::overview::tally::{Signed, member, member_text},
        };
        let sign_off = $sign_off.nullable();
        let stands = |state: SignOffState| member(sign_off, "state").eq(DocumentColumn(state)).assume_not_null();
        let own = member(sign_off, "self_approved").eq(DocumentColumn(true)).assume_not_null();
        $query
            .select((
                count_star(),
                count($sign_off).aggregate_filter(stands(SignOffState::Approved)),
                count($sign_off).aggregate_filter(stands(SignOffState::Submitted)),
                count($sign_off).aggregate_filter(own),
                max(member_text(member(sign_off, "approved"), "at")),
            ))
            .get_result::<Signed>($tx)
    }};
}

/// Counts the versions in a table, as far as they are readable, without those that are neither in force nor on their way.
macro_rules! versions_signed {
    ($tx:ident, $table:ident, $search:ident, $readable:expr) => {{
        use mamori_domain::kernel::{id::Id, version::VersionState};
        use $crate::kernel::{columns::WordColumn, versions::Filter};
        let (organization, readable) = ($tx.organization(), $readable);
        let filter = Filter { id: None::<Id<()>>, ..Filter::default() };
        let signed = $crate::on!($tx, {
            let versions = $crate::versions!($table, $search, organization, &filter, readable);
            let gone = [VersionState::Superseded, VersionState::Withdrawn, VersionState::Voided].map(WordColumn);
            let standing = versions.filter($table::state.ne_all(gone));
            $crate::overview::overview::tally::signed!($tx, standing, $table::sign_off)
        })?;
        Tally::signed(readable.is_none(), signed)
    }};
}

pub(super) use {signed, versions_signed};
