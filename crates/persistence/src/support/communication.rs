//! Communication (7.4).

#[expect(clippy::module_inception, reason = "the resource is called as its clause")]
pub mod communication;
pub mod customer_questionnaire;
pub mod procedure;
