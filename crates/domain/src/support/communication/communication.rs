//! The log of communications (D30; 7.4): what is to be told and was told, in time or late (R-21, COM-1 to COM-4).

use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;
use uuid::Uuid;

use super::procedure::{CommunicationAudience, CommunicationProcedure, CommunicationSubject, CommunicationTiming};
use crate::{
    access::{Governed, Resource, Role, Standing, Verb},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        reference::Reference,
        refusal::{Code, Fault, Refusal},
        review::ReviewCommunication,
        revision::{Revised, Revision},
        sign_off::Signature,
        text::{Note, Title},
        transition::{Stateful, Transition},
    },
};

/// Something that is to be told, or was.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Communication {
    /// Its id.
    pub id: Id<Communication>,
    /// Rises with every change.
    pub revision: Revision,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: CommunicationDraft,
    /// The row of the procedure that it follows; its content is the name.
    pub procedure: Reference,
    /// What the row said when this was opened.
    #[serde(flatten)]
    pub terms: CommunicationTerms,
    /// The day of the occasion.
    pub occurred_on: NaiveDate,
    /// The last day on which it is done in time; `null` where there is no fixed deadline.
    #[schema(required)]
    pub due_on: Option<NaiveDate>,
    /// The moment at which it is due, where it is to be done at once.
    #[schema(required)]
    pub due_at: Option<DateTime<Utc>>,
    /// That day has passed, and it was not done.
    pub overdue: bool,
    /// Where it stands.
    pub state: CommunicationState,
    /// How it was done.
    #[schema(required)]
    pub performance: Option<CommunicationPerformance>,
    /// Who voided it, with the reason.
    #[schema(required)]
    pub voided: Option<Signature>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<CommunicationAction>,
    /// Who opened it.
    pub opened: Signature,
    /// When it was opened.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for Communication {
    const RESOURCE: Resource = Resource::Communication;
}

impl Revised for Communication {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written about a communication.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CommunicationDraft {
    /// The row of the procedure that it follows.
    pub procedure_id: Id<CommunicationProcedure>,
    /// What it is about.
    pub about: Title,
    /// The kind of the record that it is about, where there is one.
    #[serde(default)]
    #[schema(required = false)]
    pub record_resource: Option<Resource>,
    /// That record.
    #[serde(default)]
    #[schema(required = false)]
    pub record_id: Option<Uuid>,
    /// When the occasion was: the review, the request, the detection. Not in the future.
    pub occurred_at: DateTime<Utc>,
}

/// What a row of the procedure said when a communication was opened: later changes of the row leave it alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CommunicationTerms {
    /// On what.
    pub subject: CommunicationSubject,
    /// When.
    pub timing: CommunicationTiming,
    /// With whom.
    pub audience: CommunicationAudience,
    /// Who communicates.
    pub communicators: Vec<Role>,
}

/// What whoever communicated says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CommunicationPerformanceDraft {
    /// When; not in the future, and not before the occasion.
    pub performed_on: NaiveDate,
    /// By what means: a meeting, a notice, a mail.
    pub means: Title,
    /// What shows it.
    #[serde(default)]
    pub evidence: Note,
}

/// How it was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CommunicationPerformance {
    /// When and how.
    #[serde(flatten)]
    pub draft: CommunicationPerformanceDraft,
    /// Whether that was in time; where there is no fixed deadline it always is.
    pub in_time: bool,
    /// Who recorded it.
    pub recorded: Signature,
}

/// Where a communication stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CommunicationState {
    /// To be done.
    Open,
    /// Done.
    Performed,
    /// Opened by mistake, or not needed.
    Voided,
}

impl Labelled for CommunicationState {
    const NAME: &'static str = "communication_state";

    fn label(&self) -> Label {
        match self {
            Self::Open => label("未実施", "open"),
            Self::Performed => label("実施済み", "performed"),
            Self::Voided => label("取消し", "voided"),
        }
    }
}

/// A step of a communication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CommunicationAction {
    /// Record that it was done (`/performance`).
    Perform,
    /// Void it (`/voiding`).
    Void,
}

impl Labelled for CommunicationAction {
    const NAME: &'static str = "communication_action";

    fn label(&self) -> Label {
        match self {
            Self::Perform => label("実施の記録", "perform"),
            Self::Void => label("取消し", "void"),
        }
    }
}

impl Stateful for Communication {
    type Action = CommunicationAction;
    type State = CommunicationState;

