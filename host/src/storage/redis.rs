//! The store in Redis, for several hosts behind one address.
//!
//! How long an answered write lives is then Redis' own promise: with `appendfsync always` it is as good as the file.

use std::time::Duration;

use anyhow::Context;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, Cmd, FromRedisValue, Script, cmd};

use super::{Counts, Storage, StorageError, Swap, Tally};

/// In front of every key, so that a Redis can serve others too.
const PREFIX: &str = "qualified-ats:";

/// The longest wait for Redis' answer. A guest has tens of seconds in all.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// `ARGV[1]` is "seen" if the caller has seen the value `ARGV[2]`; `ARGV[3]` is the new one.
const SWAP: &str = r"
    if ARGV[1] == 'seen' and redis.call('GET', KEYS[1]) ~= ARGV[2] then
        return 0
    end
    redis.call('SET', KEYS[1], ARGV[3])
    return 1
";

/// A [`Storage`] in Redis.
pub struct Redis {
    connection: ConnectionManager,
    swap: Script,
    tally: Tally,
}

impl Redis {
    /// Connects to `redis://[user:password@]host[:port][/database]`. A broken connection is made anew later on.
    ///
    /// # Errors
    /// The address is malformed or nobody answers there. The error does not show the address, which may hold a password.
    pub async fn connect(url: &str) -> anyhow::Result<Self> {
        let client = Client::open(url).context("the Redis address is malformed")?;
        let config = ConnectionManagerConfig::new()
            .set_response_timeout(Some(ANSWER_WITHIN))
            .set_connection_timeout(Some(ANSWER_WITHIN))
            .set_number_of_retries(1);
        let connection = ConnectionManager::new_with_config(client, config).await.context("Redis does not answer")?;
        Ok(Self { connection, swap: Script::new(SWAP), tally: Tally::default() })
    }

    /// What was read and written so far. Every write counts as one commit.
    pub fn counts(&self) -> Counts {
        self.tally.counts()
    }

    async fn read<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, StorageError> {
        self.tally.read();
        let mut connection = self.connection.clone();
        command.query_async(&mut connection).await.map_err(StorageError::failed)
    }

    async fn write(&self, command: &Cmd) -> Result<(), StorageError> {
        self.tally.write();
        self.tally.commit();
        let mut connection = self.connection.clone();
        command.query_async(&mut connection).await.map_err(StorageError::failed)
    }
}

fn prefixed(key: &str) -> String {
    format!("{PREFIX}{key}")
}

fn all_prefixed(keys: &[String]) -> Vec<String> {
    keys.iter().map(|key| prefixed(key)).collect()
}

#[async_trait::async_trait]
impl Storage for Redis {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StorageError> {
        self.read(cmd("GET").arg(prefixed(key))).await
    }

    async fn get_many(&self, keys: &[String]) -> Result<Vec<(String, Vec<u8>)>, StorageError> {
        let values: Vec<Option<Vec<u8>>> = self.read(cmd("MGET").arg(all_prefixed(keys))).await?;
        let pairs = keys.iter().zip(values);
        Ok(pairs.filter_map(|(key, value)| Some((key.clone(), value?))).collect())
    }

    async fn set(&self, key: &str, value: Vec<u8>) -> Result<(), StorageError> {
        self.write(cmd("SET").arg(prefixed(key)).arg(value)).await
    }

    async fn set_many(&self, pairs: Vec<(String, Vec<u8>)>) -> Result<(), StorageError> {
        let mut set = cmd("MSET");
        for (key, value) in pairs {
            set.arg(prefixed(&key)).arg(value);
        }
        self.write(&set).await
    }

    async fn delete(&self, key: &str) -> Result<(), StorageError> {
        self.write(cmd("DEL").arg(prefixed(key))).await
    }

    async fn delete_many(&self, keys: &[String]) -> Result<(), StorageError> {
        self.write(cmd("DEL").arg(all_prefixed(keys))).await
    }

    async fn exists(&self, key: &str) -> Result<bool, StorageError> {
        self.read(cmd("EXISTS").arg(prefixed(key))).await
    }

    async fn keys(&self) -> Result<Vec<String>, StorageError> {
        let mut keys = Vec::new();
        let mut cursor = 0_u64;
        loop {
            let mut scan = cmd("SCAN");
            scan.arg(cursor).arg("MATCH").arg(format!("{PREFIX}*")).arg("COUNT").arg(1000);
            let (next, page): (u64, Vec<String>) = self.read(&scan).await?;
            keys.extend(page.iter().filter_map(|key| key.strip_prefix(PREFIX)).map(str::to_owned));
            if next == 0 {
                break;
            }
            cursor = next;
        }
        // A scan may show a key twice.
        keys.sort_unstable();
        keys.dedup();
        Ok(keys)
    }

    async fn swap(&self, key: &str, seen: Option<&[u8]>, new: Vec<u8>) -> Result<Swap, StorageError> {
        self.tally.write();
        let mut connection = self.connection.clone();
        let swapped: bool = self
            .swap
            .key(prefixed(key))
            .arg(if seen.is_some() { "seen" } else { "" })
            .arg(seen.unwrap_or_default())
            .arg(new)
            .invoke_async(&mut connection)
            .await
            .map_err(StorageError::failed)?;
        if !swapped {
            return Ok(Swap::Lost);
        }
        self.tally.commit();
        Ok(Swap::Swapped)
    }
}
