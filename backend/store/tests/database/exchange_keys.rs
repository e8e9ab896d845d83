use flotilla_domain::account::AccountError;
use flotilla_domain::exchange_key::{
    ExchangeAccountType, ExchangeEnvironment, ExchangePositionMode, KeyFault, KeyPermission, KeyStatus,
};
use flotilla_domain::id::AccountId;
use flotilla_store::exchange_key_work::{self as work, Proof};
use flotilla_store::key_requests::{self, KeyAnswer, KeyTask};
use flotilla_store::{Db, Scope, StoreError, StoreResult, Tx, exchange_keys};
use serde_json::json;
use uuid::Uuid;

use crate::tenants::{Tenants, enter, own, session};

/// Two tenants, an account at the exchange each, and the pools of API and worker.
struct Vault {
    tenants: Tenants,
    app: Db,
    worker: Db,
    adas: AccountId,
    eves: AccountId,
}

impl Vault {
    async fn new() -> Self {
        let tenants = Tenants::new().await;
        let admin = tenants.db.admin().await;
        admin.batch_execute("update accounts set platform = 'bingx'").await.unwrap();
        let account = async |owner: Uuid| {
            let row =
                admin.query_one("select id from accounts where owner_id = $1", &[&owner]).await.unwrap();
            AccountId::from_uuid(row.get(0))
        };
        let (adas, eves) = (account(tenants.ada).await, account(tenants.eve).await);
        let app = Db::connect(&tenants.db.app_url, 2).unwrap();
        let worker = Db::connect_worker(&tenants.db.worker_url, 2).unwrap();
        Self { tenants, app, worker, adas, eves }
    }

    fn ada(&self) -> Scope {
        own(self.tenants.ada)
    }

    fn eve(&self) -> Scope {
        own(self.tenants.eve)
    }

    async fn offer(
        &self,
        scope: Scope,
        account: AccountId,
        environment: ExchangeEnvironment,
    ) -> Result<(), AccountError> {
        let offered = async move |tx: &mut Tx| {
            exchange_keys::offer(tx, (scope.owner, account), environment, b"sealed bytes").await
        };
        self.app.write::<_, StoreError, _>(scope, offered).await.unwrap()
    }

    async fn adopt(&self, account: AccountId, uid: &str) -> StoreResult<()> {
        let proof = proof(uid);
        self.worker.open(async |tx| work::adopt(tx, account, &proof).await).await
    }
}

