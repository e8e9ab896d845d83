drop index trades_summed;
