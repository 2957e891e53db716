//! The asset inventory (資産目録, D02; 6.1, A.5.9).

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use super::{
    owner::{RiskOwner, check_owner},
    rating::Rating,
};
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
    organization::{department::Department, organization::ClassificationCode, person::Person, position::Position},
};

/// An information asset.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Asset {
    /// Its id.
    pub id: Id<Asset>,
    /// Rises with every change.
    pub revision: Revision,
    /// Its number in the inventory (No), assigned by the service or supplied by an import.
    pub number: i32,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: AssetDraft,
    /// How important it is, 1 to 3.
    pub importance: Rating,
    /// What the importance follows from.
    pub importance_basis: ImportanceBasis,
    /// The department that manages it.
    pub managing_department: Reference,
    /// The owner of its risks.
    pub risk_owner: RiskOwner,
    /// Whether it is still there.
    pub state: AssetState,
    /// The owner's confirmation of the entry as it stands; a change takes it away.
    #[schema(required)]
    pub confirmation: Option<Signature>,
    /// When, how and why it left.
    #[schema(required)]
    pub disposal: Option<AssetDisposal>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<AssetAction>,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for Asset {
    const RESOURCE: Resource = Resource::Asset;
}

impl Revised for Asset {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written about an asset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssetDraft {
    /// The kind of business it belongs to (業務分類).
    pub business_category: Title,
    /// Its name (情報資産名称).
    pub name: Title,
    /// Remarks (備考).
    #[serde(default)]
    pub remarks: Note,
    /// Who uses it (利用者範囲).
    pub authorized_users: Title,
    /// The owner of its risks, as a person. Exactly one of person and position.
    #[serde(default)]
    #[schema(required = false)]
    pub risk_owner_person_id: Option<Id<Person>>,
    /// The owner of its risks, as a position (人事部長).
    #[serde(default)]
    #[schema(required = false)]
    pub risk_owner_position_id: Option<Id<Position>>,
    /// The department that manages it (管理部署).
    pub managing_department_id: Id<Department>,
    /// On what it is kept (媒体).
    pub media: Media,
    /// Where exactly it is kept (保存先).
    #[serde(default)]
    pub storage_location: Note,
    /// Confidentiality.
    pub confidentiality: Rating,
    /// Integrity.
    pub integrity: Rating,
    /// Availability.
    pub availability: Rating,
    /// Contains personal data (個人情報).
    #[serde(default)]
    pub contains_personal_data: bool,
    /// Contains sensitive personal data (要配慮個人情報).
    #[serde(default)]
    pub contains_sensitive_personal_data: bool,
    /// Contains My Number data (特定個人情報).
    #[serde(default)]
    pub contains_my_number: bool,
    /// An accident could decide the company's survival.
    #[serde(default)]
    pub business_critical: bool,
    /// Why it is business critical; required where it is.
    #[serde(default)]
    #[schema(required = false)]
    pub business_critical_reason: Option<Text>,
    /// Its class in the organization's own list.
    #[serde(default)]
    #[schema(required = false)]
    pub classification: Option<ClassificationCode>,
    /// Primary or supporting asset.
    #[serde(default)]
    #[schema(required = false)]
    pub asset_class: Option<AssetClass>,
    /// How long it is kept (保存期限), as written.
    #[serde(default)]
    #[schema(required = false)]
    pub retention_period: Option<Title>,
    /// When it was registered or last updated in the inventory (登録日).
    #[serde(default)]
    #[schema(required = false)]
    pub registered_on: Option<NaiveDate>,
}

/// On what an asset is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Media {
    /// 書類
    Paper,
    /// 可搬電子媒体
    PortableMedia,
    /// 事務所PC
    OfficePc,
    /// モバイル機器
    MobileDevice,
    /// 社内サーバー
    InternalServer,
    /// 社外サーバー
    ExternalServer,
    /// その他
    Other,
}

impl Labelled for Media {
    const NAME: &'static str = "media";

    fn label(&self) -> Label {
        match self {
            Self::Paper => label("書類", "paper"),
            Self::PortableMedia => label("可搬電子媒体", "portable media"),
            Self::OfficePc => label("事務所PC", "office PC"),
            Self::MobileDevice => label("モバイル機器", "mobile device"),
            Self::InternalServer => label("社内サーバー", "internal server"),
            Self::ExternalServer => label("社外サーバー", "external server (cloud)"),
            Self::Other => label("その他", "other"),
        }
    }
}

/// Primary or supporting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AssetClass {
    /// Business processes and information.
    Primary,
    /// What they rest on.
    Supporting,
}

