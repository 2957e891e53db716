//! What a plan is judged by: its risks with their items.

use crate::{
    kernel::refusal::{Code, Fault},
    planning::{
        risk::{Risk, RiskState},
        treatment_item::{ControlProgress, TreatmentItem},
    },
};

/// A covered risk with all its items: what a plan is judged by.
#[derive(Clone, Debug)]
pub struct Covered {
    /// The risk.
    pub risk: Risk,
    /// Its items, by number.
    pub items: Vec<TreatmentItem>,
}

impl Covered {
    /// The items that count: those of the chosen controls.
    pub fn counted(&self) -> impl Iterator<Item = &TreatmentItem> {
        let chosen = self.risk.control_numbers();
        self.items.iter().filter(move |item| chosen.contains(&item.draft.control_number))
    }

    /// How far its items are.
    pub(super) fn progress(&self) -> Vec<ControlProgress> {
        let of =
            |item: &TreatmentItem| ControlProgress { control: item.draft.control_number, progress: item.progress() };
        self.items.iter().map(of).collect()
    }

    /// What keeps it from being approved in a plan.
    pub(super) fn faults(&self, place: usize) -> Vec<Fault> {
        let fault = |pointer: String, missing: &str| {
            Fault::new(pointer, Code::Required).with("number", self.risk.number).with("missing", missing)
        };
        let at = format!("/risks/{place}");
        if !self.risk.state.is_planning() {
            return vec![fault(at, "treatment_decision")];
        }
        if self.risk.control_numbers().is_empty() {
            return vec![fault(format!("{at}/controls"), "control")];
        }
        let stale = self.risk.state == RiskState::Decided && self.risk.needs_reanalysis;
        let stale = stale.then(|| fault(at.clone(), "reanalysis"));
        let unplanned = self.risk.unplanned(&self.progress()).into_iter();
        stale
            .into_iter()
            .chain(unplanned.map(|(nth, missing)| fault(format!("{at}/controls/{nth}"), missing)))
            .collect()
    }
}
