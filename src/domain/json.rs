//! JSON into our own types: records, requests to the API, tickets and sessions.
//!
//! serde's derive makes a reader of each type for each source of data. serde_json's source has two shapes for
//! every struct and a message for everything that may be wrong: 250 kB of the component. `Place` is a source
//! with one shape and one message, which tells where and what should be there, and never what is there:
//! values are names, addresses and keys.

use std::fmt;

use serde::{
    Deserialize,
    de::{
        DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, Expected, IntoDeserializer, MapAccess,
        SeqAccess, Unexpected, VariantAccess, Visitor, value::StrDeserializer,
    },
    forward_to_deserialize_any,
};
use serde_json::{Map, Value};

/// Why a text is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// No JSON, or an object has two members of one name.
    #[error("no JSON at line {line}, column {column}")]
    NoJson {
        /// From 1.
        line: usize,
        /// From 1, in bytes.
        column: usize,
    },
    /// JSON of another shape.
    #[error("{} {why}", if place.is_empty() { "it" } else { place })]
    Shape {
        /// The names of the members that lead there, with dots between.
        place: String,
        /// E.g. `is missing`.
        why: String,
    },
}

impl Misfit {
    fn shape(why: impl Into<String>) -> Self {
        Self::Shape { place: String::new(), why: why.into() }
    }

    fn within(mut self, name: &str) -> Self {
        if let Self::Shape { place, .. } = &mut self {
            let dot = if place.is_empty() { "" } else { "." };
            place.insert_str(0, dot);
            place.insert_str(0, name);
        }
        self
    }
}

impl Error for Misfit {
    /// Not the message: it may quote the value, and each would be carried in the component.
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::shape("is not as it should be")
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::shape(format!("is not {expected}"))
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::shape(format!("is not {expected}"))
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self::shape("is none of the known words")
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self::shape("has an unknown member")
    }

    fn missing_field(field: &'static str) -> Self {
        Self::shape("is missing").within(field)
    }
}

/// Parses a JSON text. An object with two members of one name is refused, lest two readers see two values.
///
/// # Errors
/// [`Misfit::NoJson`]
pub fn parse(text: &[u8]) -> Result<Value, Misfit> {
    let Strict(value) =
        serde_json::from_slice(text).map_err(|error| Misfit::NoJson { line: error.line(), column: error.column() })?;
    Ok(value)
}

/// Reads a value as a `T`.
///
/// # Errors
/// [`Misfit::Shape`]
pub fn read<T: DeserializeOwned>(value: &Value) -> Result<T, Misfit> {
    T::deserialize(Place(value))
}

/// A value whose objects have no name twice.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Strict)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(Strict(element)) = elements.next_element()? {
            array.push(element);
        }
        Ok(array.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let Strict(value) = members.next_value()?;
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom("a name is there twice"));
            }
        }
        Ok(object.into())
    }
}

/// A value as a source of data.
#[derive(Clone, Copy)]
struct Place<'de>(&'de Value);

impl<'de> Place<'de> {
    fn text(self) -> Result<&'de str, Misfit> {
        self.0.as_str().ok_or_else(|| Misfit::shape("is not a text"))
    }

    fn integer(self) -> Result<i64, Misfit> {
        self.0.as_i64().ok_or_else(|| Misfit::shape("is not an integer"))
    }

    fn elements(self) -> Result<Elements<'de>, Misfit> {
        self.0.as_array().map(|array| Elements(array.iter())).ok_or_else(|| Misfit::shape("is not a list"))
    }

    fn members(self, named: bool) -> Result<Members<'de>, Misfit> {
        let object = self.0.as_object().ok_or_else(|| Misfit::shape("is not an object"))?;
        Ok(Members { rest: object.iter(), at: ("", &Value::Null), named })
    }
}

/// The methods that one body serves.
macro_rules! all_alike {
    ($($method:ident)* => $visit:ident($read:ident)) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
            visitor.$visit(self.$read()?)
        })*
    };
}

impl<'de> Deserializer<'de> for Place<'de> {
    type Error = Misfit;

    all_alike!(deserialize_i64 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u8 => visit_i64(integer));
    all_alike!(deserialize_str deserialize_string => visit_str(text));
    all_alike!(deserialize_seq => visit_seq(elements));

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_bool(self.0.as_bool().ok_or_else(|| Misfit::shape("is not true or false"))?)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_f64(self.0.as_f64().ok_or_else(|| Misfit::shape("is not a number"))?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_map(self.members(false)?)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_map(self.members(true)?)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        let (name, content) = match self.0 {
            Value::Object(object) if object.len() == 1 => {
                object.iter().next().map_or(("", &Value::Null), |(name, content)| (name.as_str(), content))
            }
            _ => (self.text()?, &Value::Null),
        };
        visitor.visit_enum(Variant { name, content: Place(content) })
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_unit()
    }

    /// No type of ours asks for anything else, and none lets the text decide what it is.
    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Misfit> {
        Err(Misfit::shape("is of a type that is never read"))
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i128 u128 f32 char bytes byte_buf unit unit_struct tuple_struct identifier
    }
}

