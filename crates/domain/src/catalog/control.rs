//! The 93 controls of Annex A of ISO/IEC 27001:2022 with the attributes of ISO/IEC 27002:2022 (domain specification §3.4).
//!
//! Titles and attribute words only. The attributes come from public tabulations that agree almost everywhere; they are
//! a help for filtering and not authoritative until compared with a licensed copy (7.4, 8.21, 6.6 and 7.13 first).

use std::{borrow::Cow, cmp::Ordering, fmt, hash, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use strum::{Display, EnumIter, EnumString};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};

use crate::kernel::label::{Label, Labelled, label};

/// A part of Annex A.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
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
pub enum ControlTheme {
    /// Chapter 5: how the organization arranges security.
    Organizational,
    /// Chapter 6: what concerns each person who works here.
    People,
    /// Chapter 7: rooms, devices and media.
    Physical,
    /// Chapter 8: systems, networks and software.
    Technological,
}

impl Labelled for ControlTheme {
    const NAME: &'static str = "control_theme";

    fn label(&self) -> Label {
        match self {
            Self::Organizational => label("組織的", "organizational"),
            Self::People => label("人的", "people"),
            Self::Physical => label("物理的", "physical"),
            Self::Technological => label("技術的", "technological"),
        }
    }
}

/// When a control takes effect, seen from the incident.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
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
pub enum ControlType {
    /// Before: it keeps an incident from happening.
    Preventive,
    /// While: it shows that one is happening.
    Detective,
    /// After: it limits or repairs the damage.
    Corrective,
}

impl Labelled for ControlType {
    const NAME: &'static str = "control_type";

    fn label(&self) -> Label {
        match self {
            Self::Preventive => label("予防", "preventive"),
            Self::Detective => label("検知", "detective"),
            Self::Corrective => label("是正", "corrective"),
        }
    }
}

/// What a control preserves of information.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
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
pub enum SecurityProperty {
    /// Only who may know it knows it.
    Confidentiality,
    /// It is correct and complete.
    Integrity,
    /// It is there when it is needed.
    Availability,
}

impl Labelled for SecurityProperty {
    const NAME: &'static str = "security_property";

    fn label(&self) -> Label {
        match self {
            Self::Confidentiality => label("機密性", "confidentiality"),
            Self::Integrity => label("完全性", "integrity"),
            Self::Availability => label("可用性", "availability"),
        }
    }
}

/// A function of cybersecurity that a control serves.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
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
pub enum CybersecurityConcept {
    /// Know what there is and what threatens it.
    Identify,
    /// Put safeguards in place.
    Protect,
    /// Notice an event.
    Detect,
    /// Act on an incident.
    Respond,
    /// Get back to normal operation.
    Recover,
}

impl Labelled for CybersecurityConcept {
    const NAME: &'static str = "cybersecurity_concept";

    fn label(&self) -> Label {
        match self {
            Self::Identify => label("識別", "identify"),
            Self::Protect => label("防御", "protect"),
            Self::Detect => label("検知", "detect"),
            Self::Respond => label("対応", "respond"),
            Self::Recover => label("復旧", "recover"),
        }
    }
}

/// A field of practice that carries a control.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
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
pub enum OperationalCapability {
    /// Direction, roles and oversight.
    Governance,
    /// Knowing, handing out and taking back assets.
    AssetManagement,
    /// Classifying and handling information.
    InformationProtection,
    /// Before, during and after employment.
    HumanResourceSecurity,
    /// Sites, rooms and equipment.
    PhysicalSecurity,
    /// Systems and the networks between them.
    SystemAndNetworkSecurity,
    /// Developing and buying software.
    ApplicationSecurity,
    /// Settings of hardware, software and cryptography.
    SecureConfiguration,
    /// Who somebody is and what they may reach.
    IdentityAndAccessManagement,
    /// Knowing threats and closing weaknesses.
    ThreatAndVulnerabilityManagement,
    /// Going on through a disruption.
    Continuity,
    /// Suppliers and the services they render.
    SupplierRelationshipsSecurity,
    /// Law, contracts and own rules.
    LegalAndCompliance,
    /// Reporting, judging and handling events and incidents.
    InformationSecurityEventManagement,
    /// Evidence that security works.
    InformationSecurityAssurance,
}

impl Labelled for OperationalCapability {
    const NAME: &'static str = "operational_capability";

