//! Who holds which role on a day: the organization chart and the descriptions of the roles, read from the appointments.

use diesel::prelude::*;
use mamori_domain::{
    access::Role,
    kernel::{
        page::{Page, PageRequest},
        reference::Reference,
    },
    leadership::{
        appointment::{Appointment, AppointmentKind},
        organization_chart::{OrganizationChart, RoleDescription, SeatHolder},
    },
    organization::{department::Department, person::Person},
};
use uuid::Uuid;

use super::appointment::{DEPUTY, Stage, appointment as a};
use crate::{
    kernel::{
        columns::{KeyColumn, WordColumn},
        failure::Outcome,
        paging::page_of,
        tx::Tx,
    },
    on,
    organization::{department::department as d, person::person as p},
};

/// An approved appointment as it stands on a day.
#[derive(Queryable, Selectable)]
#[diesel(table_name = a)]
struct Seat {
    id: KeyColumn<Appointment>,
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

/// The names of the appointed person, of the deputy and of the department; none of people who do not work here that day.
type Names = (Option<String>, Option<String>, Option<String>);

impl Seat {
    /// The appointed person and the deputy, as far as they hold the role on `day`.
    fn holders(self, names: Names, day: chrono::NaiveDate) -> impl Iterator<Item = (Role, SeatHolder)> {
        let (person, deputy, department) = names;
        let role = self.role.0;
        let appointed = SeatHolder {
            appointment_id: self.id.0,
            person: Reference::new(self.person_id.0, person.clone().unwrap_or_default()),
            department: self.department_id.zip(department).map(|(id, name)| Reference::new(id.0, name)),
            kind: self.kind.0,
            as_deputy: false,
            starts_on: self.starts_on,
            ends_on: self.ends_on,
        };
        let stands_in = self.deputy_person_id.zip(deputy).zip(self.deputy_from).filter(|(_, from)| *from <= day);
        let stands_in = stands_in.filter(|_| self.deputy_until.is_none_or(|until| day <= until));
        let deputy = stands_in.map(|((id, name), from)| SeatHolder {
            person: Reference::new(id.0, name),
            as_deputy: true,
            starts_on: from,
            ends_on: self.deputy_until,
            ..appointed.clone()
        });
        let appointed = person.is_some().then_some(appointed);
        appointed.into_iter().chain(deputy).map(move |holder| (role, holder))
    }
}

/// Who holds which role on `day`, deputies within their period included, by role and first day.
fn seats(tx: &mut Tx<'_>, day: chrono::NaiveDate) -> Outcome<Vec<(Role, SeatHolder)>> {
    let organization = tx.organization();
    let deputy = DEPUTY;
    let seats: Vec<(Seat, Names)> = on!(
        tx,
        a::table
            .left_join(
                p::table.on(p::organization_id
                    .eq(a::organization_id)
                    .and(p::id.eq(a::person_id))
                    .and(p::joined_on.le(day))
                    .and(p::left_on.is_null().or(p::left_on.ge(day)))),
            )
            .left_join(
                deputy.on(deputy
                    .field(p::organization_id)
                    .eq(a::organization_id)
                    .and(deputy.field(p::id).nullable().eq(a::deputy_person_id))
                    .and(deputy.field(p::joined_on).le(day))
                    .and(deputy.field(p::left_on).is_null().or(deputy.field(p::left_on).ge(day)))),
            )
            .left_join(
                d::table.on(d::organization_id.eq(a::organization_id).and(d::id.nullable().eq(a::department_id)))
            )
            .filter(a::organization_id.eq(organization))
            .filter(a::stage.eq(WordColumn(Stage::Approved)))
            .filter(a::starts_on.le(day))
            .filter(a::ends_on.is_null().or(a::ends_on.ge(day)))
            .order((a::role.asc(), a::starts_on.asc(), a::id.asc()))
            .select((Seat::as_select(), (p::name.nullable(), deputy.field(p::name).nullable(), d::name.nullable())))
            .load(tx)
    )?;
    Ok(seats.into_iter().flat_map(|(seat, names)| seat.holders(names, day)).collect())
}

/// The organization chart of `day`.
pub fn chart(tx: &mut Tx<'_>, day: chrono::NaiveDate) -> Outcome<OrganizationChart> {
    Ok(OrganizationChart::of(day, &seats(tx, day)?))
}

/// A page of the roles with what they are for and who holds them today, in the order of the permission matrix.
pub fn descriptions(tx: &mut Tx<'_>, page: &PageRequest) -> Outcome<Page<RoleDescription>> {
    let today = tx.today();
    let descriptions = RoleDescription::all(&seats(tx, today)?);
    page_of(descriptions, page, |description: &RoleDescription| (description.role as usize, Uuid::nil()))
}
