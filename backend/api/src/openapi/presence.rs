//! Answers leave no field out: what is absent is null. Requests may leave out
//! whatever is optional. The generated clients should know the difference.

use std::collections::BTreeSet;

use utoipa::openapi::schema::ArrayItems;
use utoipa::openapi::{OpenApi, RefOr, Schema};

const SCHEMAS: &str = "#/components/schemas/";

/// Marks every field of every schema that is no part of a request as required.
pub fn mark(document: &mut OpenApi) {
    let asked = of_requests(document);
    let Some(components) = document.components.as_mut() else { return };
    for (name, schema) in &mut components.schemas {
        if let RefOr::T(Schema::Object(object)) = schema
            && !asked.contains(name)
        {
            object.required = object.properties.keys().cloned().collect();
        }
    }
}

/// Names of the schemas of request bodies, and of those inside them.
fn of_requests(document: &OpenApi) -> BTreeSet<String> {
    let items = document.paths.paths.values();
    let operations = items.flat_map(|item| [&item.post, &item.put, &item.patch]).flatten();
    let bodies = operations.filter_map(|operation| operation.request_body.as_ref()).filter_map(here);
    let contents = bodies.flat_map(|body| body.content.values()).filter_map(here);
    let schemas = contents.filter_map(|content| content.schema.as_ref());
    let mut waiting: Vec<String> = schemas.flat_map(named).collect();
    let mut found = BTreeSet::new();
    while let Some(name) = waiting.pop() {
        let schema = document.components.as_ref().and_then(|components| components.schemas.get(&name));
        if found.insert(name) {
            waiting.extend(schema.map(named).unwrap_or_default());
        }
    }
    found
}

fn named(schema: &RefOr<Schema>) -> Vec<String> {
    match schema {
        RefOr::Ref(reference) => {
            reference.ref_location.strip_prefix(SCHEMAS).map(ToOwned::to_owned).into_iter().collect()
        }
        RefOr::T(Schema::Object(object)) => object.properties.values().flat_map(named).collect(),
        RefOr::T(Schema::OneOf(one_of)) => one_of.items.iter().flat_map(named).collect(),
        RefOr::T(Schema::AllOf(all_of)) => all_of.items.iter().flat_map(named).collect(),
        RefOr::T(Schema::Array(array)) => match &array.items {
            ArrayItems::RefOrSchema(items) => named(items),
            ArrayItems::False => Vec::new(),
        },
        RefOr::T(_) => Vec::new(),
    }
}

/// What stands in place, and is not a reference.
pub fn here<T>(item: &RefOr<T>) -> Option<&T> {
    match item {
        RefOr::T(item) => Some(item),
        RefOr::Ref(_) => None,
    }
}
