//! The statement of applicability (D20): the first version in force, the second being written.

use mamori_domain::{
    access::Role,
    catalog::control::ControlTheme,
    planning::applicability::{
        StatementOfApplicability, StatementOfApplicabilityDraft,
        control::{
            ApplicabilityControl, ApplicabilityControlDraft,
            ApplicabilityDecision::{Applicable, NotApplicable},
            ImplementationStatus::{self, Implemented, NotImplemented, PartiallyImplemented},
        },
    },
};
use mamori_persistence::{
    kernel::{failure::Outcome, tx::Tx},
    planning::applicability as statements,
};

use crate::commands::demo::sample::{Company, signature, text};

/// Both versions, drafted by the secretariat and approved by top management.
pub(super) fn fill(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    let secretary = signature(tx, company.holder(Role::IsmsSecretariat)?, &[Role::IsmsSecretariat]);
    let top = signature(tx, company.holder(Role::TopManagement)?, &[Role::TopManagement]);
    let mut first = StatementOfApplicability::draft(front("適用宣言書", "")?, 1, secretary.clone(), tx.now());
    let mut controls = statements::begin(tx, &mut first, None)?;
    for control in &mut controls {
        let draft = decided(control)?;
        control.revise(draft)?;
    }
    first.count(&controls);
    first.submit(secretary.clone(), &controls)?;
    first.approve(top, false, &controls, tx.now())?;
    let first = statements::add(tx, &first, &controls)?;

    let remarks = "ホームページの改修を外部に委託することになり、委託の管理策を加えた";
    let mut second = StatementOfApplicability::draft(front("適用宣言書 改訂案", remarks)?, 2, secretary, tx.now());
    let mut controls = statements::begin(tx, &mut second, Some(&first))?;
    for control in &mut controls {
        let id = control.draft.control_id.as_str();
        if let Some((_, status, why)) = REVISED.iter().find(|(of, ..)| *of == id) {
            let draft = applicable(control, *status, why)?;
            control.revise(draft)?;
        }
    }
    let own = ApplicabilityControlDraft {
        control_id: text("X-1")?,
        title: text("委託業者の作業への立会い")?,
        decision: Applicable,
        implementation_status: Some(NotImplemented),
        justification: text("外部の業者が事務所で作業する日があるため")?,
        documents: vec![text("委託先の管理ルール")?],
    };
    controls.push(ApplicabilityControl::own(own, &second, 1001, tx.now())?);
    second.count(&controls);
    statements::add(tx, &second, &controls)?;
    Ok(())
}

fn front(title: &str, remarks: &str) -> Outcome<StatementOfApplicabilityDraft> {
    Ok(StatementOfApplicabilityDraft {
        title: text(title)?,
        based_on_assessment: text("今年度のリスクアセスメント")?,
        remarks: text(remarks)?,
    })
}

/// What the first version says of a control: as the tables below, or as its theme.
fn decided(control: &ApplicabilityControl) -> Outcome<ApplicabilityControlDraft> {
    let id = control.draft.control_id.as_str();
    if let Some((_, why)) = EXCLUDED.iter().find(|(of, _)| *of == id) {
        return Ok(ApplicabilityControlDraft {
            decision: NotApplicable,
            implementation_status: None,
            justification: text(why)?,
            documents: Vec::new(),
            ..control.draft.clone()
        });
    }
    match PARTICULAR.iter().find(|(of, ..)| *of == id) {
        Some((_, status, why)) => applicable(control, *status, why),
        None => applicable(control, Implemented, of_theme(control).0),
    }
}

fn applicable(
    control: &ApplicabilityControl,
    status: ImplementationStatus,
    why: &str,
) -> Outcome<ApplicabilityControlDraft> {
    Ok(ApplicabilityControlDraft {
        decision: Applicable,
        implementation_status: Some(status),
        justification: text(why)?,
        documents: vec![text(of_theme(control).1)?],
        ..control.draft.clone()
    })
}

