drop table trade_excursions;
