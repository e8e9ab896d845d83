//! Many trades: every order, filter and figure of the journal goes by an index.

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::sql_types::BigInt;
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, GroupId, TradeId};
use flotilla_domain::import::Mark;
use flotilla_domain::trade::picture::Picture;
use flotilla_domain::trade::{Direction, Trade, TradeSource, TradeStatus};
use flotilla_store::screenshots::{self, NoRoom};
use flotilla_store::trades::imports::{self, Found};
use flotilla_store::trades::{self, SortKey, TradeFilter, TradeOrder, TradeResult, edit};
use flotilla_store::{Db, StoreError, StoreResult, Tx, groups, portfolio, stats};
use rust_decimal::Decimal;
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::tenants::{Tenants, own, owner};

/// Trades of one owner, and a tenth of them of each of nine others.
async fn fill(tenants: &Tenants, trades: i64) {
    let admin = tenants.db.admin().await;
    for tenant in 0..9 {
        let sql = format!(
            "with u as (insert into users (email, name, password_hash) values ('t{tenant}@example.test', 't', 'x') returning id)
             insert into accounts (owner_id, name, platform, copy_role) select id, 't', 'mt5', 'none' from u"
        );
        admin.batch_execute(&sql).await.unwrap();
    }
    let sql = format!(
        "insert into accounts (owner_id, name, platform, copy_role, starting_balance) values ('{ada}', 'second', 'mt5', 'none', 10000);
         insert into trades (owner_id, account_id, source, symbol, direction, quantity, entry_price, exit_price,
            stop_loss, entry_at, exit_at, pnl, pnl_source, status, tags, external_id)
         select a.owner_id, a.id, 'ea', (array['XAUUSD', 'EURUSD', 'BTC-USDT', 'MNQZ6'])[1 + n % 4],
            case when n % 3 = 0 then 'SHORT' else 'LONG' end, 0.1, 2000 + n % 50, 2000 + n % 61, 1990,
            now() - n * interval '1 minute', case when n % 1000 = 0 then null else now() - (n - 1) * interval '1 minute' end,
            case when n % 1000 = 0 then null else (n % 401) - 200 end, 'broker',
            case when n % 1000 = 0 then 'open' else 'closed' end,
            case when n % 5000 = 4999 then array['rare'] else '{{}}' end, n::text
         from accounts a
         cross join lateral generate_series(1, case when a.owner_id = '{ada}' then {trades} / 2 else {trades} / 10 end) as n;
         analyze",
        ada = tenants.ada
    );
    admin.batch_execute(&sql).await.unwrap();
    // An index answers alone only for pages of which all rows are known to be seen by everybody.
    admin.batch_execute("vacuum analyze trades, trade_tags").await.unwrap();
}

/// Every list a person may ask for.
fn asked(accounts: &[AccountId], since: DateTime<Utc>) -> Vec<(&'static str, TradeFilter, SortKey, bool)> {
    let all = TradeFilter::default;
    let of_account = || TradeFilter { accounts: Some(accounts.iter().take(1).copied().collect()), ..all() };
    // As whoever asks for what statistics count: every account by its name.
    let counted = TradeFilter { accounts: Some(accounts.to_vec()), ..all() };
    vec![
        ("newest", all(), SortKey::Entry, true),
        ("oldest", all(), SortKey::Entry, false),
        ("last exit", all(), SortKey::Exit, true),
        ("first exit", all(), SortKey::Exit, false),
        ("best", all(), SortKey::Pnl, true),
        ("worst", all(), SortKey::Pnl, false),
        ("by symbol", all(), SortKey::Symbol, false),
        ("account", of_account(), SortKey::Entry, true),
        ("symbol", TradeFilter { symbol: Some("XAUUSD".to_owned()), ..all() }, SortKey::Entry, true),
        ("tag", TradeFilter { tag: Some("rare".to_owned()), ..all() }, SortKey::Entry, true),
        ("open", TradeFilter { status: Some(TradeStatus::Open), ..all() }, SortKey::Exit, true),
        ("wins", TradeFilter { result: Some(TradeResult::Win), ..all() }, SortKey::Pnl, true),
        ("short", TradeFilter { direction: Some(Direction::Short), ..all() }, SortKey::Entry, true),
        ("day", TradeFilter { closed_from: Some(since), ..all() }, SortKey::Exit, true),
        ("until a day", TradeFilter { closed_to: Some(since), ..all() }, SortKey::Exit, true),
        ("counted", counted, SortKey::Entry, true),
        ("export", TradeFilter { from: Some(since), ..all() }, SortKey::Entry, false),
        ("source", TradeFilter { source: Some(TradeSource::Ea), ..of_account() }, SortKey::Exit, true),
    ]
}

