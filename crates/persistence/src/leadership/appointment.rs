//! How appointments are kept, and who holds which role today.

use std::{fmt, str::FromStr};

use diesel::prelude::*;
use mamori_domain::{
    access::{Approver, Holder, Resource, Role, Standing, Verb, approval, standing::Held},
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        reference::Reference,
        refusal::{Code, Refusal, Rule},
        sign_off::{Approval, SignOff, Signature},
        transition::Stateful,
        version::VersionAction,
    },
    leadership::appointment::{Appointment, AppointmentAction, AppointmentDraft, AppointmentKind, AppointmentState},
    organization::{
        department::Department,
        organization::Organization,
        person::{Person, WorkerKind},
    },
    support::competence_check::CompetenceCheck,
};

use self::appointment as a;
use crate::{
    kernel::{
        among::AmongExt,
        columns::{DocumentColumn, KeyColumn, MomentColumn, TextColumn, WordColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{as_written, cut, lower, one_more},
        tx::Tx,
    },
    on,
    organization::{department::department as d, person::person as p},
    sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    appointment (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        role -> Text,
        person_id -> Key,
        department_id -> Nullable<Key>,
        kind -> Text,
        starts_on -> Date,
        ends_on -> Nullable<Date>,
        deputy_person_id -> Nullable<Key>,
        deputy_from -> Nullable<Date>,
        deputy_until -> Nullable<Date>,
        remarks -> Text,
        stage -> Text,
        end_reason -> Nullable<Text>,
        sign_off -> Document,
        competence_check_id -> Nullable<Key>,
        formal_since -> Nullable<Date>,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

/// What is decided about an appointment; its dates then say where it stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Proposed,
    Approved,
    Withdrawn,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Proposed => "proposed",
            Self::Approved => "approved",
            Self::Withdrawn => "withdrawn",
        })
    }
}

