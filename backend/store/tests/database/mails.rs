//! Links in mails end with what they were for, whoever makes one at that moment.

use std::time::Duration;

use flotilla_domain::id::UserId;
use flotilla_domain::mail::MailKind;
use flotilla_store::outbox::DueMail;
use flotilla_store::{Db, Tx, mail_tokens, outbox};
use tokio::sync::oneshot;

use crate::tenants::{Tenants, own};

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_is_being_made_is_ended_as_well() {
    let tenants = Tenants::new().await;
    let user = UserId::from_uuid(tenants.ada);
    let worker = Db::connect_worker(&tenants.db.worker_url, 1).unwrap();
    let app = Db::connect(&tenants.db.app_url, 1).unwrap();
    let (locked, is_locked) = oneshot::channel();
    let making = worker.open(async move |tx: &mut Tx| {
        mail_tokens::lock(tx, user).await?;
        locked.send(()).unwrap();
        // Whoever did not wait would have ended nothing by now.
        tokio::time::sleep(Duration::from_millis(100)).await;
        mail_tokens::insert(tx, user, MailKind::ConfirmEmail, "mallory@example.test", &[1; 32]).await
    });
    let ending = async {
        is_locked.await.unwrap();
        app.write(own(tenants.ada), async move |tx: &mut Tx| mail_tokens::end_all(tx, user).await).await
    };

    let (made, ended) = tokio::join!(making, ending);

    made.unwrap();
    ended.unwrap();
    let left = "select count(*) from mail_tokens";
    assert_eq!(tenants.db.admin().await.query_one(left, &[]).await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_is_overtaken_by_what_the_same_user_does_later() {
    let tenants = Tenants::new().await;
    let app = Db::connect(&tenants.db.app_url, 1).unwrap();
    let worker = Db::connect_worker(&tenants.db.worker_url, 1).unwrap();
    let add = async |user, kind| {
        let user = UserId::from_uuid(user);
        let added = app.write(own(user.uuid()), async move |tx: &mut Tx| {
            outbox::add(tx, user, kind, "somebody@example.test").await
        });
        added.await.unwrap();
    };
    let is_overtaken = async |mail: &DueMail| {
        let mail = mail.clone();
        worker.open(async move |tx: &mut Tx| outbox::is_overtaken(tx, &mail).await).await.unwrap()
    };
    let claim = async || worker.open(async move |tx: &mut Tx| outbox::claim(tx, 60).await).await.unwrap();

    for later in [MailKind::ConfirmEmail, MailKind::EmailChanged, MailKind::PasswordChanged] {
        add(tenants.ada, MailKind::PasswordChanged).await;
        claim().await.unwrap();
        add(tenants.ada, MailKind::ConfirmEmail).await;
        let wish = claim().await.unwrap();
        assert_eq!(wish.kind, MailKind::ConfirmEmail);
        for (user, kind) in [(tenants.ada, MailKind::VerifyEmail), (tenants.eve, later)] {
            add(user, kind).await;
            claim().await.unwrap();
        }
        assert!(!is_overtaken(&wish).await, "by nothing that was there before, or is somebody else's");

        add(tenants.ada, later).await;

        assert!(is_overtaken(&wish).await, "{later}");
        let last = claim().await.unwrap();
        assert_eq!((last.kind, is_overtaken(&last).await), (later, false));
    }
}
