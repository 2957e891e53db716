//! How questionnaires of customers are kept.

use std::collections::HashMap;

use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Role, Verb},
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        reference::Reference,
        sign_off::Signature,
        text::{Text, normalized},
    },
    organization::{department::Department, organization::Organization},
    support::{
        communication::customer_questionnaire::{
            CustomerQuestionnaire, CustomerQuestionnaireAction, CustomerQuestionnaireDraft, CustomerQuestionnaireState,
            QuestionnaireSubmission,
        },
        file::StoredFile,
    },
};
use serde::{Deserialize, Serialize};

use self::customer_questionnaire as q;
use crate::{
    kernel::{
        among::AmongExt,
        columns::{DocumentColumn, KeyColumn, MomentColumn, WordColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{containing, cut, one_more},
        tx::{Tx, Within, require_within},
    },
    leadership::appointment::Approvers,
    on,
    organization::department::department as d,
    planning::reference,
    sorted,
    support::file as files,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    customer_questionnaire (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        number -> Integer,
        department_id -> Key,
        due_on -> Nullable<Date>,
        content -> Document,
        state -> Text,
        questionnaire_file_id -> Nullable<Key>,
        answer_file_id -> Nullable<Key>,
        answer -> Document,
        search -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

/// `content` is the whole draft; what of it is filtered stands beside it.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = q, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<CustomerQuestionnaire>,
    revision: i32,
    number: i32,
    department_id: KeyColumn<Department>,
    due_on: Option<chrono::NaiveDate>,
    content: DocumentColumn<CustomerQuestionnaireDraft>,
    state: WordColumn<CustomerQuestionnaireState>,
    questionnaire_file_id: Option<KeyColumn<StoredFile>>,
    answer_file_id: Option<KeyColumn<StoredFile>>,
    answer: DocumentColumn<Answering>,
    search: String,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

/// What became of a questionnaire: never asked for, only read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Answering {
    answer: Option<Text>,
    answered: Option<Signature>,
    returned: Option<Signature>,
    confirmed: Option<Signature>,
    self_confirmed: bool,
    submission: Option<QuestionnaireSubmission>,
    voided: Option<Signature>,
}

impl Row {
    fn of(questionnaire: &CustomerQuestionnaire, organization_id: KeyColumn<Organization>) -> Self {
        let CustomerQuestionnaire {
            id,
            revision,
            number,
            draft,
            department: _,
            overdue: _,
            state,
            questionnaire_file,
            answer_file,
            answer,
            answered,
            returned,
            confirmed,
            self_confirmed,
            submission,
            voided,
            allowed_actions: _,
            created_at,
            updated_at,
        } = questionnaire.clone();
        let search = [draft.customer.as_str(), draft.title.as_str(), draft.remarks.as_str()].join("\n");
        let answer = Answering { answer, answered, returned, confirmed, self_confirmed, submission, voided };
        Self {
            organization_id,
            id: KeyColumn(id),
            revision,
            number,
            department_id: KeyColumn(draft.department_id),
            due_on: draft.due_on,
            content: DocumentColumn(draft),
            state: WordColumn(state),
            questionnaire_file_id: questionnaire_file.map(|file| KeyColumn(file.id)),
            answer_file_id: answer_file.map(|file| KeyColumn(file.id)),
            answer: DocumentColumn(answer),
            search: normalized(&search),
            created_at: MomentColumn(created_at),
            updated_at: MomentColumn(updated_at),
        }
    }

    /// `files` are those of the whole page.
    fn into_questionnaire(
        self,
        department: String,
        files: &HashMap<Id<StoredFile>, StoredFile>,
        today: chrono::NaiveDate,
    ) -> CustomerQuestionnaire {
        let file = |id: Option<KeyColumn<StoredFile>>| files.get(&id?.0).cloned();
        let Answering { answer, answered, returned, confirmed, self_confirmed, submission, voided } = self.answer.0;
        let mut questionnaire = CustomerQuestionnaire {
            id: self.id.0,
            revision: self.revision,
            number: self.number,
            department: Reference::new(self.department_id.0, department),
            draft: self.content.0,
            // What `derive` makes of the rest.
            overdue: false,
            state: self.state.0,
            questionnaire_file: file(self.questionnaire_file_id),
            answer_file: file(self.answer_file_id),
            answer,
            answered,
            returned,
            confirmed,
            self_confirmed,
            submission,
            voided,
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        };
        questionnaire.derive(today);
        questionnaire
    }
}

/// Who confirms an answer: the head of the secretariat, or who stands in for that seat (SD-1).
pub fn approvers(tx: &mut Tx<'_>) -> Outcome<Approvers> {
    Approvers::along(tx, "SD-1", Role::IsmsSecretariatHead)
}

/// Which questionnaires are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<CustomerQuestionnaire>>,
    /// Whose customer, title or remarks contain this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// To be answered by this department.
    pub department: Option<Id<Department>>,
    /// In this state.
    pub state: Option<CustomerQuestionnaireState>,
}

/// A page of questionnaires that the caller may read; sorts by `number` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<CustomerQuestionnaire>> {
    let within = tx.within(Resource::CustomerQuestionnaire, Verb::Read)?;
    list_within(tx, filter, page, &within)
}

