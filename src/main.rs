//! The commands of the binary.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod commands;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The system's allocator keeps what each hashed password took, 19 MB a thread, for good; this one gives it back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// mimalloc's `mi_option_purge_delay`, which its bindings do not name: milliseconds until freed memory is given back.
const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;

/// The organization console: members, invitations, roles, keys and billing in one binary beside Postgres.
#[derive(Parser)]
#[command(name = "roster", version, after_help = commands::settings_help())]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the console (what happens without a command).
    Serve,
    /// Bring the database up to date.
    Migrate {
        /// A role that may use the tables, where the console runs as another role than the owner.
        #[arg(long)]
        grant_to: Option<String>,
    },
    /// Fill an empty database with three organizations and 60 people, and serve them.
    Demo,
    /// What can be told of an API key without asking anybody.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Things that only the operator of the deployment does.
    #[command(subcommand)]
    Operator(OperatorCommand),
}

#[derive(Subcommand)]
enum KeyCommand {
    /// Check the form and the checksum of a key, as secret scanners do.
    #[command(after_help = format!("Keys match {}. The last 4 bytes behind the dot are the CRC-32 of id and secret.", roster::secret::KEY_PATTERN))]
    Check {
        /// The key; - reads it from standard input, so that it stays out of the shell's history.
        key: String,
    },
}

#[derive(Subcommand)]
enum OperatorCommand {
    /// Set the member limit of an organization.
    SetLimit {
        /// The organization's slug, as in its address.
        organization: String,
        /// Member slots: active members and pending invitations together.
        #[arg(allow_negative_numbers = true)]
        members: i32,
    },
    /// Make the products and prices of PLANS_FILE at Stripe, as far as they are not there yet.
    StripeSync,
    /// Put an organization on a plan, at a price that you agreed upon or without one.
    SetPlan {
        /// The organization's slug, as in its address.
        organization: String,
        /// The key of the plan in PLANS_FILE.
        plan: String,
        /// What a cycle costs as a whole, in minor units (cents), without VAT; invoiced from now on.
        #[arg(long, requires = "currency")]
        price: Option<i64>,
        /// The currency of the price, such as EUR.
        #[arg(long)]
        currency: Option<String>,
        /// month or year.
        #[arg(long, default_value = "year")]
        cycle: String,
    },
    /// List the invoices that wait for their payment.
    Invoices {
        /// The slug of one organization; all without it.
        organization: Option<String>,
    },
    /// Note that an invoice was paid by bank transfer.
    MarkPaid {
        /// The organization's slug, as in its address.
        organization: String,
        /// The number of the invoice, such as R-000042.
        number: String,
        /// The day on which the money came, such as 2026-11-22; today without it.
        #[arg(long)]
        on: Option<String>,
        /// What the customer sees beside the payment.
        #[arg(long, default_value = "")]
        note: String,
    },
}

/// Freed memory goes back at once: mimalloc waits a second by itself, and then for the next request of the same thread.
#[expect(unsafe_code, reason = "the allocator's options have no safe form")]
fn give_memory_back_at_once() {
    // SAFETY: sets a number; nothing of ours runs yet.
    unsafe { libmimalloc_sys::mi_option_set(PURGE_DELAY, 0) }
}

fn operate(command: &OperatorCommand) -> commands::Outcome {
    match command {
        OperatorCommand::SetLimit { organization, members } => commands::set_limit(organization, *members),
        OperatorCommand::StripeSync => commands::billing::stripe_sync(),
        OperatorCommand::SetPlan { organization, plan, price, currency, cycle } => {
            let price = price.zip(currency.as_deref()).map(|(amount, currency)| (amount, currency, cycle.as_str()));
            commands::billing::set_plan(organization, plan, price)
        }
        OperatorCommand::Invoices { organization } => commands::billing::invoices(organization.as_deref()),
        OperatorCommand::MarkPaid { organization, number, on, note } => {
            commands::billing::mark_paid(organization, number, on.as_deref(), note)
        }
    }
}

fn main() -> ExitCode {
    give_memory_back_at_once();
    let outcome = match Arguments::parse().command.unwrap_or(Command::Serve) {
        Command::Serve => commands::serve(),
        Command::Migrate { grant_to } => commands::migrate(grant_to.as_deref()),
        Command::Demo => commands::demo(),
        Command::Key(KeyCommand::Check { key }) => commands::check_key(&key),
        Command::Operator(command) => operate(&command),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("roster: {error}");
            ExitCode::FAILURE
        }
    }
}