    fn label(&self) -> Label {
        match self {
            Self::Governance => label("ガバナンス", "governance"),
            Self::AssetManagement => label("資産管理", "asset management"),
            Self::InformationProtection => label("情報保護", "information protection"),
            Self::HumanResourceSecurity => label("人的資源のセキュリティ", "human resource security"),
            Self::PhysicalSecurity => label("物理的セキュリティ", "physical security"),
            Self::SystemAndNetworkSecurity => {
                label("システム及びネットワークのセキュリティ", "system and network security")
            }
            Self::ApplicationSecurity => label("アプリケーションのセキュリティ", "application security"),
            Self::SecureConfiguration => label("セキュリティを保った構成", "secure configuration"),
            Self::IdentityAndAccessManagement => label("識別情報及びアクセスの管理", "identity and access management"),
            Self::ThreatAndVulnerabilityManagement => {
                label("脅威及びぜい弱性の管理", "threat and vulnerability management")
            }
            Self::Continuity => label("継続", "continuity"),
            Self::SupplierRelationshipsSecurity => label("供給者関係のセキュリティ", "supplier relationships security"),
            Self::LegalAndCompliance => label("法及び順守", "legal and compliance"),
            Self::InformationSecurityEventManagement => {
                label("情報セキュリティ事象の管理", "information security event management")
            }
            Self::InformationSecurityAssurance => label("情報セキュリティ保証", "information security assurance"),
        }
    }
}

/// A domain of security that a control belongs to.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
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
pub enum SecurityDomain {
    /// Governance, risk management and the parties around the organization.
    GovernanceAndEcosystem,
    /// Architecture, administration, access and maintenance.
    Protection,
    /// Detection and handling of incidents.
    Defence,
    /// Continuity and crisis management.
    Resilience,
}

impl Labelled for SecurityDomain {
    const NAME: &'static str = "security_domain";

    fn label(&self) -> Label {
        match self {
            Self::GovernanceAndEcosystem => label("ガバナンス及びエコシステム", "governance and ecosystem"),
            Self::Protection => label("保護", "protection"),
            Self::Defence => label("防御", "defence"),
            Self::Resilience => label("対応力", "resilience"),
        }
    }
}

/// A control of Annex A.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AnnexAControl {
    /// Its number in Annex A.
    #[schema(value_type = ControlId)]
    pub id: &'static str,
    /// Sort key: theme × 100 + number within the theme, so that 5.9 stands before 5.10.
    pub order: u16,
    /// English title.
    pub title_en: &'static str,
    /// Japanese title.
    pub title_ja: &'static str,
    /// The part of Annex A that it stands in.
    pub theme: ControlTheme,
    /// Whether the edition of 2022 introduced it: it has no predecessor in the edition of 2013.
    pub is_new_in_2022: bool,
    /// When it takes effect.
    pub control_types: &'static [ControlType],
    /// What it preserves.
    pub properties: &'static [SecurityProperty],
    /// Which functions of cybersecurity it serves.
    pub concepts: &'static [CybersecurityConcept],
    /// Which fields of practice carry it.
    pub capabilities: &'static [OperationalCapability],
    /// Which domains of security it belongs to.
    pub domains: &'static [SecurityDomain],
}

/// A line of the table; theme and sort key follow from the id. An id of another form does not build.
#[expect(clippy::too_many_arguments, reason = "the columns of the table")]
const fn control(
    id: &'static str,
    is_new_in_2022: bool,
    title_en: &'static str,
    title_ja: &'static str,
    control_types: &'static [ControlType],
    properties: &'static [SecurityProperty],
    concepts: &'static [CybersecurityConcept],
    capabilities: &'static [OperationalCapability],
    domains: &'static [SecurityDomain],
) -> AnnexAControl {
    let order = order(id);
    let theme = theme(order);
    AnnexAControl {
        id,
        order,
        title_en,
        title_ja,
        theme,
        is_new_in_2022,
        control_types,
        properties,
        concepts,
        capabilities,
        domains,
    }
}

/// The sort key of an id: 510 for `5.10`.
#[expect(clippy::panic, reason = "runs at compile time only")]
const fn order(id: &str) -> u16 {
    let (theme, tens, ones) = match id.as_bytes() {
        [theme @ b'5'..=b'8', b'.', ones @ b'1'..=b'9'] => (*theme, b'0', *ones),
        [theme @ b'5'..=b'8', b'.', tens @ b'1'..=b'9', ones @ b'0'..=b'9'] => (*theme, *tens, *ones),
        _ => panic!("an id is a theme from 5 to 8, a dot and a number"),
    };
    (theme - b'0') as u16 * 100 + (tens - b'0') as u16 * 10 + (ones - b'0') as u16
}

/// The theme of a sort key.
const fn theme(order: u16) -> ControlTheme {
    match order / 100 {
        5 => ControlTheme::Organizational,
        6 => ControlTheme::People,
        7 => ControlTheme::Physical,
        _ => ControlTheme::Technological,
    }
}

