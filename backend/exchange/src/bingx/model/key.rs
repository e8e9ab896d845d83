//! What a key may do, and whether it is taken.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::bingx::number;

/// What a key may do, in either of the forms that occur.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a permission of its own")]
pub struct KeyInfo {
    /// Reads.
    pub reads: bool,
    /// Trades perpetual contracts.
    pub trades_perpetual: bool,
    /// Trades spot.
    pub trades_spot: bool,
    /// Withdraws; `None` where the reply does not say.
    pub withdraws: Option<bool>,
    /// Transfers between accounts.
    pub transfers: bool,
    /// Whether it works only from listed addresses.
    pub is_bound_to_addresses: bool,
    /// Those addresses, where the reply has them.
    pub addresses: Vec<String>,
}

/// Why a key is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyRefusal {
    /// It can take money out, or does not say that it cannot.
    #[error("the key may withdraw")]
    Withdraws,
    /// It cannot read.
    #[error("the key may not read")]
    ReadsNothing,
    /// It cannot trade perpetual contracts.
    #[error("the key may not trade perpetual contracts")]
    TradesNothing,
}

/// What its owner should know about a key that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyWarning {
    /// It may transfer between accounts, which nothing here needs.
    Transfers,
    /// It works from every address.
    AnyAddress,
}

impl KeyInfo {
    /// Whether the key is taken, and with which warnings.
    ///
    /// # Errors
    ///
    /// [`KeyRefusal`] with the gravest reason.
    pub fn verdict(&self) -> Result<Vec<KeyWarning>, KeyRefusal> {
        if self.withdraws != Some(false) {
            return Err(KeyRefusal::Withdraws);
        }
        if !self.reads {
            return Err(KeyRefusal::ReadsNothing);
        }
        if !self.trades_perpetual {
            return Err(KeyRefusal::TradesNothing);
        }
        let mut warnings = Vec::new();
        if self.transfers {
            warnings.push(KeyWarning::Transfers);
        }
        if !self.is_bound_to_addresses {
            warnings.push(KeyWarning::AnyAddress);
        }
        Ok(warnings)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    #[serde(default)]
    permissions: Option<Vec<Box<RawValue>>>,
    #[serde(default)]
    ip_addresses: Option<Vec<String>>,
    #[serde(default, deserialize_with = "number::flag")]
    enable_reading: Option<bool>,
    #[serde(default, deserialize_with = "number::flag")]
    enable_futures: Option<bool>,
    #[serde(default, deserialize_with = "number::flag")]
    enable_spot_and_margin_trading: Option<bool>,
    #[serde(default, deserialize_with = "number::flag")]
    enable_withdrawals: Option<bool>,
    #[serde(default, deserialize_with = "number::flag")]
    enable_internal_transfer: Option<bool>,
    #[serde(default, deserialize_with = "number::flag")]
    permits_universal_transfer: Option<bool>,
    #[serde(default, deserialize_with = "number::flag")]
    ip_restrict: Option<bool>,
}

impl Wire {
    fn by_numbers(&self, permissions: &[Box<RawValue>]) -> KeyInfo {
        let has = |number: &str| permissions.iter().any(|one| one.get().trim_matches('"') == number);
        // `[""]` is an empty list too.
        let addresses: Vec<_> = self
            .ip_addresses
            .iter()
            .flatten()
            .filter(|address| !address.trim().is_empty())
            .cloned()
            .collect();
        KeyInfo {
            reads: has("2"),
            trades_perpetual: has("3"),
            trades_spot: has("1"),
            withdraws: Some(has("5")),
            transfers: has("4") || has("7"),
            is_bound_to_addresses: !addresses.is_empty(),
            addresses,
        }
    }

    fn by_flags(&self, reads: bool) -> KeyInfo {
        KeyInfo {
            reads,
            trades_perpetual: self.enable_futures == Some(true),
            trades_spot: self.enable_spot_and_margin_trading == Some(true),
            withdraws: self.enable_withdrawals,
            transfers: self.enable_internal_transfer == Some(true)
                || self.permits_universal_transfer == Some(true),
            is_bound_to_addresses: self.ip_restrict == Some(true),
            addresses: Vec::new(),
        }
    }
}

impl<'de> Deserialize<'de> for KeyInfo {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = Wire::deserialize(deserializer)?;
        match (&wire.permissions, wire.enable_reading) {
            (Some(permissions), _) => Ok(wire.by_numbers(permissions)),
            (None, Some(reads)) => Ok(wire.by_flags(reads)),
            (None, None) => Err(serde::de::Error::custom("permissions in neither known form")),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::good(r#"{"permissions":[2,3],"ipAddresses":["203.0.113.7"]}"#, Ok(vec![]))]
    #[case::any_address(r#"{"permissions":[1,2,3],"ipAddresses":[""]}"#, Ok(vec![KeyWarning::AnyAddress]))]
    #[case::transfers(r#"{"permissions":[2,3,7],"ipAddresses":[]}"#, Ok(vec![KeyWarning::Transfers, KeyWarning::AnyAddress]))]
    #[case::withdraws(r#"{"permissions":[2,3,5],"ipAddresses":["203.0.113.7"]}"#, Err(KeyRefusal::Withdraws))]
    #[case::reads_only(r#"{"permissions":[2]}"#, Err(KeyRefusal::TradesNothing))]
    #[case::flags(r#"{"enableReading":true,"enableFutures":true,"enableWithdrawals":false,"ipRestrict":true}"#, Ok(vec![]))]
    #[case::flags_withdraw(
        r#"{"enableReading":true,"enableFutures":true,"enableWithdrawals":true}"#,
        Err(KeyRefusal::Withdraws)
    )]
    #[case::says_nothing_of_withdrawals(
        r#"{"enableReading":true,"enableFutures":true}"#,
        Err(KeyRefusal::Withdraws)
    )]
    fn a_key_is_taken_or_refused(#[case] json: &str, #[case] verdict: Result<Vec<KeyWarning>, KeyRefusal>) {
        assert_eq!(serde_json::from_str::<KeyInfo>(json).unwrap().verdict(), verdict);
    }

    #[test]
    fn a_form_that_nobody_knows_is_not_taken() {
        assert!(serde_json::from_str::<KeyInfo>(r#"{"rights":"all"}"#).is_err());
    }
}