impl Labelled for AssetClass {
    const NAME: &'static str = "asset_class";

    fn label(&self) -> Label {
        match self {
            Self::Primary => label("主要資産", "primary asset"),
            Self::Supporting => label("支援資産", "supporting asset"),
        }
    }
}

/// What an importance follows from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ImportanceBasis {
    /// The highest of confidentiality, integrity and availability.
    HighestRating,
    /// It contains personal data.
    PersonalData,
    /// An accident could decide the company's survival.
    BusinessCritical,
}

impl Labelled for ImportanceBasis {
    const NAME: &'static str = "importance_basis";

    fn label(&self) -> Label {
        match self {
            Self::HighestRating => label("機密性・完全性・可用性の最大値", "highest rating"),
            Self::PersonalData => label("個人情報を含む", "personal data"),
            Self::BusinessCritical => label("事業の存続に関わる", "business critical"),
        }
    }
}

/// Whether an asset is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AssetState {
    /// In use.
    InUse,
    /// Disposed of.
    Disposed,
    /// Entered by mistake.
    Voided,
}

impl Labelled for AssetState {
    const NAME: &'static str = "asset_state";

    fn label(&self) -> Label {
        match self {
            Self::InUse => label("使用中", "in use"),
            Self::Disposed => label("廃棄済み", "disposed"),
            Self::Voided => label("誤登録", "voided"),
        }
    }
}

/// How an asset leaves the inventory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssetDisposal {
    /// The day it left.
    pub disposed_on: NaiveDate,
    /// Why, and how (shredded, wiped, returned …).
    pub reason: Text,
    /// It was entered by mistake and nothing refers to it.
    #[serde(default)]
    pub entered_by_mistake: bool,
}

/// A step of an asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AssetAction {
    /// Change it.
    Revise,
    /// Confirm the entry as the owner of its risks (`/confirmation`).
    Confirm,
    /// Dispose of it (`/disposal`).
    Dispose,
}

impl Labelled for AssetAction {
    const NAME: &'static str = "asset_action";

    fn label(&self) -> Label {
        match self {
            Self::Revise => label("変更", "revise"),
            Self::Confirm => label("確認", "confirm"),
            Self::Dispose => label("廃棄", "dispose of"),
        }
    }
}

impl Stateful for Asset {
    type Action = AssetAction;
    type State = AssetState;

    const TRANSITIONS: &'static [Transition<AssetAction, AssetState>] = &[
        Transition { action: AssetAction::Revise, from: &[AssetState::InUse], grant: (Resource::Asset, Verb::Update) },
        Transition {
            action: AssetAction::Confirm,
            from: &[AssetState::InUse],
            grant: (Resource::Asset, Verb::Approve),
        },
        Transition { action: AssetAction::Dispose, from: &[AssetState::InUse], grant: (Resource::Asset, Verb::Update) },
    ];

    fn state(&self) -> AssetState {
        self.state
    }
}

impl AssetDraft {
    /// Importance and what it follows from: the highest rating, or 3 for personal data and what is business critical
    ///
    pub fn importance(&self) -> (Rating, ImportanceBasis) {
        if self.contains_personal_data || self.contains_sensitive_personal_data || self.contains_my_number {
            (Rating::HIGH, ImportanceBasis::PersonalData)
        } else if self.business_critical {
            (Rating::HIGH, ImportanceBasis::BusinessCritical)
        } else {
            (self.confidentiality.max(self.integrity).max(self.availability), ImportanceBasis::HighestRating)
        }
    }

    /// What contradicts itself in it.
    pub fn faults(&self, classifications: &[ClassificationCode]) -> Vec<Fault> {
        let mut faults: Vec<Fault> =
            check_owner(self.risk_owner_person_id, self.risk_owner_position_id).into_iter().collect();
        if self.business_critical && self.business_critical_reason.is_none() {
            faults.push(Fault::new("/business_critical_reason", Code::RequiredHere));
        }
        if self.classification.as_ref().is_some_and(|code| !classifications.contains(code)) {
            faults.push(Fault::new("/classification", Code::NotInList));
        }
        faults
    }
}

impl Asset {
    /// A new asset with the number `number`.
    pub fn enter(
        draft: AssetDraft,
        number: i32,
        classifications: &[ClassificationCode],
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        Refusal::unless_empty(draft.faults(classifications))?;
        let (importance, importance_basis) = draft.importance();
        let owner = draft.risk_owner_person_id.map(Id::uuid).or(draft.risk_owner_position_id.map(Id::uuid));
        Ok(Self {
            id: Id::generate(now),
            revision: 1,
            number,
            importance,
            importance_basis,
            managing_department: Reference::new(draft.managing_department_id, ""),
            risk_owner: RiskOwner {
                kind: super::owner::OwnerKind::Person,
                id: owner.unwrap_or_default(),
                name: String::new(),
                person: None,
            },
            state: AssetState::InUse,
            confirmation: None,
            disposal: None,
            allowed_actions: Vec::new(),
            draft,
            created_at: now,
            updated_at: now,
        })
    }

