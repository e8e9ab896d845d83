//! Why a line cannot be read.

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// No line ends within the limit. The boundary of the next line is
    /// unknown: disconnect.
    #[error("no line ends within {0} bytes")]
    TooLong(usize),
    /// A known verb with another number of fields.
    #[error("{verb} has {expected} fields, found {found}")]
    FieldCount {
        /// The verb.
        verb: &'static str,
        /// Fields it has.
        expected: usize,
        /// Fields that came.
        found: usize,
    },
    /// A field that does not read as what it should be.
    #[error("{verb}: bad {field}")]
    Field {
        /// The verb.
        verb: &'static str,
        /// Name of the field.
        field: &'static str,
    },
}
