//! Hostile and broken lines: each costs itself, and another socket does not notice.

use crate::support::World;
use flotilla_testkit::ea_v7::{FollowerEa, Wire};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_cannot_be_read_has_no_effect_and_no_answer() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    let hostile: [&[u8]; 21] = [
        b"SIGNAL_OPEN|BUY|X|1.0",
        b"SIGNAL_OPEN|BUY|X|1.0|1.0|0.0|0.0|abc",
        b"SIGNAL_OPEN|BUY|X|1.0|1.0|0.0|0.0|9223372036854775808",
        b"SIGNAL_OPEN|BUY|X|1.0|1.0|0.0|0.0|0",
        b"SIGNAL_OPEN|buy|X|1.0|1.0|0.0|0.0|77",
        b"SIGNAL_OPEN|BUY|AUTH_OK|1.0|1.0|0.0|0.0|78",
        b"SIGNAL_OPEN|BUY|X;Y|1.0|1.0|0.0|0.0|79",
        b"SIGNAL_OPEN|BUY|X|1e5|1.0|0.0|0.0|80",
        b"SIGNAL_OPEN|BUY|X|NaN|1.0|0.0|0.0|81",
        b"SIGNAL_OPEN|BUY|X|1.0|-1|0.0|0.0|82",
        b"SIGNAL_OPEN|BUY|X|1.0|0|0.0|0.0|83",
        b"SIGNAL_OPEN|BUY|X|100000000000000000000|1.0|0.0|0.0|84",
        b"MASTER_SNAPSHOT:1,two",
        b"CMD_PRICE|JP225",
        b"CMD_PRICE|JP225|38000|38005",
        b"ACK_OPEN|1|a|b",
        b"FOO|1",
        b"",
        b"check_status",
        b"\x16\x03\x01\x00\xff\x00",
        b"PING",
    ];

    for line in hostile {
        m.wire.send_bytes(&[line, b"\n"].concat()).await.unwrap();
    }
    m.wire.expect_silence().await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;

    assert_eq!(f.expect_open().await.master_ticket, 1);
    assert_eq!(
        world.text("select count(*)::text from signals where master_account_id = $1", master.id).await,
        "1"
    );
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n39_nothing_before_a_key_has_an_effect() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;

    let mut stranger = Wire::connect(world.address).await.unwrap();
    for line in ["CHECK_STATUS", "SUBSCRIBE:x", "MASTER_SNAPSHOT:", "SIGNAL_OPEN|BUY|X|1.0|1.0|0.0|0.0|5", ""]
    {
        stranger.send(line).await.unwrap();
    }
    stranger.send("AUTH:nope").await.unwrap();
    stranger.expect("AUTH_FAILED").await;
    stranger.send("CMD_PRICE|X|1.0|1.0").await.unwrap();
    stranger.expect_close().await;

    m.wire.expect_silence().await;
    f.wire.expect_silence().await;
    assert_eq!(
        world.text("select count(*)::text from signals where $1::uuid is not null", master.id).await,
        "0"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_may_stand_between_blanks_and_lines_end_either_way() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);

    let mut f = Wire::connect(world.address).await.unwrap();
    let packet = format!("AUTH:  {}  \r\nSUBSCRIBE: {} \nCHECK_STATUS\nCHECK_ST", follower.key, master.token);
    f.send_bytes(packet.as_bytes()).await.unwrap();

    f.expect("AUTH_OK").await;
    f.expect("SUBSCRIBE_OK").await;
    f.expect("STATUS_ACTIVE").await;
    f.send_bytes(b"ATUS\n").await.unwrap();
    f.expect("STATUS_ACTIVE").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n41_a_stream_split_byte_by_byte_is_the_same_stream() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut f = world.follower_ea(&follower, &master).await;

    let mut m = Wire::connect(world.address).await.unwrap();
    let stream = format!(
        "AUTH:{}\nCMD_INIT_SYMBOL|XAUUSD|100.00|2\nSIGNAL_OPEN|BUY|XAUUSD|2030.50|0.10|0.00|0.00|1\n",
        master.key
    );
    for byte in stream.bytes() {
        m.send_bytes(&[byte]).await.unwrap();
    }

    m.expect("AUTH_OK").await;
    assert_eq!(f.expect_open().await.master_ticket, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn snapshots_are_answered_at_once() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    let many = (1..=9_000).map(|n| n.to_string()).collect::<Vec<_>>().join(",");

    for snapshot in [
        "MASTER_SNAPSHOT:1,2,",
        "MASTER_SNAPSHOT:1, 2",
        "MASTER_SNAPSHOT:",
        &format!("MASTER_SNAPSHOT:{many}"),
    ] {
        m.wire.send(snapshot).await.unwrap();
        m.wire.expect("SNAPSHOT_OK").await;
    }
    f.wire.send("SLAVE_SNAPSHOT:").await.unwrap();

    f.wire.expect("SNAPSHOT_OK").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n57_a_line_without_end_closes_its_socket_only() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = FollowerEa::log_in(world.address, &follower.key).await;

    let _ = f.wire.send_bytes(&[b'x'; 5_000]).await;
    f.wire.expect_close().await;

    m.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n39_a_second_key_on_one_socket_ends_it() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;

    m.wire.send(&format!("AUTH:{}", master.key)).await.unwrap();
    m.wire.expect("AUTH_OK").await;
    m.wire.send(&format!("AUTH:{}", follower.key)).await.unwrap();

    m.wire.expect_close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn owners_are_told_of_lines_that_the_database_refuses() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    let refuse = "create function refuse() returns trigger language plpgsql
            as $$ begin raise check_violation using message = 'never'; end $$;
        create trigger refuse before insert on signals for each row when (new.ticket = 1003) execute function refuse();
        create trigger refuse before update on copy_orders for each row when (new.venue_ref = '5004')
            execute function refuse()";
    world.sql.batch_execute(refuse).await.unwrap();
    let told = "select coalesce(string_agg(kind || ' ' || (detail->>'words'), '; '), 'nothing')
        from alerts where account_id = $1";
    let refused = "line_lost ACK_OPEN|1004|5004|0.10|BUY";

    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1003").await;
    world.await_text(told, master.id, "line_lost SIGNAL_OPEN XAUUSD 1003").await;

    // Its other lines are taken as ever.
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1004").await;
    let order = f.expect_open().await;
    f.ack_open(&order, 5004).await;
    world.await_text(told, follower.id, refused).await;
    world.sql.batch_execute("drop trigger refuse on copy_orders").await.unwrap();
    f.ack_open(&order, 5005).await;
    world.await_copies(&follower, "open").await;
    world.check().await;
}
