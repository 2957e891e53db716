//! What one running service consists of.

use std::{collections::HashSet, sync::Arc, time::Duration};

use actix_web::{HttpRequest, web};
use mamori_domain::{
    access::Standing,
    kernel::{clock::Clock, id::Id},
    organization::organization::Organization,
};
use mamori_persistence::{
    identity::{principal, session},
    integration::event,
    kernel::{
        conn::Conn,
        db::Db,
        failure::Outcome,
        idempotency,
        tx::{Context, Tx},
    },
    organization::organization,
    support::file as files,
};
use tokio::sync::mpsc::UnboundedReceiver;
use uuid::Uuid;

use super::{
    config::Settings, files::Files, limit::Limits, openapi, operations::Operations, passwords::Passwords, tokens::Keys,
};

/// A running service. Clones share it.
#[derive(Clone)]
pub struct Service(Arc<Parts>);

struct Parts {
    db: Db,
    clock: Clock,
    keys: Keys,
    files: Files,
    passwords: Passwords,
    limits: Limits,
    operations: Operations,
    document: String,
    settings: Settings,
}

impl Service {
    /// Puts the parts together.
    pub fn new(db: Db, clock: Clock, keys: Keys, files: Files, settings: Settings) -> Self {
        let document = openapi::document();
        Self(Arc::new(Parts {
            db,
            clock,
            keys,
            files,
            passwords: Passwords::default(),
            limits: Limits::new(settings.requests_per_second, settings.logins_per_second),
            operations: Operations::read(&document),
            document: openapi::text(&document),
            settings,
        }))
    }

    /// The service that a request came to.
    pub fn of(request: &HttpRequest) -> Self {
        match request.app_data::<web::Data<Self>>() {
            Some(service) => service.get_ref().clone(),
            #[expect(clippy::unreachable, reason = "the application is built with its service in one place")]
            None => unreachable!("an application without its service"),
        }
    }

    /// The database: only for the permit, the doors and background work.
    pub(crate) fn db(&self) -> &Db {
        &self.0.db
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The key of access tokens.
    pub fn keys(&self) -> &Keys {
        &self.0.keys
    }

    /// The bytes of files: only through the record that refers to a file.
    pub(crate) fn files(&self) -> &Files {
        &self.0.files
    }

    /// Hashing.
    pub fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    /// Rate limits.
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// The published operations.
    pub fn operations(&self) -> &Operations {
        &self.0.operations
    }

    /// The OpenAPI document.
    pub fn document(&self) -> &str {
        &self.0.document
    }

    /// How it was started.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// A context for work that nobody asked for over HTTP.
    pub fn background(&self, organization: Id<Organization>, operation: &str) -> Context {
        Context {
            organization,
            time_zone: chrono_tz::Tz::Asia__Tokyo,
            principal: None,
            actor: "mamori".into(),
            standing: Arc::new(Standing::default()),
            enrolment: None,
            operation: operation.into(),
            request_id: Id::<()>::generate(self.clock().now()).to_string().into(),
            now: self.clock().now(),
        }
    }

    /// Seals the committed events of one organization.
    pub async fn seal(&self, organization: Id<Organization>) -> Outcome<usize> {
        let context = self.background(organization, "seal");
        self.db().write_quietly(Some(organization.uuid()), move |conn| event::seal(&mut Tx::new(conn, &context))).await
    }

    /// Seals everything that is waiting, of all organizations.
    pub async fn seal_all(&self) -> Outcome<()> {
        for organization in self.db().read(None, organization::all).await? {
            while self.seal(organization).await? > 0 {}
        }
        Ok(())
    }

    /// Seals events as they are committed, until the service ends.
    pub async fn seal_as_they_come(self, mut committed: UnboundedReceiver<Uuid>) {
        if let Err(failure) = self.seal_all().await {
            tracing::error!(%failure, "events could not be sealed");
        }
        while let Some(first) = committed.recv().await {
            // What comes in together is sealed together.
            tokio::time::sleep(Duration::from_millis(20)).await;
            let mut organizations = HashSet::from([first]);
            while let Ok(next) = committed.try_recv() {
                organizations.insert(next);
            }
            for organization in organizations {
                if let Err(failure) = self.seal(Id::from_uuid(organization)).await {
                    tracing::error!(%failure, "events could not be sealed");
                }
            }
        }
    }

    /// Forgets what has expired, every hour, until the service ends.
    pub async fn tidy(self) {
        loop {
            tokio::time::sleep(Duration::from_secs(3600)).await;
            self.limits().tidy();
            let organizations = self.db().read(None, organization::all).await.unwrap_or_default();
            for organization in organizations {
                self.remove_erased_files(organization).await;
                if let Err(failure) = self.forget_expired(organization).await {
                    tracing::error!(%failure, "what has expired could not be forgotten");
                }
            }
        }
    }

    /// Removes the bytes of erased files from their store; what fails is tried again every hour.
    pub async fn remove_erased_files(&self, organization: Id<Organization>) {
        if let Err(failure) = self.try_to_remove_erased_files(organization).await {
            tracing::error!(%failure, "erased files could not be removed");
        }
    }

    async fn try_to_remove_erased_files(&self, organization: Id<Organization>) -> Outcome<()> {
        let (of, context) = (Some(organization.uuid()), self.background(organization, "remove"));
        let reading = context.clone();
        let erased = self.db().read(of, move |conn| files::to_remove(&mut Tx::new(conn, &reading))).await?;
        for sha256 in erased {
            if self.files().remove(organization, &sha256).await {
                let writing = context.clone();
                self.db().write_quietly(of, move |conn| files::removed(&mut Tx::new(conn, &writing), &sha256)).await?;
            }
        }
        Ok(())
    }

    /// Forgets the idempotency keys, sessions and links of one organization that have expired.
    pub async fn forget_expired(&self, organization: Id<Organization>) -> Outcome<()> {
        let context = self.background(organization, "tidy");
        let forget = move |conn: &mut Conn| {
            let tx = &mut Tx::new(conn, &context);
            idempotency::forget_expired(tx)?;
            session::forget_expired(tx)?;
            principal::forget_links(tx)
        };
        self.db().write_quietly(Some(organization.uuid()), forget).await
    }
}
