import pytest
from tests.conftest import *
import tests.faults.test_cuts as c
@pytest.mark.parametrize("seed",[1,2])
async def test_seed(example, monkeypatch, seed):
    monkeypatch.setattr(c,'SEED',seed)
    await c.cut_at_random(example, 400)
