//! The entry log (D13; 4.3; R-25): who was in which zone, when, and with whom. The log always records; whether what it
//! records was in order is derived.

use chrono::{DateTime, NaiveDate, NaiveTime, SubsecRound, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use super::zone::Zone;
use crate::{
    access::{Governed, Resource, Verb},
    kernel::{
        date::{date_in, in_bounds},
        id::Id,
        label::{Label, Labelled, label},
        reference::Reference,
        refusal::{Code, Fault, Refusal},
        revision::{Revised, Revision},
        sign_off::Signature,
        text::{Note, Title},
        transition::{Stateful, Transition},
    },
    organization::{department::Department, person::Person},
    planning::rating::Rating,
};

/// One visit to a zone.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EntryLogEntry {
    /// Its id.
    pub id: Id<EntryLogEntry>,
    /// Rises with every change.
    pub revision: Revision,
    /// What was recorded.
    #[serde(flatten)]
    pub draft: EntryLogEntryDraft,
    /// The zone.
    pub zone: Reference,
    /// The person who entered, where it is one of the organization.
    #[schema(required)]
    pub person: Option<Reference>,
    /// Who went along.
    #[schema(required)]
    pub escorted_by: Option<Reference>,
    /// The day of entering, in the organization's zone.
    pub entered_on: NaiveDate,
    /// When that day ends: who is inside then has not left in time.
    pub day_ends_at: DateTime<Utc>,
    /// The zone's level at that time.
    pub security_level: Rating,
    /// Whether the person was listed for the zone at that time.
    pub listed: bool,
    /// In level 2 or 3 without being listed, and with neither an escort who is listed nor a permission.
    pub unattended: bool,
    /// What was not in order.
    pub violation: EntryViolation,
    /// Whether to look into it as an incident.
    pub suggests_incident: bool,
    /// Whether the visit goes on.
    pub state: EntryState,
    /// The department that answers for the visit: that of who entered; of a visitor that of the escort or, without one,
    /// that of who recorded it.
    #[schema(required, value_type = Option<String>, format = Uuid)]
    pub department_id: Option<Id<Department>>,
    /// Who recorded it, and when.
    pub recorded: Signature,
    /// Who declared it void, when and why.
    #[schema(required)]
    pub voided: Option<Signature>,
    /// When what it says about people was erased (7.5.3).
    #[schema(required)]
    pub erased_at: Option<DateTime<Utc>>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<EntryAction>,
    /// When it was recorded.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for EntryLogEntry {
    const RESOURCE: Resource = Resource::EntryLog;
}

impl Revised for EntryLogEntry {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is recorded about a visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EntryLogEntryDraft {
    /// The zone that was entered.
    pub zone_id: Id<Zone>,
    /// Who entered, where it is a person of the organization; otherwise `visitor_name` says.
    #[serde(default)]
    #[schema(required = false)]
    pub person_id: Option<Id<Person>>,
    /// The visitor who entered.
    #[serde(default)]
    #[schema(required = false)]
    pub visitor_name: Option<Title>,
    /// The visitor's company.
    #[serde(default)]
    #[schema(required = false)]
    pub company: Option<Title>,
    /// When; not in the future.
    pub entered_at: DateTime<Utc>,
    /// When they left, where that is known already; not in the future, not before they entered.
    #[serde(default)]
    #[schema(required = false)]
    pub left_at: Option<DateTime<Utc>>,
    /// Who went along.
    #[serde(default)]
    #[schema(required = false)]
    pub escorted_by_id: Option<Id<Person>>,
    /// Who permitted it, and what for; empty where nobody was asked.
    #[serde(default)]
    pub permission: Note,
}

/// What was not in order about a visit: derived, never written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum EntryViolation {
    /// Nothing.
    None,
    /// In level 3 without being listed, without a listed escort, without a permission.
    UnlistedWithoutEscort,
    /// In level 2 or 3, and not left by the end of the day.
    NotLeft,
}

impl Labelled for EntryViolation {
    const NAME: &'static str = "entry_violation";

