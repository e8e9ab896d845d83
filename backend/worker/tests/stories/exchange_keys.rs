//! Keys of exchange accounts against a simulated exchange: connected, refused, revoked, recovered.
#![expect(clippy::unwrap_used, reason = "a story that cannot be set up has failed")]

use std::time::Duration;

use flotilla_bingx_sim::fault::{Mishap, Rule};
use flotilla_bingx_sim::request::HostName;
use flotilla_bingx_sim::server::{Server, Start};
use flotilla_domain::exchange_key::ExchangeEnvironment;
use flotilla_domain::id::{AccountId, OwnerId};
use flotilla_security::exchange_secret::ExchangeSecret;
use flotilla_security::keyring::Keyring;
use flotilla_security::seal::Sealer;
use flotilla_worker::exchange::{ExchangeConfig, Hosts};
use rust_decimal::Decimal;
use secrecy::ExposeSecret as _;
use uuid::Uuid;

use crate::support::{Account, World};

const KEY: &str = "canaryapikey0001";
const SECRET: &str = "canaryapisecret0001";
/// Answer to the last request about the key of an account.
const ANSWER: &str = "select coalesce((select state || coalesce(' ' || failure, '') from requests
    where target_id = $1 and state in ('done', 'failed') order by id desc limit 1), 'open')";
/// Status and fault of its key.
const STATUS: &str = "select coalesce((select status || coalesce(' ' || last_error, '') from exchange_keys
    where account_id = $1), 'none')";
const ALERTS: &str =
    "select coalesce(string_agg(kind || case when resolved_at is null then '' else ' over' end, ' '), '')
    from alerts where account_id = $1";
const AUDIT: &str =
    "select coalesce(string_agg(action, ' ' order by seq), '') from audit where target_id = $1";

/// A worker, an exchange, and the key of the server.
struct Market {
    world: World,
    sim: Server,
    sealer: Sealer,
}

impl Market {
    async fn open() -> Self {
        Self::open_with(|_| ()).await
    }

    async fn open_with(adjust: impl FnOnce(&mut ExchangeConfig)) -> Self {
        let sim = Server::start(Start::default()).await.unwrap();
        let keys = Keyring::generate().unwrap();
        let sealer = Sealer::new(&Keyring::parse(keys.expose_secret()).unwrap());
        let mut exchange = ExchangeConfig::new(sealer.clone());
        exchange.hosts = Hosts {
            live: format!("http://{}", sim.live),
            demo: format!("http://{}", sim.demo),
            live_stream: format!("ws://{}/swap-market", sim.live),
            demo_stream: format!("ws://{}/swap-market", sim.demo),
        };
        exchange.timing.check = Duration::from_millis(200);
        adjust(&mut exchange);
        let world = World::start_with(|config| config.exchange = Some(exchange)).await;
        Self { world, sim, sealer }
    }

    /// Opens an account at the exchange and returns its number.
    fn register(&self, key: &str) -> u64 {
        self.sim.shared.with(|venue| venue.open_account(key, SECRET, Decimal::from(10_000)))
    }

    fn permit(&self, uid: u64, permissions: &[u8], ips: &[&str], disabled: bool) {
        self.sim.shared.with(|venue| {
            let account = venue.account_mut(uid).unwrap();
            account.permissions = permissions.iter().copied().collect();
            account.ips = ips.iter().map(|ip| (*ip).to_owned()).collect();
            account.is_disabled = disabled;
        });
    }

    async fn follower(&self) -> Account {
        let account = self.world.follower().await;
        self.at_exchange(account).await
    }

    async fn strangers(&self) -> Account {
        let account = self.world.account("follower", self.world.stranger().await).await;
        self.at_exchange(account).await
    }

    async fn at_exchange(&self, account: Account) -> Account {
        let update = "update accounts set platform = 'bingx' where id = $1";
        self.world.sql.execute(update, &[&account.id]).await.unwrap();
        account
    }

    /// Hands a key in as the API does.
    async fn offer(&self, account: &Account, key: &str, secret: &str) {
        let (environment, word) = (ExchangeEnvironment::Demo, "demo");
        let owner = OwnerId::from_uuid(account.owner);
        let secret = ExchangeSecret { environment, api_key: key.into(), api_secret: secret.into() };
        let sealed = secret.seal(&self.sealer, owner, AccountId::from_uuid(account.id)).unwrap();
        let offer = "insert into exchange_keys as k (account_id, owner_id, environment, candidate, offer, offered_at)
            values ($1, $2, $3, $4, 1, now())
            on conflict (account_id) do update set candidate = excluded.candidate, offer = k.offer + 1, offered_at = now()";
        self.world.sql.execute(offer, &[&account.id, &account.owner, &word, &sealed]).await.unwrap();
        self.ask(account, "verify_key", "{}").await;
    }

