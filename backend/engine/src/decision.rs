//! What a person decides about a copy in doubt.

use flotilla_domain::copy::order::{CopyOrder, CopyState};
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::copy::resolution::{Resolution, ResolutionError};
use flotilla_domain::ticket::Ticket;
use rust_decimal::Decimal;

use crate::cause::Cause;
use crate::transition::Transition;

/// What follows from a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The edge.
    pub edge: Transition,
    /// Whether the copy shall be flat.
    pub is_unwanted: bool,
}

/// Carries a decision out.
///
/// `candidates`: tickets that this very account has reported and no copy owns.
/// Nothing else is ever linked, because what is linked may be closed.
///
/// # Errors
///
/// [`ResolutionError`]; nothing happens then.
pub fn decide(
    copy: &CopyOrder,
    resolution: Resolution,
    candidates: &[Ticket],
) -> Result<Decided, ResolutionError> {
    if !matches!(copy.state, CopyState::Unconfirmed | CopyState::Attention) {
        return Err(ResolutionError::NotInDoubt);
    }
    match resolution {
        Resolution::Link(ticket) => {
            Ok(Decided { edge: linked(copy, Some(ticket), candidates)?, is_unwanted: false })
        }
        Resolution::Close(ticket) => {
            Ok(Decided { edge: linked(copy, ticket, candidates)?, is_unwanted: true })
        }
        Resolution::Leave => Ok(Decided { edge: left(copy), is_unwanted: false }),
    }
}

fn linked(
    copy: &CopyOrder,
    named: Option<Ticket>,
    candidates: &[Ticket],
) -> Result<Transition, ResolutionError> {
    let ticket = match (copy.follower_ticket, named) {
        (Some(own), None) => own,
        (Some(own), Some(named)) if own == named => own,
        (None, Some(named)) if candidates.contains(&named) => named,
        (None, Some(_)) => return Err(ResolutionError::NotACandidate),
        (Some(_), Some(_)) | (None, None) => return Err(ResolutionError::NoTicket),
    };
    let mut edge = Transition::new(copy, CopyState::Open, Cause::Linked);
    edge.ticket = Some(ticket);
    edge.open_lots = (copy.desired_lots > Decimal::ZERO).then_some(copy.desired_lots);
    Ok(edge)
}

/// Without a ticket nothing was ever proven to be open, so it counts as never opened.
fn left(copy: &CopyOrder) -> Transition {
    let to = if copy.follower_ticket.is_some() { CopyState::Closed } else { CopyState::Failed };
    let mut edge = Transition::new(copy, to, Cause::LeftAlone).because(ReasonCode::LeftAlone);
    edge.open_lots = Some(Decimal::ZERO);
    edge
}
