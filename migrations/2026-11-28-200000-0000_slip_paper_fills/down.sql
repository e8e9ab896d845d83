alter table accounts drop column paper_slippage;
