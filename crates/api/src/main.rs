//! The binary.

use std::process::ExitCode;

#[actix_web::main]
async fn main() -> ExitCode {
    mamori_api::commands::run().await
}
