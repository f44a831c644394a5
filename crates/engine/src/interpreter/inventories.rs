//! What was there before a run created anything: one list of each kind, for each account, is read before the first create.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use tokio::sync::OnceCell;

use assay_formats::record::{Inventory, InventoryOf};

/// The inventories of a run: its cases share them. Clones are of the same run.
#[derive(Clone, Default)]
pub struct Inventories {
    cells: Arc<Mutex<HashMap<InventoryOf, Cell>>>,
    states: Arc<Mutex<HashMap<InventoryOf, State>>>,
    ended: bool,
}

/// What was read before the run changed it, once; nothing where it could not be had.
type State = Arc<OnceCell<Option<Value>>>;

/// An inventory that is read once; nothing where it could not be had.
pub(super) type Cell = Arc<OnceCell<Option<Arc<Inventory>>>>;

impl Inventories {
    /// Those of a run that is over: it is too late for others.
    pub fn of_record(recorded: &BTreeMap<InventoryOf, Inventory>) -> Self {
        let cell = |there: &Inventory| Arc::new(OnceCell::new_with(Some(Some(Arc::new(there.clone())))));
        let cells = recorded.iter().map(|(of, there)| (of.clone(), cell(there))).collect();
        Self { cells: Arc::new(Mutex::new(cells)), states: Arc::default(), ended: true }
    }

    /// Whether the run is over.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    pub(super) fn cell(&self, of: &InventoryOf) -> Cell {
        let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(cells.entry(of.clone()).or_default())
    }

    pub(super) fn state(&self, of: &InventoryOf) -> State {
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(states.entry(of.clone()).or_default())
    }

    pub(super) fn known(&self, of: &InventoryOf) -> Option<Arc<Inventory>> {
        let cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
        cells.get(of)?.get().cloned().flatten()
    }
}
