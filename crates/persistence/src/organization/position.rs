//! How positions and their holders are kept.

use std::collections::HashMap;

use diesel::prelude::*;
use mamori_domain::{
    access::Resource,
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        reference::Reference,
        refusal::{Code, Refusal},
        text::normalized,
    },
    organization::{
        department::Department,
        organization::Organization,
        person::Person,
        position::{Position, PositionDraft, PositionHolder},
    },
};

use self::{position as pos, position_holder as holder};
use super::{
    department::{self as departments, department as d},
    person::person as p,
};
use crate::{
    kernel::{
        among::AmongExt,
        columns::{KeyColumn, MomentColumn, TextColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{containing, cut, one_more},
        tx::Tx,
    },
    on, sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    position (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        title -> Text,
        title_key -> Text,
        department_id -> Key,
        is_head -> Bool,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    position_holder (organization_id, position_id, starts_on) {
        organization_id -> Key,
        position_id -> Key,
        starts_on -> Date,
        ends_on -> Nullable<Date>,
        person_id -> Key,
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = pos, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<Position>,
    revision: i32,
    title: TextColumn<1, 200>,
    title_key: String,
    department_id: KeyColumn<Department>,
    is_head: bool,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

#[derive(Insertable)]
#[diesel(table_name = holder, treat_none_as_default_value = false)]
struct HolderRow {
    organization_id: KeyColumn<Organization>,
    position_id: KeyColumn<Position>,
    starts_on: chrono::NaiveDate,
    ends_on: Option<chrono::NaiveDate>,
    person_id: KeyColumn<Person>,
}

impl Row {
    fn of(position: &Position, organization_id: KeyColumn<Organization>) -> Self {
        let Position {
            id,
            revision,
            draft,
            department: _,
            holder: _,
            holders: _,
            allowed_actions: _,
            created_at,
            updated_at,
        } = position;
        let PositionDraft { title, department_id, is_head } = draft;
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            title: TextColumn(title.clone()),
            title_key: normalized(title.as_str()),
            department_id: KeyColumn(*department_id),
            is_head: *is_head,
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_position(
        self,
        department: String,
        holders: Vec<PositionHolder>,
        today: chrono::NaiveDate,
        grants: &Grants,
    ) -> Position {
        let mut position = Position {
            id: self.id.0,
            revision: self.revision,
            department: Reference::new(self.department_id.0, department),
            draft: PositionDraft { title: self.title.0, department_id: self.department_id.0, is_head: self.is_head },
            holder: None,
            holders,
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        };
        position.holder = position.holder_on(today).cloned();
        position.allowed_actions = grants.open(&position, |within| within.all);
        position
    }
}

/// Which positions are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<Position>>,
    /// Whose title contains this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// Of this department.
    pub department: Option<Id<Department>>,
}

/// A page of positions; sorts by `title` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<Position>> {
    let grants = Grants::of::<Position>(tx)?;
    let (organization, today) = (tx.organization(), tx.today());
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = pos::table
                .inner_join(d::table.on(d::organization_id.eq(pos::organization_id).and(d::id.eq(pos::department_id))))
                .filter(pos::organization_id.eq(organization))
                .into_boxed::<Db>();
            if let Some(id) = filter.id {
                query = query.filter(pos::id.eq(KeyColumn(id)));
            }
            if let Some(q) = &filter.q {
                query = query.filter(pos::title_key.like(containing(q)).escape('\\'));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(pos::updated_at.ge(MomentColumn(since)));
            }
            if let Some(department) = filter.department {
                query = query.filter(pos::department_id.eq(KeyColumn(department)));
            }
            query
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "updated_at" => sorted!(filtered(), page, pos::updated_at, pos::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, pos::title, pos::id, String),
        };
        let rows: Vec<(Row, String)> = query.limit(one_more(page)).select((Row::as_select(), d::name)).load(tx)?;
        (rows, total)
    });
    let mut holders = holders_of(tx, rows.iter().map(|(row, _)| row.id).collect())?;
    let positions = rows
        .into_iter()
        .map(|(row, department)| {
            let held = holders.remove(&row.id).unwrap_or_default();
            row.into_position(department, held, today, &grants)
        })
        .collect();
    Ok(cut(positions, page, total, |position: &Position| match page.sort_field() {
        "updated_at" => (serde_json::json!(position.updated_at), position.id.uuid()),
        _ => (serde_json::json!(position.draft.title), position.id.uuid()),
    }))
}

fn holders_of(
    tx: &mut Tx<'_>,
    positions: Vec<KeyColumn<Position>>,
) -> Outcome<HashMap<KeyColumn<Position>, Vec<PositionHolder>>> {
    let organization = tx.organization();
    type Held = (KeyColumn<Position>, chrono::NaiveDate, Option<chrono::NaiveDate>, KeyColumn<Person>, String);
    let rows: Vec<Held> = on!(
        tx,
        holder::table
            .inner_join(p::table.on(p::organization_id.eq(holder::organization_id).and(p::id.eq(holder::person_id))))
            .filter(holder::organization_id.eq(organization))
            .filter(holder::position_id.among(&positions))
            .order((holder::position_id.asc(), holder::starts_on.asc()))
            .select((holder::position_id, holder::starts_on, holder::ends_on, p::id, p::name))
            .load(tx)
    )?;
    let mut holders: HashMap<_, Vec<_>> = HashMap::new();
    for (position, starts_on, ends_on, person, name) in rows {
        let held = PositionHolder { person: Reference::new(person.0, name), starts_on, ends_on };
        holders.entry(position).or_default().push(held);
    }
    Ok(holders)
}

