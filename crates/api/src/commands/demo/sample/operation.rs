//! The annual plans of D32 and of a whole year, operation checklists, suppliers.

use std::collections::BTreeSet;

use chrono::{NaiveDate, TimeDelta};
use mamori_domain::{
    access::Role,
    kernel::{id::Id, page::PageRequest, text::Note},
    operation::{
        annual_plan::{AnnualPlan, AnnualPlanDraft},
        annual_plan_row::AnnualPlanRow,
        annual_plan_template::AnnualPlanTemplate,
        checklist::{ChecklistFrequency, OperationChecklist, OperationChecklistDraft},
        checklist_run::{ChecklistRun, ChecklistRunDraft, ItemFinding, ItemResult},
        occurrence::{CompletionSource, OccurrenceCompletion},
        supplier::{EvaluationResult, Supplier, SupplierDraft, SupplierEvaluationDraft, SupplierKind},
        week::FiscalYear,
    },
    organization::person::Person,
};
use mamori_persistence::{
    kernel::{
        failure::{Failure, Outcome},
        loaded::Loaded,
        tx::Tx,
    },
    operation::{
        annual_plan as plans, annual_plan_row as rows, checklist as checklists, checklist_run as runs,
        supplier as suppliers,
    },
    organization::{department as departments, organization as organizations},
    planning::asset as assets,
};

use super::{Company, signature, text};

/// Last year's plan, by which the ISMS was built, and that of this year; two checklists, three suppliers.
pub(super) fn fill(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    let month = organizations::find(tx)?.draft.fiscal_year_start_month;
    let this_year = FiscalYear::containing(tx.today(), month).ok_or(Failure::Panicked)?.year;
    let built = plan(tx, company, this_year - 1, AnnualPlanTemplate::IsmsBuilding)?;
    let mut built = Loaded::new(built);
    let open = rows::open_in(tx, built.id)?;
    built.close(signature(tx, company.holder(Role::IsmsSecretariat)?, &[Role::IsmsSecretariat]), &open)?;
    plans::store(tx, built)?;
    plan(tx, company, this_year, AnnualPlanTemplate::WholeYear)?;
    checks(tx, company)?;
    for supplier in SUPPLIERS {
        supplier.enter(tx, company)?;
    }
    Ok(())
}

/// A plan out of a shipped one, approved by the chair; what was due two weeks ago is done.
fn plan(tx: &mut Tx<'_>, company: &Company, fiscal_year: i32, template: AnnualPlanTemplate) -> Outcome<AnnualPlan> {
    let secretary = company.holder(Role::IsmsSecretariat)?;
    let by = signature(tx, secretary, &[Role::IsmsSecretariat]);
    let month = organizations::find(tx)?.draft.fiscal_year_start_month;
    let draft = AnnualPlanDraft {
        fiscal_year,
        title: text(&format!("{fiscal_year}年度 ISMS年間計画"))?,
        remarks: Note::default(),
        template: Some(template),
    };
    let plan = plans::add(tx, &AnnualPlan::draft(draft, month, by.clone(), tx.now())?)?;
    let drafts = template.drafts(&plan.fiscal_year(), secretary.id);
    for (number, mut draft) in (1..).zip(drafts.map_err(|error| Failure::Corrupt(error.to_string()))?) {
        draft.assignee_id = doer(company, draft.clause.as_str())?;
        rows::add(tx, &AnnualPlanRow::plan(draft, &plan, number, tx.now())?)?;
    }
    let mut plan = Loaded::new(plans::look_up(tx, plan.id)?);
    plan.submit(by)?;
    let mut plan = Loaded::new(plans::store(tx, plan)?);
    let chair = company.holder(Role::SecurityCommitteeChair)?;
    plan.approve(signature(tx, chair, &[Role::SecurityCommitteeChair]), false)?;
    let plan = plans::store(tx, plan)?;
    let filter = rows::Filter { plan: Some(plan.id), ..rows::Filter::default() };
    for row in rows::list(tx, &filter, &PageRequest { limit: 200, ..PageRequest::one() })?.items {
        work(tx, company, &plan, row)?;
    }
    Ok(plan)
}

/// Who does what a clause asks for.
fn doer(company: &Company, clause: &str) -> Outcome<Id<Person>> {
    let role = match clause {
        "7.2" => Role::TrainingManager,
        "8.1" => Role::SystemAdministrator,
        "9.2" => Role::InternalAuditManager,
        "9.3" => Role::TopManagement,
        _ => Role::IsmsSecretariat,
    };
    Ok(company.holder(role)?.id)
}

fn work(tx: &mut Tx<'_>, company: &Company, plan: &AnnualPlan, row: AnnualPlanRow) -> Outcome<()> {
    let today = tx.today();
    let by = signature(tx, company.person(row.draft.assignee_id.uuid())?, &[]);
    let mut row = Loaded::new(row);
    while let Some(due) = row.due_on.filter(|due| *due < today - TimeDelta::days(14)) {
        let completion =
            OccurrenceCompletion {
                occurrence: None, done_on: due, evidence: text("記録簿に綴じた")?, link: None
            };
        row.complete(completion, CompletionSource::Assignee, plan, by.clone(), today)?;
    }
    if row.occurrences != row.original.occurrences {
        rows::store(tx, row)?;
    }
    Ok(())
}

