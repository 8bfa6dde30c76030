//! Tables as Diesel sees them. Follows migrations/ by hand; a test compares the two.

diesel::table! {
    accounts (id) {
        id -> Uuid,
        email -> Text,
        email_confirmed_at -> Nullable<Timestamptz>,
        name -> Text,
        password_hash -> Text,
        password_changed_at -> Timestamptz,
        last_organization_id -> Nullable<Uuid>,
        last_sign_in_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    account_links (id) {
        id -> Uuid,
        account_id -> Uuid,
        kind -> Text,
        email -> Text,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    sessions (key_hash) {
        key_hash -> Bytea,
        id -> Uuid,
        account_id -> Nullable<Uuid>,
        kept -> Bool,
        client -> Text,
        state -> Text,
        created_at -> Timestamptz,
        last_seen_at -> Timestamptz,
    }
}

diesel::table! {
    organizations (id) {
        id -> Uuid,
        slug -> Text,
        name -> Text,
        member_limit -> Integer,
        active_members -> Integer,
        inactive_members -> Integer,
        invited_members -> Integer,
        default_role_id -> Nullable<Uuid>,
        invitations_due_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        pending_invitations -> Integer,
        accepted_invitations -> Integer,
        expired_invitations -> Integer,
        revoked_invitations -> Integer,
        declined_invitations -> Integer,
        roles_version -> Uuid,
        keys_due_at -> Nullable<Timestamptz>,
        plan -> Text,
        next_plan -> Text,
        granted_slots -> Nullable<Integer>,
        billing_due_at -> Nullable<Timestamptz>,
        stopped_items -> Array<Text>,
        stripe_customer -> Nullable<Text>,
        stripe_due_at -> Nullable<Timestamptz>,
        modules -> Array<Text>,
    }
}

diesel::table! {
    roles (organization_id, id) {
        organization_id -> Uuid,
        id -> Uuid,
        name -> Text,
        name_key -> Text,
        description -> Text,
        level -> SmallInt,
        starter -> Nullable<Text>,
        permissions -> Array<Text>,
        version -> Integer,
        created_at -> Timestamptz,
        withheld -> Array<Text>,
        changed_by -> Text,
        changed_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    role_holders (organization_id, role_id) {
        organization_id -> Uuid,
        role_id -> Uuid,
        active_members -> Integer,
        inactive_members -> Integer,
        invited_members -> Integer,
        version -> Integer,
    }
}

diesel::table! {
    members (organization_id, id) {
        organization_id -> Uuid,
        id -> Uuid,
        account_id -> Nullable<Uuid>,
        email -> Text,
        name -> Text,
        name_key -> Text,
        role_id -> Uuid,
        role_since -> Timestamptz,
        role_given_by -> Text,
        status -> Text,
        invitation_id -> Nullable<Uuid>,
        invitation_expires_at -> Nullable<Timestamptz>,
        invited_by -> Text,
        joined_at -> Nullable<Timestamptz>,
        last_sign_in_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        version -> Integer,
    }
}

diesel::table! {
    member_terms (organization_id, term, member_id) {
        organization_id -> Uuid,
        member_id -> Uuid,
        term -> Text,
        name_key -> Text,
    }
}

diesel::table! {
    invitations (organization_id, id) {
        organization_id -> Uuid,
        id -> Uuid,
        email -> Text,
        name -> Text,
        message -> Text,
        role_id -> Uuid,
        generation -> Integer,
        status -> Text,
        invited_by_account_id -> Uuid,
        invited_by -> Text,
        created_at -> Timestamptz,
        sent_at -> Timestamptz,
        expires_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
        accepted_by_account_id -> Nullable<Uuid>,
        notification_email -> Nullable<Text>,
        sender_level -> SmallInt,
        sender_permissions -> Array<Text>,
        invited_by_key_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    invitation_events (organization_id, id) {
        organization_id -> Uuid,
        id -> Uuid,
        invitation_id -> Uuid,
        at -> Timestamptz,
        kind -> Text,
        detail -> Text,
    }
}

diesel::table! {
    mails (id) {
        id -> Uuid,
        recipient -> Text,
        message -> Jsonb,
        organization_id -> Nullable<Uuid>,
        invitation_id -> Nullable<Uuid>,
        account_id -> Nullable<Uuid>,
        created_at -> Timestamptz,
        next_attempt_at -> Nullable<Timestamptz>,
        attempts -> Integer,
        locked_until -> Nullable<Timestamptz>,
        sent_at -> Nullable<Timestamptz>,
        failed_at -> Nullable<Timestamptz>,
        dropped_at -> Nullable<Timestamptz>,
        trouble -> Text,
    }
}

diesel::table! {
    events (organization_id, id) {
        organization_id -> Uuid,
        id -> Uuid,
        at -> Timestamptz,
        kind -> Text,
        actor_account_id -> Nullable<Uuid>,
        actor_name -> Text,
        subject_id -> Nullable<Uuid>,
        data -> Jsonb,
        actor_key_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    account_events (account_id, id) {
        id -> Uuid,
        account_id -> Uuid,
        at -> Timestamptz,
        kind -> Text,
        data -> Jsonb,
    }
}

diesel::table! {
    rate_limits (bucket) {
        bucket -> Bytea,
        count -> Integer,
        resets_at -> Timestamptz,
    }
}

diesel::table! {
    keys (organization_id, id) {
        organization_id -> Uuid,
        id -> Uuid,
        name -> Text,
        name_key -> Text,
        key_type -> Text,
        abilities -> Array<Text>,
        networks -> Array<Text>,
        minute_limit -> Nullable<Integer>,
        day_limit -> Nullable<Integer>,
        secret_hash -> Bytea,
        previous_secret_hash -> Nullable<Bytea>,
        previous_secret_until -> Nullable<Timestamptz>,
        rotated_at -> Nullable<Timestamptz>,
        status -> Text,
        role_id -> Uuid,
        owner_member_id -> Nullable<Uuid>,
        owner_name -> Text,
        created_by_account_id -> Uuid,
        created_by -> Text,
        created_at -> Timestamptz,
        expires_at -> Nullable<Timestamptz>,
        reminder_at -> Nullable<Timestamptz>,
        ended_at -> Nullable<Timestamptz>,
        ended_by -> Text,
    }
}

diesel::table! {
    key_terms (organization_id, term, key_id) {
        organization_id -> Uuid,
        key_id -> Uuid,
        term -> Text,
    }
}

diesel::table! {
    key_uses (organization_id, key_id) {
        organization_id -> Uuid,
        key_id -> Uuid,
        created_at -> Timestamptz,
        idle_since -> Timestamptz,
        last_used_at -> Nullable<Timestamptz>,
        last_used_network -> Text,
        previous_used_at -> Nullable<Timestamptz>,
        previous_used_network -> Text,
        used_abilities -> Array<Text>,
        has_unused_abilities -> Bool,
        is_live -> Bool,
    }
}

diesel::table! {
    key_meters (organization_id, key_id) {
        organization_id -> Uuid,
        key_id -> Uuid,
        minute_count -> Integer,
        minute_ends_at -> Timestamptz,
        day_count -> Integer,
        day_ends_at -> Timestamptz,
    }
}

diesel::table! {
    idempotent_answers (organization_id, key_id, idempotency_hash) {
        organization_id -> Uuid,
        key_id -> Uuid,
        idempotency_hash -> Bytea,
        request_hash -> Bytea,
        answer -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    subscription_modules (organization_id, module) {
        organization_id -> Uuid,
        module -> Text,
        name -> Text,
        unit_amount -> BigInt,
        is_per_member -> Bool,
        seats -> Integer,
        vat_basis_points -> Integer,
        starts_at -> Timestamptz,
        ends_at_period_end -> Bool,
        next_unit_amount -> Nullable<BigInt>,
    }
}

diesel::table! {
    subscriptions (organization_id) {
        organization_id -> Uuid,
        plan -> Text,
        plan_name -> Text,
        cycle -> Text,
        currency -> Text,
        unit_amount -> BigInt,
        is_per_member -> Bool,
        seats -> Integer,
        vat_basis_points -> Integer,
        status -> Text,
        anchor_at -> Timestamptz,
        period_starts_at -> Timestamptz,
        period_ends_at -> Timestamptz,
        next_plan -> Nullable<Text>,
        next_cycle -> Nullable<Text>,
        next_unit_amount -> Nullable<BigInt>,
        ends_at_period_end -> Bool,
        version -> Integer,
        started_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
        stripe_id -> Nullable<Text>,
        trial_told_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    billing_accounts (organization_id) {
        organization_id -> Uuid,
        name -> Text,
        line1 -> Text,
        line2 -> Text,
        postal_code -> Text,
        city -> Text,
        region -> Text,
        country -> Text,
        email -> Text,
        recipients -> Array<Text>,
        credit -> BigInt,
        currency -> Nullable<Text>,
        trial_used_at -> Nullable<Timestamptz>,
        version -> Integer,
        seats_to_tell -> Integer,
        amount_to_tell -> BigInt,
        tell_seats_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    tax_ids (organization_id, id) {
        organization_id -> Uuid,
        id -> Uuid,
        kind -> Text,
        value -> Text,
        verification -> Text,
        created_at -> Timestamptz,
        stripe_id -> Nullable<Text>,
    }
}

diesel::table! {
    invoices (organization_id, id) {
        organization_id -> Uuid,
        id -> Uuid,
        number -> Text,
        issued_at -> Timestamptz,
        due_at -> Timestamptz,
        currency -> Text,
        net -> BigInt,
        vat_basis_points -> Integer,
        vat -> BigInt,
        credit_used -> BigInt,
        due -> BigInt,
        status -> Text,
        paid_at -> Nullable<Timestamptz>,
        document -> Nullable<Jsonb>,
        reminder_at -> Nullable<Timestamptz>,
        reminders -> Integer,
        stripe_id -> Nullable<Text>,
        attempts -> Integer,
        next_attempt_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    invoice_lines (organization_id, invoice_id, position) {
        organization_id -> Uuid,
        invoice_id -> Uuid,
        position -> Integer,
        description -> Text,
        quantity -> Integer,
        unit_amount -> BigInt,
        amount -> BigInt,
        vat_basis_points -> Integer,
        from_at -> Timestamptz,
        to_at -> Timestamptz,
    }
}

diesel::table! {
    pending_charges (organization_id, id) {
        organization_id -> Uuid,
        id -> Uuid,
        description -> Text,
        quantity -> Integer,
        unit_amount -> BigInt,
        amount -> BigInt,
        from_at -> Timestamptz,
        to_at -> Timestamptz,
        stripe_id -> Nullable<Text>,
        held_for -> Nullable<Text>,
        vat_basis_points -> Nullable<Integer>,
    }
}

diesel::table! {
    payments (organization_id, id) {
        organization_id -> Uuid,
        id -> Uuid,
        invoice_id -> Uuid,
        at -> Timestamptz,
        amount -> BigInt,
        method -> Text,
        note -> Text,
    }
}

diesel::table! {
    stripe_accounts (organization_id) {
        organization_id -> Uuid,
        last_ticket -> BigInt,
        applied_ticket -> BigInt,
        leased_until -> Nullable<Timestamptz>,
        lease -> Nullable<Uuid>,
        checked_at -> Nullable<Timestamptz>,
        failing_since -> Nullable<Timestamptz>,
        failures -> Integer,
        repaired -> Array<Text>,
        repaired_at -> Nullable<Timestamptz>,
        sent_details -> Text,
        left_there -> Jsonb,
        other_subscriptions -> Array<Text>,
        first_invoices -> Array<Text>,
        awaited_change -> Nullable<Jsonb>,
        credit -> BigInt,
        moving_credit -> Nullable<Jsonb>,
        noted -> Jsonb,
    }
}

diesel::table! {
    stripe_events (organization_id, id) {
        organization_id -> Uuid,
        id -> Text,
        kind -> Text,
        object_id -> Text,
        created_at -> Timestamptz,
        received_at -> Timestamptz,
        ticket -> BigInt,
    }
}

diesel::table! {
    payment_methods (organization_id, id) {
        organization_id -> Uuid,
        id -> Uuid,
        stripe_id -> Text,
        brand -> Text,
        last_digits -> Text,
        expires_on -> Nullable<Date>,
        is_default -> Bool,
        added_at -> Timestamptz,
        warned_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    invoice_numbers (prefix) {
        prefix -> Text,
        last -> BigInt,
    }
}

diesel::table! {
    usage_reports (organization_id, item, idempotency_hash) {
        organization_id -> Uuid,
        item -> Text,
        idempotency_hash -> Bytea,
        quantity -> BigInt,
        reported_at -> Timestamptz,
    }
}

diesel::table! {
    usage_totals (organization_id, item, starts_at) {
        organization_id -> Uuid,
        item -> Text,
        starts_at -> Timestamptz,
        ends_at -> Timestamptz,
        quantity -> BigInt,
        warned_percent -> SmallInt,
        is_closed -> Bool,
        counted_from -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    usage_limits (organization_id, item) {
        organization_id -> Uuid,
        item -> Text,
        amount -> BigInt,
        currency -> Text,
        stops -> Bool,
    }
}

diesel::table! {
    usage_days (organization_id, item, day, key_id, member_id) {
        organization_id -> Uuid,
        item -> Text,
        day -> Date,
        key_id -> Uuid,
        member_id -> Uuid,
        quantity -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    accounts,
    account_links,
    sessions,
    organizations,
    roles,
    role_holders,
    members,
    member_terms,
    invitations,
    invitation_events,
    mails,
    events,
    account_events,
    rate_limits,
    keys,
    key_terms,
    key_uses,
    key_meters,
    idempotent_answers,
    subscription_modules,
    subscriptions,
    billing_accounts,
    tax_ids,
    invoices,
    invoice_lines,
    pending_charges,
    payments,
    invoice_numbers,
    usage_reports,
    usage_totals,
    usage_limits,
    usage_days,
    stripe_accounts,
    stripe_events,
    payment_methods,
);
