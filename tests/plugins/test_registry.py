import warnings
from typing import Any

import pytest
from pydantic import Field

from recexplainer.errors import PluginError, UnknownNameError
from recexplainer.plugins.hookspecs import hookimpl
from recexplainer.plugins.interfaces import Options, Provider
from recexplainer.plugins.manager import load_registry
from recexplainer.records import StageRecord


class Epochs(Options):
    epochs: int = Field(default=3, ge=1)
    loss: str = "ce"


def build(options: Any, kit: Any) -> None:
    return None


def target(name: str, options: type[Options] = Epochs) -> Provider[Any]:
    return Provider(name, build, "a target", options)


class Plugin:
    def __init__(self, name: str, *targets: Provider[Any]) -> None:
        self.__name__, self.targets = name, targets

    @hookimpl
    def recx_register_targets(self) -> tuple[Provider[Any], ...]:
        return self.targets


class Watcher:
    def __init__(self, name: str, failure: BaseException | None = None) -> None:
        self.__name__, self.failure = name, failure
        self.seen: list[StageRecord] = []

    @hookimpl
    def recx_stage_finished(self, record: StageRecord) -> None:
        self.seen.append(record)
        if self.failure:
            raise self.failure


RECORD = StageRecord(name="target", seconds=1.5, peak_rss_mb=10.0)


def test_a_clash_names_both_owners_when_its_kind_is_asked_for() -> None:
    found = load_registry(
        [Plugin("ours", target("sasrec"), target("bpr")), Plugin("theirs", target("sasrec"))],
        entry_points=False,
    )
    assert found.names("judge") == ()
    assert [info.status for info in found.plugins] == ["ok", "ok"]
    for asked in (
        lambda: found.names("target"),
        lambda: found.providers("target"),
        lambda: found.get("target", "bpr"),
        lambda: found.owner("target", "bpr"),
        lambda: found.options("target", "bpr", {}, "target.options"),
    ):
        with pytest.raises(PluginError) as caught:
            asked()
        assert str(caught.value) == (
            "target 'sasrec' is registered by plugin ours and by plugin theirs. Uninstall one of "
            "them, or block it with: RECX_DISABLED_PLUGINS=theirs"
        )


def test_a_plugin_that_claims_a_name_twice_is_named() -> None:
    found = load_registry([Plugin("ours", target("a"), target("a"))], entry_points=False)
    with pytest.raises(PluginError, match="plugin ours registers the target 'a' twice"):
        found.names("target")


def test_one_name_may_be_used_in_two_kinds() -> None:
    class Both:
        @hookimpl
        def recx_register_targets(self) -> list[Provider[Any]]:
            return [target("surrogate")]

        @hookimpl
        def recx_register_explainers(self) -> list[Provider[Any]]:
            return [target("surrogate")]

    found = load_registry([Both()], entry_points=False)
    assert found.names("target") == found.names("explainer") == ("surrogate",)


def test_options_are_validated_by_their_own_class() -> None:
    found = load_registry([Plugin("ours", target("sasrec"))], entry_points=False)
    assert found.options("target", "sasrec", {}, "target.options") == Epochs()
    assert found.options("target", "sasrec", {"epochs": "5"}, "target.options") == Epochs(epochs=5)
    given = {"epochs": 0, "los": "bpr"}
    assert found.options("target", "sasrec", given, "target.options") == [
        "target.options.epochs: must be at least 1, got 0",
        "target.options.los: unknown key; did you mean 'loss'? accepted: loss, epochs",
    ]
    with pytest.raises(UnknownNameError, match="Did you mean 'sasrec'"):
        found.options("target", "sasrek", {}, "target.options")


def test_every_observer_is_told_and_none_can_end_the_run() -> None:
    first, last = Watcher("first"), Watcher("last")
    failing = [Watcher("raising", ValueError("no disk")), Watcher("exiting", SystemExit(3))]
    found = load_registry([first, *failing, last], entry_points=False)
    with pytest.warns(RuntimeWarning) as warned:
        found.stage_finished(RECORD)
    assert [watcher.seen for watcher in (first, *failing, last)] == [[RECORD]] * 4
    assert [str(warning.message) for warning in warned] == [
        (
            "plugin raising failed while it observed the target stage (ValueError: no disk); "
            "the run goes on"
        ),
        "plugin exiting failed while it observed the target stage (SystemExit: 3); the run goes on",
    ]


def test_an_interrupt_goes_through_an_observer() -> None:
    found = load_registry([Watcher("w", KeyboardInterrupt())], entry_points=False)
    with warnings.catch_warnings(), pytest.raises(KeyboardInterrupt):
        found.stage_finished(RECORD)


class Named(Options):
    model: str
    depth: int = 1


def family(name: str) -> Provider[Any]:
    return Provider(name, build, "many models", Named, argument="model")


@pytest.mark.parametrize(
    ("asked", "owner", "model"),
    [("shelf:EASE", "shelf", "EASE"), ("mypkg.models:make", "python", "mypkg.models:make")],
)
def test_what_follows_a_colon_fills_the_option_of_a_part_that_stands_for_many(
    asked: str, owner: str, model: str
) -> None:
    plugin = Plugin("ours", family("shelf"), family("python"), target("plain"))
    found = load_registry([plugin], entry_points=False)
    assert found.get("target", asked).name == owner
    assert found.options("target", asked, {"depth": 2}, "options") == Named(model=model, depth=2)


def test_a_part_that_goes_by_its_name_alone_takes_no_argument() -> None:
    found = load_registry([Plugin("ours", target("plain"))], entry_points=False)
    with pytest.raises(UnknownNameError, match="plain:EASE"):
        found.get("target", "plain:EASE")


def test_what_a_part_can_do_may_depend_on_its_options() -> None:
    def deep(options: Named) -> frozenset[str]:
        return frozenset({"vectors"} if options.depth > 1 else ())

    part = Provider("shelf", build, "", Named, deep, "model")
    assert part.can("vectors", Named(model="EASE", depth=2))
    assert not part.can("vectors", Named(model="EASE"))
    assert target("plain").can("vectors", Epochs()) is False
