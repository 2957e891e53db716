//! Questionnaires of customers (D30; 7.4): received, answered by the responsible department, confirmed by the head of the
//! secretariat, who did not write the answer (SD-1), and only then submitted (COM-5).

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use crate::{
    access::{Governed, Resource, Verb},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        reference::Reference,
        refusal::{Code, Fault, Refusal},
        revision::{Revised, Revision},
        sign_off::Signature,
        text::{Note, Text, Title},
        transition::{Stateful, Transition},
    },
    organization::{department::Department, person::Person},
    support::file::StoredFile,
};

/// What a customer asks about security, and the answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CustomerQuestionnaire {
    /// Its id.
    pub id: Id<CustomerQuestionnaire>,
    /// Rises with every change.
    pub revision: Revision,
    /// Its number within the organization.
    pub number: i32,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: CustomerQuestionnaireDraft,
    /// The department that answers.
    pub department: Reference,
    /// The day by which the customer wants it has passed, and it was not submitted.
    pub overdue: bool,
    /// Where it stands.
    pub state: CustomerQuestionnaireState,
    /// What the customer sent, as a file.
    #[schema(required)]
    pub questionnaire_file: Option<StoredFile>,
    /// The answer, as a file.
    #[schema(required)]
    pub answer_file: Option<StoredFile>,
    /// The answer.
    #[schema(required)]
    pub answer: Option<Text>,
    /// Who wrote the answer last.
    #[schema(required)]
    pub answered: Option<Signature>,
    /// Who returned the answer last, with the reason.
    #[schema(required)]
    pub returned: Option<Signature>,
    /// Who confirmed it.
    #[schema(required)]
    pub confirmed: Option<Signature>,
    /// Whoever confirmed it also wrote it: only where nobody else could (amendments §1.2).
    pub self_confirmed: bool,
    /// How it was submitted.
    #[schema(required)]
    pub submission: Option<QuestionnaireSubmission>,
    /// Who voided it, with the reason.
    #[schema(required)]
    pub voided: Option<Signature>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<CustomerQuestionnaireAction>,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for CustomerQuestionnaire {
    const RESOURCE: Resource = Resource::CustomerQuestionnaire;
}

impl Revised for CustomerQuestionnaire {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written about a questionnaire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerQuestionnaireDraft {
    /// Who asks.
    pub customer: Title,
    /// What it is called.
    pub title: Title,
    /// When it came; not in the future.
    pub received_on: NaiveDate,
    /// The day by which the customer wants it.
    #[serde(default)]
    #[schema(required = false)]
    pub due_on: Option<NaiveDate>,
    /// The department that answers (主管部門).
    pub department_id: Id<Department>,
    /// Remarks.
    #[serde(default)]
    pub remarks: Note,
}

/// The answer to a questionnaire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuestionnaireAnswer {
    /// The answer, or what its file says in short.
    pub answer: Text,
}

/// How an answer was submitted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuestionnaireSubmissionDraft {
    /// When; not in the future, and not before the questionnaire came.
    pub submitted_on: NaiveDate,
    /// By what means.
    pub means: Title,
}

/// The submission of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QuestionnaireSubmission {
    /// When and how.
    #[serde(flatten)]
    pub draft: QuestionnaireSubmissionDraft,
    /// Whether that was in time; without a day it always is.
    pub in_time: bool,
    /// Who recorded it.
    pub recorded: Signature,
}

/// Where a questionnaire stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CustomerQuestionnaireState {
    /// Waits for the answer of the department; `returned` says why an answer was not confirmed.
    Received,
    /// Waits to be confirmed.
    Drafted,
    /// Waits to be submitted to the customer.
    Confirmed,
    /// The customer has it.
    Submitted,
    /// Entered by mistake, or no longer wanted.
    Voided,
}

impl Labelled for CustomerQuestionnaireState {
    const NAME: &'static str = "customer_questionnaire_state";

    fn label(&self) -> Label {
        match self {
            Self::Received => label("受付済み", "received"),
            Self::Drafted => label("回答案あり", "drafted"),
            Self::Confirmed => label("確認済み", "confirmed"),
            Self::Submitted => label("提出済み", "submitted"),
            Self::Voided => label("取消し", "voided"),
        }
    }
}

/// A step of a questionnaire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CustomerQuestionnaireAction {
    /// Change what is written, or attach what the customer sent (`/file`).
    Revise,
    /// Write the answer (`/answer`), or attach it (`/answer-file`).
    Answer,
    /// Confirm the answer (`/confirmation`).
    Confirm,
    /// Give the answer back (`/return`).
    Return,
    /// Record that the customer has it (`/submission`).
    Submit,
    /// Void it (`/voiding`).
    Void,
}

impl Labelled for CustomerQuestionnaireAction {
    const NAME: &'static str = "customer_questionnaire_action";

