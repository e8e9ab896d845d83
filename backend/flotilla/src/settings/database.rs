//! Addresses of the database, one per role.

use std::fmt;
use std::path::PathBuf;

use secrecy::{ExposeSecret as _, SecretString};

use super::{Environment, SettingsError};

const ADMIN: &str = "DATABASE_URL";
const EXPECTED: &str = "an address like postgres://name:password@host:5432/database";
const WORKER_CONNECTIONS: &str = "FLOTILLA_WORKER_CONNECTIONS";
/// With fewer the worker's tasks would wait for each other.
const LEAST_WORKER_CONNECTIONS: usize = 4;

/// Address of a PostgreSQL database with login and, as a rule, a password; shown by nothing.
#[derive(Clone)]
pub struct DatabaseUrl(SecretString);

impl DatabaseUrl {
    fn parse(variable: &'static str, text: &str) -> Result<Self, SettingsError> {
        let invalid = || SettingsError::Invalid { variable, expected: EXPECTED };
        let text = text.trim();
        let is_url = text.starts_with("postgres://") || text.starts_with("postgresql://");
        if !is_url || text.parse::<tokio_postgres::Config>().is_err() {
            return Err(invalid());
        }
        Ok(Self(text.into()))
    }

    /// The address itself.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The password in it, decoded.
    pub fn password(&self) -> Option<SecretString> {
        let config = self.expose().parse::<tokio_postgres::Config>().ok()?;
        let password = config.get_password()?;
        String::from_utf8(password.to_vec()).ok().map(SecretString::from)
    }

    /// The address for others to see.
    pub fn without_password(&self) -> String {
        let (before, end) = self.authority();
        match before.rsplit_once('@') {
            Some((credentials, host)) => {
                let (login, _) = credentials.split_once(':').unwrap_or((credentials, ""));
                format!("postgresql://{login}@{host}{end}")
            }
            None => format!("postgresql://{before}{end}"),
        }
    }

    /// What is before the path, and all that follows.
    fn authority(&self) -> (&str, &str) {
        let (_, rest) = self.expose().split_once("://").unwrap_or(("postgres", self.expose()));
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        rest.split_at_checked(end).unwrap_or((rest, ""))
    }

