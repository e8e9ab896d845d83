//! Made from the document: every write that takes a key is sent twice with one.
//! A write that creates and takes none fails, so that nobody forgets it.

use serde_json::{Value, json};

use crate::imports::TOPSTEPX;
use crate::isolation::everything_of;
use crate::journal::{create, typed, with};
use crate::risk::total;
use crate::screenshots::PNG;
use crate::shares::link;
use crate::support::{Answer, PASSWORD, Person, Rows, TestApp};

/// Posts without a key: they leave nothing that stays, or nothing more the second time.
const WITHOUT: [&str; 23] = [
    "ask_what_if",
    "change_email",
    "change_password",
    "clear_violation",
    "confirm_rules",
    "create_ws_ticket",
    "delete_trades",
    "dry_run",
    "login",
    "logout",
    "preview_subscription",
    "read_alert",
    "read_all_alerts",
    "refresh_session",
    "register",
    "request_password_reset",
    "resend_verification",
    "reset_password",
    "reveal_api_key",
    "tag_trades",
    "take_back_floor",
    "verify_email",
    "verify_exchange_key",
];

/// Whose answer shows a secret, and in which field.
const SECRETS: [(&str, &str); 4] = [
    ("create_account", "api_key"),
    ("rotate_api_key", "api_key"),
    ("create_personal_key", "key"),
    ("create_share", "token"),
];

/// A write of the document that takes a key.
struct Write {
    id: String,
    method: String,
    path: String,
}

fn writes() -> Vec<Write> {
    let document = flotilla_api::openapi::document().to_json().unwrap();
    let document: Value = serde_json::from_str(&document).unwrap();
    let mut writes = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap().to_owned();
            let parameters = operation["parameters"].as_array();
            let is_keyed = parameters.into_iter().flatten().any(|one| one["name"] == "Idempotency-Key");
            assert!(
                is_keyed || method != "post" || WITHOUT.contains(&id.as_str()),
                "{id} takes no Idempotency-Key: give it one, or say here why it needs none"
            );
            if is_keyed {
                writes.push(Write { id, method: method.to_uppercase(), path: path.clone() });
            }
        }
    }
    writes
}

enum Body {
    Nothing,
    Json(Value),
    File(&'static str, Vec<u8>),
}

/// What of one owner the writes are about.
struct Stage {
    owner: String,
    token: String,
    master: String,
    /// Follows the master.
    follower: String,
    /// Follows nobody, and has rules.
    spare: String,
    journal: String,
    subscription: String,
    /// Of strangers: one waits for approval, the other copies.
    strangers: [String; 2],
    copy: String,
    group: String,
    trade: String,
}

impl Stage {
    async fn of(app: &TestApp, person: &Person<'_>) -> Self {
        let made = person.open("m", "master").await;
        let master = made["id"].as_str().unwrap().to_owned();
        let (follower, spare) =
            (person.open_id("f", "follower").await, person.open_id("s", "follower").await);
        let journal = person.open_id("j", "none").await;
        person.judge(&spare, total()).await;
        let subscription = person.follow(&follower, &made).await;
        let rows = Rows::of(app, person).await;
        let copy = rows.copy(&master, &follower, "attention").await.to_string();
        let strangers = [stranger(app, &rows, &master).await, stranger(app, &rows, &master).await];
        let waits = "update master_followers set state = 'pending' where subscription_id";
        app.sql(&format!("{waits} = '{}'", strangers[0])).await;
        let trade = create(person, typed(&journal)).await["id"].as_str().unwrap().to_owned();
        let group = person.group("g").await.replace("/api/v1/groups/", "");
        let token = made["master_token"].as_str().unwrap().to_owned();
        let owner = person.id.clone();
        Self { owner, token, master, follower, spare, journal, subscription, strangers, copy, group, trade }
    }

    /// Where the write goes; `is_other`: not the same request.
    fn path(&self, write: &Write, is_other: bool) -> String {
        let account = match write.id.as_str() {
            "patch_account" | "approve_follower" | "remove_follower" => &self.master,
            "close_all" | "unfollow_master" => &self.follower,
            _ => &self.spare,
        };
        let subscription = match write.id.as_str() {
            "approve_follower" => &self.strangers[0],
            "remove_follower" => &self.strangers[1],
            _ => &self.subscription,
        };
        let path = write
            .path
            .replace("{account_id}", account)
            .replace("{subscription_id}", subscription)
            .replace("{copy_id}", &self.copy)
            .replace("{group_id}", &self.group)
            .replace("{trade_id}", &self.trade);
        match (write.id.as_str(), is_other) {
            ("import_trades", _) => format!("{path}?account_id={}&preset=topstepx", self.journal),
            ("unfollow_master", true) => format!("{path}?open_copies=close"),
            ("close_all" | "rotate_api_key" | "approve_follower" | "remove_follower", true) => {
                format!("{path}?again=1")
            }
            _ => path,
        }
    }

