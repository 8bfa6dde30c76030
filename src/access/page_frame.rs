//! The frame around a member's page: their organizations, and the screens that their role lets them see.

use std::sync::Arc;

use super::permit::Permit;
use super::policy::Permission;
use super::queries::Organization;
use super::right::Right;
use crate::web::flash;
use crate::web::frame::{Frame, NavigationItem, Reminder, SwitcherItem, color, initials};

impl<P: Right> Permit<P> {
    /// The frame of this page. Takes the flash message.
    pub fn frame(&self) -> Frame {
        Frame {
            look: Arc::clone(&self.look),
            flash: flash::take(&self.session),
            account_name: self.account.name.clone(),
            initials: initials(&self.account.name),
            color: color(self.account.id),
            organization_name: self.organization.name.clone(),
            organization_slug: self.organization.slug.clone(),
            organization_initials: initials(&self.organization.name),
            organization_color: color(self.organization.id),
            switcher: self.switcher(),
            switcher_filter: self.others.len() >= 8,
            navigation: self.navigation(),
            reminder: (!self.account.confirmed).then(|| Reminder {
                message: format!("Confirm {}: open the link that we sent you. Until then {}.", self.account.email, self.cannot()),
                action: "/email/confirm/send",
                action_label: "Send it again",
            }),
        }
    }

    /// What waits until an address is confirmed, as far as it concerns them.
    fn cannot(&self) -> &'static str {
        if self.standing.permissions.contains(Permission::BillingManage) {
            "you cannot invite people or change billing details"
        } else {
            "you cannot invite people"
        }
    }

    /// The section of the address, for the navigation and the switcher: `members` of `/o/acme/members/…`. The pages of the
    /// permissions belong to it.
    fn section(&self) -> &str {
        match self.path.split('/').nth(3) {
            Some("permissions") => "members",
            section => section.unwrap_or_default(),
        }
    }

    fn switcher(&self) -> Vec<SwitcherItem> {
        let mut all: Vec<(&Organization, bool)> = self.others.iter().map(|other| (other, false)).collect();
        all.push((&self.organization, true));
        all.sort_by_cached_key(|(organization, _)| (organization.name.to_lowercase(), organization.id));
        let section = self.section();
        let item = |(organization, current): (&Organization, bool)| SwitcherItem {
            name: organization.name.clone(),
            href: format!("/o/{}/{section}", organization.slug).trim_end_matches('/').to_owned(),
            initials: initials(&organization.name),
            color: color(organization.id),
            current,
        };
        all.into_iter().map(item).collect()
    }

    fn navigation(&self) -> Vec<NavigationItem> {
        const SCREENS: [(&str, &str, &str, Option<Permission>); 7] = [
            ("Overview", "", "overview", None),
            ("Members", "members", "members", Some(Permission::MembersView)),
            ("Invites", "invites", "invites", Some(Permission::MembersInvite)),
            ("Roles", "roles", "roles", Some(Permission::RolesView)),
            ("Keys", "keys", "keys", Some(Permission::KeysView)),
            ("Billing", "billing", "billing", Some(Permission::BillingView)),
            ("Activity", "activity", "activity", Some(Permission::ActivityView)),
        ];
        let may_see = |permission: Option<Permission>| permission.is_none_or(|needed| self.standing.permissions.contains(needed));
        let shown = SCREENS.into_iter().filter(|(.., permission)| may_see(*permission));
        shown
            .map(|(label, section, icon, _)| NavigationItem {
                label,
                href: self.path_to(section).trim_end_matches('/').to_owned(),
                icon,
                current: section == self.section(),
            })
            .collect()
    }
}
