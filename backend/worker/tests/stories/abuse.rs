//! Peers that use up what others need, and peers that are no EAs.

#![expect(clippy::unwrap_used, reason = "a story that cannot be set up has failed")]

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::Instant;

use crate::support::World;
use flotilla_testkit::ea_v7::{FollowerEa, MasterEa, Wire};

/// A time that nothing here waits for.
const NEVER: Duration = Duration::from_hours(1);
/// Longer than anything awaited takes; never a measure of speed.
const PATIENCE: Duration = Duration::from_secs(20);

/// A connection from another address of this machine.
pub async fn from(last: u8, gateway: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    let address = IpAddr::V4(Ipv4Addr::new(127, 0, 0, last));
    socket.bind(SocketAddr::new(address, 0)).unwrap();
    socket.connect(gateway).await.unwrap()
}

/// Whether the gateway ends it, whatever it says before.
async fn ends(stream: &mut TcpStream) -> bool {
    let mut rest = Vec::new();
    tokio::time::timeout(PATIENCE, stream.read_to_end(&mut rest)).await.is_ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n57_ten_megabytes_without_a_line_end_are_not_read() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;

    let mut sent = 0;
    while sent < 10_000_000 && f.wire.send_bytes(&[b'x'; 10_000]).await.is_ok() {
        sent += 10_000;
    }

    f.wire.expect_close().await;
    m.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n59_idle_connections_do_not_hold_up_a_trade() {
    const IDLE: usize = 300;
    let world = World::start_with(|config| config.timing.idle = NEVER).await;
    let (master, other, follower) = (world.master().await, world.master().await, world.follower().await);
    let mut idle = Vec::new();
    for _ in 0..IDLE {
        // A master's charts: one key, many sockets.
        idle.push(world.master_ea(&other).await);
    }
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;

    for ticket in 1..=20 {
        m.open(&format!("BUY|XAUUSD|2030.50|0.10|0.00|0.00|{ticket}")).await;
        let order = f.expect_open().await;
        f.ack_open(&order, 100 + ticket).await;
    }

    world.await_copies(&follower, &["open"; 20].join(" ")).await;
    let sockets = "select sockets::text from sessions where account_id = $1";
    assert_eq!(world.text(sockets, other.id).await, IDLE.to_string());
    for ea in idle.iter_mut().step_by(37) {
        ea.wire.expect_silence().await;
    }
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n60_strangers_are_capped_per_address_and_in_total() {
    let world = World::start_with(|config| {
        config.limits.unauthenticated_per_address = 3;
        config.limits.unauthenticated = 5;
        config.timing.authenticate = NEVER;
    })
    .await;
    let master = world.master().await;
    let known = world.master_ea(&master).await;
    let mut waiting = Vec::new();
    for _ in 0..3 {
        waiting.push(from(1, world.address).await);
    }

    assert!(ends(&mut from(1, world.address).await).await, "a fourth of one address");
    let mut others = [from(2, world.address).await, from(2, world.address).await];
    assert!(ends(&mut from(3, world.address).await).await, "a sixth of all");

    // Those who wait are served, and who is known holds no place.
    others[0].write_all(format!("AUTH:{}\n", master.key).as_bytes()).await.unwrap();
    let mut answer = [0; 8];
    others[0].read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"AUTH_OK\n");
    drop(waiting);
    world.await_place(&master).await;
    drop(known);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n60_who_does_not_log_in_has_only_so_long() {
    let world = World::start_with(|config| config.timing.authenticate = Duration::from_millis(200)).await;

    let mut strangers = Vec::new();
    for _ in 0..100 {
        strangers.push(from(1, world.address).await);
    }

    for stranger in &mut strangers {
        assert!(ends(stranger).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n61_what_no_ea_says_ends_a_connection_before_the_key_and_not_after() {
    let world = World::start_with(|config| {
        config.timing.authenticate = NEVER;
        config.timing.finish_line = NEVER;
        config.timing.idle = NEVER;
    })
    .await;
    let (master, follower) = (world.master().await, world.follower().await);
    let foreign: [&[u8]; 6] = [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/1.1\r\nHost: flotilla\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"AUTH:\xff\xfe\n",
        b"\0\0\0\0",
        b"FOO|1\n",
    ];

    for bytes in foreign {
        let mut stranger = from(1, world.address).await;
        stranger.write_all(bytes).await.unwrap();
        assert!(ends(&mut stranger).await, "{bytes:?}");
    }
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    f.expect_open().await;
    // A second key would end it.
    for bytes in foreign.into_iter().filter(|bytes| !bytes.starts_with(b"AUTH")) {
        f.wire.send_bytes(bytes).await.unwrap();
    }
    f.wire.send_bytes(b"\nACK_OPEN_FAIL|1|kein Geld \xfc\xe9\n").await.unwrap();

    let mut other = from(1, world.address).await;
    let packet = b"\nSIGNAL_OPEN|BUY|EURUSD|1.08500|0.10|0.00|0.00|2\nALERT_STOP_OUT|Comment:\xe0\xb8\n";
    other.write_all(&[b"AUTH:", master.key.as_bytes(), packet].concat()).await.unwrap();
    f.expect_open().await;
    world.await_copies(&follower, "failed(refused) claimed").await;
    let words = "select string_agg(reason_text, ', ') from copy_orders where follower_account_id = $1";
    assert_eq!(world.text(words, follower.id).await, "kein Geld \u{fffd}\u{fffd}");
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n62_a_flood_is_read_at_its_rate_and_the_others_trade() {
    const RATE: u32 = 50;
    const BURST: u32 = 200;
    let world = World::start().await;
    let (flooder, master, follower) = (world.master().await, world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    let mut flood = TcpStream::connect(world.address).await.unwrap();
    flood.write_all(format!("AUTH:{}\n", flooder.key).as_bytes()).await.unwrap();
    let began = Instant::now();
    let (mut answers, mut lines) = flood.into_split();
    let sending = tokio::spawn(async move {
        let _ = lines.write_all("CHECK_STATUS\n".repeat(50_000).as_bytes()).await;
    });

    for ticket in 1..=20 {
        m.open(&format!("BUY|XAUUSD|2030.50|0.10|0.00|0.00|{ticket}")).await;
        let order = f.expect_open().await;
        f.ack_open(&order, 100 + ticket).await;
    }
    world.await_copies(&follower, &["open"; 20].join(" ")).await;

    let mut said = vec![0; 1 << 20];
    let mut answered = 0;
    while answered < usize::try_from(BURST).unwrap() {
        let read = tokio::time::timeout(PATIENCE, answers.read(&mut said)).await.unwrap().unwrap();
        assert!(read > 0, "throttled, not cut off");
        answered += said[..read].split(|byte| *byte == b'\n').count() - 1;
    }
    let allowed = u64::from(BURST) + u64::from(RATE) * (began.elapsed().as_secs() + 1) + 2;
    assert!(u64::try_from(answered).unwrap() <= allowed, "{answered} answers, {allowed} allowed");
    sending.abort();
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n65_a_thousand_wrong_keys_learn_nothing_and_hold_up_nobody() {
    let world = World::start_with(|config| {
        config.limits.wrong_keys_per_minute = 2;
        config.limits.unauthenticated_per_address = 50;
    })
    .await;
    let (master, inactive) = (world.master().await, world.follower().await);
    let off = "update accounts set is_active = false where id = $1";
    world.sql.execute(off, &[&inactive.id]).await.unwrap();

    // The first answers come at once, and all are the same.
    for key in ["sk_live_00000000000000000000000000000000", &inactive.key] {
        let mut wire = Wire::connect(world.address).await.unwrap();
        wire.send(&format!("AUTH:{key}")).await.unwrap();
        wire.expect("AUTH_FAILED").await;
        wire.expect_close().await;
    }
    let mut guesses = Vec::new();
    for number in 0..1_000 {
        let mut stream = from(1, world.address).await;
        // Who is one too many is closed before it can say so.
        let _ = stream.write_all(format!("AUTH:sk_live_{number:032x}\n").as_bytes()).await;
        guesses.push(stream);
    }

    let mut right = from(2, world.address).await;
    right.write_all(format!("AUTH:{}\n", master.key).as_bytes()).await.unwrap();
    let mut answer = [0; 8];
    tokio::time::timeout(PATIENCE, right.read_exact(&mut answer)).await.unwrap().unwrap();
    assert_eq!(&answer, b"AUTH_OK\n");
    let sessions = "select count(*)::text from sessions where account_id <> $1";
    assert_eq!(world.text(sessions, master.id).await, "0");
    let heard = tokio::time::timeout(PATIENCE, async {
        loop {
            let heard = heard_by(&guesses);
            if !heard.is_empty() {
                return heard;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    let heard = String::from_utf8(heard.await.unwrap()).unwrap();
    assert!(heard.split_terminator('\n').all(|line| line == "AUTH_FAILED"), "{heard}");
}

/// What came so far.
fn heard_by(streams: &[TcpStream]) -> Vec<u8> {
    let mut heard = Vec::new();
    for stream in streams {
        // At most a line of each is there.
        let mut line = Vec::with_capacity(64);
        if stream.try_read_buf(&mut line).is_ok() {
            heard.append(&mut line);
        }
    }
    heard
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn prices_in_a_flood_lose_their_old_ones_and_no_signal() {
    let world = World::start_with(|config| {
        config.limits.lines_per_second = 1_000;
        config.timing.price = Duration::from_millis(50);
    })
    .await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = MasterEa::connect(world.address, &master.key).await;
    let mut f = FollowerEa::connect(world.address, &follower.key, &master.token).await;

    for round in 1..=20 {
        let prices: Vec<String> =
            (0..20).map(|tick| format!("CMD_PRICE|XAUUSD|2030.{tick:02}|2031.00\n")).collect();
        let signal = format!("SIGNAL_OPEN|BUY|XAUUSD|2031.00|0.10|0.00|0.00|{round}\n");
        m.wire.send_bytes(format!("{}{signal}", prices.concat()).as_bytes()).await.unwrap();
    }

    for ticket in 1..=20 {
        assert_eq!(f.expect_open().await.master_ticket, ticket);
    }
    let price = "select coalesce(max(bid)::text, '') from prices where account_id = $1";
    world.await_text(price, master.id, "2030.19").await;
}
