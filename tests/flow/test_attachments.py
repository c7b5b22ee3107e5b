"""Photos and papers on a job: taken by what they hold, listed, saved out, undone, expired."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fsconsole.errors import Refused
from fsconsole.flow import attachments, finding
from fsconsole.flow.expiring import expire_files
from fsconsole.flow.settle import settle
from fsconsole.flow.story import story
from fsconsole.flow.telling import show_thing
from fsconsole.store.queries.jobs import files
from tests.company import Company, company

JPEG = b"\xff\xd8\xff\xe0 the boiler's plate"
PDF = b"%PDF-1.7 the certificate"


@pytest.fixture
def acme(tmp_path: Path) -> Company:
    return company(tmp_path)


def made(folder: Path, name: str, data: bytes = JPEG) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_files_are_attached_listed_and_saved_out_as_they_were(acme: Company, tmp_path: Path) -> None:
    plate, paper = made(tmp_path, "plate.JPG"), made(tmp_path, "gas safe.pdf", PDF)
    done = acme.do(f'attach 1042 {plate} "{paper}"')
    assert done.words == "LDN-1042 2 files attached (0.1 kB): plate.JPG, gas safe.pdf"
    told = show_thing(acme.desk, "1042")["files"]
    assert [(one["name"], one["kind"], one["state"]) for one in told] == [
        ("gas safe.pdf", "PDF", "here"), ("plate.JPG", "JPEG", "here"),
    ]  # fmt: skip
    whole = story(acme.store, acme.ids["job"], acme.now)
    assert whole is not None
    assert [one.name for one in whole.files] == ["gas safe.pdf", "plate.JPG"]
    job = finding.job(acme.desk, "1042")
    out = tmp_path / "out"
    assert attachments.save_out(acme.desk, job, out).words == f"LDN-1042: 2 files saved to {out}"
    attachments.save_out(acme.desk, job, out)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == {
        "plate.JPG": JPEG, "gas safe.pdf": PDF, "plate 2.JPG": JPEG, "gas safe 2.pdf": PDF,
    }  # fmt: skip
    assert not any(path.stat().st_mode & 0o111 for path in out.iterdir())


def test_what_cannot_be_attached_is_refused_whole_with_its_sentence(acme: Company, tmp_path: Path) -> None:
    plate = made(tmp_path, "plate.jpg")
    script = made(tmp_path, "photo.jpg.sh", b"#!/bin/sh\nrm -rf /\n")
    large = made(tmp_path, "large.jpg", JPEG + bytes(attachments.LARGEST))
    os.mkfifo(tmp_path / "pipe")
    for name, why in (
        (script, "neither a photo nor a PDF"), (large, "holds 10.0 MB"), (tmp_path / "none", "cannot be read"),
        (tmp_path, "is not a file"), (tmp_path / "pipe", "is not a file"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=why):
            acme.do(f"attach 1042 {plate} {name}")
    assert files(acme.store, acme.ids["job"]) == []
    acme.do(f"attach 1042 {plate}")
    with pytest.raises(Refused, match="attached to LDN-1042 already"):
        acme.do(f"attach 1042 {plate}")


def test_undo_takes_an_attachment_back_and_redo_brings_it(acme: Company, tmp_path: Path) -> None:
    acme.do(f"attach 1042 {made(tmp_path, 'plate.jpg')}", "u")
    assert files(acme.store, acme.ids["job"]) == []
    acme.do("redo")
    assert [one.state for one in files(acme.store, acme.ids["job"])] == ["here"]


def test_by_policy_the_bytes_are_destroyed_and_the_record_stays_and_says_so(acme: Company, tmp_path: Path) -> None:
    plate = made(tmp_path, "plate.jpg")
    acme.do(f"attach 1042 {plate}", "policy files_days 365")
    assert expire_files(acme.store, acme.now.date() + timedelta(days=365)) == 0
    acme.wait(366 * 24 * 60)
    settle(acme.store, acme.now)
    (one,) = files(acme.store, acme.ids["job"])
    assert attachments.state_of(one) == "destroyed by policy"
    done = attachments.save_out(acme.desk, finding.job(acme.desk, "1042"), tmp_path / "out")
    assert "left out plate.jpg: destroyed by policy" in done.words
    acme.do(f"attach 1008 {plate}")  # attached anew, it is here again
    assert [one.state for one in files(acme.store, acme.ids["older"])] == ["here"]


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300), st.sampled_from(["JPEG", "PDF", "HEIC", "TIFF"]))
def test_any_name_becomes_a_plain_one_that_ends_as_what_it_holds(name: str, kind: str) -> None:
    plain = attachments.clean(name, kind)
    assert plain == os.path.basename(plain)
    assert plain.isprintable()
    assert not plain.startswith(".")
    assert 4 < len(plain) <= 110
    assert plain.lower().endswith((".jpg", ".jpeg", ".pdf", ".heic", ".heif", ".tif", ".tiff"))
    assert attachments.clean(plain, kind) == plain
