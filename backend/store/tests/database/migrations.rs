use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use diesel_async::{AsyncConnection, AsyncMigrationHarness, AsyncPgConnection, SimpleAsyncConnection};
use diesel_migrations::MigrationHarness;
use flotilla_store::migrate::{self, MIGRATIONS};
use flotilla_testkit::db::TestDb;

/// Each `down.sql` takes back what its `up.sql` did: after down and up again
/// the schema is, to the letter, what it was, and after all of them nothing is left.
#[tokio::test(flavor = "multi_thread")]
async fn every_migration_can_be_taken_back() {
    let db = TestDb::new().await;
    let mut connection = AsyncPgConnection::establish(&db.admin_url).await.unwrap();
    connection.batch_execute("set role flotilla_owner").await.unwrap();
    let mut harness = AsyncMigrationHarness::new(connection);
    let applied = harness.applied_migrations().unwrap().len();
    assert!(applied >= 19, "{applied}");

    let (mut names, mut dumps) = (Vec::new(), vec![dump(&db)]);
    for _ in 0..applied {
        let name = harness.revert_last_migration(MIGRATIONS).unwrap().to_string();
        let without = dump(&db);
        assert_ne!(dumps.last(), Some(&without), "{name} does something");
        names.push(name);
        dumps.push(without);
    }
    let left: Vec<_> = dumps.pop().unwrap().into_iter().filter(|line| line.starts_with("CREATE ")).collect();
    assert_eq!(left, ["CREATE TABLE public.__diesel_schema_migrations ("]);

    for (name, before) in names.iter().zip(&dumps).rev() {
        harness.run_next_migration(MIGRATIONS).unwrap();
        assert_eq!(difference(before, &dump(&db)), [""; 0], "{name}, down and up again");
    }
}

/// A database of a newer version is current for this one; one that has others instead is not.
#[tokio::test(flavor = "multi_thread")]
async fn a_migration_of_another_version_does_not_make_up_for_one_of_this() {
    let db = TestDb::new().await;
    let mut connection = AsyncPgConnection::establish(&db.admin_url).await.unwrap();
    assert_eq!(migrate::pending(&mut connection).await.unwrap(), 0);

    let newer = "insert into __diesel_schema_migrations (version) values ('299912312359590000')";
    connection.batch_execute(newer).await.unwrap();
    assert_eq!(migrate::pending(&mut connection).await.unwrap(), 0);
    let lost = "delete from __diesel_schema_migrations
        where version = (select min(version) from __diesel_schema_migrations)";
    connection.batch_execute(lost).await.unwrap();
    assert_eq!(migrate::pending(&mut connection).await.unwrap(), 1);
}

/// Roles are the whole server's: their passwords are not to be changed under others.
#[tokio::test(flavor = "multi_thread")]
async fn servers_of_another_database_are_seen() {
    let (here, there) = (TestDb::new().await, TestDb::new().await);
    let _connected = AsyncPgConnection::establish(&there.app_url).await.unwrap();

    let elsewhere = migrate::roles_elsewhere(&here.admin_url).await.unwrap();

    assert!(elsewhere.iter().any(|role| role == "flotilla_app"), "{elsewhere:?}");
    migrate::reach(&here.app_url).await.unwrap();
}

/// Lines of one but not of the other.
fn difference(before: &[String], after: &[String]) -> Vec<String> {
    if before == after {
        return Vec::new();
    }
    let [before, after] = [before, after].map(|lines| lines.iter().collect::<BTreeSet<_>>());
    before.symmetric_difference(&after).copied().cloned().collect()
}

/// The schema as text, without what differs from run to run.
fn dump(db: &TestDb) -> Vec<String> {
    let output =
        Command::new(pg_dump()).args(["--schema-only", "--no-comments"]).arg(&db.admin_url).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .filter(|line| !line.starts_with('\\') && !line.starts_with("--"))
        .map(ToOwned::to_owned)
        .collect()
}

/// The program of the newest server that is installed.
fn pg_dump() -> PathBuf {
    let folder = std::env::var_os("FLOTILLA_PG_BIN").map(PathBuf::from);
    let mut installed: Vec<_> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin"))
        .collect();
    installed.sort();
    let found = folder.into_iter().chain(installed.into_iter().rev()).map(|folder| folder.join("pg_dump"));
    found.into_iter().find(|program| program.is_file()).unwrap_or_else(|| PathBuf::from("pg_dump"))
}
