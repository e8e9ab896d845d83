-- A master may ask to be asked. Its owner decides on his own row about the
-- follower; the worker, which alone sees both sides, carries the decision over
-- to the subscription.

alter table masters add column needs_approval boolean not null default false;
comment on column masters.needs_approval is 'Followers of other owners wait for the approval of the master''s owner.';
grant update (needs_approval) on masters to flotilla_app;

alter table master_followers
    add column decision text,
    add constraint master_followers_decision check (decision in ('approve', 'remove'));
comment on column master_followers.decision is 'What the master''s owner decided and the worker has not carried over yet.';
create index master_followers_decided on master_followers (subscription_id) where decision is not null;
create policy app_decides on master_followers for update to flotilla_app
    using (owner_id = (select current_owner())) with check (owner_id = (select current_owner()));
grant update (decision) on master_followers to flotilla_app;
