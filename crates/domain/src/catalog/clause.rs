//! Clauses 4 to 10 of ISO/IEC 27001:2022 = JIS Q 27001:2023, by title (domain specification §3.3).

use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use crate::kernel::label::{Label, Labelled, label};

/// The quadrant of the PDCA wheel that a clause belongs to.
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
pub enum PdcaPhase {
    /// Clauses 4 to 7: establish.
    Plan,
    /// Clause 8: implement and operate.
    Do,
    /// Clause 9: monitor and review.
    Check,
    /// Clause 10: maintain and improve.
    Act,
}

impl Labelled for PdcaPhase {
    const NAME: &'static str = "pdca_phase";

    fn label(&self) -> Label {
        match self {
            Self::Plan => label("計画", "plan"),
            Self::Do => label("実行", "do"),
            Self::Check => label("評価", "check"),
            Self::Act => label("改善", "act"),
        }
    }
}

/// A clause of the standard: a chapter (`4`), a section (`4.1`) or a subsection (`6.1.2`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Clause {
    /// Its number in the standard.
    pub id: &'static str,
    /// Sort key: chapter × 100 + section × 10 + subsection.
    pub order: u16,
    /// The clause that it is part of; none for a chapter.
    pub parent: Option<&'static str>,
    /// English title.
    pub title_en: &'static str,
    /// Japanese title.
    pub title_ja: &'static str,
    /// The Japanese title in the guide that the forms follow, where it differs.
    pub title_ja_seed: Option<&'static str>,
    /// Its quadrant of the PDCA wheel.
    pub pdca: PdcaPhase,
    /// Whether this clause itself asks for documented information; what its parts ask for is said there.
    pub documented_information_required: bool,
}

impl Clause {
    /// With the title of the guide beside that of the standard.
    const fn seed(mut self, title_ja: &'static str) -> Self {
        self.title_ja_seed = Some(title_ja);
        self
    }

    /// Whether it is a section (`6.1`): a part of a chapter.
    pub fn is_section(&self) -> bool {
        self.parent.is_some_and(|parent| !parent.contains('.'))
    }

