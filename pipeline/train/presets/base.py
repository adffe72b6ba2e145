"""What can be set about a training run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class TrainSettings(BaseModel):
    """The settings every preset shares. Unknown keys are refused.

    A preset is a subclass with its own `preset` and `defaults`; these are checked like anything a person sets.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    defaults: ClassVar[Mapping[str, Any]] = {}

    preset: str
    kimg: float = Field(300, gt=0, description="length of the training: thousands of real images shown, repeats counted")
    batch: int = Field(64, ge=1, le=4096, description="images per step")
    latent: int = Field(128, ge=1, le=8192, description="numbers that one picture is made from")
    prior: Literal["normal", "uniform"] = Field("normal", description="their distribution: N(0, 1), or uniform on [-1, 1]")
    channels: int = Field(64, ge=4, le=512, description="feature maps of the widest layer; they double with each halving, up to 1,024")
    kernel: int = Field(5, ge=3, le=7, description="side of the convolutions' kernels, in pixels; the stride is 2")
    upsampling: Literal["transposed", "nearest"] = Field(
        "transposed",
        description="how the generator doubles sides: a transposed convolution of `kernel`, or a 3x3 convolution of repeated pixels, which "
        "leaves no checkerboard",
    )
    init: Literal["normal", "he"] = Field(
        "normal", description="weights that both networks begin with: N(0, 0.02), or N(0, 2 / inputs), which no layer fades or floods"
    )
    d_norm: Literal["batch", "none"] = Field("batch", description="normalisation in the discriminator")
    minibatch_stddev: bool = Field(
        False, description="show the discriminator how much the pictures of a batch differ, so that a generator of one picture is told"
    )
    dropout: float = Field(0.0, ge=0, lt=1, description="share of the discriminator's features that is dropped at random in training")
    loss: Literal["non-saturating", "hinge"] = Field("non-saturating", description="what the networks play for")
    r1_gamma: Literal["auto"] | float = Field(
        0.0, description="strength of the penalty on the discriminator's gradient at real pictures; auto: 0.0002 · side² / batch; 0: none"
    )
    r1_every: int = Field(16, ge=1, le=1024, description="steps between two such penalties, each so many times as strong")
    learning_rate_g: float = Field(2e-4, gt=0, le=0.1, description="Adam's rate for the generator")
    learning_rate_d: float = Field(2e-4, gt=0, le=0.1, description="Adam's rate for the discriminator")
    beta1: float = Field(0.5, ge=0, lt=1, description="Adam's first momentum")
    beta2: float = Field(0.999, gt=0, lt=1, description="Adam's second momentum; less follows sudden changes sooner")
    decay: float = Field(1.0, gt=0, le=1, description="both rates are multiplied with this every `decay_steps` steps; 1: never")
    decay_steps: int = Field(20_000, ge=1, description="steps between two such multiplications")
    label_noise: float = Field(0.0, ge=0, lt=0.5, description="labels of the discriminator move towards the other side by up to this")
    augment: Literal["", "color", "translation", "color,translation"] = Field(
        "", description="DiffAugment on everything the discriminator sees, real and generated; the largest help with few pictures"
    )
    mirror: bool = Field(False, description="show every second picture mirrored; not for art that faces one way or holds writing")
    ema: float = Field(0.0, ge=0, description="half-life, in thousand images, of the averaged generator that is sampled and kept; 0: none")
    backend: Literal["tensorflow", "torch"] = Field("tensorflow", description="what computes; torch (PyTorch) is an extra of its own")
    jit: Literal["auto", "on", "off"] = Field(
        "auto", description="compile the step (by XLA or torch.compile); auto: if that is faster here"
    )
    precision: Literal["auto", "float32", "mixed_bfloat16", "mixed_float16"] = Field(
        "auto", description="of the arithmetic; auto: the fastest here that stays finite"
    )
    seed: int = Field(0, ge=0, lt=2**31, description="of weights, noise and data order")
    samples_kimg: float = Field(10, gt=0, description="a sample grid every so many thousand images")
    checkpoint_kimg: float = Field(20, gt=0, description="a checkpoint every so many thousand images")
    evaluate_kimg: float = Field(
        20, ge=0, description="scores, by which the best checkpoint is kept, every so many thousand images (extra embed); 0: never"
    )

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        if self.r1_gamma != "auto" and self.r1_gamma < 0:
            raise ValueError("r1_gamma: give auto, 0, or more than 0")
        if self.r1_gamma != 0 and self.d_norm == "batch":
            raise ValueError('r1_gamma needs d_norm = "none": the penalty is of each picture alone, which batch normalisation mixes')
        if self.label_noise and self.loss == "hinge":
            raise ValueError("label_noise: the hinge loss has no labels; leave one of them out")
        return self

    @model_validator(mode="before")
    @classmethod
    def _with_defaults(cls, data: Any) -> Any:
        return {**cls.defaults, **data} if isinstance(data, Mapping) else data
