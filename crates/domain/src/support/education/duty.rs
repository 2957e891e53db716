//! Education that somebody owes (A.6.3; ): who joins, who missed a campaign, failed a test, broke rules or comes
//! back from leave, and everybody when a law is promulgated or comes into force.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;
use uuid::Uuid;

use super::theme::EducationTheme;
use crate::{
    access::{Governed, Resource, Verb},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        reference::Reference,
        refusal::{Code, Fault, Refusal},
        revision::{Revised, Revision},
        sign_off::Signature,
        text::{Note, Text},
        transition::{Stateful, Transition},
    },
    organization::person::Person,
};

/// Education that somebody owes, or that everybody is owed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EducationDuty {
    /// Its id.
    pub id: Id<EducationDuty>,
    /// Rises with every change.
    pub revision: Revision,
    /// What is owed, by whom and by when.
    #[serde(flatten)]
    pub draft: EducationDutyDraft,
    /// Who owes it; `null` where it concerns everybody and the training manager arranges it.
    #[schema(required)]
    pub person: Option<Reference>,
    /// The record that opened it: the person who joined, the legal requirement, the campaign; `null` where it was entered
    /// by hand.
    #[schema(required)]
    pub record_id: Option<Uuid>,
    /// The day from which it is owed.
    pub starts_on: NaiveDate,
    /// Where it stands.
    pub state: EducationDutyState,
    /// It is owed, and its day has passed.
    pub overdue: bool,
    /// How it was done.
    #[schema(required)]
    pub fulfilment: Option<DutyFulfilment>,
    /// Who waived it, with the reason.
    #[schema(required)]
    pub waiver: Option<Signature>,
    /// The day on which its cause fell away: the law was taken out of the register, say.
    #[schema(required)]
    pub lapsed_on: Option<NaiveDate>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<EducationDutyAction>,
    /// When it was opened.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for EducationDuty {
    const RESOURCE: Resource = Resource::EducationDuty;
}

impl Revised for EducationDuty {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written about a duty that no record opens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EducationDutyDraft {
    /// What is to be learned.
    pub theme: EducationTheme,
    /// Why. By hand: broken rules, or a return from leave; the others are opened by what happens.
    pub cause: DutyCause,
    /// Who owes it. Required by hand.
    #[serde(default)]
    #[schema(required = false)]
    pub person_id: Option<Id<Person>>,
    /// The last day on which it is done in time.
    pub due_on: NaiveDate,
    /// What it is about, where theme and cause do not say it: a law, a campaign, what happened.
    #[serde(default)]
    pub subject: Note,
}

/// Why education is owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum DutyCause {
    /// Somebody joined (EDU-5).
    Joining,
    /// A law was promulgated (EDU-4).
    LawPromulgated,
    /// A law came into force (EDU-4).
    LawInForce,
    /// They missed a campaign.
    MissedCampaign,
    /// They failed its test.
    FailedTest,
    /// They broke rules.
    BrokeRules,
    /// They came back from a leave that lasted for the whole of a campaign.
    ReturnedFromLeave,
}

impl DutyCause {
    /// Whether people enter it, because no record tells it.
    pub fn is_entered_by_hand(self) -> bool {
        matches!(self, Self::BrokeRules | Self::ReturnedFromLeave)
    }

    /// Whether it may happen to one record more than once: a law is amended, and the amendment is promulgated.
    fn happens_again(self) -> bool {
        matches!(self, Self::LawPromulgated | Self::LawInForce)
    }
}

impl Labelled for DutyCause {
    const NAME: &'static str = "duty_cause";

    fn label(&self) -> Label {
        match self {
            Self::Joining => label("入社", "joining"),
            Self::LawPromulgated => label("法令の公布", "law promulgated"),
            Self::LawInForce => label("法令の施行", "law in force"),
            Self::MissedCampaign => label("教育の未受講", "missed campaign"),
            Self::FailedTest => label("テスト不合格", "failed test"),
            Self::BrokeRules => label("規則違反", "broke rules"),
            Self::ReturnedFromLeave => label("休職からの復帰", "returned from leave"),
        }
    }
}

