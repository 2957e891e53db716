use super::*;
use crate::{
    kernel::{
        sign_off::SignOffState,
        text::{Note, Title},
    },
    support::education::{
        audience::{Audience, tests::day},
        effectiveness::Taught,
        theme::EducationTheme,
    },
};

fn by(reason: Option<&str>) -> Signature {
    let at = DateTime::UNIX_EPOCH;
    let reason = reason.map(str::to_owned);
    Signature { person_id: Id::generate(at), name: "木村".into(), posts: vec![], at, provisional: false, reason }
}

pub(crate) fn plan() -> EducationCampaignDraft {
    EducationCampaignDraft {
        name: Title::new("ISMS教育").unwrap(),
        fiscal_year: 2024,
        themes: vec![EducationTheme::RegulationsBriefing],
        purpose: Text::new("認証の取得").unwrap(),
        audience: Audience::AllWorkers,
        delivery_methods: vec![DeliveryMethod::ELearning],
        method_text: Note::default(),
        contents: vec![Title::new("方針").unwrap()],
        period_start: day("2024-10-01"),
        period_end: day("2024-10-31"),
        textbook: Note::default(),
        effectiveness_text: Note::default(),
        test_id: None,
        retake_until_pass: true,
        survey: vec![],
        remarks: Note::default(),
    }
}

fn approved() -> EducationCampaign {
    let mut campaign = EducationCampaign::plan(plan(), by(None), DateTime::UNIX_EPOCH).unwrap();
    campaign.submit(by(None), day("2024-09-20")).unwrap();
    campaign.approve(by(None), false, day("2024-10-01")).unwrap();
    campaign
}

fn opened() -> EducationCampaign {
    let mut campaign = approved();
    campaign.open(3, by(None), day("2024-10-01")).unwrap();
    campaign
}

#[test]
fn r_33_a_plan_is_approved_before_it_starts() {
    let mut late = EducationCampaign::plan(plan(), by(None), DateTime::UNIX_EPOCH).unwrap();
    let refused = late.submit(by(None), day("2024-10-02")).unwrap_err();
    assert_eq!((refused.code, refused.rule), (Code::RuleViolated, Some("R-33")));
    late.submit(by(None), day("2024-10-01")).unwrap();
    assert_eq!(late.approve(by(None), false, day("2024-10-02")).unwrap_err().rule, Some("R-33"));
    late.send_back(by(Some("期間を見直す"))).unwrap();
    let later = EducationCampaignDraft { period_start: day("2024-10-10"), ..plan() };
    late.revise(later, by(None)).unwrap();
    late.submit(by(None), day("2024-10-02")).unwrap();
    assert_eq!(late.state, CampaignState::InReview);
}

#[test]
fn it_is_opened_within_its_period_and_to_somebody() {
    for outside in ["2024-09-30", "2024-11-01"] {
        let refused = approved().open(3, by(None), day(outside)).unwrap_err();
        assert_eq!((refused.rule, refused.errors[0].pointer.as_str()), (Some("R-33"), "/period_start"), "{outside}");
    }
    let nobody = approved().open(0, by(None), day("2024-10-01")).unwrap_err();
    assert_eq!((nobody.code, nobody.errors[0].pointer.as_str()), (Code::NotReady, "/audience"));
    assert_eq!(opened().revise(plan(), by(None)).unwrap_err().rule, Some("SD-12"));
    assert!(opened().cancel(by(Some("中止"))).is_err(), "what was opened is closed");
    assert!(approved().cancel(by(Some("中止"))).is_ok());
}

#[test]
fn an_extension_only_gives_more_time() {
    let mut campaign = opened();
    campaign.derive(day("2024-11-01"));
    assert!(campaign.overdue);
    let until =
        |text| CampaignExtensionDraft { period_end: day(text), reason: Text::new("未受講者がいる").unwrap() };
    for bad in ["2024-10-31", "2024-11-01"] {
        assert!(campaign.clone().extend(until(bad), by(None), day("2024-11-02")).is_err(), "{bad}");
    }
    campaign.extend(until("2024-11-15"), by(Some("未受講者がいる")), day("2024-11-02")).unwrap();
    assert!(!campaign.overdue);
    assert_eq!((campaign.draft.period_end, campaign.extensions[0].from_end), (day("2024-11-15"), day("2024-10-31")));
}

#[test]
fn sd_12_a_training_record_does_not_change_once_it_was_handed_in() {
    let draft = || TrainingRecordDraft {
        summary: Text::new("方針を教育した").unwrap(),
        target: Text::new("全従業者").unwrap(),
        remarks: Note::default(),
    };
    let mut campaign = opened();
    assert!(campaign.record(draft(), by(None)).is_err(), "only once it is closed");
    campaign.close(by(None)).unwrap();
    assert!(!campaign.record_allows(CampaignAction::SubmitRecord));
    campaign.record(draft(), by(None)).unwrap();
    let figures = Taught::of(&campaign, vec![]).figures(day("2024-11-01"));
    campaign.submit_record(figures.clone(), by(None)).unwrap();
    assert_eq!(campaign.record(draft(), by(None)).unwrap_err().rule, Some("SD-12"));
    campaign.return_record(by(Some("要約が足りない"))).unwrap();
    assert_eq!(campaign.record.as_ref().unwrap().figures, None);
    let mine = by(Some("他に誰もいない"));
    campaign.record(draft(), mine.clone()).unwrap();
    campaign.submit_record(figures, by(None)).unwrap();
    assert_eq!(campaign.approve_record(mine, false).unwrap_err().rule, Some("SD-1"));
    campaign.approve_record(by(None), false).unwrap();
    assert_eq!(campaign.state, CampaignState::Recorded);
    assert_eq!(campaign.record.as_ref().unwrap().sign_off.state, SignOffState::Approved);
    assert_eq!(campaign.record(draft(), by(None)).unwrap_err().rule, Some("SD-12"));
}

#[test]
fn a_plan_says_what_it_must() {
    let bare = EducationCampaignDraft {
        themes: vec![],
        delivery_methods: vec![DeliveryMethod::Ojt; 2],
        contents: vec![],
        period_end: day("2024-09-30"),
        fiscal_year: 1,
        ..plan()
    };
    let refused = EducationCampaign::plan(bare, by(None), DateTime::UNIX_EPOCH).unwrap_err();
    let pointers: Vec<_> = refused.errors.iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!(pointers, ["/themes", "/delivery_methods/1", "/contents", "/fiscal_year", "/period_end"]);
}
