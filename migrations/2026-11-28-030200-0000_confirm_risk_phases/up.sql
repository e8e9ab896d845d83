-- From which template the rules of a phase came, and whether its owner has held
-- them against the firm's dashboard.

alter table risk_phases
    add column template_id text,
    add column template_size integer,
    add column confirmed_at timestamptz,
    add column confirmed_by uuid,
    add constraint risk_phases_template_length check (char_length(template_id) between 1 and 64),
    add constraint risk_phases_confirmation_is_whole check ((confirmed_at is null) = (confirmed_by is null));

comment on column risk_phases.template_id is 'Template its rules were taken from; they may have been edited since.';
comment on column risk_phases.template_size is 'Size of the account that was chosen there.';
comment on column risk_phases.confirmed_at is 'When its owner compared the rules with the firm''s dashboard; an edit ends that.';

grant update (confirmed_at, confirmed_by) on risk_phases to flotilla_app;