    /// Whether `id` names this clause or one of its parts.
    pub fn includes(&self, id: &str) -> bool {
        id.strip_prefix(self.id).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

/// A chapter.
const fn chapter(
    id: &'static str,
    order: u16,
    pdca: PdcaPhase,
    title_en: &'static str,
    title_ja: &'static str,
) -> Clause {
    Clause {
        id,
        order,
        parent: None,
        title_en,
        title_ja,
        title_ja_seed: None,
        pdca,
        documented_information_required: false,
    }
}

/// A section or subsection of `parent`.
const fn clause(
    id: &'static str,
    order: u16,
    parent: &'static str,
    pdca: PdcaPhase,
    documented_information_required: bool,
    title_en: &'static str,
    title_ja: &'static str,
) -> Clause {
    Clause {
        id,
        order,
        parent: Some(parent),
        title_en,
        title_ja,
        title_ja_seed: None,
        pdca,
        documented_information_required,
    }
}

/// Every clause that states requirements, in the order of the standard.
///
/// Columns: id, sort key, parent, phase, documented information required, English title, Japanese title.
#[rustfmt::skip]
pub static CLAUSES: [Clause; 41] = {
    use PdcaPhase::{Act, Check, Do, Plan};

    [
        chapter("4",      400,        Plan,         "Context of the organization", "組織の状況"),
        clause( "4.1",    410, "4",   Plan,  false, "Understanding the organization and its context", "組織及びその状況の理解"),
        clause( "4.2",    420, "4",   Plan,  false, "Understanding the needs and expectations of interested parties", "利害関係者のニーズ及び期待の理解"),
        clause( "4.3",    430, "4",   Plan,  true,  "Determining the scope of the information security management system", "情報セキュリティマネジメントシステムの適用範囲の決定"),
        clause( "4.4",    440, "4",   Plan,  false, "Information security management system", "情報セキュリティマネジメントシステム"),

        chapter("5",      500,        Plan,         "Leadership", "リーダーシップ"),
        clause( "5.1",    510, "5",   Plan,  false, "Leadership and commitment", "リーダーシップ及びコミットメント"),
        clause( "5.2",    520, "5",   Plan,  true,  "Policy", "方針"),
        clause( "5.3",    530, "5",   Plan,  false, "Organizational roles, responsibilities and authorities", "組織の役割，責任及び権限"),

        chapter("6",      600,        Plan,         "Planning", "計画"),
        clause( "6.1",    610, "6",   Plan,  false, "Actions to address risks and opportunities", "リスク及び機会に対処する活動"),
        clause( "6.1.1",  611, "6.1", Plan,  false, "Actions to address risks and opportunities – General", "リスク及び機会に対処する活動 – 一般"),
        clause( "6.1.2",  612, "6.1", Plan,  true,  "Information security risk assessment", "情報セキュリティリスクアセスメント"),
        clause( "6.1.3",  613, "6.1", Plan,  true,  "Information security risk treatment", "情報セキュリティリスク対応"),
        clause( "6.2",    620, "6",   Plan,  true,  "Information security objectives and planning to achieve them", "情報セキュリティ目的及びそれを達成するための計画策定"),
        clause( "6.3",    630, "6",   Plan,  false, "Planning of changes", "変更の計画策定"),

        chapter("7",      700,        Plan,         "Support", "支援"),
        clause( "7.1",    710, "7",   Plan,  false, "Resources", "資源"),
        clause( "7.2",    720, "7",   Plan,  true,  "Competence", "力量"),
        clause( "7.3",    730, "7",   Plan,  false, "Awareness", "認識"),
        clause( "7.4",    740, "7",   Plan,  false, "Communication", "コミュニケーション"),
        clause( "7.5",    750, "7",   Plan,  false, "Documented information", "文書化した情報"),
        clause( "7.5.1",  751, "7.5", Plan,  true,  "Documented information – General", "文書化した情報 – 一般"),
        clause( "7.5.2",  752, "7.5", Plan,  true,  "Documented information – Creating and updating", "文書化した情報 – 作成及び更新"),
        clause( "7.5.3",  753, "7.5", Plan,  true,  "Control of documented information", "文書化した情報の管理"),

        chapter("8",      800,        Do,           "Operation", "運用"),
        clause( "8.1",    810, "8",   Do,    true,  "Operational planning and control", "運用の計画策定及び管理").seed("運用の計画及び管理"),
        clause( "8.2",    820, "8",   Do,    true,  "Information security risk assessment", "情報セキュリティリスクアセスメント"),
        clause( "8.3",    830, "8",   Do,    true,  "Information security risk treatment", "情報セキュリティリスク対応"),

        chapter("9",      900,        Check,        "Performance evaluation", "パフォーマンス評価"),
        clause( "9.1",    910, "9",   Check, true,  "Monitoring, measurement, analysis and evaluation", "監視，測定，分析及び評価"),
        clause( "9.2",    920, "9",   Check, false, "Internal audit", "内部監査"),
        clause( "9.2.1",  921, "9.2", Check, false, "Internal audit – General", "内部監査 – 一般"),
        clause( "9.2.2",  922, "9.2", Check, true,  "Internal audit programme", "内部監査プログラム"),
        clause( "9.3",    930, "9",   Check, false, "Management review", "マネジメントレビュー"),
        clause( "9.3.1",  931, "9.3", Check, false, "Management review – General", "マネジメントレビュー – 一般"),
        clause( "9.3.2",  932, "9.3", Check, false, "Management review inputs", "マネジメントレビューへのインプット"),
        clause( "9.3.3",  933, "9.3", Check, true,  "Management review results", "マネジメントレビューの結果"),

        chapter("10",    1000,        Act,          "Improvement", "改善"),
        clause( "10.1",  1010, "10",  Act,   false, "Continual improvement", "継続的改善"),
        clause( "10.2",  1020, "10",  Act,   true,  "Nonconformity and corrective action", "不適合及び是正処置"),
    ]
};

/// The clause with this number.
pub fn find(id: &str) -> Option<&'static Clause> {
    CLAUSES.iter().find(|clause| clause.id == id)
}

/// The clauses that have no parts, from 4.1 to 10.2: what is said of each of them is said of the whole standard.
pub fn without_parts() -> impl Iterator<Item = &'static Clause> {
    CLAUSES.iter().filter(|one| CLAUSES.iter().all(|other| other.parent != Some(one.id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_stand_in_order_and_once() {
        assert!(CLAUSES.is_sorted_by(|a, b| a.order < b.order));
        for clause in &CLAUSES {
            assert_eq!(find(clause.id), Some(clause));
        }
        assert_eq!(find("4.10"), None);
    }

    #[test]
    fn the_sort_key_says_what_the_id_says() {
        for clause in &CLAUSES {
            let key: u16 =
                clause.id.split('.').zip([100, 10, 1]).map(|(part, unit)| part.parse::<u16>().unwrap() * unit).sum();
            assert_eq!(clause.order, key, "{}", clause.id);
        }
    }

    #[test]
    fn a_parent_is_a_clause_of_the_same_phase_and_the_id_begins_with_it() {
        for clause in &CLAUSES {
            let parent = clause.id.rsplit_once('.').map(|(parent, _)| parent);
            assert_eq!(clause.parent, parent, "{}", clause.id);
            if let Some(parent) = parent {
                assert_eq!(find(parent).unwrap().pdca, clause.pdca, "{}", clause.id);
            }
        }
        let chapters: Vec<_> =
            CLAUSES.iter().filter(|clause| clause.parent.is_none()).map(|clause| clause.id).collect();
        assert_eq!(chapters, ["4", "5", "6", "7", "8", "9", "10"]);
    }

    #[test]
    fn every_section_includes_itself_and_its_parts() {
        let sections: Vec<_> = CLAUSES.iter().filter(|clause| clause.is_section()).collect();
        assert_eq!((sections[0].id, sections[sections.len() - 1].id), ("4.1", "10.2"));
        for clause in CLAUSES.iter().filter(|clause| clause.parent.is_some()) {
            assert_eq!(sections.iter().filter(|section| section.includes(clause.id)).count(), 1, "{}", clause.id);
        }
        assert!(find("6.1").unwrap().includes("6.1.2") && !find("4.1").unwrap().includes("4.10"));
    }

    #[test]
    fn a_clause_on_the_wire() {
        let clause = serde_json::to_value(find("8.1").unwrap()).unwrap();
        assert_eq!(
            clause,
            serde_json::json!({
                "id": "8.1", "order": 810, "parent": "8", "title_en": "Operational planning and control",
                "title_ja": "運用の計画策定及び管理", "title_ja_seed": "運用の計画及び管理", "pdca": "do",
                "documented_information_required": true,
            })
        );
    }
}
