use serde_json::{Value, json};

use crate::support::{Person, TestApp};

/// A follower of one master; the path of its subscription.
async fn following(person: &Person<'_>) -> String {
    let master = person.open("gold", "master").await;
    let follower = person.open_id("f", "follower").await;
    let id = person.follow(&follower, &master).await;
    format!("/api/v1/accounts/{follower}/subscriptions/{id}")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_setting_is_kept_and_can_be_removed() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let path = following(&ada).await;
    let settings = json!({
        "sizing": { "mode": "risk_percent", "value": "0.01" },
        "min_lots": "0.01", "max_lots": "2", "lot_step": "0.01", "sides": "buy", "reverse": true, "copy_sl_tp": false,
        "on_partial": "ignore",
        "symbol_map": { "nas100": "USTEC.cash" }, "strip_suffix": ".m", "add_suffix": ".pro",
        "allow_symbols": ["xauusd", "NAS100"], "deny_symbols": ["EURUSD"],
        "max_open_copies": 3, "max_age_s": 15, "max_deviation": "0.001", "units_per_lot": { "us30": "10" }
    });
    let open = json!({
        "strip_suffix": null, "symbol_map": {}, "units_per_lot": null, "allow_symbols": [], "deny_symbols": null, "max_open_copies": null
    });

    let set = ada.patch(&path, json!({ "settings": settings })).await;
    let touched = ada.patch(&path, json!({ "settings": { "max_age_s": 20 } })).await;
    let opened = ada.patch(&path, json!({ "settings": open })).await;

    let mut expected = settings.clone();
    expected["symbol_map"] = json!({ "NAS100": "USTEC.cash" });
    expected["allow_symbols"] = json!(["NAS100", "XAUUSD"]);
    expected["units_per_lot"] = json!({ "US30": "10" });
    assert_eq!(set.body["settings"], expected, "{}", set.text);
    expected["max_age_s"] = json!(20);
    assert_eq!(touched.body["settings"], expected);
    for field in ["strip_suffix", "allow_symbols", "deny_symbols", "max_open_copies"] {
        assert_eq!(opened.body["settings"][field], Value::Null, "{field}");
    }
    assert_eq!(opened.body["settings"]["symbol_map"], json!({}));
    assert_eq!(opened.body["settings"]["units_per_lot"], json!({}));
    assert_eq!(opened.body["settings"]["add_suffix"], ".pro");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setting_that_cannot_be_is_refused_by_name() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let path = following(&ada).await;
    let before = ada.get(&path).await;

    for (settings, field, code) in [
        (json!({ "sizing": { "mode": "fixed" } }), "settings.sizing", "required"),
        (json!({ "sizing": { "mode": "fixed", "value": "0" } }), "settings.sizing.value", "not_positive"),
        (json!({ "sizing": { "mode": "risk_percent", "value": "1.5" } }), "settings.sizing", "too_large"),
        (json!({ "sizing": { "mode": "multiplier", "value": "1001" } }), "settings.sizing", "too_large"),
        (json!({ "sizing": { "mode": "double" } }), "settings.sizing.mode", "unknown_value"),
        (json!({ "min_lots": "-1" }), "settings.min_lots", "not_positive"),
        (json!({ "max_lots": "10001" }), "settings.max_lots", "too_large"),
        (json!({ "lot_step": "0.000000001" }), "settings.lot_step", "too_precise"),
        (json!({ "sides": "left" }), "settings.sides", "unknown_value"),
        (json!({ "symbol_map": { "GOLD": "AUTH_OK" } }), "settings.symbol_map", "invalid_symbol"),
        (json!({ "symbol_map": { "gold": "X", "GOLD": "Y" } }), "settings.symbol_map", "duplicate"),
        (json!({ "add_suffix": "a|b" }), "settings.add_suffix", "invalid_suffix"),
        (json!({ "strip_suffix": "" }), "settings.strip_suffix", "invalid_suffix"),
        (json!({ "deny_symbols": ["a b"] }), "settings.deny_symbols", "invalid_symbol"),
        (json!({ "allow_symbols": vec!["XAUUSD"; 201] }), "settings.allow_symbols", "too_many"),
        (json!({ "max_open_copies": 0 }), "settings.max_open_copies", "out_of_range"),
        (json!({ "max_age_s": 121 }), "settings.max_age_s", "out_of_range"),
        (json!({ "max_deviation": "2" }), "settings.max_deviation", "too_large"),
        (json!({ "units_per_lot": { "US30": "0" } }), "settings.units_per_lot", "not_positive"),
        (json!({ "units_per_lot": { "US30": "1000001" } }), "settings.units_per_lot", "too_large"),
        (json!({ "units_per_lot": { "us30": "1", "US30": "1" } }), "settings.units_per_lot", "duplicate"),
        (json!({ "units_per_lot": { "A B": "1" } }), "settings.units_per_lot", "invalid_symbol"),
        (json!({ "min_lots": "2", "max_lots": "1" }), "settings.max_lots", "below_min_lots"),
        (json!({ "min_lot": "2" }), "settings.min_lot", "unknown_field"),
    ] {
        let answer = ada.patch(&path, json!({ "settings": settings })).await;
        assert_eq!(
            answer.invalid_fields(),
            [(field.to_owned(), code.to_owned())],
            "{settings}: {}",
            answer.text
        );
    }

    assert_eq!(ada.get(&path).await.body["settings"], before.body["settings"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_follows_several_masters_each_in_its_own_way() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (gold, silver) = (ada.open("gold", "master").await, ada.open("silver", "master").await);
    let follower = ada.open_id("f", "follower").await;
    let path = format!("/api/v1/accounts/{follower}/subscriptions");
    let follow = async |master: &Value, settings: Value| {
        ada.post(&path, json!({ "master_token": master["master_token"], "settings": settings })).await
    };

    let first = follow(&gold, json!({ "reverse": true })).await;
    let second = follow(&silver, json!({ "sizing": { "mode": "equity_ratio", "value": "0.5" } })).await;

    assert_eq!((first.status, second.status), (201, 201));
    assert_eq!(first.body["settings"]["reverse"], true);
    assert_eq!(second.body["settings"]["sizing"], json!({ "mode": "equity_ratio", "value": "0.5" }));
    assert_eq!(second.body["settings"]["reverse"], false);
    assert_eq!(ada.get(&path).await.column("id").len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn n27_a_subscription_stays_between_its_accounts() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let path = following(&ada).await;
    let other = eve.open_id("other", "master").await;
    let before = ada.get(&path).await;
    let body = json!({ "owner_id": eve.id, "master_account_id": other, "source": "wire", "valid_from": "2020-01-01T00:00:00Z" });

    let answer = ada.patch(&path, body).await;

    assert_eq!(answer.status, 200, "{}", answer.text);
    for field in ["id", "follower_account_id", "master_account_id", "source", "state"] {
        assert_eq!(answer.body[field], before.body[field], "{field}");
    }
    let moved =
        format!("select count(*) from subscriptions where owner_id = '{}' or source = 'wire'", eve.id);
    assert_eq!(app.count(&moved).await, 0);
}
