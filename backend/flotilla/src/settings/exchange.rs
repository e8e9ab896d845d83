//! Where the exchange is, and from which addresses it is called.

use std::net::IpAddr;

use flotilla_domain::exchange_key::ExchangeEnvironment;
use flotilla_worker::exchange::{Egress, Hosts, ORDERS_PER_SECOND, STREAMS_PER_ADDRESS};
use rust_decimal::Decimal;

use super::{Environment, SettingsError};

const EGRESS: &str = "FLOTILLA_EGRESS";
const EGRESS_FORM: &str =
    "source addresses, separated by commas: name=address, or name=address/address as the exchange sees it";

/// A source address, and how others see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EgressSettings {
    /// Its name in logs.
    pub name: String,
    /// The local address.
    pub local: IpAddr,
    /// As the exchange sees it: what users allow for their keys.
    pub public: IpAddr,
}

/// Of the exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExchangeSettings {
    /// Where it is, live and demo.
    pub hosts: Hosts,
    /// Source addresses; none leaves it to the system.
    pub egresses: Vec<EgressSettings>,
    /// Orders that leave one source address in a second.
    pub orders_per_second: Decimal,
    /// Streams of accounts that one source address has at once.
    pub streams_per_address: usize,
}

impl ExchangeSettings {
    /// # Errors
    ///
    /// [`SettingsError`] names the variable and what it should be.
    pub fn read(environment: &Environment<'_>) -> Result<Self, SettingsError> {
        Ok(Self {
            hosts: hosts(environment)?,
            egresses: egresses(environment)?,
            orders_per_second: orders_per_second(environment)?,
            streams_per_address: streams_per_address(environment)?,
        })
    }

    /// Addresses that exchanges see, for the whitelists of keys.
    pub fn public_addresses(&self) -> Vec<IpAddr> {
        self.egresses.iter().map(|one| one.public).collect()
    }

    /// Worlds of the exchange in whose place there is something else.
    pub fn simulated(&self) -> Vec<ExchangeEnvironment> {
        let hosts =
            [(ExchangeEnvironment::Live, &self.hosts.live), (ExchangeEnvironment::Demo, &self.hosts.demo)];
        hosts.into_iter().filter(|(_, url)| !is_real(url)).map(|(environment, _)| environment).collect()
    }

    /// As the worker takes them.
    pub fn worker_egresses(&self) -> Vec<Egress> {
        if self.egresses.is_empty() {
            return vec![Egress::default()];
        }
        let egress = |one: &EgressSettings| Egress { name: one.name.clone(), local: Some(one.local) };
        self.egresses.iter().map(egress).collect()
    }
}

fn hosts(environment: &Environment<'_>) -> Result<Hosts, SettingsError> {
    let Hosts { live, demo, live_stream, demo_stream } = Hosts::default();
    Ok(Hosts {
        live: url(environment, "FLOTILLA_BINGX_LIVE_URL", live, "https://")?,
        demo: url(environment, "FLOTILLA_BINGX_DEMO_URL", demo, "https://")?,
        live_stream: url(environment, "FLOTILLA_BINGX_LIVE_STREAM_URL", live_stream, "wss://")?,
        demo_stream: url(environment, "FLOTILLA_BINGX_DEMO_STREAM_URL", demo_stream, "wss://")?,
    })
}

fn url(
    environment: &Environment<'_>,
    variable: &'static str,
    default: String,
    encrypted: &str,
) -> Result<String, SettingsError> {
    let Some(text) = environment.text(variable) else { return Ok(default) };
    let text = text.trim().trim_end_matches('/');
    let plain = encrypted.replacen("s://", "://", 1);
    let is_local = |host: &str| host.starts_with("127.0.0.1:") || host.starts_with("localhost:");
    let is_usable = text.strip_prefix(encrypted).is_some_and(|host| !host.is_empty())
        || text.strip_prefix(&plain).is_some_and(is_local);
    if is_usable {
        Ok(text.to_owned())
    } else {
        let expected =
            "an encrypted address (https:// or wss://), or one of this machine, like http://127.0.0.1:9080";
        Err(SettingsError::Invalid { variable, expected })
    }
}

/// Whether an address is one of the exchange's own.
fn is_real(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', ':']).next().unwrap_or_default();
    ["bingx.com", "bingx.pro"]
        .into_iter()
        .any(|name| host.strip_suffix(name).is_some_and(|before| before.is_empty() || before.ends_with('.')))
}

fn egresses(environment: &Environment<'_>) -> Result<Vec<EgressSettings>, SettingsError> {
    let invalid = || SettingsError::Invalid { variable: EGRESS, expected: EGRESS_FORM };
    let text = environment.text(EGRESS).unwrap_or_default();
    let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
    let egresses: Vec<_> = words.map(egress).collect::<Option<_>>().ok_or_else(invalid)?;
    let is_double = |(index, one): (usize, &EgressSettings)| {
        egresses.iter().skip(index + 1).any(|other| other.name == one.name || other.local == one.local)
    };
    if egresses.iter().enumerate().any(is_double) { Err(invalid()) } else { Ok(egresses) }
}

