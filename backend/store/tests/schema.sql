-- Prints src/schema.rs from the catalogue, one row: the whole file.
with columns as (
    select c.relname as tbl, a.attnum, a.attname,
        case t.typname
            when 'uuid' then 'Uuid' when 'text' then 'Text' when 'bool' then 'Bool'
            when 'int4' then 'Integer' when 'int8' then 'BigInt' when 'numeric' then 'Numeric' when 'float8' then 'Double'
            when 'timestamptz' then 'Timestamptz' when 'bytea' then 'Binary' when 'date' then 'Date'
            when 'jsonb' then 'Jsonb' when '_text' then 'Array<Text>' when '_int8' then 'Array<BigInt>'
            when '_uuid' then 'Array<Uuid>'
            else 'Unknown_' || t.typname
        end as rust,
        a.attnotnull as required,
        col_description(c.oid, a.attnum) as doc
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    join pg_type t on t.oid = a.atttypid
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname !~ '^__'
), tables as (
    select tbl,
        coalesce('    /// ' || obj_description(('public.' || tbl)::regclass) || e'\n', '')
        || '    ' || tbl || ' (' || (
            select string_agg(a.attname, ', ' order by array_position(i.indkey::int[], a.attnum::int))
            from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
            where i.indrelid = ('public.' || tbl)::regclass and i.indisprimary) || e') {\n'
        || string_agg(
            coalesce('        /// ' || doc || e'\n', '') || '        ' || attname || ' -> '
            || case when required then rust else 'Nullable<' || rust || '>' end || e',\n',
            '' order by attnum)
        || e'    }\n' as body
    from columns group by tbl
), joins as (
    select string_agg(format('diesel::joinable!(%s -> %s (%s));', child, parent, col), e'\n' order by child, parent) as body
    from (
        select con.conrelid::regclass::text as child, con.confrelid::regclass::text as parent, min(a.attname) as col
        from pg_constraint con
        join pg_attribute a on a.attrelid = con.conrelid and a.attnum = con.conkey[1]
        where con.contype = 'f' and con.connamespace = 'public'::regnamespace and cardinality(con.conkey) = 1
        group by 1, 2 having count(*) = 1) single
)
select e'//! Generated from the database by the test `schema_is_current`; never edited.\n\n'
    || (select string_agg(e'diesel::table! {\n' || body || e'}\n', e'\n' order by tbl) from tables)
    || e'\n' || (select body from joins) || e'\n\n'
    || e'diesel::allow_tables_to_appear_in_same_query!(\n'
    || (select string_agg('    ' || tbl || e',\n', '' order by tbl) from tables)
    || e');\n' as value;
