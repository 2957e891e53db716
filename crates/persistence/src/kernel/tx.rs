//! A transaction with everything that rides in it: organization, actor, clock, reach.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use mamori_domain::{
    access::{Reach, Resource, Role, Standing, Verb, standing::Held},
    evaluation::audit::Audit,
    identity::principal::Principal,
    kernel::{
        date::date_in,
        id::Id,
        refusal::{Code, Refusal},
        sign_off::Signature,
    },
    organization::{department::Department, organization::Organization, person::Person, position::Position},
    support::education::enrolment::Enrolment,
};

use super::{
    columns::KeyColumn,
    conn::Conn,
    failure::{Failure, Outcome},
};
use crate::organization as tables;

/// Who asks for what, and when.
#[derive(Clone, Debug)]
pub struct Context {
    /// The organization: every query is bound to it.
    pub organization: Id<Organization>,
    /// Its zone, for calendar dates.
    pub time_zone: Tz,
    /// The principal; none for commands and background work.
    pub principal: Option<Id<Principal>>,
    /// The name to show for whoever acts.
    pub actor: Arc<str>,
    /// What the caller holds.
    pub standing: Arc<Standing>,
    /// The one enrolment that the caller reaches, where a learner's link brought them.
    pub enrolment: Option<Id<Enrolment>>,
    /// The operation of the API, or the command.
    pub operation: Arc<str>,
    /// The request.
    pub request_id: Arc<str>,
    /// The time of the request.
    pub now: DateTime<Utc>,
}

/// An open transaction of a [`Context`].
pub struct Tx<'a> {
    conn: &'a mut Conn,
    context: &'a Context,
    territory: Option<Territory>,
}

/// How far the caller's departments and positions reach today.
#[derive(Clone, Debug, Default)]
struct Territory {
    below: BTreeMap<Id<Department>, BTreeSet<Id<Department>>>,
    positions: Vec<Id<Position>>,
}

/// A reach as lists of ids, for a query or a check.
#[derive(Clone, Debug, Default)]
pub struct Within {
    /// Everything.
    pub all: bool,
    /// In these departments.
    pub departments: Vec<KeyColumn<Department>>,
    /// Owned by or assigned to this person (none or one).
    pub persons: Vec<KeyColumn<Person>>,
    /// Owned by these positions.
    pub positions: Vec<KeyColumn<Position>>,
    /// The caller's own records (none or one).
    pub own: Vec<KeyColumn<Person>>,
    /// Published records.
    pub published: bool,
    /// The one audit of a guest (none or one).
    pub audits: Vec<KeyColumn<Audit>>,
}

impl Within {
    /// The whole organization: for what is looked up whoever asks.
    pub fn everything() -> Self {
        Self { all: true, ..Self::default() }
    }

    /// Whether a record of this department and this owner lies within.
    pub fn covers(
        &self,
        department: Option<Id<Department>>,
        person: Option<Id<Person>>,
        position: Option<Id<Position>>,
    ) -> bool {
        self.all
            || department.is_some_and(|id| self.departments.contains(&KeyColumn(id)))
            || person.is_some_and(|id| self.persons.contains(&KeyColumn(id)))
            || position.is_some_and(|id| self.positions.contains(&KeyColumn(id)))
    }
}

impl<'a> Tx<'a> {
    /// `context` on a connection with an open transaction.
    pub fn new(conn: &'a mut Conn, context: &'a Context) -> Self {
        Self { conn, context, territory: None }
    }

    /// The connection; see [`on!`](crate::on).
    pub fn conn(&mut self) -> &mut Conn {
        self.conn
    }

    /// The organization as a column.
    pub fn organization(&self) -> KeyColumn<Organization> {
        KeyColumn(self.context.organization)
    }

