use uuid::Uuid;

use super::*;
use crate::import::mapping::Preset;
use crate::import::rows::{Csv, Html, Row};
use crate::stats::clock::LocalClock;
use crate::trade::OptionType;

fn importer(preset: Preset) -> Importer {
    let layout = preset.layout();
    let reading =
        Reading { decimal: layout.decimal, order: layout.order, clock: LocalClock::new("UTC").unwrap() };
    let (owner_id, account_id) = (Uuid::nil().into(), Uuid::nil().into());
    let target = Target { owner_id, account_id, currency: "USD".to_owned() };
    let importer = Importer::new(target, layout, reading, false);
    match preset {
        Preset::Metatrader5 => importer.in_lots(),
        Preset::Flotilla => importer.of_export(),
        _ => importer,
    }
}

fn take(importer: &mut Importer, rows: &[Row]) -> (Vec<(Trade, Mark)>, Vec<RowFault>) {
    let (mut trades, mut faults) = (Vec::new(), Vec::new());
    let nobody = || TradeId::from_uuid(Uuid::nil());
    let mut taken: Vec<Taken> = rows.iter().map(|row| importer.take(row, nobody())).collect();
    taken.extend(importer.finish(nobody));
    for taken in taken {
        match taken {
            Taken::Nothing => {}
            Taken::Trade(trade, mark) => trades.push((*trade, mark)),
            Taken::Faults(found) => faults.extend(found),
        }
    }
    (trades, faults)
}

fn rows(text: &str) -> Vec<Row> {
    let mut csv = Csv::new(None);
    let mut rows = csv.push(text).unwrap();
    rows.extend(csv.finish().unwrap());
    rows
}

fn figures(trade: &Trade) -> String {
    let text =
        |figure: Option<Decimal>| figure.map_or("-".to_owned(), |figure| figure.normalize().to_string());
    let prices = (text(trade.entry_price), text(trade.exit_price), text(trade.pnl));
    format!("{} {} {} {} {} {}", trade.symbol, trade.direction, trade.quantity, prices.0, prices.1, prices.2)
}

#[test]
fn a_performance_report_of_tradovate_is_read() {
    let text = "symbol,_priceFormat,buyFillId,sellFillId,qty,buyPrice,sellPrice,pnl,boughtTimestamp,soldTimestamp,duration\n\
        MNQZ6,-2,1,2,2,20000.00,20010.25,$41.00,11/02/2026 09:30:00,11/02/2026 09:31:00,1min\n\
        MNQZ6,-2,3,4,1,20010.00,20000.00,$(20.00),11/02/2026 09:33:00,11/02/2026 09:32:00,1min\n";

    let (trades, faults) = take(&mut importer(Preset::Tradovate), &rows(text));

    assert_eq!(faults, []);
    let shown: Vec<String> = trades.iter().map(|(trade, _)| figures(trade)).collect();
    assert_eq!(shown, ["MNQZ6 LONG 2 20000 20010.25 41", "MNQZ6 SHORT 1 20000 20010 -20"]);
}

#[test]
fn a_report_of_metatrader_is_read_and_its_other_tables_are_not() {
    let page = "<table><tr><td colspan=14>Trade History Report</td></tr>\
        <tr><th>Time</th><th>Position</th><th>Symbol</th><th>Type</th><th>Volume</th><th>Price</th><th>S / L</th>\
        <th>T / P</th><th>Time</th><th>Price</th><th>Commission</th><th>Swap</th><th>Profit</th></tr>\
        <tr><td>2026.11.02 10:00:00</td><td>501</td><td>EURUSD</td><td>sell</td><td class=\"hidden\" colspan=\"8\"></td>\
        <td>0.50</td><td>1.10000</td><td>1.10500</td><td></td><td>2026.11.02 11:00:00</td><td>1.09800</td>\
        <td>-3.50</td><td>-0.25</td><td>1 100.00</td></tr>\
        <tr><th colspan=14>Orders</th></tr><tr><td>2026.11.02 10:00:00</td><td>9</td></tr></table>";
    let rows = Html::default().push(page).unwrap();

    let (trades, faults) = take(&mut importer(Preset::Metatrader5), &rows);

    assert_eq!(faults, []);
    let (trade, _) = &trades[0];
    assert_eq!(figures(trade), "EURUSD SHORT 0.50 1.1 1.098 1096.25");
    assert_eq!((trades.len(), trade.multiplier, trade.fees), (1, None, Decimal::new(350, 2)));
    assert_eq!(trade.r_multiple(), Some(Decimal::new(4, 1)));
}

