use flotilla_store::{Db, idempotency};
use serde_json::{Value, json};

use crate::stream::Socket;
use crate::support::{Person, Rows, TestApp};

/// A trade that its owner could type in.
pub fn typed(account: &str) -> Value {
    json!({
        "account_id": account, "symbol": "AAPL", "direction": "LONG", "asset_type": "stock",
        "quantity": "10", "entry_price": "150", "exit_price": "156", "stop_loss": "147", "fees": "2",
        "entry_at": "2026-11-02T14:30:00Z", "exit_at": "2026-11-02T15:30:00Z",
        "tags": ["gap"], "notes": "waited",
    })
}

pub fn with(mut body: Value, changes: &Value) -> Value {
    for (field, value) in changes.as_object().unwrap() {
        body[field] = value.clone();
    }
    body
}

pub async fn create(person: &Person<'_>, body: Value) -> Value {
    let answer = person.post("/api/v1/trades", body).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.body
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trade_that_is_typed_in_is_computed_and_may_be_edited_and_deleted() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let account = ada.open_id("gold", "none").await;

    let made = create(&ada, typed(&account)).await;
    let path = format!("/api/v1/trades/{}", made["id"].as_str().unwrap());
    let edited = ada.patch(&path, json!({ "exit_price": "144", "tags": [], "stop_loss": null })).await;
    let brokers = ada.patch(&path, json!({ "pnl": "-61.5" })).await;
    let reopened = ada.patch(&path, json!({ "exit_price": null, "exit_at": null })).await;
    let closed = ada
        .patch(&path, json!({ "exit_price": "144", "exit_at": "2026-11-02T15:30:00Z", "pnl": "-61.5" }))
        .await;
    let entry = json!([{ "side": "BUY", "quantity": "10", "price": "150", "at": "2026-11-02T14:30:00Z" }]);
    let no_result = ada.patch(&path, json!({ "executions": entry, "pnl": "-61.5" })).await;
    let by_fills = ada.patch(&path, json!({ "executions": entry })).await;
    let gone = ada.delete(&path).await;

    let fields = ["pnl", "pnl_source", "r_multiple", "status", "source", "multiplier", "pnl_percent"];
    assert_eq!(
        fields.map(|field| made[field].as_str().unwrap()),
        ["58", "computed", "2", "closed", "manual", "1", "0.038667"]
    );
    assert_eq!(made["executions"].as_array().unwrap().len(), 2);
    assert_eq!(
        (&edited.body["pnl"], &edited.body["r_multiple"]),
        (&json!("-62"), &Value::Null),
        "{}",
        edited.text
    );
    assert_eq!((&brokers.body["pnl"], &brokers.body["pnl_source"]), (&json!("-61.5"), &json!("broker")));
    assert_eq!((&closed.body["pnl"], no_result.status), (&json!("-61.5"), 422), "{}", closed.text);
    for opened in [reopened, by_fills] {
        assert_eq!(
            (&opened.body["status"], &opened.body["pnl"]),
            (&json!("open"), &Value::Null),
            "{}",
            opened.text
        );
    }
    assert_eq!((gone.status, ada.get(&path).await.status), (204, 404));
    assert_eq!(app.count("select count(*) from executions").await, 0);
    assert_eq!(app.count("select count(*) from audit where action = 'trade_deleted'").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_past_of_an_archived_account_may_be_edited_and_not_added_to() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let account = ada.open_id("gold", "none").await;
    let made = create(&ada, typed(&account)).await;
    ada.delete(&format!("/api/v1/accounts/{account}")).await;

    let added = ada.post("/api/v1/trades", typed(&account)).await;
    let path = format!("/api/v1/trades/{}", made["id"].as_str().unwrap());
    let edited = ada.patch(&path, json!({ "exit_price": "157" })).await;
    let day = "closed_from=2026-11-02T00:00:00Z&closed_to=2026-11-03T00:00:00Z";
    let mut listed = Vec::new();
    for which in ["", "&counted=true", &format!("&counted=true&account_id={account}"), "&currency=USD"] {
        listed.push(ada.get(&format!("/api/v1/trades?{day}{which}")).await.column("symbol").len());
    }
    let counted = ada.get("/api/v1/stats").await.body["trades"].clone();
    let exported = ada.get("/api/v1/trades/export").await.text;

    assert_eq!(added.status, 409, "{}", added.text);
    assert_eq!(
        (listed, counted),
        (vec![1, 0, 1, 0], json!(0)),
        "a day has the trades that its statistics count"
    );
    assert!(exported.contains(&format!("{account},\"gold\",manual")), "{exported}");
    assert_eq!((edited.status, &edited.body["pnl"]), (200, &json!("68")), "{}", edited.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_trade_is_named_by_field() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let account = ada.open_id("gold", "none").await;

    for (changes, field, code) in [
        (json!({ "quantity": "0" }), "quantity", "not_positive"),
        (json!({ "quantity": "1e3" }), "quantity", "invalid"),
        (json!({ "exit_at": "2026-11-02T14:29:00Z" }), "exit_at", "before_entry"),
        (json!({ "exit_price": null, "exit_at": null, "pnl": "5" }), "pnl", "not_closed"),
        (json!({ "option_type": "CALL" }), "option_type", "not_an_option"),
        (json!({ "direction": "CALL" }), "direction", "unknown_value"),
        (json!({ "entry_price": "99999999999999" }), "entry_price", "out_of_range"),
        (json!({ "tags": ["a;b"] }), "tags", "invalid"),
        (json!({ "source": "ea" }), "source", "unknown_field"),
        (json!({ "notes": "x".repeat(10_001) }), "notes", "too_long"),
        (json!({ "notes": "a\u{0}" }), "notes", "invalid"),
    ] {
        let answer = ada.post("/api/v1/trades", with(typed(&account), &changes)).await;
        assert_eq!(
            answer.invalid_fields(),
            [(field.to_owned(), code.to_owned())],
            "{changes} {}",
            answer.text
        );
    }
    assert_eq!(app.count("select count(*) from trades").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn scaling_in_and_out_makes_the_average_prices() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let account = ada.open_id("gold", "none").await;
    let fill = |side: &str, quantity: &str, price: &str, minute: u32| json!({ "side": side, "quantity": quantity, "price": price, "at": format!("2026-11-02T14:{minute}:00Z"), "fees": "0.5" });
    let body = json!({
        "account_id": account, "symbol": "MNQZ6", "direction": "SHORT", "asset_type": "future",
        "executions": [
            fill("SELL", "1", "20010", 30), fill("SELL", "3", "20030", 31),
            fill("BUY", "2", "20000", 40), fill("BUY", "2", "20020", 50),
        ],
    });

    let made = create(&ada, body).await;

    let fields = ["quantity", "entry_price", "exit_price", "fees", "pnl", "multiplier"];
    assert_eq!(fields.map(|field| made[field].as_str().unwrap()), ["4", "20025", "20010", "2", "118", "2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_instrument_has_its_own_multiplier_unless_one_was_named() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let account = ada.open_id("gold", "none").await;
    let changes = json!({ "symbol": "MNQZ6", "asset_type": "future", "quantity": "1", "fees": "0" });
    let made = create(&ada, with(typed(&account), &changes)).await;
    let path = format!("/api/v1/trades/{}", made["id"].as_str().unwrap());
    let edit = async |body: Value| {
        let edited = ada.patch(&path, body).await;
        assert_eq!(edited.status, 200, "{}", edited.text);
        ["multiplier", "pnl"].map(|field| edited.body[field].as_str().unwrap().to_owned())
    };

    let another = edit(json!({ "symbol": "ESZ6" })).await;
    let kind = edit(json!({ "asset_type": "stock" })).await;
    let named = edit(json!({ "multiplier": "7" })).await;
    let kept = edit(json!({ "symbol": "MNQZ6", "asset_type": "future" })).await;

    assert_eq!((&made["multiplier"], &made["pnl"]), (&json!("2"), &json!("12")));
    assert_eq!([another, kind, named, kept], [["50", "300"], ["1", "6"], ["7", "42"], ["7", "42"]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn trades_of_machines_are_annotated_never_altered() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let account = ada.open_id("gold", "none").await;
    let trade = Rows::of(&app, &ada).await.trade(&account, "XAUUSD", 5, Some(-1234)).await;
    let path = format!("/api/v1/trades/{trade}");

    let noted = ada.patch(&path, json!({ "notes": "news", "tags": ["fomc"] })).await;
    let altered = ada.patch(&path, json!({ "notes": "x", "pnl": "1" })).await;
    let deleted = ada.delete(&path).await;
    let bulk = ada.post("/api/v1/trades/delete", json!({ "ids": [trade] })).await;

    assert_eq!(
        (noted.status, &noted.body["notes"], &noted.body["tags"]),
        (200, &json!("news"), &json!(["fomc"]))
    );
    assert_eq!((altered.refusal(), deleted.refusal()), ((409, "machine_trade"), (409, "machine_trade")));
    assert_eq!(bulk.body, json!({ "changed": 0, "skipped": 1 }));
    assert_eq!(ada.get(&path).await.body["pnl"], json!("-12.34"));
    // Not even past our own code.
    let sql = format!(
        "begin; set local role flotilla_app; select set_config('flotilla.owner', '{}', true); update trades set pnl = 1",
        ada.id
    );
    let refused = app.db.admin().await.batch_execute(&sql).await.unwrap_err();
    assert_eq!(refused.as_db_error().unwrap().constraint(), Some("trades_machine_rows"));
    assert_eq!(ada.get(&path).await.body["pnl"], json!("-12.34"));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_trades_are_tagged_and_deleted_at_once() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let account = ada.open_id("gold", "none").await;
    let (one, two) = (create(&ada, typed(&account)).await, create(&ada, typed(&account)).await);
    let foreign = create(&eve, typed(&eve.open_id("hers", "none").await)).await;
    let ids = json!([one["id"], two["id"], foreign["id"]]);
    let mut socket = Socket::listening(&ada, &["trades", "alerts"]).await;
    socket.hear_of("alerts.unread").await;

    let tagged =
        ada.post("/api/v1/trades/tag", json!({ "ids": ids, "add": ["news", "a"], "remove": ["gap"] })).await;
    let found = ada.get("/api/v1/trades?tag=news").await;
    let lost = ada.get("/api/v1/trades?tag=gap").await;
    let deleted = ada.post("/api/v1/trades/delete", json!({ "ids": ids })).await;

    assert_eq!(tagged.body, json!({ "changed": 2, "skipped": 1 }), "{}", tagged.text);
    assert_eq!(found.body["items"][0]["tags"], json!(["news", "a"]));
    assert_eq!((found.column("id").len(), lost.column("id").len()), (2, 0));
    assert_eq!(deleted.body, json!({ "changed": 2, "skipped": 1 }));
    assert_eq!(socket.hear_of("trades.changed").await["data"], json!({ "account_id": account }));
    assert_eq!(eve.get("/api/v1/trades?tag=gap").await.column("id").len(), 1, "hers is untouched");
    assert_eq!(app.count("select count(*) from trade_tags").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn n86_a_key_makes_a_trade_once() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let (adas, eves) = (ada.open_id("gold", "none").await, eve.open_id("hers", "none").await);
    let post = async |person: &Person<'_>, key: &str, body: Value| {
        app.send(person.request("POST", "/api/v1/trades").header("idempotency-key", key).json(&body)).await
    };

    let first = post(&ada, "k-1", typed(&adas)).await;
    let again = post(&ada, "k-1", typed(&adas)).await;
    let other = post(&ada, "k-1", with(typed(&adas), &json!({ "quantity": "11" }))).await;
    let hers = post(&eve, "k-1", typed(&eves)).await;
    let unsound = post(&ada, "a b", typed(&adas)).await;

    assert_eq!((first.status, first.text.clone()), (201, again.text));
    assert_eq!(other.invalid_fields(), [("Idempotency-Key".to_owned(), "reused".to_owned())]);
    assert_eq!((hers.status, unsound.status), (201, 422));
    assert_eq!(app.count("select count(*) from trades").await, 2);
    // Many at once make one trade between them.
    let crowd = (0..8).map(|_| post(&ada, "k-3", typed(&adas)));
    let answers = futures_util::future::join_all(crowd).await;
    let made: Vec<_> =
        answers.iter().filter(|answer| answer.status == 201).map(|answer| &answer.text).collect();
    assert!(!made.is_empty() && made.iter().all(|text| *text == made[0]));
    assert!(
        answers.iter().all(|answer| answer.status == 201 || answer.refusal() == (409, "request_in_progress"))
    );
    assert_eq!(app.count("select count(*) from trades").await, 3);
    // Held by somebody, as by a request that is not answered yet.
    let client = app.db.admin().await;
    let lock = format!("begin; select pg_advisory_xact_lock(hashtextextended('{} k-2', 8601))", ada.id);
    client.batch_execute(&lock).await.unwrap();
    assert_eq!(post(&ada, "k-2", typed(&adas)).await.refusal(), (409, "request_in_progress"));
    client.batch_execute("rollback").await.unwrap();
    assert_eq!(post(&ada, "k-2", typed(&adas)).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn n86_a_key_is_another_after_a_day() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let account = ada.open_id("gold", "none").await;
    let admin = app.db.admin().await;
    let post = async |quantity: &str| {
        let body = with(typed(&account), &json!({ "quantity": quantity }));
        app.send(ada.request("POST", "/api/v1/trades").header("idempotency-key", "k").json(&body)).await
    };
    let age = async |hours: i64| {
        let age = format!("update idempotency_keys set created_at = now() - interval '{hours} hours'");
        admin.batch_execute(&age).await.unwrap();
    };
    let worker = Db::connect_worker(&app.db.worker_url, 1).unwrap();
    let forget = async || worker.open(idempotency::forget_old).await.unwrap();

    let first = post("10").await;
    age(23).await;
    let again = post("10").await;
    assert_eq!((forget().await, post("11").await.status), (0, 422));
    age(25).await;
    let later = post("10").await;
    let later_again = post("10").await;
    age(25).await;
    let other = post("11").await;

    assert_eq!((first.status, &again.text), (201, &first.text));
    assert_eq!((later.status, &later_again.text), (201, &later.text));
    assert_eq!((other.status, app.count("select count(*) from trades").await), (201, 3));
    // Nobody uses it again.
    age(25).await;
    assert_eq!((forget().await, app.count("select count(*) from idempotency_keys").await), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_filtered_and_sorted_by_everything_it_shows() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (gold, silver) = (ada.open_id("gold", "none").await, ada.open_id("silver", "none").await);
    let group = ada.group("g").await;
    ada.add(&group, &silver).await;
    for (account, symbol, direction, exit) in [
        (&gold, "B", "LONG", "156"),
        (&gold, "A", "SHORT", "156"),
        (&silver, "C", "LONG", "150"),
        (&silver, "A", "LONG", "151"),
    ] {
        let changes = json!({ "symbol": symbol, "direction": direction, "exit_price": exit, "fees": "0" });
        create(&ada, with(typed(account), &changes)).await;
    }
    let symbols = async |query: &str| {
        let (mut path, mut found) = (format!("/api/v1/trades?limit=1&{query}"), String::new());
        loop {
            let page = ada.get(&path).await;
            assert_eq!(page.status, 200, "{query} {}", page.text);
            found.push_str(&page.column("symbol").concat());
            let Some(cursor) = page.body["next_cursor"].as_str() else { return found };
            path = format!("/api/v1/trades?limit=1&{query}&cursor={cursor}");
        }
    };

    assert_eq!(symbols("sort=pnl").await, "ACAB", "worst first");
    assert_eq!(symbols("sort=-pnl").await, "BACA");
    assert_eq!(symbols("sort=symbol").await, "AABC");
    assert_eq!(symbols("sort=-symbol").await, "CBAA");
    assert_eq!(symbols("result=win&sort=-pnl").await, "BA");
    assert_eq!(symbols("result=loss").await, "A");
    assert_eq!(symbols("result=breakeven").await, "C");
    assert_eq!(symbols("direction=SHORT").await, "A");
    let id = group.replace("/api/v1/groups/", "");
    assert_eq!(symbols(&format!("group_id={id}&sort=symbol")).await, "AC");
    let by_time = ada.get("/api/v1/trades?limit=1").await.body["next_cursor"].clone();
    let other =
        ada.get(&format!("/api/v1/trades?limit=1&sort=pnl&cursor={}", by_time.as_str().unwrap())).await;
    assert_eq!(other.refusal(), (422, "invalid"), "a cursor of another order");
    assert_eq!(
        symbols("closed_from=2026-11-02T15:30:00Z&closed_to=2026-11-02T15:30:01Z&sort=symbol").await,
        "AABC"
    );
    assert_eq!(symbols("closed_from=2026-11-02T15:30:01Z").await, "");
    assert_eq!(symbols("closed_to=2026-11-02T15:30:00Z").await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn symbols_are_told_once_the_last_traded_first_and_to_their_owner_only() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let (gold, silver) = (ada.open_id("gold", "none").await, ada.open_id("silver", "none").await);
    let eves = eve.open_id("hers", "none").await;
    let nothing = ada.get("/api/v1/trades/symbols").await;
    for (person, account, symbol, minute) in [
        (&ada, &gold, "B", 1),
        (&ada, &silver, "C", 3),
        (&ada, &gold, "a", 2),
        (&ada, &silver, "B", 4),
        (&ada, &gold, "C", 0),
        (&eve, &eves, "AA", 5),
    ] {
        let entry_at = format!("2026-11-02T14:0{minute}:00Z");
        create(person, with(typed(account), &json!({ "symbol": symbol, "entry_at": entry_at }))).await;
    }

    let adas = ada.get("/api/v1/trades/symbols").await;
    let hers = eve.get("/api/v1/trades/symbols").await;

    assert_eq!((nothing.status, nothing.body), (200, json!({ "items": [] })));
    assert_eq!(adas.body, json!({ "items": ["B", "C", "a"] }), "{}", adas.text);
    assert_eq!(hers.body, json!({ "items": ["AA"] }), "{}", hers.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn n78_what_is_no_filter_is_refused_and_odd_values_find_nothing() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    create(&ada, typed(&ada.open_id("gold", "none").await)).await;

    for query in [
        "sort=entry_at;drop%20table%20trades",
        "sort=notes",
        "order=desc",
        "direction=UP",
        "result=%27",
        "symbol=%00",
        "from=yesterday",
        "account_id=1",
        "cursor=eyJBdCI6WyIxOTcw",
    ] {
        let answer = ada.get(&format!("/api/v1/trades?{query}")).await;
        assert_eq!(answer.refusal(), (422, "invalid"), "{query}: {}", answer.text);
    }
    for (query, found) in [
        ("symbol=%27%20or%201=1--", 0),
        ("tag=%27%29%3B", 0),
        ("from=-200000-01-01T00:00:00Z&to=%2B200000-01-01T00:00:00Z", 1),
        ("closed_from=-200000-01-01T00:00:00Z", 1),
        ("closed_to=-200000-01-01T00:00:00Z", 0),
    ] {
        let answer = ada.get(&format!("/api/v1/trades?{query}")).await;
        assert_eq!((answer.status, answer.column("id").len()), (200, found), "{query}: {}", answer.text);
    }
}
