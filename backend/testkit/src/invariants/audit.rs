//! The audit chains, walked as `flotilla audit verify` does.

use std::collections::BTreeMap;

use chrono::DateTime;
use flotilla_domain::audit::{AuditEntry, AuditRow, verify};
use tokio_postgres::{Client, Row};
use uuid::Uuid;

/// The first bad row of every owner's chain.
pub(super) async fn broken(sql: &Client) -> Vec<String> {
    let query =
        "select owner_id, seq, (extract(epoch from at) * 1000000)::bigint, actor_id, action, target_kind,
            target_id, detail, prev_hash, hash
        from audit order by owner_id, seq";
    let mut chains: BTreeMap<Uuid, Vec<AuditRow>> = BTreeMap::new();
    for row in sql.query(query, &[]).await.expect("the audit trail") {
        chains.entry(row.get(0)).or_default().push(read(&row));
    }
    let bad = |(owner, rows): (&Uuid, &Vec<AuditRow>)| {
        let first = verify(rows, None).err()?;
        Some(format!("I12 the audit chain of {owner}: {first}"))
    };
    chains.iter().filter_map(bad).collect()
}

fn read(row: &Row) -> AuditRow {
    let hash = |index| row.get::<_, Vec<u8>>(index).try_into().expect("32 bytes");
    let at = DateTime::from_timestamp_micros(row.get(2)).expect("a time that can be counted");
    AuditRow {
        entry: AuditEntry {
            owner_id: row.get::<_, Uuid>(0).into(),
            seq: row.get(1),
            at,
            actor_id: row.get::<_, Option<Uuid>>(3).map(Into::into),
            action: row.get(4),
            target_kind: row.get(5),
            target_id: row.get(6),
            detail: row.get(7),
            prev_hash: hash(8),
        },
        hash: hash(9),
    }
}