fn egress(word: &str) -> Option<EgressSettings> {
    let (name, addresses) = word.split_once('=')?;
    let (local, public) = addresses.split_once('/').unwrap_or((addresses, addresses));
    let is_name = |name: &str| {
        (1..=32).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    is_name(name.trim()).then_some(())?;
    Some(EgressSettings {
        name: name.trim().to_owned(),
        local: local.trim().parse().ok()?,
        public: public.trim().parse().ok()?,
    })
}

fn orders_per_second(environment: &Environment<'_>) -> Result<Decimal, SettingsError> {
    const VARIABLE: &str = "FLOTILLA_BINGX_ORDERS_PER_SECOND";
    const EXPECTED: &str = "a number above 0 and at most 1000, like 2.5";
    let rate = environment.parse(VARIABLE, ORDERS_PER_SECOND, EXPECTED)?;
    if rate > Decimal::ZERO && rate <= Decimal::ONE_THOUSAND {
        Ok(rate)
    } else {
        Err(SettingsError::Invalid { variable: VARIABLE, expected: EXPECTED })
    }
}

fn streams_per_address(environment: &Environment<'_>) -> Result<usize, SettingsError> {
    const VARIABLE: &str = "FLOTILLA_BINGX_STREAMS_PER_ADDRESS";
    const EXPECTED: &str = "a number from 1 to 1000";
    let most = environment.parse(VARIABLE, STREAMS_PER_ADDRESS, EXPECTED)?;
    if (1..=1_000).contains(&most) {
        Ok(most)
    } else {
        Err(SettingsError::Invalid { variable: VARIABLE, expected: EXPECTED })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(variables: &[(&str, &str)]) -> Result<ExchangeSettings, SettingsError> {
        let lookup = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        ExchangeSettings::read(&Environment::new(&lookup))
    }

    #[test]
    fn without_variables_it_is_the_real_exchange_and_the_system_chooses_the_address() {
        let settings = exchange(&[]).expect("defaults");

        assert_eq!(settings.hosts, Hosts::default());
        assert!(settings.simulated().is_empty());
        assert_eq!(settings.worker_egresses(), [Egress::default()]);
        assert_eq!(settings.orders_per_second.to_string(), "2.5");
    }

    #[test]
    fn a_simulator_on_this_machine_may_be_plain_and_nothing_else() {
        let settings = exchange(&[
            ("FLOTILLA_BINGX_DEMO_URL", "http://127.0.0.1:9080/"),
            ("FLOTILLA_BINGX_DEMO_STREAM_URL", "ws://localhost:9081/swap-market"),
        ])
        .expect("usable");
        assert_eq!(settings.hosts.demo, "http://127.0.0.1:9080");
        assert_eq!(settings.simulated(), [ExchangeEnvironment::Demo]);
        assert_eq!(settings.hosts.demo_stream, "ws://localhost:9081/swap-market");

        for value in
            ["http://open-api.bingx.com", "https://", "open-api.bingx.com", "http://127.0.0.1.evil:1"]
        {
            let error = exchange(&[("FLOTILLA_BINGX_LIVE_URL", value)]).expect_err(value).to_string();
            assert!(error.starts_with("FLOTILLA_BINGX_LIVE_URL"), "{error}");
        }
    }

    #[test]
    fn an_address_may_look_different_from_outside() {
        let settings =
            exchange(&[("FLOTILLA_EGRESS", "a=10.0.0.2/203.0.113.7, b=10.0.0.3")]).expect("usable");

        let public: Vec<_> = settings.public_addresses().iter().map(ToString::to_string).collect();
        assert_eq!(public, ["203.0.113.7", "10.0.0.3"]);
        for value in ["10.0.0.2", "a=10.0.0.2,a=10.0.0.3", "a=10.0.0.2,b=10.0.0.2", "a b=10.0.0.2", "a=x"] {
            assert!(exchange(&[("FLOTILLA_EGRESS", value)]).is_err(), "{value}");
        }
    }

    #[test]
    fn an_address_has_one_stream_at_least() {
        let most = |value| exchange(&[("FLOTILLA_BINGX_STREAMS_PER_ADDRESS", value)]);
        assert_eq!(exchange(&[]).expect("defaults").streams_per_address, 60);
        assert_eq!(most("240").expect("usable").streams_per_address, 240);
        for value in ["0", "-1", "1001", "all"] {
            assert!(most(value).is_err(), "{value}");
        }
    }

    #[test]
    fn a_rate_of_orders_is_above_zero() {
        let rate = |value| exchange(&[("FLOTILLA_BINGX_ORDERS_PER_SECOND", value)]);
        assert_eq!(rate("10").expect("usable").orders_per_second, Decimal::TEN);
        for value in ["0", "-1", "1001", "fast"] {
            assert!(rate(value).is_err(), "{value}");
        }
    }
}