    const TRANSITIONS: &'static [Transition<CommunicationAction, CommunicationState>] = &[
        Transition {
            action: CommunicationAction::Perform,
            from: &[CommunicationState::Open],
            grant: (Resource::Communication, Verb::Execute),
        },
        Transition {
            action: CommunicationAction::Void,
            from: &[CommunicationState::Open],
            grant: (Resource::Communication, Verb::Update),
        },
    ];

    fn state(&self) -> CommunicationState {
        self.state
    }
}

impl CommunicationDraft {
    /// Refuses what only together makes sense, an occasion in the future, and a second copy of what a review says itself:
    /// reviews of the context and of the policy hold the communication of their result.
    pub fn check(&self, subject: CommunicationSubject, now: DateTime<Utc>) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        match (self.record_resource, self.record_id) {
            (Some(_), None) => faults.push(Fault::new("/record_id", Code::RequiredHere)),
            (None, Some(_)) => faults.push(Fault::new("/record_resource", Code::RequiredHere)),
            (Some(Resource::ContextReview | Resource::Policy), _) if subject == CommunicationSubject::ReviewResult => {
                faults.push(Fault::new("/record_resource", Code::Contradiction).with("other", "/procedure_id"));
            }
            _ => {}
        }
        if self.occurred_at > now {
            faults.push(Fault::new("/occurred_at", Code::FutureDate));
        }
        Refusal::unless_empty(faults)
    }
}

impl Communication {
    /// Opens one after a row of the procedure; `occurred_on` is the day of the occasion in the organization's zone.
    pub fn open(
        draft: CommunicationDraft,
        procedure: &CommunicationProcedure,
        occurred_on: NaiveDate,
        by: Signature,
        now: DateTime<Utc>,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        let row = &procedure.draft;
        draft.check(row.subject, now)?;
        let at_once = row.timing == CommunicationTiming::OnDetection;
        let days = if at_once { Some(0) } else { procedure.effective_days };
        let due_on = days.map(|days| occurred_on.checked_add_days(Days::new(days.into())).unwrap_or(NaiveDate::MAX));
        let mut opened = Self {
            id: Id::generate(now),
            revision: 1,
            procedure: Reference::new(procedure.id, row.content.as_str()),
            terms: CommunicationTerms {
                subject: row.subject,
                timing: row.timing,
                audience: row.audience,
                communicators: row.communicators.clone(),
            },
            occurred_on,
            due_on,
            due_at: at_once.then_some(draft.occurred_at),
            overdue: false,
            draft: CommunicationDraft { procedure_id: procedure.id, ..draft },
            state: CommunicationState::Open,
            performance: None,
            voided: None,
            allowed_actions: Vec::new(),
            opened: by,
            created_at: now,
            updated_at: now,
        };
        opened.derive(today);
        Ok(opened)
    }

    /// Works out what follows from the day.
    pub fn derive(&mut self, today: NaiveDate) {
        self.overdue = self.state == CommunicationState::Open && self.due_on.is_some_and(|due| due < today);
    }

    /// Whether whoever stands so communicates it: one of its communicators, or the secretariat, which runs the procedure.
    pub fn is_performed_by(&self, caller: &Standing) -> bool {
        let runs = [Role::IsmsSecretariat, Role::IsmsSecretariatHead];
        self.terms.communicators.iter().chain(&runs).any(|role| caller.holds(*role))
    }

    /// Records that it was done, in time or late (COM-2, COM-3).
    pub fn perform(
        &mut self,
        draft: CommunicationPerformanceDraft,
        by: Signature,
        today: NaiveDate,
    ) -> Result<(), Refusal> {
        self.guard(CommunicationAction::Perform)?;
        let mut faults = Vec::new();
        if draft.performed_on > today {
            faults.push(Fault::new("/performed_on", Code::FutureDate));
        }
        if draft.performed_on < self.occurred_on {
            faults.push(Fault::new("/performed_on", Code::DateOrder).with("other", "/occurred_at"));
        }
        Refusal::unless_empty(faults)?;
        let in_time = self.due_on.is_none_or(|due| draft.performed_on <= due);
        self.state = CommunicationState::Performed;
        self.overdue = false;
        self.performance = Some(CommunicationPerformance { draft, in_time, recorded: by });
        Ok(())
    }

    /// It was opened by mistake, or is not needed.
    pub fn void(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(CommunicationAction::Void)?;
        self.state = CommunicationState::Voided;
        self.overdue = false;
        self.voided = Some(by);
        Ok(())
    }
}

