//! From which severity on an owner hears of alerts, channel by channel.

use diesel::sql_types::{Nullable, Text, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::alert::{AlertLevels, Severity};
use flotilla_domain::id::OwnerId;

use crate::db::Tx;
use crate::error::{StoreResult, known};

#[derive(QueryableByName)]
struct LevelsRow {
    #[diesel(sql_type = Text)]
    inbox: String,
    #[diesel(sql_type = Nullable<Text>)]
    popup: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    mail: Option<String>,
}

/// The levels of an owner; those that hold for everybody before the first edit.
pub async fn get(tx: &mut Tx, owner: OwnerId) -> StoreResult<AlertLevels> {
    let row: Option<LevelsRow> = sql_query("select inbox, popup, mail from alert_levels where owner_id = $1")
        .bind::<SqlUuid, _>(owner.uuid())
        .get_result(tx)
        .await
        .optional()?;
    row.map_or_else(|| Ok(AlertLevels::default()), LevelsRow::levels)
}

/// Sets all levels of an owner.
pub async fn save(tx: &mut Tx, owner: OwnerId, levels: AlertLevels) -> StoreResult<()> {
    sql_query(
        "insert into alert_levels (owner_id, inbox, popup, mail) values ($1, $2, $3, $4)
         on conflict (owner_id) do update
            set inbox = excluded.inbox, popup = excluded.popup, mail = excluded.mail, updated_at = now()",
    )
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<Text, _>(levels.inbox.as_str())
    .bind::<Nullable<Text>, _>(levels.popup.map(Severity::as_str))
    .bind::<Nullable<Text>, _>(levels.mail.map(Severity::as_str))
    .execute(tx)
    .await?;
    Ok(())
}

impl LevelsRow {
    fn levels(self) -> StoreResult<AlertLevels> {
        let optional = |column, text: Option<String>| text.map(|text| known(column, &text)).transpose();
        Ok(AlertLevels {
            inbox: known("alert_levels.inbox", &self.inbox)?,
            popup: optional("alert_levels.popup", self.popup)?,
            mail: optional("alert_levels.mail", self.mail)?,
        })
    }
}
