//! Appointments to roles of the ISMS (5.3, D17, D18): the appointment *is* the authorization.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use crate::{
    access::{Governed, Resource, Role, Standing},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        reference::Reference,
        refusal::{Code, Fault, Refusal},
        revision::{Revised, Revision},
        sign_off::{SignOff, Signature},
        text::Note,
    },
    organization::{department::Department, person::Person},
    support::competence_check::{CompetenceCheck, CompetenceClass},
};

/// A person in a role, for a time, by decision of whoever appoints to it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Appointment {
    /// Its id.
    pub id: Id<Appointment>,
    /// Rises with every change.
    pub revision: Revision,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: AppointmentDraft,
    /// The person appointed.
    pub person: Reference,
    /// The department, for department managers.
    #[schema(required)]
    pub department: Option<Reference>,
    /// Who stands in.
    #[schema(required)]
    pub deputy: Option<Reference>,
    /// Where it stands on this day.
    pub state: AppointmentState,
    /// Last day; open while `null`.
    #[schema(required)]
    pub ends_on: Option<NaiveDate>,
    /// Why it ended.
    #[schema(required)]
    pub end_reason: Option<String>,
    /// Who proposed and who appointed.
    pub sign_off: SignOff,
    /// The competence check that it rests on.
    #[schema(required, value_type = Option<String>, format = Uuid)]
    pub competence_check_id: Option<Id<CompetenceCheck>>,
    /// Since when it is formal, where it was provisional before (R-15b).
    #[schema(required)]
    pub formal_since: Option<NaiveDate>,
    /// Steps open to the caller.
    #[serde(default)]
    pub allowed_actions: Vec<AppointmentAction>,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for Appointment {
    const RESOURCE: Resource = Resource::Appointment;
}

impl Revised for Appointment {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written about an appointment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AppointmentDraft {
    /// The role; relations (`risk_owner`, `employee`) cannot be appointed to.
    pub role: Role,
    /// The person.
    pub person_id: Id<Person>,
    /// The department; required for `department_manager`, otherwise none.
    #[serde(default)]
    #[schema(required = false)]
    pub department_id: Option<Id<Department>>,
    /// Formal, or provisional until improvement is confirmed.
    #[serde(default)]
    pub kind: AppointmentKind,
    /// First day.
    pub starts_on: NaiveDate,
    /// Who stands in for the person (amendments §1.3).
    #[serde(default)]
    #[schema(required = false)]
    pub deputy_person_id: Option<Id<Person>>,
    /// First day of the deputy.
    #[serde(default)]
    #[schema(required = false)]
    pub deputy_from: Option<NaiveDate>,
    /// Last day of the deputy.
    #[serde(default)]
    #[schema(required = false)]
    pub deputy_until: Option<NaiveDate>,
    /// Remarks.
    #[serde(default)]
    pub remarks: Note,
}

/// Formal or provisional.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AppointmentKind {
    /// 本任命
    #[default]
    Formal,
    /// 仮任命: may act, but approvals are marked (SD-11).
    Provisional,
}

impl Labelled for AppointmentKind {
    const NAME: &'static str = "appointment_kind";

    fn label(&self) -> Label {
        match self {
            Self::Formal => label("本任命", "formal"),
            Self::Provisional => label("仮任命", "provisional"),
        }
    }
}

/// Where an appointment stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AppointmentState {
    /// Waits for whoever appoints to the role.
    Proposed,
    /// Approved, begins on a later day.
    Upcoming,
    /// In force: it grants what the role may do.
    InForce,
    /// Over.
    Ended,
    /// Proposed and not approved.
    Withdrawn,
}

impl Labelled for AppointmentState {
    const NAME: &'static str = "appointment_state";

    fn label(&self) -> Label {
        match self {
            Self::Proposed => label("任命待ち", "proposed"),
            Self::Upcoming => label("開始前", "upcoming"),
            Self::InForce => label("在任", "in force"),
            Self::Ended => label("終了", "ended"),
            Self::Withdrawn => label("取下げ", "withdrawn"),
        }
    }
}

/// A step of an appointment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AppointmentAction {
    /// Appoint (`/approval`).
    Approve,
    /// Change the proposal or the deputy.
    Revise,
    /// End, or withdraw the proposal (`/end`).
    End,
}

impl Labelled for AppointmentAction {
    const NAME: &'static str = "appointment_action";

    fn label(&self) -> Label {
        match self {
            Self::Approve => label("任命", "appoint"),
            Self::Revise => label("変更", "revise"),
            Self::End => label("解任・取下げ", "end"),
        }
    }
}

/// How an appointment ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AppointmentEnd {
    /// Last day in the role.
    pub ends_on: NaiveDate,
    /// Why.
    pub reason: crate::kernel::text::Text,
}

