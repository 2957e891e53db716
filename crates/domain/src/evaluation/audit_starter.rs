//! Rows that a checklist may begin with: one or more for every clause from 4 to 10, in own words, to be edited.

use super::audit_checklist_item::AuditChecklistItemDraft;
use crate::kernel::text::{Bounded, Note, TextFault};

/// The drafts of the starter rows of the clauses that `covered` does not hold, in the order of the standard.
pub fn rows(covered: impl Fn(&str) -> bool) -> Result<Vec<AuditChecklistItemDraft>, TextFault> {
    let missing = ROWS.iter().filter(|(clause, _)| !covered(clause));
    missing
        .map(|(clause, check)| {
            Ok(AuditChecklistItemDraft {
                clause: Some(Bounded::new(*clause)?),
                control: None,
                document_id: None,
                section: Note::default(),
                check_text: Bounded::new(*check)?,
            })
        })
        .collect()
}

/// Clause and what is checked.
#[rustfmt::skip]
const ROWS: &[(&str, &str)] = &[
    ("4.1", "会社の目的に関わる外部・内部の課題を洗い出し、直近の見直しの記録が残っているか。気候変動を考慮したか。"),
    ("4.2", "関係する相手ごとに何を求められているかを整理し、ISMSで応えるものを決めているか。"),
    ("4.3", "対象とする組織・場所・情報・接点が文書になっており、図面やネットワーク図と食い違っていないか。"),
    ("4.4", "計画から改善までの仕組みが実際に回っていることを、記録で追えるか。"),
    ("5.1", "経営者が方針・目標・人・予算を自ら決め、会議や指示の記録に関与が表れているか。"),
    ("5.2", "方針は承認され、従業者に伝わり、取引先などが必要なときに見られるようになっているか。"),
    ("5.3", "役割ごとの担当者と権限が任命の記録で分かり、本人がそれを説明できるか。"),
    ("6.1.1", "課題と要求から生じるリスクと機会に対し、行うことと効き目の確かめ方を決めているか。"),
    ("6.1.2", "リスクの基準が決まっており、同じ基準で繰り返し評価した結果が比較できるか。"),
    ("6.1.3", "対応の選び方と管理策の要否が適用宣言書で説明され、残るリスクを所有者が受け入れているか。"),
    ("6.2", "目標は測れる形で、担当・期限・評価の方法まで決まっているか。"),
    ("6.3", "ISMSの変更は、影響と担当を決めた計画に沿って行われたか。"),
    ("7.1", "必要な人員・設備・予算が用意され、不足の申し出が処理されているか。"),
    ("7.2", "担当者の力量を確かめた記録があり、足りない分の手当てと効果の確認が済んでいるか。"),
    ("7.3", "従業者は方針、自分の役割、守らないときの影響を答えられるか。"),
    ("7.4", "誰が、いつ、誰に、何を伝えるかが決まっており、実施の記録があるか。"),
    ("7.5.1", "規格と自社が必要とした文書・記録が一覧になり、そろっているか。"),
    ("7.5.2", "文書に番号・版・作成者・承認者があり、承認してから使っているか。"),
    ("7.5.3", "最新版が使う人の手元にあり、旧版と記録が保管・廃棄の決まりどおり扱われているか。"),
    ("8.1", "年間計画どおりに実施され、予定外の変更と外部への委託も管理されているか。"),
    ("8.2", "計画した時期と大きな変化の際にリスクを評価し直し、結果が承認されているか。"),
    ("8.3", "対応計画の項目が期限内に実施され、結果の記録があるか。"),
    ("9.1", "何をいつ測り誰が評価するかが決まっており、結果から有効性を判断しているか。"),
    ("9.2.1", "決めた間隔で内部監査が行われ、規格と自社の決まりの両方を確かめているか。"),
    ("9.2.2", "年間の監査の範囲と頻度が計画され、監査員が自分の仕事を監査していないか。"),
    ("9.3.1", "経営者が決めた間隔でISMSを見直しているか。"),
    ("9.3.2", "見直しの場に、前回の指示、変化、実績、要望、リスクの状況、改善案が報告されたか。"),
    ("9.3.3", "見直しの結果として改善と変更の要否が決まり、指示の行方を追えるか。"),
    ("10.1", "仕組みの適切さと有効性を高める取組みが続いているか。"),
    ("10.2", "不適合を直し、原因と類似の有無を調べ、再発防止の効果を確かめた記録があるか。"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::clause;

    #[test]
    fn every_clause_from_4_to_10_that_has_no_parts_has_a_row() {
        let rows = rows(|_| false).unwrap();
        let asked: Vec<_> = rows.iter().filter_map(|row| row.clause.as_ref()).map(|clause| clause.as_str()).collect();
        assert_eq!(asked, clause::without_parts().map(|clause| clause.id).collect::<Vec<_>>());
        assert!(rows.iter().all(|row| row.criterion().faults().is_empty()));
    }

    #[test]
    fn what_is_covered_already_is_left_out() {
        assert!(
            rows(|clause| clause.starts_with('9'))
                .unwrap()
                .iter()
                .all(|row| { row.clause.as_ref().is_some_and(|clause| !clause.as_str().starts_with('9')) })
        );
    }
}
