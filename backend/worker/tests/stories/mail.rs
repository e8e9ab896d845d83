//! From the outbox to a reader: into a folder, and to a mail server.

#![expect(clippy::unwrap_used, reason = "a story that cannot be set up has failed")]

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use flotilla_security::opaque::MailToken;
use flotilla_worker::{MailConfig, MailTrouble, MailWay, Relay, RelayTls, Transport, probe_mail};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

use crate::support::World;

/// What became of every mail, in the order in which they were wanted.
const STATES: &str = "select coalesce(string_agg(case
        when sent_at is not null then 'sent' when failed_at is not null then failure
        when attempts > 0 then 'again: ' || failure else 'waiting' end, ', ' order by created_at, id), '')
    from outbox where $1::uuid is not null";

fn local(folder: &Path) -> MailConfig {
    MailConfig {
        look: Duration::from_millis(20),
        // Hurried on by the test.
        again: Duration::from_hours(1),
        ..MailConfig::local("https://fleet.example.test".to_owned(), folder.to_owned())
    }
}

/// A user of this address who speaks this language.
async fn user(world: &World, name: &str, email: &str, language: &str) -> Uuid {
    let insert = "with made as (insert into users (email, name, password_hash, language)
            values ($1, $2, '', $3) returning id, email)
        insert into login_names select lower(email), id from made returning user_id";
    world.sql.query_one(insert, &[&email, &name, &language]).await.unwrap().get(0)
}

async fn want(world: &World, user: Option<Uuid>, kind: &str, address: &str) {
    let insert = "insert into outbox (user_id, kind, address, ends_at)
        values ($1, $2, $3, now() + interval '30 minutes')";
    world.sql.execute(insert, &[&user, &kind, &address]).await.unwrap();
}

/// Whole mails of this kind in the folder, with long lines as they were.
fn mails(folder: &Path, kind: &str) -> Vec<String> {
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_one = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with(kind);
    paths.filter(is_one).map(|path| std::fs::read_to_string(path).unwrap().replace("=\r\n", "")).collect()
}

/// A file of two months ago.
fn write_long_ago(path: &Path) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let file = std::fs::File::create(path).unwrap();
    let written_at = file.metadata().unwrap().modified().unwrap() - Duration::from_hours(60 * 24);
    file.set_modified(written_at).unwrap();
}

