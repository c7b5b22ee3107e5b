"""Sheets: any CSV in, rows with their true lines out, damage costs only the row it is in."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fsconsole.inbox.sheets import RowReject, clean, open_sheet
from fsconsole.values.work import Reject

ROWS = [["1", "Acme", "Unit 3"], ["2", "Smith & Söhne", "Café"], ["3", "a, b; c", 'the "best"']]


def written(delimiter: str, encoding: str, end: str = "\r\n") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows([["Ref", "Client", "Site"], *ROWS])
    return out.getvalue().encode(encoding)


def rows_of(data: bytes):
    return [item[1] for item in open_sheet(data).rows() if not isinstance(item, Reject)]


def rejects_of(data: bytes):
    return [item for item in open_sheet(data).rows() if isinstance(item, Reject)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_delimiter_and_encoding_are_told_from_the_file(delimiter, encoding):
    sheet = open_sheet(written(delimiter, encoding))
    assert sheet.headers == ("Ref", "Client", "Site")
    assert [row for _, row in sheet.rows()] == ROWS


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_counts_lines_alike(end):
    assert [line for line, _ in open_sheet(written(",", "utf-8", end)).rows()] == [2, 3, 4]


def test_a_row_is_a_dictionary_by_header_with_its_true_line():
    data = b'Ref,Note\n1,"two\nlines"\n\n2,one\n'
    assert list(open_sheet(data)) == [(2, {"Ref": "1", "Note": "two lines"}), (5, {"Ref": "2", "Note": "one"})]


def test_titles_and_blank_lines_above_the_header_are_skipped():
    data = b"Job list,,\nRun on 12/03/2026,,\n,,\nRef,Client,Site\n1,Acme,Unit 3\n"
    sheet = open_sheet(data)
    assert sheet.headers == ("Ref", "Client", "Site")
    assert sheet.titles == ("Job list", "Run on 12/03/2026")
    assert [line for line, _ in sheet.rows()] == [5]


def test_known_headers_settle_which_row_is_the_header():
    data = b"our own,words here,first\nwo,cust,where\n1,Acme,Unit 3\n"
    assert open_sheet(data, recognise={"wo", "cust"}.__contains__).header_line == 2


def test_excels_own_word_for_the_delimiter_is_believed():
    assert open_sheet(b"sep=|\nRef|Name, full\n1|Acme, Ltd\n").headers == ("Ref", "Name, full")


def test_decimal_commas_do_not_make_the_comma_the_delimiter():
    data = "Datum;Betrag;Summe\n1.2.26;12,50;13,50\n2.2.26;8,00;9,00\n".encode("cp1252")
    assert rows_of(data) == [["1.2.26", "12,50", "13,50"], ["2.2.26", "8,00", "9,00"]]


def test_single_quotation_marks_are_understood_where_the_whole_file_has_them():
    assert rows_of(b"'Ref','Name'\n'1','Acme, Ltd'\n'2','B'\n") == [["1", "Acme, Ltd"], ["2", "B"]]


def test_an_apostrophe_is_not_a_quotation_mark():
    assert rows_of(b"Ref,Name\n1,O'Brien\n2,'Allo Allo\n") == [["1", "O'Brien"], ["2", "'Allo Allo"]]


def test_a_mark_for_inches_inside_a_cell_is_kept():
    assert rows_of(b'Ref,Name\n1,12" belt\n2,3/4" valve\n') == [["1", '12" belt'], ["2", '3/4" valve']]


def test_an_unclosed_quotation_mark_costs_its_own_row():
    data = b'Ref,Name,Site\n1,a,x\n2,"b,x\n3,c,x\n4,d,x\n'
    assert [row[0] for row in rows_of(data)] == ["1", "3", "4"]
    (reject,) = rejects_of(data)
    assert (reject.line, "does not close" in reject.reason) == (3, True)


def test_two_stray_quotation_marks_do_not_swallow_the_rows_between():
    data = b'Ref,Name,Site\n1,a,x\n2,"b,x\n3,c,x\n4,"d,x\n5,e,x\n'
    assert [row[0] for row in rows_of(data)] == ["1", "3", "5"]


def test_rows_too_long_or_too_short_are_rejects_that_keep_their_cells():
    data = b"a,b,c\n1,2,3\n1,2,3,4\n1,2\n1,2,3\n"
    long, short = rejects_of(data)
    assert isinstance(long, RowReject)
    assert long.row == ("1", "2", "3", "4")
    assert (long.line, short.line) == (3, 4)
    assert "4 cells, the header has 3" in long.reason
    assert len(rows_of(data)) == 2


def test_empty_cells_beyond_the_header_do_no_harm():
    assert rows_of(b"a,b\n1,2,,\n") == [["1", "2"]]


def test_a_file_that_habitually_leaves_out_empty_trailing_cells_is_filled_up():
    data = b"a,b,c\n" + b"1,2,3\n1,2\n" * 20
    assert rejects_of(data) == []
    assert rows_of(data)[1] == ["1", "2", ""]


def test_a_torn_last_row_is_a_reject_and_a_whole_one_without_line_end_is_not():
    assert rejects_of(b"a,b,c\n1,2,3\n4,5")[0].reason == "the file ends in the middle of this row"
    assert rows_of(b"a,b,c\n1,2,3\n4,5,6") == [["1", "2", "3"], ["4", "5", "6"]]


def test_a_row_with_nul_bytes_is_a_reject():
    data = b"a,b\n1,2\n3,\x00\x00\n5,6\n"
    assert rows_of(data) == [["1", "2"], ["5", "6"]]
    assert "NUL" in rejects_of(data)[0].reason


def test_one_stray_byte_does_not_change_the_encoding_of_the_rest():
    data = "Ref,Name\n1,Łódź Żywiec\n".encode() + b"2,caf\xe9\n" + "3,Ørsted\n".encode()
    assert rows_of(data) == [["1", "Łódź Żywiec"], ["2", "café"], ["3", "Ørsted"]]


def test_control_characters_are_stripped_once_and_text_is_composed():
    assert clean("A\x1b[31mB\x07\tC\x85\u202eD\u00a0 ") == "A[31mB C D"
    assert clean("e\u0301") == "é"
    assert clean("half \ud800") == "half \ufffd"


def test_headers_come_out_unique_and_named():
    assert open_sheet(b"Name,,Name\n1,2,3\n").headers == ("Name", "column 2", "Name (2)")


@pytest.mark.parametrize(
    ("data", "says"),
    [(b"PK\x03\x04rest", "save the sheet as CSV"), (b"", "empty"), (b"\n \n", "empty"), (b"%PDF-1.7", "PDF")],
)
def test_what_is_no_table_is_one_reject_that_says_what_to_do(data, says):
    (reject,) = open_sheet(data, name="x.csv").rows()
    assert says in str(reject)


def test_a_missing_file_is_a_reject(tmp_path):
    (reject,) = open_sheet(tmp_path / "none.csv").rows()
    assert "cannot be read" in reject.reason


def test_progress_goes_from_nought_to_one(tmp_path):
    path = tmp_path / "big.csv"
    path.write_text("a,b\n" + "1,2\n" * 50_000)
    sheet, seen = open_sheet(path), []
    for _ in sheet.rows():
        seen.append(sheet.done())
    assert seen[0] < 0.2
    assert seen == sorted(seen)
    assert sheet.done() == 1


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_rows_or_rejects_never_a_traceback(data):
    sheet = open_sheet(data)
    for item in sheet:
        assert isinstance(item, Reject) or set(item[1]) == set(sheet.headers)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200).filter(lambda junk: b"\n" not in junk and b"\r" not in junk))
def test_good_rows_before_and_after_any_line_of_damage_survive(junk):
    before, after = b"".join(b"B%d,x,y\n" % i for i in range(20)), b"".join(b"A%d,x,y\n" % i for i in range(20))
    rows = rows_of(b"Ref,Name,Site\n" + before + junk + b"\n" + after)
    refs = [row[0] for row in rows]
    assert refs[:20] == [f"B{i}" for i in range(20)]
    assert refs[-20:] == [f"A{i}" for i in range(20)]


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zs", "Zl", "Zp"]), min_size=1, max_size=8)


@settings(deadline=None)
@given(st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=1, max_size=20), st.sampled_from(",;\t|"))
def test_what_a_spreadsheet_writes_is_what_is_read(rows, delimiter):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([("Ref no", "Name of it", "Site of it"), *rows])
    sheet = open_sheet(out.getvalue().encode(), recognise={"Ref no", "Name of it", "Site of it"}.__contains__)
    assert [row for _, row in sheet.rows()] == [[clean(cell) for cell in row] for row in rows]