/// What a record owes, or makes somebody owe. The same cause, record, theme and person owe it once.
#[derive(Clone, Debug)]
pub struct Owed {
    /// What is to be learned.
    pub theme: EducationTheme,
    /// Why.
    pub cause: DutyCause,
    /// The record that opens it.
    pub record_id: Uuid,
    /// Who owes it; nobody where it concerns everybody.
    pub person_id: Option<Id<Person>>,
    /// The day from which it is owed; it may lie ahead.
    pub starts_on: NaiveDate,
    /// The last day on which it is done in time.
    pub due_on: NaiveDate,
    /// What it is about.
    pub subject: Note,
}

/// How a duty was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DutyFulfilment {
    /// When.
    pub fulfilled_on: NaiveDate,
    /// By which campaign; `null` where it was recorded by hand.
    #[schema(required)]
    pub campaign_id: Option<Uuid>,
    /// What shows it, where it was recorded by hand.
    pub evidence: Note,
    /// Who recorded it, or closed the campaign.
    pub recorded: Signature,
}

/// What is recorded by hand about a duty that was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DutyFulfilmentDraft {
    /// When; not in the future, and not before it was owed.
    pub fulfilled_on: NaiveDate,
    /// What shows it: a list of those present, a certificate.
    pub evidence: Text,
}

/// Where a duty stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum EducationDutyState {
    /// It is owed from a later day on.
    Upcoming,
    /// It is owed.
    Open,
    /// It was done.
    Fulfilled,
    /// Somebody decided that it need not be done.
    Waived,
    /// Its cause fell away, or the person left.
    Lapsed,
}

impl Labelled for EducationDutyState {
    const NAME: &'static str = "education_duty_state";

    fn label(&self) -> Label {
        match self {
            Self::Upcoming => label("予定", "upcoming"),
            Self::Open => label("未実施", "open"),
            Self::Fulfilled => label("実施済み", "fulfilled"),
            Self::Waived => label("免除", "waived"),
            Self::Lapsed => label("消滅", "lapsed"),
        }
    }
}

/// A step of a duty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum EducationDutyAction {
    /// Record that it was done (`/fulfilment`).
    Fulfil,
    /// Decide that it need not be done (`/waiver`).
    Waive,
}

impl Labelled for EducationDutyAction {
    const NAME: &'static str = "education_duty_action";

    fn label(&self) -> Label {
        match self {
            Self::Fulfil => label("実施の記録", "fulfil"),
            Self::Waive => label("免除", "waive"),
        }
    }
}

impl Stateful for EducationDuty {
    type Action = EducationDutyAction;
    type State = EducationDutyState;

    const TRANSITIONS: &'static [Transition<EducationDutyAction, EducationDutyState>] = &[
        Transition {
            action: EducationDutyAction::Fulfil,
            from: &[EducationDutyState::Open],
            grant: (Resource::EducationDuty, Verb::Execute),
        },
        Transition {
            action: EducationDutyAction::Waive,
            from: &[EducationDutyState::Upcoming, EducationDutyState::Open],
            grant: (Resource::EducationDuty, Verb::Update),
        },
    ];

    fn state(&self) -> EducationDutyState {
        self.state
    }
}

impl EducationDuty {
    /// A duty that somebody enters: of a person, and for a cause that no record tells.
    pub fn enter(draft: EducationDutyDraft, now: DateTime<Utc>, today: NaiveDate) -> Result<Self, Refusal> {
        let mut faults = Vec::new();
        if !draft.cause.is_entered_by_hand() {
            faults.push(Fault::new("/cause", Code::NotInList));
        }
        if draft.person_id.is_none() {
            faults.push(Fault::new("/person_id", Code::RequiredHere));
        }
        if draft.due_on < today {
            faults.push(Fault::new("/due_on", Code::DateOrder));
        }
        Refusal::unless_empty(faults)?;
        Ok(Self::new(draft, None, today, now, today))
    }

    /// A duty that a record opens.
    pub fn open(owed: Owed, now: DateTime<Utc>, today: NaiveDate) -> Self {
        let Owed { theme, cause, record_id, person_id, starts_on, due_on, subject } = owed;
        let draft = EducationDutyDraft { theme, cause, person_id, due_on, subject };
        Self::new(draft, Some(record_id), starts_on, now, today)
    }

    fn new(
        draft: EducationDutyDraft,
        record_id: Option<Uuid>,
        starts_on: NaiveDate,
        now: DateTime<Utc>,
        today: NaiveDate,
    ) -> Self {
        let mut duty = Self {
            id: Id::generate(now),
            revision: 1,
            person: draft.person_id.map(|id| Reference::new(id, "")),
            draft,
            record_id,
            starts_on,
            state: EducationDutyState::Open,
            overdue: false,
            fulfilment: None,
            waiver: None,
            lapsed_on: None,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        };
        duty.derive(false, today);
        duty
    }