/// A list, element by element.
struct Elements<'de>(std::slice::Iter<'de, Value>);

impl<'de> SeqAccess<'de> for Elements<'de> {
    type Error = Misfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Misfit> {
        self.0.next().map(|value| seed.deserialize(Place(value))).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

/// An object, member by member.
struct Members<'de> {
    rest: serde_json::map::Iter<'de>,
    at: (&'de str, &'de Value),
    /// Whether the names are ours: a map's may be anything.
    named: bool,
}

impl<'de> Members<'de> {
    fn within(&self, misfit: Misfit) -> Misfit {
        misfit.within(if self.named { self.at.0 } else { "*" })
    }
}

impl<'de> MapAccess<'de> for Members<'de> {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Misfit> {
        let Some((name, value)) = self.rest.next() else { return Ok(None) };
        self.at = (name, value);
        seed.deserialize(StrDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Misfit> {
        seed.deserialize(Place(self.at.1)).map_err(|misfit| self.within(misfit))
    }
}

/// One of the alternatives of an enum: its name alone, or an object with its name and its content.
struct Variant<'de> {
    name: &'de str,
    content: Place<'de>,
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Misfit;
    type Variant = Place<'de>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Place<'de>), Misfit> {
        let name: StrDeserializer<'de, Misfit> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, self.content))
    }
}

impl<'de> VariantAccess<'de> for Place<'de> {
    type Error = Misfit;

    fn unit_variant(self) -> Result<(), Misfit> {
        if self.0.is_null() { Ok(()) } else { Err(Misfit::shape("has a content")) }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Misfit> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_map(self.members(true)?)
    }
}

#[cfg(test)]
mod tests {
    use litemap::LiteMap;
    use serde::Serialize;
    use serde_json::json;

    use super::*;
    use crate::domain::ids::{AccountId, ApplicationId, Candidacy, Company, OpportunityId};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        account: AccountId,
        candidacies: Vec<Candidacy>,
        at: Option<crate::domain::time::Timestamp>,
        pairs: Vec<(String, u16)>,
        how: How,
        #[serde(with = "crate::domain::sorted")]
        often: LiteMap<String, i64>,
        score: f64,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum How {
        AtOnce,
        Later { sure: bool },
    }

    fn sample() -> Sample {
        Sample {
            account: AccountId::new("acme").expect("valid"),
            candidacies: vec![
                Candidacy::Lever(OpportunityId::new("o-1").expect("valid")),
                Candidacy::BambooHr(Company::new("acme").expect("valid"), ApplicationId(-7)),
            ],
            at: Some("2026-03-09T14:05:06.789Z".parse().expect("a time")),
            pairs: vec![("é\"".to_owned(), u16::MAX), (String::new(), 0)],
            how: How::Later { sure: true },
            often: LiteMap::from_iter([("ever".to_owned(), i64::MIN)]),
            score: 86.7,
        }
    }

    #[test]
    fn what_serde_json_writes_is_read_back() {
        for sample in [sample(), Sample { at: None, how: How::AtOnce, often: LiteMap::new(), ..sample() }] {
            let text = serde_json::to_vec(&sample).expect("JSON");
            assert_eq!(read(&parse(&text).expect("JSON")), Ok(sample));
        }
    }

    #[test]
    fn a_misfit_tells_the_place_and_never_the_value() {
        let broken = |name: &str, value: Value| {
            let mut whole = serde_json::to_value(sample()).expect("JSON");
            whole[name] = value;
            read::<Sample>(&whole).expect_err("it does not fit").to_string()
        };
        assert_eq!(broken("account", json!(7)), "account is not a text");
        assert_eq!(broken("account", json!("jo@example.com")), "account is not as it should be");
        assert_eq!(broken("candidacies", json!({})), "candidacies is not a list");
        assert_eq!(broken("candidacies", json!([{"jo": 1}])), "candidacies is none of the known words");
        assert_eq!(broken("at", json!("jo@example.com")), "at is not as it should be");
        assert_eq!(broken("pairs", json!([["a", 65_536]])), "pairs is not u16");
        assert_eq!(broken("how", json!({"later": {}})), "how.sure is missing");
        assert_eq!(broken("often", json!({"jo@example.com": "x"})), "often.* is not an integer");
        assert_eq!(broken("score", json!(null)), "score is not a number");
        assert_eq!(broken("jo@example.com", json!(1)), "it has an unknown member");
        let empty = read::<Sample>(&json!({})).expect_err("it does not fit").to_string();
        assert_eq!(empty, "account is missing");
    }

    #[test]
    fn a_name_given_twice_is_refused_at_any_depth() {
        for text in [r#"{"a":1,"a":1}"#, r#"[{"b":{"a":1,"\u0061":2}}]"#] {
            assert!(matches!(parse(text.as_bytes()), Err(Misfit::NoJson { line: 1, .. })), "{text}");
        }
        assert_eq!(
            parse(br#"{"a":{"a":[1.5,-1,true,null,"\u00e9"]}}"#),
            Ok(json!({"a":{"a":[1.5, -1, true, null, "é"]}}))
        );
    }
}
