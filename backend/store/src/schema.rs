//! Generated from the database by the test `schema_is_current`; never edited.

diesel::table! {
    /// Last balance and equity an account reported, in its own currency.
    account_figures (account_id) {
        account_id -> Uuid,
        owner_id -> Uuid,
        balance -> Numeric,
        equity -> Numeric,
        margin -> Nullable<Numeric>,
        free_margin -> Nullable<Numeric>,
        currency -> Nullable<Text>,
        leverage -> Nullable<Integer>,
        at -> Timestamptz,
        /// What the terminal's clock was ahead of ours with these figures, in milliseconds; null when it does not tell the time.
        clock_ahead_ms -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// Trading accounts of an owner.
    accounts (id) {
        id -> Uuid,
        owner_id -> Uuid,
        name -> Text,
        platform -> Text,
        copy_role -> Text,
        is_active -> Bool,
        is_primary -> Bool,
        currency -> Text,
        starting_balance -> Nullable<Numeric>,
        capital_level -> Nullable<Text>,
        risk_tolerance -> Nullable<Text>,
        external_id -> Nullable<Text>,
        /// Exchange accounts: orders are placed only after the owner switched this on.
        trading_enabled -> Bool,
        is_public -> Bool,
        slug -> Nullable<Text>,
        description -> Nullable<Text>,
        archived_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        /// Follower: a copy in doubt takes the one new position that can be its own, without asking.
        adopt_inferred -> Bool,
        /// Master copying one to one: a position its partner lost by itself closes the master's trade.
        close_with_partner -> Bool,
        /// Of a paper account: how much worse than the price it sees it is filled, as a fraction; none: as usual.
        paper_slippage -> Nullable<Numeric>,
        /// Offered when it begins to follow; none: the master's size.
        default_sizing -> Nullable<Text>,
        /// Factor, lots, or fraction of the equity, as the sizing says.
        default_sizing_value -> Nullable<Numeric>,
    }
}

diesel::table! {
    /// From which severity on an owner hears of alerts.
    alert_levels (owner_id) {
        owner_id -> Uuid,
        /// Alerts below it are kept and not shown; what is critical always is.
        inbox -> Text,
        /// In the page, wherever its owner is; none: never.
        popup -> Nullable<Text>,
        /// By mail; none: never.
        mail -> Nullable<Text>,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    /// Inbox of an owner: what happened, how often, and whether it was read.
    alerts (id) {
        id -> Uuid,
        owner_id -> Uuid,
        kind -> Text,
        severity -> Text,
        account_id -> Nullable<Uuid>,
        /// Names a copy by its copy id.
        copy_id -> Nullable<Uuid>,
        /// Named parameters of the sentence that is shown; never secrets.
        detail -> Jsonb,
        /// Names the fact; while unread it is told once and counted.
        dedupe_key -> Text,
        times_seen -> Integer,
        first_at -> Timestamptz,
        /// When it was seen last; the inbox is sorted by it.
        last_at -> Timestamptz,
        /// When the condition ended by itself, as a lost connection that came back.
        resolved_at -> Nullable<Timestamptz>,
        read_at -> Nullable<Timestamptz>,
        /// When its condition came up: first, or again after it had ended.
        came_at -> Timestamptz,
    }
}

diesel::table! {
    /// API keys of EAs, one per account.
    api_keys (account_id) {
        account_id -> Uuid,
        owner_id -> Uuid,
        /// First characters, for recognition on screens.
        prefix -> Text,
        /// SHA-256 of the key.
        key_hash -> Binary,
        /// The key, sealed under the ea-key purpose and bound to row and owner.
        sealed_key -> Binary,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    /// Hash-chained record of actions, one chain per owner.
    audit (id) {
        id -> BigInt,
        owner_id -> Uuid,
        seq -> BigInt,
        at -> Timestamptz,
        actor_id -> Nullable<Uuid>,
        action -> Text,
        target_kind -> Nullable<Text>,
        target_id -> Nullable<Uuid>,
        /// Canonical JSON; text, so that its bytes are those that were hashed.
        detail -> Text,
        /// Hash of the row before, zeros for the first.
        prev_hash -> Binary,
        hash -> Binary,
    }
}

diesel::table! {
    /// Every edge a copy took, with its cause.
    copy_events (id) {
        id -> BigInt,
        owner_id -> Uuid,
        copy_id -> Uuid,
        at -> Timestamptz,
        from_state -> Text,
        to_state -> Text,
        /// Stable word of the engine.
        cause -> Text,
        /// The other side's words, if it said any.
        detail -> Nullable<Text>,
        evidence_id -> Nullable<BigInt>,
        /// The list that is the evidence, if it was one.
        snapshot_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// Copies of master signals, one per follower account.
    copy_orders (id) {
        id -> BigInt,
        /// Names the copy to users, EAs and exchanges; never reused.
        copy_id -> Uuid,
        signal_id -> Uuid,
        owner_id -> Uuid,
        follower_account_id -> Uuid,
        master_account_id -> Uuid,
        state -> Text,
        /// Instrument under the follower's name.
        symbol -> Text,
        /// Side to open: the master's, unless the follower reverses.
        side -> Text,
        master_ticket -> BigInt,
        master_lots -> Numeric,
        master_price -> Numeric,
        /// Stop loss that is wanted; none where there is none or the follower does not copy it.
        stop_loss -> Nullable<Numeric>,
        /// Take profit that is wanted; none where there is none or the follower does not copy it.
        take_profit -> Nullable<Numeric>,
        /// Target size in lots; zero means the copy should be flat.
        desired_lots -> Numeric,
        /// Counts changes of what is wanted.
        desired_version -> Integer,
        /// The follower's own ticket or order id, once there is evidence of it.
        venue_ref -> Nullable<Text>,
        open_lots -> Numeric,
        close_price -> Nullable<Numeric>,
        pnl -> Nullable<Numeric>,
        reason_code -> Nullable<Text>,
        reason_text -> Nullable<Text>,
        /// Session epoch of the follower to which the open may have been sent.
        claim_epoch -> Nullable<BigInt>,
        claimed_at -> Nullable<Timestamptz>,
        /// An open that is still planned then is skipped, not sent.
        expires_at -> Timestamptz,
        close_attempts -> Integer,
        /// When the close is sent (again).
        close_due_at -> Nullable<Timestamptz>,
        /// Microseconds from commit to the write of the open.
        sent_us -> Nullable<Integer>,
        /// Microseconds from the write of the open to its evidence.
        ack_us -> Nullable<Integer>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    /// What lists of open tickets said about copies.
    copy_sightings (copy_id) {
        copy_id -> Uuid,
        owner_id -> Uuid,
        /// The ticket the copy had then; with another one nothing here counts.
        venue_ref -> Nullable<Text>,
        /// When a list first had its ticket.
        listed_at -> Nullable<Timestamptz>,
        /// When a list first lacked it, if every list since did.
        missing_since -> Nullable<Timestamptz>,
        /// When its owner was told that it is in doubt.
        alarmed_at -> Nullable<Timestamptz>,
        /// When its owner was told that it does not close.
        close_alarmed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// What currencies are worth, by day.
    currency_rates (owner_id, currency, base_currency, day) {
        owner_id -> Uuid,
        currency -> Text,
        base_currency -> Text,
        /// By the clock of the owner; it holds until the day of the next one.
        day -> Date,
        /// Units of the base currency for one.
        rate -> Numeric,
        /// When it was given, or given anew.
        created_at -> Timestamptz,
    }
}

diesel::table! {
    /// Kinds of devices a user signed in from.
    devices (owner_id, kind) {
        owner_id -> Uuid,
        /// Browser and system, as in Firefox on Windows.
        kind -> Text,
        first_at -> Timestamptz,
        last_at -> Timestamptz,
    }
}

diesel::table! {
    /// Orders that are judged for every follower and not sent to anybody.
    dry_runs (id) {
        id -> Uuid,
        owner_id -> Uuid,
        account_id -> Uuid,
        /// The order of the master.
        asked -> Jsonb,
        /// What each follower would do; of other owners' followers the reason only.
        answer -> Nullable<Jsonb>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    /// Users who asked to be erased; the row goes with the user.
    erasures (user_id) {
        user_id -> Uuid,
        asked_at -> Timestamptz,
    }
}

diesel::table! {
    /// Lines from followers that say something about a position.
    evidence (id) {
        id -> BigInt,
        owner_id -> Uuid,
        account_id -> Uuid,
        session_epoch -> BigInt,
        line -> Text,
        received_at -> Timestamptz,
        /// Names the line for ever; older lines have none.
        line_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    /// Keys of accounts at exchanges, one per account.
    exchange_keys (account_id) {
        account_id -> Uuid,
        owner_id -> Uuid,
        /// Real money or demo; the same key works on both hosts, so it never changes.
        environment -> Text,
        /// The proven key, sealed under the exchange purpose and bound to row and owner.
        sealed -> Nullable<Binary>,
        /// The offer that is in place; whoever keeps the opened key compares it.
        generation -> BigInt,
        /// A key that is being proven; the one in place stays until then.
        candidate -> Nullable<Binary>,
        /// Grows with each key that was handed in.
        offer -> BigInt,
        offered_at -> Nullable<Timestamptz>,
        /// pending until a first key is proven.
        status -> Text,
        /// What the key may do: read, perpetual, spot, transfer, withdraw.
        permissions -> Array<Text>,
        /// Whether the key works from listed addresses only.
        ip_restricted -> Nullable<Bool>,
        /// Number of the account at the exchange; of one owner only, and once in each environment.
        uid -> Nullable<Text>,
        uid_hint -> Nullable<Text>,
        account_type -> Nullable<Text>,
        position_mode -> Nullable<Text>,
        /// What the owner wants; set at the exchange only after he said so.
        leverage -> Integer,
        /// When the owner last said so; null: the exchange keeps what it has.
        leverage_set_at -> Nullable<Timestamptz>,
        margin_asset -> Nullable<Text>,
        balance -> Nullable<Numeric>,
        /// What new positions may use, in the margin asset.
        available -> Nullable<Numeric>,
        /// When everything about the key was last found in order.
        last_verified_at -> Nullable<Timestamptz>,
        /// When the exchange last took the key.
        last_checked_at -> Nullable<Timestamptz>,
        last_error -> Nullable<Text>,
        last_error_text -> Nullable<Text>,
        last_error_at -> Nullable<Timestamptz>,
        /// When it is to be looked at again.
        check_due_at -> Timestamptz,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        /// The account is read this often, in seconds, as there is no place for its stream; none: it is told live, or not listened to.
        polled_every_s -> Nullable<Integer>,
    }
}

diesel::table! {
    /// Fills of a trade.
    executions (id) {
        id -> BigInt,
        owner_id -> Uuid,
        trade_id -> Uuid,
        side -> Text,
        quantity -> Numeric,
        price -> Nullable<Numeric>,
        fees -> Numeric,
        at -> Timestamptz,
    }
}

diesel::table! {
    /// Which accounts are in a group; group and account have the same owner.
    group_accounts (group_id, account_id) {
        group_id -> Uuid,
        account_id -> Uuid,
        owner_id -> Uuid,
        added_at -> Timestamptz,
    }
}

diesel::table! {
    /// What currencies are worth to groups.
    group_rates (group_id, currency) {
        group_id -> Uuid,
        currency -> Text,
        owner_id -> Uuid,
        /// That of the group when the rate was given; the rate holds for no other.
        base_currency -> Text,
        /// Units of the base currency for one.
        rate -> Numeric,
        as_of -> Timestamptz,
    }
}

diesel::table! {
    /// Accounts of one owner that are handled together.
    groups (id) {
        id -> Uuid,
        owner_id -> Uuid,
        name -> Text,
        /// Money of several accounts is compared in it.
        base_currency -> Text,
        /// Grows with each edit; an edit names the one it is based on.
        version -> Integer,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        /// Rules that every account of the group must have; none: nothing is required.
        required_rules -> Nullable<Jsonb>,
        /// Template they were taken from.
        required_template_id -> Nullable<Text>,
        /// The size chosen there.
        required_template_size -> Nullable<Integer>,
        /// Marks of its accounts that set none of their own; none: those of their owner hold.
        thresholds -> Nullable<Jsonb>,
    }
}

diesel::table! {
    /// Accounts that a guard has answered to, until they are better again.
    guard_latches (guard_id, account_id) {
        guard_id -> Uuid,
        account_id -> Uuid,
        owner_id -> Uuid,
        /// The group, of a group's guard.
        group_id -> Nullable<Uuid>,
        /// How the account stood; what is worse counts as new.
        status -> Text,
    }
}

diesel::table! {
    /// Each time a guard acted, and who ended that.
    guard_trips (id) {
        id -> Uuid,
        owner_id -> Uuid,
        guard_id -> Uuid,
        /// The group whose guard it was.
        group_id -> Nullable<Uuid>,
        /// The account whose guard it was.
        guarded_id -> Nullable<Uuid>,
        scope_name -> Text,
        /// The account that tripped it.
        account_id -> Uuid,
        account_name -> Text,
        /// The rule of that account which stood worst.
        rule_id -> Nullable<Text>,
        rule_kind -> Nullable<Text>,
        status -> Text,
        action -> Text,
        /// How it is named where a copy was skipped.
        title -> Text,
        at -> Timestamptz,
        resumed_at -> Nullable<Timestamptz>,
        /// Who resumed; none: a stronger action of the same guard took its place.
        resumed_by -> Nullable<Uuid>,
    }
}

diesel::table! {
    /// What happens by itself when an account, or any account of a group, stands badly.
    guards (id) {
        id -> Uuid,
        owner_id -> Uuid,
        group_id -> Nullable<Uuid>,
        account_id -> Nullable<Uuid>,
        /// From which status on it acts; none: it is off.
        status -> Nullable<Text>,
        /// What it does then: tell, stop new copies, or also close every open copy.
        action -> Nullable<Text>,
        /// Of an account's: grows with each edit; an edit names the one it is based on. A group has its own.
        version -> Integer,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    /// What writes with an Idempotency-Key answered, for a day.
    idempotency_keys (owner_id, key) {
        owner_id -> Uuid,
        key -> Text,
        /// SHA-256 of method, path and body: the same key with another request is refused.
        request_hash -> Binary,
        status -> Integer,
        answer -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    /// Addresses that an account's EA connected from.
    key_addresses (account_id, address) {
        account_id -> Uuid,
        owner_id -> Uuid,
        /// An IPv4 address, or the network of an IPv6 address.
        address -> Text,
        first_at -> Timestamptz,
        /// When it was seen last after another one.
        last_at -> Timestamptz,
    }
}

diesel::table! {
    /// Finds the user of a lower-case e-mail address.
    login_names (login_name) {
        login_name -> Text,
        user_id -> Uuid,
    }
}

diesel::table! {
    /// SHA-256 of one-time tokens in mails; the token itself is in the mail alone.
    mail_tokens (token_hash) {
        token_hash -> Binary,
        user_id -> Uuid,
        kind -> Text,
        /// The address that whoever has the token can read.
        address -> Text,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    /// Charts on which connections of masters stand.
    master_charts (account_id, session_epoch) {
        account_id -> Uuid,
        session_epoch -> BigInt,
        owner_id -> Uuid,
        /// Made of account, key and chart symbol.
        lineage -> Uuid,
        /// As the broker names it.
        chart_symbol -> Text,
        /// As its signals name it, once one came.
        signal_symbol -> Nullable<Text>,
        connected_at -> Timestamptz,
    }
}

diesel::table! {
    /// Followers as the owner of their master sees them.
    master_followers (subscription_id) {
        subscription_id -> Uuid,
        owner_id -> Uuid,
        master_account_id -> Uuid,
        /// The account's name if it is his own, else Follower and four letters.
        name -> Text,
        state -> Text,
        online -> Bool,
        open_copies -> Integer,
        updated_at -> Timestamptz,
        /// What the master's owner decided and the worker has not carried over yet.
        decision -> Nullable<Text>,
        /// Microseconds from the read of a signal to the answer of the follower: of half of its last copies at most this.
        lag_p50_us -> Nullable<BigInt>,
        /// The same of 99 in a hundred.
        lag_p99_us -> Nullable<BigInt>,
        /// Number of copies it was measured with.
        lag_copies -> Nullable<Integer>,
    }
}

diesel::table! {
    /// Master side of accounts: token, copy mode, partner.
    masters (account_id) {
        account_id -> Uuid,
        owner_id -> Uuid,
        /// Name of the account, kept equal to accounts.name.
        name -> Text,
        token -> Text,
        copy_mode -> Text,
        /// The one follower of one-to-one copying; kept as a reservation in other modes.
        partner_account_id -> Nullable<Uuid>,
        /// False while the account is inactive or archived.
        is_open -> Bool,
        /// Followers of other owners wait for the approval of the master's owner.
        needs_approval -> Bool,
    }
}

diesel::table! {
    /// Public profiles of masters that opted in.
    masters_directory (account_id) {
        account_id -> Uuid,
        slug -> Text,
        name -> Text,
        description -> Nullable<Text>,
        platform -> Text,
        currency -> Text,
        copy_mode -> Text,
        needs_approval -> Bool,
        followers -> Integer,
        /// Closed trades that the terminal or the exchange reported.
        trades -> Integer,
        wins -> Integer,
        profit -> Numeric,
        /// Largest fall of the summed profit from its peak, in the account's currency.
        drawdown -> Numeric,
        /// The same as a fraction of starting balance and peak, where the former is known.
        drawdown_ratio -> Nullable<Numeric>,
        /// Summed profit at the end of each day with a trade: [[day, profit], ...], oldest first.
        curve -> Jsonb,
        /// Entry of the first trade.
        since -> Nullable<Timestamptz>,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    /// Positions that an account reported and no copy owns.
    orphans (account_id, ticket) {
        account_id -> Uuid,
        ticket -> BigInt,
        owner_id -> Uuid,
        /// A list of open tickets, or the answer to an order.
        source -> Text,
        /// What the answer named, if it was an answer.
        master_ticket -> Nullable<BigInt>,
        side -> Nullable<Text>,
        lots -> Nullable<Numeric>,
        first_seen_at -> Timestamptz,
        last_seen_at -> Timestamptz,
        /// When a list first lacked it; null while it is there.
        gone_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// Mails: wanted by the API, sent by the worker.
    outbox (id) {
        id -> Uuid,
        /// Null: whoever has this address, if anybody.
        user_id -> Nullable<Uuid>,
        kind -> Text,
        /// Where it goes; of a reset, the login name that was typed.
        address -> Text,
        /// When it was wanted; alerts raised from then on are named by a mail of alerts.
        created_at -> Timestamptz,
        /// When it is tried next; moved before each attempt.
        due_at -> Timestamptz,
        /// After this time it is of no use and not sent.
        ends_at -> Timestamptz,
        attempts -> Integer,
        sent_at -> Nullable<Timestamptz>,
        failed_at -> Nullable<Timestamptz>,
        /// Kind of the last failure, without words of the mail server.
        failure -> Nullable<Text>,
    }
}

diesel::table! {
    /// Trades of one-to-one masters that shall be closed because the partner does not hold them.
    pair_closes (id) {
        id -> Uuid,
        /// Owner of the master.
        owner_id -> Uuid,
        master_account_id -> Uuid,
        master_ticket -> BigInt,
        partner_account_id -> Uuid,
        /// The copy that was refused or lost, or that the stopped-out partner may hold.
        copy_id -> Uuid,
        cause -> Text,
        /// What the master's terminal is told, and its owner.
        words -> Text,
        created_at -> Timestamptz,
        /// When the order to close is sent again.
        due_at -> Timestamptz,
        attempts -> Integer,
        /// When the owner was told that the trade still stands alone.
        told_at -> Nullable<Timestamptz>,
        ended_at -> Nullable<Timestamptz>,
        /// closed: the master reported the exit. held: the partner has the position after all. unpaired: the two are no pair any more. expired: nobody saw it end for so long that it is left to a person.
        ended_by -> Nullable<Text>,
    }
}

diesel::table! {
    /// Finds the user of a key; revoking deletes the row.
    personal_key_hashes (key_hash) {
        key_hash -> Binary,
        key_id -> Uuid,
        user_id -> Uuid,
    }
}

diesel::table! {
    /// Keys of integrators, without the keys.
    personal_keys (id) {
        id -> Uuid,
        owner_id -> Uuid,
        name -> Text,
        /// The first characters of the key, to tell keys apart.
        prefix -> Text,
        scopes -> Array<Text>,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        /// To the minute.
        last_used_at -> Nullable<Timestamptz>,
        revoked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// Last price of each chart of a terminal.
    prices (account_id, chart_symbol) {
        account_id -> Uuid,
        owner_id -> Uuid,
        /// Instrument under the terminal's own name.
        chart_symbol -> Text,
        /// Name of the same instrument in the signals of this chart, once seen.
        signal_symbol -> Nullable<Text>,
        bid -> Nullable<Numeric>,
        ask -> Nullable<Numeric>,
        /// When the terminal last said so.
        at -> Timestamptz,
        /// When it last said something else: a terminal that lost its broker repeats itself.
        changed_at -> Timestamptz,
    }
}

diesel::table! {
    /// SHA-256 of one-time refresh tokens, by login (token family).
    refresh_tokens (token_hash) {
        token_hash -> Binary,
        /// The signed-in device; reuse of one token ends all tokens of its login.
        login_id -> Uuid,
        user_id -> Uuid,
        created_at -> Timestamptz,
        /// When it was exchanged for its successor.
        used_at -> Nullable<Timestamptz>,
        revoked_at -> Nullable<Timestamptz>,
        /// End of inactivity.
        expires_at -> Timestamptz,
        /// Absolute end of the login, inherited by successors.
        login_ends_at -> Timestamptz,
        /// Browser and system, as in Firefox on Windows; inherited by successors.
        device -> Nullable<Text>,
    }
}

diesel::table! {
    /// How far a request is in each follower account.
    request_accounts (request_id, account_id) {
        request_id -> Uuid,
        owner_id -> Uuid,
        account_id -> Uuid,
        /// Copies to be closed.
        total -> Integer,
        /// Copies of which there is no evidence yet that they are gone.
        remaining -> Integer,
    }
}

diesel::table! {
    /// Asked by the API, performed by the worker, which writes the progress.
    requests (id) {
        id -> Uuid,
        owner_id -> Uuid,
        actor_id -> Nullable<Uuid>,
        kind -> Text,
        /// What the kind names: an account, a group, a subscription, a copy; the owner for all his accounts.
        target_id -> Uuid,
        state -> Text,
        /// Copies that have ended, of total.
        done -> Integer,
        total -> Nullable<Integer>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        /// What is decided about a copy in doubt.
        action -> Nullable<Text>,
        /// The position the decision names.
        ticket -> Nullable<BigInt>,
        /// Why it could not be performed.
        failure -> Nullable<Text>,
        /// When the worker first looked at it; younger copies are not concerned.
        began_at -> Nullable<Timestamptz>,
        /// Of a group: the accounts that were in it when it was asked.
        account_ids -> Nullable<Array<Uuid>>,
        /// The guard that asked; none: a person did.
        trip_id -> Nullable<Uuid>,
        /// Transaction in which it was begun; what ran then must have ended.
        began_xid -> Nullable<BigInt>,
        /// What else is asked, and what came of it; never secrets.
        detail -> Jsonb,
    }
}

diesel::table! {
    /// Money moved in or out of an account: never profit or loss.
    risk_cash_flows (id) {
        id -> Uuid,
        phase_id -> Uuid,
        owner_id -> Uuid,
        kind -> Text,
        at -> Timestamptz,
        /// Negative when it left the account, in its currency.
        amount -> Numeric,
        note -> Nullable<Text>,
        set_by -> Nullable<Uuid>,
        set_at -> Timestamptz,
        /// Whether a person noted it, or the account's terminal reported it.
        source -> Text,
    }
}

diesel::table! {
    /// What was remembered of accounts at moments of their phases.
    risk_checkpoints (phase_id, at) {
        phase_id -> Uuid,
        /// Until when everything is in it.
        at -> Timestamptz,
        owner_id -> Uuid,
        account_id -> Uuid,
        /// The state, as it was.
        state -> Jsonb,
        /// The first of its date, kept as long as its phase lasts.
        is_daily -> Bool,
    }
}

diesel::table! {
    /// What a day of the phase began with, as typed from the firm's dashboard.
    risk_day_starts (phase_id, label) {
        phase_id -> Uuid,
        /// The date that the day carries.
        label -> Date,
        owner_id -> Uuid,
        balance -> Numeric,
        equity -> Numeric,
        set_by -> Uuid,
        set_at -> Timestamptz,
    }
}

diesel::table! {
    /// Days of accounts by their own clocks, without the cash moved since the phase began.
    risk_days (phase_id, label) {
        phase_id -> Uuid,
        /// The date that the day carries.
        label -> Date,
        owner_id -> Uuid,
        account_id -> Uuid,
        started_at -> Timestamptz,
        /// When the figures it began with were true.
        start_as_of -> Timestamptz,
        start_balance -> Numeric,
        start_equity -> Numeric,
        end_balance -> Numeric,
        end_equity -> Numeric,
        low_equity -> Numeric,
        high_equity -> Numeric,
        /// When the figures it ended with were true.
        ended_at -> Timestamptz,
        /// Cash moved from the phase's beginning to the end of the day.
        cash -> Numeric,
    }
}

diesel::table! {
    /// What owners let their new accounts begin with, in percent of the starting balance.
    risk_defaults (owner_id) {
        owner_id -> Uuid,
        max_open_positions -> Integer,
        risk_per_trade_percent -> Numeric,
        daily_loss_percent -> Numeric,
        max_drawdown_percent -> Numeric,
        /// Grows with each edit; an edit names the one it is based on.
        version -> Integer,
        updated_at -> Timestamptz,
        /// Marks of accounts for which neither they nor their groups set any; none: those that hold for everybody.
        thresholds -> Nullable<Jsonb>,
    }
}

diesel::table! {
    /// Changes of where accounts stand, for those who watch and for the records.
    risk_events (id) {
        id -> Uuid,
        owner_id -> Uuid,
        account_id -> Uuid,
        phase_id -> Nullable<Uuid>,
        kind -> Text,
        /// None: the account as a whole.
        rule_id -> Nullable<Text>,
        from_status -> Nullable<Text>,
        to_status -> Nullable<Text>,
        /// Figures that go with it.
        detail -> Jsonb,
        at -> Timestamptz,
        /// Whether the worker has hinted at it after the commit.
        is_told -> Bool,
    }
}

diesel::table! {
    /// Floors that the firm has set, as at a first payout; they hold from their time on.
    risk_floor_overrides (id) {
        id -> Uuid,
        phase_id -> Uuid,
        owner_id -> Uuid,
        rule_id -> Text,
        at -> Timestamptz,
        floor -> Numeric,
        reason -> Text,
        set_by -> Uuid,
        set_at -> Timestamptz,
        /// When a person took it back: it does not hold any more, not even in the past.
        taken_back_at -> Nullable<Timestamptz>,
        /// Who did.
        taken_back_by -> Nullable<Uuid>,
        /// Why, in their words.
        take_back_reason -> Nullable<Text>,
    }
}

diesel::table! {
    /// From one reset of an account by its firm to the next, with the rules by which it is judged.
    risk_phases (id) {
        id -> Uuid,
        owner_id -> Uuid,
        account_id -> Uuid,
        currency -> Text,
        /// Balance with which the phase began, in its currency.
        starting_balance -> Numeric,
        started_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
        day_tz -> Text,
        /// Local time of day at which the firm's day begins.
        day_reset -> Text,
        /// How old figures may be, in seconds.
        stale_after_s -> Integer,
        /// How long before a reset figures still are the day's start, in seconds.
        start_tolerance_s -> Integer,
        /// Marks of rules that have none of their own, as far as the account sets them itself.
        thresholds -> Jsonb,
        rules -> Jsonb,
        /// Why the phase was begun.
        reason -> Text,
        /// Grows with each edit; an edit names the one it is based on.
        version -> Integer,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        /// Template its rules were taken from; they may have been edited since.
        template_id -> Nullable<Text>,
        /// Size of the account that was chosen there.
        template_size -> Nullable<Integer>,
        /// When its owner compared the rules with the firm's dashboard; an edit ends that.
        confirmed_at -> Nullable<Timestamptz>,
        confirmed_by -> Nullable<Uuid>,
    }
}

diesel::table! {
    /// Peaks, day starts, recorded violations and last figures of accounts, as the risk engine keeps them.
    risk_states (account_id) {
        account_id -> Uuid,
        owner_id -> Uuid,
        /// The phase that the state belongs to.
        phase_id -> Uuid,
        state -> Jsonb,
        updated_at -> Timestamptz,
        /// Where the account stood when the state was written; older than its figures may be, it is stale.
        risk -> Nullable<Jsonb>,
        /// Statuses that were last told, and with what the day began.
        told -> Jsonb,
        /// When time alone changes something: a reset, figures that become too old.
        due_at -> Nullable<Timestamptz>,
        /// Until when a guard can judge by the account's figures; none: something is not known.
        sees_until -> Nullable<Timestamptz>,
        /// What trades brought day by day, until the moment it names.
        ledger -> Nullable<Jsonb>,
        /// Deposits less withdrawals of the account's whole history, as its terminal last told.
        reported_cash -> Nullable<Numeric>,
        /// Since when the terminal tells in this phase.
        cash_reported_since -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// Trades that changed since the rules of their accounts were last gone over.
    risk_trade_changes (id) {
        id -> BigInt,
        owner_id -> Uuid,
        account_id -> Uuid,
        /// When the trade was opened or closed.
        at -> Timestamptz,
        /// Whether that was its end, or else its beginning.
        is_closing -> Bool,
    }
}

diesel::table! {
    /// Lines that accounts have crossed by our measurement; the firm decides.
    risk_violations (id) {
        id -> Uuid,
        owner_id -> Uuid,
        account_id -> Uuid,
        phase_id -> Uuid,
        rule_id -> Text,
        kind -> Text,
        severity -> Text,
        /// When the figures were true, or the line moved.
        at -> Timestamptz,
        /// What was measured, against which line, when and how that was learnt.
        evidence -> Jsonb,
        recorded_at -> Timestamptz,
        /// When an authorised person took it back.
        cleared_at -> Nullable<Timestamptz>,
        cleared_by -> Nullable<Uuid>,
        clear_reason -> Nullable<Text>,
        /// The rule capped size by the money at stake, so its amounts are money.
        is_notional -> Bool,
    }
}

diesel::table! {
    /// Pictures of trades.
    screenshots (id) {
        id -> Uuid,
        owner_id -> Uuid,
        trade_id -> Uuid,
        media_type -> Text,
        /// Size of the content.
        bytes -> Integer,
        content -> Binary,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    /// Connection of an account's EA to a worker, or the service of an account at an exchange by a worker.
    sessions (account_id) {
        account_id -> Uuid,
        owner_id -> Uuid,
        /// Grows with every log-in; claims name the epoch they were made under.
        epoch -> BigInt,
        node_id -> Uuid,
        /// Open sockets; a master may have several, one per chart.
        sockets -> Integer,
        /// Master of the token last seen on the wire.
        wire_master_id -> Nullable<Uuid>,
        connected_at -> Timestamptz,
        last_seen_at -> Timestamptz,
        disconnected_at -> Nullable<Timestamptz>,
        /// Opens are sent from then on, or once the terminal has listed its positions; null: at once.
        opens_from -> Nullable<Timestamptz>,
        /// Which exchange the account is served at; none: an EA is connected.
        venue -> Nullable<Text>,
    }
}

diesel::table! {
    /// Finds the user of a link; revoking deletes the row.
    share_hashes (token_hash) {
        token_hash -> Binary,
        share_id -> Uuid,
        user_id -> Uuid,
    }
}

diesel::table! {
    /// Links that show chosen figures to strangers, without their tokens.
    shares (id) {
        id -> Uuid,
        owner_id -> Uuid,
        name -> Text,
        /// All that are not archived where absent.
        account_ids -> Nullable<Array<Uuid>>,
        /// Trades closed at or after are shown.
        from_at -> Nullable<Timestamptz>,
        /// Trades closed before are shown.
        to_at -> Nullable<Timestamptz>,
        /// What is shown.
        sections -> Array<Text>,
        /// Otherwise fractions only.
        shows_money -> Bool,
        /// Of the link and of its accounts.
        shows_names -> Bool,
        /// All money is told in it; as the accounts have it where absent.
        currency -> Nullable<Text>,
        /// What happened since so long is not shown.
        delay_minutes -> Integer,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        revoked_at -> Nullable<Timestamptz>,
        /// A visitor counts once an hour.
        views -> BigInt,
        last_viewed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// Events of master trades.
    signals (id) {
        id -> Uuid,
        owner_id -> Uuid,
        master_account_id -> Uuid,
        ticket -> BigInt,
        kind -> Text,
        /// Counts events of one kind of one ticket, from 0.
        part -> Integer,
        symbol -> Text,
        side -> Nullable<Text>,
        /// Size of an entry, or of the part that left.
        lots -> Nullable<Numeric>,
        price -> Nullable<Numeric>,
        /// As it came with an entry, or as it is from a modification on; none where there is none.
        stop_loss -> Nullable<Numeric>,
        take_profit -> Nullable<Numeric>,
        profit -> Nullable<Numeric>,
        /// SHA-256 of the line, to recognise a resend.
        line_hash -> Binary,
        session_epoch -> BigInt,
        read_to_commit_us -> Nullable<Integer>,
        /// Number of copies per state, projected by the worker for the master's owner.
        copies -> Jsonb,
        /// Database time of acceptance minus the time since the read.
        received_at -> Timestamptz,
        /// planning: followers may be left without a row; they get theirs.
        plan_state -> Text,
        /// What the master holds after a part of it left.
        rest_lots -> Nullable<Numeric>,
    }
}

diesel::table! {
    /// Lists of open tickets that terminals sent.
    snapshots (id) {
        id -> BigInt,
        owner_id -> Uuid,
        account_id -> Uuid,
        session_epoch -> BigInt,
        /// Of a master: the chart it speaks of, once it was applied.
        lineage -> Nullable<Uuid>,
        tickets -> Array<BigInt>,
        received_at -> Timestamptz,
    }
}

diesel::table! {
    /// Where copying is stopped until somebody resumes it.
    stops (id) {
        id -> Uuid,
        owner_id -> Uuid,
        /// With no group either: every account of the owner.
        account_id -> Nullable<Uuid>,
        actor_id -> Nullable<Uuid>,
        created_at -> Timestamptz,
        group_id -> Nullable<Uuid>,
        /// The guard that stopped; none: a person did.
        trip_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    /// Which follower account follows which master account, and how.
    subscriptions (id) {
        id -> Uuid,
        owner_id -> Uuid,
        follower_account_id -> Uuid,
        master_account_id -> Uuid,
        /// Name of the master as shown to the follower's owner.
        master_name -> Text,
        source -> Text,
        state -> Text,
        sizing -> Text,
        /// Factor, lots, or fraction of the equity, as the sizing says.
        sizing_value -> Numeric,
        min_lots -> Nullable<Numeric>,
        max_lots -> Nullable<Numeric>,
        lot_step -> Nullable<Numeric>,
        copy_sl_tp -> Bool,
        max_age_s -> Integer,
        /// A web unfollow stands until the EA names another token.
        ended_by -> Nullable<Text>,
        ended_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        /// Which trades are copied, by the master's side.
        sides -> Text,
        reverse -> Bool,
        /// The follower's name of an instrument by the master's in capitals.
        symbol_map -> Nullable<Jsonb>,
        strip_suffix -> Nullable<Text>,
        add_suffix -> Nullable<Text>,
        /// Only these are copied, by either name in capitals.
        allow_symbols -> Nullable<Array<Text>>,
        /// These are not copied, by either name in capitals.
        deny_symbols -> Nullable<Array<Text>>,
        /// With so many copies not ended, no further one is opened.
        max_open_copies -> Nullable<Integer>,
        /// As a fraction of the master's price; v7 followers do not judge by it.
        max_deviation -> Nullable<Numeric>,
        /// Signals received before have no copy here.
        valid_from -> Timestamptz,
        /// When the master's owner let this follower of another owner in.
        approved_at -> Nullable<Timestamptz>,
        /// Units of one lot by the master's name of an instrument in capitals; decimals as text.
        units_per_lot -> Nullable<Jsonb>,
        /// What becomes of a copy whose terminal cannot be told to close a part: all of it is closed, or it goes on.
        on_partial -> Text,
    }
}

diesel::table! {
    /// Contract size and digits of an instrument, as an account's terminal reports them.
    symbol_specs (account_id, symbol) {
        account_id -> Uuid,
        owner_id -> Uuid,
        /// Name the terminal used: of a follower, the master's.
        symbol -> Text,
        contract_size -> Numeric,
        digits -> Integer,
        at -> Timestamptz,
    }
}

diesel::table! {
    /// Trades whose mae and mfe are to be computed; the row goes once they are.
    trade_excursions (trade_id) {
        trade_id -> Uuid,
        owner_id -> Uuid,
        /// Where it was traded.
        environment -> Text,
        /// End of the trade it is about: one that ends anew begins anew here.
        exit_at -> Timestamptz,
        /// When it is tried next; none when they cannot be known, or it was tried often enough.
        due_at -> Nullable<Timestamptz>,
        /// How often it was begun.
        tries -> Integer,
    }
}

diesel::table! {
    /// The tags of trades, to find trades by; kept by a trigger on trades.
    trade_tags (owner_id, tag, trade_id) {
        owner_id -> Uuid,
        tag -> Text,
        trade_id -> Uuid,
    }
}

diesel::table! {
    /// Positions from entry to exit.
    trades (id) {
        id -> Uuid,
        owner_id -> Uuid,
        account_id -> Uuid,
        source -> Text,
        symbol -> Text,
        direction -> Text,
        asset_type -> Text,
        quantity -> Numeric,
        multiplier -> Nullable<Numeric>,
        entry_price -> Nullable<Numeric>,
        exit_price -> Nullable<Numeric>,
        entry_at -> Timestamptz,
        exit_at -> Nullable<Timestamptz>,
        stop_loss -> Nullable<Numeric>,
        take_profit -> Nullable<Numeric>,
        fees -> Numeric,
        swap -> Numeric,
        pnl -> Nullable<Numeric>,
        pnl_source -> Nullable<Text>,
        status -> Text,
        external_id -> Nullable<Text>,
        copy_id -> Nullable<Uuid>,
        tags -> Array<Text>,
        notes -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        /// Of options: CALL or PUT.
        option_type -> Nullable<Text>,
        /// Worst result while it was open, account currency; zero or less.
        mae -> Nullable<Numeric>,
        /// Best result while it was open, account currency; zero or more.
        mfe -> Nullable<Numeric>,
        /// Of imported rows: recognises the same row of another file.
        fingerprint -> Nullable<Text>,
        /// The result to sort and filter by; numeric comparison may not pass row-level security.
        pnl_rank -> Nullable<Double>,
    }
}

diesel::table! {
    /// Login identities; a user is the owner of the rows he creates.
    users (id) {
        id -> Uuid,
        email -> Text,
        name -> Text,
        /// Argon2id in PHC form.
        password_hash -> Text,
        role -> Text,
        is_active -> Bool,
        email_verified -> Bool,
        language -> Text,
        time_zone -> Text,
        /// Grows whenever access tokens issued before must stop working.
        security_version -> Integer,
        created_at -> Timestamptz,
        last_login_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// How far the worker has read what happened in accounts at exchanges.
    venue_accounts (account_id) {
        account_id -> Uuid,
        owner_id -> Uuid,
        /// Number of the account at the exchange that was read.
        uid -> Nullable<Text>,
        /// When all positions were last known; without rows it had none then.
        positions_at -> Nullable<Timestamptz>,
        /// All fills before this are stored.
        fills_until -> Nullable<Timestamptz>,
        /// All income before this is stored.
        income_until -> Nullable<Timestamptz>,
        /// Where the history begins; null until it was imported.
        imported_from -> Nullable<Timestamptz>,
        /// Since when its orders are signals to followers.
        leads_from -> Nullable<Timestamptz>,
        /// All of its fills before this became signals.
        leads_until -> Nullable<Timestamptz>,
        /// Number of the account at the exchange whose orders are signals.
        leads_uid -> Nullable<Text>,
    }
}

diesel::table! {
    /// How many accounts at an exchange follow a master over one source address of a worker.
    venue_audiences (master_account_id, environment, egress, node_id) {
        node_id -> Uuid,
        master_account_id -> Uuid,
        environment -> Text,
        egress -> Text,
        followers -> Integer,
    }
}

diesel::table! {
    /// What may be traded at exchanges, in which steps, and at which price.
    venue_contracts (environment, symbol) {
        environment -> Text,
        symbol -> Text,
        /// What a quantity counts.
        base -> Text,
        /// What prices are in.
        quote -> Text,
        /// Decimals of a quantity.
        quantity_precision -> Integer,
        price_precision -> Integer,
        min_quantity -> Numeric,
        /// Smallest value of an order, in the quote currency.
        min_notional -> Numeric,
        max_long_leverage -> Nullable<Numeric>,
        max_short_leverage -> Nullable<Numeric>,
        /// As a fraction.
        taker_fee_rate -> Nullable<Numeric>,
        /// Whether orders may open positions; a contract that is no longer listed is closed.
        is_open -> Bool,
        may_close -> Bool,
        /// When the exchange last listed it.
        read_at -> Timestamptz,
        last_price -> Nullable<Numeric>,
        /// When the exchange last said this price.
        price_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// Stops and targets of copies at exchanges: what is wanted, and which order does it.
    venue_exits (copy_id, kind) {
        copy_id -> Uuid,
        kind -> Text,
        owner_id -> Uuid,
        follower_account_id -> Uuid,
        symbol -> Text,
        /// Which position it closes of.
        direction -> Text,
        /// Wanted, in the contract's decimals; none where none is wanted any more.
        trigger_price -> Nullable<Numeric>,
        /// The exchange's name of the order that stands, or stood last and whose end is not known.
        order_id -> Nullable<Text>,
        /// How often it was placed by an order of its own; part of that order's name.
        placed -> Integer,
        /// When that was written down last, while it is not known what became of it.
        placed_at -> Nullable<Timestamptz>,
        /// In how many looks in a row it was not there.
        missed -> Integer,
        /// How often in a row the exchange refused it.
        refused -> Integer,
        /// When it is looked at; none when nothing of it can stand.
        due_at -> Nullable<Timestamptz>,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    /// Fills of accounts at exchanges, each once.
    venue_fills (account_id, order_id, trade_id, filled_at) {
        account_id -> Uuid,
        order_id -> Text,
        trade_id -> Text,
        filled_at -> Timestamptz,
        owner_id -> Uuid,
        symbol -> Text,
        /// Which position it worked on; BOTH in one-way mode.
        slot -> Text,
        side -> Text,
        quantity -> Numeric,
        price -> Numeric,
        /// Above zero is paid, in the margin currency.
        fee -> Numeric,
    }
}

diesel::table! {
    /// Funding and transfers of accounts at exchanges, each once.
    venue_income (account_id, income_id) {
        account_id -> Uuid,
        income_id -> Text,
        owner_id -> Uuid,
        /// As the exchange names it: `FUNDING_FEE`, `TRANSFER` and so on.
        kind -> Text,
        /// Contract; empty where there is none.
        symbol -> Text,
        /// Below zero is paid.
        amount -> Numeric,
        at -> Timestamptz,
    }
}

diesel::table! {
    /// Orders of masters at exchanges, as far as they became signals.
    venue_lead_orders (account_id, order_id) {
        account_id -> Uuid,
        order_id -> Text,
        owner_id -> Uuid,
        /// So much of it became signals.
        filled -> Numeric,
        /// Price times quantity of that.
        value -> Numeric,
        /// Nothing more of it will be filled.
        is_over -> Bool,
        at -> Timestamptz,
    }
}

diesel::table! {
    /// What masters at exchanges hold, as far as it became signals.
    venue_lead_positions (account_id, symbol, slot) {
        account_id -> Uuid,
        symbol -> Text,
        /// Which position; BOTH in one-way mode.
        slot -> Text,
        owner_id -> Uuid,
        /// Below zero is short.
        quantity -> Numeric,
        /// Under which followers have it; null when they were told to leave.
        ticket -> Nullable<BigInt>,
        /// As followers were told last.
        stop_loss -> Nullable<Numeric>,
        /// As followers were told last.
        take_profit -> Nullable<Numeric>,
    }
}

diesel::table! {
    /// Limits that each order which opens counts against, by worker and source address.
    venue_limits (node_id, environment, egress, name) {
        node_id -> Uuid,
        environment -> Text,
        /// Name of the source address.
        egress -> Text,
        name -> Text,
        /// So many in any stretch of `per_ms` milliseconds.
        requests -> Integer,
        per_ms -> Integer,
    }
}

diesel::table! {
    /// Orders of copies at exchanges, each written before it is sent.
    venue_orders (id) {
        id -> BigInt,
        owner_id -> Uuid,
        follower_account_id -> Uuid,
        copy_id -> Nullable<Uuid>,
        /// open, close, or external: what something else took of a copy's position.
        leg -> Text,
        /// Counts orders of a leg of a copy; grows once the one before is over.
        version -> Integer,
        /// Our name of the order at the exchange, made of copy, leg and version.
        client_id -> Text,
        symbol -> Text,
        /// Which position it works on.
        direction -> Text,
        /// Asked for, in coins.
        quantity -> Numeric,
        /// Coins of one lot of the master.
        units_per_lot -> Numeric,
        /// Comes with an order that opens, in the contract's decimals.
        stop_loss -> Nullable<Numeric>,
        take_profit -> Nullable<Numeric>,
        /// intended: may have been sent. accepted: the exchange has it, it is not over. unknown: no answer says. filled: over, filled in part at least. refused: nothing came of it. dead: nothing came of it, and the exchange does not know it.
        state -> Text,
        /// The exchange's name.
        order_id -> Nullable<Text>,
        /// In coins.
        filled -> Numeric,
        average_price -> Nullable<Numeric>,
        /// What was paid for it, above zero; none while it is not known.
        fee -> Nullable<Numeric>,
        fee_asset -> Nullable<Text>,
        /// Session of the account under which it was sent last.
        epoch -> BigInt,
        /// How often it was sent, always under the same name.
        sendings -> Integer,
        /// When it was sent last, or a little before.
        sent_at -> Timestamptz,
        /// How often the exchange did not know it since it could not appear any more.
        absences -> Integer,
        /// When the exchange is asked for it; none when it is over.
        due_at -> Nullable<Timestamptz>,
        /// When the exchange first said anything about it.
        answered_at -> Nullable<Timestamptz>,
        /// When its fills are read for the fee; none when it is known or there is none.
        fees_due_at -> Nullable<Timestamptz>,
        /// What the exchange said when it refused, or why nobody knows.
        words -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    /// Open positions of accounts at exchanges, ours and foreign.
    venue_positions (account_id, symbol, direction) {
        account_id -> Uuid,
        owner_id -> Uuid,
        symbol -> Text,
        direction -> Text,
        /// In the base currency of the contract.
        quantity -> Numeric,
        average_price -> Numeric,
        /// Price by which the exchange judges it.
        mark_price -> Nullable<Numeric>,
        /// Open profit, in the margin currency.
        unrealised -> Numeric,
        leverage -> Nullable<Numeric>,
        liquidation_price -> Nullable<Numeric>,
        /// When the exchange last said so.
        read_at -> Timestamptz,
    }
}

diesel::table! {
    /// Who may read whose rows, and until when.
    viewer_grants (id) {
        id -> Uuid,
        owner_id -> Uuid,
        viewer_id -> Uuid,
        kind -> Text,
        created_at -> Timestamptz,
        expires_at -> Nullable<Timestamptz>,
        revoked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// Worker processes and when they were last heard of.
    workers (node_id) {
        node_id -> Uuid,
        started_at -> Timestamptz,
        last_seen_at -> Timestamptz,
        /// Until then nobody else serves the accounts at exchanges and on paper that this worker serves; none: it serves none.
        leased_until -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// SHA-256 of one-use WebSocket tickets.
    ws_tickets (ticket_hash) {
        ticket_hash -> Binary,
        user_id -> Uuid,
        login_id -> Uuid,
        expires_at -> Timestamptz,
    }
}

diesel::joinable!(account_figures -> accounts (account_id));
diesel::joinable!(account_figures -> users (owner_id));
diesel::joinable!(accounts -> users (owner_id));
diesel::joinable!(alert_levels -> users (owner_id));
diesel::joinable!(api_keys -> accounts (account_id));
diesel::joinable!(api_keys -> users (owner_id));
diesel::joinable!(currency_rates -> users (owner_id));
diesel::joinable!(devices -> users (owner_id));
diesel::joinable!(dry_runs -> accounts (account_id));
diesel::joinable!(dry_runs -> users (owner_id));
diesel::joinable!(erasures -> users (user_id));
diesel::joinable!(executions -> trades (trade_id));
diesel::joinable!(groups -> users (owner_id));
diesel::joinable!(guard_trips -> users (owner_id));
diesel::joinable!(guards -> users (owner_id));
diesel::joinable!(idempotency_keys -> users (owner_id));
diesel::joinable!(key_addresses -> accounts (account_id));
diesel::joinable!(key_addresses -> users (owner_id));
diesel::joinable!(login_names -> users (user_id));
diesel::joinable!(mail_tokens -> users (user_id));
diesel::joinable!(master_charts -> accounts (account_id));
diesel::joinable!(master_charts -> users (owner_id));
diesel::joinable!(master_followers -> accounts (master_account_id));
diesel::joinable!(master_followers -> users (owner_id));
diesel::joinable!(masters -> accounts (account_id));
diesel::joinable!(masters -> users (owner_id));
diesel::joinable!(masters_directory -> accounts (account_id));
diesel::joinable!(outbox -> users (user_id));
diesel::joinable!(pair_closes -> users (owner_id));
diesel::joinable!(personal_key_hashes -> personal_keys (key_id));
diesel::joinable!(personal_key_hashes -> users (user_id));
diesel::joinable!(personal_keys -> users (owner_id));
diesel::joinable!(prices -> accounts (account_id));
diesel::joinable!(prices -> users (owner_id));
diesel::joinable!(refresh_tokens -> users (user_id));
diesel::joinable!(request_accounts -> requests (request_id));
diesel::joinable!(request_accounts -> users (owner_id));
diesel::joinable!(requests -> users (owner_id));
diesel::joinable!(risk_defaults -> users (owner_id));
diesel::joinable!(risk_events -> users (owner_id));
diesel::joinable!(risk_phases -> users (owner_id));
diesel::joinable!(risk_violations -> users (owner_id));
diesel::joinable!(screenshots -> trades (trade_id));
diesel::joinable!(screenshots -> users (owner_id));
diesel::joinable!(sessions -> accounts (account_id));
diesel::joinable!(sessions -> users (owner_id));
diesel::joinable!(share_hashes -> shares (share_id));
diesel::joinable!(share_hashes -> users (user_id));
diesel::joinable!(shares -> users (owner_id));
diesel::joinable!(stops -> accounts (account_id));
diesel::joinable!(stops -> users (owner_id));
diesel::joinable!(subscriptions -> users (owner_id));
diesel::joinable!(symbol_specs -> accounts (account_id));
diesel::joinable!(symbol_specs -> users (owner_id));
diesel::joinable!(trade_excursions -> trades (trade_id));
diesel::joinable!(trade_tags -> trades (trade_id));
diesel::joinable!(venue_audiences -> accounts (master_account_id));
diesel::joinable!(venue_audiences -> workers (node_id));
diesel::joinable!(venue_limits -> workers (node_id));
diesel::joinable!(venue_orders -> users (owner_id));
diesel::joinable!(ws_tickets -> users (user_id));

diesel::allow_tables_to_appear_in_same_query!(
    account_figures,
    accounts,
    alert_levels,
    alerts,
    api_keys,
    audit,
    copy_events,
    copy_orders,
    copy_sightings,
    currency_rates,
    devices,
    dry_runs,
    erasures,
    evidence,
    exchange_keys,
    executions,
    group_accounts,
    group_rates,
    groups,
    guard_latches,
    guard_trips,
    guards,
    idempotency_keys,
    key_addresses,
    login_names,
    mail_tokens,
    master_charts,
    master_followers,
    masters,
    masters_directory,
    orphans,
    outbox,
    pair_closes,
    personal_key_hashes,
    personal_keys,
    prices,
    refresh_tokens,
    request_accounts,
    requests,
    risk_cash_flows,
    risk_checkpoints,
    risk_day_starts,
    risk_days,
    risk_defaults,
    risk_events,
    risk_floor_overrides,
    risk_phases,
    risk_states,
    risk_trade_changes,
    risk_violations,
    screenshots,
    sessions,
    share_hashes,
    shares,
    signals,
    snapshots,
    stops,
    subscriptions,
    symbol_specs,
    trade_excursions,
    trade_tags,
    trades,
    users,
    venue_accounts,
    venue_audiences,
    venue_contracts,
    venue_exits,
    venue_fills,
    venue_income,
    venue_lead_orders,
    venue_lead_positions,
    venue_limits,
    venue_orders,
    venue_positions,
    viewer_grants,
    workers,
    ws_tickets,
);