/// Annex A, in its order.
///
/// Columns: id, whether new in 2022, English title, Japanese title, types, properties, concepts, capabilities, domains.
#[rustfmt::skip]
pub static CONTROLS: [AnnexAControl; 93] = {
    use ControlType::{Corrective, Detective, Preventive};
    use CybersecurityConcept::{Detect, Identify, Protect, Recover, Respond};
    use OperationalCapability::{
        ApplicationSecurity, AssetManagement, Continuity, Governance, HumanResourceSecurity, IdentityAndAccessManagement,
        InformationProtection, InformationSecurityAssurance, InformationSecurityEventManagement, LegalAndCompliance,
        PhysicalSecurity, SecureConfiguration, SupplierRelationshipsSecurity, SystemAndNetworkSecurity,
        ThreatAndVulnerabilityManagement,
    };
    use SecurityDomain::{Defence, GovernanceAndEcosystem, Protection, Resilience};
    use SecurityProperty::{Availability, Confidentiality, Integrity};

    const NEW: bool = true;
    const OLD: bool = false;
    const CIA: &[SecurityProperty] = &[Confidentiality, Integrity, Availability];

    [
        control("5.1",  OLD, "Policies for information security", "情報セキュリティのための方針群", &[Preventive], CIA, &[Identify], &[Governance], &[GovernanceAndEcosystem, Resilience]),
        control("5.2",  OLD, "Information security roles and responsibilities", "情報セキュリティの役割及び責任", &[Preventive], CIA, &[Identify], &[Governance], &[GovernanceAndEcosystem, Protection, Resilience]),
        control("5.3",  OLD, "Segregation of duties", "職務の分離", &[Preventive], CIA, &[Protect], &[Governance, IdentityAndAccessManagement], &[GovernanceAndEcosystem]),
        control("5.4",  OLD, "Management responsibilities", "経営陣の責任", &[Preventive], CIA, &[Identify], &[Governance], &[GovernanceAndEcosystem]),
        control("5.5",  OLD, "Contact with authorities", "関係当局との連絡", &[Preventive, Corrective], CIA, &[Identify, Protect, Respond, Recover], &[Governance], &[Defence, Resilience]),
        control("5.6",  OLD, "Contact with special interest groups", "専門組織との連絡", &[Preventive, Corrective], CIA, &[Protect, Respond, Recover], &[Governance], &[Defence]),
        control("5.7",  NEW, "Threat intelligence", "脅威インテリジェンス", &[Preventive, Detective, Corrective], CIA, &[Identify, Detect, Respond], &[ThreatAndVulnerabilityManagement], &[Defence, Resilience]),
        control("5.8",  OLD, "Information security in project management", "プロジェクトマネジメントにおける情報セキュリティ", &[Preventive], CIA, &[Identify, Protect], &[Governance], &[GovernanceAndEcosystem, Protection]),
        control("5.9",  OLD, "Inventory of information and other associated assets", "情報及びその他の関連資産の目録", &[Preventive], CIA, &[Identify], &[AssetManagement], &[GovernanceAndEcosystem, Protection]),
        control("5.10", OLD, "Acceptable use of information and other associated assets", "情報及びその他の関連資産の利用の許容範囲", &[Preventive], CIA, &[Protect], &[AssetManagement, InformationProtection], &[GovernanceAndEcosystem, Protection]),
        control("5.11", OLD, "Return of assets", "資産の返却", &[Preventive], CIA, &[Protect], &[AssetManagement], &[Protection]),
        control("5.12", OLD, "Classification of information", "情報の分類", &[Preventive], CIA, &[Identify], &[InformationProtection], &[Protection, Defence]),
        control("5.13", OLD, "Labelling of information", "情報のラベル付け", &[Preventive], CIA, &[Protect], &[InformationProtection], &[Protection, Defence]),
        control("5.14", OLD, "Information transfer", "情報転送", &[Preventive], CIA, &[Protect], &[AssetManagement, InformationProtection], &[Protection]),
        control("5.15", OLD, "Access control", "アクセス制御", &[Preventive], CIA, &[Protect], &[IdentityAndAccessManagement], &[Protection]),
        control("5.16", OLD, "Identity management", "識別情報の管理", &[Preventive], CIA, &[Protect], &[IdentityAndAccessManagement], &[Protection]),
        control("5.17", OLD, "Authentication information", "認証情報", &[Preventive], CIA, &[Protect], &[IdentityAndAccessManagement], &[Protection]),
        control("5.18", OLD, "Access rights", "アクセス権", &[Preventive], CIA, &[Protect], &[IdentityAndAccessManagement], &[Protection]),
        control("5.19", OLD, "Information security in supplier relationships", "供給者関係における情報セキュリティ", &[Preventive], CIA, &[Identify], &[SupplierRelationshipsSecurity], &[GovernanceAndEcosystem, Protection]),
        control("5.20", OLD, "Addressing information security within supplier agreements", "供給者との合意における情報セキュリティの取扱い", &[Preventive], CIA, &[Identify], &[SupplierRelationshipsSecurity], &[GovernanceAndEcosystem, Protection]),
        control("5.21", OLD, "Managing information security in the ICT supply chain", "ICT サプライチェーンにおける情報セキュリティの管理", &[Preventive], CIA, &[Identify], &[SupplierRelationshipsSecurity], &[GovernanceAndEcosystem, Protection]),
        control("5.22", OLD, "Monitoring, review and change management of supplier services", "供給者のサービス提供の監視，レビュー及び変更管理", &[Preventive], CIA, &[Identify], &[SupplierRelationshipsSecurity, InformationSecurityAssurance], &[GovernanceAndEcosystem, Protection, Defence]),
        control("5.23", NEW, "Information security for use of cloud services", "クラウドサービスの利用における情報セキュリティ", &[Preventive], CIA, &[Protect], &[SupplierRelationshipsSecurity], &[GovernanceAndEcosystem, Protection]),
        control("5.24", OLD, "Information security incident management planning and preparation", "情報セキュリティインシデント管理の計画及び準備", &[Corrective], CIA, &[Respond, Recover], &[Governance, InformationSecurityEventManagement], &[Defence]),
        control("5.25", OLD, "Assessment and decision on information security events", "情報セキュリティ事象の評価及び決定", &[Detective], CIA, &[Detect, Respond], &[InformationSecurityEventManagement], &[Defence]),
        control("5.26", OLD, "Response to information security incidents", "情報セキュリティインシデントへの対応", &[Corrective], CIA, &[Respond, Recover], &[InformationSecurityEventManagement], &[Defence]),
        control("5.27", OLD, "Learning from information security incidents", "情報セキュリティインシデントからの学習", &[Preventive], CIA, &[Identify, Protect], &[InformationSecurityEventManagement], &[Defence]),
        control("5.28", OLD, "Collection of evidence", "証拠の収集", &[Corrective], CIA, &[Detect, Respond], &[InformationSecurityEventManagement], &[Defence]),
        control("5.29", OLD, "Information security during disruption", "事業の中断・阻害時の情報セキュリティ", &[Preventive, Corrective], CIA, &[Protect, Respond], &[Continuity], &[Protection, Resilience]),
        control("5.30", NEW, "ICT readiness for business continuity", "事業継続のためのICTの備え", &[Corrective], &[Availability], &[Respond], &[Continuity], &[Resilience]),
        control("5.31", OLD, "Legal, statutory, regulatory and contractual requirements", "法令，規制及び契約上の要求事項", &[Preventive], CIA, &[Identify], &[LegalAndCompliance], &[GovernanceAndEcosystem, Protection]),
        control("5.32", OLD, "Intellectual property rights", "知的財産権", &[Preventive], CIA, &[Identify], &[LegalAndCompliance], &[GovernanceAndEcosystem]),
        control("5.33", OLD, "Protection of records", "記録の保護", &[Preventive], CIA, &[Identify, Protect], &[LegalAndCompliance, AssetManagement, InformationProtection], &[Defence]),
        control("5.34", OLD, "Privacy and protection of PII", "プライバシー及びPIIの保護", &[Preventive], CIA, &[Identify, Protect], &[InformationProtection, LegalAndCompliance], &[Protection]),
        control("5.35", OLD, "Independent review of information security", "情報セキュリティの独立したレビュー", &[Preventive, Corrective], CIA, &[Identify, Protect], &[InformationSecurityAssurance], &[GovernanceAndEcosystem]),
        control("5.36", OLD, "Compliance with policies, rules and standards for information security", "情報セキュリティのための方針群，規則及び標準の順守", &[Preventive], CIA, &[Identify, Protect], &[LegalAndCompliance, InformationSecurityAssurance], &[GovernanceAndEcosystem]),
        control("5.37", OLD, "Documented operating procedures", "操作手順書", &[Preventive, Corrective], CIA, &[Protect, Recover], &[AssetManagement, PhysicalSecurity, SystemAndNetworkSecurity, ApplicationSecurity, SecureConfiguration, IdentityAndAccessManagement, ThreatAndVulnerabilityManagement, Continuity, InformationSecurityEventManagement], &[GovernanceAndEcosystem, Protection, Defence]),

        control("6.1",  OLD, "Screening", "選考", &[Preventive], CIA, &[Protect], &[HumanResourceSecurity], &[GovernanceAndEcosystem]),
        control("6.2",  OLD, "Terms and conditions of employment", "雇用条件", &[Preventive], CIA, &[Protect], &[HumanResourceSecurity], &[GovernanceAndEcosystem]),
        control("6.3",  OLD, "Information security awareness, education and training", "情報セキュリティの意識向上，教育及び訓練", &[Preventive], CIA, &[Protect], &[HumanResourceSecurity], &[GovernanceAndEcosystem]),
        control("6.4",  OLD, "Disciplinary process", "懲戒手続", &[Preventive, Corrective], CIA, &[Protect, Respond], &[HumanResourceSecurity], &[GovernanceAndEcosystem]),
        control("6.5",  OLD, "Responsibilities after termination or change of employment", "雇用の終了又は変更後の責任", &[Preventive], CIA, &[Protect], &[HumanResourceSecurity, AssetManagement], &[GovernanceAndEcosystem]),
        control("6.6",  OLD, "Confidentiality or non-disclosure agreements", "秘密保持契約又は守秘義務契約", &[Preventive], &[Confidentiality], &[Protect], &[HumanResourceSecurity, InformationProtection, SupplierRelationshipsSecurity], &[GovernanceAndEcosystem]),
        control("6.7",  OLD, "Remote working", "リモートワーク", &[Preventive], CIA, &[Protect], &[AssetManagement, InformationProtection, PhysicalSecurity, SystemAndNetworkSecurity], &[Protection]),
        control("6.8",  OLD, "Information security event reporting", "情報セキュリティ事象の報告", &[Detective], CIA, &[Detect], &[InformationSecurityEventManagement], &[Defence]),

        control("7.1",  OLD, "Physical security perimeters", "物理的セキュリティ境界", &[Preventive], CIA, &[Protect], &[PhysicalSecurity], &[Protection]),
        control("7.2",  OLD, "Physical entry", "物理的入退", &[Preventive], CIA, &[Protect], &[PhysicalSecurity, IdentityAndAccessManagement], &[Protection]),
        control("7.3",  OLD, "Securing offices, rooms and facilities", "オフィス，部屋及び施設のセキュリティ", &[Preventive], CIA, &[Protect], &[PhysicalSecurity, AssetManagement], &[Protection]),
        control("7.4",  NEW, "Physical security monitoring", "物理的セキュリティの監視", &[Preventive, Detective], CIA, &[Protect, Detect], &[PhysicalSecurity], &[Protection, Defence]),
        control("7.5",  OLD, "Protecting against physical and environmental threats", "物理的及び環境的脅威からの保護", &[Preventive], CIA, &[Protect], &[PhysicalSecurity], &[Protection]),
        control("7.6",  OLD, "Working in secure areas", "セキュリティを保つべき領域での作業", &[Preventive], CIA, &[Protect], &[PhysicalSecurity], &[Protection]),
        control("7.7",  OLD, "Clear desk and clear screen", "クリアデスク・クリアスクリーン", &[Preventive], &[Confidentiality], &[Protect], &[PhysicalSecurity], &[Protection]),
        control("7.8",  OLD, "Equipment siting and protection", "装置の設置及び保護", &[Preventive], CIA, &[Protect], &[PhysicalSecurity, AssetManagement], &[Protection]),
        control("7.9",  OLD, "Security of assets off-premises", "構外にある資産のセキュリティ", &[Preventive], CIA, &[Protect], &[PhysicalSecurity, AssetManagement], &[Protection]),
        control("7.10", OLD, "Storage media", "記憶媒体", &[Preventive], CIA, &[Protect], &[PhysicalSecurity, AssetManagement], &[Protection]),
        control("7.11", OLD, "Supporting utilities", "サポートユーティリティ", &[Preventive, Detective], &[Integrity, Availability], &[Protect, Detect], &[PhysicalSecurity], &[Protection]),
        control("7.12", OLD, "Cabling security", "ケーブル配線のセキュリティ", &[Preventive], &[Confidentiality, Availability], &[Protect], &[PhysicalSecurity], &[Protection]),
        control("7.13", OLD, "Equipment maintenance", "装置の保守", &[Preventive], CIA, &[Protect], &[PhysicalSecurity, AssetManagement], &[Protection, Resilience]),
        control("7.14", OLD, "Secure disposal or re-use of equipment", "装置のセキュリティを保った処分又は再利用", &[Preventive], &[Confidentiality], &[Protect], &[PhysicalSecurity, AssetManagement], &[Protection]),

        control("8.1",  OLD, "User endpoint devices", "利用者終端装置", &[Preventive], CIA, &[Protect], &[AssetManagement, InformationProtection], &[Protection]),
        control("8.2",  OLD, "Privileged access rights", "特権的アクセス権", &[Preventive], CIA, &[Protect], &[IdentityAndAccessManagement], &[Protection]),
        control("8.3",  OLD, "Information access restriction", "情報へのアクセス制限", &[Preventive], CIA, &[Protect], &[IdentityAndAccessManagement], &[Protection]),
        control("8.4",  OLD, "Access to source code", "ソースコードへのアクセス", &[Preventive], CIA, &[Protect], &[IdentityAndAccessManagement, ApplicationSecurity, SecureConfiguration], &[Protection]),
        control("8.5",  OLD, "Secure authentication", "セキュリティを保った認証", &[Preventive], CIA, &[Protect], &[IdentityAndAccessManagement], &[Protection]),
        control("8.6",  OLD, "Capacity management", "容量・能力の管理", &[Preventive, Detective], &[Integrity, Availability], &[Identify, Protect, Detect], &[Continuity], &[GovernanceAndEcosystem, Protection]),
        control("8.7",  OLD, "Protection against malware", "マルウェアに対する保護", &[Preventive, Detective, Corrective], CIA, &[Protect, Detect], &[SystemAndNetworkSecurity, InformationProtection], &[Protection, Defence]),
        control("8.8",  OLD, "Management of technical vulnerabilities", "技術的ぜい弱性の管理", &[Preventive], CIA, &[Identify, Protect], &[ThreatAndVulnerabilityManagement], &[GovernanceAndEcosystem, Protection, Defence]),
        control("8.9",  NEW, "Configuration management", "構成管理", &[Preventive], CIA, &[Protect], &[SecureConfiguration], &[Protection]),
        control("8.10", NEW, "Information deletion", "情報の削除", &[Preventive], &[Confidentiality], &[Protect], &[InformationProtection, LegalAndCompliance], &[Protection]),
        control("8.11", NEW, "Data masking", "データマスキング", &[Preventive], &[Confidentiality], &[Protect], &[InformationProtection], &[Protection]),
        control("8.12", NEW, "Data leakage prevention", "データ漏えいの防止", &[Preventive, Detective], &[Confidentiality], &[Protect, Detect], &[InformationProtection], &[Protection, Defence]),
        control("8.13", OLD, "Information backup", "情報のバックアップ", &[Corrective], &[Integrity, Availability], &[Recover], &[Continuity], &[Protection]),
        control("8.14", OLD, "Redundancy of information processing facilities", "情報処理施設の冗長性", &[Preventive], &[Availability], &[Protect], &[Continuity, AssetManagement], &[Protection, Resilience]),
        control("8.15", OLD, "Logging", "ログ取得", &[Detective], CIA, &[Detect], &[InformationSecurityEventManagement], &[Protection, Defence]),
        control("8.16", NEW, "Monitoring activities", "監視活動", &[Detective, Corrective], CIA, &[Detect, Respond], &[InformationSecurityEventManagement], &[Defence]),
        control("8.17", OLD, "Clock synchronization", "クロックの同期", &[Detective], &[Integrity], &[Protect, Detect], &[InformationSecurityEventManagement], &[Protection, Defence]),
        control("8.18", OLD, "Use of privileged utility programs", "特権的なユーティリティプログラムの使用", &[Preventive], CIA, &[Protect], &[SystemAndNetworkSecurity, SecureConfiguration, ApplicationSecurity], &[Protection]),
        control("8.19", OLD, "Installation of software on operational systems", "運用システムに関わるソフトウェアの導入", &[Preventive], CIA, &[Protect], &[SecureConfiguration, ApplicationSecurity], &[Protection]),
        control("8.20", OLD, "Networks security", "ネットワークのセキュリティ", &[Preventive, Detective], CIA, &[Protect, Detect], &[SystemAndNetworkSecurity], &[Protection]),
        control("8.21", OLD, "Security of network services", "ネットワークサービスのセキュリティ", &[Preventive], CIA, &[Protect], &[SystemAndNetworkSecurity], &[Protection]),
        control("8.22", OLD, "Segregation of networks", "ネットワークの分離", &[Preventive], CIA, &[Protect], &[SystemAndNetworkSecurity], &[Protection]),
        control("8.23", NEW, "Web filtering", "ウェブ・フィルタリング", &[Preventive], CIA, &[Protect], &[SystemAndNetworkSecurity], &[Protection]),
        control("8.24", OLD, "Use of cryptography", "暗号の使用", &[Preventive], CIA, &[Protect], &[SecureConfiguration], &[Protection]),
        control("8.25", OLD, "Secure development life cycle", "セキュリティに配慮した開発のライフサイクル", &[Preventive], CIA, &[Protect], &[ApplicationSecurity, SystemAndNetworkSecurity], &[Protection]),
        control("8.26", OLD, "Application security requirements", "アプリケーションのセキュリティの要求事項", &[Preventive], CIA, &[Protect], &[ApplicationSecurity, SystemAndNetworkSecurity], &[Protection, Defence]),
        control("8.27", OLD, "Secure system architecture and engineering principles", "セキュリティに配慮したシステムアーキテクチャ及びシステム構築の原則", &[Preventive], CIA, &[Protect], &[ApplicationSecurity, SystemAndNetworkSecurity], &[Protection]),
        control("8.28", NEW, "Secure coding", "セキュリティに配慮したコーディング", &[Preventive], CIA, &[Protect], &[ApplicationSecurity, SystemAndNetworkSecurity], &[Protection]),
        control("8.29", OLD, "Security testing in development and acceptance", "開発及び受入れにおけるセキュリティ試験", &[Preventive], CIA, &[Identify], &[ApplicationSecurity, InformationSecurityAssurance, SystemAndNetworkSecurity], &[Protection]),
        control("8.30", OLD, "Outsourced development", "外部委託による開発", &[Preventive, Detective], CIA, &[Identify, Protect, Detect], &[SystemAndNetworkSecurity, ApplicationSecurity, SupplierRelationshipsSecurity], &[GovernanceAndEcosystem, Protection]),
        control("8.31", OLD, "Separation of development, test and production environments", "開発環境，試験環境及び運用環境の分離", &[Preventive], CIA, &[Protect], &[ApplicationSecurity, SystemAndNetworkSecurity], &[Protection]),
        control("8.32", OLD, "Change management", "変更管理", &[Preventive], CIA, &[Protect], &[ApplicationSecurity, SystemAndNetworkSecurity], &[Protection]),
        control("8.33", OLD, "Test information", "試験情報", &[Preventive], &[Confidentiality, Integrity], &[Protect], &[InformationProtection], &[Protection]),
        control("8.34", OLD, "Protection of information systems during audit testing", "監査試験中の情報システムの保護", &[Preventive], CIA, &[Protect], &[SystemAndNetworkSecurity, InformationProtection], &[GovernanceAndEcosystem, Protection]),
    ]
};

