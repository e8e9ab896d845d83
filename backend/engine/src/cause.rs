//! Why a copy took an edge.

/// Stable word that every event of a copy carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The terminal acknowledged the open.
    AckOpen,
    /// The terminal refused the open.
    AckOpenFail,
    /// The terminal acknowledged the close.
    AckClose,
    /// The terminal refused the close.
    AckCloseFail,
    /// A part was closed, as it was asked for.
    AckReduce,
    /// The position left without our order.
    ClosedByOther,
    /// The open was sent and nothing came back in time.
    Deadline,
    /// The open was still planned when its age limit passed.
    Expired,
    /// The session that may have sent the open is over.
    Takeover,
    /// The open was claimed and certainly not written to the connection.
    NotWritten,
    /// The order to close went out.
    CloseSent,
    /// The master left the trade before the open was sent.
    MasterClosed,
    /// The owner asked for the copy to be closed before the open was sent.
    Requested,
    /// The terminal's list of positions lacks it.
    NotListed,
    /// The terminal's list of positions has it.
    Listed,
    /// It was taken for the copy's own: nothing else fits.
    Adopted,
    /// The owner named the copy's position.
    Linked,
    /// The owner settled the copy and left the terminal as it is.
    LeftAlone,
    /// Copying was stopped before the open was sent.
    Stopped,
}

impl Cause {
    /// The word as it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AckOpen => "ack_open",
            Self::AckOpenFail => "ack_open_fail",
            Self::AckClose => "ack_close",
            Self::AckCloseFail => "ack_close_fail",
            Self::AckReduce => "ack_reduce",
            Self::ClosedByOther => "closed_by_other",
            Self::Deadline => "deadline",
            Self::Expired => "expired",
            Self::Takeover => "takeover",
            Self::NotWritten => "not_written",
            Self::CloseSent => "close_sent",
            Self::MasterClosed => "master_closed",
            Self::Requested => "requested",
            Self::NotListed => "not_listed",
            Self::Listed => "listed",
            Self::Adopted => "adopted",
            Self::Linked => "linked",
            Self::LeftAlone => "left_alone",
            Self::Stopped => "stopped",
        }
    }
}
