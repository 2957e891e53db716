//! The organization and its settings, in versions.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use crate::{
    access::{Governed, Resource, Verb},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        refusal::{Code, Fault, Refusal},
        revision::{Revised, Revision},
        text::Title,
        transition::{Kept, Stateful, Transition},
    },
};

/// A company and its security programme. It never appears in a URL: the token names it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Organization {
    /// Its id.
    pub id: Id<Organization>,
    /// Rises with every change.
    pub revision: Revision,
    /// What its people wrote.
    #[serde(flatten)]
    pub draft: OrganizationDraft,
    /// Steps open to the caller.
    pub allowed_actions: Vec<OrganizationAction>,
    /// When it was set up.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for Organization {
    const RESOURCE: Resource = Resource::Organization;
}

impl Revised for Organization {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written about an organization: its settings. Every change is kept as a version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganizationDraft {
    /// Its name.
    pub name: Title,
    /// How far its programme goes; higher levels include the lower ones.
    #[serde(default)]
    pub level: ProgrammeLevel,
    /// The zone in which its calendar dates begin and end.
    #[serde(default)]
    pub time_zone: TimeZone,
    /// The month in which its fiscal year begins, 1 to 12.
    #[serde(default = "april")]
    #[schema(minimum = 1, maximum = 12, default = 4)]
    pub fiscal_year_start_month: u8,
    /// The classes of information, from public to most secret (D06c).
    #[serde(default = "default_classifications")]
    #[schema(min_items = 1, max_items = 20)]
    pub classifications: Vec<Classification>,
    /// Planned intervals and deadlines.
    #[serde(default)]
    pub intervals: Intervals,
}

fn april() -> u8 {
    4
}

/// How far the programme goes.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    EnumIter,
    ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ProgrammeLevel {
    /// Quick start out of incident cases.
    Lv1Quick,
    /// Minimum standard out of guidelines.
    Lv2Baseline,
    /// A certifiable ISMS.
    #[default]
    Lv3Comprehensive,
}

impl Labelled for ProgrammeLevel {
    const NAME: &'static str = "programme_level";

    fn label(&self) -> Label {
        match self {
            Self::Lv1Quick => label("LV.1 クイックアプローチ", "LV.1 quick approach"),
            Self::Lv2Baseline => label("LV.2 ベースラインアプローチ", "LV.2 baseline approach"),
            Self::Lv3Comprehensive => label("LV.3 網羅的アプローチ", "LV.3 comprehensive approach"),
        }
    }
}

/// A zone of the IANA time zone database, such as `Asia/Tokyo`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, pattern = r"^[A-Za-z_+\-0-9]+(/[A-Za-z_+\-0-9]+)*$", max_length = 64, examples("Asia/Tokyo"))]
pub struct TimeZone(pub Tz);

impl Default for TimeZone {
    fn default() -> Self {
        Self(Tz::Asia__Tokyo)
    }
}

/// A class of information in the organization's own list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Classification {
    /// Its code, used by assets.
    pub code: ClassificationCode,
    /// What people call it.
    pub label: Title,
    /// 0 is public; the higher, the stricter. Of several the strictest decides (R-09).
    #[schema(minimum = 0, maximum = 99)]
    pub rank: u8,
    /// Who permits taking it out of the company.
    pub approving_authority: ApprovingAuthority,
}

/// The code of a class of information: lower snake case, up to 40 characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, pattern = "^[a-z][a-z0-9_]{0,39}$", examples("internal_only"))]
pub struct ClassificationCode(String);

impl ClassificationCode {
    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Not a lower snake case word.
#[derive(Debug, thiserror::Error)]
#[error("not a code")]
pub struct NotACode;

impl TryFrom<String> for ClassificationCode {
    type Error = NotACode;

    fn try_from(text: String) -> Result<Self, NotACode> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let begins = text.starts_with(|c: char| c.is_ascii_lowercase());
        if begins && text.len() <= 40 && text.chars().all(plain) { Ok(Self(text)) } else { Err(NotACode) }
    }
}

/// Who permits taking information of a class out of the company (R-09).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ApprovingAuthority {
    /// Nobody needs to.
    NotNeeded,
    /// The head of the requester's department.
    DepartmentHead,
    /// The representative director.
    RepresentativeDirector,
}

impl Labelled for ApprovingAuthority {
    const NAME: &'static str = "approving_authority";

    fn label(&self) -> Label {
        match self {
            Self::NotNeeded => label("不要", "not needed"),
            Self::DepartmentHead => label("所属部門長", "head of the department"),
            Self::RepresentativeDirector => label("代表取締役", "representative director"),
        }
    }
}

fn default_classifications() -> Vec<Classification> {
    [
        ("public", "公開", 0, ApprovingAuthority::NotNeeded),
        ("internal_only", "社外秘", 1, ApprovingAuthority::DepartmentHead),
        ("top_secret", "極秘", 2, ApprovingAuthority::RepresentativeDirector),
    ]
    .into_iter()
    .filter_map(|(code, label, rank, approving_authority)| {
        let code = ClassificationCode::try_from(code.to_owned()).ok()?;
        Some(Classification { code, label: Title::new(label).ok()?, rank, approving_authority })
    })
    .collect()
}

