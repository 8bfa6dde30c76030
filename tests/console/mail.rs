//! What mails say, and the mailbox.