/// Why a control of this theme is usually there, and the document that carries it.
fn of_theme(control: &ApplicabilityControl) -> (&'static str, &'static str) {
    match control.annex_a.map(|known| known.theme) {
        None | Some(ControlTheme::Organizational) => {
            ("役割と手順を決めて、会社全体で情報を守るため", "情報セキュリティ基本ルール")
        }
        Some(ControlTheme::People) => ("入社から退職まで、働く人の行いを通じて情報を守るため", "就業と教育のルール"),
        Some(ControlTheme::Physical) => ("事務所、機器、書類を盗難や災害から守るため", "事務所と機器のルール"),
        Some(ControlTheme::Technological) => {
            ("社内のパソコンとサーバー、契約しているサービスを守るため", "システム利用のルール")
        }
    }
}

/// What a trading company that writes no software leaves out.
#[rustfmt::skip]
const EXCLUDED: &[(&str, &str)] = &[
    ("8.4",  "プログラムを作っておらず、ソースコードを持たないため"),
    ("8.25", "システムを自社で開発しないため"),
    ("8.27", "システムを自社で設計しないため"),
    ("8.28", "プログラムを書く業務がないため"),
    ("8.30", "システムの開発を外部に頼んでいないため"),
    ("8.31", "開発環境も試験環境も持たないため"),
    ("8.33", "試験用のデータを扱わないため"),
];

/// What is not yet as it should be, or has a reason of its own.
#[rustfmt::skip]
const PARTICULAR: &[(&str, ImplementationStatus, &str)] = &[
    ("5.7",  NotImplemented,       "攻撃の動向を知る必要があるが、集め方が決まっていない"),
    ("5.10", PartiallyImplemented, "顧客情報の取扱いを資産の種類ごとに決めている途中のため"),
    ("5.12", PartiallyImplemented, "顧客リストの紛失に備え、情報を分類して扱いを決めるため"),
    ("5.13", NotImplemented,       "分類が決まり次第、書類とファイルに表示するため"),
    ("5.22", PartiallyImplemented, "主な取引先だけを年に一度見直しているため"),
    ("5.23", PartiallyImplemented, "電子メールなどのクラウドを使うため。選び方の基準は作成中"),
    ("5.29", PartiallyImplemented, "災害時の連絡手順はあり、訓練はこれからのため"),
    ("5.30", NotImplemented,       "止まると困るサービスの復旧目標を決める必要があるため"),
    ("6.3",  Implemented,          "メールの誤送信を減らすため、年に一度の教育と訓練を行う"),
    ("7.4",  PartiallyImplemented, "夜間は警備会社に任せ、日中の監視はこれから決めるため"),
    ("7.9",  Implemented,          "営業が顧客リストを社外に持ち出すため"),
    ("8.1",  Implemented,          "ノートパソコンとスマートフォンを社外で使うため"),
    ("8.9",  PartiallyImplemented, "設定の記録がサーバーにとどまり、パソコンはこれからのため"),
    ("8.11", NotImplemented,       "帳票に個人の番号が残るため、隠す方法を検討する"),
    ("8.12", PartiallyImplemented, "退職時の大量コピーに気付けるようにするため。対象は共有フォルダーのみ"),
    ("8.16", PartiallyImplemented, "通信の異常に気付くため。記録を見る頻度を決めている途中"),
    ("8.26", PartiallyImplemented, "購入するソフトウェアに求める条件を決めるため"),
    ("8.29", PartiallyImplemented, "購入したソフトウェアを受け入れる前に確かめるため"),
];

/// What the second version says otherwise.
#[rustfmt::skip]
const REVISED: &[(&str, ImplementationStatus, &str)] = &[
    ("5.7",  PartiallyImplemented, "攻撃の動向を知るため、公的機関の注意喚起を毎週確かめ始めた"),
    ("5.13", PartiallyImplemented, "分類に沿って、顧客に関わる書類から表示を始めた"),
    ("8.30", NotImplemented,       "ホームページの改修を外部に委託することになったため"),
];
