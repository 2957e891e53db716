//! Founding an organization: by setup over HTTP, by the command line, in the demo.

use clap::Args;
use mamori_domain::{
    access::Role,
    kernel::{
        id::Id,
        sign_off::Signature,
        text::{Note, TextFault, Title},
    },
    leadership::appointment::{Appointment, AppointmentDraft, AppointmentKind},
    organization::{
        organization::{Organization, OrganizationDraft},
        person::{Email, Person, PersonDraft, WorkerKind},
    },
    planning::risk_criteria::{RiskCriteria, RiskCriteriaDraft},
    support::{
        awareness::obligation::{ObligationSet, ObligationSetDraft},
        communication::procedure::{self, CommunicationProcedure},
    },
};
use mamori_persistence::{
    identity::principal as principals,
    kernel::{
        db::{Db, Limits, migrate},
        failure::{Failure, Outcome},
        tx::{Context, Tx},
    },
    leadership::appointment as appointments,
    organization::{organization as organizations, person as persons},
    planning::risk_criteria as criteria,
    support::{awareness::obligation as obligations, communication::procedure as procedures},
};

use super::{Fault, print};
use crate::kernel::config::Storage;

/// Who founds an organization.
#[derive(Clone, Debug)]
pub struct Founder {
    /// The name of the organization.
    pub organization: Title,
    /// The name of the first person.
    pub person: Title,
    /// Their e-mail address.
    pub email: Email,
    /// Their password, hashed; without one they are invited.
    pub password_hash: Option<String>,
}

/// Creates an organization with its first person, appointed top management and platform administrator, and puts the
/// shipped risk criteria in force.
pub fn organization(tx: &mut Tx<'_>, id: Id<Organization>, founder: Founder) -> Outcome<Person> {
    let organization =
        Organization { id, ..Organization::found(OrganizationDraft::named(founder.organization), tx.now())? };
    organizations::add(tx, &organization)?;
    let draft = PersonDraft {
        name: founder.person,
        name_kana: None,
        employee_number: None,
        email: Some(founder.email),
        worker_kind: WorkerKind::Director,
        department_id: None,
        joined_on: tx.today(),
        left_on: None,
    };
    let person = persons::add(tx, &Person::enter(draft, tx.now(), tx.today())?)?;
    let principal = principals::add(tx, &person)?;
    if let Some(hash) = &founder.password_hash {
        principals::set_password(tx, principal.id, hash)?;
    }
    let by = Signature {
        person_id: person.id,
        name: person.draft.name.as_str().to_owned(),
        posts: vec![Role::TopManagement],
        at: tx.now(),
        provisional: false,
        reason: Some("founding".to_owned()),
    };
    for role in [Role::TopManagement, Role::PlatformAdmin] {
        appoint(tx, role, person.id, None, &by)?;
    }
    let title = Title::new("リスク基準").map_err(|error| Failure::Corrupt(error.to_string()))?;
    let mut shipped = RiskCriteria::draft(RiskCriteriaDraft::shipped(title), 1, by.clone(), tx.now())?;
    shipped.version.submit(by.clone())?;
    shipped.version.approve(by.clone(), true, tx.now())?;
    criteria::add(tx, &shipped)?;
    ship(tx, by)?;
    Ok(person)
}

/// What an organization begins with beside its criteria: the rows of D30, which are in use, and the duties of D06a, which
/// are a draft.
fn ship(tx: &mut Tx<'_>, by: Signature) -> Outcome<()> {
    let corrupt = |error: TextFault| Failure::Corrupt(error.to_string());
    for row in procedure::shipped().map_err(corrupt)? {
        let number = organizations::next_number(tx, procedures::SERIES)?;
        procedures::add(tx, &CommunicationProcedure::enter(row, number, tx.now())?)?;
    }
    let duties = ObligationSetDraft::shipped().map_err(corrupt)?;
    obligations::add(tx, &ObligationSet::begin(duties, 1, by, tx.now())?)?;
    Ok(())
}

/// Appoints `person` to `role` from today on.
pub fn appoint(
    tx: &mut Tx<'_>,
    role: Role,
    person: Id<Person>,
    department: Option<Id<mamori_domain::organization::department::Department>>,
    by: &Signature,
) -> Outcome<Appointment> {
    let draft = AppointmentDraft {
        role,
        person_id: person,
        department_id: department,
        kind: AppointmentKind::Formal,
        starts_on: tx.today(),
        deputy_person_id: None,
        deputy_from: None,
        deputy_until: None,
        remarks: Note::default(),
    };
    let mut appointment = Appointment::propose(draft, by.clone(), tx.now())?;
    let others = appointments::current(tx)?;
    appointment.approve(by.clone(), &others, tx.today())?;
    appointments::add(tx, &appointment)
}

/// `mamori organization`: a further organization.
#[derive(Debug, Args)]
pub struct Options {
    #[command(flatten)]
    storage: Storage,
    /// The name of the organization.
    #[arg(long)]
    name: String,
    /// The name of its first person.
    #[arg(long)]
    person: String,
    /// Their e-mail address.
    #[arg(long)]
    email: String,
}

/// Creates it, and prints a one-time link with which the person sets a password.
pub async fn run(options: Options) -> Result<(), Fault> {
    use mamori_domain::{access::Standing, identity::principal::LinkPurpose, kernel::clock::Clock};
    let text = |text: String, what: &str| Title::new(text).map_err(|fault| Fault::Usage(format!("{what}: {fault}")));
    let founder = Founder {
        organization: text(options.name, "--name")?,
        person: text(options.person, "--person")?,
        email: Email::try_from(options.email).map_err(|fault| Fault::Usage(format!("--email: {fault}")))?,
        password_hash: None,
    };
    let location = options.storage.location();
    migrate(location.clone()).await?;
    let db = Db::open(location, Limits { readers: 1, writers: 1, waiting: 16 }, None).await?;
    let now = Clock::System.now();
    let id = Id::<Organization>::generate(now);
    let context = Context {
        organization: id,
        time_zone: chrono_tz::Tz::Asia__Tokyo,
        principal: None,
        actor: "command line".into(),
        standing: Standing::default().into(),
        enrolment: None,
        operation: "organization".into(),
        request_id: Id::<()>::generate(now).to_string().into(),
        now,
    };
    let found = move |conn: &mut _| {
        let tx = &mut Tx::new(conn, &context);
        let person = organization(tx, id, founder.clone())?;
        let principal = principals::by_person(tx, person.id)?.map(|principal| principal.id);
        match principal {
            Some(principal) => principals::make_link(tx, principal, LinkPurpose::Invitation),
            None => Err(Failure::Corrupt("a person without a login".into())),
        }
    };
    let (link, expires_at) = db.write(Some(id.uuid()), found).await?;
    print(&format!(
        "organization {id}\nset the first password with POST /v1/password-settings before {expires_at}:\n    {}\n",
        link.text()
    ));
    Ok(())
}
