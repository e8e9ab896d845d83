//! Handlers, one file per noun.

pub mod accounts;
pub mod alert_levels;
pub mod alerts;
pub mod api_keys;
pub mod contracts;
pub mod copies;
pub mod corrections;
pub mod currency_rates;
pub mod device_sessions;
pub mod directory;
pub mod dry_runs;
pub mod equity;
pub mod erasure;
pub mod exchange_keys;
pub mod followers;
pub mod group_risk;
pub mod groups;
pub mod guard;
pub mod health;
pub mod market;
pub mod me;
pub mod me_export;
pub mod me_status;
pub mod orphans;
pub mod own_email;
pub mod pages;
pub mod personal_keys;
pub mod positions;
pub mod previews;
pub mod recovery;
pub mod required_rules;
pub mod risk;
pub mod risk_corrections;
pub mod risk_defaults;
pub mod risk_history;
pub mod risk_rules;
pub mod screenshots;
pub mod session;
pub mod shared_figures;
pub mod shares;
pub mod signals;
pub mod stats;
pub mod stop;
pub mod stream;
pub mod subscriptions;
pub mod trade_edits;
pub mod trade_export;
pub mod trade_imports;
pub mod trades;

use utoipa_actix_web::service_config::ServiceConfig;

/// Every route that stands in the document.
pub fn configure(services: &mut ServiceConfig) {
    configure_users(services);
    services
        .service(accounts::create_account)
        .service(accounts::list_accounts)
        .service(accounts::get_account)
        .service(accounts::patch_account)
        .service(accounts::archive_account)
        .service(api_keys::rotate_api_key)
        .service(api_keys::reveal_api_key)
        .service(exchange_keys::list_exchange_keys)
        .service(exchange_keys::get_exchange_key)
        .service(exchange_keys::put_exchange_key)
        .service(exchange_keys::patch_exchange_key)
        .service(exchange_keys::remove_exchange_key)
        .service(exchange_keys::verify_exchange_key)
        .service(trades::list_trades)
        .service(market::get_market)
        .service(contracts::list_contracts)
        .service(positions::list_positions)
        .service(positions::list_account_positions)
        .service(stop::get_stop_state)
        .service(stop::stop_copying)
        .service(stop::get_stop)
        .service(stop::close_all)
        .service(alerts::list_alerts)
        .service(alerts::read_all_alerts)
        .service(alerts::read_alert)
        .service(stream::create_ws_ticket)
        .service(stream::open_stream)
        .service(health::health)
        .service(health::ready)
        .service(health::get_status);
    configure_copying(services);
    configure_groups(services);
    configure_journal(services);
    configure_risk(services);
}

fn configure_users(services: &mut ServiceConfig) {
    services
        .service(session::register)
        .service(session::sign_in)
        .service(session::refresh)
        .service(session::logout)
        .service(recovery::request_password_reset)
        .service(recovery::reset_password)
        .service(recovery::verify_email)
        .service(me::get_me)
        .service(me::patch_me)
        .service(me::change_password)
        .service(me_export::export_me)
        .service(erasure::erase_me)
        .service(own_email::change_email)
        .service(own_email::resend_verification)
        .service(device_sessions::list_sessions)
        .service(device_sessions::end_session)
        .service(personal_keys::list_personal_keys)
        .service(personal_keys::create_personal_key)
        .service(personal_keys::revoke_personal_key);
}

fn configure_copying(services: &mut ServiceConfig) {
    services
        .service(subscriptions::list_subscriptions)
        .service(subscriptions::follow)
        .service(previews::preview_subscription)
        .service(subscriptions::get_subscription)
        .service(subscriptions::patch_subscription)
        .service(subscriptions::unfollow)
        .service(followers::list_followers)
        .service(followers::approve_follower)
        .service(followers::remove_follower)
        .service(dry_runs::dry_run)
        .service(directory::list_masters)
        .service(directory::get_master)
        .service(signals::list_signals)
        .service(copies::list_copies)
        .service(copies::get_copy)
        .service(copies::resolve_copy)
        .service(orphans::list_orphans);
}

fn configure_groups(services: &mut ServiceConfig) {
    services
        .service(groups::create_group)
        .service(groups::list_groups)
        .service(groups::get_group)
        .service(groups::put_group)
        .service(groups::delete_group)
        .service(groups::add_group_account)
        .service(groups::remove_group_account);
}

/// Words come before identifiers: the first address that fits is taken.
fn configure_journal(services: &mut ServiceConfig) {
    services
        .service(trade_export::export_trades)
        .service(trade_imports::import_trades)
        .service(trade_imports::get_import_progress)
        .service(trade_edits::tag_trades)
        .service(trade_edits::delete_trades)
        .service(trade_edits::create_trade)
        .service(trades::list_trade_symbols)
        .service(trades::get_trade)
        .service(trade_edits::patch_trade)
        .service(trade_edits::delete_trade)
        .service(screenshots::list_screenshots)
        .service(screenshots::add_screenshot)
        .service(screenshots::get_screenshot)
        .service(screenshots::delete_screenshot)
        .service(stats::get_stats)
        .service(stats::compare_accounts)
        .service(stats::get_portfolio)
        .service(shares::list_shares)
        .service(shares::create_share)
        .service(shares::revoke_share)
        .service(shared_figures::get_shared)
        .service(currency_rates::list_currency_rates)
        .service(currency_rates::put_currency_rate)
        .service(currency_rates::delete_currency_rate);
}

fn configure_risk(services: &mut ServiceConfig) {
    services
        .service(group_risk::get_group_risk)
        .service(group_risk::ask_what_if)
        .service(group_risk::put_group_rates)
        .service(risk::list_risks)
        .service(risk::get_account_risk)
        .service(risk::take_snapshot)
        .service(risk_history::get_risk_history)
        .service(equity::get_equity)
        .service(me_status::get_my_status)
        .service(risk_history::list_risk_days)
        .service(alert_levels::get_alert_levels)
        .service(alert_levels::put_alert_levels)
        .service(risk_defaults::get_risk_defaults)
        .service(risk_defaults::put_risk_defaults)
        .service(risk_rules::get_rules)
        .service(risk_rules::put_rules)
        .service(risk_rules::confirm_rules)
        .service(risk_rules::list_risk_templates)
        .service(risk_rules::begin_phase)
        .service(risk_corrections::put_day_start)
        .service(risk_corrections::set_floor)
        .service(risk_corrections::note_cash_flow)
        .service(corrections::list_corrections)
        .service(corrections::take_back_floor)
        .service(risk_corrections::list_violations)
        .service(risk_corrections::clear_violation)
        .service(guard::count_guarded_accounts)
        .service(guard::get_account_guard)
        .service(guard::put_account_guard)
        .service(guard::list_account_guard_trips)
        .service(guard::list_group_guard_trips);
}
