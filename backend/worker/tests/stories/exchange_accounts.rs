//! Accounts at the exchange: figures, positions, history, and masters whose fills are signals.

use std::time::Duration;

use flotilla_bingx_sim::fault::{Mishap, Rule, StreamMishap};
use flotilla_bingx_sim::ledger::Slot;
use flotilla_bingx_sim::request::{HostName, Params};
use flotilla_bingx_sim::venue::Venue;
use flotilla_domain::exchange_key::ExchangeEnvironment;
use flotilla_security::exchange_secret::ExchangeSecret;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::reporters::begin_phase_in;
use crate::support::exchange::Exchange;
use crate::support::{Account, World};

const BALANCE: &str = "select coalesce((select round(balance)::text || ' ' || currency from account_figures
    where account_id = $1), '')";
const EQUITY: &str =
    "select coalesce((select round(equity, 1)::text from account_figures where account_id = $1), '')";
const POSITIONS: &str =
    "select coalesce(string_agg(symbol || ' ' || direction || ' ' || quantity::float8, ', '
    order by symbol), '') from venue_positions where account_id = $1";
const TRADES: &str =
    "select coalesce(string_agg(symbol || ' ' || direction || ' ' || quantity::float8 || ' ' || status
        || case when fees > 0 then ' fees' else '' end || case when swap <> 0 then ' funding' else '' end,
        ', ' order by entry_at, id), '')
    from trades where account_id = $1 and source = 'exchange'";
const BEGUN: &str = "select coalesce((select 'begun' from venue_accounts where account_id = $1 and leads_from is not null), '')";
const SIGNALS: &str =
    "select coalesce(string_agg(kind || ' ' || coalesce(lots::float8::text, '-') || ' ' || symbol, ', '
    order by id), '') from signals where master_account_id = $1";

