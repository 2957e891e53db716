//! What stands under every module: connections, migrations, idempotency, the edge.

mod database;
mod idempotency;
mod limit;
mod version;
