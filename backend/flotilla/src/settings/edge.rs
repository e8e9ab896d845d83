//! Of the EA gateway: where it listens, and what peers may use up.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use flotilla_security::tls::TlsFiles;
use flotilla_worker::{Limits, Timing};

use super::server::{ADDRESS, local};
use super::{Environment, SettingsError};

const TLS_ADDRESS: &str = "FLOTILLA_EA_TLS_ADDR";
const TLS_CERTIFICATE: &str = "FLOTILLA_EA_TLS_CERT";
const TLS_KEY: &str = "FLOTILLA_EA_TLS_KEY";

/// Of the EA gateway.
#[derive(Debug, Clone)]
pub struct EaSettings {
    /// Where it listens.
    pub address: SocketAddr,
    /// Folder of the inbound journal.
    pub journal_dir: PathBuf,
    /// Where it listens with TLS.
    pub tls: Option<(SocketAddr, TlsFiles)>,
    /// What peers may use up.
    pub limits: Limits,
    /// How long things may take.
    pub timing: Timing,
}

impl EaSettings {
    /// # Errors
    ///
    /// [`SettingsError`] names the variable and what it should be.
    pub fn read(environment: &Environment<'_>) -> Result<Self, SettingsError> {
        Ok(Self {
            address: environment.parse("FLOTILLA_EA_ADDR", local(5001), ADDRESS)?,
            journal_dir: environment
                .text("FLOTILLA_JOURNAL_DIR")
                .unwrap_or_else(|| "data/inbox".to_owned())
                .into(),
            tls: tls(environment)?,
            limits: limits(environment)?,
            timing: timing(environment)?,
        })
    }
}

fn tls(environment: &Environment<'_>) -> Result<Option<(SocketAddr, TlsFiles)>, SettingsError> {
    if environment.text(TLS_ADDRESS).is_none() {
        return Ok(None);
    }
    let address = environment.parse(TLS_ADDRESS, local(5443), ADDRESS)?;
    let file = |variable| {
        let missing = SettingsError::Missing {
            variable,
            remedy: "FLOTILLA_EA_TLS_ADDR needs the PEM files of a certificate and its key",
        };
        environment.text(variable).map(PathBuf::from).ok_or(missing)
    };
    Ok(Some((address, TlsFiles { certificate: file(TLS_CERTIFICATE)?, key: file(TLS_KEY)? })))
}

fn limits(environment: &Environment<'_>) -> Result<Limits, SettingsError> {
    let mut limits = Limits::default();
    at_least_one(environment, "FLOTILLA_EA_LINE_BYTES_BEFORE_AUTH", &mut limits.line_before_auth)?;
    at_least_one(environment, "FLOTILLA_EA_LINE_BYTES", &mut limits.line)?;
    at_least_one(environment, "FLOTILLA_EA_SNAPSHOT_BYTES", &mut limits.snapshot_line)?;
    at_least_one(environment, "FLOTILLA_EA_STRANGERS_PER_ADDRESS", &mut limits.unauthenticated_per_address)?;
    at_least_one(environment, "FLOTILLA_EA_STRANGERS", &mut limits.unauthenticated)?;
    at_least_one(environment, "FLOTILLA_EA_WRONG_KEYS_PER_MINUTE", &mut limits.wrong_keys_per_minute)?;
    at_least_one(environment, "FLOTILLA_EA_LINES_PER_SECOND", &mut limits.lines_per_second)?;
    at_least_one(environment, "FLOTILLA_EA_LINE_BURST", &mut limits.line_burst)?;
    at_least_one(environment, "FLOTILLA_EA_QUEUED_COMMANDS", &mut limits.queued_commands)?;
    at_least_one(environment, "FLOTILLA_EA_TAKEOVERS_PER_MINUTE", &mut limits.takeovers_per_minute)?;
    Ok(limits)
}

fn timing(environment: &Environment<'_>) -> Result<Timing, SettingsError> {
    let mut timing = Timing::default();
    seconds(environment, "FLOTILLA_EA_AUTH_SECONDS", &mut timing.authenticate)?;
    seconds(environment, "FLOTILLA_EA_LINE_SECONDS", &mut timing.finish_line)?;
    seconds(environment, "FLOTILLA_EA_IDLE_SECONDS", &mut timing.idle)?;
    seconds(environment, "FLOTILLA_EA_WRITE_SECONDS", &mut timing.write)?;
    seconds(environment, "FLOTILLA_EA_HOLD_AFTER_TAKEOVERS_SECONDS", &mut timing.hold_after_takeovers)?;
    seconds(environment, "FLOTILLA_EA_HOLD_AFTER_WRONG_KEY_SECONDS", &mut timing.hold_after_wrong_key)?;
    seconds(environment, "FLOTILLA_EA_ABSENT_SECONDS", &mut timing.absent)?;
    seconds(environment, "FLOTILLA_EA_DOUBT_SECONDS", &mut timing.alarm_doubt)?;
    Ok(timing)
}

/// Replaces a limit by what the environment says; zero would shut everybody out.
fn at_least_one<T: FromStr + Copy + PartialOrd + From<u8>>(
    environment: &Environment<'_>,
    variable: &'static str,
    limit: &mut T,
) -> Result<(), SettingsError> {
    const EXPECTED: &str = "a whole number, 1 or more";
    let value = environment.parse(variable, *limit, EXPECTED)?;
    if value < T::from(1) {
        return Err(SettingsError::Invalid { variable, expected: EXPECTED });
    }
    *limit = value;
    Ok(())
}

