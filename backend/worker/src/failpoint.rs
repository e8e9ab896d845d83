//! Named places at which tests stop or kill the process.
//!
//! One stands on each side of every commit and of every send. Without the
//! feature `failpoints` they are nothing. With it, `FAILPOINTS` says what
//! happens where, in the language of the crate `fail`:
//!
//! * `accepted=return` ends the process at the place: no destructor runs and
//!   nothing is flushed, as with `SIGKILL`.
//! * `accepted=3*off->return` does so at the fourth pass.
//! * `accepted=sleep(600000)` holds the task that passes, for a test that
//!   looks around before it kills. Other tasks go on.
//!
//! | point | stands |
//! | --- | --- |
//! | `signal_read` | after a master's signal was cut and decoded; nothing is durable |
//! | `journalling` | before lines are written to the inbound journal |
//! | `signal_journalled` | inside T1 or T4, once the inbound journal has the signal, before the commit |
//! | `accepting` | inside T1, all written, before its commit |
//! | `accepted` | after the commit of T1, before anything is queued |
//! | `claiming` | inside T2 (rest of a fan-out, reconnect, sweep), before its commit |
//! | `claimed` | after the commit of T2, before the chunk's lines are queued |
//! | `writing` | before lines of opens are written to a socket |
//! | `sent` | after lines of opens were written |
//! | `answer_read` | after a follower's answer was cut and decoded |
//! | `answer_journalled` | inside T3, once the inbound journal has all its answers, before the commit |
//! | `settling` | inside T3, all written, before its commit |
//! | `settled` | after the commit of T3, before closes are queued and anybody is told |
//! | `leaving` | inside T4 of a master's exit, before its commit |
//! | `left` | after the commit of T4, before closes are queued |
//! | `performing` | inside T4 of a request of the API, before its commit |
//! | `performed` | after the commit of that, before closes are queued |
//! | `closes_claiming` | inside the claim of due closes, before its commit |
//! | `closes_claimed` | after the commit of the claim, before the closes are queued |
//! | `close_writing` | before lines of closes are written to a socket |
//! | `close_sent` | after lines of closes were written |
//! | `listing` | inside the judgement of a list of tickets that moves something, before its commit |
//! | `listed` | after the commit of that, before closes are queued and anybody is told |
//! | `observing` | inside the step of an account that changes where it stands, before its commit |
//! | `observed` | after the commit of that, before anybody is told |
//! | `lead_storing` | inside the commit of a master's order at an exchange, all written |
//! | `lead_stored` | after that commit, before anything is queued |
//! | `entering` | inside the log-in that raises a session's epoch, before its commit |
//! | `entered` | after the commit of the log-in, before `AUTH_OK` |
//! | `ending` | inside the end of a session that moves its claims on, before its commit |
//! | `venue_serving` | after the epoch of an account at an exchange was raised, before it is looked at |
//! | `venue_claiming` | inside the claim of an order that opens, before its commit |
//! | `venue_claimed` | after the commit of that, before the order is sent |
//! | `venue_close_claiming` | inside the claim of an order that closes, before its commit |
//! | `venue_close_claimed` | after the commit of that, before the order is sent |
//! | `venue_sending` | before the request of an order leaves |
//! | `venue_answered` | after the answer to it, before anything is stored |
//! | `venue_settling` | inside the settlement of an answer of an exchange, before its commit |
//! | `venue_settled` | after the commit of that, before anybody is told |
//! | `venue_exit_claiming` | inside the claim of a stop or target that is placed, before its commit |
//! | `venue_exit_claimed` | after the commit of that, before it is sent |
//! | `venue_exit_placed` | after the answer to it, before anything is stored |
//! | `venue_exit_noted` | after what an answer or a look says of it was stored |
//! | `venue_exit_cancelling` | before the cancel of a stop or target is sent |
//! | `venue_exit_cancelled` | after the answer to that, before anything is stored |
//! | `venue_exit_taking` | inside the settlement of what a stop or target has closed, before its commit |
//! | `taking_over` | at the start, after other workers' sessions were ended, before their claims moved on |
//! | `replaying` | at the start, before each line of the inbound journal that is processed again |
//! | `replayed` | at the start, after the journal was processed, before connections are taken |