impl FromStr for Stage {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        match word {
            "proposed" => Ok(Self::Proposed),
            "approved" => Ok(Self::Approved),
            "withdrawn" => Ok(Self::Withdrawn),
            _ => Err(()),
        }
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = a, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<Appointment>,
    revision: i32,
    role: WordColumn<Role>,
    person_id: KeyColumn<Person>,
    department_id: Option<KeyColumn<Department>>,
    kind: WordColumn<AppointmentKind>,
    starts_on: chrono::NaiveDate,
    ends_on: Option<chrono::NaiveDate>,
    deputy_person_id: Option<KeyColumn<Person>>,
    deputy_from: Option<chrono::NaiveDate>,
    deputy_until: Option<chrono::NaiveDate>,
    remarks: TextColumn<0, 10_000>,
    stage: WordColumn<Stage>,
    end_reason: Option<String>,
    sign_off: DocumentColumn<SignOff>,
    competence_check_id: Option<KeyColumn<CompetenceCheck>>,
    formal_since: Option<chrono::NaiveDate>,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(appointment: &Appointment, organization_id: KeyColumn<Organization>) -> Self {
        let Appointment {
            id,
            revision,
            draft,
            person: _,
            department: _,
            deputy: _,
            state,
            ends_on,
            end_reason,
            sign_off,
            competence_check_id,
            formal_since,
            allowed_actions: _,
            created_at,
            updated_at,
        } = appointment;
        let AppointmentDraft {
            role,
            person_id,
            department_id,
            kind,
            starts_on,
            deputy_person_id,
            deputy_from,
            deputy_until,
            remarks,
        } = draft;
        let stage = match state {
            AppointmentState::Proposed => Stage::Proposed,
            AppointmentState::Withdrawn => Stage::Withdrawn,
            AppointmentState::Upcoming | AppointmentState::InForce | AppointmentState::Ended => Stage::Approved,
        };
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            role: WordColumn(*role),
            person_id: KeyColumn(*person_id),
            department_id: department_id.map(KeyColumn),
            kind: WordColumn(*kind),
            starts_on: *starts_on,
            ends_on: *ends_on,
            deputy_person_id: deputy_person_id.map(KeyColumn),
            deputy_from: *deputy_from,
            deputy_until: *deputy_until,
            remarks: TextColumn(remarks.clone()),
            stage: WordColumn(stage),
            end_reason: end_reason.clone(),
            sign_off: DocumentColumn(sign_off.clone()),
            competence_check_id: competence_check_id.map(KeyColumn),
            formal_since: *formal_since,
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_appointment(self, names: Names, today: chrono::NaiveDate) -> Appointment {
        let (person, deputy, department) = names;
        let mut appointment = Appointment {
            id: self.id.0,
            revision: self.revision,
            person: Reference::new(self.person_id.0, person),
            department: self.department_id.zip(department).map(|(id, name)| Reference::new(id.0, name)),
            deputy: self.deputy_person_id.zip(deputy).map(|(id, name)| Reference::new(id.0, name)),
            state: match self.stage.0 {
                Stage::Proposed => AppointmentState::Proposed,
                Stage::Withdrawn => AppointmentState::Withdrawn,
                Stage::Approved => AppointmentState::InForce,
            },
            ends_on: self.ends_on,
            end_reason: self.end_reason,
            sign_off: self.sign_off.0,
            competence_check_id: self.competence_check_id.map(|id| id.0),
            formal_since: self.formal_since,
            draft: AppointmentDraft {
                role: self.role.0,
                person_id: self.person_id.0,
                department_id: self.department_id.map(|id| id.0),
                kind: self.kind.0,
                starts_on: self.starts_on,
                deputy_person_id: self.deputy_person_id.map(|id| id.0),
                deputy_from: self.deputy_from,
                deputy_until: self.deputy_until,
                remarks: self.remarks.0,
            },
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        };
        appointment.state = appointment.state_on(today);
        appointment
    }
}

/// The names of the person, of the deputy and of the department.
type Names = (String, Option<String>, Option<String>);

diesel::alias! {
    pub(super) const DEPUTY: Alias<Deputy> = p as deputy;
}

/// Which appointments are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<Appointment>>,
    /// Of people whose name contains this.
    pub q: Option<String>,
    /// To this role.
    pub role: Option<Role>,
    /// Of this person.
    pub person: Option<Id<Person>>,
    /// In this state; also where that is ended or withdrawn.
    pub state: Option<AppointmentState>,
    /// Of this department.
    pub department: Option<Id<Department>>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// Also those that ended or were withdrawn.
    pub include_ended: bool,
}

/// A page of appointments with the steps open to the caller; sorts by `role`, `starts_on` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<Appointment>> {
    let (mut appointments, total) = load(tx, filter, page)?;
    let powers = Powers::of_caller(tx)?;
    for appointment in &mut appointments {
        appointment.allowed_actions = powers.open(appointment, tx.standing());
    }
    Ok(cut(appointments, page, total, |appointment: &Appointment| match page.sort_field() {
        "starts_on" => (serde_json::json!(appointment.draft.starts_on), appointment.id.uuid()),
        "updated_at" => (serde_json::json!(appointment.updated_at), appointment.id.uuid()),
        _ => (serde_json::json!(appointment.draft.role), appointment.id.uuid()),
    }))
}

