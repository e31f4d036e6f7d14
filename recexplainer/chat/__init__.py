"""Chat models behind OpenAI-compatible services: patient, capped, nothing asked twice.

The key comes from the environment (``OPENAI_API_KEY``) and is never written.
"""

from recexplainer.chat.answers import ANSWERS, Answer, AnswerBook, answers_in
from recexplainer.chat.budget import Estimate, Limits
from recexplainer.chat.chat_server import ADDRESS, KEY, ChatRequest, ChatServer, Message
from recexplainer.chat.client import ChatClient
from recexplainer.chat.cost_lines import asking_aloud
from recexplainer.chat.options import ChatOptions, missing_for
from recexplainer.chat.retries import NoAnswerError
from recexplainer.chat.thoughts import spoken

__all__ = [
    "ADDRESS",
    "ANSWERS",
    "KEY",
    "Answer",
    "AnswerBook",
    "ChatClient",
    "ChatOptions",
    "ChatRequest",
    "ChatServer",
    "Estimate",
    "Limits",
    "Message",
    "NoAnswerError",
    "answers_in",
    "asking_aloud",
    "missing_for",
    "spoken",
]
