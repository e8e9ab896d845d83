//! How far an account is from each line it must not cross.
//!
//! Pure: the same observations give the same answer, in whatever order they
//! came, and nothing here reads a clock. All amounts are decimals in the
//! currency of their account.
//!
//! * **phase**: the time from one reset of an account by its firm to the next ([`phase::Phase`]).
//! * **limit**: a rule that can be broken: a *floor* under equity or balance, or a *cap* on something counted.
//! * **objective**: something to be reached; never violated ([`objective`]).
//! * **buffer**: what is left before a line.
//! * **violation**: a crossed line, recorded with its evidence ([`violation::Violation`]).
//! * **day**: from one local reset to the next, by the firm's clock ([`day::TradingDay`]).
//!
//! [`state::evaluate`] takes one step, [`state::assess`] follows a whole
//! history, [`group::aggregate`] judges accounts together,
//! [`deviation::deviations`] compares their rules with those of the group and
//! [`what_if::what_if`] says how large the next trade may be.

pub mod amount;
pub mod change;
mod comparison;
pub mod copy_policy;
pub mod day;
pub mod day_start;
pub mod defaults;
pub mod deviation;
mod due;
pub mod edit;
mod ended;
pub mod form;
mod fresh;
pub mod group;
pub mod guard;
pub mod ledger;
pub mod marks;
pub mod objective;
pub mod observation;
mod opened;
pub mod phase;
pub mod preview;
mod reading;
pub mod report;
pub mod rule;
pub mod state;
pub mod status;
pub mod template;
pub mod track;
pub mod violation;
pub mod weight;
pub mod what_if;
