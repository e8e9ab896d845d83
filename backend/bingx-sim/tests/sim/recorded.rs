//! Frames of markets as they were recorded of the real exchange, beside ours: the same names everywhere.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use flotilla_bingx_sim::server::{Server, Start};
use flotilla_exchange::bingx::id::Symbol;
use serde_json::Value;

use crate::markets::Reader;

/// What is told to user streams. It is of no topic.
const EVENTS: [&str; 4] = [
    "md2023_03_2_account_balance_and_position_update_pu",
    "md2023_04_4_configuration_updates_such_as_leverage",
    "official_account_balance_and_position_update_push",
    "official_order_update_push",
];
/// Of the spot market, which is another interface.
const SPOT: &str = "net_spot_";
/// As it was in 2023: levels with names, and a trade that is no list.
const OLD: [&str; 2] =
    ["md2023_00_1_subscribe_market_depth_data", "md2023_01_2_subscribe_the_latest_trade_detail"];
/// All that was recorded of perpetual markets since.
const CHANNELS: [&str; 9] =
    ["bookTicker", "depth20", "depth5", "incrDepth", "kline_1m", "lastPrice", "markPrice", "ticker", "trade"];

/// The folder of recordings; a printed line and nothing where none is named and none is in the usual place.
///
/// # Panics
///
/// When one is named and is not there: whoever names it wants it compared.
fn recordings() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("FLOTILLA_BINGX_DATA").map(PathBuf::from) {
        assert!(folder.is_dir(), "FLOTILLA_BINGX_DATA: there are no recordings at {}", folder.display());
        return Some(folder);
    }
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/bingx");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: there are no recordings at {}", folder.display());
    None
}

/// Names of the files of a folder, without their endings, and what stands in them.
fn files(folder: &Path) -> Vec<(String, Value)> {
    let read = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let file = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        (path.file_stem().unwrap().to_str().unwrap().to_owned(), file)
    };
    std::fs::read_dir(folder).unwrap().map(read).collect()
}

/// Frames of a file that the exchange sent by itself.
fn pushes(file: &Value) -> Vec<Value> {
    let steps = file["steps"].as_array().into_iter().flatten();
    let of_steps =
        steps.filter(|step| matches!(step["dir"].as_str(), Some("server-push" | "="))).map(|step| {
            match step["raw"].as_str() {
                // Behind the number of the connection.
                Some(raw) => serde_json::from_str(raw.split_once(' ').unwrap().1).unwrap(),
                None => step["frame"].clone(),
            }
        });
    ["push", "frame"].into_iter().filter_map(|name| file.get(name)).cloned().chain(of_steps).collect()
}

/// Names in a frame, and in what it tells; of a list, in its first.
fn names(frame: &Value) -> (BTreeSet<String>, BTreeSet<String>) {
    let of = |value: &Value| value.as_object().unwrap().keys().cloned().collect();
    let data = &frame["data"];
    (of(frame), of(data.get(0).unwrap_or(data)))
}

#[tokio::test]
async fn every_recorded_frame_of_a_market_names_its_topic_and_ours_have_the_same_names() {
    let Some(folder) = recordings() else { return };
    let server = Server::start(Start::default()).await.unwrap();
    let mut reader = Reader::connect(&server).await;
    let mut compared = BTreeSet::new();
    for (name, file) in files(&folder.join("ws")) {
        let pushes = pushes(&file);
        assert!(!pushes.is_empty(), "{name} tells nothing");
        for push in pushes {
            let topic = push["dataType"].as_str();
            if EVENTS.contains(&name.as_str()) {
                assert_eq!(topic, None, "{name}");
                continue;
            }
            let topic = topic.unwrap_or_else(|| panic!("{name} names no topic"));
            if name.starts_with(SPOT) {
                continue;
            }
            let (symbol, channel) = topic.split_once('@').unwrap_or_else(|| panic!("{name}: {topic}"));
            assert!(Symbol::new(symbol).is_ok(), "{name}: {topic}");
            if OLD.contains(&name.as_str()) {
                continue;
            }
            assert_eq!(reader.ask("sub", topic).await["code"], 0, "{name}: {topic}");
            let ours = reader.frame(|frame| frame["dataType"] == topic).await;
            assert_eq!(names(&ours), names(&push), "{name}: {topic}");
            compared.insert(channel.split('@').next().unwrap().to_owned());
        }
    }
    assert_eq!(compared, BTreeSet::from(CHANNELS.map(str::to_owned)));
}
