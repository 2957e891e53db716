//! ZON-1 to ZON-4, and what R-25 says about the end of the day.

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
