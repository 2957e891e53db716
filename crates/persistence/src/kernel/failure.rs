//! Why something did not happen: a rule said no, or a fault.

use diesel::result::{DatabaseErrorKind, Error};
use mamori_domain::kernel::refusal::{Code, Refusal};

/// The result of everything that touches the database.
pub type Outcome<T> = Result<T, Failure>;

/// A refusal is the caller's to mend; everything else is ours.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A rule said no.
    #[error(transparent)]
    Refused(#[from] Box<Refusal>),
    /// The database said no in a way that no rule foresees.
    #[error("database: {0}")]
    Database(Error),
    /// The database cannot be reached.
    #[error("database unavailable: {0}")]
    Unavailable(String),
    /// The connection was lost while committing: it may have happened, so it must not be tried again.
    #[error("in doubt: {0}")]
    InDoubt(String),
    /// More work is waiting than can be taken.
    #[error("overloaded")]
    Overloaded,
    /// What is stored cannot be read as what it should be.
    #[error("stored data: {0}")]
    Corrupt(String),
    /// Somebody else did the same at the same time; another try finds what they did.
    #[error("collided with another transaction")]
    Collided,
    /// The work was only to show what would happen: nothing of it stays.
    #[error("rehearsed")]
    Rehearsed,
    /// A piece of work died.
    #[error("panicked")]
    Panicked,
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl From<Error> for Failure {
    /// Constraints are the last line of defence: where a rule was not asked first, the caller still gets a refusal.
    fn from(error: Error) -> Self {
        match &error {
            Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => Refusal::new(Code::AlreadyExists).into(),
            Error::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _) => {
                Refusal::new(Code::UnknownReference).into()
            }
            Error::NotFound => Refusal::new(Code::NotFound).into(),
            _ => Self::Database(error),
        }
    }
}

impl Failure {
    /// Another try may succeed: the transaction collided with another one.
    pub fn is_collision(&self) -> bool {
        matches!(
            self,
            Self::Collided | Self::Database(Error::DatabaseError(DatabaseErrorKind::SerializationFailure, _))
        )
    }

    /// Not a refusal: something is wrong on our side.
    pub fn is_fault(&self) -> bool {
        !matches!(self, Self::Refused(_) | Self::Rehearsed)
    }

    /// The refusal, where it is one.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }
}

/// `None` as a record that does not exist for this caller.
pub trait OrNotFound<T> {
    /// The value, or 404.
    fn or_not_found(self) -> Outcome<T>;
}

impl<T> OrNotFound<T> for diesel::QueryResult<T> {
    fn or_not_found(self) -> Outcome<T> {
        self.map_err(Failure::from)
    }
}

impl<T> OrNotFound<T> for Option<T> {
    fn or_not_found(self) -> Outcome<T> {
        self.ok_or_else(|| Refusal::new(Code::NotFound).into())
    }
}