#[test]
fn orders_of_webull_become_positions_from_flat_to_flat() {
    let text = "Name,Symbol,Side,Status,Filled,Total Qty,Price,Avg Price,Time-in-Force,Placed Time,Filled Time\n\
        Apple,AAPL,Sell,Filled,10,10,@156,156.00,DAY,11/02/2026 10:30:00 EST,11/02/2026 10:30:01 EST\n\
        Apple,AAPL,Buy,Filled,4,4,@150,150.00,DAY,11/02/2026 09:30:00 EST,11/02/2026 09:30:01 EST\n\
        Apple,AAPL,Buy,Filled,6,6,@151,151.00,DAY,11/02/2026 09:31:00 EST,11/02/2026 09:31:01 EST\n\
        Apple,AAPL,Buy,Cancelled,0,6,@140,,DAY,11/02/2026 09:31:00 EST,\n\
        Tesla,TSLA,Short,Filled,5,5,@400,400.00,DAY,07/02/2026 09:31:00 EDT,07/02/2026 09:31:01 EDT\n\
        Tesla,TSLA,Buy,Filled,2,2,@390,390.00,DAY,07/02/2026 09:32:00 EDT,07/02/2026 09:32:01 EDT\n";

    let (trades, faults) = take(&mut importer(Preset::Webull), &rows(text));

    assert_eq!(faults, []);
    let shown: Vec<String> = trades.iter().map(|(trade, _)| figures(trade)).collect();
    assert_eq!(shown, ["AAPL LONG 10 150.6 156 54", "TSLA SHORT 5 400 390 -"]);
    assert_eq!(trades[0].0.entry_at.to_rfc3339(), "2026-11-02T14:30:01+00:00");
    assert_eq!((trades[0].0.executions.len(), trades[1].0.executions.len()), (3, 2));
}

#[test]
fn gains_and_losses_of_tradier_have_prices_by_costs() {
    let text = "close_date,cost,gain_loss,gain_loss_percent,open_date,proceeds,quantity,symbol,term\n\
        2026-11-04,1500.00,58.00,3.87,2026-11-02,1558.00,10,AAPL,2\n\
        2026-11-04,-300.00,40.00,13.3,2026-11-02,-260.00,-2,TSLA,2\n";

    let (trades, faults) = take(&mut importer(Preset::Tradier), &rows(text));

    assert_eq!(faults, []);
    let shown: Vec<String> = trades.iter().map(|(trade, _)| figures(trade)).collect();
    assert_eq!(shown, ["AAPL LONG 10 150 155.8 58", "TSLA SHORT 2 150 130 40"]);
}

