//! Made from the document: every route with an identifier is tried with one of
//! another owner, every route without a token. A route that is not in the
//! tables below fails, so that nobody forgets it.

use serde_json::{Value, json};
use tokio_postgres::Client;
use uuid::Uuid;

use crate::shares;
use crate::support::{PASSWORD, Person, Rows, TestApp};

/// What may be done without signing in, by operation id.
const PUBLIC: [&str; 13] = [
    "register",
    "login",
    "refresh_session",
    "logout",
    "request_password_reset",
    "reset_password",
    "verify_email",
    "health",
    "ready",
    "get_status",
    "open_stream",
    "get_market",
    "get_shared",
];

/// What names a place instead of a row: whoever puts something there puts it among his own.
const OF_THE_CALLER: [&str; 1] = ["put_currency_rate"];

/// One operation of the document.
struct Operation {
    id: String,
    method: String,
    path: String,
}

fn operations() -> Vec<Operation> {
    let document = flotilla_api::openapi::document().to_json().unwrap();
    let document: Value = serde_json::from_str(&document).unwrap();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            operations.push(Operation {
                id: operation["operationId"].as_str().unwrap().to_owned(),
                method: method.to_uppercase(),
                path: path.clone(),
            });
        }
    }
    assert!(operations.len() > 20, "the document is not empty");
    operations
}

/// What has no body.
const BARE: &[&str] = &[
    "get_account",
    "list_account_positions",
    "get_exchange_key",
    "remove_exchange_key",
    "verify_exchange_key",
    "archive_account",
    "list_contracts",
    "list_subscriptions",
    "get_subscription",
    "unfollow_master",
    "list_followers",
    "list_orphans",
    "list_signals",
    "list_copies",
    "get_copy",
    "get_trade",
    "delete_trade",
    "list_screenshots",
    "add_screenshot",
    "get_screenshot",
    "delete_screenshot",
    "delete_currency_rate",
    "revoke_personal_key",
    "revoke_share",
    "end_session",
    "get_stop",
    "close_all",
    "read_alert",
    "get_master",
    "get_account_risk",
    "get_rules",
    "get_risk_history",
    "get_equity",
    "list_risk_days",
    "list_violations",
    "list_corrections",
    "get_group_risk",
    "get_account_guard",
    "list_account_guard_trips",
    "list_group_guard_trips",
    "get_group",
    "delete_group",
    "remove_group_account",
];

/// A body that would be taken from the owner himself.
fn body(operation: &str, token: &str) -> Value {
    match operation {
        "patch_account" => json!({ "name": "stolen", "is_active": false }),
        "rotate_api_key" | "approve_follower" | "remove_follower" => json!({}),
        "reveal_api_key" => json!({ "password": PASSWORD }),
        "follow_master" | "preview_subscription" => json!({ "master_token": token }),
        "patch_subscription" => json!({ "state": "paused" }),
        "resolve_copy" => json!({ "action": "leave" }),
        "put_group" => json!({ "name": "stolen", "version": 1, "guard": null, "required_rules": null }),
        "put_group_rates" => json!({ "rates": [{ "currency": "EUR", "rate": "1" }] }),
        "add_group_account" => json!({ "account_id": Uuid::now_v7() }),
        "take_snapshot" | "put_day_start" => json!({ "balance": "1", "equity": "1" }),
        "put_account_guard" => guard(),
        "put_rules" => json!({ "version": 1, "rules": [] }),
        "confirm_rules" => json!({ "version": 1 }),
        "begin_phase" => json!({ "rules": [], "starting_balance": "1", "reason": "mine" }),
        "set_floor" => json!({ "rule_id": "total", "floor": "1", "reason": "mine" }),
        "note_cash_flow" => json!({ "kind": "deposit", "amount": "1" }),
        "clear_violation" | "take_back_floor" => json!({ "reason": "mine" }),
        "ask_what_if" => what_if(),
        "dry_run" => json!({ "side": "BUY", "symbol": "XAUUSD", "price": "2030.50", "lots": "0.10" }),
        "put_exchange_key" => exchange_key(),
        "patch_exchange_key" => json!({ "leverage": 10 }),
        "patch_trade" => json!({ "notes": "mine" }),
        bare if BARE.contains(&bare) => Value::Null,
        unknown => panic!("add the operation {unknown} here, with a body that its owner could send"),
    }
}

