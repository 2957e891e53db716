//! Work items: what waits for somebody, across all modules.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoEnumIterator};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    access::{Resource, Role},
    kernel::{
        label::{Label, Labelled, label},
        reference::Reference,
    },
};

/// Something that waits for somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct WorkItem {
    /// What is to be done.
    pub kind: WorkKind,
    /// Of what kind the record is.
    pub resource: Resource,
    /// The record; the organization where it is still to be made.
    pub record_id: Uuid,
    /// Where the record is read, or is to be made.
    pub path: String,
    /// What to show for it.
    pub title: String,
    /// The clause of ISO/IEC 27001 that it belongs to.
    pub clause: &'static str,
    /// The day by which it is to be done, where there is one.
    #[schema(required)]
    pub due_on: Option<NaiveDate>,
    /// That day has passed.
    pub overdue: bool,
    /// For whom it waits, where that is one person.
    #[schema(required)]
    pub person: Option<Reference>,
    /// Otherwise the role whose holder it waits for; whoever stands in for it may do it too.
    #[schema(required)]
    pub role: Option<Role>,
}

/// What is to be done.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum WorkKind {
    /// Do what was planned.
    CarryOut,
    /// Say that an entry is right.
    Confirm,
    /// Measure how far it is.
    Measure,
    /// Judge it, or judge it again.
    Evaluate,
    /// Approve what somebody else prepared.
    Approve,
    /// Accept a risk as its owner.
    Accept,
    /// Mend what was returned.
    Mend,
    /// Look at it again.
    Review,
}

impl Labelled for WorkKind {
    const NAME: &'static str = "work_kind";

    fn label(&self) -> Label {
        match self {
            Self::CarryOut => label("実施", "carry out"),
            Self::Confirm => label("確認", "confirm"),
            Self::Measure => label("測定", "measure"),
            Self::Evaluate => label("評価", "evaluate"),
            Self::Approve => label("承認", "approve"),
            Self::Accept => label("受容", "accept"),
            Self::Mend => label("差戻しへの対応", "mend"),
            Self::Review => label("見直し", "review"),
        }
    }
}

/// Whose work is asked for.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Assignee {
    /// What the caller may do: as the named person, or in a role held today.
    #[default]
    Me,
    /// What waits for anybody, on records that the caller may read.
    Everybody,
}

impl Labelled for Assignee {
    const NAME: &'static str = "assignee";

    fn label(&self) -> Label {
        match self {
            Self::Me => label("自分", "me"),
            Self::Everybody => label("全員", "everybody"),
        }
    }
}

/// How much of one kind waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct WorkCount {
    /// The kind.
    pub kind: WorkKind,
    /// How many wait.
    pub waiting: usize,
    /// How many of these are overdue.
    pub overdue: usize,
}

/// A page of what waits, with counts of all of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WorkItems {
    /// What is due first comes first; what has no date comes last.
    pub items: Vec<WorkItem>,
    /// Give this as `cursor` for the next page; `null` on the last one.
    #[schema(required)]
    pub next: Option<String>,
    /// How many rows the whole list has; only with `include_total=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, extensions(("x-may-lack" = json!(true))))]
    pub total: Option<i64>,
    /// How much waits, by kind, on all pages.
    pub counts: Vec<WorkCount>,
}

impl WorkItem {
    /// Where it stands in the list: by day, then by kind and record.
    pub fn order(&self) -> ((NaiveDate, WorkKind), Uuid) {
        ((self.due_on.unwrap_or(NaiveDate::MAX), self.kind), self.record_id)
    }

    /// The counts of a whole list, kinds without work left out.
    pub fn counts(items: &[Self]) -> Vec<WorkCount> {
        let count = |kind| {
            let of_kind = || items.iter().filter(move |item| item.kind == kind);
            WorkCount { kind, waiting: of_kind().count(), overdue: of_kind().filter(|item| item.overdue).count() }
        };
        WorkKind::iter().map(count).filter(|count| count.waiting > 0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_first_comes_first_and_kinds_are_counted() {
        let item = |kind, due: Option<&str>| WorkItem {
            kind,
            resource: Resource::Risk,
            record_id: Uuid::nil(),
            path: String::new(),
            title: String::new(),
            clause: "6.1.2",
            due_on: due.map(|day| day.parse().unwrap()),
            overdue: due.is_some_and(|day| day < "2024-04-01"),
            person: None,
            role: Some(Role::IsmsSecretariat),
        };
        let mut items = [
            item(WorkKind::Confirm, None),
            item(WorkKind::Approve, Some("2024-05-01")),
            item(WorkKind::CarryOut, Some("2024-03-01")),
            item(WorkKind::CarryOut, Some("2024-05-01")),
        ];
        items.sort_by_key(WorkItem::order);
        let order: Vec<_> = items.iter().map(|item| item.kind).collect();
        assert_eq!(order, [WorkKind::CarryOut, WorkKind::CarryOut, WorkKind::Approve, WorkKind::Confirm]);
        let counts = WorkItem::counts(&items);
        assert_eq!(counts[0], WorkCount { kind: WorkKind::CarryOut, waiting: 2, overdue: 1 });
        assert_eq!(counts.len(), 3);
    }
}
