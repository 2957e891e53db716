//! A PostgreSQL server of this run, out of the binaries of the distribution.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use crate::{Outcome, process::Process};

/// The server; it ends with this value.
pub struct Postgres {
    child: Child,
    port: u16,
}

impl Postgres {
    /// Starts one in `folder`; `None` where there are no binaries.
    pub fn start(folder: &Path) -> Outcome<Option<Self>> {
        let (Some(initdb), Some(server), Some(_)) = (binary("initdb"), binary("postgres"), binary("pgbench")) else {
            return Ok(None);
        };
        let folder = folder.join("postgres");
        std::fs::create_dir_all(&folder)?;
        // The server refuses to run as root: then it runs as the user that Debian makes for it.
        let as_root = Command::new("id").arg("-u").output().is_ok_and(|out| out.stdout.starts_with(b"0\n"));
        let command = |program: &Path| {
            if as_root {
                let mut command = Command::new("setpriv");
                command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
                command
            } else {
                Command::new(program)
            }
        };
        if as_root {
            checked(Command::new("chown").arg("postgres:postgres").arg(&folder))?;
        }
        let data = folder.join("data");
        checked(
            command(&initdb).args(["-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C", "-D"]).arg(&data),
        )?;
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let child = command(&server)
            .arg("-D")
            .arg(&data)
            .args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1", "-c"])
            .arg(format!("unix_socket_directories={}", folder.display()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let server = Self { child, port };
        for _ in 0..200 {
            if server.tool("psql").args(["-qXc", "SELECT 1", "postgres"]).output().is_ok_and(|out| out.status.success())
            {
                server.run("postgres", "CREATE ROLE mamori LOGIN NOSUPERUSER NOBYPASSRLS")?;
                server.run("postgres", "CREATE DATABASE pgbench")?;
                checked(server.tool("pgbench").args(["-i", "-q", "-s", "10", "pgbench"]))?;
                return Ok(Some(server));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Err("PostgreSQL did not start".into())
    }

    /// A new empty database of an ordinary role; its URL.
    pub fn database(&self, name: &str) -> Outcome<String> {
        self.run("postgres", &format!("CREATE DATABASE {name} OWNER mamori"))?;
        Ok(format!("postgres://mamori@127.0.0.1:{}/{name}", self.port))
    }

    /// Brings the statistics of a database that was just filled up to date.
    pub fn settle(&self, name: &str) -> Outcome<()> {
        self.run(name, "VACUUM ANALYZE")
    }

    /// Transactions a second of `pgbench -S -M prepared` with 16 clients.
    pub fn pgbench(&self, seconds: f64) -> Outcome<f64> {
        let seconds = seconds.ceil().max(1.0).to_string();
        let out =
            checked(self.tool("pgbench").args(["-n", "-S", "-M", "prepared", "-c", "16", "-T", &seconds, "pgbench"]))?;
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        let rate = text.lines().find_map(|line| line.strip_prefix("tps = ")?.split_whitespace().next()?.parse().ok());
        rate.ok_or_else(|| format!("pgbench said {text}").into())
    }

    /// The process, to look at.
    pub fn process(&self) -> Process {
        Process(self.child.id())
    }

    fn run(&self, database: &str, sql: &str) -> Outcome<()> {
        checked(self.tool("psql").args(["-qX", "-v", "ON_ERROR_STOP=1", "-c", sql, database])).map(|_| ())
    }

    fn tool(&self, name: &str) -> Command {
        let mut command = Command::new(binary(name).unwrap_or_else(|| name.into()));
        command.args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", "postgres"]);
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // SIGINT is its fast shutdown; the standard library cannot send it.
        let _ = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

/// A PostgreSQL binary, from where Debian keeps them or the path; the newest.
fn binary(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    folders.sort();
    folders.reverse();
    folders.extend(std::env::split_paths(&path));
    folders.into_iter().map(|folder| folder.join(name)).find(|file| file.is_file())
}

fn checked(command: &mut Command) -> Outcome<Output> {
    let out = command.stdin(Stdio::null()).output()?;
    if out.status.success() {
        return Ok(out);
    }
    Err(format!("{command:?}: {}", String::from_utf8_lossy(&out.stderr)).into())
}