async fn world(exchange: &Exchange) -> World {
    World::start_with(|config| {
        config.timing.figures = Duration::from_millis(100);
        let mut settings = exchange.config();
        settings.stream.look_every = Duration::from_millis(700);
        config.exchange = Some(settings);
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn balance_equity_and_positions_are_those_of_the_exchange() {
    let exchange = Exchange::start().await;
    let world = world(&exchange).await;
    let account = world.follower().await;
    let uid = exchange.connect(&world, &account).await;
    exchange.one_way(uid);

    world.await_text(BALANCE, account.id, "10000 VST").await;
    exchange.by_hand(uid, "BUY", "BTC-USDT", "0.01");
    world.await_text(POSITIONS, account.id, "BTC-USDT LONG 0.01").await;
    exchange.by_hand(uid, "SELL", "ETH-USDT", "0.5");
    world.await_text(POSITIONS, account.id, "BTC-USDT LONG 0.01, ETH-USDT SHORT 0.5").await;

    // The mark price moves: equity follows, though the stream says nothing.
    let equity = async || world.text(EQUITY, account.id).await.parse::<f64>().unwrap();
    let before = equity().await;
    exchange.move_price("BTC-USDT", "119000");
    let risen = async {
        while equity().await < before + 90.0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), risen).await.expect("equity follows the price");

    exchange.by_hand(uid, "SELL", "BTC-USDT", "0.01");
    exchange.by_hand(uid, "BUY", "ETH-USDT", "0.5");
    world.await_text(POSITIONS, account.id, "").await;
    world
        .await_text(TRADES, account.id, "BTC-USDT LONG 0.01 closed fees, ETH-USDT SHORT 0.5 closed fees")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_counted_in_what_the_exchange_says_and_so_are_rules_without_figures() {
    let exchange = Exchange::start().await;
    let world = World::start_with(|config| {
        config.timing.figures = Duration::from_millis(100);
        config.timing.absences = Duration::from_millis(300);
        config.exchange = Some(exchange.config());
        // Figures of an account without positions are told with each look.
        config.exchange.as_mut().unwrap().stream.look_every = Duration::from_millis(500);
    })
    .await;
    let (account, other) = (world.follower().await, world.follower().await);
    begin_phase_in(&world, &account, "USDT").await;
    begin_phase_in(&world, &other, "EUR").await;
    exchange.connect(&world, &account).await;
    exchange.connect(&world, &other).await;

    let currencies =
        "select a.currency || ' ' || p.currency from accounts a join risk_phases p on p.account_id = a.id
        where a.id = $1";
    world.await_text(currencies, account.id, "VST VST").await;
    world.await_text(BALANCE, account.id, "10000 VST").await;

    // Amounts in euros are not those of play money: the owner is told, and once.
    world.await_text(currencies, other.id, "VST EUR").await;
    let told = "select coalesce(string_agg(concat_ws(' ', kind, times_seen, detail ->> 'said', detail ->> 'phase'), ', '), '')
        from alerts where account_id = $1 and kind = 'lines_refused'";
    world.await_text(told, other.id, "lines_refused 1 VST EUR").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(world.text(told, other.id).await, "lines_refused 1 VST EUR");
    assert_eq!(world.text(BALANCE, other.id).await, "");

    // With rules that fit it is over.
    world
        .sql
        .execute("update risk_phases set currency = 'VST' where account_id = $1", &[&other.id])
        .await
        .unwrap();
    world.await_text(BALANCE, other.id, "10000 VST").await;
    let over = "select coalesce(bool_and(resolved_at is not null)::text, '') from alerts
        where account_id = $1 and kind = 'lines_refused'";
    world.await_text(over, other.id, "true").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_before_is_imported_once_with_fees_and_funding() {
    let exchange = Exchange::start().await;
    let mut world = world(&exchange).await;
    let account = world.follower().await;
    // The exchange shows a week at a time.
    let before = |uid| {
        exchange.one_way(uid);
        for (symbol, quantity, days) in
            [("ETH-USDT", "0.5", 20), ("LTC-USDT", "2", 89), ("XAUT-USDT", "0.01", 100)]
        {
            exchange.by_hand(uid, "BUY", symbol, quantity);
            exchange.fund(uid);
            exchange.by_hand(uid, "SELL", symbol, quantity);
            exchange.age(uid, symbol, days);
        }
    };
    let opened = exchange.connect_after(&world, &account, before).await;
    exchange.by_hand(opened, "BUY", "BTC-USDT", "0.02");
    exchange.fund(opened);
    exchange.by_hand(opened, "SELL", "BTC-USDT", "0.01");
    exchange.by_hand(opened, "SELL", "BTC-USDT", "0.01");
    exchange.by_hand(opened, "SELL", "LTC-USDT", "1");

    let before = "LTC-USDT LONG 2 closed fees funding, ETH-USDT LONG 0.5 closed fees funding, BTC-USDT LONG 0.02 closed fees funding";
    let expected = format!("{before}, LTC-USDT SHORT 1 open fees");
    world.await_text(TRADES, account.id, &expected).await;
    let fills = "select count(*)::text from venue_fills where account_id = $1";
    assert_eq!(world.text(fills, account.id).await, "8");
    let executions =
        "select count(*)::text from executions e join trades t on t.id = e.trade_id where t.account_id = $1";
    assert_eq!(world.text(executions, account.id).await, "8");

    // Another worker reads on where this one ended, and stores nothing twice.
    world.stop().await;
    exchange.by_hand(opened, "BUY", "LTC-USDT", "1");
    world.run().await;
    let expected = format!("{before}, LTC-USDT SHORT 1 closed fees");
    world.await_text(TRADES, account.id, &expected).await;
    assert_eq!(world.text(fills, account.id).await, "9");
    assert_eq!(world.text(executions, account.id).await, "9");
}

#[tokio::test(flavor = "multi_thread")]
async fn money_that_is_moved_is_no_result() {
    let exchange = Exchange::start().await;
    let world = world(&exchange).await;
    let account = world.follower().await;
    let uid = exchange.connect(&world, &account).await;
    world.await_text(BALANCE, account.id, "10000 VST").await;

    exchange.transfer(uid, "500");

    world.await_text(BALANCE, account.id, "10500 VST").await;
    let moved = "select coalesce(sum(amount), 0)::float8::text from venue_income where account_id = $1 and kind = 'TRANSFER'";
    assert_eq!(world.text(moved, account.id).await, "500", "known before the balance that shows it");
}

/// A master at the exchange whose first look is written down, and its number.
async fn master(world: &World, exchange: &Exchange) -> (Account, u64) {
    let account = world.master().await;
    let uid = exchange.connect(world, &account).await;
    exchange.one_way(uid);
    world.await_text(BEGUN, account.id, "begun").await;
    (account, uid)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_filled_while_a_master_is_looked_at_first_is_nobodys_signal() {
    let exchange = Exchange::start().await;
    let world = world(&exchange).await;
    // The positions are read a moment after the balance, and with them the time of the look.
    let silent = Rule::of(Mishap::StatusBefore { status: 500 }).on("GET", "user/positions");
    exchange.with(|venue| venue.faults.add(silent));
    let lead = world.master().await;
    let uid = exchange.connect(&world, &lead).await;
    exchange.one_way(uid);
    while exchange.with(|venue| venue.faults.hits) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    exchange.by_hand(uid, "BUY", "LTC-USDT", "1");
    exchange.with(|venue| venue.faults.clear());
    world.await_text(BEGUN, lead.id, "begun").await;

    exchange.by_hand(uid, "BUY", "ETH-USDT", "0.5");
    world.await_text(SIGNALS, lead.id, "open 0.5 ETH-USDT").await;
    exchange.by_hand(uid, "SELL", "LTC-USDT", "1");
    exchange.by_hand(uid, "SELL", "ETH-USDT", "0.5");
    let expected = "open 0.5 ETH-USDT, close - ETH-USDT";
    world.await_text(SIGNALS, lead.id, expected).await;
    // Looks repeat what is known.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(world.text(SIGNALS, lead.id).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn fills_of_a_master_become_signals_and_reach_its_eas() {
    let exchange = Exchange::start().await;
    let world = world(&exchange).await;
    let (lead, uid) = master(&world, &exchange).await;
    let follower = world.follower().await;
    let mut ea = world.follower_ea(&follower, &lead).await;

    exchange.by_hand(uid, "BUY", "ETH-USDT", "0.5");
    let open = ea.expect_open().await;
    assert_eq!((open.side.as_str(), open.symbol.as_str(), open.lots.as_str()), ("BUY", "ETH-USDT", "0.5"));
    exchange.by_hand(uid, "BUY", "ETH-USDT", "0.25");
    ea.expect_open().await;
    world.await_text(SIGNALS, lead.id, "open 0.5 ETH-USDT, add 0.25 ETH-USDT").await;
    // A part leaves. What comes after belongs to the same trade.
    exchange.by_hand(uid, "SELL", "ETH-USDT", "0.25");
    exchange.by_hand(uid, "BUY", "ETH-USDT", "0.1");
    // An order that turns the position over.
    exchange.by_hand(uid, "SELL", "ETH-USDT", "1.6");

    let expected = "open 0.5 ETH-USDT, add 0.25 ETH-USDT, partial 0.25 ETH-USDT, add 0.1 ETH-USDT, close - ETH-USDT, open 1 ETH-USDT";
    world.await_text(SIGNALS, lead.id, expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_closes_the_part_of_an_order_is_told_after_it() {
    let exchange = Exchange::start().await;
    let world = world(&exchange).await;
    let (lead, uid) = master(&world, &exchange).await;
    exchange.move_price("LTC-USDT", "70");
    let pairs = [
        ("symbol", "LTC-USDT"),
        ("side", "BUY"),
        ("positionSide", "BOTH"),
        ("type", "LIMIT"),
        ("price", "69"),
        ("quantity", "1"),
    ];
    let params = Params::of_values(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    let part = |venue: &mut Venue| {
        venue.at_desk(HostName::Demo, uid, |desk| {
            let id = desk.place(&params).unwrap();
            desk.fill(id, Decimal::from(69), Decimal::new(5, 1), true);
        })
    };
    exchange.with(part).unwrap();
    // Parts are collected for a while.
    exchange.by_hand(uid, "SELL", "LTC-USDT", "0.5");

    world.await_text(SIGNALS, lead.id, "open 0.5 LTC-USDT, close - LTC-USDT").await;
    let side = "select min(side) from signals where master_account_id = $1 and kind = 'open'";
    assert_eq!(world.text(side, lead.id).await, "BUY");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_repeats_swaps_loses_and_drops_makes_no_second_signal_and_loses_none() {
    let exchange = Exchange::start().await;
    let world = world(&exchange).await;
    let (lead, uid) = master(&world, &exchange).await;
    let mut expected = Vec::new();

    for mishap in
        [StreamMishap::Twice, StreamMishap::Swap, StreamMishap::Lose, StreamMishap::Drop, StreamMishap::Split]
    {
        exchange.with(|venue| venue.stream_faults.entry(uid).or_default().push(mishap));
        exchange.by_hand(uid, "BUY", "LTC-USDT", "1");
        expected.push("open 1 LTC-USDT");
        world.await_text(SIGNALS, lead.id, &expected.join(", ")).await;
        exchange.by_hand(uid, "SELL", "LTC-USDT", "1");
        expected.push("close - LTC-USDT");
        world.await_text(SIGNALS, lead.id, &expected.join(", ")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn followers_leave_a_position_that_is_not_listed_once_that_lasts_and_not_before() {
    let exchange = Exchange::start().await;
    let world = world(&exchange).await;
    let (lead, uid) = master(&world, &exchange).await;
    exchange.by_hand(uid, "BUY", "LTC-USDT", "1");
    world.await_text(SIGNALS, lead.id, "open 1 LTC-USDT").await;

    let place = ("LTC-USDT".to_owned(), Slot::Both);
    let take = || {
        let take = |venue: &mut Venue| {
            venue.at_desk(HostName::Demo, uid, |desk| desk.ledger.positions.remove(&place))
        };
        exchange.with(take).flatten().expect("a position")
    };
    // Four lists lack it.
    let gone = take();
    tokio::time::sleep(Duration::from_secs(3)).await;
    exchange.with(|venue| {
        venue.at_desk(HostName::Demo, uid, |desk| desk.ledger.positions.insert(place.clone(), gone));
    });
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(world.text(SIGNALS, lead.id).await, "open 1 LTC-USDT");

    take();
    world.await_text(SIGNALS, lead.id, "open 1 LTC-USDT, close - LTC-USDT").await;
    let told = "select coalesce(string_agg(kind, ' '), '') from alerts where account_id = $1 and kind = 'exit_unseen'";
    assert_eq!(world.text(told, lead.id).await, "exit_unseen");
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_that_cannot_be_read_are_told_by_their_fills_before_what_comes_after() {
    let exchange = Exchange::start().await;
    let world = world(&exchange).await;
    let (lead, uid) = master(&world, &exchange).await;
    exchange.with(|venue| {
        let silent = Rule::of(Mishap::StatusBefore { status: 500 });
        venue.faults.add(silent.on("GET", "trade/order").of_account(uid));
        // Nothing of the entries is heard.
        venue.stream_faults.entry(uid).or_default().push(StreamMishap::Drop);
    });
    exchange.by_hand(uid, "BUY", "LTC-USDT", "1");
    exchange.by_hand(uid, "BUY", "ETH-USDT", "0.5");
    world.await_text(SIGNALS, lead.id, "open 1 LTC-USDT, open 0.5 ETH-USDT").await;
    exchange.by_hand(uid, "SELL", "LTC-USDT", "1");
    let expected = "open 1 LTC-USDT, open 0.5 ETH-USDT, close - LTC-USDT";
    world.await_text(SIGNALS, lead.id, expected).await;
    exchange.with(|venue| venue.faults.clear());
    // A later look reads them again.
    let over = "select coalesce(bool_and(is_over)::text, '') from venue_lead_orders where account_id = $1";
    world.await_text(over, lead.id, "true").await;
    assert_eq!(world.text(SIGNALS, lead.id).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_master_did_while_the_worker_was_away_is_caught_up_with() {
    let exchange = Exchange::start().await;
    let mut world = world(&exchange).await;
    let (lead, uid) = master(&world, &exchange).await;
    exchange.by_hand(uid, "BUY", "LTC-USDT", "1");
    world.await_text(SIGNALS, lead.id, "open 1 LTC-USDT").await;

    world.stop().await;
    exchange.by_hand(uid, "SELL", "LTC-USDT", "1");
    exchange.by_hand(uid, "SELL", "ETH-USDT", "0.3");
    // They are stored already, but were told to nobody.
    let stored =
        "update venue_accounts set fills_until = now() + interval '10 minutes' where account_id = $1";
    world.sql.execute(stored, &[&lead.id]).await.unwrap();
    world.run().await;

    let expected = "open 1 LTC-USDT, close - LTC-USDT, open 0.3 ETH-USDT";
    world.await_text(SIGNALS, lead.id, expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_another_account_at_the_exchange_begins_anew_and_what_the_first_opened_is_left() {
    let exchange = Exchange::start().await;
    let world = world(&exchange).await;
    let (lead, uid) = master(&world, &exchange).await;
    let paper = world.paper_follower(&lead).await;
    exchange.by_hand(uid, "BUY", "BTC-USDT", "0.01");
    world.await_text(SIGNALS, lead.id, "open 0.01 BTC-USDT").await;
    world.await_copies(&paper, "open").await;
    let held =
        "select coalesce(sum(open_copies), 0)::text from master_followers where master_account_id = $1";
    world.await_text(held, lead.id, "1").await;

    // The other one holds something already.
    let (key, secret) = ("another-api-key", "another-api-secret");
    let other = exchange.open_account(key, secret);
    exchange.one_way(other);
    exchange.by_hand(other, "BUY", "ETH-USDT", "0.5");
    let environment = ExchangeEnvironment::Demo;
    let secret = ExchangeSecret { environment, api_key: key.into(), api_secret: secret.into() };
    let sealed = secret.seal(&exchange.sealer(), lead.owner.into(), lead.id.into()).unwrap();
    let offer = "update exchange_keys set candidate = $2, offer = offer + 1, offered_at = now() where account_id = $1";
    world.sql.execute(offer, &[&lead.id, &sealed]).await.unwrap();
    let ask = "insert into requests (owner_id, actor_id, kind, target_id, detail)
        values ($1, $1, 'verify_key', $2, '{}') returning id";
    let request: Uuid = world.sql.query_one(ask, &[&lead.owner, &lead.id]).await.unwrap().get(0);
    let hint = format!("r{}{}{}", lead.owner.simple(), lead.id.simple(), request.simple());
    world.sql.execute("select pg_notify('flotilla_changes', $1)", &[&hint]).await.unwrap();
    let answer = "select state || coalesce(' ' || failure, '') from requests where id = $1";
    world.await_text(answer, request, "failed other_account").await;

    // However it came to its place: nobody would hear of the first one's trades any more.
    let swap =
        "update exchange_keys set sealed = $2, generation = generation + 1, offer = offer + 1, uid = $3
        where account_id = $1";
    world.sql.execute(swap, &[&lead.id, &sealed, &other.to_string()]).await.unwrap();
    let leads = "select coalesce(leads_uid, '') from venue_accounts where account_id = $1";
    world.await_text(leads, lead.id, &other.to_string()).await;
    world.await_copies(&paper, "closed").await;
    assert_eq!(world.text(SIGNALS, lead.id).await, "open 0.01 BTC-USDT, close - BTC-USDT");

    exchange.by_hand(other, "SELL", "ETH-USDT", "0.2");
    exchange.by_hand(other, "BUY", "BTC-USDT", "0.02");
    let expected = "open 0.01 BTC-USDT, close - BTC-USDT, open 0.02 BTC-USDT";
    world.await_text(SIGNALS, lead.id, expected).await;
    exchange.by_hand(other, "SELL", "ETH-USDT", "0.3");
    exchange.by_hand(other, "SELL", "BTC-USDT", "0.02");
    world.await_text(SIGNALS, lead.id, &format!("{expected}, close - BTC-USDT")).await;
}