macro_rules! points {
    ($($point:ident = $name:literal,)+) => {
        /// A named place.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Point {
            $($point,)+
        }

        impl Point {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$point,)+];

            /// Name in `FAILPOINTS`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$point => $name,)+
                }
            }
        }
    };
}

points! {
    SignalRead = "signal_read",
    Journalling = "journalling",
    SignalJournalled = "signal_journalled",
    LeadStoring = "lead_storing",
    LeadStored = "lead_stored",
    Accepting = "accepting",
    Accepted = "accepted",
    Claiming = "claiming",
    Claimed = "claimed",
    Writing = "writing",
    Sent = "sent",
    AnswerRead = "answer_read",
    AnswerJournalled = "answer_journalled",
    Settling = "settling",
    Settled = "settled",
    Leaving = "leaving",
    Left = "left",
    Performing = "performing",
    Performed = "performed",
    ClosesClaiming = "closes_claiming",
    ClosesClaimed = "closes_claimed",
    CloseWriting = "close_writing",
    CloseSent = "close_sent",
    Listing = "listing",
    Listed = "listed",
    Observing = "observing",
    Observed = "observed",
    Entering = "entering",
    Entered = "entered",
    Ending = "ending",
    TakingOver = "taking_over",
    Replaying = "replaying",
    Replayed = "replayed",
    VenueServing = "venue_serving",
    VenueClaiming = "venue_claiming",
    VenueClaimed = "venue_claimed",
    VenueCloseClaiming = "venue_close_claiming",
    VenueCloseClaimed = "venue_close_claimed",
    VenueSending = "venue_sending",
    VenueAnswered = "venue_answered",
    VenueSettling = "venue_settling",
    VenueSettled = "venue_settled",
    VenueExitClaiming = "venue_exit_claiming",
    VenueExitClaimed = "venue_exit_claimed",
    VenueExitPlaced = "venue_exit_placed",
    VenueExitNoted = "venue_exit_noted",
    VenueExitCancelling = "venue_exit_cancelling",
    VenueExitCancelled = "venue_exit_cancelled",
    VenueExitTaking = "venue_exit_taking",
}

/// Passes a place.
#[cfg(feature = "failpoints")]
pub(crate) fn pass(point: Point) {
    use tokio::runtime::{Handle, RuntimeFlavor};

    let pass = || {
        fail::eval(point.name(), |_| {
            // Not a panic: nothing may be tidied up.
            std::process::abort()
        });
    };
    // Only what passes is held up, not what waits for the same thread.
    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(pass),
        _ => pass(),
    }
}

/// Passes a place.
#[cfg(not(feature = "failpoints"))]
pub(crate) const fn pass(_point: Point) {}

/// Passes a place only where there is something to lose.
pub(crate) fn pass_if(point: Point, is_passed: bool) {
    if is_passed {
        pass(point);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_point_is_explained_and_stands_somewhere() {
        let own = include_str!("failpoint.rs");
        let sources = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src")).unwrap();
        let mut code = String::new();
        let mut folders: Vec<_> = sources.map(|entry| entry.unwrap().path()).collect();
        while let Some(path) = folders.pop() {
            if path.is_dir() {
                folders.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
            } else if !path.ends_with("failpoint.rs") {
                code += &std::fs::read_to_string(path).unwrap();
            }
        }

        let standing: Vec<&str> = code
            .split("Point::")
            .skip(1)
            .filter_map(|rest| rest.split(|c: char| !c.is_alphanumeric()).next())
            .collect();
        for point in Point::ALL {
            assert!(own.contains(&format!("//! | `{}` |", point.name())), "{point:?} is not explained");
            assert!(standing.contains(&format!("{point:?}").as_str()), "{point:?} stands nowhere");
        }
    }
}