    fn label(&self) -> Label {
        match self {
            Self::Revise => label("変更", "revise"),
            Self::Answer => label("回答の作成", "answer"),
            Self::Confirm => label("確認", "confirm"),
            Self::Return => label("差戻し", "return"),
            Self::Submit => label("提出", "submit"),
            Self::Void => label("取消し", "void"),
        }
    }
}

impl Stateful for CustomerQuestionnaire {
    type Action = CustomerQuestionnaireAction;
    type State = CustomerQuestionnaireState;

    const TRANSITIONS: &'static [Transition<CustomerQuestionnaireAction, CustomerQuestionnaireState>] = {
        use CustomerQuestionnaireAction as Action;
        use CustomerQuestionnaireState::{Confirmed, Drafted, Received};
        const OF: Resource = Resource::CustomerQuestionnaire;
        &[
            Transition { action: Action::Revise, from: &[Received], grant: (OF, Verb::Update) },
            Transition { action: Action::Answer, from: &[Received, Drafted], grant: (OF, Verb::Execute) },
            Transition { action: Action::Confirm, from: &[Drafted], grant: (OF, Verb::Approve) },
            Transition { action: Action::Return, from: &[Drafted], grant: (OF, Verb::Approve) },
            Transition { action: Action::Submit, from: &[Confirmed], grant: (OF, Verb::Submit) },
            Transition { action: Action::Void, from: &[Received, Drafted, Confirmed], grant: (OF, Verb::Update) },
        ]
    };

    fn state(&self) -> CustomerQuestionnaireState {
        self.state
    }
}

impl CustomerQuestionnaireDraft {
    fn check(&self, today: NaiveDate) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        if self.received_on > today {
            faults.push(Fault::new("/received_on", Code::FutureDate));
        }
        if self.due_on.is_some_and(|due| due < self.received_on) {
            faults.push(Fault::new("/due_on", Code::DateOrder).with("other", "/received_on"));
        }
        Refusal::unless_empty(faults)
    }
}

impl CustomerQuestionnaire {
    /// A questionnaire that came.
    pub fn receive(
        draft: CustomerQuestionnaireDraft,
        number: i32,
        department: Reference,
        now: DateTime<Utc>,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        draft.check(today)?;
        let mut received = Self {
            id: Id::generate(now),
            revision: 1,
            number,
            draft,
            department,
            overdue: false,
            state: CustomerQuestionnaireState::Received,
            questionnaire_file: None,
            answer_file: None,
            answer: None,
            answered: None,
            returned: None,
            confirmed: None,
            self_confirmed: false,
            submission: None,
            voided: None,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        };
        received.derive(today);
        Ok(received)
    }

    /// Works out what follows from the day.
    pub fn derive(&mut self, today: NaiveDate) {
        use CustomerQuestionnaireState::{Submitted, Voided};
        let open = !matches!(self.state, Submitted | Voided);
        self.overdue = open && self.draft.due_on.is_some_and(|due| due < today);
    }

    /// Changes what is written, while the answer is not.
    pub fn revise(&mut self, draft: CustomerQuestionnaireDraft, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(CustomerQuestionnaireAction::Revise)?;
        draft.check(today)?;
        self.draft = draft;
        Ok(())
    }

    /// Attaches what the customer sent, in the place of what was there.
    pub fn attach(&mut self, file: StoredFile) -> Result<(), Refusal> {
        self.guard(CustomerQuestionnaireAction::Revise)?;
        self.questionnaire_file = Some(file);
        Ok(())
    }

    /// Attaches the answer as a file, in the place of the one before; whoever does wrote it.
    pub fn attach_answer(&mut self, file: StoredFile, by: Signature) -> Result<(), Refusal> {
        self.guard(CustomerQuestionnaireAction::Answer)?;
        self.answer_file = Some(file);
        self.answered = Some(by);
        Ok(())
    }

    /// Writes the answer, which then waits to be confirmed.
    pub fn write_answer(&mut self, answer: QuestionnaireAnswer, by: Signature) -> Result<(), Refusal> {
        self.guard(CustomerQuestionnaireAction::Answer)?;
        self.state = CustomerQuestionnaireState::Drafted;
        self.answer = Some(answer.answer);
        self.answered = Some(by);
        Ok(())
    }

    /// Who wrote the answer.
    pub fn author(&self) -> Result<Id<Person>, Refusal> {
        let answered = self.answered.as_ref().map(|by| by.person_id);
        answered.ok_or_else(|| Refusal::not_ready(["/answer"]))
    }

