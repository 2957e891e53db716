//! What the kernel knows of a process.

use std::time::Duration;

/// A process by its id.
#[derive(Clone, Copy, Debug)]
pub struct Process(pub u32);

impl Process {
    /// CPU that it has used, of all its threads, user and system.
    pub fn cpu(self) -> Duration {
        // Behind the name, which is in parentheses: state is the first field, utime and stime are 12th and 13th, in
        // hundredths of a second.
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0)).unwrap_or_default();
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
        Duration::from_millis(ticks * 10)
    }

    /// CPU of the processes that it started and that still run.
    pub fn cpu_of_children(self) -> Duration {
        let children = std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", self.0)).unwrap_or_default();
        children.split_whitespace().filter_map(|id| id.parse().ok()).map(|id| Self(id).cpu()).sum()
    }

    /// The most memory it ever had resident, in MiB.
    pub fn peak_memory(self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0)).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib: f64 = line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default();
        kib / 1024.0
    }
}

/// CPU that the calling thread has used.
pub fn cpu_of_this_thread() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(text.split_whitespace().next().and_then(|nanos| nanos.parse().ok()).unwrap_or_default())
}
