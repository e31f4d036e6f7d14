"""``python -m recexplainer`` is ``recx``."""

from recexplainer.cli.main import main

main()