/// The control with this number.
pub fn find(id: &str) -> Option<&'static AnnexAControl> {
    CONTROLS.iter().find(|control| control.id == id)
}

/// The number of a control of Annex A, such as `5.12`: a reference that cannot point to nothing. Sorts as Annex A does.
#[derive(Clone, Copy)]
pub struct ControlId(&'static AnnexAControl);

impl ControlId {
    /// The 93 numbers, in the order of Annex A.
    pub fn all() -> impl Iterator<Item = Self> {
        CONTROLS.iter().map(Self)
    }

    /// The control that it names.
    pub fn control(self) -> &'static AnnexAControl {
        self.0
    }

    /// The number as it is written.
    pub fn as_str(self) -> &'static str {
        self.0.id
    }
}

/// The text is not the number of a control of Annex A.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a control of Annex A")]
pub struct NotAControl;

impl FromStr for ControlId {
    type Err = NotAControl;

    fn from_str(text: &str) -> Result<Self, NotAControl> {
        find(text).map(Self).ok_or(NotAControl)
    }
}

impl TryFrom<String> for ControlId {
    type Error = NotAControl;

    fn try_from(text: String) -> Result<Self, NotAControl> {
        text.parse()
    }
}

impl fmt::Display for ControlId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.id)
    }
}

impl fmt::Debug for ControlId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ControlId({self})")
    }
}

