//! Assets, risks and their treatment, objectives and a planned change: the tables of D02, D03, D19, D21, D22 and D23; the
//! statement of applicability.

mod applicability;

use std::collections::BTreeSet;

use chrono::{Datelike, Months, NaiveDate, TimeDelta};
use mamori_domain::{
    access::{Role, Verb},
    catalog::control::ControlId,
    kernel::{id::Id, page::PageRequest, partial_date::PartialDate, text::Note},
    organization::person::Person,
    planning::{
        asset::{Asset, AssetDraft, Media},
        metric::{MetricComparison, ObjectiveMetric},
        objective::{Objective, ObjectiveDraft},
        planned_change::{PlannedChange, PlannedChangeDraft},
        rating::Rating,
        risk::{LikelihoodBasis, LostProperty, Risk, RiskDraft},
        risk_assessment::{AssessmentTrigger, RiskAssessment, RiskAssessmentDraft},
        treatment::{TreatmentControl, TreatmentDecision, TreatmentOption},
        treatment_item::{Completed, ResponseStatus, Started, TreatmentItem, TreatmentItemDraft},
        treatment_plan::{TreatmentPlan, TreatmentPlanDraft},
    },
};
use mamori_persistence::{
    kernel::{
        failure::{Failure, Outcome},
        loaded::Loaded,
        tx::Tx,
    },
    organization::{department as departments, organization as organizations, position as positions},
    planning::{
        asset as assets, objective, planned_change, risk as risks, risk_assessment as rounds,
        risk_criteria as criteria, treatment_item as items, treatment_plan as plans,
    },
};

use super::{Company, signature, text};

/// The ledger, the risks on it, and the controls that apply.
pub(super) fn fill(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    ledger(tx)?;
    assessment(tx, company)?;
    applicability::fill(tx, company)?;
    objectives(tx, company)?;
    change(tx, company)
}

fn ledger(tx: &mut Tx<'_>) -> Outcome<()> {
    for line in LEDGER {
        let number = organizations::next_number(tx, "asset")?;
        let draft = line.draft(tx)?;
        assets::add(tx, &Asset::enter(draft, number, &[], tx.now())?)?;
    }
    Ok(())
}

/// The risks of the two example tables: three of the report (D19) with a round that was approved and a treatment plan
/// under way (D21), and three on the ledger (D03). The latter have the first numbers; they were identified after the
/// round, and wait for the next one.
fn assessment(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    let secretary = company.holder(Role::IsmsSecretariat)?;
    let mut ledger = Vec::new();
    for (asset, likelihood) in [(1, 3), (4, 2), (7, 2)] {
        ledger.push((organizations::next_number(tx, "risk")?, asset, likelihood));
    }
    let round = begin(tx, secretary)?;
    let mut report = Vec::new();
    for row in REPORT {
        report.push((decided(tx, company, row)?, row.5));
    }
    plan(tx, company, round.id, report.iter().map(|(risk, _)| *risk).collect())?;
    for (risk, ends) in report {
        treat(tx, risk, ends)?;
    }
    approve(tx, company, round.id)?;
    for (number, asset, likelihood) in ledger {
        risk(tx, secretary.id, number, asset, likelihood, &LEAK)?;
    }
    Ok(())
}

/// A round is begun and written.
fn begin(tx: &mut Tx<'_>, secretary: &Person) -> Outcome<RiskAssessment> {
    let draft = RiskAssessmentDraft {
        title: text("年次リスクアセスメント")?,
        performed_on: tx.today() - TimeDelta::days(70),
        trigger: AssessmentTrigger::Planned,
        occasion: Note::default(),
        scope: text("全部門の情報資産と、それを扱う業務")?,
        conclusions: text("持ち出しと情報の分類を先に片付ける。誤送信は教育で減らし、半年後に効果を見る。")?,
    };
    let (number, criteria) = (rounds::next_version(tx)?, criteria::in_force(tx)?);
    let by = signature(tx, secretary, &[Role::IsmsSecretariat]);
    let round = RiskAssessment::begin(draft, &criteria, number, by, tx.now(), tx.today())?;
    rounds::add(tx, &round)
}

