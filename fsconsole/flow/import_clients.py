"""Clients, locations, contacts and assets from a file.

It stands apart because these four are who and where everything else in a file refers to.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fsconsole.flow.import_rows import ADDRESS, Importer, Values, WrongRow, asset_key, location_key
from fsconsole.flow.matching import code_key, name_key


class Clients(Importer):
    """A client is known by its reference, else by its name."""

    table = "client"
    rivals = True
    always = ("ref", "name")
    touches = ADDRESS

    def key(self, v: Values) -> str:
        return code_key(v.get("ref", ""))

    def natural(self, v: Values) -> str:
        return name_key(v["name"])

    def find(self, v: Values) -> bytes | None:
        return self.known.client_of(v.get("ref", ""), v["name"])

    def build(self, v: Values, custom: Mapping[str, str], only: set[str] | None) -> dict[str, Any]:
        built = {**v, "custom": custom}
        built["ref"] = v.get("ref") or None
        if v.get("payer") and (only is None or "payer" in only):
            payer = name_key(v["payer"])
            same = payer in (name_key(v["name"]), name_key(v.get("ref", "")))
            built["payer"] = None if same else self.naming.client(v["payer"])
        return built

    def added(self, row: bytes, v: Values, built: Values) -> None:
        self.known.add_client(row, v.get("ref", ""), v["name"])
        self.naming.new_clients.append(row)


class Locations(Importer):
    """A location is known by its reference, else by its client and its name, else by its address."""

    table = "location"
    rivals = True
    always = ("ref", "client", "name")
    touches = ADDRESS | dict.fromkeys(("lat", "lon", "pin"), ("lat", "lon", "pin_from"))

    def key(self, v: Values) -> str:
        # Many companies number every client's sites from 1.
        return f"{name_key(v['client'])} {code_key(v['ref'])}" if v.get("ref") else ""

    def natural(self, v: Values) -> str:
        client = self.naming.client(v["client"])
        return location_key(client, v.get("name", ""), v.get("address", ""), v.get("postcode", ""))

    def find(self, v: Values) -> bytes | None:
        client = self.naming.client(v["client"], make=False)
        if client is None:
            return None
        ref = v.get("ref", "")
        found = self.known.location(client, v.get("name", ""), v.get("address", ""), v.get("postcode", ""), ref)
        if found and ref and self.ref_of(found) not in ("", code_key(ref)):
            return None
        return found

    def ref_of(self, row: bytes) -> str:
        """The reference a location has from a file; ours say nothing about theirs."""
        ref = self.known.location_refs.get(row, "")
        return "" if self.known.is_ours(ref) else code_key(ref)

    def build(self, v: Values, custom: Mapping[str, str], only: set[str] | None) -> dict[str, Any]:
        built = {**v, "custom": custom}
        built["ref"] = v.get("ref") or None
        built["client"] = self.naming.client(v["client"], make=only is None or "client" in only)
        built["pin_from"] = "given" if v.get("lat") is not None else ""
        return built

    def added(self, row: bytes, v: Values, built: Values) -> None:
        ref = v.get("ref", "")
        self.known.add_location(row, built["client"], ref, v.get("name", ""), v.get("address", ""), v.get("postcode", ""))
        if ref:
            self.known.location_refs[row] = ref


class Contacts(Importer):
    """A contact is known by the client and the name, else the email address."""

    table = "contact"
    always = ("client", "name")
    touches = {"first_name": ("name",), "last_name": ("name",)}

    def key(self, v: Values) -> str:
        return ""

    def natural(self, v: Values) -> str:
        client = self.naming.client(v["client"])
        return f"{(client or b'').hex()} {name_key(v.get('name') or v.get('email', ''))} {v.get('role', '')}"

    def find(self, v: Values) -> bytes | None:
        client = self.naming.client(v["client"], make=False)
        return self.known.contacts.get((client, name_key(v.get("name", "")))) if client else None

    def build(self, v: Values, custom: Mapping[str, str], only: set[str] | None) -> dict[str, Any]:
        built = {**v, "custom": custom}
        client = built["client"] = self.naming.client(v["client"], make=only is None or "client" in only)
        if v.get("location"):
            built["location"] = self.naming.location(client, v["location"], make=only is None or "location" in only)
        return built

    def added(self, row: bytes, v: Values, built: Values) -> None:
        self.known.contacts.setdefault((built["client"], name_key(v.get("name", ""))), row)


class Assets(Importer):
    """An asset is known by its client and serial number, else its reference, else what it is and where it stands."""

    table = "asset"
    rivals = True
    always = ("ref", "client", "location")

    def key(self, v: Values) -> str:
        if v.get("ref"):
            return code_key(v["ref"])
        if v.get("serial"):
            return f"{name_key(v.get('client', ''))} {code_key(v['serial'])}"
        return ""

    def _place(self, v: Values, *, make: bool) -> tuple[bytes | None, bytes | None]:
        client = self.naming.client(v["client"], make=make) if v.get("client") else None
        location = None
        if v.get("location"):
            location = self.naming.location(client, v["location"], make=make and client is not None)
            if location is None and client is None and make:
                raise WrongRow("location", v["location"], "there is no such location; import locations first or name the client")
            if client is None and location is not None:
                client = self.known.client_at.get(location)
        return client, location

    def natural(self, v: Values) -> str:
        client, location = self._place(v, make=True)
        kind = " ".join(v.get(name, "") for name in ("kind", "maker", "model"))
        return asset_key(client, location, v.get("serial", ""), v.get("ref", ""), kind)

    def find(self, v: Values) -> bytes | None:
        client, _ = self._place(v, make=False)
        if v.get("client") and client is None:
            return None
        return self.known.asset(client, v.get("serial", ""), v.get("ref", ""))

    def build(self, v: Values, custom: Mapping[str, str], only: set[str] | None) -> dict[str, Any]:
        built = {**v, "custom": custom}
        built["ref"] = v.get("ref") or None
        built["client"], built["location"] = self._place(v, make=only is None or bool(only & {"client", "location"}))
        return built

    def added(self, row: bytes, v: Values, built: Values) -> None:
        ref, serial, kind = v.get("ref", ""), v.get("serial", ""), v.get("kind", "")
        self.known.add_asset(row, built["client"], built["location"], ref, serial, kind)
