//! The versions of a document (§5.4): written, handed in, approved by somebody else (SD-1), published by the document
//! controller, obsolete when the next one is (DOC-4). From its submission on a version does not change (SD-12).

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use super::{Document, DocumentKind};
use crate::{
    access::{Governed, Resource, Verb},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        refusal::{Code, Fault, Refusal},
        revision::{Revised, Revision},
        sign_off::{SignOff, Signature},
        text::{Bounded, Note, Text},
        transition::{Stateful, Transition},
    },
    organization::{department::Department, person::Person},
    support::file::StoredFile,
};

/// One version of a document.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DocumentVersion {
    /// Its id.
    pub id: Id<DocumentVersion>,
    /// Rises with every change.
    pub revision: Revision,
    /// 1, 2, 3 … within its document.
    pub version: i32,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: DocumentVersionDraft,
    /// The document that it is a version of.
    pub document: VersionedDocument,
    /// The title as it was when this version was handed in; that of the document before.
    pub title: String,
    /// Where it stands.
    pub state: DocumentVersionState,
    /// Who wrote and approved it.
    pub sign_off: SignOff,
    /// What it says, as a file.
    #[schema(required)]
    pub file: Option<StoredFile>,
    /// When and to whom it was published.
    #[schema(required)]
    pub publication: Option<DocumentPublication>,
    /// Since when it is obsolete.
    #[schema(required)]
    pub obsolete_at: Option<DateTime<Utc>>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<DocumentVersionAction>,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for DocumentVersion {
    const RESOURCE: Resource = Resource::Document;
}

impl Revised for DocumentVersion {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written about a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentVersionDraft {
    /// The document; it stays so.
    pub document_id: Id<Document>,
    /// Why there is a new version, and what is new in it.
    pub change_reason: Text,
    /// On what it is kept.
    #[serde(default)]
    pub medium: DocumentMedium,
    /// Where it lies, where its text is not stored here: a cabinet, an address.
    #[serde(default)]
    #[schema(required = false)]
    pub location: Option<Bounded<1, 500>>,
}

/// On what a version is kept.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum DocumentMedium {
    /// As data.
    #[default]
    Electronic,
    /// On paper.
    Paper,
}

impl Labelled for DocumentMedium {
    const NAME: &'static str = "document_medium";

    fn label(&self) -> Label {
        match self {
            Self::Electronic => label("電子", "electronic"),
            Self::Paper => label("紙", "paper"),
        }
    }
}

/// The document of a version, in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct VersionedDocument {
    /// Its number.
    #[schema(required)]
    pub number: Option<String>,
    /// Its kind.
    pub kind: DocumentKind,
    /// Its title today.
    pub title: String,
    /// The department that looks after it.
    #[serde(skip)]
    pub department_id: Option<Id<Department>>,
}

impl From<&Document> for VersionedDocument {
    fn from(document: &Document) -> Self {
        Self {
            number: document.number.clone(),
            kind: document.draft.kind,
            title: document.draft.title.as_str().to_owned(),
            department_id: document.draft.department_id,
        }
    }
}

/// Where a version stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum DocumentVersionState {
    /// Being written, or returned to be mended.
    Draft,
    /// Waits for approval.
    Submitted,
    /// Waits to be published.
    Approved,
    /// The one that holds.
    Published,
    /// A later one was published, or the document was withdrawn.
    Obsolete,
}

impl Labelled for DocumentVersionState {
    const NAME: &'static str = "document_version_state";

    fn label(&self) -> Label {
        match self {
            Self::Draft => label("作成中", "draft"),
            Self::Submitted => label("承認待ち", "submitted"),
            Self::Approved => label("発行待ち", "approved"),
            Self::Published => label("発行済み", "published"),
            Self::Obsolete => label("旧版", "obsolete"),
        }
    }
}

/// A step of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum DocumentVersionAction {
    /// Change the draft, or its file (`/file`).
    Revise,
    /// Hand it in (`/submission`).
    Submit,
    /// Approve it (`/approval`).
    Approve,
    /// Give it back (`/return`).
    Return,
    /// Let it hold from now on (`/publication`).
    Publish,
}

impl Labelled for DocumentVersionAction {
    const NAME: &'static str = "document_version_action";

    fn label(&self) -> Label {
        match self {
            Self::Revise => label("変更", "revise"),
            Self::Submit => label("提出", "submit"),
            Self::Approve => label("承認", "approve"),
            Self::Return => label("差戻し", "return"),
            Self::Publish => label("発行", "publish"),
        }
    }
}

/// The publication of a version (7.5.3: distribution, access).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DocumentPublication {
    /// What was laid down.
    #[serde(flatten)]
    pub draft: DocumentPublicationDraft,
    /// Who published it.
    pub recorded: Signature,
}