fn proof(uid: &str) -> Proof {
    Proof {
        permissions: vec![KeyPermission::Read, KeyPermission::Perpetual],
        ip_restricted: true,
        uid: uid.to_owned(),
        account_type: ExchangeAccountType::Perpetual,
        position_mode: Some(ExchangePositionMode::Hedge),
        margin: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn n32_only_the_worker_reads_what_is_sealed() {
    let vault = Vault::new().await;
    vault.offer(vault.ada(), vault.adas, ExchangeEnvironment::Demo).await.unwrap();

    for url in [&vault.tenants.db.app_url, &vault.tenants.db.readonly_url] {
        let client = session(url).await;
        for column in ["sealed", "candidate", "uid", "k"] {
            client.batch_execute("begin").await.unwrap();
            enter(&client, vault.tenants.ada, vault.tenants.ada).await;
            let refused = client.query(&format!("select {column} from exchange_keys k"), &[]).await;
            assert_eq!(refused.expect_err(column).code().unwrap().code(), "42501", "{column}");
            client.batch_execute("rollback").await.unwrap();
        }
    }
    let client = session(&vault.tenants.db.app_url).await;
    client.batch_execute("begin").await.unwrap();
    enter(&client, vault.tenants.ada, vault.tenants.ada).await;
    let forged = client.execute("update exchange_keys set status = 'verified', sealed = ''", &[]).await;
    assert_eq!(forged.expect_err("forged").code().unwrap().code(), "42501");

    let account = vault.adas;
    let key = vault.worker.open(async |tx| work::find(tx, account).await).await.unwrap().unwrap();
    assert_eq!(key.candidate.as_deref(), Some(b"sealed bytes".as_slice()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_takes_its_place_when_it_is_proven_and_not_before() {
    let vault = Vault::new().await;
    let account = vault.adas;
    let owner = vault.ada().owner;
    let shown = async || {
        let find = async move |tx: &mut Tx| exchange_keys::find(tx, owner, account).await;
        vault.app.read::<_, StoreError, _>(vault.ada(), find).await.unwrap()
    };
    vault.offer(vault.ada(), account, ExchangeEnvironment::Demo).await.unwrap();
    assert_eq!(shown().await.unwrap().status, KeyStatus::Pending);

    vault.adopt(account, "10004821").await.unwrap();
    let key = shown().await.unwrap();
    assert_eq!((key.status, key.uid_hint.as_deref(), key.leverage), (KeyStatus::Verified, Some("…4821"), 5));
    assert!(key.trades());

    vault.offer(vault.ada(), account, ExchangeEnvironment::Demo).await.unwrap();
    assert!(shown().await.unwrap().is_replacing);
    let stored = vault.worker.open(async |tx| work::find(tx, account).await).await.unwrap().unwrap();
    assert_eq!((stored.generation, stored.offer), (1, 2));
    vault.worker.open(async |tx| work::reject(tx, account, 2).await).await.unwrap();
    let key = shown().await.unwrap();
    assert!(key.trades() && !key.is_replacing, "the old one stays");

    let again = vault.offer(vault.ada(), account, ExchangeEnvironment::Live).await;
    assert_eq!(again, Err(AccountError::EnvironmentFixed));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_key_that_is_refused_leaves_nothing() {
    let vault = Vault::new().await;
    let account = vault.adas;
    vault.offer(vault.ada(), account, ExchangeEnvironment::Live).await.unwrap();

    vault.worker.open(async |tx| work::reject(tx, account, 1).await).await.unwrap();

    assert!(vault.worker.open(async |tx| work::find(tx, account).await).await.unwrap().is_none());
    vault.offer(vault.ada(), account, ExchangeEnvironment::Demo).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_account_at_the_exchange_belongs_to_one_owner_in_both_environments() {
    let vault = Vault::new().await;
    vault.offer(vault.ada(), vault.adas, ExchangeEnvironment::Demo).await.unwrap();
    vault.offer(vault.eve(), vault.eves, ExchangeEnvironment::Demo).await.unwrap();
    vault.adopt(vault.adas, "10004821").await.unwrap();
    let is_taken =
        |refused: StoreResult<()>| refused.is_err_and(|error| error.is_constraint("exchange_keys_uid"));

    assert!(is_taken(vault.adopt(vault.eves, "10004821").await));
    let admin = vault.tenants.db.admin().await;
    admin.batch_execute("update exchange_keys set environment = 'live' where uid is null").await.unwrap();
    assert!(is_taken(vault.adopt(vault.eves, "10004821").await), "live is the same account");

    let add = "insert into accounts (owner_id, name, platform, copy_role) values ($1, 'live', 'bingx', 'follower') returning id";
    let second: Uuid = admin.query_one(add, &[&vault.tenants.ada]).await.unwrap().get(0);
    let second = AccountId::from_uuid(second);
    vault.offer(vault.ada(), second, ExchangeEnvironment::Live).await.unwrap();
    vault.adopt(second, "10004821").await.unwrap();
    vault.adopt(vault.eves, "10004822").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_suspends_and_silence_does_not() {
    let vault = Vault::new().await;
    let account = vault.adas;
    vault.offer(vault.ada(), account, ExchangeEnvironment::Demo).await.unwrap();
    vault.adopt(account, "10004821").await.unwrap();
    let noted = async |fault| {
        let note = async |tx: &mut Tx| work::note_fault(tx, account, (fault, Some("words"))).await;
        let turned = vault.worker.open(note).await.unwrap();
        let key = vault.worker.open(async |tx| work::find(tx, account).await).await.unwrap().unwrap();
        (turned, key.status, key.fault)
    };

    assert_eq!(noted(KeyFault::NoAnswer).await, (false, KeyStatus::Verified, Some(KeyFault::NoAnswer)));
    assert_eq!(noted(KeyFault::WrongKey).await, (true, KeyStatus::Failed, Some(KeyFault::WrongKey)));
    assert_eq!(noted(KeyFault::WrongKey).await, (false, KeyStatus::Failed, Some(KeyFault::WrongKey)));
    assert_eq!(noted(KeyFault::NoAnswer).await, (false, KeyStatus::Failed, Some(KeyFault::WrongKey)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_about_a_key_is_taken_once_and_answered() {
    let vault = Vault::new().await;
    let (scope, account) = (vault.ada(), vault.adas);
    let ask =
        async move |tx: &mut Tx| key_requests::insert(tx, scope, account, KeyTask::SetLeverage(7)).await;
    let id = vault.app.write::<_, StoreError, _>(scope, ask).await.unwrap();
    let take = async |busy: &[AccountId]| {
        let busy = busy.to_vec();
        vault.worker.open(async move |tx: &mut Tx| key_requests::take_next(tx, &busy).await).await.unwrap()
    };

    assert_eq!(take(&[account]).await, None, "something is done with this key");
    let task = take(&[]).await.unwrap();
    assert_eq!((task.id, task.task), (id, KeyTask::SetLeverage(7)));
    assert_eq!(take(&[]).await, None, "taken");
    let finish = async |tx: &mut Tx| {
        key_requests::finish(tx, id, Some(("refused", Some("too much"))), &json!({ "set": [] })).await
    };
    vault.worker.open(finish).await.unwrap();

    let owner = scope.owner;
    let answer = async move |tx: &mut Tx| key_requests::find_answer(tx, owner, id).await;
    let answer = vault.app.read::<_, StoreError, _>(scope, answer).await.unwrap();
    assert_eq!(answer, KeyAnswer::Failed { code: "refused".to_owned(), text: Some("too much".to_owned()) });
}