impl Appointment {
    /// Proposes an appointment. It grants nothing until it is approved.
    pub fn propose(draft: AppointmentDraft, by: Signature, now: DateTime<Utc>) -> Result<Self, Refusal> {
        draft.check()?;
        let mut sign_off = SignOff::prepared(by.clone());
        sign_off.submit(by)?;
        Ok(Self {
            id: Id::generate(now),
            revision: 1,
            person: Reference::new(draft.person_id, ""),
            department: None,
            deputy: None,
            state: AppointmentState::Proposed,
            ends_on: None,
            end_reason: None,
            sign_off,
            competence_check_id: None,
            formal_since: None,
            draft,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        })
    }

    /// Changes a proposal; of an appointment in force only deputy and remarks.
    pub fn revise(&mut self, draft: AppointmentDraft) -> Result<(), Refusal> {
        draft.check()?;
        match self.state {
            AppointmentState::Proposed => {}
            AppointmentState::Upcoming | AppointmentState::InForce => {
                let old = &self.draft;
                let faults = [
                    ("/role", draft.role != old.role),
                    ("/person_id", draft.person_id != old.person_id),
                    ("/department_id", draft.department_id != old.department_id),
                    ("/starts_on", draft.starts_on != old.starts_on),
                    ("/kind", draft.kind != old.kind),
                ];
                let faults = faults.into_iter().filter(|(_, changed)| *changed);
                Refusal::unless_empty(faults.map(|(at, _)| Fault::new(at, Code::ReadOnlyField)).collect())?;
            }
            state => return Err(Refusal::wrong_state(state)),
        }
        self.draft = draft;
        Ok(())
    }

    /// In which role this caller appoints to `role`; `None` where they do not. Top management stands in where the role
    /// that appoints has no holder (amendments §1.1); `vacant` tells.
    pub fn appointer(role: Role, caller: &Standing, vacant: impl Fn(Role) -> bool) -> Option<Role> {
        let held = role.appointed_by().iter().copied().find(|by| caller.holds(*by));
        let stands_in = || role.appointed_by().iter().any(|by| vacant(*by)) && caller.holds(Role::TopManagement);
        held.or_else(|| stands_in().then_some(Role::TopManagement))
    }

    /// Appoints. `others` are the appointments of the organization that are in force or upcoming.
    ///
    /// Refused with SD-3 where the person (or the deputy) would hold roles that exclude each other, and where a
    /// single seat is taken.
    pub fn approve(&mut self, by: Signature, others: &[Appointment], today: NaiveDate) -> Result<(), Refusal> {
        if self.state != AppointmentState::Proposed {
            return Err(Refusal::wrong_state(self.state));
        }
        self.check_against(others)?;
        self.sign_off.state = crate::kernel::sign_off::SignOffState::Approved;
        self.sign_off.approved = Some(by);
        self.state = self.state_on(today);
        Ok(())
    }

    /// Rests the proposal on a check, where the role demands one. Refused without an approved one, and where it says that
    /// the person may not be appointed; class B makes the appointment provisional.
    pub fn rest_on(&mut self, check: Option<&CompetenceCheck>, demanded: bool) -> Result<(), Refusal> {
        let Some(check) = check else {
            return if demanded { Err(Refusal::not_ready(["/competence_check_id"]).by("R-15")) } else { Ok(()) };
        };
        match check.appointment_class {
            CompetenceClass::A => {}
            CompetenceClass::B => self.draft.kind = AppointmentKind::Provisional,
            CompetenceClass::C => {
                return Err(Refusal::new(Code::RuleViolated).by("R-15").with("appointment_class", json!("C")));
            }
        }
        self.competence_check_id = Some(check.id);
        Ok(())
    }

    /// A check shows that nothing is lacking any more: the appointment is formal from then on (R-15b).
    pub fn turn_formal(&mut self, check: Id<CompetenceCheck>, from: NaiveDate) {
        self.draft.kind = AppointmentKind::Formal;
        self.formal_since = Some(from.max(self.draft.starts_on));
        self.competence_check_id = Some(check);
    }

    /// SD-3, then single seats.
    pub fn check_against(&self, others: &[Appointment]) -> Result<(), Refusal> {
        let beside = || others.iter().filter(|other| other.id != self.id && self.overlaps(other));
        for other in beside() {
            let people = [Some(self.draft.person_id), self.draft.deputy_person_id];
            let theirs = [Some(other.draft.person_id), other.draft.deputy_person_id];
            let same = people.iter().flatten().any(|person| theirs.iter().flatten().any(|their| their == person));
            if same && self.draft.role.excludes().contains(&other.draft.role) {
                return Err(Refusal::new(Code::RuleViolated).by("SD-3").with("other_role", json!(other.draft.role)));
            }
        }
        for other in beside().filter(|other| other.draft.role == self.draft.role) {
            let single = self.draft.role.is_single_seat();
            let again =
                self.draft.person_id == other.draft.person_id && self.draft.department_id == other.draft.department_id;
            if single || again {
                return Err(Refusal::new(Code::AlreadyExists).with("appointment_id", json!(other.id)));
            }
        }
        Ok(())
    }

