//! Machine code kept between starts: compiling takes seconds, loading milliseconds.
//!
//! Loaded machine code is run as it is, so whoever can write it can do what this process can. It therefore lies in a folder
//! of its own that only its owner can enter, behind a digest that finds accidents (a full disk, a broken one).

use std::fs::{self, DirBuilder};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use sha2::{Digest, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::compiled::{self, Compiled};

/// The length of a digest, which comes first in each file.
const DIGEST: usize = 32;

impl Compiled {
    /// As [`Compiled::new`], with the machine code kept in, and if possible taken from, a folder inside `cache`.
    ///
    /// A cache that does not work costs the time of compiling and a line in the log, never the start. Only the operator may
    /// be able to write in `cache`.
    ///
    /// # Errors
    /// As for [`Compiled::new`].
    pub fn cached(component: &[u8], cache: &Path) -> anyhow::Result<Self> {
        let engine = compiled::engine()?;
        let unusable = |error: anyhow::Error| tracing::warn!("the cache of compiled code is not used: {error:#}");
        let file = private_folder(cache).map(|folder| folder.join(name(&engine, component)));
        let file = file.map_err(unusable).ok();

        if let Some(file) = file.as_ref().filter(|file| file.exists()) {
            match read(&engine, file) {
                Ok(component) => return Self::link(&component),
                Err(error) => unusable(error),
            }
        }
        let component = compiled::compile(&engine, component)?;
        if let Some(file) = file {
            write(&component, &file).unwrap_or_else(unusable);
        }
        Self::link(&component)
    }
}

/// The user's folder for caches; without one, cargo's.
pub fn default_cache() -> PathBuf {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set("XDG_CACHE_HOME")
        .or_else(|| set("HOME").map(|home| home.join(".cache")))
        .map_or_else(|| PathBuf::from("target"), |caches| caches.join("qualified-ats"))
}

/// Wasmtime's hash stands for its version and every setting that machine code depends on.
fn name(engine: &Engine, component: &[u8]) -> String {
    let mut settings = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut settings);
    let mut name: String = Sha256::digest(component).iter().map(|byte| format!("{byte:02x}")).collect();
    name.push_str(&format!("-{:016x}.cwasm", settings.finish()));
    name
}

/// The folder for machine code inside `cache`, made if need be.
fn private_folder(cache: &Path) -> anyhow::Result<PathBuf> {
    let folder = cache.join("compiled");
    fs::create_dir_all(cache).with_context(|| format!("{} cannot be made", cache.display()))?;
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(&folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(error).with_context(|| format!("{} cannot be made", folder.display()));
        }
        _ => {}
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;

        let about = fs::symlink_metadata(&folder)?;
        ensure!(about.mode() & 0o170_077 == 0o040_000, "{} is open to others or no folder", folder.display());
        ensure!(about.uid() == own_uid(&folder)?, "{} is somebody else's", folder.display());
    }
    Ok(folder)
}

/// This process' user, as the owner of a file that it makes: the standard library has no other way to ask. Root can make one
/// in anybody's folder.
#[cfg(unix)]
fn own_uid(folder: &Path) -> io::Result<u32> {
    let probe = folder.join(format!("{:016x}.probe", rand::random::<u64>()));
    let uid = fs::File::create_new(&probe)?.metadata().map(|about| std::os::unix::fs::MetadataExt::uid(&about));
    fs::remove_file(&probe)?;
    uid
}

fn read(engine: &Engine, file: &Path) -> anyhow::Result<Component> {
    let bytes = fs::read(file)?;
    let (digest, code) = bytes.split_at_checked(DIGEST).context("the file is too short")?;
    ensure!(Sha256::digest(code).as_slice() == digest, "the file is damaged");
    load(engine, code)
}

#[expect(unsafe_code, reason = "machine code cannot be checked, only trusted")]
fn load(engine: &Engine, code: &[u8]) -> anyhow::Result<Component> {
    // SAFETY: `deserialize` wants bytes that `serialize` made and nobody changed. Only this process' user can put files
    // into the folder they come from, and could as well replace this program; chance changes are found by the digest;
    // another version or other settings of Wasmtime have another file name, and Wasmtime itself refuses their code.
    let component = unsafe { Component::deserialize(engine, code) };
    component.map_err(compiled::into_anyhow)
}