/// Planned intervals and deadlines of the programme (amendments §3, R-08, R-20, R-21, R-34).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Intervals {
    /// Months between two reviews of the policy.
    #[schema(minimum = 1, maximum = 60, default = 12)]
    pub policy_review_months: u8,
    /// Months between two risk assessments.
    #[schema(minimum = 1, maximum = 60, default = 12)]
    pub risk_assessment_months: u8,
    /// Months between two internal audits.
    #[schema(minimum = 1, maximum = 60, default = 12)]
    pub internal_audit_months: u8,
    /// Months between two management reviews.
    #[schema(minimum = 1, maximum = 60, default = 12)]
    pub management_review_months: u8,
    /// Days after the day an account became unneeded until it must be closed.
    #[schema(minimum = 0, maximum = 30, default = 1)]
    pub account_revocation_days: u8,
    /// Days after a review until its result must be communicated.
    #[schema(minimum = 1, maximum = 90, default = 7)]
    pub review_communication_days: u8,
    /// Days after joining until the first education is due; the same after a law makes education due.
    #[schema(minimum = 1, maximum = 365, default = 30)]
    pub joiner_education_days: u16,
}

impl Default for Intervals {
    fn default() -> Self {
        Self {
            policy_review_months: 12,
            risk_assessment_months: 12,
            internal_audit_months: 12,
            management_review_months: 12,
            account_revocation_days: 1,
            review_communication_days: 7,
            joiner_education_days: 30,
        }
    }
}

/// One version of the settings, as it was in force from its day on.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SettingsVersion {
    /// 1, 2, 3 …
    pub version: i32,
    /// The settings.
    pub settings: OrganizationDraft,
    /// When they came into force.
    pub in_force_at: DateTime<Utc>,
    /// Who changed them.
    pub changed_by: String,
}

/// A step of the organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum OrganizationAction {
    /// Change its settings.
    Revise,
}

impl Labelled for OrganizationAction {
    const NAME: &'static str = "organization_action";

    fn label(&self) -> Label {
        match self {
            Self::Revise => label("変更", "revise"),
        }
    }
}

impl Stateful for Organization {
    type Action = OrganizationAction;
    type State = Kept;

    const TRANSITIONS: &'static [Transition<OrganizationAction, Kept>] = &[Transition {
        action: OrganizationAction::Revise,
        from: &[Kept::Kept],
        grant: (Resource::Organization, Verb::Update),
    }];

    fn state(&self) -> Kept {
        Kept::Kept
    }
}

impl Organization {
    /// A new organization.
    pub fn found(draft: OrganizationDraft, now: DateTime<Utc>) -> Result<Self, Refusal> {
        draft.check()?;
        Ok(Self {
            id: Id::generate(now),
            revision: 1,
            draft,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        })
    }

    /// New settings.
    pub fn revise(&mut self, draft: OrganizationDraft) -> Result<(), Refusal> {
        draft.check()?;
        self.draft = draft;
        Ok(())
    }

    /// Today, in the organization's zone.
    pub fn today(&self, now: DateTime<Utc>) -> NaiveDate {
        crate::kernel::date::date_in(self.draft.time_zone.0, now)
    }
}

impl OrganizationDraft {
    /// The settings of a new organization called `name`.
    pub fn named(name: Title) -> Self {
        Self {
            name,
            level: ProgrammeLevel::default(),
            time_zone: TimeZone::default(),
            fiscal_year_start_month: april(),
            classifications: default_classifications(),
            intervals: Intervals::default(),
        }
    }

    /// Bounds, and that no code or rank stands twice.
    fn check(&self) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        if !(1..=12).contains(&self.fiscal_year_start_month) {
            faults.push(Fault::new("/fiscal_year_start_month", Code::OutOfRange));
        }
        if self.classifications.is_empty() {
            faults.push(Fault::new("/classifications", Code::TooShort));
        }
        if self.classifications.len() > 20 {
            faults.push(Fault::new("/classifications", Code::TooLong));
        }
        let (mut codes, mut ranks) = (BTreeSet::new(), BTreeSet::new());
        for (at, class) in self.classifications.iter().enumerate() {
            if !codes.insert(&class.code) {
                faults.push(Fault::new(format!("/classifications/{at}/code"), Code::Duplicate));
            }
            if !ranks.insert(class.rank) {
                faults.push(Fault::new(format!("/classifications/{at}/rank"), Code::Duplicate));
            }
            if class.rank > 99 {
                faults.push(Fault::new(format!("/classifications/{at}/rank"), Code::OutOfRange));
            }
        }
        let intervals = &self.intervals;
        for (name, value, bounds) in [
            ("policy_review_months", u16::from(intervals.policy_review_months), 1..=60),
            ("risk_assessment_months", u16::from(intervals.risk_assessment_months), 1..=60),
            ("internal_audit_months", u16::from(intervals.internal_audit_months), 1..=60),
            ("management_review_months", u16::from(intervals.management_review_months), 1..=60),
            ("account_revocation_days", u16::from(intervals.account_revocation_days), 0..=30),
            ("review_communication_days", u16::from(intervals.review_communication_days), 1..=90),
            ("joiner_education_days", intervals.joiner_education_days, 1..=365),
        ] {
            if !bounds.contains(&value) {
                faults.push(Fault::new(format!("/intervals/{name}"), Code::OutOfRange));
            }
        }
        Refusal::unless_empty(faults)
    }
}
