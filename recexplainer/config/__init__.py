"""The configuration of a run: its sections, reading it, and writing it."""

from recexplainer.config.grid import GridConfig, read_grid
from recexplainer.config.loader import load_config, read_config
from recexplainer.config.presets import preset_names, preset_text
from recexplainer.config.sections import RunConfig
from recexplainer.config.yaml_writer import commented_config, dump_config

__all__ = [
    "GridConfig",
    "RunConfig",
    "commented_config",
    "dump_config",
    "load_config",
    "preset_names",
    "preset_text",
    "read_config",
    "read_grid",
]