#[test]
fn a_history_of_positions_of_bingx_is_read_with_columns_that_nobody_asked_for() {
    let text = "Order ID,Symbol,Margin Mode,Leverage,Side,Quantity,Entry Price,Close Price,Open Time,Close Time,Fee,\
        Funding Fee,Realized PnL\n\
        1735000000000000001,BTC-USDT,Cross,10X,Long,0.0150,\"100,000.1\",\"101,200.0\",2026-11-02 08:30:05,\
        2026-11-02 10:15:40,-1.50900075,-0.12,16.36949925\n\
        1735000000000000002,ETH-USDT,Isolated,5X,Short,1.2,3900.00,3950.50,2026-11-02 23:59:59,2026-11-03 00:10:00,\
        -4.7103,0,-65.3103\n\
        1735000000000000003,SOL-USDT,Cross,3X,Long,2,185.000,,2026-11-03 01:00:00,,-0.185,0,\n";

    let (trades, faults) = take(&mut importer(Preset::Bingx), &rows(text));

    assert_eq!(faults, []);
    let shown: Vec<String> = trades.iter().map(|(trade, _)| figures(trade)).collect();
    // The result is told after fees, and quantities are coins.
    assert_eq!(
        shown,
        [
            "BTC-USDT LONG 0.0150 100000.1 101200 16.36949925",
            "ETH-USDT SHORT 1.2 3900 3950.5 -65.3103",
            "SOL-USDT LONG 2 185 - -"
        ]
    );
    let (first, _) = &trades[0];
    assert_eq!((first.asset_type, first.multiplier), (AssetType::Crypto, Some(Decimal::ONE)));
    assert_eq!((first.fees, first.pnl_source), (Decimal::new(150_900_075, 8), Some(PnlSource::Broker)));
    assert_eq!(first.exit_at.map(|at| at.to_rfc3339()), Some("2026-11-02T10:15:40+00:00".to_owned()));
}

#[test]
fn a_row_that_was_cut_is_an_error_of_the_row() {
    let text = "symbol,direction,quantity,entry_price,entry_at,exit_price,exit_at\n\
        A,LONG,1,2,2026-11-02 10:00,3,2026-11-02 11:00\nA,LONG,1,2,2026-11-0";

    let (trades, faults) = take(&mut importer(Preset::Flotilla), &rows(text));

    assert_eq!(trades.len(), 1);
    assert_eq!(faults.iter().map(|fault| (fault.row, fault.code)).collect::<Vec<_>>(), [(3, "incomplete")]);
}

#[test]
fn a_result_before_fees_is_stored_after_them() {
    let text = "Id,ContractName,EnteredAt,ExitedAt,EntryPrice,ExitPrice,Fees,PnL,Size,Type,Commissions\n\
        1,MNQZ6,11/02/2026 08:31:02 -06:00,11/02/2026 08:32:00 -06:00,20000,20002,2.22,12.00,3,Long,1.5\n\
        2,MNQZ6,11/02/2026 08:33:02 -06:00,11/02/2026 08:34:00 -06:00,20000,20002,2.22,12.00,3,Long,\n";

    let (trades, faults) = take(&mut importer(Preset::Topstepx), &rows(text));

    assert_eq!(faults, []);
    let shown: Vec<_> = trades.iter().map(|(trade, _)| (trade.pnl, trade.fees)).collect();
    let figure = |hundredths| Decimal::new(hundredths, 2);
    assert_eq!(shown, [(Some(figure(828)), figure(372)), (Some(figure(978)), figure(222))]);
}

#[test]
fn lots_without_units_need_the_brokers_result_once_they_are_over() {
    let text = "Time,Position,Symbol,Type,Volume,Price,Time,Price,Profit\n\
        2026.11.02 10:00:00,1,XAUUSD,buy,0.50,2000,2026.11.02 11:00:00,2010,\n\
        2026.11.02 10:00:00,2,XAUUSD,buy,0.50,2000,,,\n";

    let (trades, faults) = take(&mut importer(Preset::Metatrader5), &rows(text));

    let named: Vec<_> = faults.iter().map(|fault| (fault.row, fault.field, fault.code)).collect();
    assert_eq!(named, [(2, "pnl", "required")]);
    assert_eq!(trades.iter().map(|(trade, _)| trade.pnl).collect::<Vec<_>>(), [None]);
}

#[test]
fn a_row_with_more_cells_than_the_head_is_an_error_unless_they_are_blank() {
    let text = "symbol,direction,quantity,entry_price,entry_at,exit_price,exit_at\n\
        A,LONG,1,2,2026-11-02 10:00,3,2026-11-02 11:00, ,\n\
        A,LONG,1,1,234.5,2026-11-02 10:00,3,2026-11-02 11:00\n";

    let (trades, faults) = take(&mut importer(Preset::Flotilla), &rows(text));

    assert_eq!(trades.len(), 1);
    let named: Vec<_> = faults.iter().map(|fault| (fault.row, fault.field, fault.code)).collect();
    assert_eq!(named, [(3, "columns", "too_many_cells")]);
}

