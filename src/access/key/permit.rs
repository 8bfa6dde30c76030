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
use uuid::Uuid;

use super::super::actor::Actor;
use super::super::policy::Standing;
use super::super::queries;
use super::super::right::{Right, has};
use super::super::scope::{Basis, OrgConn, OrgTx};
use super::Keys;
use super::known::{self, KnownKey};
use super::meter::{Metered, spend};
use crate::db::{Db, MaybeCollision, Scope};
use crate::error::{AppError, Result, Unauthorized};
use crate::secret::KeyText;
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
        Box::pin(async move { admit(&request).await })
    }
}

async fn admit<P: Right>(request: &HttpRequest) -> Result<KeyPermit<P>> {
    let text = bearer(request)?;
    let (console, keys) = shared(request)?;
    let found = keys.desk.find(vec![text.id()]).await?.into_iter().next().flatten();
    let key = found.ok_or(AppError::Unauthorized(Unauthorized::Unknown))?;
    let address = client::address(request, &console.config.trusted_proxies);
    enter::<P>(keys, &console.db, &key, &text, address)?;
    request_log::note_organization(request, key.organization.id);
    request_log::note_key(request, key.id);
    if let Some(Metered::Past { limit, retry_after }) = spend(&console.db, &key, 1).await? {
        return Err(AppError::TooMany { retry_after, limit });
    }
    check::<P>(&key)?;
    let standing = key.standing;
    Ok(KeyPermit { key, standing, text: Arc::new(text), db: console.db.clone(), right: PhantomData })
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
pub(super) fn bearer(request: &HttpRequest) -> Result<KeyText> {
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
