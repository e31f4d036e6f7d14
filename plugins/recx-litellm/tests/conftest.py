"""A stand-in for a chat service: a real server on this machine that speaks OpenAI's protocol."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


class StandIn:
    """Keeps what it was asked, and answers from ``script`` first, then by ``reply``.

    Script entries are a status, a text to answer with, or seconds to wait before answering.
    """

    def __init__(self, url):
        self.url, self.asked, self.keys = url, [], []
        self.script, self.reply = deque(), by_the_rubric
        self.at_once = self.most_at_once = 0
        self.slow = 0.0
        self.lock = threading.Lock()


def by_the_rubric(messages):
    """Grade what the message holds: the decision first, then whether the item is spoken of."""
    shown = json.loads(messages[-1]["content"])
    text = shown["explanation"]
    if not text.startswith(shown["decision_of_the_recommender"]):
        return "It states another decision.\nRATING-1"
    names = [item["title"] for item in shown["history"]]
    return f"It is right.\n\nRATING-{4 if any(name in text for name in names) else 2}"


def completion(model, text):
    message = {"role": "assistant", "content": text}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": model,
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }


class Handler(BaseHTTPRequestHandler):
    # HTTP/1.0, the default: a connection ends with its answer, so that none is left open in
    # litellm's pool when a test is over.

    def do_POST(self):
        stand_in = self.server.stand_in
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with stand_in.lock:
            stand_in.asked.append(body)
            stand_in.keys.append(self.headers.get("Authorization"))
            stand_in.at_once += 1
            stand_in.most_at_once = max(stand_in.most_at_once, stand_in.at_once)
            step = stand_in.script.popleft() if stand_in.script else None
        time.sleep(step if isinstance(step, float) else stand_in.slow)
        status = step if isinstance(step, int) else 200
        text = step if isinstance(step, str) else stand_in.reply(body["messages"])
        error = {"error": {"message": "no luck", "type": "x", "code": None, "param": None}}
        answer = completion(body["model"], text) if status == 200 else error
        with stand_in.lock:
            stand_in.at_once -= 1
        self._send(status, json.dumps(answer).encode())

    def _send(self, status, content):
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # who asked gave up waiting

    def log_message(self, *words):
        pass


@pytest.fixture(autouse=True)
def key(monkeypatch):
    """The key, which is there before anything looks at the environment."""
    monkeypatch.setenv("OPENAI_API_KEY", "secret-of-the-test")


@pytest.fixture
def server():
    served = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.stand_in = StandIn(f"http://127.0.0.1:{served.server_port}/v1")
    thread = threading.Thread(target=served.serve_forever, args=(0.01,))
    thread.start()
    yield served.stand_in
    served.shutdown()
    served.server_close()
    thread.join()
