//! How mails leave.

use std::path::{Path, PathBuf};
use std::time::Duration;

use flotilla_worker::{MailConfig, Relay, RelayTls, Transport};
use secrecy::SecretString;
use zeroize::Zeroizing;

use super::server::public_url;
use super::{Environment, SettingsError};

const HOST: &str = "FLOTILLA_SMTP_HOST";
const PORT: &str = "FLOTILLA_SMTP_PORT";
const TLS: &str = "FLOTILLA_SMTP_TLS";
const USER: &str = "FLOTILLA_SMTP_USER";
const PASSWORD: &str = "FLOTILLA_SMTP_PASSWORD";
const PASSWORD_FILE: &str = "FLOTILLA_SMTP_PASSWORD_FILE";
const FROM: &str = "FLOTILLA_MAIL_FROM";
const FOLDER: &str = "FLOTILLA_MAIL_DIR";

/// For one mail; servers may take their time to look at a stranger.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Reads how mails leave: to a mail server if one is named, else into a folder.
///
/// # Errors
///
/// [`SettingsError`] names the variable that is missing or wrong, without its value.
pub fn read_mail(environment: &Environment<'_>) -> Result<MailConfig, SettingsError> {
    let public_url = public_url(environment)?;
    let Some(host) = environment.text(HOST) else {
        let folder = environment.text(FOLDER).unwrap_or_else(|| "data/mail".to_owned());
        return Ok(MailConfig::local(public_url, folder.into()));
    };
    let tls = tls(environment)?;
    let relay = Relay {
        host: host.trim().to_owned(),
        port: environment.parse(PORT, usual_port(tls), "a port, like 587")?,
        tls,
        login: login(environment, tls)?,
        timeout: TIMEOUT,
    };
    Ok(MailConfig {
        from: from(environment)?,
        transport: Transport::Relay(relay),
        ..MailConfig::local(public_url, PathBuf::new())
    })
}

fn from(environment: &Environment<'_>) -> Result<String, SettingsError> {
    environment.text(FROM).map(|text| text.trim().to_owned()).ok_or(SettingsError::Missing {
        variable: FROM,
        remedy: "FLOTILLA_SMTP_HOST needs a sender that the mail server accepts, like Flotilla <fleet@example.com>",
    })
}

fn tls(environment: &Environment<'_>) -> Result<RelayTls, SettingsError> {
    match environment.text(TLS).as_deref().map(str::trim) {
        None | Some("starttls") => Ok(RelayTls::StartTls),
        Some("tls") => Ok(RelayTls::Tls),
        Some("none") => Ok(RelayTls::None),
        Some(_) => Err(SettingsError::Invalid { variable: TLS, expected: "starttls, tls or none" }),
    }
}

const fn usual_port(tls: RelayTls) -> u16 {
    match tls {
        RelayTls::Tls => 465,
        RelayTls::StartTls => 587,
        RelayTls::None => 25,
    }
}

/// A password is sent over encrypted connections only.
fn login(
    environment: &Environment<'_>,
    tls: RelayTls,
) -> Result<Option<(String, SecretString)>, SettingsError> {
    let password = match (environment.text(PASSWORD), environment.text(PASSWORD_FILE)) {
        (Some(_), Some(_)) => {
            return Err(SettingsError::Both { one: PASSWORD, other: PASSWORD_FILE });
        }
        (Some(text), None) => Some(SecretString::from(text)),
        (None, Some(path)) => Some(read(Path::new(path.trim()))?),
        (None, None) => None,
    };
    match (environment.text(USER), password) {
        (None, None) => Ok(None),
        (Some(_), Some(_)) if tls == RelayTls::None => Err(SettingsError::Invalid {
            variable: TLS,
            expected: "starttls or tls, because FLOTILLA_SMTP_USER sends a password",
        }),
        (Some(user), Some(password)) => Ok(Some((user.trim().to_owned(), password))),
        (Some(_), None) => Err(SettingsError::Missing {
            variable: PASSWORD_FILE,
            remedy: "FLOTILLA_SMTP_USER needs a password: name the file that holds it",
        }),
        (None, Some(_)) => Err(SettingsError::Missing {
            variable: USER,
            remedy: "the password of a mail server needs the name that goes with it",
        }),
    }
}

fn read(path: &Path) -> Result<SecretString, SettingsError> {
    let text = std::fs::read_to_string(path).map(Zeroizing::new);
    let text = text.ok().filter(|text| !text.trim().is_empty());
    text.map(|text| text.trim_end_matches(['\r', '\n']).into()).ok_or(SettingsError::Invalid {
        variable: PASSWORD_FILE,
        expected: "a file that this user may read, with the password in it",
    })
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn mail(variables: &[(&str, &str)]) -> Result<MailConfig, SettingsError> {
        let lookup = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        read_mail(&Environment::new(&lookup))
    }

    #[test]
    fn without_a_mail_server_mails_are_files() {
        let usual = mail(&[]).expect("defaults");
        let named = mail(&[(FOLDER, "/tmp/post")]).expect("usable");

        assert!(matches!(usual.transport, Transport::Folder(folder) if folder == Path::new("data/mail")));
        assert!(matches!(named.transport, Transport::Folder(folder) if folder == Path::new("/tmp/post")));
        assert_eq!(usual.public_url, "http://localhost:8080");
    }

    #[test]
    fn n55_a_password_comes_from_a_file_or_a_variable_and_is_not_shown() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("password");
        std::fs::write(&file, "canary from a file\n").expect("a file");
        let server = [(HOST, "mail.example.com"), (FROM, "Flotilla <fleet@example.com>"), (USER, "fleet")];

        for (variable, value, password) in [
            (PASSWORD, "canary", "canary"),
            (PASSWORD_FILE, file.to_str().expect("a text"), "canary from a file"),
        ] {
            let config = mail(&[&server[..], &[(variable, value)]].concat()).expect("usable");
            assert!(!format!("{config:?}").contains("canary"), "{config:?}");
            let Transport::Relay(relay) = config.transport else { panic!("a mail server") };
            assert_eq!((relay.port, relay.tls), (587, RelayTls::StartTls));
            assert_eq!(relay.login.expect("a login").1.expose_secret(), password);
        }
    }

    #[test]
    fn what_is_missing_or_wrong_is_named_without_its_value() {
        let server = [(HOST, "mail.example.com"), (FROM, "fleet@example.com")];
        for (more, named) in [
            (vec![(USER, "fleet")], PASSWORD_FILE),
            (vec![(PASSWORD, "canary")], USER),
            (vec![(USER, "fleet"), (PASSWORD, "canary"), (TLS, "none")], TLS),
            (vec![(USER, "fleet"), (PASSWORD_FILE, "/nowhere/canary")], PASSWORD_FILE),
            (vec![(TLS, "canary")], TLS),
            (vec![(PORT, "canary")], PORT),
        ] {
            let error = mail(&[&server[..], &more].concat()).expect_err(named).to_string();
            assert!(error.starts_with(named) && !error.contains("canary"), "{error}");
        }
        assert!(mail(&server[..1]).expect_err("no sender").to_string().starts_with(FROM));
        // Units and images name a folder for those who have no mail server.
        let both = mail(&[&server[..], &[(FOLDER, "post")]].concat()).expect("usable");
        assert!(matches!(both.transport, Transport::Relay(relay) if relay.login.is_none()));
    }
}
