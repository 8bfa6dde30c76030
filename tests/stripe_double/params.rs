//! Stripe's form encoding with brackets, `items[0][price]=price_1`, read into a tree, and typed access to it. A tree's leaves are
//! texts. An empty text unsets what it names, as Stripe has it.

use crate::error::ApiError;
use serde_json::{Map, Value, json};

/// The parameters of a request.
#[derive(Debug, Clone, Default)]
pub struct Params {
    tree: Map<String, Value>,
}

impl Params {
    /// Reads `a=1&b[c]=2&d[]=3&e[0][f]=4`.
    pub fn parse(encoded: &str) -> Self {
        let mut root = json!({});
        for (name, value) in url::form_urlencoded::parse(encoded.as_bytes()) {
            put(&mut root, &segments(&name), &value);
        }
        let Value::Object(tree) = settled(root) else { unreachable!("the root stays an object") };
        Self { tree }
    }

    /// Parameters from a tree of texts, as [`Params::tree`] gives them.
    pub fn from_tree(tree: Value) -> Self {
        Self { tree: tree.as_object().cloned().unwrap_or_default() }
    }

    /// Parameters from JSON of any kind: numbers and flags become texts, null an empty one.
    pub fn from_json(value: &Value) -> Self {
        Self::from_tree(as_texts(value))
    }

    /// The whole tree; equal parameters give equal trees in whatever order they were sent.
    pub fn tree(&self) -> Value {
        Value::Object(self.tree.clone())
    }

    /// The subtree at a path such as `subscription_details.items`.
    pub fn at(&self, path: &str) -> Option<&Value> {
        let mut steps = path.split('.');
        let first = self.tree.get(steps.next()?)?;
        steps.try_fold(first, |value, step| value.get(step))
    }

    /// Whether the parameter was sent, were it empty.
    pub fn has(&self, path: &str) -> bool {
        self.at(path).is_some()
    }

    /// The parameters below a path, as parameters of their own.
    pub fn below(&self, path: &str) -> Params {
        Self::from_tree(self.at(path).cloned().unwrap_or_default())
    }

    /// A text; `Some("")` unsets.
    pub fn text(&self, path: &str) -> Result<Option<String>, ApiError> {
        match self.at(path) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(ApiError::parameter(
                "parameter_invalid_string",
                &bracketed(path),
                format!("Invalid string: {}", bracketed(path)),
            )),
        }
    }

    /// A text that is there and not empty.
    pub fn given(&self, path: &str) -> Result<Option<String>, ApiError> {
        Ok(self.text(path)?.filter(|text| !text.is_empty()))
    }

    /// A text that must be there.
    pub fn required(&self, path: &str) -> Result<String, ApiError> {
        let param = bracketed(path);
        self.given(path)?
            .ok_or_else(|| ApiError::parameter("parameter_missing", &param, format!("Missing required param: {param}.")))
    }

    /// A whole number.
    pub fn integer(&self, path: &str) -> Result<Option<i64>, ApiError> {
        let Some(text) = self.given(path)? else { return Ok(None) };
        let wrong = || ApiError::parameter("parameter_invalid_integer", &bracketed(path), format!("Invalid integer: {text}"));
        text.parse().map(Some).map_err(|_| wrong())
    }

    /// `true` or `false`.
    pub fn boolean(&self, path: &str) -> Result<Option<bool>, ApiError> {
        match self.given(path)?.as_deref() {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(other) => {
                Err(ApiError::parameter("parameter_invalid_boolean", &bracketed(path), format!("Invalid boolean: {other}")))
            }
        }
    }

    /// One of the words that Stripe knows for a parameter.
    pub fn one_of(&self, path: &str, words: &[&str]) -> Result<Option<String>, ApiError> {
        let Some(text) = self.given(path)? else { return Ok(None) };
        if words.contains(&text.as_str()) {
            return Ok(Some(text));
        }
        let param = bracketed(path);
        let message = format!("Invalid {param}: must be one of {}", words.join(", "));
        Err(ApiError { before_execution: true, ..ApiError::invalid(message).with("param", json!(param)) })
    }

    /// The elements of a list parameter as parameters of their own.
    pub fn elements(&self, path: &str) -> Vec<Params> {
        self.at(path).and_then(Value::as_array).map_or(vec![], |list| list.iter().cloned().map(Self::from_tree).collect())
    }

    /// The texts of a list parameter, such as `expand[]`.
    pub fn texts(&self, path: &str) -> Vec<String> {
        let listed = self.at(path).and_then(Value::as_array);
        listed.map_or(vec![], |list| list.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    }

    /// Every leaf's path in brackets, list positions left out (`items[][price]`), with the path as it was sent.
    pub fn leaves(&self) -> Vec<(String, String)> {
        let mut found = vec![];
        for (key, value) in &self.tree {
            walk(value, key.clone(), key.clone(), &mut found);
        }
        found
    }
}

