//! The themes that every year's education has (D06d), and when each is taught.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use crate::kernel::label::{Label, Labelled, label};

/// A mandatory theme of education.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    EnumIter,
    ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum EducationTheme {
    /// The organization's own rules on information security.
    RegulationsBriefing,
    /// Warnings of the latest threats.
    ThreatAlert,
    /// The laws that concern the organization.
    LegalUnderstanding,
    /// What to mind with personal data.
    PersonalDataHandling,
    /// Compliance.
    Compliance,
}

impl Labelled for EducationTheme {
    const NAME: &'static str = "education_theme";

    fn label(&self) -> Label {
        match self {
            Self::RegulationsBriefing => label("情報セキュリティ関連規程の説明", "briefing on the security rules"),
            Self::ThreatAlert => label("最新の脅威に対する注意喚起", "warning of the latest threats"),
            Self::LegalUnderstanding => label("関連法令の理解", "understanding of the laws"),
            Self::PersonalDataHandling => label("個人情報の取扱い", "handling of personal data"),
            Self::Compliance => label("コンプライアンス教育", "compliance"),
        }
    }
}

/// When a theme is taught.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum EducationTiming {
    /// When somebody joins.
    OnJoining,
    /// While people work here.
    DuringEmployment,
    /// Whenever there is a reason.
    AsNeeded,
    /// When a law is promulgated.
    OnLawPromulgation,
    /// When a law comes into force.
    OnLawEnforcement,
    /// At the time that the programme plans.
    Scheduled,
}

impl Labelled for EducationTiming {
    const NAME: &'static str = "education_timing";

    fn label(&self) -> Label {
        match self {
            Self::OnJoining => label("入社時", "on joining"),
            Self::DuringEmployment => label("就業時", "during employment"),
            Self::AsNeeded => label("随時", "as needed"),
            Self::OnLawPromulgation => label("法令の公布時", "when a law is promulgated"),
            Self::OnLawEnforcement => label("法令の施行時", "when a law comes into force"),
            Self::Scheduled => label("計画した時期", "as scheduled"),
        }
    }
}
