//! Awareness (7.3), over HTTP.

mod acknowledgement;
mod obligation;
