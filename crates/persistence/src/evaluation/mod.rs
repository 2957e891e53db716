//! 9 Performance evaluation: measurements, feedback of interested parties, management reviews and their instructions.

pub mod feedback;
pub mod management_review;
pub mod measure;
pub mod measurement;
pub mod review_action;
