//! Documents of each kind: in force, due for review, on their way, withdrawn.

use chrono::TimeDelta;
use mamori_domain::{
    access::Role,
    kernel::{sign_off::Signature, text::Note},
    support::{
        document::{
            Document, DocumentDraft, DocumentKind,
            version::{DocumentMedium, DocumentPublicationDraft, DocumentVersion, DocumentVersionDraft},
        },
        file::{StoredContent, StoredFile},
    },
};
use mamori_persistence::{
    kernel::{failure::Outcome, loaded::Loaded, tx::Tx},
    organization::organization as organizations,
    support::{
        document::{self as documents, version as versions},
        file as files,
    },
};

use super::super::{Company, signature, text};

/// The register of documents, as it stands after the first year.
pub(super) fn fill(tx: &mut Tx<'_>, company: &Company, procedure: &StoredContent) -> Outcome<()> {
    let author = signature(tx, company.holder(Role::IsmsSecretariat)?, &[Role::IsmsSecretariat]);
    let controller = signature(tx, company.holder(Role::DocumentController)?, &[Role::DocumentController]);
    for sample in DOCUMENTS {
        let document = register(tx, sample)?;
        let approver = sample.kind.approver();
        let approver = signature(tx, company.holder(approver)?, &[approver]);
        for (number, stage) in (1..).zip(sample.versions) {
            let mut version = begin(tx, &document, number, sample, author.clone())?;
            if sample.has_file {
                version = attach(tx, version, procedure, author.clone())?;
            }
            advance(tx, version, *stage, [&author, &approver, &controller])?;
        }
    }
    Ok(())
}

fn register(tx: &mut Tx<'_>, sample: &Sample) -> Outcome<Document> {
    let draft = DocumentDraft {
        kind: sample.kind,
        title: text(sample.title)?,
        issuer: sample.issuer.map(text).transpose()?,
        clause: Some(text(sample.clause)?),
        department_id: None,
        retention_years: Some(5),
        remarks: Note::default(),
    };
    let serial = organizations::next_number(tx, sample.kind.series())?;
    documents::add(tx, &Document::register(draft, serial, tx.now())?)
}

fn begin(
    tx: &mut Tx<'_>,
    document: &Document,
    number: i32,
    sample: &Sample,
    author: Signature,
) -> Outcome<DocumentVersion> {
    let draft = DocumentVersionDraft {
        document_id: document.id,
        change_reason: text(if number == 1 {
            "初版"
        } else {
            "一年間の運用で分かったことを反映した"
        })?,
        medium: sample.medium,
        location: Some(text(sample.location)?),
    };
    versions::add(tx, &DocumentVersion::begin(draft, document, number, author, tx.now()))
}

/// Gives a version its text as a file.
fn attach(
    tx: &mut Tx<'_>,
    version: DocumentVersion,
    procedure: &StoredContent,
    author: Signature,
) -> Outcome<DocumentVersion> {
    let name = text(&format!("C-01-{}.md", version.version))?;
    let file = StoredFile::new(&name, procedure.clone(), tx.now());
    files::add(tx, &file)?;
    let mut version = Loaded::new(version);
    version.attach(file, author)?;
    versions::store(tx, version)
}

/// Takes a version as far as it has come.
fn advance(tx: &mut Tx<'_>, version: DocumentVersion, stage: Stage, by: [&Signature; 3]) -> Outcome<()> {
    let [author, approver, controller] = by;
    if stage == Stage::Draft {
        return Ok(());
    }
    let mut version = Loaded::new(version);
    version.submit(author.clone())?;
    let mut version = Loaded::new(versions::store(tx, version)?);
    let (Stage::Published { days_ago } | Stage::Due { days_ago }) = stage else { return Ok(()) };
    version.approve(approver.clone(), false)?;
    let mut version = Loaded::new(versions::store(tx, version)?);
    let today = tx.today();
    let issued_on = today - TimeDelta::days(days_ago);
    let next_review_on = match stage {
        Stage::Due { .. } => today - TimeDelta::days(10),
        _ => issued_on + TimeDelta::days(365),
    };
    let draft =
        DocumentPublicationDraft {
            issued_on, distribution: text("全従業者に社内掲示で知らせる")?, next_review_on
        };
    version.publish(draft, controller.clone(), today)?;
    versions::publish(tx, version)?;
    Ok(())
}

/// How far a version has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Draft,
    Submitted,
    Published { days_ago: i64 },
    Due { days_ago: i64 },
}

/// What the document with a file says.
pub(in super::super) const PROCEDURE: &str = "\
# 在宅勤務の手順

1. 会社が貸し出したパソコンだけを使う。
2. 画面が家族や来客に見えない場所で働く。
3. 紙は持ち出さない。要るときは部門長の許しを得て、帰社したら戻す。
4. なくしたとき、おかしいと思ったときは、その日のうちに事務局に知らせる。
";

struct Sample {
    kind: DocumentKind,
    title: &'static str,
    issuer: Option<&'static str>,
    clause: &'static str,
    medium: DocumentMedium,
    location: &'static str,
    has_file: bool,
    versions: &'static [Stage],
}

const DOCUMENTS: &[Sample] = &[
    Sample {
        kind: DocumentKind::Basic,
        title: "情報セキュリティ基本規程",
        issuer: None,
        clause: "5.1",
        medium: DocumentMedium::Electronic,
        location: "社内共有 / 規程 / A-01",
        has_file: false,
        versions: &[Stage::Due { days_ago: 380 }],
    },
    Sample {
        kind: DocumentKind::Manual,
        title: "ISMSマニュアル",
        issuer: None,
        clause: "4.4",
        medium: DocumentMedium::Electronic,
        location: "社内共有 / 規程 / B-01",
        has_file: false,
        versions: &[Stage::Published { days_ago: 300 }, Stage::Draft],
    },
    Sample {
        kind: DocumentKind::Procedure,
        title: "在宅勤務の手順",
        issuer: None,
        clause: "7.5",
        medium: DocumentMedium::Electronic,
        location: "社内共有 / 手順 / C-01",
        has_file: true,
        versions: &[Stage::Published { days_ago: 200 }, Stage::Published { days_ago: 40 }],
    },
    Sample {
        kind: DocumentKind::Procedure,
        title: "記憶媒体の廃棄の手順",
        issuer: None,
        clause: "7.5",
        medium: DocumentMedium::Electronic,
        location: "社内共有 / 手順 / C-02",
        has_file: false,
        versions: &[Stage::Submitted],
    },
    Sample {
        kind: DocumentKind::Record,
        title: "媒体持ち出しの記録の様式",
        issuer: None,
        clause: "8.1",
        medium: DocumentMedium::Paper,
        location: "総務部の書庫",
        has_file: false,
        versions: &[Stage::Published { days_ago: 150 }],
    },
    Sample {
        kind: DocumentKind::External,
        title: "個人情報の取扱いに関する覚書",
        issuer: Some("主要取引先"),
        clause: "4.2",
        medium: DocumentMedium::Paper,
        location: "管理部の金庫",
        has_file: false,
        versions: &[Stage::Draft],
    },
];
