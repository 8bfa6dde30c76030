//! The few things that can go wrong between a request and its answer. A refusal that belongs beside a form field is not
//! an error; what is left ends the request, and the web layer turns it into a page. Words for readers never quote the
//! cause, which goes to the log once.

mod unauthorized;
mod words;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};

pub use unauthorized::Unauthorized;
pub use words::{ErrorWords, words_for};

/// Why a request ends without its page.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Not there, or not for this reader: the two look alike.
    #[error("not found")]
    NotFound,
    /// A member without the permission. Names it, and the roles that have it.
    #[error("permission {permission} is missing")]
    Forbidden { permission: &'static str, granted_by: String },
    /// A request to the API without a key that lets anybody in.
    #[error("unauthorized: {}", .0.code())]
    Unauthorized(Unauthorized),
    /// A key without the ability. Names it.
    #[error("ability {ability} is missing")]
    LacksAbility { ability: String },
    /// A key that may be used only from other networks.
    #[error("not from this network")]
    ElsewhereOnly,
    /// Fields of a request to the API that are wrong: each with what to do.
    #[error("invalid fields")]
    Invalid(Vec<(String, String)>),
    /// What the rules do not allow, in the words of the page that refuses it.
    #[error("refused: {0}")]
    Refused(String),
    /// A request that another site caused, or that does not say where it comes from.
    #[error("cross-site request")]
    CrossSite,
    /// Nobody is signed in; `next` is the path to come back to.
    #[error("not signed in")]
    SignInFirst { next: String },
    /// Signed in, but the deed needs something done first, on the page at `location`.
    #[error("sent elsewhere")]
    SeeOther { location: String },
    /// A request that no page of ours sends.
    #[error("bad request: {0}")]
    BadRequest(&'static str),
    /// A body beyond what the form needs.
    #[error("body too large")]
    TooLarge,
    /// The world has moved on since the page was shown; the words say how.
    #[error("conflict: {0}")]
    Conflict(String),
    /// Past a limit of so many; seconds until it is worth trying again.
    #[error("too many requests")]
    TooMany { retry_after: i64, limit: i32 },
    /// The database is away or has no connection free in time.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// The database went away while a change was being committed: it may have been made.
    #[error("unsure: {0}")]
    Unsure(String),
    /// Anything else.
    #[error("internal: {0}")]
    Internal(String),
}

/// What most of the console's functions return.
pub type Result<T, E = AppError> = std::result::Result<T, E>;

impl From<diesel::result::Error> for AppError {
    fn from(error: diesel::result::Error) -> AppError {
        use diesel::result::{DatabaseErrorKind, Error};
        match &error {
            Error::NotFound => AppError::NotFound,
            Error::DatabaseError(DatabaseErrorKind::ClosedConnection, _) | Error::BrokenTransactionManager => {
                AppError::Unavailable(error.to_string())
            }
            _ if is_passing(&error.to_string()) => AppError::Unavailable(error.to_string()),
            _ => AppError::Internal(error.to_string()),
        }
    }
}

/// Postgres going down, coming up, or out of patience: worth another try by the reader, no fault of the code.
fn is_passing(message: &str) -> bool {
    const SIGNS: [&str; 9] = [
        "server closed the connection",
        "terminating connection",
        "the database system is",
        "could not connect",
        "connection to server",
        "no connection to the server",
        "canceling statement due to",
        "SSL connection has been closed",
        "could not receive data",
    ];
    SIGNS.iter().any(|sign| message.contains(sign))
}

impl ResponseError for AppError {
    fn status_code(&self) -> StatusCode {
        match self {
            AppError::NotFound => StatusCode::NOT_FOUND,
            AppError::Unauthorized(_) => StatusCode::UNAUTHORIZED,
            AppError::Forbidden { .. } | AppError::LacksAbility { .. } | AppError::ElsewhereOnly | AppError::CrossSite => {
                StatusCode::FORBIDDEN
            }
            AppError::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            AppError::SignInFirst { .. } | AppError::SeeOther { .. } => StatusCode::SEE_OTHER,
            AppError::BadRequest(_) => StatusCode::BAD_REQUEST,
            AppError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            AppError::Conflict(_) | AppError::Refused(_) => StatusCode::CONFLICT,
            AppError::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            AppError::Unavailable(_) | AppError::Unsure(_) => StatusCode::SERVICE_UNAVAILABLE,
            AppError::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// An empty body: the error pages middleware writes the page, because only it knows the console's looks.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

/// Why an action did not happen: a refusal with words for the form, or a failure that ends the request. Either way the
/// transaction is rolled back.
#[derive(Debug)]
pub enum Stopped<R> {
    Refused(R),
    Failed(AppError),
}

impl<R> From<AppError> for Stopped<R> {
    fn from(error: AppError) -> Stopped<R> {
        Stopped::Failed(error)
    }
}

impl<R> From<diesel::result::Error> for Stopped<R> {
    fn from(error: diesel::result::Error) -> Stopped<R> {
        Stopped::Failed(error.into())
    }
}
