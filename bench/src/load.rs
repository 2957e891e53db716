//! Load over HTTP/1.1: connections that stay open and ask again as soon as they are answered, on one thread.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::sleep,
};

use crate::{Outcome, process::Process};

/// Before a window begins: connections are open, statements prepared, caches filled.
const WARM_UP: Duration = Duration::from_millis(600);

/// What is asked of whom.
pub struct Load<'a> {
    /// The service.
    pub address: SocketAddr,
    /// Its process.
    pub server: Process,
    /// The PostgreSQL behind it.
    pub postgres: Option<Process>,
    /// How many at once.
    pub connections: usize,
    /// The requests, asked in turn.
    pub requests: &'a [Vec<u8>],
    /// How long, in seconds.
    pub seconds: f64,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// Requests a second.
    pub rate: f64,
    /// CPU of the service for each request, in microseconds.
    pub cpu: f64,
    /// CPU of PostgreSQL for each request, in microseconds.
    pub postgres_cpu: f64,
    /// Half of the requests took no longer, in milliseconds.
    pub p50: f64,
    /// 99 of 100 took no longer, in milliseconds.
    pub p99: f64,
}

impl Load<'_> {
    /// Runs it. An answer that is not a success ends it.
    pub fn run(self) -> Outcome<Measured> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let requests: Arc<[Vec<u8>]> = self.requests.into();
        let (measuring, over) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let times = Arc::new(Mutex::new(Vec::new()));
        runtime.block_on(async {
            let connections: Vec<_> = (0..self.connections)
                .map(|first| {
                    let connection = Connection {
                        requests: requests.clone(),
                        // Spread over the requests, so that not everybody asks for the same thing at the same time.
                        next: first * requests.len() / self.connections,
                        measuring: measuring.clone(),
                        over: over.clone(),
                        times: times.clone(),
                    };
                    tokio::spawn(connection.run(self.address))
                })
                .collect();
            sleep(WARM_UP).await;
            let before = (Instant::now(), self.server.cpu(), self.postgres.map(Process::cpu_of_children));
            measuring.store(true, Ordering::Relaxed);
            sleep(Duration::from_secs_f64(self.seconds)).await;
            measuring.store(false, Ordering::Relaxed);
            let wall = before.0.elapsed();
            let cpu = self.server.cpu().saturating_sub(before.1);
            let postgres = self.postgres.map(Process::cpu_of_children).unwrap_or_default();
            let postgres = postgres.saturating_sub(before.2.unwrap_or_default());
            over.store(true, Ordering::Relaxed);
            for connection in connections {
                connection.await??;
            }
            let mut times = times.lock().unwrap_or_else(PoisonError::into_inner);
            times.sort_unstable();
            let at = |part: f64| {
                let index = ((times.len() as f64 * part) as usize).min(times.len().saturating_sub(1));
                times.get(index).map_or(0.0, |micros| f64::from(*micros) / 1000.0)
            };
            let count = times.len().max(1) as f64;
            let each = |time: Duration| time.as_secs_f64() * 1e6 / count;
            Ok(Measured {
                rate: count / wall.as_secs_f64(),
                cpu: each(cpu),
                postgres_cpu: each(postgres),
                p50: at(0.5),
                p99: at(0.99),
            })
        })
    }
}

struct Connection {
    requests: Arc<[Vec<u8>]>,
    next: usize,
    measuring: Arc<AtomicBool>,
    over: Arc<AtomicBool>,
    times: Arc<Mutex<Vec<u32>>>,
}

impl Connection {
    async fn run(mut self, address: SocketAddr) -> Outcome<()> {
        let mut stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (mut buffer, mut times) = (vec![0; 1 << 18], Vec::new());
        while !self.over.load(Ordering::Relaxed) {
            let request = self.requests.get(self.next % self.requests.len()).ok_or("nothing to ask")?;
            self.next += 1;
            let began = Instant::now();
            stream.write_all(request).await?;
            read(&mut stream, &mut buffer).await?;
            if self.measuring.load(Ordering::Relaxed) {
                times.push(u32::try_from(began.elapsed().as_micros()).unwrap_or(u32::MAX));
            }
        }
        self.times.lock().unwrap_or_else(PoisonError::into_inner).append(&mut times);
        Ok(())
    }
}

/// Reads one answer to its end.
async fn read(stream: &mut TcpStream, buffer: &mut [u8]) -> Outcome<()> {
    let (mut filled, mut whole) = (0, None);
    loop {
        let got = stream.read(buffer.get_mut(filled..).unwrap_or_default()).await?;
        if got == 0 {
            return Err("the service closed the connection".into());
        }
        filled += got;
        let read = buffer.get(..filled).unwrap_or_default();
        if whole.is_none() {
            whole = length(read)?;
        }
        if whole.is_some_and(|whole| filled >= whole) {
            return Ok(());
        }
    }
}

/// The length of head and body, once the head is there.
fn length(read: &[u8]) -> Outcome<Option<usize>> {
    let Some(end) = read.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { return Ok(None) };
    let head = String::from_utf8_lossy(read.get(..end).unwrap_or_default());
    if !head.starts_with("HTTP/1.1 20") {
        return Err(format!("not a success: {}", String::from_utf8_lossy(read)).into());
    }
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    Ok(Some(end + 4 + length.ok_or("an answer without a length")?))
}
