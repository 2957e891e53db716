//! Lists whose entries have numbers that other records may name: assigned by the service, kept by what stays, never used
//! twice.

use super::refusal::{Code, Fault};

/// An entry of such a list. One without a number is new.
pub trait Numbered {
    /// Its number.
    fn number(&self) -> Option<i32>;

    /// Gives it a number.
    fn assign(&mut self, number: i32);
}

/// The numbers of a list.
pub fn numbers<T: Numbered>(entries: &[T]) -> Vec<i32> {
    entries.iter().filter_map(Numbered::number).collect()
}

/// What is wrong with the numbers of a list at `pointer`: one that is none of `known`, those of the list before, or that
/// stands twice.
pub fn faults<T: Numbered>(pointer: &str, entries: &[T], known: &[i32]) -> Vec<Fault> {
    let numbered = entries.iter().enumerate().filter_map(|(at, entry)| Some((at, entry.number()?)));
    let fault = |(at, number)| {
        let twice = entries.iter().take(at).any(|earlier| earlier.number() == Some(number));
        let code = match (known.contains(&number), twice) {
            (false, _) => Code::UnknownReference,
            (true, true) => Code::Duplicate,
            (true, false) => return None,
        };
        Some(Fault::new(format!("{pointer}/{at}/number"), code))
    };
    numbered.filter_map(fault).collect()
}

/// Numbers the new entries after `last`, the last number that was ever assigned, and returns the last one now.
pub fn assign<T: Numbered>(entries: &mut [T], mut last: i32) -> i32 {
    for entry in entries.iter_mut().filter(|entry| entry.number().is_none()) {
        last += 1;
        entry.assign(last);
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Entry(Option<i32>);

    impl Numbered for Entry {
        fn number(&self) -> Option<i32> {
            self.0
        }

        fn assign(&mut self, number: i32) {
            self.0 = Some(number);
        }
    }

    #[test]
    fn what_stays_keeps_its_number_and_what_is_new_gets_a_fresh_one() {
        let mut entries = [Entry(Some(2)), Entry(None), Entry(None)];
        assert_eq!(faults("/list", &entries, &[1, 2]), []);
        assert_eq!(assign(&mut entries, 3), 5);
        assert_eq!(numbers(&entries), [2, 4, 5]);
        let twice = faults("/list", &[Entry(Some(2)), Entry(Some(2)), Entry(Some(9))], &[1, 2]);
        let told: Vec<_> = twice.iter().map(|fault| (fault.pointer.as_str(), fault.code)).collect();
        assert_eq!(told, [("/list/1/number", Code::Duplicate), ("/list/2/number", Code::UnknownReference)]);
    }
}
