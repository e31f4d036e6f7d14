"""Influence words: they turn, rank or deny what a sentence of ``influence_patterns`` says."""

from __future__ import annotations

import re

from recexplainer.explanation.claims.influence_patterns import (
    AGAINST_ACTIVE,
    AGAINST_NOUN,
    AGAINST_PASSIVE,
    BE,
    DECIDES,
    FOR_ACTIVE,
    FOR_PASSIVE,
    RUN,
    SIGN,
    TARGET,
    THINGS,
    WORD,
)

__all__ = [
    "BETTER",
    "CAUSAL",
    "CONCLUSION",
    "DOWNWARD",
    "EXEMPT",
    "JOINTLY",
    "LEAST_OF_ALL",
    "LESS",
    "NEGATED",
    "NEXT",
    "ORDER",
    "PRONOUN",
    "RANKED",
    "REMOVED",
    "SCORES",
    "SUPERLATIVE",
    "SUPPOSED",
    "UPWARD",
    "WEIGHTY",
    "WORSE",
]

_GONE = (
    r"(?:removed|left\s+out|deleted|dropped|missing|absent|gone|taken\s+(?:away|out)"
    r"|omitted|masked(?:\s+out)?|hidden)"
)

_PLACE = r"(?:(?:rank|place)\s+)?"
SCORES = re.compile(
    rf"(?<![\w.]){_PLACE}(?P<before>[−–-]?\d[\d.,]*)\s+(?:(?:down|up)\s+)?to\s+{_PLACE}"
    r"(?P<after>[−–-]?\d[\d.,]*)(?![\w%])",
    re.IGNORECASE,
)
"""Two numbers that the score goes between."""
CAUSAL = re.compile(
    r"\b(?:because(?!\s+of\b)|since(?!\s+\d)|given\s+that|seeing\s+(?:that|how)|considering\s+that"
    r"|as\s+(?=(?:the|this)\s+(?:user|player|reader|viewer|listener|history)\b|they\b|you\b|s?he\b))",
    re.IGNORECASE,
)
"""Opens a clause that is a reason as a whole."""
CONCLUSION = re.compile(
    r"[\s,;]*(?:and\s+)?(?:(?<!less\s)(?:so|hence|therefore|thus|consequently"
    r"|accordingly)\b(?!\s+(?:far|it\s+is\b|do|does|many))"
    r"|(?:which|that|this)\s+is\s+(?:also\s+)?why\b|for\s+(?:this|that|these|those)\s+reasons?\b"
    r"|(?:because\s+of|due\s+to)\s+(?:this|that|these|those)\b)",
    re.IGNORECASE,
)
"""Begins what follows from the clause before it."""
PRONOUN = re.compile(
    rf"[\s,;]*(?:and\s+)?(?:this|that|which|these)\s+(?:[^\W_]+ly\s+)?(?:(?P<yes>{FOR_ACTIVE})"
    rf"|(?P<no>{AGAINST_ACTIVE})|{DECIDES}|tells\s+us|is\s+what\s+the\s+(?:recommender|model|system)\b)",
    re.IGNORECASE,
)
"""Says which way the clause before it pulls."""
REMOVED = re.compile(
    r"\b(?:without|minus|remov(?:e|ing)|delet(?:e|ing)|drop(?:ping)?|omit(?:ting)?"
    r"|but\s+for|mask(?:ing)?|ablat(?:e|ing)|exclud(?:e|ing)|hid(?:e|ing)|strip(?:ping)?"
    rf"|(?:leav(?:e|ing)|tak(?:e|ing))\s+(?:out|away))\s+{TARGET.replace('?P<run>', '?P<a>')}"
    rf"|\b(?:leav(?:e|ing)|tak(?:e|ing))\s+{TARGET.replace('?P<run>', '?P<b>')}"
    r"\s+(?:out|away|off)\b"
    rf"|\bwith\s+{RUN.replace('?P<run>', '?P<c>')}\s+{_GONE}\b"
    rf"|{RUN.replace('?P<run>', '?P<d>')}\s+(?:{BE}|gets?)\s+(?:[^\W_]+\s+)?{_GONE}\b",
    re.IGNORECASE,
)
"""Leaves titles out; ``WORSE`` or ``BETTER`` says what the score then does."""
WORSE = re.compile(
    r"\b(?:lower(?:s|ed)?|falls?|drops?|costs?|hurts?|declines?|sinks?|los(?:es?|t)|worse"
    r"|worsens?|plummets?|shav(?:es?|ed)|knocks?|takes?\s+(?:[^\s_]+\s+){0,3}?off"
    r"|decreases?|reduces?|down|harms?|weakens?|shrinks?|cuts?)\b"
    r"|(?<![\w.])[−–-]\s?[.\d]",
    re.IGNORECASE,
)
BETTER = re.compile(
    r"\b(?:raises?|rises?|helps?|improves?|climbs?|gains?|higher|better|increases?|up|lifts?"
    r"|benefits?|boosts?|grows?)\b|(?<![\w.])\+\s?[.\d]",
    re.IGNORECASE,
)
NEGATED = re.compile(
    r"_\s+(?:adds?|contributes?|does)\s+nothing\b|_\s+(?:[^\W_]+\s+){0,1}?(?:[^\W_]+n['’]t|not"
    r"|never|neither|hardly|barely|scarcely|cannot|irrelevant)\b"
    r"|\b(?:ignor(?:es?|ed|ing)|read\s+(?:any|no)thing\s+into|regardless\s+of|apart\s+from\s+the\s+fact)\s+_",
    re.IGNORECASE,
)
LEAST_OF_ALL = re.compile(
    r"\b(?:nothing|nobody|no\s+[^\W_]+|none)\b[^_]{0,60}\b(?:more\s+than|as\s+much\s+as|as\s+strongly\s+as)\s",
    re.IGNORECASE,
)
"""Says that what follows is the strongest."""
_POPULAR = (
    r"positive|negative|harmful|helpful|to|by|from|because|due|thanks|is|are|was|were|on|for|against"
    r"|weight|support|important"
)
SUPERLATIVE = re.compile(
    r"\b(?P<next>above\s+all|for\s+the\s+most\s+part|more\s+than\s+any(?:thing)?\s+(?:other\s+[^\W_]+|else)"
    r"|mainly|chiefly|primarily|mostly|principally|predominantly|largely"
    r"|first\s+(?:and\s+foremost|of\s+all)|most\s+of\s+all)\b"
    r"|\b(?:strongest|biggest|largest|greatest|heaviest|weightiest|main|chief|key|primary|principal"
    r"|foremost|top(?=\s+(?:positive|negative|reason|cause|factor|driver|contributor|item"
    r"|title))|best(?=\s+(?:argument|reason|support))"
    rf"|most(?=\s+(?:{_POPULAR}|decisive|influential|of\s+(?:the|its|this))\b|\s*[,.;:!()_]|\s*$))",
    re.IGNORECASE,
)
ORDER = re.compile(
    r"\b(?:then|followed\s+by|next|secondarily|to\s+a\s+(?:smaller|lower)\s+(?:extent|degree)"
    r"|last\s+(?=by|from)|(?:after|behind)\s+(?:that|it|them)|in\s+second\s+place|trailed\s+by|(?:a\s+(?:bit|little)\s+)?less\s+(?=from|by)|smaller\s+role|less\s+so|to\s+a\s+lesser\s+(?:extent|degree)|lesser"
    r"|secondly|comes?\s+second|second(?=\s*[,.;)]|\s*$)|in\s+(?:that|this|descending)\s+order"
    r"|more\s+than\s+the\s+latter)\b",
    re.IGNORECASE,
)
RANKED = re.compile(
    r"\b(?:ranked|ranking|in\s+(?:(?:descending|decreasing)\s+)?order|(?:most\s+important"
    r"|strongest|largest)\s+first)\b",
    re.IGNORECASE,
)
JOINTLY = re.compile(
    r"\b(?:together|jointly|combined|in\s+(?:combination|tandem|concert)|as\s+a\s+(?:pair|group"
    r"|set)|at\s+the\s+same\s+time|the\s+combination\s+of|(?:it\s+)?takes\s+both)\b(?!\s+with\b)"
    r"|\b(?:just\s+|either\s+)?one\s+(?:of\s+them\s+)?(?:alone\s+)?(?:is|does)\s+not\b"
    r"|\b(?:neither|none|not)\s+(?:[^\W_]+\s+){0,3}?(?:alone|by\s+itself|on\s+its\s+own)\b",
    re.IGNORECASE,
)
WEIGHTY = re.compile(
    r"\b(?:strongest|biggest|greatest|largest|main|key|most\s+(?:important|decisive|influential)"
    r"|influence|impact)\b",
    re.IGNORECASE,
)
"""Says of a listing that it is more than that."""
NEXT = re.compile(r"\s*(?:next|then|after\s+that|secondly|second|less\s+so)\b", re.IGNORECASE)
"""Begins what is said to come behind what was said before."""
LESS = re.compile(r"\s+(?:less(?:\s+so)?\b|too\b|as\s+well|second\b|a\s+lesser)", re.IGNORECASE)
"""Says of the title before it that it does as those before, or less."""
SUPPOSED = re.compile(
    r"\b(?:might|may|could|would)\s+(?:think|expect|assume|suppose|guess|believe)\b", re.IGNORECASE
)
"""Says what somebody could think, not what is so."""
_TOOK = (
    r"(?:watched|seen|saw|read|played|bought|purchased|purchases|had|has|have|owns?|rated|liked|loved"
    r"|enjoyed|finished|chose|chosen|picked|knows?|viewed|heard|listened\s+to)"
)
_HISTORY = r"(?:history|library|lists?|shelf|collection|profile|purchases|log)"
EXEMPT = re.compile(
    # ownership and similarity
    r"\b(?:shar(?:es?|ed|ing)|in\s+common|common\s+to|similar(?:ity)?|the\s+same|alike"
    r"|resembles?|reminds?|akin|comparable"
    r"|clos(?:e|er|est)\s+(?:to|relatives?|match)|relatives?|in\s+the\s+vein|(?:links?|ties|connects?)\s+it"
    r"|consistent\s+with|unlike|differs?)\b"
    rf"|\b(?:is|are|has|have|feels|looks|seems|plays)\s+[^;]{{0,60}}?\blike\s+{WORD}{{0,2}}?_"
    r"|\blike\s+_+,?\s+(?:it|the|this)\b"
    rf"|\bboth\b[^;]{{0,80}}?\b(?:are|is|have|has|were|belong)\b"
    rf"|_,?\s+(?:[^\W_]+\s+)?{BE}\s+(?:[^\W_]+\s+){{0,4}}?(?:{SIGN}|from\b|by\b|directed"
    rf"|released|made\s+in|set\s+in"
    rf"|written|{THINGS}\b)"
    r"|_\s+(?:came\s+out|(?:also\s+)?(?:has|have)\s+the|belongs?\s+to)\b"
    # a listing of the history
    rf"|\b{_TOOK}\b(?:\s+{WORD}{{0,6}}?)?:?\s*_"
    rf"|\b(?:{_TOOK}|(?:latest|last|first|most\s+recent)\s+{THINGS})\s+(?:was|were|is|are)\s+_"
    r"|\bas\s+much\s+[^;]{0,40}\bas\s+_"
    rf"|_\s+(?:[^\W_]+\s+)?(?:was|were|is|are|has\s+been|have\s+been)\s+(?:[^\W_]+\s+)?(?:{_TOOK}\b"
    rf"|(?:in|among|on|part\s+of)\s+(?:the|their|your|this)\s+(?:[^\W_]+\s+)?{_HISTORY})"
    rf"|\b{_HISTORY}\s+(?:[^\W_]+\s+)?(?:contains?|includes?|holds?|has|had|have|lists?|shows?|features?"
    r"|consists?\s+of|spans?|is|are)\b"
    rf"|\b{_HISTORY}:\s*_|\b(?:seen|watched|played|bought|read)(?:\s+(?:so\s+far|recently|before|lately))?:\s*_"
    r"|_\s+(?:got|received|was\s+given)\s+[^;]{0,20}?\b(?:stars?|marks?|rating)\b"
    r"|\bvalue\s+of\s+_+\s+is\s+(?:0|zero|about\s+0)(?![.\d])|\b(?:looks?|sounds?"
    r"|feels?)\s+(?:[^\W_]+\s+){0,2}?like\b",
    re.IGNORECASE,
)
"""Says what an item has, what it is like, or what the user had: no influence."""
UPWARD = re.compile(
    rf"\b(?:{FOR_ACTIVE}|{FOR_PASSIVE}|adds?|added|gain(?:s|ed)?|positiv\w+|plus"
    rf"|worth\s+[.\d]+|puts?\s+[.\d]+\s+on|bonus|upwards?|up"
    r"|higher|better|stronger|good\s+for|(?:more|likelier)\s+(?:likely|inclined|willing|attractive"
    r"|appealing|confident)|likelier"
    r"|encourag\w+|toward(?:s)?\s+(?:a\s+)?(?:yes|recommend\w+)|favou?rabl[ey]|in\s+its\s+favou?r)\b"
    r"|(?<![\w.])\+\s?\d",
    re.IGNORECASE,
)
"""Says, where no pattern does, that a title raises the score."""
DOWNWARD = re.compile(
    rf"\b(?:{AGAINST_ACTIVE}|{AGAINST_PASSIVE}|{AGAINST_NOUN}|against|off|negativ\w+|minus|los(?:es?|t|ing)"
    r"|less\s+(?:likely|inclined|willing|attractive|appealing|confident)|unlikel(?:y|ier)"
    r"|downwards?|down|lower|worse|weaker|poorer|loss(?:es)?"
    r"|cut(?:s|ting)?|dent(?:s|ed)?|discourag\w+|discount(?:s|ed)?|dampen(?:s|ed)?|lessen(?:s|ed)?"
    r"|disfavou?rs?|unfavou?rabl[ey]|wrong\s+(?:way|direction)|contrary|bad\s+for|cools?\s+on"
    r"|bites?\s+into|around\s+its\s+neck|eats?\s+into|offsets?"
    r"|costs?|away\s+from|toward(?:s)?\s+(?:a\s+)?(?:no|reject\w+))\b"
    r"|(?<![\w.])[−-]\s?\d",
    re.IGNORECASE,
)
"""Says, where no pattern does, that a title lowers the score."""