fn list_within(
    tx: &mut Tx<'_>,
    filter: &Filter,
    page: &PageRequest,
    within: &Within,
) -> Outcome<Page<CustomerQuestionnaire>> {
    let (grants, approvers) = (Grants::of::<CustomerQuestionnaire>(tx)?, approvers(tx)?);
    let (organization, today) = (tx.organization(), tx.today());
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = q::table
                .inner_join(d::table.on(d::organization_id.eq(q::organization_id).and(d::id.eq(q::department_id))))
                .filter(q::organization_id.eq(organization))
                .into_boxed::<Db>();
            if !within.all {
                query = query.filter(q::department_id.among(&within.departments));
            }
            if let Some(id) = filter.id {
                query = query.filter(q::id.eq(KeyColumn(id)));
            }
            if let Some(text) = &filter.q {
                query = query.filter(q::search.like(containing(text)).escape('\\'));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(q::updated_at.ge(MomentColumn(since)));
            }
            if let Some(department) = filter.department {
                query = query.filter(q::department_id.eq(KeyColumn(department)));
            }
            if let Some(state) = filter.state {
                query = query.filter(q::state.eq(WordColumn(state)));
            }
            query
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "updated_at" => sorted!(filtered(), page, q::updated_at, q::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, q::number, q::id, i32),
        };
        let rows: Vec<(Row, String)> = query.limit(one_more(page)).select((Row::as_select(), d::name)).load(tx)?;
        (rows, total)
    });
    let ids = rows.iter().flat_map(|(row, _)| [row.questionnaire_file_id, row.answer_file_id]).flatten();
    let attached = files::among(tx, ids.map(|id| id.0))?;
    let questionnaires = rows
        .into_iter()
        .map(|(row, department)| {
            let mut one = row.into_questionnaire(department, &attached, today);
            let department = Some(one.draft.department_id);
            let mut open = grants.open(&one, |within| within.covers(department, None, None));
            let may_confirm = one.author().is_ok_and(|author| approvers.may_approve(tx.standing(), author));
            open.retain(|action| *action != CustomerQuestionnaireAction::Confirm || may_confirm);
            one.allowed_actions = open;
            one
        })
        .collect();
    Ok(cut(questionnaires, page, total, |one: &CustomerQuestionnaire| match page.sort_field() {
        "updated_at" => (serde_json::json!(one.updated_at), one.id.uuid()),
        _ => (serde_json::json!(one.number), one.id.uuid()),
    }))
}

/// One questionnaire that the caller may read.
pub fn find(tx: &mut Tx<'_>, id: Id<CustomerQuestionnaire>) -> Outcome<Loaded<CustomerQuestionnaire>> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    list(tx, &filter, &PageRequest::one())?.items.pop().or_not_found().map(Loaded::new)
}

/// One questionnaire that the caller may read, to do `verb` to it.
pub fn find_for(tx: &mut Tx<'_>, id: Id<CustomerQuestionnaire>, verb: Verb) -> Outcome<Loaded<CustomerQuestionnaire>> {
    let found = find(tx, id)?;
    let within = tx.within(Resource::CustomerQuestionnaire, verb)?;
    require_within(within.covers(Some(found.draft.department_id), None, None))?;
    Ok(found)
}

/// One questionnaire, whoever asks.
fn look_up(tx: &mut Tx<'_>, id: Id<CustomerQuestionnaire>) -> Outcome<CustomerQuestionnaire> {
    let (filter, within) = (Filter { id: Some(id), ..Filter::default() }, Within::everything());
    list_within(tx, &filter, &PageRequest::one(), &within)?.items.pop().or_not_found()
}

/// Adds a new questionnaire.
pub fn add(tx: &mut Tx<'_>, questionnaire: &CustomerQuestionnaire) -> Outcome<CustomerQuestionnaire> {
    reference::department(tx, questionnaire.draft.department_id, "/department_id")?;
    let row = Row::of(questionnaire, tx.organization());
    on!(tx, diesel::insert_into(q::table).values(&row).execute(tx))?;
    let added = look_up(tx, questionnaire.id)?;
    tx.record(Resource::CustomerQuestionnaire, added.id.uuid(), None, &added)?;
    Ok(added)
}

/// Stores a changed questionnaire over the revision it was read at.
pub fn store(tx: &mut Tx<'_>, mut questionnaire: Loaded<CustomerQuestionnaire>) -> Outcome<CustomerQuestionnaire> {
    if questionnaire.draft.department_id != questionnaire.original.draft.department_id {
        reference::department(tx, questionnaire.draft.department_id, "/department_id")?;
    }
    questionnaire.revision += 1;
    questionnaire.updated_at = tx.now();
    let row = Row::of(&questionnaire, tx.organization());
    let read = q::table.find((row.organization_id, row.id)).filter(q::revision.eq(questionnaire.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let stored = look_up(tx, questionnaire.id)?;
    tx.record(Resource::CustomerQuestionnaire, stored.id.uuid(), Some(&questionnaire.original), &stored)?;
    Ok(stored)
}