/// `a.b` as Stripe writes it in errors: `a[b]`.
pub fn bracketed(path: &str) -> String {
    let mut steps = path.split('.');
    let first = steps.next().unwrap_or_default().to_owned();
    steps.fold(first, |made, step| format!("{made}[{step}]"))
}

fn as_texts(value: &Value) -> Value {
    match value {
        Value::Object(members) => members.iter().map(|(key, member)| (key.clone(), as_texts(member))).collect(),
        Value::Array(elements) => elements.iter().map(as_texts).collect(),
        Value::String(_) => value.clone(),
        Value::Null => json!(""),
        other => json!(other.to_string()),
    }
}

fn segments(name: &str) -> Vec<String> {
    let Some((first, rest)) = name.split_once('[') else { return vec![name.to_owned()] };
    let rest = rest.strip_suffix(']').unwrap_or(rest);
    std::iter::once(first.to_owned()).chain(rest.split("][").map(str::to_owned)).collect()
}

fn put(place: &mut Value, path: &[String], value: &str) {
    let Some((step, rest)) = path.split_first() else {
        *place = json!(value);
        return;
    };
    if !place.is_object() {
        *place = json!({});
    }
    let children = place.as_object_mut().expect("made an object above");
    let key = if step.is_empty() { next_position(children, rest) } else { step.clone() };
    put(children.entry(key).or_insert(Value::Null), rest, value);
}

/// `list[]=x` opens a new element; `list[][name]=x` only when the last element has that name already.
fn next_position(children: &Map<String, Value>, rest: &[String]) -> String {
    let last = children.len().saturating_sub(1).to_string();
    let open = rest.first().is_some_and(|name| children.get(&last).is_some_and(|element| element.get(name).is_none()));
    if open { last } else { children.len().to_string() }
}

/// Objects whose keys are all numbers become arrays in the order of the numbers.
fn settled(value: Value) -> Value {
    let Value::Object(children) = value else { return value };
    let mut children: Vec<(String, Value)> = children.into_iter().map(|(key, child)| (key, settled(child))).collect();
    if !children.is_empty() && children.iter().all(|(key, _)| key.parse::<u32>().is_ok()) {
        children.sort_by_key(|(key, _)| key.parse::<u32>().expect("all are numbers"));
        return children.into_iter().map(|(_, child)| child).collect();
    }
    Value::Object(children.into_iter().collect())
}

fn walk(value: &Value, plain: String, sent: String, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(children) => {
            children.iter().for_each(|(key, child)| walk(child, format!("{plain}[{key}]"), format!("{sent}[{key}]"), found));
        }
        Value::Array(children) => {
            let numbered = children.iter().enumerate();
            numbered.for_each(|(at, child)| walk(child, format!("{plain}[]"), format!("{sent}[{at}]"), found));
        }
        _ => found.push((plain, sent)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_become_a_tree() {
        let params = Params::parse("a=1&b[c]=2+3&d[]=x&d[]=y&e[1][f]=5&e[0][f]=4&g[][h]=1&g[][i]=2&g[][h]=3");
        let expected = json!({
            "a": "1", "b": { "c": "2 3" }, "d": ["x", "y"], "e": [{ "f": "4" }, { "f": "5" }],
            "g": [{ "h": "1", "i": "2" }, { "h": "3" }],
        });
        assert_eq!(params.tree(), expected);
        assert_eq!(params.leaves()[2], ("d[]".to_owned(), "d[0]".to_owned()));
    }

    #[test]
    fn values_are_typed() {
        let params = Params::parse("n=12&bad=1x&yes=true&empty=&word=left");
        assert_eq!(params.integer("n").unwrap(), Some(12));
        assert_eq!(params.integer("bad").unwrap_err().body["code"], "parameter_invalid_integer");
        assert_eq!(params.boolean("yes").unwrap(), Some(true));
        assert_eq!(params.text("empty").unwrap(), Some(String::new()));
        assert_eq!(params.given("empty").unwrap(), None);
        assert!(params.one_of("word", &["right"]).is_err());
        assert_eq!(params.required("other.part").unwrap_err().body["param"], "other[part]");
    }
}
