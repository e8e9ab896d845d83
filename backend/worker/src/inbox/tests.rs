use std::fs;

use flotilla_domain::account::CopyRole;
use flotilla_domain::id::{AccountId, OwnerId};
use tempfile::TempDir;

use super::*;

const LOGIN: EaLogin = EaLogin {
    account_id: AccountId::from_uuid(Uuid::from_u128(1)),
    owner_id: OwnerId::from_uuid(Uuid::from_u128(2)),
    role: CopyRole::Master,
};

async fn open(folder: &TempDir) -> (Inbox, Left) {
    Inbox::open(folder.path(), Duration::from_secs(5)).await.unwrap()
}

fn append(inbox: &Inbox, id: u128) -> Entry {
    let line = Bytes::from(format!("SIGNAL_CLOSE|XAUUSD|{id}|1|1"));
    inbox.append(&LOGIN, 7, Uuid::from_u128(id), (line, Instant::now()))
}

fn ids(left: &Left) -> Vec<u128> {
    left.iter().map(|(_, record)| record.id.as_u128()).collect()
}

fn release_all(inbox: &Inbox, left: &Left) {
    for (entry, _) in left {
        inbox.release(*entry);
    }
}

fn segments(folder: &TempDir) -> Vec<std::path::PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "inbox"));
    paths.sort();
    paths
}

#[tokio::test]
async fn what_was_not_released_is_left_for_the_next_process_in_its_order() {
    let folder = TempDir::new().unwrap();
    let (inbox, left) = open(&folder).await;
    assert!(left.is_empty());
    let entries: Vec<_> = (1..=5).map(|id| append(&inbox, id)).collect();
    for entry in &entries {
        inbox.synced(*entry).await;
    }
    inbox.release(entries[1]);
    inbox.end().await;

    let (inbox, left) = open(&folder).await;
    // A segment goes as a whole; who reads it looks up what is stored.
    assert_eq!(ids(&left), [1, 2, 3, 4, 5]);
    assert_eq!((left[0].1.epoch, left[0].1.line.as_ref()), (7, b"SIGNAL_CLOSE|XAUUSD|1|1|1".as_slice()));
    assert!(inbox.clock.age(left[0].1.moment).is_certain);
    let new = append(&inbox, 6);
    inbox.synced(new).await;
    release_all(&inbox, &left);
    inbox.end().await;

    let (inbox, left) = open(&folder).await;
    assert_eq!(ids(&left), [6]);
    release_all(&inbox, &left);
    inbox.end().await;
    assert!(segments(&folder).is_empty());
}

#[tokio::test]
async fn a_damaged_segment_gives_what_is_whole_and_is_kept_aside() {
    let folder = TempDir::new().unwrap();
    let (inbox, _) = open(&folder).await;
    for id in 1..=3 {
        let entry = append(&inbox, id);
        inbox.synced(entry).await;
    }
    inbox.end().await;
    let path = segments(&folder).remove(0);
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x20;
    fs::write(&path, bytes).unwrap();

    let (inbox, left) = open(&folder).await;

    assert_eq!(ids(&left), [1, 3]);
    release_all(&inbox, &left);
    inbox.end().await;
    assert!(segments(&folder).is_empty());
    assert!(path.with_extension("damaged").exists());
}

#[tokio::test]
async fn a_folder_has_one_process_and_the_next_waits_for_its_end() {
    let folder = TempDir::new().unwrap();
    let (inbox, _) = open(&folder).await;

    let refused = Inbox::open(folder.path(), Duration::from_millis(100)).await.unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::ResourceBusy);
    let path = folder.path().to_owned();
    let next = tokio::spawn(async move { Inbox::open(&path, Duration::from_secs(20)).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!next.is_finished());
    inbox.end().await;

    assert!(next.await.unwrap().is_ok());
}

#[tokio::test]
async fn a_folder_that_vanishes_breaks_the_journal_and_holds_nobody_up() {
    let folder = TempDir::new().unwrap();
    let (inbox, _) = open(&folder).await;
    // The open segment goes on; the next one cannot be made.
    fs::remove_dir_all(folder.path()).unwrap();
    let long = Bytes::from(vec![b'x'; 5 << 20]);
    let first = inbox.append(&LOGIN, 1, Uuid::from_u128(1), (long, Instant::now()));
    inbox.synced(first).await;
    assert!(!inbox.is_broken());

    let lost = append(&inbox, 2);
    inbox.synced(lost).await;
    assert!(inbox.is_broken());
    fs::create_dir(folder.path()).unwrap();
    let mut progress = inbox.progress.clone();
    progress.wait_for(|progress| !progress.is_broken).await.unwrap();
    inbox.end().await;

    let (_, left) = open(&folder).await;
    assert_eq!(ids(&left), [2]);
}

#[tokio::test]
async fn whoever_takes_the_folder_knows_who_had_it() {
    let folder = TempDir::new().unwrap();
    let [first, second] = [1, 2].map(|number| NodeId::from_uuid(Uuid::from_u128(number)));

    let (inbox, _) = open(&folder).await;
    assert_eq!(inbox.earlier, None);
    inbox.sign(first);
    inbox.end().await;
    drop(inbox);
    let (inbox, _) = open(&folder).await;
    assert_eq!(inbox.earlier, Some(first));
    inbox.sign(second);
    inbox.end().await;
    drop(inbox);

    assert_eq!(open(&folder).await.0.earlier, Some(second));
}
