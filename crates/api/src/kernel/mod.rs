//! What every handler shares: permit, answer, problem, body, the OpenAPI document.

pub mod answer;
pub mod body;
pub mod config;
pub mod files;
pub mod gate;
pub mod limit;
pub mod mail;
pub mod openapi;
pub mod operations;
pub mod passwords;
pub mod permit;
pub mod problem;
pub mod query;
pub mod service;
pub mod sheet;
pub mod telemetry;
pub mod tokens;
pub mod versions;
