use serde_json::{Value, json};

use crate::support::{Person, TestApp};

/// What a worker writes of a master that opted in.
async fn publish(app: &TestApp, master: &Value, slug: &str, followers: i32) {
    app.sql(&format!(
        "update accounts set is_public = true, slug = '{slug}' where id = '{id}';
         insert into masters_directory (account_id, slug, name, description, platform, currency, copy_mode,
            needs_approval, followers, trades, wins, profit, drawdown, drawdown_ratio, curve)
         values ('{id}', '{slug}', 'Name of {slug}', '100% gold', 'mt5', 'USD', 'PUBSUB', false, {followers}, 4, 3, 120.50,
            30, 0.025, '[[\"2026-11-01\", \"120.50\"]]')",
        id = master["id"].as_str().unwrap()
    ))
    .await;
}

async fn follow(person: &Person<'_>, follower: &str, body: Value) -> crate::support::Answer {
    person.post(&format!("/api/v1/accounts/{follower}/subscriptions"), body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_master_opts_in_with_an_address_of_its_own() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.sign_up("ada").await, app.sign_up("ben").await);
    let (gold, other) = (ada.open_id("gold", "master").await, ben.open_id("other", "master").await);
    let follower = ada.open_id("f", "follower").await;
    let path = |id: &str| format!("/api/v1/accounts/{id}");

    let nameless = ada.patch(&path(&gold), json!({ "is_public": true })).await;
    let odd = ada.patch(&path(&gold), json!({ "slug": "Steady Gold" })).await;
    let face = json!({ "is_public": true, "slug": "steady-gold", "description": "Since 2019.", "needs_approval": true });
    let public = ada.patch(&path(&gold), face).await;
    let taken = ben.patch(&path(&other), json!({ "slug": "steady-gold" })).await;
    let by_follower = ada.patch(&path(&follower), json!({ "is_public": true, "slug": "fff" })).await;

    assert_eq!(nameless.invalid_fields(), [("slug".to_owned(), "required".to_owned())]);
    assert_eq!(odd.invalid_fields(), [("slug".to_owned(), "invalid_slug".to_owned())]);
    let fields =
        ["is_public", "slug", "description", "needs_approval"].map(|field| public.body[field].clone());
    assert_eq!(
        fields,
        [json!(true), json!("steady-gold"), json!("Since 2019."), json!(true)],
        "{}",
        public.text
    );
    assert_eq!(taken.refusal(), (409, "slug_taken"));
    assert_eq!(by_follower.refusal(), (409, "not_a_master"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_directory_is_searched_ordered_and_paged() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    for (slug, followers) in [("aaa", 1), ("bbb", 9), ("ccc", 5)] {
        publish(&app, &ada.open(slug, "master").await, slug, followers).await;
    }

    let first = eve.get("/api/v1/masters?limit=2").await;
    let cursor = first.body["next_cursor"].as_str().unwrap();
    let second = eve.get(&format!("/api/v1/masters?limit=2&cursor={cursor}")).await;
    let found = eve.get("/api/v1/masters?search=100%25&sort=name").await;
    let wild = eve.get("/api/v1/masters?search=1_0").await;
    let odd = eve.get("/api/v1/masters?sort=token").await;

    assert_eq!(first.column("slug"), ["bbb", "ccc"]);
    assert_eq!(first.body["items"][0]["sparkline"], json!(["120.5"]));
    assert_eq!((second.column("slug"), &second.body["next_cursor"]), (vec!["aaa".to_owned()], &Value::Null));
    assert_eq!(found.column("slug"), ["aaa", "bbb", "ccc"]);
    assert_eq!((wild.column("slug").len(), odd.status), (0, 422));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_tells_results_and_neither_token_nor_owner() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let master = ada.open("gold", "master").await;
    publish(&app, &master, "steady-gold", 2).await;

    let profile = eve.get("/api/v1/masters/steady-gold").await;
    let unknown = eve.get("/api/v1/masters/unsteady").await;

    assert_eq!(
        (profile.body["win_rate"].as_str(), profile.body["total_pnl"].as_str()),
        (Some("0.75"), Some("120.5"))
    );
    assert_eq!(profile.body["max_drawdown"], json!({ "money": "30", "percent": "0.025" }));
    assert_eq!(profile.body["curve"], json!([{ "date": "2026-11-01", "total_pnl": "120.5" }]));
    for secret in [&master["master_token"], &master["id"], &json!(ada.id)] {
        assert!(!profile.text.contains(secret.as_str().unwrap()), "{secret} in {}", profile.text);
    }
    assert_eq!(unknown.refusal(), (404, "not_found"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_master_is_followed_by_its_address() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.sign_up("ada").await, app.sign_up("ben").await);
    let master = ada.open("gold", "master").await;
    publish(&app, &master, "steady-gold", 0).await;
    let (first, second) = (ben.open_id("f", "follower").await, ben.open_id("g", "follower").await);

    let followed = follow(&ben, &first, json!({ "master_slug": "steady-gold" })).await;
    ada.patch(
        &format!("/api/v1/accounts/{}", master["id"].as_str().unwrap()),
        json!({ "needs_approval": true }),
    )
    .await;
    let waiting = follow(&ben, &second, json!({ "master_slug": "steady-gold" })).await;
    let impatient = ben
        .patch(
            &format!("/api/v1/accounts/{second}/subscriptions/{}", waiting.body["id"].as_str().unwrap()),
            json!({ "state": "active" }),
        )
        .await;
    let own = ada.open_id("own", "follower").await;
    let by_owner = follow(&ada, &own, json!({ "master_slug": "steady-gold" })).await;
    // Removed was the person: no other account of his is let in without being looked at.
    app.sql(&format!(
        "update masters set needs_approval = false;
         update subscriptions set state = 'ended', ended_at = now(), ended_by = 'master'
         where follower_account_id = '{first}'"
    ))
    .await;
    let removed = ben.open_id("h", "follower").await;
    let named = json!({ "master_token": master["master_token"] });
    let path = format!("/api/v1/accounts/{removed}/subscriptions/preview");
    let told = ben.post(&path, named.clone()).await;
    let removed = follow(&ben, &removed, named).await;
    let twice = json!({ "master_slug": "steady-gold", "master_token": master["master_token"] });

    assert_eq!((followed.status, &followed.body["state"]), (201, &json!("active")), "{}", followed.text);
    assert_eq!((waiting.status, &waiting.body["state"]), (201, &json!("pending")), "{}", waiting.text);
    assert_eq!(impatient.invalid_fields(), [("state".to_owned(), "not_settable".to_owned())]);
    assert_eq!(by_owner.body["state"], "active");
    assert_eq!((removed.status, &removed.body["state"]), (201, &json!("pending")), "{}", removed.text);
    assert_eq!(told.body["needs_approval"], true, "{}", told.text);
    assert_eq!(follow(&ben, &first, twice).await.status, 422);
    assert_eq!(follow(&ben, &first, json!({})).await.status, 422);
    assert_eq!(
        follow(&ben, &first, json!({ "master_slug": "nobody" })).await.refusal(),
        (404, "master_not_found")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn n48_a_stranger_that_names_a_one_to_one_master_is_not_its_partner() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.sign_up("ada").await, app.sign_up("ben").await);
    let master = ada.open("gold", "master").await;
    let path = format!("/api/v1/accounts/{}", master["id"].as_str().unwrap());
    publish(&app, &master, "steady-gold", 0).await;
    ada.patch(&path, json!({ "copy_mode": "1TO1" })).await;
    let (first, second) = (ben.open_id("f", "follower").await, ben.open_id("g", "follower").await);

    let by_address = follow(&ben, &first, json!({ "master_slug": "steady-gold" })).await;
    let by_token = follow(&ben, &second, json!({ "master_token": master["master_token"] })).await;

    assert_eq!(
        (by_address.status, &by_address.body["state"]),
        (201, &json!("pending")),
        "{}",
        by_address.text
    );
    assert_eq!((by_token.status, &by_token.body["state"]), (201, &json!("pending")), "{}", by_token.text);
    assert_eq!(ada.get(&path).await.body["partner_id"], json!(null));
}

#[tokio::test(flavor = "multi_thread")]
async fn n26_an_address_that_is_not_public_leads_nowhere() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.sign_up("ada").await, app.sign_up("ben").await);
    let master = ada.open_id("gold", "master").await;
    ada.patch(&format!("/api/v1/accounts/{master}"), json!({ "slug": "hidden-gold" })).await;
    let follower = ben.open_id("f", "follower").await;

    let refused = follow(&ben, &follower, json!({ "master_slug": "hidden-gold" })).await;
    let seen = ben.get("/api/v1/masters/hidden-gold").await;

    assert_eq!((refused.refusal(), seen.status), ((404, "master_not_found"), 404));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_masters_owner_decides_about_a_follower() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let master = ada.open_id("gold", "master").await;
    crate::support::Rows::of(&app, &ada).await.foreign_follower(&master, 0).await;
    let followers = ada.get(&format!("/api/v1/accounts/{master}/followers")).await;
    let id = followers.body["items"][0]["subscription_id"].as_str().unwrap().to_owned();
    let path = |verb: &str| format!("/api/v1/accounts/{master}/followers/{id}/{verb}");
    let decided = "select count(*) from master_followers where decision = 'approve'";

    let early = ada.post(&path("approve"), json!({})).await;
    app.sql("update master_followers set state = 'pending'").await;
    let foreign = eve.post(&path("approve"), json!({})).await;
    let before = app.count(decided).await;
    let approved = ada.post(&path("approve"), json!({})).await;

    assert_eq!((early.refusal(), foreign.status, before), ((409, "not_pending"), 404, 0));
    assert_eq!((approved.status, app.count(decided).await), (202, 1));
    assert_eq!(ada.post(&path("remove"), json!({})).await.status, 202);
    assert_eq!(
        app.count("select count(*) from audit where action in ('follower_approved', 'follower_removed')")
            .await,
        2
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_is_answered_by_the_worker_and_forgotten() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (master, follower) = (ada.open_id("gold", "master").await, ada.open_id("f", "follower").await);
    let order =
        json!({ "side": "BUY", "symbol": "XAUUSD", "price": "2030.50", "lots": "0.10", "stop_loss": "2020" });
    let answer =
        "update dry_runs set answer = '[{\"subscription_id\": \"0190a000-0000-7000-8000-000000000001\",
        \"name\": \"Follower KMQX\", \"reason\": \"paused\", \"symbol\": null, \"side\": null, \"lots\": null,
        \"stop_loss\": null, \"take_profit\": null}]'";
    let path = format!("/api/v1/accounts/{master}/dry-run");
    let worker = async {
        while app.count("select count(*) from dry_runs").await == 0 {}
        let second = ada.post(&path, order.clone()).await;
        app.sql(answer).await;
        second
    };

    let (told, second) = tokio::join!(ada.post(&path, order.clone()), worker);

    assert_eq!(second.refusal(), (409, "request_in_progress"), "one at a time");
    assert_eq!(told.status, 200, "{}", told.text);
    let first = &told.body["followers"][0];
    assert_eq!(
        [&first["name"], &first["is_copied"], &first["reason"], &first["lots"]],
        [&json!("Follower KMQX"), &json!(false), &json!("paused"), &Value::Null]
    );
    assert_eq!(app.count("select count(*) from dry_runs").await, 0);
    app.sql(&format!(
        "insert into dry_runs (owner_id, account_id, asked, created_at)
         values ('{}', '{master}', '{{}}', now() - interval '11 s')",
        ada.id
    ))
    .await;
    let (after_a_crash, ()) = tokio::join!(ada.post(&path, order.clone()), async {
        while app.count("select count(*) from dry_runs where asked <> '{}'").await == 0 {}
        app.sql(answer).await;
    });
    assert_eq!(after_a_crash.status, 200, "{}", after_a_crash.text);
    let odd = json!({ "side": "BUY", "symbol": "AUTH_OK", "price": "0", "lots": "0.10" });
    let refused = ada.post(&path, odd).await;
    assert_eq!(refused.invalid_fields().len(), 2, "{}", refused.text);
    let by_follower = ada.post(&format!("/api/v1/accounts/{follower}/dry-run"), order).await;
    assert_eq!(by_follower.refusal(), (409, "not_a_master"));
}
