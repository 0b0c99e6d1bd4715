"""JSON files."""

import pytest

from files import read_json, write_images


def test_reading_inverts_writing(tmp_path):
    path = tmp_path / "set.json"
    write_images({"format": "x"}, [{"file": "a"}, {"file": "b"}], path)
    assert read_json(path, "images") == {"format": "x", "images": [{"file": "a"}, {"file": "b"}]}
    assert path.read_text().count("\n") == 7  # one image per line


@pytest.mark.parametrize("content", [b"", b'{"images": [', b"\xff\xfe"])
def test_invalid_json_is_refused_with_the_file_name(tmp_path, content):
    path = tmp_path / "set.json"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="set.json: expected JSON"):
        read_json(path)


def test_a_missing_field_is_named(tmp_path):
    path = tmp_path / "set.json"
    path.write_text("[]")
    with pytest.raises(ValueError, match='set.json: expected an object with "images"'):
        read_json(path, "images")
