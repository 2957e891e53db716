//! 5 Leadership, over HTTP.

mod appointment;
