"""A report as an Atom feed (RFC 4287): one entry for each result, for whatever reads feeds."""

import hashlib
import re
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from kpisdk import Report, Result

NAMESPACE = "http://www.w3.org/2005/Atom"
# XML 1.0 has no form for these characters, escaped or not; a reader refuses the whole feed.
_UNSAYABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def render(report: Report) -> str:
    """The feed's XML, with full precision; a value that is not there is said, and is no zero."""
    ET.register_namespace("", NAMESPACE)
    feed = ET.Element(f"{{{NAMESPACE}}}feed")
    name = "kpisdk" if report.source is None else report.source.name
    synthetic = report.source is not None and report.source.synthetic
    _add(feed, "title", f"KPIs of {name}{' (synthetic data)' if synthetic else ''}")
    _add(feed, "id", _urn(name))
    _add(feed, "updated", _instant(max(map(_updated, report.results), default=_EPOCH)))
    _add(_add(feed, "author"), "name", "kpisdk")
    for result in report.results:
        _entry(feed, result)
    ET.indent(feed)
    return ET.tostring(feed, encoding="unicode", xml_declaration=True) + "\n"


def _entry(feed: ET.Element, result: Result) -> None:
    where = "".join(f" {column}={value}" for column, value in result.slice.items())
    subject = f"{result.kpi_id}{where}{f' {result.period}' if result.period else ''}"
    value = "absent" if result.value is None else f"{result.value!r} {result.unit.value}"
    entry = _add(feed, "entry")
    _add(entry, "title", f"{result.status.value}: {result.name} is {value}")
    # Readers show an entry again when its id is new: so it holds what the status depends on.
    _add(entry, "id", _urn(f"{subject} {result.status.value} {result.data_through}"))
    _add(entry, "updated", _instant(_updated(result)))
    _add(entry, "category").set("term", result.status.value)
    reason = "" if result.reason is None else f" {result.reason.value}: {result.message or ''}"
    _add(entry, "content", f"{subject} {value}.{reason.rstrip(': ')}")


def _updated(result: Result) -> datetime:
    return result.computed_at or _EPOCH


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _urn(text: str) -> str:
    return f"urn:sha256:{hashlib.sha256(text.encode(errors='surrogatepass')).hexdigest()}"


def _add(parent: ET.Element, name: str, text: str | None = None) -> ET.Element:
    child = ET.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    child.text = None if text is None else _UNSAYABLE.sub("\ufffd", text)
    return child