/// What is laid down when a version is published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentPublicationDraft {
    /// The date under it; not in the future.
    pub issued_on: NaiveDate,
    /// To whom it is given, and how.
    #[serde(default)]
    pub distribution: Note,
    /// By when the document is to be reviewed; after `issued_on`.
    pub next_review_on: NaiveDate,
}

impl DocumentPublicationDraft {
    fn check(&self, today: NaiveDate) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        if self.issued_on > today {
            faults.push(Fault::new("/issued_on", Code::FutureDate));
        }
        if self.next_review_on <= self.issued_on {
            faults.push(Fault::new("/next_review_on", Code::DateOrder).with("other", "issued_on"));
        }
        Refusal::unless_empty(faults)
    }
}

impl Stateful for DocumentVersion {
    type Action = DocumentVersionAction;
    type State = DocumentVersionState;

    const TRANSITIONS: &'static [Transition<DocumentVersionAction, DocumentVersionState>] = &[
        Transition {
            action: DocumentVersionAction::Revise,
            from: &[DocumentVersionState::Draft],
            grant: (Resource::Document, Verb::Update),
        },
        Transition {
            action: DocumentVersionAction::Submit,
            from: &[DocumentVersionState::Draft],
            grant: (Resource::Document, Verb::Submit),
        },
        Transition {
            action: DocumentVersionAction::Approve,
            from: &[DocumentVersionState::Submitted],
            grant: (Resource::Document, Verb::Approve),
        },
        Transition {
            action: DocumentVersionAction::Return,
            from: &[DocumentVersionState::Submitted],
            grant: (Resource::Document, Verb::Approve),
        },
        Transition {
            action: DocumentVersionAction::Publish,
            from: &[DocumentVersionState::Approved],
            grant: (Resource::Document, Verb::Execute),
        },
    ];

    fn state(&self) -> DocumentVersionState {
        self.state
    }
}

impl DocumentVersion {
    /// Begins version `number` of a document.
    pub fn begin(
        draft: DocumentVersionDraft,
        document: &Document,
        number: i32,
        by: Signature,
        now: DateTime<Utc>,
    ) -> Self {
        let document = VersionedDocument::from(document);
        Self {
            id: Id::generate(now),
            revision: 1,
            version: number,
            draft,
            title: document.title.clone(),
            document,
            state: DocumentVersionState::Draft,
            sign_off: SignOff::prepared(by),
            file: None,
            publication: None,
            obsolete_at: None,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        }
    }

    /// Changes what is written; its document stays.
    pub fn revise(&mut self, draft: DocumentVersionDraft, by: Signature) -> Result<(), Refusal> {
        self.write(by)?;
        if draft.document_id != self.draft.document_id {
            return Err(Refusal::field("/document_id", Code::ReadOnlyField));
        }
        self.draft = draft;
        Ok(())
    }

    /// Gives it a file, in the place of the one it had.
    pub fn attach(&mut self, file: StoredFile, by: Signature) -> Result<(), Refusal> {
        self.write(by)?;
        self.file = Some(file);
        Ok(())
    }

    fn write(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(DocumentVersionAction::Revise).map_err(|refusal| refusal.by("SD-12"))?;
        self.sign_off.revise(by)
    }

    /// Hands it in. Refused while it has neither a file nor a place where its text lies.
    pub fn submit(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(DocumentVersionAction::Submit)?;
        if self.file.is_none() && self.draft.location.is_none() {
            return Err(Refusal::not_ready(["/file", "/location"]));
        }
        self.sign_off.submit(by)?;
        self.title.clone_from(&self.document.title);
        self.state = DocumentVersionState::Submitted;
        Ok(())
    }

    /// Approves it. `alone`: nobody but its author could.
    pub fn approve(&mut self, by: Signature, alone: bool) -> Result<(), Refusal> {
        self.guard(DocumentVersionAction::Approve)?;
        self.sign_off.approve(by, alone)?;
        self.state = DocumentVersionState::Approved;
        Ok(())
    }

    /// Gives it back with a reason.
    pub fn send_back(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(DocumentVersionAction::Return)?;
        self.sign_off.send_back(by)?;
        self.state = DocumentVersionState::Draft;
        Ok(())
    }

    /// Publishes it; the one that held before becomes obsolete by whoever stores this (DOC-4).
    pub fn publish(&mut self, draft: DocumentPublicationDraft, by: Signature, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(DocumentVersionAction::Publish)?;
        draft.check(today)?;
        self.publication = Some(DocumentPublication { draft, recorded: by });
        self.state = DocumentVersionState::Published;
        Ok(())
    }

    /// It holds no more.
    pub fn end(&mut self, now: DateTime<Utc>) {
        self.state = DocumentVersionState::Obsolete;
        self.obsolete_at = Some(now);
    }

    /// Its author: the last one who wrote in it.
    pub fn author(&self) -> Id<Person> {
        self.sign_off.prepared.person_id
    }
}
