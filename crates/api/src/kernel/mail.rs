//! The mail server: how it is named, and one message in plain text.

use std::{fmt, str::FromStr, time::Duration};

use chrono::{DateTime, Utc};
use clap::Args;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox,
        header::{ContentType, HeaderName, HeaderValue},
    },
};
use mamori_domain::integration::notice::NoticeFault;
use url::{Host, Url};

/// How long one answer of the mail server may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// How notices are sent.
#[derive(Clone, Debug, Default, Args)]
pub struct MailSettings {
    /// The mail server that notices are sent through: `smtps://user:password@host`, or `smtp://user:password@host?tls=required`
    /// for STARTTLS. Without it notices are only read here.
    #[arg(long, env = "MAMORI_SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<SmtpUrl>,
    /// Whom notices come from: an address, or `name <address>`.
    #[arg(long, env = "MAMORI_MAIL_FROM")]
    pub mail_from: Option<String>,
    /// The address of the front end, which links in notices lead to.
    #[arg(long, env = "MAMORI_FRONT_END_URL")]
    pub front_end_url: Option<String>,
}

/// The URL of a mail server, which may hold a password: it is never shown.
#[derive(Clone, Default)]
pub struct SmtpUrl(String);

impl FromStr for SmtpUrl {
    type Err = std::convert::Infallible;

    /// Takes any text: a fault found here would be shown with it.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SmtpUrl")
    }
}

/// Why mail cannot be sent as the settings say.
#[derive(Debug, thiserror::Error)]
pub enum MailFault {
    /// The mail server.
    #[error(
        "MAMORI_SMTP_URL is not smtps://user:password@host, or smtp://… with ?tls=required; only on this machine it may go without"
    )]
    Server,
    /// The sender.
    #[error("MAMORI_MAIL_FROM, whom notices come from, is not an e-mail address")]
    Sender,
    /// The front end.
    #[error("MAMORI_FRONT_END_URL, which links in notices lead to, is not an http or https address")]
    FrontEnd,
}

/// What sends mail.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    front_end: Url,
}

/// A mail to one person.
pub struct Mail {
    /// What it is known by among mail servers: the same for every attempt, so that a mail that came twice is shown once.
    pub id: String,
    /// The name of the person.
    pub name: String,
    /// Their address.
    pub address: String,
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
}

impl Mailer {
    /// As the settings say; none where they name no mail server.
    pub fn of(settings: &MailSettings) -> Result<Option<Self>, MailFault> {
        let MailSettings { smtp_url: Some(SmtpUrl(server)), mail_from, front_end_url } = settings else {
            return Ok(None);
        };
        if server.is_empty() {
            return Ok(None);
        }
        let url = Url::parse(server).map_err(|_| MailFault::Server)?;
        let required = url.query_pairs().any(|(name, value)| name == "tls" && value == "required");
        if url.scheme() != "smtps" && !required && !is_this_machine(&url) {
            return Err(MailFault::Server);
        }
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(server)
            .map_err(|_| MailFault::Server)?
            .timeout(Some(PATIENCE));
        let from = mail_from.as_deref().and_then(|from| from.parse().ok()).ok_or(MailFault::Sender)?;
        let front_end = front_end_url.as_deref().and_then(|url| Url::parse(url).ok());
        let front_end = front_end.filter(|url| matches!(url.scheme(), "http" | "https")).ok_or(MailFault::FrontEnd)?;
        Ok(Some(Self { transport: transport.build(), from, front_end }))
    }

    /// Where links lead to.
    pub fn front_end(&self) -> &Url {
        &self.front_end
    }

    /// Sends one. Refused with the number that the mail server answered, where it did.
    pub async fn send(&self, mail: Mail, now: DateTime<Utc>) -> Result<(), (NoticeFault, Option<i32>)> {
        let message = self.message(mail, now).ok_or((NoticeFault::NoAddress, None))?;
        self.transport.send(message).await.map(|_| ()).map_err(|error| {
            let reply = error.status().map(|code| i32::from(u16::from(code)));
            (fault(reply), reply)
        })
    }

