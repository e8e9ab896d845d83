drop index trades_alike;
