use flotilla_api::Config;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::journal::with;
use crate::stream::Socket;
use crate::support::{Answer, Person, Rows, TestApp};

async fn send(person: &Person<'_>, query: &str, file: impl Into<Vec<u8>>) -> Answer {
    let path = format!("/api/v1/trades/import?{query}");
    person.app.send(person.request("POST", &path).header("content-type", "text/csv").body(file.into())).await
}

pub const TOPSTEPX: &str = "Id,ContractName,EnteredAt,ExitedAt,EntryPrice,ExitPrice,Fees,PnL,Size,Type,TradeDay\n\
    1,MNQZ6,11/02/2026 08:31:02 -06:00,11/02/2026 08:35:00 -06:00,20000,20010.25,0.74,20.5,1,Long,11/02/2026\n\
    2,MNQZ6,11/02/2026 09:31:02 -06:00,11/02/2026 09:35:00 -06:00,20000,20010.25,0.74,-20.5,1,Short,11/02/2026\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_looked_at_then_written_once() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let account = ada.open_id("gold", "none").await;
    let query = format!("account_id={account}&preset=topstepx");
    let mut socket = Socket::listening(&ada, &["trades", "alerts"]).await;
    socket.hear_of("alerts.unread").await;

    let looked = send(&ada, &format!("{query}&dry_run=true"), TOPSTEPX).await;
    let none = app.count("select count(*) from trades").await;
    let written = send(&ada, &query, TOPSTEPX).await;
    let again = send(&ada, &query, TOPSTEPX).await;
    let foreseen = send(&ada, &format!("{query}&dry_run=true"), TOPSTEPX).await;

    assert_eq!((looked.status, none), (200, 0), "{}", looked.text);
    assert_eq!((&looked.body["trades"], &looked.body["confidence"]), (&json!(2), &json!("likely")));
    assert_eq!(looked.body["preview"][1]["direction"], json!("SHORT"));
    assert_eq!(
        (&written.body["imported"], &written.body["duplicates"]),
        (&json!(2), &json!(0)),
        "{}",
        written.text
    );
    assert_eq!((&again.body["imported"], &again.body["duplicates"]), (&json!(0), &json!(2)));
    assert_eq!((&foreseen.body["imported"], &foreseen.body["duplicates"]), (&json!(0), &json!(2)));
    assert_eq!(socket.hear_of("trades.changed").await["data"], json!({ "account_id": account }));
    let list = ada.get("/api/v1/trades?sort=pnl").await;
    assert_eq!(list.column("pnl"), ["-21.24", "19.76"], "after fees");
    assert_eq!(list.column("source"), ["import", "import"]);
    assert_eq!(app.count("select count(*) from executions").await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_wrong_row_keeps_the_whole_file_out() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let account = ada.open_id("gold", "none").await;
    let query = format!("account_id={account}&preset=topstepx");
    let wrong = TOPSTEPX.replace(",Short,", ",Sideways,");

    let refused = send(&ada, &query, wrong.clone()).await;
    let looked = send(&ada, &format!("{query}&dry_run=true"), wrong).await;

    assert_eq!(refused.invalid_fields(), [("row 3.direction".to_owned(), "unknown_value".to_owned())]);
    assert_eq!((looked.status, &looked.body["error_count"]), (200, &json!(1)));
    assert_eq!(app.count("select count(*) from trades").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_files_are_refused_with_their_reason() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let account = ada.open_id("gold", "none").await;
    let query = format!("account_id={account}&preset=topstepx");
    let half = TOPSTEPX.replace("2,MNQZ6", "2,\"MNQZ6");

    for (name, file, code) in [
        ("another encoding", [TOPSTEPX.as_bytes(), b"\xE9 "].concat(), "wrong_encoding"),
        ("half a letter", [TOPSTEPX.as_bytes(), b"\xE0\xB8"].concat(), "incomplete"),
        ("half a row", TOPSTEPX.as_bytes()[..TOPSTEPX.len() - 30].to_vec(), "incomplete"),
        ("no text at all", [0_u8, 159, 146, 150].repeat(100), "wrong_encoding"),
        ("half a file", half.into_bytes(), "incomplete"),
        ("a row without end", vec![b'x'; 300_000], "row_too_long"),
        ("no columns", b"a,b\n1,2\n".to_vec(), "no_header"),
        ("nothing", Vec::new(), "no_header"),
    ] {
        let answer = send(&ada, &query, file).await;
        assert_eq!(answer.status, 422, "{name}: {}", answer.text);
        assert_eq!(answer.invalid_fields()[0].1, code, "{name}");
    }
    assert_eq!(send(&eve, &query, TOPSTEPX).await.status, 404);
    for query in ["preset=metatrader9", "mapping={", "", "preset=topstepx&time_zone=Mars"] {
        let answer = send(&ada, &format!("account_id={account}&{query}"), TOPSTEPX).await;
        assert_eq!(answer.status, 422, "{query}");
    }
    assert_eq!(app.count("select count(*) from trades").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_comes_back_as_it_was() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (from, to) = (ada.open_id("from", "none").await, ada.open_id("to", "none").await);
    for (symbol, notes, exit) in [("=1+1", "'=\"a\",\nb", json!("156")), ("AAPL", "ราคา", Value::Null)]
    {
        let exit_at = if exit.is_null() { Value::Null } else { json!("2026-11-02T15:30:00.250Z") };
        let body = json!({
            "account_id": from, "symbol": symbol, "direction": "SHORT", "asset_type": "option", "option_type": "PUT",
            "quantity": "10", "entry_price": "150", "exit_price": exit, "stop_loss": "157", "fees": "2",
            "entry_at": "2026-11-02T14:30:00Z", "exit_at": exit_at, "tags": ["gap", "b"], "notes": notes,
        });
        let made = ada.post("/api/v1/trades", body).await;
        assert_eq!(made.status, 201, "{}", made.text);
    }
    let execution = |side: &str, quantity: &str, price: &str, at: &str| json!({ "side": side, "quantity": quantity, "price": price, "at": at, "fees": "0.5" });
    let scaled = json!({
        "account_id": from, "symbol": "MNQZ6", "direction": "SHORT", "asset_type": "future", "pnl": "-1.25",
        "mae": "-40", "mfe": "12", "external_id": "77",
        "executions": [
            execution("SELL", "1", "20010", "2026-11-02T14:30:00Z"), execution("SELL", "2", "20030.25", "2026-11-02T14:31:00.123456Z"),
            execution("BUY", "3", "20000", "2026-11-02T14:40:00Z"),
        ],
    });
    assert_eq!(ada.post("/api/v1/trades", scaled).await.status, 201);
    let credited = json!({
        "account_id": from, "symbol": "SIE", "direction": "LONG", "asset_type": "stock", "quantity": "1", "fees": "-2",
        "entry_price": "10", "exit_price": "12", "entry_at": "2026-11-02T14:30:00Z", "exit_at": "2026-11-02T14:40:00Z",
    });
    assert_eq!(ada.post("/api/v1/trades", credited).await.body["pnl"], json!("4"));
    // As terminals report: without prices, still open without one, and without a result.
    let rows = Rows::of(&app, &ada).await;
    rows.trade(&from, "EURUSD", 5, Some(2050)).await;
    rows.trade(&from, "GBPUSD", 5, None).await;
    rows.sold(&from, "XAUUSD", "2040", "95").await;
    let sources = "update trades set pnl_source = 'broker' where symbol = 'EURUSD';
        update trades set pnl = null, pnl_source = null where symbol = 'XAUUSD'";
    app.db.admin().await.batch_execute(sources).await.unwrap();
    let file = ada.get(&format!("/api/v1/trades/export?account_id={from}")).await.text;

    let back = send(&ada, &format!("account_id={to}&preset=flotilla"), file).await;

    assert_eq!(back.body["imported"], json!(7), "{}", back.text);
    let figures = async |account: &str| {
        let list = ada.get(&format!("/api/v1/trades?account_id={account}&sort=symbol")).await;
        let mut items = list.body["items"].as_array().unwrap().clone();
        for item in &mut items {
            for field in ["id", "account_id", "source"] {
                item[field] = Value::Null;
            }
        }
        items
    };
    assert_eq!(figures(&from).await, figures(&to).await);
    let file = ada.get(&format!("/api/v1/trades/export?account_id={from}")).await.text;
    let known = send(&ada, &format!("account_id={from}&preset=flotilla"), file).await;
    assert_eq!(
        (&known.body["imported"], &known.body["duplicates"]),
        (&json!(0), &json!(7)),
        "{}",
        known.text
    );
    a_trade_without_prices_is_annotated(&ada, &to).await;
}

async fn a_trade_without_prices_is_annotated(ada: &Person<'_>, account: &str) {
    let list = ada.get(&format!("/api/v1/trades?account_id={account}&symbol=GBPUSD")).await;
    let path = format!("/api/v1/trades/{}", list.body["items"][0]["id"].as_str().unwrap());
    let noted = ada.patch(&path, json!({ "notes": " news ", "tags": ["gap ", "gap"] })).await;
    assert_eq!((noted.status, &noted.body["entry_price"]), (200, &Value::Null), "{}", noted.text);
    assert_eq!((&noted.body["notes"], &noted.body["tags"]), (&json!("news"), &json!(["gap"])));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_machine_or_a_hand_told_already_is_recognised() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let account = ada.open_id("gold", "none").await;
    let reported = Rows::of(&app, &ada).await.trade(&account, "MNQZ6", 5, Some(2050)).await;
    let number = format!("update trades set external_id = '1' where id = '{reported}'");
    app.db.admin().await.batch_execute(&number).await.unwrap();
    let body = json!({
        "account_id": account, "symbol": "MNQZ6", "direction": "SHORT", "asset_type": "future", "quantity": "1",
        "entry_price": "20000", "exit_price": "20010.25", "entry_at": "2026-11-02T15:31:02Z",
        "exit_at": "2026-11-02T15:35:00Z",
    });
    assert_eq!(ada.post("/api/v1/trades", body).await.status, 201);
    // The second row is the one that was typed in, the third is alike and new.
    let file = format!("{TOPSTEPX}{}\n", TOPSTEPX.lines().last().unwrap().replacen('2', "", 1))
        .replace("\n2,", "\n,");
    let query = format!("account_id={account}&preset=topstepx");

    let first = send(&ada, &query, file.clone()).await;
    let again = send(&ada, &query, file).await;

    let counts = |answer: &Answer| {
        ["trades", "imported", "duplicates"].map(|field| answer.body[field].as_u64().unwrap())
    };
    assert_eq!((counts(&first), counts(&again)), ([3, 1, 2], [3, 0, 3]), "{}", first.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_of_metatrader_may_be_utf16() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let account = ada.open_id("gold", "none").await;
    let page = "<html><table><tr><th>Time</th><th>Position</th><th>Symbol</th><th>Type</th><th>Volume</th><th>Price</th>\
        <th>S / L</th><th>T / P</th><th>Time</th><th>Price</th><th>Commission</th><th>Swap</th><th>Profit</th></tr>\
        <tr><td>2026.11.02 10:00:00</td><td>501</td><td>EURUSD</td><td>sell</td><td>0.50</td><td>1.10000</td><td>1.10500</td>\
        <td></td><td>2026.11.02 11:00:00</td><td>1.09800</td><td>-3.50</td><td>-0.25</td><td>1 000.00</td></tr>\
        <tr><td>2026.11.02 12:00:00</td><td>502</td><td>US500</td><td>buy</td><td>1.00</td><td>5000.0</td><td></td><td></td>\
        <td></td><td></td><td></td><td></td><td></td></tr></table></html>";
    let file: Vec<u8> = [0xFEFF].into_iter().chain(page.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let query = format!("account_id={account}&preset=metatrader5&time_zone=UTC");

    let half = send(&ada, &query, file[..file.len() - 40].to_vec()).await;
    let written = send(&ada, &query, file).await;
    let listed = ada.get("/api/v1/trades").await;

    assert_eq!(half.invalid_fields(), [("file".to_owned(), "incomplete".to_owned())], "{}", half.text);
    assert_eq!(written.body["imported"], json!(2), "{}", written.text);
    let [open, item] = [0, 1].map(|nth| listed.body["items"][nth].clone());
    assert_eq!(item["pnl"], json!("996.25"), "after commission and swap");
    let path = format!("/api/v1/trades/{}", item["id"].as_str().unwrap());
    let noted = ada.patch(&path, json!({ "notes": "news" })).await;
    assert_eq!((noted.status, &noted.body["multiplier"]), (200, &Value::Null), "a lot of unknown units");
    assert_eq!((&item["external_id"], &item["entry_at"]), (&json!("501"), &json!("2026-11-02T10:00:00Z")));

    let path = format!("/api/v1/trades/{}", open["id"].as_str().unwrap());
    let left = json!({ "exit_price": "5005", "exit_at": "2026-11-02T13:00:00Z" });
    let invented = ada.patch(&path, left.clone()).await;
    let named = ada.patch(&path, with(json!({ "symbol": "US500.r" }), &left)).await;
    let told = ada.patch(&path, with(json!({ "multiplier": "100" }), &left)).await;
    let required = [("multiplier".to_owned(), "required".to_owned())];
    assert_eq!([invented.invalid_fields(), named.invalid_fields()], [required.clone(), required]);
    assert_eq!((told.status, &told.body["pnl"]), (200, &json!("500")), "{}", told.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn blanks_before_the_table_are_counted_and_cost_nothing() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let account = ada.open_id("gold", "none").await;
    let query = format!("account_id={account}&preset=topstepx");
    let wrong = TOPSTEPX.replace(",Short,", ",Sideways,");

    let refused = send(&ada, &query, format!("{}{wrong}", "\n".repeat(300_000))).await;
    let blank = send(&ada, &query, "\n".repeat(1_000_000)).await;

    assert_eq!(refused.invalid_fields(), [("row 300003.direction".to_owned(), "unknown_value".to_owned())]);
    assert_eq!(blank.invalid_fields()[0].1, "no_header");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_above_the_limit_is_refused_with_what_to_do_and_nothing_of_it_is_kept() {
    let app = TestApp::with(|config| Config { largest_import: TOPSTEPX.len(), ..config }).await;
    let ada = app.sign_up("ada").await;
    let account = ada.open_id("gold", "none").await;
    let query = format!("account_id={account}&preset=topstepx");

    let mut refused = Vec::new();
    for query in [query.clone(), format!("{query}&dry_run=true")] {
        refused.push(send(&ada, &query, format!("{TOPSTEPX}\n")).await);
    }
    let none = app.count("select count(*) from trades").await;
    let fits = send(&ada, &query, TOPSTEPX).await;

    for answer in refused {
        assert_eq!(answer.refusal(), (413, "payload_too_large"));
        let detail = answer.body["detail"].as_str().unwrap();
        assert!(detail.contains(&TOPSTEPX.len().to_string()) && detail.contains("shorter"), "{detail}");
    }
    assert_eq!((none, &fits.body["imported"]), (0, &json!(2)), "one byte less: {}", fits.text);
}

/// Begins to send [`TOPSTEPX`], up to its hundredth byte.
async fn begin(person: &Person<'_>, query: &str) -> TcpStream {
    let mut stream = TcpStream::connect(person.app.address).await.unwrap();
    let head = format!(
        "POST /api/v1/trades/import?{query} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\
         content-type: text/csv\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        person.token,
        TOPSTEPX.len()
    );
    stream.write_all(&[head.as_bytes(), &TOPSTEPX.as_bytes()[..100]].concat()).await.unwrap();
    let arrived = json!(100);
    while person.get("/api/v1/trades/import").await.body["received_bytes"] != arrived {
        tokio::task::yield_now().await;
    }
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn one_file_of_an_owner_is_imported_at_a_time_and_tells_how_far_it_is() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let (account, hers) = (ada.open_id("gold", "none").await, eve.open_id("hers", "none").await);
    let query = format!("account_id={account}&preset=topstepx");
    assert_eq!(ada.get("/api/v1/trades/import").await.status, 404);

    let mut first = begin(&ada, &query).await;
    let second = send(&ada, &query, TOPSTEPX).await;
    let hers = format!("account_id={hers}&preset=topstepx");
    let eves = send(&eve, &hers, TOPSTEPX).await;
    let mut others = Vec::new();
    for name in ["ben", "cai", "dee"] {
        let person = app.sign_up(name).await;
        let account = person.open_id("gold", "none").await;
        others.push(begin(&person, &format!("account_id={account}&preset=topstepx")).await);
    }
    let fifth = send(&eve, &hers, TOPSTEPX).await;
    first.write_all(&TOPSTEPX.as_bytes()[100..]).await.unwrap();
    let mut answer = String::new();
    first.read_to_string(&mut answer).await.unwrap();

    assert_eq!((second.refusal(), &eves.body["imported"]), ((409, "request_in_progress"), &json!(2)));
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"imported\":2"), "{answer}");
    assert_eq!(fifth.refusal(), (503, "busy"), "four of a network are enough");
    assert_eq!(send(&eve, &hers, TOPSTEPX).await.status, 200);
    assert_eq!(ada.get("/api/v1/trades/import").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_hangs_up_leaves_nothing_behind() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let account = ada.open_id("gold", "none").await;
    let query = format!("account_id={account}&preset=topstepx");

    drop(begin(&ada, &query).await);

    loop {
        let again = send(&ada, &query, TOPSTEPX).await;
        if again.refusal() != (409, "request_in_progress") {
            assert_eq!(again.body["imported"], json!(2), "{}", again.text);
            break;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_are_mapped_by_name() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let account = ada.open_id("gold", "none").await;
    let file = "Ticker;Way;Lots;In;Out;Opened;Closed\nSIE;buy;10;1.234,5;1.240,5;02/11/2026 09:00;02/11/2026 17:30\n";
    let mapping = "%7B%22symbol%22%3A%22Ticker%22%2C%22direction%22%3A%22Way%22%2C%22quantity%22%3A%22Lots%22%2C\
        %22entry_price%22%3A%22In%22%2C%22exit_price%22%3A%22Out%22%2C%22entry_at%22%3A%22Opened%22%2C%22exit_at%22%3A%22Closed%22%7D";
    let query = format!(
        "account_id={account}&mapping={mapping}&asset_type=stock&decimal=comma&date_order=dmy&time_zone=Europe/Berlin"
    );

    let written = send(&ada, &query, file).await;

    assert_eq!(written.body["imported"], json!(1), "{}", written.text);
    let item = ada.get("/api/v1/trades").await.body["items"][0].clone();
    assert_eq!((&item["pnl"], &item["entry_at"]), (&json!("60"), &json!("2026-11-02T08:00:00Z")));
}

/// The most memory that this process, in which the API runs, has held so far, in MiB.
fn peak_of_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}

/// Sends rows as they are made, `length` bytes in all, and returns the answer: no file is held on this side.
async fn stream(
    person: &Person<'_>,
    query: &str,
    length: usize,
    rows: impl Iterator<Item = String>,
) -> String {
    let mut stream = TcpStream::connect(person.app.address).await.unwrap();
    let mut waiting = format!(
        "POST /api/v1/trades/import?{query} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\
         content-type: text/csv\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n",
        person.token,
    );
    for row in rows {
        waiting += &row;
        if waiting.len() > 64 * 1024 {
            stream.write_all(waiting.as_bytes()).await.unwrap();
            waiting.clear();
        }
    }
    stream.write_all(waiting.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// Run by hand, for the numbers of a change:
/// `cargo nextest run -p flotilla-api --run-ignored only --no-capture a_hundred_megabytes`.
///
/// What is printed of memory is of this process alone: the API, and a client that holds nothing of the file. The
/// database is another one.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes, and prints what it takes"]
async fn a_hundred_megabytes_and_one_byte() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let account = ada.open_id("gold", "none").await;
    let query = format!("account_id={account}&preset=topstepx");
    let (head, row) = TOPSTEPX.split_once('\n').unwrap();
    let rest = row.lines().next().unwrap().strip_prefix('1').unwrap();
    let line = |number: u64| format!("{number}{rest}\n");
    let (mut length, mut number) = (head.len() + 1, 0_u64);
    while length + line(number + 1).len() <= 100 * 1024 * 1024 {
        number += 1;
        length += line(number).len();
    }
    let rows = std::iter::once(format!("{head}\n")).chain((1..=number).map(line));
    let (before, began) = (peak_of_memory(), std::time::Instant::now());

    let written = stream(&ada, &query, length, rows).await;

    println!("{number} rows, {length} bytes: {:?}", began.elapsed());
    println!("peak of memory: {before} MiB before, {} MiB after", peak_of_memory());
    assert!(written.contains(&format!("\"imported\":{number},")), "{written}");

    let refused = send(&ada, &query, vec![b'x'; 100 * 1024 * 1024 + 1]).await;

    assert_eq!(refused.refusal(), (413, "payload_too_large"));
}

const WEBULL: &str = "Name,Symbol,Side,Status,Filled,Total Qty,Price,Avg Price,Time-in-Force,Placed Time,Filled Time\n\
    Apple,AAPL,Buy,Filled,4,4,@150,150.00,DAY,11/02/2026 09:30:00 EST,11/02/2026 09:30:01 EST\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_position_that_was_open_at_the_end_of_a_file_goes_on_with_the_next() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let account = ada.open_id("gold", "none").await;
    let query = format!("account_id={account}&preset=webull");
    let more = format!(
        "{WEBULL}Apple,AAPL,Buy,Filled,6,6,@151,151.00,DAY,11/02/2026 09:31:00 EST,11/02/2026 09:31:01 EST\n"
    );
    let all = format!(
        "{more}Apple,AAPL,Sell,Filled,10,10,@156,156.00,DAY,11/02/2026 10:30:00 EST,11/02/2026 10:30:01 EST\n"
    );

    let first = send(&ada, &query, WEBULL).await;
    let id = ada.get("/api/v1/trades").await.body["items"][0]["id"].as_str().unwrap().to_owned();
    ada.patch(&format!("/api/v1/trades/{id}"), json!({ "tags": ["gap"] })).await;
    let foreseen = send(&ada, &format!("{query}&dry_run=true"), all.clone()).await;
    let untouched = ada.get("/api/v1/trades").await;
    let second = send(&ada, &query, more.clone()).await;
    let third = send(&ada, &query, all.clone()).await;
    let mut again = Vec::new();
    for file in [WEBULL, &more, &all] {
        again.push(send(&ada, &query, file).await.body["duplicates"].clone());
    }

    let counts = |answer: &Answer| {
        ["trades", "imported", "duplicates"].map(|field| answer.body[field].as_u64().unwrap_or(99))
    };
    assert_eq!([&first, &second, &third].map(counts), [[1, 1, 0]; 3], "{}", third.text);
    assert_eq!((counts(&foreseen), untouched.column("status")), ([1, 0, 0], vec!["open".to_owned()]));
    assert_eq!(again, [json!(1), json!(1), json!(1)]);
    let list = ada.get("/api/v1/trades").await;
    assert_eq!((list.column("id"), list.column("pnl")), (vec![id], vec!["54".to_owned()]));
    assert_eq!(list.body["items"][0]["tags"], json!(["gap"]));
    assert_eq!(app.count("select count(*) from executions").await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trade_with_a_number_at_the_broker_is_one_whatever_else_a_file_says_of_it() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let account = ada.open_id("gold", "none").await;
    let head = "Time,Position,Symbol,Type,Volume,Price,Time,Price,Commission,Profit\n";
    let closed =
        "2026.11.02 10:00:00,501,EURUSD,sell,0.50,1.10000,2026.11.02 11:00:00,1.09800,-3.50,100.00\n";
    let begun = "2026.11.02 12:00:00,502,XAUUSD,buy,0.20,2000,";
    let in_parts = "2026.11.02 13:00:00,503,XAUUSD,buy,0.40,2000,2026.11.02 14:00:00,2001,0,40.00\n\
        2026.11.02 13:00:00,503,XAUUSD,buy,0.60,2000,2026.11.02 15:00:00,2002,0,120.00\n";
    let open = format!("{head}{closed}{begun},,-1,\n{in_parts}");
    let ended = format!("{head}{closed}{begun}2026.11.03 12:00:00,2010,-2,20\n{in_parts}");
    let query = format!("account_id={account}&preset=metatrader5&time_zone=UTC");
    let elsewhere = query.replace("UTC", "Europe/Athens");

    let first = send(&ada, &query, open.clone()).await;
    let list = ada.get("/api/v1/trades?status=open").await;
    let id = list.body["items"][0]["id"].as_str().unwrap().to_owned();
    ada.patch(&format!("/api/v1/trades/{id}"), json!({ "tags": ["gap"] })).await;
    let moved = send(&ada, &elsewhere, open).await;
    let foreseen = send(&ada, &format!("{query}&dry_run=true"), ended.clone()).await;
    let second = send(&ada, &query, ended.clone()).await;
    let again = send(&ada, &elsewhere, ended.clone()).await;
    let corrected = send(&ada, &query, ended.replace("-3.50", "-4.50")).await;

    let counts = |answer: &Answer| {
        ["trades", "imported", "duplicates"].map(|field| answer.body[field].as_u64().unwrap_or(99))
    };
    assert_eq!(counts(&first), [4, 4, 0], "{}", first.text);
    assert_eq!([&moved, &again, &corrected].map(counts), [[4, 0, 4]; 3], "{}", moved.text);
    assert_eq!([&foreseen, &second].map(counts), [[4, 0, 3], [4, 1, 3]], "{}", second.text);
    let list = ada.get("/api/v1/trades?sort=pnl").await;
    assert_eq!(list.column("pnl"), ["18", "40", "96.5", "120"]);
    let item = &list.body["items"][0];
    assert_eq!(
        (&item["id"], &item["tags"], &item["status"]),
        (&json!(id), &json!(["gap"]), &json!("closed"))
    );
}
