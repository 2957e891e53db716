//! What top management does, and the policy: D15 and D16. As in the example of an audit, nobody outside can get the policy.

use chrono::TimeDelta;
use mamori_domain::{
    access::Role,
    kernel::{review::InternalCommunication, text::Note},
    leadership::{
        commitment::LeadershipCommitmentDraft,
        policy::{KnownObjectives, Policy, PolicyDraft, PolicyObjective},
        publication::PublicationDraft,
    },
};
use mamori_persistence::{
    kernel::{failure::Outcome, loaded::Loaded, tx::Tx},
    leadership::{commitment as commitments, policy as policies},
    organization::organization as organizations,
};

use super::{Company, signature, text};

/// Commitments, partly recorded, and two editions of the policy.
pub(super) fn fill(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    commit(tx, company)?;
    policy(tx, company)
}

fn commit(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    let by = signature(tx, company.holder(Role::IsmsSecretariat)?, &[Role::IsmsSecretariat]);
    let top = signature(tx, company.holder(Role::TopManagement)?, &[Role::TopManagement]);
    let today = tx.today();
    for (number, evidence, approved) in EVIDENCE {
        let all = commitments::all(tx)?;
        for commitment in all.into_iter().filter(|commitment| commitment.number == *number) {
            let mut commitment = Loaded::new(commitment);
            let reviewed_on = Some(today - TimeDelta::days(14));
            let draft = LeadershipCommitmentDraft { evidence: text(evidence)?, reviewed_on };
            commitment.revise(draft, by.clone(), today)?;
            let mut commitment = Loaded::new(commitments::store(tx, commitment)?);
            if *approved {
                commitment.approve(top.clone())?;
                commitments::store(tx, commitment)?;
            }
        }
    }
    Ok(())
}

fn policy(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    let by = signature(tx, company.holder(Role::IsmsSecretariat)?, &[Role::IsmsSecretariat]);
    let top = signature(tx, company.holder(Role::TopManagement)?, &[Role::TopManagement]);
    let controller = signature(tx, company.holder(Role::DocumentController)?, &[Role::DocumentController]);
    let today = tx.today();
    let draft = PolicyDraft {
        company_name: text("守屋商事株式会社")?,
        signatory_title: Some(text("代表取締役社長")?),
        signatory_name: Some(text("青木 健一")?),
        service_name: Some(text("事務用品の卸売と配送")?),
        purpose_section: text(PURPOSE)?,
        objectives: OBJECTIVES
            .iter()
            .map(|objective| Ok(PolicyObjective { number: None, text: text(objective)? }))
            .collect::<Outcome<_>>()?,
        business_context_section: text(CONTEXT)?,
        commits_to_requirements: true,
        improvement_section: text(IMPROVEMENT)?,
        issued_on: Some(today - TimeDelta::days(180)),
    };
    let mut first = Policy::draft(draft.clone(), 1, &KnownObjectives::default(), by.clone(), tx.now())?;
    first.submit(by.clone())?;
    let issued_on = today - TimeDelta::days(180);
    first.approve(top, false, organizations::review_terms(tx)?, issued_on, tx.now())?;
    let mut first = Loaded::new(policies::add(tx, &first)?);
    let internal = InternalCommunication {
        communicated_on: today - TimeDelta::days(175),
        means: text("全体朝礼での説明と社内掲示板")?,
    };
    first.publish(PublicationDraft { internal: Some(internal), external: None }, controller, today)?;
    policies::store(tx, first)?;

    // The next edition is being written: it is to say more about remote work, and has no date yet.
    let known = policies::known_objectives(tx)?;
    let next = PolicyDraft {
        objectives: policies::objectives_in_force(tx)?,
        business_context_section: text(NEXT_CONTEXT)?,
        improvement_section: Note::default(),
        issued_on: None,
        ..draft
    };
    policies::add(tx, &Policy::draft(next, 2, &known, by, tx.now())?)?;
    Ok(())
}

/// Number, evidence, whether top management has approved it.
const EVIDENCE: &[(i32, &str, bool)] = &[
    (1, "年度経営計画の重点項目に情報セキュリティを入れ、方針第1版を承認した", true),
    (3, "今年度の予算で多要素認証の導入費と事務局の工数を確保した", true),
    (4, "期首の全体朝礼で、情報を守る理由と決まりを社長が話した", false),
    (7, "毎月の経営会議で改善の進み具合を聞いている", false),
];

const PURPOSE: &str = "当社は、働く場に必要な品を確実に届けることで、取引先と地域の仕事を支えます。\
    そのために取引先や従業者の情報を数多く扱っており、これが漏れたり失われたりすれば、信用も日々の配送も成り立ちません。\
    預かった情報と仕組みを守ることを、経営の第一の仕事と考えます。";

const OBJECTIVES: [&str; 3] = [
    "法令と取引先との約束を守り、違反を出さない",
    "情報の漏えいと紛失を起こさない",
    "事故が起きたときは、その日のうちに知らせ、被害を広げない",
];

const CONTEXT: &str = "営業と配送の現場では、社外で情報を見る機会が多く、外部の配送業者にも住所を渡します。\
    持ち出しと委託にかかわる法令、契約、社内の決まりを全員が守ります。";

const NEXT_CONTEXT: &str = "営業と配送の現場に加え、在宅で受注を処理する人が増えました。\
    自宅での画面や書類の扱いも含め、法令、契約、社内の決まりを全員が守ります。";

const IMPROVEMENT: &str = "毎年、監査と見直しの結果から翌年の取組みを決め、決めたことを終わりまで見届けます。";
