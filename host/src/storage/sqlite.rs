//! The store in one SQLite file: what `qualified-ats up` uses.
//!
//! A durable write costs one wait for the disk, 5 to 25 ms, and the disk serves one at a time. So one thread does all
//! writing and takes whatever has gathered while it waited into its next transaction: under load many writers share one
//! wait, and each is answered only when its write is on the disk. Reads go beside it, as SQLite's write-ahead log allows.
//!
//! The table is that of Spin's SQLite store: a file can move from one host to the other.

use std::fs::OpenOptions;
use std::io;
use std::iter;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use anyhow::Context;
use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior, params};
use tokio::sync::oneshot;

use super::{Counts, Storage, StorageError, Swap, Tally};

const TABLE: &str = "
    CREATE TABLE IF NOT EXISTS spin_key_value (
        store TEXT NOT NULL,
        key   TEXT NOT NULL,
        value BLOB NOT NULL,
        PRIMARY KEY (store, key)
    )";
const GET: &str = "SELECT value FROM spin_key_value WHERE store = 'default' AND key = ?1";
const KEYS: &str = "SELECT key FROM spin_key_value WHERE store = 'default'";
const SET: &str = "
    INSERT INTO spin_key_value (store, key, value) VALUES ('default', ?1, ?2)
    ON CONFLICT (store, key) DO UPDATE SET value = excluded.value";
const DELETE: &str = "DELETE FROM spin_key_value WHERE store = 'default' AND key = ?1";
const SWAP: &str = "
    UPDATE spin_key_value SET value = ?3 WHERE store = 'default' AND key = ?1 AND value = ?2";

/// The most writes in one transaction: beyond this the disk's wait no longer matters.
const LARGEST_GROUP: usize = 512;

/// A [`Storage`] in a file.
pub struct Sqlite {
    /// `None` only while being dropped.
    jobs: Option<mpsc::Sender<Job>>,
    writer: Option<JoinHandle<()>>,
    readers: Arc<Readers>,
    tally: Arc<Tally>,
}

/// A write on its way to the disk, and who waits for it.
struct Job {
    write: Write,
    done: oneshot::Sender<Result<Swap, StorageError>>,
}

enum Write {
    Set(Vec<(String, Vec<u8>)>),
    Delete(Vec<String>),
    Swap { key: String, seen: Option<Vec<u8>>, new: Vec<u8> },
}

impl Sqlite {
    /// Opens the file at `path`; makes it, readable by its owner alone, if there is none.
    ///
    /// # Errors
    /// The file cannot be made or read, or is no database.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let unusable = || format!("the database {} is not usable", path.display());
        create_private(path).with_context(unusable)?;
        let connection = prepare(path).with_context(unusable)?;
        let tally = Arc::new(Tally::default());
        let (jobs, queue) = mpsc::channel();
        let writer = thread::Builder::new().name("sqlite-writer".to_owned()).spawn({
            let tally = Arc::clone(&tally);
            move || write_in_groups(connection, &queue, &tally)
        })?;
        Ok(Self {
            jobs: Some(jobs),
            writer: Some(writer),
            readers: Arc::new(Readers { path: path.to_owned(), idle: Mutex::default() }),
            tally,
        })
    }

    /// What was read and written so far.
    pub fn counts(&self) -> Counts {
        self.tally.counts()
    }

    async fn write(&self, write: Write) -> Result<Swap, StorageError> {
        self.tally.write();
        let gone = || StorageError::failed("the database's writer has ended");
        let (done, answer) = oneshot::channel();
        let jobs = self.jobs.as_ref().ok_or_else(gone)?;
        jobs.send(Job { write, done }).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StorageError> {
        self.tally.read();
        let readers = Arc::clone(&self.readers);
        tokio::task::spawn_blocking(move || readers.with(read))
            .await
            .map_err(StorageError::failed)?
            .map_err(StorageError::failed)
    }
}

impl Drop for Sqlite {
    /// Waits for the writer, so that the file is free for whoever opens it next.
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(writer) = self.writer.take() {
            // A panic in there has been reported by its own thread.
            let _ = writer.join();
        }
    }
}

