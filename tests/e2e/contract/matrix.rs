//! Who may do what, role by operation: a table that reviewers read.

use mamori_domain::access::{
    Role, Scope,
    table::{Cell, cell},
};
use strum::IntoEnumIterator;

use super::{client::OPERATIONS, document::compare};

/// How far a role reaches with a scope: the words of a cell.
fn reach(role: Role, scope: Scope) -> String {
    let cell = cell(role, scope.resource);
    let bit = Cell::bit(scope.verb);
    let reaches = [
        ("all", cell.all),
        ("dept", cell.departments),
        ("assigned", cell.assigned),
        ("own", cell.own),
        ("published", cell.published),
    ];
    let words: Vec<&str> = reaches.into_iter().filter(|(_, verbs)| verbs & bit != 0).map(|(word, _)| word).collect();
    match words.as_slice() {
        [] => "-".to_owned(),
        words => words.join("+"),
    }
}

#[test]
fn the_matrix_of_roles_and_operations_is_the_reviewed_one() {
    let roles: Vec<String> = Role::iter().map(|role| role.to_string()).collect();
    let mut text = format!("operation,request,grant,{}\n", roles.join(","));
    for operation in OPERATIONS.iter() {
        let request = format!("{} {}", operation.method, operation.path);
        let (grant, cells): (String, Vec<String>) = match operation.scope() {
            None => ("(open door)".into(), Role::iter().map(|_| "open".to_owned()).collect()),
            Some(scope) => (scope.to_string(), Role::iter().map(|role| reach(role, scope)).collect()),
        };
        text.push_str(&format!("{},{request},{grant},{}\n", operation.id(), cells.join(",")));
    }
    compare("tests/golden/role-operation-matrix.csv", "UPDATE_GOLDEN", &text);
}
