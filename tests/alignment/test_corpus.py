from __future__ import annotations

import csv
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
from datasets import load_from_disk
from safetensors.numpy import load_file

from recexplainer.alignment.corpus import build_training, evaluation_examples
from recexplainer.alignment.examples import load_examples, save_examples
from recexplainer.alignment.history_reconstruction import HistoryReconstruction
from recexplainer.alignment.instruction_following import (
    InstructionFollowing,
    InstructionFollowingOptions,
)
from recexplainer.alignment.interest_classification import InterestClassification, InterestOptions
from recexplainer.alignment.item_discrimination import (
    ItemDiscrimination,
    ItemDiscriminationOptions,
)
from recexplainer.alignment.item_ranking import ItemRanking
from recexplainer.alignment.next_item_retrieval import NextItemRetrieval
from recexplainer.alignment.rationale import Rationale, RationaleOptions
from recexplainer.alignment.schedule import balance_shares, item_passes, times_asked
from recexplainer.errors import CapabilityError, ConfigError, StageError
from recexplainer.oracle import questions as oracle_asking
from recexplainer.records import (
    ITEM_MARK,
    USER_MARK,
    Catalogue,
    Context,
    Item,
    SilentProgress,
)

FORMS = ("behavior", "intention", "combined")
GAMES = Path(__file__).parents[2] / "../shared/data/games"


def all_tasks(world, weight=1.0):
    return [
        (NextItemRetrieval(), weight),
        (ItemRanking(), weight),
        (InterestClassification(), weight),
        (ItemDiscrimination(ItemDiscriminationOptions(), world.kit), weight),
        (InstructionFollowing(InstructionFollowingOptions()), weight),
        (HistoryReconstruction(), weight),
        (Rationale(RationaleOptions(causeless_share=1), world.kit), weight),
    ]


def build(world, folder, tasks, forms=FORMS, seed=1, **changes):
    given = {
        "contexts": world.train,
        "excluded": world.excluded,
        "target": world.target,
        "catalogue": world.catalogue,
        "progress": SilentProgress(),
    }
    return build_training(tasks, folder=folder, forms=forms, seed=seed, **(given | changes))


def rows_of(folder):
    return load_from_disk(str(folder / "train")).to_list()