/// Parts whose figures a person may ask for: accounts are named as the API names them. Whoever owns half of all trades
/// and asks for most of his is answered by the table itself, which is the shorter way; see [`of_all`].
fn figured(accounts: &[AccountId], group: GroupId, since: DateTime<Utc>) -> Vec<(&'static str, TradeFilter)> {
    let all = || TradeFilter { accounts: Some(accounts.to_vec()), ..TradeFilter::default() };
    vec![
        ("group, after many", TradeFilter { group: Some(group), from: Some(since), ..all() }),
        ("tag", TradeFilter { tag: Some("rare".to_owned()), ..all() }),
        ("symbol", TradeFilter { symbol: Some("XAUUSD".to_owned()), ..all() }),
    ]
}

/// All trades of somebody who is one among many.
fn of_all(accounts: &[AccountId], since: DateTime<Utc>) -> Vec<(&'static str, TradeFilter)> {
    let all = || TradeFilter { accounts: Some(accounts.to_vec()), ..TradeFilter::default() };
    vec![("all", all()), ("all, after many", TradeFilter { from: Some(since), ..all() })]
}

#[derive(QueryableByName)]
struct Scans {
    #[diesel(sql_type = BigInt)]
    scans: i64,
}

/// Scans of all trades that this transaction made.
async fn scans_of(tx: &mut Tx) -> StoreResult<i64> {
    let sql = "select coalesce(sum(seq_scan), 0)::bigint as scans from pg_stat_xact_user_tables
        where relname = 'trades'";
    let found: Scans = sql_query(sql).get_result(tx).await?;
    Ok(found.scans)
}

#[derive(QueryableByName)]
struct Probes {
    #[diesel(sql_type = BigInt)]
    probes: i64,
}

/// Searches in indexes of trades so far, as far as this session did not report them yet.
async fn probes_of(tx: &mut Tx) -> StoreResult<i64> {
    let sql = "select coalesce(sum(idx_scan), 0)::bigint as probes from pg_stat_xact_user_tables
        where relname = 'trades'";
    let found: Probes = sql_query(sql).get_result(tx).await?;
    Ok(found.probes)
}

async fn symbols_are_stepped_through(db: &Db, tenant: Uuid) {
    let (symbols, probes, scans) = db
        .read(own(tenant), async move |tx: &mut Tx| {
            let before = probes_of(tx).await?;
            let symbols = trades::list_symbols(tx, owner(tenant), 3).await?;
            Ok::<_, StoreError>((symbols, probes_of(tx).await? - before, scans_of(tx).await?))
        })
        .await
        .unwrap();
    assert_eq!(symbols, ["EURUSD", "BTC-USDT", "MNQZ6"], "the last entered first, no more than asked for");
    // One for each of four symbols, and one that finds no more.
    assert!((5..=9).contains(&probes), "{probes}");
    assert_eq!(scans, 0);
}

