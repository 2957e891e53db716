//! A mail server on this machine: it speaks as much SMTP as is needed to take a mail, or to refuse it.

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use mamori_api::kernel::mail::{MailSettings, Mailer};

/// The server; it listens until the tests end.
pub struct MailServer {
    /// What to send through it.
    pub mailer: Mailer,
    desk: Arc<Mutex<Desk>>,
}

#[derive(Default)]
struct Desk {
    taken: Vec<Mail>,
    answers: VecDeque<&'static str>,
}

/// A mail that it took.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Whom it is for, as the envelope says.
    pub to: String,
    /// The head, as it came.
    pub head: String,
    /// The text.
    pub text: String,
}

impl Mail {
    /// A field of the head, as it came; empty where there is none.
    pub fn field(&self, name: &str) -> &str {
        let line = self.head.lines().find(|line| line.starts_with(name));
        line.map(|line| line[name.len()..].trim_start_matches(": ")).unwrap_or_default()
    }
}

impl MailServer {
    /// Listens.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let desk = Arc::<Mutex<Desk>>::default();
        let shared = Arc::clone(&desk);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let desk = Arc::clone(&shared);
                std::thread::spawn(move || serve(stream, &desk));
            }
        });
        Self { mailer: mailer(port), desk }
    }

    /// What it took so far.
    pub fn taken(&self) -> Vec<Mail> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner).taken.clone()
    }

    /// Answers the next mail with this line.
    pub fn answer(&self, line: &'static str) {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner).answers.push_back(line);
    }
}

/// What sends through the mail server on this port.
pub fn mailer(port: u16) -> Mailer {
    let settings = MailSettings {
        smtp_url: format!("smtp://127.0.0.1:{port}").parse().ok(),
        mail_from: Some("ISMS事務局 <isms@moriya.example>".into()),
        front_end_url: Some("https://isms.moriya.example/".into()),
    };
    Mailer::of(&settings).expect("settings").expect("a mailer")
}

/// One conversation; `None` where the other side breaks it off.
fn serve(mut stream: TcpStream, desk: &Mutex<Desk>) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
    let mut to = String::new();
    stream.write_all(b"220 mail.example ready\r\n").ok()?;
    loop {
        let line = lines.next()?.ok()?;
        let mut answer = "250 fine";
        if let Some(address) = line.strip_prefix("RCPT TO:") {
            to = address.trim_matches(['<', '>']).to_owned();
        } else if line == "DATA" {
            stream.write_all(b"354 go on\r\n").ok()?;
            let mail: Vec<String> = lines.by_ref().map_while(Result::ok).take_while(|line| line != ".").collect();
            let mut desk = desk.lock().unwrap_or_else(PoisonError::into_inner);
            answer = desk.answers.pop_front().unwrap_or("250 taken");
            if answer.starts_with('2') {
                desk.taken.push(read(&to, &mail));
            }
        } else if line == "QUIT" {
            answer = "221 bye";
        }
        stream.write_all(format!("{answer}\r\n").as_bytes()).ok()?;
    }
}

/// Head and text of a mail; the text comes in base64, as it is Japanese.
fn read(to: &str, lines: &[String]) -> Mail {
    let end = lines.iter().position(String::is_empty).unwrap_or(lines.len());
    let (head, body) = lines.split_at(end);
    let bytes = STANDARD.decode(body.concat()).expect("base64");
    Mail { to: to.to_owned(), head: head.join("\n"), text: String::from_utf8(bytes).expect("UTF-8") }
}
