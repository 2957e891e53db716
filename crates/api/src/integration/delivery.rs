//! Sending notices: in the background, as long as a mail server is known.
//!
//! A process claims a notice before it sends it, so that no other one sends it too. Where the process dies in between, or
//! the answer of the mail server is lost, the notice is sent again once the claim has expired: SMTP knows no better, and
//! both mails bear the same `Message-ID`.

use std::time::Duration;

use mamori_domain::{
    integration::notice::{Notice, NoticeFault},
    kernel::id::Id,
    organization::organization::Organization,
};
use mamori_persistence::{
    integration::notice as notices,
    kernel::{failure::Outcome, loaded::Loaded, tx::Tx},
    organization::organization as organizations,
    support::education::learning,
};
use url::Url;

use crate::kernel::{
    mail::{Mail, Mailer},
    service::Service,
};

/// How long the service waits until it looks for notices again.
const PAUSE: Duration = Duration::from_secs(10);

/// Sends notices as they come, until the service ends.
pub async fn deliver_as_they_come(service: Service, mailer: Mailer) {
    loop {
        if let Err(failure) = deliver(&service, &mailer).await {
            tracing::error!(%failure, "notices could not be sent");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Sends what is due, of all organizations; stops where the mail server is not there. Returns how many it took.
pub async fn deliver(service: &Service, mailer: &Mailer) -> Outcome<usize> {
    let mut taken = 0;
    for organization in service.db().read(None, organizations::all).await? {
        while let Some(result) = deliver_next(service, mailer, organization).await? {
            match result {
                Ok(()) => taken += 1,
                Err(NoticeFault::Unreachable) => return Ok(taken),
                Err(_) => {}
            }
        }
    }
    Ok(taken)
}

/// Sends the next notice of an organization that is due, and keeps what became of it; `None` where nothing is due.
async fn deliver_next(
    service: &Service,
    mailer: &Mailer,
    organization: Id<Organization>,
) -> Outcome<Option<Result<(), NoticeFault>>> {
    let (context, front_end) = (service.background(organization, "deliver_notice"), mailer.front_end().clone());
    let signing = service.clone();
    let claim = move |conn: &mut _| {
        let tx = &mut Tx::new(conn, &context);
        let Some((notice, recipient)) = notices::claim(tx)? else { return Ok(None) };
        let text = notice.text_for(link(tx, &signing, &front_end, &notice)?.as_str());
        let mail = Notice::address(recipient, tx.today()).map(|address| Mail {
            id: notice.id.to_string(),
            name: notice.person.name.clone(),
            address,
            subject: notice.draft.subject.to_string(),
            text,
        });
        Ok(Some((notice, mail)))
    };
    let Some((notice, mail)) = service.db().write_quietly(Some(organization.uuid()), claim).await? else {
        return Ok(None);
    };
    let result = match mail {
        Ok(mail) => mailer.send(mail, service.clock().now()).await,
        Err(fault) => Err((fault, None)),
    };
    if let Err((fault, reply)) = result {
        tracing::warn!(notice = %notice.id, %fault, reply, "a notice was not sent");
    }
    keep(service, organization, notice, result).await?;
    Ok(Some(result.map_err(|(fault, _)| fault)))
}

/// Keeps what became of a notice.
async fn keep(
    service: &Service,
    organization: Id<Organization>,
    notice: Loaded<Notice>,
    result: Result<(), (NoticeFault, Option<i32>)>,
) -> Outcome<Notice> {
    let context = service.background(organization, "deliver_notice");
    let keep = move |conn: &mut _| {
        let tx = &mut Tx::new(conn, &context);
        let mut notice = notice.clone();
        match result {
            Ok(()) => notice.sent(tx.now()),
            Err((fault, reply)) => notice.not_sent(fault, reply, tx.now()),
        }
        notices::store(tx, notice)
    };
    service.db().write(Some(organization.uuid()), keep).await
}

/// Where the link of a notice leads to in the front end: to the enrolment that it is about, otherwise to its first page. The
/// learner's own link stands behind `#`, which no server is told and no log keeps.
fn link(tx: &mut Tx<'_>, service: &Service, front_end: &Url, notice: &Notice) -> Outcome<Url> {
    let mut link = front_end.clone();
    if let Some(enrolment) = notice.education_enrolment_id {
        if let Ok(mut path) = link.path_segments_mut() {
            path.pop_if_empty().extend(["education-enrolments", &enrolment.to_string()]);
        }
        let epoch = learning::epoch(tx, Id::from_uuid(enrolment))?;
        let secret = service.keys().learning_link(tx.organization().0.uuid(), enrolment, epoch);
        link.set_fragment(Some(secret.text()));
    }
    Ok(link)
}
