//! Transactions that met, so that Postgres gave one of them up.

use crate::error::{AppError, Stopped};

/// Whether an error means that two transactions met and one was given up.
pub trait MaybeCollision {
    fn is_collision(&self) -> bool;
}

impl MaybeCollision for AppError {
    fn is_collision(&self) -> bool {
        let AppError::Internal(cause) = self else { return false };
        cause.contains("deadlock detected") || cause.contains("could not serialize access")
    }
}

impl<R> MaybeCollision for Stopped<R> {
    fn is_collision(&self) -> bool {
        matches!(self, Stopped::Failed(error) if error.is_collision())
    }
}