/// The token behind the first link to `page`.
fn token(mail: &str, page: &str) -> String {
    let link = format!("https://fleet.example.test/{page}#");
    let rest = mail.split_once(&link).unwrap().1;
    rest.split(char::is_whitespace).next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wanted_mail_is_written_in_its_readers_language_with_a_link_nobody_else_knows() {
    let folder = TempDir::new().unwrap();
    let post = folder.path().join("post");
    let world = World::start_with(|config| config.mail = Some(local(&post))).await;
    let ada = user(&world, "Ada", "Ada@example.test", "en").await;
    let som = user(&world, "สมชาย", "som@example.test", "th").await;
    let gone = user(&world, "Gone", "gone@example.test", "en").await;
    world.sql.execute("update users set is_active = false where id = $1", &[&gone]).await.unwrap();
    world.sql.execute("update users set email_verified = true where id = $1", &[&som]).await.unwrap();

    want(&world, Some(ada), "verify_email", "Ada@example.test").await;
    want(&world, Some(ada), "confirm_email", "countess@example.test").await;
    want(&world, Some(som), "password_changed", "som@example.test").await;
    want(&world, None, "reset_password", "ada@example.test").await;
    world.await_text(STATES, ada, "sent, sent, sent, sent").await;
    for nobody in ["gone@example.test", "nobody@example.test"] {
        want(&world, None, "reset_password", nobody).await;
    }
    // Changed since: there is nothing to prove any more.
    want(&world, Some(ada), "verify_email", "lovelace@example.test").await;
    world.await_text(STATES, ada, "sent, sent, sent, sent").await;

    let reset = mails(&post, "reset_password");
    assert_eq!(reset.len(), 1, "{reset:?}");
    assert!(reset[0].contains("To: Ada@example.test"), "as its owner writes it: {}", reset[0]);
    assert!(reset[0].contains("Hello,") && !reset[0].contains("Hello Ada"), "not proven: {}", reset[0]);
    assert!(mails(&post, "confirm_email")[0].contains("To: countess@example.test"));
    let thai = &mails(&post, "password_changed")[0];
    // "สวัสดีคุณ สมชาย", as mail servers of all ages carry it.
    assert!(thai.contains("4Liq4Lin4Lix4Liq4LiU4Li14LiE4Li44LiTIOC4quC4oeC4iuC4suC4og"), "{thai}");
    for (kind, page) in [("verify_email", "verify"), ("confirm_email", "verify"), ("reset_password", "reset")]
    {
        let token = token(&mails(&post, kind)[0], page);
        let hash = MailToken::parse(&token).unwrap().hash();
        let found = "select kind from mail_tokens where token_hash = $1";
        let row = world.sql.query_one(found, &[&hash.as_slice()]).await.unwrap();
        assert_eq!(row.get::<_, String>(0), kind);
    }
    let lives = "select string_agg(kind || ' ' || extract(epoch from expires_at - created_at)::int, ', ' order by kind)
        from mail_tokens where user_id = $1";
    let expected = "confirm_email 3600, reset_password 1800, verify_email 86400";
    assert_eq!(world.text(lives, ada).await, expected);
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&post).unwrap().permissions());
    assert_eq!(mode & 0o077, 0, "whoever reads the folder could use the links");

    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_overtaken_came_too_late_or_is_too_much_for_a_mailbox_is_not_sent() {
    let folder = TempDir::new().unwrap();
    let post = folder.path().join("post");
    let [old, own] = [format!("verify_email-{}", Uuid::nil()), "verify_email".to_owned()]
        .map(|name| post.join(name).with_extension("eml"));
    write_long_ago(&old);
    write_long_ago(&own);
    let world = World::start_with(|config| config.mail = Some(local(&post))).await;
    let ada = user(&world, "Ada", "ada@example.test", "en").await;
    let som = user(&world, "สมชาย", "som@example.test", "th").await;

    let waiting = "insert into outbox (user_id, kind, address, due_at, ends_at)
        values ($1, 'confirm_email', 'mallory@example.test', now() + interval '1 hour', now() + interval '1 hour')";
    for kind in ["password_changed", "email_changed", "confirm_email"] {
        world.sql.execute(waiting, &[&som]).await.unwrap();
        want(&world, Some(som), kind, "som@elsewhere.test").await;
        let hurry = "update outbox set due_at = now() where address = 'mallory@example.test'";
        world.sql.batch_execute(hurry).await.unwrap();
    }
    let unsent = "select count(*)::text from outbox where sent_at is null and $1::uuid is not null";
    world.await_text(unsent, som, "0").await;
    let confirming = mails(&post, "confirm_email");
    assert!(!confirming.iter().any(|mail| mail.contains("mallory")), "{confirming:?}");
    let links = "select count(*)::text from mail_tokens where user_id = $1";
    assert_eq!(world.text(links, som).await, "1", "of the last wish");

    // A mailbox is not flooded, whoever asks.
    for _ in 0..6 {
        want(&world, None, "reset_password", "ada@example.test").await;
    }
    world.await_text(unsent, ada, "0").await;
    assert_eq!(mails(&post, "reset_password").len(), 5);
    let late = "insert into outbox (user_id, kind, address, ends_at) values ($1, 'password_changed', 'som@example.test', now())";
    world.sql.execute(late, &[&som]).await.unwrap();
    let failed = "select coalesce(max(failure), '') from outbox where failed_at is not null and user_id = $1";
    world.await_text(failed, som, "it was too late for it").await;
    for _ in 0..6 {
        want(&world, Some(som), "password_changed", "som@example.test").await;
    }
    let enough =
        "select count(*)::text from outbox where failure = 'there were enough of them' and user_id = $1";
    world.await_text(enough, som, "1").await;
    // Nor may anybody write to as many as he likes. One wish was sent above.
    let wishes = "insert into outbox (user_id, kind, address, ends_at, sent_at)
        select $1::uuid, 'confirm_email', n || '@elsewhere.test', now(), now() from generate_series(1, 8) as n";
    world.sql.execute(wishes, &[&som]).await.unwrap();
    want(&world, Some(som), "confirm_email", "tenth@elsewhere.test").await;
    world.await_text(unsent, som, "2").await;
    assert_eq!(world.text(enough, som).await, "1");
    want(&world, Some(som), "confirm_email", "eleventh@elsewhere.test").await;
    world.await_text(enough, som, "2").await;
    assert!(!old.exists(), "its link has ended");
    assert!(own.exists(), "somebody else's");
    world.check().await;
}

/// What a mail server says to a recipient and to a login; nothing: it hangs up. An empty text: it says nothing at all.
type Script = Arc<Mutex<VecDeque<Option<&'static str>>>>;