    /// Who asks for what.
    pub fn context(&self) -> &'a Context {
        self.context
    }

    /// What the caller holds.
    pub fn standing(&self) -> &'a Standing {
        &self.context.standing
    }

    /// The person who asks.
    pub fn person(&self) -> Outcome<Id<Person>> {
        self.standing().person.ok_or_else(|| Refusal::new(Code::NotGranted).into())
    }

    /// The time.
    pub fn now(&self) -> DateTime<Utc> {
        self.context.now
    }

    /// Today in the organization's zone.
    pub fn today(&self) -> NaiveDate {
        date_in(self.context.time_zone, self.context.now)
    }

    /// The caller's mark, in the roles held today.
    pub fn signature(&self, reason: Option<String>) -> Outcome<Signature> {
        let standing = self.standing();
        let mut posts: Vec<Role> = standing.roles.iter().map(|held| held.role).collect();
        posts.sort();
        posts.dedup();
        Ok(Signature {
            person_id: self.person()?,
            name: self.context.actor.to_string(),
            provisional: !posts.is_empty() && standing.roles.iter().all(|held| held.provisional),
            posts,
            at: self.now(),
            reason,
        })
    }

    /// How far the caller may do `verb` on `resource`, as ids. Nothing at all where it is not granted.
    pub fn within(&mut self, resource: Resource, verb: Verb) -> Outcome<Within> {
        match self.standing().reach(resource, verb) {
            None => Ok(Within::default()),
            Some(Reach { all: true, .. }) => Ok(Within::everything()),
            Some(reach) => {
                let territory = self.territory()?;
                let below = |root: &Id<Department>| territory.below.get(root).into_iter().flatten();
                Ok(Within {
                    all: false,
                    departments: reach.departments.iter().flat_map(below).map(|id| KeyColumn(*id)).collect(),
                    persons: reach.assigned.into_iter().map(KeyColumn).collect(),
                    positions: match reach.assigned {
                        Some(_) => territory.positions.iter().map(|id| KeyColumn(*id)).collect(),
                        None => Vec::new(),
                    },
                    own: reach.own.into_iter().map(KeyColumn).collect(),
                    published: reach.published,
                    audits: reach.assigned.and(self.standing().guest_of).into_iter().map(KeyColumn).collect(),
                })
            }
        }
    }

    /// The departments below the caller's own, and the positions held today: looked up once, when first needed.
    fn territory(&mut self) -> Outcome<Territory> {
        if let Some(territory) = &self.territory {
            return Ok(territory.clone());
        }
        let standing = self.standing();
        let roots: BTreeSet<Id<Department>> =
            standing.roles.iter().filter_map(|held| held.department).chain(standing.department).collect();
        let mut territory = Territory::default();
        for (root, department) in tables::department::below(self, &roots)? {
            territory.below.entry(root).or_default().insert(department);
        }
        if let Some(person) = standing.person {
            territory.positions = tables::position::held_by(self, person)?;
        }
        self.territory = Some(territory.clone());
        Ok(territory)
    }

    /// The caller's mark under a decision that rests on `role`: marked where that role is held provisionally (SD-11),
    /// whatever else the caller holds.
    pub fn signature_as(&self, role: Role, reason: Option<String>) -> Outcome<Signature> {
        let provisional = self.standing().is_provisional(role);
        Ok(Signature { provisional, posts: vec![role], ..self.signature(reason)? })
    }

    /// Runs a part of the work as top management and the secretariat together, who read everything: for figures of the
    /// whole organization that come out alike whoever asks.
    pub fn unbounded<T>(&mut self, work: impl FnOnce(&mut Tx<'_>) -> Outcome<T>) -> Outcome<T> {
        let roles = [Role::TopManagement, Role::IsmsSecretariat].map(Held::plain).to_vec();
        let standing = Standing { roles, ..Standing::default() };
        let context = Context { standing: Arc::new(standing), ..self.context.clone() };
        work(&mut Tx::new(self.conn, &context))
    }

    /// Runs a part of the work in a savepoint: undone alone when it fails.
    pub fn savepoint<T>(&mut self, work: impl FnOnce(&mut Tx<'_>) -> Outcome<T>) -> Outcome<T> {
        let context = self.context;
        self.conn.transaction(|conn| work(&mut Tx::new(conn, context)))
    }
}

/// A record that was read under one reach must also lie within another one: otherwise the caller may see it, but not
/// do this to it.
pub fn require_within(covered: bool) -> Outcome<()> {
    if covered { Ok(()) } else { Err(Failure::from(Refusal::new(Code::OutsideReach))) }
}