/// One position.
pub fn find(tx: &mut Tx<'_>, id: Id<Position>) -> Outcome<Loaded<Position>> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    list(tx, &filter, &PageRequest::one())?.items.pop().or_not_found().map(Loaded::new)
}

/// The position with this title, as people write it; where several departments have one, the first.
pub fn by_title(tx: &mut Tx<'_>, title: &str) -> Outcome<Option<Id<Position>>> {
    let organization = tx.organization();
    let id: Option<KeyColumn<Position>> = on!(
        tx,
        pos::table
            .filter(pos::organization_id.eq(organization))
            .filter(pos::title_key.eq(normalized(title)))
            .order(pos::id.asc())
            .select(pos::id)
            .first(tx)
    )
    .optional()?;
    Ok(id.map(|id| id.0))
}

/// The positions that a person holds today.
pub fn held_by(tx: &mut Tx<'_>, person: Id<Person>) -> Outcome<Vec<Id<Position>>> {
    let (organization, today) = (tx.organization(), tx.today());
    let ids: Vec<KeyColumn<Position>> = on!(
        tx,
        holder::table
            .filter(holder::organization_id.eq(organization))
            .filter(holder::person_id.eq(KeyColumn(person)))
            .filter(holder::starts_on.le(today))
            .filter(holder::ends_on.is_null().or(holder::ends_on.ge(today)))
            .select(holder::position_id)
            .load(tx)
    )?;
    Ok(ids.into_iter().map(|id| id.0).collect())
}

/// Who holds one of these positions today, with the position.
pub(crate) fn holders(tx: &mut Tx<'_>, positions: &[Id<Position>]) -> Outcome<Vec<(Id<Person>, Id<Position>)>> {
    let (organization, today) = (tx.organization(), tx.today());
    let positions: Vec<KeyColumn<Position>> = positions.iter().copied().map(KeyColumn).collect();
    let held: Vec<(KeyColumn<Person>, KeyColumn<Position>)> = on!(
        tx,
        holder::table
            .filter(holder::organization_id.eq(organization))
            .filter(holder::position_id.among(&positions))
            .filter(holder::starts_on.le(today))
            .filter(holder::ends_on.is_null().or(holder::ends_on.ge(today)))
            .select((holder::person_id, holder::position_id))
            .load(tx)
    )?;
    Ok(held.into_iter().map(|(person, position)| (person.0, position.0)).collect())
}

/// Adds a new position.
pub fn add(tx: &mut Tx<'_>, position: &Position) -> Outcome<Position> {
    check(tx, position, None)?;
    let row = Row::of(position, tx.organization());
    on!(tx, diesel::insert_into(pos::table).values(&row).execute(tx))?;
    tx.record(Resource::Position, position.id.uuid(), None, position)?;
    Ok(find(tx, position.id)?.value)
}

/// Stores a changed position, with its holders, over the revision it was read at.
pub fn store(tx: &mut Tx<'_>, mut position: Loaded<Position>) -> Outcome<Position> {
    check(tx, &position, Some(&position.original.draft))?;
    position.revision += 1;
    position.updated_at = tx.now();
    let row = Row::of(&position, tx.organization());
    let read = pos::table.find((row.organization_id, row.id)).filter(pos::revision.eq(position.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    if position.holders != position.original.holders {
        let old = holder::table
            .filter(holder::organization_id.eq(row.organization_id))
            .filter(holder::position_id.eq(row.id));
        on!(tx, diesel::delete(old).execute(tx))?;
        for held in &position.holders {
            let held = HolderRow {
                organization_id: row.organization_id,
                position_id: row.id,
                starts_on: held.starts_on,
                ends_on: held.ends_on,
                person_id: KeyColumn::of(held.person.id),
            };
            on!(tx, diesel::insert_into(holder::table).values(&held).execute(tx))?;
        }
    }
    tx.record(Resource::Position, position.id.uuid(), Some(&position.original), &position.value)?;
    Ok(find(tx, position.id)?.value)
}

/// Refuses a department (other than that of `old`) that does not exist, a title that the department has already, and a
/// second head.
fn check(tx: &mut Tx<'_>, position: &Position, old: Option<&PositionDraft>) -> Outcome<()> {
    let PositionDraft { title, department_id, is_head } = &position.draft;
    if old.is_none_or(|old| old.department_id != *department_id) {
        departments::require(tx, *department_id, "/department_id")?;
    }
    let organization = tx.organization();
    let others: Vec<(KeyColumn<Position>, String, bool)> = on!(
        tx,
        pos::table
            .filter(pos::organization_id.eq(organization))
            .filter(pos::department_id.eq(KeyColumn(*department_id)))
            .filter(pos::id.ne(KeyColumn(position.id)))
            .select((pos::id, pos::title_key, pos::is_head))
            .load(tx)
    )?;
    let key = normalized(title.as_str());
    for (other, title_key, heads) in others {
        let field = match (title_key == key, *is_head && heads) {
            (true, _) => "/title",
            (_, true) => "/is_head",
            _ => continue,
        };
        let taken = Refusal::new(Code::AlreadyExists).with("field", field).with("id", other.0.to_string());
        return Err(taken.into());
    }
    Ok(())
}
