//! A book about the worker's books: triggers of the test write down every state of every copy and every epoch, in the
//! same transaction, so that a commit can be held against the wire whatever the worker itself notes.

use tokio_postgres::Client;

/// Begins to write. For a test's own database, before its worker starts.
///
/// # Panics
///
/// When the tables cannot be made.
pub async fn open(sql: &Client) {
    sql.batch_execute(LEDGER).await.expect("a ledger in the test database");
}

/// Whether [`open`] was called.
///
/// # Panics
///
/// When the cluster does not keep the times of commits: a claim could not be told from one that came too late, and a
/// checker that looks away would say that all is well.
pub(crate) async fn is_kept(sql: &Client) -> bool {
    let query =
        "select to_regclass('watch.copies') is not null, current_setting('track_commit_timestamp')::boolean";
    let row = sql.query_one(query, &[]).await.expect("an answer about the ledger");
    let knows_commits: bool = row.get(1);
    assert!(knows_commits, "the cluster of the tests must run with track_commit_timestamp = on");
    row.get(0)
}

const LEDGER: &str = "
    create schema watch;
    create table watch.copies (
        seq bigint generated always as identity primary key,
        copy_id uuid not null, follower_id uuid not null, master_ticket bigint not null,
        from_state text, to_state text not null, claim_epoch bigint, began_at timestamptz not null default now());
    create table watch.sessions (
        seq bigint generated always as identity primary key,
        account_id uuid not null, from_epoch bigint, to_epoch bigint not null);
    create function watch.note_copy() returns trigger language plpgsql security definer as $$
    begin
        insert into watch.copies (copy_id, follower_id, master_ticket, from_state, to_state, claim_epoch)
        values (new.copy_id, new.follower_account_id, new.master_ticket,
            case when tg_op = 'UPDATE' then old.state end, new.state, new.claim_epoch);
        return null;
    end $$;
    create function watch.note_session() returns trigger language plpgsql security definer as $$
    begin
        insert into watch.sessions (account_id, from_epoch, to_epoch)
        values (new.account_id, case when tg_op = 'UPDATE' then old.epoch end, new.epoch);
        return null;
    end $$;
    create trigger watched_birth after insert on copy_orders for each row execute function watch.note_copy();
    create trigger watched_edge after update of state on copy_orders for each row
        when (old.state <> new.state) execute function watch.note_copy();
    create trigger watched_login after insert on sessions for each row execute function watch.note_session();
    create trigger watched_epoch after update of epoch on sessions for each row
        when (old.epoch <> new.epoch) execute function watch.note_session();";
