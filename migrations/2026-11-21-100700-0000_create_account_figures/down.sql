drop table account_figures;
