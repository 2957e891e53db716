//! The comprehension test (D27): five questions with three choices, five statements that are true or false, ten points
//! each. All have to be right.

use chrono::Datelike;
use mamori_domain::{
    access::Role,
    kernel::text::Title,
    support::education::test::{QuestionKind, Test, TestAnswer, TestDraft, TestQuestion},
};
use mamori_persistence::{
    kernel::{failure::Outcome, loaded::Loaded, tx::Tx},
    support::education::test as tests,
};

use super::super::super::{Company, signature, text};

use TestAnswer::{A, B, C, False, True};

pub(super) fn fill(tx: &mut Tx<'_>, company: &Company) -> Outcome<Test> {
    let by = signature(tx, company.holder(Role::TrainingManager)?, &[Role::TrainingManager]);
    let draft = TestDraft {
        title: text("情報セキュリティ理解度確認テスト")?,
        fiscal_year: tx.today().year(),
        instructions: text("全10問、各10点です。全問正解で合格となり、合格するまで何度でも受けられます。")?,
        pass_score: 100,
        questions: QUESTIONS.iter().map(question).collect::<Outcome<_>>()?,
    };
    let mut test = Loaded::new(tests::add(tx, &Test::write(draft, by.clone(), tx.now())?)?);
    test.publish(by)?;
    tests::store(tx, test)
}

fn question((asked, choices, answer): &(&str, &[&str], TestAnswer)) -> Outcome<TestQuestion> {
    Ok(TestQuestion {
        kind: if choices.is_empty() { QuestionKind::TrueFalse } else { QuestionKind::SingleChoice },
        text: text(asked)?,
        choices: choices.iter().map(|choice| text(choice)).collect::<Outcome<Vec<Title>>>()?,
        correct_answer: Some(*answer),
        points: 10,
    })
}

/// What is asked, between what is chosen, and what is right.
const QUESTIONS: [(&str, &[&str], TestAnswer); 10] = [
    (
        "情報セキュリティのマネジメントシステム（ISMS）の要求事項を定めた国際規格はどれですか。",
        &["ISO 9001", "ISO 14001", "ISO/IEC 27001"],
        C,
    ),
    ("情報セキュリティの三つの性質は、完全性と可用性と、もう一つは何ですか。", &["信頼性", "整合性", "機密性"], C),
    (
        "当社が今年度に掲げた情報セキュリティ目的はどれですか。",
        &["全従業員がISMS教育を受け、合格する", "四半期に1件以上の予防処置を起票する", "事故の発生を2件までに抑える"],
        A,
    ),
    (
        "特定の会社や社員をねらい、メールなどで情報を盗み取ろうとする攻撃を何と呼びますか。",
        &["標的型攻撃", "ウイルス型攻撃", "サイバー攻撃"],
        A,
    ),
    (
        "前の設問の攻撃に使われるメールの特徴はどれですか。",
        &[
            "身に覚えのない料金を請求する文面が、不特定多数に届く",
            "件名や本文が、受け取った人の仕事の内容に合わせてある",
            "偽の通販サイトへの誘いが、無差別に届く",
        ],
        B,
    ),
    ("紙の書類だけでなく、パソコンの中のデータや従業員の頭の中の知識も情報資産に含まれる。", &[], True),
    ("個人が持っているUSBメモリなどを会社のパソコンにつなぐことは、原則として認められていない。", &[], True),
    (
        "極秘の情報を社外に持ち出すときは、許可を受け、寄り道をせず、手元から離したり車内に置いたままにしたりしない。",
        &[],
        True,
    ),
    ("パソコンにログインするパスワードは、英数字を混ぜて8文字以上にする。", &[], True),
    ("席を離れるときの画面ロックは、15分以内に掛かるように設定してあれば足りる。", &[], False),
];
