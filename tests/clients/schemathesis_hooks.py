"""What generated requests cannot know by themselves.

A request that fits the document is refused all the same when it names a record that is not there,
a revision that was never given out or a cursor that nobody handed out. Three of four such values are
therefore replaced by real ones, so that the service's inner parts are reached; the fourth goes out as
generated. A part of a request that is malformed on purpose is never touched. And no request may take
away the rights of the persons that the whole run acts as.
"""

import os
import re
import uuid
from urllib.parse import quote

import requests
import schemathesis
from schemathesis.core.parameters import ParameterLocation

BASE = os.environ["MAMORI_BASE_URL"].rstrip("/")
TOKEN = os.environ["MAMORI_TOKEN"]
# Those of everybody that a run acts as, one after the other.
TOKENS = os.environ.get("MAMORI_TOKENS", TOKEN).split()

# Of these properties of one body exactly one is given; the document cannot say so.
EXACTLY_ONE = [("risk_owner_person_id", "risk_owner_position_id")]
# Collections whose records may carry the rights of the acting person.
CARRIERS = ["appointments", "principals", "access-tokens", "service-accounts"]
# Replaces an id that must not be touched. No record has it.
NOBODY = "00000000-0000-7000-8000-000000000000"

# A list of known records serves so many draws before it is read again.
DRAWS = 100

session = requests.Session()
session.headers["Authorization"] = f"Bearer {TOKEN}"
pools: dict[str, tuple[int, list[str]]] = {}
own_ids: set[str] = set()


def read(path, **params):
    """What the service answers, or None."""
    try:
        return session.get(BASE + path, params=params, timeout=30)
    except requests.RequestException:
        return None


def is_uuid(value):
    try:
        return isinstance(value, str) and bool(uuid.UUID(value))
    except ValueError:
        return False


def uuids(value):
    """Every id inside a JSON value."""
    if isinstance(value, dict):
        return {found for inner in value.values() for found in uuids(inner)}
    if isinstance(value, list):
        return {found for inner in value for found in uuids(inner)}
    return {value.lower()} if is_uuid(value) else set()


def items(path):
    answer = read(path, limit=200)
    if answer is None or answer.status_code != 200:
        return []
    return [row for row in answer.json().get("items", []) if isinstance(row, dict)]


def protected():
    """The ids of the acting persons, and of whatever gives them rights."""
    if not own_ids:
        for token in TOKENS:
            bearer = {"Authorization": f"Bearer {token}"}
            answer = requests.get(BASE + "/v1/me", headers=bearer, timeout=30)
            if answer.status_code != 200:
                raise RuntimeError("GET /v1/me does not answer 200 to a token of this run")
            own_ids.update(uuids(answer.json()))
        for carrier in CARRIERS:
            for row in items(f"/v1/{carrier}"):
                # The list of access tokens shows the person's own; at this time, that is the one in use.
                mine = carrier == "access-tokens" or uuids(row) & own_ids
                if mine and is_uuid(row.get("id")):
                    own_ids.add(row["id"].lower())
    return own_ids


def listed(case, collection):
    """Ids that the list of a collection shows, where the document has such a list."""
    path = f"/v1/{collection}"
    if path not in case.operation.schema.raw_schema["paths"]:
        return []
    draws, ids = pools.get(collection, (0, []))
    if draws == 0:
        draws, ids = DRAWS, [row["id"] for row in items(path) if is_uuid(row.get("id"))]
    pools[collection] = (draws - 1, ids)
    return ids


def plural(noun):
    return noun[:-1] + "ies" if noun.endswith("y") else noun + "s"


def one_of(known, drawn):
    """A known id instead of the drawn one, always the same for the same draw; one draw in four stays."""
    number = uuid.UUID(drawn).int
    return known[number // 4 % len(known)] if known and number % 4 and drawn not in known else drawn


def real(case, name, drawn):
    """An existing id for a reference such as `managing_department_id`."""
    if not is_uuid(drawn):
        return drawn
    words = re.sub(r"_ids?$", "", name).split("_")
    for start in range(len(words)):
        known = listed(case, plural("-".join(words[start:])))
        if known:
            return one_of(known, drawn)
    return drawn


def with_real_references(case, value):
    if isinstance(value, list):
        return [with_real_references(case, inner) for inner in value]
    if not isinstance(value, dict):
        return value
    changed = {}
    for name, inner in value.items():
        if name.endswith("_id"):
            changed[name] = real(case, name, inner)
        elif name.endswith("_ids") and isinstance(inner, list):
            changed[name] = list(dict.fromkeys(real(case, name, one) for one in inner))
        else:
            changed[name] = with_real_references(case, inner)
    for one, other in EXACTLY_ONE:
        if changed.get(one) is not None and changed.get(other) is not None:
            changed[other] = None
        elif one in value and other in value and changed[one] is None and changed[other] is None:
            known = listed(case, plural(one.removesuffix("_id").split("_")[-1]))
            changed[one] = known[0] if known else None
    return changed


def url(case, template):
    values = {name: quote(str(value), safe="") for name, value in (case.path_parameters or {}).items()}
    return re.sub(r"\{([^}]+)\}", lambda found: values.get(found[1], NOBODY), template)


def current_tag(case):
    """The ETag of the record that the request is about."""
    template = case.operation.path
    template = template[: template.rindex("}") + 1] if "}" in template else template
    if "get" not in case.operation.schema.raw_schema["paths"].get(template, {}):
        return None
    answer = read(url(case, template))
    return answer.headers.get("ETag") if answer is not None and answer.status_code == 200 else None


def a_cursor(case):
    """A cursor that this very list hands out, or None where there is no second page."""
    query = {name: value for name, value in case.query.items() if name not in ("cursor", "format")}
    answer = read(url(case, case.operation.path), **{**query, "limit": 1})
    return answer.json().get("next") if answer is not None and answer.status_code == 200 else None


def malformed(case, location):
    """Whether this part of the request is the one that is wrong on purpose."""
    if case.meta.generation.mode.is_positive:
        return False
    point = getattr(case.meta.phase.data, "parameter_location", None)
    if point is not None:
        return point == location
    part = case.meta.components.get(location)
    return part is not None and part.mode.is_negative


def name_a_real_record(case):
    found = re.match(r"/v1/([a-z-]+)/\{([^}]+)\}", case.operation.path)
    if found and is_uuid(case.path_parameters.get(found[2])):
        drawn = case.path_parameters[found[2]]
        case.path_parameters[found[2]] = one_of(listed(case, found[1]), drawn)


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is None:
        return

    # Stateful scenarios carry their own records along.
    if case.path_parameters and case.meta.phase.name.value != "stateful" and not malformed(case, ParameterLocation.PATH):
        name_a_real_record(case)
    for name, value in (case.path_parameters or {}).items():
        if case.method.upper() != "GET" and str(value).lower() in protected():
            case.path_parameters[name] = NOBODY

    if case.headers and "If-Match" in case.headers and not malformed(case, ParameterLocation.HEADER):
        if not str(case.headers["If-Match"]).startswith('"') or sum(str(case.body).encode()) % 4:
            case.headers["If-Match"] = current_tag(case) or '"1"'

    if case.query and "cursor" in case.query and not malformed(case, ParameterLocation.QUERY):
        cursor = a_cursor(case)
        if cursor:
            case.query["cursor"] = cursor
        else:
            del case.query["cursor"]

    # Reading `meta` again judges the request anew after the changes above.
    if isinstance(case.body, (dict, list)) and case.meta.generation.mode.is_positive:
        changed = with_real_references(case, case.body)
        if changed != case.body:
            case.body = changed