/// The secretariat hands the round in, the chair approves it.
fn approve(tx: &mut Tx<'_>, company: &Company, round: Id<RiskAssessment>) -> Outcome<()> {
    let secretary = signature(tx, company.holder(Role::IsmsSecretariat)?, &[Role::IsmsSecretariat]);
    let chair = signature(tx, company.holder(Role::SecurityCommitteeChair)?, &[Role::SecurityCommitteeChair]);
    let mut found = rounds::find(tx, round)?;
    let rows = found.submit(secretary, &risks::open(tx)?)?;
    rounds::keep_rows(tx, round, rows)?;
    let mut found = Loaded::new(rounds::store(tx, found)?);
    found.version.approve(chair, false, tx.now())?;
    rounds::store(tx, found)?;
    Ok(())
}

/// A risk of the report, evaluated and decided, with an item for each control.
fn decided(tx: &mut Tx<'_>, company: &Company, row: &ReportRow) -> Outcome<Id<Risk>> {
    let (asset, likelihood, texts, controls, tasks, _, stated) = row;
    let (secretary, chair) =
        (company.holder(Role::IsmsSecretariat)?.id, company.holder(Role::SecurityCommitteeChair)?.id);
    let number = organizations::next_number(tx, "risk")?;
    let mut risk = Loaded::new(risk(tx, secretary, number, *asset, *likelihood, texts)?);
    risk.evaluate(&criteria::in_force(tx)?)?;
    let control = |(description, ids): &(&str, &[&str])| {
        let annex_a_ids = ids.iter().filter_map(|id| id.parse::<ControlId>().ok()).collect();
        Ok(TreatmentControl { number: None, description: text(description)?, annex_a_ids })
    };
    let decision = TreatmentDecision {
        options: vec![TreatmentOption::Modify],
        controls: controls.iter().map(control).collect::<Outcome<_>>()?,
        description: Note::default(),
        stated_response_status: Some(*stated),
    };
    risk.decide(decision, &[])?;
    let risk = risks::store(tx, risk)?;
    for control_number in risk.control_numbers() {
        let draft = TreatmentItemDraft {
            control_number,
            tasks: tasks.iter().map(|task| text(task)).collect::<Outcome<_>>()?,
            assignee_id: chair,
            planned_start: Some(tx.today() - TimeDelta::days(60)),
            planned_end: Some(tx.today() + TimeDelta::days(30)),
        };
        let number = items::next_number(tx, risk.id)?;
        items::add(tx, &TreatmentItem::plan(draft, &risk, number, tx.now())?)?;
    }
    Ok(risk.id)
}

fn risk(
    tx: &mut Tx<'_>,
    prepared_by: Id<Person>,
    number: i32,
    asset: i32,
    likelihood: i64,
    texts: &[&str; 5],
) -> Outcome<Risk> {
    let [source, area, event, cause, consequence] = texts;
    // Asset 0: a risk that hangs on an event, with an importance of its own.
    let asset = assets::by_number(tx, asset)?.map(|asset| asset.id);
    let owner = positions::by_title(tx, "総務部長")?;
    let draft = RiskDraft {
        asset_ids: asset.into_iter().collect(),
        risk_source: text(source)?,
        impact_area: text(area)?,
        event: text(event)?,
        lost_properties: BTreeSet::from([LostProperty::Confidentiality]),
        cause: text(cause)?,
        consequence: text(consequence)?,
        risk_owner_person_id: None,
        risk_owner_position_id: owner.filter(|_| asset.is_none()),
        department_id: None,
        stated_importance: asset.is_none().then_some(Rating::MEDIUM),
        likelihood_basis: Some(LikelihoodBasis::Stated { likelihood: rating(likelihood)? }),
        remarks: Note::default(),
    };
    let named = assets::names(tx, &draft.asset_ids)?;
    let owner = risks::owner_of(tx, &draft)?;
    let risk = Risk::identify(draft, named, owner, number, &criteria::in_force(tx)?, tx.now())?;
    risks::add(tx, &risk, prepared_by)
}