fn seconds(
    environment: &Environment<'_>,
    variable: &'static str,
    limit: &mut Duration,
) -> Result<(), SettingsError> {
    let mut whole = u32::try_from(limit.as_secs()).unwrap_or(u32::MAX);
    at_least_one(environment, variable, &mut whole)?;
    *limit = Duration::from_secs(whole.into());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ea(variables: &[(&str, &str)]) -> Result<EaSettings, SettingsError> {
        let lookup = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        EaSettings::read(&Environment::new(&lookup))
    }

    #[test]
    fn without_variables_the_limits_of_the_worker_hold_and_nothing_is_encrypted() {
        let settings = ea(&[]).expect("defaults");

        assert_eq!(settings.address.to_string(), "127.0.0.1:5001");
        assert_eq!(settings.limits, Limits::default());
        assert_eq!(settings.timing, Timing::default());
        assert!(settings.tls.is_none());
    }

    #[test]
    fn every_limit_can_be_set() {
        let settings = ea(&[
            ("FLOTILLA_EA_LINE_BYTES_BEFORE_AUTH", "1"),
            ("FLOTILLA_EA_LINE_BYTES", "2"),
            ("FLOTILLA_EA_SNAPSHOT_BYTES", "3"),
            ("FLOTILLA_EA_STRANGERS_PER_ADDRESS", "4"),
            ("FLOTILLA_EA_STRANGERS", "5"),
            ("FLOTILLA_EA_WRONG_KEYS_PER_MINUTE", "6"),
            ("FLOTILLA_EA_LINES_PER_SECOND", "7"),
            ("FLOTILLA_EA_LINE_BURST", "8"),
            ("FLOTILLA_EA_QUEUED_COMMANDS", "9"),
            ("FLOTILLA_EA_AUTH_SECONDS", "10"),
            ("FLOTILLA_EA_LINE_SECONDS", "11"),
            ("FLOTILLA_EA_IDLE_SECONDS", "12"),
            ("FLOTILLA_EA_WRITE_SECONDS", "13"),
            ("FLOTILLA_EA_TAKEOVERS_PER_MINUTE", "14"),
            ("FLOTILLA_EA_HOLD_AFTER_TAKEOVERS_SECONDS", "15"),
            ("FLOTILLA_EA_HOLD_AFTER_WRONG_KEY_SECONDS", "16"),
            ("FLOTILLA_EA_ABSENT_SECONDS", "17"),
            ("FLOTILLA_EA_DOUBT_SECONDS", "18"),
        ])
        .expect("usable");

        let Limits { line_before_auth, line, snapshot_line, unauthenticated_per_address, .. } =
            settings.limits;
        assert_eq!([line_before_auth, line, snapshot_line, unauthenticated_per_address], [1, 2, 3, 4]);
        let Limits { unauthenticated, queued_commands, .. } = settings.limits;
        assert_eq!([unauthenticated, queued_commands], [5, 9]);
        let Limits { wrong_keys_per_minute, lines_per_second, line_burst, .. } = settings.limits;
        assert_eq!([wrong_keys_per_minute, lines_per_second, line_burst], [6, 7, 8]);
        let Timing { authenticate, finish_line, idle, write, .. } = settings.timing;
        assert_eq!([authenticate, finish_line, idle, write].map(|time| time.as_secs()), [10, 11, 12, 13]);
        assert_eq!(settings.limits.takeovers_per_minute, 14);
        let Timing { hold_after_takeovers, hold_after_wrong_key, absent, alarm_doubt, .. } = settings.timing;
        let holds = [hold_after_takeovers, hold_after_wrong_key, absent, alarm_doubt];
        assert_eq!(holds.map(|time| time.as_secs()), [15, 16, 17, 18]);
    }

    #[test]
    fn a_limit_of_nothing_is_refused() {
        for (variable, value) in [
            ("FLOTILLA_EA_LINES_PER_SECOND", "0"),
            ("FLOTILLA_EA_STRANGERS", "-1"),
            ("FLOTILLA_EA_IDLE_SECONDS", "0"),
            ("FLOTILLA_EA_IDLE_SECONDS", "1.5"),
            ("FLOTILLA_EA_ADDR", "5001"),
            ("FLOTILLA_EA_TLS_ADDR", "5443"),
        ] {
            let error = ea(&[(variable, value)]).expect_err(value).to_string();
            assert!(error.starts_with(variable), "{error}");
        }
    }

    #[test]
    fn an_encrypted_port_needs_its_files() {
        let without = ea(&[("FLOTILLA_EA_TLS_ADDR", "127.0.0.1:5443")]).expect_err("no files").to_string();
        let with = ea(&[
            ("FLOTILLA_EA_TLS_ADDR", "127.0.0.1:5443"),
            ("FLOTILLA_EA_TLS_CERT", "/etc/flotilla/ea.pem"),
            ("FLOTILLA_EA_TLS_KEY", "/etc/flotilla/ea.key"),
        ])
        .expect("usable");

        assert!(without.starts_with("FLOTILLA_EA_TLS_CERT"), "{without}");
        assert_eq!(with.tls.expect("files").1.key, PathBuf::from("/etc/flotilla/ea.key"));
    }
}
