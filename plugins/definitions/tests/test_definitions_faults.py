"""Faults of definition files: all of them at once, each with line, column and a suggestion."""

from __future__ import annotations

import textwrap
from itertools import pairwise

import pytest

from kpisdk import DefinitionFileError, read_kpis
from kpisdk_definitions.places import Node, Place

DATASETS = """\
datasets:
  orders:
    columns: {order_id: text, amount: float, placed_at: timestamp, region: text, returned: bool}
    time: placed_at
    key: order_id
"""
HEAD = """\
  - id: SHOP-001
    name: Return rate
    workstream: shop
    definition: Share of orders that were returned.
    unit: ratio
"""

WRONG_PARAMETER = """\
simple: {count: orders}
parameters: {k: {type: int}}
examples: [{rows: {}, value: 1, parameters: {k: x}}]
"""
WRONG_UNIT_OF_AN_OPTION = """\
first_of:
  options:
  - {name: a, simple: {count: orders}, sampling: {unit: shop}}
  - {name: b, simple: {count: orders}}
"""


@pytest.fixture
def written(tmp_path):
    """Write a definition file; its path."""

    def write(text: str, name: str = "kpis.yaml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def faults_of(*paths) -> list[str]:
    """The faults of files, as a user reads them."""
    with pytest.raises(DefinitionFileError) as caught:
        read_kpis(*paths)
    return [str(problem) for problem in caught.value.problems]


def a_kpi(rest: str) -> str:
    """A file with one KPI (its first own line is line 12), of which ``rest`` says the rest."""
    body = textwrap.indent(textwrap.dedent(rest), "    ")
    return f"{DATASETS}kpis:\n{HEAD}{body}"


def test_all_faults_are_told_in_the_order_of_the_lines(written):
    """Keys, words, names, columns, windows and bounds: nobody mends them one run at a time."""
    path = written(
        a_kpi(
            """\
            unti: ratio
            direction: lowest
            ratio:
              numerator: {count: ordres}
              denominator: {count: orders, where: retruned}
            thresholds: {target: 0.2, warning: low, critical: 0.1}
            window: last 30 dayz
            """
        )
    )

    assert [fault.partition(". Accepted")[0] for fault in faults_of(path)] == [
        "kpis.yaml:12:5: 'unti' is no key of a KPI; did you mean 'unit'?",
        "kpis.yaml:13:16: 'lowest' is not a direction; did you mean 'lower'?",
        "kpis.yaml:15:26: There is no dataset 'ordres'. Did you mean orders?",
        "kpis.yaml:16:43: There is no column 'retruned' of 'orders'. Did you mean returned?",
        "kpis.yaml:17:40: must be a number; it is the text 'low'",
        "kpis.yaml:18:13: The window 'last 30 dayz' cannot be read",
    ]


@pytest.mark.parametrize(
    ("rest", "fault"),
    [
        (
            "simple: {count: orders}\nmean: {value: amount, from: orders}",
            "13:5: 'mean' cannot stand",
        ),
        ("simple: {quantile: amount, from: orders, level: -1}", "12:53: must be at least 0; it is"),
        ("lift: {from: order, hit: a, treated: b, control: c}", "12:18: There is no dataset"),
        (
            "lift: {from: orders, hit: returned, treated: x, control: returned}",
            "12:50: There is no column 'x' of 'orders'",
        ),
        (
            "simple: {count: orders}\nsampling: {unit: regio}",
            "13:5: sampling: 'regio' is not a column of orders; did you mean 'region'?",
        ),
        (
            "simple: {count: orders}\nsampling: {day: region}",
            "13:5: sampling: 'region' is text, and has no day; name a date or an instant",
        ),
        (
            "simple: {count: orders}\nsampling: sensus",
            "13:15: 'sensus' is not a kind of sampling; did you mean 'census'?",
        ),
        (
            "simple: {count: orders}\nsampling: {unit: region, day: placed_at}",
            "13:30: 'day' cannot stand beside 'unit': a unit has only one",
        ),
        ("simple: {count: orders}\nsampling: {}", "13:15: a unit needs one of unit and day"),
        (
            "simple: {count: orders}\nsampling: 3",
            "13:15: must be census, stored, row, or a table with unit or day; it is the number 3",
        ),
        (
            WRONG_UNIT_OF_AN_OPTION,
            "14:44: sampling: 'shop' is not a column of orders",
        ),
        ("mean: {value: amount, from: order}", "12:33: There is no dataset"),
        ("mean: {value: amount, from: orders, where: x}", "12:48: There is no column"),
        (
            f"simple: {{count: orders}}\nthresholds: {{target: {'9' * 400}}}",
            "13:26: must be a finite number",
        ),
        (
            f"simple: {{count: orders}}\nparameters: {{k: {{type: int, default: {'9' * 400}}}}}",
            "13:42: must be a finite number",
        ),
        ("simple: {count: orders}\nversion: 1e400", "13:14: '1e400' is too large for a number"),
        (f"simple: {{count: orders}}\nversion: {'9' * 5000}", "13:14: a number of 5000 digits"),
        (
            "simple: {count: orders}\nparameters: {k: {type: int, default: [1]}}",
            "13:42: must be a single value; it is a list",
        ),
        (
            "simple: {count: orders}\nparameters: {k: {type: date, default: soon}}",
            "13:43: 'soon' is not date",
        ),
        (
            "simple: {count: orders}\nexamples: [{rows: {}, value: 1, tolerance: 0}]",
            "13:48: must be above 0; it is 0",
        ),
        ("window: all", "7:5: a KPI needs one of simple, ratio, mean"),
        ("simple: {sum: amount}", "12:13: a measure needs one of count"),
        ("simple: {sum: amount}", "12:14: 'sum' is no key of a measure"),
        ("simple: [1]", "12:13: must be a table (a measure); it is a list"),
        ("simple: {count: orders, total: amount}", "12:29: 'total' cannot stand beside 'count'"),
        ("simple: {total: amount}", "12:13: a measure with total lacks from"),
        ("simple: {total: region, from: orders}", "12:13: sum: needs a number, not text"),
        ("simple: {quantile: amount, from: orders, level: 2}", "12:53: must be at most 1; it is 2"),
        (
            "simple: {count: orders, across: [regin]}",
            "12:38: There is no column 'regin' of 'orders'",
        ),
        ("simple: {count: orders, where: a, b}", "12:39: 'b' is no key of a measure with count"),
        (
            "simple: {count: orders, where: coalesce(returned, true)}",
            "12:55: 'true)' is no key of a measure with count; a text with a comma",
        ),
        ("mean: {value: region, from: orders}", "12:11: mean: needs a number, not text"),
        ("simple: {count: orders}\nbase: order", "13:11: There is no dataset 'order'"),
        (
            "simple: {count: orders}\ndimensions: [regin]",
            "13:18: There is no column 'regin' of 'orders'",
        ),
        (
            "simple: {count: orders}\nrefuses: {regin: no}",
            "13:15: There is no column 'regin' of 'orders'",
        ),
        (
            "simple: {count: orders}\nthresholds: {target: 1, warning: 2, critical: 3}",
            "13:5: target, warning, critical: (1.0, 2.0, 3.0) must",
        ),
        ("simple: {count: orders}\nthresholds: {target: 1}", "13:17: thresholds lacks warning and"),
        ("simple: {count: orders}\nversion: 1.10", "13:14: must be text or a whole number"),
        ("simple: {count: orders}\nname: ''", "13:5: 'name' stands here twice (first in line 8)"),
        ("simple: {count: orders}\nbrand: ' '", "13:12: must not be empty"),
        ("simple: {count: orders}\nbrand: 7", "13:12: must be text; it is the number 7; put it in"),
        ("simple: {count: orders}\nslug: Rate", "13:11: 'Rate' is not snake case"),
        ("simple: {count: orders}\nclock: 1", "13:12: must be true or false; it is the number 1"),
        ("simple: {count: orders}\nguardrails: {a: 1}", "13:17: must be a list; it is a table"),
        ("simple: {count: orders}\nguardrails: [1]", "13:18: must be a KPI id, or a table"),
        ("simple: {count: orders}\ngovernance: 1", "13:17: must be a table (governance); it is"),
        ("simple: {count: orders}\ntranslations: 1", "13:19: must be a table; it is the number 1"),
        (
            "first_of: {options: [{name: a, simple: {count: orders}}]}",
            "12:25: must hold at least 2; it holds 1",
        ),
        (
            "first_of: {options: [&a {name: a, simple: {count: orders}}, *a]}",
            "12:16: options: needs distinct names",
        ),
        (
            "arithmetic: {value: a / c, measures: {a: {count: orders}, b: {count: orders}}}",
            "12:29: There is no column 'c' of 'the measures'",
        ),
        (
            "arithmetic: {value: a, measures: {a: {count: orders}, b: {count: orders}}}",
            "12:59: the measure 'b' is not used",
        ),
        (
            "arithmetic: {value: a > 1, measures: {a: {count: orders}}}",
            "12:25: joins measures and numbers by + - * /",
        ),
        (
            "arithmetic: {value: a, n: b, measures: {a: {count: orders}}}",
            "12:31: There is no measure 'b'",
        ),
        (
            "simple: {count: orders}\nparameters: {as_of: {type: date}}",
            "13:18: :as_of is the instant of the question",
        ),
        (
            "simple: {count: orders}\nparameters: {k: {type: int, default: x, minimum: 3}}",
            "13:42: 'x' is not int",
        ),
        (
            "simple: {count: orders}\nparameters: {k: {type: int, default: 1, minimum: 3}}",
            "13:5: parameters.k: 1 is below 3",
        ),
        (
            "simple: {count: orders}\nparameters: {k: {type: text, minimum: 3}}",
            "13:34: text has no minimum",
        ),
        (
            "simple: {count: orders, where: amount > :most}",
            "12:45: There is no parameter 'most'",
        ),
        (
            "simple: {count: orders}\nview: {view: v, column: c, over: [value]}\nwindow: .inf",
            "14:13: '.inf' is not a finite number",
        ),
        (
            "simple: {count: orders}\nview: {view: v, column: c, measures: [valu]}",
            "13:5: view.c: 'valu' is not one of value",
        ),
        (
            "simple: {count: orders}\nexamples: [{rows: {ordres: []}, value: 1}]",
            "13:24: There is no table that the KPI reads 'ordres'. Did you mean orders?",
        ),
        (
            "simple: {count: orders}\nexamples: [{rows: {orders: [{regon: a}]}, value: 1}]",
            "13:34: is not a column of 'orders'; did you mean 'region'?",
        ),
        (
            "simple: {count: orders}\nexamples: [{rows: {orders: [{region: 1}]}, value: 1}]",
            "13:42: '1' is not text; put it in quotes",
        ),
        (
            "simple: {count: orders}\nexamples: [{rows: {orders: [{returned: 1}]}, value: 1}]",
            "13:44: '1' is neither true nor false",
        ),
        (
            "simple: {count: orders}\nexamples: [{rows: {orders: [{placed_at: soon}]}, value: 1}]",
            "13:45: 'soon' is not timestamp",
        ),
        ("simple: {count: orders}\nexamples: [{rows: {}}]", "13:16: expected: names nothing"),
        (
            "simple: {count: orders}\nexamples: [{rows: {}, results: [{slice: {}}, {n: 1}]}]",
            "13:37: expected: names nothing",
        ),
        (
            "simple: {count: orders}\nexamples: [{rows: {}, value: 1, reason: no_rows}]",
            "13:37: reason: no_rows leaves no value",
        ),
        (
            "simple: {count: orders}\nexamples: [{rows: {}, value: 1, results: [{value: 1}]}]",
            "13:27: 'value' stands in each of the results",
        ),
        (
            "simple: {count: orders}\nexamples: [{rows: {}, value: 1, parameters: {k: 1}}]",
            "13:50: There is no parameter 'k'",
        ),
        (
            "simple: {count: orders}\nexamples: [{rows: {}, value: 1, as_of: soon}]",
            "13:44: The instant 'soon' cannot be read",
        ),
        (
            "simple: {count: orders}\nclock: true\nexamples: [{rows: {}, value: 1}]",
            "14:5: examples.1.as_of: is needed",
        ),
        (
            WRONG_PARAMETER,
            "14:53: 'x' is not int",
        ),
    ],
)
def test_a_fault_of_a_kpi_is_told_where_it_stands(written, rest, fault):
    """Line and column of the very value or key, and what to do about it."""
    faults = faults_of(written(a_kpi(rest)))

    assert any(each.startswith(f"kpis.yaml:{fault}") for each in faults), faults


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "1:1: is empty"),
        ("[]", "1:1: must be a table (a definition file); it is a list"),
        ("$schema: x", "1:1: holds neither datasets nor kpis"),
        ("kpis: [1]", "1:8: must be a table (a KPI); it is the number 1"),
        ("kpis: []\nkpi: []", "2:1: 'kpi' is no key of a definition file; did you mean 'kpis'?"),
        ("kpis: [}", "1:8: is not valid YAML"),
        ("kpis: []\n---\nkpis: []", "2:1: is not valid YAML: but found another document"),
        ("kpis: !!python/object:os.system []", "1:7: tags (!…) are not read"),
        ("kpis: []\n<<: {}", "2:1: merge keys (<<) are not read"),
        ("kpis: []\n1: a", "2:1: a key must be text"),
        ("kpis: &a [*a]", "1:1: is nested too deeply, or an alias holds itself"),
        ("kpis: " + "[" * 5000, "1:56: is nested too deeply to be read"),
        ("kpis: \x07", "1:1: is not valid YAML"),
        ("datasets: {Orders: {columns: {a: int}}}", "1:12: 'Orders' is not snake case"),
        ("datasets: {o: {columns: {a: whole}}}", "1:29: 'whole' is not a type; known are"),
        ("datasets: {o: {columns: {a: [int]}}}", "1:29: a list is not a type"),
        ("datasets: {o: {columns: {}}}", "1:25: must hold at least 1; it holds 0"),
        (
            "datasets: {o: {columns: {a: int}, time: b}}",
            "1:41: There is no column 'b' of dataset 'o'",
        ),
        ("datasets: {o: {columns: {a: int}, time: a}}", "1:35: time: 'a' is int"),
        (
            "datasets: {o: {columns: {a: int}, references: {b: p}}, p: {columns: {b: int}}}",
            "1:48: There is no column 'b'",
        ),
        (
            "datasets: {o: {columns: {a: int}, references: {a: q}}, p: {columns: {b: int}}}",
            "1:51: There is no dataset 'q'",
        ),
        (
            "datasets: {o: {columns: {a: int}, references: {a: p}}, p: {columns: {b: int}}}",
            "1:35: references: 'p' has no key to refer to",
        ),
        (
            "datasets: {o: {columns: {a: int}, key: a, references: {a: o}}}",
            "1:59: 'o' refers back to this dataset",
        ),
        (
            "datasets: {o: {columns: {a: int}, references: {a: p}}, p: {columns: {b: x}}}",
            "1:51: the dataset 'p' has faults",
        ),
    ],
)
def test_a_fault_of_a_document_is_told_where_it_stands(written, text, fault):
    """Before any KPI is looked at: syntax, keys, datasets."""
    faults = faults_of(written(text))

    assert any(each.startswith(f"kpis.yaml:{fault}") for each in faults), faults


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("kpis = [", "1:9: is not valid TOML"),
        ("# nothing\nkpis = []\n# more\nodd = 1", "4:1: 'odd' is no key"),
        ('kpis = "', "1:9: is not valid TOML"),
        ("kpis = ]\nodd = 1", "1:8: is not valid TOML: Invalid value"),
        ("kpis = 1\nkpis = 2", "2:9: is not valid TOML: Cannot overwrite a value"),
        ("[[kpis]]\nid = 'SHOP-001'\n'é' = 1\nnme = 'x'", "4:1: 'nme' is no key of a KPI"),
        ("kpis = [\n  {id = 'x'},\n]", "2:9: 'x' is not a KPI id"),
        ("[datasets.o]\n# why\ncolumns.a = 'whole'", "3:13: 'whole' is not a type"),
        ("datasets.o.columns = {a = 'int', b = 'no'} # why", "1:38: 'no' is not a type"),
        ("[[kpis]]\n[kpis.governance]\nowner = 3", "3:9: must be text; it is the number 3"),
        ("[[kpis]]\n[[kpis.examples]]\n[[kpis.examples]]\nn = inf", "4:5: must be a whole number"),
        ("[[kpis]]\n[kpis.thresholds]\ntarget = nan", "3:10: must be a finite number"),
        ('kpis = []\n"é" = { x = 1 }\n[odd]', "3:2: 'odd' is no key of a definition file"),
        ("kpis = " + "[" * 5000, "1:1: is nested too deeply"),
    ],
)
def test_a_fault_of_toml_is_told_where_it_stands(written, text, fault):
    """TOML has places as YAML has, in characters and not in bytes."""
    faults = faults_of(written(text, "kpis.toml"))

    assert any(each.startswith(f"kpis.toml:{fault}") for each in faults), faults


