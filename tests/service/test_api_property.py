"""Whatever is sent, by the service's document or against it, is answered, and never with 500."""

from __future__ import annotations

import asyncio

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import response_schema_conformance
from starlette.testclient import TestClient

from recexplainer.service.app import make_app
from recexplainer.service.served_run import ServedRun
from recexplainer.service.shared_run import Limits

ASKED = ("recommend_by_query", "recommend", "explain", "what_if")
CASES = [
    *((operation, mode) for operation in ASKED for mode in GenerationMode),
    *((operation, GenerationMode.POSITIVE) for operation in ("health", "metrics")),
]


@pytest.fixture(scope="module")
def api(out):
    served = ServedRun.open(out, explainers=["occlusion"], limits=Limits(deadline=60.0))
    app = make_app(served)
    with TestClient(app, base_url="http://localhost") as client:
        while not served.ready:
            client.portal.call(asyncio.sleep, 0.01)

        async def running(scope, receive, send):
            """Be started already: each call would start and stop the app."""
            if scope["type"] != "lifespan":
                await app(scope, receive, send)
                return
            for stage in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{stage}.complete"})

        yield schemathesis.openapi.from_asgi(
            "/openapi.json", running, headers={"host": "localhost"}
        )


@pytest.mark.parametrize(("operation", "mode"), CASES)
def test_nothing_that_is_sent_is_a_failure_of_ours(operation, mode, api):
    found = api.find_operation_by_id(operation)

    @settings(
        max_examples=15,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=found.as_strategy(generation_mode=mode))
    def holds(case):
        answer = case.call(headers={"host": "localhost"})
        case.validate_response(answer, checks=[not_a_server_error, response_schema_conformance])

    holds()
