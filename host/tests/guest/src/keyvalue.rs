//! The store, one operation per path. Keys and values come from the query: `key=value`, several joined by `&`.

wit_bindgen::generate!({
    path: "../../../wit/deps/keyvalue-2024-10-17",
    inline: "
        package qualified:guest;

        world guest {
            import wasi:keyvalue/store@0.2.0-draft2;
            import wasi:keyvalue/batch@0.2.0-draft2;
            import wasi:keyvalue/atomics@0.2.0-draft2;
            import fermyon:spin/variables@2.0.0;
        }

        package fermyon:spin@2.0.0 {
            interface variables {
                get: func(name: string) -> result<string, error>;

                variant error {
                    invalid-name(string),
                    undefined(string),
                    provider(string),
                    other(string),
                }
            }
        }
    ",
    world: "qualified:guest/guest",
    generate_all,
});

use self::wasi::keyvalue::atomics::{self, Cas, CasError};
use self::wasi::keyvalue::{batch, store};

/// Sets one key of the default store.
pub fn set(key: &str, value: &str) {
    store::open("default").unwrap().set(key, value.as_bytes()).unwrap();
}

/// Counts the passes; the first and the second say that there is more.
pub fn sync() -> String {
    let bucket = store::open("default").unwrap();
    let passes = atomics::increment(&bucket, "passes", 1).unwrap();
    format!(r#"{{"accounts":1,"more":{}}}"#, passes < 3)
}

/// Does what `path` says.
pub fn answer(path: &str, query: &str) -> String {
    if path == "/open" {
        return match store::open(query) {
            Ok(_) => "open".to_owned(),
            Err(error) => format!("{error:?}"),
        };
    }
    let bucket = match store::open("default") {
        Ok(bucket) => bucket,
        Err(error) => return format!("{error:?}"),
    };
    let pairs: Vec<_> = query
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (key.to_owned(), value.as_bytes().to_vec()))
        .collect();
    let keys: Vec<_> = pairs.iter().map(|(key, _)| key.clone()).collect();
    let (key, value) = &pairs[0];
    match path {
        "/get" => shown(bucket.get(key)),
        "/get-many" => format!("{:?}", batch::get_many(&bucket, &keys)),
        "/set" => format!("{:?}", bucket.set(key, value)),
        "/set-many" => format!("{:?}", batch::set_many(&bucket, &pairs)),
        "/delete" => format!("{:?}", bucket.delete(key)),
        "/delete-many" => format!("{:?}", batch::delete_many(&bucket, &keys)),
        "/exists" => format!("{:?}", bucket.exists(key)),
        "/keys" => format!("{:?}", bucket.list_keys(None).map(|answer| (answer.keys, answer.cursor))),
        "/increment" => format!("{:?}", atomics::increment(&bucket, key, 2)),
        // Another writer comes in between: the second pair. Then the first is tried again with the new handle.
        "/swap" => {
            let cas = Cas::new(&bucket, key).unwrap();
            let seen = shown(cas.current());
            if let Some((key, value)) = pairs.get(1) {
                bucket.set(key, value).unwrap();
            }
            match atomics::swap(cas, value) {
                Ok(()) => format!("saw {seen}, swapped"),
                Err(CasError::CasFailed(cas)) => {
                    let now = shown(cas.current());
                    format!("saw {seen}, lost to {now}, then {:?}", atomics::swap(cas, value).is_ok())
                }
                Err(CasError::StoreError(error)) => format!("{error:?}"),
            }
        }
        _ => panic!("no path {path}"),
    }
}

fn shown(value: Result<Option<Vec<u8>>, store::Error>) -> String {
    match value {
        Ok(Some(value)) => String::from_utf8_lossy(&value).into_owned(),
        Ok(None) => "nothing".to_owned(),
        Err(error) => format!("{error:?}"),
    }
}
