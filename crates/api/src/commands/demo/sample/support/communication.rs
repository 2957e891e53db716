//! What was told and what is to be told, beside the shipped rows of the procedure; two questionnaires of customers (D30).

use chrono::{NaiveDate, TimeDelta};
use mamori_domain::{
    access::Role,
    kernel::{date::date_in, page::PageRequest, reference::Reference, text::Note},
    support::communication::{
        communication::{Communication, CommunicationDraft, CommunicationPerformanceDraft},
        customer_questionnaire::{CustomerQuestionnaire, CustomerQuestionnaireDraft, QuestionnaireAnswer},
        procedure::{CommunicationProcedure, CommunicationSubject},
    },
};
use mamori_persistence::{
    kernel::{
        failure::{Failure, Outcome},
        tx::Tx,
    },
    organization::organization as organizations,
    support::communication::{
        communication as communications, customer_questionnaire as questionnaires, procedure as procedures,
    },
};

use super::super::{Company, signature, text};

pub(super) fn fill(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    // Told in time; one that waits; and an incident that everybody concerned was told of.
    for (subject, about, days_ago, told_after) in [
        (CommunicationSubject::ReviewResult, "リスクアセスメントの結果", 40, Some(4)),
        (CommunicationSubject::ReviewResult, "委託先の評価の結果", 2, None),
        (CommunicationSubject::Incident, "誤った宛先へのメール送信", 15, Some(0)),
    ] {
        let filter = procedures::Filter { subject: Some(subject), ..procedures::Filter::default() };
        for procedure in procedures::list(tx, &filter, &PageRequest::whole())?.items {
            tell(tx, company, &procedure, about, days_ago, told_after)?;
        }
    }
    customers(tx, company)
}

fn tell(
    tx: &mut Tx<'_>,
    company: &Company,
    procedure: &CommunicationProcedure,
    about: &str,
    days_ago: i64,
    told_after: Option<i64>,
) -> Outcome<()> {
    let by = signature(tx, company.holder(Role::IsmsSecretariat)?, &[Role::IsmsSecretariat]);
    let occurred_at = tx.now() - TimeDelta::days(days_ago);
    let occurred_on = date_in(tx.context().time_zone, occurred_at);
    let draft = CommunicationDraft {
        procedure_id: procedure.id,
        about: text(about)?,
        record_resource: None,
        record_id: None,
        occurred_at,
    };
    let mut one = Communication::open(draft, procedure, occurred_on, by.clone(), tx.now(), tx.today())?;
    if let Some(days) = told_after {
        let performed_on = occurred_on + TimeDelta::days(days);
        let done = CommunicationPerformanceDraft {
            performed_on,
            means: text("社内掲示板とメール")?,
            evidence: Note::default(),
        };
        one.perform(done, by, tx.today())?;
    }
    communications::add(tx, &one)?;
    Ok(())
}

/// One questionnaire waits for its department, the answer to another one to be confirmed.
fn customers(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    let manager = company.holder(Role::DepartmentManager)?;
    let department = manager.draft.department_id.ok_or(Failure::Panicked)?;
    let today = tx.today();
    let asked = |customer: &str, title: &str, received_on: NaiveDate| {
        Ok::<_, Failure>(CustomerQuestionnaireDraft {
            customer: text(customer)?,
            title: text(title)?,
            received_on,
            due_on: Some(received_on + TimeDelta::days(21)),
            department_id: department,
            remarks: Note::default(),
        })
    };
    let receive = |tx: &mut Tx<'_>, draft| -> Outcome<CustomerQuestionnaire> {
        let number = organizations::next_number(tx, "customer_questionnaire")?;
        let of = Reference::new(department, "");
        Ok(CustomerQuestionnaire::receive(draft, number, of, tx.now(), today)?)
    };
    let draft = asked("株式会社さくら物産", "委託先の情報管理についての調査票", today - TimeDelta::days(3))?;
    let waiting = receive(tx, draft)?;
    questionnaires::add(tx, &waiting)?;
    let draft = asked("みどり市役所", "情報セキュリティ対策の点検表", today - TimeDelta::days(9))?;
    let mut drafted = receive(tx, draft)?;
    let by = signature(tx, manager, &[Role::DepartmentManager]);
    drafted.write_answer(QuestionnaireAnswer { answer: text(ANSWER)? }, by)?;
    questionnaires::add(tx, &drafted)?;
    Ok(())
}

const ANSWER: &str = "全20問に答えた。端末の暗号化とアクセス権の見直しは実施済み、事業継続の訓練は今年度に行う。";
