//! The parts of forms: a field with what was typed and what is wrong with it, and choices.

/// One field: what was typed last (or the default) and the sentence that says what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    /// The value as it stands in the field.
    pub value: String,
    /// The sentence under the field, already in the reader's language.
    pub fault: Option<String>,
}

impl Field {
    /// A field with a value and nothing wrong.
    pub fn of(value: impl Into<String>) -> Self {
        Self { value: value.into(), fault: None }
    }

    /// A field with a value and what is wrong with it.
    pub fn faulty(value: impl Into<String>, fault: impl Into<String>) -> Self {
        Self { value: value.into(), fault: Some(fault.into()) }
    }
}

/// One choice of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What the form sends.
    pub value: String,
    /// What the reader sees.
    pub label: String,
}

impl Choice {
    /// A choice of value and label.
    pub fn of(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into() }
    }
}

/// Choices under one heading (a district and its neighbourhoods, a category and its kinds).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChoiceGroup {
    /// The heading.
    pub label: String,
    /// The choices.
    pub choices: Vec<Choice>,
}
