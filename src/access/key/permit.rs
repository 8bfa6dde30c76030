//! The right to do something by a key, as a type in the signature of the API's handlers.

use std::future::Future;
use std::marker::PhantomData;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};
use diesel::pg::PgConnection;
use serde::Serialize;
use uuid::Uuid;

use super::super::actor::Actor;
use super::super::policy::Standing;
use super::super::queries;
use super::super::right::{Right, has};
use super::super::scope::{Basis, OrgConn, OrgTx};
use super::Keys;
use super::known::{self, KnownKey};
use super::meter::{Metered, spend};
use super::once::{self, Answered, Caller, Charge};
use crate::db::{Db, MaybeCollision, Scope};
use crate::error::{AppError, Result, Unauthorized};
use crate::secret::KeyText;
use crate::web::json::Once;
use crate::web::{Console, client, request_log};

/// A key that lets its holder in and has the ability `P`.
pub struct KeyPermit<P: Right> {
    pub key: Arc<KnownKey>,
    pub standing: Standing,
    text: Arc<KeyText>,
    db: Db,
    right: PhantomData<P>,
}

impl<P: Right> KeyPermit<P> {
    /// Reads the organization's rows.
    ///
    /// # Errors
    /// What `work` answers, or `Unavailable`.
    pub async fn read<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut OrgConn<'_>) -> Result<T> + Send + 'static,
    {
        let (organization_id, basis) = (self.key.organization.id, Basis::of(&self.db));
        let work = move |connection: &mut PgConnection| work(&mut OrgConn::new(connection, organization_id, basis));
        self.db.read(Scope::Organization(organization_id), work).await
    }

    /// Changes the organization under its lock. The key and its ability are judged again inside, so that one that was
    /// revoked a moment ago changes nothing.
    ///
    /// # Errors
    /// `Unauthorized` or `LacksAbility` for what was taken meanwhile, else what `work` answers.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<AppError> + From<diesel::result::Error> + MaybeCollision + Send + 'static,
        F: Fn(&mut OrgTx<'_>) -> Result<T, E> + Send + 'static,
    {
        let (organization_id, key_id, basis) = (self.key.organization.id, self.key.id, Basis::of(&self.db));
        let text = Arc::clone(&self.text);
        self.db
            .write(Scope::Organization(organization_id), move |connection| {
                let mut tx = locked_by::<P>(connection, (organization_id, key_id), &text, basis.clone())?;
                work(&mut tx)
            })
            .await
    }

    /// As `write`, and answers what `work` answers, in JSON. A request with an Idempotency-Key is carried out once: what was
    /// answered then is answered again. What is refused is kept nowhere.
    ///
    /// # Errors
    /// As `write`, and `Conflict` where the Idempotency-Key was used for another request.
    pub async fn write_once<T, E, F>(&self, once: Option<Once>, work: F) -> Result<Answered, E>
    where
        T: Serialize,
        E: From<AppError> + From<diesel::result::Error> + MaybeCollision + Send + 'static,
        F: Fn(&mut OrgTx<'_>) -> Result<T, E> + Send + 'static,
    {
        let caller = self.caller();
        self.write(move |tx| {
            let now = tx.now();
            if let Some(once) = &once
                && let Some(answered) = once::earlier(tx.connection(), caller, once, now)?
            {
                return Ok(answered);
            }
            let text = serde_json::to_string(&work(tx)?).map_err(|error| AppError::Internal(error.to_string()))?;
            if let Some(once) = &once {
                once::keep(tx.connection(), caller, once, &text, now)?;
            }
            Ok(Answered::anew(text))
        })
        .await
    }

    /// What was answered to the same request before: for what would cost something before it is carried out.
    ///
    /// # Errors
    /// `Conflict` where the Idempotency-Key was used for another request.
    pub async fn answered(&self, once: Option<Once>) -> Result<Option<Answered>> {
        let Some(once) = once else { return Ok(None) };
        let caller = self.caller();
        self.read(move |org| {
            let now = org.now();
            once::earlier(org.connection(), caller, &once, now)
        })
        .await
    }

    /// Notes a request whose answer is made anew each time; a charge is made the first time that it can be.
    ///
    /// # Errors
    /// `Conflict` where the Idempotency-Key was used for another request.
    pub async fn note_once(&self, once: Once, charge: Option<Charge>) -> Result<Option<Metered>> {
        let (caller, now) = (self.caller(), self.db.now());
        let note = move |connection: &mut PgConnection| once::note(connection, caller, &once, charge, now);
        self.db.write(Scope::Organization(caller.0), note).await
    }

    fn caller(&self) -> Caller {
        (self.key.organization.id, self.key.id)
    }

    pub fn db(&self) -> &Db {
        &self.db
    }
}

/// Locks the organization, then reads the key again.
fn locked_by<'a, P: Right>(
    connection: &'a mut PgConnection,
    (organization_id, key_id): (Uuid, Uuid),
    text: &KeyText,
    basis: Basis,
) -> Result<OrgTx<'a>> {
    let organization = queries::lock_organization(connection, organization_id)?;
    let found = known::known(connection, &[key_id], &basis.product)?.into_iter().next();
    let key = found.ok_or(AppError::Unauthorized(Unauthorized::Unknown))?;
    key.judge(text, basis.now).map_err(AppError::Unauthorized)?;
    check::<P>(&key)?;
    Ok(OrgTx::holding(connection, organization, Actor::key(&key), basis))
}

