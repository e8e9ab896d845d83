use chrono::{DateTime, Utc};
use flotilla_domain::alert::{AlertKind, AlertLevels, Severity};
use flotilla_domain::id::AccountId;
use flotilla_store::alert_mails::{Unread, list_unread, take_turn};
use flotilla_store::alerts::{
    self, Alert, AlertFilter, NewAlert, count_unread, mark_all_read, mark_read, prune, raise, raise_all,
    resolve,
};
use flotilla_store::changes::ChangeKind;
use flotilla_store::outbox::{self, DueMail};
use flotilla_store::{Db, StoreError, Tx, alert_levels};
use serde_json::json;
use uuid::Uuid;

use crate::tenants::{Tenants, own, owner, session};

/// The inbox of two owners, as worker and as API.
struct Inbox {
    tenants: Tenants,
    worker: Db,
    app: Db,
}

impl Inbox {
    async fn new() -> Self {
        let tenants = Tenants::new().await;
        let worker = Db::connect(&tenants.db.worker_url, 2).unwrap();
        let app = Db::connect(&tenants.db.app_url, 2).unwrap();
        Self { tenants, worker, app }
    }

    fn refused(&self, key: &str) -> NewAlert {
        NewAlert {
            owner_id: owner(self.tenants.ada),
            kind: AlertKind::OpenRefused,
            account_id: None,
            copy_id: None,
            detail: json!({ "symbol": key }),
            dedupe_key: key.to_owned(),
        }
    }

    async fn raise(&self, new: &NewAlert) -> Uuid {
        let change = self.worker.open(async |tx| raise(tx, new).await).await.unwrap();
        assert_eq!((change.kind, change.owner), (ChangeKind::Alert, new.owner_id));
        change.id
    }

    async fn list(&self, who: Uuid, filter: AlertFilter) -> Vec<Alert> {
        let list = self.app.read(own(who), async |tx| alerts::list(tx, owner(who), filter, 10).await);
        list.await.unwrap()
    }

