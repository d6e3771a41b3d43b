"""What can be seen of a plugin without any rows: hooks, identities, thresholds, texts, tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kpisdk.contracts.calculators import Calculator, options_of
from kpisdk.contracts.datasets import NAME_PATTERN, Dataset
from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.metrics import Ratio
from kpisdk.contracts.vocabulary import Unit
from kpisdk.errors import KpisdkError, listed
from kpisdk.registry.fingerprint import fingerprint
from kpisdk.registry.kpi_dictionary import FIELDS, REQUIRED, dictionary_row
from kpisdk.testing.benches import Bench
from kpisdk.testing.checks.applying import DoesNotApplyError, Faults, NotProvedError


def hooks(bench: Bench) -> Faults:
    """Every hook exists, is marked, and answers with the records that it is for."""
    plugin = bench.subject.plugin
    if plugin.error is not None:
        yield f"The plugin could not be loaded as it is. {plugin.error}"
    elif not any(plugin.implements(hook) for hook in _HOOKS):
        yield (
            f"The plugin {plugin.name!r} implements no hook, so it brings nothing. "
            "Mark a function such as kpisdk_kpis with @hookimpl."
        )


_HOOKS = (
    "kpisdk_kpis",
    "kpisdk_sources",
    "kpisdk_engines",
    "kpisdk_caches",
    "kpisdk_reports",
    "kpisdk_commands",
    "kpisdk_methods",
    "kpisdk_translations",
    "kpisdk_settings",
    "kpisdk_addhooks",
    "kpisdk_computed",
    "kpisdk_remarks",
)


def ids_and_names(bench: Bench, kpi_id: str) -> Faults:
    """The id is the KPI's alone, and its names and texts are ready to be shown."""
    kpi, subject = bench.subject.kpis[kpi_id], bench.subject
    conflict = subject.registry.conflict(kpi_id)
    if conflict is not None and type(conflict).__name__ == "KpiConflictError":
        yield conflict.message
    twins = [each for each in subject.kpis.values() if each.slug == kpi.slug and each is not kpi]
    if twins:
        names = listed(each.id for each in twins)
        yield f"Its slug {kpi.slug!r} is also that of {names}; give each KPI a name of its own."
    for field in ("name", "definition", "formula", "version"):
        text = getattr(kpi, field)
        if text != text.strip() or not text:
            yield f"Its {field} {text!r} is empty, or has spaces around it."
    if "\n" in kpi.name:
        yield f"Its name {kpi.name!r} is more than one line."
    seen: set[str] = set()
    for parameter in kpi.parameters:
        if not NAME_PATTERN.fullmatch(parameter.name):
            yield f"Its parameter {parameter.name!r} is not snake case, so nobody could type it."
        if parameter.name in seen:
            yield f"Its parameter {parameter.name!r} is declared twice."
        if not parameter.description.strip():
            yield f"Its parameter {parameter.name!r} has no description: say what it means."
        seen.add(parameter.name)


def thresholds(bench: Bench, kpi_id: str) -> Faults:
    """Target, warning and critical are values that the KPI can take."""
    kpi = bench.subject.kpis[kpi_id]
    if kpi.thresholds is None:
        raise DoesNotApplyError(f"{kpi_id} has no thresholds")
    bounds = (kpi.thresholds.target, kpi.thresholds.warning, kpi.thresholds.critical)
    ways = [option.calculation for option in options_of(kpi.calculation)]
    if kpi.unit is Unit.RATIO and all(_is_share(way) for way in ways) and max(bounds) > 1:
        yield (
            f"The thresholds {bounds} of a share reach above 1. A ratio is a fraction, not per "
            f"cent: write {max(bounds) / 100:g} for {max(bounds):g} %."
        )
    if kpi.unit in _NEVER_NEGATIVE and min(bounds) < 0:
        yield f"The thresholds {bounds} reach below 0, which {kpi.unit.value} cannot."


_NEVER_NEGATIVE = (Unit.COUNT, Unit.HOURS, Unit.PSI)


def _is_share(way: object) -> bool:
    """Whether a calculation is a count over a count of the same rows."""
    return (
        isinstance(way, Ratio)
        and way.numerator.aggregate.is_count
        and way.denominator.aggregate.is_count
        and way.numerator.relation == way.denominator.relation
    )