    /// The same database and password under another login.
    fn with_login(&self, login: &str) -> Self {
        let (scheme, _) = self.expose().split_once("://").unwrap_or(("postgres", self.expose()));
        let (authority, path) = self.authority();
        let (credentials, host) = authority.rsplit_once('@').unwrap_or(("", authority));
        let password =
            credentials.split_once(':').map(|(_, password)| format!(":{password}")).unwrap_or_default();
        Self(format!("{scheme}://{login}{password}@{host}{path}").into())
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Folder of PostgreSQL's own programs, if one is named.
pub fn postgres_folder(environment: &Environment<'_>) -> Option<PathBuf> {
    environment.text("FLOTILLA_PG_BIN").map(PathBuf::from)
}

/// How many connections the worker opens at most.
///
/// # Errors
///
/// [`SettingsError`] when it is no number, or one that is too small.
pub fn worker_connections(environment: &Environment<'_>) -> Result<usize, SettingsError> {
    const EXPECTED: &str = "a whole number, 4 or more";
    let connections = environment.parse(WORKER_CONNECTIONS, 16, EXPECTED)?;
    if connections < LEAST_WORKER_CONNECTIONS {
        return Err(SettingsError::Invalid { variable: WORKER_CONNECTIONS, expected: EXPECTED });
    }
    Ok(connections)
}

/// The database as each role reaches it.
#[derive(Debug, Clone)]
pub struct DatabaseUrls {
    /// A login that may create roles and owns the database; needed for migrations only.
    pub admin: Option<DatabaseUrl>,
    /// `flotilla_app`, the API.
    pub app: DatabaseUrl,
    /// `flotilla_worker`.
    pub worker: DatabaseUrl,
    /// `flotilla_readonly`, the API when somebody reads under a grant.
    pub readonly: DatabaseUrl,
}

impl DatabaseUrls {
    /// Reads the addresses; those of roles follow from `DATABASE_URL` unless they are set.
    ///
    /// # Errors
    ///
    /// [`SettingsError`] names the variable that is missing or not an address.
    pub fn read(environment: &Environment<'_>) -> Result<Self, SettingsError> {
        let admin = match environment.text(ADMIN) {
            Some(text) => Some(DatabaseUrl::parse(ADMIN, &text)?),
            None => None,
        };
        let role = |variable: &'static str, login: &str| match (environment.text(variable), &admin) {
            (Some(text), _) => DatabaseUrl::parse(variable, &text),
            (None, Some(admin)) => Ok(admin.with_login(login)),
            (None, None) => Err(SettingsError::Missing {
                variable,
                remedy: "set it, or set DATABASE_URL to postgres://name:password@host:5432/database",
            }),
        };
        Ok(Self {
            app: role("FLOTILLA_APP_DATABASE_URL", "flotilla_app")?,
            worker: role("FLOTILLA_WORKER_DATABASE_URL", "flotilla_worker")?,
            readonly: role("FLOTILLA_READONLY_DATABASE_URL", "flotilla_readonly")?,
            admin,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<DatabaseUrls, SettingsError> {
        let lookup = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        DatabaseUrls::read(&Environment::new(&lookup))
    }

    #[test]
    fn roles_reach_the_same_database_under_their_own_login() {
        let cases = [
            (
                "postgres://postgres@127.0.0.1:5432/flotilla",
                "postgres://flotilla_app@127.0.0.1:5432/flotilla",
            ),
            (
                "postgres://ada:p%40ss@db/x?sslmode=require",
                "postgres://flotilla_app:p%40ss@db/x?sslmode=require",
            ),
            ("postgresql://localhost/x", "postgresql://flotilla_app@localhost/x"),
            ("postgres://u:p:q@[::1]:1/x", "postgres://flotilla_app:p:q@[::1]:1/x"),
            ("postgres://u@/x?host=/run/pg", "postgres://flotilla_app@/x?host=/run/pg"),
        ];

        for (admin, app) in cases {
            assert_eq!(read(&[(ADMIN, admin)]).expect(admin).app.expose(), app);
        }
    }

    #[test]
    fn a_role_with_an_address_of_its_own_keeps_it() {
        let own = "postgres://other:secret@elsewhere/x";

        let urls =
            read(&[(ADMIN, "postgres://u@h/x"), ("FLOTILLA_WORKER_DATABASE_URL", own)]).expect("complete");

        assert_eq!(urls.worker.expose(), own);
        assert_eq!(urls.worker.password().expect("has one").expose_secret(), "secret");
        assert!(urls.app.password().is_none());
    }

    #[test]
    fn passwords_are_decoded() {
        let urls = read(&[(ADMIN, "postgres://ada:p%40s%2Fs@db/x")]).expect("complete");

        assert_eq!(urls.readonly.password().expect("has one").expose_secret(), "p@s/s");
    }

    #[test]
    fn what_is_missing_or_wrong_is_named_without_its_value() {
        let missing = read(&[]).expect_err("nothing is set").to_string();
        let empty = read(&[(ADMIN, "  ")]).expect_err("nothing is set").to_string();
        let wrong = read(&[(ADMIN, "host=db password=canary")]).expect_err("not a URL").to_string();

        assert!(
            missing.contains("FLOTILLA_APP_DATABASE_URL") && missing.contains("DATABASE_URL"),
            "{missing}"
        );
        assert_eq!(empty, missing);
        assert!(wrong.starts_with("DATABASE_URL is not usable") && !wrong.contains("canary"), "{wrong}");
    }

    #[test]
    fn a_worker_has_as_many_connections_as_is_said_and_enough() {
        let connections = |text: Option<&str>| {
            let lookup = |name: &str| text.filter(|_| name == WORKER_CONNECTIONS).map(ToOwned::to_owned);
            worker_connections(&Environment::new(&lookup)).map_err(|error| error.to_string())
        };

        assert_eq!(connections(None), Ok(16));
        assert_eq!(connections(Some("4")), Ok(4));
        for wrong in ["3", "0", "-5", "many"] {
            let refused = connections(Some(wrong)).expect_err(wrong);
            assert_eq!(
                refused,
                "FLOTILLA_WORKER_CONNECTIONS is not usable: expected a whole number, 4 or more"
            );
        }
    }

    #[test]
    fn programs_are_told_no_password() {
        let urls = read(&[(ADMIN, "postgres://ada:p%40ss:canary@db:5/x?sslmode=require")]).expect("complete");
        let bare = read(&[(ADMIN, "postgres://db/x")]).expect("complete");

        let seen = |urls: &DatabaseUrls| urls.admin.as_ref().map(DatabaseUrl::without_password);
        assert_eq!(seen(&urls).as_deref(), Some("postgresql://ada@db:5/x?sslmode=require"));
        assert_eq!(seen(&bare).as_deref(), Some("postgresql://db/x"));
    }

    #[test]
    fn n55_debug_shows_no_password() {
        let urls = read(&[(ADMIN, "postgres://ada:canary@db/x")]).expect("complete");

        assert!(!format!("{urls:?}").contains("canary"));
    }
}
