use super::*;

fn somebody() -> Signature {
    let at = DateTime::UNIX_EPOCH;
    let person_id = Id::generate(at);
    Signature { person_id, name: "木村".into(), posts: vec![], at, provisional: false, reason: None }
}

fn theme(theme: EducationTheme) -> ProgrammeTheme {
    ProgrammeTheme { theme: Some(theme), own_theme: None, timings: BTreeSet::new(), content: Note::default() }
}

fn own(title: &str) -> ProgrammeTheme {
    let own_theme = Some(Title::new(title).unwrap());
    ProgrammeTheme { theme: None, own_theme, timings: BTreeSet::new(), content: Note::default() }
}

fn event(on: EducationTheme, planned_for: &str) -> ProgrammeEvent {
    ProgrammeEvent {
        theme: Some(on),
        own_theme: None,
        planned_for: planned_for.parse().unwrap(),
        method: Title::new("eラーニング").unwrap(),
        held_by: Title::new("人事部").unwrap(),
    }
}

fn draft() -> EducationProgrammeDraft {
    EducationProgrammeDraft {
        fiscal_year: 2024,
        revises_id: None,
        revision_reason: Note::default(),
        owner_id: somebody().person_id,
        audience: ProgrammeAudience::default(),
        themes: EducationTheme::iter().map(theme).collect(),
        events: vec![event(EducationTheme::Compliance, "2024-10")],
        remarks: Note::default(),
    }
}

fn plan(draft: EducationProgrammeDraft) -> Result<EducationProgramme, Refusal> {
    EducationProgramme::draft(draft, 1, 4, somebody(), DateTime::UNIX_EPOCH)
}

fn faults(draft: EducationProgrammeDraft) -> Vec<(String, Code)> {
    plan(draft).unwrap_err().errors.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
}

#[test]
fn edu_1_a_programme_has_the_five_themes_with_their_timings() {
    let programme = plan(draft()).unwrap();
    assert_eq!(
        (programme.starts_on.to_string(), programme.ends_on.to_string()),
        ("2024-04-01".into(), "2025-03-31".into())
    );
    let briefing = programme.draft.themes[0].timings.iter().copied().collect::<Vec<_>>();
    assert_eq!(briefing, [EducationTiming::OnJoining, EducationTiming::DuringEmployment]);
}

#[test]
fn edu_2_a_missing_theme_is_named() {
    let mut short = draft();
    short.themes.pop();
    short.events.clear();
    let refused = plan(short).unwrap_err();
    assert_eq!(refused.errors.len(), 1);
    assert_eq!(
        (refused.errors[0].pointer.as_str(), &refused.errors[0].params["missing"]),
        ("/themes", &"compliance".into())
    );
}

#[test]
fn themes_and_events_name_each_other_and_the_year() {
    let mut faulty = draft();
    faulty.themes.extend([own("在宅勤務"), own("在宅勤務"), theme(EducationTheme::Compliance)]);
    faulty.themes.push(ProgrammeTheme { own_theme: None, theme: None, ..own("何もない") });
    faulty.events.push(event(EducationTheme::ThreatAlert, "2025-04"));
    let unknown = ProgrammeEvent {
        own_theme: Some(Title::new("持ち出し").unwrap()),
        theme: None,
        ..event(EducationTheme::ThreatAlert, "2024-04-01")
    };
    faulty.events.push(unknown);
    let expected = [
        ("/themes/5/timings", Code::RequiredHere),
        ("/themes/6/own_theme", Code::Duplicate),
        ("/themes/7/theme", Code::Duplicate),
        ("/themes/8", Code::ExactlyOne),
        ("/events/1/planned_for", Code::OutOfRange),
        ("/events/2/own_theme", Code::UnknownReference),
    ];
    assert_eq!(faults(faulty), expected.map(|(at, code)| (at.to_owned(), code)));
}

#[test]
fn a_revision_says_why_and_stays_in_its_year() {
    let revises_id = Some(plan(draft()).unwrap().id);
    let revision = EducationProgrammeDraft { revises_id, ..draft() };
    assert_eq!(faults(revision.clone()), [("/revision_reason".to_owned(), Code::RequiredHere)]);
    let revision_reason = Note::new("法律が改められた").unwrap();
    let mut programme = plan(EducationProgrammeDraft { revision_reason, ..revision }).unwrap();
    let other = EducationProgrammeDraft { fiscal_year: 2025, revises_id: None, ..programme.draft.clone() };
    assert_eq!(programme.revise(other, somebody()).unwrap_err().errors.len(), 2);
}

#[test]
fn progress_adds_up_what_every_source_tells() {
    let programme = plan(draft()).unwrap();
    let day = |text: &str| text.parse::<NaiveDate>().ok();
    let taught = |last_taught_on, duties_done| Taught {
        theme: EducationTheme::Compliance,
        last_taught_on,
        duties_done,
        duties_open: 1,
        duties_overdue: 0,
    };
    let told = [taught(day("2024-06-01"), 2), taught(day("2024-10-15"), 0)];
    let progress = programme.progress(&told, day("2024-11-01").unwrap());
    let compliance = &progress.themes[4];
    assert_eq!((compliance.last_taught_on, compliance.duties_done, compliance.duties_open), (day("2024-10-15"), 2, 2));
    assert_eq!((compliance.planned_events, compliance.past_events), (1, 1));
    assert_eq!(progress.themes[0].last_taught_on, None);
}
