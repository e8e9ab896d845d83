drop table currency_rates;
