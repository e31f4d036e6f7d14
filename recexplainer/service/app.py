"""App of the service: its paths, and what is behind them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, Query, Response
from fastapi.exceptions import RequestValidationError
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import ValidationError
from starlette.types import ASGIApp

from recexplainer.service.answer_models import (
    ExplainAnswer,
    HealthAnswer,
    RecommendAnswer,
    WhatIfAnswer,
)
from recexplainer.service.gatekeeper import LARGEST_BODY, Gatekeeper
from recexplainer.service.http_errors import RESPONSES, answer_errors
from recexplainer.service.request_models import (
    MOST_ITEMS,
    MOST_LISTED,
    ExplainRequest,
    Name,
    RecommendRequest,
    WhatIfRequest,
)
from recexplainer.service.served_run import ServedRun
from recexplainer.service.service_metrics import ServiceMetrics

__all__ = ["make_app"]

_PATHS = frozenset({"/v1/recommend", "/v1/explain", "/v1/what-if", "/healthz", "/metrics"})
_ABOUT = """What a recommender recommends, why, and what would change it, asked of one finished run.

What a text claims was put to the recommender; each claim says what came of it. A machine wrote the
texts. An answer that is none has one shape, `{"error": {"kind", "message", "nearest"}}`.
"""


def make_app(
    served: ServedRun,
    *,
    token: str | None = None,
    warmed: Callable[[BaseException | None], None] = lambda _error: None,
) -> ASGIApp:
    """Return the app; when it is started, it loads the run, and is then ready.

    Args:
        served: the run; closed when the app ends.
        token: asked for on all but ``/healthz``; None answers requests to this machine's own name.
        warmed: called with None when the run is loaded, or with what went wrong.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        warming = asyncio.ensure_future(served.warm())
        warming.add_done_callback(
            lambda done: None if done.cancelled() else warmed(done.exception())
        )
        yield
        warming.cancel()
        served.close()

    app = FastAPI(
        title="recexplainer",
        version="1",
        description=_ABOUT,
        lifespan=lifespan,
        docs_url=None,  # its page would fetch JavaScript from elsewhere
        redoc_url=None,
        max_body_size=LARGEST_BODY,  # also of one that does not tell its length
    )
    metrics = ServiceMetrics(served, _PATHS)
    answer_errors(app)
    _add_questions(app, served)
    _add_watch(app, served, metrics)
    # Outside of the app, whose own answer to an unforeseen error has no middleware around it.
    return Gatekeeper(app, token, ready=lambda: served.ready, answered=metrics.answered)


def _add_questions(app: FastAPI, served: ServedRun) -> None:
    """Add the paths that ask the run."""

    @app.get("/v1/recommend", responses=RESPONSES, operation_id="recommend_by_query")
    async def recommend_by_query(
        asked: Annotated[RecommendRequest, Depends(_queried)],
    ) -> RecommendAnswer:
        """List what would be recommended to a user, or after a history."""
        return await served.recommend(asked)

    @app.post("/v1/recommend", responses=RESPONSES, operation_id="recommend")
    async def recommend(asked: RecommendRequest) -> RecommendAnswer:
        """List what would be recommended to one or several users, or after a history."""
        return await served.recommend(asked)

    @app.post("/v1/explain", responses=RESPONSES, operation_id="explain")
    async def explain(asked: ExplainRequest) -> ExplainAnswer:
        """Say why an item would be recommended, or not, with what was checked of it."""
        return await served.explain(asked)

    @app.post("/v1/what-if", responses=RESPONSES, operation_id="what_if")
    async def what_if(asked: WhatIfRequest) -> WhatIfAnswer:
        """Say which small edit of a history would bring an item where it is wanted."""
        return await served.what_if(asked)


def _add_watch(app: FastAPI, served: ServedRun, metrics: ServiceMetrics) -> None:
    """Add the paths that look after the service."""

    @app.get("/healthz", responses={503: {"model": HealthAnswer}}, operation_id="health")
    async def health(response: Response) -> HealthAnswer:
        """Say whether the run can be asked; 503 while it is being loaded."""
        response.status_code = 200 if served.ready else 503
        return HealthAnswer(
            ready=served.ready,
            run=served.name,
            target=served.target,
            explainers=served.explainers,
        )

    @app.get("/metrics", response_class=Response, operation_id="metrics")
    async def metrics_text() -> Response:
        """Tell counts and times in the format of Prometheus."""
        return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)


def _queried(
    user: Name | None = None,
    history: Annotated[list[Name] | None, Query(max_length=MOST_ITEMS)] = None,
    without: Annotated[list[Name] | None, Query(max_length=MOST_ITEMS)] = None,
    top: Annotated[int, Query(ge=1, le=MOST_LISTED)] = 10,
    explain: bool = False,
    explainer: Name | None = None,
) -> RecommendRequest:
    """Return the request that a query makes."""
    try:
        return RecommendRequest(
            user=user,
            history=history,
            without=without or [],
            top=top,
            explain=explain,
            explainer=explainer,
        )
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from None