/// A plan over these risks, handed in by the secretariat and approved by every owner.
fn plan(tx: &mut Tx<'_>, company: &Company, round: Id<RiskAssessment>, risk_ids: BTreeSet<Id<Risk>>) -> Outcome<()> {
    let by = signature(tx, company.holder(Role::IsmsSecretariat)?, &[Role::IsmsSecretariat]);
    let covered = plans::named(tx, &risk_ids, &BTreeSet::new(), Verb::Create)?;
    let draft = TreatmentPlanDraft {
        title: text("今期のリスク対応計画")?,
        risk_assessment_id: Some(round),
        risk_ids,
        remarks: Note::default(),
    };
    let number = organizations::next_number(tx, "treatment_plan")?;
    let plan = TreatmentPlan::draft(draft, &covered, number, by.clone(), tx.now())?;
    let mut plan = Loaded::new(plans::add(tx, &plan)?);
    let covered = plans::covered(tx, &plan)?;
    plan.submit(by, &covered)?;
    let mut plan = plans::store(tx, plan)?;
    for owner in plan.awaited_owners.clone() {
        let owner = owner.person.ok_or(Failure::Panicked)?.id;
        let by = signature(tx, company.person(owner)?, &[Role::RiskOwner]);
        plan = plans::approve(tx, Loaded::new(plan), by)?;
    }
    Ok(())
}

/// The work begins and, where it `ends`, is completed.
fn treat(tx: &mut Tx<'_>, risk: Id<Risk>, ends: bool) -> Outcome<()> {
    let (today, approved) = (tx.today(), risks::look_up(tx, risk)?);
    let filter = items::Filter { risk: Some(risk), ..items::Filter::default() };
    let page = PageRequest { limit: 200, ..PageRequest::one() };
    for item in items::list(tx, &filter, &page)?.items {
        let mut item = Loaded::new(item);
        item.start(Started { actual_start: today - TimeDelta::days(50) }, &approved, today)?;
        if ends {
            item.complete(Completed { actual_end: today - TimeDelta::days(10) }, &approved, today)?;
        }
        items::store(tx, item)?;
    }
    Ok(())
}

/// The objective of the first year, which top management approved, and one that a department has drafted (D22). The
/// first stands beside the objectives of the policy.
fn objectives(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    let head = company.holder(Role::IsmsSecretariatHead)?;
    let draft = ObjectiveDraft {
        objective: text("全員がISMSの意味を理解して活動を始める")?,
        policy_objective_number: None,
        additional: true,
        metric: ObjectiveMetric {
            name: text("ISMS教育を受けて合格した人の割合")?,
            unit: text("%")?,
            comparison: MetricComparison::AtLeast,
            target_value: 100.into(),
            population: text("全従業員")?,
            known_measure: None,
        },
        measuring_interval_months: 12,
        action: text("教育を行い、活動の意味を伝える")?,
        required_resources: text("適用範囲の従業員が教育を受ける時間")?,
        responsible_person_id: head.id,
        due: month(tx.today(), 6)?,
        evaluation_method: text("受講した人と合格した人を数え、対象者と比べる")?,
        department_id: None,
        replaces_objective_id: None,
        remarks: text("初年度は、全員が関わり、目的に向けて動き出せたことを確かめる")?,
    };
    let number = organizations::next_number(tx, "objective")?;
    let by = signature(tx, company.holder(Role::IsmsSecretariat)?, &[Role::IsmsSecretariat]);
    let mut education =
        Loaded::new(objective::add(tx, Objective::draft(draft.clone(), number, by.clone(), tx.now())?)?);
    education.submit(by)?;
    education.approve(signature(tx, company.holder(Role::TopManagement)?, &[Role::TopManagement]), false)?;
    objective::store(tx, education)?;

    let manager = company.holder(Role::DepartmentManager)?;
    let drafted = ObjectiveDraft {
        objective: text("持ち出した端末をなくさない")?,
        policy_objective_number: Some(2),
        additional: false,
        metric: ObjectiveMetric {
            name: text("端末の紛失と盗難")?,
            unit: text("件")?,
            comparison: MetricComparison::AtMost,
            target_value: 0.into(),
            population: text("営業部が持ち出す端末")?,
            known_measure: None,
        },
        measuring_interval_months: 6,
        action: text("持ち出しの決まりを周知し、月ごとに端末の所在を確かめる")?,
        required_resources: text("端末の一覧、確認の時間")?,
        responsible_person_id: manager.id,
        due: PartialDate::day(tx.today() + TimeDelta::days(364)).map_err(|e| Failure::Corrupt(e.to_string()))?,
        evaluation_method: text("届出の件数を数える")?,
        department_id: manager.draft.department_id,
        remarks: Note::default(),
        ..draft
    };
    let number = organizations::next_number(tx, "objective")?;
    let by = signature(tx, manager, &[Role::DepartmentManager]);
    objective::add(tx, Objective::draft(drafted, number, by, tx.now())?)?;
    Ok(())
}

