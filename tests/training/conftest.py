"""Without torch there is no training; that the command says so is tested all the same."""

import importlib.util

if importlib.util.find_spec("torch") is None:
    collect_ignore = ["test_data.py", "test_jpegs.py", "test_networks.py", "test_texture_stage.py", "test_train.py"]
