drop table symbol_specs;