/// A change that top management approved and that is still to be carried out (D23).
fn change(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    let draft = PlannedChangeDraft {
        what: text("社内のファイルサーバーを外部のサービスに移す")?,
        purpose: text("停電や機器の故障で資料が使えなくなることを防ぐ")?,
        consequences: text("外部委託先が増え、適用範囲の境界とネットワークの図が変わる")?,
        integrity_of_isms: text("移す前に資産台帳とリスクを見直し、移し終えるまで元のサーバーを残す")?,
        resources: text("サービスの利用料、移行の作業に2人で5日")?,
        responsibilities: text("移行後の利用者の登録は情報システム管理者が受け持つ")?,
        responsible_person_id: company.holder(Role::SystemAdministrator)?.id,
        planned_on: tx.today() + TimeDelta::days(60),
        occasion: text("機器の保守契約が終わる")?,
        source_record_id: None,
    };
    let number = organizations::next_number(tx, "planned_change")?;
    let by = signature(tx, company.holder(Role::IsmsSecretariat)?, &[Role::IsmsSecretariat]);
    let change = PlannedChange::draft(draft, number, by.clone(), tx.now());
    let mut change = Loaded::new(planned_change::add(tx, &change)?);
    change.submit(by)?;
    change.approve(signature(tx, company.holder(Role::TopManagement)?, &[Role::TopManagement]), false)?;
    planned_change::store(tx, change)?;
    Ok(())
}

/// The month so many months from today.
pub(super) fn month(today: NaiveDate, ahead: u32) -> Outcome<PartialDate> {
    let first = today.with_day(1).and_then(|first| first.checked_add_months(Months::new(ahead)));
    first.and_then(|first| PartialDate::month(first).ok()).ok_or(Failure::Panicked)
}

fn rating(number: i64) -> Outcome<Rating> {
    Rating::try_from(number).map_err(|error| Failure::Corrupt(error.to_string()))
}

/// One line of the ledger.
struct Line {
    category: &'static str,
    name: &'static str,
    remarks: &'static str,
    users: &'static str,
    department: &'static str,
    media: Media,
    ratings: [i64; 3],
    personal: bool,
    retention: Option<&'static str>,
}

impl Line {
    fn draft(&self, tx: &mut Tx<'_>) -> Outcome<AssetDraft> {
        let [confidentiality, integrity, availability] = self.ratings;
        let department = departments::by_name(tx, self.department)?.ok_or(Failure::Panicked)?;
        Ok(AssetDraft {
            business_category: text(self.category)?,
            name: text(self.name)?,
            remarks: text(self.remarks)?,
            authorized_users: text(self.users)?,
            risk_owner_person_id: None,
            risk_owner_position_id: positions::by_title(tx, &format!("{}長", self.department))?,
            managing_department_id: department,
            media: self.media,
            storage_location: Note::default(),
            confidentiality: rating(confidentiality)?,
            integrity: rating(integrity)?,
            availability: rating(availability)?,
            contains_personal_data: self.personal,
            contains_sensitive_personal_data: false,
            contains_my_number: false,
            business_critical: false,
            business_critical_reason: None,
            classification: None,
            asset_class: None,
            retention_period: self.retention.map(text::<1, 200>).transpose()?,
            registered_on: Some(tx.today() - TimeDelta::days(200)),
        })
    }
}

#[expect(clippy::too_many_arguments, reason = "the columns of a table")]
const fn line(
    category: &'static str,
    name: &'static str,
    remarks: &'static str,
    users: &'static str,
    department: &'static str,
    media: Media,
    ratings: [i64; 3],
    personal: bool,
    retention: Option<&'static str>,
) -> Line {
    Line { category, name, remarks, users, department, media, ratings, personal, retention }
}

