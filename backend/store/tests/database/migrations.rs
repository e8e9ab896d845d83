use std::path::PathBuf;
use std::process::Command;

use diesel_async::{AsyncConnection, AsyncMigrationHarness, AsyncPgConnection, SimpleAsyncConnection};
use diesel_migrations::MigrationHarness;
use flotilla_store::migrate::MIGRATIONS;
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

    for _ in 0..applied {
        let before = dump(&db);
        let name = harness.revert_last_migration(MIGRATIONS).unwrap().to_string();
        let without = dump(&db);
        harness.run_next_migration(MIGRATIONS).unwrap();
        let after = dump(&db);
        harness.revert_last_migration(MIGRATIONS).unwrap();

        assert_ne!(before, without, "{name} does something");
        assert_eq!(difference(&before, &after), [""; 0], "{name}, down and up again");
    }

    let left: Vec<_> = dump(&db).into_iter().filter(|line| line.starts_with("CREATE ")).collect();
    assert_eq!(left, ["CREATE TABLE public.__diesel_schema_migrations ("]);
}

/// Lines of one but not of the other.
fn difference<'a>(before: &'a [String], after: &'a [String]) -> Vec<&'a str> {
    let missing = before.iter().filter(|line| !after.contains(line));
    let added = after.iter().filter(|line| !before.contains(line));
    missing.chain(added).map(String::as_str).collect()
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
