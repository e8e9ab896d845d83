//! What the servers need to know besides database and keys.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::str::FromStr;

use flotilla_security::tls::TlsFiles;
use secrecy::SecretString;

use super::edge::EaSettings;
use super::{Environment, SettingsError};

pub(super) const ADDRESS: &str = "an address and a port, like 127.0.0.1:8080 or 0.0.0.0:8080";
/// Many pages of one person, and few of a server.
const SOCKETS_PER_USER: NonZeroUsize = NonZeroUsize::new(64).expect("not zero");
/// A hundred MiB: more than a million trades.
const LARGEST_IMPORT: NonZeroUsize = NonZeroUsize::new(100 * 1024 * 1024).expect("not zero");
const PUBLIC_URL: &str = "FLOTILLA_PUBLIC_URL";
const TLS_CERTIFICATE: &str = "FLOTILLA_HTTP_TLS_CERT";
const TLS_KEY: &str = "FLOTILLA_HTTP_TLS_KEY";

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

impl FromStr for LogFormat {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(()),
        }
    }
}

/// What is logged, and how.
#[derive(Debug, Clone)]
pub struct LogSettings {
    /// Filter in the form of `tracing`, as in `info,flotilla_worker=debug`.
    pub filter: String,
    /// Form of the lines.
    pub format: LogFormat,
}

impl LogSettings {
    /// # Errors
    ///
    /// [`SettingsError::Invalid`] for an unknown format; the filter is judged when it is installed.
    pub fn read(environment: &Environment<'_>) -> Result<Self, SettingsError> {
        Ok(Self {
            filter: environment.text("FLOTILLA_LOG").unwrap_or_else(|| "info".to_owned()),
            format: environment.parse("FLOTILLA_LOG_FORMAT", LogFormat::Text, "text or json")?,
        })
    }
}

/// Who may sign up.
#[derive(Clone)]
pub enum Registration {
    /// Anybody.
    Open,
    /// Whoever knows the code.
    Invite(SecretString),
    /// Nobody.
    Closed,
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "Open",
            Self::Invite(_) => "Invite([redacted])",
            Self::Closed => "Closed",
        })
    }
}

/// Of the API.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// Where it listens.
    pub address: SocketAddr,
    /// With what it speaks HTTPS; `None`: it speaks plain HTTP.
    pub tls: Option<TlsFiles>,
    /// Folder of the built pages; `None` serves the API alone.
    pub web_dir: Option<PathBuf>,
    /// Who may sign up.
    pub registration: Registration,
    /// Scheme, host and port as browsers see them, without a slash at the end.
    pub public_url: String,
    /// Port on which EAs reach the gateway, shown in set-up guides.
    pub ea_port: u16,
    /// Multiplies every rate limit; above 1 for benchmarks only.
    pub limit_factor: NonZeroU32,
    /// Sockets that one user may have at once.
    pub sockets_per_user: NonZeroUsize,
    /// Largest file of trades that is taken in, in bytes.
    pub largest_import: NonZeroUsize,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
}

impl HttpSettings {
    /// # Errors
    ///
    /// [`SettingsError`] names the variable and what it should be.
    pub fn read(environment: &Environment<'_>) -> Result<Self, SettingsError> {
        Ok(Self {
            address: environment.parse("FLOTILLA_HTTP_ADDR", local(8080), ADDRESS)?,
            tls: read_http_tls(environment)?,
            web_dir: web_dir(environment)?,
            registration: registration(environment)?,
            public_url: public_url(environment)?,
            ea_port: EaSettings::read(environment)?.address.port(),
            limit_factor: environment.parse(
                "FLOTILLA_LIMIT_FACTOR",
                NonZeroU32::MIN,
                "a whole number, 1 or more",
            )?,
            sockets_per_user: environment.parse(
                "FLOTILLA_SOCKETS_PER_USER",
                SOCKETS_PER_USER,
                "a whole number, 1 or more",
            )?,
            largest_import: environment.parse(
                "FLOTILLA_LARGEST_IMPORT",
                LARGEST_IMPORT,
                "a number of bytes, 1 or more",
            )?,
            trusted_proxies: trusted_proxies(environment)?,
        })
    }
}