    /// Changes it. Returns whether its importance moved, so that its risks need another analysis (§5.1).
    pub fn revise(&mut self, draft: AssetDraft, classifications: &[ClassificationCode]) -> Result<bool, Refusal> {
        self.guard(AssetAction::Revise)?;
        Refusal::unless_empty(draft.faults(classifications))?;
        let before = self.importance;
        (self.importance, self.importance_basis) = draft.importance();
        if self.draft != draft {
            self.confirmation = None;
        }
        self.draft = draft;
        Ok(self.importance != before)
    }

    /// The owner of its risks confirms the entry: what it is worth and where it is kept.
    pub fn confirm(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(AssetAction::Confirm)?;
        self.confirmation = Some(by);
        Ok(())
    }

    /// Takes it out of the inventory. `referred_to`: risks name it, so that it cannot have been a mistake.
    pub fn dispose(&mut self, disposal: AssetDisposal, today: NaiveDate, referred_to: bool) -> Result<(), Refusal> {
        self.guard(AssetAction::Dispose)?;
        if disposal.disposed_on > today {
            return Err(Refusal::field("/disposed_on", Code::FutureDate));
        }
        if disposal.entered_by_mistake && referred_to {
            return Err(Refusal::new(Code::InUse));
        }
        self.state = if disposal.entered_by_mistake { AssetState::Voided } else { AssetState::Disposed };
        self.disposal = Some(disposal);
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// An asset of the ledger with these ratings.
    pub(crate) fn draft(confidentiality: i64, integrity: i64, availability: i64) -> AssetDraft {
        AssetDraft {
            business_category: Title::new("人事").unwrap(),
            name: Title::new("社員名簿").unwrap(),
            remarks: Note::default(),
            authorized_users: Title::new("人事部").unwrap(),
            risk_owner_person_id: None,
            risk_owner_position_id: Some(Id::generate(DateTime::UNIX_EPOCH)),
            managing_department_id: Id::generate(DateTime::UNIX_EPOCH),
            media: Media::OfficePc,
            storage_location: Note::default(),
            confidentiality: confidentiality.try_into().unwrap(),
            integrity: integrity.try_into().unwrap(),
            availability: availability.try_into().unwrap(),
            contains_personal_data: false,
            contains_sensitive_personal_data: false,
            contains_my_number: false,
            business_critical: false,
            business_critical_reason: None,
            classification: None,
            asset_class: None,
            retention_period: None,
            registered_on: None,
        }
    }

    fn importance(draft: &AssetDraft) -> u8 {
        draft.importance().0.get()
    }

    #[test]
    fn imp_1_to_7_and_10_importance_is_the_highest_rating() {
        for (id, (c, i, a), expected) in [
            ("IMP-1", (3, 3, 2), 3),
            ("IMP-2", (3, 3, 2), 3),
            ("IMP-3", (3, 3, 3), 3),
            ("IMP-4", (1, 2, 3), 3),
            ("IMP-5", (2, 1, 1), 2),
            ("IMP-6", (1, 3, 3), 3),
            ("IMP-7", (1, 1, 1), 1),
            ("IMP-10", (1, 1, 2), 2),
        ] {
            assert_eq!(importance(&draft(c, i, a)), expected, "{id}");
        }
    }

    #[test]
    fn imp_8_personal_data_makes_it_3() {
        let personal = AssetDraft { contains_personal_data: true, ..draft(1, 1, 1) };
        assert_eq!(personal.importance(), (Rating::HIGH, ImportanceBasis::PersonalData));
        let my_number = AssetDraft { contains_my_number: true, ..draft(1, 1, 1) };
        assert_eq!(importance(&my_number), 3);
    }

    #[test]
    fn imp_9_what_is_business_critical_is_3_and_says_why() {
        let critical = AssetDraft { business_critical: true, ..draft(2, 2, 1) };
        assert_eq!(importance(&critical), 3);
        assert_eq!(critical.faults(&[])[0].pointer, "/business_critical_reason");
    }

    #[test]
    fn imp_11_ratings_are_1_to_3() {
        for number in [0, 4, -1] {
            assert_eq!(Rating::try_from(number), Err(super::super::rating::NotARating));
        }
    }
}
