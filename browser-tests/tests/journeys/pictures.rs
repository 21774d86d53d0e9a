//! Every state that a journey stops at has a picture, every picture is of such a state, and the list tells of each.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// What stands between the two, as often as both occur.
fn between<'a>(text: &'a str, before: &'a str, after: &'a str) -> impl Iterator<Item = String> + 'a {
    text.split(before).skip(1).filter_map(move |rest| Some(rest.split_once(after)?.0.to_owned()))
}

#[test]
fn states_and_pictures_are_the_same() -> anyhow::Result<()> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut states = BTreeSet::new();
    for file in fs::read_dir(here.join("tests/journeys"))? {
        states.extend(between(&fs::read_to_string(file?.path())?, ".state(\"", "\")"));
    }
    states.remove("");
    let folder = here.join("../docs/pictures");
    let mut pictures = BTreeSet::new();
    for file in fs::read_dir(&folder)? {
        let name = file?.file_name();
        pictures.extend(name.to_string_lossy().strip_suffix(".png").map(str::to_owned));
    }
    assert_eq!(pictures, states, "remove the pictures of states that are gone, and run the journeys for new ones");

    let list = fs::read_to_string(folder.join("README.md"))?;
    let listed: BTreeSet<String> = between(&list, "](", ".png)").collect();
    assert_eq!(listed, pictures, "docs/pictures/README.md lists every picture");
    let guide = fs::read_to_string(here.join("../docs/setup.md"))?;
    let shown: BTreeSet<String> = between(&guide, "](pictures/", ".png)").collect();
    assert!(shown.is_subset(&pictures), "the guide shows {shown:?}");
    Ok(())
}
