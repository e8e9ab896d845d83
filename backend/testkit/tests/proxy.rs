//! What the proxy does to a connection, seen from both of its ends.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::time::Duration;

use flotilla_testkit::db::TestDb;
use flotilla_testkit::proxy::{Cut, Proxy, Way, Weather};
use flotilla_testkit::wire_log::WireLog;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_postgres::NoTls;

/// Longer than anything awaited takes; never a measure of speed.
const PATIENCE: Duration = Duration::from_secs(20);

struct Ends {
    proxy: Proxy,
    listener: TcpListener,
    client: TcpStream,
    server: TcpStream,
    log: WireLog,
}

async fn ends() -> Ends {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let log = WireLog::default();
    let proxy = Proxy::start(listener.local_addr().unwrap(), Some(log.clone())).await;
    let client = TcpStream::connect(proxy.address).await.unwrap();
    let (server, _) = listener.accept().await.unwrap();
    while proxy.links().is_empty() {
        tokio::task::yield_now().await;
    }
    Ends { proxy, listener, client, server, log }
}

async fn read(socket: &mut TcpStream, bytes: usize) -> String {
    let mut read = vec![0; bytes];
    timeout(PATIENCE, socket.read_exact(&mut read)).await.expect("bytes in time").unwrap();
    String::from_utf8(read).unwrap()
}

/// How the connection ended: `Ok` for a goodbye.
async fn end(socket: &mut TcpStream) -> std::io::Result<()> {
    let mut rest = Vec::new();
    timeout(PATIENCE, socket.read_to_end(&mut rest)).await.expect("an end in time").map(|_| ())
}

#[tokio::test]
async fn lines_pass_both_ways_and_are_taken_down() {
    let mut ends = ends().await;

    ends.client.write_all(b"AUTH:sk_1\nPI").await.unwrap();
    assert_eq!(read(&mut ends.server, 12).await, "AUTH:sk_1\nPI");
    ends.client.write_all(b"NG\r\n").await.unwrap();
    assert_eq!(read(&mut ends.server, 4).await, "NG\r\n");
    ends.server.write_all(b"AUTH_OK\n").await.unwrap();
    assert_eq!(read(&mut ends.client, 8).await, "AUTH_OK\n");

    let lines: Vec<_> = ends.log.lines().into_iter().map(|line| (line.way, line.key, line.text)).collect();
    let of = |way, text: &str| (way, Some("sk_1".into()), text.to_owned());
    let expected = [of(Way::ToServer, "AUTH:sk_1"), of(Way::ToServer, "PING"), of(Way::ToClient, "AUTH_OK")];
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn a_reset_is_a_reset_and_an_orderly_end_is_none_on_both_sides() {
    let mut reset = ends().await;
    reset.proxy.cut_all(Cut::Reset);
    assert!(end(&mut reset.client).await.is_err());
    assert!(end(&mut reset.server).await.is_err());

    let mut orderly = ends().await;
    let link = orderly.proxy.links();
    orderly.proxy.cut(*link.first().unwrap(), Cut::Fin);
    end(&mut orderly.client).await.unwrap();
    end(&mut orderly.server).await.unwrap();
}

#[tokio::test]
async fn the_end_of_one_side_is_passed_on_after_its_bytes() {
    let mut ends = ends().await;
    ends.proxy.set_weather(Weather { delay: Duration::from_millis(20), ..Weather::default() });

    ends.client.write_all(b"last words").await.unwrap();
    drop(ends.client);

    assert_eq!(read(&mut ends.server, 10).await, "last words");
    end(&mut ends.server).await.unwrap();
}

#[tokio::test]
async fn one_way_is_held_while_the_other_flows_and_nothing_is_lost() {
    let mut ends = ends().await;
    let link = *ends.proxy.links().first().unwrap();
    ends.proxy.stall(link, Way::ToServer);

    ends.client.write_all(b"held\n").await.unwrap();
    ends.server.write_all(b"flows").await.unwrap();
    assert_eq!(read(&mut ends.client, 5).await, "flows");
    let mut byte = [0];
    let early = timeout(Duration::from_millis(100), ends.server.read(&mut byte)).await;
    assert!(early.is_err(), "{early:?}");
    // It had been written, and that is known.
    assert_eq!(ends.log.count("held"), 1);
    ends.proxy.resume();

    assert_eq!(read(&mut ends.server, 5).await, "held\n");
}

#[tokio::test]
async fn bytes_arrive_one_by_one_or_all_together() {
    let mut ends = ends().await;
    ends.proxy.set_weather(Weather { piece: Some(1), ..Weather::default() });
    ends.client.write_all(b"abc\nde").await.unwrap();
    let mut first = [0; 6];
    assert!(ends.server.read(&mut first).await.unwrap() < 6, "one read saw more than one write");
    let mut rest = Vec::new();

    ends.proxy.set_weather(Weather { glue: Some(Duration::from_millis(150)), ..Weather::default() });
    for word in ["f\n", "g\n", "h\n"] {
        ends.client.write_all(word.as_bytes()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(ends.client);
    timeout(PATIENCE, ends.server.read_to_end(&mut rest)).await.unwrap().unwrap();

    assert!(rest.ends_with(b"f\ng\nh\n"), "{rest:?}");
}

#[tokio::test]
async fn who_comes_while_the_door_is_shut_is_reset_and_later_led_elsewhere() {
    let mut ends = ends().await;
    ends.proxy.set_open(false);
    let mut refused = TcpStream::connect(ends.proxy.address).await.unwrap();
    assert!(end(&mut refused).await.is_err());

    let other = TcpListener::bind("127.0.0.1:0").await.unwrap();
    ends.proxy.lead_to(other.local_addr().unwrap());
    ends.proxy.set_open(true);
    let mut client = TcpStream::connect(ends.proxy.address).await.unwrap();
    let (mut server, _) = other.accept().await.unwrap();
    client.write_all(b"there").await.unwrap();
    assert_eq!(read(&mut server, 5).await, "there");

    // Who was there before stays where he was.
    ends.client.write_all(b"here").await.unwrap();
    assert_eq!(read(&mut ends.server, 4).await, "here");
    drop(ends.listener);
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_was_done_and_the_client_does_not_know() {
    let db = TestDb::new().await;
    let admin = db.admin().await;
    admin.batch_execute("create table said (word text)").await.unwrap();
    let (url, address) = db.without_address(&db.admin_url);
    let proxy = Proxy::start(address, None).await;
    let (mut client, connection) =
        tokio_postgres::connect(&url.replace("{address}", &proxy.address.to_string()), NoTls).await.unwrap();
    tokio::spawn(connection);

    proxy.lose_answers_to(b"COMMIT", 1);
    let tx = client.transaction().await.unwrap();
    tx.execute("insert into said values ('yes')", &[]).await.unwrap();
    let told = tx.commit().await;

    assert!(told.is_err());
    assert_eq!(proxy.answers_lost(), 1, "{told:?}");
    let stored: i64 = admin.query_one("select count(*) from said", &[]).await.unwrap().get(0);
    assert_eq!(stored, 1);
}
