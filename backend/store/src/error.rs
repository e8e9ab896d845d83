//! What the database may answer instead of rows.

use diesel::result::{DatabaseErrorKind, Error};

/// Failure of a query or transaction.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No such row, or not this owner's.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// A constraint refused the write; the name is the constraint's.
    #[error("constraint {0} refused the write")]
    Constraint(String),
    /// A stored value is outside of what the domain knows.
    #[error("column {0} holds a value this version does not know")]
    Corrupt(&'static str),
    /// No connection was to be had in time.
    #[error("no database connection: {0}")]
    Pool(String),
    /// Anything else the database reports.
    #[error("database error")]
    Database(#[source] Error),
}

/// Result of a store call.
pub type StoreResult<T> = Result<T, StoreError>;

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::NotFound("row"),
            Error::DatabaseError(
                DatabaseErrorKind::UniqueViolation
                | DatabaseErrorKind::ForeignKeyViolation
                | DatabaseErrorKind::CheckViolation,
                ref info,
            ) if info.constraint_name().is_some() => {
                Self::Constraint(info.constraint_name().unwrap_or_default().to_owned())
            }
            other => Self::Database(other),
        }
    }
}

impl StoreError {
    /// Whether the database did not decide about the work: it may succeed when
    /// it is tried again, and its outcome is unknown.
    #[must_use]
    pub const fn is_undecided(&self) -> bool {
        matches!(self, Self::Pool(_) | Self::Database(_))
    }

    /// Whether the connection was lost or the server is not one to write to,
    /// for reasons that have nothing to do with the work.
    #[must_use]
    pub const fn is_away(&self) -> bool {
        use DatabaseErrorKind::{ClosedConnection, ReadOnlyTransaction, UnableToSendCommand};

        matches!(
            self,
            Self::Pool(_)
                | Self::Database(
                    Error::BrokenTransactionManager
                        | Error::DatabaseError(
                            ClosedConnection | ReadOnlyTransaction | UnableToSendCommand,
                            _
                        )
                )
        )
    }

    /// Whether `constraint` refused the write.
    #[must_use]
    pub fn is_constraint(&self, constraint: &str) -> bool {
        matches!(self, Self::Constraint(name) if name == constraint)
    }
}

/// Turns a stored word into a domain value.
pub(crate) fn known<T: std::str::FromStr>(column: &'static str, text: &str) -> StoreResult<T> {
    text.parse().map_err(|_| StoreError::Corrupt(column))
}
