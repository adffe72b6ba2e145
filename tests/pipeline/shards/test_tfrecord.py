from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.shards import tfrecord

CALM = settings(deadline=None, max_examples=50)  # a busy machine is no failure

DATA = st.lists(st.binary(max_size=60), max_size=8)


def stored(folder: Path, data: bytes) -> Path:
    path = folder / "a.tfrecord"
    path.write_bytes(data)
    return path


def test_a_known_record() -> None:
    # 0x22620404 is the published CRC-32C of this sentence.
    text = b"The quick brown fox jumps over the lazy dog"
    masked = ((0x22620404 >> 15 | 0x22620404 << 17) + 0xA282EAD8) & 0xFFFFFFFF
    framed = tfrecord.frame(text)
    assert len(framed) == len(text) + tfrecord.OVERHEAD
    assert framed[:8] == len(text).to_bytes(8, "little")
    assert framed[12:-4] == text
    assert framed[-4:] == masked.to_bytes(4, "little")


@CALM
@given(DATA)
def test_what_is_framed_is_read_back(datas: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = stored(Path(folder), b"".join(map(tfrecord.frame, datas)))
        assert list(tfrecord.records(path)) == [(number, data, "") for number, data in enumerate(datas, start=1)]


@CALM
@given(DATA.filter(len), st.data())
def test_a_flipped_bit_is_found_in_its_own_record(datas: list[bytes], choose: st.DataObject) -> None:
    frames = [tfrecord.frame(data) for data in datas]
    hit = choose.draw(st.integers(0, len(frames) - 1))
    bit = choose.draw(st.integers(0, len(frames[hit]) * 8 - 1))
    damaged = bytearray(frames[hit])
    damaged[bit // 8] ^= 1 << bit % 8
    with tempfile.TemporaryDirectory() as folder:
        found = list(tfrecord.records(stored(Path(folder), b"".join([*frames[:hit], bytes(damaged), *frames[hit + 1 :]]))))
    assert [record for record in found if record.number <= hit] == [(index + 1, data, "") for index, data in enumerate(datas[:hit])]
    assert found[hit].data is None
    assert "damaged" in found[hit].problem
    if bit // 8 >= 12:  # the length is sound, so what follows can be read
        assert [record.data for record in found[hit + 1 :]] == datas[hit + 1 :]


@CALM
@given(DATA.filter(len), st.data())
def test_a_cut_file_is_never_read_as_whole(datas: list[bytes], choose: st.DataObject) -> None:
    whole = b"".join(map(tfrecord.frame, datas))
    ends = {sum(len(data) + tfrecord.OVERHEAD for data in datas[:count]) for count in range(len(datas) + 1)}
    cut = choose.draw(st.integers(1, len(whole) - 1).filter(lambda at: at not in ends))
    with tempfile.TemporaryDirectory() as folder:
        found = list(tfrecord.records(stored(Path(folder), whole[:cut])))
    assert "the file ends" in found[-1].problem
    assert [record.data for record in found[:-1]] == datas[: len(found) - 1]


def test_a_length_that_lies_is_not_believed(tmp_path: Path) -> None:
    head = (2**50).to_bytes(8, "little")
    crc = tfrecord.frame(head)[-4:]  # the masked CRC of these eight bytes
    assert [record.problem for record in tfrecord.records(stored(tmp_path, head + crc + b"abcd"))] == ["the file ends inside its data"]


def test_tensorflow_reads_the_same_records(tmp_path: Path) -> None:
    tf = pytest.importorskip("tensorflow", reason="the format's owner is TensorFlow")
    datas = [b"", b"a", bytes(range(256)) * 40]
    path = stored(tmp_path, b"".join(map(tfrecord.frame, datas)))
    assert [bytes(record.numpy()) for record in tf.data.TFRecordDataset(str(path))] == datas
    with tf.io.TFRecordWriter(str(tmp_path / "theirs")) as theirs:
        for data in datas:
            theirs.write(data)
    assert (tmp_path / "theirs").read_bytes() == path.read_bytes()


def test_one_record_without_its_frame() -> None:
    piece = tfrecord.frame(b"data")
    assert tfrecord.unframe(piece) == b"data"
    for at in range(len(piece)):
        with pytest.raises(ValueError, match=r"its (length|data) is damaged"):
            tfrecord.unframe(piece[:at] + bytes([piece[at] ^ 1]) + piece[at + 1 :])
    for wrong in (b"", piece[:-1], piece + b"x"):
        with pytest.raises(ValueError, match="damaged"):
            tfrecord.unframe(wrong)


def test_places_are_where_the_framed_records_stand(tmp_path: Path) -> None:
    pieces = [tfrecord.frame(data) for data in (b"one", b"", b"three" * 100)]
    path = tmp_path / "some.tfrecord"
    path.write_bytes(b"".join(pieces))
    whole = path.read_bytes()
    assert [whole[start : start + length] for start, length in tfrecord.places(path)] == pieces
