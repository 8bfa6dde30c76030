//! What the form of invitations goes by: the roles, the member slots that are left and the way to more, and what new members cost.

use std::sync::Arc;

use super::new::InvitePermit;
use crate::access::Role;
use crate::billing;
use crate::billing::way_up::{self, BY_REMOVING, WayUp};
use crate::error::Result;
use crate::web::words::grouped;

pub struct Offered {
    pub roles: Arc<[Role]>,
    /// What new members cost; empty where they cost nothing by themselves.
    pub seat_price: String,
    /// How many slots are left, and what is to be done where none is.
    pub slots: String,
    /// The page with the plans, where more slots are a matter of the plan and the plan is the reader's to change; mostly empty.
    pub plans: String,
    /// Why an address is not invited that finds no slot.
    pub no_slot: String,
}

/// Reads it; so many slots are `left`, where there is a limit.
pub async fn offered(permit: &mut InvitePermit, left: Option<i64>) -> Result<Offered> {
    let (organization, reader) = (permit.organization.clone(), permit.standing);
    let read = permit.read(move |org| {
        let billing = billing::queries::billing(org)?;
        let seat_price = billing::seat_price::words(&billing, &organization, org.plans(), org.now());
        let way = if left == Some(0) { Some(way_up::to_more_slots(org, &organization, reader)?) } else { None };
        Ok((org.roles(&organization)?, seat_price, way))
    });
    let (roles, seat_price, way) = read.await?;
    let all = grouped(permit.organization.member_limit.into());
    let slots = match left {
        Some(left) => format!("{} of {all} member slots are free.", grouped(left)),
        None => "There is no limit to the number of members.".to_owned(),
    };
    Ok(match way {
        None => Offered { roles, seat_price, slots, plans: String::new(), no_slot: String::new() },
        Some(WayUp { words, plans }) => {
            let room = way_up::make_room(&permit.organization, BY_REMOVING, &words);
            let (slots, no_slot) = (format!("{slots} {room}"), no_slot(&room));
            Offered { roles, seat_price, slots, plans, no_slot }
        }
    })
}

/// Slots that are left once `taken` more are held than the permit counted; none where there is no limit.
pub fn left(permit: &InvitePermit, taken: usize) -> Option<i64> {
    let free = i64::from(permit.organization.free_slots());
    permit.organization.slots().map(|_| free.saturating_sub_unsigned(taken as u64).max(0))
}

/// Why somebody cannot be invited, and how there comes to be room.
pub fn no_slot(room: &str) -> String {
    format!("No member slot is left. {room}")
}
