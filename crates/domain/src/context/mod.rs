//! 4 Context of the organization.
