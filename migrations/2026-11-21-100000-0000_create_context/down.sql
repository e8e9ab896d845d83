drop function uuid_v7();
drop function current_actor();
drop function current_owner();