#[test]
fn each_wrong_cell_is_named_by_its_row() {
    let text = "Id,ContractName,EnteredAt,ExitedAt,EntryPrice,ExitPrice,Fees,PnL,Size,Type\n\
        1,MNQZ6,11/02/2026 08:31:02 -06:00,11/02/2026 08:32:00 -06:00,x,2,0.74,=1+1,1,Long\n\
        2,MNQZ6,11/02/2026 08:31:02 -06:00,11/02/2026 08:30:00 -06:00,1,2,0.74,3,1,Sideways\n";

    let (trades, faults) = take(&mut importer(Preset::Topstepx), &rows(text));

    let named: Vec<_> = faults.iter().map(|fault| (fault.row, fault.field, fault.code)).collect();
    assert_eq!(
        named,
        [(2, "entry_price", "invalid"), (2, "pnl", "invalid"), (3, "direction", "unknown_value")]
    );
    assert_eq!(trades, []);
}

#[test]
fn the_same_row_is_recognised_and_two_alike_are_two() {
    let text = "symbol,direction,quantity,entry_price,entry_at,exit_price,exit_at\n\
        A,LONG,1,2,2026-11-02 10:00,3,2026-11-02 11:00\nA,LONG,1,2,2026-11-02 10:00,3,2026-11-02 11:00\n";
    let prints = |text: &str| {
        let (trades, faults) = take(&mut importer(Preset::Flotilla), &rows(text));
        assert_eq!(faults, []);
        trades.into_iter().map(|(_, mark)| mark.print).collect::<Vec<_>>()
    };

    let once = prints(text);

    assert_ne!(once[0], once[1]);
    assert_eq!(prints(&text.replace(',', ";")), once, "another delimiter is the same row");
}

#[test]
fn a_file_without_the_columns_says_so() {
    let mut importer = importer(Preset::Tradovate);
    let (trades, faults) = take(&mut importer, &rows("a,b\n1,2\n"));

    assert_eq!((trades, faults), (vec![], vec![]));
    assert_eq!(importer.missing().map(|fault| fault.code), Some("no_header"));
}

#[test]
fn what_an_option_is_may_be_its_letter_and_nothing_unknown() {
    let text = "symbol,direction,asset_type,option_type,quantity,entry_price,entry_at,exit_price,exit_at\n\
        A,LONG,option,C,1,2,2026-11-02 10:00,3,2026-11-02 11:00\n\
        A,LONG,,p,1,2,2026-11-02 10:00,3,2026-11-02 11:00\n\
        A,LONG,stock,,1,2,2026-11-02 10:00,3,2026-11-02 11:00\n\
        A,LONG,option,American,1,2,2026-11-02 10:00,3,2026-11-02 11:00\n";

    let (trades, faults) = take(&mut importer(Preset::Flotilla), &rows(text));

    let kinds: Vec<_> = trades.iter().map(|(trade, _)| (trade.asset_type, trade.option_type)).collect();
    assert_eq!(
        kinds,
        [
            (AssetType::Option, Some(OptionType::Call)),
            (AssetType::Option, Some(OptionType::Put)),
            (AssetType::Stock, None)
        ]
    );
    let named: Vec<_> = faults.iter().map(|fault| (fault.row, fault.field, fault.code)).collect();
    assert_eq!(named, [(5, "option_type", "unknown_value")]);
}