    /// Ends the appointment, or withdraws the proposal. An end may be brought forward; moved back it must not come to
    /// lie in the time of `others`, those in force or upcoming (SD-3, single seats).
    pub fn end(&mut self, end: AppointmentEnd, others: &[Appointment]) -> Result<(), Refusal> {
        let moved_back = self.ends_on.is_some_and(|before| before < end.ends_on);
        match self.state {
            AppointmentState::Proposed => self.state = AppointmentState::Withdrawn,
            AppointmentState::Upcoming | AppointmentState::InForce => {
                if end.ends_on < self.draft.starts_on.pred_opt().unwrap_or(self.draft.starts_on) {
                    return Err(Refusal::field("/ends_on", Code::DateOrder).with("other", "starts_on"));
                }
            }
            state => return Err(Refusal::wrong_state(state)),
        }
        self.ends_on = Some(end.ends_on);
        self.end_reason = Some(end.reason.into_string());
        if moved_back { self.check_against(others) } else { Ok(()) }
    }

    /// Where it stands on `day`.
    pub fn state_on(&self, day: NaiveDate) -> AppointmentState {
        match self.state {
            AppointmentState::Proposed if self.sign_off.approved.is_none() => AppointmentState::Proposed,
            AppointmentState::Withdrawn => AppointmentState::Withdrawn,
            _ if self.ends_on.is_some_and(|ends| ends < day) => AppointmentState::Ended,
            _ if day < self.draft.starts_on => AppointmentState::Upcoming,
            _ => AppointmentState::InForce,
        }
    }

    fn overlaps(&self, other: &Self) -> bool {
        let before = |ends: Option<NaiveDate>, starts: NaiveDate| ends.is_some_and(|ends| ends < starts);
        !before(self.ends_on, other.draft.starts_on) && !before(other.ends_on, self.draft.starts_on)
    }
}

impl AppointmentDraft {
    fn check(&self) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        if !self.role.is_appointed() {
            faults.push(Fault::new("/role", Code::NotInList));
        }
        match (self.role.is_of_department(), self.department_id) {
            (true, None) => faults.push(Fault::new("/department_id", Code::RequiredHere)),
            (false, Some(_)) => faults.push(Fault::new("/department_id", Code::Contradiction)),
            _ => {}
        }
        match (self.deputy_person_id, self.deputy_from, self.deputy_until) {
            (None, None, None) => {}
            (None, ..) => faults.push(Fault::new("/deputy_person_id", Code::RequiredHere)),
            (Some(_), None, _) => faults.push(Fault::new("/deputy_from", Code::RequiredHere)),
            (Some(deputy), Some(from), until) => {
                if deputy == self.person_id {
                    faults.push(Fault::new("/deputy_person_id", Code::Contradiction));
                }
                if until.is_some_and(|until| until < from) {
                    faults.push(Fault::new("/deputy_until", Code::DateOrder).with("other", "/deputy_from"));
                }
            }
        }
        Refusal::unless_empty(faults)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn appointed(role: Role, person_id: Id<Person>) -> Appointment {
        let now = DateTime::UNIX_EPOCH;
        let draft = AppointmentDraft {
            role,
            person_id,
            department_id: None,
            kind: AppointmentKind::Formal,
            starts_on: now.date_naive(),
            deputy_person_id: None,
            deputy_from: None,
            deputy_until: None,
            remarks: Note::default(),
        };
        let by =
            Signature { person_id, name: "山田".into(), posts: vec![], at: now, provisional: false, reason: None };
        Appointment::propose(draft, by, now).unwrap()
    }

    #[test]
    fn sd_3_the_audit_manager_does_not_sit_under_the_chair() {
        let person = Id::generate(DateTime::UNIX_EPOCH);
        let manager = appointed(Role::InternalAuditManager, person);
        let secretary = appointed(Role::IsmsSecretariat, person);
        assert_eq!(secretary.check_against(std::slice::from_ref(&manager)).unwrap_err().rule, Some("SD-3"));
        let trainer = appointed(Role::TrainingManager, person);
        assert_eq!(manager.check_against(&[trainer]).unwrap_err().rule, Some("SD-3"));
        assert!(appointed(Role::TrainingManager, person).check_against(&[secretary]).is_ok());
    }

    #[test]
    fn a_single_seat_has_one_holder_at_a_time() {
        let chair = appointed(Role::SecurityCommitteeChair, Id::generate(DateTime::UNIX_EPOCH));
        let second = appointed(Role::SecurityCommitteeChair, Id::generate(DateTime::UNIX_EPOCH));
        assert_eq!(second.check_against(std::slice::from_ref(&chair)).unwrap_err().code, Code::AlreadyExists);
        let mut gone = chair;
        gone.ends_on = second.draft.starts_on.pred_opt();
        assert!(second.check_against(&[gone]).is_ok());
    }
}
