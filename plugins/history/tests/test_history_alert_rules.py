"""Rules of alerts: what settings may say, which KPIs that is, and that no address is shown."""

import attrs
import pytest

from kpisdk import Governance, Settings, SettingsError
from kpisdk.command_line import Installation
from kpisdk_history.alerts.rules import AlertRule, scheme_of
from kpisdk_history.alerts.watching import faults, watched
from kpisdk_history.settings import history_settings


def settings_of(folder, text, **environ):
    """The settings of a file."""
    (folder / "kpisdk.toml").write_text(text)
    return Installation(folder, environ).settings


def test_a_rule_has_defaults_that_do_not_flap(tmp_path):
    """Two runs in a row open an alert, and two clear it."""
    rule = history_settings(
        settings_of(tmp_path, '[plugins.history.alerts.money]\nkpis = ["A-1"]\n')
    ).alerts["money"]

    assert rule == AlertRule(kpis=("A-1",))
    assert (rule.on, rule.after, rule.clear_after, rule.only_decided) == (
        ("critical",),
        2,
        2,
        False,
    )


def test_all_faults_of_all_rules_are_told_at_once(tmp_path):
    """One error, each fault at its path, and no address in any."""
    settings = settings_of(
        tmp_path,
        """
        [plugins.history.alerts.one]
        on = ["critical", "sad"]
        after = 0
        notify = ["slack://s3cret/hook", "s3cret without a service"]
        nottify = []

        [plugins.history.alerts.two]
        workstream = " "
        clear_after = "often"
        on = []
        """,
    )

    with pytest.raises(SettingsError) as caught:
        history_settings(settings)

    path = "plugins.history.alerts"
    assert {problem.where for problem in caught.value.problems} == {
        f"{path}.one.on[1]",
        f"{path}.one.after",
        f"{path}.one.notify",
        f"{path}.one.nottify",
        f"{path}.one.kpis",
        f"{path}.two.workstream",
        f"{path}.two.clear_after",
        f"{path}.two.on",
    }
    told = str(caught.value)
    assert "entry 2 is no address; write SERVICE://…, such as slack://${SLACK_HOOK}" in told
    assert "must be 1 run or more; it is 0" in told
    assert "must be one of critical, warning, unknown, stale, restated, changed" in told
    assert "s3cret" not in told


def test_a_rule_that_watches_nothing_is_refused_where_all_else_is_right(tmp_path):
    """Once, and in Python as well."""
    settings = settings_of(tmp_path, '[plugins.history.alerts.one]\non = ["stale"]\n')

    with pytest.raises(SettingsError) as caught:
        history_settings(settings)
    (problem,) = caught.value.problems
    assert str(problem) == (
        "plugins.history.alerts.one.kpis: is missing, and so are workstream and owner: nothing is "
        "watched"
    )


@pytest.mark.parametrize("name", ['"a b"', '""', '"é"', '"a\\nb"', f'"{"x" * 81}"'])
def test_a_name_that_no_command_line_could_hold_is_refused(tmp_path, name):
    """Names are typed, stored and printed."""
    text = f'[plugins.history.alerts.{name}]\nkpis = ["A-1"]\n'

    with pytest.raises(SettingsError, match="is no name of an alert"):
        history_settings(settings_of(tmp_path, text))


def test_the_same_address_twice_is_refused(tmp_path):
    """It would get every digest once anyway."""
    text = '[plugins.history.alerts.a]\nkpis = ["A-1"]\nnotify = ["json://h/x", "json://h/x"]\n'

    with pytest.raises(SettingsError, match="entry 2 is there before; name each address once"):
        history_settings(settings_of(tmp_path, text))


def test_no_address_is_ever_shown(tmp_path):
    """Neither one from a variable nor one that somebody wrote into the file."""
    settings = settings_of(
        tmp_path,
        "[plugins.history.alerts.a]\nkpis = ['A-1']\n"
        "notify = ['slack://${HOOK}', 'mailto://me:plain-s3cret@example.org', 'json://h/open-path']\n",
        HOOK="s3cret/of/slack",
    )
    own = history_settings(settings)

    shown = " ".join([repr(settings), repr(own), *(repr(each) for each in settings.provenance())])
    assert own.alerts["a"].notify[0] == "slack://s3cret/of/slack"
    assert "<3 addresses>" in repr(own.alerts["a"])
    for secret in ("s3cret", "open-path", "example.org"):
        assert secret not in shown
    assert settings.redact("failed: slack://s3cret/of/slack") == "failed: ***"


def test_a_variable_that_is_not_set_is_told_by_its_name(tmp_path):
    """As everywhere in the settings."""
    text = "[plugins.history.alerts.a]\nkpis = ['A-1']\nnotify = ['slack://${NOT_THERE}']\n"

    with pytest.raises(SettingsError, match="needs the environment variable 'NOT_THERE'"):
        settings_of(tmp_path, text)


@pytest.mark.parametrize(
    ("target", "scheme"),
    [
        ("slack://a/b", "slack"),
        ("MAILTO://x", "mailto"),
        ("a+b.c-d://x", "a+b.c-d"),
        ("slack://", None),
        ("slack:/x", None),
        ("://x", None),
        ("json://a b", None),
        ("json://a\x00b", None),
    ],
)
def test_an_address_begins_with_a_service(target, scheme):
    """Which of them there are is known when one is sent to."""
    assert scheme_of(target) == scheme


@pytest.fixture
def kpis(bakeries):
    """Three KPIs: two of a workstream, of which one has an owner."""
    one = bakeries.punctuality()
    owned = attrs.evolve(one, id="BAKERY-002", governance=Governance(owner="Ada"))
    other = attrs.evolve(one, id="SHOP-001", workstream="shop", governance=Governance(owner="Bob"))
    return {each.id: each for each in (one, owned, other)}


@pytest.mark.parametrize(
    ("rule", "ids"),
    [
        ({"kpis": ("bakery-001",)}, {"BAKERY-001"}),
        ({"workstream": "Bakery"}, {"BAKERY-001", "BAKERY-002"}),
        ({"owner": "ada"}, {"BAKERY-002"}),
        ({"workstream": "bakery", "owner": "Bob"}, set()),
        ({"kpis": ("BAKERY-002", "SHOP-001"), "owner": "Bob"}, {"SHOP-001"}),
    ],
)
def test_a_rule_watches_the_kpis_that_fit_all_it_names(kpis, rule, ids):
    """Selectors narrow one another; case makes no difference."""
    assert watched(AlertRule(**rule), kpis) == ids


def test_names_that_nobody_knows_are_told_with_the_nearest(kpis):
    """And what is left is watched."""
    rules = {
        "a": AlertRule(kpis=("BAKERY-001", "SHOP-01")),
        "b": AlertRule(owner="Adda", workstream="nowhere"),
        "c": AlertRule(workstream="bakery", owner="Bob"),
        "d": AlertRule(workstream="bakery"),
    }

    first, second, third = faults(rules, kpis)

    assert first == (
        "Alert 'a' names the KPI 'SHOP-01', which is not installed (did you mean 'SHOP-001'?); "
        "the others are watched."
    )
    assert second == (
        "Alert 'b' names the workstream 'nowhere', which is not installed and the owner 'Adda', "
        "which is not installed (did you mean 'Ada'?); it watches nothing."
    )
    assert third == "Alert 'c' watches nothing: no KPI fits all that it names."


def test_without_rules_nothing_is_watched():
    """And the settings are as they were."""
    assert history_settings(Settings()).alerts == {}