    async fn unread(&self, who: Uuid) -> i64 {
        self.app.read(own(who), async |tx| count_unread(tx, owner(who)).await).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fact_is_counted_while_unread_and_told_again_after() {
    let inbox = Inbox::new().await;
    let ada = inbox.tenants.ada;
    let new = inbox.refused("gold");

    let first = inbox.raise(&new).await;
    let again = inbox.raise(&NewAlert { detail: json!({ "symbol": "silver" }), ..new.clone() }).await;
    let counted = inbox.list(ada, AlertFilter::default()).await;
    let read =
        inbox.app.write(own(ada), async |tx| mark_read(tx, owner(ada), first.into()).await).await.unwrap();
    let later = inbox.raise(&new).await;

    assert_eq!(first, again);
    assert_eq!(counted.len(), 1);
    let [counted] = counted.try_into().unwrap();
    assert_eq!((counted.times_seen, counted.severity), (2, Severity::Warning));
    assert_eq!(counted.detail, json!({ "symbol": "silver" }));
    assert!(counted.last_at > counted.first_at && counted.read_at.is_none());
    assert!(read.read_at.is_some());
    assert_ne!(later, first);
    assert_eq!(inbox.unread(ada).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sees_reads_or_raises_in_another_inbox() {
    let inbox = Inbox::new().await;
    let (ada, eve) = (inbox.tenants.ada, inbox.tenants.eve);
    let id = inbox.raise(&inbox.refused("gold")).await;

    let marked = inbox.app.write(own(eve), async |tx| mark_read(tx, owner(ada), id.into()).await).await;
    let all = inbox.app.write(own(eve), async |tx| mark_all_read(tx, owner(ada), None).await).await;
    let raised = inbox.app.write(own(eve), async |tx| raise(tx, &inbox.refused("forged")).await).await;

    assert!(matches!(marked, Err(StoreError::NotFound(_))));
    assert_eq!(all.unwrap(), []);
    assert!(raised.is_err());
    assert_eq!(inbox.list(eve, AlertFilter::default()).await, []);
    assert_eq!((inbox.unread(ada).await, inbox.unread(eve).await), (1, 0));
    let app = session(&inbox.tenants.db.app_url).await;
    assert!(app.batch_execute("delete from alerts").await.is_err(), "the API keeps what it was told");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_after_the_owner_looked_stays_unread() {
    let inbox = Inbox::new().await;
    let ada = inbox.tenants.ada;
    let old = inbox.raise(&inbox.refused("old")).await;
    let looked: DateTime<Utc> = inbox.list(ada, AlertFilter::default()).await.first().unwrap().last_at;
    inbox.raise(&inbox.refused("new")).await;

    let read = inbox
        .app
        .write(own(ada), async |tx| mark_all_read(tx, owner(ada), Some(looked)).await)
        .await
        .unwrap();

    assert_eq!(read, [old.into()]);
    let left = inbox.list(ada, AlertFilter { unread_only: true, ..AlertFilter::default() }).await;
    assert_eq!(
        left.iter().map(|alert| alert.detail.clone()).collect::<Vec<_>>(),
        [json!({ "symbol": "new" })]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_condition_that_ended_says_so_and_lasts_until_read() {
    let inbox = Inbox::new().await;
    let ada = inbox.tenants.ada;
    let account = AccountId::from_uuid(Uuid::now_v7());
    let offline =
        NewAlert { kind: AlertKind::FollowerOffline, account_id: Some(account), ..inbox.refused("gone") };
    inbox.raise(&offline).await;

    let ended = inbox.worker.open(async |tx| resolve(tx, AlertKind::FollowerOffline, account).await).await;
    let resolved = inbox.list(ada, AlertFilter::default()).await;
    inbox.raise(&offline).await;
    let lasting = inbox.list(ada, AlertFilter::default()).await;
    inbox.raise(&offline).await;
    let counted = inbox.list(ada, AlertFilter::default()).await;

    assert_eq!(ended.unwrap().len(), 1);
    assert!(resolved.iter().all(|alert| alert.resolved_at.is_some() && alert.read_at.is_none()));
    assert!(lasting.iter().all(|alert| alert.resolved_at.is_none() && alert.times_seen == 2));
    let is_news = |alerts: &[Alert]| alerts.iter().map(Alert::is_news).collect::<Vec<_>>();
    assert_eq!(
        [is_news(&resolved), is_news(&lasting), is_news(&counted)],
        [[false], [true], [false]],
        "what comes back is news once"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_meet_without_gap_or_overlap_and_filters_hold() {
    let inbox = Inbox::new().await;
    let ada = inbox.tenants.ada;
    // One transaction: the times are equal, only the ids tell them apart.
    let many = ["a", "b", "c", "d", "d"].map(|key| inbox.refused(key)).to_vec();
    let many = inbox.worker.open(async move |tx| raise_all(tx, &many).await).await.unwrap();
    inbox.raise(&NewAlert { kind: AlertKind::StopOut, ..inbox.refused("e") }).await;

    let mut seen = Vec::new();
    let mut filter = AlertFilter::default();
    loop {
        let page =
            inbox.app.read(own(ada), async |tx| alerts::list(tx, owner(ada), filter, 2).await).await.unwrap();
        let Some(last) = page.last() else { break };
        filter.after = Some((last.last_at, last.id));
        seen.extend(page.into_iter().map(|alert| alert.id));
    }

    assert_eq!(many.len(), 4);
    assert_eq!(seen.len(), 5);
    let mut unique = seen.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), 5);
    let twice = inbox.list(ada, AlertFilter::default()).await;
    assert_eq!(twice.iter().map(|alert| alert.times_seen).max(), Some(2));
    let stop_outs = AlertFilter { kind: Some(AlertKind::StopOut), ..AlertFilter::default() };
    assert_eq!(inbox.list(ada, stop_outs).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_terminal_says_never_stops_the_transaction_that_tells_it() {
    let inbox = Inbox::new().await;
    let words = format!("no\u{0} money\r{}", "x".repeat(70_000));

    inbox.raise(&NewAlert { detail: json!({ "words": words }), ..inbox.refused("odd") }).await;
    inbox.raise(&NewAlert { detail: json!(["no", "names"]), ..inbox.refused("list") }).await;

    let stored = inbox.list(inbox.tenants.ada, AlertFilter::default()).await;
    let [list, odd] = stored.try_into().unwrap();
    assert_eq!(list.detail, json!({}));
    let words = odd.detail["words"].as_str().unwrap();
    assert!(words.starts_with("no money") && words.len() <= 300, "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn old_alerts_are_forgotten_read_ones_sooner() {
    let inbox = Inbox::new().await;
    let ada = inbox.tenants.ada;
    for (key, seen, read) in [
        ("read long ago", 40, Some(31)),
        ("read", 40, Some(29)),
        ("unread", 170, None),
        ("ancient", 181, None),
    ] {
        let id = inbox.raise(&inbox.refused(key)).await;
        let read = read.map_or("null".to_owned(), |days| format!("now() - interval '{days} days'"));
        let sql = format!(
            "update alerts set first_at = now() - interval '{seen} days', last_at = now() - interval '{seen} days',
                read_at = {read} where id = '{id}'"
        );
        inbox.tenants.db.admin().await.batch_execute(&sql).await.unwrap();
    }

    let forgotten = inbox.worker.open(prune).await.unwrap();

    assert_eq!(forgotten, 2);
    let left = inbox.list(ada, AlertFilter::default()).await;
    let left: Vec<_> = left.iter().map(|alert| alert.detail["symbol"].as_str().unwrap()).collect();
    assert_eq!(left, ["read", "unread"]);
}

/// What a mail names, or nothing if it is too soon for one.
async fn turn(inbox: &Inbox, mail: &DueMail) -> Option<Unread> {
    let (id, user) = (mail.id, mail.user.unwrap());
    let turn = inbox.worker.open(async |tx: &mut Tx| {
        let is_now = take_turn(tx, id, user).await?;
        Ok::<_, StoreError>(if is_now { Some(list_unread(tx, id, 1).await?) } else { None })
    });
    turn.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_mail_names_what_is_urgent_and_unread_and_the_next_waits() {
    let inbox = Inbox::new().await;
    let (ada, eve) = (inbox.tenants.ada, inbox.tenants.eve);
    let admin = inbox.tenants.db.admin().await;
    let waiting = async || -> i64 {
        let count = "select count(*) from outbox where kind = 'alerts' and sent_at is null";
        admin.query_one(count, &[]).await.unwrap().get(0)
    };
    let claim = async || inbox.worker.open(async |tx| outbox::claim(tx, 60).await).await.unwrap();
    admin.execute("update users set email_verified = true where id = $1", &[&ada]).await.unwrap();
    let critical = NewAlert { kind: AlertKind::LineLost, ..inbox.refused("critical") };

    inbox.raise(&inbox.refused("below the level")).await;
    inbox.raise(&NewAlert { owner_id: owner(eve), ..critical.clone() }).await;
    assert_eq!(waiting().await, 0, "not urgent enough; no proven address");
    let lost = inbox.raise(&critical).await;
    inbox.raise(&critical).await;
    assert_eq!(waiting().await, 1, "counted up is not told again");
    let levels = AlertLevels { mail: Some(Severity::Warning), ..AlertLevels::default() };
    let set = inbox.app.write(own(ada), async |tx| alert_levels::save(tx, owner(ada), levels).await);
    set.await.unwrap();
    let several = [inbox.refused("gold"), inbox.refused("silver")];
    // The API raises too, and sees no mail.
    inbox.app.write(own(ada), async |tx| raise_all(tx, &several).await).await.unwrap();
    assert_eq!(waiting().await, 2);

    let mail = claim().await.unwrap();
    let unread = turn(&inbox, &mail).await.unwrap();
    assert_eq!(
        (unread.total, waiting().await),
        (3, 1),
        "what was raised before a mail was wanted is not new"
    );
    assert_eq!(unread.alerts.iter().map(|alert| alert.kind).collect::<Vec<_>>(), [AlertKind::LineLost]);
    inbox.app.write(own(ada), async |tx| mark_read(tx, owner(ada), lost.into()).await).await.unwrap();
    let unread = turn(&inbox, &mail).await.unwrap();
    assert_eq!((unread.total, unread.alerts.first().unwrap().kind), (2, AlertKind::OpenRefused));
    inbox.worker.open(async |tx| outbox::mark_sent(tx, mail.id).await).await.unwrap();

    for number in 0..100 {
        inbox.raise(&inbox.refused(&format!("flood {number}"))).await;
    }
    let next = claim().await.unwrap();
    assert_eq!(turn(&inbox, &next).await, None);
    assert_eq!((waiting().await, claim().await), (1, None), "one mail waits for all");
    let ten_minutes = "update outbox set due_at = now(), sent_at = sent_at - interval '10 minutes'";
    admin.execute(ten_minutes, &[]).await.unwrap();
    let next = claim().await.unwrap();
    assert_eq!(turn(&inbox, &next).await.unwrap().total, 100, "those of the first mail are not named again");
    inbox.app.write(own(ada), async |tx| mark_all_read(tx, owner(ada), None).await).await.unwrap();
    assert_eq!(turn(&inbox, &next).await, Some(Unread { alerts: Vec::new(), total: 0 }));
}