/// Writes beside the file and renames, so that no one ever reads half of it.
fn write(component: &Component, file: &Path) -> anyhow::Result<()> {
    let code = component.serialize().map_err(compiled::into_anyhow)?;
    let unfinished = file.with_extension(format!("{}.unfinished", std::process::id()));
    let mut writer = fs::File::create(&unfinished)?;
    writer.write_all(&Sha256::digest(&code))?;
    writer.write_all(&code)?;
    writer.sync_all()?;
    fs::rename(&unfinished, file)?;
    forget_others(file)
}

/// Each is some ten megabytes, and the one of an older component or program is of no more use.
fn forget_others(file: &Path) -> anyhow::Result<()> {
    for other in file.parent().context("the file is in no folder")?.read_dir()? {
        let other = other?.path();
        if other != file && other.extension().is_some_and(|extension| extension == "cwasm") {
            fs::remove_file(other)?;
        }
    }
    Ok(())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::{Compiled, compiled, name, private_folder, read};

    /// Exports nothing, so it compiles and then does not fit: enough to see the files.
    const COMPONENT: &[u8] = b"(component)";

    fn files(cache: &std::path::Path) -> Vec<PathBuf> {
        let entries = cache.join("compiled").read_dir().unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    }

    #[test]
    fn code_is_kept_and_damage_is_repaired() {
        let cache = tempfile::tempdir().unwrap();
        let compile = || drop(Compiled::cached(COMPONENT, cache.path()));
        let engine = compiled::engine().unwrap();
        compile();
        let [file] = &files(cache.path())[..] else { panic!("one file") };
        assert_eq!(file.file_name().unwrap(), name(&engine, COMPONENT).as_str());
        let kept = fs::read(file).unwrap();
        read(&engine, file).unwrap();

        for damaged in [Vec::new(), kept[..100].to_vec(), [&kept[..kept.len() - 1], &[!kept[kept.len() - 1]]].concat()]
        {
            fs::write(file, damaged).unwrap();
            read(&engine, file).unwrap_err();
            compile();
            read(&engine, file).unwrap();
            assert_eq!(files(cache.path()).len(), 1);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_open_to_others_is_not_used() {
        use std::os::unix::fs::PermissionsExt;

        let cache = tempfile::tempdir().unwrap();
        let folder = private_folder(cache.path()).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o770)).unwrap();
        private_folder(cache.path()).unwrap_err();
        drop(Compiled::cached(COMPONENT, cache.path()));
        assert!(files(cache.path()).is_empty());
    }

    /// Only root can give a folder away; for anybody else nobody else's folder can be entered in the first place.
    #[cfg(unix)]
    #[test]
    fn a_folder_of_somebody_else_is_not_used() {
        let cache = tempfile::tempdir().unwrap();
        let folder = private_folder(cache.path()).unwrap();
        if std::os::unix::fs::chown(&folder, Some(65_534), None).is_ok() {
            private_folder(cache.path()).unwrap_err();
            drop(Compiled::cached(COMPONENT, cache.path()));
        }
        assert!(files(cache.path()).is_empty());
    }

    #[test]
    fn code_of_an_older_component_is_forgotten() {
        let cache = tempfile::tempdir().unwrap();
        drop(Compiled::cached(b"(component (core module))", cache.path()));
        drop(Compiled::cached(COMPONENT, cache.path()));
        let engine = compiled::engine().unwrap();
        let [file] = &files(cache.path())[..] else { panic!("one file") };
        assert_eq!(file.file_name().unwrap(), name(&engine, COMPONENT).as_str());
    }

    #[test]
    fn another_component_has_another_file() {
        let engine = compiled::engine().unwrap();
        assert_ne!(name(&engine, b"a"), name(&engine, b"b"));
    }
}