    /// Whether it is still to be done, as far as its record is concerned.
    fn is_settled(&self) -> bool {
        self.fulfilment.is_some() || self.waiver.is_some()
    }

    /// Whether it is the one that `owed` asks for: who was briefed on joining is not briefed again because the day is put
    /// right, but the amendment of a law is something new.
    pub fn answers(&self, owed: &Owed) -> bool {
        !self.is_settled() || self.starts_on == owed.starts_on || !self.draft.cause.happens_again()
    }

    /// Moves it to the days, and the subject, that its record now has. Says whether that changed anything.
    pub fn follow(&mut self, owed: &Owed) -> bool {
        let stands = (self.starts_on, self.draft.due_on, &self.draft.subject, self.lapsed_on);
        if self.is_settled() || stands == (owed.starts_on, owed.due_on, &owed.subject, None) {
            return false;
        }
        self.starts_on = owed.starts_on;
        self.draft.due_on = owed.due_on;
        self.draft.subject = owed.subject.clone();
        self.lapsed_on = None;
        true
    }

    /// Its cause fell away. Says whether that changed anything.
    pub fn lapse(&mut self, today: NaiveDate) -> bool {
        let pending = !self.is_settled() && self.lapsed_on.is_none();
        if pending {
            self.lapsed_on = Some(today);
        }
        pending
    }

    /// Records by hand that it was done.
    pub fn fulfil(&mut self, draft: DutyFulfilmentDraft, by: Signature, today: NaiveDate) -> Result<(), Refusal> {
        let DutyFulfilmentDraft { fulfilled_on, evidence } = draft;
        self.settle(fulfilled_on, None, evidence.into(), by, today)
    }

    /// A campaign did it.
    pub fn fulfil_by(&mut self, campaign: Uuid, on: NaiveDate, by: Signature, today: NaiveDate) -> Result<(), Refusal> {
        self.settle(on, Some(campaign), Note::default(), by, today)
    }

    fn settle(
        &mut self,
        fulfilled_on: NaiveDate,
        campaign_id: Option<Uuid>,
        evidence: Note,
        recorded: Signature,
        today: NaiveDate,
    ) -> Result<(), Refusal> {
        self.guard(EducationDutyAction::Fulfil)?;
        let mut faults = Vec::new();
        if fulfilled_on > today {
            faults.push(Fault::new("/fulfilled_on", Code::FutureDate));
        }
        if fulfilled_on < self.starts_on {
            faults.push(Fault::new("/fulfilled_on", Code::DateOrder).with("other", "starts_on"));
        }
        Refusal::unless_empty(faults)?;
        self.fulfilment = Some(DutyFulfilment { fulfilled_on, campaign_id, evidence, recorded });
        self.derive(false, today);
        Ok(())
    }

    /// Decides that it need not be done. Nobody waives what they owe themselves (SD-8).
    pub fn waive(&mut self, by: Signature, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(EducationDutyAction::Waive)?;
        if self.is_owed_by(by.person_id) {
            return Err(Refusal::new(Code::DutySeparated).by("SD-8"));
        }
        self.waiver = Some(by);
        self.derive(false, today);
        Ok(())
    }

    /// Whether this person owes it.
    pub fn is_owed_by(&self, person: Id<Person>) -> bool {
        self.draft.person_id == Some(person)
    }

