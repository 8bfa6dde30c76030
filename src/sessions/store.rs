//! actix-session's storage in Postgres. Account, kept and client are columns; the map holds only what rides along.

use std::collections::HashMap;

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time::Duration;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::actions::{CLIENT, ID, KEPT};
use super::queries::{self, Loaded, NewSession};
use crate::access::{Account, SESSION_ACCOUNT};
use crate::db::{Db, Scope};
use crate::error::{AppError, Result};
use crate::secret;

type State = HashMap<String, String>;

/// The store of a server's session middleware.
#[derive(Clone)]
pub struct Store {
    db: Db,
}

impl Store {
    pub fn new(db: Db) -> Store {
        Store { db }
    }

    async fn find(&self, key: &SessionKey) -> Result<Option<State>> {
        let (key_hash, now) = (hash_of(key), self.db.now());
        let loaded = self.db.look_up(move |connection| queries::load(connection, &key_hash, now)).await?;
        let Some(loaded) = loaded else { return Ok(None) };
        if loaded.stale {
            let key_hash = hash_of(key);
            self.db
                .write(Scope::Nobody, move |connection| Ok::<_, AppError>(queries::touch(connection, &key_hash, now)?))
                .await?;
        }
        unpacked(loaded).map(Some)
    }

    async fn insert(&self, state: State) -> Result<SessionKey> {
        let key = secret::encode(&secret::random_bytes::<32>());
        let session_key = SessionKey::try_from(key).map_err(internal)?;
        let new = packed(&session_key, state)?;
        let now = self.db.now();
        self.db.write(Scope::Nobody, move |connection| Ok::<_, AppError>(queries::insert(connection, &new, now)?)).await?;
        Ok(session_key)
    }
}

impl SessionStore for Store {
    async fn load(&self, key: &SessionKey) -> std::result::Result<Option<State>, LoadError> {
        self.find(key).await.map_err(|error| LoadError::Other(error.into()))
    }

    async fn save(&self, state: State, _ttl: &Duration) -> std::result::Result<SessionKey, SaveError> {
        self.insert(state).await.map_err(|error| SaveError::Other(error.into()))
    }

    async fn update(&self, key: SessionKey, state: State, _ttl: &Duration) -> std::result::Result<SessionKey, UpdateError> {
        let changed = async {
            let new = packed(&key, state)?;
            let write = move |connection: &mut _| Ok::<_, AppError>(queries::set_state(connection, &new.key_hash, &new.state)?);
            self.db.write(Scope::Nobody, write).await
        };
        changed.await.map(|_| key).map_err(|error| UpdateError::Other(error.into()))
    }

    async fn update_ttl(&self, _key: &SessionKey, _ttl: &Duration) -> std::result::Result<(), anyhow::Error> {
        // `load` keeps the time of the last request.
        Ok(())
    }

    async fn delete(&self, key: &SessionKey) -> std::result::Result<(), anyhow::Error> {
        let key_hash = hash_of(key);
        self.db.write(Scope::Nobody, move |connection| Ok::<_, AppError>(queries::delete(connection, &key_hash)?)).await?;
        Ok(())
    }
}

fn hash_of(key: &SessionKey) -> Vec<u8> {
    secret::hash(key.as_ref().as_bytes()).to_vec()
}

fn unpacked(loaded: Loaded) -> Result<State> {
    let mut state: State = serde_json::from_str(&loaded.state).map_err(internal)?;
    if let Some(account) = &loaded.account {
        put(&mut state, ID, &loaded.id)?;
        put(&mut state, SESSION_ACCOUNT, account)?;
        put(&mut state, KEPT, &loaded.kept)?;
        put(&mut state, CLIENT, &loaded.client)?;
    }
    Ok(state)
}

fn packed(key: &SessionKey, mut state: State) -> Result<NewSession> {
    let account: Option<Account> = take(&mut state, SESSION_ACCOUNT)?;
    let kept = take(&mut state, KEPT)?.unwrap_or(false);
    state.remove(ID);
    let client = take(&mut state, CLIENT)?.unwrap_or_default();
    let state = serde_json::to_string(&state).map_err(internal)?;
    Ok(NewSession { key_hash: hash_of(key), account_id: account.map(|account| account.id), kept, client, state })
}

fn put(state: &mut State, name: &str, value: &impl Serialize) -> Result<()> {
    state.insert(name.to_owned(), serde_json::to_string(value).map_err(internal)?);
    Ok(())
}

fn take<T: DeserializeOwned>(state: &mut State, name: &str) -> Result<Option<T>> {
    state.remove(name).map(|text| serde_json::from_str(&text).map_err(internal)).transpose()
}

fn internal(error: impl std::fmt::Display) -> AppError {
    AppError::Internal(error.to_string())
}
