//! Phases that are older than the observations that are kept.

use chrono::{DateTime, TimeDelta, Utc};
use flotilla_domain::id::AccountId;
use flotilla_domain::risk::observation::Observation;
use flotilla_domain::risk::phase::Phase;
use flotilla_domain::risk::report::AccountRisk;
use flotilla_store::risk_phases::StoredPhase;
use flotilla_store::risk_records::Again;
use flotilla_store::{Db, Tx, risk_phases, risk_records};
use rust_decimal::Decimal;
use serde_json::json;

use crate::tenants::{Tenants, own, owner};

struct Old {
    tenants: Tenants,
    app: Db,
    account: AccountId,
    now: DateTime<Utc>,
}

fn phase(started_at: DateTime<Utc>, limit: i64) -> Phase {
    serde_json::from_value(json!({
        "currency": "USD", "starting_balance": "100000", "phase_started_at": started_at,
        "day": {"tz": "UTC", "reset": "00:00"}, "stale_after_s": 600,
        "rules": [{"id": "trail", "kind": "trailing_drawdown", "mode": "intraday_equity",
            "limit": {"type": "amount", "value": limit.to_string()}}],
    }))
    .unwrap()
}

impl Old {
    async fn new() -> Self {
        let tenants = Tenants::new().await;
        let find = "select id from accounts where owner_id = $1::text::uuid";
        let row = tenants.db.admin().await.query_one(find, &[&tenants.ada.to_string()]).await.unwrap();
        let (account, ada) = (AccountId::from_uuid(row.get(0)), tenants.ada);
        let app = Db::connect(&tenants.db.app_url, 1).unwrap();
        let now: DateTime<Utc> = "2026-11-20T12:00:00Z".parse().unwrap();
        let new = phase(now - TimeDelta::days(200), 5_000);
        let begin = async move |tx: &mut Tx| risk_phases::begin(tx, own(ada), account, &new, "bought").await;
        app.write(own(ada), begin).await.unwrap();
        Self { tenants, app, account, now }
    }

    async fn stored(&self) -> StoredPhase {
        let (ada, account) = (self.tenants.ada, self.account);
        let find = async move |tx: &mut Tx| risk_phases::find(tx, owner(ada), account).await;
        self.app.read(own(ada), find).await.unwrap().unwrap()
    }

    /// Figures of so many hours ago, received so many hours ago.
    async fn observe(&self, (seen, received): (i64, i64), (equity, high): (i64, i64)) -> AccountRisk {
        let at = self.now - TimeDelta::hours(seen);
        let seen: Observation = serde_json::from_value(
            json!({"at": at, "balance": "100000", "equity": equity.to_string(), "high": high.to_string()}),
        )
        .unwrap();
        let (ada, stored, now) =
            (self.tenants.ada, self.stored().await, self.now - TimeDelta::hours(received));
        let work = async move |tx: &mut Tx| risk_records::record_at(tx, &stored, seen, now).await;
        self.app.write(own(ada), work).await.unwrap().risk
    }

    /// Other rules, by which all of it is judged again.
    async fn edit(&self, limit: i64) -> AccountRisk {
        let (ada, before, now) = (self.tenants.ada, self.stored().await, self.now);
        let new = phase(before.phase.started_at, limit);
        let work = async move |tx: &mut Tx| {
            assert!(
                risk_phases::save_rules(tx, own(ada), &before, (&new, before.own_marks)).await?.is_some()
            );
            let stored = risk_phases::find(tx, owner(ada), before.account_id).await?.unwrap();
            risk_records::rebuild_at(tx, &stored, Again::All(&before), now).await
        };
        self.app.write(own(ada), work).await.unwrap().risk
    }

    async fn observations(&self) -> i64 {
        let sql = "select count(*) from risk_observations";
        self.tenants.db.admin().await.query_one(sql, &[]).await.unwrap().get(0)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn days_whose_observations_are_gone_stand_in_one_by_one_though_an_older_observation_is_left() {
    let old = Old::new().await;
    for day in (0..=195).rev().step_by(13) {
        old.observe((day * 24, day * 24), (105_000, 105_000)).await;
        if day == 169 {
            // The highest since the observation before is of this day for sure.
            old.observe((day * 24 - 1, day * 24 - 1), (105_000, 108_000)).await;
        }
    }
    let [newest, oldest] = [100, 190].map(|days| (old.now - TimeDelta::days(days)).to_rfc3339());
    let forget = format!("delete from risk_observations where at < '{newest}' and at > '{oldest}'");
    assert!(old.tenants.db.admin().await.execute(&forget, &[]).await.unwrap() > 3);

    let kept = old.observations().await;
    let ancient = old.observe((150 * 24, 0), (90_000, 90_000)).await;
    let edited = old.edit(4_000).await;

    assert_eq!(ancient.rules[0].floor, Some(Decimal::from(103_000)), "what is that old changes nothing");
    assert_eq!(old.observations().await, kept);
    assert_eq!(
        edited.rules[0].floor,
        Some(Decimal::from(104_000)),
        "under the peak of a day that is forgotten"
    );
    assert_eq!(edited.rules[0].violation, None);
}
