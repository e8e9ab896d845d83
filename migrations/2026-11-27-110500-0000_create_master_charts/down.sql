drop table master_charts;
