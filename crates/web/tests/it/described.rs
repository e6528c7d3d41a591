//! The OpenAPI document as a judge: every answer of the API must be one that it describes, in shape and in code.

use std::net::SocketAddr;

use serde_json::Value;

use crate::ask::{Answer, Ask};

/// The document, as the house serves it.
pub struct Described {
    document: Value,
}

impl Described {
    pub async fn read(address: SocketAddr) -> Described {
        let answer = Ask::new(address, None, "GET", "/api/v1/openapi.json").send().await;
        assert_eq!(answer.status, 200);
        Described { document: answer.body }
    }

    /// Holds an answer against the document. What is no call of the API is none of its business.
    pub fn check(&self, method: &str, path: &str, answer: &Answer) {
        let Some(path) = path.strip_prefix("/api/v1") else { return };
        let path = path.split('?').next().unwrap();
        let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let template: Vec<_> =
            path.split('/').map(|part| if is_number(&part) { "{id}" } else { part }).collect();
        let operation = &self.document["paths"][template.join("/")][method.to_lowercase()];
        if operation.is_null() {
            return;
        }
        let response = &operation["responses"][answer.status.to_string()];
        assert!(
            !response.is_null(),
            "{method} {path} answers {} against its description: {}",
            answer.status,
            answer.text
        );
        if answer.status >= 400 {
            let codes = response["description"].as_str().unwrap();
            assert!(
                codes.contains(&format!("`{}`", answer.code())),
                "{method} {path}: {} is not in {codes}",
                answer.code()
            );
        }
        if response["content"].get("text/csv").is_some() {
            return assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
        }
        let content = response["content"].as_object().and_then(|content| content.values().next());
        match content {
            Some(content) => self.check_shape(&content["schema"], &answer.body, answer.status >= 400, path),
            None => assert_eq!(answer.text, "", "{method} {path} answers nothing"),
        }
    }

    fn check_shape(&self, schema: &Value, value: &Value, is_open: bool, at: &str) {
        if let Some(name) = schema["$ref"].as_str() {
            let name = name.rsplit('/').next().unwrap();
            let is_open = is_open || ["Frame", "Document"].contains(&name);
            return self.check_shape(&self.document["components"]["schemas"][name], value, is_open, at);
        }
        if let Some(choices) = schema["oneOf"].as_array() {
            let is_null = |choice: &&Value| choice["type"] == "null";
            let Some(choice) = choices.iter().find(|choice| is_null(choice) == value.is_null()) else {
                panic!("{at} is {value}, none of {choices:?}");
            };
            return self.check_shape(choice, value, is_open, at);
        }
        self.check_kind(schema, value, at);
        if let Some(words) = schema["enum"].as_array() {
            assert!(words.contains(value), "{at} is {value}, not one of {words:?}");
        }
        if schema["format"] == "date-time" {
            let text = value.as_str().unwrap();
            assert!(text.len() == 27 && text.ends_with('Z'), "{at} is {text}");
        }
        for (item, place) in value.as_array().into_iter().flatten().zip(0..) {
            self.check_shape(&schema["items"], item, is_open, &format!("{at}[{place}]"));
        }
        let Some(object) = value.as_object() else { return };
        for name in schema["required"].as_array().into_iter().flatten() {
            assert!(object.contains_key(name.as_str().unwrap()), "{at} lacks {name}: {value}");
        }
        for (name, value) in object {
            let property = &schema["properties"][name];
            assert!(is_open || !property.is_null(), "{at} has an undescribed {name}");
            if !property.is_null() {
                self.check_shape(property, value, is_open, &format!("{at}.{name}"));
            }
        }
    }

    fn check_kind(&self, schema: &Value, value: &Value, at: &str) {
        let kinds: Vec<_> = match &schema["type"] {
            Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
            kind => kind.as_str().into_iter().collect(),
        };
        let kind = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "integer",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        assert!(kinds.is_empty() || kinds.contains(&kind), "{at} is {kind}, described as {kinds:?}");
    }
}
