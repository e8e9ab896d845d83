drop table pair_closes;
