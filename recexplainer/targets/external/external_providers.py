"""Providers of the five kinds of model made elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from recexplainer.plugins.capabilities import Capability
from recexplainer.plugins.interfaces import Provider, Target
from recexplainer.targets.external.checkpoint_target import (
    build_checkpoint,
    checkpoint_capabilities,
)
from recexplainer.targets.external.http_endpoint import HttpOptions, build_http, http_capabilities
from recexplainer.targets.external.module_sources import python_sources
from recexplainer.targets.external.onnx_files import onnx_files
from recexplainer.targets.external.onnx_model import (
    OnnxOptions,
    build_onnx,
    onnx_capabilities,
    onnx_objections,
)
from recexplainer.targets.external.python_object import (
    PythonOptions,
    build_python,
    python_capabilities,
    python_objections,
)
from recexplainer.targets.external.recbole_checkpoint import CheckpointOptions
from recexplainer.targets.external.vector_table import (
    VectorOptions,
    build_vectors,
    vector_objections,
)

__all__ = ["outside_providers"]


def outside_providers() -> Iterator[Provider[Target]]:
    """Yield the targets that wrap a model of the user's own."""
    yield Provider(
        name="python",
        build=build_python,
        options=PythonOptions,
        summary="your own object with scores(histories), as --target package.module:factory",
        capabilities=python_capabilities,
        ready=python_objections,
        reads=python_sources,
        argument="factory",
    )
    yield Provider(
        name="recbole-checkpoint",
        build=build_checkpoint,
        options=CheckpointOptions,
        summary="a model that RecBole trained and saved, read without executing its pickle",
        capabilities=checkpoint_capabilities,
        facts={"history": "by model"},
    )
    yield Provider(
        name="vectors",
        build=build_vectors,
        ready=vector_objections,
        options=VectorOptions,
        summary="tables of item (and user) vectors on disk, compared by dot product or cosine",
        capabilities=frozenset({Capability.VECTORS}),
        facts={"history": "fold-in"},
    )
    yield Provider(
        name="http",
        build=build_http,
        options=HttpOptions,
        summary="a server that scores batches of histories",
        capabilities=http_capabilities,
    )
    yield Provider(
        name="onnx",
        build=build_onnx,
        ready=onnx_objections,
        reads=onnx_files,
        options=OnnxOptions,
        summary="a model file for ONNX Runtime",
        capabilities=onnx_capabilities,
    )