fn load(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<(Vec<Appointment>, Option<i64>)> {
    let (organization, today) = (tx.organization(), tx.today());
    let deputy = DEPUTY;
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = a::table
                .inner_join(p::table.on(p::organization_id.eq(a::organization_id).and(p::id.eq(a::person_id))))
                .left_join(
                    deputy.on(deputy
                        .field(p::organization_id)
                        .eq(a::organization_id)
                        .and(deputy.field(p::id).nullable().eq(a::deputy_person_id))),
                )
                .left_join(
                    d::table.on(d::organization_id.eq(a::organization_id).and(d::id.nullable().eq(a::department_id))),
                )
                .filter(a::organization_id.eq(organization))
                .into_boxed::<Db>();
            if let Some(id) = filter.id {
                query = query.filter(a::id.eq(KeyColumn(id)));
            }
            if let Some(q) = &filter.q {
                // By the name alone: everybody reads appointments, and not everybody the people's addresses.
                query = query.filter(lower(p::name).like(as_written(q)).escape('\\'));
            }
            if let Some(role) = filter.role {
                query = query.filter(a::role.eq(WordColumn(role)));
            }
            if let Some(person) = filter.person {
                query = query.filter(a::person_id.eq(KeyColumn(person)));
            }
            if let Some(department) = filter.department {
                query = query.filter(a::department_id.eq(KeyColumn(department)));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(a::updated_at.ge(MomentColumn(since)));
            }
            let stage = |stage: Stage| a::stage.eq(WordColumn(stage));
            match filter.state {
                None if filter.include_ended => query,
                None => query
                    .filter(a::stage.ne(WordColumn(Stage::Withdrawn)))
                    .filter(a::ends_on.is_null().or(a::ends_on.ge(today))),
                Some(AppointmentState::Proposed) => query.filter(stage(Stage::Proposed)),
                Some(AppointmentState::Withdrawn) => query.filter(stage(Stage::Withdrawn)),
                Some(AppointmentState::Ended) => query.filter(stage(Stage::Approved)).filter(a::ends_on.lt(today)),
                Some(AppointmentState::Upcoming) => query
                    .filter(stage(Stage::Approved))
                    .filter(a::starts_on.gt(today))
                    .filter(a::ends_on.is_null().or(a::ends_on.ge(today))),
                Some(AppointmentState::InForce) => query
                    .filter(stage(Stage::Approved))
                    .filter(a::starts_on.le(today))
                    .filter(a::ends_on.is_null().or(a::ends_on.ge(today))),
            }
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "starts_on" => sorted!(filtered(), page, a::starts_on, a::id, chrono::NaiveDate),
            "updated_at" => sorted!(filtered(), page, a::updated_at, a::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, a::role, a::id, String),
        };
        let rows: Vec<(Row, Names)> = query
            .limit(one_more(page))
            .select((Row::as_select(), (p::name, deputy.field(p::name).nullable(), d::name.nullable())))
            .load(tx)?;
        (rows, total)
    });
    Ok((rows.into_iter().map(|(row, names)| row.into_appointment(names, today)).collect(), total))
}

/// What decides which steps of an appointment are open to the caller.
struct Powers {
    updates: bool,
    approves: bool,
    vacant: Vec<Role>,
}

impl Powers {
    fn of_caller(tx: &mut Tx<'_>) -> Outcome<Self> {
        const APPOINTING: [Role; 3] = [Role::TopManagement, Role::SecurityCommitteeChair, Role::InternalAuditManager];
        let updates = tx.within(Resource::Appointment, Verb::Update)?.all;
        let approves = tx.within(Resource::Appointment, Verb::Approve)?.all;
        let held = if approves { holders(tx, &APPOINTING)? } else { Vec::new() };
        let vacant = APPOINTING.into_iter().filter(|role| held.iter().all(|holder| holder.role != *role)).collect();
        Ok(Self { updates, approves, vacant })
    }

    fn open(&self, appointment: &Appointment, caller: &Standing) -> Vec<AppointmentAction> {
        let role = appointment.draft.role;
        let appoints =
            self.approves && Appointment::appointer(role, caller, |role| self.vacant.contains(&role)).is_some();
        let (approve, change) = match appointment.state {
            AppointmentState::Proposed => (appoints, self.updates),
            AppointmentState::Upcoming | AppointmentState::InForce => (false, appoints),
            AppointmentState::Ended | AppointmentState::Withdrawn => (false, false),
        };
        let steps = [
            (AppointmentAction::Approve, approve),
            (AppointmentAction::Revise, change),
            (AppointmentAction::End, change),
        ];
        steps.into_iter().filter(|(_, open)| *open).map(|(step, _)| step).collect()
    }
}

/// One appointment, also one that is over.
pub fn find(tx: &mut Tx<'_>, id: Id<Appointment>) -> Outcome<Loaded<Appointment>> {
    let filter = Filter { id: Some(id), include_ended: true, ..Filter::default() };
    list(tx, &filter, &PageRequest::one())?.items.pop().or_not_found().map(Loaded::new)
}