    /// What its owner could send; `is_other`: not the same request.
    fn body(&self, write: &str, is_other: bool) -> Body {
        let word = if is_other { "2" } else { "1" };
        Body::Json(match write {
            "create_account" => json!({ "name": word, "platform": "mt5", "copy_role": "none" }),
            "patch_account" => {
                json!({ "is_public": true, "slug": format!("m-{}", self.owner), "description": word })
            }
            "note_cash_flow" => json!({ "kind": "deposit", "amount": word }),
            "set_floor" => json!({ "rule_id": "total", "floor": "91000", "reason": word }),
            "begin_phase" => json!({ "rules": total(), "starting_balance": "100000", "reason": word }),
            "take_snapshot" => json!({ "balance": "100000", "equity": format!("9900{word}") }),
            "follow_master" => json!({ "master_token": self.token, "settings": { "reverse": is_other } }),
            "resolve_copy" => json!({ "action": if is_other { "close" } else { "leave" } }),
            "create_group" => json!({ "name": word }),
            "add_group_account" => {
                json!({ "account_id": if is_other { &self.follower } else { &self.spare } })
            }
            "stop_copying" => {
                json!({ "scope": "all", "action": if is_other { "resume" } else { "stop_new" } })
            }
            "create_personal_key" => {
                json!({ "name": word, "scopes": ["read"], "expires_in_days": 1, "password": PASSWORD })
            }
            "create_share" => link(&json!({ "name": word })),
            "create_trade" => with(typed(&self.journal), &json!({ "notes": word })),
            "add_screenshot" => {
                let byte = |&byte: &u8| if is_other && byte == b'.' { b'x' } else { byte };
                return Body::File("image/png", PNG.iter().map(byte).collect());
            }
            "import_trades" => {
                let name = if is_other { "MESZ6" } else { "MNQZ6" };
                return Body::File("text/csv", TOPSTEPX.replace("MNQZ6", name).into_bytes());
            }
            "close_all" | "rotate_api_key" | "approve_follower" | "remove_follower" | "unfollow_master" => {
                return Body::Nothing;
            }
            unknown => panic!("add the write {unknown} here, with a body that its owner could send"),
        })
    }
}

/// A follower of another owner, as the worker tells of it.
async fn stranger(app: &TestApp, rows: &Rows, master: &str) -> String {
    rows.foreign_follower(master, 0).await;
    let newest = "select subscription_id::text from master_followers order by updated_at desc limit 1";
    app.db.admin().await.query_one(newest, &[]).await.unwrap().get(0)
}

/// The write, with its own name as the key.
async fn send(person: &Person<'_>, stage: &Stage, write: &Write, is_other: bool) -> Answer {
    let request = person.request(&write.method, &stage.path(write, is_other));
    let request = request.header("idempotency-key", &write.id);
    let request = match stage.body(&write.id, is_other) {
        Body::Nothing => request,
        Body::Json(body) => request.json(&body),
        Body::File(kind, content) => request.header("content-type", kind).body(content),
    };
    person.app.send(request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn n86_every_write_that_takes_a_key_is_done_once() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let (adas, eves) = (Stage::of(&app, &ada).await, Stage::of(&app, &eve).await);
    let admin = app.db.admin().await;
    let writes = writes();

    for write in &writes {
        let id = write.id.as_str();
        let first = send(&ada, &adas, write, false).await;
        let after = everything_of(&admin, &ada).await;
        let again = send(&ada, &adas, write, false).await;
        let other = send(&ada, &adas, write, true).await;
        let hers = send(&eve, &eves, write, false).await;

        assert!((200..300).contains(&first.status), "{id}: {}", first.text);
        match SECRETS.iter().find(|(name, _)| *name == id) {
            None => assert_eq!((again.status, &again.text), (first.status, &first.text), "{id}"),
            Some((_, field)) => {
                assert_eq!(again.refusal(), (409, "already_done"), "{id}: {}", again.text);
                let made = &again.body["made"];
                let listed = ada.get(made["listed_at"].as_str().unwrap()).await.column("id");
                assert!(listed.iter().any(|listed| made["id"] == *listed), "{id}: {made}");
                let secret = first.body[field].as_str().unwrap();
                assert!(!after.contains(secret), "{id}: its secret is kept nowhere");
            }
        }
        let reused = [("Idempotency-Key".to_owned(), "reused".to_owned())];
        assert_eq!(other.invalid_fields(), reused, "{id}: {}", other.text);
        assert_eq!(everything_of(&admin, &ada).await, after, "{id} is done once");
        assert_eq!(hers.status, first.status, "{id}: keys are each owner's own: {}", hers.text);
    }

    assert!(writes.len() > 20, "{}", writes.len());
    // No EA speaks for it, so there is no secret to withhold.
    let paper = json!({ "name": "p", "platform": "paper", "copy_role": "follower" });
    let open = async || {
        let request = ada.request("POST", "/api/v1/accounts").header("idempotency-key", "paper");
        app.send(request.json(&paper)).await
    };
    let (first, again) = (open().await, open().await);
    assert_eq!((first.status, again.status), (201, 201), "{}", again.text);
    assert_eq!(first.text, again.text);
}