async fn no_figure_scans(db: &Db, tenant: Uuid, figured: Vec<(&'static str, TradeFilter)>) {
    let whose = owner(tenant);
    for (name, filter) in figured {
        let (seen, scans) = db
            .read(own(tenant), async move |tx: &mut Tx| {
                let mut seen = 0;
                stats::visit(tx, whose, &filter, |_| {
                    seen += 1;
                    Ok::<_, StoreError>(())
                })
                .await?;
                stats::sum_before(tx, whose, &filter).await?;
                stats::count_open(tx, whose, &filter).await?;
                Ok::<_, StoreError>((seen, scans_of(tx).await?))
            })
            .await
            .unwrap();
        assert!(seen > 0, "{name}");
        assert_eq!(scans, 0, "{name}");
    }
    let scans = db
        .read(own(tenant), async move |tx: &mut Tx| {
            portfolio::list(tx, whose).await?;
            let accounts = stats::standings(tx, whose, &TradeFilter::default()).await?;
            stats::with_money(tx, whose, accounts).await?;
            scans_of(tx).await
        })
        .await
        .unwrap();
    assert_eq!(scans, 0, "headline figures");
}

/// As many rows of a file as are asked about at once, alike but for their prints.
fn rows_like(trade: &Trade) -> (Vec<Found>, Vec<String>) {
    let row = |nth: u32| {
        let mark = Mark { print: format!("row {nth}"), nth, nth_of_number: nth, exported: Some(trade.id) };
        let id = TradeId::from_uuid(Uuid::now_v7());
        Found { trade: Trade { id, ..trade.clone() }, mark }
    };
    let found: Vec<Found> = (0..500).map(row).collect();
    let prints = found.iter().map(|one| one.mark.print.clone()).collect();
    (found, prints)
}

async fn newest(tx: &mut Tx, tenant: Uuid, account: AccountId) -> StoreResult<Trade> {
    let filter = TradeFilter { accounts: Some(vec![account]), ..TradeFilter::default() };
    let order = TradeOrder { by: SortKey::Entry, is_descending: true, after: None };
    Ok(trades::list(tx, owner(tenant), &filter, &order, 1).await?.remove(0).0)
}

/// What is asked about the rows of a file, also without what an import begins with.
async fn no_import_scans(db: &Db, tenant: Uuid, account: AccountId) {
    let place = (owner(tenant), account);
    let (known, scans) = db
        .write(own(tenant), async move |tx: &mut Tx| {
            let trade = newest(tx, tenant, account).await?;
            let (found, prints) = rows_like(&trade);
            let known = found.len() - imports::unknown(tx, place, found.clone()).await?.len();
            imports::renumbered(tx, place, found.clone(), &prints).await?;
            imports::continued(tx, place, found, &prints).await?;
            Ok::<_, StoreError>((known, scans_of(tx).await?))
        })
        .await
        .unwrap();
    assert_eq!((known, scans), (500, 0), "it was exported of one that is there");
}

async fn accounts_of(tenants: &Tenants, tenant: Uuid) -> Vec<AccountId> {
    let sql = "select id from accounts where owner_id = $1::text::uuid order by id";
    let rows = tenants.db.admin().await.query(sql, &[&tenant.to_string()]).await.unwrap();
    rows.iter().map(|row| row.get::<_, Uuid>(0).into()).collect()
}

/// Somebody who has a small part of all trades, and the accounts they are in.
async fn one_of_many(tenants: &Tenants) -> (Uuid, Vec<AccountId>) {
    let sql = "select owner_id from accounts where name = 't' order by id limit 1";
    let tenant = tenants.db.admin().await.query_one(sql, &[]).await.unwrap().get(0);
    (tenant, accounts_of(tenants, tenant).await)
}

/// A group of one account.
async fn group_of(db: &Db, tenant: Uuid, account: AccountId) -> GroupId {
    db.write(own(tenant), async move |tx: &mut Tx| {
        let group = groups::insert(tx, owner(tenant), "Funded", "USD").await?.expect("a free name");
        groups::add(tx, owner(tenant), group, account).await?;
        Ok::<_, StoreError>(group)
    })
    .await
    .unwrap()
}

/// Scans of all trades so far, once the statistics of closed sessions arrived.
async fn scans(tenants: &Tenants) -> i64 {
    let admin = tenants.db.admin().await;
    let sql = "select coalesce(seq_scan, 0) from pg_stat_user_tables where relname = 'trades'";
    let mut last = -1;
    loop {
        admin.batch_execute("select pg_stat_clear_snapshot()").await.unwrap();
        let now: i64 = admin.query_one(sql, &[]).await.unwrap().get(0);
        if now == last {
            return now;
        }
        last = now;
        tokio::time::sleep(Duration::from_millis(1_200)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_list_and_no_figure_reads_all_trades() {
    let tenants = Tenants::new().await;
    fill(&tenants, 60_000).await;
    let accounts = accounts_of(&tenants, tenants.ada).await;
    let account = accounts[0].uuid();
    let sql =
        "select to_char((now() - interval '5 hours') at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')";
    let shown: String = tenants.db.admin().await.query_one(sql, &[]).await.unwrap().get(0);
    let five_hours_ago = shown.parse().unwrap();
    let db = Db::connect(&tenants.db.app_url, 1).unwrap();
    let group = group_of(&db, tenants.ada, accounts[0]).await;
    drop(db);
    let (one_of_many, theirs) = one_of_many(&tenants).await;
    let before = scans(&tenants).await;

    {
        let db = Db::connect(&tenants.db.app_url, 1).unwrap();
        let ada = owner(tenants.ada);
        for (name, filter, by, is_descending) in asked(&accounts, five_hours_ago) {
            let (first, second) = db
                .read(own(tenants.ada), async move |tx: &mut Tx| {
                    let order = TradeOrder { by, is_descending, after: None };
                    let first = trades::list(tx, ada, &filter, &order, 10).await?;
                    let after = first.last().map(|(_, place)| place.clone());
                    let second = trades::list(tx, ada, &filter, &TradeOrder { after, ..order }, 10).await?;
                    Ok::<_, StoreError>((first, second))
                })
                .await
                .unwrap();
            let ids = |page: &[(Trade, trades::Place)]| {
                page.iter().map(|(trade, _)| trade.id).collect::<Vec<TradeId>>()
            };
            assert!(!first.is_empty(), "{name}");
            assert!(ids(&first).iter().all(|id| !ids(&second).contains(id)), "{name}: pages do not overlap");
        }
        let recent = TradeFilter {
            accounts: Some(vec![account.into()]),
            from: Some(five_hours_ago),
            ..TradeFilter::default()
        };
        let mut seen = 0;
        db.read(own(tenants.ada), async |tx: &mut Tx| {
            stats::visit(tx, ada, &recent, |_| {
                seen += 1;
                Ok::<_, StoreError>(())
            })
            .await?;
            let firsts = stats::first_entries(tx, ada, &[account.into()]).await?;
            assert_eq!(firsts.len(), 1);
            stats::count_open(tx, ada, &recent).await
        })
        .await
        .unwrap();
        assert!((250..=301).contains(&seen), "{seen}");
        symbols_are_stepped_through(&db, tenants.ada).await;
        no_import_scans(&db, tenants.ada, accounts[0]).await;
        no_figure_scans(&db, tenants.ada, figured(&accounts, group, five_hours_ago)).await;
        no_figure_scans(&db, one_of_many, of_all(&theirs, five_hours_ago)).await;
    }

    assert_eq!(scans(&tenants).await, before);
}

/// Rows of trades that this transaction has read so far.
async fn read_of(tx: &mut Tx) -> StoreResult<i64> {
    let sql = "select coalesce(sum(idx_tup_fetch + seq_tup_read), 0)::bigint as probes
        from pg_stat_xact_user_tables where relname = 'trades'";
    let found: Probes = sql_query(sql).get_result(tx).await?;
    Ok(found.probes)
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_a_file_are_not_compared_with_all_before_them() {
    let tenants = Tenants::new().await;
    let account = accounts_of(&tenants, tenants.ada).await[0];
    let (ada, place) = (tenants.ada, (owner(tenants.ada), account));
    let db = Db::connect(&tenants.db.app_url, 1).unwrap();
    // Of one number, one symbol and one instant, and nobody has counted them.
    let before = format!(
        "insert into trades (id, owner_id, account_id, source, symbol, direction, quantity, entry_at, status,
            external_id, fingerprint)
         select uuid_v7(), '{ada}', '{account}', 'import', 'AAPL', 'LONG', 1, '2026-11-02', 'open', '0', 'x' || n
         from generate_series(1, 4000) n"
    );

    let (unknown, new, longer, read) = db
        .write(own(ada), async move |tx: &mut Tx| {
            imports::begin(tx).await?;
            sql_query(before).execute(tx).await?;
            let (mut found, prints) = rows_like(&newest(tx, ada, account).await?);
            for (nth, one) in (4_000..).zip(&mut found) {
                one.mark = Mark { exported: None, nth_of_number: nth, ..one.mark.clone() };
            }
            let begun = read_of(tx).await?;
            let unknown = imports::unknown(tx, place, found.clone()).await?.len();
            let (new, _) = imports::renumbered(tx, place, found.clone(), &prints).await?;
            let (_, longer) = imports::continued(tx, place, found, &prints).await?;
            Ok::<_, StoreError>((unknown, new.len(), longer.len(), read_of(tx).await? - begun))
        })
        .await
        .unwrap();

    assert_eq!((unknown, new, longer), (500, 500, 0), "a number of so many names nothing");
    assert!(read < 4_000, "{read}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_summary_of_a_portfolio_is_the_sum_of_its_trades() {
    let tenants = Tenants::new().await;
    fill(&tenants, 2_000).await;
    let db = Db::connect(&tenants.db.app_url, 1).unwrap();
    let ada = owner(tenants.ada);

    let (rows, mut sum, mut count) = (
        db.read(own(tenants.ada), async move |tx: &mut Tx| portfolio::list(tx, ada).await).await.unwrap(),
        Decimal::ZERO,
        0_i64,
    );
    db.read(own(tenants.ada), async |tx: &mut Tx| {
        stats::visit(tx, ada, &TradeFilter::default(), |row| {
            sum += row.pnl.unwrap_or_default();
            count += 1;
            Ok::<_, StoreError>(())
        })
        .await
    })
    .await
    .unwrap();

    assert_eq!(rows.len(), 1, "one currency, nobody else's accounts");
    assert_eq!((rows[0].total_pnl, rows[0].trades, rows[0].open_trades), (sum, count, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_two_people_do_to_tags_adds_up() {
    let tenants = Tenants::new().await;
    fill(&tenants, 20).await;
    let db = Db::connect(&tenants.db.app_url, 1).unwrap();
    let ada = owner(tenants.ada);

    let tags = db
        .write(own(tenants.ada), async move |tx: &mut Tx| {
            let order = TradeOrder { by: SortKey::Entry, is_descending: true, after: None };
            let id = trades::list(tx, ada, &TradeFilter::default(), &order, 1).await?[0].0.id;
            let word = |text: &str| vec![text.to_owned()];
            edit::tag_all(tx, ada, &[id], (&word("b"), &[])).await?;
            edit::tag_all(tx, ada, &[id], (&word("a"), &[])).await?;
            edit::tag_all(tx, ada, &[id], (&word("a"), &word("b"))).await?;
            let many: Vec<String> = (0..edit::MOST_TAGS).map(|n| n.to_string()).collect();
            assert!(edit::tag_all(tx, ada, &[id], (&many, &[])).await?.is_empty(), "too many");
            Ok::<_, StoreError>(trades::get(tx, ada, id).await?.tags)
        })
        .await
        .unwrap();

    assert_eq!(tags, ["a"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_room_for_pictures_is_not_given_twice() {
    let tenants = Tenants::new().await;
    let (scope, who) = (own(tenants.ada), owner(tenants.ada));
    let app = Db::connect(&tenants.db.app_url, 3).unwrap();
    let picture = [7_u8; 100];
    // As if all but one of them were there: as many bytes would take minutes.
    let sql = format!(
        "alter table screenshots drop constraint screenshots_size;
         with a as (
            insert into accounts (owner_id, name, platform, copy_role) values ('{0}', 'p', 'other', 'none') returning id),
         t as (
            insert into trades (owner_id, account_id, source, symbol, direction, quantity, entry_at, external_id)
            select '{0}', a.id, 'ea', 'AAPL', 'LONG', 1, now(), n::text from a cross join generate_series(1, 2) n
            returning id)
         insert into screenshots (owner_id, trade_id, media_type, bytes, content)
         select '{0}', (select min(id::text)::uuid from t), 'image/png', {1}, '\\x00'",
        tenants.ada,
        screenshots::MOST_BYTES - 100
    );
    let admin = tenants.db.admin().await;
    admin.batch_execute(&sql).await.unwrap();
    let found = admin.query("select id from trades where symbol = 'AAPL'", &[]).await.unwrap();
    let [first, second] = [0, 1].map(|number: usize| TradeId::from_uuid(found[number].get(0)));
    let (added, is_added) = oneshot::channel();

    let one = app.write(scope, async move |tx: &mut Tx| {
        let one = screenshots::insert(tx, (who, first), Picture::Png, &picture).await?;
        added.send(()).unwrap();
        // Whoever did not wait would not have seen this one.
        tokio::time::sleep(Duration::from_millis(100)).await;
        Ok::<_, StoreError>(one)
    });
    let other = async {
        is_added.await.unwrap();
        let other =
            async move |tx: &mut Tx| screenshots::insert(tx, (who, second), Picture::Png, &picture).await;
        app.write(scope, other).await
    };
    let (one, other) = tokio::join!(one, other);

    assert!(one.unwrap().is_ok());
    assert_eq!(other.unwrap().unwrap_err(), NoRoom::OfOwner);
}
