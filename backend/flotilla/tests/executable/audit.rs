//! N83 and N84: who may change the audit trail, and what `audit verify` says when somebody did.

use std::fs;

use crate::support::{Answer, Folder, answer, flotilla};
use flotilla_domain::audit::{AuditEntry, FIRST_PREV_HASH, next_hash};
use flotilla_domain::id::OwnerId;
use flotilla_testkit::db::TestDb;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, NoTls};
use uuid::Uuid;

/// Rows of each chain.
const LENGTH: i64 = 5;

/// A database with two owners' chains, and all power over it.
struct Trail {
    db: TestDb,
    admin: Client,
    owner: OwnerId,
}

impl Trail {
    async fn new() -> Self {
        let db = TestDb::new().await;
        let admin = db.admin().await;
        let (owner, other) = (Uuid::now_v7().into(), Uuid::now_v7().into());
        for owner in [owner, other] {
            write_chain(&admin, owner).await;
        }
        Self { db, admin, owner }
    }

    /// Runs SQL in which `$o` stands for the owner, as a superuser.
    async fn tamper(&self, sql: &str) {
        let sql = sql.replace("$o", &format!("'{}'", self.owner));
        self.admin.batch_execute(&sql).await.unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Answer {
        answer(flotilla(arguments).env("FLOTILLA_WORKER_DATABASE_URL", &self.db.worker_url).envs([
            ("FLOTILLA_APP_DATABASE_URL", &self.db.app_url),
            ("FLOTILLA_READONLY_DATABASE_URL", &self.db.readonly_url),
        ]))
    }

    /// The line `verify` must print about this owner after a change.
    fn assert_named(&self, verdict: &Answer, row: i64, fault: &str) {
        let line = format!("owner {}, row {row}: {fault}", self.owner);
        assert!(!verdict.success && verdict.out.contains(&line), "{}{}", verdict.out, verdict.err);
        assert!(verdict.out.contains("1 of 2 chains"), "{}", verdict.out);
    }
}

async fn write_chain(admin: &Client, owner: OwnerId) {
    let mut prev = FIRST_PREV_HASH;
    for seq in 1..=LENGTH {
        let mut entry = AuditEntry {
            owner_id: owner,
            seq,
            at: chrono::DateTime::from_timestamp_micros(1_790_000_000_123_456 + seq).unwrap(),
            actor_id: (seq != 2).then(|| owner.into()),
            action: "account_renamed".to_owned(),
            target_kind: (seq != 3).then(|| "account".to_owned()),
            target_id: (seq != 3).then(Uuid::now_v7),
            detail: format!(r#"{{"name":"ทอง {seq}"}}"#),
            prev_hash: prev,
        };
        let hash = next_hash(prev, &mut entry);
        let at = std::time::SystemTime::from(entry.at);
        let insert = "insert into audit (owner_id, seq, at, actor_id, action, target_kind, target_id, detail, prev_hash, hash)
            values ($1::text::uuid, $2, $3, $4::text::uuid, $5, $6, $7::text::uuid, $8, $9, $10)";
        admin
            .execute(
                insert,
                &[
                    &owner.to_string(),
                    &seq,
                    &at,
                    &entry.actor_id.map(|id| id.to_string()),
                    &entry.action,
                    &entry.target_kind,
                    &entry.target_id.map(|id| id.to_string()),
                    &entry.detail,
                    &entry.prev_hash.as_slice(),
                    &hash.as_slice(),
                ],
            )
            .await
            .unwrap();
        prev = hash;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn intact_chains_verify() {
    let trail = Trail::new().await;

    let verdict = trail.run(&["audit", "verify"]);

    assert!(verdict.success, "{}{}", verdict.out, verdict.err);
    assert_eq!(verdict.out, "2 chains with 10 rows are intact\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn n83_an_edited_row_is_named() {
    let trail = Trail::new().await;

    trail.tamper(r#"update audit set detail = '{"name":"other"}' where owner_id = $o and seq = 3"#).await;

    trail.assert_named(&trail.run(&["audit", "verify"]), 3, "content was changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn n83_a_removed_row_is_named() {
    let trail = Trail::new().await;

    trail.tamper("delete from audit where owner_id = $o and seq = 2").await;

    trail.assert_named(&trail.run(&["audit", "verify"]), 2, "missing");
}

#[tokio::test(flavor = "multi_thread")]
async fn n83_reordered_rows_are_named() {
    let trail = Trail::new().await;

    trail
        .tamper(
            "update audit set seq = 100 where owner_id = $o and seq = 2;
             update audit set seq = 2 where owner_id = $o and seq = 3;
             update audit set seq = 3 where owner_id = $o and seq = 100",
        )
        .await;

    trail.assert_named(&trail.run(&["audit", "verify"]), 2, "content was changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn n83_a_cut_tail_is_named_against_noted_heads() {
    let trail = Trail::new().await;
    let folder = Folder::new("heads");
    let file = folder.file("heads");
    let noted = trail.run(&["audit", "heads"]);
    fs::write(&file, &noted.out).unwrap();
    let verify = ["audit", "verify", "--heads", file.to_str().unwrap()];
    assert!(trail.run(&verify).success);

    trail.tamper("delete from audit where owner_id = $o and seq >= 4").await;
    let cut = trail.run(&verify);
    trail.tamper("delete from audit where owner_id = $o").await;
    let gone = trail.run(&verify);

    trail.assert_named(&cut, 4, "cut off");
    trail.assert_named(&gone, 1, "cut off");
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_of_a_changed_chain_are_not_vouched_for() {
    let trail = Trail::new().await;

    trail.tamper("update audit set action = 'nothing' where owner_id = $o and seq = 1").await;
    let refused = trail.run(&["audit", "heads"]);

    assert!(!refused.success);
    assert!(refused.err.contains("is not intact"), "{}", refused.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn n84_the_roles_of_the_servers_cannot_change_the_trail() {
    let trail = Trail::new().await;
    let changes = [
        "update audit set action = 'nothing'",
        "delete from audit",
        "truncate audit",
        "drop table audit",
        "alter table audit disable row level security",
        "create policy mine on audit using (true)",
        "set role flotilla_owner",
    ];

    for url in [&trail.db.app_url, &trail.db.worker_url, &trail.db.readonly_url] {
        let role = connect(url).await;
        role.batch_execute(&format!("set flotilla.owner = '{}'", trail.owner)).await.unwrap();
        for change in changes {
            let refused = role.batch_execute(change).await.unwrap_err();
            assert_eq!(refused.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE), "{change}: {refused}");
        }
    }
    assert!(trail.run(&["audit", "verify"]).success);
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}