    /// Confirms the answer. Not by whoever wrote it (SD-1), unless nobody else can: `alone`.
    pub fn confirm(&mut self, by: Signature, alone: bool) -> Result<(), Refusal> {
        self.guard(CustomerQuestionnaireAction::Confirm)?;
        let own = self.author()? == by.person_id;
        if own && !(alone && by.reason.is_some()) {
            return Err(Refusal::new(Code::DutySeparated).by("SD-1"));
        }
        self.state = CustomerQuestionnaireState::Confirmed;
        self.self_confirmed = own;
        self.confirmed = Some(by);
        Ok(())
    }

    /// Gives the answer back with a reason.
    pub fn send_back(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(CustomerQuestionnaireAction::Return)?;
        self.state = CustomerQuestionnaireState::Received;
        self.returned = Some(by);
        Ok(())
    }

    /// The customer has it. Refused before it is confirmed (COM-5).
    pub fn submit(
        &mut self,
        draft: QuestionnaireSubmissionDraft,
        by: Signature,
        today: NaiveDate,
    ) -> Result<(), Refusal> {
        self.guard(CustomerQuestionnaireAction::Submit)?;
        let mut faults = Vec::new();
        if draft.submitted_on > today {
            faults.push(Fault::new("/submitted_on", Code::FutureDate));
        }
        if draft.submitted_on < self.draft.received_on {
            faults.push(Fault::new("/submitted_on", Code::DateOrder).with("other", "/received_on"));
        }
        Refusal::unless_empty(faults)?;
        let in_time = self.draft.due_on.is_none_or(|due| draft.submitted_on <= due);
        self.state = CustomerQuestionnaireState::Submitted;
        self.overdue = false;
        self.submission = Some(QuestionnaireSubmission { draft, in_time, recorded: by });
        Ok(())
    }

    /// It was entered by mistake, or is no longer wanted.
    pub fn void(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(CustomerQuestionnaireAction::Void)?;
        self.state = CustomerQuestionnaireState::Voided;
        self.overdue = false;
        self.voided = Some(by);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn by(reason: Option<&str>) -> Signature {
        let at = DateTime::UNIX_EPOCH;
        let reason = reason.map(str::to_owned);
        Signature { person_id: Id::generate(at), name: "小林".into(), posts: vec![], at, provisional: false, reason }
    }

    fn received() -> CustomerQuestionnaire {
        let now = DateTime::UNIX_EPOCH;
        let draft = CustomerQuestionnaireDraft {
            customer: Title::new("得意先").unwrap(),
            title: Title::new("委託先の点検表").unwrap(),
            received_on: day("2024-04-01"),
            due_on: Some(day("2024-04-15")),
            department_id: Id::generate(now),
            remarks: Note::default(),
        };
        let department = Reference::new(draft.department_id, "営業部");
        CustomerQuestionnaire::receive(draft, 1, department, now, day("2024-04-16")).unwrap()
    }

    fn answer() -> QuestionnaireAnswer {
        QuestionnaireAnswer { answer: Text::new("はい").unwrap() }
    }

    fn submitted(on: &str) -> QuestionnaireSubmissionDraft {
        QuestionnaireSubmissionDraft { submitted_on: day(on), means: Title::new("メール").unwrap() }
    }

    #[test]
    fn com_5_nothing_goes_to_a_customer_unconfirmed() {
        let mut one = received();
        assert!(one.overdue);
        let today = day("2024-04-16");
        let early = |one: &CustomerQuestionnaire| {
            one.clone().submit(submitted("2024-04-16"), by(None), today).unwrap_err().code
        };
        assert_eq!(early(&one), Code::WrongState);
        let author = by(Some("自分の回答"));
        one.write_answer(answer(), author.clone()).unwrap();
        assert_eq!(early(&one), Code::WrongState);
        assert_eq!(one.confirm(author.clone(), false).unwrap_err().rule, Some("SD-1"));
        one.send_back(by(Some("第2問の根拠がない"))).unwrap();
        one.write_answer(answer(), author.clone()).unwrap();
        let mut alone = one.clone();
        alone.confirm(author, true).unwrap();
        assert!(alone.self_confirmed);
        one.confirm(by(None), false).unwrap();
        assert_eq!(one.write_answer(answer(), by(None)).unwrap_err().code, Code::WrongState, "it stays as confirmed");
        one.submit(submitted("2024-04-16"), by(None), today).unwrap();
        let in_time = one.submission.as_ref().map(|submission| submission.in_time);
        assert_eq!((one.state, in_time, one.overdue), (CustomerQuestionnaireState::Submitted, Some(false), false));
    }

    #[test]
    fn days_have_their_order() {
        let refused = |received_on: &str, due_on: &str| {
            let mut draft = received().draft;
            (draft.received_on, draft.due_on) = (day(received_on), Some(day(due_on)));
            draft.check(day("2024-04-16")).unwrap_err().errors[0].code
        };
        assert_eq!(refused("2024-04-17", "2024-04-18"), Code::FutureDate);
        assert_eq!(refused("2024-04-10", "2024-04-09"), Code::DateOrder);
    }
}
