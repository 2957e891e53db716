//! Documented information (D31, 7.5): the entries of its register. What a document says stands in its versions.

mod kind;
pub mod version;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

pub use self::kind::DocumentKind;
use self::version::DocumentVersion;
use super::file::StoredFile;
use crate::{
    access::{Governed, Resource, Role, Verb, approval},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        reference::Reference,
        refusal::{Code, Fault, Refusal},
        revision::{Revised, Revision},
        sign_off::{SignOff, Signature},
        text::{Note, Title, Word},
        transition::{Stateful, Transition},
    },
    organization::{department::Department, person::Person},
};

/// A document, from its registration to its withdrawal.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Document {
    /// Its id.
    pub id: Id<Document>,
    /// Rises with every change of the entry, and when a version of it is published.
    pub revision: Revision,
    /// Its place among the documents of its kind.
    #[serde(skip)]
    pub serial: i32,
    /// Its number: the letter of its kind and its place in it (`C-01`), never used again. External documents have none:
    /// they are known by title and issuer.
    #[schema(required)]
    pub number: Option<String>,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: DocumentDraft,
    /// The department that looks after it; `null`: the whole organization.
    #[schema(required)]
    pub department: Option<Reference>,
    /// Where it stands.
    pub state: DocumentState,
    /// The version that holds.
    #[schema(required)]
    pub published: Option<PublishedVersion>,
    /// By when it is to be reviewed again.
    #[schema(required)]
    pub next_review_on: Option<NaiveDate>,
    /// That day has come, and the document holds.
    pub review_due: bool,
    /// What its reviews found, in their order.
    pub reviews: Vec<DocumentReview>,
    /// Its withdrawal, asked for or approved.
    #[schema(required)]
    pub withdrawal: Option<DocumentWithdrawal>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<DocumentAction>,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for Document {
    const RESOURCE: Resource = Resource::Document;
}

impl Revised for Document {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written about a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentDraft {
    /// Of which kind it is; it stays so, for its number tells it.
    pub kind: DocumentKind,
    /// Its title.
    pub title: Title,
    /// Who issues it; needed for an external document.
    #[serde(default)]
    #[schema(required = false)]
    pub issuer: Option<Title>,
    /// The clause of ISO/IEC 27001 that it belongs to.
    #[serde(default)]
    #[schema(required = false)]
    pub clause: Option<Word>,
    /// The department that looks after it; left out for the whole organization.
    #[serde(default)]
    #[schema(required = false)]
    pub department_id: Option<Id<Department>>,
    /// How many years its versions are kept after they have become obsolete.
    #[serde(default)]
    #[schema(required = false, minimum = 1, maximum = 100)]
    pub retention_years: Option<i32>,
    /// Remarks.
    #[serde(default)]
    pub remarks: Note,
}

/// Where a document stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum DocumentState {
    /// No version has been published yet.
    InPreparation,
    /// A version holds.
    Published,
    /// Its withdrawal waits for approval; until then it is what it was.
    WithdrawalRequested,
    /// It holds no more.
    Withdrawn,
}

impl Labelled for DocumentState {
    const NAME: &'static str = "document_state";

    fn label(&self) -> Label {
        match self {
            Self::InPreparation => label("準備中", "in preparation"),
            Self::Published => label("発行済み", "published"),
            Self::WithdrawalRequested => label("廃止の承認待ち", "withdrawal requested"),
            Self::Withdrawn => label("廃止", "withdrawn"),
        }
    }
}

/// A step of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum DocumentAction {
    /// Change the entry.
    Revise,
    /// Record a review (`/review`).
    Review,
    /// Ask for its withdrawal (`/withdrawal`).
    Withdraw,
    /// Approve the withdrawal (`/withdrawal-approval`).
    ApproveWithdrawal,
    /// Keep it (`/withdrawal-return`).
    ReturnWithdrawal,
}

impl Labelled for DocumentAction {
    const NAME: &'static str = "document_action";

    fn label(&self) -> Label {
        match self {
            Self::Revise => label("変更", "revise"),
            Self::Review => label("見直しの記録", "review"),
            Self::Withdraw => label("廃止の申請", "withdraw"),
            Self::ApproveWithdrawal => label("廃止の承認", "approve withdrawal"),
            Self::ReturnWithdrawal => label("廃止の差戻し", "return withdrawal"),
        }
    }
}

/// The version that holds, in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PublishedVersion {
    /// Its id.
    #[schema(value_type = String, format = Uuid)]
    pub id: Id<DocumentVersion>,
    /// 1, 2, 3 …
    pub version: i32,
    /// The date under it.
    pub issued_on: NaiveDate,
    /// Its file.
    #[schema(required)]
    pub file: Option<StoredFile>,
}

/// A review of a document that holds (7.5.2 c).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DocumentReview {
    /// What was found.
    #[serde(flatten)]
    pub draft: DocumentReviewDraft,
    /// Who recorded it.
    pub recorded: Signature,
}

/// What a review found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentReviewDraft {
    /// The day of the review; not in the future.
    pub reviewed_on: NaiveDate,
    /// Whether a new version is needed.
    pub needs_new_version: bool,
    /// What was found.
    #[serde(default)]
    pub findings: Note,
    /// By when it is to be reviewed again; after `reviewed_on`.
    pub next_review_on: NaiveDate,
}

/// A withdrawal: the document controller asks for it, somebody else approves (§5.4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DocumentWithdrawal {
    /// Why.
    pub reason: String,
    /// Who asked for it, and who approved or returned it.
    pub sign_off: SignOff,
}

impl Stateful for Document {
    type Action = DocumentAction;
    type State = DocumentState;