    fn label(&self) -> Label {
        match self {
            Self::None => label("なし", "none"),
            Self::UnlistedWithoutEscort => label("対象者以外の単独入室", "unlisted without escort"),
            Self::NotLeft => label("退室の記録なし", "not left by the end of the day"),
        }
    }
}

/// Whether a visit goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum EntryState {
    /// It does.
    Inside,
    /// It is over.
    Left,
    /// It was recorded by mistake and does not count.
    Voided,
}

impl Labelled for EntryState {
    const NAME: &'static str = "entry_state";

    fn label(&self) -> Label {
        match self {
            Self::Inside => label("在室", "inside"),
            Self::Left => label("退室済み", "left"),
            Self::Voided => label("無効", "voided"),
        }
    }
}

/// A step of a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum EntryAction {
    /// Record leaving (`/exit`).
    Exit,
    /// Declare a mistaken entry void (`/voiding`).
    Void,
}

impl Labelled for EntryAction {
    const NAME: &'static str = "entry_action";

    fn label(&self) -> Label {
        match self {
            Self::Exit => label("退室", "exit"),
            Self::Void => label("無効化", "void"),
        }
    }
}

/// Leaving completes the record: whoever may make it may complete it, so that people record their own visits. To take one
/// back is the matter of those who keep the log.
impl Stateful for EntryLogEntry {
    type Action = EntryAction;
    type State = EntryState;

    const TRANSITIONS: &'static [Transition<EntryAction, EntryState>] = &[
        Transition {
            action: EntryAction::Exit,
            from: &[EntryState::Inside],
            grant: (Resource::EntryLog, Verb::Create),
        },
        Transition {
            action: EntryAction::Void,
            from: &[EntryState::Inside, EntryState::Left],
            grant: (Resource::EntryLog, Verb::Execute),
        },
    ];

    fn state(&self) -> EntryState {
        self.state
    }
}

/// Who took part in a visit, as the caller has looked it up.
#[derive(Clone, Debug, Default)]
pub struct Party {
    /// The person who entered, where it is one of the organization.
    pub person: Option<Reference>,
    /// Who went along.
    pub escorted_by: Option<Reference>,
    /// The department that answers for the visit.
    pub department_id: Option<Id<Department>>,
}

/// When somebody left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Exit {
    /// When; not in the future, not before they entered.
    pub left_at: DateTime<Utc>,
}

impl EntryLogEntryDraft {
    /// Moments in whole microseconds, as they are kept.
    fn rounded(mut self) -> Self {
        self.entered_at = self.entered_at.trunc_subsecs(6);
        self.left_at = self.left_at.map(|at| at.trunc_subsecs(6));
        self
    }

    fn check(&self, now: DateTime<Utc>) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        if self.person_id.is_some() == self.visitor_name.is_some() {
            faults.push(Fault::new("/person_id", Code::ExactlyOne).with("other", "/visitor_name"));
        }
        if self.person_id.is_some() && self.company.is_some() {
            faults.push(Fault::new("/company", Code::Contradiction));
        }
        if self.person_id.is_some() && self.person_id == self.escorted_by_id {
            faults.push(Fault::new("/escorted_by_id", Code::Contradiction));
        }
        if !in_bounds(self.entered_at.date_naive()) {
            faults.push(Fault::new("/entered_at", Code::OutOfRange));
        } else if self.entered_at > now {
            faults.push(Fault::new("/entered_at", Code::FutureDate));
        }
        faults.extend(self.left_at.and_then(|at| left_too_early_or_late(at, self.entered_at, now)));
        Refusal::unless_empty(faults)
    }
}

fn left_too_early_or_late(left: DateTime<Utc>, entered: DateTime<Utc>, now: DateTime<Utc>) -> Option<Fault> {
    if left > now {
        Some(Fault::new("/left_at", Code::FutureDate))
    } else if left < entered {
        Some(Fault::new("/left_at", Code::DateOrder).with("other", "/entered_at"))
    } else {
        None
    }
}