#[rustfmt::skip]
const LEDGER: &[Line] = &[
    line("人事", "社員名簿", "社員の基本情報", "人事部", "人事部", Media::OfficePc, [3, 3, 2], true, Some("退職後5年")),
    line("人事", "健康診断の結果", "雇入時と定期", "人事部", "人事部", Media::Paper, [3, 3, 2], true, Some("5年")),
    line("経理", "給与データ", "源泉徴収に使う", "給与計算担当", "経理部", Media::OfficePc, [3, 3, 2], true, Some("7年")),
    line("経理", "当社宛請求書", "過去3年分", "経理部", "経理部", Media::OfficePc, [3, 3, 2], false, Some("7年")),
    line("経理", "発行済請求書の控え", "過去3年分", "経理部", "経理部", Media::Paper, [1, 2, 2], false, Some("7年")),
    line("共通", "電子メール", "重要度は最も高いものに合わせる", "担当者", "総務部", Media::ExternalServer, [3, 3, 3], true, None),
    line("営業", "顧客リスト", "得意先", "営業部", "営業部", Media::OfficePc, [3, 3, 3], true, Some("5年")),
    line("営業", "顧客リスト", "得意先、持ち出し用", "営業部", "営業部", Media::MobileDevice, [3, 2, 2], true, Some("5年")),
    line("営業", "受注伝票", "過去10年分", "営業部", "営業部", Media::InternalServer, [2, 2, 2], false, Some("10年")),
    line("営業", "受注契約書", "契約書の原本", "営業部", "営業部", Media::Paper, [2, 3, 1], false, Some("10年")),
    line("管理", "自社ホームページ", "会社と製品の案内", "全従業員", "管理部", Media::ExternalServer, [1, 3, 3], false, None),
    line("管理", "製品パンフレット", "発売後のもの", "全従業員", "管理部", Media::Paper, [1, 1, 1], false, None),
];

/// Source, area, event, cause, consequence.
const LEAK: [&str; 5] = [
    "退職予定者によるデータの大量コピーに気付く仕組みがない",
    "全社",
    "退職者が情報を持ち出す",
    "内部からの持ち出しを想定した対策がない",
    "情報が漏えいし、信用を失う",
];

/// A row of the report: asset number, likelihood, texts, controls with their Annex A references, tasks, whether the
/// work is completed, and what is stated about it.
type ReportRow = (
    i32,
    i64,
    &'static [&'static str; 5],
    &'static [(&'static str, &'static [&'static str])],
    &'static [&'static str],
    bool,
    ResponseStatus,
);

const REPORT: &[ReportRow] = &[
    (
        8,
        2,
        &[
            "モバイル機器を使うときの決まりが足りない",
            "外部",
            "持ち出し中に紛失や盗難にあう",
            "持ち出しの決まりが足りないため紛失する",
            "情報が漏えいし、顧客に迷惑がかかる",
        ],
        &[("モバイル機器の利用ルールを整え、強化する", &["8.1", "7.9"])],
        &["ルールを検討する", "関係者に知らせる"],
        true,
        ResponseStatus::Done,
    ),
    (
        0,
        2,
        &[
            "教育が足りず、従業者の意識が低い",
            "全社",
            "メールを誤って送信する",
            "意識が低いため宛先を確かめずに送る",
            "情報が漏えいし、信用を失う",
        ],
        &[("教育と訓練を行う", &["6.3"])],
        &["教育の内容を検討する", "関係者に知らせる"],
        true,
        ResponseStatus::Planned,
    ),
    (
        7,
        3,
        &[
            "電子データの分類と取扱いがはっきりしない",
            "外部",
            "情報の紛失や盗難が起こる",
            "分類がないため取扱いがまちまちになる",
            "情報が漏えいし、顧客に迷惑がかかる",
        ],
        &[("分類を定め、分類ごとの取扱いとラベルを決める", &["5.10", "5.12", "5.13"])],
        &["分類を定める", "分類ごとの取扱いを検討する", "関係者に知らせる"],
        false,
        ResponseStatus::Undecided,
    ),
];
