//! What a reader is told about a failure, and what to do next.

use actix_web::ResponseError;
use actix_web::http::StatusCode;

use super::AppError;

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
        if let AppError::TooMany { retry_after, .. } = self {
            let message = format!("Nothing was changed. Try again {}.", after_words(*retry_after));
            return ErrorWords { title: "Too many attempts".to_owned(), message };
        }
        if let AppError::LacksAbility { ability } = self {
            let message = format!(
                "This needs the ability {ability}. Either the key was made without it, or the role of its owner does not allow it at the moment."
            );
            return ErrorWords { title: "The key may not do this".to_owned(), message };
        }
        let (title, message) = match self {
            AppError::Unauthorized(why) => ("No key that lets you in", why.words()),
            AppError::ElsewhereOnly => {
                ("Not from this network", "This key works only from the networks that were named when it was generated.")
            }
            AppError::Invalid(_) => {
                ("Fields are wrong", "Mend the fields that are listed, and send it again. Nothing was changed.")
            }
            AppError::Refused(message) => ("That is not allowed", message.as_str()),
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
            AppError::TooMany { retry_after, .. } => Some(*retry_after),
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
