//! Stop-outs of one side of a pair.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use flotilla_domain::account::CopyRole;
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::id::AccountId;
use flotilla_engine::deadline::CLOSE_REPEATS_S;
use flotilla_engine::stop_out::{EPISODE_ENDS_AFTER, begins_episode};
use flotilla_store::changes::Change;
use flotilla_store::copy_orders::flatten::{Flatten, Flattened, Pair, flatten};
use flotilla_store::ea_login::EaLogin;
use flotilla_store::{StoreResult, Tx, alerts, pair_closes, partners};
use tokio::time::Instant;

use crate::alarms;
use crate::dispatch;
use crate::failpoint::{Point, pass_if};
use crate::gateway::Gateway;
use crate::ingest::tell_flattened;
use crate::patience::Patience;

/// Accounts that are remembered; beyond it those whose episodes are over are forgotten.
const REMEMBERED: usize = 10_000;
/// What terminals are told.
const WORDS: &str = "partner stop out";

/// When each account last gave an alert.
#[derive(Debug, Default)]
pub(crate) struct Episodes {
    last: Mutex<HashMap<AccountId, Instant>>,
}

impl Episodes {
    /// Notes an alert; whether it begins an episode. An EA repeats its alert up
    /// to ten times a second.
    pub fn begins(&self, account: AccountId, now: Instant) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.len() > REMEMBERED {
            last.retain(|_, at| now.saturating_duration_since(*at) < EPISODE_ENDS_AFTER);
        }
        let since = last.insert(account, now).map(|at| now.saturating_duration_since(at));
        begins_episode(since)
    }

    /// The episode came to nothing: the account's next alert begins one.
    pub fn forget(&self, account: AccountId) {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).remove(&account);
    }
}

/// What the other side of a pair does.
#[derive(Default)]
struct Propagated {
    masters: Vec<AccountId>,
    followers: Vec<(AccountId, Vec<Flattened>)>,
    raised: Vec<Change>,
}

impl Propagated {
    fn closes(&self) -> bool {
        !self.masters.is_empty() || self.followers.iter().any(|(_, copies)| !copies.is_empty())
    }
}

/// An account is being stopped out: the other side of its pair closes too. In
/// other modes nobody else is concerned.
///
/// What follows is stored before anything is sent, and then holds until the
/// positions have left. While the database is away it is asked again and again,
/// for an EA gives its alerts while it is being stopped out and not for longer;
/// but what was said so long ago is only told to the owner.
pub(crate) async fn propagate(gateway: Arc<Gateway>, login: EaLogin) {
    let account = login.account_id;
    tracing::warn!(account.id = %account, "stop-out");
    let heard_at = Instant::now();
    let mut patience = Patience::new(&gateway);
    loop {
        let age = heard_at.elapsed();
        match gateway.db.open(async |tx| propagate_in(tx, &gateway, &login, age).await).await {
            Ok(propagated) => {
                pass_if(Point::Performed, propagated.closes());
                return tell(&gateway, &propagated);
            }
            Err(error) => {
                if let Err(gave_up) = patience.after(error).await {
                    gateway.stop_outs.forget(account);
                    tracing::error!(?gave_up, account.id = %account, "a stop-out could not be passed on");
                    return;
                }
            }
        }
    }
}

async fn propagate_in(
    tx: &mut Tx,
    gateway: &Gateway,
    login: &EaLogin,
    age: Duration,
) -> StoreResult<Propagated> {
    let account = login.account_id;
    let mut propagated = Propagated::default();
    let mut told = vec![alarms::stop_out(login.owner_id, account, false)];
    match login.role {
        _ if age >= gateway.config.timing.stop_out_holds => {}
        CopyRole::Follower => {
            for (owner, master) in partners::list_masters_of(tx, account).await? {
                pair_closes::owe_all(tx, (master, account), WORDS, (age, &CLOSE_REPEATS_S)).await?;
                told.push(alarms::stop_out(owner, master, true));
                propagated.masters.push(master);
            }
        }
        CopyRole::Master => {
            for (_, partner) in partners::list(tx, &[account.uuid()]).await? {
                let what = Flatten::Pair(Pair { follower_id: partner, master_id: account, until: None });
                let copies = flatten(tx, gateway.node, &what, ReasonCode::StopOut, &CLOSE_REPEATS_S).await?;
                let owner = copies.as_slice().first().map(|copy| copy.owner_id);
                told.extend(owner.map(|owner| alarms::stop_out(owner, partner, true)));
                propagated.followers.push((partner, copies));
            }
        }
        CopyRole::None => {}
    }
    propagated.raised = alerts::raise_all(tx, &told).await?;
    pass_if(Point::Performing, propagated.closes());
    Ok(propagated)
}

fn tell(gateway: &Gateway, propagated: &Propagated) {
    // Each of a master's charts closes its own symbol only.
    for socket in propagated.masters.iter().flat_map(|master| gateway.sockets.of(*master)) {
        dispatch::send_close_all(&socket, WORDS);
    }
    for (follower, copies) in &propagated.followers {
        // Followers know no order to close all; it is sent for those that will.
        if let Some(socket) = gateway.sockets.newest(*follower) {
            dispatch::send_close_all(&socket, WORDS);
        }
        tell_flattened(gateway, copies);
    }
    alarms::tell(gateway, &propagated.raised);
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_storm_of_alerts_is_one_episode() {
        let episodes = Episodes::default();
        let [one, two] = [1, 2].map(|number| AccountId::from_uuid(Uuid::from_u128(number)));
        let now = Instant::now();
        let storm =
            (0..1_000).filter(|&n| episodes.begins(one, now + Duration::from_millis(100) * n)).count();

        assert_eq!(storm, 1);
        assert!(episodes.begins(two, now));
        episodes.forget(two);
        assert!(episodes.begins(two, now), "one that came to nothing is no episode");
        assert!(episodes.begins(one, now + Duration::from_secs(100) + EPISODE_ENDS_AFTER));
    }
}