/// Certificate and key of the API; `None`: it speaks plain HTTP.
///
/// # Errors
///
/// [`SettingsError::Missing`] when only one of the two is named.
pub fn read_http_tls(environment: &Environment<'_>) -> Result<Option<TlsFiles>, SettingsError> {
    let missing = |variable| SettingsError::Missing {
        variable,
        remedy: "to speak HTTPS the API needs the PEM files of a certificate and of its key; \
                 set FLOTILLA_HTTP_TLS_CERT and FLOTILLA_HTTP_TLS_KEY, or neither",
    };
    match (environment.text(TLS_CERTIFICATE), environment.text(TLS_KEY)) {
        (None, None) => Ok(None),
        (Some(certificate), Some(key)) => {
            Ok(Some(TlsFiles { certificate: certificate.into(), key: key.into() }))
        }
        (Some(_), None) => Err(missing(TLS_KEY)),
        (None, Some(_)) => Err(missing(TLS_CERTIFICATE)),
    }
}

/// Where figures about the process are served; `None`: nowhere.
///
/// # Errors
///
/// [`SettingsError::Invalid`] when it is no address.
pub fn read_metrics_address(environment: &Environment<'_>) -> Result<Option<SocketAddr>, SettingsError> {
    const VARIABLE: &str = "FLOTILLA_METRICS_ADDR";
    if environment.text(VARIABLE).is_none() {
        return Ok(None);
    }
    environment.parse(VARIABLE, local(9090), ADDRESS).map(Some)
}

pub(super) fn local(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

fn web_dir(environment: &Environment<'_>) -> Result<Option<PathBuf>, SettingsError> {
    let Some(path) = environment.text("FLOTILLA_WEB_DIR").map(PathBuf::from) else {
        return Ok(None);
    };
    if !path.join("index.html").is_file() {
        return Err(SettingsError::Invalid {
            variable: "FLOTILLA_WEB_DIR",
            expected: "the folder of the built pages, with index.html in it; build them with `npm run build`",
        });
    }
    Ok(Some(path))
}

fn registration(environment: &Environment<'_>) -> Result<Registration, SettingsError> {
    match environment.text("FLOTILLA_REGISTRATION").as_deref() {
        None | Some("open") => Ok(Registration::Open),
        Some("closed") => Ok(Registration::Closed),
        Some("invite") => {
            let code = environment.text("FLOTILLA_INVITE_CODE").ok_or(SettingsError::Missing {
                variable: "FLOTILLA_INVITE_CODE",
                remedy: "FLOTILLA_REGISTRATION=invite needs the code that people must give",
            })?;
            Ok(Registration::Invite(code.into()))
        }
        Some(_) => Err(SettingsError::Invalid {
            variable: "FLOTILLA_REGISTRATION",
            expected: "open, invite or closed",
        }),
    }
}

fn trusted_proxies(environment: &Environment<'_>) -> Result<Vec<IpAddr>, SettingsError> {
    let text = environment.text("FLOTILLA_TRUSTED_PROXIES").unwrap_or_default();
    let addresses = text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::parse);
    addresses.collect::<Result<_, _>>().map_err(|_| SettingsError::Invalid {
        variable: "FLOTILLA_TRUSTED_PROXIES",
        expected: "addresses of proxies, separated by commas, like 10.0.0.2,10.0.0.3",
    })
}

