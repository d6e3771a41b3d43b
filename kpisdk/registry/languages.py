"""Which languages the installed plugins speak, and which one is meant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.translations import ENGLISH, OWN_LANGUAGE, Language, Translation
from kpisdk.errors import UsageError
from kpisdk.plugins.records import Plugin
from kpisdk.registry.hook_answers import records


@attrs.define(eq=False)
class UnknownLanguageError(UsageError):
    """A language that nothing installed speaks; all there are are named, few as they are."""

    code: str
    known: Sequence[str]

    template = "There is no language {code:quoted}. There are {known:listed}."


@attrs.frozen
class Languages:
    """The languages in which anything is said, and what the plugins say in them.

    Attributes:
        codes: all of them, English first.
        translations: what the plugins bring, in the order in which they came in.
    """

    codes: tuple[str, ...] = (OWN_LANGUAGE,)
    translations: tuple[Translation, ...] = ()

    @classmethod
    def of(cls, plugins: Iterable[Plugin], kpis: Iterable[Kpi]) -> Languages:
        """Those of the plugins' sentences and of the texts in the records of ``kpis``."""
        brought = tuple(
            each
            for plugin in plugins
            for each in records(plugin, "kpisdk_translations", Translation, "language")
        )
        told = {each.language for each in brought}
        told |= {language for kpi in kpis for language in kpi.translations}
        return cls((OWN_LANGUAGE, *sorted(told - {OWN_LANGUAGE})), brought)

    def named(self, code: str) -> Language:
        """The language of that code, such as ``fr``.

        Raises:
            UnknownLanguageError: nothing that is installed speaks it; it names those there are.
        """
        if code not in self.codes:
            raise UnknownLanguageError(code, self.codes)
        return self._of(code)

    def of_environment(self, variable: str) -> Language:
        """The language that ``LANG`` names (``fr_FR.UTF-8``); English where nothing speaks it."""
        code = variable.partition(".")[0].partition("_")[0].partition("@")[0]
        return self._of(code) if code in self.codes else ENGLISH

    def _of(self, code: str) -> Language:
        if code == OWN_LANGUAGE:
            return ENGLISH
        return Language(code, tuple(each for each in self.translations if each.language == code))
