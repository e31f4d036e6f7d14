"""What the server of the tests makes of a client that is gone before it has said everything."""

from __future__ import annotations

import socket
import time
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from recexplainer.testing.servers.http_service import Reply, serving

HEAD = b"POST /v1 HTTP/1.1\r\nHost: here\r\nContent-Length: 100\r\n\r\n"


@pytest.fixture
def asked():
    return []


@pytest.fixture
def address(asked):
    def answer(request):
        asked.append(request.content)
        return Reply({"asked": len(asked)})

    with serving(answer, keep_alive=False) as address:
        yield address


@pytest.mark.parametrize("sent", [HEAD, HEAD + b"half of a body"])
def test_a_request_that_is_cut_off_is_none(address, asked, sent, capfd):
    with socket.create_connection((urlsplit(address).hostname, urlsplit(address).port)) as half:
        half.sendall(sent)
    time.sleep(0.05)
    with urlopen(address, data=b"whole", timeout=5) as whole:  # noqa: S310  # our own server
        assert whole.read() == b'{"asked": 1}'
    assert asked == [b"whole"]
    assert capfd.readouterr().err == ""
