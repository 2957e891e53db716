//! Interested parties and what they require (D11).

use chrono::TimeDelta;
use mamori_domain::{
    access::Role,
    context::action::Addressed,
    context::interested_party::{InterestedParty, InterestedPartyDraft, PartyRequirement},
    kernel::text::Note,
};
use mamori_persistence::{
    context::interested_party as parties,
    kernel::{failure::Outcome, tx::Tx},
};

use super::{
    super::{Company, text},
    issue::{Answer, Subject, plan},
};

/// Four parties with seven requirements, each with what answers it.
pub(super) fn fill(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    for (name, requirements) in PARTIES {
        let requirement = |([requirement, risk, opportunity], answer): &Required| {
            let no_action_because = match answer {
                Answer::NoneBecause(reason) => Some(text(reason)?),
                Answer::Action(_) => None,
            };
            Ok(PartyRequirement {
                number: None,
                requirement: text(requirement)?,
                risk: text(risk)?,
                opportunity: text(opportunity)?,
                addressed_by_isms: true,
                no_action_because,
            })
        };
        let draft = InterestedPartyDraft {
            name: text(name)?,
            requirements: requirements.iter().map(requirement).collect::<Outcome<_>>()?,
            remarks: Note::default(),
            reviewed_on: Some(tx.today() - TimeDelta::days(200)),
        };
        let party = parties::add(tx, &InterestedParty::enter(draft, tx.now(), tx.today())?)?;
        for (number, (_, answer)) in (1..).zip(*requirements) {
            if let Answer::Action(action) = answer {
                plan(tx, company, Subject::Requirement(party.id, number), *action)?;
            }
        }
    }
    Ok(())
}

/// What is required, the risk, the opportunity; what answers it.
type Required = ([&'static str; 3], Answer);

/// Interested parties (D11), each with its requirements.
#[rustfmt::skip]
const PARTIES: &[(&str, &[Required])] = &[
    ("取引先", &[
        (
            ["預けた情報を適切に取り扱うこと", "情報が漏えいし、取引を打ち切られる", "信頼が深まり、取引が広がる"],
            Answer::Action((Addressed::Risk, "委託先と預かり情報の一覧を毎年見直す", Role::IsmsSecretariat, 90, None)),
        ),
        (
            ["法令を守って事業を行うこと", "違反が知られ、取引先にも迷惑がかかる", "安心して取引を続けてもらえる"],
            Answer::NoneBecause("法令の一覧を年間計画で見直している"),
        ),
    ]),
    ("株主", &[
        (
            ["情報の事故を起こさないこと", "事故で業績が落ち、会社の価値が下がる", "安定した経営が評価され、投資が増える"],
            Answer::NoneBecause("情報セキュリティ目的で測っている"),
        ),
    ]),
    ("従業員", &[
        (
            ["必要な教育を受けられること", "知識が足りず、誤った操作で事故を起こす", "自分で判断でき、仕事の質が上がる"],
            Answer::Action((Addressed::Opportunity, "教育の教材を動画にする", Role::TrainingManager, 60, None)),
        ),
        (
            ["仕事に要る情報を必要なときに使えること", "仕事が滞り、勝手な保存や持ち出しが増える", "仕事が速く進む"],
            Answer::Action((Addressed::Opportunity, "共有フォルダの権限を部門ごとに整える", Role::SystemAdministrator, 20, None)),
        ),
        (
            ["自分の個人情報が守られること", "会社への不信から人が離れる", "安心して働け、人が定着する"],
            Answer::NoneBecause("人事部の資産のリスクとして扱っている"),
        ),
    ]),
    ("国・自治体", &[
        (
            ["法令や基準を守ること", "行政の指導や罰則を受け、公に知られる", "公共の入札や認定の機会が得られる"],
            Answer::Action((Addressed::Opportunity, "ISMSの認証を受ける", Role::SecurityCommitteeChair, 180, None)),
        ),
    ]),
];
