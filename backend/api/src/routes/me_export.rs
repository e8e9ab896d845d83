use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, get};
use bytes::Bytes;
use flotilla_store::export::{self, KINDS, Kind};
use flotilla_store::{Db, Scope, Tx};
use futures_util::stream;
use serde_json::json;

use crate::auth::{Allowed, ManageSelf};
use crate::clock;
use crate::dto::users::MyExport;
use crate::error::{ApiError, ApiResult, Problem};

/// Everything that is kept of the caller, as one JSON object: rows by table.
///
/// Passwords, keys and tokens are not in it.
#[utoipa::path(
    operation_id = "export_me",
    tag = "me",
    responses(
        (status = 200, body = MyExport),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/me/export")]
pub async fn export_me(caller: Allowed<ManageSelf>) -> ApiResult<HttpResponse> {
    let pages = Pages { db: caller.db, scope: caller.scope, at: At::Head };
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/json"))
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"flotilla-export.json\""))
        .streaming(stream::unfold(pages, Pages::next)))
}

enum At {
    Head,
    /// In a table: behind a row of it, or at its beginning.
    In {
        table: usize,
        after: Option<String>,
    },
    End,
}

struct Pages {
    db: Db,
    scope: Scope,
    at: At,
}

impl Pages {
    async fn next(mut self) -> Option<(Result<Bytes, ApiError>, Self)> {
        match std::mem::replace(&mut self.at, At::End) {
            At::Head => {
                self.at = At::In { table: 0, after: None };
                let head = json!(MyExport { exported_at: clock::now() }).to_string();
                // The tables follow in the same object.
                Some((Ok(Bytes::from(head.trim_end_matches('}').to_owned())), self))
            }
            At::In { table, after } => {
                let page = match KINDS.get(table) {
                    Some(kind) => self.page((table, kind), after).await,
                    None => Ok(Bytes::from_static(b"}\n")),
                };
                Some((page, self))
            }
            At::End => None,
        }
    }

    /// Between pages no transaction is open, however slowly the client takes them.
    async fn page(
        &mut self,
        (table, kind): (usize, &'static Kind),
        after: Option<String>,
    ) -> Result<Bytes, ApiError> {
        let (owner, place) = (self.scope.owner, after.clone());
        let rows = self
            .db
            .read(self.scope, async move |tx: &mut Tx| export::page(tx, owner, kind, place.as_deref()).await)
            .await?;
        let is_full = kind.is_paged() && i64::try_from(rows.len()) == Ok(kind.rows);
        let last = rows.last().filter(|_| is_full).map(|row| row.key.clone());
        let bodies: Vec<String> = rows.into_iter().map(|row| row.body).collect();
        let before = match (&after, bodies.is_empty()) {
            (None, _) => format!(",\n\"{}\":[\n", kind.name),
            (Some(_), true) => String::new(),
            (Some(_), false) => ",\n".to_owned(),
        };
        let end = if last.is_some() { "" } else { "]" };
        self.at = match last {
            Some(key) => At::In { table, after: Some(key) },
            None => At::In { table: table.saturating_add(1), after: None },
        };
        Ok(Bytes::from(format!("{before}{}{end}", bodies.join(",\n"))))
    }
}
