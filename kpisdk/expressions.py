"""The nodes of an expression, for whoever builds trees from another notation, or reads them."""

from kpisdk.contracts.expression_tree import (
    Arithmetic,
    AsOf,
    ColumnRef,
    Comparison,
    Containment,
    Expression,
    Function,
    JsonNumber,
    Literal,
    Logic,
    Membership,
    Negation,
    NullTest,
    ParameterRef,
    column_names,
    parameter_names,
)

__all__ = [
    "Arithmetic",
    "AsOf",
    "ColumnRef",
    "Comparison",
    "Containment",
    "Expression",
    "Function",
    "JsonNumber",
    "Literal",
    "Logic",
    "Membership",
    "Negation",
    "NullTest",
    "ParameterRef",
    "column_names",
    "parameter_names",
]