#[test]
fn what_an_export_does_not_say_was_not_known() {
    let head =
        "symbol,direction,quantity,multiplier,entry_price,exit_price,entry_at,exit_at,fees,pnl,pnl_source";
    let text = format!(
        "{head}\n\
        A,LONG,1,,,,2026-11-02 10:00,2026-11-02 11:00,-2,5,broker\n\
        B,LONG,1,,10,12,2026-11-02 10:00,2026-11-02 11:00,1,,\n\
        C,SHORT,1,,,,2026-11-02 10:00,,0,,\n\
        D,LONG,1,3,10,12,2026-11-02 10:00,2026-11-02 11:00,-2,9,computed\n\
        E,LONG,1,,,12,2026-11-02 10:00,2026-11-02 09:00,0,5,broker\n"
    );

    let (trades, faults) = take(&mut importer(Preset::Flotilla), &rows(&text));

    let named: Vec<_> = faults.iter().map(|fault| (fault.row, fault.field, fault.code)).collect();
    assert_eq!(named, [(6, "exit_at", "before_entry")]);
    let shown: Vec<String> = trades.iter().map(|(trade, _)| figures(trade)).collect();
    assert_eq!(shown, ["A LONG 1 - - 5", "B LONG 1 10 12 -", "C SHORT 1 - - -", "D LONG 1 10 12 8"]);
    let units: Vec<_> = trades.iter().map(|(trade, _)| trade.multiplier).collect();
    assert_eq!(units, [None, None, None, Some(3.into())]);
    let fees: Vec<_> = trades.iter().map(|(trade, _)| trade.fees).collect();
    assert_eq!(fees, [-2, 1, 0, -2].map(Decimal::from));
    // A table of somebody's own has no column that says whose result it is.
    let (trades, _) = take(&mut importer(Preset::Flotilla), &rows(&text.replace("pnl_source", "who")));
    assert_eq!(figures(&trades[0].0), "B LONG 1 10 12 1");
}

/// Orders of Webull: symbol, side, size, price and time on a morning.
fn orders(orders: &[(&str, &str, u32, u32, &str)]) -> Vec<Row> {
    let line = |(symbol, side, size, price, time): &(&str, &str, u32, u32, &str)| {
        format!("{symbol},{side},{size},{price},11/02/2026 {time} EST\n")
    };
    let lines: Vec<String> = orders.iter().map(line).collect();
    rows(&format!("Symbol,Side,Filled,Avg Price,Filled Time\n{}", lines.concat()))
}

#[test]
fn what_was_bought_before_the_file_begins_is_no_short_sale() {
    let file = orders(&[
        ("AAPL", "Sell", 10, 156, "09:30:00"),
        ("MSFT", "Buy", 4, 400, "09:31:00"),
        ("MSFT", "Sell", 6, 401, "09:32:00"),
        ("TSLA", "Buy", 2, 300, "09:33:00"),
        ("TSLA", "Sell", 2, 301, "09:34:00"),
        ("TSLA", "Sell Short", 1, 302, "09:35:00"),
    ]);

    let (trades, faults) = take(&mut importer(Preset::Webull), &file);

    let named: Vec<_> = faults.iter().map(|fault| (fault.row, fault.field, fault.code)).collect();
    assert_eq!(named, [(2, "side", "too_much"), (4, "side", "too_much")]);
    let shown: Vec<String> = trades.iter().map(|(trade, _)| figures(trade)).collect();
    assert_eq!(shown, ["MSFT LONG 4 400 401 4", "TSLA LONG 2 300 301 2", "TSLA SHORT 1 302 - -"]);
}

#[test]
fn orders_of_one_second_count_in_the_order_of_the_file() {
    let mut orders_of_a_morning = [
        ("AAPL", "Buy", 1, 150, "09:30:00"),
        ("AAPL", "Sell", 1, 151, "09:30:00"),
        ("AAPL", "Short", 1, 152, "09:30:00"),
        ("AAPL", "Buy", 1, 149, "09:31:00"),
    ];

    let (oldest_first, faults) = take(&mut importer(Preset::Webull), &orders(&orders_of_a_morning));
    orders_of_a_morning.reverse();
    let (newest_first, more) = take(&mut importer(Preset::Webull), &orders(&orders_of_a_morning));

    assert_eq!((faults, more), (vec![], vec![]));
    let shown = |trades: &[(Trade, Mark)]| trades.iter().map(|(trade, _)| figures(trade)).collect::<Vec<_>>();
    assert_eq!(shown(&oldest_first), ["AAPL LONG 1 150 151 1", "AAPL SHORT 1 152 149 3"]);
    assert_eq!(shown(&newest_first), shown(&oldest_first));
}
