//! 9 Evaluation, over HTTP.

mod audit;