/// The file holds sealed tokens and people's names. SQLite gives its side files the same permissions.
fn create_private(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

fn prepare(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // WAL's usual NORMAL may lose the last transactions when the power fails. Answered means kept.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.execute(TABLE, [])?;
    Ok(connection)
}

/// The writer's thread: ends when no one can send any more.
fn write_in_groups(mut connection: Connection, queue: &mpsc::Receiver<Job>, tally: &Tally) {
    while let Ok(first) = queue.recv() {
        let group: Vec<Job> = iter::once(first).chain(queue.try_iter().take(LARGEST_GROUP - 1)).collect();
        let before = connection.total_changes();
        let results = commit(&mut connection, &group);
        if connection.total_changes() != before {
            tally.commit();
        }
        match results {
            Ok(results) => {
                for (job, result) in group.into_iter().zip(results) {
                    // Nobody waits any more when the guest has been stopped meanwhile.
                    let _ = job.done.send(result);
                }
            }
            Err(error) => {
                let error = StorageError::failed(error);
                for job in group {
                    let _ = job.done.send(Err(error.clone()));
                }
            }
        }
    }
}

/// One transaction for all; within it, each write succeeds or fails by itself.
fn commit(connection: &mut Connection, group: &[Job]) -> rusqlite::Result<Vec<Result<Swap, StorageError>>> {
    let mut transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut results = Vec::with_capacity(group.len());
    for job in group {
        let savepoint = transaction.savepoint()?;
        let result = apply(&savepoint, &job.write);
        if result.is_ok() {
            savepoint.commit()?;
        } else {
            savepoint.finish()?;
        }
        results.push(result.map_err(StorageError::failed));
    }
    transaction.commit()?;
    Ok(results)
}

fn apply(connection: &Connection, write: &Write) -> rusqlite::Result<Swap> {
    let changed = match write {
        Write::Set(pairs) => {
            let mut set = connection.prepare_cached(SET)?;
            for (key, value) in pairs {
                set.execute(params![key, value])?;
            }
            1
        }
        Write::Delete(keys) => {
            let mut delete = connection.prepare_cached(DELETE)?;
            for key in keys {
                delete.execute([key])?;
            }
            1
        }
        Write::Swap { key, seen: None, new } => connection.prepare_cached(SET)?.execute(params![key, new])?,
        Write::Swap { key, seen: Some(seen), new } => {
            connection.prepare_cached(SWAP)?.execute(params![key, seen, new])?
        }
    };
    Ok(if changed == 0 { Swap::Lost } else { Swap::Swapped })
}

/// Connections for reading, as many as ever read at once.
struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    fn with<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => Connection::open_with_flags(
                &self.path,
                OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
            )?,
        };
        let result = read(&connection);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        result
    }
}

fn get(connection: &Connection, key: &str) -> rusqlite::Result<Option<Vec<u8>>> {
    connection.prepare_cached(GET)?.query_row([key], |row| row.get(0)).optional()
}

#[async_trait::async_trait]
impl Storage for Sqlite {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StorageError> {
        let key = key.to_owned();
        self.read(move |connection| get(connection, &key)).await
    }

    async fn get_many(&self, keys: &[String]) -> Result<Vec<(String, Vec<u8>)>, StorageError> {
        let keys = keys.to_vec();
        self.read(move |connection| {
            // One transaction, so that all values are of one moment.
            let snapshot = connection.unchecked_transaction()?;
            let mut present = Vec::with_capacity(keys.len());
            for key in keys {
                if let Some(value) = get(&snapshot, &key)? {
                    present.push((key, value));
                }
            }
            Ok(present)
        })
        .await
    }

    async fn set(&self, key: &str, value: Vec<u8>) -> Result<(), StorageError> {
        self.set_many(vec![(key.to_owned(), value)]).await
    }

    async fn set_many(&self, pairs: Vec<(String, Vec<u8>)>) -> Result<(), StorageError> {
        self.write(Write::Set(pairs)).await.map(drop)
    }

    async fn delete(&self, key: &str) -> Result<(), StorageError> {
        self.delete_many(&[key.to_owned()]).await
    }

    async fn delete_many(&self, keys: &[String]) -> Result<(), StorageError> {
        self.write(Write::Delete(keys.to_vec())).await.map(drop)
    }

    async fn exists(&self, key: &str) -> Result<bool, StorageError> {
        let key = key.to_owned();
        self.read(move |connection| connection.prepare_cached(GET)?.exists([key])).await
    }

    async fn keys(&self) -> Result<Vec<String>, StorageError> {
        self.read(|connection| connection.prepare_cached(KEYS)?.query_map([], |row| row.get(0))?.collect()).await
    }

    async fn swap(&self, key: &str, seen: Option<&[u8]>, new: Vec<u8>) -> Result<Swap, StorageError> {
        let (key, seen) = (key.to_owned(), seen.map(<[u8]>::to_vec));
        self.write(Write::Swap { key, seen, new }).await
    }
}
