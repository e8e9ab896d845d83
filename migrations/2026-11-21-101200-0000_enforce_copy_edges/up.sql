-- The edges of the copy state machine, in the database as well: whatever code
-- writes, an open that may have been sent is never planned again. The list is
-- that of flotilla_domain::copy::order; a test compares the two.

create function copy_orders_check_edge() returns trigger
    language plpgsql
    as $$
begin
    if new.state = old.state or (old.state, new.state) in (
        ('planned', 'claimed'), ('planned', 'skipped'),
        ('claimed', 'received'), ('claimed', 'open'), ('claimed', 'failed'), ('claimed', 'unconfirmed'),
        ('received', 'open'), ('received', 'failed'), ('received', 'unconfirmed'),
        ('open', 'closing'), ('open', 'closed'),
        ('unconfirmed', 'open'), ('unconfirmed', 'failed'), ('unconfirmed', 'closed'), ('unconfirmed', 'attention'),
        ('failed', 'open'), ('skipped', 'open'), ('closed', 'open'),
        ('closing', 'open'), ('closing', 'closed'), ('closing', 'attention'),
        ('attention', 'received'), ('attention', 'open'), ('attention', 'unconfirmed'), ('attention', 'failed'),
        ('attention', 'skipped'), ('attention', 'closing'), ('attention', 'closed'))
    then
        return new;
    end if;
    raise exception 'copy % may not go from % to %', old.copy_id, old.state, new.state
        using errcode = 'check_violation', constraint = 'copy_orders_edge';
end
$$;

create trigger copy_orders_edge before update of state on copy_orders
    for each row execute function copy_orders_check_edge();