/// A mail server that keeps what it took.
async fn mail_server(script: Script) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let taken = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&taken);
    tokio::spawn(async move {
        let mut silent = Vec::new();
        while let Ok((socket, _)) = listener.accept().await {
            let reply = script.lock().unwrap().pop_front().unwrap_or(Some("250 yes"));
            if reply == Some("") {
                silent.push(socket);
                continue;
            }
            let _ = converse(socket, reply, &kept).await;
        }
    });
    (port, taken)
}

async fn converse(
    socket: TcpStream,
    reply: Option<&'static str>,
    taken: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let Some(reply) = reply else { return Ok(()) };
    let mut socket = BufReader::new(socket);
    socket.write_all(b"220 post.example.test\r\n").await?;
    let mut line = String::new();
    while socket.read_line(&mut line).await? > 0 {
        let answer = match line.get(..4) {
            Some("EHLO") => "250-post.example.test\r\n250 AUTH PLAIN",
            Some("RCPT" | "AUTH") => reply,
            Some("DATA") => {
                socket.write_all(b"354 go on\r\n").await?;
                let mut mail = String::new();
                while socket.read_line(&mut mail).await? > 0 && !mail.ends_with("\r\n.\r\n") {}
                taken.lock().unwrap().push(mail);
                "250 taken"
            }
            _ => "250 fine",
        };
        socket.write_all(format!("{answer}\r\n").as_bytes()).await?;
        line.clear();
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_server_that_is_away_is_tried_again_and_one_that_refuses_is_believed() {
    let script = Script::default();
    script.lock().unwrap().extend([
        Some("535 who are you"),
        Some("451 later"),
        Some(""),
        Some("250 yes"),
        Some("550 no such user"),
    ]);
    let (port, taken) = mail_server(script).await;
    let relay = Relay {
        host: "127.0.0.1".to_owned(),
        port,
        tls: RelayTls::None,
        login: None,
        timeout: Duration::from_secs(2),
    };
    let mut world = World::start_with(|config| {
        let transport = Transport::Relay(relay);
        config.mail = Some(MailConfig { transport, ..local(Path::new("")) });
    })
    .await;
    let ada = user(&world, "Ada <b>", "ada@example.test", "en").await;
    world.sql.execute("update users set email_verified = true where id = $1", &[&ada]).await.unwrap();
    let hurry = "update outbox set due_at = now()";

    want(&world, None, "reset_password", "ada@example.test").await;
    // Whoever it is for: the settings are wrong, and somebody mends them.
    world.await_text(STATES, ada, "again: the mail server takes none from here (535)").await;
    world.sql.batch_execute(hurry).await.unwrap();
    world.await_text(STATES, ada, "again: the mail server could not take it yet (451)").await;
    // It takes the connection and says nothing.
    world.sql.batch_execute(hurry).await.unwrap();
    world.await_text(STATES, ada, "again: the mail server did not answer").await;
    // It is still wanted when another worker begins.
    world.stop().await;
    world.sql.batch_execute(hurry).await.unwrap();
    world.run().await;
    world.await_text(STATES, ada, "sent").await;
    want(&world, Some(ada), "password_changed", "ada@example.test").await;
    world.await_text(STATES, ada, "sent, the mail server refused it (550)").await;

    let taken = taken.lock().unwrap().clone();
    assert_eq!(taken.len(), 1, "{taken:?}");
    assert!(
        taken[0].contains("Auto-Submitted: auto-generated") && !taken[0].contains("<b>,</p>"),
        "{}",
        taken[0]
    );
    let attempts =
        "select string_agg(attempts::text, ' ' order by created_at) from outbox where $1::uuid is not null";
    assert_eq!(world.text(attempts, ada).await, "4 1");
    // Each attempt had a link of its own; those that may have arrived count.
    let links = "select count(*)::text from mail_tokens where user_id = $1";
    assert_eq!(world.text(links, ada).await, "4");
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alert_is_mailed_with_its_account_and_what_was_read_is_not() {
    let folder = TempDir::new().unwrap();
    let post = folder.path().join("post");
    let world = World::start_with(|config| config.mail = Some(local(&post))).await;
    let (master, follower) = (world.master().await, world.follower().await);
    let owner = follower.owner;
    let wanted = "update users set email_verified = true, name = 'Ada' where id = $1";
    world.sql.execute(wanted, &[&owner]).await.unwrap();
    let level = "insert into alert_levels (owner_id, inbox, mail) values ($1, 'info', 'warning')";
    world.sql.execute(level, &[&owner]).await.unwrap();
    let name = "update accounts set name = 'Gold <b>' where id = $1";
    world.sql.execute(name, &[&follower.id]).await.unwrap();
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    let mut refuse = async |ticket: u32| {
        m.open(&format!("BUY|XAUUSD|2030.50|0.10|0.00|0.00|{ticket}")).await;
        f.expect_open().await;
        f.wire.send(&format!("ACK_OPEN_FAIL|{ticket}|not enough money")).await.unwrap();
    };
    let seen = "select coalesce(string_agg(times_seen::text, ', ' order by first_at), '') from alerts where owner_id = $1";

    refuse(1).await;
    world.await_text(STATES, owner, "sent").await;
    refuse(2).await;
    world.await_text(seen, owner, "2").await;
    let read = "update alerts set read_at = now() where owner_id = $1";
    world.sql.execute(read, &[&owner]).await.unwrap();
    refuse(3).await;
    // Too soon for another one, and read before it would have left.
    world.await_text(seen, owner, "2, 1").await;
    let put_off = "select count(*)::text from outbox
        where user_id = $1 and attempts = 0 and due_at > now() + interval '5 minutes'";
    world.await_text(put_off, owner, "1").await;
    assert_eq!(world.text(STATES, owner).await, "sent, waiting");
    world.sql.execute(read, &[&owner]).await.unwrap();
    let later = "update outbox set due_at = now(), sent_at = sent_at - interval '10 minutes'";
    world.sql.batch_execute(later).await.unwrap();
    world.await_text(STATES, owner, "sent").await;

    let mails = mails(&post, "alerts");
    assert_eq!(mails.len(), 1, "{mails:?}");
    let mail = &mails[0];
    assert!(mail.contains("Subject: Gold <b> refused a copy"), "{mail}");
    assert!(mail.contains("* Gold <b> refused a copy") && mail.contains("Hello Ada,"), "{mail}");
    assert!(mail.contains("https://fleet.example.test/alerts"), "{mail}");
    assert!(mail.contains("https://fleet.example.test/settings"), "{mail}");
    assert!(!mail.contains("not enough money") && !mail.contains("<li>Gold <b>"), "{mail}");
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whether_mails_would_leave_is_found_out_without_one() {
    let script = Script::default();
    script.lock().unwrap().extend([Some("235 welcome"), Some("535 who are you"), None, Some(""), Some("")]);
    let (port, taken) = mail_server(Arc::clone(&script)).await;
    let relay = Relay {
        host: "127.0.0.1".to_owned(),
        port,
        tls: RelayTls::None,
        login: Some(("fleet".to_owned(), "secret".into())),
        timeout: Duration::from_millis(500),
    };
    let stranger = Relay { login: None, ..relay.clone() };
    let careful = Relay { tls: RelayTls::StartTls, ..relay.clone() };
    let probe = async |relay: &Relay| {
        let transport = Transport::Relay(relay.clone());
        probe_mail(&MailConfig { transport, ..local(Path::new("")) }).await
    };

    assert_eq!(probe(&relay).await.unwrap(), MailWay::Relay { has_login: true });
    assert!(matches!(probe(&relay).await, Err(MailTrouble::Login(535))));
    assert!(matches!(probe(&relay).await, Err(MailTrouble::Silence)), "it hangs up");
    assert!(matches!(probe(&relay).await, Err(MailTrouble::Silence)), "it says nothing");
    assert!(matches!(probe(&stranger).await, Err(MailTrouble::Silence)), "nor to a stranger");
    assert_eq!(probe(&stranger).await.unwrap(), MailWay::Relay { has_login: false });
    assert!(matches!(probe(&careful).await, Err(MailTrouble::Offer)), "no password without encryption");
    assert!(taken.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_folder_for_mails_is_tried_and_not_made() {
    let home = TempDir::new().unwrap();
    let (there, to_be, file) = (home.path().join("a"), home.path().join("b/c"), home.path().join("file"));
    std::fs::create_dir(&there).unwrap();
    std::fs::write(&file, "").unwrap();

    assert_eq!(probe_mail(&local(&there)).await.unwrap(), MailWay::Folder(there.clone()));
    assert_eq!(probe_mail(&local(&to_be)).await.unwrap(), MailWay::NewFolder(to_be));
    for wrong in [file.clone(), file.join("mail")] {
        assert!(
            matches!(probe_mail(&local(&wrong)).await, Err(MailTrouble::Folder(..))),
            "{}",
            wrong.display()
        );
    }
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 2, "nothing was made");
    assert_eq!(std::fs::read_dir(there).unwrap().count(), 0, "nothing is left");
}