fn what_if() -> Value {
    json!({
        "leader_step": "0.01",
        "accounts": [{ "account_id": Uuid::now_v7(), "ratio": "1", "step": "0.01", "risk_per_lot": "1" }],
    })
}

fn guard() -> Value {
    json!({ "guard": { "status": "critical", "action": "close_all" }, "version": 0 })
}

fn exchange_key() -> Value {
    json!({ "api_key": "anapikeyofsomebody", "api_secret": "asecretofsomebody", "environment": "demo" })
}

/// Rows of one owner, by the name of the path's parameter.
struct Owned {
    ids: Vec<(&'static str, String)>,
    token: String,
}

impl Owned {
    async fn by(app: &TestApp, owner: &Person<'_>) -> Self {
        let master = owner.open("m", "master").await;
        let follower = owner.open_id("f", "follower").await;
        let subscription = owner.follow(&follower, &master).await;
        let rows = Rows::of(app, owner).await;
        let copy = rows.copy(master["id"].as_str().unwrap(), &follower, "open").await;
        let trade = rows.trade(&follower, "XAUUSD", 5, None).await;
        let picture = owner.screenshot(trade).await;
        let operation = owner.post(&format!("/api/v1/accounts/{follower}/close-all"), Value::Null).await;
        let alert = rows.alert("stop_out").await;
        let group = owner.group("g").await;
        owner.add(&group, &follower).await;
        owner
            .put(&format!("{group}/rates"), json!({ "rates": [{ "currency": "EUR", "rate": "1.1" }] }))
            .await;
        // Each owner's own: the last digits of an identifier differ.
        let digits: String = owner.id.chars().rev().take(9).collect();
        let currency = format!("C{}", digits.to_uppercase());
        let rate =
            owner.put(&format!("/api/v1/rates/{currency}/USD/2026-11-28"), json!({ "rate": "1.1" })).await;
        assert_eq!(rate.status, 200, "{}", rate.text);
        let violation = owner.violated(&follower).await;
        let override_id = owner.floor_set(&follower).await;
        let session = owner.get("/api/v1/me/sessions").await.column("id").remove(0);
        let key = json!({ "name": "k", "scopes": ["read"], "expires_in_days": 1, "password": PASSWORD });
        let key = owner.post("/api/v1/me/api-keys", key).await.body["id"].as_str().unwrap().to_owned();
        let share = shares::make(owner, json!({})).await["id"].as_str().unwrap().to_owned();
        Self {
            ids: vec![
                ("account_id", follower),
                ("subscription_id", subscription),
                ("copy_id", copy.to_string()),
                ("trade_id", trade.to_string()),
                ("screenshot_id", picture),
                ("operation_id", operation.body["id"].as_str().unwrap().to_owned()),
                ("alert_id", alert.to_string()),
                ("violation_id", violation),
                ("override_id", override_id),
                ("key_id", key),
                ("session_id", session),
                ("share_id", share),
                // No link has it.
                ("token", "x".repeat(43)),
                ("label", "2026-11-28".to_owned()),
                ("currency", currency),
                ("base_currency", "USD".to_owned()),
                ("day", "2026-11-28".to_owned()),
                ("group_id", group.replace("/api/v1/groups/", "")),
                // It did not opt in, so nobody finds it there.
                ("slug", format!("of-{}", owner.id)),
                // Nobody's.
                ("symbol", "BTC-USDT".to_owned()),
            ],
            token: master["master_token"].as_str().unwrap().to_owned(),
        }
    }

    /// Made up: as many, of nobody.
    fn nothing(&self) -> Self {
        let ids = self.ids.iter().map(|(name, _)| (*name, Uuid::now_v7().to_string())).collect();
        Self { ids, token: self.token.clone() }
    }

    /// The first identifier of the path is another's, the later ones are these.
    fn fill_behind(&self, other: &Self, path: &str) -> String {
        let first = path.split(['{', '}']).nth(1).unwrap_or_default();
        let (_, id) = other.ids.iter().find(|(name, _)| *name == first).unwrap();
        self.fill(&path.replacen(&format!("{{{first}}}"), id, 1))
    }