/// Adds a new appointment.
pub fn add(tx: &mut Tx<'_>, appointment: &Appointment) -> Outcome<Appointment> {
    let row = Row::of(appointment, tx.organization());
    check_references(tx, &appointment.draft, None)?;
    on!(tx, diesel::insert_into(a::table).values(&row).execute(tx))?;
    tx.record(Resource::Appointment, appointment.id.uuid(), None, appointment)?;
    Ok(find(tx, appointment.id)?.value)
}

/// Stores a changed appointment over the revision it was read at.
pub fn store(tx: &mut Tx<'_>, mut appointment: Loaded<Appointment>) -> Outcome<Appointment> {
    check_references(tx, &appointment.draft, Some(&appointment.original.draft))?;
    appointment.revision += 1;
    appointment.updated_at = tx.now();
    let row = Row::of(&appointment, tx.organization());
    let read = a::table.find((row.organization_id, row.id)).filter(a::revision.eq(appointment.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    tx.record(Resource::Appointment, appointment.id.uuid(), Some(&appointment.original), &appointment.value)?;
    Ok(find(tx, appointment.id)?.value)
}

/// Refuses persons who have left (or are unknown) and unknown departments, where `draft` names other ones than `old`.
fn check_references(tx: &mut Tx<'_>, draft: &AppointmentDraft, old: Option<&AppointmentDraft>) -> Outcome<()> {
    let (organization, today) = (tx.organization(), tx.today());
    let unknown = |pointer: &str| Refusal::field(pointer, Code::UnknownReference).into();
    let persons = [
        ("/person_id", Some(draft.person_id), old.map(|old| old.person_id)),
        ("/deputy_person_id", draft.deputy_person_id, old.and_then(|old| old.deputy_person_id)),
    ];
    for (pointer, person, before) in persons {
        if let Some(person) = person
            && Some(person) != before
        {
            let known = p::table
                .find((organization, KeyColumn(person)))
                .filter(p::worker_kind.ne(WordColumn(WorkerKind::Guest)))
                .filter(p::left_on.is_null().or(p::left_on.ge(today)));
            if !on!(tx, diesel::select(diesel::dsl::exists(known)).get_result::<bool>(tx))? {
                return Err(unknown(pointer));
            }
        }
    }
    if let Some(department) = draft.department_id
        && old.is_none_or(|old| old.department_id != Some(department))
    {
        let known = d::table
            .find((organization, KeyColumn(department)))
            .filter(d::abolished_on.is_null().or(d::abolished_on.gt(today)));
        if !on!(tx, diesel::select(diesel::dsl::exists(known)).get_result::<bool>(tx))? {
            return Err(unknown("/department_id"));
        }
    }
    Ok(())
}

/// Every appointment that is approved and not over: in force, or beginning later.
pub fn current(tx: &mut Tx<'_>) -> Outcome<Vec<Appointment>> {
    let (mut appointments, _) = load(tx, &Filter::default(), &PageRequest::whole())?;
    appointments.retain(|appointment| appointment.state != AppointmentState::Proposed);
    Ok(appointments)
}

/// The provisional appointments of a person to a role turn formal from a day on: a check shows that nothing is lacking
/// any more (R-15b).
pub fn turn_formal(tx: &mut Tx<'_>, check: &CompetenceCheck, from: chrono::NaiveDate) -> Outcome<()> {
    for appointment in current(tx)? {
        let AppointmentDraft { role, person_id, kind, .. } = appointment.draft;
        if role == check.draft.role && person_id == check.draft.person_id && kind == AppointmentKind::Provisional {
            let mut appointment = Loaded::new(appointment);
            appointment.turn_formal(check.id, from);
            store(tx, appointment)?;
        }
    }
    Ok(())
}

/// What of an approved appointment says who holds the role on a day.
#[derive(Queryable, Selectable)]
#[diesel(table_name = a)]
pub(crate) struct Seat {
    role: WordColumn<Role>,
    person_id: KeyColumn<Person>,
    department_id: Option<KeyColumn<Department>>,
    kind: WordColumn<AppointmentKind>,
    starts_on: chrono::NaiveDate,
    ends_on: Option<chrono::NaiveDate>,
    deputy_person_id: Option<KeyColumn<Person>>,
    deputy_from: Option<chrono::NaiveDate>,
    deputy_until: Option<chrono::NaiveDate>,
}

impl Seat {
    /// The role as this person holds it on `day`: appointed, or standing in.
    pub(crate) fn held_by(&self, person: Id<Person>, day: chrono::NaiveDate) -> Option<Held> {
        let in_force = self.starts_on <= day && self.ends_on.is_none_or(|ends| day <= ends);
        let own = self.person_id.0 == person;
        let as_deputy = self.deputy_on(day) == Some(person);
        (in_force && (own || as_deputy)).then(|| Held {
            role: self.role.0,
            department: self.department_id.map(|id| id.0),
            provisional: self.kind.0 == AppointmentKind::Provisional,
            as_deputy: !own,
        })
    }

    /// Who stands in on `day`.
    fn deputy_on(&self, day: chrono::NaiveDate) -> Option<Id<Person>> {
        let now =
            self.deputy_from.is_some_and(|from| from <= day) && self.deputy_until.is_none_or(|until| day <= until);
        self.deputy_person_id.filter(|_| now).map(|id| id.0)
    }
}

/// Who holds these roles today, deputies within their period included. People who do not work here today are left
/// out: what they hold must not keep a role from being filled in by the next one along the chain.
pub fn holders(tx: &mut Tx<'_>, roles: &[Role]) -> Outcome<Vec<Holder>> {
    let (organization, today) = (tx.organization(), tx.today());
    let roles: Vec<WordColumn<Role>> = roles.iter().copied().map(WordColumn).collect();
    let deputy = DEPUTY;
    let seats: Vec<(Seat, Option<String>, Option<String>)> = on!(
        tx,
        a::table
            .left_join(
                p::table.on(p::organization_id
                    .eq(a::organization_id)
                    .and(p::id.eq(a::person_id))
                    .and(p::joined_on.le(today))
                    .and(p::left_on.is_null().or(p::left_on.ge(today)))),
            )
            .left_join(
                deputy.on(deputy
                    .field(p::organization_id)
                    .eq(a::organization_id)
                    .and(deputy.field(p::id).nullable().eq(a::deputy_person_id))
                    .and(deputy.field(p::joined_on).le(today))
                    .and(deputy.field(p::left_on).is_null().or(deputy.field(p::left_on).ge(today)))),
            )
            .filter(a::organization_id.eq(organization))
            .filter(a::role.eq_any(roles))
            .filter(a::stage.eq(WordColumn(Stage::Approved)))
            .filter(a::starts_on.le(today))
            .filter(a::ends_on.is_null().or(a::ends_on.ge(today)))
            .order((a::role.asc(), a::id.asc()))
            .select((Seat::as_select(), p::name.nullable(), deputy.field(p::name).nullable()))
            .load(tx)
    )?;
    let mut holders = Vec::new();
    for (seat, person, deputy) in seats {
        let role = seat.role.0;
        holders.extend(person.map(|name| Holder { role, person: seat.person_id.0, name }));
        holders.extend(seat.deputy_on(today).zip(deputy).map(|(person, name)| Holder { role, person, name }));
    }
    Ok(holders)
}

/// The roles that these people hold today, deputies within their period included.
pub fn held(tx: &mut Tx<'_>, people: &[KeyColumn<Person>]) -> Outcome<Vec<(Id<Person>, Held)>> {
    let (organization, today) = (tx.organization(), tx.today());
    let seats: Vec<Seat> = on!(
        tx,
        a::table
            .filter(a::organization_id.eq(organization))
            .filter(a::stage.eq(WordColumn(Stage::Approved)))
            .filter(a::person_id.among(people).or(a::deputy_person_id.among(people).assume_not_null()))
            .select(Seat::as_select())
            .load(tx)
    )?;
    let of_seat =
        |seat| people.iter().filter_map(move |person| Some((person.0, Seat::held_by(seat, person.0, today)?)));
    Ok(seats.iter().flat_map(of_seat).collect())
}

/// Who may approve what others prepared: the holders of a role and of the seats that stand in for it (amendments §1).
#[derive(Clone, Debug)]
pub struct Approvers {
    duty: Rule,
    first: Role,
    holders: Vec<Holder>,
}

impl Approvers {
    /// Under `duty`, along the chain that begins with `first`.
    pub fn along(tx: &mut Tx<'_>, duty: Rule, first: Role) -> Outcome<Self> {
        Ok(Self { duty, first, holders: holders(tx, &approval::chain(duty, first))? })
    }

    /// The same people under another duty.
    pub fn under(&self, duty: Rule) -> Self {
        Self { duty, ..self.clone() }
    }

    /// In which capacity the caller approves what none of the `barred` may. Refused by the duty, naming who may.
    fn approver(&self, caller: &Standing, barred: &[Id<Person>], reason_given: bool) -> Result<Approver, Refusal> {
        approval::approver(self.duty, self.first, &self.holders, barred, caller, reason_given)
    }

    /// The caller's mark under the approval of what `preparer` prepared, and whether they approve it alone.
    pub fn sign(&self, tx: &Tx<'_>, preparer: Id<Person>, approval: &Approval) -> Outcome<(Signature, bool)> {
        self.sign_barring(tx, &[preparer], approval)
    }

    /// As [`sign`](Self::sign), where others than the preparer must not approve either (SD-8).
    pub fn sign_barring(&self, tx: &Tx<'_>, barred: &[Id<Person>], approval: &Approval) -> Outcome<(Signature, bool)> {
        let reason = approval.reason();
        let approver = self.approver(tx.standing(), barred, reason.is_some())?;
        Ok((tx.signature_as(approver.role, reason)?, approver.alone))
    }

    /// Whether the duty lets the caller approve what `preparer` prepared.
    pub fn may_approve(&self, caller: &Standing, preparer: Id<Person>) -> bool {
        self.may_approve_barring(caller, &[preparer])
    }

    /// As [`may_approve`](Self::may_approve), where others than the preparer must not approve either.
    pub fn may_approve_barring(&self, caller: &Standing, barred: &[Id<Person>]) -> bool {
        self.approver(caller, barred, true).is_ok()
    }

    /// The steps of a version that are open to the caller: approving only where the duty lets them.
    pub fn open<T: Stateful<Action = VersionAction>>(
        &self,
        grants: &Grants,
        caller: &Standing,
        record: &T,
        preparer: Id<Person>,
    ) -> Vec<VersionAction> {
        let mut open = grants.open(record, |within| within.all);
        open.retain(|action| *action != VersionAction::Approve || self.may_approve(caller, preparer));
        open
    }
}

/// Whether nobody holds the role today.
pub fn is_vacant(tx: &mut Tx<'_>, role: Role) -> Outcome<bool> {
    Ok(holders(tx, &[role])?.is_empty())
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    #[test]
    fn a_deputy_holds_the_role_only_within_both_periods() {
        let day = |day| NaiveDate::from_ymd_opt(2026, 4, day).unwrap();
        let somebody = || Id::generate(chrono::DateTime::UNIX_EPOCH);
        let (person, deputy) = (somebody(), somebody());
        let seat = Seat {
            role: WordColumn(Role::SecurityCommitteeChair),
            person_id: KeyColumn(person),
            department_id: None,
            kind: WordColumn(AppointmentKind::Provisional),
            starts_on: day(5),
            ends_on: Some(day(20)),
            deputy_person_id: Some(KeyColumn(deputy)),
            deputy_from: Some(day(1)),
            deputy_until: Some(day(10)),
        };
        let days = |person| -> Vec<u32> { (1..=30).filter(|d| seat.held_by(person, day(*d)).is_some()).collect() };
        assert_eq!(days(person), (5..=20).collect::<Vec<_>>());
        assert_eq!(days(deputy), (5..=10).collect::<Vec<_>>());
        assert!(days(somebody()).is_empty());
        let held = seat.held_by(deputy, day(7)).unwrap();
        assert!(held.as_deputy && held.provisional);
    }
}