@pytest.fixture(scope="module")
def built(world, tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    report = build(world, folder, all_tasks(world))
    return folder, report, rows_of(folder)


def test_counts_follow_the_papers_arithmetic(world, built):
    """Per user of n interactions: n - 2 prefixes; two items to classify."""
    _, report, _ = built
    prefixes = sum(len(history) - 2 for history in world.histories.values())
    expected = {
        "next_item_retrieval": prefixes,
        "item_ranking": prefixes,
        "interest_classification": 2 * len(world.histories),
        "history_reconstruction": prefixes,
        "rationale": 2 * prefixes,
    }
    assert {task: report.examples[task] for task in expected} == expected
    assert report.contexts == prefixes


def test_the_report_counts_what_is_on_disk(built):
    _, report, rows = built
    on_disk = defaultdict(Counter)
    for row in rows:
        on_disk[row["task"]][row["form"]] += 1
    assert report.rows == {task: dict(counts) for task, counts in on_disk.items()}
    distinct = {task: len({r["id"] for r in rows if r["task"] == task}) for task in report.rows}
    assert report.examples == distinct
    assert set(report.rows["history_reconstruction"]) == {"intention"}
    assert report.rows["item_ranking"] == dict.fromkeys(FORMS, report.examples["item_ranking"])


@pytest.mark.parametrize("short", ["intention", "named"])
def test_a_share_of_a_task_is_combined(world, built, tmp_path, short):
    """The others are written in the short form; what is kept is as it was, wherever drawn."""
    rows = built[2]
    report = build(
        world,
        tmp_path,
        all_tasks(world),
        forms=(short, "combined"),
        combined_shares={"item_ranking": 0.5, "next_item_retrieval": 0.0},
    )
    few = rows_of(tmp_path)
    counts = {task: report.rows[task].get("combined", 0) for task in report.rows}
    asked = report.examples
    assert counts["next_item_retrieval"] == 0
    expected = 0.5 * asked["item_ranking"]
    assert abs(counts["item_ranking"] - expected) < 4 * (expected / 2) ** 0.5  # four deviations
    assert counts["interest_classification"] == asked["interest_classification"]
    assert counts["rationale"] == asked["rationale"]  # it names titles of the history
    assert report.rows["item_ranking"][short] == asked["item_ranking"]
    whole = {(r["id"], r["form"]): r["texts"] for r in rows if r["task"] == "item_ranking"}
    kept = {
        (r["id"], r["form"]): r["texts"]
        for r in few
        if r["task"] == "item_ranking" and r["form"] != "named"
    }
    assert kept
    assert kept.items() < whole.items()


def test_a_ranking_names_the_items_it_offers_without_the_history(world, tmp_path):
    forms = ("named", "combined")
    build(world, tmp_path, [(ItemRanking(), 1.0)], forms=forms)
    ranked = [row for row in rows_of(tmp_path) if row["form"] == "named"]
    context_of = {context.id: context for context in world.train}
    assert len(ranked) == len(world.train)
    for row in ranked:
        prompt, history = row["texts"][0], context_of[row["id"]].history
        assert all(world.catalogue.titles[item] in prompt for item in row["item_rows"])
        assert not any(world.catalogue.title(item) in prompt for item in history)


def test_skipped_tasks_are_noted(built):
    _, report, _ = built
    (note,) = report.notes
    assert note.startswith("instruction_following: ")


def test_marks_and_rows_match_and_point_at_the_right_vectors(world, built):
    folder, _, rows = built
    vectors = load_file(folder / "vectors.safetensors")
    context_of = {context.id: context for context in world.train}
    assert np.array_equal(vectors["item"], world.target.vectors)
    used = set()
    for row in rows:
        text = "".join(row["texts"])
        assert text.count(USER_MARK) == len(row["context_rows"])
        assert text.count(ITEM_MARK) == len(row["item_rows"])
        turns = len(row["roles"]) // 2 if row["task"] == "rationale" else 1
        assert row["roles"] == ["user", "assistant"] * turns
        if row["form"] == "behavior":
            assert not row["context_rows"] + row["item_rows"]
        for number in row["context_rows"]:
            used.add(number)
            context = context_of[row["id"].split(":")[0]]
            expected = world.target.user_vectors([context.history])[0]
            assert np.allclose(vectors["user"][number], expected)
    assert used == set(range(len(vectors["user"])))


def test_no_answer_is_read_off_a_prompt_that_must_not_show_it(built):
    _, _, rows = built
    hidden = [
        row
        for row in rows
        if row["task"] == "history_reconstruction" or row["id"].startswith("title:")
    ]
    assert len(hidden) > 100
    for row in hidden:
        assert not any(title in row["texts"][0] for title in row["texts"][1].split("; "))
        assert "Thing" not in row["texts"][0]


def test_causes_are_not_to_be_guessed_from_a_vector_where_titles_are_shown_too(world, tmp_path):
    tasks = [(Rationale(RationaleOptions(causeless_share=1), world.kit), 1.0)]
    mixed = build(world, tmp_path / "mixed", tasks)
    assert set(mixed.rows["rationale"]) == {"behavior", "combined"}
    alone = build(world, tmp_path / "alone", tasks, forms=("intention",))
    assert set(alone.rows["rationale"]) == {"intention"}


def test_only_the_contexts_that_are_used_get_vectors(world, tmp_path):
    before = world.target.asked
    report = build(world, tmp_path, [(InterestClassification(), 1.0)], ("intention",))
    assert report.contexts == world.target.asked - before == len(world.histories)
    assert len(load_file(tmp_path / "vectors.safetensors")["user"]) == len(world.histories)


def test_all_tasks_share_one_question_to_f_per_context(world, tmp_path):
    before = world.target.asked
    build(world, tmp_path, all_tasks(world, 2.5)[:-1])
    assert world.target.asked - before == len(world.train)


def test_the_seed_decides_all_and_the_chunk_size_nothing(world, built, tmp_path, monkeypatch):
    _, report, rows = built
    monkeypatch.setattr(oracle_asking, "_HISTORIES_AT_ONCE", 7)
    assert build(world, tmp_path / "same", all_tasks(world)) == report

    def keyed(rows):
        wanted = ("roles", "texts", "item_rows")
        return {(r["task"], r["id"], r["form"]): [r[name] for name in wanted] for r in rows}

    assert keyed(rows_of(tmp_path / "same")) == keyed(rows)
    build(world, tmp_path / "other", all_tasks(world), seed=2)
    assert keyed(rows_of(tmp_path / "other")) != keyed(rows)


@pytest.mark.parametrize("weight", [0.1, 0.3, 1.0, 2.4])
def test_weights_are_multiples_of_the_contexts(world, tmp_path, weight):
    tasks = [(NextItemRetrieval(), weight), (InterestClassification(), weight)]
    report = build(world, tmp_path, tasks, ("behavior",))
    assert report.examples.get("next_item_retrieval", 0) == round(weight * len(world.train))
    users = len(world.histories)
    assert report.examples.get("interest_classification", 0) == 2 * round(weight * users)
    ids = Counter((row["task"], row["id"]) for row in rows_of(tmp_path))
    assert set(ids.values()) <= {1}


def test_repeated_contexts_get_fresh_candidates(world, tmp_path):
    build(world, tmp_path, [(ItemRanking(), 2.0)], ("behavior",))
    texts = defaultdict(set)
    for row in rows_of(tmp_path):
        texts[row["id"].split("#")[0]].add(row["texts"][1])
    assert {len(found) for found in texts.values()} == {2}


def test_per_user_tasks_take_each_users_last_prefix_first(world):
    once = times_asked(InterestClassification(), 1.0, world.train, seed=0)
    assert once.max() == 1
    ends = {world.train[row].user: world.train[row].end for row in np.flatnonzero(once)}
    assert ends == {user: len(history) - 2 for user, history in world.histories.items()}
    thrice = times_asked(InterestClassification(), 3.0, world.train, seed=0)
    assert (thrice >= once).all()
    assert thrice.sum() == 3 * len(world.histories)


@pytest.mark.parametrize(("weight", "parts"), [(0.25, [0.25]), (1, [1]), (2.5, [1, 1, 0.5])])
def test_item_examples_are_repeated_by_weight(world, tmp_path, weight, parts):
    assert item_passes(weight) == parts
    task = ItemDiscrimination(ItemDiscriminationOptions(facets=["similar"]), world.kit)
    report = build(world, tmp_path, [(task, weight)])
    wanted = round(weight * len(world.catalogue))
    assert report.examples.get("item_discrimination", 0) == wanted
    assert len({row["id"] for row in rows_of(tmp_path)}) == wanted


@pytest.mark.parametrize("weight", [0.0, 1.0])
def test_a_corpus_without_examples_is_refused(world, tmp_path, weight):
    task = InstructionFollowing(InstructionFollowingOptions())
    with pytest.raises(ConfigError, match="no examples to learn from") as error:
        build(world, tmp_path, [(NextItemRetrieval(), 0.0), (task, weight)])
    assert "instruction_following" in str(error.value)
    assert list(tmp_path.iterdir()) == []
    assert not times_asked(NextItemRetrieval(), 0.0, world.train, seed=0).any()
    assert item_passes(0.0) == []


def test_an_older_corpus_is_replaced_and_nothing_else_is_left(world, tmp_path):
    for seed in (1, 2):
        build(world, tmp_path, [(NextItemRetrieval(), 0.2)], seed=seed)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["train", "vectors.safetensors"]


def test_without_vectors_only_behavior_is_possible(world, tmp_path):
    task = [(NextItemRetrieval(), 1.0)]
    with pytest.raises(CapabilityError, match="behavior"):
        build(world, tmp_path, task, target=world.scores_only)
    report = build(world, tmp_path, task, ("behavior",), target=world.scores_only)
    assert report.rows == {"next_item_retrieval": {"behavior": len(world.train)}}
    assert not (tmp_path / "vectors.safetensors").exists()


@pytest.mark.parametrize("fault", ["shape", "nan"])
def test_unusable_scores_stop_the_build_and_leave_no_corpus(world, tmp_path, fault, monkeypatch):
    right = world.target.scores

    def wrong(histories):
        scores = right(histories)
        return scores[:, :-1] if fault == "shape" else scores * np.nan

    monkeypatch.setattr(world.target, "scores", wrong)
    with pytest.raises(StageError, match=r"finite|shape"):
        build(world, tmp_path, [(NextItemRetrieval(), 1.0)])
    assert list(tmp_path.iterdir()) == []


def evaluated(world, tasks, seed=1, contexts=None):
    return evaluation_examples(
        tasks,
        contexts=world.evaluated if contexts is None else contexts,
        excluded=world.excluded,
        target=world.target,
        catalogue=world.catalogue,
        seed=seed,
        progress=SilentProgress(),
    )


def test_measured_tasks_give_examples_about_every_evaluated_context(world, unseen_order):
    examples = evaluated(world, [task for task, _ in all_tasks(world)])
    users = len(world.histories)
    assert Counter(example.task for example in examples) == {
        "next_item_retrieval": users,
        "item_ranking": users,
        "interest_classification": 2 * users,
        "history_reconstruction": users,
    }
    for example in examples:
        if example.task == "next_item_retrieval":
            context = world.evaluated[example.turns[0].content[1].context]
            assert example.reference == (unseen_order(context)[0],)
    assert examples == evaluated(world, [task for task, _ in all_tasks(world)])


def test_what_has_no_right_answer_is_not_shown_as_one(world):
    """In-context examples are about training contexts, where undecided items are learned too."""
    task = InterestClassification(InterestOptions(softness=0.5))
    examples = evaluated(world, [task], contexts=world.train)
    assert 0.7 < len(examples) / (2 * len(world.train)) < 0.9
    assert {example.reference for example in examples} == {("Yes",), ("No",)}


def test_f_is_asked_with_all_earlier_items_struck_out(world, built):
    """Also those before the history that the target reads; 13 interactions, of which it reads 5."""
    _, _, rows = built
    before = {context.id: set(world.excluded(context)) for context in world.train}
    offered = [r for r in rows if r["task"] == "item_ranking" and r["form"] == "intention"]
    assert len(offered) == len(world.train)
    assert max(map(len, before.values())) > 5
    for row in offered:
        assert not before[row["id"]] & {world.catalogue.ids[item] for item in row["item_rows"]}


def test_examples_survive_the_disk(world, tmp_path):
    examples = evaluated(world, [task for task, _ in all_tasks(world)])
    save_examples(examples, tmp_path / "examples.jsonl")
    assert load_examples(tmp_path / "examples.jsonl") == examples


@pytest.mark.skipif(not GAMES.is_dir(), reason="the development data are not here")
def test_games_counts_are_the_papers_table_4_arithmetic(world, tmp_path):
    """On the paper's own log these sums are 23,870 and 7,802; this is nearly the same log."""
    with (GAMES / "interactions.csv").open(encoding="utf-8") as file:
        histories = defaultdict(list)
        for row in csv.DictReader(file):
            histories[row["user_id"]].append(row["item_id"])
    ids = sorted({item for history in histories.values() for item in history})
    catalogue = Catalogue([Item(item, f"Game {item}") for item in ids])
    vectors = np.random.default_rng(0).standard_normal((len(ids), 4)).astype(np.float32)
    contexts = [
        Context(user, end, tuple(history[max(0, end - 9) : end]), "train")
        for user, history in histories.items()
        for end in range(1, len(history) - 1)
    ]
    tasks = [(NextItemRetrieval(), 1), (ItemRanking(), 1), (InterestClassification(), 1)]
    report = build(
        world,
        tmp_path,
        [*tasks, (HistoryReconstruction(), 1)],
        ("intention",),
        contexts=contexts,
        excluded=lambda context: histories[context.user][: context.end],
        target=type(world.target)(catalogue, vectors),
        catalogue=catalogue,
    )
    interactions, users = sum(map(len, histories.values())), len(histories)
    assert (users, interactions) == (3_901, 30_946)
    assert report.examples == {
        "next_item_retrieval": interactions - 2 * users,
        "item_ranking": interactions - 2 * users,
        "interest_classification": 2 * users,
        "history_reconstruction": interactions - 2 * users,
    }


MIX = [(NextItemRetrieval(), 0.13), (ItemRanking(), 0.38), (InterestClassification(), 13.0)]
NAMES = {task.name for task, _ in MIX}


def questions(tasks, contexts, users):
    """How often each task asks, by what a weight means."""
    return {t.name: weight * (users if t.per_user else contexts) for t, weight in tasks}


@pytest.mark.parametrize(("contexts", "users"), [(20_632, 3_511), (990_000, 6_000), (600, 100)])
def test_tasks_about_users_are_met_halfway(contexts, users):
    """How often they ask for one other question: the mean of here and ml-100k, as logarithms."""
    about_users = "interest_classification"

    def odds(asked):
        return np.log(asked[about_users] / (sum(asked.values()) - asked[about_users]))

    before = questions(MIX, contexts, users)
    after = questions(balance_shares(MIX, NAMES, contexts, users), contexts, users)
    there = odds(questions(MIX, 103_000, 1_000))
    assert odds(after) == pytest.approx((odds(before) + there) / 2)
    assert sum(after.values()) == pytest.approx(sum(before.values()))
    others = [after[name] / before[name] for name in NAMES - {about_users}]
    assert max(others) == pytest.approx(min(others))


def test_where_users_have_as_many_contexts_nothing_changes():
    kept = balance_shares(MIX, NAMES, 103_000, 1_000)
    assert [weight for _, weight in kept] == pytest.approx([weight for _, weight in MIX])


def test_weights_that_are_given_stay():
    kept = balance_shares(MIX, NAMES - {"item_ranking"}, 20_632, 3_511)
    assert {task.name: weight for task, weight in kept}["item_ranking"] == 0.38
    before, after = questions(MIX, 20_632, 3_511), questions(kept, 20_632, 3_511)
    assert sum(after.values()) == pytest.approx(sum(before.values()))


@pytest.mark.parametrize(("adapted", "contexts"), [((), 20_632), (NAMES, 0)])
def test_nothing_to_adapt_is_no_error(adapted, contexts):
    assert balance_shares(MIX, adapted, contexts, 0) == MIX


def test_a_corpus_asks_as_often_as_the_adapted_weights_say(world, tmp_path):
    users = len({context.user for context in world.train})
    report = build(world, tmp_path / "adapted", MIX, forms=("behavior",), adapted=NAMES)
    wanted = questions(balance_shares(MIX, NAMES, len(world.train), users), len(world.train), users)
    examples = {"next_item_retrieval": 1, "item_ranking": 1, "interest_classification": 2}
    for name, count in wanted.items():
        assert report.examples[name] == pytest.approx(count * examples[name], abs=examples[name])


@pytest.mark.parametrize("forms", [FORMS, ("intention", "combined"), ("named", "combined")])
def test_a_corpus_has_about_the_wanted_size_and_equal_tasks(world, tmp_path, forms):
    build(world, tmp_path, all_tasks(world), forms=forms, wanted=420)
    rows = rows_of(tmp_path)
    assert len(rows) == pytest.approx(420, rel=0.15)
    tasks = Counter(row["task"] for row in rows)
    assert len(tasks) == 6  # nobody gave conversations to task 5
    assert all(count == pytest.approx(70, rel=0.3) for count in tasks.values())


def test_a_part_of_a_drawn_corpus_is_that_part(world, tmp_path):
    build(world, tmp_path, all_tasks(world), wanted=600, share=0.5)
    assert len(rows_of(tmp_path)) == pytest.approx(300, rel=0.25)