pub(super) fn public_url(environment: &Environment<'_>) -> Result<String, SettingsError> {
    let is_encrypted = read_http_tls(environment)?.is_some();
    let usual = if is_encrypted { "https://localhost:8080" } else { "http://localhost:8080" };
    let text = environment.text(PUBLIC_URL).unwrap_or_else(|| usual.to_owned());
    let text = text.trim().trim_end_matches('/');
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    if host.is_none_or(|host| host.is_empty() || host.contains(['/', '?', '#', '@', ' '])) {
        return Err(SettingsError::Invalid {
            variable: PUBLIC_URL,
            expected: "scheme and host as browsers see them, like https://flotilla.example.com",
        });
    }
    // Cookies and the links of mails go by it.
    if is_encrypted && !text.starts_with("https://") {
        return Err(SettingsError::Invalid {
            variable: PUBLIC_URL,
            expected: "an address with https://, which is what the API speaks with FLOTILLA_HTTP_TLS_CERT",
        });
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn http(variables: &[(&str, &str)]) -> Result<HttpSettings, SettingsError> {
        let lookup = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        HttpSettings::read(&Environment::new(&lookup))
    }

    #[test]
    fn without_variables_everything_stays_on_this_machine() {
        let settings = http(&[]).expect("defaults");

        assert_eq!(settings.address.to_string(), "127.0.0.1:8080");
        assert_eq!(settings.public_url, "http://localhost:8080");
        assert_eq!((settings.limit_factor.get(), settings.sockets_per_user.get()), (1, 64));
        assert_eq!(settings.largest_import.get(), 104_857_600);
        assert!(settings.web_dir.is_none());
        assert!(matches!(settings.registration, Registration::Open));
    }

    #[test]
    fn a_wrong_value_names_its_variable() {
        let wrong = [
            ("FLOTILLA_HTTP_ADDR", "8080"),
            ("FLOTILLA_LIMIT_FACTOR", "0"),
            ("FLOTILLA_SOCKETS_PER_USER", "0"),
            ("FLOTILLA_LARGEST_IMPORT", "100 MB"),
            ("FLOTILLA_WEB_DIR", "/nowhere"),
            ("FLOTILLA_TRUSTED_PROXIES", "10.0.0.2,proxy"),
            ("FLOTILLA_REGISTRATION", "maybe"),
            ("FLOTILLA_PUBLIC_URL", "localhost:8080"),
            ("FLOTILLA_PUBLIC_URL", "https://example.com/app"),
            ("FLOTILLA_PUBLIC_URL", "https://user@example.com"),
        ];

        for (variable, value) in wrong {
            let error = http(&[(variable, value)]).expect_err(value).to_string();
            assert!(error.starts_with(variable), "{error}");
        }
    }

    #[test]
    fn a_certificate_needs_its_key_and_an_address_with_https() {
        let (certificate, key) =
            ((TLS_CERTIFICATE, "/etc/flotilla/site.pem"), (TLS_KEY, "/etc/flotilla/site.key"));
        let encrypted = http(&[certificate, key]).expect("usable");

        assert_eq!(encrypted.public_url, "https://localhost:8080");
        assert_eq!(encrypted.tls.expect("files").key, PathBuf::from(key.1));
        for (half, missing) in [(certificate, TLS_KEY), (key, TLS_CERTIFICATE)] {
            let error = http(&[half]).expect_err(missing).to_string();
            assert!(error.starts_with(&format!("{missing} is not set")), "{error}");
        }
        let plain = http(&[certificate, key, (PUBLIC_URL, "http://fleet.example")]).expect_err("http");
        assert!(plain.to_string().starts_with(PUBLIC_URL), "{plain}");
    }

    #[test]
    fn invitation_needs_a_code_and_hides_it() {
        let without = http(&[("FLOTILLA_REGISTRATION", "invite")]).expect_err("no code").to_string();
        let with = http(&[("FLOTILLA_REGISTRATION", "invite"), ("FLOTILLA_INVITE_CODE", "canary")])
            .expect("complete");

        assert!(without.starts_with("FLOTILLA_INVITE_CODE"), "{without}");
        assert!(!format!("{with:?}").contains("canary"));
    }

    #[test]
    fn proxies_are_listed_with_commas() {
        let settings = http(&[("FLOTILLA_TRUSTED_PROXIES", "10.0.0.2, ::1,")]).expect("usable");

        assert_eq!(
            settings.trusted_proxies.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["10.0.0.2", "::1"]
        );
    }

    #[test]
    fn a_slash_at_the_end_of_the_public_url_does_not_matter() {
        let settings = http(&[("FLOTILLA_PUBLIC_URL", "https://flotilla.example.com/")]).expect("usable");

        assert_eq!(settings.public_url, "https://flotilla.example.com");
    }
}
