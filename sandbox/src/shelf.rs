//! Records in the order they were made, found by id without a walk: accounts of a benchmark hold thousands.

use std::collections::HashMap;

/// A record with an id of its own.
pub(crate) trait Labelled {
    fn id(&self) -> &str;
}

#[derive(Debug)]
pub(crate) struct Shelf<T> {
    items: Vec<T>,
    places: HashMap<String, usize>,
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self { items: Vec::new(), places: HashMap::new() }
    }
}

impl<T: Labelled> Shelf<T> {
    pub(crate) fn add(&mut self, item: T) {
        self.places.insert(item.id().to_owned(), self.items.len());
        self.items.push(item);
    }

    pub(crate) fn get(&self, id: &str) -> Option<&T> {
        self.places.get(id).map(|place| &self.items[*place])
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.places.get(id).map(|place| &mut self.items[*place])
    }

    pub(crate) fn remove(&mut self, id: &str) -> Option<T> {
        let place = self.places.remove(id)?;
        let item = self.items.remove(place);
        for later in self.places.values_mut().filter(|later| **later > place) {
            *later -= 1;
        }
        Some(item)
    }

    pub(crate) fn all(&self) -> &[T] {
        &self.items
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.items.iter_mut()
    }
}
