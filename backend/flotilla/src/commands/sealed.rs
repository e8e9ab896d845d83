//! Where sealed values live.

use flotilla_security::keyring::Purpose;
use flotilla_security::seal::{SealContext, SealPurpose};
use flotilla_security::{api_key, exchange_secret};
use flotilla_store::sealed_keys::{SealedColumn, SealedValue};

/// Purpose and place of a value, as it was sealed for.
pub const fn place(column: SealedColumn, value: &SealedValue) -> (SealPurpose, SealContext) {
    let (owner, account) = (value.owner_id, value.account_id);
    match column {
        SealedColumn::EaKey => (SealPurpose::EaKey, api_key::place(owner, account)),
        SealedColumn::ExchangeKey | SealedColumn::ExchangeCandidate => {
            (SealPurpose::Exchange, exchange_secret::place(owner, account))
        }
    }
}

/// Purpose of the keys it is sealed under.
pub const fn key_purpose(column: SealedColumn) -> Purpose {
    match column {
        SealedColumn::EaKey => Purpose::EaKey,
        SealedColumn::ExchangeKey | SealedColumn::ExchangeCandidate => Purpose::Exchange,
    }
}

/// What a person calls it.
pub const fn name(column: SealedColumn) -> &'static str {
    match column {
        SealedColumn::EaKey => "keys of EAs",
        SealedColumn::ExchangeKey => "keys of exchange accounts",
        SealedColumn::ExchangeCandidate => "keys of exchange accounts being verified",
    }
}
