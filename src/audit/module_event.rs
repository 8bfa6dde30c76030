//! What can happen to the modules that an organization subscribes to beside its plan, with its sentence.

use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::web::words;

/// A change of the modules; they and the plans are named as they were then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "data", rename_all = "snake_case")]
pub enum ModuleEvent {
    ModuleAdded {
        module: String,
        plan: String,
        cycle: String,
    },
    /// It ends with the paid period.
    ModuleCancelled {
        module: String,
        at: Moment,
    },
    ModuleKept {
        module: String,
    },
    /// A plan has it within its price from now on.
    ModuleIncluded {
        module: String,
        plan: String,
    },
    ModuleEnded {
        module: String,
    },
}

impl ModuleEvent {
    /// What follows the actor's name.
    pub fn sentence(&self) -> String {
        use ModuleEvent::*;
        match self {
            ModuleAdded { module, plan, cycle } => {
                format!("added the module {module} to the plan {plan}, paid by the {cycle}")
            }
            ModuleCancelled { module, at } => format!("cancelled the module {module}: it ends on {}", words::day(*at)),
            ModuleKept { module } => format!("kept the module {module} after all"),
            ModuleIncluded { module, plan } => {
                format!("has the module {module} within the price of the plan {plan} now")
            }
            ModuleEnded { module } => format!("ended the module {module}"),
        }
    }
}