@pytest.mark.parametrize(
    ("written_as", "place"),
    [
        ("amuont > 1", "14:14"),
        ("'amuont > 1'", "14:15"),
        ('"returned AND amuont > 1"', "14:28"),
        ("'returned AND region = ''a'' AND amuont > 1'", "14:14"),
        ("|\n        returned AND\n          amuont > 1", "16:11"),
        (">\n        returned AND\n        amuont > 1", "14:14"),
        ('"\\x61muont > 1"', "14:14"),
    ],
)
def test_a_column_that_is_unknown_is_found_in_its_line(written, written_as, place):
    """In every way of writing a text; where it is folded or escaped, its start must do."""
    rest = f"    simple:\n      count: orders\n      where: {written_as}\n"
    path = written(f"{DATASETS}kpis:\n{HEAD}{rest}")

    assert faults_of(path)[0].startswith(
        f"kpis.yaml:{place}: There is no column 'amuont' of 'orders'"
    )


def test_words_of_older_yaml_are_texts(written):
    """``no`` is Norway's code and no truth value; dates are texts until a column types them."""
    text = """\
    simple: {count: orders, where: region = 'no'}
    examples:
      - rows: {orders: [{region: no, placed_at: 2026-01-02}, {region: on}]}
        where: {region: no}
        value: 1
    """
    (kpi,) = read_kpis(written(f"{DATASETS}kpis:\n{HEAD}{text}"))

    assert kpi.examples[0].rows["orders"][0]["region"] == "no"
    assert kpi.examples[0].where == {"region": "no"}


