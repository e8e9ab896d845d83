-- Rules that every account of a group must have. Who deviates is shown;
-- nothing is done about it.

alter table groups
    add column required_rules jsonb,
    add column required_template_id text,
    add column required_template_size integer,
    add constraint groups_required_rules_some
        check (jsonb_typeof(required_rules) = 'array' and jsonb_array_length(required_rules) between 1 and 50),
    add constraint groups_required_origin check (required_rules is not null or required_template_id is null),
    add constraint groups_required_size
        check (required_template_size > 0 and required_template_id is not null or required_template_size is null);

comment on column groups.required_rules is 'Rules that every account of the group must have; none: nothing is required.';
comment on column groups.required_template_id is 'Template they were taken from.';
comment on column groups.required_template_size is 'The size chosen there.';
grant update (required_rules, required_template_id, required_template_size) on groups to flotilla_app;
