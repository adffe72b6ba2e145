from __future__ import annotations

import io
import pickle
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from pipeline.errors import PipelineError
from pipeline.measure import registry

SQL_TYPES = {"REAL": float, "INTEGER": int, "TEXT": str, "BLOB": bytes}


def encoded(picture: Image.Image, format: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format, **options)
    return buffer.getvalue()


def noise(size: tuple[int, int] = (90, 70), mode: str = "RGB") -> Image.Image:
    return Image.effect_noise(size, 80).convert(mode)


def measured(folder: Path, data: bytes) -> dict[str, object]:
    path = folder / "picture"
    path.write_bytes(data)
    return registry.measure_file(path, "i0123456789abcdef")


def test_column_names_are_unique_and_documented() -> None:
    names = [name for measurement in registry.MEASUREMENTS for name in measurement.columns]
    assert len(names) == len(set(names)) == len(registry.COLUMNS)
    assert not {"id", "version", "error", "detail"} & set(names)
    assert all(column.doc and column.kind in SQL_TYPES for measurement in registry.MEASUREMENTS for column in measurement.columns.values())


@pytest.mark.parametrize(
    ("mode", "format"),
    [
        ("RGB", "JPEG"),
        ("L", "JPEG"),
        ("CMYK", "JPEG"),
        ("RGBA", "PNG"),
        ("P", "PNG"),
        ("LA", "PNG"),
        ("1", "PNG"),
        ("RGBA", "WEBP"),
        ("P", "GIF"),
    ],
)
def test_every_column_has_a_value_of_its_type(tmp_path: Path, mode: str, format: str) -> None:
    picture = noise().convert(mode)
    if mode == "RGBA":
        picture.putalpha(100)
    row = measured(tmp_path, encoded(picture, format))
    assert list(row) == ["id", "error", "detail", *registry.COLUMNS]
    assert (row["id"], row["error"], row["detail"]) == ("i0123456789abcdef", None, "")
    for name, kind in registry.COLUMNS.items():
        assert type(row[name]) is SQL_TYPES[kind], name
    assert (row["format"], row["mode"], row["width"], row["height"]) == (format, mode, 90, 70)


@pytest.mark.parametrize("size", [(1, 1), (1, 400), (400, 1), (2, 3), (600, 2)])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_the_smallest_pictures(tmp_path: Path, size: tuple[int, int], mode: str) -> None:
    row = measured(tmp_path, encoded(Image.new(mode, size)))
    assert row["error"] is None
    assert all(row[name] is not None for name in registry.COLUMNS)


def test_a_truncated_file_is_a_row_with_an_error(tmp_path: Path) -> None:
    data = encoded(noise((300, 300)), "JPEG")
    row = measured(tmp_path, data[: len(data) // 2])
    assert row["error"] == "truncated"
    assert row["detail"]
    assert all(row[name] is None for name in registry.COLUMNS)


@pytest.mark.parametrize("data", [b"", b"<html>not found</html>", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_picture(tmp_path: Path, data: bytes) -> None:
    assert measured(tmp_path, data)["error"] in {"not_an_image", "undecodable", "truncated"}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF"]), st.data())
def test_damaged_bytes_never_raise(tmp_path: Path, format: str, data: st.DataObject) -> None:
    whole = bytearray(encoded(Image.linear_gradient("L").resize((24, 24)), format))
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    row = measured(tmp_path, bytes(whole))
    assert row["error"] is None or row["width"] is None


def test_orientation_is_applied(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    row = measured(tmp_path, encoded(noise((90, 70)), "JPEG", exif=exif))
    assert (row["width"], row["height"]) == (70, 90)


def test_frames_are_counted(tmp_path: Path) -> None:
    frames = [noise((20, 20), "L") for _ in range(3)]
    assert measured(tmp_path, encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]))["frames"] == 3
    assert measured(tmp_path, encoded(frames[0]))["frames"] == 1


def test_a_missing_file_is_the_disks_fault_and_says_where(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match=r"gone\.png.*verify"):
        registry.measure_file(tmp_path / "gone.png", "i0")


def test_it_can_be_sent_to_another_process() -> None:
    assert pickle.loads(pickle.dumps(registry.measure_file)) is registry.measure_file


def test_measuring_twice_gives_the_same_row(tmp_path: Path) -> None:
    data = encoded(noise((300, 200)), "JPEG")
    assert measured(tmp_path, data) == measured(tmp_path, data)


def test_a_cameras_jpeg_with_a_preview_is_a_jpeg(tmp_path: Path) -> None:
    picture = noise()
    row = measured(tmp_path, encoded(picture, "MPO", save_all=True, append_images=[picture]))
    assert (row["error"], row["format"], row["frames"]) == (None, "JPEG", 2)


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_picture_that_was_averaged_down_keeps_its_size_on_paper(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, orientation: int
) -> None:
    monkeypatch.setattr("pipeline.images.WORKING_PIXELS", 10_000)
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "a.jpg"
    Image.effect_noise((500, 300), 90).convert("RGB").save(path, exif=exif)
    row = registry.measure_file(path, "i1")
    assert (row["error"], row["width"], row["height"]) == (None, *((500, 300) if orientation == 1 else (300, 500)))
