"""Forms of the sentences on what looks like a bug, by probe; see ``sentence_forms`` for slots."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["BUG_FORMS"]

BUG_FORMS: Mapping[str, tuple[str, ...]] = {
    "shifted columns": (
        (
            "What users took next is foretold by the score of the item that stands one place "
            "{side:after|before} it in the catalogue for {control:amount} of users, and by "
            "its own for {figure:estimate}{alarm:?: ids seem to be shifted by one}."
        ),
        (
            "What users took next is foretold by the score of the item itself for "
            "{figure:estimate} of users, and {beside:no better|not clearly better} by that of "
            "the items beside it in the catalogue."
        ),
    ),
    "padding": (
        (
            "{titles:text} in front of a short history changes no score, and each of "
            "{heard:amount} other items does{alarm:?: short histories seem to be filled up "
            "with it}."
        ),
        (
            "{figure:amount} of {n:amount} items in front of a history of one item change no "
            "score, so that it cannot be told whether padding is read as an item."
        ),
        (
            "{all_figure:Each} of {n:amount} {:item|items} that were put in front of a "
            "history of one item changes scores: none of them is taken for padding."
        ),
    ),
    "leakage": (
        (
            "The item that was kept from training is in the first ten for {figure:estimate} "
            "of users, an item that was trained on for {control:estimate}, and another user's "
            "held-out item for {shuffled:amount}{alarm:?: the recommender seems to have seen "
            "what it is tested on}."
        ),
        "No user has a held-out item that can be ranked, so that leakage cannot be told.",
    ),
    "history ignored": (
        (
            "An empty history gets {figure:estimate} of the first ten that users get{alarm:?: "
            "what a user did changes nothing}."
        ),
    ),
    "last item only": (
        (
            "The last item alone gets {figure:estimate} of the first ten{alarm:?: no earlier "
            "item changes anything}."
        ),
        "No user has more than one item, so that it cannot be told what earlier ones do.",
    ),
    "equal scores": (
        (
            "Of the first ten places {figure:estimate} are held by items of equal "
            "score{alarm:?: there the order is anybody's}."
        ),
        "No user has two candidates to compare.",
    ),
    "wrong user": (
        (
            "What users took next is foretold by their own answers {often} by another user's: "
            "{figure:estimate} against {control:amount} of moments{alarm:?: the answers seem "
            "to be given to the wrong users, or to rest on nothing}."
        ),
    ),
    "reversed order": (
        (
            "Read backwards, histories foretell the next item {better} as they are: for "
            "{control:amount} against {figure:estimate} of moments."
        ),
    ),
    "order unread": (
        (
            "The order of a history changes {all_figure:no item} of any list{alarm:?, though "
            "it is meant to read the order}."
        ),
        "After a history in random order {figure:estimate} of the first ten stay.",
    ),
    "duplicates": (
        (
            "{none_figure:No} two of {n:amount} items get the same scores after "
            "{histories:amount} {:history|histories}."
        ),
        (
            "{figure:amount} {:item|items} in {groups:amount} {:group|groups} get the same "
            "scores after each of {histories:amount} histories{quiet:?, all but one of each "
            "group with next to no interactions}: the recommender cannot tell them apart."
        ),
    ),
    "recommended to all": (
        (
            "{most:amount} {:item|items} {:is|are} in the first ten of at least "
            "{floor:amount} of the users who have not had {:it|them}; {title:name} of "
            "{figure:amount}."
        ),
        (
            "No item is in nearly everybody's list: the most frequent one, {title:name}, is "
            "in the first ten of {figure:amount} of the users who have not had it."
        ),
        "Too few users have not had an item to say in how many lists it is.",
    ),
    "silent attribute": (
        (
            "{some_figure:None} of the {known:amount} known items of {attribute:text} "
            "{value:name} is ranked by what users did: its score never moves, or no history "
            "brings it out of the last quarter."
        ),
        (
            "{none_figure:Of each} of {values:amount} {:attribute value|attribute values} "
            "some item is ranked by what users did."
        ),
        "The items have no attribute that three known items share.",
    ),
    "unreachable items": (
        (
            "{listed:amount} of {items:amount} items are among the first ten of some of "
            "{users:amount} {:user|users}; {figure:amount} {:item|items} (each with "
            "{most:amount} interactions or fewer) never leave the last quarter of the list, "
            "not even for users who did take them."
        ),
        (
            "{listed:amount} of {items:amount} items are among the first ten of some of "
            "{users:amount} {:user|users}, and {none_figure:every item} that was asked about "
            "leaves the last quarter of some list."
        ),
    ),
    "deaf items": (
        (
            "{figure:estimate} of {n:amount} items rank hardly higher for users who took them "
            "next than for others (in under {limit:amount} of pairs); the middle item does in "
            "{middle:amount} of pairs{alarm:?: their scores do not go with what users did}."
        ),
        "No item was taken often enough to be ranked for those who took it.",
    ),
    "own like": (
        (
            "{away:amount} of {n:amount} {:item|items} push down, when they are added to a "
            "history, what users take right after them."
        ),
        "No item is followed by another often enough to say what it does to its like.",
    ),
}