impl EntryLogEntry {
    /// Records a visit to `zone`, whatever it was: the log never refuses to know. Level and list are kept as they
    /// are now.
    pub fn record(
        draft: EntryLogEntryDraft,
        zone: &Zone,
        party: Party,
        recorded: Signature,
        time_zone: Tz,
    ) -> Result<Self, Refusal> {
        let now = recorded.at;
        let draft = draft.rounded();
        draft.check(now)?;
        let security_level = zone.draft.security_level;
        let listed = draft.person_id.is_some_and(|person| zone.lists(person));
        let escorted = draft.escorted_by_id.is_some_and(|person| zone.lists(person));
        let permitted = !draft.permission.as_str().trim().is_empty();
        let entered_on = date_in(time_zone, draft.entered_at);
        let mut entry = Self {
            id: Id::generate(now),
            revision: 1,
            zone: Reference::new(zone.id, zone.draft.name.as_str()),
            person: party.person,
            escorted_by: party.escorted_by,
            entered_on,
            day_ends_at: end_of(entered_on, time_zone),
            security_level,
            listed,
            unattended: security_level >= Rating::MEDIUM && !(listed || escorted || permitted),
            violation: EntryViolation::None,
            suggests_incident: false,
            state: EntryState::Inside,
            department_id: party.department_id,
            recorded,
            voided: None,
            erased_at: None,
            allowed_actions: Vec::new(),
            draft,
            created_at: now,
            updated_at: now,
        };
        entry.derive(now);
        Ok(entry)
    }

    /// State and violation as of `now`. At level 2 who is not listed may be inside as long as entering and leaving
    /// are recorded; at level 3 they need somebody who is listed, or a permission. What is void violates nothing.
    pub fn derive(&mut self, now: DateTime<Utc>) {
        let overstayed = self.draft.left_at.map_or(self.day_ends_at <= now, |left| left > self.day_ends_at);
        self.state = match (&self.voided, self.draft.left_at) {
            (Some(_), _) => EntryState::Voided,
            (None, Some(_)) => EntryState::Left,
            (None, None) => EntryState::Inside,
        };
        self.violation = if self.voided.is_some() || self.security_level == Rating::LOW {
            EntryViolation::None
        } else if self.unattended && self.security_level == Rating::HIGH {
            EntryViolation::UnlistedWithoutEscort
        } else if overstayed {
            EntryViolation::NotLeft
        } else {
            EntryViolation::None
        };
        self.suggests_incident = self.violation == EntryViolation::UnlistedWithoutEscort;
    }

    /// Records leaving.
    pub fn exit(&mut self, exit: Exit, now: DateTime<Utc>) -> Result<(), Refusal> {
        self.guard(EntryAction::Exit)?;
        let left = exit.left_at.trunc_subsecs(6);
        Refusal::unless_empty(left_too_early_or_late(left, self.draft.entered_at, now).into_iter().collect())?;
        self.draft.left_at = Some(left);
        self.derive(now);
        Ok(())
    }

    /// Erases who it was; that somebody was there, when, and whether it was in order stays (7.5.3).
    pub fn erase(&mut self, now: DateTime<Utc>) {
        (self.person, self.escorted_by) = (None, None);
        (self.draft.person_id, self.draft.escorted_by_id, self.draft.company) = (None, None, None);
        (self.draft.visitor_name, self.draft.permission) = (Some(Title::erased()), Note::default());
        self.erased_at = Some(now);
    }

    /// Declares a mistaken entry void; it stays to be seen, with the reason.
    pub fn void(&mut self, by: Signature, now: DateTime<Utc>) -> Result<(), Refusal> {
        self.guard(EntryAction::Void)?;
        self.voided = Some(by);
        self.derive(now);
        Ok(())
    }
}

/// The moment at which a day ends in a zone. Where the clocks skip midnight, the next day begins an hour later.
fn end_of(day: NaiveDate, time_zone: Tz) -> DateTime<Utc> {
    let midnight = day.succ_opt().unwrap_or(day).and_time(NaiveTime::MIN);
    let skipped = || time_zone.from_local_datetime(&(midnight + TimeDelta::hours(1))).earliest();
    let begins = time_zone.from_local_datetime(&midnight).earliest().or_else(skipped);
    begins.map_or_else(|| midnight.and_utc(), |moment| moment.to_utc())
}

#[cfg(test)]
mod tests;
