//! The few things that can go wrong between a request and its answer. A refusal that belongs beside a form field is not
//! an error; what is left ends the request, and the web layer turns it into a page. Words for readers never quote the
//! cause, which goes to the log once.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};

/// Why a request ends without its page.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Not there, or not for this reader: the two look alike.
    #[error("not found")]
    NotFound,
    /// A member without the permission. Names it, and the roles that have it.
    #[error("permission {permission} is missing")]
    Forbidden { permission: &'static str, granted_by: String },
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
    /// Past a limit; seconds until it is worth trying again.
    #[error("too many requests")]
    TooMany { retry_after: i64 },
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

/// An error page's words, and what to do next.
pub struct ErrorWords {
    pub title: String,
    pub message: String,
}

impl AppError {
    /// Words for the reader of the page.
    pub fn words(&self) -> ErrorWords {
        if let AppError::Forbidden { permission, granted_by } = self {
            return ErrorWords {
                title: "You are not allowed to do this".to_owned(),
                message: format!("This needs the permission {permission}. {granted_by} can grant it to you."),
            };
        }
        if let AppError::TooMany { retry_after } = self {
            let message = format!("Nothing was changed. Try again {}.", after_words(*retry_after));
            return ErrorWords { title: "Too many attempts".to_owned(), message };
        }
        let (title, message) = match self {
            AppError::Conflict(message) => ("That has changed in the meantime", message.as_str()),
            AppError::Unsure(_) => (
                "Look before you try again",
                "The console lost its database while your change was being saved, so it may have been made. Open the page \
                 again in a few seconds and see how it is before you repeat it.",
            ),
            AppError::BadRequest(message) => ("That request makes no sense to us", *message),
            other => words_for(other.status_code()),
        };
        ErrorWords { title: title.to_owned(), message: message.to_owned() }
    }

    /// Seconds for a Retry-After header, where waiting helps.
    pub fn retry_after(&self) -> Option<i64> {
        match self {
            AppError::TooMany { retry_after } => Some(*retry_after),
            AppError::Unavailable(_) | AppError::Unsure(_) => Some(5),
            _ => None,
        }
    }
}

/// `in 12 minutes`, rounded up so that it is true.
fn after_words(seconds: i64) -> String {
    let minutes = (seconds + 59) / 60;
    match minutes {
        ..=1 => "in a minute".to_owned(),
        2..=90 => format!("in {minutes} minutes"),
        _ => format!("in {} hours", (minutes + 59) / 60),
    }
}

/// Title and message for a status that comes without words of its own.
pub fn words_for(status: StatusCode) -> (&'static str, &'static str) {
    match status.as_u16() {
        403 => (
            "That request came from elsewhere",
            "For your safety only pages of this console may change something. Open the page here and try again.",
        ),
        404 => (
            "There is nothing here",
            "The address may be mistyped, or what it showed is gone. Check the address, or go back to the start.",
        ),
        405 => ("That address does not work that way", "Go back to the page you came from and use its buttons."),
        408 => ("That took too long", "Your request did not arrive in time. Check your connection and try again."),
        409 => ("That has changed in the meantime", "Open the page again to see how it is now."),
        413 => ("That is too much at once", "Send less in one go, for example fewer addresses."),
        400..=499 => ("That request makes no sense to us", "Go back to the page you came from and try again."),
        503 => (
            "Back in a moment",
            "The console cannot reach its database right now. Nothing was changed. Try again in a few seconds.",
        ),
        _ => (
            "Something went wrong on our side",
            "Nothing was changed. It has been written to the log; try again, and tell your operator if it happens again.",
        ),
    }
}

impl ResponseError for AppError {
    fn status_code(&self) -> StatusCode {
        match self {
            AppError::NotFound => StatusCode::NOT_FOUND,
            AppError::Forbidden { .. } | AppError::CrossSite => StatusCode::FORBIDDEN,
            AppError::SignInFirst { .. } | AppError::SeeOther { .. } => StatusCode::SEE_OTHER,
            AppError::BadRequest(_) => StatusCode::BAD_REQUEST,
            AppError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            AppError::Conflict(_) => StatusCode::CONFLICT,
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
