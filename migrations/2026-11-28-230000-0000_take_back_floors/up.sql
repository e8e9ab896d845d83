-- A floor that a person has set by mistake is taken back: it stays in the list, with who did that and why.

alter table risk_floor_overrides
    add column taken_back_at timestamptz,
    add column taken_back_by uuid,
    add column take_back_reason text,
    add constraint risk_floor_overrides_taken_back_whole check (
        (taken_back_at is null) = (taken_back_by is null) and (taken_back_at is null) = (take_back_reason is null)),
    add constraint risk_floor_overrides_take_back_length check (char_length(take_back_reason) between 1 and 500);
comment on column risk_floor_overrides.taken_back_at is 'When a person took it back: it does not hold any more, not even in the past.';
comment on column risk_floor_overrides.taken_back_by is 'Who did.';
comment on column risk_floor_overrides.take_back_reason is 'Why, in their words.';
grant update (taken_back_at, taken_back_by, take_back_reason) on risk_floor_overrides to flotilla_app;
