drop table group_rates;
