//! What a person decides about a copy.

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
    /// The edge; none for a copy that is known to be open.
    pub edge: Option<Transition>,
    /// Whether the copy shall be flat.
    pub is_unwanted: bool,
}

/// Carries a decision out. A copy in doubt may be linked, closed or left; one
/// that is open may be closed. One that counts as closed may be linked to its own
/// ticket, or closed once more, where that is there again.
///
/// `candidates`: tickets that this very account has reported and no copy owns, or
/// that came back after their copy was closed. Nothing else is ever linked,
/// because what is linked may be closed.
///
/// # Errors
///
/// [`ResolutionError`]; nothing happens then.
pub fn decide(
    copy: &CopyOrder,
    resolution: Resolution,
    candidates: &[Ticket],
) -> Result<Decided, ResolutionError> {
    match (copy.state, resolution) {
        (CopyState::Open, Resolution::Close(named)) if copy.desired_lots > Decimal::ZERO => {
            let own = copy.follower_ticket.ok_or(ResolutionError::NoTicket)?;
            let is_own = named.is_none_or(|named| named == own);
            is_own.then_some(Decided { edge: None, is_unwanted: true }).ok_or(ResolutionError::NoTicket)
        }
        (CopyState::Unconfirmed | CopyState::Attention, _) => in_doubt(copy, resolution, candidates),
        (CopyState::Closed, Resolution::Link(named) | Resolution::Close(Some(named)))
            if copy.follower_ticket == Some(named) && candidates.contains(&named) =>
        {
            in_doubt(copy, resolution, candidates)
        }
        _ => Err(ResolutionError::NotInDoubt),
    }
}

fn in_doubt(
    copy: &CopyOrder,
    resolution: Resolution,
    candidates: &[Ticket],
) -> Result<Decided, ResolutionError> {
    let edge = match resolution {
        Resolution::Link(ticket) => linked(copy, Some(ticket), candidates)?,
        Resolution::Close(ticket) => linked(copy, ticket, candidates)?,
        Resolution::Leave => left(copy),
    };
    Ok(Decided { edge: Some(edge), is_unwanted: matches!(resolution, Resolution::Close(_)) })
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