// By sort key: derives would compare the whole control.
impl PartialEq for ControlId {
    fn eq(&self, other: &Self) -> bool {
        self.0.order == other.0.order
    }
}
impl Eq for ControlId {}
impl PartialOrd for ControlId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for ControlId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.order.cmp(&other.0.order)
    }
}
impl hash::Hash for ControlId {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.0.order.hash(state);
    }
}

impl Serialize for ControlId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.id)
    }
}

impl<'de> Deserialize<'de> for ControlId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl PartialSchema for ControlId {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("The number of a control of Annex A of ISO/IEC 27001:2022."))
            .pattern(Some(r"^[5-8]\.[0-9]{1,2}$"))
            .enum_values(Some(Self::all().map(Self::as_str)))
            .into()
    }
}

impl ToSchema for ControlId {
    fn name() -> Cow<'static, str> {
        "ControlId".into()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use strum::IntoEnumIterator;

    use super::*;

    fn ids(keep: impl Fn(&AnnexAControl) -> bool) -> Vec<&'static str> {
        CONTROLS.iter().filter(|control| keep(control)).map(|control| control.id).collect()
    }

    #[test]
    fn the_themes_have_their_number_of_controls() {
        let counts: Vec<_> = ControlTheme::iter().map(|theme| ids(|control| control.theme == theme).len()).collect();
        assert_eq!(counts, [37, 8, 14, 34]);
    }

    #[test]
    fn eleven_controls_are_new() {
        let new = ["5.7", "5.23", "5.30", "7.4", "8.9", "8.10", "8.11", "8.12", "8.16", "8.23", "8.28"];
        assert_eq!(ids(|control| control.is_new_in_2022), new);
    }

    #[test]
    fn fourteen_controls_are_corrective() {
        let corrective =
            ["5.5", "5.6", "5.7", "5.24", "5.26", "5.28", "5.29", "5.30", "5.35", "5.37", "6.4", "8.7", "8.13", "8.16"];
        assert_eq!(ids(|control| control.control_types.contains(&ControlType::Corrective)), corrective);
    }

    #[test]
    fn controls_stand_in_order_without_a_gap() {
        for (control, next) in CONTROLS.iter().zip(CONTROLS.iter().skip(1)) {
            assert!(
                next.order == control.order + 1 || next.order == (control.order / 100 + 1) * 100 + 1,
                "{}",
                next.id
            );
        }
        let unique: BTreeSet<_> = CONTROLS.iter().map(|control| control.id).collect();
        assert_eq!(unique.len(), 93);
    }

    #[test]
    fn every_attribute_is_given_in_the_order_of_its_words() {
        fn given<T: Ord>(words: &[T]) -> bool {
            !words.is_empty() && words.is_sorted_by(|a, b| a < b)
        }
        for control in &CONTROLS {
            assert!(given(control.control_types), "{}", control.id);
            assert!(given(control.properties), "{}", control.id);
            assert!(given(control.concepts), "{}", control.id);
            assert!(given(control.domains), "{}", control.id);
            let unique: BTreeSet<_> = control.capabilities.iter().collect();
            assert!(!unique.is_empty() && unique.len() == control.capabilities.len(), "{}", control.id);
        }
        assert!(
            OperationalCapability::iter()
                .all(|word| CONTROLS.iter().any(|control| control.capabilities.contains(&word)))
        );
    }

    #[test]
    fn an_id_names_one_of_the_93() {
        let id: ControlId = serde_json::from_str(r#""5.12""#).unwrap();
        assert_eq!(id.control().title_en, "Classification of information");
        assert_eq!(serde_json::to_string(&id).unwrap(), r#""5.12""#);
        assert!(ControlId::all().all(|id| ControlId::try_from(id.to_string()) == Ok(id)));
        for text in ["5.99", "5.0", "5.01", "05.1", "5.1 ", "5.38", "4.1", "9.1", "5", ""] {
            assert_eq!(text.parse::<ControlId>(), Err(NotAControl), "{text}");
            assert!(serde_json::from_value::<ControlId>(text.into()).is_err(), "{text}");
        }
    }

    #[test]
    fn ids_sort_as_annex_a_does() {
        let sorted: BTreeSet<ControlId> = ["8.1", "5.10", "5.9"].iter().map(|text| text.parse().unwrap()).collect();
        assert_eq!(sorted.into_iter().map(ControlId::as_str).collect::<Vec<_>>(), ["5.9", "5.10", "8.1"]);
    }

    #[test]
    fn the_schema_lists_the_ids() {
        let schema = serde_json::to_value(ControlId::schema()).unwrap();
        assert_eq!(schema["type"], "string");
        assert_eq!(schema["enum"].as_array().unwrap().len(), 93);
        assert_eq!(ControlId::name(), "ControlId");
        let control = serde_json::to_value(AnnexAControl::schema()).unwrap();
        assert_eq!(control["properties"]["id"]["$ref"], "#/components/schemas/ControlId");
        assert_eq!(control["properties"]["control_types"]["items"]["$ref"], "#/components/schemas/ControlType");
    }

    #[test]
    fn a_control_on_the_wire() {
        let control = serde_json::to_value(find("7.11").unwrap()).unwrap();
        assert_eq!(
            control,
            serde_json::json!({
                "id": "7.11", "order": 711, "title_en": "Supporting utilities", "title_ja": "サポートユーティリティ",
                "theme": "physical", "is_new_in_2022": false, "control_types": ["preventive", "detective"],
                "properties": ["integrity", "availability"], "concepts": ["protect", "detect"],
                "capabilities": ["physical_security"], "domains": ["protection"],
            })
        );
    }
}