/// The communication of the result of a review, as the reviewed record holds it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReviewResultCommunication {
    /// Of what kind the record is.
    pub resource: Resource,
    /// The record.
    pub record_id: Uuid,
    /// Where it is read, and under which its communication is recorded.
    pub path: String,
    /// What to show for it.
    pub title: String,
    /// The day of the review.
    pub reviewed_on: NaiveDate,
    /// The last day on which its result is communicated in time.
    pub due_on: NaiveDate,
    /// That day has passed, and nobody was told.
    pub overdue: bool,
    /// How the people who work here were told.
    #[schema(required)]
    pub communicated: Option<ReviewCommunication>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::communication::procedure::shipped;

    fn moment(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn by() -> Signature {
        let at = DateTime::UNIX_EPOCH;
        let (person_id, posts) = (Id::generate(at), vec![Role::IsmsSecretariat]);
        Signature { person_id, name: "上田".into(), posts, at, provisional: false, reason: None }
    }

    /// Opened after the row at this place, on this day.
    fn opened(row: usize, on: &str) -> Result<Communication, Refusal> {
        let now = moment("2024-12-20T00:00:00Z");
        let mut procedure = CommunicationProcedure::enter(shipped().unwrap().remove(row), 1, now).unwrap();
        procedure.effective_days = procedure.draft.days(7);
        let draft = CommunicationDraft {
            procedure_id: procedure.id,
            about: Title::new("リスクアセスメントの結果").unwrap(),
            record_resource: None,
            record_id: None,
            occurred_at: moment(&format!("{on}T00:00:00Z")),
        };
        Communication::open(draft, &procedure, on.parse().unwrap(), by(), now, now.date_naive())
    }

    fn done(on: &str) -> CommunicationPerformanceDraft {
        CommunicationPerformanceDraft {
            performed_on: on.parse().unwrap(),
            means: Title::new("社内掲示板").unwrap(),
            evidence: Note::default(),
        }
    }

    #[test]
    fn com_1_to_3_the_result_of_a_review_is_told_within_a_week() {
        let today = "2024-12-20".parse().unwrap();
        for (on, in_time) in [("2024-12-17", true), ("2024-12-18", false)] {
            let mut one = opened(1, "2024-12-10").unwrap();
            assert_eq!((one.due_on, one.overdue), ("2024-12-17".parse().ok(), true), "COM-1");
            one.perform(done(on), by(), today).unwrap();
            assert_eq!(one.performance.as_ref().map(|done| done.in_time), Some(in_time), "COM-2, COM-3");
            assert_eq!((one.overdue, one.void(by()).unwrap_err().code), (false, Code::WrongState));
        }
        let refused = |on| opened(1, "2024-12-10").unwrap().perform(done(on), by(), today).unwrap_err().errors[0].code;
        assert_eq!((refused("2024-12-09"), refused("2024-12-21")), (Code::DateOrder, Code::FutureDate));
        assert_eq!(opened(1, "2024-12-21").unwrap_err().errors[0].code, Code::FutureDate);
    }

    #[test]
    fn com_4_what_is_detected_is_told_at_once_and_passed_on_in_good_time() {
        let at_once = opened(3, "2024-12-20").unwrap();
        assert_eq!((at_once.due_at, at_once.overdue), (Some(at_once.draft.occurred_at), false));
        for row in [4, 5] {
            let timely = opened(row, "2024-12-10").unwrap();
            assert_eq!((timely.due_on, timely.due_at, timely.overdue), (None, None, false));
        }
    }

    #[test]
    fn what_a_review_says_itself_is_not_said_twice() {
        let mut draft = opened(1, "2024-12-10").unwrap().draft;
        let now = moment("2024-12-20T00:00:00Z");
        let code = |draft: &CommunicationDraft, subject| draft.check(subject, now).err().map(|no| no.errors[0].code);
        draft.record_resource = Some(Resource::ContextReview);
        assert_eq!(code(&draft, CommunicationSubject::ReviewResult), Some(Code::RequiredHere));
        draft.record_id = Some(Uuid::nil());
        assert_eq!(code(&draft, CommunicationSubject::ReviewResult), Some(Code::Contradiction));
        assert_eq!(code(&draft, CommunicationSubject::Policy), None);
        draft.record_resource = Some(Resource::Risk);
        assert_eq!(code(&draft, CommunicationSubject::ReviewResult), None);
    }
}