    /// `None` where the address is none that mail servers know.
    fn message(&self, mail: Mail, now: DateTime<Utc>) -> Option<Message> {
        let to = Mailbox::new(Some(mail.name), mail.address.parse().ok()?);
        let mut message = Message::builder()
            .message_id(Some(format!("<{}@{}>", mail.id, self.from.email.domain())))
            .date(now.into())
            .from(self.from.clone())
            .to(to)
            .subject(mail.subject)
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text)
            .ok()?;
        // No absence notes in return (RFC 3834).
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        message.headers_mut().insert_raw(HeaderValue::new(automatic, "auto-generated".to_owned()));
        Some(message)
    }
}

fn is_this_machine(url: &Url) -> bool {
    // Of a scheme that is not the web's the host is a text.
    match url.host_str().map(Host::parse) {
        Some(Ok(Host::Ipv4(address))) => address.is_loopback(),
        Some(Ok(Host::Ipv6(address))) => address.is_loopback(),
        Some(Ok(Host::Domain(name))) => name == "localhost",
        _ => false,
    }
}

/// What an answer of a mail server means (RFC 5321, 4.2; RFC 4954, 6): 421 and 53x are about the service, not about this
/// mail.
fn fault(reply: Option<i32>) -> NoticeFault {
    match reply {
        None | Some(421 | 530..=539) => NoticeFault::Unreachable,
        Some(500..) => NoticeFault::Refused,
        Some(_) => NoticeFault::Deferred,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mailer(smtp_url: &str) -> Result<Option<Mailer>, String> {
        let settings = MailSettings {
            smtp_url: smtp_url.parse().ok(),
            mail_from: Some("ISMS事務局 <isms@example.com>".into()),
            front_end_url: Some("https://isms.example.com".into()),
        };
        Mailer::of(&settings).map_err(|fault| fault.to_string())
    }

    #[test]
    fn passwords_go_to_other_machines_over_tls_only_and_are_shown_to_nobody() {
        for good in [
            "smtps://u:secret@mail.example.com",
            "smtp://u:secret@mail.example.com?tls=required",
            "smtp://127.0.0.1:2525",
        ] {
            assert!(matches!(mailer(good), Ok(Some(_))), "{good}");
        }
        for bad in [
            "smtp://u:secret@mail.example.com",
            "smtp://u:secret@mail.example.com?tls=opportunistic",
            "secret",
            "https://u:secret@127.0.0.1",
        ] {
            assert!(!mailer(bad).err().unwrap().contains("secret"), "{bad}");
        }
        assert!(matches!(mailer(""), Ok(None)));
        let settings = MailSettings { smtp_url: "smtps://u:secret@host".parse().ok(), ..MailSettings::default() };
        assert!(!format!("{settings:?}").contains("secret"));
        assert!(matches!(Mailer::of(&settings), Err(MailFault::Sender)));
    }

    #[test]
    fn answers_about_the_service_are_not_held_against_the_mail() {
        let of = [
            (None, NoticeFault::Unreachable),
            (Some(421), NoticeFault::Unreachable),
            (Some(535), NoticeFault::Unreachable),
            (Some(451), NoticeFault::Deferred),
            (Some(550), NoticeFault::Refused),
            (Some(500), NoticeFault::Refused),
        ];
        for (reply, meant) in of {
            assert_eq!(fault(reply), meant, "{reply:?}");
        }
    }

    #[actix_web::test]
    async fn subject_and_text_may_be_japanese() {
        let mailer = mailer("smtp://127.0.0.1:2525").unwrap().unwrap();
        let mail = Mail {
            id: "1".into(),
            name: "高橋 花".into(),
            address: "hana@example.com".into(),
            subject: "受講のご案内".into(),
            text: "受講してください。".into(),
        };
        let text = String::from_utf8(mailer.message(mail, DateTime::UNIX_EPOCH).unwrap().formatted()).unwrap();
        assert!(text.is_ascii());
        for header in
            ["Message-ID: <1@example.com>", "Auto-Submitted: auto-generated", "charset=utf-8", "Subject: =?utf-8?"]
        {
            assert!(text.contains(header), "{header} in {text}");
        }
    }
}