    const TRANSITIONS: &'static [Transition<DocumentAction, DocumentState>] = &[
        Transition {
            action: DocumentAction::Revise,
            from: &[DocumentState::InPreparation, DocumentState::Published],
            grant: (Resource::Document, Verb::Update),
        },
        Transition {
            action: DocumentAction::Review,
            from: &[DocumentState::Published],
            grant: (Resource::Document, Verb::Update),
        },
        Transition {
            action: DocumentAction::Withdraw,
            from: &[DocumentState::InPreparation, DocumentState::Published],
            grant: (Resource::Document, Verb::Execute),
        },
        Transition {
            action: DocumentAction::ApproveWithdrawal,
            from: &[DocumentState::WithdrawalRequested],
            grant: (Resource::Document, Verb::Approve),
        },
        Transition {
            action: DocumentAction::ReturnWithdrawal,
            from: &[DocumentState::WithdrawalRequested],
            grant: (Resource::Document, Verb::Approve),
        },
    ];

    fn state(&self) -> DocumentState {
        self.state
    }
}

impl DocumentDraft {
    fn check(&self) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        if self.kind == DocumentKind::External && self.issuer.is_none() {
            faults.push(Fault::new("/issuer", Code::RequiredHere));
        }
        if self.retention_years.is_some_and(|years| !(1..=100).contains(&years)) {
            faults.push(Fault::new("/retention_years", Code::OutOfRange));
        }
        Refusal::unless_empty(faults)
    }
}

impl DocumentReviewDraft {
    fn check(&self, today: NaiveDate) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        if self.reviewed_on > today {
            faults.push(Fault::new("/reviewed_on", Code::FutureDate));
        }
        if self.next_review_on <= self.reviewed_on {
            faults.push(Fault::new("/next_review_on", Code::DateOrder).with("other", "reviewed_on"));
        }
        Refusal::unless_empty(faults)
    }
}

impl Document {
    /// Registers a document at this place of its series.
    pub fn register(draft: DocumentDraft, serial: i32, now: DateTime<Utc>) -> Result<Self, Refusal> {
        draft.check()?;
        Ok(Self {
            id: Id::generate(now),
            revision: 1,
            serial,
            number: draft.kind.number(serial),
            draft,
            department: None,
            state: DocumentState::InPreparation,
            published: None,
            next_review_on: None,
            review_due: false,
            reviews: Vec::new(),
            withdrawal: None,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        })
    }

    /// Changes the entry; its kind stays.
    pub fn revise(&mut self, draft: DocumentDraft) -> Result<(), Refusal> {
        self.guard(DocumentAction::Revise)?;
        draft.check()?;
        if draft.kind != self.draft.kind {
            return Err(Refusal::field("/kind", Code::ReadOnlyField));
        }
        self.draft = draft;
        Ok(())
    }

    /// A version of it has been published, to be reviewed by `next_review_on`.
    pub fn publish(&mut self, next_review_on: NaiveDate) {
        self.state = DocumentState::Published;
        self.next_review_on = Some(next_review_on);
    }

    /// Records a review.
    pub fn review(&mut self, draft: DocumentReviewDraft, by: Signature, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(DocumentAction::Review)?;
        draft.check(today)?;
        self.next_review_on = Some(draft.next_review_on);
        self.reviews.push(DocumentReview { draft, recorded: by });
        Ok(())
    }

    /// Asks for its withdrawal.
    pub fn withdraw(&mut self, reason: &str, by: Signature) -> Result<(), Refusal> {
        self.guard(DocumentAction::Withdraw)?;
        let mut sign_off = SignOff::prepared(by.clone());
        sign_off.submit(by)?;
        self.withdrawal = Some(DocumentWithdrawal { reason: reason.to_owned(), sign_off });
        self.state = DocumentState::WithdrawalRequested;
        Ok(())
    }

    /// Who asked for the withdrawal that waits for approval.
    pub fn withdrawal_preparer(&self) -> Result<Id<Person>, Refusal> {
        self.guard(DocumentAction::ApproveWithdrawal)?;
        let withdrawal = self.withdrawal.as_ref().ok_or_else(|| Refusal::wrong_state(self.state))?;
        Ok(withdrawal.sign_off.prepared.person_id)
    }

    /// Approves the withdrawal. Its versions become obsolete by whoever stores this.
    pub fn approve_withdrawal(&mut self, by: Signature, alone: bool) -> Result<(), Refusal> {
        self.withdrawal_open(DocumentAction::ApproveWithdrawal)?.sign_off.approve(by, alone)?;
        self.state = DocumentState::Withdrawn;
        self.next_review_on = None;
        Ok(())
    }

    /// Keeps it.
    pub fn return_withdrawal(&mut self, by: Signature) -> Result<(), Refusal> {
        self.withdrawal_open(DocumentAction::ReturnWithdrawal)?.sign_off.send_back(by)?;
        self.state = match self.published {
            Some(_) => DocumentState::Published,
            None => DocumentState::InPreparation,
        };
        Ok(())
    }

    fn withdrawal_open(&mut self, action: DocumentAction) -> Result<&mut DocumentWithdrawal, Refusal> {
        self.guard(action)?;
        let state = self.state;
        self.withdrawal.as_mut().ok_or_else(|| Refusal::wrong_state(state))
    }

    /// What follows from the day.
    pub fn derive(&mut self, today: NaiveDate) {
        let due = self.next_review_on.is_some_and(|day| day <= today);
        self.review_due = due && self.state == DocumentState::Published;
    }

    /// The seats that number, publish and withdraw, in the order in which they stand in for an empty one (amendments §1.1).
    pub fn controlling() -> Vec<Role> {
        approval::chain("7.5.3", Role::DocumentController)
    }
}

#[cfg(test)]
mod tests;