    fn fill(&self, path: &str) -> String {
        let filled = self
            .ids
            .iter()
            .fold(path.to_owned(), |path, (name, id)| path.replace(&format!("{{{name}}}"), id));
        assert!(!filled.contains('{'), "add the parameter of {path} to the rows of this test");
        filled
    }
}

/// All that belongs to an owner, as one text.
pub async fn everything_of(client: &Client, owner: &Person<'_>) -> String {
    let mut text = String::new();
    for table in [
        "accounts",
        "api_keys",
        "exchange_keys",
        "masters",
        "subscriptions",
        "requests",
        "audit",
        "trades",
        "executions",
        "trade_tags",
        "screenshots",
        "idempotency_keys",
        "personal_keys",
        "shares",
        "copy_orders",
        "stops",
        "groups",
        "group_accounts",
        "group_rates",
        "currency_rates",
        "risk_defaults",
        "alert_levels",
        "alerts",
        "risk_phases",
        "risk_day_starts",
        "risk_floor_overrides",
        "risk_cash_flows",
        "risk_observations",
        "risk_states",
        "risk_violations",
        "risk_events",
        "risk_days",
        "guards",
        "guard_latches",
        "guard_trips",
        "risk_checkpoints",
        "risk_trade_changes",
    ] {
        let query = format!(
            "select coalesce(string_agg(t::text, ';' order by t::text), '') from {table} t where owner_id = '{}'",
            owner.id
        );
        text.push_str(&client.query_one(&query, &[]).await.unwrap().get::<_, String>(0));
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn n23_every_route_with_a_foreign_identifier_is_not_found() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let (adas, eves) = (Owned::by(&app, &ada).await, Owned::by(&app, &eve).await);
    let admin = app.db.admin().await;
    let before = everything_of(&admin, &ada).await;

    let mut tried = 0;
    let is_owned = |operation: &&Operation| {
        let id = operation.id.as_str();
        operation.path.contains('{') && !PUBLIC.contains(&id) && !OF_THE_CALLER.contains(&id)
    };
    for operation in operations().iter().filter(is_owned) {
        let body = body(&operation.id, &adas.token);
        let foreign = [adas.fill(&operation.path), adas.nothing().fill(&operation.path)];
        let path = &operation.path;
        let mixed = [adas.fill_behind(&eves, path), eves.fill_behind(&adas, path)];
        // A date is nobody's, and a rate is one row by three words.
        let ids = operation.path.replace("{label}", "").replace("{base_currency}/{day}", "");
        let mixed = mixed.into_iter().filter(|_| ids.matches('{').count() > 1);
        for path in foreign.into_iter().chain(mixed) {
            let answer = app.send(eve.request(&operation.method, &path).json(&body)).await;
            assert_eq!(answer.status, 404, "{} {path}: {}", operation.method, answer.text);
            tried += 1;
        }
    }

    assert!(tried >= 30, "{tried}");
    assert_eq!(everything_of(&admin, &ada).await, before, "nothing of hers changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_but_the_public_ones_needs_a_token() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let adas = Owned::by(&app, &ada).await;

    let operations = operations();
    for operation in &operations {
        let path = adas.fill(&operation.path);
        let answer = app.send(app.request(&operation.method, &path).json(&json!({}))).await;
        let is_public = PUBLIC.contains(&operation.id.as_str());
        assert_eq!(answer.status == 401, !is_public, "{} {path}: {}", operation.method, answer.text);
    }
    for public in PUBLIC {
        assert!(
            operations.iter().any(|operation| operation.id == public),
            "{public} is gone: remove it from the list"
        );
    }
}

#[test]
fn n50_no_answer_has_a_field_for_secrets() {
    let document = flotilla_api::openapi::document().to_json().unwrap();
    let document: Value = serde_json::from_str(&document).unwrap();
    // Shown on purpose: once after creation and rotation, or for the password.
    let shown = ["CreatedAccount", "ClearApiKey"];
    let asked = [
        "Register",
        "Login",
        "ChangePassword",
        "ResetPassword",
        "ChangeEmail",
        "RevealApiKey",
        "StreamRequest",
        "Follow",
        "PutExchangeKey",
        "CreatePersonalKey",
        "EraseMe",
    ];
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        if shown.contains(&name.as_str()) || asked.contains(&name.as_str()) {
            continue;
        }
        for (field, _) in schema["properties"].as_object().into_iter().flatten() {
            let is_secret = ["password", "secret", "sealed", "hash"].iter().any(|word| field.contains(word));
            assert!(!is_secret && field != "api_key", "{name}.{field}");
        }
    }
}