    async fn ask(&self, account: &Account, kind: &str, detail: &str) {
        let detail: serde_json::Value = serde_json::from_str(detail).unwrap();
        let ask = "insert into requests (owner_id, actor_id, kind, target_id, detail)
            values ($1, $1, $2, $3, $4::text::jsonb) returning id";
        let row =
            self.world.sql.query_one(ask, &[&account.owner, &kind, &account.id, &detail.to_string()]).await;
        let id: Uuid = row.unwrap().get(0);
        let hint = format!("r{}{}{}", account.owner.simple(), account.id.simple(), id.simple());
        self.world.sql.execute("select pg_notify('flotilla_changes', $1)", &[&hint]).await.unwrap();
    }

    async fn connected(&self, key: &str) -> (Account, u64) {
        let (uid, account) = (self.register(key), self.follower().await);
        self.offer(&account, key, SECRET).await;
        self.expect(ANSWER, &account, "done").await;
        (account, uid)
    }

    async fn expect(&self, query: &str, account: &Account, expected: &str) {
        self.world.await_text(query, account.id, expected).await;
    }

    async fn text(&self, query: &str, account: &Account) -> String {
        self.world.text(query, account.id).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_key_is_connected_with_all_that_is_worth_knowing() {
    let market = Market::open().await;

    let (account, uid) = market.connected(KEY).await;

    market.expect(STATUS, &account, "verified").await;
    let known = "select concat_ws(' ', uid, account_type, position_mode, margin_asset, balance::numeric(10, 0),
        array_to_string(permissions, ','), ip_restricted, leverage, candidate is null) from exchange_keys where account_id = $1";
    let known = market.text(known, &account).await;
    assert!(known.starts_with(&format!("{uid} perpetual ")), "{known}");
    assert!(known.contains("VST 10000") && known.ends_with(" f 5 t"), "{known}");
    assert_eq!(market.text("select currency from accounts where id = $1", &account).await, "VST");
    assert_eq!(market.text(AUDIT, &account).await, "exchange_key_verified");
    assert_eq!(market.text(ALERTS, &account).await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn n56_what_is_refused_leaves_nothing_behind_but_the_reason() {
    let market = Market::open().await;
    let (withdraws, bound, reads) =
        (market.register("withdraws0001"), market.register("bound0000001"), market.register("readsonly0001"));
    market.permit(withdraws, &[2, 3, 5], &[], false);
    market.permit(bound, &[2, 3], &["203.0.113.7"], false);
    market.permit(reads, &[2], &[], false);
    let (mixed, silent, real) = (
        market.register("multiassets01"),
        market.register("newanswers001"),
        market.register("realmoney0001"),
    );
    market.sim.shared.with(|venue| {
        venue.at_desk(HostName::Demo, mixed, |desk| desk.ledger.is_multi_asset = true).unwrap();
        // As where the address of the one host is given for that of the other.
        venue.at_desk(HostName::Demo, real, |desk| desk.ledger.asset = "USDT").unwrap();
        let nothing = Rule::of(Mishap::Answer { status: 200, body: "{}".to_owned() });
        venue.faults.add(nothing.on("GET", "apiPermissions").of_account(silent));
    });
    market.register(KEY);

    for (key, secret, fault) in [
        (KEY, "notthesecretofit", "wrong_secret"),
        ("nobodyknowsthiskey", SECRET, "wrong_key"),
        ("withdraws0001", SECRET, "withdraw_permission"),
        ("bound0000001", SECRET, "ip_not_allowed"),
        ("readsonly0001", SECRET, "no_trade_permission"),
        ("multiassets01", SECRET, "multi_assets"),
        ("newanswers001", SECRET, "unknown_permissions"),
        ("realmoney0001", SECRET, "wrong_environment"),
    ] {
        let account = market.follower().await;
        market.offer(&account, key, secret).await;
        market.expect(ANSWER, &account, &format!("failed {fault}")).await;
        assert_eq!(market.text(STATUS, &account).await, "none", "{fault}");
        assert_eq!(market.text(AUDIT, &account).await, "exchange_key_refused", "{fault}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_at_the_exchange_belongs_to_one_tenant() {
    let market = Market::open().await;
    let (first, _) = market.connected(KEY).await;
    let stranger = market.strangers().await;

    market.offer(&stranger, KEY, SECRET).await;

    market.expect(ANSWER, &stranger, "failed uid_taken").await;
    assert_eq!(market.text(STATUS, &stranger).await, "none");
    assert_eq!(market.text(STATUS, &first).await, "verified");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_key_suspends_its_account_alone_until_it_works_again() {
    let market = Market::open().await;
    let (revoked, uid) = market.connected(KEY).await;
    let (other, _) = market.connected("canaryapikey0002").await;

    market.permit(uid, &[1, 2, 3], &[], true);
    market.expect(STATUS, &revoked, "failed wrong_key").await;
    market.expect(ALERTS, &revoked, "exchange_key_failed").await;
    assert_eq!(market.text(STATUS, &other).await, "verified");
    assert_eq!(market.text(ALERTS, &other).await, "");

    market.permit(uid, &[1, 2, 3], &[], false);
    market.expect(STATUS, &revoked, "verified").await;
    market.expect(ALERTS, &revoked, "exchange_key_failed over").await;
    let trail = market.text(AUDIT, &revoked).await;
    assert_eq!(trail, "exchange_key_verified exchange_key_failed exchange_key_recovered");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permission_that_was_added_later_is_noticed() {
    let market = Market::open_with(|exchange| exchange.timing.permissions = Duration::ZERO).await;
    let (account, uid) = market.connected(KEY).await;

    market.permit(uid, &[2, 3, 5], &[], false);

    market.expect(STATUS, &account, "failed withdraw_permission").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permission_that_was_lost_suspends_the_account_at_the_next_look() {
    let market = Market::open().await;
    let (account, uid) = market.connected(KEY).await;
    market.expect(STATUS, &account, "verified").await;

    market.permit(uid, &[1, 2], &[], false);
    market.expect(STATUS, &account, "failed no_trade_permission").await;
    market.expect(ALERTS, &account, "exchange_key_failed").await;

    market.permit(uid, &[1, 2, 3], &[], false);
    market.expect(STATUS, &account, "verified").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_takes_the_place_of_another_only_when_it_is_proven() {
    let market = Market::open().await;
    let (account, _) = market.connected(KEY).await;
    let enable = "update accounts set trading_enabled = true where id = $1";
    market.world.sql.execute(enable, &[&account.id]).await.unwrap();
    market.register("anotheraccount01");

    market.offer(&account, KEY, "notthesecretofit").await;
    market.expect(ANSWER, &account, "failed wrong_secret").await;
    assert_eq!(market.text(STATUS, &account).await, "verified");

    market.offer(&account, "anotheraccount01", SECRET).await;
    market.expect(ANSWER, &account, "done").await;
    let off = "select trading_enabled::text from accounts where id = $1";
    assert_eq!(market.text(off, &account).await, "false", "its owner has not said so of this account");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exchange_that_is_silent_says_nothing_about_a_key() {
    let market = Market::open().await;
    let (account, _) = market.connected(KEY).await;
    let rule: Rule = serde_json::from_value(serde_json::json!({
        "mishap": { "do": "status_before", "status": 500 }
    }))
    .unwrap();
    market.sim.shared.with(|venue| venue.faults.add(rule));

    market.expect(STATUS, &account, "verified no_answer").await;
    assert_eq!(market.text(ALERTS, &account).await, "");
    market.sim.shared.with(|venue| venue.faults.clear());
    market.expect(STATUS, &account, "verified").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_nobody_can_prove_is_forgotten() {
    let market = Market::open_with(|exchange| {
        exchange.hosts.demo = "http://127.0.0.1:1".to_owned();
        exchange.timing.pending = Duration::from_secs(1);
    })
    .await;
    let account = market.follower().await;

    market.offer(&account, KEY, SECRET).await;

    market.expect(ANSWER, &account, "failed expired").await;
    market.expect(STATUS, &account, "none").await;
    assert_eq!(market.text(AUDIT, &account).await, "exchange_key_expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn spot_keys_are_recognised() {
    let market = Market::open().await;
    let (uid, account) = (market.register(KEY), market.follower().await);
    market.permit(uid, &[1, 2], &[], false);

    market.offer(&account, KEY, SECRET).await;

    market.expect(ANSWER, &account, "done").await;
    let kind = "select account_type from exchange_keys where account_id = $1";
    assert_eq!(market.text(kind, &account).await, "spot");
}

#[tokio::test(flavor = "multi_thread")]
async fn leverage_is_set_at_the_exchange_because_its_owner_said_so() {
    let market = Market::open().await;
    let (account, uid) = market.connected(KEY).await;

    market.ask(&account, "set_leverage", r#"{"leverage": 12}"#).await;

    market.expect("select leverage::text from exchange_keys where account_id = $1", &account, "12").await;
    let set = market.sim.shared.with(|venue| {
        let ledger = venue.ledger(HostName::Demo, uid).unwrap();
        ledger.leverage.get("BTC-USDT").copied()
    });
    assert_eq!(set, Some((12, 12)));
    let trail = market.text(AUDIT, &account).await;
    assert_eq!(trail, "exchange_key_verified leverage_set");
}

#[tokio::test(flavor = "multi_thread")]
async fn n52_a_key_moved_to_another_row_does_not_open_and_its_owner_is_told() {
    let market = Market::open().await;
    let (one, _) = market.connected(KEY).await;
    let (other, _) = market.connected("canaryapikey0002").await;
    let moved = "update exchange_keys set sealed = (select sealed from exchange_keys where account_id = $1) where account_id = $2";
    market.world.sql.execute(moved, &[&one.id, &other.id]).await.unwrap();

    market.expect(STATUS, &other, "failed unreadable").await;
    market.expect(ALERTS, &other, "exchange_key_failed").await;
    assert_eq!(market.text(STATUS, &one).await, "verified");
}
