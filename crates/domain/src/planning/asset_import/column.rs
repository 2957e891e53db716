//! The columns of an asset ledger and the headers that people write over them.

use strum::{EnumIter, IntoEnumIterator};

use crate::kernel::sheet::{Described, SheetColumn, may, must};

/// A column of the ledger, in the order of the export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter)]
pub enum Column {
    /// No
    Number,
    /// 業務分類
    BusinessCategory,
    /// 情報資産名称
    Name,
    /// 備考
    Remarks,
    /// 利用者範囲
    AuthorizedUsers,
    /// リスク所有者
    RiskOwner,
    /// 管理部署
    ManagingDepartment,
    /// 媒体・保存先: the word for the medium
    Media,
    /// 保存先詳細: where exactly
    StorageLocation,
    /// 個人情報
    PersonalData,
    /// 要配慮個人情報
    SensitivePersonalData,
    /// 特定個人情報
    MyNumber,
    /// 機密性
    Confidentiality,
    /// 完全性
    Integrity,
    /// 可用性
    Availability,
    /// 重要度: computed by the service, only compared with what the file states
    Importance,
    /// 事業上重要
    BusinessCritical,
    /// 事業上重要の理由
    BusinessCriticalReason,
    /// 情報の分類
    Classification,
    /// 資産区分
    AssetClass,
    /// 保存期限
    RetentionPeriod,
    /// 登録日
    RegisteredOn,
}

impl SheetColumn for Column {
    fn described(self) -> Described {
        match self {
            Self::Number => may("No", "number", &["番号", "資産番号", "資産No", "管理番号", "asset_no", "項番"]),
            Self::BusinessCategory => must("業務分類", "business_category", &["業務区分", "業務", "業務名"]),
            Self::Name => must(
                "情報資産名称",
                "name",
                &["情報資産名", "情報資産の名称", "情報資産", "資産名称", "資産名", "名称", "asset_name"],
            ),
            Self::Remarks => may("備考", "remarks", &["摘要", "補足", "説明", "note", "notes"]),
            Self::AuthorizedUsers => {
                must("利用者範囲", "authorized_users", &["利用範囲", "利用者", "利用者の範囲", "使用者範囲", "users"])
            }
            Self::RiskOwner => {
                must("リスク所有者", "risk_owner", &["リスクオーナー", "リスクの所有者", "リスク所有者名"])
            }
            Self::ManagingDepartment => must(
                "管理部署",
                "managing_department",
                &["管理部門", "管理部署名", "主管部署", "主管部門", "所管部署", "所管部門", "department"],
            ),
            Self::Media => must(
                "媒体・保存先",
                "media",
                &["媒体", "媒体種別", "媒体の種類", "保存媒体", "保管媒体", "記録媒体", "media_type", "medium"],
            ),
            Self::StorageLocation => may(
                "保存先詳細",
                "storage_location",
                &["保存先", "保存先の詳細", "保存場所", "保管場所", "保管先", "location"],
            ),
            Self::PersonalData => {
                may("個人情報", "contains_personal_data", &["個人情報の有無", "個人データ", "personal_data"])
            }
            Self::SensitivePersonalData => may(
                "要配慮個人情報",
                "contains_sensitive_personal_data",
                &["要配慮個人情報の有無", "要配慮情報", "要配慮", "sensitive_personal_data"],
            ),
            Self::MyNumber => may(
                "特定個人情報",
                "contains_my_number",
                &["特定個人情報の有無", "特定個人情報等", "マイナンバー", "個人番号", "my_number"],
            ),
            Self::Confidentiality => must("機密性", "confidentiality", &["機密性(C)", "C", "機密性評価値"]),
            Self::Integrity => must("完全性", "integrity", &["完全性(I)", "I", "完全性評価値"]),
            Self::Availability => must("可用性", "availability", &["可用性(A)", "A", "可用性評価値"]),
            Self::Importance => {
                may("重要度", "importance", &["重要度(自動)", "重要度(自動計算)", "重要性", "資産の重要度"])
            }
            Self::BusinessCritical => may(
                "事業上重要",
                "business_critical",
                &["事業継続上重要", "事業存続に関わる", "事業の存続に関わる", "business_critical_override"],
            ),
            Self::BusinessCriticalReason => may(
                "事業上重要の理由",
                "business_critical_reason",
                &["事業上重要な理由", "事業上重要理由", "事業の存続に関わる理由", "override_reason"],
            ),
            Self::Classification => may(
                "情報の分類",
                "classification",
                &["情報分類", "情報区分", "機密区分", "秘密区分", "機密分類", "分類"],
            ),
            Self::AssetClass => may("資産区分", "asset_class", &["資産の区分", "資産種別", "資産クラス"]),
            Self::RetentionPeriod => {
                may("保存期限", "retention_period", &["保存期間", "保管期限", "保管期間", "retention"])
            }
            Self::RegisteredOn => may(
                "登録日",
                "registered_on",
                &["登録年月日", "登録日付", "登録日・更新日", "登録更新日", "更新日", "最終更新日", "registered"],
            ),
        }
    }
}

impl Column {
    /// The column that holds the field of a JSON pointer (`/risk_owner_person_id`).
    pub fn of_pointer(pointer: &str) -> Option<Self> {
        match pointer.trim_start_matches('/') {
            "risk_owner_person_id" | "risk_owner_position_id" => Some(Self::RiskOwner),
            "managing_department_id" => Some(Self::ManagingDepartment),
            field => Self::iter().find(|column| column.field() == field),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::sheet::key;

    fn of(header: &str) -> Option<Column> {
        Column::words().get(&key(header)).copied()
    }

    #[test]
    fn headers_are_found_however_they_are_written() {
        for (header, column) in [
            ("媒体・保存先", Column::Media),
            ("媒体･保存先", Column::Media),
            ("媒体・\n保存先", Column::Media),
            ("媒体／保存先", Column::Media),
            ("　情報資産\r\n名称 *", Column::Name),
            ("Asset name", Column::Name),
            ("Ｎｏ．", Column::Number),
            ("№", Column::Number),
            ("ﾘｽｸｵｰﾅｰ", Column::RiskOwner),
            ("機密性（C）", Column::Confidentiality),
            ("contains_my_number", Column::MyNumber),
            ("保存先", Column::StorageLocation),
        ] {
            assert_eq!(of(header), Some(column), "{header}");
        }
        assert_eq!(of("リスク値"), None);
        assert_eq!(of(""), None);
    }

    #[test]
    fn no_header_means_two_columns() {
        for column in Column::iter() {
            let Described { header, field, synonyms, .. } = column.described();
            for word in [header, field].iter().chain(synonyms) {
                assert_eq!(of(word), Some(column), "{word}");
            }
        }
    }

    #[test]
    fn pointers_lead_to_columns() {
        assert_eq!(Column::of_pointer("/risk_owner_position_id"), Some(Column::RiskOwner));
        assert_eq!(Column::of_pointer("/managing_department_id"), Some(Column::ManagingDepartment));
        assert_eq!(Column::of_pointer("/business_critical_reason"), Some(Column::BusinessCriticalReason));
        assert_eq!(Column::of_pointer("/elsewhere"), None);
    }
}