fn check<P: Right>(key: &KnownKey) -> Result<()> {
    match P::PERMISSION {
        Some(needed) if !has::<P>(key.standing) => Err(AppError::LacksAbility { ability: needed.key().to_owned() }),
        _ => Ok(()),
    }
}

impl<P: Right> FromRequest for KeyPermit<P> {
    type Error = AppError;
    type Future = Pin<Box<dyn Future<Output = Result<KeyPermit<P>>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { admit(&request, None).await.map(|(permit, _)| permit) })
    }
}

/// Lets in who asks, and finds another key in the same look-up.
///
/// # Errors
/// As the extractor.
pub async fn admit<P: Right>(request: &HttpRequest, other: Option<Uuid>) -> Result<(KeyPermit<P>, Option<Arc<KnownKey>>)> {
    let text = bearer(request)?;
    let (console, keys) = shared(request)?;
    let ids = std::iter::once(text.id()).chain(other).collect();
    let mut found = keys.desk.find(ids).await?.into_iter();
    let key = found.next().flatten().ok_or(AppError::Unauthorized(Unauthorized::Unknown))?;
    let other = found.next().flatten();
    let address = client::address(request, &console.config.trusted_proxies);
    enter::<P>(keys, &console.db, &key, &text, address)?;
    request_log::note_organization(request, key.organization.id);
    request_log::note_key(request, key.id);
    if let Some(Metered::Past { limit, retry_after }) = spend(&console.db, &key, 1).await? {
        return Err(AppError::TooMany { retry_after, limit });
    }
    check::<P>(&key)?;
    let standing = key.standing;
    let permit = KeyPermit { key, standing, text: Arc::new(text), db: console.db.clone(), right: PhantomData };
    Ok((permit, other))
}

/// Judges a key that stands in front of the door, and notes its use.
fn enter<P: Right>(keys: &Keys, db: &Db, key: &KnownKey, text: &KeyText, address: Option<IpAddr>) -> Result<()> {
    let secret = key.judge(text, db.now()).map_err(AppError::Unauthorized)?;
    if !key.admits(address) {
        return Err(AppError::ElsewhereOnly);
    }
    let used = P::PERMISSION.filter(|needed| key.standing.permissions.contains(*needed));
    keys.uses.note(key, secret, address, used.map(Into::into));
    Ok(())
}

fn shared(request: &HttpRequest) -> Result<(&web::Data<Console>, &web::Data<Keys>)> {
    let missing = || AppError::Internal("no console".to_owned());
    let console = request.app_data::<web::Data<Console>>().ok_or_else(missing)?;
    Ok((console, request.app_data::<web::Data<Keys>>().ok_or_else(missing)?))
}

/// The key of the Authorization header. One whose checksum is wrong is refused here, without a look-up.
fn bearer(request: &HttpRequest) -> Result<KeyText> {
    let missing = || AppError::Unauthorized(Unauthorized::Missing);
    let mut values = request.headers().get_all(header::AUTHORIZATION);
    let value = values.next().ok_or_else(missing)?;
    let malformed = AppError::Unauthorized(Unauthorized::Malformed);
    if values.next().is_some() {
        return Err(malformed);
    }
    let Some((scheme, text)) = value.to_str().ok().and_then(|value| value.split_once(' ')) else { return Err(malformed) };
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(missing());
    }
    KeyText::parse(text.trim()).ok_or(malformed)
}
