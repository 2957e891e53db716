//! Specimens of the module `context`.

mod scope;

use super::Specimen;

pub(super) fn specimens() -> Vec<Specimen> {
    scope::specimens()
}