    /// Derives where it stands as of `today`; `left`: who owes it does not work here any more.
    pub fn derive(&mut self, left: bool, today: NaiveDate) {
        self.state = if self.fulfilment.is_some() {
            EducationDutyState::Fulfilled
        } else if self.waiver.is_some() {
            EducationDutyState::Waived
        } else if self.lapsed_on.is_some() || left {
            EducationDutyState::Lapsed
        } else if self.starts_on > today {
            EducationDutyState::Upcoming
        } else {
            EducationDutyState::Open
        };
        self.overdue = self.state == EducationDutyState::Open && self.draft.due_on < today;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn somebody() -> Signature {
        let at = DateTime::UNIX_EPOCH;
        let person_id = Id::generate(at);
        Signature { person_id, name: "木村".into(), posts: vec![], at, provisional: false, reason: None }
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn owed(cause: DutyCause, starts_on: &str, due_on: &str) -> Owed {
        Owed {
            theme: EducationTheme::LegalUnderstanding,
            cause,
            record_id: Uuid::nil(),
            person_id: None,
            starts_on: day(starts_on),
            due_on: day(due_on),
            subject: Note::new("個人情報の法律").unwrap(),
        }
    }

    fn opened(today: &str) -> EducationDuty {
        EducationDuty::open(
            owed(DutyCause::LawPromulgated, "2024-05-10", "2024-06-09"),
            DateTime::UNIX_EPOCH,
            day(today),
        )
    }

    #[test]
    fn edu_4_a_duty_waits_for_its_day_and_is_overdue_after_its_last() {
        for (today, state, overdue) in [
            ("2024-05-09", EducationDutyState::Upcoming, false),
            ("2024-05-10", EducationDutyState::Open, false),
            ("2024-06-09", EducationDutyState::Open, false),
            ("2024-06-10", EducationDutyState::Open, true),
        ] {
            let duty = opened(today);
            assert_eq!((duty.state, duty.overdue), (state, overdue), "{today}");
        }
    }

    #[test]
    fn a_duty_is_done_once_and_not_before_it_is_owed() {
        let today = day("2024-05-20");
        let record = |on: &str| {
            let mut duty = opened("2024-05-20");
            let draft = DutyFulfilmentDraft { fulfilled_on: day(on), evidence: Text::new("出席簿").unwrap() };
            duty.fulfil(draft, somebody(), today).map(|()| duty)
        };
        assert_eq!(record("2024-05-09").unwrap_err().errors[0].code, Code::DateOrder);
        assert_eq!(record("2024-05-21").unwrap_err().errors[0].code, Code::FutureDate);
        let mut done = record("2024-05-20").unwrap();
        assert_eq!(done.state, EducationDutyState::Fulfilled);
        assert_eq!(done.fulfil_by(Uuid::nil(), today, somebody(), today).unwrap_err().code, Code::WrongState);
        assert!(!done.lapse(today), "what was done stays done");
    }

    #[test]
    fn nobody_waives_what_they_owe_themselves() {
        let (today, by) = (day("2024-05-20"), somebody());
        let mut duty = opened("2024-05-20");
        duty.draft.person_id = Some(by.person_id);
        assert_eq!(duty.clone().waive(by, today).unwrap_err().rule, Some("SD-8"));
        duty.waive(somebody(), today).unwrap();
        assert_eq!(duty.state, EducationDutyState::Waived);
    }

    #[test]
    fn a_duty_follows_its_record_until_it_is_settled() {
        let today = day("2024-05-20");
        let mut duty = opened("2024-05-20");
        let moved = owed(DutyCause::LawPromulgated, "2024-06-01", "2024-07-01");
        assert!(duty.answers(&moved) && duty.follow(&moved) && !duty.follow(&moved));
        assert!(duty.lapse(today) && !duty.lapse(today));
        assert!(duty.follow(&moved), "the cause is back");
        duty.waive(somebody(), today).unwrap();
        assert!(!duty.follow(&owed(DutyCause::LawPromulgated, "2025-06-01", "2025-07-01")));
        assert!(duty.answers(&moved) && !duty.answers(&owed(DutyCause::LawPromulgated, "2025-06-01", "2025-07-01")));
        duty.draft.cause = DutyCause::Joining;
        assert!(duty.answers(&owed(DutyCause::Joining, "2025-06-01", "2025-07-01")), "nobody joins twice");
    }

    #[test]
    fn by_hand_it_is_of_a_person_and_for_what_no_record_tells() {
        let draft = |cause| EducationDutyDraft {
            theme: EducationTheme::Compliance,
            cause,
            person_id: None,
            due_on: day("2024-05-19"),
            subject: Note::default(),
        };
        let enter = |draft| EducationDuty::enter(draft, DateTime::UNIX_EPOCH, day("2024-05-20"));
        let refused = enter(draft(DutyCause::Joining)).unwrap_err();
        let faults: Vec<_> = refused.errors.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(faults, ["/cause", "/person_id", "/due_on"]);
        let person_id = Some(somebody().person_id);
        let entered =
            enter(EducationDutyDraft { person_id, due_on: day("2024-06-30"), ..draft(DutyCause::BrokeRules) }).unwrap();
        assert_eq!((entered.state, entered.record_id), (EducationDutyState::Open, None));
    }
}
