//! The three stores keep one contract: Spin's, oddities included.

mod redis_server;

use std::collections::BTreeSet;
use std::sync::Arc;

use host::{Memory, Redis, Sqlite, Storage, Swap};
use redis_server::RedisServer;

/// The contract. The store is empty before.
async fn keeps_the_contract(store: &dyn Storage) {
    let owned = |keys: &[&str]| keys.iter().map(ToString::to_string).collect::<Vec<_>>();
    let bytes = |text: &str| text.as_bytes().to_vec();

    // Single keys.
    assert_eq!(store.get("a").await, Ok(None));
    assert_eq!(store.exists("a").await, Ok(false));
    store.set("a", bytes("1")).await.expect("set");
    store.set("a", bytes("2")).await.expect("set again");
    assert_eq!(store.get("a").await, Ok(Some(bytes("2"))));
    assert_eq!(store.exists("a").await, Ok(true));
    store.set("empty", Vec::new()).await.expect("an empty value");
    assert_eq!(store.get("empty").await, Ok(Some(Vec::new())));
    store.set("raw", vec![0, 255, 10]).await.expect("any bytes");
    assert_eq!(store.get("raw").await, Ok(Some(vec![0, 255, 10])));

    // Several at once; absent ones are left out.
    let pairs = vec![("b".to_owned(), bytes("b")), ("c/é".to_owned(), bytes("c"))];
    store.set_many(pairs).await.expect("set many");
    let mut many = store.get_many(&owned(&["c/é", "absent", "b"])).await.expect("get many");
    many.sort();
    assert_eq!(many, [("b".to_owned(), bytes("b")), ("c/é".to_owned(), bytes("c"))]);
    let keys: BTreeSet<_> = store.keys().await.expect("keys").into_iter().collect();
    assert_eq!(keys, owned(&["a", "b", "c/é", "empty", "raw"]).into_iter().collect());

    // Swaps compare by value.
    let seen = bytes("2");
    assert_eq!(store.swap("a", Some(&seen), bytes("3")).await, Ok(Swap::Swapped));
    assert_eq!(store.swap("a", Some(&seen), bytes("4")).await, Ok(Swap::Lost));
    assert_eq!(store.get("a").await, Ok(Some(bytes("3"))));
    store.set("a", seen.clone()).await.expect("the value comes back");
    assert_eq!(store.swap("a", Some(&seen), bytes("5")).await, Ok(Swap::Swapped));
    // An empty value that was seen is not an absent one.
    assert_eq!(store.swap("empty", Some(b""), bytes("x")).await, Ok(Swap::Swapped));
    assert_eq!(store.swap("empty", Some(b""), bytes("y")).await, Ok(Swap::Lost));
    // What was seen and is gone is lost.
    store.delete("a").await.expect("delete");
    assert_eq!(store.swap("a", Some(b"5"), bytes("6")).await, Ok(Swap::Lost));
    assert_eq!(store.exists("a").await, Ok(false));
    // What was seen as absent is written over whatever came between.
    assert_eq!(store.swap("new", None, bytes("1")).await, Ok(Swap::Swapped));
    assert_eq!(store.swap("new", None, bytes("2")).await, Ok(Swap::Swapped));
    assert_eq!(store.get("new").await, Ok(Some(bytes("2"))));

    // Deleting, the absent too.
    store.delete("absent").await.expect("delete an absent key");
    store.delete_many(&owned(&["b", "absent", "empty", "raw", "new"])).await.expect("delete many");
    assert_eq!(store.keys().await, Ok(owned(&["c/é"])));
}

#[tokio::test]
async fn memory_keeps_the_contract() {
    keeps_the_contract(&Memory::default()).await;
}

#[tokio::test]
async fn sqlite_keeps_the_contract() {
    let folder = tempfile::tempdir().expect("a folder");
    keeps_the_contract(&Sqlite::open(&folder.path().join("t.db")).expect("opens")).await;
}

#[tokio::test]
async fn redis_keeps_the_contract() {
    let server = RedisServer::start();
    let store = Redis::connect(&server.url()).await.expect("connects");
    keeps_the_contract(&store).await;
}

#[tokio::test]
async fn two_hosts_share_a_redis() {
    let server = RedisServer::start();
    let one = Redis::connect(&server.url()).await.expect("connects");
    let other = Redis::connect(&server.url()).await.expect("connects");
    one.set("a", b"1".to_vec()).await.expect("set");
    assert_eq!(other.swap("a", Some(b"1"), b"2".to_vec()).await, Ok(Swap::Swapped));
    assert_eq!(one.swap("a", Some(b"1"), b"3".to_vec()).await, Ok(Swap::Lost));
}

#[tokio::test]
async fn concurrent_writes_share_commits_and_all_are_kept() {
    const WRITES: usize = 300;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("t.db");
    let store = Arc::new(Sqlite::open(&path).expect("opens"));
    store.set("contended", b"0".to_vec()).await.expect("set");

    let writers = (0..WRITES).map(|number| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let key = format!("key-{number}");
            store.set_many(vec![(key, b"kept".to_vec())]).await.expect("set");
            // Every writer has seen the same value, so one swap wins and no other write suffers from it.
            store.swap("contended", Some(b"0"), format!("won by {number}").into_bytes()).await.expect("swap")
        })
    });
    let mut won = 0;
    for writer in writers.collect::<Vec<_>>() {
        won += usize::from(writer.await.expect("ends") == Swap::Swapped);
    }
    assert_eq!(won, 1);

    let counts = store.counts();
    assert_eq!(counts.writes, 2 * WRITES as u64 + 1);
    assert!(counts.commits < WRITES as u64 / 10, "{counts:?}");

    drop(store);
    let again = Sqlite::open(&path).expect("opens again");
    assert_eq!(again.keys().await.expect("keys").len(), WRITES + 1);
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().expect("a folder");
    let store = Sqlite::open(&folder.path().join("t.db")).expect("opens");
    store.set("a", b"1".to_vec()).await.expect("set");
    for entry in folder.path().read_dir().expect("a list") {
        let entry = entry.expect("an entry");
        let mode = entry.metadata().expect("its data").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?}", entry.path());
    }
}

#[test]
fn what_is_no_database_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("t.db");
    std::fs::write(&path, "a page of text, and a long one at that ".repeat(100)).expect("writes");
    let error = Sqlite::open(&path).err().expect("refused");
    assert!(format!("{error:#}").contains("t.db"), "{error:#}");
}
