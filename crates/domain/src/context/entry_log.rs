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
mod tests {
    use super::*;
    use crate::context::zone::tests::zone;

    const TOKYO: Tz = chrono_tz::Asia::Tokyo;

    fn at(text: &str) -> DateTime<Utc> {
        format!("2024-04-01T{text}:00+09:00").parse().unwrap()
    }

    fn somebody() -> Id<Person> {
        Id::generate(DateTime::UNIX_EPOCH)
    }

    fn by(now: DateTime<Utc>) -> Signature {
        let (person_id, name) = (somebody(), "記録係".to_owned());
        Signature { person_id, name, posts: Vec::new(), at: now, provisional: false, reason: None }
    }

    fn visitor(zone: &Zone) -> EntryLogEntryDraft {
        EntryLogEntryDraft {
            zone_id: zone.id,
            person_id: None,
            visitor_name: Some(Title::new("来客").unwrap()),
            company: None,
            entered_at: at("10:00"),
            left_at: None,
            escorted_by_id: None,
            permission: Note::default(),
        }
    }

    fn worker(zone: &Zone, person: Id<Person>) -> EntryLogEntryDraft {
        EntryLogEntryDraft { person_id: Some(person), visitor_name: None, ..visitor(zone) }
    }

    fn recorded(draft: EntryLogEntryDraft, zone: &Zone) -> EntryLogEntry {
        EntryLogEntry::record(draft, zone, Party::default(), by(at("12:00")), TOKYO).unwrap()
    }

    #[test]
    fn zon_1_at_level_1_nothing_is_a_violation() {
        let zone = zone(1, &[]);
        let mut entry = recorded(visitor(&zone), &zone);
        entry.derive(at("12:00") + TimeDelta::days(3));
        assert_eq!((entry.violation, entry.unattended), (EntryViolation::None, false), "ZON-1");
    }

    #[test]
    fn zon_2_and_3_at_level_2_who_is_not_listed_is_logged_in_and_out() {
        let zone = zone(2, &[]);
        let mut entry = recorded(worker(&zone, somebody()), &zone);
        assert_eq!((entry.violation, entry.unattended), (EntryViolation::None, true));
        entry.derive(at("12:00") + TimeDelta::days(1));
        assert_eq!(entry.violation, EntryViolation::NotLeft, "ZON-2: no record of leaving");
        entry.exit(Exit { left_at: at("11:00") }, at("12:00") + TimeDelta::days(1)).unwrap();
        assert_eq!((entry.violation, entry.state), (EntryViolation::None, EntryState::Left), "ZON-3");
    }

    #[test]
    fn zon_4_at_level_3_who_is_not_listed_needs_escort_or_permission() {
        let (listed, other) = (somebody(), somebody());
        let zone = zone(3, &[listed]);
        let violation = |draft| recorded(draft, &zone).violation;
        let alone = recorded(worker(&zone, other), &zone);
        assert_eq!((alone.violation, alone.suggests_incident), (EntryViolation::UnlistedWithoutEscort, true), "ZON-4");
        assert_eq!(violation(visitor(&zone)), EntryViolation::UnlistedWithoutEscort);
        assert_eq!(violation(worker(&zone, listed)), EntryViolation::None);
        let with = |person| EntryLogEntryDraft { escorted_by_id: Some(person), ..visitor(&zone) };
        assert_eq!(violation(with(listed)), EntryViolation::None);
        assert_eq!(violation(with(other)), EntryViolation::UnlistedWithoutEscort, "an escort who may not enter either");
        let permission = Note::new("社長、設備の点検").unwrap();
        assert_eq!(violation(EntryLogEntryDraft { permission, ..visitor(&zone) }), EntryViolation::None);
    }

    #[test]
    fn r_25_an_open_visit_is_a_violation_only_after_the_day() {
        let person = somebody();
        let zone = zone(3, &[person]);
        let mut entry = recorded(worker(&zone, person), &zone);
        let violation = |entry: &mut EntryLogEntry, now| {
            entry.derive(now);
            entry.violation
        };
        assert_eq!(violation(&mut entry, at("23:59")), EntryViolation::None);
        let next = at("00:00") + TimeDelta::days(1);
        assert_eq!(violation(&mut entry, next), EntryViolation::NotLeft);
        let mut left = entry.clone();
        left.exit(Exit { left_at: at("18:00") }, next).unwrap();
        assert_eq!(left.violation, EntryViolation::None, "recorded late, left in time");
        let mut late = entry.clone();
        late.exit(Exit { left_at: next + TimeDelta::hours(1) }, next + TimeDelta::hours(2)).unwrap();
        assert_eq!(late.violation, EntryViolation::NotLeft, "it stays one");
        entry.void(by(next), next).unwrap();
        assert_eq!((entry.violation, entry.state), (EntryViolation::None, EntryState::Voided));
        assert_eq!(entry.exit(Exit { left_at: next }, next).unwrap_err().code, Code::WrongState);
    }

    #[test]
    fn the_day_ends_where_the_organization_is() {
        let day = NaiveDate::from_ymd_opt(2024, 4, 1).unwrap();
        assert_eq!(end_of(day, TOKYO), "2024-04-01T15:00:00Z".parse::<DateTime<Utc>>().unwrap());
        // The clocks of Beirut went from midnight to one o'clock on 31 March 2024.
        let day = NaiveDate::from_ymd_opt(2024, 3, 30).unwrap();
        let beirut = end_of(day, chrono_tz::Asia::Beirut);
        assert_eq!(beirut, "2024-03-30T22:00:00Z".parse::<DateTime<Utc>>().unwrap());
    }

    #[test]
    fn one_who_entered_and_moments_in_order() {
        let zone = zone(2, &[]);
        let person = somebody();
        let faults = |draft| -> Vec<(String, Code)> {
            let refusal = EntryLogEntry::record(draft, &zone, Party::default(), by(at("12:00")), TOKYO).unwrap_err();
            refusal.errors.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
        };
        let fault = |pointer: &str, code| vec![(pointer.to_owned(), code)];
        let both = EntryLogEntryDraft { person_id: Some(person), ..visitor(&zone) };
        assert_eq!(faults(both), fault("/person_id", Code::ExactlyOne));
        let nobody = EntryLogEntryDraft { visitor_name: None, ..visitor(&zone) };
        assert_eq!(faults(nobody), fault("/person_id", Code::ExactlyOne));
        let own = EntryLogEntryDraft { escorted_by_id: Some(person), ..worker(&zone, person) };
        assert_eq!(faults(own), fault("/escorted_by_id", Code::Contradiction));
        let later = EntryLogEntryDraft { entered_at: at("12:01"), ..visitor(&zone) };
        assert_eq!(faults(later), fault("/entered_at", Code::FutureDate));
        let early = EntryLogEntryDraft { left_at: Some(at("09:59")), ..visitor(&zone) };
        assert_eq!(faults(early), fault("/left_at", Code::DateOrder));
    }
}