def test_aliases_that_multiply_are_cut_short(written):
    """Nine lines that stand for a thousand million values are no definition."""
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]" for a, b in pairwise("abcdefghi")]

    faults = faults_of(written("\n".join(lines)))

    assert any("holds more than 200000 values" in fault for fault in faults)


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("kpis.json", b"{}", "is no definition file: its name must end in .yaml, .yml or .toml"),
        ("kpis.yaml", b"kpis: \xff", "byte 6 is not UTF-8; save the file as UTF-8"),
        ("kpis.toml", None, "cannot be read: No such file or directory"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_fault(tmp_path, name, content, fault):
    """With its name, and without a traceback."""
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)

    assert faults_of(path) == [f"{name}:1:1: {fault}"]


def test_a_byte_order_mark_is_no_fault(tmp_path, written):
    """Editors on Windows put one first."""
    text = a_kpi("simple: {count: orders}")
    path = tmp_path / "kpis.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())

    assert read_kpis(path) == read_kpis(written(text, "plain.yml"))


def test_two_files_may_not_say_one_thing_twice(written):
    """A dataset or a KPI of one name in two files: each is told where the other stands."""
    text = a_kpi("simple: {count: orders}")

    faults = faults_of(written(text, "a.yaml"), written(text, "b.yaml"))

    assert faults == [
        "b.yaml:2:3: the dataset 'orders' is declared at a.yaml:2:3 too",
        "b.yaml:7:9: the KPI 'SHOP-001' is defined at a.yaml:7:9 too",
    ]


def test_a_file_that_reads_a_faulty_dataset_of_another_says_so(written):
    """Its KPIs are missing, and it must not look as if it had none."""
    tables = written("datasets: {orders: {columns: {a: whole}}}", "tables.yaml")
    kpis = written(f"kpis:\n{HEAD}    simple: {{count: orders}}\n", "rates.yaml")

    faults = faults_of(tables, kpis)

    assert faults[1] == (
        "rates.yaml:7:21: the dataset 'orders' has faults, told at tables.yaml:1:12"
    )


def test_a_place_in_a_text_is_that_of_its_character():
    """Also at the end of a line; beyond the text, where it starts must do."""
    node = Node("ab\ncd", Place("kpis.yaml", 3, 7), raw="|\n  ab\n  cd\n")

    assert [str(node.within(offset)) for offset in (0, 2, 3, 5, 99)] == [
        "kpis.yaml:4:3",
        "kpis.yaml:4:5",
        "kpis.yaml:5:3",
        "kpis.yaml:5:5",
        "kpis.yaml:3:7",
    ]
