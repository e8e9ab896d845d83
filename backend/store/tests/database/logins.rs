//! A login that ends while its token is exchanged ends with the next token.

use std::time::Duration;

use flotilla_domain::id::{LoginId, UserId};
use flotilla_store::refresh_tokens::{self, NewLogin, Rotation};
use flotilla_store::{Db, Tx, logins, users};
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::tenants::{Tenants, own};

#[derive(Debug, Clone, Copy)]
enum End {
    Password,
    One,
    SignOut,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_successor_that_is_not_committed_ends_with_its_login() {
    let tenants = Tenants::new().await;
    let (user, scope) = (UserId::from_uuid(tenants.ada), own(tenants.ada));
    let app = Db::connect(&tenants.db.app_url, 3).unwrap();
    for (end, number) in [(End::Password, 1), (End::One, 2), (End::SignOut, 3)] {
        let login = LoginId::from_uuid(Uuid::now_v7());
        let (first, second) = ([number; 32], [number + 100; 32]);
        let new = NewLogin { login, token: first, device: "Firefox on Linux".to_owned() };
        let begun = app.write(scope, async move |tx: &mut Tx| refresh_tokens::insert(tx, user, &new).await);
        begun.await.unwrap();
        let (exchanged, is_exchanged) = oneshot::channel();
        let rotating = app.write(scope, async move |tx: &mut Tx| {
            users::lock(tx, user).await?;
            let rotation = refresh_tokens::rotate(tx, &first, &second).await?;
            exchanged.send(()).unwrap();
            // Whoever did not wait would have ended the first token only by now.
            tokio::time::sleep(Duration::from_millis(100)).await;
            Ok::<_, flotilla_store::StoreError>(rotation)
        });
        let ending = async {
            is_exchanged.await.unwrap();
            let ended = app.write(scope, async move |tx: &mut Tx| match end {
                End::Password => {
                    users::set_password(tx, user, "another").await?;
                    refresh_tokens::end_all_logins(tx, user).await
                }
                End::One => logins::end(tx, user, login).await,
                End::SignOut => refresh_tokens::end_login_of(tx, user, &first).await.map(|_| ()),
            });
            ended.await
        };

        let (rotated, ended) = tokio::join!(rotating, ending);

        assert_eq!(rotated.unwrap(), Rotation::Exchanged(login), "{end:?}");
        ended.unwrap();
        let live = "select count(*) from refresh_tokens where revoked_at is null";
        let live: i64 = tenants.db.admin().await.query_one(live, &[]).await.unwrap().get(0);
        assert_eq!(live, 0, "{end:?}");
    }
}
