from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.shards import protobuf

CALM = settings(deadline=None, max_examples=50)  # a busy machine is no failure

FEATURES = st.dictionaries(st.text(max_size=5), st.binary(max_size=200) | st.integers(-(2**63), 2**63 - 1), max_size=6)


@CALM
@given(FEATURES)
def test_what_is_encoded_is_decoded(features: dict[str, protobuf.Value]) -> None:
    assert protobuf.decode(protobuf.encode(features)) == features


@CALM
@given(FEATURES)
def test_the_order_of_the_features_is_no_matter(features: dict[str, protobuf.Value]) -> None:
    assert protobuf.encode(features) == protobuf.encode(dict(reversed(features.items())))


@CALM
@given(st.binary(max_size=80))
def test_foreign_bytes_are_refused_or_read(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        protobuf.decode(data)


@CALM
@given(FEATURES.filter(bool), st.data())
def test_a_cut_message_is_refused(features: dict[str, protobuf.Value], choose: st.DataObject) -> None:
    data = protobuf.encode(features)
    with pytest.raises(ValueError, match=r"."):
        protobuf.decode(data[: choose.draw(st.integers(1, len(data) - 1))])


def test_a_number_that_does_not_fit() -> None:
    with pytest.raises(OverflowError):
        protobuf.encode({"a": 2**63})


@pytest.mark.parametrize("values", [{"float_list": {"value": [1.0]}}, {"int64_list": {"value": [1, 2]}}, {"bytes_list": {"value": []}}, {}])
def test_other_kinds_of_features_are_refused(values: dict[str, object]) -> None:
    tf = pytest.importorskip("tensorflow", reason="makes the foreign messages")
    message = tf.train.Example(features={"feature": {"a": values}})
    with pytest.raises(ValueError, match=r"."):
        protobuf.decode(message.SerializeToString())


@pytest.mark.parametrize("features", [{}, {"b": b"", "a": 0, "": -1, "é": b"\x00" * 300, "ab": 2**63 - 1}])
def test_tensorflow_reads_the_same_message(features: dict[str, protobuf.Value]) -> None:
    tf = pytest.importorskip("tensorflow", reason="the format's owner is TensorFlow")
    lists = {
        name: {"bytes_list": {"value": [value]}} if isinstance(value, bytes) else {"int64_list": {"value": [value]}}
        for name, value in features.items()
    }
    message = tf.train.Example(features={"feature": lists})
    data = protobuf.encode(features)
    assert tf.train.Example.FromString(data) == message
    assert len(data) == len(message.SerializeToString())
    assert protobuf.decode(message.SerializeToString()) == features