def dictionary(bench: Bench, kpi_id: str) -> Faults:
    """The dictionary has what it needs of the KPI, in every language that it is written in."""
    kpi = bench.subject.kpis[kpi_id]
    everybody = {each.id: each.slug for each in bench.subject.registry.kpis.values()}
    for language in (None, *kpi.translations):
        said = "" if language is None else f" in {language!r}"
        for field in sorted(kpi.translations.get(language or "", {}).keys() - {"name", *FIELDS}):
            yield (
                f"Its translation{said} has a field {field!r}, which no dictionary has. "
                f"The fields are {listed(FIELDS, 20)}."
            )
        row = dictionary_row(kpi, language, everybody)
        for field in REQUIRED:
            if not row[field].strip():
                yield f"The dictionary's field {field!r} is empty{said}."
    yield from _guardrails(kpi, everybody)


def _guardrails(kpi: Kpi, everybody: Mapping[str, str]) -> Faults:
    for guardrail in kpi.guardrails:
        if guardrail.kpi_id == kpi.id:
            yield "It names itself as its guardrail."
        elif guardrail.kpi_id not in everybody:
            yield (
                f"It names KPI {guardrail.kpi_id!r} as its guardrail, which no installed plugin "
                "brings: a misspelt id, or a plugin to install beside this one."
            )


def datasets(bench: Bench, kpi_id: str) -> Faults:
    """The tables it reads are declared in one way, by this plugin and by the installed ones."""
    kpi, subject = bench.subject.kpis[kpi_id], bench.subject
    for clash, ids in subject.contract.clashes.items():
        if kpi_id in ids:
            yield f"{clash}. One table has one reading: declare it once and import it."
    conflict = subject.registry.conflict(kpi_id)
    if conflict is not None and type(conflict).__name__ == "DatasetClashError":
        known = [str(clash) for clash, ids in subject.contract.clashes.items() if kpi_id in ids]
        if not known:
            yield conflict.message
    for dataset in kpi.datasets:
        yield from _references(dataset)
    if kpi.own_base is None and not _reads_nothing(kpi):
        yield (
            "It has no table of its own, so it cannot be sliced. Give `base`, or the calculator's "
            "`relation`."
        )


def _references(dataset: Dataset) -> Iterator[str]:
    for reference in dataset.references:
        own = dataset.column(reference.column).type
        key = reference.to.column(reference.to.keys[0])
        if own is not key.type:
            yield (
                f"{dataset.name}.{reference.column} is {own.value} and refers to "
                f"{reference.to.name}.{key.name}, which is {key.type.value}: no row would be found."
            )


def _reads_nothing(kpi: Kpi) -> bool:
    ways = [option.calculation for option in options_of(kpi.calculation)]
    return all(isinstance(way, Calculator) and not way.inputs for way in ways)


def sampling(bench: Bench, kpi_id: str) -> Faults:
    """The record says what its rows are a sample of; what it leaves open is asked for.

    Nothing is wrong with a record that says nothing: a unit that does not exist is refused when the
    record is made. But only its author knows which rows depend on one another.
    """
    kpi = bench.subject.kpis[kpi_id]
    options = options_of(kpi.calculation)
    if not all(kpi.sampling_of(option).is_declared for option in options):
        raise NotProvedError(
            f"{kpi_id} does not say what its rows are a sample of, so its interval counts each of "
            "them as independent. Choose: sampling=sample('patient_id') where rows of one patient "
            "depend on one another (any column), sample_by_day('at'), sample() where each row is "
            "a unit, CENSUS where the rows are all there is, STORED where others computed the "
            "figure."
        )
    yield from ()


def asked_twice(bench: Bench) -> Faults:
    """Asked again, the plugin brings the same KPIs with the same definitions."""
    plugin, known = bench.subject.plugin, bench.subject.kpis
    if not known:
        raise DoesNotApplyError("the plugin brings no KPIs")
    again = {kpi.id: kpi for kpi in plugin.ask("kpisdk_kpis")}
    if sorted(again) != sorted(known):
        yield (
            f"Asked twice, kpisdk_kpis brought {listed(sorted(known))} and then "
            f"{listed(sorted(again))}. Yield the same records every time."
        )
        return
    for kpi_id, kpi in known.items():
        if fingerprint(kpi, "", "") != fingerprint(again[kpi_id], "", ""):
            yield (
                f"Asked twice, kpisdk_kpis brought {kpi_id} with two definitions, so a cache "
                "would never find its results. Make records of constants alone."
            )


def settings(bench: Bench) -> Faults:
    """The plugin works where nobody has written settings for it."""
    subject = bench.subject
    kind = subject.registry.settings_types.get(subject.plugin.name)
    if kind is None:
        raise DoesNotApplyError("the plugin has no settings")
    from kpisdk.settings import Settings

    try:
        Settings().plugin(subject.plugin.name, kind)
    except KpisdkError as error:
        yield (
            f"Without a table [plugins.{subject.plugin.name}] the settings are refused: "
            f"{error.message} Give every field a default."
        )
