"""Without torch there is no training, and nothing of it is tested."""

import pytest

pytest.importorskip("torch")
