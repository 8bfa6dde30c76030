//! The statements that write uses of keys down.

use std::collections::HashSet;

use diesel::QueryableByName;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::Uuid as SqlUuid;
use serde::Serialize;
use uuid::Uuid;

use super::noted::{Use, UseAt};
use crate::access::catalog;
use crate::clock::Moment;
use crate::config::ProductPermissions;
use crate::db::prepared::prepared;
use crate::error::{AppError, Result};
use crate::web::client;

#[derive(QueryableByName)]
struct Written {
    #[diesel(sql_type = SqlUuid)]
    key_id: Uuid,
}

/// Most uses are those of a key in use, for what it was used for before: only time and network are new. Its secret is the
/// current one, since it was used before with that. Returns the keys that were such.
pub(super) fn write_ordinary(
    connection: &mut PgConnection,
    uses: &[(Uuid, Use)],
    product: &ProductPermissions,
) -> Result<HashSet<Uuid>> {
    let query = "UPDATE key_uses u
        SET last_used_at = l.at, last_used_network = l.network, idle_since = greatest(u.idle_since, date_trunc('day', l.at, 'UTC'))
        FROM unnest($1, $2, $3, $4, $5) l (organization_id, key_id, at, network, abilities)
        WHERE u.organization_id = l.organization_id AND u.key_id = l.key_id AND u.last_used_at < l.at
            AND string_to_array(l.abilities, ' ') <@ u.used_abilities
        RETURNING u.key_id";
    let (mut organizations, mut ids, mut times) = (Vec::new(), Vec::new(), Vec::new());
    let (mut networks, mut abilities) = (Vec::new(), Vec::new());
    for (id, used) in uses.iter().filter(|(_, used)| used.previous.is_none()) {
        let Some((at, _)) = used.current else { continue };
        organizations.push(used.organization_id);
        ids.push(*id);
        times.push(at);
        networks.push(network(used.current));
        abilities.push(catalog::keys_of(product, used.abilities).join(" "));
    }
    let statement = prepared(query).bind(organizations).bind(ids).bind(times).bind(networks).bind(abilities);
    Ok(statement.load(connection)?.into_iter().map(|written: Written| written.key_id).collect())
}

/// A use that changes more than time and network.
#[derive(Serialize)]
struct Line {
    key_id: Uuid,
    rotated_at: Option<Moment>,
    current_at: Option<Moment>,
    current_network: String,
    previous_at: Option<Moment>,
    previous_network: String,
    abilities: Vec<String>,
}

impl Line {
    fn of(key_id: Uuid, used: &Use, product: &ProductPermissions) -> Line {
        Line {
            key_id,
            rotated_at: used.rotated_at,
            current_at: used.current.map(|(at, _)| at),
            current_network: network(used.current),
            previous_at: used.previous.map(|(at, _)| at),
            previous_network: network(used.previous),
            abilities: catalog::keys_of(product, used.abilities),
        }
    }
}

fn network(used: Option<UseAt>) -> String {
    used.and_then(|(_, from)| from).map(client::network).unwrap_or_default()
}

/// Uses that change more. What was used by a request that saw another rotation than the last one is the previous secret.
pub(super) fn write_others(connection: &mut PgConnection, uses: &[(Uuid, Use)], product: &ProductPermissions) -> Result<()> {
    let lines: Vec<Line> = uses.iter().map(|(id, used)| Line::of(*id, used, product)).collect();
    let query = "UPDATE key_uses u SET
            idle_since = greatest(u.idle_since, date_trunc('day', greatest(n.current_at, n.previous_at), 'UTC')),
            last_used_at = greatest(u.last_used_at, n.current_at),
            last_used_network = CASE WHEN u.last_used_at > n.current_at OR n.current_at IS NULL THEN u.last_used_network ELSE n.current_network END,
            previous_used_at = greatest(u.previous_used_at, n.previous_at),
            previous_used_network = CASE WHEN u.previous_used_at > n.previous_at OR n.previous_at IS NULL THEN u.previous_used_network ELSE n.previous_network END,
            used_abilities = CASE WHEN n.abilities <@ u.used_abilities THEN u.used_abilities
                ELSE ARRAY(SELECT DISTINCT a FROM unnest(u.used_abilities || n.abilities) a ORDER BY a) END,
            has_unused_abilities = NOT n.all_abilities <@ (u.used_abilities || n.abilities)
        FROM (
            SELECT k.organization_id, k.id, k.abilities AS all_abilities, l.abilities,
                CASE WHEN l.rotated_at IS DISTINCT FROM k.rotated_at THEN NULL ELSE l.current_at END AS current_at, l.current_network,
                CASE WHEN l.rotated_at IS DISTINCT FROM k.rotated_at THEN coalesce(l.current_at, l.previous_at)
                    ELSE l.previous_at END AS previous_at,
                CASE WHEN l.rotated_at IS DISTINCT FROM k.rotated_at AND l.current_at IS NOT NULL THEN l.current_network
                    ELSE l.previous_network END AS previous_network
            FROM jsonb_to_recordset($1::jsonb) l (key_id uuid, rotated_at timestamptz, current_at timestamptz, current_network text,
                previous_at timestamptz, previous_network text, abilities text[])
            JOIN keys k ON k.id = l.key_id) n
        WHERE u.organization_id = n.organization_id AND u.key_id = n.id";
    let lines = serde_json::to_string(&lines).map_err(|error| AppError::Internal(error.to_string()))?;
    prepared(query).bind(lines.as_str()).execute(connection)?;
    Ok(())
}