/// A monthly checklist with two runs, of which one found something, and a weekly one.
fn checks(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    let today = tx.today();
    let administrator = company.holder(Role::SystemAdministrator)?;
    let manager = company.holder(Role::DepartmentManager)?;
    let monthly = OperationChecklistDraft {
        title: text("サーバーと端末の月次点検")?,
        items: [
            "更新プログラムを適用している",
            "マルウェア対策の定義が最新である",
            "使っていないアカウントがない",
            "バックアップが取れている",
        ]
        .into_iter()
        .map(text)
        .collect::<Outcome<_>>()?,
        frequency: ChecklistFrequency::Monthly,
        first_due_on: today - TimeDelta::days(50),
        assignee_id: administrator.id,
        remarks: Note::default(),
    };
    let monthly = checklists::add(tx, &OperationChecklist::enter(monthly, tx.now(), today)?)?;
    let by = signature(tx, administrator, &[Role::SystemAdministrator]);
    for (days, found) in [(50, Some("退職者1名のアカウントが残っていた")), (20, None)] {
        let checklist = checklists::find(tx, monthly.id)?;
        let result = |number| ItemResult {
            number,
            finding: if number == 3 && found.is_some() { ItemFinding::NotOk } else { ItemFinding::Ok },
            note: found.filter(|_| number == 3).map(text).transpose().ok().flatten().unwrap_or_default(),
        };
        let draft = ChecklistRunDraft {
            performed_on: today - TimeDelta::days(days),
            results: (1..=4).map(result).collect(),
            remarks: Note::default(),
        };
        let run = ChecklistRun::record(draft, &checklist, by.clone(), tx.now(), today)?;
        runs::add(tx, &run, checklist)?;
    }
    let weekly = OperationChecklistDraft {
        title: text("執務室の週次点検")?,
        items: ["机の上に書類が残っていない", "書庫が施錠されている"].into_iter().map(text).collect::<Outcome<_>>()?,
        frequency: ChecklistFrequency::Weekly,
        first_due_on: today + TimeDelta::days(4),
        assignee_id: manager.id,
        remarks: Note::default(),
    };
    checklists::add(tx, &OperationChecklist::enter(weekly, tx.now(), today)?)?;
    Ok(())
}

/// One line of the register of suppliers; days are counted back from today.
struct Line {
    name: &'static str,
    kind: SupplierKind,
    services: &'static str,
    asset: Option<i32>,
    personal: bool,
    department: &'static str,
    began: i64,
    evaluated: Option<(i64, EvaluationResult, &'static str)>,
}

impl Line {
    fn enter(&self, tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
        let today = tx.today();
        let day = |days: i64| -> NaiveDate { today - TimeDelta::days(days) };
        let asset = match self.asset {
            Some(number) => assets::by_number(tx, number)?.map(|asset| asset.id),
            None => None,
        };
        let secretary = company.holder(Role::IsmsSecretariat)?;
        let draft = SupplierDraft {
            name: text(self.name)?,
            kind: self.kind,
            services: text(self.services)?,
            asset_ids: asset.into_iter().collect::<BTreeSet<_>>(),
            handles_personal_data: self.personal,
            starts_on: Some(day(self.began)),
            ends_on: None,
            nda_signed_on: self.personal.then(|| day(self.began)),
            evaluation_interval_months: 12,
            responsible_person_id: secretary.id,
            department_id: departments::by_name(tx, self.department)?.ok_or(Failure::Panicked)?,
            remarks: Note::default(),
        };
        let supplier = suppliers::add(tx, &Supplier::enter(draft, tx.now(), today)?)?;
        if let Some((days, result, remarks)) = self.evaluated {
            let mut supplier = Loaded::new(supplier);
            let draft = SupplierEvaluationDraft { evaluated_on: day(days), result, remarks: text(remarks)? };
            supplier.evaluate(draft, signature(tx, secretary, &[Role::IsmsSecretariat]), today)?;
            suppliers::store(tx, supplier)?;
        }
        Ok(())
    }
}

const SUPPLIERS: &[Line] = &[
    Line {
        name: "あおぞらメール",
        kind: SupplierKind::CloudService,
        services: "電子メールと予定表の提供",
        asset: Some(6),
        personal: true,
        department: "情報システム部",
        began: 700,
        evaluated: Some((120, EvaluationResult::Suitable, "認証の登録証と責任分界を確かめた")),
    },
    Line {
        name: "みなと会計事務所",
        kind: SupplierKind::Supplier,
        services: "給与計算の代行",
        asset: Some(3),
        personal: true,
        department: "経理部",
        began: 500,
        evaluated: Some((400, EvaluationResult::Conditional, "データの受渡しを暗号化することが条件")),
    },
    Line {
        name: "まちの文書処理",
        kind: SupplierKind::Supplier,
        services: "機密書類の回収と溶解",
        asset: None,
        personal: false,
        department: "総務部",
        began: 30,
        evaluated: None,
    },
];
