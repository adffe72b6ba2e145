from __future__ import annotations

import subprocess
import sys

import pytest
from pydantic import ValidationError

from pipeline.train import presets


def test_every_file_is_a_preset_that_loads_under_its_name() -> None:
    assert presets.names() == ["dcgan", "gandam", "stable"]
    for name in presets.names():
        assert presets.load(name)().preset == name
    assert presets.DEFAULT in presets.names()
    with pytest.raises(KeyError):
        presets.load("base")


def test_dcgan_has_the_papers_numbers() -> None:
    settings = presets.load("dcgan")()
    assert (settings.latent, settings.prior, settings.batch, settings.channels, settings.kernel) == (100, "uniform", 128, 128, 5)
    assert (settings.learning_rate_g, settings.learning_rate_d, settings.beta1, settings.decay) == (2e-4, 2e-4, 0.5, 1.0)
    assert (settings.d_norm, settings.label_noise, settings.augment, settings.ema) == ("batch", 0, "", 0)


def test_gandam_has_its_projects_numbers() -> None:
    settings = presets.load("gandam")()
    assert (settings.latent, settings.learning_rate_d, settings.learning_rate_g) == (2048, 5e-5, 5e-4)
    assert (settings.label_noise, settings.decay, settings.decay_steps) == (0.01, 0.2, 20_000)


@pytest.mark.parametrize("bad", [{"kernel": 99}, {"batch": 0}, {"augment": "cutout"}, {"preset": "gandam"}, {"chanels": 8}])
def test_a_preset_keeps_the_limits_of_its_base(bad: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        presets.load("dcgan").model_validate(bad)


def test_what_is_set_wins_over_the_presets_default() -> None:
    assert presets.load("dcgan").model_validate({"batch": 16}).batch == 16


def test_the_modules_a_command_imports_load_no_tensorflow() -> None:
    code = (
        "import sys, pipeline.train.presets as p, pipeline.train.loop, pipeline.train.use.generate, pipeline.train.runs;"
        "[p.load(n) for n in p.names()]; sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"r1_gamma": "auto"}, "batch normalisation"),
        ({"r1_gamma": -1.0, "d_norm": "none"}, "r1_gamma: give auto"),
        ({"loss": "hinge", "label_noise": 0.1}, "hinge loss has no labels"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(changes: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        presets.load("dcgan").model_validate(changes)
