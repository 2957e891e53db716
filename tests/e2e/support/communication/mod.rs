//! Communication (7.4), over HTTP.

#[expect(clippy::module_inception, reason = "the resource is called as its clause")]
mod communication;
mod customer_questionnaire;
mod procedure;
