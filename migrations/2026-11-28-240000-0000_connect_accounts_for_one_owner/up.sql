-- An account at the exchange belongs to one tenant, in both environments: live and demo are the same account there, with
-- one number, one set of limits and one position mode. Its owner may connect both.
create function exchange_key_has_one_owner() returns trigger
    language plpgsql
    as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('exchange uid ' || new.uid, 0));
    if exists (select from exchange_keys where uid = new.uid and owner_id <> new.owner_id) then
        raise unique_violation using
            message = 'this account at the exchange is connected by another owner',
            constraint = 'exchange_keys_uid',
            table = 'exchange_keys';
    end if;
    return new;
end
$$;

create trigger exchange_keys_one_owner
    before insert or update of uid on exchange_keys
    for each row
    when (new.uid is not null)
    execute function exchange_key_has_one_owner();

comment on column exchange_keys.uid is 'Number of the account at the exchange; of one owner only, and once in each environment.';
