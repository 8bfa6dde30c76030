//! What a link leads to, for whoever opened it: every case of the invitation's page.

use super::binding::Bound;
use super::invitation::{Invitation, Status};
use crate::access::Account;
use crate::clock::Moment;
use crate::members;

/// Everything that decides.
pub struct Facts<'a> {
    pub invitation: &'a Invitation,
    pub bound: &'a Bound,
    pub visitor: Option<&'a Account>,
    /// The visitor's place in the organization, if they have one already.
    pub membership: Option<members::Status>,
    /// Whether the invited address has an account.
    pub address_is_known: bool,
    /// Whether every member slot is taken by somebody active.
    pub full: bool,
    pub now: Moment,
}

/// A case of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Situation {
    /// The visitor accepted it; inside, unless they were removed or deactivated since.
    AcceptedByMe {
        inside: bool,
    },
    AcceptedBySomebody,
    Expired,
    Revoked,
    Declined,
    /// It was sent again, and this link is older.
    Replaced,
    AlreadyMember,
    Deactivated,
    /// Signed in under another address.
    OtherAccount,
    Full,
    /// The right account, but neither link nor account proves the mailbox.
    ConfirmFirst,
    /// The right account.
    Ready,
    /// Nobody is signed in. `sign_in_first` only where the link proves the mailbox: to others it would tell who has an
    /// account.
    SignedOut {
        sign_in_first: bool,
    },
}

impl Situation {
    /// Whether nobody can join with it any more.
    pub fn is_over(self) -> bool {
        self.is_dead() || matches!(self, Situation::AcceptedByMe { .. } | Situation::AcceptedBySomebody)
    }

    /// Whether a new account can be made with it.
    pub fn takes_sign_up(self) -> bool {
        matches!(self, Situation::SignedOut { .. })
    }

    /// Whether a new invitation is what helps.
    pub fn is_dead(self) -> bool {
        matches!(self, Situation::Expired | Situation::Revoked | Situation::Declined | Situation::Replaced)
    }
}

/// The case that holds.
pub fn situation(facts: &Facts<'_>) -> Situation {
    let invitation = facts.invitation;
    match invitation.status(facts.now) {
        Status::Accepted => return accepted(facts),
        Status::Expired => return Situation::Expired,
        Status::Revoked => return Situation::Revoked,
        Status::Declined => return Situation::Declined,
        Status::Pending if invitation.generation != facts.bound.generation => return Situation::Replaced,
        Status::Pending => {}
    }
    let Some(visitor) = facts.visitor else {
        let sign_in_first = facts.bound.mailed && facts.address_is_known;
        return if facts.full { Situation::Full } else { Situation::SignedOut { sign_in_first } };
    };
    if visitor.email != invitation.email {
        return Situation::OtherAccount;
    }
    match facts.membership {
        Some(members::Status::Active) => return Situation::AlreadyMember,
        Some(_) => return Situation::Deactivated,
        None => {}
    }
    if facts.full {
        return Situation::Full;
    }
    if facts.bound.mailed || visitor.confirmed { Situation::Ready } else { Situation::ConfirmFirst }
}

fn accepted(facts: &Facts<'_>) -> Situation {
    let mine = facts.visitor.is_some_and(|visitor| facts.invitation.accepted_by_account_id == Some(visitor.id));
    if !mine {
        return Situation::AcceptedBySomebody;
    }
    Situation::AcceptedByMe { inside: facts.membership == Some(members::Status::Active) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invites::invitation::VALID;
    use uuid::Uuid;

    fn invitation() -> Invitation {
        let now = Moment::from_timestamp(1_800_000_000, 0).unwrap();
        Invitation {
            id: Uuid::from_u128(1),
            email: "dana@x.example".into(),
            name: String::new(),
            message: String::new(),
            role_id: Uuid::from_u128(2),
            generation: 2,
            status: "pending".into(),
            invited_by_account_id: Uuid::from_u128(3),
            invited_by: "Ann".into(),
            created_at: now,
            sent_at: now,
            expires_at: now + VALID,
            ended_at: None,
            accepted_by_account_id: None,
            notification_email: None,
            invited_by_key_id: None,
            sender_level: 90,
            sender_permissions: Vec::new(),
        }
    }

    fn account(email: &str, confirmed: bool) -> Account {
        Account { id: Uuid::from_u128(9), name: "Dana".into(), email: email.into(), confirmed, last_organization_id: None }
    }

    fn seen(visitor: Option<Account>, mailed: bool, change: impl Fn(&mut Facts<'_>, &mut Invitation)) -> Situation {
        let mut changed = invitation();
        let original = invitation();
        let (organization_id, invitation_id) = (Uuid::from_u128(4), Uuid::from_u128(1));
        let bound = Bound { organization_id, invitation_id, generation: 2, mailed };
        let mut facts = Facts {
            invitation: &original,
            bound: &bound,
            visitor: visitor.as_ref(),
            membership: None,
            address_is_known: false,
            full: false,
            now: original.sent_at,
        };
        change(&mut facts, &mut changed);
        situation(&Facts { invitation: &changed, ..facts })
    }

    #[test]
    fn the_right_person_is_ready_once_link_or_account_proves_the_mailbox() {
        let dana = |confirmed| Some(account("dana@x.example", confirmed));
        assert_eq!(seen(dana(false), true, |_, _| {}), Situation::Ready);
        assert_eq!(seen(dana(true), false, |_, _| {}), Situation::Ready);
        assert_eq!(seen(dana(false), false, |_, _| {}), Situation::ConfirmFirst);
        assert_eq!(seen(dana(true), true, |facts, _| facts.full = true), Situation::Full);
    }

    #[test]
    fn a_copied_link_never_tells_whether_an_address_has_an_account() {
        let known = |facts: &mut Facts<'_>, _: &mut Invitation| facts.address_is_known = true;
        assert_eq!(seen(None, true, known), Situation::SignedOut { sign_in_first: true });
        assert_eq!(seen(None, false, known), Situation::SignedOut { sign_in_first: false });
    }

    #[test]
    fn a_dead_invitation_is_dead_for_everybody() {
        let dana = || Some(account("dana@x.example", true));
        assert_eq!(seen(dana(), true, |facts, _| facts.now += VALID), Situation::Expired);
        assert_eq!(seen(dana(), true, |_, row| row.status = "revoked".into()), Situation::Revoked);
        assert_eq!(seen(None, true, |_, row| row.status = "declined".into()), Situation::Declined);
        assert_eq!(seen(None, true, |_, row| row.generation = 3), Situation::Replaced);
    }

    #[test]
    fn an_accepted_one_tells_who_accepted_it_apart() {
        let accept = |row: &mut Invitation, by: u128| {
            row.status = "accepted".into();
            row.accepted_by_account_id = Some(Uuid::from_u128(by));
        };
        let dana = || Some(account("dana@x.example", true));
        let inside = |facts: &mut Facts<'_>, row: &mut Invitation| {
            facts.membership = Some(members::Status::Active);
            accept(row, 9);
        };
        assert_eq!(seen(dana(), true, inside), Situation::AcceptedByMe { inside: true });
        assert_eq!(seen(dana(), true, |_, row| accept(row, 9)), Situation::AcceptedByMe { inside: false });
        assert_eq!(seen(dana(), true, |_, row| accept(row, 8)), Situation::AcceptedBySomebody);
        assert_eq!(seen(Some(account("bob@x.example", true)), true, |_, _| {}), Situation::OtherAccount);
    }
}
